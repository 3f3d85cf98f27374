"""What the API keeps: keys of providers' systems, answers already given, who is called when what happens."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of

SCOPES = ("read", "report", "results")
"""What a token may do: look, report (months, deviations, occasions, written reports), claim results."""
EVENTS = (
    "participant.arrived",
    "participant.left",
    "report.returned",
    "report.approved",
    "attendance.contested",
    "result.judged",
    "follow_up.opened",
)
"""What a webhook can be called for."""
TRIAL = "trial"
"""A call that says nothing, sent by hand to see that it arrives."""
FAULTS = ("no_address", "private", "unreachable", "certificate", "too_slow", "not_http", "ended")
"""Why a call got no answer. `private`: the address leads into a network of somebody's own."""
UNREVOKED = text("ended_at IS NULL")


class ApiToken(Owned, Base):
    """A key of a provider's own system. Found by its fingerprint; the key itself is shown once and not kept.

    Whatever it does is done as `account_id`, the manager who made it; `scopes` are words of SCOPES.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        belongs_to("provider"),
        belongs_to("account"),
        UniqueConstraint("municipality_id", "fingerprint"),
        CheckConstraint("ends_on >= made_on", name="ends_later"),
        CheckConstraint("(revoked_on IS NULL) = (revoked_by IS NULL)", name="revocation_is_whole"),
        Index(None, "municipality_id", "provider_id"),
    )

    provider_id: Mapped[int]
    account_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    start: Mapped[str] = mapped_column(String(12))
    """The key's first letters, by which its owner knows it again."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_on: Mapped[date]
    ends_on: Mapped[date]
    last_used_on: Mapped[date | None]
    revoked_on: Mapped[date | None]
    revoked_by: Mapped[int | None]


class ApiAnswer(Owned, Base):
    """The answer to a request that carried an idempotency key: the same key and body get it again.

    `digest` is the SHA-256 of method, path and body. Kept some days, then deleted.
    """

    __tablename__ = "api_answer"
    __table_args__ = (
        belongs_to("api_token", "token_id"),
        UniqueConstraint("municipality_id", "token_id", "key"),
        Index(None, "municipality_id", "made_at"),
    )

    token_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class Webhook(Owned, Base):
    """An address of a provider's system that is called when something happens, with a signature.

    `secret_sealed` is the key of the signatures, sealed as personal numbers are; shown once. The one before
    it signs too, up to `old_until`, so that a receiver can change keys without losing a call.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        belongs_to("provider"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="end_is_whole"),
        CheckConstraint("(old_secret_sealed IS NULL) = (old_until IS NULL)", name="old_secret_has_an_end"),
        Index(
            "uq_webhook_standing",
            "municipality_id",
            "provider_id",
            "url",
            unique=True,
            sqlite_where=UNREVOKED,
            postgresql_where=UNREVOKED,
        ),
    )

    provider_id: Mapped[int]
    url: Mapped[str] = mapped_column(String(500))
    secret_sealed: Mapped[str] = mapped_column(String(400))
    old_secret_sealed: Mapped[str | None] = mapped_column(String(400))
    old_until: Mapped[datetime | None]
    events: Mapped[list[str]] = mapped_column(JSON)
    seen_sequence: Mapped[int]
    """The last link of the audit trail that was looked at for it."""
    made_by: Mapped[int]
    made_at: Mapped[datetime]
    ended_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]


class Delivery(Owned, Base):
    """One call to a webhook: what was said, and how it went. An event is called once to each address.

    `leg_id` is whom it is about, 0 for a trial; no foreign key, for the row goes after some weeks. `fault`
    is a word of FAULTS, for a call that got no answer or one that is no answer.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        belongs_to("webhook"),
        one_of("state", ("waiting", "delivered", "given_up")),
        one_of("fault", FAULTS),
        UniqueConstraint(
            "municipality_id", "webhook_id", "audit_sequence", "leg_id", name="uq_webhook_delivery_once"
        ),
        Index(None, "municipality_id", "state", "next_at"),
    )

    webhook_id: Mapped[int]
    audit_sequence: Mapped[int]
    leg_id: Mapped[int]
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    tries: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime]
    last_status: Mapped[int | None] = mapped_column(Integer)
    fault: Mapped[str | None] = mapped_column(String(20))
    last_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

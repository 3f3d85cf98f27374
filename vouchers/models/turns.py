"""What turns a voucher takes: its letter, a no to all, the non-choice list, pauses, switches, extensions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from vouchers.rules.words import NON_CHOICE, PAUSE_REASONS

STANDING = text("locked_at IS NULL")
OPEN_PAUSE = text("resumed_on IS NULL")
PROPOSED = text("state = 'proposed'")


class Letter(Owned, Base):
    """The paper that tells of a voucher. Found by its code's fingerprint; the code itself is sealed.

    `failures` counts sign-ins by somebody else with the right code; too many lock it, and a new letter locks
    the one before.
    """

    __tablename__ = "letter"
    __table_args__ = (
        belongs_to("voucher"),
        UniqueConstraint("municipality_id", "code_fingerprint"),
        Index(
            "uq_letter_standing",
            "municipality_id",
            "voucher_id",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    voucher_id: Mapped[int]
    code_sealed: Mapped[str] = mapped_column(String(200))
    code_fingerprint: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[int]
    made_on: Mapped[date]
    expires_on: Mapped[date]
    failures: Mapped[int] = mapped_column(Integer, default=0)
    opened_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]


class NoneSuits(Owned, Base):
    """The answer that none of them suits, and what the guide did about it."""

    __tablename__ = "none_suits"
    __table_args__ = (
        belongs_to("voucher"),
        CheckConstraint("(followed_up_on IS NULL) = (followed_up_by IS NULL)", name="follow_up_is_whole"),
        Index(None, "municipality_id", "voucher_id"),
    )

    voucher_id: Mapped[int]
    why: Mapped[list[str]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text, default="")
    said_at: Mapped[datetime]
    said_by: Mapped[int]
    followed_up_on: Mapped[date | None]
    followed_up_by: Mapped[int | None]
    follow_up: Mapped[str] = mapped_column(Text, default="")


class NonChoiceList(Owned, Base):
    """A list of who gets which provider because no choice was made, proposed by the rule and decided by a
    person. `seed` and the rulebook's version make the same list again."""

    __tablename__ = "non_choice_list"
    __table_args__ = (
        one_of("state", ("proposed", "confirmed", "withdrawn")),
        CheckConstraint(
            "(state = 'proposed') = (closed_by IS NULL) AND (closed_by IS NULL OR closed_by <> 0)",
            name="a_person_closes",
        ),
        Index(
            "uq_non_choice_list_open",
            "municipality_id",
            unique=True,
            sqlite_where=PROPOSED,
            postgresql_where=PROPOSED,
        ),
    )

    state: Mapped[str] = mapped_column(String(20), default="proposed")
    seed: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[int]
    made_on: Mapped[date]
    closed_by: Mapped[int | None]
    closed_on: Mapped[date | None]


class NonChoice(Owned, Base):
    """One person's line of such a list: the rule, what it found, and what the person who decided did.

    `facts` is plain JSON: what the rule saw (distance band, places, turn), enough to say why in words.
    Without `provider_id` nobody could take the person, and `rule` is `by_hand`.
    """

    __tablename__ = "non_choice"
    __table_args__ = (
        belongs_to("non_choice_list", "list_id"),
        belongs_to("voucher"),
        belongs_to("provider"),
        belongs_to("leg"),
        one_of("rule", (*NON_CHOICE, "by_hand")),
        one_of("answer", ("waits", "confirmed", "left_out")),
        UniqueConstraint("municipality_id", "list_id", "voucher_id"),
        Index(None, "municipality_id", "voucher_id"),
    )

    list_id: Mapped[int]
    voucher_id: Mapped[int]
    provider_id: Mapped[int | None]
    rule: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, object]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(String(20), default="waits")
    leg_id: Mapped[int | None]
    reasons: Mapped[str] = mapped_column(Text, default="")


class Pause(Owned, Base):
    """Days when a service stands still, from `from_on` up to but not with `resumed_on`; the same day when it
    was called off. `expected_on` is the day it is thought to go on; it goes on the day a person says so. One
    is open at a time."""

    __tablename__ = "pause"
    __table_args__ = (
        belongs_to("voucher"),
        belongs_to("leg"),
        one_of("reason", PAUSE_REASONS),
        CheckConstraint("resumed_on IS NULL OR resumed_on >= from_on", name="ends_after_it_began"),
        CheckConstraint("(resumed_on IS NULL) = (resumed_by IS NULL)", name="resumption_is_whole"),
        Index(None, "municipality_id", "leg_id"),
        Index(
            "uq_pause_open",
            "municipality_id",
            "voucher_id",
            unique=True,
            sqlite_where=OPEN_PAUSE,
            postgresql_where=OPEN_PAUSE,
        ),
    )

    voucher_id: Mapped[int]
    leg_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date]
    expected_on: Mapped[date]
    resumed_on: Mapped[date | None]
    decided_by: Mapped[int]
    decided_on: Mapped[date]
    resumed_by: Mapped[int | None]


class Extension(Owned, Base):
    """Months added to a voucher by a guide's decision, after a new assessment, with what is new this time."""

    __tablename__ = "extension"
    __table_args__ = (
        belongs_to("voucher"),
        belongs_to("assessment"),
        CheckConstraint("months > 0", name="adds_something"),
        Index(None, "municipality_id", "voucher_id"),
    )

    voucher_id: Mapped[int]
    assessment_id: Mapped[int]
    months: Mapped[int] = mapped_column(Integer)
    new_content: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int]
    decided_on: Mapped[date]


class VoucherDecision(Owned, Base):
    """A decision that ends a voucher without a service's end: revoked, lapsed, closed. Never changed."""

    __tablename__ = "voucher_decision"
    __table_args__ = (
        belongs_to("voucher"),
        one_of("kind", ("revoked", "lapsed", "closed")),
        UniqueConstraint("municipality_id", "voucher_id", "kind"),
    )

    voucher_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int]
    decided_on: Mapped[date]


class Reminder(Owned, Base):
    """A person was told something on a day, once: that the window soon closes, that a survey waits."""

    __tablename__ = "reminder"
    __table_args__ = (
        belongs_to("voucher"),
        UniqueConstraint("municipality_id", "voucher_id", "kind", "about_on"),
    )

    voucher_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    about_on: Mapped[date]
    given_on: Mapped[date]

"""What the registry stores: providers, sites, staff, accreditations, where they are paid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from core.dates import now
from providers.rules import ACCOUNT_KINDS, ENDED_STATES, LEGAL_FORMS, OPEN_STATES, STATES
from providers.rules.sanctions import REASONS


def among(column: str, words: Iterable[str]) -> str:
    """SQL that holds when the column is one of the words."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


OPEN = text(among("state", OPEN_STATES))
NOT_KEPT = "not kept before 0003"
"""Stands for the number called of bank details that were approved before calls were kept."""


class Provider(Owned, Base):
    """An organisation that delivers services, or wants to.

    Codes with spaces between: `languages` (ISO 639-1), `orientations` (of the rulebook), `accessibility`
    (`providers.rules.applying`).
    """

    __tablename__ = "provider"
    __table_args__ = (
        UniqueConstraint("municipality_id", "organisation_number"),
        one_of("legal_form", LEGAL_FORMS),
    )

    name: Mapped[str] = mapped_column(String(200))
    organisation_number: Mapped[str] = mapped_column(String(10))
    legal_form: Mapped[str] = mapped_column(String(20))
    about_sv: Mapped[str] = mapped_column(Text, default="")
    about_en: Mapped[str] = mapped_column(Text, default="")
    languages: Mapped[str] = mapped_column(String(200), default="sv")
    website: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(320))
    orientations: Mapped[str] = mapped_column(String(300), default="")
    accessibility: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Site(Owned, Base):
    """A place where a provider receives people."""

    __tablename__ = "site"
    __table_args__ = (belongs_to("provider"), Index(None, "municipality_id", "provider_id"))

    provider_id: Mapped[int]
    street: Mapped[str] = mapped_column(String(200))
    postal_code: Mapped[str] = mapped_column(String(5))
    town: Mapped[str] = mapped_column(String(100))
    area: Mapped[str] = mapped_column(String(100))
    step_free: Mapped[bool] = mapped_column(Boolean, default=False)


class ProviderMember(Base):
    """A person who works for a provider here, `percent` of full time. One person works for one provider."""

    __tablename__ = "provider_member"
    __table_args__ = (
        belongs_to("provider"),
        belongs_to("account"),
        CheckConstraint("percent BETWEEN 1 AND 100", name="percent_is_a_share"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider_id: Mapped[int]
    percent: Mapped[int] = mapped_column(Integer, default=100, server_default="100")


class Accreditation(Owned, Base):
    """A provider's right to be chosen for one service in one kundval, from a date to a date.

    `area` is a delivery area, empty for the whole municipality. Kept for ever; coming back is a new row.
    """

    __tablename__ = "accreditation"
    __table_args__ = (
        belongs_to("provider"),
        belongs_to("rulebook"),
        one_of("state", STATES),
        CheckConstraint("to_on IS NULL OR from_on <= to_on", name="ends_after_start"),
        belongs_to("accreditation", "replaces_id"),
        CheckConstraint(
            f"NOT ({among('state', (*OPEN_STATES, *ENDED_STATES))})"
            " OR (from_on IS NOT NULL AND decided_by IS NOT NULL)",
            name="a_person_decided",
        ),
        CheckConstraint(
            f"NOT ({among('state', ENDED_STATES)})"
            " OR (to_on IS NOT NULL AND ended_by IS NOT NULL AND ended_by <> 0 AND end_reason IS NOT NULL)",
            name="a_person_ended_it",
        ),
        CheckConstraint(f"end_reason IS NULL OR {among('end_reason', REASONS)}", name="end_reason_known"),
        UniqueConstraint("municipality_id", "diary_number"),
        Index(None, "municipality_id", "provider_id"),
        Index(None, "municipality_id", "scheme", "service", "state"),
        Index(
            "uq_accreditation_open",
            "municipality_id",
            "provider_id",
            "scheme",
            "service",
            "area",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    provider_id: Mapped[int]
    rulebook_id: Mapped[int]
    scheme: Mapped[str] = mapped_column(String(60))
    service: Mapped[str] = mapped_column(String(60))
    area: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(30), default="draft")
    capacity: Mapped[int] = mapped_column(Integer)
    applied_on: Mapped[date | None]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    decided_by: Mapped[int | None]
    decided_on: Mapped[date | None]
    reasons: Mapped[str] = mapped_column(Text, default="")
    diary_number: Mapped[str | None] = mapped_column(String(30))
    submitted_at: Mapped[datetime | None]
    replaces_id: Mapped[int | None]
    end_reason: Mapped[str | None] = mapped_column(String(30))
    ended_by: Mapped[int | None]
    closed_on: Mapped[date | None]


class BankDetails(Owned, Base):
    """Where a provider is paid. A new number is a new row; it counts when one person has called the provider
    back and another approved it. Never changed; answered once."""

    __tablename__ = "bank_details"
    __table_args__ = (
        belongs_to("provider"),
        one_of("kind", ACCOUNT_KINDS),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_persons"),
        CheckConstraint("(approved_by IS NULL) = (approved_on IS NULL)", name="approval_is_whole"),
        CheckConstraint(
            "approved_by IS NULL OR (called_by IS NOT NULL AND called_on IS NOT NULL"
            " AND called_number IS NOT NULL)",
            name="called_back_first",
        ),
        CheckConstraint(
            f"approved_by <> called_by OR called_number = '{NOT_KEPT}'", name="approver_did_not_call"
        ),
        CheckConstraint(
            "(approved_by IS NULL OR refused_by IS NULL) AND (approved_by IS NULL OR withdrawn_by IS NULL)"
            " AND (refused_by IS NULL OR withdrawn_by IS NULL)",
            name="one_answer",
        ),
        Index(None, "municipality_id", "provider_id"),
    )

    provider_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(20))
    proposed_by: Mapped[int]
    proposed_on: Mapped[date]
    approved_by: Mapped[int | None]
    approved_on: Mapped[date | None]
    called_by: Mapped[int | None]
    called_on: Mapped[date | None]
    called_number: Mapped[str | None] = mapped_column(String(30))
    refused_by: Mapped[int | None]
    refused_on: Mapped[date | None]
    withdrawn_by: Mapped[int | None]
    withdrawn_on: Mapped[date | None]

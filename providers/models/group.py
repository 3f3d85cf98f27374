"""Which organisations a provider has declared as its own group, so that an employer among them is flagged."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to

DECLARED = text("removed_on IS NULL")


class Affiliate(Owned, Base):
    """An organisation that the provider owns, is owned by, or shares owners or board with, as declared.

    Kept for ever with its days: what was declared when a result was claimed can be read later.
    """

    __tablename__ = "affiliate"
    __table_args__ = (
        belongs_to("provider"),
        CheckConstraint("(removed_on IS NULL) = (removed_by IS NULL)", name="removal_is_whole"),
        Index(
            "uq_affiliate_declared",
            "municipality_id",
            "provider_id",
            "organisation_number",
            unique=True,
            sqlite_where=DECLARED,
            postgresql_where=DECLARED,
        ),
    )

    provider_id: Mapped[int]
    organisation_number: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    declared_by: Mapped[int]
    declared_on: Mapped[date]
    removed_by: Mapped[int | None]
    removed_on: Mapped[date | None]

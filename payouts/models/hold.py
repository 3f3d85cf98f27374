"""What is held back: the holds, the lines a batch left out for them, the lines a later one paid.

A hold is made once and let go once. Withheld and released lines are only ever added, and leave with a batch
that is stopped; triggers in the database refuse the rest.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from payouts.rules.holds import HOLD_KINDS, HOLD_REASONS

KEY = ("municipality_id", "scope_id", "component", "part", "sequence")
NAMED_BY = {
    "provider": ("provider_id",),
    "leg": ("leg_id",),
    "line": ("scope_id", "component", "part"),
}
"""What says which provider, leg or line is held: it is held once at a time."""
ACTIVE = {kind: text(f"kind = '{kind}' AND released_at IS NULL") for kind in HOLD_KINDS}
SHAPE = (
    "(kind = 'provider' AND voucher_id IS NULL AND leg_id IS NULL AND scope_id IS NULL)"
    " OR (kind = 'leg' AND voucher_id IS NOT NULL AND leg_id IS NOT NULL AND scope_id IS NULL)"
    " OR (kind = 'line' AND voucher_id IS NOT NULL AND leg_id IS NOT NULL AND scope_id IS NOT NULL"
    " AND component IS NOT NULL AND part IS NOT NULL)"
)


class Hold(Owned, Base):
    """One thing held: a provider, a leg, or a line (all that is booked under its scope, component and
    part)."""

    __tablename__ = "hold"
    __table_args__ = (
        belongs_to("provider"),
        one_of("kind", HOLD_KINDS),
        one_of("reason", HOLD_REASONS),
        CheckConstraint(SHAPE, name="shape"),
        CheckConstraint("words <> ''", name="with_reasons"),
        CheckConstraint(
            "(released_by IS NULL AND released_at IS NULL AND release_words = '')"
            " OR (released_by IS NOT NULL AND released_at IS NOT NULL AND release_words <> '')",
            name="released_whole",
        ),
        CheckConstraint("released_by <> held_by", name="released_by_another"),
        *(
            Index(
                f"uq_hold_{kind}",
                "municipality_id",
                *columns,
                unique=True,
                sqlite_where=ACTIVE[kind],
                postgresql_where=ACTIVE[kind],
            )
            for kind, columns in NAMED_BY.items()
        ),
    )

    kind: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[int]
    voucher_id: Mapped[int | None]
    leg_id: Mapped[int | None]
    scope_id: Mapped[int | None]
    component: Mapped[str | None] = mapped_column(String(20))
    part: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(30))
    words: Mapped[str] = mapped_column(Text)
    held_by: Mapped[int]
    held_at: Mapped[datetime]
    released_by: Mapped[int | None]
    released_at: Mapped[datetime | None]
    release_words: Mapped[str] = mapped_column(Text, default="")


class WithheldLine(Base):
    """A ledger line that a batch took up but did not pay, and the hold that says why."""

    __tablename__ = "withheld_line"
    __table_args__ = (
        belongs_to("batch"),
        belongs_to("hold"),
        belongs_to("provider"),
        Index(None, "municipality_id", "batch_id"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    component: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    sequence: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    batch_id: Mapped[int]
    hold_id: Mapped[int]
    provider_id: Mapped[int]
    voucher_id: Mapped[int]
    leg_id: Mapped[int]
    amount_ore: Mapped[int]


class ReleasedLine(Base):
    """A withheld line that a later batch pays."""

    __tablename__ = "released_line"
    __table_args__ = (
        belongs_to("batch"),
        belongs_to("provider"),
        ForeignKeyConstraint(list(KEY), [f"withheld_line.{name}" for name in KEY]),
        Index(None, "municipality_id", "batch_id"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    component: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    sequence: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    batch_id: Mapped[int]
    provider_id: Mapped[int]
    amount_ore: Mapped[int]

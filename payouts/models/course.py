"""How far a run has come, and on which day each voucher is to be looked at again though no fact changes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, belongs_to


class RunChunk(Base):
    """Some vouchers that a run has gone through: committed with their lines, so that a run that died goes on
    after `last_voucher_id`; 0 where a cap binds them, which are gone through anew. `digest` is over its
    lines. Rows are only ever added."""

    __tablename__ = "run_chunk"
    __table_args__ = (belongs_to("payment_run", "run_id"),)

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    last_voucher_id: Mapped[int]
    vouchers: Mapped[int] = mapped_column(Integer)
    lines: Mapped[int] = mapped_column(Integer)
    earned_ore: Mapped[int]
    clawed_ore: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class VoucherLook(Base):
    """The first day on which what a voucher has earned may change by itself. Kept by runs alone."""

    __tablename__ = "voucher_look"
    __table_args__ = (Index(None, "municipality_id", "look_on"),)

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    voucher_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    look_on: Mapped[date]

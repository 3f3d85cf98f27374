"""Which vouchers have facts that the money has not looked at yet: a mark a change, put there by the database.

A trigger on each table of facts adds the mark in the fact's own transaction (migrations/marks.py), so no
action can forget it and none is lost when a fact is committed late. Marks are only added, never merged with
one that is there already, and taken away by the payment run that has looked.
"""

from __future__ import annotations

from sqlalchemy import Identity, Integer
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class ChangedVoucher(Base):
    """A fact about the voucher was added, changed or removed. No foreign key: a mark of nobody is harmless,
    and a key that is checked for each would cost as much as the mark."""

    __tablename__ = "changed_voucher"

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    voucher_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)

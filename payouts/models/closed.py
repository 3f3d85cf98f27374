"""Years that are closed: nothing is booked in them any more. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class ClosedYear(Base):
    """That a calendar year, and every year before it, is closed. No run counts to a day in it."""

    __tablename__ = "closed_year"
    __table_args__ = (CheckConstraint("year BETWEEN 2000 AND 9998", name="a_year"),)

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    closed_by: Mapped[int]
    closed_at: Mapped[datetime]

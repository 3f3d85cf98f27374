"""What a national agency has published: periods, each in revisions that are kept, and a row a contract."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKeyConstraint, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class PublishedPeriod(Base):
    """One revision of one period; the highest is in force. Weights in millionths, for levels A, B and C."""

    __tablename__ = "published_period"
    __table_args__ = (CheckConstraint("revision >= 1 AND contracts >= 1", name="counts"),)

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    contracts: Mapped[int] = mapped_column(Integer)
    weight_a: Mapped[int] = mapped_column(Integer)
    weight_b: Mapped[int] = mapped_column(Integer)
    weight_c: Mapped[int] = mapped_column(Integer)


class PublishedContract(Base):
    """A contract between the agency and a provider for a delivery area, by the names last published."""

    __tablename__ = "published_contract"

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    contract_no: Mapped[str] = mapped_column(String(12), primary_key=True)
    provider: Mapped[str] = mapped_column(String(200))
    delivery_area: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(200))
    started_on: Mapped[date]


class PublishedResult(Base):
    """A contract's figures in one revision of a period. `weighted` in thousandths."""

    __tablename__ = "published_result"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "period", "revision"],
            ["published_period.municipality_id", "published_period.period", "published_period.revision"],
        ),
        ForeignKeyConstraint(
            ["municipality_id", "contract_no"],
            ["published_contract.municipality_id", "published_contract.contract_no"],
        ),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 4", name="rating_known"),
        CheckConstraint("people_a >= 0 AND people_b >= 0 AND people_c >= 0", name="people"),
        CheckConstraint("first_a <= people_a AND first_b <= people_b AND first_c <= people_c", name="first"),
        CheckConstraint(
            "second_a <= people_a AND second_b <= people_b AND second_c <= people_c", name="second"
        ),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    contract_no: Mapped[str] = mapped_column(String(12), primary_key=True)
    active_22_months: Mapped[bool] = mapped_column(Boolean)
    people_a: Mapped[int] = mapped_column(Integer)
    people_b: Mapped[int] = mapped_column(Integer)
    people_c: Mapped[int] = mapped_column(Integer)
    first_a: Mapped[int] = mapped_column(Integer)
    first_b: Mapped[int] = mapped_column(Integer)
    first_c: Mapped[int] = mapped_column(Integer)
    second_a: Mapped[int] = mapped_column(Integer)
    second_b: Mapped[int] = mapped_column(Integer)
    second_c: Mapped[int] = mapped_column(Integer)
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    weighted: Mapped[int] = mapped_column(Integer)
    flagged: Mapped[bool | None] = mapped_column(Boolean)

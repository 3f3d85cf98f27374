"""Where postal codes are, so that a distance can be told without asking anybody outside."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class Place(Base):
    """The middle of a postal code's area, in hundred-thousandths of a degree (WGS 84), and the area's name.

    Imported by `flask municipality places`. A site and a home are where their postal code is.
    """

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("latitude_e5 BETWEEN -9000000 AND 9000000", name="latitude_is_one"),
        CheckConstraint("longitude_e5 BETWEEN -18000000 AND 18000000", name="longitude_is_one"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    postal_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    area: Mapped[str] = mapped_column(String(100))
    latitude_e5: Mapped[int] = mapped_column(Integer)
    longitude_e5: Mapped[int] = mapped_column(Integer)

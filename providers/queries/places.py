"""Where postal codes are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from providers.models import Place
from providers.rules.places import Spot


@dataclass(frozen=True)
class Known:
    """A postal code that has a place on the map."""

    postal_code: str
    area: str
    spot: Spot


def spot_of(session: Session, municipality_id: int, postal_code: str) -> Spot | None:
    """The middle of the postal code, or None when nobody has said where it is."""
    found = session.execute(
        select(Place.latitude_e5, Place.longitude_e5).where(
            Place.municipality_id == municipality_id, Place.postal_code == postal_code
        )
    ).one_or_none()
    return Spot(*found) if found else None


def known(session: Session, municipality_id: int) -> list[Known]:
    """Every postal code that has a place, in order."""
    rows = (
        select(Place.postal_code, Place.area, Place.latitude_e5, Place.longitude_e5)
        .where(Place.municipality_id == municipality_id)
        .order_by(Place.postal_code)
    )
    return [
        Known(row.postal_code, row.area, Spot(row.latitude_e5, row.longitude_e5))
        for row in session.execute(rows)
    ]

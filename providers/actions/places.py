"""Where postal codes are, taken in from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.refusal import Refusal
from providers.models import Place
from providers.rules.places import PlaceForm

MOST = 20_000
"""All of Sweden has fewer postal codes."""


@dataclass(frozen=True)
class PlacesKept:
    """What an import did."""

    added: int
    changed: int
    same: int


def keep_places(session: Session, forms: Sequence[PlaceForm], *, by: Actor) -> PlacesKept:
    """Add the places and change those that have moved; one that is not named stays as it is.

    Refuses a postal code that stands twice, an empty list, and more than 20 000.
    """
    if not forms:
        raise Refusal("places_none", "Filen har inga platser.", status=422)
    if len(forms) > MOST:
        raise Refusal(
            "places_too_many", "Filen har fler än {most} platser. Dela den i flera.", most=MOST, status=422
        )
    rows = select(Place).where(Place.municipality_id == by.municipality_id)
    there = {place.postal_code: place for place in session.scalars(rows)}
    seen: set[str] = set()
    added = changed = 0
    for form in forms:
        if form.postal_code in seen:
            raise Refusal(
                "place_twice", "Postnumret {code} står två gånger.", code=form.postal_code, status=422
            )
        seen.add(form.postal_code)
        place = there.get(form.postal_code)
        if place is None:
            session.add(
                _placed(Place(municipality_id=by.municipality_id, postal_code=form.postal_code), form)
            )
            added += 1
        elif (place.area, place.latitude_e5, place.longitude_e5) != _told(form):
            _placed(place, form)
            changed += 1
    subject = audit.Subject("municipality", by.municipality_id)
    audit.record(
        session, "places.imported", subject, by=by,
        added=added, changed=changed, digest=audit.digest(sorted(seen)),
    )  # fmt: skip
    return PlacesKept(added, changed, len(seen) - added - changed)


def _told(form: PlaceForm) -> tuple[str, int, int]:
    return form.area, form.spot.latitude_e5, form.spot.longitude_e5


def _placed(place: Place, form: PlaceForm) -> Place:
    place.area, place.latitude_e5, place.longitude_e5 = _told(form)
    return place

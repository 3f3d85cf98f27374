"""Where Exempelstad's postal codes are: out in the middle of Vänern, where nobody lives."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import dates
from core.actor import Actor
from providers.actions.places import keep_places
from providers.models import Site
from providers.rules.places import PlaceForm, Spot

if TYPE_CHECKING:
    from app.demo.town import Town

MIDDLE = Spot(58_90000, 13_30000)
AREAS = {
    "Centrum": (0, 0),
    "Norrängen": (2600, 300),
    "Västerhöjd": (500, -6200),
    "Sjösidan": (-2900, 2500),
    "Östermarken": (900, 6400),
}
"""Steps from the middle, north and east, in hundred-thousandths of a degree."""
SPREAD = 900
FIRST_HOME = 10_101
"""From here on a postal code of homes in each area."""


def spot_in(area: str, number: int) -> Spot:
    """A place in an area, none the same as another's; an area nobody has placed lies around the town."""
    turn = (sum(map(ord, area)) % 360) * pi / 180
    north, east = AREAS.get(area, (round(3600 * sin(turn)), round(7000 * cos(turn))))
    step, bow = SPREAD * (number % 5 + 1) / 5, number * 2.4
    return Spot(
        MIDDLE.latitude_e5 + north + round(step * sin(bow)),
        MIDDLE.longitude_e5 + east + round(2 * step * cos(bow)),
    )


def put_on_the_map(town: Town) -> None:
    """Put into the town's calendar that the postal codes of all sites and of some homes get their places."""
    for day in (dates.add_months(town.today, -11), town.today):
        town.on(day, lambda session, _day: _placed(town, session))


def _placed(town: Town, session: Session) -> None:
    rows = select(Site.postal_code, Site.area).where(Site.municipality_id == town.municipality_id)
    where = {row.postal_code: row.area for row in session.execute(rows.order_by(Site.id))}
    homes = {f"{FIRST_HOME + number:05d}": area for number, area in enumerate(AREAS)}
    forms = [PlaceForm(code, area, spot_in(area, int(code))) for code, area in {**homes, **where}.items()]
    keep_places(session, forms, by=Actor.operator(town.municipality_id))

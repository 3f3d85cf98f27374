"""A market with many stalls: providers put in by the hundred, with people who have been there and left."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import cycle, islice

from sqlalchemy.orm import Session

from app.demo.crowd import Crowd, Door
from app.demo.people import House, Names, organisation_number
from app.demo.places import AREAS, spot_in
from core.database import new_ids
from core.identity import vault
from providers.actions.places import keep_places
from providers.models import Accreditation, Provider, Site
from providers.rules.applying import ACCESSIBILITY
from providers.rules.places import PlaceForm
from tests.support.town import Town
from vouchers.actions.bulk import import_histories

TONGUES = ("ar", "so", "fa", "uk", "es", "fi", "tr", "ti", "en")
KNOWN = ("care", "trade", "technology", "kitchen", "office", "green")
FIRST = ("Stegen", "Hamnljuset", "Björkdungen", "Nya spåret", "Torget", "Fyrverkstan", "Ängen", "Klivet",
         "Verkstadsgränd", "Solsidan")  # fmt: skip
LAST = ("Jobbstöd", "Kompetens", "i arbete", "Väg vidare", "Matchning", "Karriär")
ABOUT = (
    "Vi söker jobb tillsammans med dig. Du träffar samma handledare varje vecka.",
    "Vi hjälper dig med CV, intervju och kontakt med arbetsgivare. Du prövar på arbetsplatser tidigt.",
    "Vi går i lugn takt. Du får prova, vila och prova igen.",
)


def open_stalls(
    session: Session, town: Town, count: int, people_a_month: float = 0, *, first: int = 0
) -> list[int]:
    """So many more providers, the serial of the first being `first`; `people_a_month` have come to them.

    Gives their ids. Put in as rows: what the registry's own actions do is proved elsewhere.
    """
    rng = random.Random(count)  # the same market twice
    from_on = town.decided_on - timedelta(days=900)
    ids, places, doors = new_ids(count), [], []
    areas = list(AREAS)
    for number, provider_id in enumerate(ids, first):
        area, code = areas[number % len(areas)], f"{30000 + number:05d}"
        tongues = ["sv", *islice(cycle(TONGUES), number, number + number % 4)]
        name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"
        session.add(
            Provider(
                municipality_id=town.municipality_id,
                id=provider_id,
                name=name if number < len(FIRST) * len(LAST) else f"{name} {number}",
                organisation_number=organisation_number(20_000 + number),
                legal_form=("private", "idea_based", "municipal")[number % 3],
                about_sv=ABOUT[number % 3],
                about_en="We look for work together with you." if number % 2 else "",
                languages=" ".join(tongues),
                phone="08-465 004 01",
                email=f"stall{number}@example.org",
                orientations=" ".join(rng.sample(KNOWN, number % 3)),
                accessibility=" ".join(rng.sample(ACCESSIBILITY, number % 4)),
            )
        )
        places.append(PlaceForm(code, area, spot_in(area, number)))
        session.flush()
        session.add(
            Site(municipality_id=town.municipality_id, provider_id=provider_id, postal_code=code, area=area,
                 street=f"Provgatan {number + 1}", town="Exempelstad", step_free=number % 2 == 0)
        )  # fmt: skip
        kinds = ("matching", "preparatory") if number % 3 == 0 else ("matching",)
        doors.append(_door(session, town, provider_id, kinds, 40 + number % 30, from_on))
    keep_places(session, places, by=town.inspector)
    if people_a_month:
        crowd = Crowd(rng, Names(count), vault(session), town.municipality_id, town.rulebook_id,
                      [town.guide.account_id], town.decided_on)  # fmt: skip
        drawn = crowd.draw(doors, town.decided_on - timedelta(days=800), people_a_month)
        import_histories(session, drawn, by=town.guide, today=town.decided_on)
    return ids


def _door(
    session: Session, town: Town, provider_id: int, kinds: tuple[str, ...], skill: int, from_on: date
) -> Door:
    keys = {}
    for kind in kinds:
        right = Accreditation(
            municipality_id=town.municipality_id, provider_id=provider_id, rulebook_id=town.rulebook_id,
            scheme="jobbpeng", service=kind, state="active", capacity=60, applied_on=from_on, from_on=from_on,
            decided_by=town.secretary.account_id, decided_on=from_on,
        )  # fmt: skip
        session.add(right)
        session.flush()
        keys[kind] = right.id
    house = House("", "private", "", ("sv",), "", "", kinds, 60, skill)
    return Door(house, provider_id, town.coach.account_id, keys)

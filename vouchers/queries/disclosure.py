"""Who may see what of a person today, on which ground and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Rows
from providers.models import Provider
from vouchers.models import Assessment, Consent, Leg, Voucher
from vouchers.queries.planning import OVER
from vouchers.queries.terms import terms_of
from vouchers.queries.workload import Served
from vouchers.rules import disclosure as rules
from vouchers.rules.disclosure import ASKED, Disclosure, Ground
from vouchers.rules.plan import SHARED


@dataclass(frozen=True)
class Place:
    """A provider where the person is, or has been. `since` is when the person first chose it this time,
    `left_on` the last day, where one is known."""

    provider_id: int
    provider: str
    since: date
    left_on: date | None
    terms: tuple[Disclosure, ...]

    def is_there(self, today: date) -> bool:
        """Whether the person is there today; the last day may lie ahead."""
        return self.left_on is None or today <= self.left_on


@dataclass(frozen=True)
class Row:
    """One kind of information for one viewer: why it may be seen today (None: it may not), the consent that
    stands, and whether it is for the person to say yes or no."""

    what: str
    ground: Ground | None
    consent: Any | None
    is_asked: bool


@dataclass(frozen=True)
class Viewer:
    """A provider or an authority, and what it may see. `name` is the provider's; `is_there` whether the
    person is at that provider."""

    party: str
    provider_id: int | None
    name: str | None
    is_there: bool
    rows: tuple[Row, ...]

    @property
    def seen(self) -> list[Row]:
        """What it may see today."""
        return [row for row in self.rows if row.ground]


def seen_at(session: Session, municipality_id: int, person: Served, today: date) -> dict[str, Ground]:
    """What the person's provider may see on that leg today, by kind. Two queries."""
    known = [
        place
        for place in places(session, municipality_id, person.participant_id)
        if place.provider_id == person.provider_id
    ]
    since = min((place.since for place in known if place.is_there(today)), default=person.chosen_on)
    place = Place(person.provider_id, "", since, person.ended_on, person.terms.disclosure)
    given = consents(session, municipality_id, person.participant_id)
    found = (_seen(what, place, given, today) for what in SHARED)
    return {ground.what: ground for ground in found if ground}


def viewers(session: Session, municipality_id: int, participant_id: int, today: date) -> list[Viewer]:
    """The providers that may see something or be asked for, then the authorities. Two queries, and one a
    rulebook."""
    given = consents(session, municipality_id, participant_id)
    found = []
    everywhere = places(session, municipality_id, participant_id)
    for provider_id in dict.fromkeys(place.provider_id for place in everywhere):
        viewer = _provider([one for one in everywhere if one.provider_id == provider_id], given, today)
        if viewer.is_there or viewer.seen:
            found.append(viewer)
    found.sort(key=lambda viewer: not viewer.is_there)
    for party in ASKED:
        if party != "provider":
            rows = (_asked(party, what, given, today) for what in SHARED)
            found.append(Viewer(party, None, None, True, tuple(rows)))
    return found


def _provider(legs: list[Place], given: Rows, today: date) -> Viewer:
    """`legs` are the times with one provider, the newest first."""
    there = [place for place in legs if place.is_there(today)]
    since = min((place.since for place in there), default=legs[0].since)
    rows = []
    for rule in legs[0].terms:
        grounds = [_seen(rule.what, _from(place, since, today), given, today) for place in legs]
        ground = next((one for one in grounds if one), None)
        is_asked = rule.ground == "consent" and bool(there)
        consent = _consent(given, "provider", legs[0].provider_id, rule.what) if is_asked else None
        rows.append(Row(rule.what, ground, consent if ground else None, is_asked))
    return Viewer("provider", legs[0].provider_id, legs[0].provider, bool(there), tuple(rows))


def _from(place: Place, since: date, today: date) -> Place:
    """The place with the day that counts for those who are there, also on a second voucher."""
    return replace(place, since=since) if place.is_there(today) else place


def _seen(what: str, place: Place, given: Rows, today: date) -> Ground | None:
    consent = _consent(given, "provider", place.provider_id, what)
    holds = consent is not None and consent.given_on >= place.since and _stands(consent, today)
    return rules.may_see(
        what,
        place.terms,
        consent_stands=holds,
        left_on=place.left_on,
        today=today,
        consent_to_on=consent.to_on if consent else None,
    )


def _asked(party: str, what: str, given: Rows, today: date) -> Row:
    consent = _consent(given, party, None, what)
    if consent is None or not _stands(consent, today):
        return Row(what, None, None, True)
    return Row(what, Ground(what, "consent", "", consent.to_on), consent, True)


def _stands(consent: Any, today: date) -> bool:
    return rules.stands(consent.given_on, consent.to_on, consent.withdrawn_on, today)


def _consent(given: Rows, party: str, provider_id: int | None, what: str) -> Any | None:
    """The consent that has not been taken back; there is at most one."""
    return next(
        (one for one in given if (one.party, one.provider_id, one.what) == (party, provider_id, what)), None
    )


def consents(session: Session, municipality_id: int, participant_id: int) -> Rows:
    """The person's consents that have not been taken back."""
    rows = select(
        Consent.id,
        Consent.party,
        Consent.provider_id,
        Consent.what,
        Consent.given_how,
        Consent.given_on,
        Consent.to_on,
        Consent.withdrawn_on,
    ).where(
        Consent.municipality_id == municipality_id,
        Consent.participant_id == participant_id,
        Consent.withdrawn_on.is_(None),
    )
    return session.execute(rows).all()


def places(session: Session, municipality_id: int, participant_id: int) -> list[Place]:
    """Where the person is or has been, the newest first. A provider that said no is none of them."""
    rows = (
        select(Leg.provider_id, Provider.name, Leg.chosen_on, Leg.ended_on, Voucher.rulebook_id)
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .join(Provider, (Provider.municipality_id == Leg.municipality_id) & (Provider.id == Leg.provider_id))
        .where(
            Leg.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Voucher.state.not_in(OVER),
            Leg.declined_on.is_(None),
        )
        .order_by(Leg.chosen_on.desc(), Leg.id.desc())
    )
    return [
        Place(
            row.provider_id,
            row.name,
            row.chosen_on,
            row.ended_on,
            terms_of(session, municipality_id, row.rulebook_id).disclosure,
        )
        for row in session.execute(rows)
    ]


def there_now(
    places_: Iterable[Place], provider_id: int | None, today: date
) -> tuple[date, tuple[Disclosure, ...]] | None:
    """Since when the person is at that provider, and the terms there; None for somebody who is not."""
    there = [one for one in places_ if one.provider_id == provider_id and one.is_there(today)]
    return (min(one.since for one in there), there[0].terms) if there else None


def found_last(session: Session, municipality_id: int, participant_id: int) -> Any | None:
    """What was found at the person's latest assessment, for those who may know: when, which service and
    level, under which rulebook. None without one."""
    rows = (
        select(Assessment.met_on, Assessment.service, Assessment.level, Assessment.rulebook_id)
        .where(Assessment.municipality_id == municipality_id, Assessment.participant_id == participant_id)
        .order_by(Assessment.met_on.desc(), Assessment.id.desc())
        .limit(1)
    )
    return session.execute(rows).first()

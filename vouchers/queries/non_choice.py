"""Who did not choose in time, who could take them, and the lists that were made of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.dates import add_months
from core.rulebooks import Rulebook
from providers.models import Place, Provider
from providers.queries import register
from providers.rules.places import Spot
from vouchers.models import Leg, LegPlan, NonChoice, NonChoiceList, NoneSuits, Participant, Voucher
from vouchers.queries.market import code_of
from vouchers.queries.places import free_places
from vouchers.queries.terms import terms_of
from vouchers.rules.non_choice import Candidate, Case
from vouchers.rules.secrecy import may_know

MONTHS = 12
"""How far back turns are counted."""
_Guide = aliased(Account)

OF_PERSON = and_(
    Participant.municipality_id == Voucher.municipality_id, Participant.id == Voucher.participant_id
)


def unanswered(voucher: type[Voucher] = Voucher) -> ColumnElement[bool]:
    """Holds for a voucher whose person has said that none suits, and nobody has followed it up."""
    return (
        select(NoneSuits.id)
        .where(
            NoneSuits.municipality_id == voucher.municipality_id,
            NoneSuits.voucher_id == voucher.id,
            NoneSuits.followed_up_on.is_(None),
        )
        .correlate(voucher)
        .exists()
    )


def _waits(municipality_id: int, today: date) -> list[ColumnElement[bool]]:
    """The window has passed, no answer waits to be followed up, and the municipality has not taken over."""
    cared = (
        select(LegPlan.id)
        .join(Leg, and_(Leg.municipality_id == LegPlan.municipality_id, Leg.id == LegPlan.leg_id))
        .where(
            Leg.municipality_id == Voucher.municipality_id,
            Leg.voucher_id == Voucher.id,
            LegPlan.kind == "municipal_care",
        )
        .correlate(Voucher)
        .exists()
    )
    return [
        Voucher.municipality_id == municipality_id,
        Voucher.state == "choice_open",
        Voucher.choose_by < today,
        ~unanswered(),
        ~cared,
    ]


def cases(session: Session, municipality_id: int, today: date) -> list[Case]:
    """Everybody the rule is to find a provider for, in three queries and one a rulebook."""
    spot = and_(
        Place.municipality_id == Participant.municipality_id, Place.postal_code == Participant.postal_code
    )
    rows = (
        select(
            Voucher.id,
            Voucher.rulebook_id,
            Voucher.scheme,
            Voucher.service,
            Voucher.choose_by,
            Participant.protection,
            Place.latitude_e5,
            Place.longitude_e5,
        )
        .join(Participant, OF_PERSON)
        .outerjoin(Place, spot)
        .where(*_waits(municipality_id, today))
        .order_by(Voucher.id)
    )
    found = session.execute(rows).all()
    said_no = _said_no(session, municipality_id, [row.id for row in found])
    rules = {
        key: terms_of(session, municipality_id, key).non_choice for key in {row.rulebook_id for row in found}
    }
    return [
        Case(
            voucher_id=row.id,
            offer=code_of(row.scheme, row.service),
            rule=rule,
            choose_by=row.choose_by,
            is_protected=row.protection != "none",
            home=None
            if row.latitude_e5 is None or row.protection != "none"
            else Spot(row.latitude_e5, row.longitude_e5),
            not_again=frozenset(said_no.get(row.id, ())),
        )
        for row in found
        if (rule := rules[row.rulebook_id]) is not None
    ]


def _said_no(session: Session, municipality_id: int, ids: Collection[int]) -> Mapping[int, set[int]]:
    rows = select(Leg.voucher_id, Leg.provider_id).where(
        Leg.municipality_id == municipality_id, Leg.voucher_id.in_(ids), Leg.declined_on.is_not(None)
    )
    found: dict[int, set[int]] = {}
    for row in session.execute(rows):
        found.setdefault(row.voucher_id, set()).add(row.provider_id)
    return found


def candidates(session: Session, municipality_id: int, today: date) -> list[Candidate]:
    """Who can take somebody today: accredited, with an open intake and a free place."""
    free = free_places(session, municipality_id)
    turns = given(session, municipality_id, today)
    return [
        Candidate(
            provider_id=listed.id,
            offer=code_of(chosen.scheme, chosen.service),
            free=free.get(chosen.accreditation_id, 0),
            given=turns.get(listed.id, 0),
            is_municipal=listed.legal_form == "municipal",
            spots=tuple(place.spot for place in listed.sites if place.spot is not None),
        )
        for listed in register(session, municipality_id, today)
        for chosen in listed.services
        if chosen.intake_open and free.get(chosen.accreditation_id, 0) > 0
    ]


def given(session: Session, municipality_id: int, today: date) -> dict[int, int]:
    """How many each provider was given in the last twelve months because no choice was made."""
    rows = (
        select(Leg.provider_id, func.count(Leg.id).label("people"))
        .where(
            Leg.municipality_id == municipality_id,
            Leg.how == "non_choice",
            Leg.chosen_on > add_months(today, -MONTHS),
        )
        .group_by(Leg.provider_id)
    )
    return {row.provider_id: row.people for row in session.execute(rows)}


# ── the lists ────────────────────────────────────────────────────────────────────────────────────


def open_list(session: Session, municipality_id: int) -> NonChoiceList | None:
    """The list that waits to be decided."""
    return session.scalar(
        select(NonChoiceList).where(
            NonChoiceList.municipality_id == municipality_id, NonChoiceList.state == "proposed"
        )
    )


def lists(session: Session, municipality_id: int, limit: int = 20) -> list[Any]:
    """The newest closed lists: (id, made_on, closed_on, seed, people placed, lines)."""
    placed = func.count(NonChoice.id).filter(NonChoice.answer == "confirmed").label("placed")
    rows = (
        select(
            NonChoiceList.id,
            NonChoiceList.made_on,
            NonChoiceList.closed_on,
            placed,
            func.count(NonChoice.id).label("lines"),
        )
        .outerjoin(
            NonChoice,
            and_(
                NonChoice.municipality_id == NonChoiceList.municipality_id,
                NonChoice.list_id == NonChoiceList.id,
            ),
        )
        .where(NonChoiceList.municipality_id == municipality_id, NonChoiceList.state != "proposed")
        .group_by(NonChoiceList.id, NonChoiceList.made_on, NonChoiceList.closed_on)
        .order_by(NonChoiceList.id.desc())
        .limit(limit)
    )
    return list(session.execute(rows).all())


@dataclass(frozen=True)
class Proposed:
    """A line as staff see it. Of somebody else's protected person all but the service and guide is None."""

    id: int
    voucher_id: int
    is_known: bool
    is_protected: bool
    name: str | None
    guide: str
    rulebook_id: int
    scheme: str
    version: str
    service: str
    level: str
    choose_by: date
    provider_id: int | None
    provider: str | None
    rule: str
    facts: dict[str, object]
    answer: str
    reasons: str
    leg_id: int | None


def lines(session: Session, municipality_id: int, list_id: int, *, viewer_id: int) -> list[Proposed]:
    """A list's lines, those who have waited longest first, in one query."""
    rows = (
        select(
            NonChoice,
            Voucher.rulebook_id,
            Voucher.scheme,
            Voucher.service,
            Voucher.level,
            Voucher.choose_by,
            Participant.given_name,
            Participant.family_name,
            Participant.protection,
            Participant.guide_id,
            _Guide.name.label("guide"),
            Rulebook.version,
            Provider.name.label("provider"),
        )
        .join(
            Voucher,
            and_(Voucher.municipality_id == NonChoice.municipality_id, Voucher.id == NonChoice.voucher_id),
        )
        .join(Participant, OF_PERSON)
        .join(
            _Guide,
            and_(_Guide.municipality_id == Participant.municipality_id, _Guide.id == Participant.guide_id),
        )
        .join(
            Rulebook,
            and_(Rulebook.municipality_id == Voucher.municipality_id, Rulebook.id == Voucher.rulebook_id),
        )
        .outerjoin(
            Provider,
            and_(Provider.municipality_id == NonChoice.municipality_id, Provider.id == NonChoice.provider_id),
        )
        .where(NonChoice.municipality_id == municipality_id, NonChoice.list_id == list_id)
        .order_by(Voucher.choose_by, NonChoice.id)
    )
    return [_proposed(row, viewer_id) for row in session.execute(rows)]


def _proposed(row: Any, viewer_id: int) -> Proposed:
    line: NonChoice = row.NonChoice
    known = may_know(viewer_id, row.guide_id, row.protection)
    is_protected = row.protection != "none"
    facts = {name: value for name, value in line.facts.items() if name != "kilometres"}
    return Proposed(
        id=line.id,
        voucher_id=line.voucher_id,
        is_known=known,
        is_protected=is_protected,
        name=f"{row.given_name} {row.family_name}" if known else None,
        guide=row.guide,
        rulebook_id=row.rulebook_id,
        scheme=row.scheme,
        version=row.version,
        service=row.service,
        level=row.level,
        choose_by=row.choose_by,
        provider_id=line.provider_id if known else None,
        provider=row.provider if known else None,
        rule=line.rule if known else "",
        facts=(facts if is_protected else line.facts) if known else {},
        answer=line.answer,
        reasons=line.reasons if known else "",
        leg_id=line.leg_id if known else None,
    )


def able(session: Session, municipality_id: int, today: date) -> dict[str, list[tuple[int, str]]]:
    """(id, name) of everybody who can take somebody today, by offer and by name: to change to by hand."""
    free = free_places(session, municipality_id)
    found: dict[str, list[tuple[int, str]]] = {}
    for listed in register(session, municipality_id, today):
        for chosen in listed.services:
            if chosen.intake_open and free.get(chosen.accreditation_id, 0) > 0:
                found.setdefault(code_of(chosen.scheme, chosen.service), []).append((listed.id, listed.name))
    return found


@dataclass(frozen=True)
class Why:
    """Why somebody was given a provider. `kilometres` is None where it says nothing, or must not be said."""

    rule: str
    kilometres: int | None
    by_hand: bool


def why(session: Session, municipality_id: int, leg_ids: Collection[int]) -> dict[int, Why]:
    """By leg, for the person's own pages."""
    rows = (
        select(NonChoice.leg_id, NonChoice.rule, NonChoice.facts, Participant.protection)
        .join(
            Voucher,
            and_(Voucher.municipality_id == NonChoice.municipality_id, Voucher.id == NonChoice.voucher_id),
        )
        .join(Participant, OF_PERSON)
        .where(NonChoice.municipality_id == municipality_id, NonChoice.leg_id.in_(leg_ids))
    )
    found = {}
    for row in session.execute(rows):
        far = row.facts.get("kilometres") if row.rule == "nearest" and row.protection == "none" else None
        found[row.leg_id] = Why(row.rule, far, row.rule == "by_hand")
    return found

"""A life to watch: people who choose and leave, and the watch on a day."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import people
from app.demo.people import Names
from core.actor import Actor, Role
from core.audit import AuditEntry
from core.database import fetch
from core.dates import add_months
from core.rulebooks import Rulebook
from providers import actions
from providers.actions import Meeting
from providers.actions.watching import Watched, watch
from providers.models import Accreditation, Notice, Proposal
from tests.support.town import Town, decided, noon, voucher_form
from vouchers import actions as vouchers
from vouchers.actions.people import ParticipantForm
from vouchers.models import Leg
from vouchers.queries import customers

FIRST = date(2026, 1, 1)  # when everybody in the town was accredited
REMIND, PROPOSE = date(2026, 10, 1), date(2027, 1, 1)
DAY = timedelta(days=1)
NUMBERS = Names(4_711)
SHOWN: dict[str, object] = {"provider": {"name": "Någon"}}


def look(session: Session, day: date, municipality_id: int = 1) -> Watched:
    """A day of the watch, as the timetable does it."""
    seen = customers.seen(session, municipality_id, day)
    return watch(session, seen, by=Actor.clock(municipality_id), today=day)


def accreditation(session: Session, provider_id: int, service: str = "matching") -> Accreditation:
    """The newest accreditation of a provider for a service."""
    rows = select(Accreditation).where(
        Accreditation.provider_id == provider_id, Accreditation.service == service
    )
    return session.scalars(rows.order_by(Accreditation.id.desc())).all()[0]


def proposal(session: Session, one: Accreditation) -> Proposal:
    """The newest proposal about it."""
    rows = select(Proposal).where(Proposal.accreditation_id == one.id).order_by(Proposal.id.desc())
    return session.scalars(rows).all()[0]


def somebody(session: Session, town: Town, day: date, service: str = "matching") -> int:
    """A new person with a voucher that waits to be chosen for. Gives its id."""
    form = ParticipantForm(NUMBERS.number(), "Prov", "Testvik")
    participant = vouchers.register_participant(session, form, by=town.guide, today=day)
    level, months = ("basic", 12) if service == "matching" else ("single", 6)
    wanted = voucher_form(town.rulebook_id, service, level, months)
    return decided(session, participant.id, wanted, by=town.guide, today=day).id


def comes(session: Session, town: Town, provider_id: int, day: date, service: str = "matching") -> Leg:
    """Somebody chooses the provider, with the guide's help."""
    voucher_id = somebody(session, town, day, service)
    return vouchers.choose(session, voucher_id, provider_id, SHOWN, by=town.guide, at=noon(day))


def coach_of(town: Town, provider_id: int) -> Actor:
    """Somebody who works there."""
    found = town.coach if provider_id == town.provider_id else town.other_coach
    if found.provider_id == provider_id:
        return found
    return Actor("person", 1, town.coach.account_id, frozenset({Role.COACH}), provider_id=provider_id)


def begins(session: Session, town: Town, leg: Leg, day: date) -> None:
    """The provider receives the person and the service starts."""
    by = coach_of(town, leg.provider_id)
    vouchers.accept(session, leg.id, by=by, today=day)
    vouchers.start(session, leg.id, day, by=by, today=day)


def leaves(session: Session, town: Town, leg: Leg, day: date) -> None:
    """The service is over."""
    vouchers.end_service(session, leg.id, day, "interrupted", by=town.guide, today=day)


def again(session: Session, one: Accreditation) -> Accreditation:
    """The row as it is now."""
    return fetch(session, Accreditation, one.municipality_id, one.id)


@pytest.fixture
def quiet(town: Town, session: Session) -> Accreditation:
    """Lyktvägen's accreditation; the other two are chosen every seventh month."""
    for months in range(0, 36, 7):
        for service in ("matching", "preparatory"):
            comes(session, town, town.provider_id, add_months(FIRST, months), service)
    return accreditation(session, town.other_provider_id)


def meeting(day: date) -> Meeting:
    """A meeting of the board that day."""
    return Meeting(day, "§ 12")


def notices(session: Session, one: Accreditation) -> list[tuple[str, date]]:
    """What the provider has been told, and when."""
    rows = select(Notice.kind, Notice.given_on).where(Notice.accreditation_id == one.id)
    return [(row.kind, row.given_on) for row in session.execute(rows.order_by(Notice.given_on, Notice.id))]


def told(session: Session, one: Accreditation) -> list[str]:
    """What the clock has recorded about it."""
    rows = select(AuditEntry.what).where(
        AuditEntry.subject_kind == "accreditation",
        AuditEntry.subject_id == one.id,
        AuditEntry.actor_kind == "clock",
    )
    return list(session.scalars(rows.order_by(AuditEntry.sequence)))


def facts(one: Proposal) -> dict[str, object]:
    """The evidence a proposal rests on."""
    found: dict[str, object] = json.loads(one.facts)
    return found


def newly_accredited(
    session: Session, town: Town, day: date, number: str = "429904-2426", service: str = "matching"
) -> Accreditation:
    """A provider accredited from that day."""
    form = actions.ProviderForm("Nya Vägar", number, "private", about_sv="Vi går nya vägar.")
    site = actions.SiteForm("Provgatan 1", "10002", "Exempelstad", "Centrum")
    provider = actions.register_provider(session, form, (site,), by=town.inspector)
    contact = actions.ContactForm("Prov Kontakt", "070-174 06 05", "kontakt@example.org")
    actions.add_contact(session, provider.id, contact, by=town.inspector, today=day)
    rulebook = session.get_one(Rulebook, (1, town.rulebook_id))
    asked = people.applied(session, provider, rulebook, service, 12, by=town.inspector, today=day)
    people.reviewed(session, asked, (town.inspector, town.other_inspector), today=day)
    actions.accredit(session, asked, reasons="Ja.", from_on=day, by=town.secretary, today=day)
    return asked

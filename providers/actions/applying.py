"""A provider applies: a draft that grows, evidence for each condition, and one day it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import PROVIDER, Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Refusal
from core.rulebooks import Rulebook
from providers.actions.deciding import accreditation_of, step
from providers.models import Accreditation, Contact, Evidence, Provider, Supplement
from providers.queries import applying as asked
from providers.queries.terms import accreditation_terms
from providers.rules import APPLYING_STATES, OPEN_STATES
from providers.rules.applying import lacking, may_end_on, may_offer
from providers.rules.conditions import Condition, valid_until


@dataclass(frozen=True)
class ContactForm:
    """A person to call."""

    name: str
    phone: str
    email: str
    title: str = ""


@dataclass(frozen=True)
class StoredFile:
    """A file that has been checked and put away under its SHA-256."""

    digest: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class EvidenceForm:
    """What is shown for a condition: words, a file, or both, and the last day it holds."""

    statement: str = ""
    file: StoredFile | None = None
    valid_to: date | None = None


def start_application(
    session: Session,
    provider: Provider,
    rulebook: Rulebook,
    service: str,
    *,
    capacity: int = 0,
    area: str = "",
    replaces_id: int | None = None,
    by: Actor,
) -> Accreditation:
    """Begin a draft for one service. Refuses one that is accredited or applied for, unless it renews."""
    terms = accreditation_terms(session, by.municipality_id, rulebook.id)
    application = terms.application
    if application is None or service not in terms.services:
        raise Refusal("no_applications", "Det går inte att ansöka till den tjänsten här.", status=422)
    if area and area not in application.areas:
        raise Refusal("area_unknown", "Välj ett leveransområde i listan.", status=422)
    standing = session.scalars(
        select(Accreditation).where(
            Accreditation.municipality_id == by.municipality_id,
            Accreditation.provider_id == provider.id,
            Accreditation.scheme == rulebook.scheme,
            Accreditation.service == service,
            Accreditation.area == area,
            Accreditation.state.in_((*OPEN_STATES, *APPLYING_STATES)),
        )
    ).all()
    if any(one.state in APPLYING_STATES for one in standing):
        raise Refusal("already_applied", "Ni har redan en ansökan om den tjänsten. Fortsätt på den.")
    if any(one.id != replaces_id for one in standing):
        raise Refusal("already_accredited", "Ni är redan auktoriserade för den tjänsten.")
    if replaces_id is not None and not any(one.state == "reaccreditation_due" for one in standing):
        raise Refusal("nothing_to_renew", "Auktorisationen behöver inte förnyas.")
    accreditation = Accreditation(
        municipality_id=by.municipality_id,
        provider_id=provider.id,
        rulebook_id=rulebook.id,
        scheme=rulebook.scheme,
        service=service,
        area=area,
        capacity=capacity,
        state="draft",
        replaces_id=replaces_id,
    )
    session.add(accreditation)
    audit.record(session, "accreditation.begun", accreditation, by=by, service=service, rulebook=rulebook.id)
    return accreditation


def own_draft(session: Session, accreditation_id: int, by: Actor) -> Accreditation:
    """A draft, or an application that awaits a supplement: what the provider may still add to."""
    found = accreditation_of(session, accreditation_id, by)
    if found.state not in ("draft", "supplement_requested"):
        raise Refusal("application_sent", "Ansökan är inskickad och kan inte ändras nu.")
    return found


def set_capacity(session: Session, accreditation_id: int, capacity: int, *, by: Actor) -> Accreditation:
    """How many people the provider can take at the same time."""
    found = own_draft(session, accreditation_id, by)
    may_offer(capacity)
    found.capacity = capacity
    audit.record(session, "accreditation.capacity_set", found, by=by, capacity=capacity)
    return found


def add_contact(session: Session, provider_id: int, form: ContactForm, *, by: Actor, today: date) -> Contact:
    """Add a person to call."""
    provider = fetch(session, Provider, by.municipality_id, provider_id)
    contact = Contact(
        municipality_id=by.municipality_id,
        provider_id=provider.id,
        name=form.name,
        title=form.title,
        phone=form.phone,
        email=form.email,
        added_on=today,
        added_by=by.account_id,
    )
    session.add(contact)
    audit.record(session, "provider.contact_added", provider, by=by)
    return contact


def remove_contact(session: Session, contact_id: int, *, by: Actor, today: date) -> Contact:
    """Take a person off the list; the row is kept. Refuses the last one."""
    contact = fetch(session, Contact, by.municipality_id, contact_id)
    if by.has(*PROVIDER) and contact.provider_id != by.provider_id:
        raise Refusal("not_your_contact", "Personen finns inte hos er.", status=404)
    if contact.removed_on is not None:
        return contact
    if len(asked.contacts(session, by.municipality_id, contact.provider_id)) < 2:
        raise Refusal("last_contact", "Det måste finnas minst en kontaktperson. Lägg till en ny först.")
    contact.removed_on = today
    provider = fetch(session, Provider, by.municipality_id, contact.provider_id)
    audit.record(session, "provider.contact_removed", provider, by=by)
    return contact


def condition_of(session: Session, accreditation: Accreditation, code: str) -> Condition:
    """The condition with that code in the rulebook the accreditation is asked for under. Raises Refusal."""
    terms = accreditation_terms(session, accreditation.municipality_id, accreditation.rulebook_id)
    for one in terms.conditions(accreditation.service):
        if one.code == code:
            return one
    raise Refusal("condition_unknown", "Det villkoret finns inte i kundvalets regler.", status=404)


def add_evidence(
    session: Session, accreditation_id: int, code: str, form: EvidenceForm, *, by: Actor, at: datetime
) -> Evidence:
    """Show something for a condition. The newest counts, the older are kept; also after accreditation."""
    accreditation = accreditation_of(session, accreditation_id, by)
    if accreditation.state not in ("draft", "supplement_requested", *OPEN_STATES):
        raise Refusal("application_sent", "Ansökan är inskickad och kan inte ändras nu.")
    condition = condition_of(session, accreditation, code)
    if not form.statement.strip() and form.file is None:
        raise Refusal("evidence_empty", "Skriv hur ni uppfyller villkoret, eller lämna en fil.", status=422)
    if condition.evidence == "file" and form.file is None:
        raise Refusal("evidence_file_missing", "Lämna en fil för det här villkoret.", status=422)
    may_end_on(form.valid_to, condition, valid_until(day_of(at), condition), day_of(at))
    evidence = Evidence(
        municipality_id=by.municipality_id,
        accreditation_id=accreditation.id,
        condition=code,
        statement=form.statement.strip(),
        digest=form.file.digest if form.file else None,
        file_name=form.file.name if form.file else None,
        media_type=form.file.media_type if form.file else None,
        size=form.file.size if form.file else None,
        valid_to=form.valid_to,
        added_by=by.account_id,
        added_at=at,
    )
    session.add(evidence)
    audit.record(session, "accreditation.evidence_added", accreditation, by=by, condition=code)
    return evidence


def submit(session: Session, accreditation_id: int, *, by: Actor, at: datetime) -> Accreditation:
    """Send the application. Gives it a diary number. Refuses while anything is missing."""
    by.require(Role.MANAGER, Role.INSPECTOR)
    accreditation = own_draft(session, accreditation_id, by)
    terms = accreditation_terms(session, by.municipality_id, accreditation.rulebook_id)
    told = asked.told(session, accreditation)
    missing = lacking(told, terms.conditions(accreditation.service), day_of(at))
    if missing:
        raise Refusal(
            "application_incomplete",
            "Ansökan saknar {count} delar. Gå till uppgiftslistan och fyll i dem.",
            count=len(missing),
            status=422,
        )
    if accreditation.state == "supplement_requested":
        raise Refusal("supplement_waits", "Svara på det kommunen frågade efter, så skickas ansökan igen.")
    step(accreditation, "submit")
    accreditation.applied_on, accreditation.submitted_at = day_of(at), at
    accreditation.diary_number = _diary_number(session, by.municipality_id, day_of(at).year)
    audit.record(session, "accreditation.submitted", accreditation, by=by, service=accreditation.service)
    return accreditation


def _diary_number(session: Session, municipality_id: int, year: int) -> str:
    """AUKT 2026-0012: the next in the year. Writers of a municipality take turns, so none is given twice."""
    count = select(func.count()).where(
        Accreditation.municipality_id == municipality_id,
        Accreditation.diary_number.like(f"AUKT {year}-%"),
    )
    return f"AUKT {year}-{session.scalars(count).one() + 1:04d}"


def answer_supplement(
    session: Session, accreditation_id: int, answer: str, *, by: Actor, today: date
) -> Supplement:
    """Answer what staff asked for; the application goes back to them."""
    accreditation = accreditation_of(session, accreditation_id, by)
    supplement = asked.open_supplement(session, accreditation)
    if supplement is None:
        raise Refusal("nothing_asked", "Det finns ingen fråga att svara på.")
    if not answer.strip():
        raise Refusal("answer_missing", "Skriv ett svar.", status=422)
    step(accreditation, "supplement")
    supplement.answer, supplement.answered_by, supplement.answered_on = answer.strip(), by.account_id, today
    audit.record(
        session,
        "accreditation.supplement",
        accreditation,
        by=by,
        supplement=supplement.id,
        late=today > supplement.due_on,
    )
    return supplement

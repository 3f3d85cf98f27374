"""A person is registered, and gets a voucher by a guide's decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, identity
from core.actor import Actor, Role
from core.database import fetch
from core.identity import Protection
from core.refusal import Refusal
from core.rulebooks import Rulebook
from vouchers.models import Participant, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import states
from vouchers.rules.choice import choose_by


@dataclass(frozen=True)
class ParticipantForm:
    """What is written down about a person at the first meeting."""

    identity_number: str
    given_name: str
    family_name: str
    protection: Protection = Protection.NONE
    language: str = "sv"
    phone: str | None = None
    email: str | None = None
    street: str | None = None
    postal_code: str | None = None
    town: str | None = None
    account_id: int | None = None


def register_participant(session: Session, form: ParticipantForm, *, by: Actor, today: date) -> Participant:
    """Add a person; the guide who does it is theirs. Refuses a wrong number, and one already registered."""
    by.require(Role.GUIDE)
    digits = identity.normalised(form.identity_number, today=today)
    vault = identity.vault(session)
    fingerprint = vault.fingerprint(by.municipality_id, digits)
    known = select(Participant.id).where(
        Participant.municipality_id == by.municipality_id, Participant.identity_fingerprint == fingerprint
    )
    if session.scalar(known):
        raise Refusal("participant_exists", "Personen finns redan. Sök upp ärendet i listan.")
    hidden = form.protection is Protection.REGISTERED_ELSEWHERE
    participant = Participant(
        municipality_id=by.municipality_id,
        account_id=form.account_id,
        guide_id=by.account_id,
        identity_sealed=vault.seal(digits),
        identity_fingerprint=fingerprint,
        given_name=form.given_name,
        family_name=form.family_name,
        protection=form.protection.value,
        language=form.language,
        phone=form.phone,
        email=form.email,
        street=None if hidden else form.street,
        postal_code=None if hidden else form.postal_code,
        town=None if hidden else form.town,
    )
    session.add(participant)
    audit.record(session, "participant.registered", participant, by=by)
    return participant


@dataclass(frozen=True)
class VoucherForm:
    """A guide's decision."""

    rulebook_id: int
    service: str
    level: str
    months: int
    reasons: str


def decide_voucher(
    session: Session, participant_id: int, form: VoucherForm, *, by: Actor, today: date
) -> Voucher:
    """Give a person a voucher and open the choice. A person decides (KL 6:38), with reasons."""
    by.require(Role.GUIDE)
    participant = fetch(session, Participant, by.municipality_id, participant_id)
    rulebook = fetch(session, Rulebook, by.municipality_id, form.rulebook_id)
    terms = terms_of(session, by.municipality_id, rulebook.id)
    service = terms.services.get(form.service)
    if service is None or form.level not in {level.code for level in service.levels}:
        raise Refusal("service_unknown", "Den insatsen eller nivån finns inte i regelverket.", status=422)
    if not 1 <= form.months <= service.months:
        raise Refusal(
            "length_wrong", "Insatsen kan vara 1 till {months} månader.", status=422, months=service.months
        )
    if not form.reasons.strip():
        raise Refusal("reasons_missing", "Skriv skälen för beslutet.", status=422)
    running = select(Voucher.id).where(
        Voucher.municipality_id == by.municipality_id,
        Voucher.participant_id == participant.id,
        Voucher.scheme == rulebook.scheme,
        Voucher.state.not_in(("ended", "closed", "revoked", "lapsed")),
    )
    if session.scalar(running):
        raise Refusal("voucher_running", "Personen har redan en pågående insats i det här kundvalet.")
    voucher = Voucher(
        municipality_id=by.municipality_id,
        participant_id=participant.id,
        rulebook_id=rulebook.id,
        scheme=rulebook.scheme,
        service=form.service,
        level=form.level,
        months=form.months,
        state=states.voucher.after("draft", "decide"),
        decided_by=by.account_id,
        decided_on=today,
        reasons=form.reasons,
        choose_by=choose_by(today, terms),
    )
    session.add(voucher)
    audit.record(
        session, "voucher.decided", voucher, by=by, service=form.service, level=form.level, months=form.months
    )
    return voucher

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
from core.refusal import Missing, Refusal
from core.rulebooks import Rulebook
from vouchers.actions.next_step import claim_next_step
from vouchers.models import Assessment, Participant, Voucher
from vouchers.queries import assessments, beside
from vouchers.queries.terms import terms_of
from vouchers.rules import deciding, states
from vouchers.rules.choice import choose_by
from vouchers.rules.secrecy import may_know
from vouchers.rules.terms import Terms


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
    """Add a person; the guide who does it is theirs. Refuses a wrong number, and one already registered:
    of a protected person who is another guide's without saying so.
    """
    by.require(Role.GUIDE)
    digits = identity.normalised(form.identity_number, today=today)
    vault = identity.vault(session)
    fingerprint = vault.fingerprint(by.municipality_id, digits)
    known = session.scalar(
        select(Participant).where(
            Participant.municipality_id == by.municipality_id,
            Participant.identity_fingerprint == fingerprint,
        )
    )
    if known is not None:
        if may_know(by.account_id, known.guide_id, known.protection):
            raise Refusal("participant_exists", "Personen finns redan. Sök upp ärendet i listan.")
        raise Refusal("registration_refused", "Personen kan inte registreras här. Fråga din chef.")
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
    """A guide's decision. `assessment_id` is what it rests on (None: the person's newest in the kundval);
    `target_group` a code of the rulebook; `studies` what the service is combined with."""

    rulebook_id: int
    service: str
    level: str
    months: int
    reasons: str
    assessment_id: int | None = None
    target_group: str | None = None
    studies: str = "none"


def decide_voucher(
    session: Session, participant_id: int, form: VoucherForm, *, by: Actor, today: date
) -> Voucher:
    """Give a person a voucher and open the choice. A person decides (KL 6:38), with reasons.

    Where the rulebook has an instrument, the decision rests on an assessment by it that is not too old: there
    the state's own measures were considered first. Several kundval at once only where both rulebooks say so.
    Where it is the step that the service before was to lead to, that is claimed as its result.
    """
    by.require(Role.GUIDE)
    participant = fetch(session, Participant, by.municipality_id, participant_id)
    rulebook = fetch(session, Rulebook, by.municipality_id, form.rulebook_id)
    terms = terms_of(session, by.municipality_id, rulebook.id)
    wanted = deciding.Wanted(
        form.service, form.level, form.months, form.reasons, form.target_group, form.studies
    )
    deciding.may_decide(wanted, terms)
    running = beside.running(session, by.municipality_id, participant.id)
    deciding.may_run_beside(rulebook.scheme, terms.also, running)
    assessment = _rests_on(session, participant, rulebook.scheme, form.assessment_id, terms)
    deciding.may_rest_on(assessment.met_on if assessment else None, terms, today)
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
        assessment_id=assessment.id if assessment else None,
        target_group=form.target_group,
        studies=form.studies,
    )
    session.add(voucher)
    session.flush()
    claim_next_step(session, voucher, by=by, today=today)
    audit.record(
        session,
        "voucher.decided",
        voucher,
        by=by,
        service=form.service,
        level=form.level,
        months=form.months,
        assessment=voucher.assessment_id,
        target_group=form.target_group,
        studies=form.studies,
    )
    return voucher


def _rests_on(
    session: Session, participant: Participant, scheme: str, assessment_id: int | None, terms: Terms
) -> Assessment | None:
    if terms.instrument is None:
        return None
    if assessment_id is None:
        return assessments.newest(session, participant.municipality_id, participant.id, scheme)
    found = assessments.one(session, participant.municipality_id, assessment_id)
    if found.assessment.participant_id != participant.id or found.rulebook.scheme != scheme:
        raise Missing()
    return found.assessment

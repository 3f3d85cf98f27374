"""Whose a person's case is, who at the provider works with them, and how their identity is protected."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.identity import Protection
from core.refusal import Missing, Refusal
from providers.queries.members import members
from vouchers.actions.choices import own_leg
from vouchers.models import Leg, NonChoice, NonChoiceList, Participant, Voucher
from vouchers.queries.guides import guides
from vouchers.rules.non_choice import BY_HAND
from vouchers.rules.secrecy import may_know


def hand_over(session: Session, participant_id: int, guide_id: int, *, by: Actor) -> Participant:
    """Another guide takes the person over, with all that is open. Of a protected person only the own guide
    can do it; from then on the new one alone may open the case."""
    by.require(Role.GUIDE)
    participant = fetch(session, Participant, by.municipality_id, participant_id)
    if not may_know(by.account_id, participant.guide_id, participant.protection):
        raise Missing()
    if guide_id == participant.guide_id:
        raise Refusal("guide_same", "Den vägledaren har redan ärendet. Välj en annan.", status=422)
    if guide_id not in {one.id for one in guides(session, by.municipality_id)}:
        raise Refusal("guide_unknown", "Välj en karriärvägledare i listan.", status=422)
    before, participant.guide_id = participant.guide_id, guide_id
    audit.record(session, "participant.handed_over", participant, by=by, guide=guide_id, before=before)
    return participant


def set_protection(
    session: Session, participant_id: int, protection: Protection, *, by: Actor
) -> Participant:
    """What the population register says of the person's protection has changed.

    With protected registration the address goes at once. With any protection no proposal that rests on where
    the person lives stands any longer, and of the provider's coaches only one who is named sees the person.
    """
    by.require(Role.GUIDE)
    participant = fetch(session, Participant, by.municipality_id, participant_id)
    if participant.guide_id != by.account_id:
        if participant.is_protected:
            raise Missing()
        raise Refusal(
            "guide_other", "Bara personens egen vägledare kan ändra skyddet. Ta över ärendet först."
        )
    before = participant.protection
    if before == protection.value:
        raise Refusal("protection_same", "Personen har redan det skyddet. Inget är ändrat.", status=422)
    if protection is Protection.REGISTERED_ELSEWHERE:
        participant.street = participant.postal_code = participant.town = None
    participant.protection = protection.value
    if participant.is_protected:
        _forget_where(session, participant)
    audit.record(
        session,
        "participant.protection_changed",
        participant,
        by=by,
        protection=protection.value,
        before=before,
    )
    return participant


def _forget_where(session: Session, participant: Participant) -> None:
    """Proposals by distance that nobody has decided on are made anew, by another rule or by hand; of those
    that were followed, how far it was is forgotten."""
    rows = (
        select(NonChoice, NonChoiceList.state)
        .join(
            NonChoiceList,
            and_(
                NonChoiceList.municipality_id == NonChoice.municipality_id,
                NonChoiceList.id == NonChoice.list_id,
            ),
        )
        .join(
            Voucher,
            and_(Voucher.municipality_id == NonChoice.municipality_id, Voucher.id == NonChoice.voucher_id),
        )
        .where(
            NonChoice.municipality_id == participant.municipality_id,
            Voucher.participant_id == participant.id,
            NonChoice.rule == "nearest",
        )
    )
    for line, state in session.execute(rows):
        line.facts = {name: value for name, value in line.facts.items() if name != "kilometres"}
        if state == "proposed" and line.answer == "waits":
            line.rule, line.provider_id, line.facts = BY_HAND, None, {}


def name_coach(session: Session, leg_id: int, account_id: int, *, by: Actor) -> Leg:
    """A manager names who works with the person at the provider. Of a protected person, that coach and the
    managers alone know who it is."""
    by.require(Role.MANAGER)
    leg = own_leg(session, leg_id, by)
    if leg.declined_on is not None:
        raise Refusal("leg_declined", "Ni har tackat nej till personen.")
    if account_id not in {one.id for one in members(session, by.municipality_id, leg.provider_id)}:
        raise Refusal("coach_unknown", "Välj någon som arbetar hos er.", status=422)
    if leg.coach_id == account_id:
        raise Refusal("coach_same", "Den handledaren är redan utsedd.", status=422)
    leg.coach_id = account_id
    audit.record(session, "leg.coach_named", leg, by=by, coach=account_id)
    return leg

"""A person is registered once, protected from the start, and gets a voucher that the rulebook knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.actor import Actor
from core.identity import Protection
from core.refusal import Forbidden
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, decided, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Participant, Voucher

NUMBER = "198002289802"
END = date(2026, 8, 31)


def test_a_person_is_registered_once(town: Town, session: Session):
    for number in (town.identity_number, f"{town.identity_number[2:8]}-{town.identity_number[8:]}"):
        with refused("participant_exists"):
            actions.register_participant(
                session, ParticipantForm(number, "Prov", "Person"), by=town.guide, today=town.decided_on
            )
    with refused("identity_number_wrong"):
        actions.register_participant(
            session, ParticipantForm("19800228-0000", "Prov", "Person"), by=town.guide, today=town.decided_on
        )


@pytest.mark.parametrize("who", ["seeker", "coach", "manager", "inspector", "maker", "administrator"])
def test_only_a_guide_registers_people_and_decides_vouchers(town: Town, session: Session, who: str):
    by: Actor = getattr(town, who)
    with pytest.raises(Forbidden):
        actions.register_participant(
            session, ParticipantForm(NUMBER, "Prov", "Person"), by=by, today=town.decided_on
        )
    with pytest.raises(Forbidden):
        actions.decide_voucher(
            session, town.other_participant_id, voucher_form(town.rulebook_id), by=by, today=town.decided_on
        )


def registered(session: Session, town: Town, protection: Protection) -> Participant:
    form = ParticipantForm(
        NUMBER, "Prov", "Person", protection, street="Provgatan 7", postal_code="10002", town="Exempelstad"
    )
    return actions.register_participant(session, form, by=town.guide, today=town.decided_on)


@pytest.mark.parametrize(
    ("protection", "is_protected", "street"),
    [
        (Protection.NONE, False, "Provgatan 7"),
        (Protection.CONFIDENTIAL, True, "Provgatan 7"),
        (Protection.REGISTERED_ELSEWHERE, True, None),
    ],
)
def test_who_is_registered_elsewhere_for_protection_has_no_address_here(
    town: Town, session: Session, protection: Protection, is_protected: bool, street: str | None
):
    person = registered(session, town, protection)
    assert (person.is_protected, person.street) == (is_protected, street)
    assert (person.postal_code is None) == (person.town is None) == (street is None)
    assert person.name == "Prov Person"


def test_the_database_refuses_an_address_of_who_is_registered_elsewhere(town: Town, session: Session):
    person = registered(session, town, Protection.REGISTERED_ELSEWHERE)
    for column, value in (("street", "Provgatan 7"), ("postal_code", "10002"), ("town", "Exempelstad")):
        change = update(Participant).where(Participant.id == person.id).values({column: value})
        refused_by_the_database(session, "protected_has_no_address", change)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service": "magic"}, "service_unknown"),
        ({"level": "single"}, "service_unknown"),
        ({"service": "preparatory", "level": "basic"}, "service_unknown"),
        ({"months": 0}, "length_wrong"),
        ({"months": 13}, "length_wrong"),
        ({"service": "preparatory", "level": "single", "months": 7}, "length_wrong"),
        ({"reasons": " "}, "reasons_missing"),
    ],
)
def test_a_voucher_that_the_rulebook_does_not_know_is_refused(
    town: Town, session: Session, changes: dict[str, Any], code: str
):
    form = replace(voucher_form(town.rulebook_id), **changes)
    before = session.query(Voucher).count()
    with refused(code):
        actions.decide_voucher(session, town.other_participant_id, form, by=town.guide, today=town.decided_on)
    assert session.query(Voucher).count() == before


def test_a_person_has_one_running_voucher_in_a_kundval(town: Town, session: Session):
    form = voucher_form(town.rulebook_id)
    with refused("voucher_running"):
        actions.decide_voucher(session, town.participant_id, form, by=town.guide, today=town.decided_on)
    leg_id = town.started(session)
    with refused("voucher_running"):
        actions.decide_voucher(session, town.participant_id, form, by=town.guide, today=town.decided_on)
    actions.end_service(session, leg_id, END, "interrupted", by=town.coach, today=END)
    again = decided(session, town.participant_id, form, by=town.guide, today=END)
    assert (again.state, again.choose_by) == ("choice_open", date(2026, 9, 7))

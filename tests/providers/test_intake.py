"""Intake stops and opens, by the provider and by the municipality; places run out; a stop outlives states."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.refusal import Forbidden
from providers import actions
from providers.models import Accreditation, Decision, IntakeStop, RegisterEvent
from providers.queries import intake_is_open
from tests.providers.lives import DAY, accreditation, comes, meeting, notices
from tests.support.newer import newer_rulebook
from tests.support.refusing import refused
from tests.support.town import Town


@pytest.fixture
def one(town: Town, session: Session) -> Accreditation:
    """Stigfinnarna's accreditation for matching."""
    return accreditation(session, town.provider_id)


def events(session: Session, one: Accreditation) -> list[str]:
    rows = select(RegisterEvent.what).where(RegisterEvent.accreditation_id == one.id)
    return list(session.scalars(rows.order_by(RegisterEvent.number)))


def stops(session: Session, one: Accreditation) -> list[IntakeStop]:
    rows = select(IntakeStop).where(IntakeStop.accreditation_id == one.id).order_by(IntakeStop.id)
    return list(session.scalars(rows))


def test_a_provider_stops_its_intake_and_opens_it_again(town: Town, session: Session, one: Accreditation):
    day = town.decided_on
    stop = actions.stop_intake(session, one.id, by=town.manager, today=day)
    assert (one.state, stop.stopped_by, stop.from_on, stop.to_on) == ("intake_stopped", "provider", day, None)
    with refused("intake_stopped"):
        comes(session, town, town.provider_id, day)
    with refused("intake_stopped_already"):
        actions.stop_intake(session, one.id, by=town.manager, today=day)
    actions.open_intake(session, one.id, by=town.manager, today=day + 3 * DAY)
    assert (one.state, stop.to_on) == ("active", day + 2 * DAY)
    comes(session, town, town.provider_id, day + 3 * DAY)
    with refused("intake_not_stopped"):
        actions.open_intake(session, one.id, by=town.manager, today=day + 3 * DAY)
    assert events(session, one)[-2:] == ["accreditation.intake_stopped", "accreditation.intake_opened"]
    assert session.query(Decision).filter_by(accreditation_id=one.id, body="delegate").count() == 1


def test_stopped_and_opened_on_one_day_the_stop_is_a_day_long(town, session, one):
    stop = actions.stop_intake(session, one.id, by=town.manager, today=town.decided_on)
    actions.open_intake(session, one.id, by=town.manager, today=town.decided_on)
    assert stop.from_on == stop.to_on == town.decided_on
    actions.stop_intake(session, one.id, by=town.manager, today=town.decided_on)
    assert one.state == "intake_stopped"


def test_the_municipality_decides_with_reasons_and_a_trace_for_the_board(town, session, one):
    with refused("reasons_missing"):
        actions.stop_intake(session, one.id, reasons=" ", by=town.inspector, today=town.decided_on)
    assert stops(session, one) == []
    actions.stop_intake(
        session, one.id, reasons="Lokalen är stängd.", by=town.inspector, today=town.decided_on
    )
    decision = session.query(Decision).filter_by(accreditation_id=one.id, kind="intake_stopped").one()
    assert (decision.body, decision.reasons) == ("delegate", "Lokalen är stängd.")
    assert decision.decided_by == town.inspector.account_id


def test_who_opens_its_own_stop_does_not_open_the_others(town, session, one):
    day = town.decided_on
    actions.stop_intake(session, one.id, by=town.manager, today=day)
    actions.stop_intake(session, one.id, reasons="Utreds.", by=town.inspector, today=day)
    assert events(session, one).count("accreditation.intake_stopped") == 1
    actions.open_intake(session, one.id, by=town.manager, today=day + DAY)
    assert one.state == "intake_stopped"
    with refused("intake_not_stopped"):
        actions.open_intake(session, one.id, by=town.manager, today=day + DAY)
    with refused("intake_stopped"):
        comes(session, town, town.provider_id, day + DAY)
    actions.open_intake(session, one.id, reasons="Utrett.", by=town.inspector, today=day + 2 * DAY)
    assert one.state == "active"
    assert events(session, one).count("accreditation.intake_opened") == 1


def test_a_stop_stands_through_a_warning_and_is_there_when_it_is_lifted(town, session, one):
    day = town.decided_on
    actions.stop_intake(session, one.id, by=town.manager, today=day)
    actions.warn(
        session, one.id, reasons="Rapporter saknas.", due_on=day + 30 * DAY, by=town.inspector, today=day
    )
    assert one.state == "warned"
    assert not intake_is_open(session, one)
    actions.lift_warning(session, one.id, reasons="Rättat.", by=town.inspector, today=day + DAY)
    assert one.state == "intake_stopped"


def test_a_stop_made_and_ended_during_a_warning_leaves_no_state_behind(town, session, one):
    day = town.decided_on
    actions.warn(session, one.id, reasons="Fel.", due_on=day + 30 * DAY, by=town.inspector, today=day)
    actions.stop_intake(session, one.id, by=town.manager, today=day)
    assert one.state == "warned"
    with refused("intake_stopped"):
        comes(session, town, town.provider_id, day)
    actions.open_intake(session, one.id, by=town.manager, today=day + DAY)
    assert one.state == "warned"
    actions.lift_warning(session, one.id, reasons="Rättat.", by=town.inspector, today=day + DAY)
    assert one.state == "active"


@pytest.mark.parametrize("who", ["coach", "guide", "secretary", "chair", "maker", "newcomer"])
def test_others_neither_stop_nor_open(town, session, one, who):
    for act in (actions.stop_intake, actions.open_intake):
        with pytest.raises(Forbidden):
            act(session, one.id, reasons="Därför.", by=getattr(town, who), today=town.decided_on)
    assert stops(session, one) == []


def test_a_provider_sees_only_to_its_own(town: Town, session: Session):
    other = accreditation(session, town.other_provider_id)
    for act in (
        lambda: actions.stop_intake(session, other.id, by=town.manager, today=town.decided_on),
        lambda: actions.set_places(session, other.id, 3, by=town.manager),
    ):
        with pytest.raises(Forbidden):
            act()


def test_an_ended_accreditation_has_no_intake(town, session, one):
    actions.withdraw(session, one.id, last_day=town.decided_on, by=town.manager, today=town.decided_on)
    with refused("not_accredited"):
        actions.stop_intake(session, one.id, by=town.manager, today=town.decided_on)
    with refused("not_accredited"):
        actions.set_places(session, one.id, 3, by=town.manager)


def test_places_run_out_and_come_back(town: Town, session: Session, one: Accreditation):
    day = town.decided_on
    with refused("capacity_wrong"):
        actions.set_places(session, one.id, 0, by=town.manager)
    actions.set_places(session, one.id, 1, by=town.manager)
    leg = comes(session, town, town.provider_id, day)
    with refused("no_places"):
        comes(session, town, town.provider_id, day)
    comes(session, town, town.provider_id, day, "preparatory")  # the other service has places of its own
    actions.set_places(session, one.id, 2, by=town.manager)
    leg.declined_on = day
    comes(session, town, town.provider_id, day)
    comes(session, town, town.provider_id, day)
    with refused("no_places"):
        comes(session, town, town.provider_id, day)


def test_fewer_places_than_people_moves_nobody(town, session, one):
    for _ in range(3):
        comes(session, town, town.provider_id, town.decided_on)
    actions.set_places(session, one.id, 1, by=town.manager)
    assert (one.capacity, one.state) == (1, "active")


# ── apply again ──────────────────────────────────────────────────────────────────────────────────


def test_a_call_to_apply_again_that_is_called_off_finds_the_stop_still_there(town, session, one):
    day = town.decided_on
    newer = newer_rulebook(session, day)
    actions.stop_intake(session, one.id, by=town.manager, today=day)
    _call, count = actions.require_reaccreditation(
        session, newer.id, day + 90 * DAY, reasons="Nya villkor.", by=town.secretary, today=day
    )
    assert count == 3
    assert one.state == "reaccreditation_due"
    assert ("reaccreditation", day) in notices(session, one)
    actions.call_off(
        session, one.id, reasons="Behövs inte.", meeting=meeting(day), by=town.secretary, today=day
    )
    assert one.state == "intake_stopped"
    assert actions.waiting_call(session, one) is None  # the board has let this one go on

"""When a provider ends everybody gets a plan, in one step; what was earned is paid; nobody is stranded."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.demo.bank import check_of
from app.demo.people import organisation_number
from core import dates
from core.actor import Actor
from core.database import Database
from core.identity import Protection
from core.refusal import Forbidden
from payouts import actions as money
from payouts.models import LedgerLine
from providers import actions as registry
from tests.providers.lives import DAY, SHOWN, accreditation, begins, comes, somebody
from tests.support import town as towns
from tests.support.crowd import at_once
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, noon, report_form
from vouchers import actions
from vouchers.actions import Plan
from vouchers.models import Leg, LegPlan, Participant, Voucher
from vouchers.queries import cases, places, winding

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
END = date(2026, 4, 15)


def ended(session: Session, town: Town, on: date = END, last_day: date | None = None) -> int:
    """Stigfinnarna have left the kundval. Gives the accreditation's id."""
    one = accreditation(session, town.provider_id)
    registry.withdraw(session, one.id, last_day=last_day or on, by=town.manager, today=on)
    return one.id


def plan(session: Session, town: Town, accreditation_id: int, plans: dict[int, Plan], on: date = END) -> None:
    actions.plan_for_customers(session, accreditation_id, plans, by=town.inspector, today=on)


def leg_of(session: Session, leg_id: int) -> tuple[Leg, Voucher]:
    leg = session.get_one(Leg, (1, leg_id))
    return leg, session.get_one(Voucher, (1, leg.voucher_id))


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────


def test_every_running_customer_gets_a_plan_in_one_step(town: Town, session: Session):
    begun = town.started(session)
    waiting = comes(session, town, town.provider_id, END).id
    gone = comes(session, town, town.provider_id, END)
    actions.decline(session, gone.id, "conflict_of_interest", by=town.coach, today=END)
    one = ended(session, town)
    assert winding.unplanned(session, 1, one) == winding.running(session, 1, one) == 2
    with refused("customers_without_plan"):
        plan(session, town, one, {begun: Plan("choose_again")})
    with refused("customers_without_plan"):
        plan(session, town, one, {begun: Plan("choose_again"), waiting: Plan("go_away")})
    with refused("customer_gone"):
        plan(session, town, one, {key: Plan("choose_again") for key in (begun, waiting, gone.id)})
    assert session.query(LegPlan).count() == 0
    plan(session, town, one, {begun: Plan("stay", END + 30 * DAY), waiting: Plan("choose_again")})
    assert winding.unplanned(session, 1, one) == 0
    assert winding.running(session, 1, one) == 1
    refused_by_the_database(session, "only ever added", update(LegPlan).values(kind="choose_again"))


def test_who_chooses_again_has_a_whole_new_window_and_a_provider_to_choose(town: Town, session: Session):
    leg_id = town.started(session)
    one = ended(session, town)
    plan(session, town, one, {leg_id: Plan("choose_again")})
    leg, voucher = leg_of(session, leg_id)
    assert (leg.ended_on, leg.end_reason, leg.declined_on) == (END, "provider_ended", None)
    assert (voucher.state, voucher.choose_by) == ("choice_open", dates.add_working_days(END, 5))
    assert voucher.ended_on is None
    again = actions.choose(
        session, voucher.id, town.other_provider_id, SHOWN, by=town.seeker, at=noon(END + DAY)
    )
    actions.accept(session, again.id, by=town.other_coach, today=END + DAY)
    actions.start(session, again.id, END + DAY, by=town.other_coach, today=END + DAY)
    assert (again.ordinal, voucher.state) == (2, "active")


def test_who_has_only_chosen_cannot_stay_and_cannot_begin_after_the_end(town: Town, session: Session):
    leg = comes(session, town, town.provider_id, END)
    actions.accept(session, leg.id, by=town.coach, today=END)
    one = ended(session, town)
    with refused("stay_not_started"):
        plan(session, town, one, {leg.id: Plan("stay", END + DAY)})
    with refused("not_accredited_now"):
        actions.start(session, leg.id, END + DAY, by=town.coach, today=END + DAY)
    plan(session, town, one, {leg.id: Plan("municipal_care")})
    assert leg_of(session, leg.id)[1].state == "choice_open"


@pytest.mark.parametrize(
    ("to_on", "code"),
    [(None, "stay_day_missing"), (END, "stay_day_passed"), (date(2027, 4, 16), "stay_too_long")],
)
def test_a_stay_has_a_day_ahead_and_not_beyond_what_can_be_paid(town, session, to_on, code):
    leg_id = town.started(session)
    one = ended(session, town)
    with refused(code):
        plan(session, town, one, {leg_id: Plan("stay", to_on)})
    plan(session, town, one, {leg_id: Plan("stay", date(2027, 4, 15))})
    assert winding.stays_to(session, 1, leg_id) == date(2027, 4, 15)


def test_a_stay_may_be_planned_anew(town: Town, session: Session):
    leg_id = town.started(session)
    one = ended(session, town)
    plan(session, town, one, {leg_id: Plan("stay", END + 30 * DAY)})
    registry.wind_down(session, one, unplanned=0, by=town.inspector)
    plan(session, town, one, {leg_id: Plan("choose_again")}, END + 30 * DAY)
    leg, voucher = leg_of(session, leg_id)
    assert (leg.ended_on, voucher.state) == (END + 30 * DAY, "choice_open")
    assert session.query(LegPlan).count() == 2


def test_whom_the_municipality_takes_over_the_guide_is_told_of(town: Town, session: Session):
    leg_id = town.started(session)
    one = ended(session, town)
    plan(session, town, one, {leg_id: Plan("municipal_care")})
    mine = cases.caseload(session, 1, viewer_id=town.guide.account_id, guide_id=None, today=END)
    waits = [wait for case in mine if case.voucher_id == town.voucher_id for wait in case.waits]
    assert ("take_over", END, "call") in [(wait.kind, wait.on, wait.group) for wait in waits]
    actions.choose(session, town.voucher_id, town.other_provider_id, SHOWN, by=town.guide, at=noon(END))
    mine = cases.caseload(session, 1, viewer_id=town.guide.account_id, guide_id=None, today=END)
    assert not [
        w for case in mine if case.voucher_id == town.voucher_id for w in case.waits if w.kind == "take_over"
    ]


@pytest.mark.parametrize("who", ["manager", "guide", "secretary", "chair", "seeker"])
def test_only_inspectors_plan_and_only_what_has_ended(town, session, who):
    leg_id = town.started(session)
    one = accreditation(session, town.provider_id)
    with refused("not_ended"):
        plan(session, town, one.id, {leg_id: Plan("choose_again")})
    ended(session, town)
    with pytest.raises(Forbidden):
        actions.plan_for_customers(
            session, one.id, {leg_id: Plan("choose_again")}, by=getattr(town, who), today=END
        )


def test_while_it_is_provisionally_revoked_those_who_go_there_go_on_and_nobody_begins(town, session):
    begun, waiting = town.started(session), comes(session, town, town.provider_id, END)
    one = accreditation(session, town.provider_id)
    registry.revoke_provisionally(
        session, one.id, "false_information", reasons="Fel.", by=town.chair, today=END
    )
    with refused("not_accredited_now"):
        actions.accept(session, waiting.id, by=town.coach, today=END)
    actions.submit_report(session, begun, report_form(MARCH), by=town.coach, today=date(2026, 4, 2))
    registry.lift(
        session, one.id, reasons="Rätt.", meeting=registry.Meeting(END, "§ 1"), by=town.secretary, today=END
    )
    begins(session, town, waiting, END)


def test_the_name_of_a_protected_person_is_the_own_guides(town: Town, session: Session):
    town.started(session)
    one = ended(session, town)
    participant = session.get_one(Participant, (1, town.participant_id))
    participant.protection = Protection.CONFIDENTIAL.value
    own, others = (
        winding.customers(session, 1, one, viewer_id=who.account_id)[0]
        for who in (town.guide, town.inspector)
    )
    assert (own.name, others.name) == ("Samira Testgren", None)
    assert others.is_protected


# ── the money ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def fresh(database: Database) -> Town:
    """A town of the test's own, where it may commit."""
    return towns.found(database)


def booked(database: Database, as_of: date) -> list[tuple[str, int, int, int]]:
    with database.transaction(1, serial=False) as session:
        money.run(session, by=Actor.clock(1), as_of=as_of, at=noon(as_of))
    with database.reading() as session:
        rows = select(LedgerLine).order_by(LedgerLine.component, LedgerLine.part, LedgerLine.sequence)
        return [
            (line.component, line.part, line.amount_ore, line.provider_id) for line in session.scalars(rows)
        ]


def test_the_base_fee_stops_on_the_last_day_and_the_next_provider_takes_on(fresh: Town, database: Database):
    with database.transaction(1) as session:
        leg_id = fresh.started(session)
        fresh.reported(session, leg_id, MARCH)
        one = ended(session, fresh)
        plan(session, fresh, one, {leg_id: Plan("choose_again")})
        fresh.reported(session, leg_id, APRIL)  # the month that was cut short is told of afterwards
        again = actions.choose(
            session, fresh.voucher_id, fresh.other_provider_id, SHOWN, by=fresh.seeker, at=noon(END + DAY)
        )
        begins(session, fresh, again, END + DAY)
    lines = booked(database, date(2026, 6, 30))
    assert lines == [
        ("base", 202603, 356710, fresh.provider_id),
        ("base", 202604, 368600 * 15 // 30, fresh.provider_id),
    ]


def test_a_result_after_the_end_is_paid_to_the_provider_that_ended(fresh: Town, database: Database):
    with database.transaction(1) as session:
        leg_id = fresh.started(session)
        one = ended(session, fresh)
        plan(session, fresh, one, {leg_id: Plan("choose_again")})
        found = END + 10 * DAY
        told = actions.OutcomeForm("work", found, END, 100, employer_number=organisation_number(7001))
        outcome = actions.claim_outcome(session, leg_id, told, by=fresh.coach, today=found)
        leg, voucher = leg_of(session, leg_id)
        assert (voucher.state, voucher.ended_on, voucher.end_reason) == ("ended", END, "work")
        assert leg.end_reason == "provider_ended"
        assert winding.unchecked(session, 1, one) == 1
        check = check_of(session, 1, outcome.id, "result")
        assert check is not None
        actions.judge_check(session, check.id, passed=True, source="payslip", by=fresh.guide, today=found)
        assert check_of(session, 1, outcome.id, "bonus") is not None  # the tail: six months later
        assert winding.unchecked(session, 1, one) == 1
    results = [line for line in booked(database, date(2026, 6, 30)) if line[0] == "result"]
    assert [(part, provider_id) for _, part, _, provider_id in results] == [(1, fresh.provider_id)]
    assert results[0][2] > 0


def test_a_result_is_not_claimed_for_somebody_who_goes_elsewhere(town: Town, session: Session):
    leg_id = town.started(session)
    one = ended(session, town)
    plan(session, town, one, {leg_id: Plan("choose_again")})
    actions.choose(session, town.voucher_id, town.other_provider_id, SHOWN, by=town.seeker, at=noon(END))
    told = actions.OutcomeForm("work", END, END, 100, employer_number=organisation_number(7001))
    with refused("goes_elsewhere"):
        actions.claim_outcome(session, leg_id, told, by=town.coach, today=END)


def test_a_result_of_one_who_stays_ends_the_stay(town: Town, session: Session):
    leg_id = town.started(session)
    one = ended(session, town)
    plan(session, town, one, {leg_id: Plan("stay", END + 60 * DAY)})
    on = END + 20 * DAY
    told = actions.OutcomeForm("work", on, on, 100, employer_number=organisation_number(7001))
    actions.claim_outcome(session, leg_id, told, by=town.coach, today=on)
    assert winding.running(session, 1, one) == 0


# ── the last place ───────────────────────────────────────────────────────────────────────────────


def test_the_last_place_goes_to_one_of_two_who_press_at_once(fresh: Town, database: Database):
    with database.transaction(1) as session:
        one = accreditation(session, fresh.provider_id)
        registry.set_places(session, one.id, 1, by=fresh.manager)
        vouchers = [_voucher(session, fresh) for _ in range(3)]

    def press(number: int) -> int:
        with database.transaction(1) as session:
            return actions.choose(
                session, vouchers[number], fresh.provider_id, {}, by=fresh.guide, at=noon(fresh.decided_on)
            ).id

    answers = at_once(3, press)
    codes = sorted(getattr(answer, "code", "") for answer in answers)
    assert codes == ["", "no_places", "no_places"], answers
    with database.reading() as session:
        assert places.free_places(session, 1)[one.id] == 0
        assert session.query(Leg).count() == 1


def _voucher(session: Session, town: Town) -> int:

    return somebody(session, town, town.decided_on)


def test_free_places_are_counted_in_one_query_for_all(town: Town, session: Session):
    one = accreditation(session, town.provider_id)
    comes(session, town, town.provider_id, END)
    town.started(session)
    found = places.free_places(session, 1)
    assert found[one.id] == one.capacity - 2
    assert found == places.free_places(session, 1, list(found))
    assert sorted(found.values()) == [10, 18, 20]

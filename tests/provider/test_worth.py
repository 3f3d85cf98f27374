"""What a task is worth is what the run books when it has been done; the same rules say both."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from payouts.models import LedgerLine
from payouts.queries.worth import Effect, Value, Wish, if_withdrawn, whole_month, worth
from tests.provider.stage import APRIL, MARCH, MAY, TODAY, Stage
from vouchers import actions
from vouchers.queries import workload


def wish(stage: Stage, leg_id: int, month: date | None = None) -> Wish:
    with stage.database.reading() as session:
        person = workload.own(session, 1, stage.town.provider_id, leg_id, viewer=stage.town.coach)
    assert person.started_on is not None
    return Wish(
        person.rulebook_id, person.service, person.level, person.months,
        person.first_on, person.started_on, person.ended_on, month,
    )  # fmt: skip


def values(stage: Stage, *wishes: Wish) -> list[tuple[Value, ...]]:
    with stage.database.reading() as session:
        return worth(session, 1, wishes)


def booked_ore(stage: Stage, leg_id: int) -> int:
    with stage.database.reading() as session:
        return session.scalar(select(func.sum(LedgerLine.amount_ore)).where(LedgerLine.leg_id == leg_id)) or 0


def effect(stage: Stage, leg_id: int, report_id: int) -> Effect:
    with stage.database.reading() as session:
        person = workload.own(session, 1, stage.town.provider_id, leg_id, viewer=stage.town.coach)
        return if_withdrawn(session, 1, person.voucher_id, report_id, TODAY)


def test_a_report_is_worth_what_the_run_books_for_it(stage):
    whole = stage.started("Amal Provlund", day=date(2026, 3, 2))
    part = stage.started("Birgitta Testgren", level="enhanced", day=date(2026, 5, 11))
    hoped = values(stage, wish(stage, whole, APRIL), wish(stage, part, MAY), wish(stage, whole, MARCH))
    for leg_id, month in ((whole, APRIL), (part, MAY)):
        stage.reported(leg_id, month)
    stage.booked()
    assert [value.ore for value in hoped[0]] == [booked_ore(stage, whole)] == [368_600]
    assert [value.ore for value in hoped[1]] == [booked_ore(stage, part)]
    stage.reported(whole, MARCH)
    stage.booked()
    assert hoped[2][0].ore == booked_ore(stage, whole) - hoped[0][0].ore
    assert {value.status for found in hoped for value in found} == {"historical"}


def test_a_month_past_the_last_instalment_is_worth_nothing(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    assert values(stage, wish(stage, leg_id, date(2027, 2, 1)), wish(stage, leg_id, date(2027, 3, 1))) == [
        (Value("base", 202702, 368_600, "historical"),),
        (),
    ]


def test_a_result_is_worth_what_the_run_books_for_it_and_its_bonus(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    (hoped,) = values(stage, wish(stage, leg_id))
    stage.worked(leg_id, date(2026, 4, 20), bonus_on=date(2026, 10, 20))
    stage.booked(date(2026, 10, 21))
    assert hoped == (Value("result", 1, 1_000_000, "example"), Value("bonus", 1, 800_000, "example"))
    assert sum(value.ore for value in hoped) == booked_ore(stage, leg_id)


def test_a_wish_without_a_price_is_worth_nothing_and_no_wishes_are_no_question(stage):
    leg_id = stage.started("Elif Påhittsros", service="preparatory", level="single", day=date(2026, 3, 2))
    (found,) = values(stage, wish(stage, leg_id))
    assert found == (Value("result", 1, 400_000, "example"),)
    assert values(stage) == []


def test_whoever_has_chosen_is_worth_a_whole_month(stage):
    book = stage.town.rulebook_id
    assert values(stage, whole_month(book, "matching", "enhanced", 12, TODAY)) == [
        (Value("base", 202606, 485_800, "historical"),)
    ]


def test_taking_a_report_back_does_what_the_page_said(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    march = stage.reported(leg_id, MARCH)
    assert effect(stage, leg_id, march) == Effect(clawed_ore=0, lost_ore=356_710)
    stage.booked()
    april = stage.reported(leg_id, APRIL)
    assert effect(stage, leg_id, march) == Effect(clawed_ore=-356_710, lost_ore=0)
    assert effect(stage, leg_id, april) == Effect(clawed_ore=0, lost_ore=368_600)
    before = booked_ore(stage, leg_id)
    stage.withdrawn(march)
    stage.booked()
    assert booked_ore(stage, leg_id) - before - 368_600 == -356_710


def test_a_report_nobody_has_approved_moves_no_money(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    report_id = stage.reported(leg_id, MARCH, approved=False)
    assert effect(stage, leg_id, report_id) == Effect(0, 0)
    with stage.database.transaction(1) as session:
        actions.withdraw_report(session, report_id, by=stage.town.coach, today=TODAY)
    stage.booked()
    assert booked_ore(stage, leg_id) == 0

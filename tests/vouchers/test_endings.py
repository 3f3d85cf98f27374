"""What ended services led to, counted by three definitions in the database: where they differ, and why."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.people import organisation_number
from core.dates import add_months
from tests.oversight.stage import Stage
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.actions.following import answer_follow_up
from vouchers.models import Check, Leg
from vouchers.queries.figures import ENDINGS, Grain, endings

BEGAN, DAY = date(2026, 3, 2), date(2026, 5, 29)
LATER = date(2026, 8, 1)
YEAR = (Grain("year", 12, (("service",), ())),)
MATCHING = ("jobbpeng.matching",)


@pytest.fixture
def stage(town: Town, session: Session) -> Stage:
    return Stage(session, town, seed=611)


def counted(stage: Stage, today: date = LATER, **whose: Any) -> Counter[str]:
    """Every measure of 2026, of all services."""
    cells = endings(stage.session, 1, today, YEAR, MATCHING, **whose)
    assert {cell.key.measure for cell in cells} <= set(ENDINGS)
    return Counter({cell.key.measure: cell.events for cell in cells if not cell.key.service})


def led_to(stage: Stage, *, judged: str | None = "passed", **changes: Any) -> int:
    """Somebody's service ended in this; gives the outcome. `judged` is passed, a refusal's code or None."""
    leg_id = stage.began(BEGAN)
    told: dict[str, Any] = {
        "kind": "work", "starts_on": DAY, "last_day": DAY, "extent_percent": 100,
        "employer_number": organisation_number(7001),
    }  # fmt: skip
    form = actions.OutcomeForm(**(told | changes))
    outcome = actions.claim_outcome(stage.session, leg_id, form, by=stage.town.coach, today=DAY)
    check = stage.session.scalars(select(Check).where(Check.outcome_id == outcome.id)).one()
    if judged is not None:
        actions.judge_check(
            stage.session, check.id, passed=judged == "passed",
            source="payslip" if judged == "passed" else None,
            refusal_code=None if judged == "passed" else judged, by=stage.town.guide, today=DAY,
        )  # fmt: skip
    return outcome.id


@pytest.mark.parametrize(
    ("claim", "measures"),
    [
        ({}, {"paid": 1, "lasting": 1}),
        ({"subsidised": True}, {"paid": 1, "lasting": 1}),
        ({"municipal": True}, {"paid": 1}),
        ({"kind": "studies", "employer_number": None}, {"paid": 1, "lasting": 1}),
        ({"kind": "own_business", "employer_number": None}, {"paid": 1, "lasting": 1}),
        ({"judged": None}, {"paid_waiting": 1, "lasting_waiting": 1}),
        ({"judged": "evidence_does_not_fit"}, {}),
        ({"judged": "ended_too_early"}, {}),
        ({"judged": "ended_too_early", "ends_on": date(2026, 7, 15)}, {"lasting": 1}),
        ({"judged": "ended_too_early", "ends_on": date(2026, 6, 20)}, {}),
        ({"ends_on": date(2026, 6, 28)}, {"paid": 1, "lasting": 1}),
        ({"ends_on": date(2026, 6, 27)}, {"paid": 1}),
    ],
)
def test_one_that_ended_by_each_definition(stage: Stage, claim: dict[str, Any], measures: dict[str, int]):
    led_to(stage, **claim)
    assert counted(stage) == Counter({"left": 1, **measures})


def test_what_the_provider_answers_later_counts_and_a_claim_taken_back_does_not(stage: Stage):
    outcome_id = led_to(stage)
    opens = add_months(DAY, 6)
    assert counted(stage, opens) == {"left": 1, "paid": 1, "lasting": 1, "later_waiting": 1}
    bonus = stage.session.scalars(
        select(Check).where(Check.outcome_id == outcome_id, Check.purpose == "bonus")
    ).one()
    answer_follow_up(
        stage.session, bonus.id, "ended", DAY + timedelta(days=13), by=stage.town.coach, today=opens
    )
    assert counted(stage, opens) == {"left": 1, "paid": 1, "later_waiting": 1}
    actions.judge_check(
        stage.session,
        bonus.id,
        passed=False,
        refusal_code="ended_too_early",
        by=stage.town.guide,
        today=opens,
    )
    assert counted(stage, opens) == {"left": 1, "paid": 1, "later_asked": 1}
    actions.withdraw_outcome(stage.session, outcome_id, by=stage.town.guide, today=opens)
    assert counted(stage, opens) == {"left": 1, "later_asked": 1}


def test_nobody_counts_before_the_last_day_and_who_never_began_counts_nowhere(stage: Stage):
    stage.ended(stage.began(BEGAN), DAY)
    stage.began(BEGAN)
    assert counted(stage, DAY - timedelta(days=1)) == {}
    assert counted(stage, DAY) == {"left": 1}
    assert counted(stage, DAY)["later_asked"] == 0, "nobody is ever asked there"


def test_a_switch_is_an_end_for_the_provider_and_not_for_the_person(stage: Stage):
    leg_id = stage.began(BEGAN)
    town, session = stage.town, stage.session
    voucher_id = session.get_one(Leg, (1, leg_id)).voucher_id
    actions.switch(
        session, voucher_id, town.other_provider_id, {}, leaves=leg_id, by=town.guide, at=noon(DAY)
    )
    assert counted(stage) == {}
    assert counted(stage, provider_id=town.provider_id) == {"left": 1}
    assert counted(stage, provider_id=town.other_provider_id) == {}


def test_few_are_known_by_number_and_many_are_at_least_so_many(stage: Stage):
    for _ in range(6):
        led_to(stage)
    cells = endings(stage.session, 1, LATER, YEAR, MATCHING)
    assert {(cell.events, cell.people) for cell in cells} == {(6, 6)}
    led_to(stage, municipal=True)
    lasting = [
        (cell.events, cell.people)
        for cell in endings(stage.session, 1, LATER, YEAR, MATCHING)
        if cell.key.measure in ("paid", "lasting") and not cell.key.service
    ]
    assert sorted(lasting) == [(6, 6), (7, 6)], "at least so many, and exact where it matters"

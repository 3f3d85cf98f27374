"""A month that the person contests is neither booked nor taken back until somebody has judged it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from core.database import Database
from payouts.queries.outlook import unbooked
from payouts.queries.worth import if_withdrawn, waiting_ore
from payouts.rules.columns import Facts, whole
from tests.payouts.facts import Leg, by_weekday, cases, facts, tariff
from tests.payouts.test_ledger import leg_id, lines, run, town
from tests.payouts.test_settlement import Ledger
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.models import Report

__all__ = ["leg_id", "town"]
AS_OF = date(2026, 12, 31)
APRIL = date(2026, 4, 1)


def known(step: dict[str, Any], fees: Any = None) -> Facts:
    """The facts of a step: a leg since January with those months approved, some of them contested."""
    approved = step["approved"]
    found = facts(AS_OF, [Leg(date(2026, 1, 1), reported=approved)], fees or tariff())
    ids = [7000 + approved.index(month) for month in step.get("contested", ()) if month in approved]
    return replace(found, contested=whole(ids or [6999]))


@pytest.mark.parametrize("case", cases("contests"), ids=lambda case: case["name"])
def test_what_a_contested_month_does_to_the_ledger(case: dict[str, Any]):
    ledger = Ledger()
    for step in case["steps"]:
        booked = ledger.run(known(step))
        assert {str(part): ore for (_, _, part), ore in ledger.net().items()} == step["net"]
        if "lines" in step:
            assert len(booked) == step["lines"]


def test_later_months_of_a_block_are_paid_as_if_the_contested_one_will_be():
    """Else a month found to stand would be over the ceiling, and the later ones taken back."""
    fees = by_weekday(28_000, 3, 800_000)
    months = [date(2026, 1, 1), date(2026, 2, 1)]
    ledger = Ledger()
    ledger.run(known({"approved": months, "contested": months[:1]}, fees))
    assert {key[2]: ore for key, ore in ledger.net().items()} == {202602: 800_000 - 22 * 28_000}
    assert len(ledger.run(known({"approved": months}, fees))) == 1
    assert sum(ledger.net().values()) == 800_000


# ── on a database ────────────────────────────────────────────────────────────────────────────────


def contest(database: Database, town: Town, month: date, day: date = date(2026, 5, 4)) -> int:
    """The person says that the month is wrong."""
    with database.transaction(1) as session:
        report_id = session.scalars(
            select(Report.id).where(Report.month == month, Report.state == "approved")
        ).one()
        answer = actions.answer_month(
            session, report_id, "contested", "Jag var där varje dag.", by=town.seeker, at=noon(day)
        )
        return answer.id


def judge(database: Database, town: Town, answer_id: int, verdict: str) -> None:
    with database.transaction(1) as session:
        actions.judge_contest(
            session, answer_id, verdict, "Listan visar det.", by=town.guide, today=date(2026, 5, 8)
        )


@pytest.mark.usefixtures("leg_id")
@pytest.mark.parametrize(("verdict", "ore"), [("stands", 368_600), ("wrong", 0)])
def test_a_month_contested_before_the_run_waits_for_the_verdict(database, town, verdict: str, ore: int):
    answer_id = contest(database, town, APRIL)
    assert run(database).earned_ore == 356_710
    with database.reading() as session:
        answered = session.scalars(select(Report.id).where(Report.month == APRIL)).one()
        assert waiting_ore(session, 1, town.voucher_id, answered, date(2026, 6, 30)) == 368_600
        assert if_withdrawn(session, 1, town.voucher_id, answered, date(2026, 6, 30)).lost_ore == 0
        assert unbooked(session, 1, town.voucher_id, date(2026, 6, 30)) == 0
    judge(database, town, answer_id, verdict)
    assert run(database).earned_ore == ore
    assert sum(line.amount_ore for line in lines(database)) == 356_710 + ore


@pytest.mark.usefixtures("leg_id")
@pytest.mark.parametrize(("verdict", "ore"), [("stands", 0), ("wrong", -368_600)])
def test_a_month_contested_after_the_run_stays_booked_until_the_verdict(
    database, town, verdict: str, ore: int
):
    run(database)
    answer_id = contest(database, town, APRIL)
    assert run(database).lines == 0
    judge(database, town, answer_id, verdict)
    assert run(database).clawed_ore == ore
    assert run(database).lines == 0


@pytest.mark.usefixtures("leg_id")
def test_a_contest_that_is_taken_back_holds_nothing(database, town):
    contest(database, town, APRIL)
    with database.transaction(1) as session:
        report_id = session.scalars(select(Report.id).where(Report.month == APRIL)).one()
        actions.answer_month(session, report_id, "confirmed", by=town.seeker, at=noon(date(2026, 5, 5)))
    assert run(database).earned_ore == 356_710 + 368_600

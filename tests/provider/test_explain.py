"""Why this amount: every component, taken back and booked anew, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.refusal import Missing
from payouts.queries.explain import explain
from payouts.queries.lines import Key, lines_of_leg, lines_of_statement, lines_waiting
from tests.provider.stage import APRIL, MARCH, TODAY, Stage, full_week
from vouchers import actions
from vouchers.queries import workload


def why(stage: Stage, key: Key, *, provider_id: int | None = None, viewer: Any = None) -> Any:
    with stage.database.reading() as session:
        return explain(session, 1, key, provider_id=provider_id, viewer=viewer)


def test_a_part_of_a_month_tells_its_days_its_price_and_who_approved(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 14))
    stage.reported(leg_id, MARCH)
    batch = stage.paid()
    it = why(stage, Key(leg_id, "base", 202603, 0), viewer=stage.town.coach)
    assert (it.line.quantity, it.line.of_quantity, it.line.unit_price_ore) == (18, 31, 368_600)
    assert it.line.amount_ore == 214_026
    assert it.line.person == "Amal Provlund"
    assert (it.price.status, it.price.ore) == ("historical", 368_600)
    assert (it.scheme("sv"), it.scheme("en"), it.version) == ("Jobbpeng", "Job voucher", "2016-04-01")
    assert it.evidence.what == "report"
    assert (it.evidence.by, it.evidence.on) == ("Maja Exempeldal", date(2026, 3, 31))
    assert it.as_of == TODAY
    assert (it.paid.batch_id, it.paid.state) == (batch.id, "sent")
    assert it.paid.statement_id == stage.statement_id(batch.id, stage.town.provider_id)
    assert (it.reverses, it.reversed_by, it.renewed_by) == (None, None, None)


def test_a_result_and_a_bonus_tell_what_was_looked_at(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.worked(leg_id, date(2026, 4, 20), bonus_on=date(2026, 10, 20))
    stage.booked(date(2026, 10, 21))
    bonus, result = (why(stage, key) for key in stage.keys(leg_id))
    for it, component, ore, judged_on in (
        (result, "result", 1_000_000, date(2026, 4, 20)),
        (bonus, "bonus", 800_000, date(2026, 10, 20)),
    ):
        assert (it.line.key.component, it.line.amount_ore, it.price.status) == (component, ore, "example")
        assert (it.evidence.what, it.evidence.kind, it.evidence.source) == (
            "check", "work", "employment_contract",
        )  # fmt: skip
        assert (it.evidence.by, it.evidence.on) == ("Maja Exempeldal", judged_on)
        assert it.evidence.claimed_on == date(2026, 4, 20)
        assert it.paid is None
        assert it.line.person is None


def test_a_clawback_points_at_what_it_takes_back_and_a_new_booking_at_it(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    report_id = stage.reported(leg_id, MARCH)
    stage.booked()
    stage.withdrawn(report_id)
    stage.booked()
    first, back = Key(leg_id, "base", 202603, 0), Key(leg_id, "base", 202603, 1)
    assert stage.keys(leg_id) == [first, back]
    assert why(stage, first).reversed_by == back
    it = why(stage, back)
    assert (it.reverses, it.reversed_by, it.renewed_by) == (first, None, None)
    assert it.line.amount_ore == -why(stage, first).line.amount_ore
    assert it.line.reason == "no_longer_earned"
    assert (it.evidence.state, it.evidence.withdrawn_on) == ("withdrawn", TODAY)
    assert it.evidence.withdrawn_by == stage.town.coach.name
    stage.reported(leg_id, MARCH)
    stage.booked()
    again = Key(leg_id, "base", 202603, 2)
    assert why(stage, back).renewed_by == again
    assert (why(stage, again).reverses, why(stage, again).reversed_by) == (None, None)


def test_a_result_taken_back_is_explained_too(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    outcome_id = stage.worked(leg_id, date(2026, 4, 20))
    stage.booked()
    with stage.database.transaction(1) as session:
        actions.withdraw_outcome(session, outcome_id, by=stage.town.guide, today=TODAY)
    stage.booked()
    earned, back = stage.keys(leg_id)
    it = why(stage, back)
    assert (it.line.amount_ore, it.reverses, it.evidence.state) == (-1_000_000, earned, "withdrawn")


def test_a_changed_amount_is_taken_back_and_booked_anew(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, APRIL)
    stage.booked()
    with stage.database.transaction(1) as session:
        actions.end_service(session, leg_id, date(2026, 4, 15), "moved", by=stage.town.coach, today=TODAY)
    stage.booked()
    _, back, anew = stage.keys(leg_id)
    it = why(stage, back)
    assert (it.line.reason, it.renewed_by) == ("changed", anew)
    assert (why(stage, anew).line.quantity, why(stage, anew).line.of_quantity) == (15, 30)


@pytest.mark.parametrize(
    "key",
    [
        Key(4_000_000_000, "base", 202603, 0),
        Key(1, "salary", 202603, 0),
        Key(1, "base", 2**40, 0),
        Key(1, "base", 202603, 2**20),
    ],
)
def test_a_line_that_is_not_there_is_missing(stage, key):
    with pytest.raises(Missing):
        why(stage, key)


def test_another_providers_line_is_missing_as_if_it_were_not_there(stage):
    legs = full_week(stage)
    key = stage.keys(legs["other"])[0]
    assert why(stage, key, provider_id=stage.town.other_provider_id).provider == "Lyktvägen"
    with pytest.raises(Missing):
        why(stage, key, provider_id=stage.town.provider_id)


def test_lines_are_listed_by_statement_by_person_and_while_they_wait(stage):
    legs = full_week(stage)
    with stage.database.reading() as session:
        waiting, count = lines_waiting(
            session, 1, stage.town.provider_id, viewer=stage.town.manager, page=1, per_page=1
        )
        second, _ = lines_waiting(
            session, 1, stage.town.provider_id, viewer=stage.town.manager, page=2, per_page=1
        )
        voucher_id = workload.own(
            session, 1, stage.town.provider_id, legs["report"], viewer=stage.town.coach
        ).voucher_id
        of_leg = lines_of_leg(session, 1, voucher_id, legs["report"])
    assert count == 2
    assert [line.person for line in (*waiting, *second)] == ["Farid Exempelhed", "Chen Mönsterby"]
    assert all(line.batch_state is None for line in (*waiting, *second))
    assert [(line.key.part, line.batch_state) for line in of_leg] == [(202603, "sent"), (202604, "sent")]


def test_a_statements_lines_add_up_to_it_and_name_nobody_unless_asked(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH, APRIL)
    batch = stage.paid()
    statement_id = stage.statement_id(batch.id, stage.town.provider_id)
    with stage.database.reading() as session:
        lines, count = lines_of_statement(session, 1, statement_id, viewer=None, page=1, per_page=50)
    assert count == 2
    assert sum(line.amount_ore for line in lines) == batch.paid_ore
    assert {line.person for line in lines} == {None}

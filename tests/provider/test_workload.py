"""A provider's week: every task with its day, and nobody else's people."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from core.refusal import Missing
from tests.provider.stage import APRIL, MARCH, MAY, TODAY, Stage, full_week
from vouchers import actions
from vouchers.queries import served, workload


def week(stage: Stage, today: date = TODAY) -> list[tuple[str, int, date, date | None]]:
    with stage.database.reading() as session:
        found = workload.week(session, 1, stage.town.provider_id, today, viewer=stage.town.coach)
    return [(task.kind, task.served.leg_id, task.due_on, task.month) for task in found.tasks]


def test_a_week_holds_every_kind_of_task_by_its_deadline(stage):
    legs = full_week(stage)
    fifth = date(2026, 6, 5)
    assert sorted(week(stage)) == sorted(
        [
            ("report", legs["report"], fifth, MAY),
            ("mend", legs["mend"], fifth, MAY),
            ("report", legs["claim"], fifth, MAY),
            ("report", legs["protected"], fifth, MAY),
            ("answer", legs["answer"], fifth, None),
            ("start", legs["start"], date(2026, 6, 12), None),
            ("claim", legs["claim"], date(2026, 6, 19), None),
        ]
    )
    assert [due_on for _, _, due_on, _ in week(stage)] == sorted(due_on for _, _, due_on, _ in week(stage))


def test_what_is_done_leaves_the_week(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    assert week(stage) == [("report", leg_id, date(2026, 6, 5), MAY)]
    report_id = stage.reported(leg_id, MAY)
    assert week(stage) == []
    stage.withdrawn(report_id)
    assert week(stage) == [("report", leg_id, date(2026, 6, 5), MAY)]


def test_a_month_that_runs_is_coming_and_one_too_old_is_gone(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    with stage.database.reading() as session:
        found = workload.week(session, 1, stage.town.provider_id, TODAY, viewer=stage.town.coach)
        later = workload.week(session, 1, stage.town.provider_id, date(2027, 5, 3), viewer=stage.town.coach)
    assert [(task.month, task.due_on) for task in found.coming] == [(date(2026, 6, 1), date(2026, 7, 7))]
    months = [task.month for task in later.tasks]
    assert months[0] == MAY
    assert not {MARCH, APRIL} & set(months)
    assert all(task.served.leg_id == leg_id for task in later.tasks)


def test_a_result_is_claimed_once_and_only_when_the_end_was_one(stage):
    worked = stage.started("Amal Provlund", day=date(2026, 5, 4))
    moved = stage.started("Chen Mönsterby", day=date(2026, 5, 4))
    for leg_id, reason in ((worked, "work"), (moved, "moved")):
        stage.reported(leg_id, MAY)
        with stage.database.transaction(1) as session:
            actions.end_service(session, leg_id, date(2026, 6, 2), reason, by=stage.town.coach, today=TODAY)
    kinds = [(kind, leg_id) for kind, leg_id, _, _ in week(stage)]
    assert ("claim", worked) in kinds
    assert ("claim", moved) not in kinds


def test_another_providers_person_is_not_there(stage):
    legs = full_week(stage)
    assert legs["other"] not in {leg_id for _, leg_id, _, _ in week(stage)}
    with stage.database.reading() as session:
        for provider_id, leg_id in (
            (stage.town.provider_id, legs["other"]),
            (stage.town.other_provider_id, legs["report"]),
            (stage.town.provider_id, 4_000_000_000),
            (None, legs["report"]),
        ):
            with pytest.raises(Missing):
                workload.own(session, 1, provider_id, leg_id, viewer=stage.town.coach)
        assert (
            workload.own(session, 1, stage.town.provider_id, legs["report"], viewer=stage.town.coach).name
            == "Amal Provlund"
        )


def test_who_was_declined_is_no_longer_the_providers_to_see(stage):
    leg_id = stage.chosen("Dalia Skissvik")
    with stage.database.transaction(1) as session:
        actions.decline(session, leg_id, "conflict_of_interest", by=stage.town.coach, today=TODAY)
    with stage.database.reading() as session, pytest.raises(Missing):
        workload.own(session, 1, stage.town.provider_id, leg_id, viewer=stage.town.coach)


def test_a_protected_person_is_reached_through_the_guide_alone(stage):
    legs = full_week(stage)
    with stage.database.reading() as session:
        found = {
            name: served.contact(
                session,
                1,
                workload.own(session, 1, stage.town.provider_id, legs[name], viewer=stage.town.coach),
            )
            for name in ("protected", "report")
        }
    hidden, shown = found["protected"], found["report"]
    assert (hidden.phone, hidden.email, hidden.address) == (None, None, None)
    assert hidden.guide == "Maja Exempeldal"
    assert shown.address == "Hemligvägen 5, 10003 Exempelstad"


def test_the_week_asks_as_often_for_one_person_as_for_seven(stage):
    asked: list[str] = []
    event.listen(stage.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    stage.started("Amal Provlund", day=date(2026, 5, 4))
    counts = []
    for _ in range(2):
        asked.clear()
        week(stage)
        counts.append(sum(sql.lstrip().upper().startswith("SELECT") for sql in asked))
        full_week(stage)
    assert counts[0] == counts[1] <= 5

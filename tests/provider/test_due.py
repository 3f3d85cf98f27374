"""The week: all that is due, of every kind, by its day and with what it unlocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

from core.actor import Role
from core.identity import Protection
from tests.provider.stage import MAY, TODAY, Stage, full_week, told
from tests.provider.test_clock import held
from vouchers import actions
from vouchers.actions import OccasionForm
from vouchers.queries.due import Week, due

BEGAN = date(2026, 5, 4)


def week(stage: Stage, today: date = TODAY, *, leg_id: int | None = None) -> Week:
    with stage.database.reading() as session:
        return due(session, 1, stage.town.provider_id, today, viewer=stage.town.coach, leg_id=leg_id)


def kinds(found: Week) -> list[tuple[str, int]]:
    return [(task.kind, task.served.leg_id) for task in found.tasks]


def test_the_week_opens_on_every_kind_by_deadline(stage: Stage):
    legs = full_week(stage)
    found = week(stage)
    assert {kind for kind, _ in kinds(found)} >= {
        "answer", "start", "report", "mend", "claim", "meeting", "joint_plan", "final"
    }  # fmt: skip
    assert [task.due_on for task in found.tasks] == sorted(task.due_on for task in found.tasks)
    assert legs["other"] not in {leg_id for _, leg_id in kinds(found)}
    alone = [(task.kind, task.served.leg_id, task.month) for task in found.tasks]
    assert len(alone) == len(set(alone))


def test_a_meeting_is_a_task_while_it_is_soon_or_missed_and_goes_when_it_is_told(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 25))
    assert ("meeting", leg_id) not in kinds(week(stage, date(2026, 6, 1)))
    (task,) = (one for one in week(stage).tasks if one.kind == "meeting")
    assert (task.due_on, [one.kind for one in task.countdowns]) == (date(2026, 6, 7), ["hours", "individual"])
    held(stage, leg_id, TODAY, minutes=60)
    assert ("meeting", leg_id) not in kinds(week(stage))


def test_nobody_is_asked_to_meet_somebody_in_a_pause(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    assert ("meeting", leg_id) in kinds(week(stage))
    with stage.database.transaction(1) as session:
        person = week(stage).people[0]
        actions.pause(
            session, person.voucher_id, TODAY, date(2026, 7, 1), "sick", by=stage.town.guide, today=TODAY
        )
    found = week(stage)
    assert ("meeting", leg_id) not in kinds(found)
    assert leg_id in found.clocks


def test_a_report_of_missed_time_without_an_absence_asks_for_it(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    form = replace(told(MAY), booked_minutes=1_216, activity_minutes=1_200, physical_minutes=600)
    with stage.database.transaction(1) as session:
        actions.submit_report(session, leg_id, form, by=stage.town.coach, today=date(2026, 6, 1))
    (task,) = (one for one in week(stage).tasks if one.kind == "absence")
    assert (task.month, task.served.leg_id) == (MAY, leg_id)
    assert task.due_on > date(2026, 6, 1)
    assert ("absence", leg_id) not in kinds(week(stage, date(2026, 9, 1)))
    day = date(2026, 5, 12)
    absent = actions.DeviationForm(day, "Möte", 540, 600, 540, 600, "sick")
    with stage.database.transaction(1) as session:
        told_id = actions.tell_deviation(session, leg_id, absent, by=stage.town.coach, today=day).id
    assert ("absence", leg_id) not in kinds(week(stage))
    with stage.database.transaction(1) as session:
        actions.withdraw_deviation(session, told_id, by=stage.town.coach, today=TODAY)
    assert ("absence", leg_id) in kinds(week(stage))


@pytest.mark.parametrize(("booked", "asked"), [(1_215, False), (1_216, True)])
def test_only_more_than_the_rulebooks_minutes_are_asked_for(stage: Stage, booked: int, asked: bool):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    form = replace(told(MAY), booked_minutes=booked, activity_minutes=1_200, physical_minutes=600)
    with stage.database.transaction(1) as session:
        actions.submit_report(session, leg_id, form, by=stage.town.coach, today=date(2026, 6, 1))
    assert (("absence", leg_id) in kinds(week(stage))) == asked


def test_what_concerns_somebody_whom_one_may_not_know_is_others_to_do(stage: Stage):
    leg_id = stage.started("Hemlig Person", day=BEGAN, protection=Protection.CONFIDENTIAL)
    colleague = replace(stage.town.coach, account_id=stage.town.manager.account_id)
    manager = replace(colleague, roles=frozenset({Role.MANAGER}))
    with stage.database.reading() as session:
        for viewer, sees in ((stage.town.coach, True), (manager, True), (colleague, False)):
            found = due(session, 1, stage.town.provider_id, TODAY, viewer=viewer)
            assert bool(found.tasks) == sees
            assert (leg_id in found.clocks) == sees


def test_the_week_asks_as_often_for_one_person_as_for_seven(stage: Stage):
    asked: list[str] = []
    event.listen(stage.database.engine, "before_cursor_execute", lambda *sql: asked.append(sql[2]))
    stage.worked(stage.started("Amal Provlund", day=BEGAN), date(2026, 6, 1))
    stage.started("Chen Mönsterby", day=BEGAN)
    week(stage)
    counts = []
    for _ in range(2):
        asked.clear()
        week(stage)
        counts.append(sum(sql.lstrip().upper().startswith("SELECT") for sql in asked))
        full_week(stage)
    assert counts[0] == counts[1] <= 16


def test_one_persons_week_is_a_part_of_everybodys(stage: Stage):
    legs = full_week(stage)
    everybody = week(stage)
    for leg_id in legs.values():
        mine = [one for one in kinds(everybody) if one[1] == leg_id]
        assert kinds(week(stage, leg_id=leg_id)) == mine


def test_an_occasion_form_has_the_declared_fields():
    assert [*OccasionForm.__dataclass_fields__] == ["held_on", "started", "kind", "is_physical", "minutes"]

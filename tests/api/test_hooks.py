"""Webhooks from trail to receiver: each event once, none of what was rolled back, tried for days."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import jobs, words
from app.api import deliveries, hook_actions
from app.api.deliveries import KEPT
from app.api.events import CALLED, EVENT_OF, LEGS_OF, SAID
from app.api.models import EVENTS
from app.api.told_hooks import DATA, TITLES, described
from app.sentences import SENTENCES
from config import Settings
from core import audit
from core.actor import Actor
from core.database import Database
from core.identity import Protection
from core.refusal import Forbidden, Missing, Refusal
from tests.api.hooks_stage import Hooks, of
from tests.provider.stage import APRIL, MARCH
from tests.support.receiver import receiving
from tests.support.town import noon
from vouchers import actions
from vouchers.models import AttendanceAnswer, Check, Voucher, WrittenReport

TOWARDS = "https://system.example.org/vagval"


@pytest.fixture
def hooks(database: Database) -> Hooks:
    return of(database)


# ── the table ────────────────────────────────────────────────────────────────────────────────────


def test_every_event_comes_from_something_that_the_trail_says():
    assert set(EVENT_OF.values()) == set(EVENTS) == set(SAID)
    assert set(EVENT_OF) <= set(SENTENCES), "a link that no action records"


def test_the_document_tells_of_every_event_and_of_all_that_is_said():
    calls = described()
    assert list(calls) == list(EVENTS)
    for event, details in SAID.items():
        assert set(details) <= set(DATA[event])
        assert TITLES[event] == words.word(event, "webhook_event")


# ── what is told, of whom, to whom ───────────────────────────────────────────────────────────────


def test_a_month_of_events_is_told_with_ids_alone(hooks: Hooks):
    stage, town = hooks.stage, hooks.town
    webhook_id, _ = hooks.made(TOWARDS)
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    report = stage.returned(leg, MARCH)
    approved = stage.reported(leg, APRIL)
    outcome = stage.worked(leg, date(2026, 5, 28))
    assert hooks.gathered() == 4
    rows = hooks.rows(webhook_id)
    assert [row.event for row in rows] == [
        "participant.arrived", "report.returned", "report.approved", "result.judged",
    ]  # fmt: skip
    said = [json.loads(row.body) for row in rows]
    assert [one["id"] for one in said] == [str(row.id) for row in rows]
    assert {row.leg_id for row in rows} == {leg}
    assert said[0]["data"] == {"participant": str(leg), "how": "assisted"}
    assert said[1]["data"] == {"participant": str(leg), "report": str(report), "kind": "monthly"}
    assert said[2]["data"] == {"participant": str(leg), "report": str(approved), "kind": "monthly"}
    judged = said[3]["data"]
    assert (judged["passed"], judged["purpose"], judged["part"]) == (True, "result", 1)
    assert outcome
    for one in said:
        assert set(one["data"]) - {"participant"} <= set(DATA[one["type"]])
    text = " ".join(row.body for row in rows)
    for never in ("Amal", "Provlund", town.guide.name, str(town.guide.account_id)):
        assert never not in text


def test_what_happened_before_the_address_came_is_not_told(hooks: Hooks):
    leg = hooks.stage.started("Amal Provlund", day=date(2026, 3, 2))
    hooks.made(TOWARDS)
    assert hooks.gathered() == 0
    hooks.stage.returned(leg, MARCH)
    assert hooks.gathered() == 1


def test_another_provider_is_told_nothing(hooks: Hooks):
    mine, _ = hooks.made(TOWARDS)
    theirs, _ = hooks.made(TOWARDS, by=hooks.other_manager)
    here = hooks.stage.started("Amal Provlund", day=date(2026, 3, 2))
    there = hooks.stage.started("Chen Mönsterby", other=True, day=date(2026, 3, 2))
    hooks.stage.returned(here, MARCH)
    hooks.gathered()
    assert {row.leg_id for row in hooks.rows(mine)} == {here}
    assert {row.leg_id for row in hooks.rows(theirs)} == {there}


def test_only_the_chosen_events_are_told(hooks: Hooks):
    webhook_id, _ = hooks.made(TOWARDS, "report.returned")
    leg = hooks.stage.started("Amal Provlund", day=date(2026, 3, 2))
    hooks.stage.returned(leg, MARCH)
    hooks.gathered()
    assert [row.event for row in hooks.rows()] == ["report.returned"]
    assert hooks.hook(webhook_id).events == ["report.returned"]


def test_who_leaves_for_another_provider_leaves_one_and_arrives_at_the_other(hooks: Hooks):
    town = hooks.town
    mine, _ = hooks.made(TOWARDS)
    theirs, _ = hooks.made(TOWARDS, by=hooks.other_manager)
    with hooks.database.transaction(1) as session:
        leg_id = town.started(session)
    with hooks.database.transaction(1) as session:
        actions.switch(
            session, town.voucher_id, town.other_provider_id, {}, leaves=leg_id, by=town.seeker,
            at=noon(town.decided_on + timedelta(days=40)),
        )  # fmt: skip
    hooks.gathered()
    assert [row.event for row in hooks.rows(mine)] == ["participant.arrived", "participant.left"]
    assert [row.event for row in hooks.rows(theirs)] == ["participant.arrived"]
    left = json.loads(hooks.rows(mine)[1].body)["data"]
    assert left["participant"] == str(leg_id)
    assert left["ended_on"]


def test_a_decision_that_is_taken_back_is_told_to_who_was_chosen(hooks: Hooks):
    town = hooks.town
    hooks.made(TOWARDS)
    with hooks.database.transaction(1) as session:
        leg_id = town.chosen(session)
        actions.revoke(session, town.voucher_id, "Flyttar till en annan kommun.", by=town.guide,
                       today=town.decided_on)  # fmt: skip
    hooks.gathered()
    assert [(row.event, row.leg_id) for row in hooks.rows()] == [
        ("participant.arrived", leg_id),
        ("participant.left", leg_id),
    ]


def test_a_follow_up_is_told_on_the_day_it_opens_and_not_again(hooks: Hooks, settings: Settings):
    hooks.made(TOWARDS)
    leg = hooks.stage.started("Chen Mönsterby", day=date(2026, 3, 4))
    outcome = hooks.stage.worked(leg, date(2026, 5, 29))
    with hooks.database.reading() as session:
        bonus = session.scalars(
            select(Check).where(Check.outcome_id == outcome, Check.purpose == "bonus")
        ).one()
    hooks.gathered()
    before = len(hooks.rows())
    job = jobs.named("open_follow_ups")
    for days, count in ((-1, 0), (0, 1), (0, 1), (1, 1)):
        jobs.tick(hooks.database, settings, noon(bonus.due_on + timedelta(days=days)), (job,))
        hooks.gathered()
        assert len(hooks.rows()) - before == count, days
    last = hooks.rows()[-1]
    assert (last.event, last.leg_id) == ("follow_up.opened", leg)
    said = json.loads(last.body)["data"]
    assert said["check"] == str(bonus.id)
    assert date.fromisoformat(said["until_on"]) > bonus.due_on


def test_what_a_written_report_and_a_contest_are_about(hooks: Hooks):
    """Each is told with its own id, and the person's."""
    hooks.made(TOWARDS)
    leg = hooks.stage.started("Amal Provlund", day=date(2026, 3, 2))
    report = hooks.stage.reported(leg, MARCH, approved=False)
    by, day = hooks.town.guide, date(2026, 4, 2)
    with hooks.database.transaction(1) as session:
        plan = WrittenReport(
            municipality_id=1, leg_id=leg, kind="joint_plan", state="submitted", about_on=day, content={},
            submitted_by=hooks.town.coach.account_id, submitted_on=day, is_late=False,
        )  # fmt: skip
        answer = AttendanceAnswer(
            municipality_id=1, report_id=report, said="contested", shown={}, said_by=1, said_at=noon(day)
        )
        session.add_all([plan, answer])
        session.flush()
        audit.record(session, "written_report.returned", plan, by=by, report="joint_plan")
        audit.record(session, "attendance.contested", answer, by=by, about="report", id=report)
    hooks.gathered()
    first, second = [json.loads(row.body) for row in hooks.rows()[-2:]]
    assert first["type"] == "report.returned"
    assert first["data"] == {"report": str(plan.id), "participant": str(leg), "kind": "joint_plan"}
    assert second["type"] == "attendance.contested"
    assert second["data"] == {"answer": str(answer.id), "participant": str(leg), "report": str(report)}


def test_a_protected_person_is_a_number_like_others(hooks: Hooks):
    hooks.made(TOWARDS)
    leg = hooks.stage.started("Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=date(2026, 4, 9))
    hooks.stage.returned(leg, APRIL)
    hooks.gathered()
    assert [row.leg_id for row in hooks.rows()] == [leg, leg]
    assert "Farid" not in " ".join(row.body for row in hooks.rows())


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


def test_nobody_else_touches_a_webhook(hooks: Hooks):
    with receiving() as receiver:
        webhook_id, _ = hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        hooks.round()
    (row,) = hooks.rows()
    everybody: list[tuple[Actor, type[Refusal]]] = [
        (hooks.other_manager, Missing),
        (hooks.town.coach, Forbidden),
        (hooks.town.guide, Forbidden),
        (hooks.town.seeker, Forbidden),
        (hooks.town.administrator, Forbidden),
    ]
    for by, no in everybody:
        for act in (
            lambda session, by=by: hook_actions.rotate_secret(session, webhook_id, by=by, at=hooks.at),
            lambda session, by=by: hook_actions.end_webhook(session, webhook_id, by=by, at=hooks.at),
            lambda session, by=by: hook_actions.send_trial(session, webhook_id, by=by, at=hooks.at),
            lambda session, by=by: hook_actions.call_again(session, row.id, by=by, at=hooks.at),
        ):
            with pytest.raises(no), hooks.database.transaction(1) as session:
                act(session)
    assert hooks.hook(webhook_id).ended_at is None


def test_a_webhook_is_refused_twice_without_events_and_beyond_ten(hooks: Hooks):
    for events, code in (([], "webhook_events_wrong"), (["report.eaten"], "webhook_events_wrong")):
        with pytest.raises(Refusal) as no, hooks.database.transaction(1) as session:
            hook_actions.make_webhook(
                session, TOWARDS, events, by=hooks.manager, at=hooks.at, is_production=True
            )
        assert no.value.code == code
    for number in range(hook_actions.MOST):
        hooks.made(f"{TOWARDS}/{number}")
    for url, code in ((f"{TOWARDS}/3", "webhook_exists"), (TOWARDS, "webhooks_many")):
        with pytest.raises(Refusal) as no:
            hooks.made(url)
        assert no.value.code == code
    hooks.made(TOWARDS, by=hooks.other_manager)


# ── the job ──────────────────────────────────────────────────────────────────────────────────────


def test_the_timetable_calls_and_forgets_after_a_month(
    hooks: Hooks, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    job, at = jobs.named("call_webhooks"), hooks.at
    monkeypatch.setattr(jobs, "now", lambda: at)
    with receiving() as receiver:
        webhook_id, _ = hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        assert jobs.tick(hooks.database, settings, at, (job,)) == 1
        assert [got.said["type"] for got in receiver.got] == ["participant.arrived"]
        assert jobs.tick(hooks.database, settings, at, (job,)) == 0
        at += KEPT + timedelta(hours=1)
        hooks.later(days=0)
        jobs.tick(hooks.database, settings, at, (job,))
        assert len(receiver.got) == 1
    assert hooks.rows(webhook_id) == []


def test_calls_that_fail_for_our_own_sake_do_not_undo_the_slot(
    hooks: Hooks, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def breaks(*_args: object, **_options: object) -> int:
        raise RuntimeError("no thread to be had")

    monkeypatch.setattr(deliveries, "deliver", breaks)
    hooks.made(TOWARDS)
    hooks.stage.chosen("Amal Provlund")
    assert jobs.tick(hooks.database, settings, hooks.at, (jobs.named("call_webhooks"),)) == 1
    assert "the next slot goes on with it" in caplog.text
    assert len(hooks.rows()) == 1


def test_every_kind_of_subject_leads_to_a_person(hooks: Hooks):
    with hooks.database.reading() as session:
        for asked in LEGS_OF.values():
            assert asked(session, 1, [1, 2, 3]) == []
    assert set(CALLED) <= {*LEGS_OF, "leg"}
    assert Voucher.__tablename__ in LEGS_OF

"""The contract's clock: one rule for the provider and the municipality, counted in the database."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from core.actor import Role
from core.dates import first_of_month, last_of_month
from core.identity import Protection
from providers.actions import set_percent
from tests.provider.stage import MAY, TODAY, Stage, full_week, told
from vouchers import actions
from vouchers.actions import OccasionForm
from vouchers.models import Leg, Occasion, Report
from vouchers.queries import caseload, clock, workload
from vouchers.queries.terms import terms_of
from vouchers.rules.contract import Contract, Countdown, Share, Time, Told, countdowns

BEGAN = date(2026, 3, 18)


def contract_of(stage: Stage) -> Contract:
    with stage.database.reading() as session:
        found = terms_of(session, 1, stage.town.rulebook_id).contract
    assert found is not None
    return found


def at_provider(
    stage: Stage, today: date = TODAY, *, other: bool = False
) -> dict[int, tuple[Countdown, ...]]:
    who = stage.town.other_coach if other else stage.town.coach
    provider_id = stage.town.other_provider_id if other else stage.town.provider_id
    with stage.database.reading() as session:
        people = workload.served(session, 1, provider_id, viewer=who, since=date.min)
        return clock.of_people(session, 1, provider_id, people, today)


def at_municipality(stage: Stage, today: date = TODAY, **whose: Any) -> dict[int, clock.Ticking]:
    viewer_id = whose.pop("viewer_id", stage.town.guide.account_id)
    with stage.database.reading() as session:
        found = clock.of_municipality(session, 1, today, viewer_id=viewer_id, **whose)
    assert len({one.leg_id for one in found}) == len(found)
    return {one.leg_id: one for one in found}


def held(
    stage: Stage, leg_id: int, day: date, kind: str = "individual", *, minutes: int = 45, at: int = 540,
    physical: bool = True,
) -> int:  # fmt: skip
    form = OccasionForm(day, at, kind, physical, minutes)
    with stage.database.transaction(1) as session:
        return actions.record_occasion(session, leg_id, form, by=stage.town.coach, today=day).id


def of(found: Iterable[Countdown], kind: str) -> Countdown:
    (one,) = (one for one in found if one.kind == kind)
    return one


def test_what_is_told_moves_the_clock(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 18))
    assert of(at_provider(stage)[leg_id], "individual").last_on == date(2026, 6, 1)
    held(stage, leg_id, date(2026, 6, 1), minutes=29)
    held(stage, leg_id, date(2026, 6, 1), "group", minutes=90, at=700)
    assert of(at_provider(stage)[leg_id], "individual").state == "broken"
    held(stage, leg_id, date(2026, 5, 28), "follow_up", minutes=30, physical=False)
    found = at_provider(stage)[leg_id]
    assert of(found, "individual").last_on == date(2026, 6, 11)
    assert of(found, "individual").since_on == date(2026, 5, 28)
    assert of(found, "physical").last_on == date(2026, 6, 15)
    assert (of(found, "hours").done, of(found, "hours").asked) == (119, 60)
    assert (of(found, "share").done, of(found, "share").asked) == (119, 60)
    meeting = held(stage, leg_id, TODAY, at=300)
    assert of(at_provider(stage)[leg_id], "physical").last_on == TODAY + timedelta(days=28)
    with stage.database.transaction(1) as session:
        actions.withdraw_occasion(session, meeting, by=stage.town.coach, today=TODAY)
    assert at_provider(stage)[leg_id] == found


def test_a_report_counts_until_days_are_told_of(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    stage.reported(leg_id, MAY)
    found = at_provider(stage)[leg_id]
    assert of(found, "individual").last_on == date(2026, 6, 14)
    assert of(found, "physical").last_on == date(2026, 6, 28)
    held(stage, leg_id, date(2026, 5, 12))
    assert of(at_provider(stage)[leg_id], "individual").last_on == date(2026, 5, 26)


@pytest.mark.parametrize("state", ["returned", "withdrawn"])
def test_a_report_that_is_not_believed_does_not_count(stage: Stage, state: str):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    if state == "returned":
        stage.returned(leg_id, MAY)
    else:
        stage.withdrawn(stage.reported(leg_id, MAY))
    assert of(at_provider(stage)[leg_id], "individual").last_on == BEGAN + timedelta(days=14)


def test_the_share_of_a_reported_month_is_the_reports(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    held(stage, leg_id, date(2026, 5, 12), minutes=60, physical=False)
    assert of(at_provider(stage)[leg_id], "share_before").done == 0
    form = replace(told(MAY), booked_minutes=1_500, activity_minutes=1_200, physical_minutes=600)
    with stage.database.transaction(1) as session:
        report = actions.submit_report(session, leg_id, form, by=stage.town.coach, today=last_of_month(MAY))
        report_id = report.id
    assert not [one for one in at_provider(stage)[leg_id] if one.kind == "share_before"]
    with stage.database.transaction(1) as session:
        session.get_one(Report, (1, report_id)).physical_minutes = 599
    assert (of(at_provider(stage)[leg_id], "share_before").done) == 599


def test_both_screens_show_the_same_of_everybody_and_it_is_what_the_rule_says(stage: Stage):
    """Against facts that are counted here, row by row, for people whose lives are drawn."""
    draw = random.Random(20260603)
    legs = [stage.started(f"Drawn Number{letter}", day=BEGAN) for letter in "abcdefgh"]
    legs += [stage.started("Other Place", day=BEGAN, other=True)]
    for leg_id in legs[:-1]:
        for day in sorted(draw.sample(range(78), draw.randrange(0, 14))):
            kind = draw.choice(("individual", "group", "activity", "follow_up"))
            held(
                stage, leg_id, BEGAN + timedelta(days=day), kind,
                minutes=draw.choice((15, 29, 30, 31, 60, 120)), physical=draw.random() < 0.5,
            )  # fmt: skip
        months = [date(2026, month, 1) for month in (3, 4, 5) if draw.random() < 0.5]
        if months:
            stage.reported(leg_id, *months)
    gone = held(stage, legs[0], TODAY, at=60)
    with stage.database.transaction(1) as session:
        actions.withdraw_occasion(session, gone, by=stage.town.coach, today=TODAY)
    ours, others = at_provider(stage), at_provider(stage, other=True)
    theirs = at_municipality(stage)
    assert set(theirs) == set(legs) == {*ours, *others}
    contract = contract_of(stage)
    seen: set[tuple[str, str]] = set()
    for leg_id in legs:
        expected = countdowns(contract, Time(BEGAN, BEGAN, None), counted(stage, leg_id, contract), TODAY)
        assert theirs[leg_id].countdowns == expected
        assert {**ours, **others}[leg_id] == expected
        seen |= {(one.kind, one.state) for one in expected}
    assert {state for _kind, state in seen} >= {"broken", "soon", "well"}


def counted(stage: Stage, leg_id: int, contract: Contract) -> Told:
    """What has been told of a leg, counted from its rows in Python."""
    with stage.database.reading() as session:
        rows = session.scalars(
            select(Occasion).where(Occasion.leg_id == leg_id, Occasion.withdrawn_on.is_(None))
        ).all()
        reports = session.scalars(
            select(Report).where(Report.leg_id == leg_id, Report.state.in_(("submitted", "approved")))
        ).all()
    monday, month = TODAY - timedelta(days=TODAY.weekday()), first_of_month(TODAY)
    meetings = [
        row
        for row in rows
        if row.kind in ("individual", "follow_up") and row.minutes >= contract.individual_minutes
    ]

    def spent(first: date, last: date) -> Share:
        within = [row for row in rows if first <= row.held_on <= last]
        return Share(sum(r.minutes for r in within), sum(r.minutes for r in within if r.is_physical))

    may = [report for report in reports if report.month == MAY]
    return Told(
        met_on=max((row.held_on for row in meetings), default=None),
        seen_on=max((row.held_on for row in meetings if row.is_physical), default=None),
        occasion_on=max((row.held_on for row in rows), default=None),
        report_met=max((one.month for one in reports if one.meetings), default=None),
        report_seen=max((one.month for one in reports if one.physical_meetings), default=None),
        week=spent(monday, TODAY).minutes,
        week_before=spent(monday - timedelta(days=7), monday - timedelta(days=1)).minutes,
        month=spent(month, TODAY),
        month_before=Share(may[0].activity_minutes, may[0].physical_minutes)
        if may
        else spent(MAY, last_of_month(MAY)),
    )


def test_it_asks_as_often_for_one_person_as_for_many(stage: Stage):
    stage.started("Amal Provlund", day=BEGAN)
    at_provider(stage)
    at_municipality(stage)
    asked: list[str] = []
    event.listen(stage.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    counts = []
    for _ in range(2):
        asked.clear()
        at_provider(stage)
        at_municipality(stage)
        counts.append(sum(sql.lstrip().upper().startswith("SELECT") for sql in asked))
        full_week(stage)
    assert counts[0] == counts[1]


def test_a_guide_sees_the_own_people_the_worst_first(stage: Stage):
    behind = stage.started("Amal Provlund", day=BEGAN)
    fine = stage.started("Chen Mönsterby", day=BEGAN)
    held(stage, fine, date(2026, 6, 2), minutes=300)
    held(stage, fine, date(2026, 5, 28), minutes=300)
    stage.accepted("Dalia Skissvik")
    found = at_municipality(stage, guide_id=stage.town.guide.account_id)
    assert [(one.leg_id, one.state) for one in found.values()] == [(behind, "broken"), (fine, "well")]
    assert found[behind].due_on == BEGAN + timedelta(days=14)
    assert not at_municipality(stage, guide_id=stage.town.inspector.account_id)


def test_who_may_not_know_finds_neither_name_nor_place(stage: Stage):
    leg_id = stage.started("Hemlig Person", day=BEGAN, protection=Protection.CONFIDENTIAL)
    own, other = (
        at_municipality(stage, viewer_id=one.account_id)[leg_id]
        for one in (stage.town.guide, stage.town.inspector)
    )
    assert (own.name, own.provider is None) == ("Hemlig Person", False)
    assert (other.name, other.provider, other.coach_id) == (None, None, None)


# ── people a coach ────────────────────────────────────────────────────────────────────────────────


def loads(stage: Stage, **where: int) -> caseload.Loads:
    with stage.database.reading() as session:
        return caseload.caseload(session, 1, TODAY, **where)


def test_a_coach_has_those_who_have_begun_and_not_left(stage: Stage):
    town = stage.town
    legs = [stage.started(f"Chen Mönster{letter}", day=BEGAN) for letter in "abc"]
    waiting = stage.accepted("Dalia Skissvik", day=BEGAN)
    stage.started("Edit Annan", day=BEGAN, other=True)
    manager = replace(town.coach, roles=frozenset({Role.MANAGER}))
    with stage.database.transaction(1) as session:
        for leg_id in (*legs[:2], waiting):
            actions.name_coach(session, leg_id, town.coach.account_id, by=manager)
        actions.end_service(session, legs[1], date(2026, 6, 2), "moved", by=town.coach, today=TODAY)
    found = loads(stage, provider_id=town.provider_id)
    (coach,) = (one for one in found.coaches if one.account_id == town.coach.account_id)
    assert (coach.count, coach.most, coach.state, found.without) == (1, 50, "well", 1)
    everywhere = loads(stage)
    assert {one.provider_id for one in everywhere.coaches} == {town.provider_id, town.other_provider_id}
    assert everywhere.without == 2


def test_the_ceiling_follows_the_time_worked_and_one_too_many_is_seen(stage: Stage):
    town = stage.town
    leg_id = stage.started("Chen Mönsterby", day=BEGAN)
    manager = replace(town.coach, roles=frozenset({Role.MANAGER}))
    with stage.database.transaction(1) as session:
        actions.name_coach(session, leg_id, town.coach.account_id, by=manager)
        set_percent(session, town.coach.account_id, 75, by=manager)
    (coach,) = (one for one in loads(stage).coaches if one.account_id == town.coach.account_id)
    assert (coach.most, coach.state) == (37, "well")
    with stage.database.transaction(1) as session:
        set_percent(session, town.coach.account_id, 1, by=manager)
    (coach,) = (one for one in loads(stage).coaches if one.account_id == town.coach.account_id)
    assert (coach.most, coach.count, coach.state) == (0, 1, "broken")


def test_a_coach_who_works_elsewhere_now_is_nobody(stage: Stage):
    town = stage.town
    leg_id = stage.started("Chen Mönsterby", day=BEGAN)
    with stage.database.transaction(1) as session:
        session.get_one(Leg, (1, leg_id)).coach_id = town.other_coach.account_id
    found = loads(stage, provider_id=town.provider_id)
    assert found.without == 1
    assert not [one for one in found.coaches if one.account_id == town.other_coach.account_id]

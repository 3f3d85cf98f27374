"""A person's plan: written by the guide, ended step by step, never without the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.identity import Protection
from core.refusal import Forbidden, Missing
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import DECIDED_ON, Town
from vouchers import actions
from vouchers.actions import MeetingForm, PartForm
from vouchers.models import Meeting, Participant, PlanPart
from vouchers.queries import planning
from vouchers.queries.cases import caseload
from vouchers.queries.standings import step_missing_of

TODAY = DECIDED_ON + timedelta(days=30)
STEP = PartForm("participant", "Ring tre arbetsgivare.", TODAY + timedelta(days=7))
MET = MeetingForm("follow_up", TODAY, ("participant", "municipality"), "Det går framåt.", STEP)


def add(session: Session, town: Town, form: PartForm = STEP, today: date = TODAY) -> PlanPart:
    return actions.add_part(session, town.participant_id, form, by=town.guide, today=today)


def kept(session: Session, town: Town) -> planning.Kept:
    session.flush()
    session.expire_all()
    return planning.kept(session, town.municipality_id, town.participant_id)


def last_entry(session: Session) -> AuditEntry:
    return session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()


def test_there_is_one_plan_with_one_goal_that_can_change(session: Session, town: Town):
    first = actions.set_goal(session, town.participant_id, " Jag vill laga mat. ", by=town.guide, today=TODAY)
    later = TODAY + timedelta(days=5)
    second = actions.set_goal(session, town.participant_id, "Jag vill bli kock.", by=town.guide, today=later)
    assert first is second
    found = kept(session, town)
    assert (found.goal, found.goal_on) == ("Jag vill bli kock.", later)
    assert last_entry(session).what == "plan.goal_set"
    assert "kock" not in last_entry(session).details
    with refused("goal_empty"):
        actions.set_goal(session, town.participant_id, " \n", by=town.guide, today=TODAY)


def test_a_step_is_added_and_is_the_next_one(session: Session, town: Town):
    add(session, town, replace(STEP, due_on=TODAY + timedelta(days=20), does="Sök praktik."))
    part = add(session, town)
    found = kept(session, town)
    assert found.next(TODAY) is not None
    assert found.next(TODAY).id == part.id  # type: ignore[union-attr]  # said in the line before
    assert [one.does for one in found.to_do] == ["Ring tre arbetsgivare.", "Sök praktik."]
    assert last_entry(session).what == "plan_part.added"


def test_a_provider_in_the_plan_is_one_where_the_person_is(session: Session, town: Town):
    form = replace(STEP, party="provider", provider_id=town.provider_id)
    with refused("party_unknown"):
        add(session, town, form)
    town.chosen(session)
    add(session, town, form)
    assert kept(session, town).parts[0].provider == "Stigfinnarna"
    for wrong in (
        replace(form, provider_id=town.other_provider_id),
        replace(form, provider_id=None),
        replace(STEP, provider_id=town.provider_id),
        replace(STEP, party="church"),
    ):
        with refused("party_unknown"):
            add(session, town, wrong)


def test_the_last_step_is_done_only_with_the_next_one(session: Session, town: Town):
    part = add(session, town)
    with refused("next_step_missing"):
        actions.finish_part(session, part.id, by=town.guide, today=TODAY)
    follows = replace(STEP, does="Gå på intervju.", due_on=TODAY + timedelta(days=14))
    actions.finish_part(session, part.id, follows, by=town.guide, today=TODAY)
    found = kept(session, town)
    assert [one.does for one in found.to_do] == ["Gå på intervju."]
    assert [one.done_on for one in found.ended] == [TODAY]


def test_a_step_that_follows_is_held_to_the_same_rules(session: Session, town: Town):
    part = add(session, town)
    past = replace(STEP, due_on=TODAY - timedelta(days=1))
    with refused("step_past"):
        actions.finish_part(session, part.id, past, by=town.guide, today=TODAY)


def test_another_step_ahead_is_enough_but_not_one_that_has_passed(session: Session, town: Town):
    part, other = add(session, town), add(session, town, replace(STEP, due_on=TODAY + timedelta(days=2)))
    actions.finish_part(session, part.id, by=town.guide, today=TODAY)
    third = add(session, town, today=TODAY)
    late = TODAY + timedelta(days=5)
    with refused("next_step_missing"):
        actions.remove_part(session, third.id, by=town.guide, today=late)
    assert other.done_on is None


def test_who_has_a_result_needs_no_next_step(session: Session, town: Town):
    leg_id = town.started(session)
    part = add(session, town)
    form = actions.OutcomeForm("studies", TODAY, TODAY, 100)
    actions.claim_outcome(session, leg_id, form, by=town.coach, today=TODAY)
    actions.finish_part(session, part.id, by=town.guide, today=TODAY)
    assert kept(session, town).to_do == []


def test_a_step_ends_once_and_is_kept(session: Session, town: Town):
    part, other = add(session, town), add(session, town)
    actions.remove_part(session, part.id, by=town.guide, today=TODAY)
    for end in (actions.finish_part, actions.remove_part):
        with refused("part_removed"):
            end(session, part.id, STEP, by=town.guide, today=TODAY)
    actions.finish_part(session, other.id, STEP, by=town.guide, today=TODAY)
    with refused("part_done"):
        actions.finish_part(session, other.id, STEP, by=town.guide, today=TODAY)
    assert len(kept(session, town).ended) == 2


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE plan_part SET does = 'x'", "never rewritten"),
        ("UPDATE plan_part SET due_on = '2030-01-01'", "never rewritten"),
        ("DELETE FROM plan_part", "kept"),
        ("UPDATE meeting SET notes = 'x'", "only ever added"),
        ("DELETE FROM meeting", "only ever added"),
        ("DELETE FROM plan", "kept"),
    ],
)
def test_the_database_keeps_a_plan_as_it_was_written(session: Session, town: Town, statement: str, why: str):
    actions.set_goal(session, town.participant_id, "Arbete.", by=town.guide, today=TODAY)
    actions.record_meeting(session, town.participant_id, MET, by=town.guide, today=TODAY)
    session.flush()
    refused_by_the_database(session, why, text(statement))


# ── meetings ─────────────────────────────────────────────────────────────────────────────────────


def test_a_meeting_puts_its_next_step_in_the_plan(session: Session, town: Town):
    meeting = actions.record_meeting(session, town.participant_id, MET, by=town.guide, today=TODAY)
    found = kept(session, town)
    assert [(one.does, one.due_on) for one in found.to_do] == [(STEP.does, STEP.due_on)]
    assert (meeting.next_step, meeting.next_step_on) == (STEP.does, STEP.due_on)
    assert found.meetings[0].guide == "Maja Exempeldal"
    assert last_entry(session).what == "meeting.recorded"
    assert "framåt" not in last_entry(session).details


def test_a_three_party_meeting_has_three_parties(session: Session, town: Town):
    three = replace(MET, kind="three_party", present=("municipality", "provider", "participant"))
    meeting = actions.record_meeting(session, town.participant_id, three, by=town.guide, today=TODAY)
    assert meeting.present == ["participant", "municipality", "provider"]
    with refused("three_parties_missing"):
        actions.record_meeting(
            session, town.participant_id, replace(MET, kind="three_party"), by=town.guide, today=TODAY
        )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "party"}, "meeting_unknown"),
        ({"present": ("participant", "church")}, "meeting_unknown"),
        ({"held_on": TODAY + timedelta(days=1)}, "meeting_ahead"),
        ({"next_step": replace(STEP, does=" ")}, "step_empty"),
        ({"next_step": replace(STEP, due_on=TODAY - timedelta(days=1))}, "step_past"),
    ],
)
def test_a_meeting_is_whole_or_not_recorded(session: Session, town: Town, changes, code):
    with refused(code):
        actions.record_meeting(
            session, town.participant_id, replace(MET, **changes), by=town.guide, today=TODAY
        )
    assert not session.scalars(select(Meeting)).all()


# ── whose plan it is ─────────────────────────────────────────────────────────────────────────────


def test_only_a_guide_writes_in_a_plan(session: Session, town: Town):
    part = add(session, town)
    for who in (town.seeker, town.coach, town.manager, town.inspector, town.maker):
        with pytest.raises(Forbidden):
            actions.set_goal(session, town.participant_id, "Arbete.", by=who, today=TODAY)
        with pytest.raises(Forbidden):
            actions.finish_part(session, part.id, STEP, by=who, today=TODAY)
        with pytest.raises(Forbidden):
            actions.record_meeting(session, town.participant_id, MET, by=who, today=TODAY)


def test_a_protected_persons_plan_is_there_for_the_own_guide_only(session: Session, town: Town):
    part = add(session, town)
    person = session.get_one(Participant, (town.municipality_id, town.participant_id))
    person.protection = Protection.CONFIDENTIAL.value
    session.flush()
    other = replace(town.guide, account_id=town.inspector.account_id)
    with pytest.raises(Missing):
        actions.add_part(session, town.participant_id, STEP, by=other, today=TODAY)
    with pytest.raises(Missing):
        actions.finish_part(session, part.id, STEP, by=other, today=TODAY)
    actions.finish_part(session, part.id, STEP, by=town.guide, today=TODAY)


def test_a_plan_of_another_municipality_is_not_there(session: Session, town: Town):
    elsewhere = replace(town.guide, municipality_id=2)
    with pytest.raises(Missing):
        actions.add_part(session, town.participant_id, STEP, by=elsewhere, today=TODAY)


# ── who lacks a next step ────────────────────────────────────────────────────────────────────────


def test_the_list_says_who_lacks_a_step_until_one_is_written(session: Session, town: Town):
    session.flush()
    late = date(2026, 3, 20)  # the window closed on 9 March

    def steps() -> dict[int, str]:
        found = caseload(session, 1, viewer_id=town.guide.account_id, guide_id=None, today=late)
        return {
            case.participant_id: wait.kind for case in found for wait in case.waits if wait.group == "step"
        }

    assert steps() == {
        town.participant_id: "next_step_missing",
        town.other_participant_id: "decision_missing",
    }
    for participant_id in (town.participant_id, town.other_participant_id):
        actions.add_part(session, participant_id, replace(STEP, due_on=late), by=town.guide, today=late)
    assert steps() == {}
    assert step_missing_of(session, 1, town.participant_id, late) == {}
    later = late + timedelta(days=1)
    assert step_missing_of(session, 1, town.participant_id, later)[town.voucher_id].on == late

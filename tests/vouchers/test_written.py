"""Joint plan, informative and final report: drafted, handed in, returned, mended, approved, taken back; whose
they are, and what a provider lacks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.database import new_id, part_of
from core.refusal import Forbidden, Missing
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, noon, report_form
from vouchers import actions
from vouchers.models import ReportDraft, WrittenReport
from vouchers.queries import written
from vouchers.queries.closing import left_to_do
from vouchers.queries.month import month_known

START, TODAY = date(2026, 3, 2), date(2026, 3, 12)
AT = noon(TODAY)
PLAN: dict[str, object] = {
    "met_on": "2026-03-09",
    "goal": "Ett arbete i ett skolkök.",
    "activities": ["guidance", "job_search"],
    "minutes_a_week": "180",
    "adapted": "",
    "next_step": "Ringa tre skolkök.",
    "next_step_on": "2026-03-20",
}
EVENT = {"happened_on": "2026-03-10", "what": "Har fått en provdag.", "proposal": ""}
FINAL = {"ended_on": "2026-06-30", "done": "Sökt arbete.", "reached": "Ett arbete.", "remains": "Inget."}


def handed_in(session: Session, town: Town, kind: str = "joint_plan", /, **changes: object) -> WrittenReport:
    leg_id = town.started(session, START)
    raw = {**(PLAN if kind == "joint_plan" else EVENT), **changes}
    return actions.submit_written(session, leg_id, kind, raw, by=town.coach, today=TODAY)


def due(session: Session, town: Town, today: date) -> list[tuple[str, date, int | None]]:
    found = written.due_written(session, 1, town.provider_id, today)
    return [(one.kind, one.due_on, one.report_id) for one in found]


def test_a_plan_is_handed_in_as_it_was_read_and_with_its_last_day(town: Town, session: Session):
    plan = handed_in(session, town)
    assert (plan.state, plan.about_on, plan.due_on) == ("submitted", START, date(2026, 3, 16))
    assert plan.content == {**PLAN, "minutes_a_week": 180}
    assert not plan.is_late
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.what == "written_report.submitted"))
    assert str(PLAN["goal"]) not in entry.details
    assert '"joint_plan"' in entry.details


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"goal": " "}, "field_missing"),
        ({"activities": []}, "field_missing"),
        ({"activities": ["singing"]}, "choice_wrong"),
        ({"minutes_a_week": "0"}, "number_outside"),
        ({"met_on": "2026-03-13"}, "day_outside_stay"),
        ({"next_step_on": "2026-03-08"}, "next_step_past"),
        ({"goal": "x" * 4_001}, "text_long"),
        ({"goal": None}, "field_missing"),
        ({"goal": {"a": 1}}, "text_wrong"),
    ],
)
def test_a_plan_that_cannot_be_true_is_refused_and_stores_nothing(
    town: Town, session: Session, changes: dict[str, object], code: str
):
    with refused(code):
        handed_in(session, town, **changes)
    assert session.query(WrittenReport).count() == 0


def test_one_plan_stands_and_a_new_one_may_come_when_it_is_taken_back(town: Town, session: Session):
    plan = handed_in(session, town)
    with refused("written_exists"):
        actions.submit_written(session, plan.leg_id, "joint_plan", PLAN, by=town.manager, today=TODAY)
    actions.approve_written(session, plan.id, by=town.guide, today=TODAY)
    with refused("written_exists"):
        actions.submit_written(session, plan.leg_id, "joint_plan", PLAN, by=town.coach, today=TODAY)
    actions.withdraw_written(session, plan.id, by=town.manager, today=TODAY)
    assert (plan.state, plan.withdrawn_by) == ("withdrawn", town.manager.account_id)
    with refused("report_step_not_possible"):
        actions.withdraw_written(session, plan.id, by=town.coach, today=TODAY)
    again = actions.submit_written(session, plan.leg_id, "joint_plan", PLAN, by=town.coach, today=TODAY)
    assert again.id != plan.id


def test_a_returned_plan_is_mended_in_its_place(town: Town, session: Session):
    plan = handed_in(session, town)
    with refused("comment_missing"):
        actions.return_written(session, plan.id, " \n", by=town.guide, today=TODAY)
    actions.return_written(session, plan.id, "Skriv målet tydligare.", by=town.guide, today=TODAY)
    with refused("report_step_not_possible"):
        actions.approve_written(session, plan.id, by=town.guide, today=TODAY)
    later = date(2026, 3, 17)
    mended = actions.submit_written(
        session, plan.leg_id, "joint_plan", {**PLAN, "goal": "Kock."}, by=town.manager, today=later
    )
    assert mended.id == plan.id
    assert (mended.state, mended.content["goal"], mended.is_late) == ("submitted", "Kock.", True)
    assert (mended.judged_by, mended.judged_on, mended.comment) == (None, None, "Skriv målet tydligare.")
    actions.approve_written(session, plan.id, by=town.guide, today=later)
    assert plan.state == "approved"


def test_informative_reports_may_be_many_but_not_the_same_twice(town: Town, session: Session):
    first = handed_in(session, town, "informative")
    assert (first.due_on, first.is_late) == (None, False)
    leg_id = first.leg_id
    with refused("written_twice"):
        actions.submit_written(session, leg_id, "informative", EVENT, by=town.coach, today=TODAY)
    other = {**EVENT, "what": "Provdagen gick bra."}
    second = actions.submit_written(session, leg_id, "informative", other, by=town.coach, today=TODAY)
    actions.return_written(session, first.id, "Skriv hos vem.", by=town.guide, today=TODAY)
    mended = actions.submit_written(
        session, leg_id, "informative", {**EVENT, "what": "Provdag."}, by=town.coach, today=TODAY,
        report_id=first.id,
    )  # fmt: skip
    assert (mended.id, mended.state, second.state) == (first.id, "submitted", "submitted")
    with refused("written_exists"):
        actions.submit_written(
            session, leg_id, "informative", EVENT, by=town.coach, today=TODAY, report_id=second.id
        )


def test_a_number_of_another_leg_or_kind_is_not_there(town: Town, session: Session):
    plan = handed_in(session, town)
    for kind, number in (("informative", plan.id), ("informative", new_id()), ("final", plan.id)):
        with pytest.raises((Missing, Forbidden)) as said:
            actions.submit_written(
                session, plan.leg_id, kind, EVENT, by=town.coach, today=TODAY, report_id=number
            )
        assert said.value.status == 404
    with pytest.raises(Missing):
        actions.submit_written(session, plan.leg_id, "monthly", PLAN, by=town.coach, today=TODAY)


def test_a_final_report_says_the_last_day_that_is_known(town: Town, session: Session):
    leg_id = town.started(session, START)
    ended = date(2026, 6, 30)
    with refused("service_not_over"):
        actions.submit_written(session, leg_id, "final", FINAL, by=town.coach, today=ended)
    actions.end_service(session, leg_id, ended, "moved", by=town.coach, today=ended)
    with refused("last_day_differs"):
        wrong = {**FINAL, "ended_on": "2026-06-29"}
        actions.submit_written(session, leg_id, "final", wrong, by=town.coach, today=ended)
    final = actions.submit_written(session, leg_id, "final", FINAL, by=town.coach, today=ended)
    assert (final.about_on, final.due_on) == (ended, date(2026, 7, 14))
    with refused("service_over_write_final"):
        actions.submit_written(
            session, leg_id, "informative", EVENT, by=town.coach, today=ended + timedelta(days=1)
        )


@pytest.mark.parametrize("who", ["coach", "manager", "other_coach", "seeker", "inspector", "maker"])
def test_only_a_guide_approves_or_returns(town: Town, session: Session, who: str):
    plan = handed_in(session, town)
    by = getattr(town, who)
    with pytest.raises(Forbidden):
        actions.approve_written(session, plan.id, by=by, today=TODAY)
    with pytest.raises(Forbidden):
        actions.return_written(session, plan.id, "Nej.", by=by, today=TODAY)
    assert plan.state == "submitted"


@pytest.mark.parametrize("who", ["other_coach", "newcomer", "seeker", "inspector", "maker"])
def test_nobody_else_writes_drafts_or_takes_back(town: Town, session: Session, who: str):
    plan = handed_in(session, town)
    actions.save_draft(session, plan.leg_id, "monthly", 202603, {"progress": "Vårt."}, by=town.coach, at=AT)
    by = getattr(town, who)
    for act in (
        lambda: actions.submit_written(session, plan.leg_id, "informative", EVENT, by=by, today=TODAY),
        lambda: actions.save_draft(session, plan.leg_id, "monthly", 202603, {"progress": "x"}, by=by, at=AT),
        lambda: actions.forget_draft(session, plan.leg_id, "monthly", 202603, by=by),
        lambda: actions.withdraw_written(session, plan.id, by=by, today=TODAY),
    ):
        with pytest.raises(Forbidden):
            act()
    assert plan.state == "submitted"
    assert session.query(WrittenReport).count() == 1
    (draft,) = session.scalars(select(ReportDraft))
    assert draft.content == {"progress": "Vårt."}


def test_the_database_keeps_one_living_plan_and_refuses_approval_by_its_writer(town: Town, session: Session):
    plan = handed_in(session, town)
    session.flush()
    row = {column.name: getattr(plan, column.name) for column in WrittenReport.__table__.columns}
    with pytest.raises(IntegrityError), part_of(session):
        session.execute(insert(WrittenReport).values({**row, "id": new_id()}))
    for kept in ({"state": "withdrawn"}, {"kind": "informative"}):
        session.execute(insert(WrittenReport).values({**row, "id": new_id(), **kept}))
    this = update(WrittenReport).where(WrittenReport.id == plan.id)
    own = this.values(state="approved", judged_by=plan.submitted_by, judged_on=TODAY)
    refused_by_the_database(session, "another_person_approved", own)
    refused_by_the_database(session, "a_person_approved", this.values(state="approved"))


# ── what is lacking ──────────────────────────────────────────────────────────────────────────────


def test_a_provider_is_told_what_it_lacks_until_it_is_done(town: Town, session: Session):
    leg_id = town.started(session, START)
    assert due(session, town, TODAY) == [("joint_plan", date(2026, 3, 16), None)]
    assert written.due_written(session, 1, town.other_provider_id, TODAY) == []
    plan = actions.submit_written(session, leg_id, "joint_plan", PLAN, by=town.coach, today=TODAY)
    assert due(session, town, TODAY) == []
    actions.return_written(session, plan.id, "Skriv mer.", by=town.guide, today=TODAY)
    assert due(session, town, TODAY) == [("joint_plan", date(2026, 3, 16), plan.id)]
    actions.withdraw_written(session, plan.id, by=town.coach, today=TODAY)
    assert due(session, town, TODAY) == [("joint_plan", date(2026, 3, 16), None)]
    actions.submit_written(session, leg_id, "joint_plan", PLAN, by=town.coach, today=TODAY)
    assert due(session, town, date(2027, 1, 8)) == []
    assert due(session, town, date(2027, 1, 9)) == [("informative", date(2027, 2, 9), None)]
    ended = date(2026, 6, 30)
    actions.end_service(session, leg_id, ended, "moved", by=town.coach, today=ended)
    assert due(session, town, ended) == [("final", date(2026, 7, 14), None)]
    assert written.due_written(session, 1, town.provider_id, ended, leg_id=new_id()) == []
    actions.submit_written(session, leg_id, "final", FINAL, by=town.coach, today=ended)
    assert due(session, town, ended) == []


def test_a_pause_moves_the_plan_and_the_report_before_the_end(town: Town, session: Session):
    leg_id = town.started(session, START)
    first, back = date(2026, 3, 9), date(2026, 3, 23)
    voucher_id = town.voucher_id
    actions.pause(session, voucher_id, first, back, "sick", by=town.guide, today=first)
    assert due(session, town, first) == []
    actions.resume(session, voucher_id, back, by=town.guide, today=back)
    assert due(session, town, back) == [("joint_plan", date(2026, 3, 30), None)]
    stay = written.stay_of(session, 1, leg_id, back)
    assert stay.planned_on == date(2027, 3, 15)


def test_a_guide_sees_what_waits_and_a_case_is_not_closed_over_it(town: Town, session: Session):
    leg_id = town.started(session, START)
    ended = date(2026, 6, 30)
    actions.end_service(session, leg_id, ended, "moved", by=town.coach, today=ended)
    before = left_to_do(session, 1, [town.voucher_id], ended)[town.voucher_id].reports
    final = actions.submit_written(session, leg_id, "final", FINAL, by=town.coach, today=ended)
    (wait,) = written.to_judge(session, 1, [])[town.voucher_id]
    assert (wait.kind, wait.subject_id, wait.on, wait.group) == (
        "written_to_judge",
        final.id,
        ended,
        "reports",
    )
    assert left_to_do(session, 1, [town.voucher_id], ended)[town.voucher_id].reports == before + 1
    actions.approve_written(session, final.id, by=town.guide, today=ended)
    assert written.to_judge(session, 1, []) == {}
    assert left_to_do(session, 1, [town.voucher_id], ended)[town.voucher_id].reports == before


# ── drafts, and what the month is filled with ────────────────────────────────────────────────────


def test_a_draft_is_kept_as_typed_shared_by_colleagues_and_gone_when_handed_in(town: Town, session: Session):
    leg_id = town.started(session, START)
    month = date(2026, 3, 1)
    typed = {"progress": "Halv", "activity_minutes": "12:", "activities": ["guidance"]}
    first = actions.save_draft(session, leg_id, "monthly", 202603, typed, by=town.coach, at=AT)
    more = {**typed, "next_step": "Ringa."}
    second = actions.save_draft(session, leg_id, "monthly", "202603", more, by=town.manager, at=AT)
    assert first.id == second.id
    actions.save_draft(session, leg_id, "monthly", 202604, {"progress": "April."}, by=town.coach, at=AT)
    found = written.draft_of(session, 1, leg_id, "monthly", 202603)
    assert found is not None
    assert found.content == more
    actions.submit_report(session, leg_id, report_form(month), by=town.coach, today=date(2026, 4, 1))
    assert written.drafts_of(session, 1, leg_id) == {("monthly", "202604")}
    actions.forget_draft(session, leg_id, "monthly", 202604, by=town.coach)
    actions.forget_draft(session, leg_id, "monthly", 202604, by=town.coach)
    assert written.drafts_of(session, 1, leg_id) == set()
    said = [entry.what for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))]
    assert said.count("report_draft.saved") == 3
    assert said.count("report_draft.forgotten") == 1


def test_a_draft_of_a_written_report_goes_with_its_own_report_only(town: Town, session: Session):
    first = handed_in(session, town, "informative")
    leg_id = first.leg_id
    actions.return_written(session, first.id, "Mer.", by=town.guide, today=TODAY)
    for about in ("", str(first.id)):
        actions.save_draft(session, leg_id, "informative", about, {"what": "x"}, by=town.coach, at=AT)
    actions.submit_written(
        session,
        leg_id,
        "informative",
        {**EVENT, "what": "Mer."},
        by=town.coach,
        today=TODAY,
        report_id=first.id,
    )
    assert written.drafts_of(session, 1, leg_id) == {("informative", "")}


def test_a_draft_has_an_end(town: Town, session: Session):
    leg_id = town.started(session, START)
    with refused("draft_too_long"):
        actions.save_draft(
            session, leg_id, "monthly", 202603, {"progress": "x" * 60_001}, by=town.coach, at=AT
        )
    assert session.query(ReportDraft).count() == 0


def test_a_month_is_filled_from_its_meetings_and_absences(town: Town, session: Session):
    leg_id = town.started(session, START)
    today = date(2026, 4, 2)
    for day, kind, physical, minutes in (
        (date(2026, 3, 3), "individual", True, 45),
        (date(2026, 3, 31), "follow_up", False, 30),
        (date(2026, 3, 12), "group", True, 120),
        (date(2026, 4, 1), "individual", True, 60),
    ):
        form = actions.OccasionForm(day, 600, kind, is_physical=physical, minutes=minutes)
        actions.record_occasion(session, leg_id, form, by=town.coach, today=today)
    absent = actions.DeviationForm(date(2026, 3, 18), "Möte", 600, 660, 600, 660, "sick")
    actions.tell_deviation(session, leg_id, absent, by=town.coach, today=today)
    known = month_known(session, 1, leg_id, date(2026, 3, 1))
    assert (known.held, known.booked_minutes, known.activity_minutes, known.physical_minutes) == (
        3,
        255,
        195,
        165,
    )
    assert (known.meetings, known.physical_meetings) == (2, 1)
    empty = month_known(session, 1, leg_id, date(2026, 5, 1))
    assert (empty.held, empty.booked_minutes, empty.meetings) == (0, 0, 0)


def test_a_report_keeps_every_declared_field_and_its_door(town: Town, session: Session):
    leg_id = town.started(session, START)
    form = report_form(date(2026, 3, 1), via="api", against_plan="behind")
    report = actions.submit_report(session, leg_id, form, by=town.coach, today=date(2026, 4, 1))
    assert (report.booked_minutes, report.activity_minutes, report.physical_minutes) == (1_320, 1_200, 700)
    assert (report.activities, report.against_plan, report.via) == ("guidance job_search", "behind", "api")

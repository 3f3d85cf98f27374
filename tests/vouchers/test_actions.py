"""From a first meeting to a verified result: every step, who may take it, and what is kept of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.audit import AuditEntry
from core.database import fetch, new_id, part_of
from core.refusal import Forbidden, Missing
from providers.models import Accreditation
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, decided, noon, report_form, voucher_form
from vouchers import actions
from vouchers.models import Check, ChoiceReceipt, Leg, Outcome, Report, Voucher

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
END = date(2026, 8, 31)
EMPLOYER = "419907-0014"
WORK = actions.OutcomeForm("work", date(2026, 9, 1), END, 100, employer_number=EMPLOYER)
CLAIMED_ON = date(2026, 9, 10)


def trail(session: Session, since: int = 0) -> list[str]:
    rows = select(AuditEntry.what).where(AuditEntry.sequence > since).order_by(AuditEntry.sequence)
    return list(session.scalars(rows))


def checks(session: Session, outcome: Outcome) -> list[Check]:
    rows = select(Check).where(Check.outcome_id == outcome.id).order_by(Check.due_on)
    return list(session.scalars(rows))


def test_the_whole_way_from_choice_to_a_bonus_that_stands(town: Town, session: Session):
    since = len(trail(session))
    leg_id = town.chosen(session)
    leg, voucher = session.get_one(Leg, (1, leg_id)), session.get_one(Voucher, (1, town.voucher_id))
    assert (voucher.state, leg.how, leg.ordinal) == ("chosen", "own", 1)
    assert leg.start_by == date(2026, 3, 16)
    actions.accept(session, leg_id, by=town.coach, today=date(2026, 3, 3))
    assert voucher.state == "received"
    actions.start(session, leg_id, date(2026, 3, 4), by=town.coach, today=date(2026, 3, 5))
    assert (voucher.state, leg.started_on) == ("active", date(2026, 3, 4))
    report = actions.submit_report(session, leg_id, report_form(MARCH), by=town.coach, today=date(2026, 4, 9))
    assert (report.state, report.is_late) == ("submitted", False)
    actions.approve_report(session, report.id, by=town.guide, today=date(2026, 4, 10))
    assert (report.state, report.judged_by) == ("approved", town.guide.account_id)
    outcome = actions.claim_outcome(session, leg_id, WORK, by=town.coach, today=CLAIMED_ON)
    assert (voucher.state, voucher.ended_on, leg.ended_on, leg.end_reason) == ("ended", END, END, "work")
    (result,) = checks(session, outcome)
    assert (result.purpose, result.part, result.due_on) == ("result", 1, date(2026, 9, 1))
    actions.judge_check(
        session, result.id, passed=True, source="payslip", by=town.guide, today=date(2026, 9, 14)
    )
    assert outcome.state == "verified"
    _, bonus = checks(session, outcome)
    assert (bonus.purpose, bonus.due_on, bonus.state) == ("bonus", date(2027, 2, 28), "due")
    actions.judge_check(
        session, bonus.id, passed=True, source="payslip", by=town.inspector, today=date(2027, 3, 1)
    )
    assert bonus.state == "passed"
    assert trail(session, since) == [
        "voucher.chosen",
        "leg.accepted",
        "leg.started",
        "report.submitted",
        "report.approved",
        "outcome.claimed",
        "check.passed",
        "check.passed",
    ]
    assert audit.verify(session, 1).fault is None


# ── the choice ────────────────────────────────────────────────────────────────────────────────────


def test_a_guide_may_choose_at_the_persons_side_and_nobody_else_for_another(town: Town, session: Session):
    for by in (town.other_seeker, town.coach, town.inspector, town.administrator, Actor.clock(1)):
        with pytest.raises(Forbidden):
            actions.choose(session, town.voucher_id, town.provider_id, {}, by=by, at=noon(town.decided_on))
    leg = actions.choose(
        session, town.voucher_id, town.provider_id, {}, by=town.guide, at=noon(town.decided_on)
    )
    assert (leg.how, leg.chosen_by) == ("assisted", town.guide.account_id)


def test_a_choice_is_made_once(town: Town, session: Session):
    town.chosen(session)
    with refused("choice_made"):
        town.chosen(session)
    assert session.query(Leg).count() == 1


def test_a_choice_after_the_window_or_of_a_provider_without_the_service_is_refused(
    town: Town, session: Session
):
    with refused("choice_window_passed"):
        town.chosen(session, date(2026, 3, 10))
    voucher = decided(
        session,
        town.other_participant_id,
        voucher_form(town.rulebook_id, "preparatory", "single", 6),
        by=town.guide,
        today=town.decided_on,
    )
    with refused("provider_not_accredited"):  # the other provider has matching only
        actions.choose(
            session, voucher.id, town.other_provider_id, {}, by=town.other_seeker, at=noon(town.decided_on)
        )
    with refused("provider_not_accredited"):
        actions.choose(session, voucher.id, 4711, {}, by=town.other_seeker, at=noon(town.decided_on))


def test_a_stopped_intake_cannot_be_chosen(town: Town, session: Session):
    session.execute(
        update(Accreditation)
        .where(Accreditation.municipality_id == 1, Accreditation.provider_id == town.provider_id)
        .values(state="intake_stopped")
    )
    with refused("intake_stopped"):
        town.chosen(session)


def test_the_window_closes_at_midnight_in_sweden(town: Town, session: Session):
    last_minute = noon(date(2026, 3, 9)).replace(hour=23, minute=59)
    with refused("choice_window_passed"):
        actions.choose(
            session,
            town.voucher_id,
            town.provider_id,
            {},
            by=town.seeker,
            at=last_minute + timedelta(minutes=1),
        )
    actions.choose(session, town.voucher_id, town.provider_id, {}, by=town.seeker, at=last_minute)


def test_the_receipt_keeps_what_was_shown_whatever_happens_later(town: Town, session: Session):
    shown: dict[str, object] = {
        "provider": {"name": "Stigfinnarna"},
        "figure": {"fewer_than": 10},
        "listed": 2,
    }
    kept = dict(shown)
    leg = actions.choose(
        session, town.voucher_id, town.provider_id, shown, by=town.seeker, at=noon(town.decided_on)
    )
    shown["listed"] = 99
    session.flush()
    session.expire_all()
    receipt = session.scalars(select(ChoiceReceipt).where(ChoiceReceipt.leg_id == leg.id)).one()
    assert receipt.shown == kept
    assert receipt.made_at == noon(town.decided_on)
    for change in (
        update(ChoiceReceipt).values(shown={}),
        update(ChoiceReceipt).values(made_at=noon(END)),
    ):
        refused_by_the_database(session, "only ever added", change)
    with pytest.raises(IntegrityError), part_of(session):  # and there is one only
        session.execute(
            insert(ChoiceReceipt).values(
                municipality_id=1, id=new_id(), leg_id=leg.id, made_at=noon(END), shown={}
            )
        )
    with pytest.raises(Exception, match="only ever added"), part_of(session):
        session.delete(receipt)
        session.flush()


def test_after_a_no_the_person_chooses_again_in_a_whole_new_window(town: Town, session: Session):
    first = town.chosen(session)
    actions.decline(session, first, "conflict_of_interest", by=town.coach, today=date(2026, 3, 6))
    voucher = session.get_one(Voucher, (1, town.voucher_id))
    assert (voucher.state, voucher.choose_by) == ("choice_open", date(2026, 3, 13))
    second = actions.choose(
        session, town.voucher_id, town.other_provider_id, {}, by=town.seeker, at=noon(date(2026, 3, 13))
    )
    assert second.ordinal == 2


def test_a_provider_that_has_said_no_has_nothing_more_to_say(town: Town, session: Session):
    first, today = town.chosen(session), town.decided_on
    actions.decline(session, first, "conflict_of_interest", by=town.coach, today=today)
    second = actions.choose(
        session, town.voucher_id, town.other_provider_id, {}, by=town.seeker, at=noon(today)
    )
    voucher = session.get_one(Voucher, (1, town.voucher_id))

    def everything_is_refused() -> None:
        before = voucher.state
        for attempt in (
            lambda: actions.accept(session, first, by=town.coach, today=today),
            lambda: actions.decline(session, first, "conflict_of_interest", by=town.coach, today=today),
            lambda: actions.start(session, first, today, by=town.coach, today=today),
            lambda: actions.end_service(session, first, today, "moved", by=town.coach, today=today),
        ):
            with refused("leg_ended"):
                attempt()
        assert voucher.state == before

    everything_is_refused()
    actions.accept(session, second.id, by=town.other_coach, today=today)
    everything_is_refused()
    actions.start(session, second.id, today, by=town.other_coach, today=today)
    everything_is_refused()


def test_the_database_keeps_one_running_leg_a_voucher(town: Town, session: Session):
    leg_id = town.chosen(session)
    leg = session.get_one(Leg, (1, leg_id))
    columns = {column.name: getattr(leg, column.name) for column in Leg.__table__.columns}
    columns |= {"id": new_id(), "ordinal": 2}
    with pytest.raises(IntegrityError), part_of(session):
        session.execute(insert(Leg).values(columns))


# ── the provider's part ───────────────────────────────────────────────────────────────────────────


def test_another_providers_coach_can_do_nothing_with_a_leg(town: Town, session: Session):
    leg_id = town.chosen(session)
    by, today = town.other_coach, date(2026, 4, 1)
    for attempt in (
        lambda: actions.accept(session, leg_id, by=by, today=today),
        lambda: actions.decline(session, leg_id, "conflict_of_interest", by=by, today=today),
        lambda: actions.start(session, leg_id, today, by=by, today=today),
        lambda: actions.submit_report(session, leg_id, report_form(MARCH), by=by, today=today),
        lambda: actions.end_service(session, leg_id, today, "moved", by=by, today=today),
        lambda: actions.claim_outcome(session, leg_id, WORK, by=by, today=CLAIMED_ON),
    ):
        with refused("not_your_participant"):
            attempt()
    actions.accept(session, leg_id, by=town.coach, today=town.decided_on)
    actions.start(session, leg_id, town.decided_on, by=town.coach, today=town.decided_on)
    report_id = town.reported(session, leg_id, MARCH)
    outcome = actions.claim_outcome(session, leg_id, WORK, by=town.coach, today=CLAIMED_ON)
    with refused("not_your_participant"):
        actions.withdraw_report(session, report_id, by=by, today=today)
    with refused("not_your_participant"):
        actions.withdraw_outcome(session, outcome.id, by=by, today=today)


@pytest.mark.parametrize("who", ["seeker", "guide", "inspector", "maker", "administrator"])
def test_only_the_providers_own_staff_accept_start_and_report(town: Town, session: Session, who: str):
    by: Actor = getattr(town, who)
    leg_id = town.chosen(session)
    for attempt in (
        lambda: actions.accept(session, leg_id, by=by, today=town.decided_on),
        lambda: actions.start(session, leg_id, town.decided_on, by=by, today=town.decided_on),
        lambda: actions.submit_report(session, leg_id, report_form(MARCH), by=by, today=APRIL),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_a_leg_that_is_not_there_is_missing(town: Town, session: Session):
    with pytest.raises(Missing):
        actions.accept(session, 4711, by=town.coach, today=town.decided_on)


@pytest.mark.parametrize(
    ("started_on", "fits"),
    [("2026-03-01", False), ("2026-03-02", True), ("2026-03-10", True), ("2026-03-11", False)],
)
def test_a_service_starts_between_the_choice_and_today(
    town: Town, session: Session, started_on: str, fits: bool
):
    leg_id = town.chosen(session)
    actions.accept(session, leg_id, by=town.coach, today=town.decided_on)
    day, today = date.fromisoformat(started_on), date(2026, 3, 10)
    if fits:
        assert actions.start(session, leg_id, day, by=town.coach, today=today).started_on == day
    else:
        with refused("start_day_wrong"):
            actions.start(session, leg_id, day, by=town.coach, today=today)


def test_nothing_starts_before_the_provider_has_said_yes_and_nothing_starts_twice(
    town: Town, session: Session
):
    leg_id = town.chosen(session)
    today = town.decided_on
    with refused("voucher_step_not_possible"):
        actions.start(session, leg_id, today, by=town.coach, today=today)
    actions.accept(session, leg_id, by=town.coach, today=today)
    with refused("voucher_step_not_possible"):
        actions.accept(session, leg_id, by=town.coach, today=today)
    actions.start(session, leg_id, today, by=town.manager, today=today)
    with refused("voucher_step_not_possible"):
        actions.start(session, leg_id, today, by=town.coach, today=today)


def test_nothing_anybody_wrote_is_in_the_audit_trail(town: Town, session: Session):
    leg_id = town.started(session)
    report_id = town.reported(session, leg_id, MARCH, approved=False)
    actions.return_report(session, report_id, "Skriv mer om mötena.", by=town.guide, today=APRIL)
    rows = session.execute(select(AuditEntry.what, AuditEntry.subject_kind, AuditEntry.details))
    written = " ".join(" ".join(row) for row in rows)
    report = fetch(session, Report, 1, report_id)
    for text in (report.progress, report.next_step, "mötena", "Samira", "Testgren", "Bedömt"):
        assert text not in written

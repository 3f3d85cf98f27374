"""A voucher comes to its end: ended by a guide, taken back, lapsed, closed when nothing more is due."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.refusal import Forbidden
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town
from tests.vouchers.test_changing import APRIL, MARCH, START, leg_of, newest, switched
from vouchers import actions
from vouchers.models import Check, Leg, Voucher, VoucherDecision
from vouchers.queries.closing import ended_cases, left_to_do
from vouchers.queries.places import free_places


def voucher_of(session: Session, town: Town) -> Voucher:
    return session.get_one(Voucher, (1, town.voucher_id))


def decisions(session: Session) -> list[tuple[str, str]]:
    rows = select(VoucherDecision.kind, VoucherDecision.reasons)
    return [(row.kind, row.reasons) for row in session.execute(rows)]


# ── ended by a guide ─────────────────────────────────────────────────────────────────────────────


def test_a_guide_ends_what_runs(town: Town, session: Session):
    leg_id = town.started(session)
    with pytest.raises(Forbidden):
        actions.end_voucher(session, town.voucher_id, APRIL, "moved", by=town.coach, today=APRIL)
    with refused("end_reason_unknown"):
        actions.end_voucher(session, town.voucher_id, APRIL, "because", by=town.guide, today=APRIL)
    actions.end_voucher(session, town.voucher_id, APRIL, "moved", by=town.guide, today=APRIL)
    leg, voucher = leg_of(session, leg_id)
    assert (voucher.state, voucher.ended_on, leg.ended_on, leg.end_reason) == ("ended", APRIL, APRIL, "moved")


def test_it_ends_before_somebody_on_notice_has_left_and_the_notice_is_cut_short(town: Town, session: Session):
    first = town.started(session)
    new = switched(session, town, first, date(2026, 4, 23))
    on = date(2026, 4, 27)
    actions.end_voucher(session, town.voucher_id, on, "moved", by=town.guide, today=on)
    assert session.get_one(Leg, (1, first)).ended_on == on
    assert (new.ended_on, new.started_on, voucher_of(session, town).state) == (on, None, "ended")


def test_somebody_between_two_providers_is_ended_too(town: Town, session: Session):
    first = town.started(session)
    new = switched(session, town, first, date(2026, 4, 9))
    actions.decline(session, new.id, "conflict_of_interest", by=town.other_coach, today=date(2026, 4, 10))
    on = date(2026, 5, 4)
    actions.end_voucher(session, town.voucher_id, on, "interrupted", by=town.guide, today=on)
    voucher = voucher_of(session, town)
    assert (voucher.state, voucher.ended_on, voucher.end_reason) == ("ended", on, "interrupted")
    assert newest(session)[0] == "voucher.ended"
    assert session.get_one(Leg, (1, first)).ended_on == date(2026, 4, 16)


def test_what_has_not_begun_is_not_ended_and_no_day_ahead_is_a_last_day(town: Town, session: Session):
    town.chosen(session)
    with refused("not_begun"):
        actions.end_voucher(session, town.voucher_id, START, "moved", by=town.guide, today=START)


def test_a_day_before_the_start_or_ahead_is_refused(town: Town, session: Session):
    town.started(session)
    for day in (date(2026, 3, 1), date(2026, 4, 2)):
        with refused("last_day_between"):
            actions.end_voucher(session, town.voucher_id, day, "moved", by=town.guide, today=APRIL)


# ── taken back, lapsed ───────────────────────────────────────────────────────────────────────────


def test_a_decision_is_taken_back_before_anything_has_begun_and_the_place_is_free(
    town: Town, session: Session
):
    before = free_places(session, 1)
    leg_id = town.chosen(session)
    assert free_places(session, 1) != before
    with refused("reasons_missing"):
        actions.revoke(session, town.voucher_id, "  ", by=town.guide, today=START)
    actions.revoke(session, town.voucher_id, " Flyttade från kommunen. ", by=town.guide, today=START)
    leg, voucher = leg_of(session, leg_id)
    assert (voucher.state, leg.ended_on, leg.started_on) == ("revoked", START, None)
    assert decisions(session) == [("revoked", "Flyttade från kommunen.")]
    assert free_places(session, 1) == before
    assert newest(session)[0] == "voucher.revoked"
    session.flush()
    refused_by_the_database(session, "only ever added", update(VoucherDecision).values(reasons="Nej."))
    refused_by_the_database(session, "only ever added", delete(VoucherDecision))


def test_what_has_begun_is_not_taken_back(town: Town, session: Session):
    first = town.started(session)
    with refused("voucher_step_not_possible"):
        actions.revoke(session, town.voucher_id, "Skäl.", by=town.guide, today=APRIL)
    switched(session, town, first, APRIL)
    with refused("has_begun"):
        actions.revoke(session, town.voucher_id, "Skäl.", by=town.guide, today=APRIL)


def test_a_voucher_lapses_when_its_window_has_passed(town: Town, session: Session):
    last = voucher_of(session, town).choose_by
    with refused("window_still_open"):
        actions.lapse(session, town.voucher_id, "Svarar inte.", by=town.guide, today=last)
    with pytest.raises(Forbidden):
        actions.lapse(session, town.voucher_id, "Svarar inte.", by=town.inspector, today=APRIL)
    actions.lapse(
        session, town.voucher_id, "Svarar inte.", by=town.guide, today=last.replace(day=last.day + 1)
    )
    assert voucher_of(session, town).state == "lapsed"
    assert decisions(session) == [("lapsed", "Svarar inte.")]


def test_one_who_has_begun_does_not_lapse(town: Town, session: Session):
    first = town.started(session)
    new = switched(session, town, first, date(2026, 4, 9))
    actions.decline(session, new.id, "conflict_of_interest", by=town.other_coach, today=date(2026, 4, 10))
    with refused("has_begun_ends"):
        actions.lapse(session, town.voucher_id, "Svarar inte.", by=town.guide, today=date(2026, 6, 1))


# ── closed ───────────────────────────────────────────────────────────────────────────────────────


def ended(session: Session, town: Town, reason: str = "moved") -> int:
    leg_id = town.started(session)
    on = date(2026, 3, 31)
    town.reported(session, leg_id, MARCH)
    actions.end_voucher(session, town.voucher_id, on, reason, by=town.guide, today=on)
    return leg_id


def close(session: Session, town: Town, on: date = APRIL, unpaid: int = 0) -> Voucher:
    return actions.close(session, town.voucher_id, unpaid=unpaid, by=town.guide, today=on)


def test_it_closes_when_all_is_told_judged_and_paid(town: Town, session: Session):
    ended(session, town)
    assert [one.voucher_id for one in ended_cases(session, 1, town.guide.account_id)] == [town.voucher_id]
    with refused("still_to_pay"):
        close(session, town, unpaid=1)
    assert close(session, town).state == "closed"
    assert decisions(session) == [("closed", "")]
    assert ended_cases(session, 1, town.guide.account_id) == []
    with refused("voucher_step_not_possible"):
        close(session, town)


def test_a_month_that_can_still_be_reported_keeps_it_open(town: Town, session: Session):
    town.started(session)
    actions.end_voucher(session, town.voucher_id, date(2026, 3, 31), "moved", by=town.guide, today=APRIL)
    assert left_to_do(session, 1, [town.voucher_id], APRIL)[town.voucher_id].open_on == date(2027, 3, 31)
    with refused("still_open"):
        close(session, town, date(2027, 3, 31))
    assert close(session, town, date(2027, 4, 1)).state == "closed"


def test_a_report_nobody_has_judged_keeps_it_open(town: Town, session: Session):
    leg_id = town.started(session)
    town.reported(session, leg_id, MARCH, approved=False)
    actions.end_voucher(session, town.voucher_id, date(2026, 3, 31), "moved", by=town.guide, today=APRIL)
    with refused("still_to_judge"):
        close(session, town)


def test_a_result_that_can_still_be_claimed_keeps_it_open(town: Town, session: Session):
    ended(session, town, "work")
    with refused("still_open"):
        close(session, town, date(2026, 4, 30))
    assert close(session, town, date(2026, 5, 1)).state == "closed"


def test_a_check_that_nobody_has_made_keeps_it_open(town: Town, session: Session):
    leg_id = town.started(session)
    on = date(2026, 3, 31)
    town.reported(session, leg_id, MARCH)
    form = actions.OutcomeForm("work", on, on, 100, employer_number="4199070014")
    actions.claim_outcome(session, leg_id, form, by=town.coach, today=on)
    with refused("still_to_judge"):
        close(session, town)
    (key,) = session.scalars(select(Check.id)).all()
    actions.judge_check(session, key, passed=False, refusal_code="no_evidence", by=town.guide, today=APRIL)
    assert close(session, town).state == "closed"


def test_what_runs_is_not_closed(town: Town, session: Session):
    town.started(session)
    with refused("voucher_step_not_possible"):
        close(session, town)

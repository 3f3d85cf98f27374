"""A voucher takes turns: another provider, a pause, more months; what follows on the day, and in money."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core import audit
from core.audit import AuditEntry
from core.database import Database, new_id
from core.refusal import Forbidden, Missing, Refusal
from payouts import actions as money
from payouts.actions.runs import Result
from payouts.models import LedgerLine
from providers import actions as registry
from providers.models import Accreditation
from tests.providers.lives import accreditation
from tests.support import town as towns
from tests.support.crowd import at_once
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, noon, report_form
from tests.vouchers.test_rules import TERMS
from vouchers import actions
from vouchers.models import SWITCHED, Assessment, ChoiceReceipt, Extension, Leg, Pause, Report, Voucher
from vouchers.queries.terms import terms_of
from vouchers.queries.turns import turns
from vouchers.rules.pauses import Span
from vouchers.rules.waiting import Standing, waits

START = date(2026, 3, 2)
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))
SHOWN: dict[str, object] = {"provider": {"name": "Lyktvägen"}}


def leg_of(session: Session, leg_id: int) -> tuple[Leg, Voucher]:
    leg = session.get_one(Leg, (1, leg_id))
    return leg, session.get_one(Voucher, (1, leg.voucher_id))


def switched(session: Session, town: Town, leaves: int, on: date, to: int | None = None) -> Leg:
    return actions.switch(
        session,
        town.voucher_id,
        to or town.other_provider_id,
        SHOWN,
        leaves=leaves,
        by=town.seeker,
        at=noon(on),
    )


def newest(session: Session) -> list[str]:
    rows = select(AuditEntry.what).order_by(AuditEntry.sequence.desc()).limit(2)
    return list(session.scalars(rows))


# ── another provider ─────────────────────────────────────────────────────────────────────────────


def test_who_has_begun_leaves_after_notice_and_the_new_one_begins_after_that(town: Town, session: Session):
    first = town.started(session)
    asked = date(2026, 4, 23)
    new = switched(session, town, first, asked)
    old, voucher = leg_of(session, first)
    assert (old.ended_on, old.end_reason) == (date(2026, 4, 30), SWITCHED)
    assert (voucher.state, voucher.ended_on, new.ordinal, new.how) == ("chosen", None, 2, "own")
    assert (new.chosen_on, new.start_by) == (asked, date(2026, 5, 18))
    receipt = session.scalars(select(ChoiceReceipt).where(ChoiceReceipt.leg_id == new.id)).one()
    assert receipt.shown == SHOWN
    assert newest(session) == ["voucher.switched", "leg.left"]
    actions.accept(session, new.id, by=town.other_coach, today=date(2026, 4, 24))
    with refused("goes_elsewhere_still"):
        actions.start(session, new.id, date(2026, 4, 30), by=town.other_coach, today=date(2026, 4, 30))
    actions.start(session, new.id, MAY, by=town.other_coach, today=MAY)
    assert voucher.state == "active"
    assert audit.verify(session, 1).fault is None


def test_the_old_provider_reports_its_days_and_each_is_paid_its_own(town: Town, session: Session):
    first = town.started(session)
    town.reported(session, first, MARCH)
    new = switched(session, town, first, date(2026, 4, 9))
    assert session.get_one(Leg, (1, first)).ended_on == date(2026, 4, 16)
    actions.accept(session, new.id, by=town.other_coach, today=date(2026, 4, 10))
    actions.start(session, new.id, date(2026, 4, 17), by=town.other_coach, today=date(2026, 4, 17))
    for leg_id, coach in ((first, town.coach), (new.id, town.other_coach)):
        report = actions.submit_report(session, leg_id, report_form(APRIL), by=coach, today=date(2026, 4, 30))
        actions.approve_report(session, report.id, by=town.guide, today=date(2026, 4, 30))
    money.run(session, by=town.maker, as_of=date(2026, 4, 30), at=noon(date(2026, 4, 30)))
    order = (LedgerLine.part, LedgerLine.leg_id)
    booked = select(LedgerLine.leg_id, LedgerLine.part, LedgerLine.quantity, LedgerLine.amount_ore)
    assert [tuple(row) for row in session.execute(booked.order_by(*order))] == [
        (first, 202603, 30, 356710),
        (first, 202604, 16, 196587),
        (new.id, 202604, 14, 172013),
    ]


def test_a_change_of_mind_before_the_start_leaves_today_and_is_no_switch(town: Town, session: Session):
    first = town.chosen(session)
    second = switched(session, town, first, START)
    old, voucher = leg_of(session, first)
    assert (old.started_on, old.ended_on, old.end_reason) == (None, START, SWITCHED)
    assert (voucher.state, second.start_by) == ("chosen", date(2026, 3, 16))
    assert newest(session) == ["voucher.switched", "leg.not_begun"]
    actions.accept(session, second.id, by=town.other_coach, today=START)
    third = switched(session, town, second.id, START, town.provider_id)
    assert (voucher.state, third.ordinal) == ("chosen", 3)
    assert turns(session, voucher).switches == 0
    actions.accept(session, third.id, by=town.coach, today=START)
    actions.start(session, third.id, START, by=town.coach, today=START)
    assert voucher.state == "active"


def test_when_the_new_provider_says_no_the_window_opens_again(town: Town, session: Session):
    first = town.started(session)
    new = switched(session, town, first, date(2026, 4, 23))
    actions.decline(session, new.id, "conflict_of_interest", by=town.other_coach, today=date(2026, 4, 24))
    voucher = session.get_one(Voucher, (1, town.voucher_id))
    assert (voucher.state, voucher.choose_by) == ("choice_open", date(2026, 5, 4))
    back = actions.choose(
        session, town.voucher_id, town.provider_id, SHOWN, by=town.seeker, at=noon(date(2026, 4, 24))
    )
    assert back.start_by == date(2026, 5, 18)  # ten working days from the last day with the first
    actions.accept(session, back.id, by=town.coach, today=date(2026, 4, 27))
    with refused("goes_elsewhere_still"):
        actions.start(session, back.id, date(2026, 4, 30), by=town.coach, today=MAY)


def test_who_is_paused_switches_and_the_pause_ends_that_day(town: Town, session: Session):
    first = town.started(session)
    pause = actions.pause(session, town.voucher_id, APRIL, JUNE, "sick", by=town.guide, today=APRIL)
    switched(session, town, first, date(2026, 4, 13))
    assert (pause.resumed_on, pause.resumed_by) == (date(2026, 4, 13), town.seeker.account_id)
    assert session.get_one(Leg, (1, first)).ended_on == date(2026, 4, 20)


def test_a_switch_is_refused_for_what_the_rules_say(town: Town, session: Session):
    with refused("nobody_to_leave"):
        switched(session, town, 0, START)
    first = town.started(session)
    with refused("same_provider"):
        switched(session, town, first, APRIL, town.provider_id)
    with refused("provider_not_accredited"):
        switched(session, town, first, APRIL, new_id())
    with refused("choice_changed"):
        switched(session, town, first + 1, APRIL)
    with refused("few_days_left"):
        switched(session, town, first, date(2027, 1, 31))
    other = accreditation(session, town.other_provider_id)
    session.execute(update(Accreditation).where(Accreditation.id == other.id).values(capacity=0))
    session.expire_all()
    with refused("no_places"):
        switched(session, town, first, APRIL)
    session.execute(update(Accreditation).where(Accreditation.id == other.id).values(capacity=9))
    session.expire_all()
    registry.stop_intake(session, other.id, reasons="Fullt.", by=town.inspector, today=APRIL)
    with refused("intake_stopped"):
        switched(session, town, first, APRIL)
    assert session.query(Leg).filter_by(voucher_id=town.voucher_id).count() == 1


def test_nobody_else_switches_for_the_person(town: Town, session: Session):
    first = town.started(session)
    for by in (town.other_seeker, town.coach, town.inspector):
        with pytest.raises(Forbidden):
            actions.switch(
                session, town.voucher_id, town.other_provider_id, {}, leaves=first, by=by, at=noon(APRIL)
            )
    leg = actions.switch(
        session, town.voucher_id, town.other_provider_id, {}, leaves=first, by=town.guide, at=noon(APRIL)
    )
    assert leg.how == "assisted"


def test_of_two_who_switch_at_once_one_is_heard(database: Database):
    town = towns.found(database)
    with database.transaction(1) as session:
        leg_id = town.started(session)

    def press(number: int) -> int:
        by = (town.seeker, town.guide)[number % 2]
        with database.transaction(1) as session:
            return actions.switch(
                session, town.voucher_id, town.other_provider_id, {}, leaves=leg_id, by=by, at=noon(APRIL)
            ).id

    answers = at_once(4, press)
    assert [one.code for one in answers if isinstance(one, Refusal)] == ["choice_changed"] * 3, answers
    with database.reading() as session:
        assert session.query(Leg).count() == 2
        assert session.query(Leg).filter(Leg.ended_on.is_(None)).one().id in answers


# ── a pause ──────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_begins_ends_and_moves_the_last_day(town: Town, session: Session):
    leg_id = town.started(session)
    voucher = session.get_one(Voucher, (1, town.voucher_id))
    terms = terms_of(session, 1, voucher.rulebook_id)
    with pytest.raises(Forbidden):
        actions.pause(session, voucher.id, APRIL, JUNE, "sick", by=town.seeker, today=APRIL)
    today = date(2026, 4, 8)
    actions.pause(session, voucher.id, date(2026, 4, 6), MAY, "parental_leave", by=town.guide, today=today)
    assert voucher.state == "paused"
    assert newest(session)[0] == "leg.paused"
    with refused("voucher_step_not_possible"):
        actions.pause(session, voucher.id, today, MAY, "sick", by=town.guide, today=today)
    actions.resume(session, voucher.id, date(2026, 4, 16), by=town.guide, today=date(2026, 4, 17))
    assert voucher.state == "active"
    assert turns(session, voucher).last_on(terms, today) == date(2027, 3, 11)
    with refused("pause_too_early"):
        actions.pause(
            session, voucher.id, date(2026, 4, 15), MAY, "sick", by=town.guide, today=date(2026, 4, 17)
        )
    town.reported(session, leg_id, APRIL)
    with refused("pause_too_early"):
        actions.pause(
            session, voucher.id, date(2026, 4, 30), MAY, "sick", by=town.guide, today=date(2026, 4, 30)
        )


def test_a_pause_that_has_not_begun_is_called_off_and_has_no_days(town: Town, session: Session):
    town.started(session)
    actions.pause(session, town.voucher_id, MAY, JUNE, "other", by=town.guide, today=date(2026, 4, 20))
    with refused("pause_not_begun"):
        actions.resume(session, town.voucher_id, date(2026, 4, 22), by=town.guide, today=date(2026, 4, 22))
    pause = actions.resume(session, town.voucher_id, MAY, by=town.guide, today=date(2026, 4, 22))
    assert pause.resumed_on == pause.from_on
    assert newest(session)[0] == "leg.pause_called_off"


def test_a_pause_ends_with_the_service(town: Town, session: Session):
    leg_id = town.started(session)
    pause = actions.pause(session, town.voucher_id, APRIL, JUNE, "sick", by=town.guide, today=APRIL)
    actions.end_service(session, leg_id, date(2026, 4, 20), "moved", by=town.coach, today=date(2026, 4, 20))
    assert pause.resumed_on == date(2026, 4, 21)
    assert session.get_one(Voucher, (1, town.voucher_id)).state == "ended"


def test_a_pause_is_kept_as_it_was_and_one_is_open_at_a_time(town: Town, session: Session):
    leg_id = town.started(session)
    row = actions.pause(session, town.voucher_id, APRIL, JUNE, "sick", by=town.guide, today=APRIL)
    session.flush()
    mine = Pause.id == row.id
    refused_by_the_database(session, "began", update(Pause).where(mine).values(from_on=START))
    refused_by_the_database(session, "kept", delete(Pause).where(mine))
    again = {
        "municipality_id": 1, "id": new_id(), "voucher_id": town.voucher_id, "leg_id": leg_id,
        "reason": "sick", "from_on": MAY, "expected_on": JUNE,
        "decided_by": town.guide.account_id, "decided_on": APRIL,
    }  # fmt: skip
    refused_by_the_database(session, "(?i)unique", insert(Pause).values(again))
    early = update(Pause).where(mine).values(resumed_on=START, resumed_by=1)
    refused_by_the_database(session, "ends_after_it_began", early)


def test_paused_days_are_not_paid_and_one_told_late_is_taken_back(database: Database):
    town = towns.found(database)
    with database.transaction(1) as session:
        leg_id = town.started(session)
        for month in (MARCH, APRIL):
            town.reported(session, leg_id, month)

    def run(on: date) -> Result:
        with database.transaction(1, serial=False) as session:
            return money.run(session, by=town.maker, as_of=on, at=noon(on))

    assert run(date(2026, 4, 30)).earned_ore == 356710 + 368600
    row = {
        "municipality_id": 1, "id": new_id(), "voucher_id": town.voucher_id, "leg_id": leg_id,
        "reason": "sick", "from_on": date(2026, 4, 21), "expected_on": JUNE,
        "resumed_on": MAY, "resumed_by": 1, "decided_by": town.guide.account_id, "decided_on": JUNE,
    }  # fmt: skip
    with database.transaction(1) as session:
        session.execute(insert(Pause).values(row))
    again = run(date(2026, 5, 31))
    assert (again.earned_ore, again.clawed_ore) == (245733, -368600)
    assert run(date(2026, 5, 31)).lines == 0
    with database.reading() as session:
        lines = session.scalars(
            select(LedgerLine).where(LedgerLine.part == 202604).order_by(LedgerLine.sequence)
        ).all()
        assert [(line.amount_ore, line.reason) for line in lines] == [
            (368600, "earned"), (-368600, "changed"), (245733, "earned"),
        ]  # fmt: skip


def test_a_month_paused_in_whole_is_nobodys_missing_report():
    standing = Standing("paused", START, started_on=START, reported=frozenset({MARCH}))
    today = date(2026, 5, 20)
    assert [wait.month for wait in waits(standing, TERMS, today) if wait.kind == "report_missing"] == [APRIL]
    paused = Standing(
        "paused", START, started_on=START, reported=frozenset({MARCH}), paused=[Span(APRIL, None)]
    )
    assert not [wait for wait in waits(paused, TERMS, today) if wait.kind == "report_missing"]


# ── more months ──────────────────────────────────────────────────────────────────────────────────


def assessed(session: Session, town: Town, on: date, participant_id: int | None = None) -> int:
    """An assessment at a meeting that day. Gives its id."""
    row = Assessment(
        municipality_id=1,
        participant_id=participant_id or town.participant_id,
        rulebook_id=town.rulebook_id,
        met_on=on,
        answers={},
        why=[],
        suggested_service="matching",
        suggested_level="basic",
        service="matching",
        level="basic",
        state_check="none_fits",
        made_by=town.guide.account_id,
        made_on=on,
    )
    session.add(row)
    session.flush()
    return row.id


def test_a_guide_extends_after_a_new_assessment_with_something_new(town: Town, session: Session):
    town.started(session)
    today = date(2027, 1, 15)
    key = assessed(session, town, date(2027, 1, 11))
    form = actions.ExtensionForm(6, key, "  En praktikplats i vården. ", "Behöver längre tid.")
    with pytest.raises(Forbidden):
        actions.extend(session, town.voucher_id, form, by=town.inspector, today=today)
    with refused("extension_too_early"):
        actions.extend(session, town.voucher_id, form, by=town.guide, today=date(2026, 6, 1))
    row = actions.extend(session, town.voucher_id, form, by=town.guide, today=today)
    voucher = session.get_one(Voucher, (1, town.voucher_id))
    assert (voucher.months, row.new_content, row.decided_by) == (
        18,
        "En praktikplats i vården.",
        town.guide.account_id,
    )
    assert newest(session)[0] == "voucher.extended"
    later = actions.ExtensionForm(1, key, "Mer.", "Mer tid.")
    with refused("assessment_needed"):  # the assessment before the last decision is not a new one
        actions.extend(session, town.voucher_id, later, by=town.guide, today=date(2027, 8, 1))
    session.flush()
    refused_by_the_database(session, "only ever added", update(Extension).values(months=9))


def test_an_extension_rests_on_the_persons_own_assessment(town: Town, session: Session):
    town.started(session)
    today = date(2027, 1, 15)
    key = assessed(session, town, date(2027, 1, 11), town.other_participant_id)
    for assessment_id in (key, new_id()):
        form = actions.ExtensionForm(6, assessment_id, "Nytt.", "Skäl.")
        with pytest.raises(Missing):
            actions.extend(session, town.voucher_id, form, by=town.guide, today=today)
    with refused("assessment_needed"):
        actions.extend(
            session,
            town.voucher_id,
            actions.ExtensionForm(6, None, "Nytt.", "Skäl."),
            by=town.guide,
            today=today,
        )


def test_reports_are_kept_over_a_switch(town: Town, session: Session):
    first = town.started(session)
    town.reported(session, first, MARCH)
    switched(session, town, first, APRIL)
    assert session.query(Report).filter_by(leg_id=first).count() == 1

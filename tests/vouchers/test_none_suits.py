"""None of them suits; the reminder; and what a provider's no takes."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actor import Actor
from core.database import Database
from core.refusal import Forbidden, Missing, Refusal
from providers.models import Accreditation
from tests.support import town as towns
from tests.support.crowd import at_once
from tests.support.refusing import refused
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.models import Leg, NoneSuits, Reminder, Voucher
from vouchers.queries.standings import facts
from vouchers.rules.waiting import Wait, waits

SAID = noon(date(2026, 3, 4))
LATER = noon(date(2026, 3, 11))


def voucher(session: Session, town: Town) -> Voucher:
    return session.get_one(Voucher, (1, town.voucher_id))


def waiting(session: Session, today: date) -> list[Wait]:
    (one,) = facts(session, 1, [], today)
    return waits(one.standing, one.terms, today)


def said(session: Session, town: Town, by: Actor | None = None) -> NoneSuits:
    return actions.say_none_suits(
        session, town.voucher_id, ["language", "distance"], " Jag talar dari. ", by=by or town.seeker, at=SAID
    )


def test_it_is_an_answer_that_is_kept_and_waits_first_of_all(town: Town, session: Session):
    row = said(session, town)
    assert (row.why, row.words) == (["distance", "language"], "Jag talar dari.")
    for today in (date(2026, 3, 5), date(2026, 3, 20)):
        assert waiting(session, today) == [Wait("none_suits", SAID.date())]
    first = Wait("none_suits", date(2026, 3, 20))
    assert first.urgency < Wait("window_passed", date(2026, 1, 1)).urgency
    with refused("none_suits_said"):
        said(session, town)


def test_a_guide_writes_it_down_at_the_persons_side_and_nobody_else_does(town: Town, session: Session):
    for by in (town.other_seeker, town.coach, town.inspector, Actor.clock(1)):
        with pytest.raises(Forbidden):
            said(session, town, by)
    assert said(session, town, town.guide).said_by == town.guide.account_id


@pytest.mark.parametrize("why", [[], ["nonsense"], ["distance", "nonsense"]])
def test_a_reason_of_the_rulebook_is_needed(town: Town, session: Session, why: list[str]):
    with refused("why_missing"):
        actions.say_none_suits(session, town.voucher_id, why, "Nej.", by=town.seeker, at=SAID)


def test_who_has_chosen_has_somebody_who_suits(town: Town, session: Session):
    town.chosen(session)
    with refused("choice_made"):
        said(session, town)


def test_the_guide_follows_up_and_may_open_a_whole_new_window(town: Town, session: Session):
    with pytest.raises(Missing):
        actions.follow_up_none_suits(
            session, town.voucher_id, "Ringde.", reopen=True, by=town.guide, at=LATER
        )
    row = said(session, town)
    with pytest.raises(Forbidden):
        actions.follow_up_none_suits(
            session, town.voucher_id, "Ringde.", reopen=True, by=town.coach, at=LATER
        )
    with refused("follow_up_missing"):
        actions.follow_up_none_suits(session, town.voucher_id, " ", reopen=True, by=town.guide, at=LATER)
    actions.follow_up_none_suits(
        session, town.voucher_id, "Tolk vid mötet.", reopen=True, by=town.guide, at=LATER
    )
    assert (row.follow_up, row.followed_up_on) == ("Tolk vid mötet.", date(2026, 3, 11))
    assert voucher(session, town).choose_by == date(2026, 3, 18)
    town.chosen(session, date(2026, 3, 18))


def test_without_a_new_window_the_old_one_has_passed(town: Town, session: Session):
    said(session, town)
    actions.follow_up_none_suits(session, town.voucher_id, "Vi ses.", reopen=False, by=town.guide, at=LATER)
    assert waiting(session, LATER.date()) == [Wait("window_passed", date(2026, 3, 9))]


def test_a_choice_made_after_all_ends_the_waiting(town: Town, session: Session):
    said(session, town)
    town.chosen(session, date(2026, 3, 5))
    assert waiting(session, date(2026, 3, 6)) == []


def test_said_twice_at_once_is_one_answer(database: Database):
    fresh = towns.found(database)

    def press(_number: int) -> int:
        with database.transaction(1) as session:
            return said(session, fresh).id

    found = at_once(3, press)
    assert [one.code for one in found if isinstance(one, Refusal)] == ["none_suits_said"] * 2
    with database.reading() as session:
        assert session.query(NoneSuits).count() == 1


# ── the reminder ─────────────────────────────────────────────────────────────────────────────────


def reminded(session: Session, today: date) -> int:
    return actions.remind_choosers(session, by=Actor.clock(1), today=today)


def test_the_reminder_comes_on_its_day_once_and_stands_in_the_guides_list(town: Town, session: Session):
    third = date(2026, 3, 5)
    assert reminded(session, date(2026, 3, 4)) == 0
    assert waiting(session, third) == [Wait("window_soon", date(2026, 3, 9))]
    assert reminded(session, third) == 1
    assert reminded(session, third) == reminded(session, date(2026, 3, 6)) == 0
    row = session.scalars(select(Reminder)).one()
    assert (row.kind, row.about_on, row.given_on) == ("choose", date(2026, 3, 9), third)
    assert waiting(session, third) == [Wait("reminded", date(2026, 3, 9))]


def test_a_missed_day_is_made_up_for_until_the_last_day(town: Town, session: Session):
    assert reminded(session, date(2026, 3, 10)) == 0
    assert reminded(session, date(2026, 3, 9)) == 1


def test_a_new_window_has_a_reminder_of_its_own(town: Town, session: Session):
    assert reminded(session, date(2026, 3, 5)) == 1
    actions.reopen_choice(session, town.voucher_id, by=town.guide, today=date(2026, 3, 10))
    assert reminded(session, date(2026, 3, 12)) == 0
    assert reminded(session, date(2026, 3, 13)) == 1


def test_who_has_chosen_or_answered_is_not_reminded(town: Town, session: Session):
    said(session, town)
    assert reminded(session, date(2026, 3, 5)) == 0
    town.chosen(session, date(2026, 3, 5))
    assert reminded(session, date(2026, 3, 6)) == 0


# ── the provider answers ─────────────────────────────────────────────────────────────────────────


def test_a_provider_that_does_not_answer_in_time_is_late(town: Town, session: Session):
    leg_id = town.chosen(session)
    assert waiting(session, date(2026, 3, 9)) == []
    assert waiting(session, date(2026, 3, 10)) == [Wait("answer_late", date(2026, 3, 9))]
    actions.accept(session, leg_id, by=town.coach, today=date(2026, 3, 10))
    assert waiting(session, date(2026, 3, 10)) == []
    assert waiting(session, date(2026, 3, 17)) == [Wait("start_late", date(2026, 3, 16))]


def test_a_no_needs_a_reason_that_is_so(town: Town, session: Session):
    leg_id, today = town.chosen(session), date(2026, 3, 4)
    for reason, code in (
        (None, "decline_reason_missing"),
        ("tired", "decline_reason_missing"),
        ("no_places", "has_places"),
        ("few_days_left", "days_enough"),
    ):
        with refused(code):
            actions.decline(session, leg_id, reason, by=town.coach, today=today)
    leg = actions.decline(session, leg_id, "conflict_of_interest", by=town.coach, today=today)
    assert (leg.declined_on, leg.decline_reason) == (today, "conflict_of_interest")
    assert (voucher(session, town).state, voucher(session, town).choose_by) == (
        "choice_open",
        date(2026, 3, 11),
    )


def test_full_means_that_others_have_all_the_places(town: Town, session: Session):
    leg_id, today = town.chosen(session), date(2026, 3, 4)
    leg = session.get_one(Leg, (1, leg_id))
    this = Accreditation.id == leg.accreditation_id
    session.execute(update(Accreditation).where(this).values(capacity=1))
    with refused("has_places"):
        actions.decline(session, leg_id, "no_places", by=town.coach, today=today)
    session.execute(update(Accreditation).where(this).values(capacity=0))
    actions.decline(session, leg_id, "no_places", by=town.coach, today=today)


def test_a_stopped_intake_is_a_reason_too(town: Town, session: Session):
    leg_id = town.chosen(session)
    leg = session.get_one(Leg, (1, leg_id))
    session.execute(
        update(Accreditation).where(Accreditation.id == leg.accreditation_id).values(state="intake_stopped")
    )
    assert actions.decline(session, leg_id, "no_places", by=town.coach, today=date(2026, 3, 4)).declined_on


def test_few_days_left_after_a_switch_near_the_end(town: Town, session: Session):
    leg_id = town.started(session)
    near = date(2027, 2, 1)
    other = actions.switch(
        session, town.voucher_id, town.other_provider_id, {}, leaves=leg_id, by=town.seeker,
        at=noon(date(2027, 1, 25)),
    )  # fmt: skip
    with refused("days_enough"):
        actions.decline(session, other.id, "few_days_left", by=town.other_coach, today=date(2027, 1, 30))
    leg = actions.decline(session, other.id, "few_days_left", by=town.other_coach, today=near)
    assert leg.decline_reason == "few_days_left"

"""What a turn would do to the money, told before it is taken, and what the run then books."""

from __future__ import annotations

from datetime import date

import pytest

from core.database import Database
from payouts import actions as money
from payouts.queries.outlook import Turn, booked_by_leg, outlook, unbooked
from tests.support.town import Town, found, noon, report_form
from vouchers import actions
from vouchers.models import Leg, Voucher
from vouchers.queries.terms import terms_of
from vouchers.queries.turns import turns
from vouchers.rules.pauses import Span

START, TODAY = date(2026, 3, 2), date(2026, 4, 8)
MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))
MONTH, FIRST = 368600, 356710  # a whole month; March from the 2nd: 30 of 31 days


@pytest.fixture
def town(database: Database) -> Town:
    return found(database)


@pytest.fixture
def leg_id(database: Database, town: Town) -> int:
    """A leg since 2 March of a voucher of six months, with March approved."""
    with database.transaction(1) as session:
        session.get_one(Voucher, (1, town.voucher_id)).months = 6
        leg_id = town.started(session)
        town.reported(session, leg_id, MARCH)
        return leg_id


def asked(database: Database, town: Town, turn: Turn) -> list[tuple[int, int, int, int]]:
    """(provider, earned, more as it stands, more after), in öre."""
    with database.reading() as session:
        voucher = session.get_one(Voucher, (1, town.voucher_id))
        terms = terms_of(session, 1, voucher.rulebook_id)
        shares = outlook(session, turns(session, voucher), terms, turn, today=TODAY)
    return [(one.provider_id, one.earned_ore, one.before_ore, one.after_ore) for one in shares]


def test_as_it_stands_nothing_changes(database: Database, town: Town, leg_id: int):
    assert asked(database, town, Turn()) == [(town.provider_id, FIRST, 5 * MONTH, 5 * MONTH)]


def test_a_switch_moves_the_days_after_the_last_one(database: Database, town: Town, leg_id: int):
    turn = Turn(last_on=date(2026, 4, 15), to_provider=town.other_provider_id, first_on=date(2026, 4, 16))
    assert asked(database, town, turn) == [
        (town.provider_id, FIRST, 5 * MONTH, MONTH // 2),
        (town.other_provider_id, 0, 0, MONTH // 2 + 4 * MONTH),
    ]


def test_an_end_leaves_what_can_be_told_of_until_the_last_day(database: Database, town: Town, leg_id: int):
    assert asked(database, town, Turn(last_on=date(2026, 4, 6))) == [
        (town.provider_id, FIRST, 5 * MONTH, 73720)
    ]
    assert asked(database, town, Turn(last_on=date(2026, 3, 31))) == [(town.provider_id, FIRST, 5 * MONTH, 0)]


def test_a_pause_of_a_whole_month_moves_it_to_the_end(database: Database, town: Town, leg_id: int):
    """The service ends on 1 October then, so that its days of September are paid as well."""
    turn = Turn(pause=Span(MAY, date(2026, 6, 1)))
    assert asked(database, town, turn) == [(town.provider_id, FIRST, 5 * MONTH, 5 * MONTH)]


def test_a_pause_of_some_days_costs_those_days(database: Database, town: Town, leg_id: int):
    turn = Turn(pause=Span(date(2026, 4, 10), date(2026, 4, 13)))
    assert asked(database, town, turn) == [(town.provider_id, FIRST, 5 * MONTH, 5 * MONTH - MONTH // 10)]


def test_more_months_give_more_up_to_what_the_rulebook_pays_for(database: Database, town: Town, leg_id: int):
    assert asked(database, town, Turn(adds=3)) == [(town.provider_id, FIRST, 5 * MONTH, 8 * MONTH)]
    assert asked(database, town, Turn(adds=9)) == [(town.provider_id, FIRST, 5 * MONTH, 11 * MONTH)]


def test_before_anybody_has_begun_all_of_it_goes_to_the_new_one(database: Database, town: Town):
    with database.transaction(1) as session:
        session.get_one(Voucher, (1, town.voucher_id)).months = 6
        town.chosen(session)
    first = date(2026, 5, 4)
    shares = asked(database, town, Turn(last_on=TODAY, to_provider=town.other_provider_id, first_on=first))
    ((old, *_, after_old), (new, _, before_new, after_new)) = shares
    assert (old, after_old, new, before_new) == (town.provider_id, 0, town.other_provider_id, 0)
    assert after_new == 5 * MONTH + 332929  # 28 of the first month's 31 days


def test_what_was_told_is_what_is_booked(database: Database, town: Town, leg_id: int):
    """A switch, told before it is done; then done, reported and run: the sums are the same."""
    last, first = date(2026, 4, 15), date(2026, 4, 16)
    told = asked(database, town, Turn(last_on=last, to_provider=town.other_provider_id, first_on=first))
    with database.transaction(1) as session:
        new = actions.switch(
            session, town.voucher_id, town.other_provider_id, {}, leaves=leg_id, by=town.guide, at=noon(TODAY)
        )
        assert session.get_one(Leg, (1, leg_id)).ended_on == last
        actions.accept(session, new.id, by=town.other_coach, today=TODAY)
        actions.start(session, new.id, first, by=town.other_coach, today=first)
        months = [(leg_id, APRIL, town.coach), (new.id, APRIL, town.other_coach)]
        months += [(new.id, date(2026, month, 1), town.other_coach) for month in (5, 6, 7, 8)]
        for key, month, coach in months:
            day = date(2026, 9, 2)
            report = actions.submit_report(session, key, report_form(month), by=coach, today=day)
            actions.approve_report(session, report.id, by=town.guide, today=day)
        assert unbooked(session, 1, town.voucher_id, date(2026, 9, 2)) == 7
    with database.transaction(1, serial=False) as session:
        money.run(session, by=town.maker, as_of=date(2026, 9, 2), at=noon(date(2026, 9, 2)))
    with database.reading() as session:
        booked = booked_by_leg(session, 1, town.voucher_id)
        assert unbooked(session, 1, town.voucher_id, date(2026, 9, 2)) == 0
    assert list(booked.values()) == [told[0][1] + told[0][3], told[1][3]]

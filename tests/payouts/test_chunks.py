"""Chunks of a run: two at once, one that dies between others, and those that a cap binds together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from threading import Event

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from payouts.actions import audits, booking
from payouts.actions.booking import Course, Share
from payouts.models import PaymentRun
from payouts.models.course import RunChunk
from payouts.queries import facts
from payouts.rules.columns import whole
from payouts.rules.fees import Cap, Tariff
from payouts.rules.settlement import settle
from tests.payouts.test_runs import Stop, marked, voucher_of
from tests.support.house import open_database
from tests.support.spring import JUNE, PEOPLE, chunked, report
from tests.support.town import noon


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_mark_that_comes_while_a_chunk_goes_on_stays(database, town, legs, monkeypatch):
    """The chunk has taken its marks and read the facts when another month of a voucher is committed."""

    def meanwhile(*given):
        if not marked_meanwhile:
            marked_meanwhile.append(1)
            with database.transaction(serial=False) as other:
                report(other, legs[0], date(2026, 6, 1))
        return settle(*given)

    marked_meanwhile: list[int] = []
    monkeypatch.setattr(booking, "settle", meanwhile)
    assert chunked(database, chunk=100).lines == PEOPLE * 3
    assert marked(database) == {voucher_of(database, legs[0])}
    assert chunked(database).lines == 1


def seals(database: Database) -> list[tuple[object, ...]]:
    """The chunks of all runs: number, last voucher, lines, fingerprint."""
    rows = select(RunChunk.number, RunChunk.last_voucher_id, RunChunk.lines, RunChunk.digest)
    with database.reading() as session:
        return sorted(tuple(row) for row in session.execute(rows))


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_two_chunks_at_once_book_what_one_at_a_time_does_under_the_same_numbers(
    database, database_maker, settings, town, legs
):
    database.dispose()  # a copy is made of what nobody is in
    url = database_maker.copy_of(database.url)
    try:
        other = open_database(replace(settings, database_url=url))
        one, two = chunked(other, workers=1), chunked(database, workers=2)
        assert (one.lines, one.earned_ore) == (two.lines, two.earned_ore)
        assert seals(other) == seals(database)
        other.dispose()
    finally:
        database_maker.drop(url)


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("back", [False, True])
def test_a_chunk_that_dies_while_later_ones_land_is_taken_up(database, town, legs, monkeypatch, back: bool):
    """As of an earlier day too, where no mark tells who is left."""
    landed, real = Event(), booking.book

    def uneven(session: Session, course: Course, share: Share) -> Course:
        if course.chunks == 1:
            assert landed.wait(60)
            raise Stop
        return real(session, course, share)

    def progress(done: int, _total: int) -> None:
        if done > 5:
            landed.set()

    day = date(2026, 4, 30) if back else JUNE
    if back:
        chunked(database)
    monkeypatch.setattr(booking, "book", uneven)
    with pytest.raises(Stop):
        chunked(database, day, progress=progress)
    monkeypatch.setattr(booking, "book", real)
    with database.reading() as session:
        left = session.scalars(select(PaymentRun).where(PaymentRun.state == "running")).one()
        numbers = session.scalars(select(RunChunk.number).where(RunChunk.run_id == left.id)).all()
    assert {1, 3} <= set(numbers)
    assert 2 not in numbers
    done = chunked(database, day)
    assert (done.taken_up, done.lines) == (left.id, PEOPLE if back else PEOPLE * 3)
    assert audits.reckon(database, 1, day).agrees


CAP = 500_000


@pytest.fixture
def capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that one provider is paid under the town's rulebook has a cap."""
    real = facts._parsed

    @lru_cache
    def parsed(text: str) -> Tariff:
        return replace(real(text), caps=(Cap("provider", "all", CAP),))

    monkeypatch.setattr(facts, "_parsed", parsed)


def test_whom_a_cap_binds_are_settled_together_however_small_a_chunk_is(database, town, legs, capped):
    assert chunked(database).earned_ore == CAP
    assert [(number, last) for number, last, *_ in seals(database)] == [(1, 0)]
    with database.transaction(1) as session:
        report(session, legs[-1], date(2026, 6, 1))
    again = chunked(database)
    assert again.vouchers == PEOPLE + 1  # and one whom nobody has met
    assert again.earned_ore + again.clawed_ore == 0
    assert audits.reckon(database, 1, JUNE, chunk=5).agrees


@pytest.mark.parametrize("exactly", [True, False])
def test_a_chunk_takes_along_who_is_marked_between_only_where_no_cap_binds_anybody(
    database, town, legs, exactly: bool
):
    ids = sorted(marked(database))
    with database.transaction(1, serial=False) as session:
        course = Course(1, JUNE, noon(JUNE), town.maker.account_id, exactly=exactly)
        booking.book(session, course, Share(whole([ids[0], ids[-1]])))
    assert marked(database) == (set(ids[1:-1]) if exactly else set())

"""A closed year stays closed: in words, and in the database itself."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import audit
from core.actor import Actor
from core.database import Database
from core.refusal import Forbidden, Refusal
from payouts import actions as money
from payouts.actions.runs import run_in_chunks
from payouts.models import LedgerLine
from payouts.queries.years import closed_years, next_to_close
from tests.payouts.test_ledger import leg_id, lines, run, town
from tests.support.town import Town, noon

__all__ = ["leg_id", "town"]
NEW_YEAR = date(2027, 1, 4)
MAY = date(2026, 5, 1)
ANOTHER = (
    "INSERT INTO payment_run (municipality_id, id, as_of, made_at, made_by, lines, earned_ore, clawed_ore,"
    " digest, state) SELECT municipality_id, id + 1, {}, made_at, made_by, 0, 0, 0, '', 'running'"
    " FROM payment_run"
)


def close(database: Database, town: Town, year: int = 2026, by: Actor | None = None) -> None:
    with database.transaction(1) as session:
        money.close_year(session, year, by=by or town.signer, at=noon(NEW_YEAR))


def test_a_run_is_refused_in_a_closed_year_and_what_was_late_is_booked_in_the_next(database, town, leg_id):
    run(database, date(2026, 12, 31))
    close(database, town)
    with database.transaction(1) as session:
        town.reported(session, leg_id, MAY)
    with pytest.raises(Refusal, match="stängt"):
        run(database, date(2026, 12, 31))
    with pytest.raises(Refusal, match="stängt"):
        run_in_chunks(database, by=Actor.clock(1), as_of=date(2025, 6, 1), at=noon(NEW_YEAR))
    assert run(database, NEW_YEAR).earned_ore == 368_600
    late = next(line for line in lines(database) if line.part == 202605)
    assert late.period_on == MAY
    with database.reading() as session:
        assert [row.year for row in closed_years(session, 1)] == [2026]
        assert audit.verify(session, 1).fault is None


def test_the_database_refuses_a_run_in_a_closed_year_whoever_asks(database, town, leg_id):
    run(database, date(2026, 12, 31))
    close(database, town)
    for day in ("as_of", "'2025-02-28'"):
        with pytest.raises(DBAPIError, match="the year is closed"), database.transaction(1) as session:
            session.execute(text(ANOTHER.format(day)))
    for statement in ("UPDATE closed_year SET year = 2020", "DELETE FROM closed_year"):
        with pytest.raises(DBAPIError, match="stays closed"), database.transaction(1) as session:
            session.execute(text(statement))


def test_the_database_lets_a_run_into_an_open_year_so_the_refusal_above_means_something(
    database, town, leg_id
):
    close(database, town, 2025)
    assert run(database, date(2026, 6, 30)).lines == 2


def test_a_year_is_closed_when_it_is_over_once_by_a_signer(database, town, leg_id):
    with pytest.raises(Refusal, match="inte slut"):
        close(database, town, 2027)
    with pytest.raises(Forbidden):
        close(database, town, by=town.maker)
    with pytest.raises(Forbidden):
        close(database, town, by=town.guide)
    close(database, town)
    for year in (2026, 2025):
        with pytest.raises(Refusal, match="redan stängt"):
            close(database, town, year)


def test_a_year_is_not_closed_while_a_run_of_it_has_not_come_to_its_end(database, town, leg_id):
    run(database, date(2026, 12, 31))
    with database.transaction(1) as session:
        session.execute(text(ANOTHER.format("as_of")))
    with pytest.raises(Refusal, match="inte blivit klar"):
        close(database, town)
    with pytest.raises(DBAPIError, match="has not come to its end"), database.transaction(1) as session:
        session.execute(
            text("INSERT INTO closed_year SELECT municipality_id, 2026, 1, made_at FROM payment_run LIMIT 1")
        )


def test_the_oldest_year_that_runs_have_counted_in_is_closed_next(database, town, leg_id):
    run(database, date(2026, 12, 31))
    with database.reading() as session:
        assert next_to_close(session, 1, date(2026, 12, 31)) is None
        assert next_to_close(session, 1, NEW_YEAR) == 2026
        assert session.scalars(select(LedgerLine.run_id)).first()
    close(database, town)
    with database.reading() as session:
        assert next_to_close(session, 1, NEW_YEAR) is None

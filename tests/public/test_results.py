"""What counts as a result, and when it may be shown."""

from __future__ import annotations

from core.database import Database
from tests.public.history import History
from tests.support.town import Town
from vouchers.queries.results import Tally, figure, tallies


def test_of_those_who_left_only_a_verified_result_counts(database: Database, town: Town, history: History):
    with database.transaction(1) as session:
        for how in ("verified", "verified", "claimed", "rejected", "withdrawn", ""):
            history.left(session, how)
        history.left(session, "verified", own=False)
        history.left(session, "", service="preparatory")
        town.started(session)
    with database.reading() as session:
        found = {(row.provider_id, row.service): (row.good, row.people) for row in tallies(session, 1)}
    assert found == {
        (town.provider_id, "matching"): (2, 6),
        (town.other_provider_id, "matching"): (1, 1),
        (town.provider_id, "preparatory"): (0, 1),
    }, "the seeker, who has started and not left, counts nowhere"


def test_nothing_has_happened_gives_no_tallies(database: Database, town: Town):
    with database.reading() as session:
        assert tallies(session, 1) == []
        assert tallies(session, 2) == []


def test_below_the_minimum_nothing_is_said():
    few, enough = Tally(1, "jobbpeng", "matching", 9, 9), Tally(2, "jobbpeng", "matching", 4, 10)
    assert figure([few], 10).chance is None
    found = figure([enough], 10).chance
    assert found is not None
    assert (found.good, found.people, found.low, found.high) == (4, 10, 17, 69)
    together = figure([few, enough], 10).chance
    assert together is not None
    assert (together.good, together.people) == (13, 19)
    assert figure([], 10).chance is None

"""Starts and milestones among the figures of the money: a column of their own, and in the sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask_babel import force_locale

from app import create_app
from app.oversight import export
from app.oversight.figures import gather
from app.rulebooks import READERS
from config import Settings
from core.actor import Actor
from core.database import Database
from core.rulebooks import import_rulebook
from tests.oversight.stage import Stage
from tests.support import everykind
from tests.support.town import found
from vouchers.queries.figures import Key

BEGAN, SEEN = date(2026, 4, 1), date(2026, 5, 20)
MATCHING = "jobbpeng.matching"


def test_starts_are_counted_by_themselves_and_in_the_sum(settings: Settings, database: Database):
    town = found(database)
    with database.transaction(town.municipality_id) as session:
        operator = Actor.operator(town.municipality_id)
        book = import_rulebook(session, everykind.text(), readers=READERS, by=operator, today=BEGAN)
        stage = Stage(session, replace(town, rulebook_id=book.id))
        for _ in range(6):
            stage.began(BEGAN, "enhanced")
        assert stage.booked(date(2026, 4, 30)) == 6
    with database.reading() as session:
        figures = gather(session, town.municipality_id, SEEN)
    # Six start fees of 1 000 kr, when fourteen days had run.
    assert figures.number(Key("milestone", "year", 2026)) == 600_000
    assert figures.number(Key("money", "year", 2026)) == 600_000
    assert figures.number(Key("base", "year", 2026)) == 0
    app = create_app(settings)
    with app.test_request_context(), force_locale("en"):
        sheet = export.months(figures, year=2026, service=MATCHING, locale="en")
    app.extensions["database"].dispose()
    column = sheet.heads.index("Starts and milestones, SEK")
    assert sheet.heads[column - 1 : column + 2] == ["Bonus, SEK", "Starts and milestones, SEK", "Booked, SEK"]
    assert [str(row[column]) for row in sheet.rows if row[0] == "2026-04"] == ["6000.00"]

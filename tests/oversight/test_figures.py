"""Every figure of a small town, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from app.oversight.figures import Figures, beside_published, gather, town_figures
from app.oversight.secrecy import Hidden
from app.oversight.tables import by_month, by_year
from tests.oversight.conftest import Office
from tests.oversight.stage import BASE_ORE, BONUS_ORE, ENDED, RESULT_ORE, TODAY, Stage
from vouchers.queries.figures import Key, month_number
from vouchers.rules.outcomes import last_ripe_day

MATCHING, PREPARATORY = "jobbpeng.matching", "jobbpeng.preparatory"
WINDOW = month_number(date(2026, 3, 1))
MONEY_2026 = 6 * BASE_ORE + 6 * RESULT_ORE + 5 * BONUS_ORE


@pytest.mark.parametrize(
    ("measure", "year", "service", "number"),
    [
        ("served", 2026, "", 19),
        ("served", 2026, MATCHING, 14),
        ("served", 2027, "", 7),
        ("served", 2027, PREPARATORY, 5),
        ("decided", 2026, "", 20),
        ("decided", 2026, PREPARATORY, 5),
        ("decided", 2027, "", 0),
        ("started", 2026, "", 19),
        ("started", 2026, MATCHING, 14),
        ("ended", 2026, "", 12),
        ("outcome", 2026, "", 6),
        ("days", 2026, "", 6 * 91 + 6 * 180),
        ("followed", 2026, "", 6),
        ("still", 2026, "", 5),
        ("followed", 2027, MATCHING, 6),
        ("still", 2027, "", 0),
        ("waiting", 2026, "", 0),
        ("base", 2026, "", 6 * BASE_ORE),
        ("result", 2026, MATCHING, 6 * RESULT_ORE),
        ("bonus", 2026, "", 5 * BONUS_ORE),
        ("money", 2026, "", MONEY_2026),
        ("money", 2026, PREPARATORY, 0),
        ("money", 2027, "", -BASE_ORE),
    ],
)
def test_a_year_by_hand(found: Figures, measure: str, year: int, service: str, number: int):
    assert found.number(Key(measure, "year", year, service)) == number


@pytest.mark.parametrize(
    ("measure", "month", "level", "number"),
    [
        ("served", date(2026, 3, 1), "basic", 6),
        ("served", date(2026, 5, 1), "basic", 6),
        ("served", date(2026, 6, 1), "basic", 2),
        ("served", date(2026, 8, 1), "enhanced", 6),
        ("served", date(2026, 9, 1), "enhanced", 0),
        ("started", date(2026, 3, 1), "enhanced", 6),
        ("ended", date(2026, 5, 1), "basic", 6),
        ("outcome", date(2026, 5, 1), "basic", 6),
        ("base", date(2026, 4, 1), "basic", 6 * BASE_ORE),
        ("result", date(2026, 6, 1), "basic", 6 * RESULT_ORE),
        ("bonus", date(2026, 12, 1), "basic", 5 * BONUS_ORE),
        ("money", date(2027, 1, 1), "basic", -BASE_ORE),
    ],
)
def test_a_month_by_hand(found: Figures, measure: str, month: date, level: str, number: int):
    assert found.number(Key(measure, "month", month_number(month), MATCHING, level)) == number


def test_the_last_twelve_whole_months_end_before_this_one(found: Figures):
    window = found.last_window
    assert found.span("window", window) == (date(2026, 3, 1), date(2027, 2, 28))
    assert found.number(Key("served", "window", window)) == 19
    assert found.number(Key("followed", "window", window)) == 12
    assert found.number(Key("money", "window", window)) == MONEY_2026 - BASE_ORE


def test_the_table_by_year_has_its_means_and_shares(found: Figures):
    this_year, last_year = by_year(found).rows()
    assert (this_year["bucket"], last_year["bucket"]) == (2027, 2026)
    assert last_year["mean_days"] == 136, "135.5, rounded half up"
    assert last_year["share"] == 83, "5 of 6"
    assert this_year["share"] == 0
    assert this_year["mean_days"] is None, "nobody has ended"
    assert last_year["money"] == MONEY_2026
    assert this_year["money"] is Hidden.FEW, "one person's"


def test_the_table_by_month_adds_up_and_holds_whole_numbers(found: Figures):
    table = by_month(found)
    measures = [name for name in table.values.columns if name not in ("bucket", "service", "level")]
    assert {str(table.values[name].dtype) for name in measures} == {"Int64"}
    rows = {(row["bucket"], row["level"]): row for row in table.rows()}
    march = month_number(date(2026, 3, 1))
    assert rows[march, "basic"]["served"] == 6
    assert rows[march, "basic"]["started"] is Hidden.KEPT, "the year less this would be June's two"
    assert rows[march + 3, "basic"]["served"] is Hidden.FEW
    assert rows[march + 3, "basic"]["result"] == 6 * RESULT_ORE
    assert [row["bucket"] for row in table.rows()] == sorted((int(str(key[0])) for key in rows), reverse=True)
    only = by_month(found, year=2026, service=PREPARATORY)
    assert {row["level"] for row in only.rows()} == {"single"}
    assert len(only) == 9, "April to December"


def test_hidden_numbers_stand_last_whichever_way_it_is_sorted(found: Figures):
    table = by_month(found)
    for ascending in (True, False):
        served = [row["served"] for row in table.sorted("served", ascending=ascending).rows()]
        first_hidden = next(place for place, value in enumerate(served) if isinstance(value, Hidden))
        assert all(isinstance(value, Hidden) for value in served[first_hidden:])
    assert table.sorted("no such column", ascending=True) is table


def test_a_protected_person_is_counted_among_five_and_no_fewer(found: Figures):
    april = month_number(date(2026, 4, 1))
    assert found.value(Key("served", "month", april, PREPARATORY, "single")) == 5
    assert found.value(Key("served", "year", 2026)) == 19


def test_a_towns_figures_are_those_of_the_page(office: Office, found: Figures):
    with office.database.reading() as session:
        town = town_figures(session, office.town.municipality_id, TODAY)
    assert (town.providers, town.municipal_providers) == (2, 0)
    assert (town.served_per_year, town.vouchers_per_year) == (19, 20)
    assert (town.mean_days_in_matching, town.share_still_per_hundred) == (136, 42)
    assert town.paid_ore_per_year == MONEY_2026 - BASE_ORE
    assert (town.from_on, town.to_on) == (date(2026, 3, 1), date(2027, 2, 28))
    told = {label: (ours, published) for label, ours, published in beside_published(town)}
    assert told["providers"] == ("2, of which 0 municipal", "24, of which 1 municipal")
    assert told["in work or studies six months after"] == ("42 of 100", "over 40 of 100")
    assert told["booked a year"] == ("0.1 million kr", "about 40 million kr")


def test_figures_look_no_further_than_the_day_they_are_asked_for(office: Office):
    with office.database.reading() as session:
        early = gather(session, office.town.municipality_id, date(2026, 6, 15))
    year = 2026
    assert early.number(Key("money", "year", year)) == 6 * BASE_ORE
    assert early.number(Key("ended", "year", year)) == 6
    assert early.number(Key("followed", "year", year)) == 0
    assert early.number(Key("served", "year", year)) == 19


def test_a_town_where_nothing_has_happened_has_no_figures(office: Office):
    with office.database.reading() as session:
        nothing = gather(session, office.town.municipality_id + 1, TODAY)
        town = town_figures(session, office.town.municipality_id + 1, TODAY)
    assert nothing.cells == {}
    assert len(by_month(nothing)) == 0
    assert [row["served"] for row in by_year(nothing).rows()] == [0]
    assert town.served_per_year == town.mean_days_in_matching == town.paid_ore_per_year == 0


def test_who_leaves_and_comes_back_is_one_person(office: Office):
    """A second stay in the same month, year and window adds nobody; a year later it does."""
    with office.database.reading() as session:
        stage = Stage(session, office.town, seed=502)
        before = gather(session, office.town.municipality_id, TODAY)
        leg = stage.began(date(2026, 9, 1), "single")
        stage.ended(leg, date(2026, 9, 10))
        again = stage.again(leg, date(2026, 9, 20))
        stage.ended(again, date(2027, 1, 5))
        after = gather(session, office.town.municipality_id, TODAY)
    month = month_number(date(2026, 9, 1))

    def more(measure: str, grain: str, bucket: int, *group: str) -> int:
        key = Key(measure, grain, bucket, *group)
        return after.number(key) - before.number(key)

    assert more("served", "month", month, PREPARATORY, "single") == 1
    assert more("served", "month", month + 1, PREPARATORY, "single") == 1
    assert more("served", "year", 2026) == more("served", "year", 2027) == 1
    assert more("served", "window", after.last_window, PREPARATORY) == 1
    assert more("decided", "year", 2026) == more("started", "month", month, PREPARATORY) == 2
    assert more("ended", "year", 2026) == more("ended", "year", 2027) == 1


def test_the_number_of_queries_does_not_grow(office: Office):
    sent: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            sent.append(statement)

    with office.database.reading() as session:
        event.listen(office.database.engine, "before_cursor_execute", hear)
        try:
            gather(session, office.town.municipality_id + 1, TODAY)
            few = len(sent)
            gather(session, office.town.municipality_id, TODAY)
        finally:
            event.remove(office.database.engine, "before_cursor_execute", hear)
    assert few == len(sent) - few == 5


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 11, 30), ENDED),
        (date(2026, 11, 29), date(2026, 5, 29)),
        (date(2027, 2, 28), date(2026, 8, 31)),
        (date(2028, 2, 28), date(2027, 8, 28)),
        (date(2028, 2, 29), date(2027, 8, 31)),
    ],
)
def test_six_months_have_passed_by_the_calendar(today: date, last: date):
    assert last_ripe_day(today) == last

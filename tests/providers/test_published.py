"""Published results: taken in whole or not at all, recomputed, revised in the open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from app.commands.results import FileFaults, read
from core.actor import Actor
from core.database import Database
from core.dates import now
from core.refusal import Refusal
from providers.actions import import_results
from providers.models import PublishedPeriod, PublishedResult
from providers.queries import published
from providers.rules.published import COLUMNS, contract_of, read_row, weighted_result
from tests.support.published import REVIEW, WEIGHTS, csv_bytes, table


def written(tmp_path: Path, content: bytes, name: str = "results.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def take_in(database: Database, path: Path):
    rows = read(path)
    with database.transaction(1) as session:
        return import_results(session, rows, WEIGHTS, by=Actor.operator(1), at=now())


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(PublishedResult)).one()


def test_a_file_is_taken_in_and_every_row_and_flag_is_recomputed(database, tmp_path):
    done = take_in(database, written(tmp_path, csv_bytes(table())))
    assert [(one.contracts, one.revision) for one in done] == [(12, 1), (12, 1)]
    with database.reading() as session:
        found = published.check(session, 1, REVIEW)
    assert (found.rows, found.weighted_result_agrees) == (24, 24)
    assert found.flags_published >= 1
    assert (found.flags_agree, found.false_flags) == (found.flags_published, 0)


def test_a_wrong_weighted_result_or_flag_is_seen(database, tmp_path):
    rows = table()
    rows[3]["weighted_result"] = "9.999"
    wrong = next(row for row in rows if row["flagged_for_termination"] == "true")
    wrong["flagged_for_termination"] = "false"
    take_in(database, written(tmp_path, csv_bytes(rows)))
    with database.reading() as session:
        found = published.check(session, 1, REVIEW)
    assert (found.rows - found.weighted_result_agrees, found.false_flags) == (1, 1)


def test_excel_gives_the_same_rows_as_csv(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(COLUMNS))
    for row in table():
        sheet.append([_typed(row[name]) for name in COLUMNS])
    book.save(tmp_path / "results.xlsx")
    assert read(tmp_path / "results.xlsx") == read(written(tmp_path, csv_bytes(table())))


def _typed(text: str):
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text or None


def test_the_same_file_again_changes_nothing_and_a_later_revision_says_what_changed(database, tmp_path):
    path = written(tmp_path, csv_bytes(table()))
    take_in(database, path)
    assert [one.revision for one in take_in(database, path)] == [0, 0]
    rows = table()
    del rows[-1]
    rows[-1]["rating"] = "4" if rows[-1]["rating"] != "4" else "3"
    first, second = take_in(database, written(tmp_path, csv_bytes(rows)))
    assert (first.revision, second.revision) == (0, 2)
    assert (second.added, second.removed, second.changed) == (0, 1, 1)
    with database.reading() as session:
        assert len(published.latest_rows(session, 1, second.period)) == 11
        kept = session.scalars(
            select(PublishedPeriod.revision).where(PublishedPeriod.period == second.period)
        )
        assert sorted(kept) == [1, 2]


def test_a_period_without_weights_is_refused(database, tmp_path):
    rows = [{**row, "period": "2024-01-01"} for row in table()[:3]]
    with pytest.raises(Refusal) as refusal:
        take_in(database, written(tmp_path, csv_bytes(rows)))
    assert refusal.value.code == "weights_missing"
    assert count(database) == 0


BROKEN_CELLS = {
    "a negative count": ("participants_a", "-1", "participants_a: must be a whole number"),
    "rr1 over participants": ("rr1_b", "99", "rr1_b: 99 is more than"),
    "a rating of 5": ("rating", "5", "rating: must be 1 to 4, or empty, not '5'"),
    "half a person": ("participants_c", "1.5", "participants_c: must be a whole number"),
    "a period in words": ("period", "november", "period: must be a date"),
    "a day in mid-month": ("period", "2025-11-15", "period: must be the first day of a month"),
    "a sum that is none": ("participants", "999", "participants: 999 is not the sum"),
    "results that are no sum": ("results", "0", "results: 0 is not the sum"),
    "yes for true": ("active_22_months", "yes", "active_22_months: must be true or false"),
    "a formula": ("weighted_result", "=1+1", "weighted_result: must be a number"),
    "four decimals": ("weighted_result", "0.1234", "weighted_result: must be a number"),
    "no provider": ("provider", "", "provider: must be a text"),
    "other digits": ("participants_a", "٣", "participants_a: must be a whole number"),
    "a contract in letters": ("contract_no", "KA-1", "contract_no: must be a number"),
}


@pytest.mark.parametrize(("column", "value", "said"), BROKEN_CELLS.values(), ids=BROKEN_CELLS.keys())
def test_a_broken_cell_is_told_by_its_row(tmp_path, column, value, said):
    rows = table()
    rows[4][column] = value
    with pytest.raises(FileFaults) as refusal:
        read(written(tmp_path, csv_bytes(rows)))
    assert any(fault.startswith(f"row 6: {said}") for fault in refusal.value.faults), refusal.value.faults


def test_every_fault_of_a_file_is_told_and_the_database_is_as_before(database, tmp_path):
    take_in(database, written(tmp_path, csv_bytes(table())))
    rows = table()
    rows[0]["rating"], rows[5]["participants_a"], rows[9]["rr2_c"] = "5", "-3", "x"
    with pytest.raises(FileFaults) as refusal:
        take_in(database, written(tmp_path, csv_bytes(rows)))
    assert [fault.split(":")[0] for fault in refusal.value.faults] == ["row 2", "row 7", "row 11"]
    assert count(database) == 24


def test_a_contract_twice_in_a_period_is_told_with_both_rows(tmp_path):
    rows = table()
    rows.append({**rows[2], "region": "Norr"})
    with pytest.raises(
        FileFaults, match=r"row 26: contract_no: the contract stands in row 4 .* other values"
    ):
        read(written(tmp_path, csv_bytes(rows)))


def test_a_missing_column_is_named(tmp_path):
    columns = tuple(name for name in COLUMNS if name != "rating")
    with pytest.raises(Refusal, match="rating"):
        read(written(tmp_path, csv_bytes(table(), columns)))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (csv_bytes(table(), encoding="latin-1"), "file_not_utf8"),
        (csv_bytes(table(), encoding="utf-16"), "file_not_csv"),
        (b"", "columns_missing"),
        (b"\x00\x01\x02", "file_not_csv"),
        (b"PK\x03\x04 no workbook", "file_not_excel"),
        (csv_bytes(table())[:-40] + b',"open', "file_not_csv"),
    ],
    ids=["latin-1", "utf-16", "empty", "binary", "zip", "cut"],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, code):
    with pytest.raises(Refusal) as refusal:
        read(written(tmp_path, content))
    assert refusal.value.code in {code, "file_not_utf8" if code == "file_not_csv" else code}


def test_ten_million_rows_are_refused_without_reading_them_all(tmp_path):
    head, one = csv_bytes(table()[:1]).split(b"\r\n")[:2]
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(head + b"\r\n")
        for _ in range(100):
            file.write((one + b"\r\n") * 100_000)
    with pytest.raises(Refusal) as refusal:
        read(path)
    assert refusal.value.code == "file_too_large"
    path.unlink()
    with path.open("wb") as file:
        file.write(head + b"\r\n" + b"1,2\r\n" * 10_000_000)
    with pytest.raises(Refusal) as refusal:
        read(path)
    assert refusal.value.code == "rows_too_many"


@pytest.mark.parametrize(
    ("weight", "expected"), [(999, 0), (1000, 1), (2999, 1), (3000, 2), (1_000_000, 500)]
)
def test_the_weighted_result_rounds_half_up_at_the_third_decimal(weight, expected):
    """One person with one result: the weight in millionths, halved, in thousandths."""
    row, faults = read_row(table()[0])
    assert row is not None
    assert faults == []
    one = replace(row, participants=(1, 0, 0), first=(1, 0, 0), second=(0, 0, 0))
    assert weighted_result(one, (weight, 1, 1)) == expected


# ── the review ───────────────────────────────────────────────────────────────────────────────────


def by_hand(rows: list[dict[str, str]], period: str) -> set[str]:
    """Who is flagged at a follow-up, read from the file's own words."""
    return {
        row["contract_no"]
        for row in rows
        if row["period"].startswith(period)
        and row["active_22_months"] == "true"
        and row["rating"] in ("", "1")
        and int(row["weighted_result"].replace(".", "")) < 200
    }


@pytest.mark.parametrize("seed", range(6))
def test_the_flagged_and_those_at_two_follow_ups_in_a_row_are_what_the_file_says(database, tmp_path, seed):
    rows = table(contracts=60, seed=seed)
    take_in(database, written(tmp_path, csv_bytes(rows)))
    first, second = by_hand(rows, "2025-09"), by_hand(rows, "2025-11")
    with database.reading() as session:
        now_, before = (published.review(session, 1, period, REVIEW) for period in reversed(list(WEIGHTS)))
    assert set(now_.flagged) == second
    assert set(now_.in_a_row) == first & second
    assert now_.periods == (date(2025, 11, 1), date(2025, 9, 1))
    assert set(before.flagged) == first
    assert before.in_a_row == ()  # there was no follow-up before it
    assert first & second not in (first, second, set())


def test_how_many_in_a_row_is_the_rulebooks_to_say(database, tmp_path):
    rows = table(contracts=60)
    take_in(database, written(tmp_path, csv_bytes(rows)))
    with database.reading() as session:
        once, thrice = (
            published.review(session, 1, date(2025, 11, 1), replace(REVIEW, in_a_row=count))
            for count in (1, 3)
        )
    assert set(once.in_a_row) == set(once.flagged) == by_hand(rows, "2025-11")
    assert thrice.in_a_row == ()


def test_a_period_that_is_not_imported_cannot_be_reviewed(database, tmp_path):
    take_in(database, written(tmp_path, csv_bytes(table())))
    with database.reading() as session, pytest.raises(Refusal) as refusal:
        published.review(session, 1, date(2025, 10, 1), REVIEW)
    assert refusal.value.code == "period_missing"


def test_a_later_revision_is_what_is_reviewed(database, tmp_path):
    rows = table(contracts=60)
    take_in(database, written(tmp_path, csv_bytes(rows)))
    gone = sorted(by_hand(rows, "2025-11"))[0]
    for row in rows:
        if row["contract_no"] == gone and row["period"].startswith("2025-11"):
            row["rating"], row["flagged_for_termination"] = "3", "false"
    take_in(database, written(tmp_path, csv_bytes(rows)))
    with database.reading() as session:
        found = published.review(session, 1, date(2025, 11, 1), REVIEW)
    assert gone not in found.flagged


@pytest.mark.parametrize(
    ("area", "contract"),
    [("Område 10072975", "10072975"), ("10072975", "10072975"), ("Norr 7", "7"), ("Centrum", None),
     ("", None), ("  ", None), ("10072975 Norr", None), ("Område ٣", None)],
)  # fmt: skip
def test_an_area_may_be_named_after_a_contract(area, contract):
    assert contract_of(area) == contract

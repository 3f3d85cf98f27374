"""Results that a national agency publishes: what a row may say, the weighted result, the termination flag.

The weighted result is Σ over levels (first + second results) × weight ÷ (2 × participants), to three
decimals. A contract is flagged when it has been active long enough, has the lowest rating or none, and a
weighted result under the threshold. Weights are whole millionths, results whole thousandths: no floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.chapters import Chapter

LEVELS = ("a", "b", "c")
COLUMNS = (
    "period",
    "contract_no",
    "provider",
    "delivery_area",
    "region",
    "contract_start",
    "active_22_months",
    "participants",
    *(f"participants_{level}" for level in LEVELS),
    *(f"rr{part}_{level}" for level in LEVELS for part in (1, 2)),
    "results",
    "rating",
    "weighted_result",
    "flagged_for_termination",
)
MILLION, THOUSAND = 1_000_000, 1_000
MOST_PEOPLE = 1_000_000
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Row:
    """One contract in one period, as published. Counts by level A, B, C; `weighted` in thousandths."""

    period: date
    contract_no: str
    provider: str
    delivery_area: str
    region: str
    contract_start: date
    active_22_months: bool
    participants: tuple[int, int, int]
    first: tuple[int, int, int]
    second: tuple[int, int, int]
    rating: int | None
    weighted: int
    flagged: bool | None


def read_row(cells: Mapping[str, str]) -> tuple[Row | None, list[str]]:
    """The row, and what is wrong in it: one phrase a fault, beginning with the column."""
    faults: list[str] = []
    reader = _Cells(cells, faults)
    people, first, second = (reader.counts(name) for name in ("participants_{}", "rr1_{}", "rr2_{}"))
    row = Row(
        period=reader.day("period"),
        contract_no=reader.digits("contract_no"),
        provider=reader.text("provider"),
        delivery_area=reader.text("delivery_area"),
        region=reader.text("region", needed=False),
        contract_start=reader.day("contract_start"),
        active_22_months=bool(reader.flag("active_22_months", needed=True)),
        participants=people,
        first=first,
        second=second,
        rating=reader.rating(),
        weighted=reader.thousandths("weighted_result"),
        flagged=reader.flag("flagged_for_termination", needed=False),
    )
    total, results = reader.count("participants"), reader.count("results")
    if not faults:
        _agree(row, total, results, faults)
    return (None if faults else row), faults


def _agree(row: Row, total: int, results: int, faults: list[str]) -> None:
    if row.period.day != 1:
        faults.append("period: must be the first day of a month")
    if total < 1:
        faults.append("participants: must be at least 1")
    if total != sum(row.participants):
        faults.append(f"participants: {total} is not the sum of the levels, {sum(row.participants)}")
    if results != sum(row.first):
        faults.append(f"results: {results} is not the sum of the first results, {sum(row.first)}")
    for place, level in enumerate(LEVELS):
        for name, counts in (("rr1", row.first), ("rr2", row.second)):
            if counts[place] > row.participants[place]:
                faults.append(
                    f"{name}_{level}: {counts[place]} is more than the {row.participants[place]} participants"
                )


class _Cells:
    """Reads the cells of one row, and notes what is wrong."""

    def __init__(self, cells: Mapping[str, str], faults: list[str]) -> None:
        self.cells, self.faults = cells, faults

    def _cell(self, name: str) -> str:
        return (self.cells.get(name) or "").strip()

    def _fault(self, name: str, what: str) -> None:
        self.faults.append(f"{name}: {what}, not {self._cell(name)[:40]!r}")

    def text(self, name: str, *, needed: bool = True) -> str:
        value = self._cell(name)
        if (needed and not value) or len(value) > 200 or not value.isprintable():
            self._fault(name, "must be a text of at most 200 characters")
        return value

    def digits(self, name: str) -> str:
        value = self._cell(name)
        if not (value.isascii() and value.isdigit() and len(value) <= 12):
            self._fault(name, "must be a number of at most 12 digits")
        return value

    def count(self, name: str) -> int:
        value = self._cell(name)
        if value.isascii() and value.isdigit() and len(value) < 8 and int(value) <= MOST_PEOPLE:
            return int(value)
        self._fault(name, f"must be a whole number from 0 to {MOST_PEOPLE}")
        return 0

    def counts(self, name: str) -> tuple[int, int, int]:
        a, b, c = (self.count(name.format(level)) for level in LEVELS)
        return a, b, c

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self._cell(name)[:10])
        except ValueError:
            self._fault(name, "must be a date such as 2025-11-01")
            return date(1900, 1, 1)

    def flag(self, name: str, *, needed: bool) -> bool | None:
        value = self._cell(name).lower()
        if value in FLAGS:
            return FLAGS[value]
        if value or needed:
            self._fault(name, "must be true or false")
        return None

    def rating(self) -> int | None:
        value = self._cell("rating")
        if value in ("1", "2", "3", "4"):
            return int(value)
        if value:
            self._fault("rating", "must be 1 to 4, or empty")
        return None

    def thousandths(self, name: str) -> int:
        whole, _, decimals = self._cell(name).partition(".")
        fits = whole.isascii() and whole.isdigit() and len(whole) <= 2 and len(decimals) <= 3
        if not fits or (decimals and not (decimals.isascii() and decimals.isdigit())):
            self._fault(name, "must be a number with at most three decimals, such as 0.224")
            return 0
        return int(whole) * THOUSAND + int(decimals.ljust(3, "0"))


@dataclass(frozen=True)
class Review:
    """The rulebook's chapter on published results: weights by period, and when a contract is flagged.

    A contract flagged at `in_a_row` follow-ups, one after the other, is proposed for termination.
    """

    weights: dict[date, tuple[int, int, int]]
    active_months: int
    ratings: tuple[int, ...]
    under: int
    in_a_row: int = 2


def read_review(book: Chapter) -> Review | None:
    """Read the chapter `published_results` where there is one; faults are noted in the book."""
    if not book.has("published_results"):
        return None
    chapter = book.table("published_results")
    chapter.text("source")
    weights: dict[date, tuple[int, int, int]] = {}
    for row in chapter.tables("weights"):
        day = row.day("period")
        if day in weights:
            row.fault("period", "has weights already")
        weights[day] = (row.whole("a", 1), row.whole("b", 1), row.whole("c", 1))
    flag = chapter.table("flag")
    return Review(
        weights=weights,
        active_months=flag.whole("active_months", 0, 120),
        ratings=flag.wholes("ratings", 1, 4),
        under=flag.whole("weighted_under_thousandths", 0, 10_000),
        in_a_row=flag.whole("in_a_row", 1, 12, default=2),
    )


def weighted_result(row: Row, weights: tuple[int, int, int]) -> int:
    """In thousandths, half up."""
    total = sum(
        (first + second) * weight
        for first, second, weight in zip(row.first, row.second, weights, strict=True)
    )
    people = 2 * sum(row.participants) * (MILLION // THOUSAND)
    return (2 * total + people) // (2 * people)


def is_flagged(row: Row, weighted: int, review: Review) -> bool:
    """Whether the contract would be flagged at this follow-up. No rating counts as the lowest."""
    lowest = row.rating is None or row.rating in review.ratings
    return row.active_22_months and lowest and weighted < review.under


def contract_of(area: str) -> str | None:
    """The contract that an accreditation's area is named after: its last word, when that is a number."""
    last = area.rsplit(maxsplit=1)[-1] if area.strip() else ""
    return last if last.isascii() and last.isdigit() else None

"""The tariff that a file asks about: its own fees, or a rulebook as text or by the name it has here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.chapters import Book, Chapter, Faults
from core.dates import add_months
from payouts.calculating.sheet import Sheet
from payouts.rules.fees import Key, Offset, OutcomeFee, Sustained, Tariff
from payouts.rules.tariff import read_fees, read_tariff

LARGEST_RULEBOOK = 200_000

Shipped = Callable[[str], str | None]
"""The text of the rulebook or tariff that is shipped under a name, None where there is none."""


@dataclass(frozen=True)
class Priced:
    """A tariff with what a rulebook says beside its fees.

    `levels` are the services and levels there are, None when anything goes. `months` is the length of each
    service where the rulebook says it. `result_after` and `bonus_after` are calendar months, after the result
    began and after the service ended.
    """

    tariff: Tariff
    levels: frozenset[Key] | None = None
    months: dict[str, int] | None = None
    result_after: tuple[int, ...] = ()
    bonus_after: int | None = None

    def offset(self, component: str, part: int) -> Offset | None:
        """How long after a result began its part, or its bonus's, falls due; None when no fee says."""
        for fee in self.tariff.fees:
            terms = fee.terms if fee.component == component else None
            if isinstance(terms, OutcomeFee | Sustained) and part <= len(terms.offsets):
                return terms.offsets[part - 1]
        return None

    def due(self, component: str, part: int, began: date, ended: date | None) -> date | None:
        """The day that a part falls due by the tariff, None when it names no time."""
        offset = self.offset(component, part)
        if offset is not None:
            return after(began, offset)
        if component == "result" and part <= len(self.result_after):
            return add_months(began, self.result_after[part - 1])
        if component == "bonus" and self.bonus_after is not None and ended is not None:
            return add_months(ended, self.bonus_after)
        return None


def read_priced(sheet: Sheet, shipped: Shipped) -> Priced:
    """What the file says under `fees` (with `services`) or `rulebook`."""
    if sheet.has("fees") == sheet.has("rulebook"):
        sheet.fault("fees", "must be there or rulebook, one of the two")
        sheet.value("fees"), sheet.value("rulebook"), sheet.value("services")
        return Priced(Tariff(()))
    return _by_rulebook(sheet, shipped) if sheet.has("rulebook") else _by_fees(sheet)


def _by_fees(sheet: Sheet) -> Priced:
    fees = sheet.table("fees")
    levels: set[Key] = set()
    said = sheet.table("services", needed=False)
    for service in said.names():
        levels |= {(service, level) for level in said.words(service)}
    if not sheet.has("services"):
        levels = set(_named(sheet.value("fees")))
    tariff = read_fees(fees, levels)
    return Priced(tariff, frozenset(levels) if levels else None)


def _named(fees: Any) -> list[Key]:
    """The services and levels that the amounts of a table of fees name, however damaged the rest is."""
    tables = [fee for fee in fees.values() if isinstance(fee, dict)] if isinstance(fees, dict) else []
    rows = [row for fee in tables if isinstance(fee.get("amounts"), list) for row in fee["amounts"]]
    keys = [(row.get("service"), row.get("level")) for row in rows if isinstance(row, dict)]
    return [(str(service), str(level)) for service, level in keys]


def _by_rulebook(sheet: Sheet, shipped: Shipped) -> Priced:
    if sheet.has("services"):
        sheet.value("services")
        sheet.fault("services", "stands in the rulebook")
    said = sheet.text("rulebook")
    text = said if "\n" in said else shipped(said)
    if text is None:
        if said:
            sheet.fault("rulebook", "must be the text of a rulebook, or the name of one that is shipped")
        return Priced(Tariff(()))
    if len(text.encode()) > LARGEST_RULEBOOK:
        sheet.fault("rulebook", f"is larger than {LARGEST_RULEBOOK} bytes")
        return Priced(Tariff(()))
    try:
        book = Book(text)
    except (Faults, RecursionError) as error:
        what = error.faults[0].removeprefix("the file: ") if isinstance(error, Faults) else "is too deep"
        sheet.fault("rulebook", what)
        return Priced(Tariff(()))
    priced = of_book(book.root)
    book.root.table("fees").unknown()
    for fault in dict.fromkeys(book.faults):
        sheet.fault("rulebook", fault)
    return priced


def of_book(root: Chapter) -> Priced:
    """What a rulebook's file says; faults are noted in the book."""
    tariff = read_tariff(root)
    services = root.named("services")
    levels = {(code, row.text("code")) for code, one in services.items() for row in one.tables("levels")}
    months = {code: one.whole("months", 1, 240) for code, one in services.items() if one.has("months")}
    results = root.table("results", needed=False)
    after = results.wholes("after_months", 0, 240) if results.has("after_months") else ()
    bonus = results.whole("bonus_after_months", 0, 240) if results.has("bonus_after_months") else None
    return Priced(tariff, frozenset(levels), months, after, bonus)


def after(day: date, offset: Offset) -> date:
    """The day so long after: 31 August + 6 months is the last of February."""
    if offset.unit == "months":
        return add_months(day, offset.count)
    return day + timedelta(days=offset.count * (7 if offset.unit == "weeks" else 1))

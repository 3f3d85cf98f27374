"""A whole file: the day, the tariff, the persons, what is held and what is booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from payouts.calculating.persons import Person, read_persons
from payouts.calculating.prices import Priced, Shipped, read_priced
from payouts.calculating.sheet import Sheet
from payouts.rules.fees import FEE, Tariff


@dataclass(frozen=True)
class LineKey:
    """What a line is for: a part of a fee of a person; `leg` is whose it is."""

    person: str
    leg: str
    fee: str
    part: int


@dataclass(frozen=True)
class Booked:
    """A line as it was printed when it was booked. Amounts in the minor unit."""

    key: LineKey
    sequence: int
    provider: str
    period: date
    unit_price: int
    quantity: int
    of: int
    amount: int


@dataclass(frozen=True)
class Held:
    """What somebody holds: ids of providers and legs, and single lines."""

    providers: tuple[str, ...]
    legs: tuple[str, ...]
    lines: tuple[LineKey, ...]


@dataclass(frozen=True)
class Asked:
    """What a file asks. `booked` are the last lines of their keys."""

    as_of: date
    priced: Priced
    persons: tuple[Person, ...]
    held: Held
    booked: tuple[Booked, ...]

    @property
    def tariff(self) -> Tariff:
        """The tariff that everybody in it is paid by."""
        return self.priced.tariff


def no_shipped(_name: str) -> None:
    """Nothing is shipped."""


def read(sheet: Sheet, shipped: Shipped = no_shipped) -> Asked:
    """Read a file. Raises Faults with every fault and its place."""
    as_of = sheet.day("as_of")
    priced = read_priced(sheet, shipped)
    persons = read_persons(sheet, priced)
    known = {leg.id: person.id for person in persons for leg in person.legs}
    held = _held(sheet.table("held", needed=False), known, priced.tariff)
    booked = _booked(sheet, known, priced.tariff)
    sheet.finish()
    return Asked(as_of, priced, persons, held, booked)


def _held(sheet: Sheet, known: dict[str, str], tariff: Tariff) -> Held:
    providers, legs = sheet.ids("providers"), sheet.ids("legs")
    for leg in legs:
        if leg not in known:
            sheet.fault("legs", f"{leg} is not a leg in this file")
    lines = tuple(_key(row, known, tariff) for row in sheet.tables("lines", needed=False))
    return Held(providers, legs, lines)


def _key(row: Sheet, known: dict[str, str], tariff: Tariff) -> LineKey:
    key = LineKey(row.own_id("person"), row.own_id("leg"), row.text("fee"), row.whole("part", 1, FEE - 1))
    if key.leg and known.get(key.leg) != key.person:
        row.fault("leg", f"{key.leg} is not a leg of {key.person} in this file")
    if key.fee and tariff.fees and tariff.coded(key.fee) is None:
        row.fault("fee", f"{key.fee} is not a fee of this tariff")
    return key


PRINTED = ("component", "currency", "reason", "sentence")
"""What a printed line says more, which its key and the tariff say already."""
LARGEST_AMOUNT = 10**15


def _booked(sheet: Sheet, known: dict[str, str], tariff: Tariff) -> tuple[Booked, ...]:
    """The last line of each key; lines that a gate stopped were never booked."""
    found: dict[tuple[str, str, int], dict[int, tuple[Booked, Sheet]]] = {}
    for row in sheet.tables("booked", needed=False):
        if not row.flag("payable", default=True):
            row.forgive()
            continue
        for name in (*PRINTED, "gate", "reverses"):
            row.value(name)
        line = _line(row, known, tariff)
        of_key = found.setdefault(_same(line.key, tariff), {})
        if line.sequence in of_key:
            row.fault("sequence", f"{line.sequence} is booked already for that fee and part")
        of_key.setdefault(line.sequence, (line, row))
    for of_key in found.values():
        _in_turn(of_key)
    return tuple(of_key[max(of_key)][0] for of_key in found.values())


def _same(key: LineKey, tariff: Tariff) -> tuple[str, str, int]:
    """What may be booked once: by leg for what a provider earns by being there, else by person."""
    fee = tariff.coded(key.fee)
    return ("l" + key.leg if fee and fee.component == "base" else "p" + key.person, key.fee, key.part)


def _in_turn(of_key: dict[int, tuple[Booked, Sheet]]) -> None:
    for sequence, (line, row) in of_key.items():
        before = of_key.get(sequence - 1)
        if sequence % 2 == 0 and line.amount <= 0:
            row.fault("amount", "must be above zero where sequence is even")
        elif sequence % 2 == 1 and (before is None or before[0].amount != -line.amount):
            row.fault("amount", f"must take back the line with sequence {sequence - 1}, to the last one")
        if sequence > 0 and before is None and sequence % 2 == 0:
            row.fault("sequence", f"{sequence - 1} is missing before it")


def _line(row: Sheet, known: dict[str, str], tariff: Tariff) -> Booked:
    return Booked(
        key=_key(row, known, tariff),
        sequence=row.whole("sequence", 0, 30_000),
        provider=row.own_id("provider"),
        period=row.day("period"),
        unit_price=row.whole("unit_price", 0, LARGEST_AMOUNT),
        quantity=row.whole("quantity", 0, 10**9),
        of=row.whole("of", 1, 10**9),
        amount=row.whole("amount", -LARGEST_AMOUNT, LARGEST_AMOUNT),
    )

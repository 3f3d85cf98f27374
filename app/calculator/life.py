"""A made-up life as the calculation takes it, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from werkzeug.datastructures import MultiDict

from app.calculator.shelf import Offer, Volume
from core.dates import add_months, first_of_month, last_of_month
from payouts.calculating import Row, Sheet, calculate, read
from payouts.rules.fees import Instalments, Monthly, Speed, Weekdays
from vouchers.rules.pauses import planned_end

STATES = ("approved", "told", "contested", "none")
PERSON, LEG, PROVIDER = "person", "leg", "provider"
MOST_SHOWN = 61


@dataclass(frozen=True)
class Life:
    """What happens to a person who is made up.

    `price` is in whole crowns, pounds or euros; `results` and `bonuses` the parts that are proved, from 1;
    `pause` its first and last day, the last one None while it lasts.
    """

    volume: Volume
    offer: Offer
    started: date
    months: int
    ended: date | None = None
    finish: str = ""
    group: str = ""
    region: str = ""
    price: int | None = None
    pause: tuple[date, date | None] | None = None
    result_on: date | None = None
    results: tuple[int, ...] = ()
    bonuses: tuple[int, ...] = ()
    percent: int = 100
    held: bool = False

    @property
    def last(self) -> date:
        """Its last day, the planned one where nobody has said another."""
        return self.ended or planned_end(self.started, self.months)


@dataclass(frozen=True)
class Month:
    """A month of the life, and how it is reported."""

    day: date
    state: str

    @property
    def name(self) -> str:
        """The name of its question in the address."""
        return f"m{self.day:%Y%m}"


@dataclass(frozen=True)
class Counted:
    """What is for one month: lines that are paid and lines that are stopped. Sums in the minor unit."""

    month: date
    rows: tuple[Row, ...]

    @property
    def paid(self) -> int:
        """What is paid."""
        return sum(row.amount for row in self.rows if row.gate is None)

    @property
    def stopped(self) -> int:
        """What the gates stop."""
        return sum(row.amount for row in self.rows if row.gate)


def asks_for_reports(volume: Volume) -> bool:
    """Whether anything is paid by the month's report."""
    kinds = [fee.terms for fee in volume.priced.tariff.fees]
    return any(
        isinstance(terms, Monthly | Weekdays) or (isinstance(terms, Instalments) and terms.needs_report)
        for terms in kinds
    )


def months_of(life: Life, said: Mapping[str, str]) -> list[Month]:
    """The months of the life, each with what the address says of it; approved when it says nothing."""
    if not asks_for_reports(life.volume):
        return []
    found: list[Month] = []
    day = first_of_month(life.started)
    while day <= life.last and len(found) < MOST_SHOWN:
        state = said.get(f"m{day:%Y%m}", STATES[0])
        found.append(Month(day, state if state in STATES else STATES[0]))
        day = add_months(day, 1)
    return found


def as_input(life: Life, months: list[Month]) -> dict[str, Any]:
    """The life as `flask payouts calculate` takes it, with the whole rulebook."""
    leg = {"id": LEG, "provider": PROVIDER, "started": life.started.isoformat()}
    if life.ended:
        leg["ended"] = life.ended.isoformat()
        if life.finish:
            leg["finish"] = life.finish
    person: dict[str, Any] = {
        "id": PERSON,
        "service": life.offer.service.code,
        "level": life.offer.level.code,
        "months": life.months,
        "legs": [leg],
        "reports": [
            {"leg": LEG, "month": f"{month.day:%Y-%m}", "state": month.state}
            for month in months
            if month.state != "none"
        ],
    }
    if life.group:
        person["group"] = life.group
    if life.region:
        person["region"] = life.region
    if life.price:
        person["changes"] = [{"leg": LEG, "on": leg["started"], "price_ore": 100 * life.price}]
    if life.pause:
        first, last = life.pause
        person["pauses"] = [{"leg": LEG, "first": first.isoformat()}]
        if last:
            person["pauses"][0]["last"] = last.isoformat()
    results, dues = _results(life)
    if dues:
        person["results"] = [results]
    as_of = max([last_of_month(life.last), *dues])
    asked: dict[str, Any] = {"as_of": as_of.isoformat(), "rulebook": life.volume.text, "persons": [person]}
    if life.held:
        asked["held"] = {"providers": [PROVIDER]}
    return asked


def _results(life: Life) -> tuple[dict[str, Any], list[date]]:
    """The result with the parts that are ticked, each proved on the day that it falls due; and those days.

    Where nobody has said when the service ended, it did when the result began.
    """
    began = life.result_on
    if began is None:
        return {}, []
    found: dict[str, Any] = {"leg": LEG, "began": began.isoformat(), "parts": [], "bonus": []}
    dues = []
    parts = [*(("result", part) for part in life.results), *(("bonus", part) for part in life.bonuses)]
    for component, part in parts:
        due = life.volume.priced.due(component, part, began, life.ended or began) or began
        row: dict[str, Any] = {"part": part, "proved": due.isoformat(), "due": due.isoformat()}
        if life.percent < 100 and component == "result":
            row["percent"] = life.percent
        found["bonus" if component == "bonus" else "parts"].append(row)
        dues.append(due)
    return found, dues


def counted(asked: dict[str, Any]) -> list[Counted]:
    """What the life gives, month by month."""
    rows = calculate(read(Sheet(asked, "", [])))
    return [
        Counted(month, tuple(found))
        for month, found in groupby(rows, key=lambda row: first_of_month(row.period))
    ]


def example(volume: Volume, today: date) -> MultiDict[str, str]:
    """A life that shows most of what a tariff can do: half a year, work, and a report that waits."""
    started = add_months(first_of_month(today), -8) + timedelta(days=14)
    began = add_months(started, 6)
    ended = began - timedelta(days=1)
    months = min(max(volume.offers[0].months, 6), 60)
    filled: MultiDict[str, str] = MultiDict(
        {
            "rulebook": volume.key,
            "offer": volume.offers[0].value,
            "started": started.isoformat(),
            "months": str(months),
            "ended": ended.isoformat(),
            "finish": "completed",
            "price": "50000",
            "percent": "100",
            "result_on": began.isoformat(),
            f"m{add_months(ended, -1):%Y%m}": "told",
        }
    )
    results, bonuses = parts_of(volume, volume.offers[0])
    ticked = [f"r{part}" for part in range(1, results + 1)] + [f"b{part}" for part in range(1, bonuses + 1)]
    filled.setlist("parts", ticked)
    filled["bonuses"] = str(bonuses)
    return filled


def parts_of(volume: Volume, offer: Offer) -> tuple[int, int]:
    """How many parts the result and its bonus have for a level. One for speed asks for the result alone."""
    fees = [fee for fee in volume.priced.tariff.fees if offer.key in fee.rates]
    tariff = replace(volume.priced.tariff, fees=tuple(fees))
    speedy = any(isinstance(fee.terms, Speed) for fee in fees)
    return max(tariff.parts("result"), int(speedy)), tariff.parts("bonus")

"""The worked cases of each tariff's page in docs/tariffs/, written from tests/payouts/tariffs/.

`python -m tools.tariffs` writes them; a test holds the pages to the cases, and the cases to the engine.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from payouts.rules.instalments import BALANCE

TOP = Path(__file__).parents[1]
CASES, PAGES = TOP / "tests" / "payouts" / "tariffs", TOP / "docs" / "tariffs"
HEADING = "## Worked cases\n"
Row: TypeAlias = dict[str, Any]
SIGNS = {"SEK": "{} kr", "DKK": "{} kr", "GBP": "£{}"}
OPERATIONS = {"+": Fraction.__add__, "−": Fraction.__sub__, "×": Fraction.__mul__, "÷": Fraction.__truediv__}


def names() -> list[str]:
    """The tariffs that have cases."""
    return sorted(path.stem for path in CASES.glob("*.toml"))


def told(name: str) -> Row:
    """The file of cases: `tariff`, `service`, `currency` and a list `case`."""
    return tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))


def page(name: str) -> Path:
    """Where the tariff's page is."""
    return PAGES / f"{name}.md"


def amount(minor: int, currency: str) -> str:
    """3 686 kr, 1 597.27 kr, £2,210, £615.38: minor units as the page says them."""
    whole, rest = divmod(abs(minor), 100)
    grouped = f"{whole:,}" if currency == "GBP" else f"{whole:,}".replace(",", " ")
    text = SIGNS[currency].format(grouped + (f".{rest:02d}" if rest else ""))
    return f"−{text}" if minor < 0 else text


def worked_out(working: str) -> int:
    """The minor units of an arithmetic as `3 686 × 13 ÷ 30`, left to right, rounded half up once."""
    words = working.replace("\u00a0", "").split()
    numbers: list[str] = [""]
    for word in words:
        if word in OPERATIONS:
            numbers += [word, ""]
        else:
            numbers[-1] += word.replace(",", "")
    total = Fraction(numbers[0])
    for sign, number in zip(numbers[1::2], numbers[2::2], strict=True):
        total = OPERATIONS[sign](total, Fraction(number))
    return int((total * 200 + 1) // 2)


def parts_of(line: Row) -> list[tuple[int, date]]:
    """The parts that a line stands for with the day of each: itself, or those up to and with `to`.

    Months follow each other with their last days; other parts come four weeks apart.
    """
    part: int = line["part"]
    last: int = line.get("to", part)
    on: date = line["on"]
    if part == last:
        return [(part, on)]
    if part < 100_000:
        return [(number, on + timedelta(weeks=4 * (number - part))) for number in range(part, last + 1)]
    months = range(_month(part), _month(last) + 1)
    return [(index // 12 * 100 + index % 12 + 1, _last_day(index)) for index in months]


def _month(part: int) -> int:
    return part // 100 * 12 + part % 100 - 1


def _last_day(month: int) -> date:
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)


def section(name: str) -> str:
    """The page's chapter of worked cases."""
    cases = told(name)
    head = (
        f"From [the cases](../../tests/payouts/tariffs/{name}.toml), which a test holds to the engine and\n"
        "to this page. All amounts exclude VAT; days are counted with the first and the last.\n"
    )
    return "\n".join(
        [HEADING, head, *(_case(number, case, cases) for number, case in enumerate(cases["case"], 1))]
    )


def _case(number: int, case: Row, cases: Row) -> str:
    lines = [f"### {number}. {case['name']}\n"]
    if case.get("why"):
        lines.append(f"{case['why']}\n")
    lines += [f"* {fact}" for fact in _facts(case)]
    lines += ["", "| fee | for | worked out | amount |", "|---|---|---|---:|"]
    several = len(case["legs"]) > 1
    for line in case.get("lines", []):
        whom = f", provider {_leg(case, line).get('provider', 1)}" if several else ""
        ore = amount(line["ore"], cases["currency"])
        lines.append(f"| `{line['fee']}`{whom} | {_for(line)} | {line['working']} | {ore} |")
    lines.append(f"| **sum** | | | **{amount(case['sum'], cases['currency'])}** |\n")
    return "\n".join(lines)


def _leg(case: Row, line: Row) -> Row:
    leg: Row = case["legs"][line.get("leg", 1) - 1]
    return leg


def _for(line: Row) -> str:
    part, last = line["part"], line.get("to")
    if part == BALANCE:
        return f"the balance, {_day(line['on'])}"
    if part > 100_000:
        return " to ".join(f"{date(one // 100, one % 100, 1):%B %Y}" for one in (part, last) if one)
    if last:
        return f"parts {part} to {last}, {_day(line['on'])} to {_day(parts_of(line)[-1][1])}"
    return f"part {part}, {_day(line['on'])}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _facts(case: Row) -> Iterable[str]:
    """What is known, a line a fact."""
    yield f"level `{case['level']}`; counted up to and including {_day(case['as_of'])}"
    for leg in case["legs"]:
        who = f"provider {leg.get('provider', 1)}: " if len(case["legs"]) > 1 else ""
        yield who + ", ".join(_of_leg(leg))
        yield from (f"{who}{text}" for text in _later(leg))


def _of_leg(leg: Row) -> Iterable[str]:
    yield f"from {_day(leg['started'])}"
    if leg.get("ended"):
        how = {"completed": ", completed", "broken_off": ", broken off"}.get(leg.get("finish", ""), "")
        yield f"to {_day(leg['ended'])}{how}"
    if leg.get("planned"):
        yield f"planned to {_day(leg['planned'])}"
    if leg.get("months"):
        yield f"{leg['months']} months decided"
    if leg.get("price"):
        yield f"agreed price {leg['price'] // 100:,}"


def _later(leg: Row) -> Iterable[str]:
    if leg.get("reported"):
        yield "reported and approved: " + ", ".join(f"{day:%B %Y}" for day in leg["reported"])
    for pause in leg.get("pauses", []):
        last = pause[1] - timedelta(days=1) if len(pause) > 1 else None
        yield f"paused from {_day(pause[0])}" + (f" to {_day(last)}" if last else "")
    for change in leg.get("changes", []):
        what = [f"price {change['price'] // 100:,}"] if "price" in change else []
        what += [f"planned to {_day(change['planned'])}"] if "planned" in change else []
        yield f"changed from {_day(change['on'])}: " + ", ".join(what)
    for word, key in (("result", "results"), ("bonus", "bonuses")):
        yield from (_check(word, check) for check in leg.get(key, []))


def _check(word: str, check: Row) -> str:
    text = f"{word} part {check['part']} passed"
    if "parts" in check:
        text = f"{word} parts {check['part']} to {check['parts']} passed"
    if "began" in check:
        text += f", began {_day(check['began'])}"
    if "due" in check:
        text += f", due {_day(check['due'])}"
    return text + (f", proved {_day(check['proved'])}" if "proved" in check else "")


def whole(name: str) -> str:
    """The page as it should be: its own text, then the cases."""
    return page(name).read_text("utf-8").split(HEADING)[0] + section(name)


def main() -> int:
    """Write the cases into the pages."""
    for name in names():
        page(name).write_text(whole(name), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

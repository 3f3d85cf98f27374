"""Reading of the tables of cases whose tariff stands in the file, as a rulebook would say it.

A file has the chapter `fees` and rows of `[[case]]`; a case may say what its tariff has otherwise. What every
rulebook must say and no case is about (names, service, source) is filled in here.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import numpy as np

from core.chapters import Book
from payouts.rules.columns import FAR, Checks, Deal, Dues, Facts, Legs, Months, Pauses, days, whole
from payouts.rules.fees import COMPONENTS, FEE, Tariff
from payouts.rules.tariff import NOT_FEES, read_fees
from tests.payouts.facts import CASES

SERVICE = "matching"
LEVELS = ("basic", "enhanced")
PROVIDERS = " ABCDEFGH"
Row = tuple[str, date, int, str]


def table(name: str) -> list[dict[str, Any]]:
    """The cases of a file, each with the whole of its tariff in `fees`."""
    read = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))
    return [{**case, "fees": _over(read["fees"], case.get("fees", {}))} for case in read["case"]]


def _over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A table with what another says instead, at any depth; an empty text takes a key away."""
    found = deepcopy(under)
    for key, value in over.items():
        if value == "":
            found.pop(key, None)
        elif isinstance(value, dict) and isinstance(found.get(key), dict):
            found[key] = _over(found[key], value)
        else:
            found[key] = value
    return found


def tariff_of(fees: dict[str, Any]) -> Tariff:
    """A chapter of fees, read as the rulebook's is. Fails on any fault."""
    fees = deepcopy(fees)
    for code, fee in fees.items():
        if code in NOT_FEES:
            continue
        if code not in COMPONENTS:
            fee.setdefault("title", {"sv": code, "en": code})
        for row in fee.get("amounts", []):
            for key, value in (("service", SERVICE), ("level", "basic"), ("status", "example")):
                row.setdefault(key, value)
            row.setdefault("source", "exempelbelopp")
    for cap in fees.get("caps", []):
        cap.setdefault("source", "a test")
    if "index" in fees:
        fees["index"].setdefault("source", "a test")
    book = Book("")
    book.root._table["fees"] = fees
    found = read_fees(book.root.table("fees"), {(SERVICE, level) for level in LEVELS})
    book.finish()
    return found


def facts_of(case: dict[str, Any], tariff: Tariff | None = None, as_of: date | None = None) -> Facts:
    """The facts of a case. Leg n has id 1001 + n, person n voucher 500 + n, provider A id 1."""
    tariff = tariff or tariff_of(case["fees"])
    legs = case["legs"]
    kinds = [(leg.get("level", "basic"), leg.get("region", ""), leg.get("group", "")) for leg in legs]
    deals = sorted(set(kinds))
    voucher = [500 + leg.get("person", 1) for leg in legs]
    first = {
        number: min(leg["started"] for leg, other in zip(legs, voucher, strict=True) if other == number)
        for number in voucher
    }
    pauses = [(at, pause) for at, leg in enumerate(legs) for pause in leg.get("pauses", [])]
    months = [(at, month) for at, leg in enumerate(legs) for month in leg.get("reported", [])]
    checks = [
        (at, bonus, check)
        for at, leg in enumerate(legs)
        for bonus, name in enumerate(("results", "bonuses"))
        for check in leg.get(name, [])
    ]
    return Facts(
        as_of=as_of or case["as_of"],
        deals=tuple(
            Deal(1, SERVICE, level, tariff, region=region, group=group) for level, region, group in deals
        ),
        legs=Legs(
            leg_id=whole([1001 + at for at in range(len(legs))]),
            voucher_id=whole(voucher),
            provider_id=whole([PROVIDERS.index(leg.get("by", "A")) for leg in legs]),
            deal=whole([deals.index(kind) for kind in kinds]),
            first=days([first[number] for number in voucher]),
            started=days([leg["started"] for leg in legs]),
            ended=days([leg.get("ended", FAR) for leg in legs]),
            months=whole([12 for _ in legs]),
        ),
        months=Months(
            leg=whole([at for at, _ in months]),
            month=days([month for _, month in months]),
            report_id=whole([7001 + at for at in range(len(months))]),
        ),
        checks=Checks(
            leg=whole([at for at, _, _ in checks]),
            bonus=whole([bonus for _, bonus, _ in checks]),
            part=whole([check.get("part", 1) for _, _, check in checks]),
            due=days([check.get("due", check.get("began")) for _, _, check in checks]),
            check_id=whole([8001 + at for at in range(len(checks))]),
            percent=whole([check.get("percent", 100) for _, _, check in checks]),
            began=days([check.get("began", FAR) for _, _, check in checks]),
            proved=days([check.get("proved", FAR) for _, _, check in checks]),
        ),
        pauses=Pauses(
            leg=whole([at for at, _ in pauses]),
            first=days([pause[0] for _, pause in pauses]),
            last=days([pause[1] - timedelta(days=1) if len(pause) > 1 else FAR for _, pause in pauses]),
        ),
    )


def told(facts: Facts, dues: Dues, *, person: bool = False) -> list[Row]:
    """Dues as the tables say them: (fee and its part but for 1, day, öre, provider), by day.

    With `person` the last is the person's number instead.
    """
    tariff = facts.deals[0].tariff
    rows: list[Row] = []
    for at in range(len(dues)):
        part = int(dues.part[at])
        fee = tariff.fee_of(COMPONENTS[int(dues.component[at])], part)
        assert fee is not None
        leg = int(dues.leg[at])
        own = "" if part % FEE == 1 else f" {part % FEE}"
        whom = (
            str(int(facts.legs.voucher_id[leg]) - 500)
            if person
            else PROVIDERS[int(facts.legs.provider_id[leg])]
        )
        rows.append((fee.code + own, dues.period[at].astype(date), int(dues.amount[at]), whom))
    return sorted(rows, key=lambda row: (row[1], row[0], row[3], row[2]))


def expected(case: dict[str, Any]) -> list[Row]:
    """What a case pays, in the same form; A where it does not say who."""
    rows = [(row[0], row[1], row[2], row[3] if len(row) > 3 else "A") for row in case["pays"]]
    return sorted(rows, key=lambda row: (row[1], row[0], row[3], row[2]))


def shuffled(facts: Facts, seed: int) -> Facts:
    """The same facts with their rows in another order."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(facts.legs))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    found: dict[str, Any] = {}
    for name in ("months", "checks", "pauses"):
        rows = getattr(facts, name)
        rows = rows.where(random.permutation(len(rows)))
        found[name] = type(rows)(
            **{
                column: place[getattr(rows, column)] if column == "leg" else getattr(rows, column)
                for column in rows.__dataclass_fields__
            }
        )
    return Facts(facts.as_of, facts.deals, facts.legs.where(order), **found)

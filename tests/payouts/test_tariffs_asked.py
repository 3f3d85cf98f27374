"""The worked cases once more, asked as anybody can ask them: one JSON in, rows out, by the tariff's name."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from payouts.calculating import calculate, parsed, read
from payouts.tariffs import text
from tests.payouts.test_tariffs import CASES, Row, hand_says


def asked(cases: Row, case: Row) -> dict[str, Any]:
    """A case as the file that `flask payouts calculate` takes."""
    legs: list[Row] = case["legs"]
    person: dict[str, Any] = {
        "id": "person",
        "service": cases["service"],
        "level": case["level"],
        "months": legs[0].get("months", 12),
        "legs": [_leg(number, leg) for number, leg in enumerate(legs, 1)],
        "reports": [
            {"leg": str(number), "month": f"{month:%Y-%m}"}
            for number, leg in enumerate(legs, 1)
            for month in leg.get("reported", [])
        ],
        "pauses": [
            {"leg": str(number), "first": pause[0], "last": pause[1] - timedelta(days=1)}
            for number, leg in enumerate(legs, 1)
            for pause in leg.get("pauses", [])
        ],
        "changes": [one for number, leg in enumerate(legs, 1) for one in _changes(number, leg)],
        "results": [
            {"leg": str(number), "began": _began(leg), **_parts(leg)}
            for number, leg in enumerate(legs, 1)
            if leg.get("results") or leg.get("bonuses")
        ],
    }
    if "planned" in legs[0]:
        person["planned"] = legs[0]["planned"]
    return {"as_of": case["as_of"], "rulebook": cases["tariff"], "persons": [person]}


def _leg(number: int, leg: Row) -> Row:
    told: Row = {key: leg[key] for key in ("started", "ended", "finish") if key in leg}
    return {"id": str(number), "provider": f"provider-{leg.get('provider', 1)}", **told}


def _changes(number: int, leg: Row) -> list[Row]:
    agreed = [{"on": leg["started"], "price": leg["price"]}] if "price" in leg else []
    return [
        {"leg": str(number), **{"price_ore" if key == "price" else key: said for key, said in one.items()}}
        for one in (*agreed, *leg.get("changes", []))
    ]


def _began(leg: Row) -> Any:
    first = (*leg.get("results", []), *leg.get("bonuses", []))[0]
    return first.get("began", first.get("due"))


def _parts(leg: Row) -> Row:
    return {
        ours: [
            {"part": part, **({"due": check["due"]} if "due" in check else {})}
            for check in leg.get(key, [])
            for part in range(check["part"], check.get("parts", check["part"]) + 1)
        ]
        for ours, key in (("parts", "results"), ("bonus", "bonuses"))
    }


@pytest.mark.parametrize(("cases", "case"), CASES)
def test_the_calculation_says_what_the_hand_says(cases: Row, case: Row):
    rows = calculate(read(parsed(json.dumps(asked(cases, case), default=str).encode()), text))
    said = [(row.key.fee, int(row.key.leg), row.key.part, str(row.period), row.amount) for row in rows]
    assert sorted(said) == hand_says(case)
    assert {row.currency for row in rows} <= {cases["currency"]}

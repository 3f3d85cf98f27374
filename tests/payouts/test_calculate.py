"""The engine asked without a database: the documented examples, the schema, and files that are wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from core.chapters import Faults
from payouts import tariffs
from payouts.calculating import LARGEST_BYTES, Row, calculate, parsed, read
from payouts.rules.tariff import KINDS

TOP = Path(__file__).parents[2]
EXAMPLES = sorted((TOP / "docs" / "examples" / "calculate").glob("*.json"))
SCHEMA = jsonschema_rs.Draft202012Validator(
    json.loads((TOP / "docs/calculate.schema.json").read_text("utf-8"))
)
AS_OF = date(2025, 6, 30)


def rows_of(asked: dict[str, Any]) -> list[Row]:
    return calculate(read(parsed(json.dumps(asked).encode()), tariffs.text))


def faults_of(raw: bytes) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(parsed(raw), tariffs.text)
    return caught.value.faults


# ── the documented examples ──────────────────────────────────────────────────────────────────────

GIVES = {
    "start": [("start", 1, 500_000)],
    "monthly": [("base", 202601, 202_135), ("base", 202602, 276_450), ("base", 202603, 368_600, "report")],
    "weekdays": [("base", 202601, 240_000), ("base", 202602, 400_000), ("base", 202603, 360_000)],
    "daily": [("base", 202601, 255_000), ("base", 202602, 420_000), ("base", 202603, 150_000)],
    "instalments": [
        *(("training", 202600 + month, 40_000) for month in range(1, 8)),
        ("training", 900_000, 120_000),
    ],
    "completion": [
        ("training", 202601, 100_000),
        ("training", 202602, 100_000),
        ("training", 202603, 140_000),
        ("training", 202604, 140_000),
        ("completion", 1, 120_000),
    ],
    "milestone": [("young", 1, 50_000), ("young", 2, 50_000)],
    "outcome": [("result", 1, 450_000)],
    "speed": [("speed", 1, 200_000)],
    "sustained": [("bonus", 1, 800_000)],
    "caps_factors_index": [
        ("base", 202601, 250_000),
        ("base", 202602, 250_000),
        ("base", 202603, 262_500),
        ("base", 202604, 137_500),
    ],
    "gates": [
        ("base", 202601, 368_600),
        ("base", 202602, 368_600, "report"),
        ("base", 202603, 368_600, "contested"),
        ("base", 202604, 368_600, "held_line"),
        ("base", 202604, 368_600, "held_provider"),
    ],
    "booked": [("base", 202602, -310_000), ("base", 202602, 155_000), ("base", 202603, -310_000)],
    "rulebook": [("base_share", 1, 500_000), ("result", 1, 1_000_000)],
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_as_the_schema_says_and_gives_what_a_hand_gives(path: Path):
    asked = json.loads(path.read_text("utf-8"))
    SCHEMA.validate(asked)
    found = [
        (row.key.fee, row.key.part, row.amount, *([row.gate] if row.gate else [])) for row in rows_of(asked)
    ]
    assert found == GIVES[path.stem]


def test_there_is_an_example_for_each_kind_of_fee():
    asked = [json.loads(path.read_text("utf-8")) for path in EXAMPLES]
    kinds = {fee["kind"] for one in asked for fee in one.get("fees", {}).values() if "kind" in fee}
    assert kinds == set(KINDS)
    assert {path.stem for path in EXAMPLES} == set(GIVES)


CHANGES: tuple[Any, ...] = ("gone", -1, "x", [], None, True, "2026-02-30", "too many")


def damaged(asked: Any) -> Iterator[Any]:
    """The same with one thing wrong at a time: a key gone, a value of another kind, a key too many."""
    for path in places(asked):
        for change in CHANGES:
            whole_one = copy.deepcopy(asked)
            holder = whole_one
            for step in path[:-1]:
                holder = holder[step]
            if change == "gone":
                del holder[path[-1]]
            elif change == "too many":
                if not isinstance(holder[path[-1]], dict):
                    continue
                holder[path[-1]]["nobody_knows"] = 1
            else:
                holder[path[-1]] = change
            yield whole_one


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield from places(below, (*path, key))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_the_schema_refuses_is_refused_in_sentences_with_their_places(path: Path):
    refused = 0
    for asked in damaged(json.loads(path.read_text("utf-8"))):
        raw = json.dumps(asked).encode()
        if SCHEMA.is_valid(asked):
            try:
                calculate(read(parsed(raw), tariffs.text))
            except Faults as fault:
                assert fault.faults, asked
            continue
        refused += 1
        for sentence in faults_of(raw):
            place, _, what = sentence.partition(": ")
            assert place, sentence
            assert what, sentence
    assert refused > 30


# ── hostile and tired files ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file: is not JSON"),
        (b"\xff\xfe", "the file: is not text in UTF-8"),
        (b"[]", "the file: must be one JSON object"),
        (b'{"as_of": NaN}', "the file: has NaN, which is not JSON"),
        (b'{"a": 1, "a": 2}', "the file: says 'a' twice in one object"),
        (b'{"a": ' + b"9" * 5000 + b"}", "the file: has a number that is too long"),
        (b"[" * 100_000, "the file: has lists or objects too deep in each other"),
        (b" " * (LARGEST_BYTES + 1), f"the file: is larger than {LARGEST_BYTES} bytes"),
    ],
    ids=["empty", "not text", "a list", "NaN", "twice", "long number", "deep", "large"],
)
def test_what_is_no_file_of_ours_is_refused_with_a_sentence(raw: bytes, said: str):
    found = faults_of(raw)
    assert len(found) == 1
    assert found[0].startswith(said)


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((TOP / f"docs/examples/calculate/{name}.json").read_text("utf-8"))
    return found


def set_at(asked: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The same with another value at a path such as `persons.0.months`."""
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    holder: Any = asked
    for step in way:
        holder = holder[step]
    holder[last] = value
    return asked


LEG = {"id": "l2", "provider": "sol", "started": "2026-02-01"}


@pytest.mark.parametrize(
    ("name", "path", "value", "said"),
    [
        ("monthly", "as_of", "2026-02-30", 'as_of: must be a day such as "2026-11-22"'),
        ("monthly", "as_of", "1899-12-31", 'as_of: must be a day such as "2026-11-22"'),
        ("monthly", "persons.0.id", "a\u202eb", "persons[1].id: must be a text of 1 to 100 characters"),
        ("monthly", "persons.0.id", "x" * 101, "persons[1].id: must be a text of 1 to 100 characters"),
        ("monthly", "persons.0.id", "\ud800", "persons[1].id: must be a text of 1 to 100 characters"),
        ("monthly", "persons.0.level", "none", "persons[1].level: matching has no level none in this tariff"),
        ("monthly", "persons.0.months", 1.5, "persons[1].months: must be a whole number from 1 to 600"),
        ("monthly", "persons.0.months", True, "persons[1].months: must be a whole number from 1 to 600"),
        ("monthly", "persons.0.planned", "2025-01-01", "persons[1].planned: is before the first leg started"),
        ("monthly", "persons.0.legs.0.ended", "2026-01-14", "persons[1].legs[1].ended: is before started"),
        ("monthly", "persons.0.legs.0.finish", "completed", "persons[1].legs[1].finish: says how it ended"),
        ("monthly", "persons.0.legs", [], "persons[1].legs: must have at least one object"),
        ("gates", "persons.1.id", "p1", "persons[2]: the person p1 is in persons[1] already"),
        ("gates", "persons.1.legs.0.id", "l1", "persons[2]: the leg l1 is in persons[1] already"),
        ("monthly", "persons.0.reports.0.leg", "l9", "persons[1].reports[1].leg: l9 is not a leg"),
        ("monthly", "persons.0.reports.0.month", "2026-13", "persons[1].reports[1].month: must be a month"),
        ("monthly", "persons.0.reports.1.month", "2026-01", "persons[1].reports[2].month: 2026-01 is"),
        ("monthly", "persons.0.pauses.0.last", "2026-01-31", "persons[1].pauses[1].last: is before first"),
        ("outcome", "persons.0.results.0.parts.1.part", 1, "persons[1].results[1].parts[2].part: 1 is here"),
        ("outcome", "persons.0.results.0.parts.1.part", 3, "persons[1].results[1].parts[2].part: must be"),
        ("gates", "held.lines.0.fee", "none", "held.lines[1].fee: none is not a fee of this tariff"),
        ("gates", "held.lines.0.leg", "l2", "held.lines[1].leg: l2 is not a leg of p1 in this file"),
        ("gates", "held.legs", ["l9"], "held.legs: l9 is not a leg in this file"),
        ("booked", "booked.0.amount", -5, "booked[1].amount: must be above zero where sequence is even"),
        ("booked", "booked.0.sequence", 1, "booked[1].amount: must take back the line with sequence 0"),
        ("booked", "booked.0.sequence", 2, "booked[1].sequence: 1 is missing before it"),
        ("booked", "booked.1.part", 202601, "booked[2].sequence: 0 is booked already for that fee and part"),
        ("rulebook", "rulebook", "../../etc/passwd", "rulebook: must be the text of a rulebook, or the name"),
        ("rulebook", "rulebook", "a = \n", "rulebook: is not valid TOML"),
        ("rulebook", "rulebook", "[fees.base]\nkind = 'monthly'\n", "rulebook: services: is missing"),
        ("rulebook", "fees", {}, "fees: must be there or rulebook, one of the two"),
        ("monthly", "fees.base.ore", 1, "fees.base.ore: is not something that is read here"),
        ("monthly", "fees.base.kind", "hourly", "fees.base.kind: must be one of start, monthly"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(name: str, path: str, value: Any, said: str):
    found = faults_of(json.dumps(set_at(example(name), path, value)).encode())
    assert any(sentence.startswith(said) for sentence in found), found


def test_legs_and_pauses_that_overlap_are_refused():
    asked = example("monthly")
    asked["persons"][0]["legs"].append(LEG)
    asked["persons"][0]["pauses"].append({"leg": "l1", "first": "2026-02-07", "last": "2026-02-09"})
    found = faults_of(json.dumps(asked).encode())
    assert "persons[1].legs[2].started: must be after the last day of the leg l1, which it overlaps" in found
    assert (
        "persons[1].pauses[2].first: must be after the pause that begins 2026-02-01, which it overlaps"
        in found
    )


def test_of_very_many_faults_the_first_are_told():
    asked = example("monthly")
    asked["persons"] = [{} for _ in range(1000)]
    found = faults_of(json.dumps(asked).encode())
    assert len(found) == 51
    assert found[-1] == "the file: has 4950 faults more"


# ── booked already ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_was_printed_and_booked_gives_nothing_more(path: Path):
    asked = json.loads(path.read_text("utf-8"))
    printed = [row.as_json() for row in rows_of(asked)]
    asked["booked"] = asked.get("booked", []) + printed
    SCHEMA.validate(asked)
    assert [row.gate for row in rows_of(asked) if row.gate is None] == []


def test_a_clawback_points_at_the_line_it_takes_back_at_its_price():
    asked = example("monthly")
    asked["booked"] = [row.as_json() for row in rows_of(asked)]
    asked["persons"][0]["reports"] = []
    asked["fees"]["base"]["amounts"][0]["ore"] = 999
    found = rows_of(asked)
    assert [(row.key.part, row.sequence, row.amount, row.unit_price) for row in found] == [
        (202601, 1, -202_135, 368_600),
        (202602, 1, -276_450, 368_600),
    ]
    assert found[0].as_json()["reverses"] == {
        "person": "p1",
        "leg": "l1",
        "fee": "base",
        "part": 202601,
        "sequence": 0,
    }
    asked["booked"] += [row.as_json() for row in found]
    assert rows_of(asked) == []


def test_what_is_held_is_neither_booked_nor_taken_back_and_that_is_told():
    asked = example("monthly")
    asked["booked"] = [row.as_json() for row in rows_of(asked)]
    asked["persons"][0]["reports"] = [{"leg": "l1", "month": "2026-02"}]
    asked["held"] = {"legs": ["l1"]}
    found = [(row.key.part, row.amount, row.gate) for row in rows_of(asked)]
    assert found == [(202601, -202_135, "held_leg")]

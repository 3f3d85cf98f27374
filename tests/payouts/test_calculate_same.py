"""A calculation from a file gives what the same facts give, and what a town's runs book, to the öre."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.database import Database
from payouts.calculating import Row, parsed, read
from payouts.models import LedgerLine
from payouts.rules.columns import Holds, whole
from payouts.rules.fees import COMPONENTS, FEE, Speed, Tariff
from payouts.rules.settlement import Lines, settle, stopped
from tests.payouts.asked import as_fees, lines_of, of_town, of_world
from tests.payouts.strategies import World, a_tariff, a_world
from tests.payouts.test_calculate import SCHEMA, example, rows_of
from tests.provider.stage import APRIL, MARCH, MAY, Stage, full_week
from tests.support.town import noon
from vouchers import actions
from vouchers.models import Leg, Report

AS_OF = date(2025, 6, 30)


def one_tariff(seed: int, lives: int) -> World:
    """A random world of one tariff that can be said as JSON, some of it held and contested."""
    random = Random(seed)
    tariff = a_tariff(random, caps=random.random() < 0.5)
    world = a_world(random, lives, (tariff,))
    planned = {stay.voucher_id: stay.planned for stay in world.stays.values()}
    world.stays = {leg: replace(stay, planned=planned[stay.voucher_id]) for leg, stay in world.stays.items()}
    speedy = any(isinstance(fee.terms, Speed) for fee in tariff.fees)
    most = {True: tariff.parts("bonus"), False: max(tariff.parts("result"), int(speedy))}
    world.seen = {at: row for at, row in world.seen.items() if row.part <= most[row.bonus]}
    world.agreed = [row for row in world.agreed if row.price >= 0 or row.planned]
    world.contested = {at for at, row in world.told.items() if row.approved and random.random() < 0.1}
    legs = sorted(leg for leg in world.stays if random.random() < 0.1)
    world.holds = Holds(legs=whole(legs), providers=whole([3] if random.random() < 0.3 else []))
    return world


def said(tariff: Tariff, lines: Lines) -> list[tuple[Any, ...]]:
    """Lines in the words of a file."""
    found = []
    for at in range(len(lines)):
        fee = tariff.fee_of(COMPONENTS[int(lines.component[at])], int(lines.part[at]))
        assert fee is not None
        found.append(
            (
                str(lines.voucher_id[at]), str(lines.leg_id[at]), str(lines.provider_id[at]), fee.code,
                int(lines.part[at]) % FEE, str(lines.period[at]), int(lines.unit_price[at]),
                int(lines.quantity[at]), int(lines.of[at]), int(lines.amount[at]),
            )
        )  # fmt: skip
    return sorted(found)


def said_rows(rows: list[Row]) -> list[tuple[Any, ...]]:
    return sorted(
        (
            row.key.person, row.key.leg, row.provider, row.key.fee, row.key.part, row.period.isoformat(),
            row.unit_price, row.quantity, row.of, row.amount,
        )
        for row in rows
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_file_gives_what_the_same_facts_give_and_booked_it_gives_nothing_more(seed: int):
    world = one_tariff(seed, 5)
    tariff = world.tariffs[0]
    facts = world.facts(AS_OF)
    booked = settle(facts, nothing())
    asked = of_world(world, AS_OF)
    SCHEMA.validate(asked)
    rows = rows_of(asked)
    assert said_rows([row for row in rows if row.gate is None]) == said(tariff, booked)
    waiting, _gate = stopped(facts)
    assert said_rows([row for row in rows if row.gate]) == said(tariff, waiting)
    asked["booked"] = [row.as_json() for row in rows]
    assert [row for row in rows_of(asked) if row.gate is None] == []


def nothing() -> Lines:
    """A ledger that nothing stands in."""
    kinds = {"period": "datetime64[D]"}
    names = Lines.__dataclass_fields__
    return Lines(**{name: np.zeros(0, dtype=kinds.get(name, "int64")) for name in names})


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_facts_told_later_give_only_the_difference(seed: int, later: int):
    """Book a life as far as it was known; then all of it: the sum is that of all of it at once."""
    world = one_tariff(seed, 3)
    random = Random(later)
    world.holds = Holds()
    early = replace(
        world,
        told={at: row for at, row in world.told.items() if random.random() < 0.5},
        seen={at: row for at, row in world.seen.items() if random.random() < 0.5},
        contested=set(),
    )
    world.contested = set()
    first = [row.as_json() for row in rows_of(of_world(early, date(2024, 6, 30)))]
    asked = of_world(world, AS_OF)
    alone = sum(row.amount for row in rows_of(asked) if row.gate is None)
    asked["booked"] = first
    second = rows_of(asked)
    paid = sum(row["amount"] for row in first if row["payable"])
    reach = world.tariffs[0].policy.clawback_months
    assert reach == 0
    assert paid + sum(row.amount for row in second if row.gate is None) == alone


def test_a_tariff_that_is_said_is_the_tariff_that_is_read():
    for seed in range(200):
        tariff = a_tariff(Random(seed), caps=True)
        asked: dict[str, Any] = {
            "as_of": "2026-01-01",
            "fees": as_fees(tariff),
            "services": {"matching": ["basic"]},
        }
        person = {"id": "p", "service": "matching", "level": "basic", "months": 1}
        asked["persons"] = [{**person, "legs": [{"id": "l", "provider": "n", "started": "2026-01-01"}]}]
        assert read(parsed(json.dumps(asked).encode())).tariff == tariff, seed
        assert tariff.fees


def test_a_price_that_nobody_agreed_pays_nothing():
    asked = example("instalments")
    assert asked["fees"]["training"]["price"] == "agreed"
    del asked["persons"][0]["changes"]
    assert rows_of(asked) == []


# ── a town ───────────────────────────────────────────────────────────────────────────────────────


def ledger(stage: Stage) -> list[LedgerLine]:
    order = (LedgerLine.voucher_id, LedgerLine.component, LedgerLine.part, LedgerLine.sequence)
    with stage.database.reading() as session:
        return list(session.scalars(select(LedgerLine).order_by(*order)))


def booked_words(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = (
        "person",
        "leg",
        "provider",
        "fee",
        "part",
        "sequence",
        "period",
        "amount",
        "unit_price",
        "quantity",
        "of",
    )
    return sorted(tuple(line[name] for name in names) for line in lines)


def test_a_town_gives_what_its_runs_book_to_the_ore(database: Database):
    stage = Stage(database)
    legs = full_week(stage)
    with database.transaction(1) as session:
        own = stage.town.started(session)
        stage.town.reported(session, own, MARCH)
    rulebook_id, june, july = stage.town.rulebook_id, date(2026, 6, 3), date(2026, 12, 31)
    with database.reading() as session:
        asked = of_town(session, rulebook_id, june)
    stage.booked(june)
    lines = ledger(stage)
    with database.reading() as session:
        printed = lines_of(session, rulebook_id, lines)
    found = [row.as_json() for row in rows_of(asked) if row.gate is None]
    assert len(found) > 5
    assert booked_words(found) == booked_words(printed)

    with database.transaction(1) as session:
        for month in (APRIL, MAY):
            stage.town.reported(session, own, month)
    stage.withdrawn(_report(stage, legs["report"], APRIL), date(2026, 6, 4))
    _contested(stage, MAY)
    stage.reported(legs["protected"], date(2026, 5, 1))
    stage.worked(legs["protected"], date(2026, 6, 10), bonus_on=date(2026, 12, 11))
    with database.reading() as session:
        asked = {**of_town(session, rulebook_id, july), "booked": printed}
    stage.booked(july)
    with database.reading() as session:
        both = lines_of(session, rulebook_id, ledger(stage))
    new = [line for line in both if line not in printed]
    found = [row.as_json() for row in rows_of(asked) if row.gate is None]
    assert min(row["amount"] for row in found) < 0
    assert [row.gate for row in rows_of(asked) if row.gate] == ["contested"]
    assert {row["component"] for row in found} == {"base", "result", "bonus"}
    assert booked_words(found) == booked_words(new)


def _report(stage: Stage, leg_id: int, month: date) -> int:
    with stage.database.reading() as session:
        found = session.scalars(select(Report.id).where(Report.leg_id == leg_id, Report.month == month)).one()
        return int(found)


def _contested(stage: Stage, month: date) -> None:
    """The town's own seeker says that a month is wrong."""
    with stage.database.transaction(1) as session:
        own = select(Leg.id).where(Leg.voucher_id == stage.town.voucher_id)
        report_id = session.scalars(
            select(Report.id).where(Report.leg_id.in_(own), Report.month == month)
        ).one()
        moment = noon(date(2026, 6, 4))
        actions.answer_month(session, report_id, "contested", "Jag var där.", by=stage.town.seeker, at=moment)

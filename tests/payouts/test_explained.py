"""Why this öre, for a fee of nearly every kind: its rule, price, sum, evidence and gates; and what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payouts import actions as money
from payouts.queries.explain import Explanation, explain
from payouts.queries.explain_reckoning import reckoned
from payouts.queries.gates import waiting_dues, waiting_sums
from payouts.queries.lines import Key
from payouts.rules.fees import FEE, Fee, Instalments, OutcomeFee, Weekdays
from tests.payouts.many_fees import brought_in
from tests.provider.stage import APRIL, MARCH, MAY, TODAY, Stage, app_on
from tests.support.town import noon
from vouchers import actions

START = date(2026, 3, 14)


@pytest.fixture
def stage(database) -> Stage:
    """A stage whose rulebook has many fees."""
    made = Stage(database)
    with database.transaction(1) as session:
        book = brought_in(session, by=made.town.administrator, today=date(2026, 1, 2))
        made.town = replace(made.town, rulebook_id=book.id)
    return made


def why(stage: Stage, key: Key) -> Explanation:
    with stage.database.reading() as session:
        return explain(session, 1, key)


def by_fee(stage: Stage, leg_id: int) -> dict[tuple[str, int], Any]:
    """The explanations of a leg's first bookings, by the fee's code and its own part."""
    found = [why(stage, key) for key in stage.keys(leg_id) if key.sequence == 0]
    return {(it.fee.code if it.fee else "", it.line.key.part % FEE): it for it in found}


def test_every_kind_of_fee_tells_its_price_its_sum_and_what_it_rests_on(stage):
    leg_id = stage.started("Amal Provlund", day=START)
    stage.reported(leg_id, MARCH, APRIL, MAY)
    stage.booked()
    found = by_fee(stage, leg_id)

    start = found["start", 1]
    assert (start.line.amount_ore, start.price_of.rate_ore, start.price_of.index) == (
        128_875, 100_000, (1031, 1000, date(2026, 1, 1)),
    )  # fmt: skip
    assert [(one.by, one.ten_thousandths) for one in start.price_of.factors] == [("level", 12_500)]
    assert (start.evidence.what, start.evidence.id, start.stay.started_on) == ("leg", leg_id, START)
    assert start.stay.started_by == stage.town.coach.name
    assert [(gate.code, gate.outcome) for gate in start.gates] == [
        ("report", "not_asked"), ("contested", "not_asked"), ("held", "passed"),
    ]  # fmt: skip

    first, second = found["kept", 1], found["kept", 2]
    assert (first.reckoning.kind, first.reckoning.number, first.reckoning.parts) == ("milestone", 1, 2)
    assert (first.line.amount_ore, first.reckoning.rest_ore, first.reckoning.cut_ore) == (33_000, 0, 0)
    assert (second.line.amount_ore, second.reckoning.full_ore) == (67_001, 67_001)
    assert second.line.title("en") == "Still there"

    april, may = found["place", 202604], found["place", 202605]
    assert (april.price_of.since, april.line.unit_price_ore) == (date(2026, 4, 1), 12_000)
    assert (may.reckoning.counts, may.reckoning.full_ore, may.reckoning.cut_ore) == (
        "each_weekday", 21 * 12_000, 21 * 12_000 - may.line.amount_ore,
    )  # fmt: skip
    assert may.reckoning.cut_ore > 0
    assert (april.evidence.what, april.evidence.by) == ("report", "Maja Exempeldal")

    plan = found["plan", 202603]
    assert (plan.reckoning.kind, plan.evidence.what, plan.line.amount_ore) == ("instalments", "leg", 80_000)


def test_what_waits_is_told_by_its_gate_and_the_line_remembers_when_it_waited(stage):
    leg_id = stage.started("Amal Provlund", day=START)
    report_id = stage.reported(leg_id, MARCH, approved=False)
    stage.booked(date(2026, 4, 2))
    stage.booked(date(2026, 4, 9))
    with stage.database.reading() as session:
        dues, count = waiting_dues(session, 1, stage.town.provider_id, page=1, per_page=10)
        sums = waiting_sums(session, 1)
        assert waiting_dues(session, 1, stage.town.other_provider_id, page=1, per_page=10) == ([], 0)
    assert count == 2
    assert [(due.gate, due.fee.code if due.fee else "") for due in dues] == [
        ("report", "base"),
        ("report", "place"),
    ]
    assert sums == {"report": (2, sum(due.amount_ore for due in dues))}
    with stage.database.transaction(1) as session:
        actions.approve_report(session, report_id, by=stage.town.guide, today=date(2026, 4, 10))
    with stage.database.reading() as session:
        assert waiting_sums(session, 1) == {}
    stage.booked()
    it = why(stage, Key(leg_id, "base", 202603, 0))
    assert [(one.gate, one.first_as_of) for one in it.waited] == [("report", date(2026, 4, 2))]
    assert it.gates[0].by == stage.town.guide.name


def test_what_is_held_waits_and_the_line_says_who_held_it_and_who_let_go(stage):
    leg_id = stage.started("Amal Provlund", day=START)
    stage.reported(leg_id, MARCH)
    stage.booked(date(2026, 4, 2))
    with stage.database.transaction(1) as session:
        hold = money.hold_leg(
            session, leg_id, "evidence", "Listan saknas.", by=stage.town.signer, at=noon(TODAY)
        ).id
    stage.reported(leg_id, APRIL)
    stage.booked()
    key = Key(leg_id, "base", 202603, 0)
    gate = why(stage, key).gates[-1]
    assert (gate.outcome, gate.what, gate.reason, gate.by) == (
        "waits", "leg", "evidence", stage.town.signer.name,
    )  # fmt: skip
    with stage.database.reading() as session:
        sums = waiting_sums(session, 1)
    assert set(sums) == {"held_leg"}
    with stage.database.transaction(1) as session:
        money.release(session, hold, "Den kom.", by=stage.town.other_signer, at=noon(TODAY))
    with stage.database.reading() as session:
        assert waiting_sums(session, 1) == {}
    gate = why(stage, key).gates[-1]
    assert (gate.outcome, gate.reason, gate.by) == ("passed", "released", stage.town.other_signer.name)
    stage.booked()
    april = why(stage, Key(leg_id, "base", 202604, 0))
    assert [one.gate for one in april.waited] == ["held_leg"]


def test_the_pages_say_it_in_both_languages_for_provider_and_municipality(stage, settings):
    app = app_on(settings)
    leg_id = stage.started("Amal Provlund", day=START)
    stage.reported(leg_id, MARCH, APRIL)
    stage.reported(leg_id, MAY, approved=False)
    stage.booked()
    clients = {"handledare": "provider", "ekonom": "finance"}
    for who, where in clients.items():
        client = stage.client(app, who)
        for code, word in (
            ("sv", "Vad som ska vara klart före utbetalning"),
            ("en", "What must be done before payment"),
        ):
            client.get(f"/language/{code}?next=/")
            for key in stage.keys(leg_id):
                page = client.get(f"/{where}/lines/{key.scope_id}/{key.component}/{key.part}/{key.sequence}")
                assert page.status_code == 200
                assert word in page.get_data(as_text=True)
        stopped = client.get("/provider/money/stopped" if where == "provider" else "/finance/stopped")
        assert "The report to be approved" in stopped.get_data(as_text=True)
    app.extensions["database"].dispose()


CUTS = {
    "rounding is no ceiling": (OutcomeFee((33, 33, 34)), 101, 34, 100, 35, (34, 0, 1)),
    "a ceiling is no rounding": (OutcomeFee((33, 33, 34)), 100_000, 34, 100, 20_000, (34_000, 14_000, 0)),
    "days under a ceiling": (Weekdays(0, 12, 3, 100), 10, 20, 1, 100, (200, 100, 0)),
    "one öre over a ceiling": (Weekdays(0, 12, 3, 199), 10, 20, 1, 199, (200, 1, 0)),
    "an instalment": (Instalments(100, 0), 1_200_001, 1, 12, 100_000, (100_000, 0, 0)),
    "the last instalment": (Instalments(100, 0), 1_200_001, 1, 12, 100_001, (100_000, 0, 1)),
}


@pytest.mark.parametrize(
    ("terms", "price", "quantity", "of", "amount", "told"), CUTS.values(), ids=CUTS.keys()
)
def test_a_sum_is_taken_apart_so_that_it_adds_up(terms, price, quantity, of, amount, told):
    it = reckoned(
        Fee("x", "base", 0, terms), 1, price_ore=price, quantity=quantity, of_quantity=of, amount_ore=amount
    )
    assert (it.full_ore, it.cut_ore, it.rest_ore) == told
    assert it.full_ore - it.cut_ore + it.rest_ore == amount

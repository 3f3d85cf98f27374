"""A rulebook's chapter of fees is read whole, and each fault in it is told by its path and a sentence."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chapters import Book, Faults
from payouts.rules import fees
from payouts.rules.fees import COMPONENTS, Cap, Offset, Tariff
from payouts.rules.tariff import KINDS, read_fees

KNOWN = {("matching", "basic"), ("matching", "enhanced")}
WHOLE = """
[fees]
currency = "DKK"

[fees.policy]
bars = "voucher"
remainder = "first"
pause = "spread"
clawback_months = 24

[fees.start]
kind = "start"
qualifying_days = 14
title = { sv = "Startersättning", en = "Start fee" }
[[fees.start.amounts]]
service = "matching"
level = "basic"
ore = 400000
status = "example"
source = "exempelbelopp"
[[fees.start.amounts]]
service = "matching"
level = "basic"
from = 2027-01-01
ore = 500000
status = "example"
source = "exempelbelopp"

[fees.base]
kind = "monthly"
qualifying_days = 0
instalments = 12
pro_rata = "weekdays"
amounts = [{ service = "matching", level = "basic", ore = 1, status = "example", source = "x" }]

[fees.span]
kind = "instalments"
percent = 80
by = "month_ends"
price = "agreed"
title = { sv = "Delbetalning", en = "Instalment" }

[fees.kept]
kind = "completion"
percent = 20
of = "span"
title = { sv = "Slutbetalning", en = "Completion" }

[fees.stay]
kind = "milestone"
parts = [{ share = 40, after = 90, unit = "days" }, { share = 60, after = 6 }]
title = { sv = "Kvar", en = "Still there" }
indexed = true
factors = { level = { enhanced = 12500 }, region = { north = 11000 } }
amounts = [{ service = "matching", level = "enhanced", ore = 3, status = "example", source = "x" }]

[fees.result]
kind = "outcome"
shares = [50, 50]
window_days = 30
partial = true
amounts = [{ service = "matching", level = "basic", ore = 2, status = "example", source = "x" }]

[fees.soon]
kind = "speed"
steps = [{ within_days = 90, percent = 100 }, { within_days = 180, percent = 50 }]
title = { sv = "Snabbhet", en = "Speed" }
amounts = [{ service = "matching", level = "basic", ore = 2, status = "example", source = "x" }]

[fees.later]
kind = "sustained"
each = { times = 3, first = 4, every = 4, unit = "weeks" }
title = { sv = "Varaktighet", en = "Sustainment" }
amounts = [{ service = "matching", level = "basic", ore = 2, status = "example", source = "x" }]

[[fees.caps]]
per = "person"
period = "year"
ore = 9000000
fees = ["base", "result"]
source = "a test"

[fees.index]
base_points = 1000
source = "a test"
points = [{ from = 2027-01-01, points = 1031 }, { from = 2028-01-01, points = 1050 }]
"""


def read(text: str) -> tuple[Tariff, list[str]]:
    book = Book(text)
    found = read_fees(book.root.table("fees"), KNOWN)
    try:
        book.finish()
    except Faults as told:
        return found, told.faults
    return found, []


def test_a_whole_chapter_is_read_as_it_stands():
    found, faults = read(WHOLE)
    assert faults == []
    assert [(fee.code, fee.component, fee.number) for fee in found.fees] == [
        ("start", "milestone", 0),
        ("base", "base", 0),
        ("span", "base", 1),
        ("kept", "milestone", 1),
        ("stay", "milestone", 2),
        ("result", "result", 0),
        ("soon", "bonus", 0),
        ("later", "bonus", 1),
    ]
    terms = {fee.code: fee.terms for fee in found.fees}
    assert terms["start"] == fees.Start(14)
    assert terms["span"] == fees.Instalments(80, 0, "month_ends", agreed=True)
    assert terms["kept"] == fees.Completion(20, "span")
    assert terms["stay"] == fees.Milestone((Offset(90, "days"), Offset(6)), (40, 60))
    assert terms["result"] == fees.OutcomeFee((50, 50), (), 30, partial=True)
    assert terms["soon"] == fees.Speed(((90, 100), (180, 50)))
    weeks = tuple(Offset(count, "weeks") for count in (4, 8, 12))
    assert terms["later"] == fees.Sustained((100, 100, 100), weeks, each=True)
    assert found.caps == (Cap("person", "year", 9_000_000, ("base", "result")),)
    assert found.index == fees.Index(1000, ((date(2027, 1, 1), 1031), (date(2028, 1, 1), 1050)))
    assert found.policy == fees.Policy(remainder="first", pause="spread", clawback_months=24)
    assert found.currency == "DKK"


def test_a_price_has_its_days_and_the_newest_is_the_one_shown():
    start = read(WHOLE)[0].coded("start")
    assert start is not None
    key = ("matching", "basic")
    assert [(rate.from_on, rate.price.ore) for rate in start.rates[key]] == [
        (None, 400_000),
        (date(2027, 1, 1), 500_000),
    ]
    assert start.prices[key].ore == 500_000


def test_a_ledger_part_says_which_fee_it_is():
    found = read(WHOLE)[0]
    codes = {
        (component, part): getattr(found.fee_of(component, part), "code", None)
        for component, part in (("base", 202604), ("base", 1_000_001), ("milestone", 2_000_002), ("bonus", 1))
    }
    assert list(codes.values()) == ["base", "span", "stay", "soon"]
    assert found.fee_of("result", 1_000_001) is None


def test_where_a_milestone_bars_no_other_provider_it_is_a_base_fee():
    """So that the ledger's key has the leg, and the database lets two be paid."""
    found, faults = read(WHOLE.replace('bars = "voucher"', 'bars = "provider"'))
    assert faults == []
    assert [(fee.code, fee.number) for fee in found.fees if fee.component == "base"] == [
        ("start", 0),
        ("base", 1),
        ("span", 2),
        ("kept", 3),
        ("stay", 4),
    ]


def test_where_the_policy_says_nothing_of_pauses_the_rulebooks_clock_does():
    book = Book(WHOLE.replace('pause = "spread"\n', ""))
    assert read_fees(book.root.table("fees"), KNOWN, clock_stops=False).policy.pause == "runs"


TERMS = "must be one of start, monthly, weekdays, daily, instalments, milestone, completion, outcome, speed"
FAULTS = [
    ("currency", 'currency = "DKK"', 'currency = "dkk"', "fees.currency: must be one of SEK, DKK"),
    ("kind", 'kind = "speed"', 'kind = "fast"', f"fees.soon.kind: {TERMS}"),
    ("no kind", 'kind = "speed"\n', "", f"fees.soon.kind: is missing; {TERMS}"),
    ("category", "[fees.soon]", "[fees.milestone]", "fees.milestone.kind: a fee called milestone must be on"),
    ("no name", ', en = "Speed"', "", "fees.soon.title.en: is missing"),
    ("switch", 'remainder = "first"', 'remainder = "x"', "fees.policy.remainder: must be one of last, first"),
    ("no such switch", "bars =", "bar =", "fees.policy.bar: is not a rule that this system knows"),
    ("pause", 'pause = "spread"', 'pause = "no"', "fees.policy.pause: must be one of stops, runs, spread"),
    ("reach", "clawback_months = 24", "clawback_months = -1", "fees.policy.clawback_months: must be a whole"),
    ("days", "qualifying_days = 14", "qualifying_days = 366", "fees.start.qualifying_days: must be a whole"),
    ("level", 'level = "enhanced"', 'level = "c"', "fees.stay.amounts[1].level: matching has no level c"),
    ("service", '"matching", level = "e', '"help", level = "e', "level: help has no level enhanced in this"),
    ("rate", "from = 2027-01-01\nore", "ore", "fees.start.amounts[2].level: matching basic has an amount"),
    ("no source", '00\nstatus = "example"\nsource = "exempelbelopp"', '00\nstatus = "example"',
     "fees.start.amounts[1].source: is missing; must be a text that is not empty"),
    ("status", 'ore = 3, status = "example"', 'ore = 3, status = "true"', "status: must be one of published"),
    ("öre", "ore = 400000", "ore = 4000.50", "fees.start.amounts[1].ore: must be a whole number from 0"),
    ("share sum", "share = 60", "share = 61", "fees.stay.parts: must have shares that sum to 100"),
    ("share", "share = 60", "share = 0", "fees.stay.parts[2].share: must be a whole number from 1 to 100"),
    ("unit", 'unit = "days"', 'unit = "years"', "fees.stay.parts[1].unit: must be one of days, weeks, month"),
    ("after", "after = 6 }", "after = -6 }", "fees.stay.parts[2].after: must be a whole number from 0"),
    ("no parts", "parts = [{ share = 40, after = 90, unit = \"days\" }, { share = 60, after = 6 }]\n", "",
     "fees.stay.parts: is missing; must be a list of tables"),
    ("empty parts", "[{ share = 40, after = 90, unit = \"days\" }, { share = 60, after = 6 }]", "[]",
     "fees.stay.parts: must have at least one row"),
    ("too many parts", "[{ share = 40, after = 90, unit = \"days\" }, { share = 60, after = 6 }]",
     "[" + "{ share = 1, after = 1 }, " * 61 + "]", "fees.stay.parts: must be at most 60"),
    ("shares", "shares = [50, 50]", "shares = [50, 49]", "fees.result.shares: must sum to 100"),
    ("both", "shares = [50, 50]", "shares = [50, 50]\nparts = [{ share = 100, after = 1 }]",
     "fees.result.shares: is not a rule that this system knows"),
    ("window", "window_days = 30", "window_days = 30.5", "fees.result.window_days: must be a whole number"),
    ("partial", "partial = true", 'partial = "yes"', "fees.result.partial: must be true or false"),
    ("steps", "within_days = 180", "within_days = 60", "fees.soon.steps: must have the shortest first, none"),
    ("step twice", "within_days = 180", "within_days = 90", "fees.soon.steps: must have the shortest first,"),
    ("step", "percent = 50", "percent = 101", "fees.soon.steps[2].percent: must be a whole number from 0 to"),
    ("each", "times = 3", "times = 61", "fees.later.each.times: must be a whole number from 1 to 60"),
    ("of", 'of = "span"', 'of = "base"', "fees.kept.of: must be the code of a fee paid in instalments"),
    ("price kept", 'of = "span"', 'of = "span"\namounts = []', "fees.kept.amounts: is not a rule that this"),
    ("indexed", "[fees.index]", "[fees.index2]", "fees.stay.indexed: needs the table fees.index"),
    ("points", "from = 2028-01-01, points", "from = 2026-01-01, points", "fees.index.points: must have the"),
    ("points twice", "from = 2028-01-01, points", "from = 2027-01-01, points", "none twice"),
    ("no base", "base_points = 1000\n", "", "fees.index.base_points: is missing"),
    ("base", "base_points = 1000", "base_points = 0", "fees.index.base_points: must be a whole number from"),
    ("factor", "north = 11000", "north = 0", "fees.stay.factors.region.north: must be a whole number from 1"),
    ("factor by", "region = {", "town = {", "fees.stay.factors.town: is not a rule that this system knows"),
    ("factor level", "enhanced = 12500", "better = 12500", "fees.stay.factors.level: better is no level in"),
    ("cap per", 'per = "person"', 'per = "town"', "fees.caps[1].per: must be one of person, provider"),
    ("cap period", 'period = "year"', 'period = "day"', "fees.caps[1].period: must be one of all, month, ye"),
    ("cap öre", "ore = 9000000", "ore = 0", "fees.caps[1].ore: must be a whole number from 1"),
    ("cap fee", '["base", "result"]', '["base", "x"]', "fees.caps[1].fees: x is not a fee of this tariff"),
    ("cap fee twice", '["base", "result"]', '["base", "base"]', "fees.caps[1].fees: must be a list of words"),
    ("cap source", 'fees = ["base", "result"]\nsource = "a test"', "", "fees.caps[1].source: is missing"),
    ("misspelt", "window_days", "window_day", "fees.result.window_day: is not a rule that this system knows"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_each_fault_has_a_sentence(old, new, told):
    assert old in WHOLE
    faults = read(WHOLE.replace(old, new, 1))[1]
    assert any(told in fault for fault in faults), faults


def test_a_price_that_factors_and_index_lift_above_all_reason_is_refused():
    """It would not be a number that the columns hold."""
    dear = WHOLE.replace("ore = 3,", "ore = 1000000000,").replace("north = 11000", "north = 1000000")
    assert read(dear)[1] == []
    dearer = dear.replace("enhanced = 12500", "enhanced = 1000000")
    assert read(dearer)[1] == ["fees.stay: is above ten billion kronor by its factors and the index"]
    indexed = dear.replace("base_points = 1000", "base_points = 1")
    assert read(indexed)[1] == ["fees.stay: is above ten billion kronor by its factors and the index"]


def test_a_chapter_without_fees_is_a_fault():
    assert read("[fees]\ncurrency = 'SEK'")[1] == ["fees: must have at least one fee"]


def test_every_kind_is_in_a_category_of_the_ledger():
    assert {kind.component for kind in KINDS.values()} == set(COMPONENTS)


@given(st.data())
def test_whatever_a_value_is_instead_the_reader_tells_and_does_not_break(data):
    """Every value of the chapter, one at a time, turned to something else."""
    whole = tomllib.loads(WHOLE)
    at, steps = whole["fees"], []
    while isinstance(at, dict | list) and at:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        steps.append((at, key))
        at = at[key]
        if data.draw(st.booleans()):
            break
    table, key = steps[-1]
    table[key] = data.draw(
        st.sampled_from([None, -1, 0, 10**30, 1.5, "", "x", True, [], [1], {}, {"x": 1}, date(2026, 1, 1)])
    )
    book = Book("")
    book.root._table.update(whole)
    read_fees(book.root.table("fees"), KNOWN)
    try:
        book.finish()
    except Faults as told:
        assert all(fault.startswith("fees") and ": " in fault for fault in told.faults)

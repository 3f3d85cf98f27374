"""Tariffs that are shipped: worked by hand, held to the engine, and told on their pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from core.dates import add_months
from core.refusal import Refusal
from payouts.rules.columns import (
    BROKEN_OFF,
    COMPLETED,
    FAR,
    GOES_ON,
    Changes,
    Checks,
    Deal,
    Facts,
    Legs,
    Months,
    Pauses,
    days,
    no_dues,
    whole,
)
from payouts.rules.fees import COMPONENTS, CURRENCIES, FEE, Sustained
from payouts.rules.settlement import as_lines, earn, settle
from payouts.tariffs import about, read, shipped, text
from tools import tariffs

Row = dict[str, Any]
Line = tuple[str, int, int, str, int]
NAMES = tariffs.names()
FINISHES = {"": GOES_ON, "completed": COMPLETED, "broken_off": BROKEN_OFF}
CASES = [
    pytest.param(cases, case, id=f"{name}: {case['name']}")
    for name in NAMES
    for cases in [tariffs.told(name)]
    for case in cases["case"]
]


def facts_of(cases: Row, case: Row) -> Facts:
    """A case's legs, all of one voucher, as the columns that rules take."""
    legs: list[Row] = case["legs"]
    months = [(at, month) for at, leg in enumerate(legs) for month in leg.get("reported", [])]
    pauses = [(at, *pause) for at, leg in enumerate(legs) for pause in leg.get("pauses", [])]
    checks = [
        (at, bonus, {**check, "part": part})
        for at, leg in enumerate(legs)
        for bonus, key in ((0, "results"), (1, "bonuses"))
        for check in leg.get(key, [])
        for part in range(check["part"], check.get("parts", check["part"]) + 1)
    ]
    changes = [
        (at, change)
        for at, leg in enumerate(legs)
        for change in (
            [{"on": leg["started"], "price": leg["price"]}] if "price" in leg else [],
            leg.get("changes", []),
        )
        for change in change
    ]
    return Facts(
        as_of=case["as_of"],
        deals=(Deal(1, cases["service"], case["level"], read(cases["tariff"])),),
        legs=Legs(
            leg_id=whole([1001 + at for at in range(len(legs))]),
            voucher_id=whole([501] * len(legs)),
            provider_id=whole([leg.get("provider", 1) for leg in legs]),
            deal=whole([0] * len(legs)),
            first=days([legs[0]["started"]] * len(legs)),
            started=days([leg["started"] for leg in legs]),
            ended=days([leg.get("ended", FAR) for leg in legs]),
            months=whole([leg.get("months", 12) for leg in legs]),
            planned=days([leg.get("planned", FAR) for leg in legs]),
            finish=whole([FINISHES[leg.get("finish", "")] for leg in legs]),
        ),
        months=Months(
            leg=whole([at for at, _ in months]),
            month=days([month for _, month in months]),
            report_id=whole([7001 + number for number in range(len(months))]),
        ),
        checks=Checks(
            leg=whole([at for at, _, _ in checks]),
            bonus=whole([bonus for _, bonus, _ in checks]),
            part=whole([check["part"] for _, _, check in checks]),
            due=days([check.get("due", check.get("began")) for _, _, check in checks]),
            check_id=whole([8001 + number for number in range(len(checks))]),
            percent=whole([check.get("percent", 100) for _, _, check in checks]),
            began=days([check.get("began", FAR) for _, _, check in checks]),
            proved=days([check.get("proved", FAR) for _, _, check in checks]),
        ),
        pauses=Pauses(
            leg=whole([pause[0] for pause in pauses]),
            first=days([pause[1] for pause in pauses]),
            last=days([pause[2] - timedelta(days=1) if len(pause) > 2 else FAR for pause in pauses]),
        ),
        changes=Changes(
            leg=whole([at for at, _ in changes]),
            on=days([change["on"] for _, change in changes]),
            price=whole([change.get("price", -1) for _, change in changes]),
            planned=days([change.get("planned", FAR) for _, change in changes]),
        ),
    )


def engine_says(cases: Row, case: Row) -> list[Line]:
    """(fee, leg, part, day it is for, minor units) of all that the engine finds, in order."""
    tariff = read(cases["tariff"])
    found = earn(facts_of(cases, case))
    columns = (found.component, found.part, found.leg, found.amount)
    rows = zip(found.period, *(column.tolist() for column in columns), strict=True)
    said = []
    for period, component, part, leg, ore in rows:
        fee = tariff.fee_of(COMPONENTS[component], part)
        assert fee is not None
        said.append((fee.code, leg + 1, part % FEE, str(period), ore))
    return sorted(said)


def hand_says(case: Row) -> list[Line]:
    """The same of the case's lines; one with `to` is several, of equal amounts."""
    said = []
    for line in case["lines"]:
        parts = tariffs.parts_of(line)
        each, rest = divmod(line["ore"], len(parts))
        assert rest == 0, f"{case['name']}: {len(parts)} equal parts do not make {line['ore']}"
        said += [(line["fee"], line.get("leg", 1), part, str(on), each) for part, on in parts]
    return sorted(said)


@pytest.mark.parametrize(("cases", "case"), CASES)
def test_the_engine_says_what_the_hand_says(cases: Row, case: Row):
    assert engine_says(cases, case) == hand_says(case)


@pytest.mark.parametrize(("cases", "case"), CASES)
def test_each_amount_is_its_arithmetic_and_their_sum_the_sum(cases: Row, case: Row):
    for line in case["lines"]:
        assert tariffs.worked_out(line["working"]) == line["ore"], line
    assert sum(line["ore"] for line in case["lines"]) == case["sum"]


@pytest.mark.parametrize(("cases", "case"), CASES)
def test_a_second_run_books_nothing(cases: Row, case: Row):
    facts = facts_of(cases, case)
    booked = settle(facts, as_lines(facts, no_dues()))
    assert int(booked.amount.sum()) == case["sum"]
    assert len(settle(facts, booked)) == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_the_cases_and_nothing_else_of_them(name: str):
    """`python -m tools.tariffs` writes them."""
    assert tariffs.page(name).read_text("utf-8") == tariffs.whole(name)


def test_every_tariff_has_a_page_and_cases_and_there_are_enough():
    assert tuple(NAMES) == shipped()
    assert [name for name in NAMES if not tariffs.page(name).exists()] == []
    assert len(CASES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_every_amount_says_where_it_comes_from_and_those_nobody_published_say_so(name: str):
    for fee in read(name).fees:
        for rates in fee.rates.values():
            for price in (rate.price for rate in rates):
                assert price.source
                said = "exempelbelopp" in price.source or "unverified" in price.source
                assert said if price.status == "example" else "exempelbelopp" not in price.source, price


@pytest.mark.parametrize("name", NAMES)
def test_the_page_names_every_fee_and_every_switch_that_is_set(name: str):
    page, tariff = tariffs.page(name).read_text("utf-8"), read(name)
    assert [fee.code for fee in tariff.fees if f"`{fee.code}`" not in page] == []
    assert tariff.currency in CURRENCIES
    chosen = [line.split(" = ")[0] for line in policy_lines(text(name) or "")]
    assert [switch for switch in chosen if f"`{switch}" not in page] == []


def policy_lines(written: str) -> list[str]:
    _, found, after = written.partition("[fees.policy]\n")
    return [line for line in after.split("\n\n")[0].splitlines() if found and " = " in line]


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_quotes_stands_in_the_file(name: str):
    told = tariffs.told(name)
    written = text(told["tariff"]) or ""
    quoted = re.findall(r"```toml\n(.*?)```", tariffs.page(name).read_text("utf-8"), re.DOTALL)
    assert len(quoted) >= 2
    assert [piece for piece in quoted if piece.strip() not in written] == []


def test_an_older_version_is_read_by_its_day():
    assert read("stom/2014-01-01").coded("speed") is None
    assert read("stom").coded("speed") is not None
    assert about("stom").version == "2018-06-07"


@pytest.mark.parametrize("name", ["", "nothing", "stom/1999-01-01", "../../config", "introduktion"])
def test_no_other_name_is_read(name: str):
    with pytest.raises(Refusal) as refused:
        read(name)
    assert refused.value.code == "tariff_unknown"
    assert text(name) is None


def test_the_halves_of_rusta_och_matcha_are_three_and_six_calendar_months_after():
    cases = tariffs.told("rusta_och_matcha")
    checks = [check for case in cases["case"] for leg in case["legs"] for check in leg.get("results", [])]
    assert len(checks) > 5
    for check in checks:
        assert check["due"] == add_months(check["began"], (3, 6)[check["part"] - 1])


def test_the_published_totals_of_the_work_programme_come_out():
    """Committee's table 3: attachment, job outcome and sustainment as columns, and their sum."""
    tariff = read("work_programme")
    totals = {}
    for group in range(1, 10):
        key = ("employment", f"group_{group}")
        totals[group] = sum(
            rates[0].price.ore * (len(fee.terms.shares) if isinstance(fee.terms, Sustained) else 1)
            for fee in tariff.fees
            if (rates := fee.rates.get(key))
        )
    assert [totals[group] for group in range(1, 6)] == [381000, 439500, 660000, 660000, 370000]
    assert [totals[group] for group in (6, 7, 9)] == [650000, 1372000, 560000]


def test_the_hand_counts_from_left_to_right_and_rounds_half_up():
    assert tariffs.worked_out("3 686 × 13 ÷ 30") == 159727
    assert tariffs.worked_out("0.01 ÷ 2") == 1
    assert tariffs.worked_out("12,000 − 4,800") == 720000

"""Caps: the table of cases, and what holds whatever is earned."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payouts.rules.caps import capped, needs_whole
from payouts.rules.columns import Checks, Deal, Dues, Facts, Legs, days, no_months, whole
from payouts.rules.fees import FEE, Cap, Fee, Start, Tariff
from payouts.rules.settlement import earn
from tests.payouts.facts import rates
from tests.payouts.once import facts_of, shuffled, table, tariff_of, told

CASES = [pytest.param(case, id=case["name"]) for case in table("caps")]
TWO_FEES = (Fee("one", "base", 0, Start(0), rates(1)), Fee("other", "result", 0, Start(0), rates(1)))


@pytest.mark.parametrize("case", CASES)
def test_the_table_of_cases(case):
    rows = sorted(map(tuple, case["pays"]), key=lambda row: (row[1], row[0], row[3], row[2]))
    known = facts_of(case)
    assert told(known, earn(known), person=True) == rows
    for seed in range(3):
        known = shuffled(facts_of(case), seed)
        assert told(known, earn(known), person=True) == rows


def test_what_is_cut_keeps_its_price_and_quantity():
    case = next(case for case in table("caps") if case["name"].startswith("what reaches the cap"))
    found = earn(facts_of(case))
    last = found.where(found.period == np.datetime64("2026-04-10"))
    assert [column.tolist() for column in (last.unit_price, last.quantity, last.of, last.amount)] == [
        [250_000],
        [100],
        [100],
        [100_000],
    ]


def test_a_cap_per_provider_needs_the_whole_rulebook_and_one_per_person_does_not():
    def with_caps(*caps: Cap) -> Tariff:
        return Tariff(TWO_FEES, caps=caps)

    assert not needs_whole(with_caps())
    assert not needs_whole(with_caps(Cap("person", "all", 1)))
    assert needs_whole(with_caps(Cap("person", "all", 1), Cap("provider", "month", 1)))


def test_a_cap_of_one_rulebook_version_does_not_count_what_another_pays():
    """Two versions with the same fees: each has its own cap, and a third has none."""
    fees = {"start": {"kind": "start", "amounts": [{"ore": 100}]}}
    same, free = tariff_of({**fees, "caps": [{"per": "provider", "ore": 150}]}), tariff_of(fees)
    legs = [{"started": date(2026, 1, 1), "person": number} for number in range(1, 7)]
    known = facts_of({"as_of": date(2026, 12, 31), "legs": legs}, same)
    kinds = tuple(Deal(1 + at, "matching", "basic", fee) for at, fee in enumerate((same, same, free)))
    known = replace(known, deals=kinds, legs=replace(known.legs, deal=whole([0, 0, 1, 1, 2, 2])))
    assert sorted(earn(known).amount.tolist()) == [50, 50, 100, 100, 100, 100]


# ── whatever is earned ───────────────────────────────────────────────────────────────────────────

caps = st.builds(
    Cap,
    st.sampled_from(["person", "provider"]),
    st.sampled_from(["all", "month", "year"]),
    st.integers(1, 3000),
    st.sampled_from([(), ("one",), ("other",), ("one", "other")]),
)
periods = st.integers(0, 800) | st.sampled_from([0, 30, 31, 364, 365, 789, 790])
rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 1), periods, st.integers(1, 1000)), min_size=1, max_size=40
)


def known_of(tariff: Tariff) -> Facts:
    """Six legs of three persons with two providers."""
    none = whole([])
    return Facts(
        date(2026, 12, 31),
        (Deal(1, "matching", "basic", tariff),),
        Legs(
            leg_id=whole([11, 12, 13, 14, 15, 16]),
            voucher_id=whole([1, 1, 2, 2, 3, 3]),
            provider_id=whole([1, 2, 1, 2, 1, 1]),
            deal=whole([0] * 6),
            first=days(["2026-01-01"] * 6),
            started=days(["2026-01-01"] * 6),
            ended=days(["9999-12-31"] * 6),
            months=whole([12] * 6),
        ),
        no_months(),
        Checks(none, none, none, days([]), none),
    )


def dues_of(known: Facts, found: list[tuple[int, int, int, int]]) -> Dues:
    leg, component, day, amount = (whole(column) for column in zip(*found, strict=True))
    number = np.arange(len(leg))
    return Dues(
        scope=known.legs.leg_id[leg],
        component=component,
        part=number + 1,
        leg=leg,
        period=np.datetime64("2024-11-03", "D") + day,
        unit_price=amount,
        quantity=np.ones_like(leg),
        of=np.ones_like(leg),
        amount=amount,
        evidence=number,
    )


def groups(known: Facts, cap: Cap, dues: Dues) -> dict[tuple[int, str], list[int]]:
    """The rows that a cap holds for, one by one: written anew, to be compared with."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    ids = known.legs.provider_id if cap.per == "provider" else known.legs.voucher_id
    for row in range(len(dues)):
        if not cap.fees or TWO_FEES[int(dues.component[row])].code in cap.fees:
            day = str(dues.period[row])
            time = {"all": "", "month": day[:7], "year": day[:4]}[cap.period]
            found[int(ids[dues.leg[row]]), time].append(row)
    return found


def by_hand(known: Facts, limits: list[Cap], dues: Dues) -> dict[int, int]:
    """What each row is paid, one after the other."""
    held = [groups(known, cap, dues) for cap in limits]
    leg_id = known.legs.leg_id[dues.leg]
    paid: dict[int, int] = {}
    for row in np.lexsort((leg_id, dues.part, dues.component, dues.period)).tolist():
        rooms = [
            cap.ore - sum(paid.get(other, 0) for other in members)
            for cap, of_cap in zip(limits, held, strict=True)
            for members in of_cap.values()
            if row in members
        ]
        paid[row] = max(min([int(dues.amount[row]), *rooms]), 0)
    return {row: ore for row, ore in paid.items() if ore}


def by_row(left: Dues) -> dict[int, int]:
    return dict(zip((left.part - 1).tolist(), left.amount.tolist(), strict=True))


@settings(max_examples=150)
@given(st.lists(caps, min_size=1, max_size=3), rows)
def test_one_after_the_other_gets_what_is_left_under_every_cap(limits, found):
    """By columns as by hand, line by line; so no cap is exceeded, and nothing is cut that fits."""
    known = known_of(Tariff(TWO_FEES, caps=tuple(limits)))
    dues = dues_of(known, found)
    assert by_row(capped(known, dues)) == by_hand(known, limits, dues)


@settings(max_examples=100)
@given(caps, rows)
def test_a_cap_alone_pays_the_cap_or_all_there_is(cap, found):
    known = known_of(Tariff(TWO_FEES, caps=(cap,)))
    dues = dues_of(known, found)
    left = capped(known, dues)
    now = by_row(left)
    inside: set[int] = set()
    for members in groups(known, cap, dues).values():
        inside |= set(members)
        assert sum(now.get(row, 0) for row in members) == min(cap.ore, sum(dues.amount[members].tolist()))
    assert all(now[row] == dues.amount[row] for row in range(len(dues)) if row not in inside)


@settings(max_examples=60)
@given(st.lists(caps, min_size=1, max_size=3), rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(limits, found, random):
    known = known_of(Tariff(TWO_FEES, caps=tuple(limits)))
    dues = dues_of(known, found)
    turned = list(range(len(dues)))
    random.shuffle(turned)
    assert by_row(capped(known, dues)) == by_row(capped(known, dues.where(whole(turned))))


def test_caps_that_hang_on_each_other_the_whole_way_are_settled():
    """Person and provider turn by turn, so that what one is paid hangs on the one before."""
    limits = [Cap("person", "all", 100), Cap("provider", "all", 150), Cap("person", "month", 30)]
    known = known_of(Tariff(TWO_FEES, caps=tuple(limits)))
    dues = dues_of(known, [(at % 6, at % 2, at * 7, 1 + at * 37 % 90) for at in range(110)])
    assert by_row(capped(known, dues)) == by_hand(known, limits, dues)


def test_the_reach_of_months_is_the_calendars():
    """31 January and 1 February are two months, 31 December and 1 January two years."""
    known = known_of(Tariff(TWO_FEES, caps=(Cap("person", "month", 10),)))
    at = [(date(2025, 1, 31) - date(2024, 11, 3)).days, (date(2025, 2, 1) - date(2024, 11, 3)).days]
    assert capped(known, dues_of(known, [(0, 0, at[0], 9), (0, 0, at[1], 9)])).amount.tolist() == [9, 9]
    known = known_of(Tariff(TWO_FEES, caps=(Cap("person", "year", 10),)))
    eve = date(2024, 12, 31) - date(2024, 11, 3)
    both = [(0, 0, eve.days, 9), (0, 0, (eve + timedelta(days=1)).days, 9)]
    assert capped(known, dues_of(known, both)).amount.tolist() == [9, 9]


def test_parts_of_another_fee_of_the_category_are_not_counted():
    """The ledger's part says which fee it is."""
    fees = (*TWO_FEES, Fee("second", "base", 1, Start(0), rates(1)))
    known = known_of(Tariff(fees, caps=(Cap("person", "all", 10, ("second",)),)))
    dues = dues_of(known, [(0, 0, 0, 9), (0, 0, 1, 9)])
    dues = replace(dues, part=whole([1, FEE + 1]))
    assert capped(known, dues).amount.tolist() == [9, 9]
    assert capped(known, replace(dues, amount=whole([9, 19]))).amount.tolist() == [9, 10]

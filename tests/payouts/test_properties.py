"""What holds whatever the tariff, the facts, and the order they are told in; by columns, with no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.dates import add_months, first_of_month
from payouts.rules.columns import Facts, Holds, whole
from payouts.rules.fees import COMPONENTS, Policy
from payouts.rules.settlement import REASONS, Lines, as_lines, earn, settle, stopped
from tests.payouts.strategies import (
    EDGES,
    ORE,
    Agreed,
    Rest,
    Seen,
    Stay,
    Told,
    World,
    a_day,
    a_life,
    a_policy,
    a_tariff,
    a_world,
    alone,
    by_key,
)
from tests.payouts.test_settlement import Key, Ledger, earned, no_lines

randoms = st.randoms(use_true_random=False)
days_on = st.sampled_from(EDGES) | st.dates(date(2023, 1, 1), date(2027, 12, 31))


# ── one world ────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=40)
@given(randoms, days_on)
def test_the_same_facts_twice_book_nothing(random: Random, as_of: date):
    world, ledger = a_world(random, 3, (a_tariff(random), a_tariff(random))), Ledger()
    known = world.facts(as_of)
    ledger.run(known)
    assert len(ledger.run(known)) == 0
    assert ledger.net() == earned(known)


@settings(max_examples=15)
@given(randoms)
def test_the_order_in_which_late_facts_arrive_does_not_matter(random: Random):
    """The same facts in two orders, with runs at other days in between, end in the same sums by key."""
    tariffs = (a_tariff(random), a_tariff(random))
    new = count(10_001)
    told = [fact for voucher_id in (1, 2) for fact in a_life(random, voucher_id, new)]
    stays = [fact for fact in told if isinstance(fact, Stay)]
    late = [fact for fact in told if not isinstance(fact, Stay)]
    end = date(2027, 12, 31)
    sums = []
    for _ in range(2):
        world, ledger = World(tariffs), Ledger()
        for stay in stays:
            world.tell(stay)
        random.shuffle(late)
        for place, fact in enumerate(late):
            world.tell(fact)
            if place % 4 == 0:
                ledger.run(world.facts(a_day(random)))
        ledger.run(world.facts(end))
        sums.append(ledger.net())
    assert sums[0] == sums[1]
    assert sums[0] == earned(world.facts(end))


@settings(max_examples=40)
@given(randoms, days_on)
def test_nobody_is_paid_for_what_is_told_of_days_after_an_end(random: Random, as_of: date):
    """Reports, pauses and agreements of days after a revocation change nothing that the leg is paid for."""
    world = a_world(random, 2, (a_tariff(random),))
    stay = random.choice(list(world.stays.values()))
    last = stay.ended or stay.started + timedelta(days=random.choice((0, 13, 14, 45, 200)))
    later = [
        other
        for other in world.stays.values()
        if other.voucher_id == stay.voucher_id and other.started > last
    ]
    for other in later:
        del world.stays[other.leg_id]
    world.tell(replace(stay, ended=last, finish=2))
    world.told = {
        number: row
        for number, row in world.told.items()
        if row.leg_id != stay.leg_id or row.month <= first_of_month(last)
    }
    before = of_leg(world.facts(as_of), stay.leg_id)
    for offset in (1, 2, 5):
        world.tell(Told(90_000 + offset, stay.leg_id, add_months(first_of_month(last), offset)))
    world.tell(Rest(stay.leg_id, last + timedelta(days=400), last + timedelta(days=430)))
    world.tell(Agreed(stay.leg_id, last + timedelta(days=1), 999_999, last + timedelta(days=300)))
    assert of_leg(world.facts(as_of), stay.leg_id) == before
    assert all(period <= last for component, _, period, _ in before if component in ("base", "milestone"))


def of_leg(known: Facts, leg_id: int) -> list[Any]:
    dues = earn(known)
    mine = dues.where(known.legs.leg_id[dues.leg] == leg_id)
    return sorted(by_key(mine.component, mine.part, mine.period, mine.amount))


@settings(max_examples=40)
@given(randoms, days_on)
def test_a_milestone_is_earned_once_whoever_did_it(random: Random, as_of: date):
    world = a_world(random, 3, (a_tariff(random),))
    for voucher_id in (1, 2, 3):
        again = [row for row in world.seen.values() if world.stays[row.leg_id].voucher_id == voucher_id]
        others = [stay.leg_id for stay in world.stays.values() if stay.voucher_id == voucher_id]
        for place, row in enumerate(again):
            world.tell(replace(row, check_id=80_000 + 100 * voucher_id + place, leg_id=random.choice(others)))
    known = world.facts(as_of)
    lines = as_lines(known, earn(known))
    whose = by_key(lines.component, lines.voucher_id, lines.part)
    assert all(times == 1 for row, times in Counter(whose).items() if row[0] != "base")


@settings(max_examples=40)
@given(randoms, days_on)
def test_what_is_stopped_and_what_is_free_is_all_there_is(random: Random, as_of: date):
    """But for ceilings, of which an unapproved month takes its part before it is paid itself."""
    tariff = a_tariff(random)
    world = a_world(random, 3, (tariff,))
    some = [row.report_id for row in world.told.values() if row.approved and random.random() < 0.2]
    world.contested = set(some)
    if random.random() < 0.5:
        world.holds = Holds(whole([random.choice(list(world.stays))]), whole([random.randint(1, 3)]))
    known = world.facts(as_of)
    stop, gate = stopped(known)
    free = settle(known, no_lines())
    everything = earned(replace(known, months=known.months.followed_by(known.pending)))
    paid, waits = _amounts(free), _amounts(stop)
    assert not paid.keys() & waits.keys()
    assert len(gate) == len(stop)
    if not any(getattr(fee.terms, "cap_ore", 0) for fee in tariff.fees):
        assert paid | waits == everything
    else:
        assert everything.keys() <= paid.keys() | waits.keys()


def _amounts(lines: Lines) -> dict[Key, int]:
    keys = zip(lines.scope.tolist(), lines.component.tolist(), lines.part.tolist(), strict=True)
    return dict(zip(keys, lines.amount.tolist(), strict=True))


def test_columns_of_a_thousand_persons_give_the_same_as_a_thousand_single_ones():
    """Each by one of eight random tariffs, and all together in one table."""
    random = Random(7)
    world = a_world(random, 1000, tuple(a_tariff(random) for _ in range(8)))
    as_of = random.choice(EDGES) + timedelta(days=365)
    together = _rows(world.facts(as_of))
    single = [row for voucher_id in range(1, 1001) for row in _rows(alone(world, voucher_id).facts(as_of))]
    assert len(together) > 500
    assert sorted(together) == sorted(single)


def _rows(known: Facts) -> list[tuple[object, ...]]:
    dues = earn(known)
    return by_key(
        dues.component, dues.scope, dues.part, dues.period, dues.unit_price, dues.quantity, dues.of,
        dues.amount, dues.evidence,
    )  # fmt: skip


@settings(max_examples=40)
@given(randoms, days_on)
def test_an_amount_is_whole_above_zero_and_its_price_never_below(random: Random, as_of: date):
    dues = earn(a_world(random, 3, (a_tariff(random),)).facts(as_of))
    assert (dues.amount > 0).all()
    assert (dues.unit_price > 0).all()
    assert (dues.of > 0).all()
    assert len(set(by_key(dues.component, dues.scope, dues.part))) == len(dues)


# ── a ledger that lives ──────────────────────────────────────────────────────────────────────────


class Course(RuleBasedStateMachine):
    """Facts are told late, withdrawn and corrected in any order; some are contested or held; runs in between.

    After each run the ledger is what would be earned from scratch, but for what waits as it stands.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.new = count(10_001)
        self.as_of = EDGES[0]

    @initialize(random=randoms, reach=st.sampled_from([0, 0, 1, 6]))
    def begin(self, random: Random, reach: int) -> None:
        policy: Policy = a_policy(random, clawback_months=reach)
        self.world = World((a_tariff(random, policy=policy), a_tariff(random)))
        for voucher_id in (1, 2):
            for fact in a_life(random, voucher_id, self.new):
                self.world.tell(fact)
        self.as_of = a_day(random)

    def some(self, random: Random, rows: dict[int, Any]) -> Any:
        return rows[random.choice(sorted(rows))]

    @rule(random=randoms, approved=st.booleans())
    def a_month_is_told(self, random: Random, approved: bool) -> None:
        stay = self.some(random, self.world.stays)
        month = add_months(first_of_month(stay.started), random.randrange(12))
        known = {(row.leg_id, row.month) for row in self.world.told.values()}
        if (stay.leg_id, month) not in known:
            self.world.tell(Told(next(self.new), stay.leg_id, month, approved))

    @precondition(lambda self: self.world.told)
    @rule(random=randoms, what=st.sampled_from(["approved", "withdrawn", "contested", "judged"]))
    def a_month_turns(self, random: Random, what: str) -> None:
        row = self.some(random, self.world.told)
        if what == "approved":
            self.world.tell(replace(row, approved=True))
        elif what == "withdrawn":
            del self.world.told[row.report_id]
            self.world.contested.discard(row.report_id)
        elif what == "contested":
            self.world.contested.add(row.report_id)
        else:
            self.world.contested.discard(row.report_id)

    @rule(random=randoms, bonus=st.booleans(), part=st.integers(1, 3), due=days_on)
    def a_result_is_seen(self, random: Random, bonus: bool, part: int, due: date) -> None:
        leg_id = self.some(random, self.world.stays).leg_id
        self.world.tell(Seen(next(self.new), leg_id, bonus, part, due, began=due, proved=due))

    @precondition(lambda self: self.world.seen)
    @rule(random=randoms)
    def a_result_is_taken_back(self, random: Random) -> None:
        del self.world.seen[self.some(random, self.world.seen).check_id]

    @rule(random=randoms, length=st.sampled_from([0, 13, 14, 30, 90, None]), finish=st.integers(1, 2))
    def an_end_is_told_or_corrected(self, random: Random, length: int | None, finish: int) -> None:
        stay = self.some(random, self.world.stays)
        later = [row for row in self.world.stays.values() if row.voucher_id == stay.voucher_id]
        if stay != max(later, key=lambda row: row.started):
            return
        ended = None if length is None else stay.started + timedelta(days=length)
        self.world.tell(replace(stay, ended=ended, finish=finish if ended else 0))

    @rule(random=randoms)
    def somebody_switches(self, random: Random) -> None:
        stays = self.world.stays.values()
        voucher_id = random.choice((1, 2))
        last = max((row for row in stays if row.voucher_id == voucher_id), key=lambda row: row.started)
        ended = last.ended or last.started + timedelta(days=random.randrange(60))
        self.world.tell(replace(last, ended=ended, finish=0))
        on = ended + timedelta(days=random.choice((1, 20)))
        self.world.tell(
            replace(
                last,
                leg_id=next(self.new),
                provider_id=random.randint(1, 3),
                started=on,
                ended=None,
                finish=0,
            )
        )

    @rule(random=randoms, length=st.integers(0, 70))
    def somebody_pauses(self, random: Random, length: int) -> None:
        stay = self.some(random, self.world.stays)
        first = max(
            [
                stay.started,
                *(
                    row.last + timedelta(days=1)
                    for row in self.world.rests
                    if row.leg_id == stay.leg_id and row.last
                ),
            ]
        )
        self.world.tell(Rest(stay.leg_id, first, first + timedelta(days=length)))

    @rule(random=randoms, ore=st.sampled_from(ORE))
    def a_price_is_agreed_anew(self, random: Random, ore: int) -> None:
        stay = self.some(random, self.world.stays)
        on = stay.started + timedelta(days=random.randrange(100))
        if all((row.leg_id, row.on) != (stay.leg_id, on) for row in self.world.agreed):
            self.world.tell(Agreed(stay.leg_id, on, ore))

    @rule(random=randoms, what=st.sampled_from(["leg", "provider", "line", "nothing"]))
    def somebody_holds(self, random: Random, what: str) -> None:
        none: Holds = Holds()
        if what == "leg":
            none = Holds(legs=whole([self.some(random, self.world.stays).leg_id]))
        elif what == "provider":
            none = Holds(providers=whole([random.randint(1, 3)]))
        elif what == "line" and self.ledger.rows:
            none = Holds(keys=(random.choice(sorted(self.ledger.rows))[:3],))
        self.world.holds = none

    @rule(on=days_on)
    def a_run(self, on: date) -> None:
        self.as_of = max(self.as_of, on)
        known = self.world.facts(self.as_of)
        before, last = self.ledger.net(), self.ledger.last()
        self.ledger.run(known)
        after, want = self.ledger.net(), earned(known)
        still = waiting_keys(known, last)
        for key in before.keys() | after.keys() | want.keys():
            assert after.get(key, 0) == (before.get(key, 0) if key in still else want.get(key, 0)), key
        assert len(self.ledger.run(known)) == 0

    @invariant()
    def the_lines_of_a_key_take_turns(self) -> None:
        for (scope, component, part, sequence), row in self.ledger.rows.items():
            assert (row["amount"] > 0) == (sequence % 2 == 0)
            assert (REASONS[row["reason"]] == "earned") == (sequence % 2 == 0)
            if sequence:
                assert (scope, component, part, sequence - 1) in self.ledger.rows
            if sequence % 2:
                taken = self.ledger.rows[(scope, component, part, sequence - 1)]
                same = (
                    "leg_id",
                    "provider_id",
                    "unit_price",
                    "quantity",
                    "of",
                    "period",
                    "evidence",
                    "rulebook_id",
                )
                assert row["amount"] == -taken["amount"]
                assert [row[name] for name in same] == [taken[name] for name in same]

    @invariant()
    def nothing_that_belongs_to_a_voucher_stands_at_two_providers(self) -> None:
        paid: dict[tuple[int, int, int], Counter[int]] = {}
        for (scope, component, part, _), row in self.ledger.rows.items():
            if COMPONENTS[component] != "base":
                paid.setdefault((scope, component, part), Counter())[row["provider_id"]] += row["amount"]
        assert all(sum(ore > 0 for ore in each.values()) <= 1 for each in paid.values())
        assert all(ore >= 0 for each in paid.values() for ore in each.values())


def waiting_keys(known: Facts, last: Lines) -> set[Key]:
    """Keys that a run leaves as they are: contested, held, or older than a clawback reaches."""
    holds, contested = known.holds, set(known.contested.tolist())
    reach = {deal.rulebook_id: deal.tariff.policy.clawback_months for deal in known.deals}

    def is_held(row: dict[str, Any]) -> bool:
        return (
            row["leg_id"] in holds.legs
            or row["provider_id"] in holds.providers
            or (row["scope"], row["component"], row["part"]) in holds.keys
        )

    def is_old(row: dict[str, Any]) -> bool:
        months = reach[row["rulebook_id"]]
        age = 12 * (known.as_of.year - row["period"].year) + known.as_of.month - row["period"].month
        return bool(months) and age > months

    wanted = list(as_rows(as_lines(known, earn(known))))
    still = [
        row for row in wanted if is_held(row) or (row["component"] == 0 and row["evidence"] in contested)
    ]
    still += [row for row in as_rows(last) if row["sequence"] % 2 == 0 and (is_held(row) or is_old(row))]
    return {(row["scope"], row["component"], row["part"]) for row in still}


def as_rows(lines: Lines) -> Iterator[dict[str, Any]]:
    names = list(Lines.__dataclass_fields__)
    for values in zip(*(getattr(lines, name).tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)

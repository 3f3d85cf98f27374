"""Owed = earned − booked. The difference becomes lines; nothing booked is ever changed.

The lines of one key alternate: 0 books, 1 takes back 0, 2 books anew, 3 takes back 2 … So an even sequence is
above zero, an odd one is the same amount below zero and points at the line before it, and a line can be taken
back once. A second booking of the same thing would need a number that is already taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from payouts.rules import (
    completion,
    instalments,
    milestone,
    monthly,
    outcome,
    speed,
    start,
    sustained,
    weekdays,
)
from payouts.rules.caps import capped
from payouts.rules.columns import BASE, FAR, Columns, Day, Dues, Facts, Looks, Whole, seen, whole
from payouts.rules.fees import COMPONENTS, FEE, Completion, Milestone, Start

RULES = (start, monthly, weekdays, instalments, milestone, completion, outcome, speed, sustained)
REASONS = ("earned", "no_longer_earned", "changed")
EARNED, GONE, CHANGED = range(len(REASONS))
GATES = ("report", "contested", "held_line", "held_leg", "held_provider")
REPORT, CONTESTED, HELD_LINE, HELD_LEG, HELD_PROVIDER = range(len(GATES))
PASSED = -1


@dataclass(frozen=True)
class Lines(Columns):
    """Ledger lines by column, booked or to be booked; `component` and `reason` are indexes of their words."""

    scope: Whole
    component: Whole
    part: Whole
    sequence: Whole
    voucher_id: Whole
    leg_id: Whole
    provider_id: Whole
    rulebook_id: Whole
    period: Day
    unit_price: Whole
    quantity: Whole
    of: Whole
    amount: Whole
    reason: Whole
    evidence: Whole


def earn(facts: Facts) -> Dues:
    """All that is earned, by every rule, under the tariff's caps."""
    parts: list[Dues] = [rule.earned(facts) for rule in RULES]
    return capped(facts, parts[0].followed_by(*parts[1:]))


def looks(facts: Facts) -> Looks:
    """Every day after `as_of` on which what is earned may change though no fact does, by leg (a position)."""
    legs, pauses = facts.legs, facts.pauses
    here = np.arange(len(legs), dtype=np.int64)
    after_pause = np.where(pauses.last == FAR, FAR, pauses.last + 1)
    known = [
        (here, legs.started),
        (here, legs.ended),
        (here, legs.planned),
        (pauses.leg, pauses.first),
        (pauses.leg, after_pause),
        (facts.changes.leg, facts.changes.on),
    ]
    of_rules = [rule.looks(facts) for rule in RULES]
    found = seen([*known, *((at.leg, at.day) for at in of_rules)])
    return found.where((found.day > np.datetime64(facts.as_of, "D")) & (found.day < FAR))


def settle(facts: Facts, booked: Lines) -> Lines:
    """The lines that bring the ledger in step. `booked` holds the last line of each key of these vouchers.

    Takes back what is no longer earned or has changed, at the price it was booked at; books what is new. A
    month that the person contests, or what somebody holds, waits as it is in the ledger, booked or not; what
    is older than a clawback reaches stays too.
    """
    wanted = as_lines(facts, earn(facts))
    gate = _frozen(facts, wanted)
    waits = gate != PASSED
    place = _match(wanted, booked)
    found = place >= 0
    last = booked.where(np.maximum(place, 0)) if len(booked) else wanted
    standing = found & (last.sequence % 2 == 0)
    same = standing & (last.amount == wanted.amount) & (last.leg_id == wanted.leg_id)
    sequence = np.where(found, last.sequence + np.where(standing, 2, 1), 0)
    same |= standing & (waits | ~_within_reach(facts, last) | _held(facts, last))
    fresh = _with(wanted, sequence=sequence).where(~same & ~waits)

    keeps = _held(facts, booked) | ~_within_reach(facts, booked)
    keeps[place[same]] = True
    renewed = np.zeros(len(booked), dtype=bool)
    renewed[place[standing & ~same]] = True
    standing_booked = booked.sequence % 2 == 0
    back = _with(
        booked,
        sequence=booked.sequence + 1,
        amount=-booked.amount,
        reason=np.where(renewed, CHANGED, GONE).astype(np.int64),
    ).where(standing_booked & ~keeps)
    return back.followed_by(fresh)


def stopped(facts: Facts) -> tuple[Lines, Whole]:
    """What would be earned but for a gate, and the index of the gate in GATES that stops it.

    The gates in order: the month's report is told but not approved; the person contests it; somebody holds
    the line, the leg or the provider.
    """
    told = facts.months.followed_by(facts.pending)
    everything = as_lines(facts, earn(replace(facts, months=told)))
    earned = as_lines(facts, earn(facts)) if len(facts.pending) else everything
    gate = _frozen(facts, everything)
    place = _match(everything, earned)
    unapproved = np.isin(everything.evidence, facts.pending.report_id) & (place < 0)
    gate = np.where(unapproved, REPORT, gate)
    stops = gate != PASSED
    return everything.where(stops), gate[stops]


def _frozen(facts: Facts, lines: Lines) -> Whole:
    """The gate that a due waits at, PASSED where there is none."""
    gate = np.full(len(lines), PASSED, dtype=np.int64)
    gate[_among(lines.provider_id, facts.holds.providers)] = HELD_PROVIDER
    gate[_among(lines.leg_id, facts.holds.legs)] = HELD_LEG
    for scope, component, part in facts.holds.keys:
        gate[(lines.scope == scope) & (lines.component == component) & (lines.part == part)] = HELD_LINE
    gate[_on_reports(facts, lines) & _among(lines.evidence, facts.contested)] = CONTESTED
    return gate


def _on_reports(facts: Facts, lines: Lines) -> NDArray[np.bool_]:
    """Lines whose evidence is a report: those of the category base, but for what is earned once."""
    found: NDArray[np.bool_] = lines.component == BASE
    once = {
        (deal.rulebook_id, fee.number)
        for deal in facts.deals
        for fee in deal.tariff.fees
        if fee.component == COMPONENTS[BASE] and isinstance(fee.terms, Start | Milestone | Completion)
    }
    for rulebook_id, number in once:
        found &= (lines.rulebook_id != rulebook_id) | (lines.part // FEE != number)
    return found


def _among(column: Whole, few: Whole) -> NDArray[np.bool_]:
    """Which of a column's many numbers are among these few; NumPy's own would sort the many."""
    if not len(few):
        return np.zeros(len(column), dtype=bool)
    ordered = np.sort(few)
    at = np.minimum(np.searchsorted(ordered, column), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[at] == column
    return found


def _held(facts: Facts, lines: Lines) -> NDArray[np.bool_]:
    """Booked lines that somebody holds."""
    holds = facts.holds
    held: NDArray[np.bool_] = _among(lines.provider_id, holds.providers) | _among(lines.leg_id, holds.legs)
    for scope, component, part in holds.keys:
        held |= (lines.scope == scope) & (lines.component == component) & (lines.part == part)
    return held


def _within_reach(facts: Facts, lines: Lines) -> NDArray[np.bool_]:
    """Booked lines that a clawback still reaches by their own rulebook's policy."""
    reach = np.ones(len(lines), dtype=bool)
    month = np.datetime64(facts.as_of, "M")
    for rulebook_id, months in {
        (deal.rulebook_id, deal.tariff.policy.clawback_months) for deal in facts.deals
    }:
        if months:
            old = lines.period.astype("datetime64[M]") < month - months
            reach &= ~((lines.rulebook_id == rulebook_id) & old)
    return reach


def as_lines(facts: Facts, dues: Dues) -> Lines:
    """Dues with the names of their leg, as first bookings."""
    legs = facts.legs.where(dues.leg)
    rulebooks = whole([deal.rulebook_id for deal in facts.deals])
    nothing = np.zeros(len(dues), dtype=np.int64)
    return Lines(
        scope=dues.scope,
        component=dues.component,
        part=dues.part,
        sequence=nothing,
        voucher_id=legs.voucher_id,
        leg_id=legs.leg_id,
        provider_id=legs.provider_id,
        rulebook_id=rulebooks[legs.deal],
        period=dues.period,
        unit_price=dues.unit_price,
        quantity=dues.quantity,
        of=dues.of,
        amount=dues.amount,
        reason=nothing + EARNED,
        evidence=dues.evidence,
    )


def _with(lines: Lines, **columns: NDArray[np.int64]) -> Lines:
    values = {name: columns.get(name, getattr(lines, name)) for name in Lines.__dataclass_fields__}
    return Lines(**values)


def _match(wanted: Lines, booked: Lines) -> Whole:
    """For each wanted key its position among the booked, −1 where there is none. Keys are unique in both."""
    columns = [
        np.concatenate([getattr(booked, name), getattr(wanted, name)])
        for name in ("part", "component", "scope")
    ]
    order = np.lexsort(columns)
    ordered = [column[order] for column in columns]
    twin = np.logical_and.reduce([column[1:] == column[:-1] for column in ordered])
    place = np.full(len(wanted), -1, dtype=np.int64)
    firsts, seconds = order[:-1][twin], order[1:][twin]
    if np.any(seconds < len(booked)) or np.any(firsts >= len(booked)):
        raise AssertionError("a key stands twice among what is earned or what is booked")
    place[seconds - len(booked)] = firsts
    return place

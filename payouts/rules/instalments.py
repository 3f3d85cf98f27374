"""Instalments: `percent` of a price in equal parts over the planned span, whether anything was reported or
not.

An instalment falls due at each end of a calendar month from the first day to the planned last day, both
counted, or with `by = "anniversaries"` at each end of a month of service (duedays.py). It is earned by the
provider in charge on that day, the leg's last day counted, once that leg's qualifying days have run; in the
gap between two providers and after an end nobody earns it, and it is not made up for. A span without any such
day has one instalment, on its last day. With `needs_report` the month of the day must be reported and
approved.

So it is in England's apprenticeship service: as many equal instalments as there are month ends between the
start and the planned last day; none for a month that is left before its last day; qualifying days again for
one who returns; and what is left of the price in one sum on an early completion (Apprenticeship technical
funding guide, paragraphs 31, 44 and 45, as quoted at customerhelp.education.gov.uk).

Prices and planned days that change: plans.py. Pauses, and who takes what rounding left: spans.py. With
`early_finish = "paid"` what is left when a service is completed is paid in one, on its last day, to the
provider then in charge; `dropped`, or broken off: never.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import (
    COMPLETED,
    FAR,
    Day,
    Dues,
    Facts,
    Having,
    Looks,
    Whole,
    component_of,
    dues,
    gathered,
    no_dues,
    numbered,
    seen,
    whole,
)
from payouts.rules.duedays import due_by, due_day
from payouts.rules.fees import Instalments
from payouts.rules.pairs import counted, fresh, line
from payouts.rules.pauses import idle_counts, idle_months
from payouts.rules.plans import course, in_charge, plan
from payouts.rules.presence import month_part
from payouts.rules.runs import qualifies_on
from payouts.rules.spans import Instalment, spread

BALANCE = 900_000
"""The part of a balance. Months are below it as long as years have four digits and begin with less than 9."""


def earned(facts: Facts) -> Dues:
    """The instalments earned; scope is the leg, part the month of the due day as 202604, or BALANCE; period
    the due day. Evidence is the approved report where one is needed, else 0."""
    return gathered(_of(facts, having) for having in facts.having(Instalments))


def _of(facts: Facts, having: Having[Instalments]) -> Dues:
    as_of = np.datetime64(facts.as_of, "D")
    of, found = spread(facts, having, as_of)
    if not found:
        return no_dues()
    qualified = qualifies_on(facts, having.tariff, having.terms.qualifying_days)[of.leg] <= as_of
    kept = [rows.where((rows.row >= 0) & ~rows.lost & qualified[rows.row]) for rows in found]
    rows = kept[0].followed_by(*kept[1:])
    leg = of.leg[rows.row]
    evidence = np.zeros(len(rows), dtype=np.int64)
    if having.terms.needs_report:
        evidence, told = _reports(facts, leg, rows.day)
        rows, leg, evidence = rows.where(told), leg[told], evidence[told]
    found_dues = _dues(facts, having, rows, leg, evidence)
    return _merged(found_dues) if np.any((rows.of == 1) & ~rows.balance) else found_dues


def _dues(facts: Facts, having: Having[Instalments], rows: Instalment, leg: Whole, evidence: Whole) -> Dues:
    part = np.where(rows.balance, BALANCE, month_part(rows.day.astype("datetime64[M]")))
    return dues(
        scope=facts.legs.leg_id[leg],
        component=component_of(having.fee),
        part=numbered(having.fee, whole(part)),
        leg=leg,
        period=rows.day,
        unit_price=np.where(rows.whole, rows.price, rows.left),
        quantity=np.where(rows.whole, having.terms.percent, 1),
        of=np.where(rows.whole, 100 * rows.of, rows.of),
        amount=rows.amount,
        evidence=evidence,
    )


def _merged(found: Dues) -> Dues:
    """One row for each key: what falls due at once can do so in a month that has had its instalment."""
    found = found.where(np.lexsort((found.period, found.part, found.scope)))
    starts = np.flatnonzero(fresh(found.scope, found.part))
    if len(starts) == len(found):
        return found
    several = np.diff(np.append(starts, len(found))) > 1
    amount = np.add.reduceat(found.amount, starts)
    first = found.where(starts)
    return replace(
        first,
        amount=amount,
        unit_price=np.where(several, amount, first.unit_price),
        quantity=np.where(several, 1, first.quantity),
        of=np.where(several, 1, first.of),
    )


def _reports(facts: Facts, leg: Whole, day: Day) -> tuple[Whole, NDArray[np.bool_]]:
    """The report of each leg's month, and whether there is any."""
    told = facts.months
    if not len(told):
        return np.zeros(len(leg), dtype=np.int64), np.zeros(len(leg), dtype=bool)
    keys = line(told.leg, told.month.astype("datetime64[M]"))
    order = np.argsort(keys, kind="stable")
    wanted = line(leg, day.astype("datetime64[M]"))
    at = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    return told.report_id[at], keys[at] == wanted


def looks(facts: Facts) -> Looks:
    """Every day that an instalment may fall due or become payable, that a plan changes, or a service ends."""
    return seen([_days(facts, having) for having in facts.having(Instalments)])


def _days(facts: Facts, having: Having[Instalments]) -> tuple[Whole, Day]:
    of = course(facts, having)
    at = plan(facts, having, of, FAR, every=True)
    since, by = of.since[at.row], having.terms.by
    before = due_by(by, since, np.maximum(at.on - 1, np.datetime64(facts.as_of, "D")))
    vouchers = facts.legs.voucher_id[of.leg[fresh(of.voucher)]]
    many = np.maximum(
        due_by(by, since, at.planned) + idle_counts(idle_months(facts), vouchers)[at.voucher] - before, 0
    )
    row = np.repeat(np.arange(len(at), dtype=np.int64), many)
    regular = due_day(by, since[row], before[row] + counted(many) + 1)
    voucher = np.concatenate([at.voucher[row], at.voucher, at.voucher])
    day = np.concatenate([regular, at.on, at.planned])
    in_it = in_charge(facts, of, voucher, day)
    leg, day = of.leg[in_it[in_it >= 0]], day[in_it >= 0]
    done = of.leg[facts.legs.finish[of.leg] == COMPLETED]
    leg, day = np.concatenate([leg, done]), np.concatenate([day, facts.legs.ended[done]])
    return leg, np.maximum(day, qualifies_on(facts, having.tariff, having.terms.qualifying_days)[leg])

"""Base fee: an instalment for each reported and approved month, once the service has run long enough.

A month counts when it is over, or the service ended in it, by `as_of`. The qualifying days are counted from
the first to the last day, both included, up to `as_of`. A month the person was there in part is paid by
calendar days where the tariff says so, and in whole where it does not. Months are numbered from the
voucher's first start, so that a switch of provider does not begin a new row of instalments.
"""

from __future__ import annotations

import numpy as np

from core.money import share
from payouts.rules.columns import BASE, Dues, Facts, dues, whole


def earned(facts: Facts) -> Dues:
    """The instalments earned; scope is the leg, part the month as 202604."""
    legs, months = facts.legs, facts.months
    at = months.leg
    terms = [deal.tariff.base for deal in facts.deals]
    deal = legs.deal[at]
    as_of = np.datetime64(facts.as_of, "D")

    month = months.month.astype("datetime64[M]")
    first_day = month.astype("datetime64[D]")
    last_day = (month + 1).astype("datetime64[D]") - 1
    started, ended = legs.started[at], legs.ended[at]
    there_from, there_to = np.maximum(started, first_day), np.minimum(ended, last_day)
    there = (there_to - there_from).astype(np.int64) + 1
    in_month = (last_day - first_day).astype(np.int64) + 1

    run = (np.minimum(ended, as_of) - started).astype(np.int64) + 1
    number = (month - legs.first[at].astype("datetime64[M]")).astype(np.int64) + 1
    most = np.minimum(whole([term.instalments for term in terms])[deal], legs.months[at])
    counts = (
        (there > 0)
        & (there_to <= as_of)
        & (run >= whole([term.qualifying_days for term in terms])[deal])
        & (number >= 1)
        & (number <= most)
    )
    by_days = np.array([term.by_days for term in terms], dtype=bool)[deal]
    quantity = np.where(by_days, there, in_month)
    price = facts.prices(BASE)[deal]
    index = month.astype(np.int64)
    return dues(
        scope=legs.leg_id[at],
        component=BASE,
        part=(1970 + index // 12) * 100 + index % 12 + 1,
        leg=at,
        period=first_day,
        unit_price=price,
        quantity=quantity,
        of=in_month,
        amount=np.where(counts, share(price, np.maximum(quantity, 0), in_month), 0),
        evidence=months.report_id,
    )

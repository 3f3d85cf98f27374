"""Tariffs, made-up worlds and a town's database as the JSON that a calculation takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.rulebooks import Rulebook
from payouts.models import LedgerLine
from payouts.queries.facts import tariff_of
from payouts.rules.columns import BROKEN_OFF, COMPLETED
from payouts.rules.fees import (
    FEE,
    SWITCHES,
    Completion,
    Fee,
    Instalments,
    Milestone,
    Monthly,
    OutcomeFee,
    Speed,
    Start,
    Sustained,
    Tariff,
    Terms,
    Weekdays,
)
from payouts.rules.kinds import kind_of
from tests.payouts.strategies import KEY, World
from vouchers.models import AttendanceAnswer, Check, Leg, Outcome, Pause, Report, Voucher
from vouchers.queries.attendance import is_open

Json = dict[str, Any]
FINISH = {COMPLETED: "completed", BROKEN_OFF: "broken_off"}


# ── a tariff ─────────────────────────────────────────────────────────────────────────────────────


def as_fees(tariff: Tariff) -> Json:
    """A tariff as the chapter it would have been read from."""
    policy = tariff.policy
    found: Json = {
        "currency": tariff.currency,
        "policy": {
            **{name: getattr(policy, name) for name in SWITCHES},
            "pause": policy.pause,
            "clawback_months": policy.clawback_months,
        },
    }
    if tariff.caps:
        found["caps"] = [
            {"per": cap.per, "period": cap.period, "ore": cap.ore, "source": "a test"}
            | ({"fees": list(cap.fees)} if cap.fees else {})
            for cap in tariff.caps
        ]
    if tariff.index:
        points = [{"from": on.isoformat(), "points": points} for on, points in tariff.index.points]
        found["index"] = {"base_points": tariff.index.base_points, "points": points, "source": "a test"}
    return found | {fee.code: _fee(fee) for fee in tariff.fees}


def _fee(fee: Fee) -> Json:
    said: Json = {"kind": kind_of(fee), "indexed": fee.indexed}
    if fee.title_sv:
        said["title"] = {"sv": fee.title_sv, "en": fee.title_en}
    said |= _terms(fee.terms)
    if fee.rates:
        said["amounts"] = [
            {
                "service": key[0],
                "level": key[1],
                "ore": rate.price.ore,
                "status": "example",
                "source": "a test",
            }
            | ({"from": rate.from_on.isoformat()} if rate.from_on else {})
            for key, rates in fee.rates.items()
            for rate in rates
        ]
    factors = {name: getattr(fee.factors, name) for name in ("level", "region", "group")}
    return said | {"factors": {name: values for name, values in factors.items() if values}}


def _terms(terms: Terms) -> Json:
    match terms:
        case Start():
            return {"qualifying_days": terms.qualifying_days}
        case Monthly():
            return _named(terms, "qualifying_days", "instalments", "pro_rata")
        case Weekdays():
            block = {"months": terms.block_months, "cap_ore": terms.cap_ore}
            return _named(terms, "qualifying_days", "instalments") | (
                {"block": block} if terms.cap_ore else {}
            )
        case Instalments():
            price = {"price": "agreed"} if terms.agreed else {}
            return _named(terms, "percent", "qualifying_days", "by", "needs_report") | price
        case Completion():
            return _named(terms, "percent", "of")
        case OutcomeFee():
            return _named(terms, "window_days", "partial") | _parts(terms)
        case Speed():
            return {"steps": [{"within_days": days, "percent": percent} for days, percent in terms.steps]}
        case Milestone() | Sustained():
            return _parts(terms)


def _named(terms: Terms, *names: str) -> Json:
    return {name: getattr(terms, name) for name in names}


def _parts(terms: Milestone | OutcomeFee | Sustained) -> Json:
    if terms.offsets:
        rows = zip(terms.shares, terms.offsets, strict=True)
        return {"parts": [{"share": share, "after": at.count, "unit": at.unit} for share, at in rows]}
    return {"shares": list(terms.shares)} if isinstance(terms, OutcomeFee) else {}


# ── a made-up world ──────────────────────────────────────────────────────────────────────────────


def of_world(world: World, as_of: Any) -> Json:
    """A world of one tariff. Its legs must have one planned end a voucher, and parts that the tariff has."""
    service, level = KEY
    vouchers: dict[int, list[int]] = {}
    for stay in sorted(world.stays.values(), key=lambda stay: stay.leg_id):
        vouchers.setdefault(stay.voucher_id, []).append(stay.leg_id)
    holds = world.holds
    tariff = world.tariffs[0]
    return {
        "as_of": as_of.isoformat(),
        "fees": as_fees(tariff),
        "services": {service: [level]},
        "persons": [_person(world, voucher, set(legs)) for voucher, legs in sorted(vouchers.items())],
        "held": {
            "providers": [str(one) for one in np.asarray(holds.providers).tolist()],
            "legs": [str(one) for one in np.asarray(holds.legs).tolist() if one in world.stays],
        },
    }


def _person(world: World, voucher: int, legs: set[int]) -> Json:
    stays = [world.stays[leg] for leg in sorted(legs)]
    said: Json = {
        "id": str(voucher),
        "service": KEY[0],
        "level": KEY[1],
        "months": stays[0].months,
        "legs": [
            {"id": str(stay.leg_id), "provider": str(stay.provider_id), "started": stay.started.isoformat()}
            | ({"ended": stay.ended.isoformat()} if stay.ended else {})
            | ({"finish": FINISH[stay.finish]} if stay.finish else {})
            for stay in stays
        ],
        "reports": [
            {"leg": str(row.leg_id), "month": f"{row.month:%Y-%m}", "state": _state(world, row.report_id)}
            for row in world.told.values()
            if row.leg_id in legs
        ],
        "pauses": [
            {"leg": str(row.leg_id), "first": row.first.isoformat()}
            | ({"last": row.last.isoformat()} if row.last else {})
            for row in world.rests
            if row.leg_id in legs
        ],
        "changes": [
            {"leg": str(row.leg_id), "on": row.on.isoformat()}
            | ({"price_ore": row.price} if row.price >= 0 else {})
            | ({"planned": row.planned.isoformat()} if row.planned else {})
            for row in world.agreed
            if row.leg_id in legs and (row.price >= 0 or row.planned)
        ],
        "results": [
            {
                "leg": str(row.leg_id),
                "began": row.began.isoformat(),
                "bonus" if row.bonus else "parts": [
                    {"part": row.part, "due": row.due.isoformat(), "percent": row.percent}
                    | ({"proved": row.proved.isoformat()} if row.proved else {})
                ],
            }
            for row in world.seen.values()
            if row.leg_id in legs and row.began
        ],
    }
    if stays[0].planned:
        said["planned"] = stays[0].planned.isoformat()
    return said


def _state(world: World, report_id: int) -> str:
    if not world.told[report_id].approved:
        return "told"
    return "contested" if report_id in world.contested else "approved"


# ── a town ───────────────────────────────────────────────────────────────────────────────────────


def of_town(session: Session, rulebook_id: int, as_of: Any) -> Json:
    """Every voucher of a rulebook, read from the tables themselves and not by the run's own queries."""
    text = session.get_one(Rulebook, (1, rulebook_id)).text
    vouchers = session.scalars(select(Voucher).where(Voucher.rulebook_id == rulebook_id)).all()
    persons = [_voucher(session, voucher) for voucher in vouchers]
    return {
        "as_of": as_of.isoformat(),
        "rulebook": text,
        "persons": [person for person in persons if person["legs"]],
    }


def _voucher(session: Session, voucher: Voucher) -> Json:
    legs = session.scalars(
        select(Leg).where(Leg.voucher_id == voucher.id, Leg.started_on.is_not(None)).order_by(Leg.ordinal)
    ).all()
    own = [leg.id for leg in legs]
    contested = set(session.scalars(select(AttendanceAnswer.report_id).where(is_open())))
    reports = session.scalars(
        select(Report).where(Report.leg_id.in_(own), Report.state.in_(("approved", "submitted")))
    )
    pauses = session.scalars(select(Pause).where(Pause.leg_id.in_(own)))
    checks = session.execute(
        select(Check, Outcome.starts_on)
        .join(Outcome, Outcome.id == Check.outcome_id)
        .where(Check.leg_id.in_(own), Check.state == "passed")
    )
    said: Json = {
        "id": str(voucher.id),
        "service": voucher.service,
        "level": voucher.level,
        "months": voucher.months,
        "legs": [
            {"id": str(leg.id), "provider": str(leg.provider_id), "started": _day(leg.started_on)}
            | ({"ended": _day(leg.ended_on)} if leg.ended_on else {})
            for leg in legs
        ],
        "reports": [
            {
                "leg": str(report.leg_id),
                "month": f"{report.month:%Y-%m}",
                "state": "told"
                if report.state == "submitted"
                else "contested"
                if report.id in contested
                else "approved",
            }
            for report in reports
        ],
        "pauses": [_pause(pause) for pause in pauses if pause.resumed_on != pause.from_on],
        "results": [_check(check, began) for check, began in checks],
    }
    return said


def _day(day: Any) -> str:
    return str(day.isoformat())


def _pause(pause: Pause) -> Json:
    last = {"last": _day(pause.resumed_on - timedelta(days=1))} if pause.resumed_on else {}
    return {"leg": str(pause.leg_id), "first": _day(pause.from_on)} | last


def _check(check: Check, began: Any) -> Json:
    row = {"part": check.part, "due": _day(check.due_on)}
    key = "bonus" if check.purpose == "bonus" else "parts"
    return {"leg": str(check.leg_id), "began": _day(began), key: [row]}


def lines_of(session: Session, rulebook_id: int, lines: Iterable[LedgerLine]) -> list[Json]:
    """Ledger lines as they would have been printed."""
    tariff = tariff_of(session, 1, rulebook_id)
    found = []
    for line in lines:
        fee = tariff.fee_of(line.component, line.part)
        assert fee is not None
        found.append(
            {
                "person": str(line.voucher_id),
                "leg": str(line.leg_id),
                "provider": str(line.provider_id),
                "fee": fee.code,
                "part": line.part % FEE,
                "sequence": line.sequence,
                "period": _day(line.period_on),
                "amount": line.amount_ore,
                "unit_price": line.unit_price_ore,
                "quantity": line.quantity,
                "of": line.of_quantity,
            }
        )
    return found

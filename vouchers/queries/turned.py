"""What has turned in a person's vouchers, for that person: pauses, more months, decisions taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.actor import Account
from vouchers.models import Extension, Pause, VoucherDecision


@dataclass(frozen=True)
class Turned:
    """One turn. `kind` is paused, resumed, extended, revoked or lapsed; `to_on` the day a pause is thought to
    end, while it lasts; `note` what is new, or the reasons."""

    kind: str
    on: date
    by: str = ""
    note: str = ""
    to_on: date | None = None
    months: int = 0


def turned(session: Session, municipality_id: int, voucher_ids: Collection[int]) -> dict[int, list[Turned]]:
    """The turns by voucher, in order. A pause that was called off is none. Three queries."""
    found: dict[int, list[Turned]] = {}
    pauses = select(Pause).where(Pause.municipality_id == municipality_id, Pause.voucher_id.in_(voucher_ids))
    for pause in session.scalars(pauses.order_by(Pause.from_on, Pause.id)):
        if pause.resumed_on == pause.from_on:
            continue
        own = found.setdefault(pause.voucher_id, [])
        own.append(Turned("paused", pause.from_on, to_on=None if pause.resumed_on else pause.expected_on))
        if pause.resumed_on is not None:
            own.append(Turned("resumed", pause.resumed_on))
    extensions = (
        select(
            Extension.voucher_id,
            Extension.decided_on,
            Account.name,
            Extension.new_content,
            Extension.months,
        )
        .join(
            Account,
            and_(Account.municipality_id == Extension.municipality_id, Account.id == Extension.decided_by),
        )
        .where(Extension.municipality_id == municipality_id, Extension.voucher_id.in_(voucher_ids))
    )
    for key, on, by, new_content, months in session.execute(extensions.order_by(Extension.id)):
        found.setdefault(key, []).append(Turned("extended", on, by, new_content, months=months))
    endings = (
        select(
            VoucherDecision.voucher_id,
            VoucherDecision.kind,
            VoucherDecision.decided_on,
            Account.name,
            VoucherDecision.reasons,
        )
        .join(
            Account,
            and_(
                Account.municipality_id == VoucherDecision.municipality_id,
                Account.id == VoucherDecision.decided_by,
            ),
        )
        .where(
            VoucherDecision.municipality_id == municipality_id,
            VoucherDecision.voucher_id.in_(voucher_ids),
            VoucherDecision.kind != "closed",
        )
    )
    for key, kind, on, by, reasons in session.execute(endings.order_by(VoucherDecision.id)):
        found.setdefault(key, []).append(Turned(kind, on, by, reasons))
    return {key: sorted(rows, key=lambda one: one.on) for key, rows in found.items()}

"""How a voucher has turned: its time with providers, its pauses, its extensions, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.dates import last_of_month
from vouchers.models import SWITCHED, Extension, Leg, Pause, Report, Voucher
from vouchers.rules.pauses import Span, moved_end
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class Turns:
    """A voucher with its turns, each in the order it happened. `approved_to` is the last day of the newest
    month whose report is approved."""

    voucher: Voucher
    legs: Sequence[Leg]
    pauses: Sequence[Pause]
    extensions: Sequence[Extension]
    approved_to: date | None

    @property
    def now(self) -> Leg | None:
        """The newest time with a provider that has not said no."""
        return next((leg for leg in reversed(self.legs) if leg.declined_on is None), None)

    @property
    def first_on(self) -> date | None:
        """The day the service began, with whom it was."""
        return min((leg.started_on for leg in self.legs if leg.started_on), default=None)

    @property
    def switches(self) -> int:
        """How many times the person has left a provider that they had begun at for another."""
        return sum(leg.started_on is not None and leg.end_reason == SWITCHED for leg in self.legs)

    @property
    def spans(self) -> list[Span]:
        """The pauses as days; one that was called off has none."""
        return [Span(pause.from_on, pause.resumed_on) for pause in self.pauses]

    @property
    def open_pause(self) -> Pause | None:
        """The pause that nobody has ended."""
        return next((pause for pause in self.pauses if pause.resumed_on is None), None)

    def last_on(self, terms: Terms, today: date, *, adds: int = 0) -> date | None:
        """The service's last day as it stands, `adds` months longer; None before it has begun."""
        if self.first_on is None:
            return None
        return moved_end(self.first_on, self.voucher.months + adds, self.spans, terms.pauses, today=today)

    def days_left(self, terms: Terms, today: date) -> int | None:
        """Days left of the service after today; None before it has begun."""
        last_on = self.last_on(terms, today)
        return None if last_on is None else max((last_on - today) // timedelta(days=1), 0)


def turns(session: Session, voucher: Voucher) -> Turns:
    """The voucher's turns, in four queries."""
    here = voucher.municipality_id
    legs = select(Leg).where(Leg.municipality_id == here, Leg.voucher_id == voucher.id)
    pauses = select(Pause).where(Pause.municipality_id == here, Pause.voucher_id == voucher.id)
    extensions = select(Extension).where(
        Extension.municipality_id == here, Extension.voucher_id == voucher.id
    )
    approved = (
        select(func.max(Report.month))
        .join(Leg, (Leg.municipality_id == Report.municipality_id) & (Leg.id == Report.leg_id))
        .where(Report.municipality_id == here, Leg.voucher_id == voucher.id, Report.state == "approved")
    )
    month: date | None = session.scalars(approved).one()
    return Turns(
        voucher,
        session.scalars(legs.order_by(Leg.ordinal)).all(),
        session.scalars(pauses.order_by(Pause.from_on, Pause.id)).all(),
        session.scalars(extensions.order_by(Extension.id)).all(),
        last_of_month(month) if month is not None else None,
    )

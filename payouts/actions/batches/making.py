"""All that waits is frozen into a batch, or parked; and what an earlier batch left into a follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch, new_id
from core.dates import add_working_days, day_of
from core.refusal import Refusal
from payouts.actions.batches.sealing import content_hash
from payouts.models import (
    Batch,
    BatchEntry,
    GateOutcome,
    ReleasedLine,
    ReturnedPayment,
    Statement,
    WithheldLine,
)
from payouts.queries.tolerance import Outcome, gates
from payouts.queries.waiting import Waiting, waiting
from payouts.rules.batches import OPEN_STATES, SENT_STATES, batch, net
from payouts.rules.holds import check_words
from payouts.rules.tolerance import TOLERANCE, Tolerance
from providers import queries as registry
from providers.models import BankDetails


@dataclass(frozen=True)
class Declared:
    """What the maker saw and vouches for: refused when it is no longer so."""

    payments: int
    paid_ore: int


@dataclass(frozen=True)
class Proposal:
    """One provider's row in the batch that would be made now. `lines` are those that would be paid."""

    provider_id: int
    earned_ore: int
    clawed_ore: int
    carried_in_ore: int
    withheld_ore: int
    released_ore: int
    returned_ore: int
    paid_ore: int
    carried_out_ore: int
    lines: int
    details: BankDetails | None


@dataclass(frozen=True)
class Outlook:
    """The batch that would be made now: rows, what each gate says, and what waits behind them.

    `held` are providers that are left out because they are held.
    """

    rows: list[Waiting]
    proposals: list[Proposal]
    gates: list[Outcome]

    @property
    def declared(self) -> Declared:
        """What the maker would vouch for."""
        return Declared(
            sum(row.paid_ore > 0 for row in self.proposals), sum(row.paid_ore for row in self.proposals)
        )

    @property
    def held(self) -> list[Waiting]:
        """Providers that are left out."""
        return [row for row in self.rows if row.held]

    @property
    def parked(self) -> list[Outcome]:
        """The gates that would park it."""
        return [one for one in self.gates if one.is_parked]


def pending(session: Session, municipality_id: int, *, cooling_off_days: int, today: date) -> list[Proposal]:
    """What a batch made now would pay, provider by provider; who is held is not among them."""
    rows = waiting(session, municipality_id)
    return _proposals(session, municipality_id, rows, cooling_off_days=cooling_off_days, today=today)


def outlook(
    session: Session,
    municipality_id: int,
    *,
    cooling_off_days: int,
    today: date,
    follows: int | None = None,
    set_to: Tolerance = TOLERANCE,
) -> Outlook:
    """The batch that would be made now, or with `follows` the follow-up of that one, and what gates say of
    it."""
    rows = waiting(session, municipality_id, follows=follows)
    proposals = _proposals(session, municipality_id, rows, cooling_off_days=cooling_off_days, today=today)
    paid = {row.provider_id: row.paid_ore for row in proposals}
    found = gates(session, municipality_id, rows, paid, set_to, follows=follows is not None)
    return Outlook(rows, proposals, found)


def _proposals(
    session: Session, municipality_id: int, rows: Sequence[Waiting], *, cooling_off_days: int, today: date
) -> list[Proposal]:
    free = [row for row in rows if not row.held]
    payees = registry.payees(
        session,
        municipality_id,
        [row.provider_id for row in free],
        cooling_off_days=cooling_off_days,
        today=today,
    )
    return [_proposal(row, payees.get(row.provider_id)) for row in free]


def _proposal(row: Waiting, details: BankDetails | None) -> Proposal:
    result = net(
        row.earned_ore,
        row.clawed_ore,
        row.carried_ore,
        payable=details is not None,
        released_ore=row.released_ore,
        returned_ore=row.returned_ore,
        withheld_ore=row.withheld_ore,
    )
    return Proposal(
        provider_id=row.provider_id,
        earned_ore=row.earned_ore,
        clawed_ore=row.clawed_ore,
        carried_in_ore=row.carried_ore,
        withheld_ore=row.withheld_ore,
        released_ore=row.released_ore,
        returned_ore=row.returned_ore,
        paid_ore=result.paid_ore,
        carried_out_ore=result.carried_out_ore,
        lines=row.lines - len(row.withheld),
        details=details,
    )


def make_batch(
    session: Session,
    declared: Declared,
    *,
    cooling_off_days: int,
    by: Actor,
    at: datetime,
    set_to: Tolerance = TOLERANCE,
) -> Batch:
    """Freeze all that waits into one batch, or park it when a gate says so. One open batch at a time;
    count and sum as the maker saw them."""
    by.require(Role.MAKER)
    made = _made(session, declared, cooling_off_days=cooling_off_days, by=by, at=at, set_to=set_to)
    what = "batch.parked" if made.state == "parked" else "batch.frozen"
    audit.record(session, what, made, by=by, **_told(made))
    return made


def follow_up(
    session: Session,
    batch_id: int,
    declared: Declared,
    reason: str,
    *,
    cooling_off_days: int,
    by: Actor,
    at: datetime,
    set_to: Tolerance = TOLERANCE,
) -> Batch:
    """Make a batch of what a sent one left: what the bank refused, what was held and is let go, what it
    carried on. Nothing in the sent one is touched. Refuses when it left nothing that can be paid now."""
    by.require(Role.MAKER)
    told = check_words(reason)
    earlier = fetch(session, Batch, by.municipality_id, batch_id)
    if earlier.state not in SENT_STATES:
        raise Refusal("follow_up_not_sent", "Bara en utbetalning som är skickad kan följas upp.")
    made = _made(
        session,
        declared,
        cooling_off_days=cooling_off_days,
        by=by,
        at=at,
        set_to=set_to,
        follows=earlier.id,
        reason=told,
    )
    what = "batch.parked" if made.state == "parked" else "batch.frozen"
    audit.record(session, what, made, by=by, follows=earlier.id, **_told(made))
    return made


def _told(made: Batch) -> dict[str, int | str]:
    return {
        "payments": made.payments,
        "paid_ore": made.paid_ore,
        "lines": made.lines,
        "digest": made.content_hash,
    }


def _made(
    session: Session,
    declared: Declared,
    *,
    cooling_off_days: int,
    by: Actor,
    at: datetime,
    set_to: Tolerance,
    follows: int | None = None,
    reason: str = "",
) -> Batch:
    open_one = select(Batch.id).where(
        Batch.municipality_id == by.municipality_id, Batch.state.in_(OPEN_STATES)
    )
    if session.scalar(open_one):
        raise Refusal("batch_open", "Det finns redan en utbetalning som inte är skickad. Avsluta den först.")
    today = day_of(at)
    ahead = outlook(
        session,
        by.municipality_id,
        cooling_off_days=cooling_off_days,
        today=today,
        follows=follows,
        set_to=set_to,
    )
    if not ahead.proposals:
        if follows:
            raise Refusal("nothing_to_follow_up", "Utbetalningen lämnade inget efter sig som kan betalas nu.")
        raise Refusal("nothing_to_pay", "Det finns inget att betala ut. Kör beräkningen först.")
    if ahead.declared != declared:
        raise Refusal(
            "batch_changed",
            "Underlaget har ändrats sedan du öppnade sidan. Läs in den igen och granska på nytt.",
        )
    made = Batch(
        municipality_id=by.municipality_id,
        id=new_id(),
        state=batch.after("draft", "park" if ahead.parked else "freeze"),
        made_by=by.account_id,
        made_at=at,
        pay_on=add_working_days(today, 2),
        payments=declared.payments,
        lines=sum(row.lines for row in ahead.proposals),
        paid_ore=declared.paid_ore,
        content_hash="",
        follows_batch_id=follows,
        follow_reason=reason,
    )
    session.add(made)
    session.flush()
    _state(session, made, ahead, set_to)
    made.content_hash = content_hash(session, made)
    return made


def _state(session: Session, made: Batch, ahead: Outlook, set_to: Tolerance) -> None:
    """Store what the batch holds, and what it leaves out and why."""
    whose = {"municipality_id": made.municipality_id, "batch_id": made.id}
    free = [row for row in ahead.rows if not row.held]
    entries = [
        {**whose, "run_id": run_id, "provider_id": row.provider_id} for row in free for run_id in row.runs
    ]
    withheld = [
        {
            **whose,
            **_key(line),
            "hold_id": line.hold_id,
            "voucher_id": line.voucher_id,
            "leg_id": line.leg_id,
        }
        for row in free
        for line in row.withheld
    ]
    released = [{**whose, **_key(line)} for row in free for line in row.released]
    returned = [
        {**whose, "statement_id": statement_id, "provider_id": row.provider_id, "paid_ore": ore}
        for row in free
        for statement_id, ore in row.returned
    ]
    outcomes = [_outcome(one, number, whose, set_to) for number, one in enumerate(ahead.gates, 1)]
    for proposal in ahead.proposals:
        details = proposal.details
        session.add(
            Statement(
                municipality_id=made.municipality_id,
                batch_id=made.id,
                provider_id=proposal.provider_id,
                earned_ore=proposal.earned_ore,
                clawed_ore=proposal.clawed_ore,
                carried_in_ore=proposal.carried_in_ore,
                paid_ore=proposal.paid_ore,
                carried_out_ore=proposal.carried_out_ore,
                withheld_ore=proposal.withheld_ore,
                released_ore=proposal.released_ore,
                returned_ore=proposal.returned_ore,
                account_kind=details.kind if details else None,
                account_number=details.number if details else None,
            )
        )
    session.flush()
    for table, rows in (
        (BatchEntry, entries),
        (WithheldLine, withheld),
        (ReleasedLine, released),
        (ReturnedPayment, returned),
        (GateOutcome, outcomes),
    ):
        if rows:
            session.execute(insert(table), rows)


def _key(line: Any) -> dict[str, Any]:
    names = ("scope_id", "component", "part", "sequence", "provider_id", "amount_ore")
    return {name: getattr(line, name) for name in names}


def _outcome(one: Outcome, number: int, whose: dict[str, int], set_to: Tolerance) -> dict[str, Any]:
    return {
        **whose,
        "number": number,
        "gate": one.gate,
        "outcome": one.outcome,
        "provider_id": one.provider_id,
        "voucher_id": one.voucher_id,
        "now_ore": one.now_ore,
        "usual_ore": one.usual_ore,
        "compared": one.compared,
        "percent": set_to.percent,
        "floor_ore": set_to.floor_ore(one.gate),
    }

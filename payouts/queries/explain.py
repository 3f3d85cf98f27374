"""Why this amount: from one ledger line to its paragraph, price, facts, evidence and payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.actor import Account, Actor
from core.refusal import Missing
from core.rulebooks import Rulebook
from payouts.models import Batch, BatchEntry, LedgerLine, PaymentRun, Statement
from payouts.queries.facts import tariff_of
from payouts.queries.lines import Key, Line, as_lines, selected
from payouts.rules.fees import COMPONENTS, Fee, Price, Tariff
from providers.models import Provider
from vouchers.models import AttendanceAnswer, Check, Outcome, Report
from vouchers.queries.attendance import is_open
from vouchers.queries.terms import terms_of
from vouchers.rules.terms import Terms

LARGEST_PART = 2**31 - 1
LARGEST_SEQUENCE = 2**15 - 1


@dataclass(frozen=True)
class Evidence:
    """The report or the check that a line rests on, as it stands today.

    `by` approved it `on` a day; `source` is the paper that was looked at; `due_on`, `kind` (of result) and
    `claimed_on` belong to a check. `withdrawn_on` and `withdrawn_by` are set for a report taken back;
    `contested_at` while the person's word against it waits for a verdict.
    """

    what: str
    id: int
    state: str
    by: str | None
    on: date | None
    source: str | None = None
    due_on: date | None = None
    kind: str | None = None
    claimed_on: date | None = None
    withdrawn_on: date | None = None
    withdrawn_by: str | None = None
    contested_at: datetime | None = None


@dataclass(frozen=True)
class Paid:
    """The batch and the statement that a line stands in."""

    batch_id: int
    statement_id: int
    state: str
    pay_on: date
    sent_at: datetime | None


@dataclass(frozen=True)
class Explanation:
    """Everything there is to know about one line.

    `reverses` is the line it takes back, `reversed_by` the one that takes it back, `renewed_by` the one that
    books anew what this one took back. `price` is None when the rulebook has none for the service and level.
    """

    line: Line
    provider_id: int
    provider: str
    scheme_sv: str
    scheme_en: str
    version: str
    valid_from: date
    service: str
    level: str
    terms: Terms
    tariff: Tariff
    fee: Fee | None
    price: Price | None
    evidence: Evidence | None
    run_id: int
    as_of: date
    booked_at: datetime
    paid: Paid | None
    reverses: Key | None
    reversed_by: Key | None
    renewed_by: Key | None

    def scheme(self, locale: str) -> str:
        """The kundval's name in that language."""
        return self.scheme_en if locale == "en" else self.scheme_sv


def explain(
    session: Session,
    municipality_id: int,
    key: Key,
    *,
    provider_id: int | None = None,
    viewer: Actor | None = None,
) -> Explanation:
    """Explain one line. Missing when it is not there, or with `provider_id` when it is another provider's.

    The person's name is for `viewer`, one of the provider's own staff.
    """
    if (
        key.component not in COMPONENTS
        or not 0 <= key.part <= LARGEST_PART
        or not 0 <= key.sequence <= LARGEST_SEQUENCE
    ):
        raise Missing()
    found = session.execute(
        selected(municipality_id)
        .add_columns(Provider.name, PaymentRun.as_of, PaymentRun.made_at)
        .join(
            Provider,
            (Provider.municipality_id == LedgerLine.municipality_id)
            & (Provider.id == LedgerLine.provider_id),
        )
        .join(
            PaymentRun,
            (PaymentRun.municipality_id == LedgerLine.municipality_id) & (PaymentRun.id == LedgerLine.run_id),
        )
        .where(
            LedgerLine.scope_id == key.scope_id,
            LedgerLine.component == key.component,
            LedgerLine.part == key.part,
            LedgerLine.sequence == key.sequence,
        )
    ).one_or_none()
    if found is None or provider_id not in (None, found.provider_id):
        raise Missing()
    rulebook = session.get_one(Rulebook, (municipality_id, found.rulebook_id))
    tariff = tariff_of(session, municipality_id, found.rulebook_id)
    fee = tariff.fee_of(key.component, key.part)
    is_back = key.sequence % 2 == 1
    follower = key.step(1) if _is_there(session, municipality_id, key.step(1)) else None
    return Explanation(
        line=as_lines(session, municipality_id, [found], viewer=viewer)[0],
        provider_id=found.provider_id,
        provider=found.name,
        scheme_sv=rulebook.title_sv,
        scheme_en=rulebook.title_en,
        version=rulebook.version,
        valid_from=rulebook.valid_from,
        service=found.service,
        level=found.level,
        terms=terms_of(session, municipality_id, found.rulebook_id),
        tariff=tariff,
        fee=fee,
        price=fee.prices.get((found.service, found.level)) if fee else None,
        evidence=_evidence(session, municipality_id, key.component, found.evidence_id),
        run_id=found.run_id,
        as_of=found.as_of,
        booked_at=found.made_at,
        paid=_paid(session, municipality_id, found.run_id, found.provider_id),
        reverses=key.step(-1) if is_back else None,
        reversed_by=None if is_back else follower,
        renewed_by=follower if is_back else None,
    )


def _is_there(session: Session, municipality_id: int, key: Key) -> bool:
    place = (municipality_id, key.scope_id, key.component, key.part, key.sequence)
    return session.get(LedgerLine, place) is not None


def _evidence(session: Session, municipality_id: int, component: str, evidence_id: int) -> Evidence | None:
    if component == "base":
        return _report(session, municipality_id, evidence_id)
    return _check(session, municipality_id, evidence_id)


def _report(session: Session, municipality_id: int, report_id: int) -> Evidence | None:
    judge, taker = aliased(Account), aliased(Account)
    row = session.execute(
        select(
            Report.state,
            Report.judged_on,
            Report.withdrawn_on,
            judge.name.label("judge"),
            taker.name.label("taker"),
            AttendanceAnswer.said_at,
        )
        .outerjoin(judge, (judge.municipality_id == Report.municipality_id) & (judge.id == Report.judged_by))
        .outerjoin(
            taker, (taker.municipality_id == Report.municipality_id) & (taker.id == Report.withdrawn_by)
        )
        .outerjoin(
            AttendanceAnswer,
            (AttendanceAnswer.municipality_id == Report.municipality_id)
            & (AttendanceAnswer.report_id == Report.id)
            & is_open(),
        )
        .where(Report.municipality_id == municipality_id, Report.id == report_id)
    ).one_or_none()
    if row is None:
        return None
    return Evidence(
        what="report",
        id=report_id,
        state=row.state,
        by=row.judge,
        on=row.judged_on,
        withdrawn_on=row.withdrawn_on,
        withdrawn_by=row.taker,
        contested_at=row.said_at if row.state != "withdrawn" else None,
    )


def _check(session: Session, municipality_id: int, check_id: int) -> Evidence | None:
    row = session.execute(
        select(
            Check.state,
            Check.judged_on,
            Check.source,
            Check.due_on,
            Outcome.kind,
            Outcome.claimed_on,
            Account.name.label("judge"),
        )
        .join(Outcome, (Outcome.municipality_id == Check.municipality_id) & (Outcome.id == Check.outcome_id))
        .outerjoin(
            Account, (Account.municipality_id == Check.municipality_id) & (Account.id == Check.judged_by)
        )
        .where(Check.municipality_id == municipality_id, Check.id == check_id)
    ).one_or_none()
    if row is None:
        return None
    return Evidence(
        what="check",
        id=check_id,
        state=row.state,
        by=row.judge,
        on=row.judged_on,
        source=row.source,
        due_on=row.due_on,
        kind=row.kind,
        claimed_on=row.claimed_on,
    )


def _paid(session: Session, municipality_id: int, run_id: int, provider_id: int) -> Paid | None:
    row = session.execute(
        select(Batch.id, Statement.id.label("statement_id"), Batch.state, Batch.pay_on, Batch.sent_at)
        .join(
            BatchEntry,
            (BatchEntry.municipality_id == Batch.municipality_id) & (BatchEntry.batch_id == Batch.id),
        )
        .join(
            Statement,
            (Statement.municipality_id == Batch.municipality_id)
            & (Statement.batch_id == Batch.id)
            & (Statement.provider_id == BatchEntry.provider_id),
        )
        .where(
            BatchEntry.municipality_id == municipality_id,
            BatchEntry.run_id == run_id,
            BatchEntry.provider_id == provider_id,
        )
    ).one_or_none()
    return Paid(*row) if row else None

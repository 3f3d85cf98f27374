"""Why this amount: from one ledger line to its paragraph, price, facts, evidence and payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.refusal import Missing
from core.rulebooks import Rulebook
from payouts.models import Batch, BatchEntry, LedgerLine, PaymentRun, Statement
from payouts.queries.explain_evidence import LEG, Evidence, Stay, evidence_of, kind_of_evidence, stay_of
from payouts.queries.explain_reckoning import PriceOf, Reckoning, price_of, reckoned
from payouts.queries.facts import tariff_of
from payouts.queries.gates import Gate, Waited, gates_of, waited
from payouts.queries.lines import Key, Line, as_lines, selected
from payouts.rules.fees import COMPONENTS, Fee, Price, Tariff
from providers.models import Provider
from vouchers.models import Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules.terms import Terms

LARGEST_PART = 2**31 - 1
LARGEST_SEQUENCE = 2**15 - 1


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
    books anew what this one took back. `price` is None when the rulebook has none for the service and level,
    `price_of` when the unit price is not the tariff's alone. `gates` are as they stand today; `waited` is
    when runs stopped the line before.
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
    price_of: PriceOf | None
    reckoning: Reckoning | None
    evidence: Evidence | None
    stay: Stay
    gates: tuple[Gate, ...]
    waited: tuple[Waited, ...]
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
        .add_columns(Provider.name, PaymentRun.as_of, PaymentRun.made_at, Voucher.target_group)
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
    stay = stay_of(session, municipality_id, found.voucher_id, found.leg_id, found.period_on)
    rests_on = kind_of_evidence(fee, key.component)
    evidence_id = found.leg_id if rests_on == LEG else found.evidence_id
    evidence = evidence_of(session, municipality_id, rests_on, evidence_id)
    place = (key.scope_id, key.component, key.part)
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
        price_of=price_of(
            fee,
            tariff,
            service=found.service,
            level=found.level,
            group=found.target_group or "",
            period_on=found.period_on,
            first_on=stay.first_on,
            unit_price_ore=found.unit_price_ore,
        )
        if fee
        else None,
        reckoning=reckoned(
            fee,
            key.part,
            price_ore=found.unit_price_ore,
            quantity=found.quantity,
            of_quantity=found.of_quantity,
            amount_ore=abs(found.amount_ore),
        )
        if fee
        else None,
        evidence=evidence,
        stay=stay,
        gates=gates_of(
            session,
            municipality_id,
            evidence,
            key=place,
            leg_id=found.leg_id,
            provider_id=found.provider_id,
        ),
        waited=waited(session, municipality_id, place, found.run_id),
        run_id=found.run_id,
        as_of=found.as_of,
        booked_at=found.made_at,
        paid=_paid(session, municipality_id, found),
        reverses=key.step(-1) if is_back else None,
        reversed_by=None if is_back else follower,
        renewed_by=follower if is_back else None,
    )


def _is_there(session: Session, municipality_id: int, key: Key) -> bool:
    place = (municipality_id, key.scope_id, key.component, key.part, key.sequence)
    return session.get(LedgerLine, place) is not None


def _paid(session: Session, municipality_id: int, line: Any) -> Paid | None:
    """Where the line is paid; nowhere while it is withheld. A released one is paid by the later batch."""
    if line.withheld_in is not None and line.released_in is None:
        return None
    whose = (
        select(BatchEntry.batch_id)
        .where(
            BatchEntry.municipality_id == municipality_id,
            BatchEntry.run_id == line.run_id,
            BatchEntry.provider_id == line.provider_id,
        )
        .scalar_subquery()
    )
    row = session.execute(
        select(Batch.id, Statement.id.label("statement_id"), Batch.state, Batch.pay_on, Batch.sent_at)
        .join(
            Statement,
            (Statement.municipality_id == Batch.municipality_id) & (Statement.batch_id == Batch.id),
        )
        .where(
            Batch.municipality_id == municipality_id,
            Batch.id == (whose if line.released_in is None else line.released_in),
            Statement.provider_id == line.provider_id,
        )
    ).one_or_none()
    return Paid(*row) if row else None

"""Exempelstad's paydays: most as they should be, and the last ones with everything that can come in
between."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import bank
from app.demo.people import MUNICIPALITY_NAME, organisation_number
from app.demo.special import days_ago
from core import dates
from payouts import actions as money
from payouts.actions.batches import Debtor
from payouts.actions.years import close_year
from payouts.models import Batch, LedgerLine
from payouts.queries.holds import every_standing
from payouts.queries.lines import Key
from payouts.queries.waiting import waiting
from payouts.rules.tolerance import TOLERANCE, Tolerance

if TYPE_CHECKING:
    from app.demo.cast import Cast, Size
    from app.demo.town import Town

DEBTOR = Debtor(MUNICIPALITY_NAME, organisation_number(2120), "SE3550000000054910000003", "ESSESESS")
COOLING_OFF_DAYS = 3
AUDITED = (2, 20)
"""The month and day about which the books of the year before are closed."""
# Lets nothing through that differs from the last payment, so that one batch of the past has been parked.
STRICT = Tolerance(last=1, least=1, percent=0, batch_floor_ore=0, provider_floor_ore=0)


class Paydays:
    """When the town pays, and what happens between; by the actions that the pages call."""

    def __init__(self, town: Town) -> None:
        self.town = town

    @property
    def cast(self) -> Cast:
        """Who makes, who signs."""
        return self.town.cast

    def put_in(self, first: date, size: Size) -> None:
        """Put the paydays into the calendar, and into the last three what is not as usual."""
        days = []
        for number in range(1, size.months + 1):
            day = dates.add_working_days(dates.add_months(first, number) + timedelta(days=11), 0)
            if day < self.town.today - timedelta(days=10):
                days.append(day)
        for day in days[:-3] if len(days) > 3 else days:
            self.town.on(day, self.pay)
        for year in range(first.year, self.town.today.year):
            closed_on = dates.add_working_days(date(year + 1, *AUDITED), 0)
            if closed_on < self.town.today:
                self.town.on(closed_on, self._close_year)
        if len(days) <= 3:
            return
        held, refused, parked = days[-3:]
        self.town.on(held, self._hold_provider)
        self.town.on(held, self.pay)
        self.town.on(dates.add_working_days(held, 6), self._release_provider)
        self.town.on(refused, self._hold_line)
        self.town.on(refused, lambda session, day: self.pay(session, day, refused=True))
        self.town.on(parked, self._stopped)
        self.town.on(parked, lambda session, day: self.pay(session, day, set_to=STRICT))
        self.town.on(dates.add_working_days(parked, 2), self._hold_leg)
        self.town.on(days_ago(self.town.today, 6), self._hold_last)

    # ── a payment ────────────────────────────────────────────────────────────────────────────────

    def pay(
        self, session: Session, day: date, *, set_to: Tolerance = TOLERANCE, refused: bool = False
    ) -> None:
        """The month's run, batch, two signatures, file and answer."""
        self._run(session, day)
        if money.pending(session, self.town.municipality_id, cooling_off_days=COOLING_OFF_DAYS, today=day):
            batch = self._made(session, day, set_to)
            self._signed_and_sent(session, batch, day, refused=refused)

    def _run(self, session: Session, day: date) -> None:
        money.run(session, by=self.cast.maker, as_of=day - timedelta(days=1), at=dates.noon(day))

    def _made(self, session: Session, day: date, set_to: Tolerance = TOLERANCE) -> Batch:
        ahead = money.outlook(
            session,
            self.town.municipality_id,
            cooling_off_days=COOLING_OFF_DAYS,
            today=day,
            set_to=set_to,
        )
        return money.make_batch(
            session,
            ahead.declared,
            cooling_off_days=COOLING_OFF_DAYS,
            by=self.cast.maker,
            at=dates.noon(day),
            set_to=set_to,
        )

    def _signed_and_sent(self, session: Session, batch: Batch, day: date, *, refused: bool = False) -> None:
        at = dates.noon(day)
        if batch.state == "parked":
            reasons = "Jag har läst raderna för dem som skiljer sig. Det beror på fler godkända månader."
            money.look_into(session, batch.id, reasons, batch.content_hash, by=self.cast.first, at=at)
        for signer in (self.cast.first, self.cast.second):
            money.sign(session, batch.id, batch.content_hash, by=signer, at=at)
        money.send(session, batch.id, DEBTOR, by=self.cast.maker, at=at)
        if not batch.document:
            return
        told = bank.refused_first(batch.document) if refused else bank.accepted(batch.document)
        money.read_answer(session, told, by=self.cast.maker, at=at)
        if refused:
            self.town.on(
                dates.add_working_days(day, 5),
                lambda session, day: self._follow_up(
                    session,
                    batch.id,
                    "Kontot var spärrat. Anordnaren har öppnat det igen.",
                    day,
                ),
            )

    def _follow_up(self, session: Session, batch_id: int, reason: str, day: date) -> None:
        where = self.town.municipality_id
        ahead = money.outlook(session, where, cooling_off_days=COOLING_OFF_DAYS, today=day, follows=batch_id)
        if not ahead.proposals:
            return
        batch = money.follow_up(
            session,
            batch_id,
            ahead.declared,
            reason,
            cooling_off_days=COOLING_OFF_DAYS,
            by=self.cast.maker,
            at=dates.noon(day),
        )
        self._signed_and_sent(session, batch, day)

    def _close_year(self, session: Session, day: date) -> None:
        close_year(session, day.year - 1, by=self.cast.first, at=dates.noon(day))

    def _stopped(self, session: Session, day: date) -> None:
        """One had signed when somebody saw that it was too early."""
        self._run(session, day)
        if not money.pending(
            session, self.town.municipality_id, cooling_off_days=COOLING_OFF_DAYS, today=day
        ):
            return
        batch = self._made(session, day)
        if batch.state == "frozen":
            money.sign(session, batch.id, batch.content_hash, by=self.cast.first, at=dates.noon(day))
        money.void(session, batch.id, "Två rapporter till är godkända. Vi gör om den.", by=self.cast.second)

    # ── what is held ─────────────────────────────────────────────────────────────────────────────

    def _busiest(self, session: Session, day: date) -> int:
        """The provider with the most lines that wait, but for those where somebody can sign in."""
        self._run(session, day)
        own = list(self.cast.houses)[:2]
        rows = [row for row in waiting(session, self.town.municipality_id) if row.provider_id not in own]
        return max(rows, key=lambda row: row.lines).provider_id if rows else list(self.cast.houses)[2]

    def _hold_provider(self, session: Session, day: date) -> None:
        words = "Lokalen var stängd vid två besök. Granskaren har bett om en förklaring."
        provider_id = self._busiest(session, day)
        money.hold_provider(session, provider_id, "inspection", words, by=self.cast.maker, at=dates.noon(day))

    def _release_provider(self, session: Session, day: date) -> None:
        """Let go by another, and paid by a follow-up two days later."""
        where = self.town.municipality_id
        held = next(one for one in every_standing(session, where) if one.reason == "inspection")
        words = "Lokalen var öppen vid ett nytt besök, och förklaringen höll."
        money.release(session, held.id, words, by=self.cast.first, at=dates.noon(day))
        batch_id = session.scalars(
            select(Batch.id)
            .where(Batch.municipality_id == where, Batch.state != "void")
            .order_by(Batch.id.desc())
            .limit(1)
        ).one()
        reason = "Anordnaren hölls inne när utbetalningen gjordes, och är släppt nu."
        self.town.on(
            dates.add_working_days(day, 2),
            lambda session, day: self._follow_up(session, batch_id, reason, day),
        )

    def _hold_line(self, session: Session, day: date) -> None:
        """A month that is to be paid today: the employer says another last day than the report."""
        line = self._newest(session, self._busiest(session, day))
        key = Key(line.scope_id, line.component, line.part, line.sequence)
        words = "Rapporten säger en annan sista dag än arbetsgivaren."
        money.hold_line(session, key, "evidence", words, by=self.cast.maker, at=dates.noon(day))

    def _hold_leg(self, session: Session, day: date) -> None:
        """A case, held to this day."""
        line = self._newest(session, list(self.cast.houses)[4])
        words = "Personen säger att mötena inte har varit av. Handläggaren reder ut det."
        money.hold_leg(session, line.leg_id, "evidence", words, by=self.cast.first, at=dates.noon(day))

    def _hold_last(self, session: Session, day: date) -> None:
        """The last provider, held to this day."""
        words = "Nya bankuppgifter lämnades två gånger samma vecka."
        provider_id = list(self.cast.houses)[-1]
        money.hold_provider(
            session, provider_id, "bank_details", words, by=self.cast.maker, at=dates.noon(day)
        )

    def _newest(self, session: Session, provider_id: int) -> LedgerLine:
        """The newest line of a provider; of anybody but those where somebody can sign in, when it has
        none."""
        rows = (
            select(LedgerLine)
            .where(LedgerLine.municipality_id == self.town.municipality_id, LedgerLine.amount_ore > 0)
            .order_by(LedgerLine.run_id.desc(), LedgerLine.scope_id, LedgerLine.part.desc())
            .limit(1)
        )
        own = list(self.cast.houses)[:2]
        found = session.scalars(rows.where(LedgerLine.provider_id == provider_id)).one_or_none()
        return found or session.scalars(rows.where(LedgerLine.provider_id.not_in(own))).one()

"""A stage for the portals of money: a provider's week with everything in it, on a day that stands still."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.demo.people import Names, organisation_number
from config import Settings
from core import dates
from core.actor import Actor, Role
from core.database import Database
from core.identity import Protection
from payouts import actions as money
from payouts.actions.batches import Debtor, Declared
from payouts.models import Batch, LedgerLine, Statement
from payouts.queries.lines import Key
from tests.accounts.people import signed_in
from tests.support.bank import MUNICIPALITY_BIC, MUNICIPALITY_IBAN
from tests.support.town import Town, decided, found, noon, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Check, Outcome

TODAY = date(2026, 6, 3)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
DEBTOR = Debtor("Exempelstad", organisation_number(2120), MUNICIPALITY_IBAN, MUNICIPALITY_BIC)
COOLING_OFF = 3


def stop_the_clock(monkeypatch: pytest.MonkeyPatch, day: date = TODAY) -> None:
    """It is noon on that day wherever a door asks."""
    monkeypatch.setattr(dates, "today", lambda: day)
    monkeypatch.setattr(dates, "now", lambda: noon(day))


def app_on(settings: Settings) -> Flask:
    """The app, without form tokens; the browser tests have them."""
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


class Stage:
    """A town and the hands to make things happen in it; every method opens its own transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.town: Town = found(database)
        self.names = Names(2024)

    def client(self, app: Flask, who: str) -> FlaskClient:
        """A client signed in as that user name."""
        return signed_in(app, self.town.actors[who].account_id)

    # ── people ────────────────────────────────────────────────────────────────────────────────────

    def chosen(
        self,
        name: str,
        *,
        other: bool = False,
        level: str = "basic",
        service: str = "matching",
        protection: Protection = Protection.NONE,
        day: date = date(2026, 5, 29),
    ) -> int:
        """Somebody who has chosen a provider (`other`: the second one) and waits; gives the leg."""
        town = self.town
        given, family = name.split(" ")
        with self.database.transaction(1) as session:
            participant = actions.register_participant(
                session,
                ParticipantForm(
                    identity_number=self.names.number(),
                    given_name=given,
                    family_name=family,
                    protection=protection,
                    phone="070-174 06 07",
                    street="Hemligvägen 5",
                    postal_code="10003",
                    town="Exempelstad",
                ),
                by=town.guide,
                today=day,
            )
            months = 12 if service == "matching" else 6
            form = voucher_form(town.rulebook_id, service, level, months)
            voucher = decided(session, participant.id, form, by=town.guide, today=day)
            where = town.other_provider_id if other else town.provider_id
            leg = actions.choose(session, voucher.id, where, {}, by=town.guide, at=noon(day))
            if protection is not Protection.NONE:
                coach = town.other_coach if other else town.coach
                manager = replace(coach, roles=frozenset({Role.MANAGER}))
                actions.name_coach(session, leg.id, coach.account_id, by=manager)
            return leg.id

    def accepted(self, name: str, **about: object) -> int:
        """Somebody who has been received; gives the leg."""
        leg_id = self.chosen(name, **about)  # type: ignore[arg-type]  # handed on as they came
        with self.database.transaction(1) as session:
            actions.accept(session, leg_id, by=self._coach(about), today=self._day(about))
        return leg_id

    def started(self, name: str, **about: object) -> int:
        """Somebody who has begun, on the day of the choice; gives the leg."""
        leg_id = self.accepted(name, **about)
        with self.database.transaction(1) as session:
            actions.start(session, leg_id, self._day(about), by=self._coach(about), today=self._day(about))
        return leg_id

    def _coach(self, about: dict[str, object]) -> Actor:
        return self.town.other_coach if about.get("other") else self.town.coach

    def _day(self, about: dict[str, object]) -> date:
        day = about.get("day", date(2026, 5, 29))
        assert isinstance(day, date)
        return day

    def reported(self, leg_id: int, *months: date, approved: bool = True, other: bool = False) -> int:
        """Months' reports, handed in on their last day and approved; gives the last one."""
        report_id = 0
        coach = self.town.other_coach if other else self.town.coach
        with self.database.transaction(1) as session:
            for month in months:
                day = dates.last_of_month(month)
                report = actions.submit_report(session, leg_id, told(month), by=coach, today=day)
                if approved:
                    actions.approve_report(session, report.id, by=self.town.guide, today=day)
                report_id = report.id
        return report_id

    def returned(self, leg_id: int, month: date) -> int:
        """A month's report that has come back."""
        report_id = self.reported(leg_id, month, approved=False)
        with self.database.transaction(1) as session:
            actions.return_report(
                session, report_id, "Skriv hur många möten som var fysiska.", by=self.town.guide, today=TODAY
            )
        return report_id

    def worked(self, leg_id: int, day: date, *, bonus_on: date | None = None) -> int:
        """The service ended in work, which was checked; with `bonus_on` the bonus too. Gives the outcome."""
        town = self.town
        form = actions.OutcomeForm(
            kind="work",
            starts_on=day,
            last_day=day,
            extent_percent=100,
            employer_number=organisation_number(7001),
        )
        with self.database.transaction(1) as session:
            outcome = actions.claim_outcome(session, leg_id, form, by=town.coach, today=day)
            self._pass(session, outcome, "result", day)
            if bonus_on:
                self._pass(session, outcome, "bonus", bonus_on)
            return outcome.id

    def _pass(self, session: Session, outcome: Outcome, purpose: str, day: date) -> None:
        check_id = session.scalars(
            select(Check.id).where(Check.outcome_id == outcome.id, Check.purpose == purpose)
        ).one()
        actions.judge_check(
            session, check_id, passed=True, source="employment_contract", by=self.town.guide, today=day
        )

    def withdrawn(self, report_id: int, day: date = TODAY) -> None:
        """A report taken back by its coach."""
        with self.database.transaction(1) as session:
            actions.withdraw_report(session, report_id, by=self.town.coach, today=day)

    # ── money ─────────────────────────────────────────────────────────────────────────────────────

    def booked(self, as_of: date = TODAY) -> None:
        """A run."""
        with self.database.transaction(1) as session:
            money.run(session, by=self.town.maker, as_of=as_of, at=noon(as_of))

    def batched(self, day: date = TODAY) -> Batch:
        """A batch of all that waits."""
        with self.database.transaction(1) as session:
            rows = money.pending(session, 1, cooling_off_days=COOLING_OFF, today=day)
            seen = Declared(sum(row.paid_ore > 0 for row in rows), sum(row.paid_ore for row in rows))
            return money.make_batch(
                session, seen, cooling_off_days=COOLING_OFF, by=self.town.maker, at=noon(day)
            )

    def signed(self, batch: Batch, *signers: Actor, day: date = TODAY) -> None:
        """A batch signed, by both signers unless told."""
        for signer in signers or (self.town.signer, self.town.other_signer):
            with self.database.transaction(1) as session:
                money.sign(session, batch.id, batch.content_hash, by=signer, at=noon(day))

    def paid(self, day: date = TODAY) -> Batch:
        """Booked, batched, signed and sent."""
        self.booked(day)
        batch = self.batched(day)
        self.signed(batch, day=day)
        with self.database.transaction(1) as session:
            return money.send(session, batch.id, DEBTOR, by=self.town.maker, at=noon(day))

    def state(self, batch_id: int) -> str:
        """A batch's state now."""
        with self.database.reading() as session:
            return session.get_one(Batch, (1, batch_id)).state

    def statement_id(self, batch_id: int, provider_id: int) -> int:
        """The statement of a provider in a batch."""
        with self.database.reading() as session:
            return session.scalars(
                select(Statement.id).where(
                    Statement.batch_id == batch_id, Statement.provider_id == provider_id
                )
            ).one()

    def keys(self, leg_id: int) -> list[Key]:
        """The keys of everything booked for a leg, in order."""
        rows = (
            select(LedgerLine.scope_id, LedgerLine.component, LedgerLine.part, LedgerLine.sequence)
            .where(LedgerLine.leg_id == leg_id)
            .order_by(LedgerLine.component, LedgerLine.part, LedgerLine.sequence)
        )
        with self.database.reading() as session:
            return [Key(*row) for row in session.execute(rows)]


def told(month: date) -> actions.ReportForm:
    """A month as a coach would tell it."""
    return actions.ReportForm(
        month=month,
        activity_minutes=1_290,
        meetings=4,
        physical_meetings=2,
        progress="Har sökt fem jobb och varit på en intervju.",
        next_step="Ringa två arbetsgivare.",
        next_step_on=date(2026, 6, 12),
        booked_minutes=1_440,
        physical_minutes=720,
        activities=("guidance", "job_search"),
    )


def full_week(stage: Stage) -> dict[str, int]:
    """Everything a week can hold, and two paid months behind it; legs by what is to be done for them."""
    legs = {
        "report": stage.started("Amal Provlund", day=date(2026, 3, 2)),
        "mend": stage.started("Birgitta Testgren", level="enhanced", day=date(2026, 3, 16)),
        "claim": stage.started("Chen Mönsterby", day=date(2026, 3, 4)),
        "answer": stage.chosen("Dalia Skissvik"),
        "start": stage.accepted("Elif Påhittsros", service="preparatory", level="single"),
        "protected": stage.started(
            "Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=date(2026, 4, 9)
        ),
        "other": stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2)),
    }
    stage.reported(legs["report"], MARCH, APRIL)
    stage.reported(legs["mend"], MARCH, APRIL)
    stage.reported(legs["claim"], MARCH)
    stage.reported(legs["other"], MARCH, APRIL, other=True)
    stage.paid(date(2026, 5, 6))
    stage.reported(legs["claim"], APRIL)
    stage.reported(legs["protected"], APRIL)
    stage.returned(legs["mend"], MAY)
    with stage.database.transaction(1) as session:
        actions.end_service(
            session, legs["claim"], date(2026, 5, 20), "work", by=stage.town.coach, today=date(2026, 5, 20)
        )
    stage.booked(date(2026, 6, 2))
    return legs

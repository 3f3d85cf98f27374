"""What Exempelstad's providers tell beside the month: occasions, plans, absences, results and their proof."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.people import PAPER_FILE, organisation_number, person
from app.demo.special import customer, days_ago, months_told, registered
from core import dates
from core.accounts import AccountForm, open_account
from core.actor import Actor, Role
from providers.actions.group import declare_affiliate
from vouchers import actions
from vouchers.actions.deviations import DeviationForm
from vouchers.actions.telling import Row, tell_occasions
from vouchers.models import Check, Leg, Outcome, Voucher
from vouchers.queries.written import due_written

if TYPE_CHECKING:
    from app.demo.town import Town

WEEKS_BACK = 10
QUIET_OF, SOON_OF = 11, 7
"""One of so many has not been seen lately; one of so many must be seen soon."""
UNWRITTEN = 3
EMPLOYER = organisation_number(7002)
SISTER = organisation_number(7003)
PLAN: dict[str, object] = {
    "goal": "Ett fast jobb i butik eller på lager.",
    "activities": ["guidance", "job_search", "employer"],
    "minutes_a_week": 120,
    "adapted": "Möten på förmiddagen.",
    "next_step": "Skriva ett CV tillsammans.",
}
FINAL: dict[str, object] = {
    "done": "CV, ansökningar och möten med arbetsgivare.",
    "reached": "Vet vad nästa arbete ska vara och kan visa vad hen kan.",
    "remains": "Karriärvägledaren tar vid.",
}


class Telling:
    """What is told of whom, put into the town's calendar by the actions that the pages call."""

    def __init__(self, town: Town) -> None:
        self.town = town

    @property
    def guide(self) -> Actor:
        """Who judges it."""
        return self.town.cast.guide

    @property
    def coach(self) -> Actor:
        """Who tells it, at the first provider."""
        return self.town.cast.coaches[self.town.first_provider]

    def put_in(self, first: date) -> None:
        """Put everything in whose day comes after `first`."""
        today = self.town.today
        for day, what in (
            (days_ago(today, 200), self.group),
            (days_ago(today, 80), self.absent),
            (days_ago(today, 78), self.contested),
            (days_ago(today, 95), self.hired),
            (days_ago(today, 96), self.hired_next_door),
            (days_ago(today, 220), self.overridden),
            (days_ago(today, 150), self.left),
            (days_ago(today, 4), self.plans),
            (days_ago(today, 4), self.finals),
            (days_ago(today, 3), self.occasions),
        ):
            if day > first:
                self.town.on(day, what)

    def _customer(self, session: Session, day: date, *, signs_in: bool = False) -> tuple[Leg, Actor]:
        """Somebody who began at the first provider that day, and who speaks for them."""
        account = None
        if signs_in:
            name = " ".join(self.town.names.name())
            number = self.town.names.number()
            account = open_account(
                session,
                AccountForm(name, (Role.SEEKER,), identity_number=number),
                by=self.guide,
                today=day,
            )
        participant_id = registered(self.town, session, day, account)
        by = person(account, Role.SEEKER, participant_id=participant_id) if account else self.guide
        return customer(self.town, session, participant_id, "basic", by, day), by

    def _months(self, leg: Leg, first: date, until: date) -> None:
        for month, told_on in months_told(first, until):
            self.town.month(leg, month, told_on)

    # ── every day ────────────────────────────────────────────────────────────────────────────────

    def occasions(self, session: Session, day: date) -> None:
        """Meetings and activities of the last weeks, sent by each provider as a file would."""
        for provider_id, coach in self.town.cast.coaches.items():
            legs = [leg for leg in self._running(session, provider_id, day) if leg.started_on is not None]
            tell_occasions(
                session, provider_id, self._rows(legs, day), via="file", whole=False, by=coach, today=day
            )

    def _running(self, session: Session, provider_id: int, day: date) -> list[Leg]:
        rows = (
            select(Leg)
            .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
            .where(
                Leg.municipality_id == self.town.municipality_id,
                Leg.provider_id == provider_id,
                Leg.started_on <= day,
                Leg.ended_on.is_(None),
                Voucher.state == "active",
            )
            .order_by(Leg.id)
        )
        return list(session.scalars(rows))

    def _rows(self, legs: list[Leg], day: date) -> Iterator[Row]:
        count = 0
        for place, leg in enumerate(legs):
            quiet = 33 if place % QUIET_OF == QUIET_OF - 1 else 11 if place % SOON_OF == SOON_OF - 1 else 1
            for week in range(WEEKS_BACK, -1, -1):
                monday = day - timedelta(days=day.weekday() + 7 * week)
                told = [("activity", monday + timedelta(days=place % 3 + 1), 13 * 60, 120, True)]
                if (week + place) % 2 == 0:
                    told.append(("individual", monday + timedelta(days=place % 4), 9 * 60, 45, week % 4 < 2))
                for kind, held_on, started, minutes, physical in told:
                    if (leg.started_on or day) <= held_on <= day - timedelta(days=quiet):
                        count += 1
                        said = {
                            "held_on": held_on,
                            "started": f"{started // 60:02d}:{started % 60:02d}",
                            "kind": kind,
                            "is_physical": physical,
                            "minutes": minutes,
                        }
                        yield Row(count, leg.id, said)

    def plans(self, session: Session, day: date) -> None:
        """Joint plans of those at the two providers that one can sign in to; one waits, one came back."""
        for provider_id in list(self.town.cast.houses)[:2]:
            coach = self.town.cast.coaches[provider_id]
            for place, leg in enumerate(self._running(session, provider_id, day)):
                met_on = dates.add_working_days(leg.started_on or day, 3)
                made_on = dates.add_working_days(met_on, 2)
                if made_on > day or place % 9 == 8:
                    continue
                said = {
                    **PLAN,
                    "met_on": met_on.isoformat(),
                    "next_step_on": (met_on + timedelta(14)).isoformat(),
                }
                plan = actions.submit_written(session, leg.id, "joint_plan", said, by=coach, today=made_on)
                if place % 6 == 5:
                    comment = "Skriv vilka dagar ni ses."
                    actions.return_written(session, plan.id, comment, by=self.guide, today=made_on)
                elif place % 6 != 4:
                    actions.approve_written(session, plan.id, by=self.guide, today=made_on)

    def finals(self, session: Session, day: date) -> None:
        """Final reports of those who have stopped, at the same two; the last few are still to be written."""
        for provider_id in list(self.town.cast.houses)[:2]:
            coach = self.town.cast.coaches[provider_id]
            due = due_written(session, self.town.municipality_id, provider_id, day)
            for one in [one for one in due if one.kind == "final" and one.due_on < day][:-UNWRITTEN]:
                # It is asked for from the last day on.
                said = {**FINAL, "ended_on": one.opens_on.isoformat()}
                report = actions.submit_written(
                    session, one.leg_id, "final", said, by=coach, today=one.due_on
                )
                actions.approve_written(session, report.id, by=self.guide, today=one.due_on)

    # ── somebody in every state ──────────────────────────────────────────────────────────────────

    def group(self, session: Session, day: date) -> None:
        """The first provider says which company it owns."""
        chef = self.town.accounts["chef"]
        by = person(chef, Role.MANAGER, provider_id=self.town.first_provider)
        declare_affiliate(session, "Stigfinnarnas Lager AB", SISTER, by=by, today=day)

    def absent(self, session: Session, day: date) -> None:
        """Four absences: one waits, one had a valid reason, one had none, one was told by mistake."""
        leg, _ = self._customer(session, day)
        self._months(leg, day, self.town.today)
        for number, (reason, state) in enumerate(
            (
                ("sick", "valid"),
                ("unknown", "not_valid"),
                ("child_sick", "withdrawn"),
                ("authority", "unjudged"),
            )
        ):
            happened = dates.add_working_days(day, 8 + 9 * number)
            self.town.on(
                dates.add_working_days(happened, 1), partial(self._tell_absence, leg, happened, reason, state)
            )

    def _tell_absence(
        self, leg: Leg, happened: date, reason: str, state: str, session: Session, day: date
    ) -> None:
        form = DeviationForm(happened, "Jobbsökning i grupp", 13 * 60, 15 * 60, 13 * 60, 14 * 60, reason)
        told = actions.tell_deviation(session, leg.id, form, by=self.coach, today=day)
        if state == "withdrawn":
            actions.withdraw_deviation(session, told.id, by=self.coach, today=day)
        elif state != "unjudged":
            note = "" if state == "valid" else "Personen svarade inte när handledaren ringde."
            actions.judge_deviation(
                session, told.id, valid=state == "valid", note=note, by=self.guide, today=day
            )

    def contested(self, session: Session, day: date) -> None:
        """Says that a month's hours are wrong: once it stood, and the last one waits for the guide."""
        leg, by = self._customer(session, day, signs_in=True)
        told = months_told(day, self.town.today)
        for place, (month, told_on) in enumerate(told):
            is_last = place == len(told) - 1
            self.town.on(told_on, partial(self._month_and_answer, leg, by, month, is_last))

    def _month_and_answer(
        self, leg: Leg, by: Actor, month: date, waits: bool, session: Session, day: date
    ) -> None:
        report = self.town.tell(session, leg, month, day)
        answer = actions.answer_month(
            session,
            report.id,
            "contested",
            "Jag var inte där sista veckan.",
            by=by,
            at=dates.noon(day),
        )
        if not waits:
            actions.judge_contest(
                session,
                answer.id,
                "stands",
                "Närvarolistan visar att du var där.",
                by=self.guide,
                today=day,
            )
            actions.approve_report(session, report.id, by=self.guide, today=day)

    def _claim(self, session: Session, leg: Leg, name: str, number: str, day: date) -> tuple[Outcome, Check]:
        form = actions.OutcomeForm(
            kind="work",
            starts_on=day,
            last_day=day,
            extent_percent=100,
            employer_number=number,
            employer_name=name,
        )
        outcome = actions.claim_outcome(session, leg.id, form, by=self.coach, today=day)
        session.flush()
        check = session.scalars(
            select(Check).where(
                Check.municipality_id == self.town.municipality_id,
                Check.outcome_id == outcome.id,
                Check.purpose == "result",
            )
        ).first()
        if check is None:
            raise AssertionError("a claimed result has a case")
        return outcome, check

    def hired(self, session: Session, day: date) -> None:
        """Has got a job; a contract is shown, a look found nobody, and the employer has been asked."""
        leg, _ = self._customer(session, day)
        self._months(leg, day, days_ago(self.town.today, 8))

        def claim(s: Session, when: date) -> None:
            outcome, check = self._claim(s, leg, "Exempelstads Bageri", EMPLOYER, when)
            source = "employment_contract"
            actions.add_outcome_evidence(
                s, outcome.id, source, PAPER_FILE, by=self.coach, at=dates.noon(when)
            )
            actions.look_at_source(s, check.id, "payslip", "no_answer", by=self.guide, today=when)
            asked = actions.Asked("Exempelstads Bageri", "lon@example.org")
            actions.ask_employer(s, check.id, asked, by=self.guide, at=dates.noon(when))

        self.town.on(days_ago(self.town.today, 5), claim)

    def hired_next_door(self, session: Session, day: date) -> None:
        """Has got a job at a company that the provider owns; somebody must look twice."""
        leg, _ = self._customer(session, day)
        self._months(leg, day, days_ago(self.town.today, 8))
        self.town.on(
            days_ago(self.town.today, 6),
            lambda s, when: self._claim(s, leg, "Stigfinnarnas Lager AB", SISTER, when),
        )

    def overridden(self, session: Session, day: date) -> None:
        """Passed without a paper, for a time: one still stands, of another the time is out."""
        for days, kept in ((85, 80), (25, 60)):
            leg, _ = self._customer(session, day)
            claimed = days_ago(self.town.today, days)
            self._months(leg, day, claimed)
            self.town.on(claimed, partial(self._override, leg, kept))

    def _override(self, leg: Leg, kept: int, session: Session, day: date) -> None:
        _, check = self._claim(session, leg, "Exempelstads Bageri", EMPLOYER, day)
        form = actions.OverrideForm(
            passes=True,
            reasons="Arbetsgivaren har stängt över sommaren. Lönebeskedet kommer.",
            until_on=day + timedelta(days=kept),
        )
        actions.override_check(session, check.id, form, by=self.guide, today=day)

    def left(self, session: Session, day: date) -> None:
        """Stopped halfway: an informative report, then the end and its final report."""
        leg, _ = self._customer(session, day)
        ended = days_ago(self.town.today, 40)
        self._months(leg, day, ended)

        def inform(s: Session, when: date) -> None:
            said = {"happened_on": when.isoformat(), "what": "Flyttar i höst.", "proposal": "Avsluta i tid."}
            report = actions.submit_written(s, leg.id, "informative", said, by=self.coach, today=when)
            actions.approve_written(s, report.id, by=self.guide, today=when)

        def end(s: Session, when: date) -> None:
            actions.end_service(s, leg.id, when, "moved", by=self.coach, today=when)

        def sum_up(s: Session, when: date) -> None:
            said = {
                "ended_on": ended.isoformat(),
                "done": "CV, sex ansökningar och en praktik.",
                "reached": "Vet vad hon vill och kan visa det.",
                "remains": "Arbetsförmedlingen på den nya orten tar vid.",
            }
            actions.submit_written(s, leg.id, "final", said, by=self.coach, today=when)

        self.town.on(days_ago(self.town.today, 70), inform)
        self.town.on(ended, end)
        self.town.on(dates.add_working_days(ended, 4), sum_up)

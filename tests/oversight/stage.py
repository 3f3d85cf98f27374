"""A small history in a town, made by the real actions, whose every figure can be worked out by hand.

Seen on TODAY, 20 March 2027:

group | people | service, level      | there                      | after
A     | 6      | matching, basic     | 2 March - 31 May 2026      | work; on 30 November 5 still are
B     | 6      | matching, enhanced  | 2 March - 28 August 2026   | nothing; six months on: 28 February 2027
C     | 5      | preparatory, single | from 1 April 2026          | still there; one of them is protected
D     | 2      | matching, basic     | from 1 June 2026           | still there

and the town's own seeker has a voucher of 2 March 2026 that nobody has begun on. Booked: March's base fee for
A in April, A's results in June, five bonuses in December, and one base fee taken back in January.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.bank import check_of
from app.demo.people import Names, organisation_number
from core.database import fetch
from core.dates import add_months
from core.identity import Protection
from payouts.actions import run
from tests.support.town import Town, decided, noon, report_form, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Leg, Outcome, Participant, Voucher

TODAY = date(2027, 3, 20)
BEGAN, ENDED, ENDED_LATER = date(2026, 3, 2), date(2026, 5, 31), date(2026, 8, 28)
MARCH = date(2026, 3, 1)
# 3 686 kr a month, 30 of the 31 days of March: 356 709.68 öre, rounded half up.
BASE_ORE, RESULT_ORE, BONUS_ORE = 356_710, 1_000_000, 800_000


class Stage:
    """Adds people to a town. Names are drawn from a seed, so two stages in one town need two seeds."""

    def __init__(self, session: Session, town: Town, seed: int = 501) -> None:
        self.session, self.town, self.names = session, town, Names(seed)

    def began(self, day: date, level: str = "basic", *, is_protected: bool = False) -> int:
        """Somebody is registered, decided on, chosen for and begun with on one day; gives the leg's id."""
        session, town = self.session, self.town
        given, family = self.names.name()
        protection = Protection.REGISTERED_ELSEWHERE if is_protected else Protection.NONE
        form = ParticipantForm(self.names.number(), given, family, protection)
        person = actions.register_participant(session, form, by=town.guide, today=day)
        return self._begun(person.id, day, level)

    def again(self, leg_id: int, day: date, level: str = "single") -> int:
        """The person of that leg gets a new voucher and begins anew; gives the new leg's id."""
        leg = fetch(self.session, Leg, self.town.municipality_id, leg_id)
        voucher = fetch(self.session, Voucher, self.town.municipality_id, leg.voucher_id)
        return self._begun(voucher.participant_id, day, level)

    def _begun(self, participant_id: int, day: date, level: str) -> int:
        session, town = self.session, self.town
        service, months = ("preparatory", 6) if level == "single" else ("matching", 12)
        decision = voucher_form(town.rulebook_id, service, level, months)
        voucher = decided(session, participant_id, decision, by=town.guide, today=day)
        leg = actions.choose(session, voucher.id, town.provider_id, {}, by=town.guide, at=noon(day))
        if fetch(session, Participant, town.municipality_id, participant_id).is_protected:
            actions.name_coach(session, leg.id, town.coach.account_id, by=town.manager)
        actions.accept(session, leg.id, by=town.coach, today=day)
        actions.start(session, leg.id, day, by=town.coach, today=day)
        return leg.id

    def ended(self, leg_id: int, day: date) -> None:
        """The time ran out."""
        actions.end_service(self.session, leg_id, day, "time_out", by=self.town.coach, today=day)

    def worked(self, leg_id: int, day: date) -> int:
        """The person begins work on the last day, and staff see it; gives the outcome's id."""
        told = actions.OutcomeForm("work", day, day, 100, employer_number=organisation_number(7001))
        outcome = actions.claim_outcome(self.session, leg_id, told, by=self.town.coach, today=day)
        self._judge(outcome.id, "result", day, passed=True)
        return outcome.id

    def asked_later(self, outcome_id: int, ended_on: date, *, passed: bool) -> None:
        """Six months after, staff look again."""
        self._judge(outcome_id, "bonus", add_months(ended_on, 6), passed=passed)

    def _judge(self, outcome_id: int, purpose: str, day: date, *, passed: bool) -> None:
        check = check_of(self.session, self.town.municipality_id, outcome_id, purpose)
        assert check is not None
        actions.judge_check(
            self.session, check.id, passed=passed, source="payslip" if passed else None,
            refusal_code=None if passed else "ended_too_early", by=self.town.guide, today=day,
        )  # fmt: skip

    def reported(self, leg_id: int, month: date, day: date) -> int:
        """A month is reported and approved; gives the report's id."""
        report = actions.submit_report(
            self.session, leg_id, report_form(month), by=self.town.coach, today=day
        )
        return actions.approve_report(self.session, report.id, by=self.town.guide, today=day).id

    def booked(self, as_of: date) -> int:
        """The payment run; gives how many lines it booked."""
        return run(self.session, by=self.town.maker, as_of=as_of, at=noon(as_of)).lines

    def everything(self) -> None:
        """The whole history."""
        first = [self.began(BEGAN) for _ in range(6)]
        second = [self.began(BEGAN, "enhanced") for _ in range(6)]
        for number in range(5):
            self.began(date(2026, 4, 1), "single", is_protected=number == 0)
        reports = [self.reported(leg, MARCH, date(2026, 4, 1)) for leg in first]
        assert self.booked(date(2026, 4, 30)) == 6
        outcomes = [self.worked(leg, ENDED) for leg in first]
        for _ in range(2):
            self.began(date(2026, 6, 1))
        assert self.booked(date(2026, 6, 30)) == 6
        for leg in second:
            self.ended(leg, ENDED_LATER)
        for number, outcome in enumerate(outcomes):
            self.asked_later(outcome, ENDED, passed=number > 0)
        assert self.booked(date(2026, 12, 31)) == 5
        actions.withdraw_report(self.session, reports[0], by=self.town.guide, today=date(2027, 1, 10))
        assert self.booked(date(2027, 1, 31)) == 1
        assert len(self.session.scalars(select(Outcome)).all()) == 6

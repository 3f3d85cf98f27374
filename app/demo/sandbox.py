"""The sandbox: a small town for those who build a provider's system, with somebody in each state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.models import SCOPES
from app.api.tokens import MONTHS_MOST, TokenForm, make_token
from app.demo.meetings import decided
from app.demo.people import (
    SIGN_INS,
    TOWN_JOBBPENG,
    House,
    Names,
    accredited_provider,
    municipality,
    organisation_number,
    person,
    rulebook,
    staff,
)
from core import audit, dates
from core.actor import Actor, Role
from core.database import Database
from core.identity import Protection
from providers.actions import add_member
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Check

HOUSES = (
    House("Sandlådans Jobbstöd", "private", "Centrum", ("sv", "en"), "Här prövar ni ert eget system.",
          "Try your own system here.", ("matching", "preparatory"), 200, 50),
    House("Grannens Jobbstöd", "idea_based", "Norrängen", ("sv",), "En annan anordnare, som ni inte ser.",
          "Another provider, whom you do not see.", ("matching",), 200, 50),
)  # fmt: skip
WORKPLACES = {"handledare": 0, "chef": 0, "handledare2": 1}
EMPLOYER = organisation_number(7001)
MONTHS_BACK = 4


@dataclass(frozen=True)
class Made:
    """What a developer needs: keys of both providers' systems, and how many people stand where."""

    key: str
    other_key: str
    people: dict[str, int]


class Sandbox:
    """Makes the town, as of today, in one transaction; the past is told by the clock it happened at."""

    def __init__(self, database: Database, municipality_id: int, today: date) -> None:
        self.database, self.municipality_id, self.today = database, municipality_id, today
        self.first = dates.add_months(dates.first_of_month(today), -MONTHS_BACK)
        self.names = Names(1_000)
        self.actors: dict[str, Actor] = {}
        self.providers: list[int] = []
        self.rulebook_id = 0

    def build(self) -> Made:
        """Everything. Only for an empty database."""
        with self.database.transaction(self.municipality_id) as session:
            with self._on(session, self.first - timedelta(days=90)) as day:
                self._found(session, day)
            people = {
                "to_answer": [self._chosen(session, self.today) for _one in range(3)],
                "to_start": [self._received(session, self.today) for _one in range(2)],
                "to_report": [self._started(session, self.first) for _one in range(4)],
                "to_prepare": [self._started(session, self.first, "preparatory", "single")],
                "protected": [self._protected(session, self.first)],
                "to_mend": [self._returned(session, self.first)],
                "to_claim": [self._ended(session, self.first)],
                "to_follow_up": [self._worked(session, self.first)],
                "elsewhere": [self._started(session, self.first, house=1) for _one in range(2)],
            }
            keys = [self._key(session, by) for by in (self.actors["chef"], self._other_manager())]
        return Made(keys[0], keys[1], {name: len(legs) for name, legs in people.items()})

    @contextmanager
    def _on(self, session: Session, day: date) -> Iterator[date]:
        """What is done is written in the trail at noon of that day."""
        session.info[audit.CLOCK] = partial(dates.noon, day)
        try:
            yield day
        finally:
            del session.info[audit.CLOCK]

    def _found(self, session: Session, day: date) -> None:
        operator = municipality(session, self.municipality_id)
        book = rulebook(session, by=operator, today=day, path=TOWN_JOBBPENG)
        self.rulebook_id = book.id
        for row in SIGN_INS:
            if row.role in (Role.SEEKER,) or row.user_name == "nyanordnare":
                continue
            account, actor = staff(session, row, self.names.number(), by=operator, today=day)
            self.actors[row.user_name] = actor
            if row.user_name in WORKPLACES:
                self.actors[row.user_name] = person(account, row.role)
        for serial, house in enumerate(HOUSES, 1):
            provider = accredited_provider(
                session, house, serial, book,
                inspector=self.actors["granskare"], colleague=self.actors["granskare2"],
                secretary=self.actors["sekreterare"], maker=self.actors["ekonom"],
                signer=self.actors["attest1"], today=day,
            )  # fmt: skip
            self.providers.append(provider.id)
            for name, place in WORKPLACES.items():
                if place == serial - 1:
                    add_member(session, provider, self.actors[name].account_id, by=operator)
                    self.actors[name] = replace(self.actors[name], provider_id=provider.id)

    def _other_manager(self) -> Actor:
        """Whoever runs the other place: the coach there, who is its manager for this once."""
        return replace(self.actors["handledare2"], roles=frozenset({Role.MANAGER}))

    def _key(self, session: Session, by: Actor) -> str:
        form = TokenForm("Sandlåda", SCOPES, dates.add_months(self.today, MONTHS_MOST))
        return make_token(session, form, by=by, today=self.today)[1]

    # ── people, each a step further than the one before ──────────────────────────────────────────

    def _chosen(
        self,
        session: Session,
        day: date,
        service: str = "matching",
        level: str = "basic",
        *,
        house: int = 0,
        protection: Protection = Protection.NONE,
    ) -> int:
        given, family = self.names.name()
        guide = self.actors["vagledare"]
        form = ParticipantForm(
            identity_number=self.names.number(), given_name=given, family_name=family,
            phone="070-174 06 10", protection=protection,
        )  # fmt: skip
        with self._on(session, day):
            someone = actions.register_participant(session, form, by=guide, today=day)
            voucher = decided(session, someone.id, self.rulebook_id, service, level, by=guide, day=day)
            leg = actions.choose(session, voucher.id, self.providers[house], {}, by=guide, at=dates.noon(day))
            if protection is not Protection.NONE:
                manager, coach = self.actors["chef"], self.actors["handledare"]
                actions.name_coach(session, leg.id, coach.account_id, by=manager)
        return leg.id

    def _received(
        self, session: Session, day: date, service: str = "matching", level: str = "basic", *, house: int = 0
    ) -> int:
        leg_id = self._chosen(session, day, service, level, house=house)
        with self._on(session, day):
            actions.accept(session, leg_id, by=self._coach(house), today=day)
        return leg_id

    def _started(
        self, session: Session, day: date, service: str = "matching", level: str = "basic", *, house: int = 0
    ) -> int:
        leg_id = self._received(session, day, service, level, house=house)
        with self._on(session, day):
            actions.start(session, leg_id, day, by=self._coach(house), today=day)
        return leg_id

    def _coach(self, house: int) -> Actor:
        return self.actors["handledare" if house == 0 else "handledare2"]

    def _protected(self, session: Session, day: date) -> int:
        leg_id = self._chosen(session, day, protection=Protection.CONFIDENTIAL)
        with self._on(session, day):
            actions.accept(session, leg_id, by=self._coach(0), today=day)
            actions.start(session, leg_id, day, by=self._coach(0), today=day)
        return leg_id

    def _returned(self, session: Session, day: date) -> int:
        leg_id, guide = self._started(session, day), self.actors["vagledare"]
        told_on = dates.add_working_days(dates.last_of_month(day), 2)
        with self._on(session, told_on):
            form = actions.ReportForm(
                month=dates.first_of_month(day), activity_minutes=1_200, meetings=4, physical_meetings=2,
                progress="Har sökt fem jobb.", next_step="Ringa två arbetsgivare.",
                next_step_on=dates.add_months(told_on, 1), booked_minutes=1_320, physical_minutes=900,
                activities=("guidance", "job_search"),
            )  # fmt: skip
            report = actions.submit_report(session, leg_id, form, by=self._coach(0), today=told_on)
            actions.return_report(session, report.id, "Skriv vilka jobb.", by=guide, today=told_on)
        return leg_id

    def _ended(self, session: Session, day: date) -> int:
        leg_id, last = self._started(session, day), self.today - timedelta(days=5)
        with self._on(session, last):
            actions.end_service(session, leg_id, last, "work", by=self._coach(0), today=last)
        return leg_id

    def _worked(self, session: Session, day: date) -> int:
        """A result that was looked at and passed; its follow-up opens when the clock is turned."""
        leg_id, last, guide = (
            self._started(session, day),
            dates.add_months(self.today, -2),
            self.actors["vagledare"],
        )
        with self._on(session, last):
            form = actions.OutcomeForm(
                kind="work", starts_on=last, last_day=last, extent_percent=100, employer_number=EMPLOYER
            )
            outcome = actions.claim_outcome(session, leg_id, form, by=self._coach(0), today=last)
            first = (
                select(Check.id)
                .where(Check.outcome_id == outcome.id, Check.purpose == "result")
                .order_by(Check.part)
                .limit(1)
            )
            check_id = session.scalars(first).one()
            actions.judge_check(
                session, check_id, passed=True, source="employment_contract", by=guide, today=last
            )
        return leg_id

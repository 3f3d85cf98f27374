"""Exempelstad's history, made day by day by the same actions, rules and runs as real work."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.demo import bank, later
from app.demo.cast import Cast, Size, name_coach_of_protected
from app.demo.crowd import Crowd, Door
from app.demo.houses import HOUSES
from app.demo.life import keep_papers
from app.demo.lives import put_in_lives
from app.demo.meetings import decided
from app.demo.money import Paydays
from app.demo.people import (
    SIGN_INS,
    TOWN_JOBBPENG,
    Names,
    accredited_provider,
    municipality,
    organisation_number,
    person,
    rulebook,
    staff,
)
from app.demo.special import put_in
from app.demo.telling import Telling
from app.demo.turns import Turns
from core import audit, dates, identity
from core.accounts import AccountForm, open_account
from core.actor import Account, Actor, Role
from core.database import Database, fetch
from core.identity import Protection
from core.rulebooks import Rulebook
from providers.actions import add_member
from providers.models import Accreditation
from providers.queries import accreditations, intake_is_open
from vouchers import actions
from vouchers.actions.bulk import import_histories
from vouchers.actions.people import ParticipantForm
from vouchers.models import Leg, Report, Voucher
from vouchers.queries.places import has_place

PROGRESS = (
    "Har sökt fem jobb och varit på en intervju.",
    "Har skrivit klart sitt CV och övat intervju.",
    "Har prövat två dagar på en arbetsplats.",
    "Läser svenska två kvällar i veckan och söker jobb.",
)
NEXT = ("Ringa två arbetsgivare.", "Gå på studiebesök.", "Söka tre jobb i vården.", "Träffa en arbetsgivare.")
ACTIVITIES = (("guidance", "job_search"), ("guidance", "employer"), ("guidance", "language", "health"))
GUIDES = 12
EMPLOYER = organisation_number(7001)


Happening = Callable[[Session, date], object]


class Town:
    """A calendar of what is to happen, and the hands that do it.

    The same seed, size and day give the same town. `progress(done, all)` counts days.
    """

    def __init__(self, database: Database, municipality_id: int, today: date, seed: int = 2010) -> None:
        self.database = database
        self.municipality_id = municipality_id
        self.today = today
        self.dice = random.Random(seed)  # noqa: S311  # a demo must be the same twice
        self.names = Names(seed)
        self.calendar: list[tuple[date, int, Happening]] = []
        self._count = 0
        self.cast: Cast
        self.rulebook: Rulebook
        self.accounts: dict[str, Account] = {}
        self.accreditations: dict[int, dict[str, int]] = {}
        self.turns = Turns(self)

    def build(self, size: Size, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the whole town, up to and with today."""
        first = dates.add_months(dates.first_of_month(self.today), -size.months)
        with self._writing() as session:
            self._found(session, first)
        with self._writing() as session:
            self._crowd(session, first, size)
        recent = max(first, dates.add_months(dates.first_of_month(self.today), -size.day_by_day_months))
        self._arrivals(recent, size)
        Paydays(self).put_in(first, size)
        put_in(self)
        self.turns.put_in(first)
        Telling(self).put_in(first)
        put_in_lives(self, first)
        self._live(first, progress)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self.database.transaction(self.municipality_id) as session:
            yield session

    def on(self, day: date, what: Happening) -> None:
        """Put something in the calendar; what lies after today does not happen."""
        if day <= self.today:
            self._count += 1
            heapq.heappush(self.calendar, (day, self._count, what))

    def _live(self, first: date, progress: Callable[[int, int], None] | None) -> None:
        total = (self.today - first).days + 1
        while self.calendar:
            month = dates.month_code(self.calendar[0][0])
            with self._writing() as session:
                while self.calendar and dates.month_code(self.calendar[0][0]) == month:
                    day, _, what = heapq.heappop(self.calendar)
                    session.info[audit.CLOCK] = partial(dates.noon, day)
                    what(session, day)
            if progress:
                progress((day - first).days + 1, total)

    # ── the town is founded ──────────────────────────────────────────────────────────────────────

    def _found(self, session: Session, first: date) -> None:
        operator = municipality(session, self.municipality_id)
        self.rulebook = rulebook(session, by=operator, today=first, path=TOWN_JOBBPENG)
        acting: dict[str, Actor] = {}
        for row in SIGN_INS:
            account, actor = staff(session, row, self.names.number(), by=operator, today=self.today)
            self.accounts[row.user_name], acting[row.user_name] = account, actor
        self.cast = Cast(
            guide=acting["vagledare"],
            inspector=acting["granskare"],
            colleague=acting["granskare2"],
            chair=acting["ordforande"],
            secretary=acting["sekreterare"],
            maker=acting["ekonom"],
            first=acting["attest1"],
            second=acting["attest2"],
        )
        for serial, house in enumerate(HOUSES, 1):
            provider = accredited_provider(
                session,
                house,
                serial,
                self.rulebook,
                inspector=self.cast.inspector,
                colleague=self.cast.colleague,
                secretary=self.cast.secretary,
                maker=self.cast.maker,
                signer=self.cast.first,
                today=first,
            )
            self.cast.houses[provider.id] = house
            self.accreditations[provider.id] = accreditations(session, self.municipality_id, provider.id)
            for accreditation_id in self.accreditations[provider.id].values():
                keep_papers(self, accreditation_id, first)
            for user_name in {1: ("handledare", "chef"), 2: ("handledare2",)}.get(serial, ()):
                account = self.accounts[user_name]
                add_member(session, provider, account.id, by=operator)
                actor = person(account, Role.COACH, provider_id=provider.id)
                self.cast.coaches.setdefault(provider.id, actor)
            if provider.id not in self.cast.coaches:
                given, family = self.names.name()
                form = AccountForm(f"{given} {family}", (Role.COACH,), identity_number=self.names.number())
                account = open_account(session, form, by=operator, today=self.today)
                add_member(session, provider, account.id, by=operator)
                self.cast.coaches[provider.id] = person(account, Role.COACH, provider_id=provider.id)

    def _crowd(self, session: Session, first: date, size: Size) -> None:
        crowd = Crowd(
            self.dice,
            self.names,
            identity.vault(session),
            self.municipality_id,
            self.rulebook.id,
            self._guides(session),
            self.today,
        )
        doors = [
            Door(house, key, self.cast.coaches[key].account_id, self.accreditations[key])
            for key, house in self.cast.houses.items()
        ]
        people = crowd.draw(doors, first, size.arrivals)
        import_histories(session, people, by=self.cast.guide, today=self.today)

    def _guides(self, session: Session) -> list[int]:
        """The career guides who share the crowd with the one to sign in as."""
        found = [self.cast.guide.account_id]
        for _ in range(GUIDES - 1):
            form = AccountForm(
                " ".join(self.names.name()), (Role.GUIDE,), identity_number=self.names.number()
            )
            by = Actor.operator(self.municipality_id)
            found.append(open_account(session, form, by=by, today=self.today).id)
        return found

    def _arrivals(self, first: date, size: Size) -> None:
        months = (self.today.year - first.year) * 12 + self.today.month - first.month
        for number in range(months * size.day_by_day):
            month = dates.add_months(first, number // size.day_by_day)
            day = dates.add_working_days(month + timedelta(days=self.dice.randrange(26)), 0)
            self.on(day, self.arrive)

    # ── one person's way ─────────────────────────────────────────────────────────────────────────

    def arrive(self, session: Session, day: date, protection: Protection = Protection.NONE) -> None:
        """A person meets the guide, gets a voucher, and will choose."""
        given, family = self.names.name()
        number = self.names.number()
        account = None
        if self.dice.random() < 0.6:
            form = AccountForm(f"{given} {family}", (Role.SEEKER,), identity_number=number)
            account = open_account(session, form, by=self.cast.guide, today=day)
        participant = actions.register_participant(
            session,
            ParticipantForm(
                identity_number=number,
                given_name=given,
                family_name=family,
                protection=protection,
                phone=f"070-174 06 {5 + self.dice.randrange(95):02d}",
                street=f"Provgatan {self.dice.randrange(1, 90)}",
                postal_code="10002",
                town="Exempelstad",
                account_id=account.id if account else None,
            ),
            by=self.cast.guide,
            today=day,
        )
        roll = self.dice.random()
        service, level = (
            ("preparatory", "single") if roll < 0.2 else ("matching", "enhanced" if roll < 0.5 else "basic")
        )
        voucher = self.decide(session, participant.id, service, level, day)
        by = person(account, Role.SEEKER, participant_id=participant.id) if account else self.cast.guide
        chosen_on = dates.add_working_days(day, self.dice.randrange(1, 5))
        self.on(chosen_on, lambda session, day: self.choose(session, voucher.id, service, by, day))

    def decide(self, session: Session, participant_id: int, service: str, level: str, day: date) -> Voucher:
        """The guide's decision."""
        by, book = self.cast.guide, self.rulebook.id
        return decided(session, participant_id, book, service, level, by=by, day=day)

    def choose(self, session: Session, voucher_id: int, service: str, by: Actor, day: date) -> None:
        """The person chooses, the provider answers the next day."""
        open_ones = [key for key, house in self.cast.houses.items() if service in house.services]
        provider_id = self._with_a_place(session, open_ones, service)
        shown = self.shown(provider_id, day)
        leg = actions.choose(session, voucher_id, provider_id, shown, by=by, at=dates.noon(day))
        self.on(dates.add_working_days(day, 1), lambda session, day: self.receive(session, leg, service, day))

    def _with_a_place(self, session: Session, providers: list[int], service: str) -> int:
        """One of them, the larger the likelier, that takes people and has a place left."""
        while True:
            found = self.dice.choices(providers, [self.cast.houses[key].capacity for key in providers])[0]
            row = session.get_one(Accreditation, (self.municipality_id, self.accreditations[found][service]))
            if intake_is_open(session, row) and has_place(session, row):
                return found
            providers = [key for key in providers if key != found]

    def receive(self, session: Session, leg: Leg, service: str, day: date) -> None:
        """The provider says yes and the service starts some days later."""
        coach = self.cast.coaches[leg.provider_id]
        name_coach_of_protected(session, leg, coach)
        actions.accept(session, leg.id, by=coach, today=day)
        starts = dates.add_working_days(day, self.dice.randrange(1, 8))
        self.on(starts, lambda session, day: self.begin(session, leg, service, day))

    def begin(self, session: Session, leg: Leg, service: str, day: date) -> None:
        """The service starts; its end and its months go into the calendar."""
        coach = self.cast.coaches[leg.provider_id]
        actions.start(session, leg.id, day, by=coach, today=day)
        longest = 175 if service == "preparatory" else 360
        length = min(longest, max(12, round(self.dice.gauss(longest * 0.75, longest * 0.28))))
        ends = day + timedelta(days=length)
        month = dates.first_of_month(day)
        while month <= ends:
            due = dates.add_working_days(dates.last_of_month(month), self.dice.randrange(1, 6))
            self.month(leg, month, due)
            month = dates.add_months(month, 1)
        self.on(ends, lambda session, day: self.finish(session, leg, service, day))

    def month(self, leg: Leg, month: date, due: date) -> None:
        """Put a month's report and its approval into the calendar."""

        def approve(session: Session, report_id: int, day: date) -> None:
            actions.approve_report(session, report_id, by=self.cast.guide, today=day)

        def tell(session: Session, day: date) -> None:
            report = self.tell(session, leg, month, day)
            judged = dates.add_working_days(day, self.dice.randrange(1, 4))
            self.on(judged, lambda session, day: approve(session, report.id, day))

        self.on(due, tell)

    def tell(self, session: Session, leg: Leg, month: date, day: date) -> Report:
        """The coach hands in a month's report."""
        hours = self.dice.randrange(4, 24)
        form = actions.ReportForm(
            month=month,
            activity_minutes=60 * hours,
            meetings=(meetings := self.dice.randrange(2, 5)),
            physical_meetings=self.dice.randrange(1, meetings + 1),
            progress=self.dice.choice(PROGRESS),
            next_step=self.dice.choice(NEXT),
            next_step_on=day + timedelta(days=14),
            booked_minutes=60 * hours + (30 if hours % 9 == 0 else 0),
            physical_minutes=60 * (hours * 2 // 3),
            activities=ACTIVITIES[hours % len(ACTIVITIES)],
        )
        coach = self.cast.coaches[leg.provider_id]
        return actions.submit_report(session, leg.id, form, by=coach, today=day)

    @property
    def first_provider(self) -> int:
        """Where the demo's coach and manager work."""
        return next(iter(self.cast.houses))

    def shown(self, provider_id: int, day: date) -> dict[str, object]:
        """What a chooser of the past was shown, as far as the demo remembers."""
        return {"provider": self.cast.houses[provider_id].name, "day": day.isoformat()}

    def finish(self, session: Session, leg: Leg, service: str, day: date) -> None:
        """The service ends: with a result that is claimed and checked, or without."""
        coach = self.cast.coaches[leg.provider_id]
        if self.dice.randrange(100) >= self.cast.houses[leg.provider_id].skill:
            reason = self.dice.choice(("time_out", "interrupted", "other_measure", "moved"))
            actions.end_service(session, leg.id, day, reason, by=coach, today=day)
            return
        kind = "next_step" if service == "preparatory" else self.dice.choice(("work", "work", "studies"))
        form = actions.OutcomeForm(
            kind=kind,
            starts_on=day,
            last_day=day,
            extent_percent=self.dice.choice((50, 75, 100)),
            subsidised=self.dice.random() < 0.3,
            employer_number=EMPLOYER if kind == "work" else None,
        )
        outcome = actions.claim_outcome(session, leg.id, form, by=coach, today=day)
        source = {"work": "employment_contract", "studies": "study_certificate"}.get(kind, "decision")
        judged = dates.add_working_days(day, self.dice.randrange(4, 15))
        self.on(judged, lambda session, day: self.judge(session, outcome.id, "result", source, day))
        bonus = dates.add_months(day, 6) + timedelta(days=self.dice.randrange(2, 20))
        self.on(bonus, lambda session, day: self.judge(session, outcome.id, "bonus", source, day))

    def judge(self, session: Session, outcome_id: int, purpose: str, source: str, day: date) -> None:
        """Staff look at the evidence; nine of ten results hold, eight of ten are still there."""
        check = bank.check_of(session, self.municipality_id, outcome_id, purpose)
        if check is None or check.state != "due":
            return
        passed = self.dice.random() < (0.9 if purpose == "result" else 0.8)
        if purpose == "bonus":
            coach = self.cast.coaches[fetch(session, Leg, self.municipality_id, check.leg_id).provider_id]
            later.answer(session, check, still=passed, by=coach, today=day)
        actions.judge_check(
            session,
            check.id,
            passed=passed,
            source=source if passed else None,
            refusal_code=None if passed else "no_evidence" if purpose == "result" else "ended_too_early",
            by=self.cast.guide,
            today=day,
        )

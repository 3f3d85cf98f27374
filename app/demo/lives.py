"""Providers of Exempelstad in every state of an accreditation's life, each brought there by real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.demo.houses import ABOUT, MATCHING
from app.demo.people import (
    PAPER_FILE,
    TOWN_JOBBPENG,
    House,
    applied,
    paid_to,
    person,
    provider_form,
    reviewed,
    site_form,
)
from app.demo.special import registered
from app.rulebooks import bring_in
from core import dates
from core.accounts import AccountForm, open_account
from core.actor import Actor, Role
from core.rulebooks import Rulebook
from providers import actions as registry
from providers.actions import EvidenceForm, Meeting
from providers.actions.watching import watch
from providers.models import Accreditation, Provider
from providers.queries.terms import accreditation_terms
from providers.rules import OPEN_STATES
from providers.rules.conditions import Condition, valid_until
from vouchers import actions as choices
from vouchers.queries.customers import seen

if TYPE_CHECKING:
    from app.demo.town import Town

INTRODUCTION = TOWN_JOBBPENG.parents[1] / "introduktion" / "2024-02-01.toml"
NEW_INTRODUCTION = INTRODUCTION.with_name("2026-06-01.toml")
PAPERS_EVERY_MONTHS = 11
"""The houses renew their papers before they end."""


class Life:
    """One more provider, its manager, and what happens to it. `serial` makes its number and address."""

    def __init__(
        self, town: Town, name: str, serial: int, form: str = "private", area: str = "Centrum"
    ) -> None:
        self.town, self.cast, self.serial = town, town.cast, serial
        self.house = House(name, form, area, ("sv", "en"), *ABOUT[MATCHING], MATCHING, 20, 50)
        self.provider: Provider
        self.manager: Actor
        self.id = 0

    def registered(self, session: Session, day: date) -> None:
        """The organisation is there, with a manager who can sign in by e-ID."""
        town = self.town
        self.provider = registry.register_provider(
            session,
            provider_form(self.house, self.serial),
            (site_form(self.house, self.serial),),
            by=self.cast.inspector,
        )
        form = AccountForm(" ".join(town.names.name()), (Role.MANAGER,), identity_number=town.names.number())
        operator = Actor.operator(town.municipality_id)
        account = open_account(session, form, by=operator, today=day)
        registry.add_member(session, self.provider, account.id, by=operator)
        self.manager = person(account, Role.MANAGER, provider_id=self.provider.id)
        paid_to(session, self.provider, self.serial, by=self.cast.maker, approver=self.cast.first, today=day)

    def begun(self, session: Session, day: date) -> None:
        """A draft with nothing shown yet."""
        self.registered(session, day)
        rulebook = self.town.rulebook
        draft = registry.start_application(session, self.provider, rulebook, "matching", by=self.manager)
        self.id = draft.id

    def sent(self, session: Session, day: date) -> None:
        """An application that is sent in, whole."""
        self.registered(session, day)
        self.id = applied(
            session, self.provider, self.town.rulebook, "matching", 20, by=self.manager, today=day
        ).id

    def asked_for_more(self, session: Session, day: date) -> None:
        """Something more is asked for."""
        registry.take_up(session, self.id, by=self.cast.inspector)
        registry.declare(session, self.id, has_conflict=False, by=self.cast.inspector, today=day)
        registry.request_supplement(
            session,
            self.id,
            "Beskriv hur en person med rullstol kommer in i lokalen.",
            day + timedelta(days=14),
            by=self.cast.inspector,
            today=day,
        )

    def half_reviewed(self, session: Session, day: date) -> None:
        """One of two has judged the first conditions."""
        by = self.cast.inspector
        registry.take_up(session, self.id, by=by)
        registry.declare(session, self.id, has_conflict=False, by=by, today=day)
        for condition in self._conditions(session)[:4]:
            registry.judge(session, self.id, condition.code, "met", condition.control, by=by, today=day)

    def proposed(self, session: Session, day: date) -> None:
        """Two have found all conditions met; the decision waits."""
        reviewed(session, self._row(session), (self.cast.inspector, self.cast.colleague), today=day)

    def accredited(self, session: Session, day: date) -> None:
        """Asked for, reviewed and accredited, all on a day."""
        self.sent(session, day)
        self.proposed(session, day)
        reasons = "Anordnaren uppfyller villkoren."
        registry.accredit(
            session, self._row(session), reasons=reasons, from_on=day, by=self.cast.secretary, today=day
        )
        keep_papers(self.town, self.id, day)

    def refused(self, session: Session, day: date) -> None:
        """One condition was not met."""
        registry.take_up(session, self.id, by=self.cast.inspector)
        for by in (self.cast.inspector, self.cast.colleague):
            registry.declare(session, self.id, has_conflict=False, by=by, today=day)
            for condition in self._conditions(session):
                verdict = "not_met" if condition.code == "staff" else "met"
                note = "Ingen av handledarna har visat utbildning." if verdict == "not_met" else ""
                registry.judge(
                    session, self.id, condition.code, verdict, condition.control, note, by=by, today=day
                )
        words = "Personalen uppfyller inte villkoret."
        registry.propose_outcome(session, self.id, "refuse", words, by=self.cast.inspector, today=day)
        registry.turn_down(
            session,
            self._row(session),
            "refused",
            reasons="Villkoret om personalens utbildning är inte uppfyllt.",
            by=self.cast.secretary,
            today=day,
        )

    def dismissed(self, session: Session, day: date) -> None:
        """The applicant was not the one it said."""
        registry.take_up(session, self.id, by=self.cast.inspector)
        words = "Den som sökte får inte företräda föreningen."
        registry.propose_outcome(session, self.id, "dismiss", words, by=self.cast.inspector, today=day)
        registry.turn_down(
            session, self._row(session), "dismissed", reasons=words, by=self.cast.secretary, today=day
        )

    def customer(self, session: Session, day: date) -> None:
        """Somebody chooses the provider, is received and begins, all on a day."""
        town = self.town
        person_id = registered(town, session, day)
        voucher = town.decide(session, person_id, "matching", "basic", day)
        shown: dict[str, object] = {"provider": self.house.name, "day": day.isoformat()}
        leg = choices.choose(
            session, voucher.id, self.provider.id, shown, by=self.cast.guide, at=dates.noon(day)
        )
        coach = self._coach(session, day)
        choices.accept(session, leg.id, by=coach, today=day)
        choices.start(session, leg.id, day, by=coach, today=day)

    def withdrew(self, session: Session, day: date) -> None:
        """The provider leaves on its own."""
        registry.withdraw(
            session, self.id, last_day=day, reasons="Vi lägger ner.", by=self.manager, today=day
        )

    def wound_down(self, session: Session, day: date) -> None:
        """Nobody is left there without a plan."""
        registry.wind_down(session, self.id, unplanned=0, by=self.cast.inspector)

    def closed(self, session: Session, day: date) -> None:
        """The tail of results is over."""
        words = "Alla deltagare har slutat."
        registry.close(session, self.id, reasons=words, running=0, by=self.cast.inspector, today=day)

    def revocation_asked(self, session: Session, day: date) -> None:
        """Staff propose to revoke."""
        words = "Lokalen var stängd vid tre besök."
        registry.propose_revocation(
            session, self.id, "conditions_not_met", words=words, by=self.cast.inspector, today=day
        )

    def revoked(self, session: Session, day: date) -> None:
        """The board has decided."""
        registry.revoke(
            session,
            self.id,
            reasons="Anordnaren har inte haft öppet för deltagarna.",
            meeting=Meeting(day, "§ 84"),
            last_day=day,
            by=self.cast.secretary,
            today=day,
        )

    def shut_by_the_chair(self, session: Session, day: date) -> None:
        """The chair could not wait for the board."""
        registry.revoke_provisionally(
            session,
            self.id,
            "false_information",
            reasons="Underlaget om personalen är förfalskat.",
            by=self.cast.chair,
            today=day,
        )

    def _row(self, session: Session) -> Accreditation:
        return session.get_one(Accreditation, (self.town.municipality_id, self.id))

    def _conditions(self, session: Session) -> tuple[Condition, ...]:
        row = self._row(session)
        return accreditation_terms(session, row.municipality_id, row.rulebook_id).conditions(row.service)

    def _coach(self, session: Session, day: date) -> Actor:
        if self.provider.id not in self.cast.coaches:
            names = self.town.names
            form = AccountForm(" ".join(names.name()), (Role.COACH,), identity_number=names.number())
            operator = Actor.operator(self.town.municipality_id)
            account = open_account(session, form, by=operator, today=day)
            registry.add_member(session, self.provider, account.id, by=operator)
            self.cast.coaches[self.provider.id] = person(account, Role.COACH, provider_id=self.provider.id)
        return self.cast.coaches[self.provider.id]


def put_in_lives(town: Town, first: date) -> None:
    """Put the providers' lives into the town's calendar; `first` is the town's first day."""
    today = town.today

    def ago(days: int) -> date:
        return dates.add_working_days(today - timedelta(days=days), 0)

    def months_ago(months: int) -> date:
        return dates.add_working_days(dates.add_months(today, -months), 0)

    draft, sent = Life(town, "Talgoxens Jobbhus", 41), Life(town, "Vitsippan Arbete", 42, "idea_based")
    town.on(ago(6), draft.begun)
    town.on(ago(3), sent.sent)
    more, half = Life(town, "Björkrisets Vägval", 43), Life(town, "Kornblixten Matchning", 44)
    town.on(ago(30), more.sent)
    town.on(ago(5), more.asked_for_more)
    town.on(ago(40), half.sent)
    town.on(ago(12), half.half_reviewed)
    waits = Life(town, "Ängsullets Förening", 45, "idea_based", "Sjösidan")
    town.on(ago(60), waits.sent)
    town.on(ago(7), waits.proposed)
    no, not_tried = Life(town, "Kråkrisets Bemanning", 46), Life(town, "Stenrosens Klubb", 47, "idea_based")
    town.on(ago(120), no.sent)
    town.on(ago(100), no.refused)
    town.on(ago(160), not_tried.sent)
    town.on(ago(150), not_tried.dismissed)

    quiet, quieter = Life(town, "Havtornets Coacher", 48), Life(town, "Alkärrets Jobbstudio", 49)
    town.on(months_ago(10), quiet.accredited)
    town.on(months_ago(14), quieter.accredited)
    shut = Life(town, "Rävlyans Utbildning", 50, area="Västerhöjd")
    town.on(months_ago(7), shut.accredited)
    town.on(ago(8), shut.shut_by_the_chair)

    left = Life(town, "Lindblommans Arbete", 51)
    town.on(ago(500), left.accredited)
    town.on(ago(4), left.withdrew)
    out = Life(town, "Brännässlans Jobb", 52)
    town.on(months_ago(9), out.accredited)
    for day in (200, 170):
        town.on(ago(day), out.customer)
    town.on(ago(45), out.revocation_asked)
    town.on(ago(10), out.revoked)
    tail = Life(town, "Mårdens Coachning", 53)
    town.on(months_ago(20), tail.accredited)
    town.on(months_ago(5), tail.withdrew)
    town.on(months_ago(5), tail.wound_down)
    gone = Life(town, "Gullvivans Arbetslivscenter", 54, "idea_based")
    town.on(first, gone.accredited)
    town.on(dates.add_months(first, 8), gone.withdrew)
    town.on(dates.add_months(first, 8), gone.wound_down)
    town.on(dates.add_months(first, 21), gone.closed)

    _houses_in_trouble(town, ago)
    _watched(town, months_ago)
    Renewal(town).put_in(months_ago, ago)


def _houses_in_trouble(town: Town, ago: Callable[[int], date]) -> None:
    """One of the houses is warned, one takes nobody new just now."""
    *_, second, last = town.accreditations.values()

    def warned(session: Session, day: date) -> None:
        registry.warn(
            session,
            last["matching"],
            reasons="Rapporterna för augusti och september kom sent.",
            due_on=day + timedelta(days=60),
            by=town.cast.inspector,
            today=day,
        )

    def full(session: Session, day: date) -> None:
        registry.stop_intake(
            session,
            second["matching"],
            reasons="Anordnaren flyttar och har ingen lokal i november.",
            by=town.cast.inspector,
            today=day,
        )

    town.on(ago(20), warned)
    town.on(ago(15), full)


def _watched(town: Town, months_ago: Callable[[int], date]) -> None:
    """The watch of the timetable, once a month in the past."""

    def look(session: Session, day: date) -> None:
        by = Actor.clock(town.municipality_id)
        watch(session, seen(session, town.municipality_id, day), by=by, today=day)

    for months in range(14, 0, -1):
        town.on(months_ago(months), look)
    town.on(town.today, look)


def keep_papers(town: Town, accreditation_id: int, given_on: date) -> None:
    """Put into the calendar that the papers which end are shown anew each year, in time."""
    day = dates.add_months(given_on, PAPERS_EVERY_MONTHS)
    while day <= town.today:
        town.on(day, partial(_new_papers, town, accreditation_id))
        day = dates.add_months(day, PAPERS_EVERY_MONTHS)


def _new_papers(town: Town, accreditation_id: int, session: Session, day: date) -> None:
    row = session.get_one(Accreditation, (town.municipality_id, accreditation_id))
    if row.state not in OPEN_STATES:
        return
    terms = accreditation_terms(session, row.municipality_id, row.rulebook_id)
    for condition in terms.conditions(row.service):
        if condition.valid_months:
            form = EvidenceForm("Nytt underlag för ett år till.", PAPER_FILE, valid_until(day, condition))
            registry.add_evidence(
                session, row.id, condition.code, form, by=town.cast.inspector, at=dates.noon(day)
            )


class Renewal:
    """A second kundval, whose conditions have changed: one provider has renewed, one is late, one is out."""

    def __init__(self, town: Town) -> None:
        self.town, self.cast = town, town.cast
        self.houses = list(town.cast.houses)[5:8]
        self.rulebook: Rulebook
        self.ids: list[int] = []

    def put_in(self, months_ago: Callable[[int], date], ago: Callable[[int], date]) -> None:
        """Put the kundval's year into the calendar."""
        self.due_on = ago(30)
        self.town.on(months_ago(7), self.began)
        self.town.on(months_ago(4), self.changed)
        self.town.on(months_ago(2), self.renewed)
        self.town.on(ago(6), self.expired)

    def began(self, session: Session, day: date) -> None:
        """Three providers are accredited under the first version."""
        operator = Actor.operator(self.town.municipality_id)
        self.rulebook = bring_in(session, INTRODUCTION, by=operator, today=day)
        for provider_id in self.houses:
            self.ids.append(self._accredited(session, provider_id, day, None))

    def changed(self, session: Session, day: date) -> None:
        """The board has decided on new conditions; everybody must apply again."""
        operator = Actor.operator(self.town.municipality_id)
        self.rulebook = bring_in(session, NEW_INTRODUCTION, by=operator, today=day)
        registry.require_reaccreditation(
            session,
            self.rulebook.id,
            self.due_on,
            reasons="Nämnden har beslutat om ett nytt villkor: lärare i svenska.",
            by=self.cast.secretary,
            today=day,
        )

    def renewed(self, session: Session, day: date) -> None:
        """The first shows what is new and is accredited again; the old runs off beside."""
        self._accredited(session, self.houses[0], day, self.ids[0])

    def expired(self, session: Session, day: date) -> None:
        """The second never applied again. The third has not either, but the board has not met on it yet."""
        registry.expire(
            session,
            self.ids[1],
            reasons="Anordnaren har inte ansökt på nytt.",
            meeting=Meeting(day, "§ 91"),
            last_day=day,
            by=self.cast.secretary,
            today=day,
        )

    def _accredited(self, session: Session, provider_id: int, day: date, replaces_id: int | None) -> int:
        provider = session.get_one(Provider, (self.town.municipality_id, provider_id))
        asked = applied(
            session,
            provider,
            self.rulebook,
            "introduction",
            15,
            replaces_id=replaces_id,
            by=self.cast.inspector,
            today=day,
        )
        reviewed(session, asked, (self.cast.inspector, self.cast.colleague), today=day)
        reasons = "Anordnaren uppfyller villkoren."
        registry.accredit(session, asked, reasons=reasons, from_on=day, by=self.cast.secretary, today=day)
        keep_papers(self.town, asked.id, day)
        return asked.id

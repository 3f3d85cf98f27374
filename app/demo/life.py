"""One provider of the demo, and each step of its life, by the actions that the pages call."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.demo.houses import ABOUT, MATCHING
from app.demo.people import (
    PAPER_FILE,
    House,
    applied,
    paid_to,
    person,
    provider_form,
    reviewed,
    site_form,
)
from app.demo.special import registered
from core import dates
from core.accounts import AccountForm, open_account
from core.actor import Actor, Role
from providers import actions as registry
from providers.actions import EvidenceForm, Meeting
from providers.models import Accreditation, Provider
from providers.queries.terms import accreditation_terms
from providers.rules import OPEN_STATES
from providers.rules.conditions import Condition, valid_until
from vouchers import actions as choices

if TYPE_CHECKING:
    from app.demo.town import Town

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

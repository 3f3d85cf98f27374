"""People of Exempelstad at every turn of a voucher: plans, letters, pauses, switches, no choice, ends."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.demo.people import assessed, person
from app.demo.special import customer, days_ago, months_told, registered
from core import dates
from core.actor import Account, Actor, Role
from vouchers import actions
from vouchers.actions.consents import ConsentForm
from vouchers.actions.letters import make_letter
from vouchers.actions.planning import MeetingForm, PartForm
from vouchers.models import Leg, Voucher
from vouchers.queries.non_choice import lines as proposed

if TYPE_CHECKING:
    from app.demo.town import Town

REASONS = "Personen har flyttat från kommunen."


class Turns:
    """What happens to each, put into the town's calendar by the actions that the pages call."""

    def __init__(self, town: Town) -> None:
        self.town = town

    @property
    def guide(self) -> Actor:
        """Who meets them all."""
        return self.town.cast.guide

    def put_in(self, first: date) -> None:
        """Put everybody in whose time began after `first`, when the town did."""
        today = self.town.today
        for day, what in (
            (days_ago(today, 75), self.paused),
            (days_ago(today, 130), self.switched),
            (months_before(today, 11), self.extended),
            (days_ago(today, 12), self.none_suits),
            (days_ago(today, 26), self.assigned),
            (days_ago(today, 15), self.waits_for_the_rule),
            (days_ago(today, 9), self.reminded),
            (days_ago(today, 40), self.lapsed),
            (days_ago(today, 33), self.revoked),
            (months_before(today, 22), self.closed),
            (days_ago(today, 5), self.declined),
            (days_ago(today, 6), self.received),
        ):
            if day > first:
                self.town.on(day, what)

    def _decided(self, session: Session, day: date, level: str = "basic") -> Voucher:
        return self.town.decide(session, registered(self.town, session, day), "matching", level, day)

    def _chosen(self, session: Session, voucher: Voucher, day: date) -> Leg:
        provider_id = self.town.first_provider
        shown = self.town.shown(provider_id, day)
        return actions.choose(session, voucher.id, provider_id, shown, by=self.guide, at=dates.noon(day))

    def _months(self, leg: Leg, day: date, until: date) -> None:
        for month, told_on in months_told(day, until):
            self.town.month(leg, month, told_on)

    def paused(self, session: Session, day: date) -> None:
        """Began, and is on parental leave since some weeks."""
        leg = customer(self.town, session, registered(self.town, session, day), "basic", self.guide, day)
        since = days_ago(self.town.today, 14)
        self._months(leg, day, dates.first_of_month(since))

        def pause(s: Session, when: date) -> None:
            back = when + timedelta(days=120)
            actions.pause(s, leg.voucher_id, when, back, "parental_leave", by=self.guide, today=when)

        self.town.on(since, pause)

    def switched(self, session: Session, day: date) -> None:
        """Began at the first provider, and went on to the second."""
        town = self.town
        leg = customer(town, session, registered(town, session, day), "enhanced", self.guide, day)
        left = days_ago(town.today, 45)
        self._months(leg, day, left + timedelta(days=40))
        other = list(town.cast.houses)[1]

        def go(s: Session, when: date) -> None:
            shown = town.shown(other, when)
            new = actions.switch(
                s, leg.voucher_id, other, shown, leaves=leg.id, by=self.guide, at=dates.noon(when)
            )
            town.on(dates.add_working_days(when, 1), lambda s, when: self._accept(s, new, when))
            town.on(dates.add_working_days(when, 8), lambda s, when: self._begin(s, new, when))

        town.on(left, go)

    def _accept(self, session: Session, leg: Leg, day: date) -> None:
        actions.accept(session, leg.id, by=self.town.cast.coaches[leg.provider_id], today=day)

    def _begin(self, session: Session, leg: Leg, day: date) -> None:
        actions.start(session, leg.id, day, by=self.town.cast.coaches[leg.provider_id], today=day)
        self._months(leg, day, self.town.today)

    def extended(self, session: Session, day: date) -> None:
        """A year is nearly over; a new assessment gives half a year more, with something new in it."""
        town = self.town
        person_id = registered(town, session, day)
        leg = customer(town, session, person_id, "enhanced", self.guide, day)
        self._months(leg, day, town.today)

        def extend(s: Session, when: date) -> None:
            found = assessed(s, person_id, town.rulebook.id, "matching", "basic", by=self.guide, today=when)
            form = actions.ExtensionForm(
                months=6,
                assessment_id=found.id if found else None,
                new_content="Praktik tre dagar i veckan på ett lager.",
                reasons="Är närmare arbete än förra gången, men inte framme.",
            )
            actions.extend(s, leg.voucher_id, form, by=self.guide, today=when)

        town.on(days_ago(town.today, 6), extend)

    def none_suits(self, session: Session, day: date) -> None:
        """Has said that nobody in the list suits; the guide has not called yet."""
        voucher = self._decided(session, day)

        def say(s: Session, when: date) -> None:
            words = "Jag behöver någon som kan ta emot på kvällen."
            actions.say_none_suits(s, voucher.id, ("hours",), words, by=self.guide, at=dates.noon(when))

        self.town.on(dates.add_working_days(day, 2), say)

    def assigned(self, session: Session, day: date) -> None:
        """Did not choose: the rule proposed, the guide confirmed, the provider has not answered."""
        voucher = self._decided(session, day)

        def confirm(s: Session, when: date) -> None:
            made = actions.propose_list(s, by=self.guide, today=when, seed="exempelstad")
            if made is None:
                return
            lines = proposed(s, made.municipality_id, made.id, viewer_id=self.guide.account_id)
            # Those that the watch is to find dormant get nobody.
            known = self.town.cast.houses
            answers = {
                line.id: actions.Answer(
                    line.provider_id if line.provider_id in known else self.town.first_provider
                )
                if line.voucher_id == voucher.id
                else actions.Answer(None, "Personen ringer vägledaren i morgon.")
                for line in lines
            }
            actions.confirm_list(s, made.id, answers, by=self.guide, at=dates.noon(when))

        self.town.on(dates.add_working_days(voucher.choose_by, 1), confirm)

    def waits_for_the_rule(self, session: Session, day: date) -> None:
        """The time to choose has passed; stands on the list that nobody has confirmed."""
        self._decided(session, day)
        self.town.on(self.town.today, self._list_of_today)

    def _list_of_today(self, session: Session, day: date) -> None:
        actions.propose_list(session, by=self.guide, today=day, seed="exempelstad i dag")

    def reminded(self, session: Session, day: date) -> None:
        """The window closes soon."""
        voucher = self._decided(session, day)
        make_letter(session, voucher.id, by=self.guide, at=dates.noon(day))

    def lapsed(self, session: Session, day: date) -> None:
        """Nobody chose, and the guide could not reach the person."""
        voucher = self._decided(session, day)

        def lapse(s: Session, when: date) -> None:
            words = "Har inte gått att nå på tre veckor."
            actions.lapse(s, voucher.id, words, by=self.guide, today=when)

        self.town.on(days_ago(self.town.today, 8), lapse)

    def revoked(self, session: Session, day: date) -> None:
        """Moved away before it began."""
        voucher = self._decided(session, day)
        self._chosen(session, voucher, day)

        def revoke(s: Session, when: date) -> None:
            actions.revoke(s, voucher.id, REASONS, by=self.guide, today=when)

        self.town.on(days_ago(self.town.today, 28), revoke)

    def closed(self, session: Session, day: date) -> None:
        """Broke off long ago; nothing more can be reported, and the guide has closed it."""
        town = self.town
        leg = customer(town, session, registered(town, session, day), "basic", self.guide, day)
        ended = day + timedelta(days=70)
        for month, told_on in months_told(day, ended + timedelta(days=40)):
            if month <= ended:
                town.month(leg, month, told_on)

        def end(s: Session, when: date) -> None:
            actions.end_service(s, leg.id, when, "interrupted", by=self.guide, today=when)

        def close(s: Session, when: date) -> None:
            actions.close(s, leg.voucher_id, unpaid=0, by=self.guide, today=when)

        town.on(ended, end)
        town.on(days_ago(town.today, 3), close)

    def declined(self, session: Session, day: date) -> None:
        """Chose a provider that said no, because it has an interest in the matter; chooses again."""
        voucher = self._decided(session, day)
        leg = self._chosen(session, voucher, day)
        coach = self.town.cast.coaches[leg.provider_id]

        def say_no(s: Session, when: date) -> None:
            actions.decline(s, leg.id, "conflict_of_interest", by=coach, today=when)

        self.town.on(dates.add_working_days(day, 1), say_no)

    def received(self, session: Session, day: date) -> None:
        """Has chosen and been welcomed; begins next week."""
        leg = self._chosen(session, self._decided(session, day), day)
        self.town.on(dates.add_working_days(day, 1), lambda s, when: self._accept(s, leg, when))

    # ── what the seekers to sign in as have ──────────────────────────────────────────────────────

    def letter_of(self, session: Session, voucher: Voucher, day: date) -> None:
        """The letter of somebody who is to choose, and the plan up to then."""
        make_letter(session, voucher.id, by=self.guide, at=dates.noon(day))
        actions.set_goal(
            session, voucher.participant_id, "Ett arbete där jag får träffa människor.", by=self.guide,
            today=day,
        )  # fmt: skip
        step = PartForm("participant", "Jämför anordnare och välj en.", voucher.choose_by)
        actions.add_part(session, voucher.participant_id, step, by=self.guide, today=day)

    def plan_of(self, session: Session, participant_id: int, account: Account, leg: Leg, day: date) -> None:
        """A plan with several actors, a three-party meeting, and a consent."""
        guide = self.guide
        actions.set_goal(session, participant_id, "Arbeta som snickare igen.", by=guide, today=day)
        for form in (
            PartForm("employment_service", "Skriver in dig och ser dina ansökningar.", day + timedelta(20),
                     contact="Exempelkontoret, 08-465 004 10"),
            PartForm("school", "Svenska två kvällar i veckan (sfi).", day + timedelta(30)),
        ):  # fmt: skip
            part = actions.add_part(session, participant_id, form, by=guide, today=day)
            if form.party == "employment_service":
                self.town.on(day + timedelta(18), partial(self._done, part.id))

        def meet(s: Session, when: date) -> None:
            follows = PartForm(
                "provider", "Ordnar två dagars praktik på en byggfirma.", when + timedelta(40),
                provider_id=leg.provider_id,
            )  # fmt: skip
            meeting = MeetingForm(
                "three_party", when, ("participant", "municipality", "provider"),
                "Praktiken ska vara inom gångavstånd från bussen.",
                follows,
            )  # fmt: skip
            actions.record_meeting(s, participant_id, meeting, by=guide, today=when)

        self.town.on(days_ago(self.town.today, 10), meet)
        by = person(account, Role.SEEKER, participant_id=participant_id)

        def consent(s: Session, when: date) -> None:
            form = ConsentForm("provider", "plan", provider_id=leg.provider_id)
            actions.give_consent(s, participant_id, form, by=by, at=dates.noon(when))

        self.town.on(days_ago(self.town.today, 9), consent)

    def _done(self, part_id: int, session: Session, day: date) -> None:
        actions.finish_part(session, part_id, by=self.guide, today=day)


def months_before(today: date, months: int) -> date:
    """The first working day from that many calendar months ago."""
    return dates.add_working_days(dates.add_months(today, -months), 0)

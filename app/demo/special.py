"""People of Exempelstad to sign in as, and the cases that give the staff something to do today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.demo.people import MUNICIPALITY_NAME, person
from app.demo.places import put_on_the_map
from app.demo.voice import put_in_voices
from core import dates
from core.actor import Account, Actor, Role
from core.identity import Protection
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Leg

if TYPE_CHECKING:
    from app.demo.town import Town


def put_in(town: Town) -> None:
    """Put the special cases into the town's calendar."""
    today = town.today
    four_months_ago = dates.add_working_days(dates.add_months(today, -4), 0)
    three_months_ago = dates.add_working_days(dates.add_months(today, -3), 0)
    town.on(days_ago(today, 20), lambda session, day: town.arrive(session, day, Protection.CONFIDENTIAL))
    town.on(four_months_ago, lambda session, day: _second_seeker(town, session, day))
    town.on(three_months_ago, lambda session, day: _returned(town, session, day))
    town.on(three_months_ago, lambda session, day: _withdrawn(town, session, day))
    town.on(days_ago(today, 17), lambda session, day: _late_to_choose(town, session, day))
    town.on(days_ago(today, 4), lambda session, day: _not_answered(town, session, day))
    town.on(today, lambda session, day: _first_seeker(town, session, day))
    put_on_the_map(town)
    put_in_voices(town)


def days_ago(today: date, days: int) -> date:
    """The first working day from so many days ago."""
    return dates.add_working_days(today - timedelta(days=days), 0)


def registered(town: Town, session: Session, day: date, account: Account | None = None) -> int:
    """A person whom the guide has met and registered. Gives their id."""
    given, family = account.name.split(" ", 1) if account else town.names.name()
    form = ParticipantForm(
        identity_number=town.names.number(),
        given_name=given,
        family_name=family,
        phone="070-174 06 05",
        street="Provgatan 7",
        postal_code="10002",
        town=MUNICIPALITY_NAME,
        account_id=account.id if account else None,
    )
    return actions.register_participant(session, form, by=town.cast.guide, today=day).id


def customer(town: Town, session: Session, participant_id: int, level: str, by: Actor, day: date) -> Leg:
    """Somebody who chose the first provider and began there, all in a day."""
    voucher = town.decide(session, participant_id, "matching", level, day)
    provider_id = town.first_provider
    leg = actions.choose(
        session, voucher.id, provider_id, town.shown(provider_id, day), by=by, at=dates.noon(day)
    )
    coach = town.cast.coaches[provider_id]
    actions.accept(session, leg.id, by=coach, today=day)
    actions.start(session, leg.id, day, by=coach, today=day)
    return leg


def months_told(first: date, until: date) -> list[tuple[date, date]]:
    """(month, the day it is told) of the months from `first` that are told before `until`."""
    found, month = [], dates.first_of_month(first)
    while (told_on := dates.add_working_days(dates.last_of_month(month), 2)) < until:
        found.append((month, told_on))
        month = dates.add_months(month, 1)
    return found


def _first_seeker(town: Town, session: Session, day: date) -> None:
    """Decided today; the choice is open."""
    participant_id = registered(town, session, day, town.accounts["sokande"])
    voucher = town.decide(session, participant_id, "matching", "basic", day)
    town.turns.letter_of(session, voucher, day)


def _second_seeker(town: Town, session: Session, day: date) -> None:
    """In the middle of the service; the last month's report waits for the guide."""
    account = town.accounts["sokande2"]
    participant_id = registered(town, session, day, account)
    by = person(account, Role.SEEKER, participant_id=participant_id)
    leg = customer(town, session, participant_id, "enhanced", by, day)
    *earlier, last = months_told(day, town.today)
    for month, told_on in earlier:
        town.month(leg, month, told_on)
    town.turns.plan_of(session, participant_id, account, leg, day)
    yesterday = days_ago(town.today, 3)
    town.on(max(last[1], yesterday), lambda s, when: town.tell(s, leg, last[0], when))


def _returned(town: Town, session: Session, day: date) -> None:
    """The last report was sent back with a comment."""
    leg = customer(town, session, registered(town, session, day), "basic", town.cast.guide, day)
    *earlier, last = months_told(day, town.today)
    for month, told_on in earlier:
        town.month(leg, month, told_on)

    def back(s: Session, when: date) -> None:
        report = town.tell(s, leg, last[0], when)
        actions.return_report(s, report.id, "Skriv vilka jobb ni sökte.", by=town.cast.guide, today=when)

    town.on(last[1], back)


def _withdrawn(town: Town, session: Session, day: date) -> None:
    """A report that was approved and paid, and then taken back: the next run claws it back."""
    leg = customer(town, session, registered(town, session, day), "basic", town.cast.guide, day)
    first, *later = months_told(day, town.today)
    for month, told_on in later:
        town.month(leg, month, told_on)

    def tell(s: Session, when: date) -> None:
        report = town.tell(s, leg, first[0], when)
        actions.approve_report(s, report.id, by=town.cast.guide, today=when)
        coach = town.cast.coaches[town.first_provider]
        town.on(days_ago(town.today, 2), lambda s, when: _take_back(s, report.id, coach, when))

    town.on(first[1], tell)


def _take_back(session: Session, report_id: int, coach: Actor, day: date) -> None:
    actions.withdraw_report(session, report_id, by=coach, today=day)


def _late_to_choose(town: Town, session: Session, day: date) -> None:
    """The time to choose has passed; somebody must call."""
    town.decide(session, registered(town, session, day), "matching", "basic", day)


def _not_answered(town: Town, session: Session, day: date) -> None:
    """Has chosen the first provider, which has not answered."""
    voucher = town.decide(session, registered(town, session, day), "matching", "basic", day)
    shown = town.shown(town.first_provider, day)
    actions.choose(session, voucher.id, town.first_provider, shown, by=town.cast.guide, at=dates.noon(day))

"""A small town to begin a test in: staff, two providers with their people, and a person with a voucher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from app.demo.people import (
    SIGN_INS,
    House,
    Names,
    accredited_provider,
    assessed,
    municipality,
    person,
    rulebook,
    staff,
)
from core import dates
from core.actor import Actor
from core.database import Database
from providers.actions import add_member
from tests.support.kept import filled
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Voucher

DECIDED_ON = date(2026, 3, 2)
HOUSES = (
    House("Stigfinnarna", "private", "Centrum", ("sv", "en"), "Vi söker jobb tillsammans.", "Together.",
          ("matching", "preparatory"), 20, 50),
    House("Lyktvägen", "idea_based", "Norrängen", ("sv", "so"), "Vi går i lugn takt.", "At a calm pace.",
          ("matching",), 10, 50),
)  # fmt: skip
WORKPLACES = {"handledare": 0, "chef": 0, "handledare2": 1}
SEEKERS = ("sokande", "sokande2")


@dataclass(frozen=True)
class Town:
    """Who lives there. Everybody signs in with `app.demo.people.SIGN_INS` and its password.

    `provider_id` is where `coach` and `manager` work, `other_provider_id` where `other_coach` does. The
    seeker has the voucher, decided on `decided_on` and not chosen for; the other seeker has none.
    """

    municipality_id: int
    decided_on: date
    rulebook_id: int
    provider_id: int
    other_provider_id: int
    participant_id: int
    other_participant_id: int
    identity_number: str
    voucher_id: int
    actors: dict[str, Actor]
    identity_numbers: dict[str, str]

    @property
    def seeker(self) -> Actor:
        return self.actors["sokande"]

    @property
    def other_seeker(self) -> Actor:
        return self.actors["sokande2"]

    @property
    def coach(self) -> Actor:
        return self.actors["handledare"]

    @property
    def manager(self) -> Actor:
        return self.actors["chef"]

    @property
    def other_coach(self) -> Actor:
        return self.actors["handledare2"]

    @property
    def guide(self) -> Actor:
        return self.actors["vagledare"]

    @property
    def inspector(self) -> Actor:
        return self.actors["granskare"]

    @property
    def other_inspector(self) -> Actor:
        return self.actors["granskare2"]

    @property
    def chair(self) -> Actor:
        return self.actors["ordforande"]

    @property
    def newcomer(self) -> Actor:
        """A manager who works for no provider yet."""
        return self.actors["nyanordnare"]

    @property
    def secretary(self) -> Actor:
        return self.actors["sekreterare"]

    @property
    def maker(self) -> Actor:
        return self.actors["ekonom"]

    @property
    def signer(self) -> Actor:
        return self.actors["attest1"]

    @property
    def other_signer(self) -> Actor:
        return self.actors["attest2"]

    @property
    def administrator(self) -> Actor:
        return self.actors["admin"]

    def chosen(self, session: Session, on: date | None = None) -> int:
        """The seeker has chosen the first provider. Gives the leg's id."""
        shown: dict[str, object] = {"provider": {"name": HOUSES[0].name}}
        at = noon(on or self.decided_on)
        return actions.choose(session, self.voucher_id, self.provider_id, shown, by=self.seeker, at=at).id

    def started(self, session: Session, on: date | None = None) -> int:
        """The seeker has chosen, been received and started, all on one day. Gives the leg's id."""
        day = on or self.decided_on
        leg_id = self.chosen(session, day)
        actions.accept(session, leg_id, by=self.coach, today=day)
        actions.start(session, leg_id, day, by=self.coach, today=day)
        return leg_id

    def reported(self, session: Session, leg_id: int, month: date, *, approved: bool = True) -> int:
        """A month's report, handed in and approved on its last day. Gives its id."""
        day = dates.last_of_month(month)
        report = actions.submit_report(session, leg_id, report_form(month), by=self.coach, today=day)
        if approved:
            actions.approve_report(session, report.id, by=self.guide, today=day)
        return report.id


def report_form(month: date, **changes: object) -> actions.ReportForm:
    """A month as a coach would tell it."""
    minutes = int(str(changes.get("activity_minutes", 1_200)))
    told: dict[str, object] = {
        "month": month,
        "activity_minutes": 1_200,
        "meetings": 4,
        "physical_meetings": 2,
        "progress": "Har sökt fem jobb och varit på en intervju.",
        "next_step": "Ringa två arbetsgivare.",
        "next_step_on": dates.last_of_month(month),
        "booked_minutes": max(1_320, minutes),
        "physical_minutes": max(0, min(700, minutes)),
        "activities": ("guidance", "job_search"),
        "against_plan": "as_planned",
    }
    return actions.ReportForm(**{**told, **changes})  # type: ignore[arg-type]  # a test may say wrong things


def noon(day: date) -> datetime:
    """The middle of a Swedish day, as a moment."""
    return datetime.combine(day, time(12), dates.HOME)


def found(database: Database, *, decided_on: date = DECIDED_ON, municipality_id: int = 1) -> Town:
    """Make the town, with everything decided long enough ago to be in force on `decided_on`."""

    def fill() -> Town:
        with database.transaction(municipality_id) as session:
            return found_in(session, decided_on, municipality_id)

    return filled(database, ("town", decided_on, municipality_id), fill)


def found_in(session: Session, decided_on: date, municipality_id: int) -> Town:
    """The same, within a transaction."""
    long_ago, names = decided_on - timedelta(days=60), Names(municipality_id)
    operator = municipality(session, municipality_id)
    book = rulebook(session, by=operator, today=long_ago)
    numbers = {row.user_name: names.number() for row in SIGN_INS}
    accounts, actors = {}, {}
    for row in SIGN_INS:
        accounts[row.user_name], actors[row.user_name] = staff(
            session, row, numbers[row.user_name], by=operator, today=long_ago
        )
    providers = [
        accredited_provider(
            session,
            house,
            serial,
            book,
            inspector=actors["granskare"],
            colleague=actors["granskare2"],
            secretary=actors["sekreterare"],
            maker=actors["ekonom"],
            signer=actors["attest1"],
            today=long_ago,
        )
        for serial, house in enumerate(HOUSES, 1)
    ]
    roles = {row.user_name: row.role for row in SIGN_INS}
    for name, place in WORKPLACES.items():
        add_member(session, providers[place], accounts[name].id, by=operator)
        actors[name] = person(accounts[name], roles[name], provider_id=providers[place].id)
    participants = {}
    for name in SEEKERS:
        given, family = accounts[name].name.split(" ")
        form = ParticipantForm(
            identity_number=numbers[name],
            given_name=given,
            family_name=family,
            phone="070-174 06 05",
            street="Provgatan 7",
            postal_code="10002",
            town="Exempelstad",
            account_id=accounts[name].id,
        )
        participant = actions.register_participant(session, form, by=actors["vagledare"], today=decided_on)
        participants[name] = participant.id
        actors[name] = person(accounts[name], roles[name], participant_id=participant.id)
    voucher = decided(
        session,
        participants["sokande"],
        voucher_form(book.id),
        by=actors["vagledare"],
        today=decided_on,
    )
    return Town(
        municipality_id=municipality_id,
        decided_on=decided_on,
        rulebook_id=book.id,
        provider_id=providers[0].id,
        other_provider_id=providers[1].id,
        participant_id=participants["sokande"],
        other_participant_id=participants["sokande2"],
        identity_number=numbers["sokande"],
        voucher_id=voucher.id,
        actors=actors,
        identity_numbers=numbers,
    )


def voucher_form(
    rulebook_id: int, service: str = "matching", level: str = "basic", months: int = 12
) -> actions.VoucherForm:
    """A guide's decision."""
    return actions.VoucherForm(
        rulebook_id, service, level, months, "Bedömt vid möte.", target_group="economic_assistance"
    )


def decided(
    session: Session, participant_id: int, form: actions.VoucherForm, *, by: Actor, today: date
) -> Voucher:
    """The guide has met the person the same day, and decides as found there."""
    assessed(session, participant_id, form.rulebook_id, form.service, form.level, by=by, today=today)
    return actions.decide_voucher(session, participant_id, form, by=by, today=today)

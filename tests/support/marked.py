"""A protected person with unmistakable marks in every field, who goes through everything that can happen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.demo.people import (
    Names,
    SignInRow,
    accredited_provider,
    organisation_number,
    person,
    staff,
)
from core.accounts import AccountForm, open_account
from core.actor import Actor, Role
from core.database import Database
from core.identity import Protection
from core.rulebooks import Rulebook
from payouts.actions.batches import Debtor
from providers.actions import add_member
from tests.support.bank import MUNICIPALITY_BIC, MUNICIPALITY_IBAN
from tests.support.town import HOUSES, Town, decided, found, noon, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm

TOKEN = "zqxjvk"
"""In every name and text that is the person's own. So long that no drawn key or seal holds it by chance."""
GIVEN, FAMILY = "Zelmazqxjvk", "Brantzqxjvk"
PHONE, EMAIL = "070-174 06 97", "zelmazqxjvk@example.org"
STREET, POSTAL_CODE, TOWN = "Zqxjvkgatan 77", "99876", "Zqxjvkhamn"
NEIGHBOURS = 14
FIRST_DAY = date(2026, 3, 2)
TODAY = date(2026, 11, 20)
DEBTOR = Debtor("Exempelstad", organisation_number(2120), MUNICIPALITY_IBAN, MUNICIPALITY_BIC)


@dataclass
class Marked:
    """The town, the person in it, and who may and may not know.

    `insiders` are those at the municipality and the providers who work with the person, by what they are;
    `outsiders` everybody else. Both by a name for messages.
    """

    database: Database
    town: Town
    protection: Protection
    identity_number: str = ""
    participant_id: int = 0
    code: str = ""
    employer_code: str = ""
    me: Actor | None = None
    insiders: dict[str, Actor] = field(default_factory=dict)
    outsiders: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names(4711))

    @property
    def guide(self) -> Actor:
        return self.insiders["own guide"]

    @contextmanager
    def doing(self) -> Iterator[Session]:
        with self.database.transaction(self.town.municipality_id) as session:
            yield session

    def colleague(self, session: Session, name: str, role: Role, provider_id: int | None = None) -> Actor:
        """Somebody more with that role, who works there."""
        row = SignInRow(name.replace(" ", "_"), role, f"Test {name.capitalize()}", "")
        operator = Actor.operator(self.town.municipality_id)
        account, _ = staff(session, row, self.names.number(), by=operator, today=FIRST_DAY)
        if provider_id is not None:
            provider = session.get_one(_provider(), (self.town.municipality_id, provider_id))
            add_member(session, provider, account.id, by=operator)
        return person(account, role, provider_id=provider_id)


def _provider() -> Any:
    from providers.models import Provider  # noqa: PLC0415  # one name of many

    return Provider


def words(what: str) -> str:
    """A text that is the person's own."""
    return f"{TOKEN}-{what}: något som ingen annan får läsa."


def founded(database: Database, protection: Protection) -> Marked:
    """The town, with the person just registered in it."""
    world = Marked(database, found(database, decided_on=FIRST_DAY), protection)
    town = world.town
    with world.doing() as session:
        third = accredited_provider(
            session,
            replace(HOUSES[1], name="Tredje Huset"),
            3,
            session.get_one(Rulebook, (1, town.rulebook_id)),
            inspector=town.inspector,
            colleague=town.other_inspector,
            secretary=town.secretary,
            maker=town.maker,
            signer=town.signer,
            today=date(2026, 1, 2),
        )
        second = world.colleague(session, "second manager", Role.MANAGER, town.other_provider_id)
        world.insiders = {
            "own guide": town.guide,
            "first manager": town.manager,
            "named coach": town.coach,
            "second manager": second,
        }
        world.outsiders = {
            "other guide": world.colleague(session, "other guide", Role.GUIDE),
            "inspector": town.inspector,
            "secretary": town.secretary,
            "chair": town.chair,
            "maker": town.maker,
            "signer": town.signer,
            "administrator": town.administrator,
            "other seeker": town.other_seeker,
            "colleague of the coach": world.colleague(session, "coach two", Role.COACH, town.provider_id),
            "coach who is not named": town.other_coach,
            "manager elsewhere": world.colleague(session, "third manager", Role.MANAGER, third.id),
            "coach elsewhere": world.colleague(session, "third coach", Role.COACH, third.id),
            "newcomer": town.newcomer,
        }
        world.ids["third"] = third.id
        world.identity_number = world.names.number()
        account = open_account(
            session,
            AccountForm(
                f"{GIVEN} {FAMILY}", (Role.SEEKER,), identity_number=world.identity_number, email=EMAIL
            ),
            by=Actor.operator(1),
            today=FIRST_DAY,
        )
        form = ParticipantForm(
            world.identity_number,
            GIVEN,
            FAMILY,
            phone=PHONE,
            email=EMAIL,
            street=STREET,
            postal_code=POSTAL_CODE,
            town=TOWN,
            account_id=account.id,
        )
        row = actions.register_participant(session, form, by=town.guide, today=FIRST_DAY)
        world.participant_id = row.id
        world.me = person(account, Role.SEEKER, participant_id=row.id)
        other = decided(
            session, town.other_participant_id, voucher_form(town.rulebook_id), by=town.guide, today=FIRST_DAY
        )
        actions.choose(session, other.id, town.provider_id, {}, by=town.other_seeker, at=noon(FIRST_DAY))
        actions.set_protection(session, row.id, world.protection, by=town.guide)
    return world

"""More of a town's history, made by the real actions: people who have left a provider, and more providers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.demo.people import House, Names, accredited_provider, organisation_number
from core import audit, database
from core.actor import Actor
from core.database import fetch
from core.rulebooks import Rulebook
from providers.models import Accreditation
from providers.rules import ENDED_STATES
from providers.rules import accreditation as lives
from tests.support.town import HOUSES, Town, decided, noon, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm

HOUSE = House(
    "Provhuset", "private", "Västerhöjd", ("sv", "fi"), "Vi provar.", "We try.", ("matching",), 5, 50
)


class History:
    """Adds to a town. `names` draws people that nobody else has drawn."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.names = Names(4711)

    def left(self, session: Session, how: str = "", *, service: str = "matching", own: bool = True) -> int:
        """Somebody who began and left the first provider (`own`) or the other; gives the leg's id.

        `how` is verified, claimed, rejected, withdrawn, or empty for no result at all.
        """
        town, day = self.town, self.town.decided_on - timedelta(days=40)
        coach = town.coach if own else town.other_coach
        given, family = self.names.name()
        form = ParticipantForm(self.names.number(), given, family)
        person = actions.register_participant(session, form, by=town.guide, today=day)
        level = "single" if service == "preparatory" else "basic"
        decision = voucher_form(town.rulebook_id, service, level, 6)
        voucher = decided(session, person.id, decision, by=town.guide, today=day)
        provider_id = town.provider_id if own else town.other_provider_id
        leg = actions.choose(session, voucher.id, provider_id, {}, by=town.guide, at=noon(day))
        actions.accept(session, leg.id, by=coach, today=day)
        actions.start(session, leg.id, day, by=coach, today=day)
        last = day + timedelta(days=30)
        if not how:
            actions.end_service(session, leg.id, last, "time_out", by=coach, today=last)
            return leg.id
        told = actions.OutcomeForm("work", last, last, 100, employer_number=organisation_number(7001))
        outcome = actions.claim_outcome(session, leg.id, told, by=coach, today=last)
        if how in ("verified", "rejected"):
            from app.demo.bank import check_of  # noqa: PLC0415  # the demo's way to the check

            check = check_of(session, town.municipality_id, outcome.id, "result")
            assert check is not None
            passed = how == "verified"
            actions.judge_check(
                session, check.id, passed=passed, source="payslip" if passed else None,
                refusal_code=None if passed else "no_evidence", by=town.guide, today=last,
            )  # fmt: skip
        if how == "withdrawn":
            actions.withdraw_outcome(session, outcome.id, by=coach, today=last)
        return leg.id

    def crowd(self, session: Session, good: int, people: int, *, own: bool = True) -> None:
        """So many have left, so many of them with a verified result."""
        for number in range(people):
            self.left(session, "verified" if number < good else "", own=own)

    def provider(self, session: Session, serial: int, **changes: object) -> int:
        """One more accredited provider. Gives its id."""
        house = replace(HOUSE, name=f"Provhuset {serial}", **changes)  # type: ignore[arg-type]  # kwargs
        town = self.town
        book = fetch(session, Rulebook, town.municipality_id, town.rulebook_id)
        made = accredited_provider(
            session, house, len(HOUSES) + serial, book, inspector=town.inspector,
            colleague=town.other_inspector,
            secretary=town.secretary, maker=town.maker, signer=town.signer,
            today=town.decided_on - timedelta(days=60),
        )  # fmt: skip
        return made.id


def put(session: Session, provider_id: int, event_: str, *, to_on: date | None = None) -> None:
    """Take a provider's accreditations a step on in their life, as the registry's own machine does."""
    for row in session.query(Accreditation).filter_by(provider_id=provider_id):
        by = Actor.operator(row.municipality_id)
        row.state, row.to_on = lives.after(row.state, event_), to_on
        if row.state in ENDED_STATES:
            row.to_on, row.ended_by, row.end_reason = to_on or row.from_on, row.decided_by, "own_request"
        audit.record(session, f"accreditation.{event_}", row, by=by)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that the app sends to its database meanwhile, begin and commit apart."""
    sent: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            sent.append(statement)

    def glance(session: Session, sql: str) -> tuple[Any, ...] | None:
        sent.append(sql)
        return asked(session, sql)

    engine, asked = app.extensions["database"].engine, database.glance
    event.listen(engine, "before_cursor_execute", hear)
    with patch.object(database, "glance", glance):
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", hear)

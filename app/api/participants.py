"""The provider's people: who they are, yes and no, the first day and the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app.api import answers, shapes
from app.api.door import caller, part
from app.api.rows import Asked, page
from app.api.schemas import DECLINE, END, N_, START, ListQuery, form_of
from app.provider.views.door import note_reading, own
from app.web import reading
from core import dates
from core.actor import Actor
from core.database import fetch
from vouchers import actions
from vouchers.models import Leg, Participant, Voucher
from vouchers.queries.workload import Served

TAG = N_("Deltagare")
Said = Mapping[str, Any]


@part.operation(
    "/participants", "read", N_("Era deltagare"),
    query=ListQuery, gives=shapes.page_of(shapes.Participant), tag=TAG,
    text=N_("De som har valt er, går hos er eller har gått hos er."),
)  # fmt: skip
def participants(said: Said) -> dict[str, Any]:
    """The provider's people, in the order they came."""
    by = caller().actor
    with reading() as look:
        found = page(look, Leg, Asked.of(said), by=by)
    items = [
        _plain(leg, voucher, None if person.is_protected else person.name, person.is_protected)
        for leg, _leg, voucher, person in found.items
    ]
    return listed(items, found)


def listed(items: list[dict[str, Any]], found: Any) -> dict[str, Any]:
    """A page as it is given."""
    return {
        "items": items,
        "next": None if found.next is None else str(found.next),
        "as_of": found.as_of,
    }


def _plain(leg: Leg, voucher: Voucher, name: str | None, is_protected: bool) -> dict[str, Any]:
    columns = ("id", "chosen_on", "start_by", "accepted_on", "started_on", "ended_on", "end_reason")
    moments = [one for one in (leg.updated_at, voucher.updated_at) if one is not None]
    return {column: getattr(leg, column) for column in columns} | {
        "name": name,
        "is_protected": is_protected,
        "state": voucher.state,
        "service": voucher.service,
        "level": voucher.level,
        "updated_at": max(moments, default=None),
    }


@part.operation(
    "/participants/<int:leg_id>", "read", N_("En deltagare"), gives=shapes.ParticipantWhole, tag=TAG
)
def participant(leg_id: int) -> dict[str, Any]:
    """One of the provider's people, with the words that may be told of them."""
    with reading() as look:
        person = own(look, leg_id)
        leg = fetch(look, Leg, caller().actor.municipality_id, leg_id)
        voucher = fetch(look, Voucher, leg.municipality_id, leg.voucher_id)
        name = fetch(look, Participant, leg.municipality_id, person.participant_id).name
    note_reading(person)
    return _plain(leg, voucher, name, person.is_protected) | _choices(person)


def _choices(person: Served) -> dict[str, Any]:
    locale, terms = str(get_locale()), person.terms
    activities = terms.reports.activities if terms.reports else ()
    return {
        "answer_by": person.answer_by,
        "paused_from": person.paused_from,
        "activities": [{"code": one.code, "title": one.title(locale)} for one in activities],
        "decline_reasons": [{"code": one.code, "title": one.title(locale)} for one in terms.refusal_reasons],
        "outcomes": list(person.offer.outcomes),
    }


Step = Callable[[Session, Actor], Leg]


def _step(leg_id: int, step: Step) -> Response:
    """Do something with one of the provider's people, and say how the voucher then stands."""

    def work(session: Session) -> tuple[dict[str, Any], int]:
        own(session, leg_id)
        by = caller().actor
        leg = step(session, by)
        voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
        return {"id": str(leg.id), "state": voucher.state, "is_late": None}, 200

    return answers.once(work)


@part.operation(
    "/participants/<int:leg_id>/accept", "report", N_("Ta emot personen"), gives=shapes.Receipt, tag=TAG
)
def accept(leg_id: int) -> Response:
    """Say yes."""
    return _step(leg_id, lambda session, by: actions.accept(session, leg_id, by=by, today=dates.today()))


@part.operation(
    "/participants/<int:leg_id>/decline", "report", N_("Tacka nej till personen"),
    sends=form_of("DeclineForm", DECLINE), gives=shapes.Receipt, tag=TAG,
    text=N_("Skälen står i decline_reasons hos deltagaren."),
)  # fmt: skip
def decline(said: Said, leg_id: int) -> Response:
    """Say no, for a reason of the rulebook."""

    def step(session: Session, by: Actor) -> Leg:
        reason = answers.read(DECLINE, said)["reason"] or None
        return actions.decline(session, leg_id, reason, by=by, today=dates.today())

    return _step(leg_id, step)


@part.operation(
    "/participants/<int:leg_id>/start", "report", N_("Insatsen har startat"),
    sends=form_of("StartForm", START), gives=shapes.Receipt, tag=TAG,
)  # fmt: skip
def start(said: Said, leg_id: int) -> Response:
    """The service has begun."""

    def step(session: Session, by: Actor) -> Leg:
        day = answers.read(START, said)["started_on"]
        return actions.start(session, leg_id, day, by=by, today=dates.today())

    return _step(leg_id, step)


@part.operation(
    "/participants/<int:leg_id>/end", "report", N_("Insatsen är slut"),
    sends=form_of("EndForm", END), gives=shapes.Receipt, tag=TAG,
    text=N_("Ledde insatsen till arbete eller studier? Anmäl ett resultat i stället."),
)  # fmt: skip
def end(said: Said, leg_id: int) -> Response:
    """The service is over."""

    def step(session: Session, by: Actor) -> Leg:
        told = answers.read(END, said)
        return actions.end_service(
            session, leg_id, told["ended_on"], told["reason"], by=by, today=dates.today()
        )

    return _step(leg_id, step)

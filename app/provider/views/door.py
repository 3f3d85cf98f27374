"""The provider's portal: its blueprint, and whose people it may see."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, after_this_request, redirect, request, url_for
from sqlalchemy.orm import Session

from app.ids import only_real
from app.web import actor, municipality_id, writing
from core import audit, dates
from core.actor import Role
from core.refusal import Missing
from vouchers.models import Participant
from vouchers.queries import workload
from vouchers.queries.workload import Served

portal = only_real(Blueprint("provider", __name__, url_prefix="/provider"))


def workplace() -> int:
    """The provider that the signed-in person works for. Raises Missing when there is none.

    A manager who has not entered an organisation yet is led to where that is done.
    """
    found = actor().provider_id
    if found is None and request.method == "GET" and actor().has(Role.MANAGER):
        abort(redirect(url_for("provider.apply_organisation")))
    if found is None:
        raise Missing()
    return found


def own(session: Session, leg_id: int) -> Served:
    """One of the provider's own people; Missing to everybody else.

    To a colleague who may not know a protected person too, and that is noted.
    """
    person = workload.own(session, municipality_id(), workplace(), leg_id, viewer=actor())
    if not person.opens:
        _note_when_done(person, "participant.read_refused")
        raise Missing()
    return person


def _note_when_done(person: Served, what: str) -> None:
    """Note it when the view has closed what it had open."""
    by, page = actor(), request.endpoint
    subject = audit.Subject(Participant.__tablename__, person.participant_id)

    @after_this_request
    def note(response: Response) -> Response:
        with writing() as session:
            audit.record(session, what, subject, by=by, page=page)
        return response


def note_reading(person: Served) -> None:
    """Reading about a person with protected identity leaves a trace."""
    if person.is_protected and request.method == "GET":
        subject = audit.Subject(Participant.__tablename__, person.participant_id)
        with writing() as session:
            audit.record(session, "participant.read", subject, by=actor(), page=request.endpoint)


def month_of(code: int) -> date:
    """The month that 202604 means; Missing when it means none."""
    if not (190001 <= code <= 999912 and 1 <= code % 100 <= 12):
        raise Missing()
    return dates.month_of(code)

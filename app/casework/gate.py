"""The door to a person's pages. Protected people are for their own guide only, and each reading is noted."""

from __future__ import annotations

from typing import Any

from flask import abort, make_response, render_template, request

from app.web import actor, writing
from core import audit
from vouchers.models import Participant
from vouchers.queries.cases import read_of
from vouchers.rules.secrecy import may_know


def enter(participant: Participant, guide: str, page: str) -> None:
    """Let the reader in, or answer 403 and say whom to contact. Notes who read of a protected person."""
    if not participant.is_protected:
        return
    welcome = may_know(actor().account_id, participant.guide_id, participant.protection)
    if request.method == "GET" or not welcome:
        what = "participant.read" if welcome else "participant.read_refused"
        with writing() as session:
            audit.record(session, what, read_of(participant.id), by=actor(), page=page)
    if not welcome:
        abort(make_response(render_template("casework/protected.html", guide=guide), 403))


def may_find(row: Any) -> bool:
    """Whether a search may tell of the person it found (participant_id, guide_id, protection).

    A protected person of another guide is to the searcher as if nobody were there; that is noted.
    """
    if may_know(actor().account_id, row.guide_id, row.protection):
        return True
    with writing() as session:
        audit.record(
            session, "participant.read_refused", read_of(row.participant_id), by=actor(), page="search"
        )
    return False

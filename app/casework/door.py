"""Whom an accreditation's pages let in, among staff."""

from __future__ import annotations

from flask import abort, make_response, render_template
from sqlalchemy.orm import Session

from app.web import actor, municipality_id
from core.database import fetch
from core.refusal import Missing
from providers.models import Accreditation
from providers.queries import applying as asked
from providers.rules import APPLYING_STATES, TURNED_DOWN_STATES


def entered(session: Session, accreditation_id: int) -> Accreditation:
    """The accreditation, for staff who may handle it. Applications have their own pages: Missing.

    Who has declared a conflict of interest meets a page that says so.
    """
    found = fetch(session, Accreditation, municipality_id(), accreditation_id)
    if found.state in (*APPLYING_STATES, *TURNED_DOWN_STATES):
        raise Missing()
    said = asked.declaration(session, found, actor().account_id)
    if said is not None and said.has_conflict:
        page = render_template("casework/application_conflict.html", declared_on=said.declared_on)
        abort(make_response(page, 403))
    return found

"""Who at the provider works with a person."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.provider.views.door import own, portal
from app.web import actor, open_to, reading, writing
from core.actor import Role
from vouchers import actions


@portal.post("/participants/<int:leg_id>/coach")
@open_to(Role.MANAGER)
def coach(leg_id: int) -> Response:
    """A manager names the coach for a person."""
    with reading() as session:
        own(session, leg_id)
    with writing() as session:
        actions.name_coach(session, leg_id, request.form.get("coach", 0, int), by=actor())
    flash(_("Handledaren är utsedd."), "success")
    return redirect(url_for("provider.participant", leg_id=leg_id))

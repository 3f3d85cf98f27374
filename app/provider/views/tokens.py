"""Keys for the provider's own systems: made, shown once, and taken away."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.api.models import SCOPES
from app.api.tokens import make_token, of_provider, revoke_token
from app.provider.token_forms import TokenForm
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role


@portal.route("/tokens", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def tokens() -> tuple[str, int]:
    """The keys there are, and a new one: it stands in the answer, this once."""
    provider_id, today, form, fresh = workplace(), dates.today(), TokenForm(), None
    if form.validate_on_submit():
        with refused(form), writing() as session:
            made, key = make_token(session, form.read(), by=actor(), today=today)
            fresh = (made, key)
        if fresh:
            form = TokenForm(formdata=None)
    with reading() as session:
        rows = of_provider(session, municipality_id(), provider_id)
    return shown("provider/tokens.html", form, rows=rows, fresh=fresh, scopes=SCOPES, today=today)


@portal.post("/tokens/<int:token_id>/revoke")
@open_to(Role.MANAGER)
def revoke_key(token_id: int) -> Response:
    """The key opens nothing from now on."""
    workplace()
    with writing() as session:
        revoke_token(session, token_id, by=actor(), today=dates.today())
    flash(_("Nyckeln är borttagen. Den öppnar inget längre."), "success")
    return redirect(url_for("provider.tokens"))

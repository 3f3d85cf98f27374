"""Closed years: which are, and closing the next."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.finance.views.door import portal
from app.web import actor, municipality_id, open_to, reading, writing
from core import dates
from core.actor import Role
from core.refusal import Refusal
from payouts.actions.years import close_year
from payouts.queries.years import closed_years, next_to_close


@portal.route("/years", methods=["GET", "POST"])
@open_to(Role.MAKER, Role.SIGNER)
def years() -> str | Response:
    """Every closed year; a signer closes the oldest open one."""
    if request.method == "POST":
        try:
            year = int(request.form.get("year", ""))
        except ValueError:  # somebody has changed the field
            raise Refusal(
                "year_not_over", "Året är inte slut. Stäng det när det är över.", status=422
            ) from None
        with writing() as session:
            close_year(session, year, by=actor(), at=dates.now())
        flash(_("Året %(year)s är stängt.", year=year), "success")
        return redirect(url_for("finance.years"))
    with reading() as session:
        rows = closed_years(session, municipality_id())
        following = next_to_close(session, municipality_id(), dates.today())
    return render_template(
        "finance/years.html", rows=rows, following=following, may_close=actor().has(Role.SIGNER)
    )

"""Where the provider is paid: the number in use, a new one on its way, and every one before."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.provider.forms import BankForm
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from payouts.queries.desk import cooling_off_days
from providers import actions
from providers.models import Provider
from providers.models.registry import NOT_KEPT
from providers.queries import bank as asked
from providers.rules.bank import first_use_on


@portal.route("/bank", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def bank() -> tuple[str, int] | Response:
    """The number in use and the one that waits. Managers may propose a new one."""
    form, today = BankForm(), dates.today()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                provider = fetch(session, Provider, municipality_id(), workplace())
                kind, number = form.read()
                actions.propose_bank_details(session, provider, kind, number, by=actor(), today=today)
            flash(_("Det nya numret är lämnat. Nu ringer kommunen er."), "success")
            return redirect(url_for("provider.bank"))
    with reading() as session:
        rows = asked.history(session, municipality_id(), workplace())
        days = cooling_off_days(session, municipality_id(), today)
        known = asked.contacts(session, municipality_id(), [workplace()]).get(workplace(), [])
    newest, used = asked.newest_approved(rows), asked.in_use(rows, days, today)
    return shown(
        "provider/bank.html",
        form,
        rows=rows,
        waiting=next((one for one in rows if one.is_waiting), None),
        used=used,
        cooling=newest if newest != used else None,
        first_use={one.id: first_use_on(one.approved.on, days) for one in rows if one.approved},
        cooling_off_days=days,
        known=known,
        may_write=actor().has(Role.MANAGER),
        not_kept=NOT_KEPT,
        today=today,
    )


@portal.post("/bank/<int:details_id>/withdraw")
@open_to(Role.MANAGER)
def withdraw_bank(details_id: int) -> Response:
    """Take back a number that nobody has answered."""
    with writing() as session:
        actions.withdraw_bank_details(session, details_id, by=actor(), today=dates.today())
    flash(_("Numret är tillbakataget. Pengarna går dit de gick förut."), "success")
    return redirect(url_for("provider.bank"))

"""What a sent batch left behind: seen, and paid by a batch of its own."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.finance.forms import FollowForm
from app.finance.views.door import portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from payouts import actions
from payouts.actions.batches import Declared
from payouts.models import Batch
from payouts.queries import batches, desk
from payouts.rules.batches import SENT_STATES
from providers.queries import names


@portal.route("/batches/<int:batch_id>/follow-up", methods=["GET", "POST"])
@open_to(Role.MAKER)
def follow_up(batch_id: int) -> tuple[str, int] | Response:
    """See what a sent batch left, and freeze it into a follow-up with a reason."""
    owner, today = municipality_id(), dates.today()
    with reading() as session:
        made = fetch(session, Batch, owner, batch_id)
        days = desk.cooling_off_days(session, owner, today)
    form = FollowForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                new = actions.follow_up(
                    session,
                    batch_id,
                    Declared(*form.read()),
                    form.reason.data or "",
                    cooling_off_days=days,
                    by=actor(),
                    at=dates.now(),
                )
            if new.state == "parked":
                flash(_("Uppföljningen är parkerad. En annan person måste titta på den."), "warning")
            else:
                flash(_("Uppföljningen är gjord. Nu ska två andra personer skriva under."), "success")
            return redirect(url_for("finance.batch", batch_id=new.id))
    with reading() as session:
        ahead = actions.outlook(session, owner, cooling_off_days=days, today=today, follows=batch_id)
        called = names(session, owner, [row.provider_id for row in ahead.rows])
        earlier = batches.follow_ups(session, owner, batch_id)
        open_one = desk.open_batch(session, owner)
    form.payments.data = str(ahead.declared.payments)
    form.paid_ore.data = str(ahead.declared.paid_ore)
    return shown(
        "finance/follow_up.html",
        form,
        made=made,
        may=made.state in SENT_STATES,
        ahead=ahead,
        called=called,
        earlier=earlier,
        open=open_one,
    )

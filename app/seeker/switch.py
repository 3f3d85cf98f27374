"""Going on to another provider: what it means, then the check; the receipt is that of any choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.public import wishes
from app.seeker import seals
from app.seeker.choosing import obstacle, what_is_shown
from app.seeker.door import my_way, participant_id, portal
from app.seeker.forms import ChooseForm
from app.web import actor, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from core.dates import add_months
from core.refusal import Refusal
from vouchers import actions
from vouchers.actions.changing import leaving_on
from vouchers.models import Voucher
from vouchers.queries import choices, way
from vouchers.queries.switchable import hindrance
from vouchers.queries.turns import turns
from vouchers.rules import choice, switching


@dataclass(frozen=True)
class Ahead:
    """What a switch today would mean. `last_on` is the last day at the provider there is, None for somebody
    who has not begun; `until` the service's last day, and `months` whole months to it."""

    leg_id: int
    provider_id: int
    provider_name: str
    last_on: date | None
    first_on: date
    start_by: date
    until: date | None
    months: int
    obstacle: Refusal | None


@portal.route("/vouchers/<int:voucher_id>/switch")
@open_to(Role.SEEKER)
def switch(voucher_id: int) -> tuple[str, int]:
    """What a switch means: the last day there, the first day at the next, the time that is left."""
    today = dates.today()
    with reading() as look:
        person, mine = my_way(look, voucher_id)
        ahead = ahead_of(look, mine, "participant", today)
    return shown(
        "seeker/switch.html",
        person=person,
        way=mine,
        ahead=ahead,
        obstacle=sentence(ahead.obstacle) if ahead and ahead.obstacle else None,
        offer=choices.code_of(mine.scheme, mine.service.code),
        today=today,
    )


@portal.route("/vouchers/<int:voucher_id>/switch/<int:provider_id>", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def switch_to(voucher_id: int, provider_id: int) -> tuple[str, int] | Response:
    """Check the switch, with what happens on which day; one press binds it."""
    form, today, who = ChooseForm(), dates.today(), participant_id()
    with reading() as look:
        person, mine = my_way(look, voucher_id)
        ahead = ahead_of(look, mine, "participant", today)
        seen = seals.opened(form.shown.data or "", who, voucher_id, provider_id)
        what = seen or {**what_is_shown(look, mine, provider_id, today), **kept(ahead)}
    leaves = left_by(seen)
    if form.validate_on_submit():
        if seen is None or leaves is None:
            form.form_errors.append(_("Sidan har legat öppen för länge. Läs den igen och byt sedan."))
        else:
            with refused(form):
                with writing() as writer:
                    leg = actions.switch(
                        writer, voucher_id, provider_id, seen, leaves=leaves, by=actor(), at=dates.now()
                    )
                return redirect(url_for("seeker.receipt", leg_id=leg.id))
    form.shown.data = seals.sealed(what, who, voucher_id, provider_id)
    return shown(
        "seeker/switch_to.html",
        form,
        what=what,
        way=mine,
        person=person,
        ahead=ahead,
        provider_id=provider_id,
        refusal=None if form.errors else obstacle_to(ahead, what, provider_id, today),
        wishes=wishes.written(wishes.read(request.args)),
        today=today,
    )


def ahead_of(look: Session, mine: way.Way, asker: str, today: date) -> Ahead | None:
    """What a switch today would mean; None where there is nobody to leave."""
    voucher = fetch(look, Voucher, actor().municipality_id, mine.voucher_id)
    found = turns(look, voucher)
    now = found.now
    if now is None or mine.leg is None:
        return None
    last_on = leaving_on(look, found, mine.terms, today) if now.started_on else None
    until = found.last_on(mine.terms, today)
    return Ahead(
        leg_id=now.id,
        provider_id=now.provider_id,
        provider_name=mine.leg.provider_name,
        last_on=last_on,
        first_on=switching.first_day(last_on or today),
        start_by=choice.start_by(last_on or today, mine.terms),
        until=until,
        months=months_between(today, until) if until else mine.months,
        obstacle=hindrance(found, mine.terms, asker, today),
    )


def months_between(today: date, until: date) -> int:
    """Whole months that are left."""
    months = 0
    while add_months(today, months + 1) <= until:
        months += 1
    return months


def kept(ahead: Ahead | None) -> dict[str, object]:
    """What the receipt keeps of the switch, as plain JSON; `leg` is the one that is left."""
    if ahead is None:
        return {}
    return {
        "switch": {
            "leg": ahead.leg_id,
            "from": ahead.provider_name,
            "last_on": ahead.last_on.isoformat() if ahead.last_on else None,
            "first_on": ahead.first_on.isoformat(),
            "until": ahead.until.isoformat() if ahead.until else None,
        }
    }


def left_by(seen: dict[str, object] | None) -> int | None:
    """The leg that the sealed page said would be left."""
    told = (seen or {}).get("switch")
    return told.get("leg") if isinstance(told, dict) else None


def obstacle_to(ahead: Ahead | None, what: dict[str, object], provider_id: int, today: date) -> str | None:
    """Why the switch cannot be made today, in a sentence; None when it can."""
    if ahead is None:
        return _("Det finns ingen anordnare att byta från just nu.")
    if ahead.obstacle is not None:
        return sentence(ahead.obstacle)
    if ahead.provider_id == provider_id:
        return _("Den anordnaren är redan vald. Välj en annan, eller behåll den.")
    return obstacle(what, state="choice_open", last_day=today, today=today)

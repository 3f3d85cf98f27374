"""A voucher comes to its end: ended, taken back, lapsed, closed. What it means comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.casework.life_forms import ReasonsForm
from app.casework.titles import Titles
from app.casework.turn_forms import PressForm
from app.casework.turning import Case, Row, asked, closed_door, entered, money, page
from app.casework.views.portal import portal
from app.provider.forms import EndForm
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Refusal
from payouts.queries.outlook import Turn, unbooked
from vouchers import actions
from vouchers.queries.closing import Ended, Left, ended_cases, left_to_do
from vouchers.rules import closing as rules
from vouchers.rules import states

AT_A_TIME = 50
"""As many are closed with one press."""


def _back(voucher_id: int) -> Response:
    return redirect(url_for("casework.case", voucher_id=voucher_id))


@portal.route("/cases/<int:voucher_id>/end", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def end(voucher_id: int) -> tuple[str, int] | Response:
    """The last day and why, then what it means, then the end."""
    case = entered(voucher_id, "end")
    if not states.voucher.can(case.voucher.state, "end"):
        why = Refusal("not_running_end", "Insatsen pågår inte, så det finns inget att avsluta.")
        return closed_door(_("Avsluta insatsen"), case, why)
    if case.turns.first_on is None:
        why = Refusal(
            "not_begun", "Insatsen har inte börjat. Återkalla beslutet, eller låt det förfalla, i stället."
        )
        return closed_door(_("Avsluta insatsen"), case, why)
    form, rows = EndForm(ended_on=case.today), list[Row]()
    if asked() != "change" and form.validate_on_submit() and form.ended_on.data:
        on = form.ended_on.data
        with refused(form):
            if asked() == "do":
                with writing() as session:
                    actions.end_voucher(
                        session, voucher_id, on, form.reason.data, by=actor(), today=case.today
                    )
                flash(_("Insatsen är avslutad."), "success")
                return _back(voucher_id)
            rules.may_end(first_on=case.turns.first_on, ended_on=on, today=case.today)
            with reading() as session:
                rows = money(session, case, Turn(last_on=on))
    return page("casework/end.html", case, form, rows=rows)


@portal.route("/cases/<int:voucher_id>/revoke", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def revoke(voucher_id: int) -> tuple[str, int] | Response:
    """A decision is taken back before anything has begun, with reasons."""
    case = entered(voucher_id, "revoke")
    if not states.voucher.can(case.voucher.state, "revoke") or case.turns.first_on is not None:
        why = Refusal(
            "too_late_to_revoke", "Bara ett beslut där ingen har börjat kan återkallas. Avsluta i stället."
        )
        return closed_door(_("Återkalla beslutet"), case, why)
    return _with_reasons(case, actions.revoke, "casework/revoke.html", _("Beslutet är återkallat."))


@portal.route("/cases/<int:voucher_id>/lapse", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def lapse(voucher_id: int) -> tuple[str, int] | Response:
    """The window has passed and nobody has chosen, with reasons."""
    case = entered(voucher_id, "lapse")
    try:
        states.voucher.after(case.voucher.state, "lapse")
        rules.may_lapse(
            has_begun=case.turns.first_on is not None,
            last_day=case.voucher.choose_by,
            reasons="-",
            today=case.today,
        )
    except Refusal as refusal:
        return closed_door(_("Låt beslutet förfalla"), case, refusal)
    return _with_reasons(case, actions.lapse, "casework/lapse.html", _("Beslutet har förfallit."))


def _with_reasons(
    case: Case, do: Callable[..., object], template: str, done: str
) -> tuple[str, int] | Response:
    """The guide says why, and the decision ends."""
    form = ReasonsForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                do(session, case.voucher.id, form.reasons.data or "", by=actor(), today=case.today)
            flash(done, "success")
            return _back(case.voucher.id)
    return page(template, case, form)


@portal.route("/cases/<int:voucher_id>/close", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def close(voucher_id: int) -> tuple[str, int] | Response:
    """What must be done first, and when all is, the button."""
    case = entered(voucher_id, "close")
    if not states.voucher.can(case.voucher.state, "close"):
        return closed_door(
            _("Stäng ärendet"),
            case,
            Refusal("not_ended_yet", "Avsluta insatsen först. Sedan kan den stängas."),
        )
    form = PressForm()
    with reading() as session:
        left = left_to_do(session, municipality_id(), [voucher_id], case.today)[voucher_id]
        unpaid = unbooked(session, municipality_id(), voucher_id, case.today)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                unpaid = unbooked(session, municipality_id(), voucher_id, case.today)
                actions.close(session, voucher_id, unpaid=unpaid, by=actor(), today=case.today)
            flash(_("Ärendet är stängt."), "success")
            return _back(voucher_id)
    is_ready = left.is_done(case.today) and not unpaid
    return page("casework/close.html", case, form, left=left, unpaid=unpaid, is_ready=is_ready)


# ── all that are ready ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Ready:
    """An ended voucher, with what keeps it open."""

    case: Ended
    service: str
    left: Left
    unpaid: int
    is_ready: bool


@portal.route("/closing", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def closing() -> tuple[str, int] | Response:
    """The guide's own ended cases, and what keeps each open; what nothing keeps is closed with one press."""
    today, form = dates.today(), PressForm()
    with reading() as session:
        rows = _ended(session, today)
    if form.validate_on_submit():
        closed = 0
        with writing() as session:
            for row in [row for row in _ended(session, today) if row.is_ready][:AT_A_TIME]:
                actions.close(session, row.case.voucher_id, unpaid=row.unpaid, by=actor(), today=today)
                closed += 1
        flash(ngettext("%(num)s ärende är stängt.", "%(num)s ärenden är stängda.", closed), "success")
        return redirect(url_for("casework.closing"))
    return shown(
        "casework/closing.html",
        form,
        ready=[row for row in rows if row.is_ready],
        others=[row for row in rows if not row.is_ready],
        most=AT_A_TIME,
        today=today,
    )


def _ended(session: Session, today: date) -> list[Ready]:
    """The guide's ended cases; the money is asked of those that nothing else keeps open."""
    ended = ended_cases(session, municipality_id(), actor().account_id)
    left = left_to_do(session, municipality_id(), [one.voucher_id for one in ended], today)
    titles, found = Titles(session), []
    for one in ended:
        own = left[one.voucher_id]
        is_done = own.is_done(today)
        unpaid = unbooked(session, municipality_id(), one.voucher_id, today) if is_done else 0
        service = titles(one.rulebook_id, one.service, one.level)
        found.append(Ready(one, service, own, unpaid, is_done and not unpaid))
    return found

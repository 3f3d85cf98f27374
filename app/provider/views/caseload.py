"""How many people each coach has, against the rulebook's ceiling; and the contract's clock of each person."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import InputRequired

from app.fields import Number
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.dates import add_months
from providers import actions as registry
from vouchers.queries import caseload as loads
from vouchers.queries import clock, workload
from vouchers.queries.workload import Served
from vouchers.rules.contract import STATES, Countdown, to_do, worst

PER_PAGE = 50
NOBODY = "none"


class PercentForm(FlaskForm):
    """How much of full time somebody works."""

    account = HiddenField(validators=[InputRequired()])
    percent = Number(_l("Procent av heltid"), [InputRequired(_l("Skriv hur mycket av heltid, i procent."))])


@dataclass(frozen=True)
class Line:
    """A person and the requirements, as the page shows them."""

    person: Served
    countdowns: tuple[Countdown, ...]
    state: str
    coach: str | None


@portal.route("/caseload", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def caseload() -> tuple[str, int] | Response:
    """The coaches and their people; a manager says how much each one works."""
    today, here = dates.today(), workplace()
    form = PercentForm()
    if form.validate_on_submit():
        with refused(form):
            account_id = _number(form.account.data)
            with writing() as session:
                registry.set_percent(session, account_id, form.percent.data or 0, by=actor())
            flash(_("Arbetstiden är sparad."), "success")
            return redirect(url_for("provider.caseload"))
    with reading() as session:
        found = loads.caseload(session, municipality_id(), today, provider_id=here)
        lines = _lines(session, here, {one.account_id: one.name for one in found.coaches})
    coach, state = request.args.get("coach", ""), request.args.get("state", "")
    chosen = [one for one in lines if _is_of(one, coach)]
    counts = {name: sum(one.state == name for one in chosen) for name in STATES}
    rows = [one for one in chosen if state not in STATES or one.state == state]
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    return shown(
        "provider/caseload.html",
        form,
        loads=found,
        rows=rows[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(chosen),
        counts=counts,
        state=state if state in STATES else None,
        coach=coach,
        chosen=next((one.name for one in found.coaches if str(one.account_id) == coach), None),
        page=page,
        pages=pages,
        me=actor().account_id,
        is_manager=actor().has(Role.MANAGER),
        today=today,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def _is_of(line: Line, coach: str) -> bool:
    """Whether the person is that coach's; `none` is nobody's, anything else that is no number everybody's."""
    if coach == NOBODY:
        return line.coach is None
    return not coach.isdigit() or str(line.person.coach_id) == coach


def _lines(session: Session, provider_id: int, coaches: dict[int, str]) -> list[Line]:
    """Those who are there and whom the reader may know, the worst first."""
    today = dates.today()
    people = workload.served(
        session, municipality_id(), provider_id, viewer=actor(), since=add_months(today, -1)
    )
    known = [one for one in people if one.opens]
    clocks = clock.of_people(session, municipality_id(), provider_id, known, today)
    lines = [
        Line(one, clocks[one.leg_id], worst(clocks[one.leg_id]), coaches.get(one.coach_id or 0))
        for one in known
        if one.leg_id in clocks
    ]
    return sorted(lines, key=_urgency)


def _urgency(line: Line) -> tuple[int, str, str]:
    due = next((one.last_on for one in to_do(line.countdowns) if one.last_on), None)
    return STATES.index(line.state), due.isoformat() if due else "9", line.person.name.casefold()

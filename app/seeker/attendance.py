"""What the provider has told of the person: months and absences, and whether they are so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.seeker.attendance_forms import AnswerForm
from app.seeker.door import participant_id, portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.dates import add_months, first_of_month, last_of_month
from core.refusal import Missing
from vouchers import actions
from vouchers.models import Deviation, Report
from vouchers.queries import attendance as told
from vouchers.queries import way
from vouchers.queries.attendance import Told

MONTHS_BACK = 12
SHOWN_FIRST = 10


@portal.route("/attendance")
@open_to(Role.SEEKER)
def attendance() -> tuple[str, int]:
    """All that has been told of me: what I may answer first, then months, absences and meetings."""
    today, own, here = dates.today(), participant_id(), municipality_id()
    since = first_of_month(add_months(today, -MONTHS_BACK))
    with reading() as look:
        everything = told.told_of(look, here, own, today)
        legs = told.legs_of(look, here, own)
        held = told.held(look, here, legs, since, today + timedelta(days=31))
        person = way.person(look, here, own)
    return shown(
        "seeker/attendance.html",
        person=person,
        asked=[one for one in everything if one.standing == "asked"],
        months=[one for one in everything if one.is_month],
        absences=[one for one in everything if not one.is_month],
        held=held,
        first=SHOWN_FIRST,
        today=today,
    )


def _mine(look: Session, table: type[Report] | type[Deviation], row_id: int) -> Told:
    """That month or absence of the person's own. Raises Missing when it is somebody else's."""
    everything = told.told_of(look, municipality_id(), participant_id(), dates.today())
    found = next((one for one in everything if isinstance(one.of, table) and one.of.id == row_id), None)
    if found is None:
        raise Missing()
    return found


def _answered(form: AnswerForm, answer: Callable[..., Any], row_id: int) -> Response | None:
    """Back to the list when the answer is taken; None where it is not."""
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                answer(session, row_id, form.said.data, form.words.data or "", by=actor(), at=dates.now())
            if form.said.data == "contested":
                flash(_("Tack. Kommunen prövar det du har skrivit."), "success")
            else:
                flash(_("Tack. Du har sagt att det stämmer."), "success")
            return redirect(url_for("seeker.attendance"))
    return None


@portal.route("/attendance/<int:report_id>", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def attendance_month(report_id: int) -> tuple[str, int] | Response:
    """One month: what was told, and what I say of it."""
    with reading() as look:
        mine = _mine(look, Report, report_id)
        first, last = mine.of.month, last_of_month(mine.of.month)
        held = told.held(look, municipality_id(), [mine.of.leg_id], first, last)
        absences = told.absences(look, municipality_id(), [mine.of.leg_id])
        person = way.person(look, municipality_id(), participant_id())
    form = AnswerForm()
    done = _answered(form, actions.answer_month, report_id)
    if done is not None:
        return done
    return shown(
        "seeker/attendance_month.html",
        form,
        told=mine,
        held=held,
        absences=[
            one for one, _said in absences if first <= one.happened_on <= last and one.state != "withdrawn"
        ],
        person=person,
        today=dates.today(),
    )


@portal.route("/deviations/<int:deviation_id>", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def attendance_deviation(deviation_id: int) -> tuple[str, int] | Response:
    """One absence: what was told, and what I say of it."""
    with reading() as look:
        mine = _mine(look, Deviation, deviation_id)
        person = way.person(look, municipality_id(), participant_id())
    form = AnswerForm()
    done = _answered(form, actions.answer_deviation, deviation_id)
    if done is not None:
        return done
    return shown("seeker/attendance_deviation.html", form, told=mine, person=person, today=dates.today())

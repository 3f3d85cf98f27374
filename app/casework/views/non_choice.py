"""Who did not choose: the list that the rule proposes, and the person who decides it line by line."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import placing
from app.casework.choice_forms import Lines, lines_form
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from vouchers import actions
from vouchers.models import NonChoiceList
from vouchers.queries import non_choice as facts
from vouchers.queries.non_choice import Proposed


@dataclass(frozen=True)
class Line:
    """A line with its words. `href` is the case, where the reader may open it."""

    it: Proposed
    service: str
    reason: str
    href: str | None


@portal.route("/non-choice", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def non_choice() -> tuple[str, int] | Response:
    """The list: made, read, changed by hand, confirmed; and the lists before it."""
    if request.method == "POST" and "propose" in request.form:
        return _propose()
    wanted, today = request.args.get("list", type=int), dates.today()
    with reading() as session:
        found = (
            fetch(session, NonChoiceList, municipality_id(), wanted)
            if wanted
            else facts.open_list(session, municipality_id())
        )
        lines = _lines(session, found)
        able = facts.able(session, municipality_id(), today)
        waiting = len(facts.cases(session, municipality_id(), today))
        earlier = facts.lists(session, municipality_id())
    mine = [line.it for line in lines if line.it.is_known and line.it.answer == "waits"]
    is_open = found is not None and found.state == "proposed"
    form = lines_form(mine if is_open else [], able)
    if found is not None and is_open and form.validate_on_submit():
        with refused(form):
            return _confirm(found.id, form)
    return shown(
        "casework/non_choice.html",
        form,
        found=found,
        is_open=is_open,
        lines=lines,
        mine={line.id for line in mine},
        elsewhere=[line for line in lines if not line.it.is_known and line.it.answer == "waits"],
        waiting=waiting,
        earlier=earlier,
        today=today,
    )


def _lines(session: Session, found: NonChoiceList | None) -> list[Line]:
    if found is None:
        return []
    titles = Titles(session)
    return [
        Line(
            it=line,
            service=titles(line.rulebook_id, line.service, line.level),
            reason=placing.reason(line.rule, line.facts) if line.is_known else "",
            href=url_for("casework.case", voucher_id=line.voucher_id) if line.is_known else None,
        )
        for line in facts.lines(session, municipality_id(), found.id, viewer_id=actor().account_id)
    ]


def _propose() -> Response:
    with writing() as session:
        found = actions.propose_list(session, by=actor(), today=dates.today())
    if found is None:
        flash(_("Ingen väntar på en anordnare i dag."), "info")
    return redirect(url_for("casework.non_choice"))


def _confirm(list_id: int, form: Lines) -> Response:
    with writing() as session:
        done = actions.confirm_list(session, list_id, form.answers, by=actor(), at=dates.now())
    told = ngettext(
        "En person har fått en anordnare.", "%(num)s personer har fått en anordnare.", len(done.legs)
    )
    if done.left_out:
        told += " " + ngettext("En lämnades utanför.", "%(num)s lämnades utanför.", done.left_out)
    flash(told, "success" if done.legs else "info")
    if done.could_not:
        text = ngettext(
            "En kunde inte få den anordnaren. Se varför i listan, och gör ett nytt förslag.",
            "%(num)s kunde inte få den anordnaren. Se varför i listan, och gör ett nytt förslag.",
            len(done.could_not),
        )
        flash(text, "warning")
    return redirect(url_for("casework.non_choice", list=list_id))

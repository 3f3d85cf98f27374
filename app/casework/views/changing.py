"""A voucher takes a turn: another provider, a pause and its end, more months. What it means comes first."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import words
from app.casework.forms import ChooseForm
from app.casework.titles import Titles
from app.casework.turn_forms import ExtendForm, PauseForm, ResumeForm
from app.casework.turning import Case, Row, asked, closed_door, entered, money, page
from app.casework.views.portal import portal
from app.seeker import seals
from app.seeker.switch import left_by
from app.web import actor, municipality_id, open_to, reading, refused, writing
from core import dates
from core.actor import Role
from core.refusal import Missing, Refusal
from payouts.queries.outlook import Turn
from vouchers import actions
from vouchers.actions import changing, pausing
from vouchers.queries import assessments, choices
from vouchers.queries.switchable import hindrance
from vouchers.rules import choice, extension, pauses, states, switching
from vouchers.rules.pauses import Span


def _back(case: Case) -> Response:
    return redirect(url_for("casework.case", voucher_id=case.voucher.id))


# ── another provider ─────────────────────────────────────────────────────────────────────────────


@portal.route("/cases/<int:voucher_id>/switch", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def switch(voucher_id: int) -> tuple[str, int] | Response:
    """All who may be chosen instead, then what it means for the days and the money, then the switch."""
    case = entered(voucher_id, "switch")
    obstacle = hindrance(case.turns, case.terms, "guide", case.today)
    now = case.turns.now
    if obstacle is not None or now is None:
        return closed_door(_("Byt anordnare"), case, obstacle or Missing())
    form, provider_id = ChooseForm(), request.args.get("provider", type=int)
    with reading() as session:
        offer = choices.code_of(case.voucher.scheme, case.voucher.service)
        comparison = choices.compare(
            session,
            municipality_id(),
            choices.Wishes(service=offer),
            seed=str(voucher_id),
            today=case.today,
        )
        candidate = comparison.candidate(provider_id) if provider_id else None
        last_on = changing.leaving_on(session, case.turns, case.terms, case.today) if now.started_on else None
    if candidate is None or candidate.provider.id == now.provider_id or offer not in comparison.offers:
        return page(
            "casework/switch.html",
            case,
            comparison=comparison,
            offer=offer,
            leaves=now.provider_id,
            none_marked=candidate is None and "provider" in request.args,
        )
    person, to = case.head.participant, candidate.provider.id
    first_on = switching.first_day(last_on or case.today)
    seen = seals.opened(form.shown.data or "", person.id, voucher_id, to)
    leaves = left_by(seen)
    if form.validate_on_submit():
        if seen is None or leaves is None:
            form.form_errors.append(_("Sidan har legat öppen för länge. Läs den en gång till och byt sedan."))
        else:
            with refused(form):
                with writing() as session:
                    leg = actions.switch(
                        session, voucher_id, to, seen, leaves=leaves, by=actor(), at=dates.now()
                    )
                return redirect(url_for("seeker.receipt", leg_id=leg.id))
    what = seen or {
        **choices.snapshot(
            comparison, candidate, comparison.offers[offer], locale=str(get_locale()), today=case.today
        ),
        "switch": {
            "leg": now.id,
            "from": case.provider,
            "last_on": last_on.isoformat() if last_on else None,
            "first_on": first_on.isoformat(),
            "until": case.last_on.isoformat() if case.last_on else None,
        },
    }
    form.shown.data = seals.sealed(what, person.id, voucher_id, to)
    with reading() as session:
        paused_to = case.today if case.turns.open_pause else None
        turn = Turn(last_on=last_on or case.today, to_provider=to, first_on=first_on, resumed_on=paused_to)
        rows = money(session, case, turn)
    return page(
        "casework/switch_check.html",
        case,
        form,
        candidate=candidate,
        what=what,
        rows=rows,
        last_on=last_on,
        first_on=first_on,
        start_by=choice.start_by(last_on or case.today, case.terms),
    )


# ── a pause, and its end ─────────────────────────────────────────────────────────────────────────


@portal.route("/cases/<int:voucher_id>/pause", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def pause(voucher_id: int) -> tuple[str, int] | Response:
    """Why and when, then what it means, then the pause."""
    case = entered(voucher_id, "pause")
    rules, now = case.terms.pauses, case.turns.now
    if rules is None or not states.voucher.can(case.voucher.state, "pause") or now is None:
        return closed_door(_("Pausa insatsen"), case, _no_pause(case))
    form, rows, until = PauseForm(from_on=case.today), list[Row](), None
    form.offer(rules.reasons)
    earliest = pauses.earliest_pause(
        started_on=now.started_on or case.today,
        approved_to=case.turns.approved_to,
        earlier=case.turns.spans,
        today=case.today,
    )
    if asked() != "change" and form.validate_on_submit():
        from_on, back_on = _day(form.from_on.data), _day(form.expected_on.data)
        with refused(form):
            if asked() == "do":
                with writing() as session:
                    actions.pause(
                        session, voucher_id, from_on, back_on, form.reason.data, by=actor(), today=case.today
                    )
                flash(_("Insatsen pausar från %(day)s.", day=words.day(from_on)), "success")
                return _back(case)
            pausing.checked(case.turns, case.terms, from_on, back_on, form.reason.data, today=case.today)
            span = Span(from_on, back_on)
            until = _moved(case, [*case.turns.spans, span])
            with reading() as session:
                rows = money(session, case, Turn(pause=span))
    return page("casework/pause.html", case, form, rows=rows, until=until, earliest=earliest, rules=rules)


def _no_pause(case: Case) -> Refusal:
    if case.terms.pauses is None:
        return Refusal("pauses_not_possible", "Reglerna för insatsen har inga pauser.")
    if case.voucher.state == "paused":
        return Refusal("paused_already", "Insatsen har redan en paus.")
    return Refusal("not_running_now", "Bara en insats som pågår kan pausas.")


@portal.route("/cases/<int:voucher_id>/resume", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def resume(voucher_id: int) -> tuple[str, int] | Response:
    """From which day it goes on, then what it means, then it goes on."""
    case = entered(voucher_id, "resume")
    standing = case.turns.open_pause
    if standing is None:
        return closed_door(_("Avsluta pausen"), case, Refusal("not_paused", "Insatsen har ingen paus."))
    form, rows, until = ResumeForm(resumed_on=max(case.today, standing.from_on)), list[Row](), None
    if asked() != "change" and form.validate_on_submit():
        on = _day(form.resumed_on.data)
        with refused(form):
            if asked() == "do":
                with writing() as session:
                    actions.resume(session, voucher_id, on, by=actor(), today=case.today)
                flash(
                    _("Pausen är inställd.")
                    if on == standing.from_on
                    else _("Insatsen går vidare från %(day)s.", day=words.day(on)),
                    "success",
                )
                return _back(case)
            pauses.may_resume(from_on=standing.from_on, resumed_on=on, today=case.today)
            earlier = [Span(one.from_on, one.resumed_on) for one in case.turns.pauses if one is not standing]
            until = _moved(case, [*earlier, Span(standing.from_on, on)])
            with reading() as session:
                rows = money(session, case, Turn(resumed_on=on))
    return page("casework/resume.html", case, form, rows=rows, until=until, standing=standing)


def _moved(case: Case, spans: list[Span]) -> date | None:
    """The service's last day with these pauses."""
    first_on = case.turns.first_on
    if first_on is None:
        return None
    return pauses.moved_end(first_on, case.voucher.months, spans, case.terms.pauses, today=case.today)


# ── more months ──────────────────────────────────────────────────────────────────────────────────


@portal.route("/cases/<int:voucher_id>/extend", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def extend(voucher_id: int) -> tuple[str, int] | Response:
    """On what, how long and what is new; what it means; the decision. A person decides (KL 6:38)."""
    case = entered(voucher_id, "extend")
    rules, today = case.terms.extension, case.today
    try:
        extension.may_ask(
            terms=rules,
            state=case.voucher.state,
            months=case.voucher.months,
            made=len(case.turns.extensions),
            last_on=case.last_on or today,
            today=today,
        )
    except Refusal as refusal:
        return closed_door(_("Förläng insatsen"), case, refusal)
    form, rows, until = ExtendForm(), list[Row](), None
    with reading() as session:
        usable = _usable(session, case)
    form.offer(usable)
    if asked() != "change" and form.validate_on_submit():
        told = changing.ExtensionForm(
            form.months.data or 0,
            int(form.assessment.data),
            form.new_content.data or "",
            form.reasons.data or "",
        )
        with refused(form):
            if asked() == "do":
                with writing() as session:
                    actions.extend(session, voucher_id, told, by=actor(), today=today)
                flash(_("Insatsen är förlängd."), "success")
                return _back(case)
            with reading() as session:
                changing.checked(session, case.turns, case.terms, told, today=today)
                until = case.turns.last_on(case.terms, today, adds=told.months)
                rows = money(session, case, Turn(adds=told.months))
    return page(
        "casework/extend.html",
        case,
        form,
        rows=rows,
        until=until,
        usable=usable,
        rules=rules,
        most=(rules.most_months if rules else 0) - case.voucher.months,
    )


def _usable(session: Session, case: Case) -> list[tuple[int, date, str]]:
    """The assessments an extension can rest on: id, day, what was found."""
    rules, titles = case.terms.extension, Titles(session)
    since = changing.last_decided_on(case.turns)
    return [
        (row.id, row.met_on, titles(row.rulebook_id, row.service, row.level))
        for row in assessments.of_person(session, municipality_id(), case.head.participant.id)
        if rules and row.met_on > since and (case.today - row.met_on).days <= rules.assessment_days
    ]


def _day(value: date | None) -> date:
    if value is None:
        raise TypeError("a form is read only when it has been validated")
    return value

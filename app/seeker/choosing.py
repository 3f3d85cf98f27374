"""Check a choice and bind it; the receipt of it, as it was."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import redirect, request, url_for
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import placing, words
from app.casework import gate
from app.public import wishes
from app.seeker import seals
from app.seeker.door import me, participant_id, portal
from app.seeker.forms import ChooseForm
from app.web import actor, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from core.refusal import Missing, Refusal
from vouchers import actions
from vouchers.models import Participant
from vouchers.queries import choices, non_choice, way
from vouchers.rules import choice, switching

OWN = ("reports", "results")
"""Kinds of information that a provider writes itself."""


@portal.route("/vouchers/<int:voucher_id>/choose/<int:provider_id>", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def choose(voucher_id: int, provider_id: int) -> tuple[str, int] | AnyResponse:
    """Check the choice, with what happens on which day; one press binds it."""
    form, today, who = ChooseForm(), dates.today(), participant_id()
    with reading() as look:
        person, ways = me(look)
        mine = next((found for found in ways if found.voucher_id == voucher_id), None)
        if mine is None or person is None:
            raise Missing()
        seen = seals.opened(form.shown.data or "", who, voucher_id, provider_id)
        what = seen or what_is_shown(look, mine, provider_id, today)
    if form.validate_on_submit():
        if seen is None:
            form.form_errors.append(_("Sidan har legat öppen för länge. Läs den igen och välj sedan."))
        else:
            with refused(form):
                with writing() as writer:
                    leg = actions.choose(writer, voucher_id, provider_id, seen, by=actor(), at=dates.now())
                return redirect(url_for("seeker.receipt", leg_id=leg.id))
    form.shown.data = seals.sealed(what, who, voucher_id, provider_id)
    return shown(
        "seeker/choose.html",
        form,
        what=what,
        way=mine,
        person=person,
        provider_id=provider_id,
        refusal=None
        if form.errors
        else obstacle(what, state=mine.state, last_day=mine.choose_by, today=today),
        answer_by=choice.answer_by(today, mine.terms),
        start_by=choice.start_by(today, mine.terms),
        told=_told(mine, person),
        may_switch=mine.state in switching.BEFORE + switching.THERE,
        wishes=wishes.written(wishes.read(request.args)),
        today=today,
    )


@portal.route("/receipts/<int:leg_id>")
@open_to(Role.SEEKER, Role.GUIDE)
def receipt(leg_id: int) -> tuple[str, int]:
    """What was chosen, when, and what was shown then: as it was stored, never counted again."""
    here = actor().municipality_id
    with reading() as look:
        found = way.receipt(look, here, leg_id)
        own = found is not None and found.participant_id == actor().participant_id
        if found is None or not (own or actor().has(Role.GUIDE)):
            raise Missing()
        person = way.person(look, here, found.participant_id)
        chosen_for = non_choice.why(look, here, [leg_id]).get(leg_id)
        participant = None if own else fetch(look, Participant, here, found.participant_id)
    if participant is not None and person is not None:
        gate.enter(participant, person.guide_name, "receipt")
    what = _as_mapping(found.shown)
    if not own and person is not None and person.is_protected:
        what["provider"] = {key: told for key, told in what["provider"].items() if key != "places"}
    name = what["provider"].get("name") or found.provider_name
    return shown(
        "seeker/receipt.html",
        receipt=found,
        what=what,
        who=name,
        made=_moment_with_year(found.made_at),
        person=person,
        name=person.name if person else None,
        own=own,
        why=placing.told(chosen_for, name) if found.how == "non_choice" else None,
        placed=what.get("non_choice"),
        declined=_declined(found),
        today=dates.today(),
    )


def _declined(found: way.Receipt) -> str:
    """Why the provider said no, in plain words; nothing where no reason was kept."""
    code = found.decline_reason
    return words.word(code, "declined") if code and words.word(code, "declined") != code else ""


def what_is_shown(look: Session, mine: way.Way, provider_id: int, today: date) -> dict[str, object]:
    """The check page's words and figures. Refuses a provider that does not offer the voucher's service."""
    offer_code = choices.code_of(mine.scheme, mine.service.code)
    wanted = wishes.read(request.args, service=offer_code)
    comparison = wishes.met(look, wanted)
    candidate = comparison.candidate(provider_id)
    if candidate is None:
        comparison = wishes.met(look, choices.Wishes())
        candidate = comparison.candidate(provider_id)
    if candidate is None or candidate.line(offer_code) is None:
        choice.may_choose(
            state="choice_open", last_day=today, accredited=False, intake_open=False, today=today
        )
        raise Missing()
    return choices.snapshot(
        comparison, candidate, comparison.offers[offer_code], locale=str(get_locale()), today=today
    )


def _told(mine: way.Way, person: way.Person) -> list[str]:
    """What the provider is told by the agreement, in words; what it writes itself it knows already."""
    kinds = [one.what for one in mine.terms.disclosure if one.ground == "agreement"]
    told = [kind for kind in kinds if kind not in OWN and not (kind == "contact" and person.is_protected)]
    return [_("ditt namn"), *(words.word(kind, "told") for kind in told)]


def obstacle(what: dict[str, object], *, state: str, last_day: date, today: date) -> str | None:
    """Why the provider shown cannot be chosen today, in a sentence; None when it can."""
    provider = what.get("provider")
    about = provider if isinstance(provider, dict) else {}
    is_full = bool(about.get("is_full"))
    try:
        choice.may_choose(
            state=state,
            last_day=last_day,
            accredited=True,
            intake_open=bool(about.get("intake_open")) or is_full,
            has_place=not is_full,
            today=today,
        )
    except Refusal as refusal:
        return sentence(refusal)
    return None


def _moment_with_year(at: datetime) -> str:
    """A moment as a paper in a drawer needs it: söndag 22 november 2026 kl. 14.05."""
    local = at.astimezone(dates.HOME)
    day = format_date(local.date(), "EEEE d MMMM y")
    return str(_("%(day)s kl. %(time)s", day=day, time=f"{local:%H.%M}"))


def _as_mapping(kept: dict[str, object]) -> dict[str, Any]:
    """The receipt's content with the provider as a mapping, also where only its name was kept; and the last
    day with the provider before, of somebody who switched, as a day."""
    provider, switched = kept.get("provider"), kept.get("switch")
    found = {**kept, "provider": provider if isinstance(provider, dict) else {"name": provider}}
    if isinstance(switched, dict) and switched.get("last_on"):
        found["left"] = {"who": switched.get("from"), "on": date.fromisoformat(switched["last_on"])}
    return found

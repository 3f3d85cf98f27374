"""The job seeker's pages: my way, check a choice and bind it, the receipt."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, redirect, request, url_for
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.public import wishes
from app.seeker import seals, steps
from app.seeker.forms import ChooseForm
from app.web import actor, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Missing, Refusal
from vouchers import actions
from vouchers.queries import choices, way
from vouchers.rules import choice

portal = Blueprint("seeker", __name__, url_prefix="/seeker")


@portal.route("/")
@open_to(Role.SEEKER)
def home() -> tuple[str, int]:
    """My way: the next step and its day, who helps, what has been said, my choices, what has happened."""
    with reading() as look:
        person, ways = _me(look)
    today = dates.today()
    running = [found for found in ways if found.is_running] or ways[:1]
    guide = person.guide_name if person else ""
    return shown(
        "seeker/home.html",
        person=person,
        ways=ways,
        now=[(found, steps.next_step(found, guide, today)) for found in running],
        said=[
            (stay, said)
            for found in ways
            for stay in found.legs
            for said in reversed(found.said)
            if said.leg_id == stay.id and said.state != "withdrawn"
        ],
        history=steps.history(ways, str(get_locale())),
        today=today,
    )


@portal.route("/vouchers/<int:voucher_id>/choose/<int:provider_id>", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def choose(voucher_id: int, provider_id: int) -> tuple[str, int] | AnyResponse:
    """Check the choice, with what happens on which day; one press binds it."""
    form, today, participant_id = ChooseForm(), dates.today(), _participant_id()
    with reading() as look:
        person, ways = _me(look)
        mine = next((found for found in ways if found.voucher_id == voucher_id), None)
        if mine is None or person is None:
            raise Missing()
        seen = seals.opened(form.shown.data or "", participant_id, voucher_id, provider_id)
        what = seen or _what_is_shown(look, mine, provider_id, today)
    if form.validate_on_submit():
        if seen is None:
            form.form_errors.append(_("Sidan har legat öppen för länge. Läs den igen och välj sedan."))
        else:
            with refused(form):
                with writing() as writer:
                    leg = actions.choose(writer, voucher_id, provider_id, seen, by=actor(), at=dates.now())
                return redirect(url_for("seeker.receipt", leg_id=leg.id))
    form.shown.data = seals.sealed(what, participant_id, voucher_id, provider_id)
    return shown(
        "seeker/choose.html",
        form,
        what=what,
        way=mine,
        person=person,
        provider_id=provider_id,
        refusal=None if form.errors else _obstacle(mine, what, today),
        start_by=choice.start_by(today, mine.terms),
        wishes=wishes.written(wishes.read(request.args)),
        today=today,
    )


@portal.route("/receipts/<int:leg_id>")
@open_to(Role.SEEKER, Role.GUIDE)
def receipt(leg_id: int) -> tuple[str, int]:
    """What was chosen, when, and what was shown then: as it was stored, never counted again."""
    with reading() as look:
        found = way.receipt(look, actor().municipality_id, leg_id)
        own = found is not None and found.participant_id == actor().participant_id
        if found is None or not (own or actor().has(Role.GUIDE)):
            raise Missing()
        person = way.person(look, actor().municipality_id, found.participant_id)
    named = person is not None and (own or not person.is_protected or person.guide_id == actor().account_id)
    return shown(
        "seeker/receipt.html",
        receipt=found,
        what=_as_mapping(found.shown),
        made=_moment_with_year(found.made_at),
        person=person,
        name=person.name if person and named else None,
        own=own,
        today=dates.today(),
    )


def _participant_id() -> int:
    found = actor().participant_id
    if found is None:
        raise Missing()
    return found


def _me(look: Session) -> tuple[way.Person | None, list[way.Way]]:
    """Who is signed in and their ways; nothing for an account without a participant."""
    participant_id, municipality_id = actor().participant_id, actor().municipality_id
    if participant_id is None:
        return None, []
    return (
        way.person(look, municipality_id, participant_id),
        way.ways(look, municipality_id, participant_id),
    )


def _what_is_shown(look: Session, mine: way.Way, provider_id: int, today: date) -> dict[str, object]:
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


def _obstacle(mine: way.Way, what: dict[str, object], today: date) -> str | None:
    """Why the choice cannot be made today, in a sentence; None when it can."""
    provider = what.get("provider")
    about = provider if isinstance(provider, dict) else {}
    is_full = bool(about.get("is_full"))
    try:
        choice.may_choose(
            state=mine.state,
            last_day=mine.choose_by,
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


def _as_mapping(kept: dict[str, object]) -> dict[str, object]:
    """The receipt's content with the provider as a mapping, also where only its name was kept."""
    provider = kept.get("provider")
    return {**kept, "provider": provider if isinstance(provider, dict) else {"name": provider}}

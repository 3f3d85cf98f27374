"""What is held back: a provider, a case, a line; held by one, let go by another."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import words
from app.finance.forms import HoldForm, ReleaseForm
from app.finance.views.door import portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from core.refusal import Missing
from payouts import actions
from payouts.models import Hold, LedgerLine
from payouts.queries import holds
from payouts.queries.explain import explain
from payouts.queries.lines import Key
from payouts.rules.holds import HOLD_REASONS
from providers.models import Provider
from vouchers.models import Leg


@dataclass(frozen=True)
class Thing:
    """What is to be held: its kind, whose it is, and where one came from. A case goes by its number."""

    kind: str
    provider: str
    voucher_id: int | None = None
    ore: int | None = None


@portal.route("/holds")
@open_to(Role.MAKER, Role.SIGNER)
def held() -> str:
    """What is held, how much waits for it, and what has been let go."""
    owner = municipality_id()
    with reading() as session:
        rows = holds.every(session, owner)
        waits = holds.waits_by_hold(session, owner)
        standing = {row.provider_id for row in rows if row.kind == "provider" and row.released_at is None}
        providers = session.execute(
            select(Provider.id, Provider.name)
            .where(Provider.municipality_id == owner)
            .order_by(Provider.name)
        ).all()
        lines = _first_lines(session, [row for row in rows if row.kind == "line"])
    return render_template(
        "finance/holds.html",
        held=[row for row in rows if row.released_at is None],
        released=[row for row in rows if row.released_at is not None],
        waits=waits,
        lines=lines,
        providers=[row for row in providers if row.id not in standing],
        own=actor().account_id,
    )


def _first_lines(session: Session, rows: list[Hold]) -> dict[int, LedgerLine]:
    """The first line under the key of each held one."""
    found = {}
    for row in rows:
        line = session.get(LedgerLine, (municipality_id(), row.scope_id, row.component, row.part, 0))
        if line is not None:
            found[row.id] = line
    return found


@portal.route("/holds/provider/<int:provider_id>", methods=["GET", "POST"])
@open_to(Role.MAKER, Role.SIGNER)
def hold_provider(provider_id: int) -> tuple[str, int] | Response:
    """Hold all that a provider would be paid."""
    with reading() as session:
        name = fetch(session, Provider, municipality_id(), provider_id).name
    form = _form()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.hold_provider(session, provider_id, *form.read(), by=actor(), at=dates.now())
            return _done()
    return shown("finance/hold.html", form, thing=Thing("provider", name))


@portal.route("/holds/leg/<int:leg_id>", methods=["GET", "POST"])
@open_to(Role.MAKER, Role.SIGNER)
def hold_leg(leg_id: int) -> tuple[str, int] | Response:
    """Hold all that is booked for one case at one provider."""
    with reading() as session:
        leg = fetch(session, Leg, municipality_id(), leg_id)
        name = fetch(session, Provider, municipality_id(), leg.provider_id).name
    form = _form()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.hold_leg(session, leg_id, *form.read(), by=actor(), at=dates.now())
            return _done()
    return shown("finance/hold.html", form, thing=Thing("leg", name, leg.voucher_id))


@portal.route("/holds/line/<int:scope_id>/<component>/<int:part>/<int:sequence>", methods=["GET", "POST"])
@open_to(Role.MAKER, Role.SIGNER)
def hold_line(scope_id: int, component: str, part: int, sequence: int) -> tuple[str, int] | Response:
    """Hold one line, and what is booked or taken back in its place."""
    key = Key(scope_id, component, part, sequence)
    with reading() as session:
        why = explain(session, municipality_id(), key)
    form = _form()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.hold_line(session, key, *form.read(), by=actor(), at=dates.now())
            return _done()
    thing = Thing("line", why.provider, why.line.voucher_id, why.line.amount_ore)
    return shown("finance/hold.html", form, thing=thing, key=key)


def _form() -> HoldForm:
    form = HoldForm()
    form.reason.choices = [(code, words.word(code, "hold_reason")) for code in HOLD_REASONS]
    return form


def _done() -> Response:
    flash(_("Det hålls inne. En annan person kan släppa det."), "success")
    return redirect(url_for("finance.held"))


@portal.route("/holds/<int:hold_id>/release", methods=["GET", "POST"])
@open_to(Role.MAKER, Role.SIGNER)
def release(hold_id: int) -> tuple[str, int] | Response:
    """Let go what somebody else held, with reasons."""
    owner = municipality_id()
    with reading() as session:
        row = next((one for one in holds.every(session, owner) if one.id == hold_id), None)
        waits = holds.waits_by_hold(session, owner).get(hold_id, (0, 0))
    if row is None:
        raise Missing()
    form = ReleaseForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.release(session, hold_id, form.words.data or "", by=actor(), at=dates.now())
            flash(_("Det är släppt. Det som väntar betalas i nästa utbetalning."), "success")
            return redirect(url_for("finance.held"))
    return shown("finance/release.html", form, it=row, waits=waits, own=actor().account_id)

"""New bank details: one person calls the provider, another approves or refuses, and every one before."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import words
from app.finance.forms import CallForm
from app.finance.views.door import portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from payouts.queries.desk import cooling_off_days
from providers import actions
from providers.models.registry import NOT_KEPT
from providers.queries import bank as asked
from providers.queries.bank import Details, Known
from providers.rules.bank import first_use_on, hindrance, is_known_since

PER_PAGE = 50
NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Change:
    """A number that waits: what it replaces, whom one may call, and what hinders this person."""

    details: Details
    before: Details | None
    known: list[Known]
    too_new: list[Known]
    form: CallForm
    hindrance: str | None


@portal.route("/bank-details")
@open_to(Role.MAKER, Role.SIGNER)
def bank_details() -> tuple[str, int]:
    """What waits, and every number before."""
    return _page()


@portal.post("/bank-details/<int:details_id>/call")
@open_to(Role.MAKER, Role.SIGNER)
def call_bank_details(details_id: int) -> tuple[str, int] | Response:
    """Note that one has called the provider and heard that the number is right."""
    form = CallForm.about(details_id)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                contact_id = form.read()
                actions.call_back(session, details_id, contact_id, by=actor(), today=dates.today())
            flash(_("Samtalet är antecknat. Nu ska en annan person godkänna."), "success")
            return redirect(url_for("finance.bank_details"))
    return _page(details_id, form)


@portal.post("/bank-details/<int:details_id>/approve")
@open_to(Role.MAKER, Role.SIGNER)
def approve_bank_details(details_id: int) -> Response:
    """Approve what another person has called about."""
    today = dates.today()
    with writing() as session:
        actions.approve_bank_details(session, details_id, by=actor(), today=today)
        first = first_use_on(today, cooling_off_days(session, municipality_id(), today))
    flash(_("Numret är godkänt. Det används från och med %(day)s.", day=words.day(first)), "success")
    return redirect(url_for("finance.bank_details"))


@portal.post("/bank-details/<int:details_id>/refuse")
@open_to(Role.MAKER, Role.SIGNER)
def refuse_bank_details(details_id: int) -> Response:
    """Say no; what was approved before goes on counting."""
    with writing() as session:
        actions.refuse_bank_details(session, details_id, by=actor(), today=dates.today())
    flash(_("Numret är avvisat. Pengarna går dit de gick förut."), "success")
    return redirect(url_for("finance.bank_details"))


def _page(tried_id: int | None = None, tried: CallForm | None = None) -> tuple[str, int]:
    """`tried` is the form that was sent for the change `tried_id`, with its errors."""
    owner, today = municipality_id(), dates.today()
    with reading() as session:
        rows = asked.every(session, owner)
        days = cooling_off_days(session, owner, today)
        waiting = [one for one in rows if one.is_waiting]
        contacts = asked.contacts(session, owner, {one.provider_id for one in waiting})
    changes = [
        _change(one, rows, contacts.get(one.provider_id, []), tried if one.id == tried_id else None)
        for one in reversed(waiting)
    ]
    answered = [one for one in rows if not one.is_waiting]
    pages = max(1, -(-len(answered) // PER_PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    return shown(
        "finance/bank_details.html",
        tried,
        changes=changes,
        answered=answered[(page - 1) * PER_PAGE : page * PER_PAGE],
        first_use={one.id: first_use_on(one.approved.on, days) for one in answered if one.approved},
        if_today=first_use_on(today, days),
        cooling_off_days=days,
        not_kept=NOT_KEPT,
        page=page,
        pages=pages,
    )


def _change(one: Details, rows: list[Details], contacts: list[Known], tried: CallForm | None) -> Change:
    known = [who for who in contacts if is_known_since(who.added.on, one.proposed.on)]
    form = tried or CallForm.about(one.id, formdata=None)
    form.contact.choices = [(str(who.id), f"{who.name}, {who.phone.replace(' ', NO_BREAK)}") for who in known]
    called_by = one.called.account_id if one.called else None
    return Change(
        details=one,
        before=asked.newest_approved(rows, one.provider_id),
        known=known,
        too_new=[who for who in contacts if who not in known],
        form=form,
        hindrance=hindrance(one.proposed.account_id, called_by, actor().account_id),
    )

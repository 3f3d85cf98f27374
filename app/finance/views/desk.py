"""The desk: what waits and whose turn it is; the run; and the batch that could be made now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.finance.forms import AnswerForm, MakeForm, RunForm
from app.finance.views.door import portal
from app.web import actor, database, municipality_id, open_to, reading, refused, shown, writing
from core import dates, money
from core.actor import Role
from payouts import actions
from payouts.actions.batches import Declared, Proposal
from payouts.queries import batches, desk, holds, review
from payouts.queries.accounts import AccountChange, account_changes, last_accounts
from providers.queries import names
from providers.queries.bank import waiting_count


@dataclass(frozen=True)
class Row:
    """A provider's row in the batch that could be made now. `account` is new, first, missing or known.

    `change` tells what a new one replaces, and who approved it.
    """

    name: str
    proposal: Proposal
    account: str
    change: AccountChange | None


@portal.route("/")
@open_to(Role.MAKER, Role.SIGNER)
def overview() -> tuple[str, int]:
    """What waits, whose turn it is, and every batch."""
    return _overview(RunForm(as_of=dates.today() - timedelta(days=1)))


@portal.post("/run")
@open_to(Role.MAKER)
def run() -> tuple[str, int] | Response:
    """Book what is owed. May be repeated."""
    form = RunForm()
    if form.validate_on_submit() and form.as_of.data:
        with refused(form):
            with database().transaction(municipality_id(), serial=False) as session:
                done = actions.run(session, by=actor(), as_of=form.as_of.data, at=dates.now())
            flash(_said(done.lines, done.earned_ore, done.clawed_ore), "success" if done.lines else "info")
            return redirect(url_for("finance.overview"))
    return _overview(form)


def _said(lines: int, earned_ore: int, clawed_ore: int) -> str:
    if not lines:
        return _("Inget nytt att boka. Allt som är intjänat är redan bokat.")
    told = ngettext("En rad är bokad", "%(num)s rader är bokade", lines)
    sums = _(
        "intjänat %(earned)s, återkrav %(clawed)s",
        earned=money.kronor(earned_ore),
        clawed=money.kronor(clawed_ore),
    )
    return f"{told}: {sums}."


def _overview(form: RunForm) -> tuple[str, int]:
    owner = municipality_id()
    with reading() as session:
        open_one = desk.open_batch(session, owner)
        signed = (
            [one.account_id for one in batches.signatures(session, owner, open_one.id)] if open_one else []
        )
        context = {
            "rows": _rows(session),
            "last_run": desk.last_run(session, owner),
            "batches": batches.batches(session, owner),
            "open": open_one,
            "turn": review.turn(open_one.state, open_one.made_by, signed, actor()) if open_one else None,
            "strange": desk.unmatched_answers(session, owner),
            "examples": desk.shows_examples(session, owner),
            "new_numbers": waiting_count(session, owner),
            "held": len(holds.every_standing(session, owner)),
        }
    return shown(
        "finance/overview.html",
        form,
        answer_form=AnswerForm(formdata=None),
        may_make=actor().has(Role.MAKER),
        today=dates.today(),
        **context,
    )


def _rows(session: Session) -> list[Row]:
    """What a batch made now would pay, by the provider's name."""
    owner, today = municipality_id(), dates.today()
    days = desk.cooling_off_days(session, owner, today)
    proposals = actions.pending(session, owner, cooling_off_days=days, today=today)
    called = names(session, owner, [row.provider_id for row in proposals])
    known = last_accounts(session, owner)
    now = {
        row.provider_id: (called[row.provider_id], (row.details.kind, row.details.number))
        for row in proposals
        if row.details
    }
    changes = {one.provider_id: one for one in account_changes(session, owner, known, now, today)}
    rows = [
        Row(called[row.provider_id], row, _account(row, known), changes.get(row.provider_id))
        for row in proposals
    ]
    return sorted(rows, key=lambda row: row.name)


def _account(row: Proposal, known: dict[int, tuple[str, str]]) -> str:
    if row.details is None:
        return "missing"
    if row.provider_id not in known:
        return "first"
    return "known" if known[row.provider_id] == (row.details.kind, row.details.number) else "new"


@portal.route("/make", methods=["GET", "POST"])
@open_to(Role.MAKER)
def make() -> tuple[str, int] | Response:
    """See what would be paid, provider by provider, and freeze it into a batch."""
    form = MakeForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                today = dates.today()
                made = actions.make_batch(
                    session,
                    Declared(*form.read()),
                    cooling_off_days=desk.cooling_off_days(session, municipality_id(), today),
                    by=actor(),
                    at=dates.now(),
                )
            if made.state == "parked":
                flash(_("Utbetalningen är parkerad. En annan person måste titta på den."), "warning")
            else:
                flash(_("Utbetalningen är gjord. Nu ska två andra personer skriva under."), "success")
            return redirect(url_for("finance.batch", batch_id=made.id))
    with reading() as session:
        rows = _rows(session)
        owner, today = municipality_id(), dates.today()
        days = desk.cooling_off_days(session, owner, today)
        ahead = actions.outlook(session, owner, cooling_off_days=days, today=today)
        called = names(session, owner, [row.provider_id for row in ahead.rows])
        open_one = desk.open_batch(session, municipality_id())
        examples = desk.shows_examples(session, municipality_id())
    payments = sum(row.proposal.paid_ore > 0 for row in rows)
    paid_ore = sum(row.proposal.paid_ore for row in rows)
    # A refused form must not send the old sums again: the page shows the new ones.
    form.payments.data, form.paid_ore.data = str(payments), str(paid_ore)
    return shown(
        "finance/make.html",
        form,
        rows=rows,
        ahead=ahead,
        called=called,
        payments=payments,
        paid_ore=paid_ore,
        open=open_one,
        examples=examples,
    )

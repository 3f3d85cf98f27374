"""What the pages where a voucher takes a turn share: the case, what it means in money, one step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.casework import gate
from app.casework.titles import Titles
from app.web import municipality_id, reading, sentence, shown
from core import dates
from core.database import fetch
from core.refusal import Refusal
from payouts.queries.outlook import Turn, outlook
from providers.models import Provider
from vouchers.models import Voucher
from vouchers.queries import case as one
from vouchers.queries.case import Head
from vouchers.queries.turns import Turns, turns
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class Case:
    """The case under hand: whose it is, how it has turned, under which rules."""

    head: Head
    turns: Turns
    terms: Terms
    service: str
    provider: str
    today: date

    @property
    def voucher(self) -> Voucher:
        """The voucher, as these turns have made it."""
        return self.turns.voucher

    @property
    def last_on(self) -> date | None:
        """The service's last day as it stands."""
        return self.turns.last_on(self.terms, self.today)


def entered(voucher_id: int, page: str) -> Case:
    """The case, for staff who may read about the person. Raises Missing."""
    today = dates.today()
    with reading() as session:
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, page)
    with reading() as session:
        titles = Titles(session)
        found = turns(session, head.voucher)
        now = found.now
        name = fetch(session, Provider, municipality_id(), now.provider_id).name if now else ""
        return Case(head, found, titles.terms(head.rulebook.id), titles.of(head), name, today)


@dataclass(frozen=True)
class Row:
    """One provider's part of the money, by name."""

    name: str
    earned_ore: int
    before_ore: int
    after_ore: int
    is_example: bool


def money(session: Session, case: Case, turn: Turn) -> list[Row]:
    """What the turn would do to what each provider can earn."""
    return [
        Row(
            fetch(session, Provider, municipality_id(), share.provider_id).name,
            share.earned_ore,
            share.before_ore,
            share.after_ore,
            share.is_example,
        )
        for share in outlook(session, case.turns, case.terms, turn, today=case.today)
    ]


def asked() -> str:
    """What the button says: check, do, or change."""
    return request.form.get("step", "check")


def page(template: str, case: Case, form: FlaskForm | None = None, **context: Any) -> tuple[str, int]:
    """A page about the case."""
    return shown(
        template,
        form,
        case=case,
        head=case.head,
        voucher=case.voucher,
        participant=case.head.participant,
        today=case.today,
        **context,
    )


def closed_door(template: str, case: Case, refusal: Refusal) -> tuple[str, int]:
    """The page for a turn that cannot be taken: why, and the way back."""
    return render_template(
        "casework/turn_closed.html",
        case=case,
        participant=case.head.participant,
        voucher=case.voucher,
        title=template,
        why=sentence(refusal),
    ), 200

"""A voucher's letter as it is read and printed: the same paper for the guide and for the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import segno
from flask import render_template, url_for
from flask_babel import force_locale, get_locale
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.web import settings
from core.actor import Account
from core.database import fetch
from core.rulebooks import Rulebook
from vouchers.queries import case, letters
from vouchers.queries.terms import terms_of
from vouchers.rules import choice
from vouchers.rules.deciding import OVER

LANGUAGES = ("sv", "en")


@dataclass(frozen=True)
class Side:
    """Another service that runs for the person at the same time."""

    kundval: str
    service: str


def language(wanted: str | None, own: str) -> str:
    """The letter's language: the one asked for, else the person's where we have it, else Swedish."""
    return next((one for one in (wanted, own) if one in LANGUAGES), "sv")


def written(session: Session, head: case.Head, paper: letters.Paper, locale: str, today: date) -> Markup:
    """The whole letter in that language."""
    owner, voucher = head.voucher.municipality_id, head.voucher
    terms = terms_of(session, owner, head.rulebook.id)
    with force_locale(locale):
        spoken = str(get_locale())
        address = url_for(
            "public.letter_code", code=paper.code, _external=True,
            _scheme="https" if settings().https else None,
        )  # fmt: skip
        page = render_template(
            "letters/paper.html",
            head=head,
            voucher=voucher,
            participant=head.participant,
            paper=paper,
            terms=terms,
            service=terms.services[voucher.service],
            beside=_beside(session, head, spoken),
            address=address,
            short_address=url_for("public.letter", _external=True).split("://", 1)[1],
            qr=qr(address),
            guide_email=fetch(session, Account, owner, head.participant.guide_id).email,
            is_first_window=voucher.choose_by == choice.choose_by(voucher.decided_on, terms),
            may_choose=voucher.state == "choice_open" and today <= voucher.choose_by,
        )
    return Markup(page)  # noqa: S704  # a template of ours, escaped there


def qr(address: str) -> Markup:
    """The address as a drawn square, without colours or styles of its own; words always stand beside it."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        scale=1, border=2, omitsize=True, svgclass="qr", lineclass="qr__marks"
    )
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704  # drawn by us


def _beside(session: Session, head: case.Head, locale: str) -> list[Side]:
    owner = head.voucher.municipality_id
    found = []
    for row in case.vouchers_of(session, owner, head.participant.id):
        if row.id != head.voucher.id and row.state not in OVER:
            book = fetch(session, Rulebook, owner, row.rulebook_id)
            service = terms_of(session, owner, row.rulebook_id).services[row.service]
            title = book.title_en if locale == "en" else book.title_sv
            found.append(Side(title, service.title(locale)))
    return found

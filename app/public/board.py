"""The day's market, kept in the process until anything changes, and each provider's card as it was drawn."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date

from flask import current_app, render_template
from markupsafe import Markup
from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import Session

from app.web import remember_name
from core.audit import AuditEntry
from core.database import Municipality
from vouchers.queries.choices import Candidate, Comparison, Market, market

SLOT = f"\x1e{secrets.token_hex(8)}\x1e"
"""What a drawn card has in place of what differs between visitors; nobody can have it in a name."""
BLANK = re.compile(r"\s*\n\s*")
NEWEST = (
    select(Municipality.name, AuditEntry.sequence, AuditEntry.seal)
    .outerjoin(AuditEntry, AuditEntry.municipality_id == Municipality.id)
    .where(Municipality.id == bindparam("whose"))
    .order_by(AuditEntry.sequence.desc())
    .limit(1)
)
"""Asked at every request, so it is made once; one row by two keys."""
PARTS = 6
MOST_PARTS = 500


@dataclass(frozen=True)
class Key:
    """What the market was made from: the day, and the newest link of the audit trail.

    Every change is a link of that chain, written in the change's own transaction.
    """

    municipality_id: int
    day: date
    sequence: int
    seal: str


@dataclass(frozen=True)
class Card:
    """A provider's card, drawn: to the wishes in its link, to the distance, to the reader's own buttons; the
    button to save or to remove; the end."""

    to_link: str
    to_distance: str
    to_buttons: str
    save: str
    remove: str
    end: str


@dataclass
class _Drawn:
    """What a card was drawn from; it holds for as long as that is the same."""

    candidate: Candidate
    around: tuple[object, ...]
    card: Card


@dataclass
class Board:
    """One process's memory of the market. Never asked without looking at the key first."""

    key: Key | None = None
    market: Market | None = None
    drawn: dict[tuple[str, str, int], _Drawn] = field(default_factory=dict)
    parts: dict[Hashable, Markup] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, session: Session, municipality_id: int, today: date) -> Market:
        """The market as it is: one query when nothing has happened since the last time."""
        key = _key(session, municipality_id, today)
        if self.key == key and self.market is not None:
            return self.market
        with self.lock:
            if self.key != key or self.market is None:
                found = market(session, municipality_id, today)
                there = {candidate.provider.id for candidate in found.candidates}
                self.drawn = {name: one for name, one in self.drawn.items() if name[2] in there}
                self.parts = {}
                self.market, self.key = found, key
            return self.market

    def card(self, comparison: Comparison, candidate: Candidate, locale: str) -> Card:
        """A provider's card in a language, for the service that was wished for."""
        name = (locale, comparison.wishes.service, candidate.provider.id)
        known = self.drawn.get(name)
        if known and known.candidate is candidate:
            return known.card
        around = _around(comparison, candidate)
        if known and (known.candidate, known.around) == (candidate, around):
            card = known.card
        else:
            card = _draw(comparison, candidate)
        self.drawn[name] = _Drawn(candidate, around, card)
        return card

    def part(self, name: Hashable, draw: Callable[[], str]) -> Markup:
        """A part of a page that is the same for all who wish the same, drawn once for each market."""
        parts = self.parts
        known = parts.get(name)
        if known is None:
            known = Markup(BLANK.sub("\n", draw()))  # noqa: S704  # a template has drawn it
            if len(parts) < MOST_PARTS:
                parts[name] = known
        return known


def board() -> Board:
    """This process's board."""
    found: Board = current_app.extensions.setdefault("board", Board())
    return found


def _key(session: Session, municipality_id: int, today: date) -> Key:
    bind = session.get_bind()
    if session.in_transaction() or not isinstance(bind, Engine):
        found = session.connection().execute(NEWEST, {"whose": municipality_id}).one_or_none()
    else:  # nothing has been asked yet, and most often nothing more will be: the session need not begin
        with bind.connect() as line:
            found = line.execute(NEWEST, {"whose": municipality_id}).one_or_none()
    if found is None:
        remember_name("")
        return Key(municipality_id, today, 0, "")
    remember_name(found.name)
    return Key(municipality_id, today, found.sequence or 0, found.seal or "")


def _around(comparison: Comparison, candidate: Candidate) -> tuple[object, ...]:
    """What a card shows besides its provider: the offers' words and the town's figures."""
    return tuple(comparison.offers[line.offer] for line in candidate.lines)


def _draw(comparison: Comparison, candidate: Candidate) -> Card:
    text = render_template("public/card.html", candidate=candidate, comparison=comparison, slot=SLOT)
    parts = BLANK.sub("\n", text).split(SLOT)
    if len(parts) != PARTS:
        raise ValueError("a card has no place for what differs between visitors")
    return Card(*parts)

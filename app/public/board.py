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
from sqlalchemy.orm import Session

from app.web import remember_name
from core import database
from vouchers.queries.choices import Candidate, Comparison, Market, market

SLOT = f"slot{secrets.token_hex(16)}"
"""What is drawn once has this in place of what differs between visitors; nobody can have it in a name."""
BLANK = re.compile(r"\s*\n\s*")
NEWEST = """
SELECT name,
  (SELECT sequence FROM audit_entry WHERE municipality_id = {0} ORDER BY sequence DESC LIMIT 1),
  (SELECT seal FROM audit_entry WHERE municipality_id = {0} ORDER BY sequence DESC LIMIT 1)
FROM municipality WHERE id = {0}
"""
"""Asked at every request, so in a way that is quick however long the trail is."""
PARTS = 6
MOST_PARTS, MOST_LINKS = 500, 50


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
    known: dict[tuple[str, bool], str] = field(default_factory=dict, compare=False)

    def whole(self, link: str, *, is_saved: bool) -> str:
        """The card of a visitor who has typed nothing and has nothing to choose; put together once."""
        found = self.known.get((link, is_saved))
        if found is None:
            button = self.remove if is_saved else self.save
            found = f"{self.to_link}{link}{self.to_distance}{self.to_buttons}{button}{self.end}"
            if len(self.known) < MOST_LINKS:
                self.known[link, is_saved] = found
        return found


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
    found = database.glance(session, NEWEST.format(int(municipality_id)))
    name, sequence, seal = found or ("", None, None)
    remember_name(name)
    return Key(municipality_id, today, sequence or 0, seal or "")


def _around(comparison: Comparison, candidate: Candidate) -> tuple[object, ...]:
    """What a card shows besides its provider: the offers' words and the town's figures."""
    return tuple(comparison.offers[line.offer] for line in candidate.lines)


def _draw(comparison: Comparison, candidate: Candidate) -> Card:
    text = render_template("public/card.html", candidate=candidate, comparison=comparison, slot=SLOT)
    parts = BLANK.sub("\n", text).split(SLOT)
    if len(parts) != PARTS:
        raise ValueError("a card has no place for what differs between visitors")
    to_link, to_distance, to_buttons, save, remove, end = parts
    return Card(to_link, to_distance, to_buttons, save, remove, end)

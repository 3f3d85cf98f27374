"""The comparison as one visitor sees it: drawn cards, with that visitor's distances, links and buttons."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any, TypeAlias
from urllib.parse import quote

from flask import render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.public.board import SLOT, board
from app.public.forms import WishesForm
from app.public.wishes import Near
from vouchers.queries.choices import Candidate, Comparison, OpenChoice, Wishes
from vouchers.rules.distance import kilometres

OWN_NAMES = {
    "sv": "svenska",
    "en": "English",
    "ar": "العربية",
    "so": "Soomaali",
    "fa": "فارسی",
    "uk": "українська",
    "es": "español",
    "fi": "suomi",
    "tr": "Türkçe",
    "ti": "ትግርኛ",
}
Told: TypeAlias = Mapping[str, Any]
TYPED = ("q", "near", "p")
"""What a visitor may write anything in: an address with these is nobody else's."""


def is_typed(told: Told) -> bool:
    """Whether an address holds what its visitor alone has typed."""
    return any(name in told for name in TYPED)


def far(metres: int | None) -> str:
    """How far it is, in words: ungefär 3 km, fågelvägen. Nothing when nobody knows."""
    if metres is None:
        return ""
    km = kilometres(metres)
    return _("ungefär %(km)s km, fågelvägen", km=km) if km else _("mindre än 1 km, fågelvägen")


def cards(
    comparison: Comparison,
    shown: Sequence[Candidate],
    *,
    told: Told,
    told_only: Told,
    mine: Mapping[str, OpenChoice],
    saved: Collection[int],
) -> Markup:
    """The cards of these candidates. `told` goes with their links, `told_only` with those to a choice."""
    locale, found, drawn = str(get_locale()), [], board()
    link = escape(url_for("public.compare", **told).partition("/compare")[2])
    is_everybodys = not (mine or comparison.metres or is_typed(told))
    for candidate in shown:
        card, key = drawn.card(comparison, candidate, locale), candidate.provider.id
        if is_everybodys:
            found.append(card.whole(link, is_saved=key in saved))
            continue
        how_far = far(comparison.metres.get(key))
        found += [card.to_link, link, card.to_distance, escape(f", {how_far}") if how_far else ""]
        found.append(card.to_buttons)
        if mine:
            found.append(
                render_template("public/chooser.html", candidate=candidate, wishes=told_only, mine=mine)
            )
        found += [card.remove if key in saved else card.save, card.end]
    return Markup("".join(found))  # noqa: S704  # templates have drawn the cards


def find(comparison: Comparison, near: Near, home: str, told: Told) -> Markup:
    """What can be wished for, as filled in; drawn anew only where somebody has typed something."""
    locale, used = str(get_locale()), comparison.wishes

    def draw() -> str:
        return render_template(
            "public/find.html",
            comparison=comparison,
            form_=WishesForm.about(used, comparison, locale),
            near=near,
            home=home,
            told=told,
            own_names=OWN_NAMES,
            is_open=replace(used, service="", language="") != Wishes(),
        )

    if used.text or used.only or near.typed or near.fault or home:
        return Markup(draw())  # noqa: S704  # a template has drawn it
    return board().part(("find", locale, used), draw)


def about(comparison: Comparison, near: Near, asked: Wishes, told: Told, told_only: Told) -> Markup:
    """How many there are, in which order, what the figures mean, and the other ways to see them."""
    used = comparison.wishes

    def draw() -> str:
        return render_template(
            "public/about_list.html",
            comparison=comparison,
            near=near,
            asked=asked,
            told=told,
            told_only=told_only,
        )

    if used.text or used.only or near.typed:
        return Markup(draw())  # noqa: S704  # a template has drawn it
    return board().part(("about", str(get_locale()), used, asked.service), draw)


def turning(page: int, pages: int, told: Told) -> Markup:
    """The way to the next page and back."""

    def draw() -> str:
        return render_template("public/turning.html", page=page, pages=pages, told=told)

    if is_typed(told):
        return Markup(draw())  # noqa: S704  # a template has drawn it
    return board().part(("turning", str(get_locale()), page, pages, tuple(sorted(told.items()))), draw)


def framed(name: Hashable, cards: Markup, draw: Callable[..., str]) -> str:
    """A stranger's page: what stands around the list is drawn once for each market, and has slots for the
    visitor's own address (in the link to the other language, and where the list's form leads back), form
    token and list."""

    def frame() -> str:
        return draw(here=SLOT, token=SLOT, cards=SLOT)

    start, language, token, back, end = board().part((name, str(get_locale())), frame).split(SLOT)
    here = request.full_path.rstrip("?")
    pieces = (start, quote(here), language, generate_csrf(), token, escape(here), back, cards, end)
    return "".join(pieces)

"""The comparison: the list, four side by side, the visitor's own list, the sheet for paper, and the map."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.public import listing, maps, wishes
from app.public.door import portal
from app.web import actor, local, municipality_id, open_to_all, reading, shown
from core import dates
from providers.queries.places import known
from vouchers.queries import choices
from vouchers.queries.choices import Candidate, Comparison, OpenChoice, Wishes

PER_PAGE = 25
MOST_BESIDE = 4


@portal.route("/compare")
@open_to_all
def compare() -> tuple[str, int]:
    """Every accredited provider, as the visitor wishes to see them."""
    with reading() as look:
        mine = wishes.my_choices(look)
        wanted, near = wishes.asked(mine), wishes.near_by(look, request.args)
        comparison = wishes.met(look, wanted, near)
        home = _home(look, mine) if not near.typed else ""
    used, found = comparison.wishes, comparison.candidates
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(1, request.args.get("page", 1, int)), pages)
    told, told_only = wishes.written(used, near), wishes.written(used)
    saved = _saved(comparison)
    cards = listing.cards(
        comparison,
        found[(page - 1) * PER_PAGE : page * PER_PAGE],
        told=told,
        told_only=told_only,
        mine=mine,
        saved={one.provider.id for one in saved},
    )

    def around(**given: object) -> str:
        return render_template(
            "public/compare.html",
            form=None,
            comparison=comparison,
            find=listing.find(comparison, near, home, told),
            about=listing.about(comparison, near, wanted, told, told_only),
            told=told,
            told_only={name: value for name, value in told_only.items() if name != "p"},
            saved=saved,
            mine=mine,
            turning=listing.turning(page, pages, told),
            page=page,
            pages=pages,
            today=dates.today(),
            **given,
        )

    is_strangers = not (current_user.is_authenticated or saved or near.fault or "_flashes" in session)
    if not is_strangers or not cards or listing.is_typed(told):
        return around(cards=cards), 200
    return listing.framed(("compare", used, wanted.service, page), cards, around), 200


def _home(look: Session, mine: dict[str, OpenChoice]) -> str:
    """The postal code that a person who is to choose need not type; never a protected person's."""
    participant_id = actor().participant_id if mine and current_user.is_authenticated else None
    return choices.home_code(look, municipality_id(), participant_id) if participant_id else ""


def _saved(comparison: Comparison) -> list[Candidate]:
    """The visitor's own list, without those who cannot be chosen any more."""
    everybody = comparison.market.by_id
    return [everybody[key] for key in wishes.own_list() if key in everybody]


@portal.route("/compare/shortlist", methods=["POST"])
@open_to_all
def shortlist() -> AnyResponse:
    """Put a provider on the visitor's own list, or take it away; the list stays in the visitor's cookie."""
    kept = wishes.own_list()
    add, remove = (request.form.get(name, 0, int) for name in ("add", "remove"))
    with reading() as look:
        there = wishes.met(look, Wishes()).market.by_id
    kept = tuple(key for key in kept if key in there and key != remove)
    if request.form.get("empty"):
        kept = ()
    if add in there and add not in kept:
        kept = (*kept, add)
    wishes.keep_list(kept)
    back = local(request.form.get("next")) or url_for("public.compare")
    return redirect(f"{back.partition('#')[0]}#p-{add or remove}" if add or remove else back)


@portal.route("/compare/side-by-side")
@open_to_all
def side_by_side() -> tuple[str, int]:
    """Up to four providers beside each other, row by row."""
    with reading() as look:
        mine = wishes.my_choices(look)
        wanted, near = wishes.asked(mine), wishes.near_by(look, request.args)
        comparison = wishes.met(look, Wishes(service=wanted.service, only=wanted.only), near)
    by_id = {found.provider.id: found for found in comparison.candidates}
    beside = [by_id[key] for key in wanted.only if key in by_id]
    return shown(
        "public/side_by_side.html",
        comparison=comparison,
        beside=beside[:MOST_BESIDE],
        offers=[
            offer
            for code, offer in comparison.offers.items()
            if comparison.wishes.service in ("", code) and any(found.line(code) for found in beside)
        ],
        far={key: listing.far(metres) for key, metres in comparison.metres.items()},
        asked=len(wanted.only),
        told=wishes.written(wanted, near),
        told_only=wishes.written(wanted),
        near=near,
        mine=mine,
    )


@portal.route("/compare/sheet")
@open_to_all
def sheet() -> tuple[str, int]:
    """The comparison on paper, for who chooses with a guide and a pen."""
    with reading() as look:
        comparison = wishes.met(look, wishes.asked(wishes.my_choices(look)))
    used = comparison.wishes
    offers = [
        offer
        for code, offer in comparison.offers.items()
        if used.service in ("", code) and any(found.line(code) for found in comparison.candidates)
    ]
    return shown(
        "public/sheet.html",
        comparison=comparison,
        offers=offers,
        told=wishes.written(used),
        saved=_saved(comparison),
        today=dates.today(),
    )


@portal.route("/compare/map", endpoint="map")
@open_to_all
def on_map() -> tuple[str, int]:
    """Where they are: a map with numbers, and the same numbers as a list."""
    with reading() as look:
        wanted = wishes.asked(wishes.my_choices(look))
        near = wishes.near_by(look, request.args)
        comparison = wishes.met(look, wanted, near)
        ground = known(look, municipality_id())
    groups, unplaced = maps.grouped(comparison.candidates)
    return shown(
        "public/map.html",
        comparison=comparison,
        groups=groups,
        unplaced=unplaced,
        sketch=maps.drawn(groups, ground, near.spot) if groups else None,
        far={key: listing.far(metres) for key, metres in comparison.metres.items()},
        told=wishes.written(comparison.wishes, near),
    )

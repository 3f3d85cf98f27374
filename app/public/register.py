"""The public register: a page with filters, the whole of it as CSV and JSON, and the feed of events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_babel import force_locale, get_locale

from app import tables
from app.public import open_data
from app.public.door import portal
from app.public.forms import RegisterForm, Sought
from app.web import LANGUAGES, for_anybody, open_to_all, reading, settings, shown
from core import dates
from core.refusal import Missing
from providers.queries import open_register
from providers.queries.open_register import Entry, Registered

PER_PAGE = 50
SECONDS = 60
MOST_EVENTS = 500
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Row:
    """An accreditation in the list: whose it is, and the name of its service."""

    one: Registered
    entry: Entry
    title: str


SORTS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: row.one.name.casefold(),
    "service": lambda row: row.title.casefold(),
    "state": lambda row: row.entry.state,
    "since": lambda row: row.entry.from_on,
}


@portal.route("/register")
@open_to_all
def register() -> tuple[str, int]:
    """Every accreditation in force, or those one seeks; also those that have ended."""
    locale = str(get_locale() or "sv")
    with reading() as look:
        found = open_data.read(look, settings().municipality_id, dates.today())
    sought = Sought.read(request.args, found)
    rows = [
        Row(one, entry, found.title(entry, locale))
        for one, entry in found.entries
        if sought.meets(one, entry)
    ]
    sort, direction = request.args.get("sort", "name"), request.args.get("dir", "asc")
    rows.sort(key=SORTS.get(sort, SORTS["name"]), reverse=direction == "desc")
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(1, request.args.get("page", 1, int)), pages)
    return shown(
        "public/register.html",
        rows=rows[(page - 1) * PER_PAGE : page * PER_PAGE],
        count=len(rows),
        total=len(found.entries),
        several_schemes=len({entry.scheme for _, entry in found.entries}) > 1,
        sought=sought,
        register_form=RegisterForm.about(sought, found, locale),
        number=open_data.number,
        sort=sort if sort in SORTS else "name",
        direction=direction,
        page=page,
        pages=pages,
    )


@portal.route("/register.csv")
@open_to_all
def register_csv() -> Response:
    """The whole register as CSV: in Swedish, or in the language that the address asks for."""
    locale = request.args.get("lang", "sv")
    if locale not in LANGUAGES:
        raise Missing()
    with reading() as look:
        found = open_data.read(look, settings().municipality_id, dates.today())
    with force_locale(locale):
        body = tables.as_csv(open_data.as_rows(found, locale), mark=True)
    answer = Response(body, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="register.csv"'
    return _kept(answer, body)


@portal.route("/register.json")
@open_to_all
def register_json() -> Response:
    """The whole register as JSON."""
    with reading() as look:
        last = open_register.last_event(look, settings().municipality_id)
        found = open_data.read(look, settings().municipality_id, dates.today())
    body = open_data.as_json(found, last)
    return _kept(_json({"generated_at": open_data.moment(dates.now()), **body}), _bytes(body))


@portal.route("/register/events")
@open_to_all
def register_events() -> Response:
    """What has happened after a running number, and the number to go on from."""
    after, limit = _asked("after", 0, 0, LARGEST), _asked("limit", 100, 1, MOST_EVENTS)
    if after is None:
        return _wrong(
            "after_wrong",
            "after ska vara numret på den senaste händelse du har läst, eller 0.",
            "after must be the number of the latest event you have read, or 0.",
        )
    if limit is None:
        return _wrong(
            "limit_wrong",
            f"limit ska vara ett heltal från 1 till {MOST_EVENTS}.",
            f"limit must be a whole number from 1 to {MOST_EVENTS}.",
        )
    with reading() as look:
        told = open_register.events(look, settings().municipality_id, after=after, limit=limit + 1)
    more, told = len(told) > limit, told[:limit]
    last = told[-1].number if told else after
    body = {
        "events": [open_data.event_as_json(one) for one in told],
        "last": last,
        "more": more,
        "next": url_for("public.register_events", after=last, limit=limit),
    }
    return _kept(_json(body), _bytes(body))


def _asked(name: str, usual: int, least: int, most: int) -> int | None:
    """A whole number in the address; None when it is not one, or out of bounds."""
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
        return None
    return int(text) if least <= int(text) <= most else None


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(_bytes(body), status, content_type="application/json")


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _wrong(code: str, sv: str, en: str) -> Response:
    answer = _json({"error": {"code": code, "sv": sv, "en": en}}, 400)
    return for_anybody(answer, SECONDS)


def _kept(answer: Response, content: bytes) -> Response:
    """Let caches keep the answer a while, and say "not modified" to whoever has this content already."""
    answer.set_etag(hashlib.sha256(content).hexdigest()[:32], weak=True)
    answer.make_conditional(request)
    return for_anybody(answer, SECONDS)

"""Results by three definitions, side by side, on one page and as a file."""

from __future__ import annotations

from flask import Response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _

from app import tables, words
from app.definitions import PARTS, TEXTS, TITLES, Definitions, Line, gathered
from app.oversight import telling
from app.oversight.portal import portal
from app.oversight.secrecy import Hidden, Value
from app.web import municipality_id, open_to, reading
from core import dates
from core.actor import STAFF


@portal.route("/results")
@open_to(*STAFF)
def results() -> str:
    """What paid, what lasted a month on the regular market, what held for six months."""
    found, locale = _gathered(), str(get_locale() or "sv")
    service = _asked(found)
    first, last = _span(found)
    return render_template(
        "oversight/results.html",
        found=found,
        service=service,
        titles=found.titles(locale),
        now=found.line(None, service),
        lines=found.by_year(service),
        parts=PARTS,
        names=TITLES,
        texts=TEXTS,
        period=f"{first} – {last}",
        said=telling.said,
        hiding=telling.hiding(),
    )


@portal.route("/results.csv")
@open_to(*STAFF)
def results_file() -> Response:
    """The same as a file: a line a year and service, and a line a year for all."""
    found, locale = _gathered(), str(get_locale() or "sv")
    titles = found.titles(locale)
    heads: list[str] = [str(telling.COLUMNS["year"]), str(telling.COLUMNS["service"]), str(TITLES["left"])]
    for name in PARTS:
        title = str(TITLES[name])
        heads += [title, _("%(title)s: av", title=title), _("%(title)s: väntar", title=title)]
    rows = [
        [line.year, titles.get(line.service, _("Alla insatser")), *_cells(line)]
        for service in ("", *titles)
        for line in found.by_year(service)
    ]
    name = f"resultat-{found.today.isoformat()}.csv"
    return Response(
        tables.as_csv([heads, *rows]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cells(line: Line) -> list[str | int | None]:
    parts = [value for name in PARTS for value in _numbers(line, name)]
    return [_cell(value) for value in (line.left, *parts)]


def _numbers(line: Line, name: str) -> tuple[Value, Value, Value]:
    part = line.parts[name]
    return part.good, part.of, part.waiting


def _cell(value: Value) -> str | int | None:
    return telling.said(value) if isinstance(value, Hidden) else value


def _gathered() -> Definitions:
    with reading() as session:
        return gathered(session, municipality_id(), dates.today())


def _asked(found: Definitions) -> str:
    service = request.args.get("service", "")
    return service if service in found.services else ""


def _span(found: Definitions) -> tuple[str, str]:
    """The first and last month of the last twelve whole ones."""
    this_month = dates.first_of_month(found.today)
    return words.month(dates.add_months(this_month, -12)), words.month(dates.add_months(this_month, -1))

"""Statistics for staff: key figures, two plots, tables by year and by month, and the same as files."""

from __future__ import annotations

from flask import Response, abort, render_template, request
from flask_babel import get_locale

from app.oversight import export as files
from app.oversight import plots, results, tables, telling
from app.oversight.figures import Figures, gather
from app.oversight.forms import FilterForm, asked, titles
from app.oversight.portal import portal
from app.oversight.secrecy import Value
from app.web import municipality_id, open_to, reading
from core import dates
from core.actor import STAFF

PER_PAGE = 36
SHORT = 24
SORTS = ("bucket", "service", "level", "served", "decided", "started", "ended", "outcome", "money")
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

__all__ = ["export", "figures", "portal", "results"]


@portal.route("/")
@open_to(*STAFF)
def figures() -> str:
    """How many are helped, how it goes, and what it costs."""
    found, locale = _gathered(), str(get_locale() or "sv")
    chosen = asked(found)
    table = tables.by_month(found, year=chosen.year, service=chosen.service)
    sort, direction = request.args.get("sort", ""), request.args.get("dir", "asc")
    if sort in SORTS:
        table = table.sorted(sort, ascending=direction != "desc")
    pages = max(1, -(-len(table) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    months = telling.months_of(found, chosen.year)
    return render_template(
        "oversight/figures.html",
        chosen=chosen,
        filter_form=FilterForm.about(found, chosen, locale),
        period=telling.period(found, chosen.year),
        key_figures=telling.key_figures(found, chosen.year, chosen.service),
        money=plots.money_by_month(found, months, chosen.service) if months else None,
        outcomes=plots.outcomes_by_month(found, months, chosen.service) if months else None,
        years=_said_years(found, chosen.service),
        months=_said_months(found, table.page((page - 1) * PER_PAGE, PER_PAGE).rows(), locale),
        columns=telling.COLUMNS,
        definitions=telling.DEFINITIONS,
        hiding=telling.hiding(),
        is_empty=not found.cells,
        sort=sort if sort in SORTS else None,
        direction=direction,
        page=page,
        pages=pages,
    )


@portal.route("/export.<kind>")
@open_to(*STAFF)
def export(kind: str) -> Response:
    """The same figures, with the same filters, as CSV or Excel."""
    if kind not in KINDS:
        abort(404)
    found, locale = _gathered(), str(get_locale() or "sv")
    chosen = asked(found)
    by_month = files.months(found, year=chosen.year, service=chosen.service, locale=locale)
    if kind == "csv":
        body = files.as_csv(by_month)
    else:
        keys = files.keys(found, year=chosen.year, service=chosen.service, locale=locale)
        body = files.as_xlsx([keys, files.years(found, service=chosen.service), by_month])
    name = "-".join(["statistik", *chosen.arguments.values(), found.today.isoformat()])
    return Response(
        body,
        content_type=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


def _gathered() -> Figures:
    with reading() as session:
        return gather(session, municipality_id(), dates.today())


def _said(row: dict[str, Value | str]) -> dict[str, str]:
    return {name: _unbroken(telling.said(value, name)) for name, value in row.items()}


def _unbroken(text: str) -> str:
    """Short words of a cell stay on one line."""
    return text.replace(" ", "\u00a0") if len(text) <= SHORT else text


def _said_years(found: Figures, service: str) -> list[dict[str, str]]:
    return [
        {**_said(row), "year": _unbroken(telling.year_name(found, int(str(row["bucket"]))))}
        for row in files.year_rows(found, service)
    ]


def _said_months(found: Figures, rows: list[dict[str, Value | str]], locale: str) -> list[dict[str, str]]:
    names = titles(found, locale)
    return [
        {
            **_said(row),
            "bucket": _unbroken(telling.month_so_far(found, int(str(row["bucket"])))),
            "service": _unbroken(names[str(row["service"])]),
            "level": found.offers[str(row["service"])].level_title(str(row["level"]), locale),
        }
        for row in rows
    ]

"""The tables as files: CSV for programs, Excel for people. Kronor are exact, hidden numbers stay hidden."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from flask_babel import gettext as _

from app import tables as files
from app.oversight import tables, telling
from app.oversight.figures import Figures
from app.oversight.forms import titles
from app.oversight.secrecy import Hidden, Value
from core.money import decimal_text
from vouchers.queries.figures import first_day

YEAR_COLUMNS = (
    "served", "decided", "started", "ended", "mean_days", "outcome", "followed", "still", "waiting", "share",
    "providers", "municipal", *telling.MONEY,
)  # fmt: skip
MONTH_COLUMNS = ("served", "decided", "started", "ended", "outcome", *telling.MONEY)
# Text, a whole number, kronor, or nothing.
Typed: TypeAlias = str | int | Decimal | None


@dataclass(frozen=True)
class Sheet:
    """A table with its heads."""

    title: str
    heads: list[str]
    rows: list[list[Typed]]

    @property
    def lines(self) -> list[list[Typed]]:
        """Heads and rows."""
        return [list(self.heads), *self.rows]


def months(figures: Figures, *, year: int | None, service: str, locale: str) -> Sheet:
    """Month × service × level."""
    names = titles(figures, locale)
    found = tables.by_month(figures, year=year, service=service).rows()
    rows: list[list[Typed]] = [
        [
            f"{first_day(int(str(row['bucket']))):%Y-%m}",
            names[str(row["service"])],
            figures.offers[str(row["service"])].level_title(str(row["level"]), locale),
            *_typed(row, MONTH_COLUMNS),
        ]
        for row in found
    ]
    return Sheet(_("Per månad"), _heads(("month", "service", "level", *MONTH_COLUMNS)), rows)


def years(figures: Figures, *, service: str) -> Sheet:
    """One row a year."""
    rows = [[str(row["bucket"]), *_typed(row, YEAR_COLUMNS)] for row in year_rows(figures, service)]
    return Sheet(_("Per år"), _heads(("year", *YEAR_COLUMNS)), rows)


def year_rows(figures: Figures, service: str) -> list[dict[str, Value | str]]:
    """The rows of the table by year, with the providers of its last day."""
    found = tables.by_year(figures, service=service).rows()
    for row in found:
        last = min(figures.span("year", int(str(row["bucket"])))[1], figures.today)
        row["providers"], row["municipal"] = figures.providers(last, service)
    return found


def keys(figures: Figures, *, year: int | None, service: str, locale: str) -> Sheet:
    """The key figures with their definitions, and what the file is about."""
    found = telling.key_figures(figures, year, service)
    rows: list[list[Typed]] = [[one.label, one.value, one.note, one.definition] for one in found]
    about = [
        (_("Period"), telling.period(figures, year)),
        (_("Insats"), titles(figures, locale).get(service) or _("Alla insatser")),
        (_("Räknat till och med"), figures.today.isoformat()),
        (_("Dolda tal"), telling.hiding()),
    ]
    rows += [[label, text, "", ""] for label, text in about]
    heads = [_("Nyckeltal"), _("Värde"), _("Mer"), _("Så räknas det")]
    return Sheet(_("Nyckeltal"), heads, rows)


def _heads(names: Iterable[str]) -> list[str]:
    heads = []
    for name in names:
        head = str(telling.COLUMNS[name])
        heads.append(_("%(head)s, kr", head=head) if name in telling.MONEY else head)
    return heads


def _typed(row: dict[str, Value | str], names: Sequence[str]) -> list[Typed]:
    return [_cell(row[name], name) for name in names]


def _cell(value: Value | str, name: str) -> Typed:
    if isinstance(value, int):
        return Decimal(decimal_text(value)) if name in telling.MONEY else value
    return telling.said(value) if isinstance(value, Hidden) else value


def as_csv(sheet: Sheet) -> bytes:
    """Comma between columns, point in kronor, UTF-8 without a mark; what looks like a formula is text."""
    return files.as_csv(sheet.lines)


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook: numbers as numbers, kronor with two decimals, text as text."""
    import openpyxl  # noqa: PLC0415  # costs at start, and few requests need it
    from openpyxl.styles import Font  # noqa: PLC0415  # only an export needs it
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  # as above

    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet.title)
        page.freeze_panes = "A2"
        for line, row in enumerate(sheet.lines, 1):
            for column, value in enumerate(row, 1):
                cell = page.cell(line, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
                elif isinstance(value, Decimal):
                    cell.number_format = "#,##0.00"
                elif value is not None:
                    cell.number_format = "#,##0"
                if line == 1:
                    cell.font = Font(bold=True)
        for column in range(1, len(sheet.heads) + 1):
            texts = [str(row[column - 1] or "") for row in sheet.lines]
            page.column_dimensions[get_column_letter(column)].width = min(max(map(len, texts)) + 3, 60)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

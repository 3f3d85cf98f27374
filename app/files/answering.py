"""What goes back: a template with the people in it, and the same file with what to change in each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from flask_babel import get_locale
from flask_babel import gettext as _

from app.files.columns import LEG, NAME, OF, WRONG, title, word
from app.files.opened import Line
from app.tables import as_text
from app.web import sentence
from vouchers.actions.telling import Fault
from vouchers.rules import fields
from vouchers.rules.fields import Field
from vouchers.rules.terms import Terms

MARK = "\ufeff"
"""What spreadsheets know UTF-8 by."""
EXAMPLES = {
    "day": "2026-11-27",
    "month": "2026-11",
    "time": "09:30",
    "whole": "4",
    "flag": "ja",
}


def told(faults: Sequence[Fault], names: Mapping[str, str]) -> str:
    """What is wrong in a row, in the reader's language: each column with its sentence."""
    said = []
    for fault in faults:
        where = names.get(fault.field)
        said.append(f"{where}: {sentence(fault.refusal)}" if where else sentence(fault.refusal))
    return " ".join(said)


def names_of(kind: str) -> dict[str, str]:
    """The columns' headings, in the reader's language. Whom a row is about needs none."""
    return {one.name: title(one) for one in fields.DECLARED[OF[kind]]}


def answered(lines: Iterable[Line], faults: Mapping[int, Sequence[Fault]], kind: str) -> Iterator[list[str]]:
    """The file's own lines with one column more, which is empty where all is well."""
    names, known = names_of(kind), dict[tuple[int, ...], str]()
    own = 0
    for place, (number, cells) in enumerate(lines):
        if place == 0:
            own = _own_column(cells)
            yield [*_without(cells, own), title(WRONG)]
            continue
        found = faults.get(number, ())
        key = tuple(map(id, found))  # the same fault is kept once, however many rows have it
        if found and key not in known and len(known) < 10_000:
            known[key] = told(found, names)
        yield [*_without(cells, own), (known.get(key) or told(found, names)) if found else ""]


def _own_column(header: list[str]) -> int:
    """The place of the column that an earlier answer put there, from 1; 0 when there is none."""
    words = {WRONG, "vad som behöver ändras", title(WRONG).casefold()}
    return next((place for place, cell in enumerate(header, 1) if cell.strip().casefold() in words), 0)


def _without(cells: list[str], place: int) -> list[str]:
    return cells[: place - 1] + cells[place:] if place else cells


def write_csv(out: IO[bytes], lines: Iterable[Sequence[str]]) -> None:
    """Semicolons, as spreadsheets here expect; what looks like a formula is text."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    text.write(MARK)
    writer = csv.writer(text, delimiter=";")
    for line in lines:
        writer.writerow([as_text(cell) for cell in line])
    text.detach()


def write_xlsx(out: IO[bytes], sheets: Mapping[str, Iterable[Sequence[str]]]) -> None:
    """A workbook of texts; a spreadsheet makes no numbers or dates of them."""
    import openpyxl  # noqa: PLC0415  # costs at start, and few requests write Excel
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  # as above
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415  # as above

    book = openpyxl.Workbook(write_only=True)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for letter in "ABCDEFGHIJKLMN":
            sheet.column_dimensions[letter].width = 22
        for line in lines:
            row: list[Any] = []
            for text in line:
                cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
                cell.data_type, cell.number_format = "s", "@"
                row.append(cell)
            sheet.append(row)
    book.save(out)


# ── the template ──────────────────────────────────────────────────────────────────────────────────


def template(kind: str, people: Iterable[Sequence[str]], *, in_words: bool) -> Iterator[list[str]]:
    """A heading and one line for each of `people` (reference, name, what is known already by column).

    `in_words` for people, codes for programs.
    """
    columns: list[Field | str] = [LEG, NAME, *fields.DECLARED[OF[kind]]]
    yield [title(one) if in_words else one if isinstance(one, str) else one.name for one in columns]
    for known in people:
        yield [*known, *[""] * (len(columns) - len(known))]


def explained(kind: str, terms: Sequence[Terms]) -> Iterator[list[str]]:
    """What each column takes, one a line."""
    yield [_("Kolumn"), _("Kod"), _("Behövs"), _("Så skriver ni"), _("Svar som finns")]
    yield [title(LEG), LEG, _("ja"), _("Numret som står i mallen. Ändra det inte."), ""]
    yield [title(NAME), NAME, _("nej"), _("Visas bara för er. Den läses inte."), ""]
    for one in fields.DECLARED[OF[kind]]:
        yield [
            title(one),
            one.name,
            _("ja") if one.needed else _("nej"),
            _hint(one),
            "\n".join(f"{code} = {text}" for code, text in _options(one, terms)),
        ]


def _hint(one: Field) -> str:
    if one.help:
        return _(one.help)
    if one.kind == "whole":
        return _("Ett helt tal från %(least)s till %(most)s.", least=one.least, most=one.most)
    if one.kind in ("words", "text"):
        return _("En text med högst %(most)s tecken.", most=one.most)
    if one.kind == "choices":
        return _("Ett eller flera svar, med blanksteg mellan.")
    if one.kind == "choice":
        return _("Ett av svaren.")
    return _("Till exempel %(example)s.", example=EXAMPLES.get(one.kind, ""))


def _options(one: Field, terms: Sequence[Terms]) -> list[tuple[str, str]]:
    if one.kind == "choices":
        locale = str(get_locale() or "sv")
        known = [titled for book in terms if book.reports for titled in book.reports.activities]
        return list({titled.code: titled.title(locale) for titled in known}.items())
    return [(code, word(one.name, code)) for code in one.options]

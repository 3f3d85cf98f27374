"""Which column says what: by its code or its words in either language, in any order.

Lines of text become rows to tell; nothing here knows what a report asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l

from app.files.opened import MOST_ROWS, Line, Opened
from app.files.references import leg_of
from app.tables import FORMULA
from app.web import LANGUAGES
from app.wording import WORDS
from core.refusal import Refusal
from vouchers.actions.telling import Row
from vouchers.rules import fields
from vouchers.rules.fields import Field

LEG, NAME, WRONG = "participant", "name", "wrong"
TITLES = {LEG: _l("Deltagare"), NAME: _l("Namn"), WRONG: _l("Vad som behöver ändras")}
"""Columns besides the declared fields: whom it is about; who that is, which is only shown; what was wrong."""
OF = {"monthly": "monthly", "deviations": "deviation", "occasions": "occasion"}
"""What the rows of a kind of file are, as a word of `fields.DECLARED`."""
FAMILIES = {"against_plan": "against_plan", "reason": "absence", "kind": "occasion"}
"""Which words of `app.words` say the codes of a choice."""
BLANK = " \u00a0\u202f\t\r\n\ufeff"


def title(one: Field | str) -> str:
    """A column's heading, in the reader's language."""
    return gettext(one.title) if isinstance(one, Field) else str(TITLES[one])


def word(name: str, code: str) -> str:
    """A choice's code in words, in the reader's language; the code where there are none."""
    return str(WORDS.get(f"{FAMILIES.get(name, name)}.{code}", code))


@dataclass(frozen=True)
class Columns:
    """Where each column stands in one file, by place; and what its words stand for."""

    kind: str
    names: tuple[str | None, ...]
    codes: Mapping[str, Mapping[str, str]]

    def rows(self, lines: Iterator[Line]) -> Iterator[Row]:
        """What each line after the header says. Raises Refusal for more rows than may be."""
        count, width = 0, len(self.names)
        for number, cells in lines:
            if not any(cell.strip(BLANK) for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise Refusal(
                    "rows_too_many",
                    "Filen har fler än {most} rader. Dela den i flera.",
                    most=MOST_ROWS,
                    status=422,
                )
            if len(cells) > width and any(cells[width:]):
                yield Row(number, None, {}, _too_long())
            else:
                yield self._row(number, cells)
        if not count:
            raise Refusal(
                "file_has_no_rows", "Filen har inga rader. Fyll i en rad för varje sak.", status=422
            )

    def _row(self, number: int, cells: list[str]) -> Row:
        said: dict[str, object] = {}
        for name, cell in zip(self.names, cells, strict=False):
            if name is None:
                continue
            if cell[:1] in MARKED:
                if cell[0] == "=":
                    return Row(number, None, {}, _formula(name))
                if cell[1:2] in FORMULA:
                    cell = cell[1:]  # noqa: PLW2901  # the mark that our own files put before such a text
            said[name] = cell
        for name, known in self.codes.items():
            told = str(said.get(name, ""))
            said[name] = known.get(told, told)
        leg_id = leg_of(str(said.pop(LEG, "")))
        return Row(number, leg_id, said, None if leg_id else _whose())


MARKED = ("=", "'")


def read_header(kind: str, file: Opened) -> tuple[Columns, Iterator[Line]]:
    """The columns of a file of that kind, and the lines after the header. Raises Refusal.

    The sentences name our own columns and the places of others, never what somebody wrote there.
    """
    lines = file.lines()
    header = next(lines, None)
    while header is not None and not any(cell.strip(BLANK) for cell in header[1]):
        header = next(lines, None)
    if header is None:
        raise Refusal("file_empty", "Filen är tom. Hämta mallen och fyll i den.", status=422)
    known, cells = headings(kind), [cell.strip(BLANK).casefold() for cell in header[1]]
    names = [known.get(cell) for cell in cells]
    _refuse_unknown(cells, names)
    found = [name for name in names if name]
    twice = next((name for name in found if found.count(name) > 1), None)
    if twice:
        raise Refusal(
            "columns_twice", "Kolumnen {name} står två gånger. Ta bort den ena.", name=twice, status=422
        )
    needed = [
        LEG,
        *[one.name for one in fields.DECLARED[OF[kind]] if one.needed and one.name != "activities"],
    ]
    missing = [name for name in needed if name not in found]
    if missing:
        raise Refusal(
            "columns_missing",
            "Kolumner saknas: {names}. Hämta mallen och jämför.",
            names=", ".join(missing),
            status=422,
        )
    told = tuple(None if name in (NAME, WRONG) else name for name in names)
    return Columns(kind, told, _codes(kind)), lines


def _refuse_unknown(cells: list[str], names: list[str | None]) -> None:
    for place, (cell, name) in enumerate(zip(cells, names, strict=True), 1):
        if cell and name is None:
            raise Refusal(
                "column_unknown",
                "Kolumn {place} har en rubrik som inte finns i mallen. Ta bort den eller ändra rubriken.",
                place=letters(place),
                status=422,
            )


def headings(kind: str) -> dict[str, str]:
    """The column that each heading stands for: codes, and words in every language, without capitals."""
    columns: list[Field | str] = [LEG, NAME, WRONG, *fields.DECLARED[OF[kind]]]
    found = {}
    for locale in LANGUAGES:
        with force_locale(locale):
            for one in columns:
                name = one if isinstance(one, str) else one.name
                found[name] = found[title(one).casefold()] = name
    return found


def _codes(kind: str) -> dict[str, dict[str, str]]:
    """The words that a choice may be given in, by column."""
    found: dict[str, dict[str, str]] = {}
    for one in fields.DECLARED[OF[kind]]:
        for locale in LANGUAGES if one.kind == "choice" else ():
            with force_locale(locale):
                found.setdefault(one.name, {}).update({word(one.name, code): code for code in one.options})
    return found


def letters(place: int) -> str:
    """A column's place as a spreadsheet names it: 1 → A, 27 → AA."""
    found = ""
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def _too_long() -> Refusal:
    return Refusal("row_too_long", "Raden har fler celler än rubriker.", status=422)


def _formula(name: str) -> Refusal:
    return Refusal(
        "cell_formula",
        "Kolumnen {name} börjar med ett likhetstecken, som en formel. Skriv texten eller värdet.",
        name=name,
        status=422,
    )


def _whose() -> Refusal:
    return Refusal(
        "participant_wrong",
        "Kolumnen participant ska ha deltagarens nummer, som det står i mallen.",
        status=422,
    )

"""Ways to damage a file of rows, each from a seed: those that must be told, and those that leave it whole."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import openpyxl

from app.files.references import LETTERS, reference

Rows: TypeAlias = list[list[str]]
Damage: TypeAlias = Callable[[random.Random, "Whole"], bytes]
MONTH, PROGRESS = 1, 9


@dataclass(frozen=True)
class Whole:
    """A whole file's rows, the heading first, and the legs of the other provider's people."""

    rows: Rows
    others: tuple[int, ...]

    def copy(self) -> Rows:
        return [list(row) for row in self.rows]


def as_csv(rows: Rows, *, mark: str = ",", ending: str = "\r\n", quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator=ending, quoting=quoting).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active
    for row in rows:
        book.active.append(row)
    return _saved(book)


def _saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _changed(rng: random.Random, whole: Whole, column: int, text: str) -> Rows:
    rows = whole.copy()
    rows[rng.randrange(1, len(rows))][column] = text
    return rows


def _either(rng: random.Random, rows: Rows) -> bytes:
    """As one of the two kinds of file; workbooks cost a process each, and are the rarer."""
    return as_xlsx([list(row) for row in rows]) if rng.random() < 0.15 else as_csv(rows)


def _repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in book.infolist():
            new.writestr(part.filename, change(part.filename, book.read(part)))
    return out.getvalue()


def _sheet(content: bytes, old: bytes, new: bytes) -> bytes:
    return _repacked(content, lambda name, text: text.replace(old, new, 1) if "worksheets/" in name else text)


# ── what must be told ─────────────────────────────────────────────────────────────────────────────


def cut_in_a_row(rng: random.Random, whole: Whole) -> bytes:
    content = as_csv(whole.rows)
    starts = [
        place for place, byte in enumerate(content) if byte == ord(",") and place > content.index(b"\n")
    ]
    return content[: rng.choice(starts) + 1]


def cut_workbook(rng: random.Random, whole: Whole) -> bytes:
    content = as_xlsx([list(row) for row in whole.rows])
    return content[: rng.randrange(4, len(content) - 30)]


def wrong_encoding(rng: random.Random, whole: Whole) -> bytes:
    return (
        as_csv(_changed(rng, whole, PROGRESS, "Övar på att åka själv."))
        .decode()
        .encode(rng.choice(("cp1252", "latin-1")))
    )


def utf_16(rng: random.Random, whole: Whole) -> bytes:
    return as_csv(whole.rows).decode().encode("utf-16")


def formula(rng: random.Random, whole: Whole) -> bytes:
    text = rng.choice(("=1+1", '=HYPERLINK("http://a.example.org")', "=cmd|' /C calc'!A0"))
    return as_csv(_changed(rng, whole, rng.randrange(len(whole.rows[0])), text))


def formula_in_workbook(rng: random.Random, whole: Whole) -> bytes:
    rows: list[list[Any]] = [list(row) for row in whole.rows]
    rows[rng.randrange(1, len(rows))][rng.randrange(3, 8)] = f"=SUM(A1:A{rng.randrange(2, 99)})"
    return as_xlsx(rows)


def unknown_column(rng: random.Random, whole: Whole) -> bytes:
    rows = whole.copy()
    for row in rows:
        row.insert(rng.randrange(len(row)), "mina egna anteckningar")
    return _either(rng, rows)


def missing_column(rng: random.Random, whole: Whole) -> bytes:
    place = rng.choice([n for n, name in enumerate(whole.rows[0]) if name != "activities"])
    return _either(rng, [row[:place] + row[place + 1 :] for row in whole.rows])


def doubled_column(rng: random.Random, whole: Whole) -> bytes:
    place = rng.randrange(len(whole.rows[0]))
    return _either(rng, [[*row, row[place]] for row in whole.rows])


def million_columns(rng: random.Random, whole: Whole) -> bytes:
    more = [""] * rng.choice((60, 40_000, 1_000_000))
    return as_csv([[*row, *more] if n == 0 else row for n, row in enumerate(whole.rows)])


def far_cell(rng: random.Random, whole: Whole) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx([list(row) for row in whole.rows])))
    assert book.active
    book.active[rng.choice(("XFD1048576", "XFD3", "A1048576", "ZZ90000"))] = "långt borta"
    return _saved(book)


def huge_cell(rng: random.Random, whole: Whole) -> bytes:
    return as_csv(_changed(rng, whole, PROGRESS, "o" * rng.choice((4_001, 20_000, 300_000, 2_000_000))))


def nul_bytes(rng: random.Random, whole: Whole) -> bytes:
    content = bytearray(as_csv(whole.rows))
    for _ in range(rng.randrange(1, 5)):
        content[rng.randrange(len(content))] = 0
    return bytes(content)


def others_participants(rng: random.Random, whole: Whole) -> bytes:
    whose = rng.choice(whole.others)
    return _either(rng, _changed(rng, whole, 0, rng.choice((reference(whose), str(whose)))))


def nobodys_number(rng: random.Random, whole: Whole) -> bytes:
    return as_csv(_changed(rng, whole, 0, reference(rng.getrandbits(62) + 1)))


def mistyped_number(rng: random.Random, whole: Whole) -> bytes:
    word = whole.rows[1][0]
    place = rng.randrange(1, len(word))
    other = rng.choice([letter for letter in LETTERS if letter != word[place]])
    return as_csv(_changed(rng, whole, 0, word[:place] + other + word[place + 1 :]))


def number_that_excel_rounded(rng: random.Random, whole: Whole) -> bytes:
    rows: list[list[Any]] = [list(row) for row in whole.rows]
    rows[1][0] = float(rng.choice(whole.others))
    return as_xlsx(rows)


def wrong_number(rng: random.Random, whole: Whole) -> bytes:
    text = rng.choice(("många", "-1", "1e9", "NaN", "99999999", "4,5", "٤", "0x10", "4 st"))
    return _either(rng, _changed(rng, whole, rng.choice((3, 4, 5, 6, 7)), text))


def wrong_day(rng: random.Random, whole: Whole) -> bytes:
    text = rng.choice(("2026-02-30", "27/11/26", "i morgon", "0001-01-01", "9999-12-31", "20261340"))
    return _either(rng, _changed(rng, whole, len(whole.rows[0]) - 1, text))


def wrong_month(rng: random.Random, whole: Whole) -> bytes:
    text = rng.choice(("2027-01", "2020-01", "2026-13", "maj", "", "2026"))
    return _either(rng, _changed(rng, whole, MONTH, text))


def wrong_choice(rng: random.Random, whole: Whole) -> bytes:
    return as_csv(_changed(rng, whole, rng.choice((2, 8)), rng.choice(("annat", "GUIDANCE!", "sick", "1"))))


def said_twice(rng: random.Random, whole: Whole) -> bytes:
    rows = whole.copy()
    row = list(rng.choice(rows[1:]))
    row[PROGRESS] += " Igen."
    rows.insert(rng.randrange(1, len(rows)), row)
    return _either(rng, rows)


def too_many_cells(rng: random.Random, whole: Whole) -> bytes:
    rows = whole.copy()
    rows[rng.randrange(1, len(rows))] += ["mer", "och mer"]
    return as_csv(rows)


def nothing_needed_is_there(rng: random.Random, whole: Whole) -> bytes:
    return as_csv(_changed(rng, whole, rng.choice((0, 3, 6, 9, 10, 11)), rng.choice(("", "  ", "\u00a0"))))


def empty(rng: random.Random, whole: Whole) -> bytes:
    return rng.choice((b" ", b"\n\n\n", b"\xef\xbb\xbf", as_csv(whole.rows[:1]), b",,,,\r\n"))


def open_quote(rng: random.Random, whole: Whole) -> bytes:
    content = as_csv(whole.rows)
    place = content.index(b"\r\n", rng.randrange(len(content) // 2)) + 2
    return content[:place] + b'"' + content[place:]


def another_kind_of_file(rng: random.Random, whole: Whole) -> bytes:
    return rng.choice(
        (
            b"<!doctype html><title>Logga in</title><p>Tiden har g\xc3\xa5tt ut.",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
            b"\x89PNG\r\n\x1a\n" + rng.randbytes(400),
            b'{"rows": []}',
            rng.randbytes(rng.randrange(1, 3_000)),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(600),
            b"PK\x03\x04" + rng.randbytes(600),
        )
    )


@lru_cache(maxsize=4)
def _bomb(size: int) -> bytes:
    return b"0" * size


def zip_bomb(rng: random.Random, whole: Whole) -> bytes:
    base = as_xlsx([list(row) for row in whole.rows])
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base)) as book,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in book.infolist():
            new.writestr(part.filename, book.read(part))
        for number in range(rng.choice((11, 12))):
            new.writestr(f"xl/media/{number}.xml", _bomb(20_000_000))
    return out.getvalue()


def many_parts(rng: random.Random, whole: Whole) -> bytes:
    out = io.BytesIO(as_xlsx([list(row) for row in whole.rows]))
    with zipfile.ZipFile(out, "a") as book:
        for number in range(rng.randrange(600, 900)):
            book.writestr(f"xl/media/{number}", b"")
    return out.getvalue()


def no_sheet(rng: random.Random, whole: Whole) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr(rng.choice(("a.txt", "xl/workbook.xml", "../../etc/passwd")), b"hej")
    return out.getvalue()


def entities(rng: random.Random, whole: Whole) -> bytes:
    bomb = b'<!DOCTYPE a [<!ENTITY b "' + b"c" * rng.randrange(10, 99) + b'">]>'
    return _sheet(as_xlsx([list(row) for row in whole.rows]), b"<worksheet", bomb + b"<worksheet")


def broken_xml(rng: random.Random, whole: Whole) -> bytes:
    return _sheet(
        as_xlsx([list(row) for row in whole.rows]),
        b"<sheetData>",
        rng.choice((b"<sheetData", b"<sheetDat><")),
    )


REFUSED: tuple[Damage, ...] = (
    cut_in_a_row, cut_workbook, wrong_encoding, utf_16, formula, formula_in_workbook, unknown_column,
    missing_column, doubled_column, million_columns, far_cell, huge_cell, nul_bytes, others_participants,
    nobodys_number, mistyped_number, number_that_excel_rounded, wrong_number, wrong_day, wrong_month,
    wrong_choice, said_twice, too_many_cells, nothing_needed_is_there, empty, open_quote,
    another_kind_of_file, many_parts, no_sheet, entities, broken_xml,
)  # fmt: skip
RARE: tuple[Damage, ...] = (zip_bomb,)
"""These take a second to make."""


# ── what leaves it whole ──────────────────────────────────────────────────────────────────────────


def other_marks(rng: random.Random, whole: Whole) -> bytes:
    return as_csv(
        whole.rows,
        mark=rng.choice(";,\t"),
        ending=rng.choice(("\n", "\r\n")),
        quoting=rng.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    )


def byte_order_mark(rng: random.Random, whole: Whole) -> bytes:
    return b"\xef\xbb\xbf" + as_csv(whole.rows)


def blank_lines(rng: random.Random, whole: Whole) -> bytes:
    rows = whole.copy()
    for _ in range(rng.randrange(1, 6)):
        rows.insert(rng.randrange(1, len(rows) + 1), [""] * rng.choice((0, 1, 12)))
    return _either(rng, rows)


def other_order(rng: random.Random, whole: Whole) -> bytes:
    order = rng.sample(range(len(whole.rows[0])), len(whole.rows[0]))
    body = rng.sample(whole.rows[1:], len(whole.rows) - 1)
    return _either(rng, [[row[n] for n in order] for row in (whole.rows[0], *body)])


def empty_columns(rng: random.Random, whole: Whole) -> bytes:
    return _either(rng, [[*row, *[""] * rng.randrange(4)] for row in whole.rows])


def padded(rng: random.Random, whole: Whole) -> bytes:
    return as_csv([[f"{rng.choice((' ', ' '))}{cell} " for cell in row] for row in whole.rows])


def loud_headings(rng: random.Random, whole: Whole) -> bytes:
    return as_csv([[cell.upper() for cell in whole.rows[0]], *whole.rows[1:]])


def no_last_newline(rng: random.Random, whole: Whole) -> bytes:
    return as_csv(whole.rows).rstrip()


def numbers_as_numbers(rng: random.Random, whole: Whole) -> bytes:
    rows: list[list[Any]] = [list(row) for row in whole.rows]
    for row in rows[1:]:
        row[3:8] = [rng.choice((int, float))(cell) for cell in row[3:8]]
    return as_xlsx(rows)


def names_beside(rng: random.Random, whole: Whole) -> bytes:
    return _either(
        rng, [[row[0], "Namn" if n == 0 else "Vem som helst", *row[1:]] for n, row in enumerate(whole.rows)]
    )


ACCEPTED: tuple[Damage, ...] = (
    other_marks, byte_order_mark, blank_lines, other_order, empty_columns, padded, loud_headings,
    no_last_newline, numbers_as_numbers, names_beside,
)  # fmt: skip


def flipped(rng: random.Random, whole: Whole) -> bytes:
    """Any bytes changed anywhere: whole or not, but never half."""
    content = bytearray(_either(rng, whole.copy()))
    for _ in range(rng.randrange(1, 20)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def cut_anywhere(rng: random.Random, whole: Whole) -> bytes:
    content = as_csv(whole.rows)
    return content[: rng.randrange(1, len(content))]


EITHER: tuple[Damage, ...] = (flipped, cut_anywhere)

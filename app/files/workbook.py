"""A workbook before it is let in: its zip, its size unpacked, its farthest cell, its formulas."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from core.refusal import Refusal

LARGEST_UNPACKED = 200_000_000
MOST_PARTS = 500
MOST_COLUMNS = 40
MOST_CELLS = 4_000_000
LAST_ROW = 101_000
PIECE, OVERLAP = 1 << 20, 200
FORMULA = re.compile(rb"<(?:\w{1,10}:)?f[ >/]")
FAR_COLUMN = re.compile(rb'r="([A-Z]{2,9})[0-9]')
FAR_ROW = re.compile(rb'r="[A-Z]{1,9}([0-9]{6,12})"')
DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def look_over(place: Path) -> None:
    """Refuse what no honest workbook of ours has, before anything reads it."""
    try:
        with zipfile.ZipFile(place) as book:
            parts = book.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise heavy()
            if any(part.flag_bits & 1 for part in parts):
                raise Refusal("excel_locked", "Filen har lösenord. Spara den utan lösenord.", status=422)
            sheets = [part for part in parts if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename)]
            if not sheets or "xl/workbook.xml" not in book.namelist():
                raise broken()
            unpacked = 0
            for part in parts:
                unpacked += _scan(book, part, is_sheet=part in sheets)
                if unpacked > LARGEST_UNPACKED:
                    raise heavy()
    # zipfile says NotImplementedError of a packing that it does not know, and RuntimeError of a locked file.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise broken() from None


def _scan(book: zipfile.ZipFile, part: zipfile.ZipInfo, *, is_sheet: bool) -> int:
    """Read one part to its end; gives its true size."""
    size, cells, tail = 0, 0, b""
    with book.open(part) as file:
        while piece := file.read(PIECE):
            size += len(piece)
            if size > LARGEST_UNPACKED:
                raise heavy()
            text, tail = tail + piece, piece[-OVERLAP:]
            if part.filename.endswith((".xml", ".rels")) and DECLARES.search(text):
                raise broken()
            if is_sheet:
                cells += piece.count(b"<c")
                _look_at(text, cells)
    return size


def _look_at(text: bytes, cells: int) -> None:
    if FORMULA.search(text):
        raise Refusal(
            "excel_formulas",
            "Filen har formler. Kopiera dem och klistra in som värden, och skicka filen igen.",
            status=422,
        )
    if cells > MOST_CELLS:
        raise heavy()
    if any(_column(letters) > MOST_COLUMNS for letters in set(FAR_COLUMN.findall(text))):
        raise Refusal(
            "columns_many",
            "Filen har fler än {most} kolumner. Ta bort dem som inte finns i mallen.",
            most=MOST_COLUMNS,
            status=422,
        )
    if any(int(row) > LAST_ROW for row in FAR_ROW.findall(text)):
        raise Refusal(
            "rows_too_many", "Filen har fler än {most} rader. Dela den i flera.", most=100_000, status=422
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def broken() -> Refusal:
    """It cannot be opened as a workbook."""
    return Refusal(
        "excel_broken",
        "Filen går inte att öppna som Excel. Öppna den, spara den på nytt som .xlsx och skicka den igen.",
        status=422,
    )


def heavy() -> Refusal:
    """It needs more room than it may have."""
    return Refusal(
        "file_too_heavy",
        "Filen är för stor när den packas upp. Dela den i flera, eller skicka den som CSV.",
        status=422,
    )

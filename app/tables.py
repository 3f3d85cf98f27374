"""Files with rows: CSV in UTF-8 and Excel, read as text with bounds, one row at a time; and written."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from core.refusal import Refusal

LARGEST_BYTES = 60_000_000
LARGEST_UNPACKED = 200_000_000
MOST_ROWS = 200_000
LONGEST_CELL = 2_000

# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cells = dict[str, str]


def as_csv(lines: Iterable[Sequence[object]], *, mark: bool = False) -> bytes:
    """Comma between columns, UTF-8, nothing for None; what looks like a formula is text.

    `mark` begins the file with the mark that spreadsheets know UTF-8 by.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    for line in lines:
        writer.writerow(["" if cell is None else as_text(cell) for cell in line])
    return out.getvalue().encode("utf-8-sig" if mark else "utf-8")


def as_text(cell: object) -> object:
    """A cell that no spreadsheet counts with unless it is a number."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Cells]]:
    """(row number in the file, cells by column) of a CSV or Excel file. Row 1 is the header.

    Refuses a file that is none of these, is too large, lacks a column, or has one twice.
    """
    try:
        size = path.stat().st_size
    except OSError:
        raise Refusal("file_missing", "Filen {name} finns inte.", name=path.name[:120], status=422) from None
    if size > LARGEST_BYTES:
        raise Refusal(
            "file_too_large", "Filen är större än {most} MB.", most=LARGEST_BYTES // 1_000_000, status=422
        )
    with path.open("rb") as file:
        excel = file.read(4) == b"PK\x03\x04"
        file.seek(0)
        yield from _named(_excel(file) if excel else _csv(file), columns)


def _named(lines: Iterator[tuple[int, list[str]]], columns: tuple[str, ...]) -> Iterator[tuple[int, Cells]]:
    _, header = next(lines, (1, []))
    header = [name.strip().removeprefix("\ufeff") for name in header]
    while header and not header[-1]:
        header.pop()
    missing = [name for name in columns if name not in header]
    if missing:
        raise Refusal(
            "columns_missing", "Kolumner saknas i filen: {names}.", names=", ".join(missing), status=422
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise Refusal(
            "columns_twice", "Kolumner står två gånger: {names}.", names=", ".join(twice), status=422
        )
    count = 0
    for number, cells in lines:
        if not any(cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Refusal("rows_too_many", "Filen har fler än {most} rader.", most=MOST_ROWS, status=422)
        if len(cells) > len(header) and any(cells[len(header) :]):
            raise Refusal("row_too_long", "Rad {row} har fler celler än rubriker.", row=number, status=422)
        yield number, dict(zip(header, cells, strict=False))


def _csv(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    def text() -> Iterator[str]:
        for number, line in enumerate(file, 1):
            if b"\x00" in line or len(line) > 100 * LONGEST_CELL:
                raise Refusal("file_not_csv", "Rad {row} är inte text i CSV.", row=number, status=422)
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError:
                raise Refusal(
                    "file_not_utf8",
                    "Rad {row} är inte kodad i UTF-8. Spara filen som UTF-8.",
                    row=number,
                    status=422,
                ) from None

    reader = csv.reader(text(), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        raise Refusal(
            "file_not_csv", "Rad {row} är inte text i CSV.", row=reader.line_num, status=422
        ) from None


def _excel(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    import openpyxl  # noqa: PLC0415  # costs at start, and few commands read Excel

    try:
        unpacked = _unpacked_bytes(file)
        if unpacked <= LARGEST_UNPACKED:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
                yield number, [_said(cell) for cell in cells]
    except (
        Exception
    ) as error:  # openpyxl raises whatever its parsers do; a broken file is the sender's to mend
        if isinstance(error, Refusal):
            raise
        raise Refusal("file_not_excel", "Filen går inte att läsa som Excel.", status=422) from None
    if unpacked > LARGEST_UNPACKED:
        raise Refusal("file_too_large", "Filen är för stor när den packas upp.", status=422)


def _unpacked_bytes(file: BinaryIO) -> int:
    with zipfile.ZipFile(file) as packed:
        size = sum(item.file_size for item in packed.infolist())
    file.seek(0)
    return size


def _said(cell: object) -> str:
    """A cell as the CSV would have it: dates by their day, true and false in lower case, no long tails."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else f"{cell:.6f}".rstrip("0")
    return str(cell)

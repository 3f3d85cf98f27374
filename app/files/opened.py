"""A sent file as rows of text, as often as one likes: CSV is read where it lies, Excel is laid out beside.

Everything that can be wrong with a whole file is a Refusal here, and nothing is ever held in memory whole.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from app.files import cage, workbook
from core.refusal import Refusal

MOST_ROWS = 100_000
MOST_COLUMNS = workbook.MOST_COLUMNS
LONGEST_CELL = 10_000
LONGEST_LINE = 200_000
MARKS = (";", ",", "\t")
"""What may stand between the columns of a CSV."""

Line = tuple[int, list[str]]


class Opened:
    """A file that can be read again and again. Line 1 is the header."""

    def __init__(self, place: Path, spooled: Path | None = None) -> None:
        self.place, self.spooled = place, spooled

    @property
    def is_excel(self) -> bool:
        """Whether it came as a workbook."""
        return self.spooled is not None

    def lines(self) -> Iterator[Line]:
        """(number in the file, cells), the header too. Raises Refusal where the file cannot be read."""
        for number, cells in _spooled(self.spooled) if self.spooled else _csv(self.place):
            if len(cells) > MOST_COLUMNS:
                raise many_columns()
            if cells and max(map(len, cells)) > LONGEST_CELL:
                raise Refusal(
                    "cell_huge",
                    "Rad {row} har en cell med mer än {most} tecken. Korta texten.",
                    row=number,
                    most=LONGEST_CELL,
                    status=422,
                )
            yield number, cells

    def guess(self) -> int:
        """About how many rows there are: no fewer, and few more."""
        if self.spooled:
            return sum(1 for _ in _spooled(self.spooled))
        with self.place.open("rb") as file:
            pieces = iter(lambda: file.read(1 << 20), b"")
            ends = [(piece.count(b"\n"), piece.count(b"\r")) for piece in pieces]
        return 1 + max(sum(new for new, _ in ends), sum(back for _, back in ends))


@contextmanager
def opened(place: Path) -> Iterator[Opened]:
    """The file, read by what is in it and not by what it is called. Raises Refusal."""
    with place.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        workbook.look_over(place)
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".laid-") as spool:
            _lay_out(place, spool)
            yield Opened(place, Path(spool.name))
        return
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Refusal(
            "excel_locked",
            "Filen är en gammal Excelfil eller har lösenord. Spara den som .xlsx utan lösenord.",
            status=422,
        )
    yield Opened(place)


def many_columns() -> Refusal:
    """More columns than any of our files has."""
    return Refusal(
        "columns_many",
        "Filen har fler än {most} kolumner. Ta bort dem som inte finns i mallen.",
        most=MOST_COLUMNS,
        status=422,
    )


def _lay_out(place: Path, spool: IO[bytes]) -> None:
    """Let the cage read the workbook, and keep what it says."""
    try:
        done = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-I", cage.__file__, str(place)],
            stdout=spool,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=10 * cage.SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise workbook.heavy() from None
    if done.returncode == cage.BROKEN:
        raise workbook.broken()
    if done.returncode == cage.LOCKED:
        raise Refusal("excel_locked", "Filen har lösenord. Spara den utan lösenord.", status=422)
    if done.returncode:
        raise workbook.heavy()


def _spooled(place: Path) -> Iterator[Line]:
    """What the cage laid out. Each reader has a place of its own in it: two may read at once."""
    number = 0
    with place.open("rb") as file:
        for line in file:
            for cells in json.loads(line):
                number += 1
                yield number, cells


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────


def _csv(place: Path) -> Iterator[Line]:
    with place.open("rb") as file:
        lines = _text(file)
        first = next(lines, "")
        mark = max(MARKS, key=first.count)
        reader = csv.reader(_with(first, lines), strict=True, delimiter=mark)
        number = 0
        try:
            for number, cells in enumerate(reader, 1):
                yield number, cells
        except csv.Error:
            raise Refusal(
                "file_not_csv",
                "Rad {row} går inte att läsa. Kontrollera citattecknen, eller spara om filen som CSV.",
                row=number + 1,
                status=422,
            ) from None


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _text(file: BinaryIO) -> Iterator[str]:
    if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        raise not_utf8(1)
    file.seek(0)
    for number, line in enumerate(file, 1):
        if len(line) > LONGEST_LINE:
            raise many_columns() if line.count(b",") + line.count(b";") > MOST_COLUMNS else _long(number)
        if b"\x00" in line:
            raise Refusal(
                "file_has_nul",
                "Rad {row} har tecken som inte är text. Spara om filen som CSV.",
                row=number,
                status=422,
            )
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise not_utf8(number) from None
        yield text


def not_utf8(number: int) -> Refusal:
    """The file is kept in another encoding."""
    return Refusal(
        "file_not_utf8",
        "Rad {row} är inte i UTF-8. Välj ”CSV UTF-8” när du sparar, eller skicka Excelfilen.",
        row=number,
        status=422,
    )


def _long(number: int) -> Refusal:
    return Refusal(
        "row_long", "Rad {row} är för lång. Kontrollera att raderna är åtskilda.", row=number, status=422
    )

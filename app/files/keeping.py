"""Where sent files lie: under their SHA-256, readable by nobody else, never within reach of the web."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from werkzeug.datastructures import FileStorage

from app.evidence import Store, clean_name
from app.web import View
from config import Settings
from core.refusal import Refusal
from vouchers.actions.sending import KeptFile

LARGEST_FILE = 40_000_000
LARGEST_REQUEST = 50_000_000
# A file's own words about a person are not needed for long: what was told stands in the reports.
KEPT_DAYS = 30
PIECE = 1 << 20
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def takes_rows(view: View) -> View:
    """Mark a view: its requests may carry a file of rows."""
    view.largest_request = LARGEST_REQUEST  # type: ignore[attr-defined]  # read before the form is
    view.largest_file = LARGEST_FILE  # type: ignore[attr-defined]  # said when even that was too little
    return view


def store(settings: Settings) -> Store:
    """The installation's store of sent files."""
    return Store(settings.instance / "files")


def keep_upload(settings: Settings, upload: object) -> KeptFile:
    """Keep what came in a file field, as it came. Raises Refusal when there is nothing, or too much."""
    if not isinstance(upload, FileStorage) or not upload.filename:
        raise Refusal("file_not_chosen", "Välj en fil.", status=422)
    name = clean_name(upload.filename)
    stream = upload.stream
    digest, size, start = keep(store(settings), lambda out: _pour(stream, out))
    return KeptFile(digest, name, XLSX if start.startswith(b"PK\x03\x04") else CSV, size)


def _pour(source: IO[bytes], out: IO[bytes]) -> None:
    size = 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > LARGEST_FILE:
            raise Refusal(
                "file_too_large",
                "Filen är för stor. Den får vara högst {limit} MB. Dela den i flera.",
                limit=LARGEST_FILE // 1_000_000,
                status=422,
            )
        out.write(piece)
    if not size:
        raise Refusal("file_empty", "Filen är tom. Hämta mallen och fyll i den.", status=422)


def keep(store: Store, write: Callable[[IO[bytes]], None]) -> tuple[str, int, bytes]:
    """(SHA-256, size, first bytes) of what `write` writes; there whole or not at all."""
    store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=store.folder, prefix=".new-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w+b") as out:
            write(out)
            out.flush()
            os.fsync(out.fileno())
            size = out.seek(0, os.SEEK_END)
            out.seek(0)
            digest = hashlib.file_digest(out, "sha256").hexdigest()
            out.seek(0)
            start = out.read(8)
        place = store.place(digest)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(fresh).rename(place)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    return digest, size, start


def say_progress(settings: Settings, file_id: int, count: int, total: int) -> None:
    """Say that so many of about so many rows are done: beside the database, which all may read meanwhile."""
    with suppress(OSError):  # a progress that cannot be told stops no work
        _progress(settings, file_id).write_text(f"{count} {total}")


def progress(settings: Settings, file_id: int) -> tuple[int, int] | None:
    """(rows done, about how many there are) of a file that is being taken; None when nothing was said."""
    try:
        count, total = _progress(settings, file_id).read_text().split()
        return int(count), int(total)
    except (OSError, ValueError):
        return None


def end_progress(settings: Settings, file_id: int) -> None:
    """There is no more to say."""
    _progress(settings, file_id).unlink(missing_ok=True)


def _progress(settings: Settings, file_id: int) -> Path:
    return store(settings).folder / f"{file_id}.progress"

"""Files that providers show: checked by content, kept under their SHA-256, given out as attachments only."""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from flask import Response, current_app, send_file
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from app.web import View, settings
from core.refusal import Missing, Refusal
from providers.actions import StoredFile

# Twenty scanned pages are some 5 MB; what is larger than this is another kind of file.
LARGEST_FILE = 10_000_000
# A request may be larger than a file may be: then the form comes back with a sentence and all that was typed.
LARGEST_REQUEST = 5 * LARGEST_FILE
LONGEST_NAME = 120
LONGEST_ENDING = 20
TAIL = 4_096

PNG_END = b"\x00\x00\x00\x00IEND\xae\x42\x60\x82"


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: what it is called, how its name ends, and what its bytes look like."""

    media_type: str
    endings: tuple[str, ...]
    start: bytes
    is_whole: Callable[[bytes], bool]


KINDS = (
    Kind("application/pdf", (".pdf",), b"%PDF-", lambda content: b"%%EOF" in content[-TAIL:]),
    Kind("image/png", (".png",), b"\x89PNG\r\n\x1a\n", lambda content: content.endswith(PNG_END)),
    Kind("image/jpeg", (".jpg", ".jpeg"), b"\xff\xd8\xff", lambda content: b"\xff\xd9" in content[-TAIL:]),
)
ACCEPTED = ",".join(ending for kind in KINDS for ending in kind.endings)
"""For the `accept` of a file field; the browser only suggests, `checked` decides."""


class Kept(Protocol):
    """A row that tells of a kept file: an application's evidence, a result's."""

    @property
    def id(self) -> Any: ...
    @property
    def digest(self) -> Any: ...
    @property
    def file_name(self) -> Any: ...
    @property
    def media_type(self) -> Any: ...


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: what is told about it, and its bytes."""

    file: StoredFile
    content: bytes


def takes_files(view: View) -> View:
    """Mark a view: its requests may carry a file."""
    view.largest_request = LARGEST_REQUEST  # type: ignore[attr-defined]  # read before the form is
    view.largest_file = LARGEST_FILE  # type: ignore[attr-defined]  # said when even that was too little
    return view


# ── what is taken ─────────────────────────────────────────────────────────────────────────────────


def uploaded(upload: object) -> Checked | None:
    """What came in a file field, checked; None when nobody chose a file. Raises Refusal."""
    if not isinstance(upload, FileStorage) or not upload.filename:
        return None
    return checked(upload.stream.read(LARGEST_FILE + 1), upload.filename)


def checked(content: bytes, name: str) -> Checked:
    """A file whose content, name and size will do. Raises Refusal with a sentence that says what will not."""
    clean = clean_name(name)
    if not content:
        raise Refusal("file_empty", "Filen är tom. Öppna den och spara den igen.", status=422)
    if len(content) > LARGEST_FILE:
        raise Refusal(
            "file_too_large",
            "Filen är för stor. Den får vara högst {limit} MB. Gör den mindre eller dela den i flera.",
            limit=LARGEST_FILE // 1_000_000,
            status=422,
        )
    kind = next((kind for kind in KINDS if content.startswith(kind.start)), None)
    if kind is None:
        raise Refusal(
            "file_kind_unknown",
            "Filen är inte en PDF, PNG eller JPEG. Det syns på innehållet. Spara den som PDF.",
            status=422,
        )
    if not clean.lower().endswith(kind.endings):
        raise Refusal(
            "file_ending_wrong",
            "Filens namn slutar inte som innehållet. Döp om den så att den slutar på {ending}.",
            ending=kind.endings[0],
            status=422,
        )
    if not kind.is_whole(content):
        raise Refusal(
            "file_broken", "Filen är inte hel. Öppna den, spara den på nytt och försök igen.", status=422
        )
    digest = hashlib.sha256(content).hexdigest()
    return Checked(StoredFile(digest, clean, kind.media_type, len(content)), content)


def clean_name(name: str) -> str:
    """The name without what cannot be seen, at most `LONGEST_NAME` characters. Refuses one with a path."""
    visible = "".join(
        letter for letter in unicodedata.normalize("NFC", name) if unicodedata.category(letter)[0] != "C"
    ).strip()
    if "/" in visible or "\\" in visible:
        raise Refusal(
            "file_name_has_path",
            "Filens namn innehåller en sökväg (/ eller \\). Döp om filen och försök igen.",
            status=422,
        )
    stem, dot, ending = visible.rpartition(".")
    tail = (dot + ending)[:LONGEST_ENDING]
    return (
        (stem.strip() or "fil")[: LONGEST_NAME - len(tail)] + tail if dot else visible[:LONGEST_NAME] or "fil"
    )


# ── where it is kept ──────────────────────────────────────────────────────────────────────────────


class Store:
    """Files under the first two figures of their SHA-256. The same bytes are kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, digest: str) -> Path:
        """Where the file with that SHA-256 lies, or would."""
        return self.folder / digest[:2] / digest

    def put(self, found: Checked) -> StoredFile:
        """Keep a file that has been checked; whole or not at all."""
        place = self.place(found.file.digest)
        if place.exists() and place.stat().st_size == found.file.size:
            return found.file
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=place.parent, prefix=".new-")  # made with mode 0600
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(found.content)
                out.flush()
                os.fsync(out.fileno())
            Path(fresh).rename(place)
        except OSError:
            Path(fresh).unlink(missing_ok=True)
            raise
        return found.file

    def read(self, digest: str) -> bytes:
        """The bytes, when they still are what they were. Raises Refusal when they are gone or changed."""
        try:
            content = self.place(digest).read_bytes()
        except FileNotFoundError:
            content = b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise Refusal(
                "file_lost",
                "Filen går inte att öppna just nu. Säg till den som driver Vägval i kommunen.",
                status=409,
            )
        return content


def store() -> Store:
    """The installation's store."""
    return Store(settings().instance / "evidence")


def ticket(file: StoredFile, account_id: int) -> str:
    """What a form carries so that a file need not be chosen again when something else was wrong."""
    return _signer().dumps([account_id, file.digest, file.name, file.media_type, file.size])


def from_ticket(text: str | None, account_id: int) -> StoredFile | None:
    """The file that the ticket is for, when it was given to that person; else None."""
    try:
        whose, *told = _signer().loads(text or "")
    except BadData:
        return None
    return StoredFile(*told) if whose == account_id else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="evidence-file")


def download(evidence: Kept) -> Response:
    """The file that the evidence holds, as an attachment. The caller has asked who may see it.

    Raises Missing when there is none, Refusal when it is lost.
    """
    if evidence.digest is None:
        raise Missing()
    try:
        content = store().read(evidence.digest)
    except Refusal:
        current_app.logger.error("evidence %s: its file is lost or changed", evidence.id)  # noqa: TRY400  # the trace says no more
        raise
    answer = send_file(
        BytesIO(content),
        mimetype=evidence.media_type,
        as_attachment=True,
        download_name=evidence.file_name or "underlag",
        conditional=False,
        etag=False,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer

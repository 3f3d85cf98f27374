"""The two folders between the house and the bank: a file is there whole or not at all, and never twice."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.refusal import Refusal
from payouts.rails.iso20022 import MAX_BYTES

ARCHIVE = "archive"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,119}")
_UNFINISHED = (".tmp", ".part", ".filepart", ".writing")
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


def hand_over(document: bytes, *, outbox: Path, name: str) -> Path:
    """Put a file in the outbox so that a reader sees all of it or nothing; gives its path.

    The same bytes under the same name again change nothing. Other bytes under a taken name are refused.
    """
    if not _NAME.fullmatch(name) or name.endswith(_UNFINISHED):
        raise Refusal("file_name_wrong", "Filnamnet {name} går inte att använda.", name=name[:120])
    outbox.mkdir(parents=True, exist_ok=True)
    target = outbox / name
    handle, unfinished = tempfile.mkstemp(prefix=".", suffix=".part", dir=outbox)
    temporary = Path(unfinished)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o640)
        try:
            _name_it(temporary, target)
        except FileExistsError:
            if target.read_bytes() != document:
                raise Refusal(
                    "file_name_taken", "Det finns redan en annan fil som heter {name}.", name=name
                ) from None
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(outbox)
    return target


def answers(inbox: Path) -> Iterator[Path]:
    """The finished files in the inbox, by name. Hidden, half-written and linked ones are left alone."""
    if not inbox.is_dir():
        return
    for path in sorted(inbox.iterdir()):
        hidden = path.name.startswith(".") or path.name.endswith(_UNFINISHED)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path


def load(path: Path) -> bytes:
    """A file's bytes; one past the size any message may have is refused before it is read."""
    with path.open("rb") as file:
        document = file.read(MAX_BYTES + 1)
    if len(document) > MAX_BYTES:
        raise Refusal("answer_too_big", "Filen {name} är för stor för att läsas.", name=path.name[:120])
    return document


def done(path: Path, *, folder: str = ARCHIVE) -> Path:
    """Move a read file to a folder beside it and give its new path. Nothing there is ever overwritten."""
    archive = path.parent / folder
    archive.mkdir(exist_ok=True)
    number = 1
    target = archive / path.name
    while True:
        try:
            _name_it(path, target)
            break
        except FileExistsError:
            number += 1
            target = archive / f"{path.stem}-{number}{path.suffix}"
    path.unlink(missing_ok=True)
    _sync_folder(archive)
    return target


def _name_it(source: Path, target: Path) -> None:
    """Give `source` the name `target`, all at once, unless something has it: then FileExistsError."""
    try:
        os.link(source, target)
    except OSError as fault:
        if fault.errno not in _NO_HARD_LINKS:
            raise
        # A shared folder without hard links: the check and the rename are then two steps.
        if target.exists():
            raise FileExistsError(target) from None
        source.rename(target)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Fresh SQLite databases: one file is migrated once, every test gets a copy."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import sqlalchemy as sa

import migrations


class Files:
    """Database files in a directory of their own; the twin of `postgres.Server`."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._count = itertools.count(1)
        self._template: Path | None = None

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        return f"sqlite:///{self._next()}"

    def migrated(self) -> str:
        """The URL of a new database at the newest revision."""
        if self._template is None:
            template = self._next()
            migrations.upgrade(f"sqlite:///{template}")
            self._template = template
        return f"sqlite:///{shutil.copy(self._template, self._next())}"

    def copy_of(self, url: str) -> str:
        """The URL of a new database with all that this one holds, which nobody may have open."""
        return f"sqlite:///{shutil.copy(str(sa.make_url(url).database), self._next())}"

    def drop(self, url: str) -> None:
        """Take a database's files away."""
        file = Path(str(sa.make_url(url).database))
        for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            part.unlink(missing_ok=True)

    def _next(self) -> Path:
        return self.place / f"test_{next(self._count)}.db"

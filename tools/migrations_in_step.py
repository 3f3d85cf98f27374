"""Fails when the models hold something that no migration builds, or the other way round."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import migrations


def main() -> int:
    """Migrate an empty SQLite file and compare it with the models; 1 and a line each where they differ."""
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{Path(place) / 'empty.db'}"
        migrations.upgrade(url)
        found = migrations.differences(url)
    for line in found:
        print(f"migrations: not in step: {line}")
    if found:
        print("migrations: write the missing step: .venv/bin/alembic revision --autogenerate -m '...'")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Loads the models of every floor, so that their metadata is whole; nothing here decides anything."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from core.database import Base

TOP = Path(__file__).parent.parent
PLACES = (
    "core/*.py",
    "*/models.py",
    "*/models/*.py",
    "app/*/models.py",
    "app/*/models/*.py",
    "app/jobs.py",
    "app/jobs/*.py",
)


def load() -> None:
    """Import every room that may hold a table."""
    for place in PLACES:
        for file in sorted(TOP.glob(place)):
            if file.parent.name not in {"migrations", "tests"}:
                import_module(".".join(file.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__"))


load()

__all__ = ["Base"]

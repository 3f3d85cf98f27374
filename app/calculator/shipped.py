"""The rulebooks and tariffs that come with the house, as text, by the names they go by in a calculation."""

from __future__ import annotations

import re
from pathlib import Path

from payouts.tariffs import HERE, SCHEMES

NAME = re.compile(r"([a-z0-9_]{1,60})(?:/(\d{4}-\d{2}-\d{2}))?", re.ASCII)


def text_of(name: str) -> str | None:
    """The text of a tariff (`work_programme`), of the newest version of a kundval (`stom`), or of one version
    (`jobbpeng/2016-04-01`); None when there is none."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    alone, versions = HERE / f"{found[1]}.toml", sorted((SCHEMES / found[1]).glob("*.toml"))
    if found[2]:
        versions = [path for path in versions if path.stem == found[2]]
    elif alone.is_file():
        versions = [alone]
    return versions[-1].read_text("utf-8") if versions else None


def alone() -> list[str]:
    """The names of the tariffs that are no kundval of ours, in alphabetical order."""
    return sorted(path.stem for path in Path(HERE).glob("*.toml"))

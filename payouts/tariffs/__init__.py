"""Tariffs that come with the house, by name: published ones, to compare with and to be proved on.

A file here has a head and the chapter `fees`; the Swedish ones are whole rulebooks in `schemes/`, of which
only the fees are read. Pure reading of files: no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.chapters import Book, Chapter, Faults
from core.refusal import Refusal
from payouts.rules.fees import Key, Tariff
from payouts.rules.tariff import read_fees, read_tariff

HERE = Path(__file__).parent
SCHEMES = HERE.parents[1] / "schemes"


@dataclass(frozen=True)
class Shipped:
    """A tariff with its names. `services` are its services with their levels, in the file's order."""

    name: str
    version: str
    title_sv: str
    title_en: str
    services: dict[str, tuple[str, ...]]
    tariff: Tariff

    def title(self, locale: str) -> str:
        """What it is called."""
        return self.title_en if locale == "en" else self.title_sv


def shipped() -> tuple[str, ...]:
    """The names that `read` knows, in alphabetical order; of a kundval with versions the newest."""
    return tuple(sorted(_files()))


def read(name: str) -> Tariff:
    """The tariff with that name: `work_programme`, or a version of a kundval as `stom/2014-01-01`.

    Refuses (`tariff_unknown`) when there is none. Raises Faults when the file is wrong.
    """
    return about(name).tariff


@cache
def about(name: str) -> Shipped:
    """The tariff with what is said about it; refuses and raises as `read`."""
    path = _path(name)
    if path is None:
        raise Refusal("tariff_unknown", "Det finns ingen medföljande taxa med det namnet.")
    return read_file(name, path.read_text("utf-8"), alone=path.parent == HERE)


def text(name: str) -> str | None:
    """The file's text, None when there is no tariff with that name."""
    path = _path(name)
    return path.read_text("utf-8") if path else None


def read_file(name: str, written: str, *, alone: bool) -> Shipped:
    """Read a file; `alone` when it has a head and fees and nothing else. Raises Faults."""
    book = Book(written)
    head, services = book.root, book.root.named("services")
    levels = {code: tuple(row.text("code") for row in it.tables("levels")) for code, it in services.items()}
    tariff = _fees(head, levels) if alone else read_tariff(head)
    title = head.table("title")
    found = Shipped(name, head.text("version"), title.text("sv"), title.text("en"), levels, tariff)
    if alone:
        _titles(head, services)
        book.finish()
    if book.faults:
        raise Faults(book.faults)
    return found


def _fees(head: Chapter, levels: dict[str, tuple[str, ...]]) -> Tariff:
    known: set[Key] = {(service, level) for service, codes in levels.items() for level in codes}
    return read_fees(head.table("fees"), known)


def _titles(head: Chapter, services: dict[str, Chapter]) -> None:
    """What a file that stands alone says besides."""
    head.text("scheme"), head.text("note"), head.day("valid_from")
    for service in services.values():
        for row in (service, *service.tables("levels")):
            title = row.table("title")
            title.text("sv"), title.text("en")


def _path(name: str) -> Path | None:
    return _files().get(name) or _versions().get(name)


def _files() -> dict[str, Path]:
    alone = {path.stem: path for path in HERE.glob("*.toml")}
    return {**{name: paths[-1] for name, paths in _kundval().items()}, **alone}


def _versions() -> dict[str, Path]:
    return {f"{name}/{path.stem}": path for name, paths in _kundval().items() for path in paths}


def _kundval() -> dict[str, list[Path]]:
    """The versions of each kundval whose tariff has a page in docs/tariffs, the oldest first."""
    return {
        name: sorted(SCHEMES.joinpath(name).glob("*.toml"))
        for name in ("jobbpeng", "rusta_och_matcha", "stom")
    }

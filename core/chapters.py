"""Reading a rulebook file: every fault is noted with its path, and told at once. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

from core.refusal import Refusal

LARGEST_BYTES = 200_000


class Faults(Refusal):
    """A rulebook file that cannot be used; one line for each fault, with its path in the file."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(
            "rulebook_wrong", "\n".join(faults).replace("{", "{{").replace("}", "}}"), status=422
        )
        self.faults = faults


class Chapter:
    """A table of the file under reading. Getters note a fault and go on, so that one reading tells all.

    Every getter returns a usable default after a fault; `Book.finish` then raises. Keys nobody asked for
    are faults too: a misspelt rule must not be silently without effect.
    """

    def __init__(self, table: dict[str, Any], path: str, faults: list[str]) -> None:
        self._table, self.path, self._faults = table, path, faults
        self._asked: set[str] = set()
        self._children: dict[str, Chapter] = {}

    def fault(self, key: str, what: str) -> None:
        """Note that the value at `key` is wrong."""
        self._faults.append(f"{self._at(key)}: {what}")

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _value(self, key: str, what: str, fits: Callable[[Any], bool], default: Any, *, needed: bool) -> Any:
        self._asked.add(key)
        if key not in self._table:
            if needed:
                self.fault(key, f"is missing; {what}")
            return default
        value = self._table[key]
        if fits(value):
            return value
        self.fault(key, what)
        return default

    def has(self, key: str) -> bool:
        """Whether the file says anything there."""
        return key in self._table

    def text(self, key: str, *, needed: bool = True) -> str:
        """A line of text, not empty."""
        fits = lambda value: isinstance(value, str) and bool(value.strip())  # noqa: E731  # read beside its sentence
        return str(self._value(key, "must be a text that is not empty", fits, "", needed=needed))

    def whole(self, key: str, least: int = 0, most: int = 10**12, default: int | None = None) -> int:
        """A whole number between `least` and `most`."""
        what = f"must be a whole number from {least}" + (f" to {most}" if most < 10**12 else "")
        fits = lambda value: type(value) is int and least <= value <= most  # noqa: E731  # read beside its sentence
        fallback = least if default is None else default
        return int(self._value(key, what, fits, fallback, needed=default is None))

    def day(self, key: str) -> date:
        """A date, written 2026-11-22 without quotes."""
        what = "must be a date such as 2026-11-22, without quotes"
        found: date = self._value(key, what, lambda value: type(value) is date, date(1900, 1, 1), needed=True)
        return found

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        """One of the given words."""
        what = f"must be one of {', '.join(options)}"
        fallback = default or options[0]
        return str(self._value(key, what, lambda value: value in options, fallback, needed=default is None))

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        fits = lambda value: isinstance(value, bool)  # noqa: E731  # read beside its sentence
        return bool(self._value(key, "must be true or false", fits, default, needed=False))

    def words(self, key: str, *, needed: bool = True) -> tuple[str, ...]:
        """A list of words, not empty, none twice."""
        fits = lambda value: (  # noqa: E731  # read beside its sentence
            isinstance(value, list)
            and bool(value)
            and all(isinstance(item, str) and item for item in value)
            and len(set(value)) == len(value)
        )
        return tuple(self._value(key, "must be a list of words, none twice", fits, (), needed=needed))

    def wholes(self, key: str, least: int = 0, most: int = 10**12) -> tuple[int, ...]:
        """A list of whole numbers, at least one."""
        fits = lambda value: (  # noqa: E731  # read beside its sentence
            isinstance(value, list)
            and bool(value)
            and all(type(item) is int and least <= item <= most for item in value)
        )
        what = f"must be a list of whole numbers from {least} to {most}"
        return tuple(self._value(key, what, fits, (least,), needed=True))

    def table(self, key: str, *, needed: bool = True) -> Chapter:
        """A table below this one; empty after a fault."""
        fits = lambda value: isinstance(value, dict)  # noqa: E731  # read beside its sentence
        return self._child(self._value(key, "must be a table", fits, {}, needed=needed), self._at(key))

    def tables(self, key: str, *, needed: bool = True) -> list[Chapter]:
        """A list of tables, written with double brackets."""
        fits = lambda value: isinstance(value, list) and all(isinstance(row, dict) for row in value)  # noqa: E731  # read beside its sentence
        rows = self._value(key, "must be a list of tables, in double brackets", fits, [], needed=needed)
        if needed and not rows and key in self._table:
            self.fault(key, "must have at least one row")
        return [self._child(row, f"{self._at(key)}[{number}]") for number, row in enumerate(rows, 1)]

    def named(self, key: str) -> dict[str, Chapter]:
        """A table whose own keys are names, each with a table."""
        outer = self.table(key)
        return {name: outer.table(name) for name in outer.names()}

    def names(self) -> list[str]:
        """The keys of this table, in the file's order, whatever they hold."""
        return list(self._table)

    def _child(self, table: dict[str, Any], path: str) -> Chapter:
        if path not in self._children:
            self._children[path] = Chapter(table, path, self._faults)
        return self._children[path]

    def unknown(self) -> None:
        """Note every key that no reader asked for, here and below."""
        for key in self._table.keys() - self._asked:
            self.fault(key, "is not a rule that this system knows")
        for child in self._children.values():
            child.unknown()


class Book:
    """A whole file under reading: `chapter(name)` for each floor, then `finish()`."""

    def __init__(self, text: str) -> None:
        self.faults: list[str] = []
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise Faults([f"the file: is not valid TOML ({error})"]) from None
        self.root = Chapter(tables, "", self.faults)

    def finish(self) -> None:
        """Raise Faults when anything was wrong."""
        self.root.unknown()
        if self.faults:
            raise Faults(list(dict.fromkeys(self.faults)))


Reader: TypeAlias = Callable[[Chapter], object]


def check(text: str, readers: tuple[Reader, ...]) -> Book:
    """Read the file's head and let each floor read its chapters. Raises Faults with every fault found."""
    if len(text.encode()) > LARGEST_BYTES:
        raise Faults([f"the file: is larger than {LARGEST_BYTES} bytes"])
    book = Book(text)
    head = book.root
    for key in ("scheme", "version"):
        word = head.text(key)
        if not all(mark.isascii() and (mark.isalnum() or mark in "-_") for mark in word):
            head.fault(key, "must be one word of letters a to z, digits, - and _")
    head.day("valid_from")
    head.choice("currency", ("SEK",))
    title = head.table("title")
    title.text("sv"), title.text("en")
    head.text("note", needed=False)
    for reader in readers:
        reader(head)
    book.finish()
    return book

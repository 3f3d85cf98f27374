"""JSON under reading: a rulebook chapter's getters, with days as texts and what JSON calls things."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from typing import Any, Self

from core.chapters import Chapter, Faults

LARGEST_BYTES = 20_000_000
MOST_TOLD = 50
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
LONGEST_ID = 100


class Sheet(Chapter):
    """An object of the file under reading. Nothing it is asked for raises; faults are noted."""

    def _child(self, table: dict[str, Any], path: str) -> Self:
        if path not in self._children:
            self._children[path] = type(self)(table, path, self._faults)
        return self._children[path]  # type: ignore[return-value]  # made two lines up, of this very type

    def value(self, key: str) -> Any:
        """What stands there, unread."""
        self._asked.add(key)
        return self._table.get(key)

    def day(self, key: str) -> date:
        """A day, written "2026-11-22"."""
        what = f'must be a day such as "2026-11-22", from {EARLIEST} to {LATEST}'
        found = self._value(key, what, lambda value: _as_day(value) is not None, "1900-01-01", needed=True)
        return _as_day(found) or EARLIEST

    def day_if(self, key: str) -> date | None:
        """A day, None when it is left out or null."""
        return None if self.value(key) is None else self.day(key)

    def month(self, key: str) -> date:
        """The first day of a month written "2026-11"."""
        what = f'must be a month such as "2026-11", from {EARLIEST.year} to {LATEST.year}'
        found = self._value(key, what, lambda value: _as_month(value) is not None, "1900-01", needed=True)
        return _as_month(found) or EARLIEST

    def own_id(self, key: str) -> str:
        """An id of the caller's own: a text of 1 to 100 characters that can be printed."""
        what = f"must be a text of 1 to {LONGEST_ID} characters, all of them printable"
        return str(self._value(key, what, _is_id, "", needed=True))

    def ids(self, key: str) -> tuple[str, ...]:
        """A list of ids, empty when it is left out."""
        what = f"must be a list of texts of 1 to {LONGEST_ID} characters"
        fits = lambda value: isinstance(value, list) and all(_is_id(item) for item in value)  # noqa: E731  # read beside its sentence
        return tuple(self._value(key, what, fits, (), needed=False))

    def table(self, key: str, *, needed: bool = True) -> Self:
        """An object below this one; empty after a fault."""
        fits = lambda value: isinstance(value, dict)  # noqa: E731  # as above
        return self._child(self._value(key, "must be an object", fits, {}, needed=needed), self._at(key))

    def tables(self, key: str, *, needed: bool = True) -> list[Self]:  # type: ignore[override]  # a list of the same kind; nobody adds to it
        """A list of objects."""
        fits = lambda value: isinstance(value, list) and all(isinstance(row, dict) for row in value)  # noqa: E731  # as above
        rows = self._value(key, "must be a list of objects", fits, [], needed=needed)
        if needed and self._table.get(key) == []:
            self.fault(key, "must have at least one object")
        return [self._child(row, f"{self._at(key)}[{number}]") for number, row in enumerate(rows, 1)]

    def unknown(self) -> None:
        """Note every key that nobody asked for, here and below."""
        for key in sorted(self._table.keys() - self._asked):
            self.fault(key[:LONGEST_ID], "is not something that is read here")
        for child in self._children.values():
            child.unknown()

    def forgive(self) -> None:
        """Nothing of this object is read, and that is no fault."""
        self._asked.update(self._table)

    def finish(self) -> None:
        """Raise Faults when anything was wrong; of very many the first are told."""
        self.unknown()
        found = list(dict.fromkeys(self._faults))
        if len(found) > MOST_TOLD:
            found = [*found[:MOST_TOLD], f"the file: has {len(found) - MOST_TOLD} faults more"]
        if found:
            raise Faults(found)


def parsed(raw: bytes) -> Sheet:
    """The one object of a file. Raises Faults when it is no such thing."""
    if len(raw) > LARGEST_BYTES:
        raise Faults([f"the file: is larger than {LARGEST_BYTES} bytes"])
    try:
        found = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Faults(["the file: is not text in UTF-8"]) from None
    except json.JSONDecodeError as error:
        raise Faults([f"the file: is not JSON ({error.msg}, line {error.lineno})"]) from None
    except RecursionError:
        raise Faults(["the file: has lists or objects too deep in each other"]) from None
    except ValueError as error:
        raise Faults([f"the file: {_said(error)}"]) from None
    if not isinstance(found, dict):
        raise Faults(["the file: must be one JSON object"])
    return Sheet(found, "", [])


class _Twice(ValueError):
    pass


def _said(error: ValueError) -> str:
    return str(error) if isinstance(error, _Twice) else "has a number that is too long"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise _Twice(f"says {twice[:LONGEST_ID]!a} twice in one object")
    return found


def _no_constant(word: str) -> Any:
    raise _Twice(f"has {word}, which is not JSON")


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable()


def _as_day(value: Any) -> date | None:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _as_month(value: Any) -> date | None:
    match = MONTH.fullmatch(value) if isinstance(value, str) else None
    if match is None or not EARLIEST.year <= int(match[1]) <= LATEST.year:
        return None
    return date(int(match[1]), int(match[2]), 1)

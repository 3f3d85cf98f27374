"""The house's own source, as the tests of the house read it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOP = Path(__file__).parent.parent.parent
FLOORS = ("providers", "vouchers", "payouts")
HOUSE = ("core", *FLOORS, "app", "migrations")


@dataclass(frozen=True)
class Source:
    """A Python file: where it stands in the house (`payouts/rules/base_fee.py`) and what it says."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    def within(self, *places: str) -> bool:
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def at(self, node: ast.AST, wrong: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {wrong}"


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def files() -> tuple[Source, ...]:
    """Every Python file of the house."""
    found = [
        *TOP.glob("*.py"),
        *(file for place in (*HOUSE, "tests", "tools") for file in (TOP / place).rglob("*.py")),
    ]
    return tuple(Source(file.relative_to(TOP).as_posix(), file.read_text("utf-8")) for file in sorted(found))


def called(call: ast.Call) -> str:
    """The dotted name of what is called, as far as it is one: `date.today`."""
    return ast.unparse(call.func)


def imported(source: Source) -> set[str]:
    """The top-level names of everything the file imports."""
    found = {
        alias.name for node in ast.walk(source.tree) if isinstance(node, ast.Import) for alias in node.names
    }
    found |= {
        node.module
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    return {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"_typeshed"}

"""Draws docs/states.md from the tables of transitions: `python -m tools.states [write | check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from core.states import Machine

TOP = Path(__file__).parent.parent
FILE = TOP / "docs" / "states.md"
FLOORS = ("providers", "vouchers", "payouts")
HEAD = """# State machines

Drawn by `python -m tools.states` from the tables in `rules`; do not edit by hand. A test fails when this
file is not what the tables say. A step that is not drawn is refused. That a step is drawn does not mean that
a page leads there yet; [CHANGELOG.md](../CHANGELOG.md) says what is not built.
"""


def machines() -> Iterator[tuple[str, Machine]]:
    """Every state machine with the file it stands in, floor by floor."""
    met: set[int] = set()
    for floor in FLOORS:
        rooms = sorted((TOP / floor).glob("rules/*.py"), key=lambda file: (file.stem == "__init__", file))
        for file in [*(TOP / floor).glob("rules.py"), *rooms]:
            place = file.relative_to(TOP)
            room = import_module(".".join(place.with_suffix("").parts).removesuffix(".__init__"))
            for found in vars(room).values():
                if isinstance(found, Machine) and id(found) not in met:
                    met.add(id(found))
                    yield place.as_posix(), found


def drawn(place: str, machine: Machine) -> str:
    """A machine as a chapter: where it stands, a diagram, a table."""
    reached, left = set(machine.table.values()), {state for state, _event in machine.table}
    diagram = [f"    [*] --> {state}" for state in machine.states if state not in reached]
    diagram += [f"    {state} --> {after}: {event}" for (state, event), after in machine.table.items()]
    diagram += [f"    {state} --> [*]" for state in machine.states if state in reached - left]
    rows = [f"| {state} | {event} | {after} |" for (state, event), after in machine.table.items()]
    head = [f"\n## {machine.name.capitalize()}\n", f"`{place}`\n", "```mermaid", "stateDiagram-v2"]
    return "\n".join([*head, *diagram, "```\n", "| from | step | to |", "|---|---|---|", *rows, ""])


def text() -> str:
    """The whole file."""
    return HEAD + "".join(drawn(place, machine) for place, machine in machines())


def main(what: str = "write") -> int:
    """Write the file, or say whether it is in step: 1 when it is not."""
    if what == "write":
        FILE.write_text(text(), encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text("utf-8") == text():
        return 0
    sys.stderr.write("docs/states.md is not what the tables say; run: .venv/bin/python -m tools.states\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))

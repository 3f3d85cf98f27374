"""A state machine is a table, (state, event) → state, that pages and drawings come from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.refusal import Refusal

Transitions = dict[tuple[str, str], str]


@dataclass(frozen=True)
class Machine:
    """One table of transitions, with the word for what it is about."""

    name: str
    states: tuple[str, ...]
    table: Transitions

    def after(self, state: str, event: str) -> str:
        """The state that `event` leads to. Raises Refusal when it cannot happen there."""
        try:
            return self.table[state, event]
        except KeyError:
            raise Refusal(
                f"{self.name}_step_not_possible",
                "Det steget går inte att ta nu. Någon kan ha hunnit före. Läs in sidan igen.",
            ) from None

    def can(self, state: str, event: str) -> bool:
        """Whether the step is open."""
        return (state, event) in self.table

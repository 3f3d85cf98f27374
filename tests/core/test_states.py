"""Every state machine of the house: what its table allows, refuses and can reach."""

from __future__ import annotations

from collections import deque

import pytest

from core.refusal import Refusal
from core.states import Machine
from payouts.rules.batches import batch
from providers.rules import accreditation
from vouchers.rules.states import MACHINES

ALL = (*MACHINES, accreditation, batch)
NAMED = {machine.name: machine for machine in ALL}

# Where a life may begin, and where it may end.
BEGINS = {
    "voucher": {"draft"}, "report": {"draft"}, "outcome": {"claimed"}, "check": {"due"},
    "deviation": {"unjudged"},
    "accreditation": {"draft"}, "batch": {"draft"},
}  # fmt: skip
ENDS = {
    "voucher": {"closed", "revoked", "lapsed"},
    "report": {"withdrawn"},
    "outcome": {"withdrawn"},
    "check": {"withdrawn"},
    "deviation": {"withdrawn"},
    "accreditation": {"refused", "dismissed", "closed"},
    "batch": {"settled", "void"},
}
machines = pytest.mark.parametrize("machine", ALL, ids=[machine.name for machine in ALL])


def reached(machine: Machine, start: set[str]) -> set[str]:
    found, waiting = set(start), deque(start)
    while waiting:
        here = waiting.popleft()
        for (state, _), after in machine.table.items():
            if state == here and after not in found:
                found.add(after)
                waiting.append(after)
    return found


def test_no_machine_is_left_out():
    assert set(NAMED) == set(BEGINS) == set(ENDS)


@machines
def test_every_step_in_the_table_leads_where_it_says(machine: Machine):
    for (state, event), after in machine.table.items():
        assert machine.can(state, event)
        assert machine.after(state, event) == after


@machines
def test_every_step_that_is_not_in_the_table_is_refused_with_a_sentence(machine: Machine):
    events = {event for _, event in machine.table}
    refused = 0
    for state in machine.states:
        for event in events:
            if (state, event) in machine.table:
                continue
            assert not machine.can(state, event)
            with pytest.raises(Refusal, match="steget") as refusal:
                machine.after(state, event)
            assert refusal.value.code == f"{machine.name}_step_not_possible"
            refused += 1
    assert refused == len(machine.states) * len(events) - len(machine.table)


@machines
def test_the_table_speaks_only_of_states_there_are_and_reaches_every_one(machine: Machine):
    told = {state for state, _ in machine.table} | set(machine.table.values())
    assert told <= set(machine.states)
    assert reached(machine, BEGINS[machine.name]) == set(machine.states)


@machines
def test_a_life_ends_only_where_it_should_and_can_end_from_everywhere(machine: Machine):
    without_steps = set(machine.states) - {state for state, _ in machine.table}
    assert without_steps == ENDS[machine.name]
    for state in machine.states:
        assert reached(machine, {state}) & ENDS[machine.name], state


# Steps that the design forbids, whatever a table may come to say.
FORBIDDEN = [
    ("batch", "parked", "review"), ("batch", "sent", "void"), ("batch", "reviewed", "send"),
    ("report", "approved", "return"), ("report", "withdrawn", "submit"), ("report", "withdrawn", "approve"),
    ("report", "draft", "approve"), ("report", "returned", "approve"),
    ("check", "failed", "pass"), ("check", "withdrawn", "pass"),
    ("outcome", "rejected", "verify"), ("outcome", "withdrawn", "verify"),
    ("deviation", "withdrawn", "find_valid"), ("deviation", "valid", "find_not_valid"),
    ("voucher", "ended", "start"), ("voucher", "choice_open", "start"), ("voucher", "chosen", "start"),
    ("accreditation", "submitted", "accredit"), ("accreditation", "draft", "accredit"),
    ("accreditation", "under_review", "accredit"), ("accreditation", "refused", "accredit"),
    ("accreditation", "closed", "open_intake"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "state", "event"), FORBIDDEN)
def test_what_must_not_be_possible_is_not(name: str, state: str, event: str):
    assert state in NAMED[name].states
    assert event in {known for _, known in NAMED[name].table}
    assert not NAMED[name].can(state, event)

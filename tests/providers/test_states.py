"""The one table of an accreditation's life: every step that is allowed, every other refused, no dead end."""

from __future__ import annotations

import pytest

from core.actor import Role
from core.refusal import Refusal
from providers.rules import (
    APPLYING_STATES,
    CHOOSABLE_STATES,
    ENDED_STATES,
    OPEN_STATES,
    STATES,
    TRANSITIONS,
    TURNED_DOWN_STATES,
    accreditation,
)
from providers.rules.sanctions import DECISIONS, RIGHTS

EVENTS = sorted({event for _, event in TRANSITIONS})
LAST = ("refused", "dismissed", "closed")

# What brings somebody who cannot be chosen to where they can, and what ends an accreditation. Each is a
# decision by a person; a rule that adds one to the table must add it here, and say whose it is.
INTO_CHOOSABLE = {"accredit": "accredited", "open_intake": "intake_opened", "lift": "lifted"}
# These leave `intake_stopped` too. The stop itself is a row that stands, so nobody can be chosen there.
KEEPS_ITS_STOP = {"fall_dormant", "warn", "propose_revocation", "require_reaccreditation"}
OUT_OF_OPEN = {"revoke": "revoked", "expire": "expired", "withdraw": "withdrawn", "renew": "accredited"}
# What the clock takes. None of them gives or takes a right to be chosen.
BY_THE_CLOCK = {"fall_dormant", "customer_came", "propose_revocation", "require_reaccreditation",
                "stop_intake", "open_intake"}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_a_step_leads_where_the_table_says_or_is_refused(state: str, event: str):
    if (state, event) in TRANSITIONS:
        assert accreditation.can(state, event)
        assert accreditation.after(state, event) == TRANSITIONS[state, event]
        return
    assert not accreditation.can(state, event)
    with pytest.raises(Refusal) as refusal:
        accreditation.after(state, event)
    assert refusal.value.code == "accreditation_step_not_possible"


@pytest.mark.parametrize("state", STATES)
def test_a_step_that_nobody_knows_is_refused(state: str):
    for event in ("", "end", "ACCREDIT", "delete"):
        with pytest.raises(Refusal):
            accreditation.after(state, event)


def test_the_table_speaks_of_known_states_only():
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) == set(STATES)
    kinds = (APPLYING_STATES, TURNED_DOWN_STATES, OPEN_STATES, ENDED_STATES)
    assert sum(map(len, kinds)) == len(STATES) == len(set(STATES))


def reached(start: str, *, without: tuple[str, ...] = ()) -> set[str]:
    """Every state that steps lead to from there, not through those left out."""
    found, edge = {start}, [start]
    while edge:
        at = edge.pop()
        for (state, _), after in TRANSITIONS.items():
            if state == at and after not in found and after not in without:
                found.add(after)
                edge.append(after)
    return found


def test_every_state_is_reached_from_a_draft():
    assert reached("draft") == set(STATES)


def test_there_is_no_way_out_of_the_last_states_and_no_other_dead_end():
    left = {state for state, _ in TRANSITIONS}
    assert set(STATES) - left == set(LAST)
    for state in STATES:
        assert reached(state) & set(LAST), state


def test_nobody_is_accredited_but_by_a_decision_on_a_proposal():
    into = {(state, event) for (state, event), after in TRANSITIONS.items()
            if after in OPEN_STATES and state not in OPEN_STATES}  # fmt: skip
    assert into == {("proposed", "accredit")}
    assert not reached("draft", without=("proposed",)) & set(OPEN_STATES)


def test_what_has_ended_never_comes_back():
    for state in ENDED_STATES:
        assert reached(state) <= set(ENDED_STATES)
    for state in TURNED_DOWN_STATES:
        assert reached(state) == {state}


def test_only_named_steps_lead_to_where_one_can_be_chosen():
    into = {event for (state, event), after in TRANSITIONS.items()
            if after in CHOOSABLE_STATES and state not in CHOOSABLE_STATES}  # fmt: skip
    assert into == INTO_CHOOSABLE.keys() | KEEPS_ITS_STOP


def test_only_named_steps_end_an_accreditation_and_each_is_a_persons_decision():
    out = {event for (state, event), after in TRANSITIONS.items()
           if state in OPEN_STATES and after in ENDED_STATES}  # fmt: skip
    assert out == OUT_OF_OPEN.keys()
    assert not out & BY_THE_CLOCK
    for decision in (*INTO_CHOOSABLE.values(), *OUT_OF_OPEN.values()):
        assert decision in DECISIONS
        assert RIGHTS[decision].roles


def test_an_end_goes_through_winding_down():
    for state in ("revoked", "expired", "withdrawn"):
        assert {event for at, event in TRANSITIONS if at == state} == {"wind_down"}
    assert {state for (state, _), after in TRANSITIONS.items() if after == "closed"} == {"winding_down"}


def test_the_board_alone_revokes_and_the_chair_alone_does_it_provisionally():
    assert RIGHTS["revoked"].roles == RIGHTS["expired"].roles == RIGHTS["kept"].roles == (Role.SECRETARY,)
    assert {RIGHTS[kind].body for kind in ("revoked", "expired", "kept", "lifted")} == {"board"}
    assert (RIGHTS["provisionally_revoked"].body, RIGHTS["provisionally_revoked"].roles) == (
        "chair",
        (Role.CHAIR,),
    )
    for decision, right in RIGHTS.items():
        assert not {Role.GUIDE, Role.MAKER, Role.SIGNER, Role.ADMINISTRATOR, Role.SEEKER} & set(right.roles)
        assert decision in DECISIONS
    assert RIGHTS.keys() == set(DECISIONS)

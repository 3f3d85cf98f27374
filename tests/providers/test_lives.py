"""Random lives of providers through the real actions: nobody is chosen who may not be, nothing ends without
a person, nothing that was written is lost. One list of events is one life of a whole town."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from core.actor import AccountRole
from core.audit import AuditEntry
from core.database import Base, fetch
from core.dates import add_months
from core.refusal import Refusal
from providers.models import (
    Accreditation,
    Decision,
    Evidence,
    IntakeStop,
    Judgement,
    Proposal,
    Reaccreditation,
    RegisterEvent,
    Reviewer,
)
from providers.rules import CHOOSABLE_STATES, ENDED_STATES, OPEN_STATES, TURNED_DOWN_STATES, accreditation
from providers.rules.sanctions import RIGHTS
from tests.providers.steps import STEPS, Lives, days_go, the_watch
from tests.support.town import Town
from vouchers.models import Leg

KEPT: tuple[type[Base], ...] = (Decision, Evidence, Judgement, RegisterEvent, Reviewer, Reaccreditation)
OVER = (*ENDED_STATES, *TURNED_DOWN_STATES)


class Undone(Exception):  # no fault: it takes the whole life back
    """Ends an example, and takes back all that it wrote."""


# ── what must hold after each ────────────────────────────────────────────────────────────────────


class Before(NamedTuple):
    """What had been written, and who could be chosen."""

    kept: dict[str, dict[Any, Row[Any]]]
    accreditations: dict[int, Any]
    may_be_chosen: set[int]
    legs: set[int]
    trail: int


def now(it: Lives) -> Before:
    """Read past the session's own memory, straight from the tables."""
    session = it.session
    session.flush()
    kept = {}
    for table in KEPT:
        every = session.execute(select(table.__table__)).all()
        keys = [column.name for column in table.__table__.primary_key]
        kept[table.__tablename__] = {tuple(row._mapping[key] for key in keys): row for row in every}
    columns = Accreditation.__table__
    rows = {row.id: row for row in session.execute(select(columns))}
    stopped = set(session.scalars(select(IntakeStop.accreditation_id).where(IntakeStop.to_on.is_(None))))
    open_now = {
        key
        for key, row in rows.items()
        if row.state in CHOOSABLE_STATES
        and key not in stopped
        and row.from_on <= it.today
        and (row.to_on is None or it.today <= row.to_on)
    }
    legs = set(session.scalars(select(Leg.id)))
    trail = session.scalars(select(func.count()).select_from(AuditEntry)).one()
    return Before(kept, rows, open_now, legs, trail)


def holds(it: Lives, before: Before, then: Before) -> None:
    """No way to be chosen when not accredited, to be ended without a person, or to lose history."""
    _chosen_rightly(it, before, then)
    _nothing_lost(before, then)
    _ended_by_people(it, then)
    it.reached |= {row.state for row in then.accreditations.values()}


def _chosen_rightly(it: Lives, before: Before, then: Before) -> None:
    for key in then.legs - before.legs:
        leg = fetch(it.session, Leg, 1, key)
        assert leg.accreditation_id in before.may_be_chosen
        assert leg.provider_id == then.accreditations[leg.accreditation_id].provider_id
        assert leg.chosen_on == it.today


def _nothing_lost(before: Before, then: Before) -> None:
    for name, rows in before.kept.items():
        for key, row in rows.items():
            assert then.kept[name].get(key) == row, f"{name} {key} has changed"
    assert then.trail >= before.trail
    events = sorted(key[1] for key in then.kept["register_event"])
    assert events == list(range(1, len(events) + 1))
    for key, was in before.accreditations.items():
        row = then.accreditations[key]
        assert (row.provider_id, row.scheme, row.service, row.rulebook_id) == (
            was.provider_id,
            was.scheme,
            was.service,
            was.rulebook_id,
        )
        for name in ("from_on", "diary_number", "decided_by", "decided_on", "applied_on", "to_on", "ended_by",
                     "end_reason", "closed_on"):  # fmt: skip
            told = getattr(was, name)
            assert told is None or getattr(row, name) == told, f"{name} has changed"
        ways = {after for (state, _), after in accreditation.table.items() if state == was.state}
        assert was.state not in OVER or row.state in {was.state, *ways}


def _ended_by_people(it: Lives, then: Before) -> None:
    roles: dict[int, set[str]] = {}
    for row in it.session.execute(select(AccountRole.account_id, AccountRole.role)):
        roles.setdefault(row.account_id, set()).add(row.role)
    decided: dict[int, set[str]] = {}
    for decision in then.kept["decision"].values():
        decided.setdefault(decision.accreditation_id, set()).add(decision.kind)
        allowed = {role.value for role in RIGHTS[decision.kind].roles}
        assert roles.get(decision.decided_by, set()) & allowed, "a decision without a person who may"
        assert (decision.body == "board") == (decision.meeting_on is not None)
    renewed_by = {
        row.replaces_id for row in then.accreditations.values() if row.state in (*OPEN_STATES, *ENDED_STATES)
    }
    for key, row in then.accreditations.items():
        if row.state in (*OPEN_STATES, *ENDED_STATES):
            assert row.decided_by
            assert "accredited" in decided[key]
        if row.state in ENDED_STATES:
            assert row.ended_by
            by_decision = {"revoked", "expired", "withdrawn"} & decided[key]
            assert by_decision or (row.end_reason == "renewed" and key in renewed_by)
        if row.state == "revoked":
            assert "revoked" in decided[key]
        if row.state == "closed":
            assert "closed" in decided[key]
        if row.state == "provisionally_revoked":
            assert "provisionally_revoked" in decided[key]


def nothing_waits_in_vain(it: Lives) -> None:
    """After the watch, every open proposal can be decided, and nobody chosen of late is dormant."""
    rows = select(Accreditation.state, Proposal.kind).join(
        Proposal, Proposal.accreditation_id == Accreditation.id
    )
    for row in it.session.execute(rows.where(Proposal.state == "open")):
        assert accreditation.can(row.state, row.kind)
    recently = (
        select(Accreditation.id)
        .join(Leg, Leg.accreditation_id == Accreditation.id)
        .where(
            Accreditation.state == "dormant",
            Leg.declined_on.is_(None),
            Leg.chosen_on > add_months(it.today, -9),
        )
    )
    assert it.session.scalars(recently).all() == []


NAMES = [step.__name__ for step in STEPS]
EVENTS = st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 10_000))
Life = list[tuple[int, int]]


def told(life: str) -> Life:
    """A life in words: `days_go 5, the_watch` is a step and a throw of the dice each."""
    words = [step.split() for step in life.split(",")]
    return [(NAMES.index(name), int(dice[0]) if dice else 0) for name, *dice in words]


# Lives that somebody has thought of, so that each step is surely taken; the rest are drawn.
APPLIES = told("an_application 1, a_review, an_answer 6, new_paper, somebody_chooses 3, a_choice_goes_on 1")
SLEEPS = told(
    "days_go 5, the_watch, days_go 3, the_watch, the_board 0, the_board 1, the_watch, somebody_chooses 1,"
    " somebody_chooses 2, the_watch, winding, winding 1, days_go 6, winding, winding, somebody_who_may_not 3"
)
RENEWS = told(
    "a_warning 2, new_conditions, an_application 1, a_review, an_answer 6, a_warning 0, the_watch, days_go 3,"
    " the_watch, the_board 0, the_board 1, the_watch, the_provider_leaves 2, winding 3, winding"
)
STUMBLES = told(
    "somebody_chooses 1, somebody_chooses 4, a_choice_goes_on 1, somebody_leaves, intake 1,"
    " somebody_chooses 4, intake 3, somebody_proposes, somebody_chooses 4, the_board 1, the_chair,"
    " somebody_chooses 4, the_board 1, a_warning 2, a_warning 0, the_provider_leaves 1, winding 3, winding,"
    " days_go 6, the_watch, winding, winding"
)


def live(it: Lives, life: Life) -> None:
    before = now(it)
    for which, dice in life:
        step = STEPS[which]
        try:
            with it.session.begin_nested():
                step(it, dice)
                it.session.flush()
            it.done.add(step.__name__)
        except Refusal as refusal:
            assert refusal.code
        it.session.expire_all()
        if step is days_go:
            before = now(it)
            continue
        then = now(it)
        holds(it, before, then)
        if step is the_watch:
            nothing_waits_in_vain(it)
        before = then


def test_random_lives_of_providers_keep_to_the_rules(town: Town, session: Session):
    reached: set[str] = set()
    done: set[str] = set()

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )
    @given(st.lists(EVENTS, min_size=25, max_size=50))
    @example(APPLIES)
    @example(SLEEPS)
    @example(RENEWS)
    @example(STUMBLES)
    def lives(life: Life) -> None:
        it = Lives(session, town, town.decided_on)
        with pytest.raises(Undone), session.begin_nested():
            live(it, life)
            raise Undone
        session.expire_all()
        reached.update(it.reached)
        done.update(it.done)

    lives()
    assert set(NAMES) - done == {"somebody_who_may_not"}
    assert {"reminded", "proposed", "customers_came", "called_again", "expiry_proposed"} <= done
    assert {"evidence_ended", "evidence_asked"} & done
    assert {*OPEN_STATES, "revoked", "expired", "withdrawn", "winding_down", "closed"} <= reached

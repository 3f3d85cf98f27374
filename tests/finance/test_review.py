"""What a signer is shown: sums that add up, what has changed, what is unusual, whose turn it is."""

from __future__ import annotations

from datetime import date

import pytest

from core.actor import Actor, Role
from payouts.models import Batch
from payouts.queries.desk import cooling_off_days, open_batch, shows_examples
from payouts.queries.review import Review, review, turn
from tests.finance.giro import moved
from tests.provider.stage import APRIL, MARCH, MAY, TODAY, Stage


def look(stage: Stage, batch: Batch) -> Review:
    with stage.database.reading() as session:
        return review(session, 1, session.get_one(Batch, (1, batch.id)))


def test_the_first_batch_has_nothing_before_it(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    batch = stage.paid()
    found = look(stage, batch)
    assert (found.before_id, found.before_ore) == (None, 0)
    assert [(part.name, part.now_ore, part.now) for part in found.sums] == [("base", 356_710, 1)]
    assert [(odd.code, odd.name) for odd in found.oddities] == [("first_payment", "Stigfinnarna")]


def test_the_parts_add_up_to_what_is_paid_now_and_before(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    other = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    taken_back = stage.reported(leg_id, MARCH)
    stage.reported(other, MARCH, other=True)
    first = stage.paid(date(2026, 5, 4))
    stage.reported(leg_id, APRIL)
    stage.worked(leg_id, date(2026, 5, 4))
    stage.withdrawn(taken_back)
    second = stage.paid()
    found = look(stage, second)
    assert (found.before_id, found.before_ore) == (first.id, first.paid_ore)
    assert sum(part.now_ore for part in found.sums) == second.paid_ore
    assert sum(part.before_ore for part in found.sums) == first.paid_ore
    assert {part.name: part.now_ore for part in found.sums} == {
        "base": 368_600,
        "result": 1_000_000,
        "clawed": -356_710,
    }
    assert found.largest
    assert found.largest.name == "result"
    assert [(row.name, row.now_ore, row.before_ore) for row in found.differences] == [
        ("Stigfinnarna", 1_011_890, 356_710),
        ("Lyktvägen", 0, 356_710),
    ]
    assert [odd.code for odd in found.oddities] == []


def test_a_jump_a_negative_net_and_a_new_account_are_unusual(stage):
    leg_id = stage.started("Amal Provlund", level="enhanced", day=date(2026, 3, 2))
    other = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    taken_back = stage.reported(other, MARCH, other=True)
    stage.paid(date(2026, 5, 4))
    stage.worked(leg_id, date(2026, 5, 4))
    with stage.database.transaction(1) as session:
        from vouchers import actions  # noqa: PLC0415  # only here

        actions.withdraw_report(session, taken_back, by=stage.town.other_coach, today=TODAY)
        moved(session, stage, date(2026, 5, 20))
    batch = stage.paid()
    found = look(stage, batch)
    assert {(odd.code, odd.name) for odd in found.oddities} == {
        ("negative", "Lyktvägen"),
        ("new_account", "Stigfinnarna"),
        ("jump", "Stigfinnarna"),
    }
    assert sum(part.now_ore for part in found.sums) == batch.paid_ore


def test_a_provider_whose_details_nobody_has_approved_long_enough_is_not_paid(stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    stage.booked()
    with stage.database.transaction(1) as session:
        from sqlalchemy import text  # noqa: PLC0415  # only here

        session.execute(text("UPDATE bank_details SET approved_on = NULL, approved_by = NULL"))
    batch = stage.batched()
    assert [(odd.code, odd.ore) for odd in look(stage, batch).oddities] == [("no_account", 356_710)]


def test_a_stopped_batch_is_not_the_one_before(stage):
    from payouts import actions as money  # noqa: PLC0415  # only here

    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    first = stage.paid(date(2026, 5, 4))
    stage.reported(leg_id, APRIL)
    stage.booked(date(2026, 5, 5))
    stopped = stage.batched(date(2026, 5, 5))
    with stage.database.transaction(1) as session:
        money.void(session, stopped.id, "Vi väntar på maj.", by=stage.town.signer)
    stage.reported(leg_id, MAY)
    found = look(stage, stage.paid())
    assert found.before_id == first.id
    with stage.database.reading() as session:
        assert open_batch(session, 1) is None


@pytest.mark.parametrize(
    ("state", "roles", "account_id", "signed", "expected"),
    [
        ("parked", {Role.SIGNER}, 2, (), ("look_into", False, True, False, None)),
        ("parked", {Role.MAKER}, 1, (), ("look_into", False, True, False, "is_maker")),
        ("frozen", {Role.SIGNER}, 2, (), ("review", True, True, False, None)),
        ("frozen", {Role.SIGNER, Role.MAKER}, 1, (), ("review", False, True, False, "is_maker")),
        ("frozen", {Role.MAKER}, 1, (), ("review", False, True, False, None)),
        ("reviewed", {Role.SIGNER}, 2, (2,), ("approve", False, True, False, "has_signed")),
        ("reviewed", {Role.SIGNER}, 3, (2,), ("approve", True, True, False, None)),
        ("approved", {Role.MAKER}, 1, (2, 3), ("send", False, True, True, None)),
        ("approved", {Role.SIGNER}, 2, (2, 3), ("send", False, True, False, None)),
        ("sent", {Role.MAKER, Role.SIGNER}, 1, (2, 3), (None, False, False, False, None)),
        ("void", {Role.SIGNER}, 2, (), (None, False, False, False, None)),
    ],
)
def test_whose_turn_it_is(state, roles, account_id, signed, expected):
    by = Actor("person", 1, account_id, frozenset(roles))
    found = turn(state, 1, signed, by)
    assert (found.step, found.may_sign, found.may_void, found.may_send, found.hindrance) == expected


@pytest.mark.parametrize(
    ("state", "roles", "account_id", "may"),
    [
        ("parked", {Role.SIGNER}, 2, True),
        ("parked", {Role.MAKER}, 2, True),
        ("parked", {Role.MAKER}, 1, False),
        ("parked", {Role.GUIDE}, 2, False),
        ("frozen", {Role.SIGNER}, 2, False),
    ],
)
def test_who_may_look_into_a_batch(state, roles, account_id, may):
    assert turn(state, 1, (), Actor("person", 1, account_id, frozenset(roles))).may_look is may


def test_the_desk_knows_the_cooling_off_and_whether_amounts_are_examples(stage):
    with stage.database.reading() as session:
        assert cooling_off_days(session, 1, TODAY) == 3
        assert cooling_off_days(session, 1, date(2016, 3, 31)) == 0
        assert shows_examples(session, 1)
        assert not shows_examples(session, 2)

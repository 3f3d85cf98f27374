"""Calls to receivers: each once, signed, nothing held meanwhile, tried for days, once more by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.api import deliveries, hook_actions
from app.api.calling import Answer, post
from app.api.deliveries import WAITS
from app.api.models import TRIAL, Delivery, Webhook
from core import identity
from core.audit import AuditEntry
from core.database import Database
from core.refusal import Missing
from tests.api.hooks_stage import Hooks, of
from tests.provider.stage import MARCH
from tests.support.crowd import at_once
from tests.support.receiver import receiving

TOWARDS = "https://system.example.org/vagval"


@pytest.fixture
def hooks(database: Database) -> Hooks:
    return of(database)


# ── never of what was rolled back, never twice ───────────────────────────────────────────────────


def test_what_was_rolled_back_is_never_told(hooks: Hooks):
    hooks.made(TOWARDS)
    leg = hooks.stage.started("Amal Provlund", day=date(2026, 3, 2))
    hooks.gathered()
    with pytest.raises(ZeroDivisionError), hooks.database.transaction(1) as session:
        hooks.town.reported(session, leg, MARCH)
        raise ZeroDivisionError
    assert hooks.gathered() == 0
    assert [row.event for row in hooks.rows()] == ["participant.arrived"]


def test_looking_again_adds_nothing_and_the_database_refuses_a_second_row(hooks: Hooks):
    hooks.made(TOWARDS)
    hooks.stage.started("Amal Provlund", day=date(2026, 3, 2))
    assert (hooks.gathered(), hooks.gathered()) == (1, 0)
    (row,) = hooks.rows()
    again = Delivery(
        municipality_id=1, webhook_id=row.webhook_id, audit_sequence=row.audit_sequence, leg_id=row.leg_id,
        event=row.event, body="{}", next_at=hooks.at, made_at=hooks.at,
    )  # fmt: skip
    with pytest.raises(IntegrityError), hooks.database.transaction(1) as session:
        session.add(again)


def test_many_links_are_read_in_spans_and_none_is_lost(hooks: Hooks, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "READ_AT_ONCE", 2)
    hooks.made(TOWARDS)
    legs = [hooks.stage.chosen(f"Person Nummer{number}") for number in "abcde"]
    while hooks.gathered():
        pass
    assert [row.leg_id for row in hooks.rows()] == legs


def test_two_processes_at_once_make_each_call_once(hooks: Hooks):
    with receiving() as receiver:
        hooks.made(receiver.url)
        for number in "abcdef":
            hooks.stage.chosen(f"Person Nummer{number}")
        hooks.gathered()
        done = at_once(3, lambda _number: hooks.called())
        assert sum(one for one in done if isinstance(one, int)) == 6, done
    assert sorted(int(got.said["id"]) for got in receiver.got) == [row.id for row in hooks.rows()]
    assert {row.state for row in hooks.rows()} == {"delivered"}


def test_a_process_that_dies_while_it_waits_leaves_the_call_to_the_next(hooks: Hooks):
    """The receiver gets the same id again, and knows it."""

    class Killed(BaseException):
        pass

    def dies(*_args: object, **_options: object) -> Answer:
        raise Killed

    with receiving() as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        with pytest.raises(Killed):
            hooks.round(call=dies)
        assert hooks.round() == 0, "somebody else may still be waiting for the answer"
        hooks.later(minutes=6)
        assert hooks.round() == 1
    (row,) = hooks.rows()
    assert (row.state, row.tries) == ("delivered", 2)
    assert receiver.got[0].headers["webhook-id"] == str(row.id)


def another(hooks: Hooks) -> None:
    hooks.stage.chosen("Chen Mönsterby")


def test_nothing_is_held_while_a_receiver_is_waited_for(hooks: Hooks):
    """Another writer of the municipality works on meanwhile."""
    with receiving() as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        receiver.during = partial(another, hooks)
        assert hooks.round() == 1
        receiver.during = None
        assert hooks.round() == 1
    assert len(receiver.got) == 2


# ── signed, tried again, given up ────────────────────────────────────────────────────────────────


def is_signed(got, secret: str) -> bool:
    """What a receiver does."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = got.headers["webhook-timestamp"]
    signed = f"{got.headers['webhook-id']}.{stamp}.".encode() + got.body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert abs(int(stamp) - time.time()) < 300
    return f"v1,{right}" in got.headers["webhook-signature"].split(" ")


def test_a_call_is_signed_and_the_old_secret_signs_too_for_a_day(hooks: Hooks):
    with receiving() as receiver:
        webhook_id, first = hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        hooks.round()
        with hooks.database.transaction(1) as session:
            _, second = hook_actions.rotate_secret(session, webhook_id, by=hooks.manager, at=hooks.at)
        hooks.stage.chosen("Chen Mönsterby")
        hooks.round()
        hooks.later(days=1, minutes=1)
        hooks.stage.chosen("Dalia Skissvik")
        hooks.round()
    before, between, after = receiver.got
    assert is_signed(before, first)
    assert not is_signed(before, second)
    assert is_signed(between, first)
    assert is_signed(between, second)
    assert is_signed(after, second)
    assert not is_signed(after, first)


def test_the_secret_lies_sealed(hooks: Hooks):
    webhook_id, secret = hooks.made(TOWARDS)
    kept = hooks.hook(webhook_id).secret_sealed
    assert secret.removeprefix("whsec_") not in kept
    with hooks.database.reading() as session:
        assert identity.vault(session).open(kept) == secret
        said = session.scalars(select(AuditEntry.details).where(AuditEntry.what == "webhook.made")).one()
    assert secret not in said
    assert TOWARDS not in said


def test_a_failing_receiver_is_tried_with_growing_waits_for_days_and_given_up(hooks: Hooks):
    assert list(WAITS) == sorted(WAITS)
    assert timedelta(days=2) < sum(WAITS, timedelta()) < timedelta(days=5)
    with receiving(*[500] * 20) as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        for tries, wait in enumerate(WAITS, 1):
            hooks.round()
            (row,) = hooks.rows()
            assert (row.state, row.tries, row.last_status, row.next_at) == (
                "waiting",
                tries,
                500,
                hooks.at + wait,
            )
            hooks.at += wait - timedelta(seconds=1)
            hooks.round()
            assert len(receiver.got) == tries, "not before its time"
            hooks.at += timedelta(seconds=1)
        hooks.round()
        (row,) = hooks.rows()
        assert (row.state, row.tries, row.done_at) == ("given_up", 10, hooks.at)
        hooks.later(days=9)
        hooks.round()
    assert len(receiver.got) == 10
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1


def test_a_receiver_that_comes_back_gets_what_it_missed(hooks: Hooks):
    with receiving(503, "drop", 204) as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        assert hooks.round() == 0
        hooks.later(minutes=1)
        assert hooks.round() == 0
        assert hooks.rows()[0].fault == "not_http"
        assert hooks.rows()[0].last_status is None
        hooks.later(minutes=5)
        assert hooks.round() == 1
    (row,) = hooks.rows()
    assert (row.state, row.tries, row.last_status, row.fault) == ("delivered", 3, 204, None)


def test_a_receiver_that_is_gone_for_good_is_not_tried_again(hooks: Hooks):
    with receiving(410) as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        hooks.round()
    assert hooks.rows()[0].state == "given_up"


def test_a_receiver_that_fails_is_let_be_and_the_others_are_served(hooks: Hooks):
    with receiving(*[500] * 9) as ill, receiving() as well:
        hooks.made(ill.url)
        hooks.made(well.url)
        for number in "abc":
            hooks.stage.chosen(f"Person Nummer{number}")
        assert hooks.round() == 3
        assert (len(ill.got), len(well.got)) == (1, 3)


def test_a_receiver_that_hangs_does_not_stop_another_from_being_served(hooks: Hooks):
    """The second is answered while the first is still waited for."""
    served = threading.Event()
    with receiving("hang") as slow, receiving() as quick:
        hooks.made(slow.url)
        hooks.made(quick.url)
        hooks.stage.chosen("Amal Provlund")
        quick.during = served.set

        def call(url: str, *args: object, **options: object) -> Answer:
            if url == slow.url:
                assert served.wait(30)
                return post(url, *args, seconds=0.3, **options)  # type: ignore[arg-type]  # as they came
            return post(url, *args, **options)  # type: ignore[arg-type]  # as they came

        assert hooks.round(call=call) == 1
    assert sorted((row.state, row.fault) for row in hooks.rows()) == [
        ("delivered", None),
        ("waiting", "too_slow"),
    ]


def test_a_round_that_has_no_time_left_begins_no_call(hooks: Hooks):
    with receiving() as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        assert hooks.round(seconds=0) == 0
        assert hooks.rows()[0].tries == 0
        assert hooks.round() == 1


def test_a_private_address_is_never_called_in_production(hooks: Hooks):
    with receiving() as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        hooks.round(is_production=True)
        assert not receiver.got
    assert hooks.rows()[0].fault == "private"


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def test_a_trial_is_sent_once_with_nothing_in_it(hooks: Hooks):
    with receiving() as receiver:
        webhook_id, secret = hooks.made(receiver.url, "report.returned")
        with hooks.database.transaction(1) as session:
            hook_actions.send_trial(session, webhook_id, by=hooks.manager, at=hooks.at)
        assert hooks.round() == 1
        assert hooks.round() == 0
    (got,) = receiver.got
    assert (got.said["type"], got.said["data"]) == (TRIAL, {})
    assert is_signed(got, secret)


@pytest.mark.parametrize(
    "ways", [[410, 204], [204, 204], [500, 204]], ids=["given up", "delivered", "waiting"]
)
def test_one_more_try_says_the_same_under_the_same_id(hooks: Hooks, ways: list[int]):
    with receiving(*ways) as receiver:
        hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        hooks.round()
        (row,) = hooks.rows()
        with hooks.database.transaction(1) as session:
            hook_actions.call_again(session, row.id, by=hooks.manager, at=hooks.at)
        assert hooks.round() == 1
    first, second = receiver.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert hooks.rows()[0].state == "delivered"


def test_an_address_that_was_ended_is_called_no_more_and_what_waits_is_given_up(hooks: Hooks):
    with receiving() as receiver:
        webhook_id, _ = hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        hooks.gathered()
        with hooks.database.transaction(1) as session:
            hook_actions.end_webhook(session, webhook_id, by=hooks.manager, at=hooks.at)
        hooks.stage.chosen("Chen Mönsterby")
        assert hooks.round() == 0
        assert not receiver.got
        hooks.made(receiver.url)  # the same address may come again
    assert [(row.state, row.fault) for row in hooks.rows()] == [("given_up", "ended")]
    row = hooks.rows()[0]
    for act in (
        lambda session: hook_actions.call_again(session, row.id, by=hooks.manager, at=hooks.at),
        lambda session: hook_actions.rotate_secret(session, webhook_id, by=hooks.manager, at=hooks.at),
    ):
        with pytest.raises(Missing), hooks.database.transaction(1) as session:
            act(session)


def test_the_database_keeps_an_address_where_it_is(hooks: Hooks):
    webhook_id, _ = hooks.made(TOWARDS)
    with hooks.database.transaction(1) as session:
        hook_actions.end_webhook(session, webhook_id, by=hooks.manager, at=hooks.at)
    for column, value in (
        ("url", "https://other.example.org/"),
        ("provider_id", hooks.town.other_provider_id),
    ):
        with pytest.raises(DBAPIError), hooks.database.transaction(1) as session:
            setattr(session.get_one(Webhook, (1, webhook_id)), column, value)
    with pytest.raises(DBAPIError), hooks.database.transaction(1) as session:
        hook = session.get_one(Webhook, (1, webhook_id))
        hook.ended_at, hook.ended_by = None, None

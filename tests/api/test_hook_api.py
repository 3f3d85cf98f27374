"""Webhooks in the API: what stands, how it went, one more try; and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete

from core.actor import AccountRole, Role
from tests.api.desk import Desk, key_for
from tests.api.hooks_stage import Hooks, told
from tests.provider.stage import TODAY, Stage
from tests.support.receiver import receiving
from tests.support.town import noon


@pytest.fixture
def hooks(stage: Stage) -> Hooks:
    return Hooks(stage, noon(TODAY))


def test_a_system_sees_its_addresses_and_calls_and_has_one_made_again(desk: Desk, hooks: Hooks):
    assert told(desk.get("/webhooks")) == {"items": []}
    with receiving(500) as receiver:
        webhook_id, secret = hooks.made(receiver.url, "participant.arrived")
        hooks.stage.chosen("Amal Provlund")
        hooks.round()
        leg = hooks.rows()[0].leg_id
        (hook,) = told(desk.get("/webhooks"))["items"]
        assert hook["id"] == str(webhook_id)
        assert hook["url"] == receiver.url
        assert hook["events"] == ["participant.arrived"]
        assert (hook["waiting"], hook["last_state"]) == (1, "waiting")
        assert secret not in str(hook)
        calls = told(desk.get(f"/webhooks/{webhook_id}/calls"))
        (call,) = calls["items"]
        assert calls["next"] is None
        assert call["said"]["data"] == {"participant": str(leg), "how": "assisted"}
        assert (call["state"], call["tries"], call["last_status"], call["fault"]) == ("waiting", 1, 500, None)
        again = desk.post(f"/webhook-calls/{call['id']}/again", Idempotency_Key="one")
        assert (again.status_code, told(again)["state"]) == (200, "waiting")
        assert hooks.called() == 1
    (call,) = told(desk.get(f"/webhooks/{webhook_id}/calls"))["items"]
    assert (call["state"], call["tries"], call["next_at"]) == ("delivered", 2, None)
    replayed = desk.post(f"/webhook-calls/{call['id']}/again", Idempotency_Key="one")
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert hooks.rows()[0].state == "delivered", "the same key asks for nothing new"


def test_calls_come_a_page_at_a_time(desk: Desk, hooks: Hooks):
    webhook_id, _ = hooks.made("https://system.example.org/", "participant.arrived")
    for number in "abc":
        hooks.stage.chosen(f"Person Nummer{number}")
    hooks.gathered()
    seen, after = [], ""
    while True:
        page = told(desk.get(f"/webhooks/{webhook_id}/calls?limit=2{after}"))
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [str(row.id) for row in hooks.rows()]


def test_another_providers_address_is_not_there(desk: Desk, stranger: Desk, hooks: Hooks):
    webhook_id, _ = hooks.made("https://system.example.org/", "participant.arrived")
    hooks.stage.chosen("Amal Provlund")
    hooks.gathered()
    (row,) = hooks.rows()
    assert told(stranger.get("/webhooks")) == {"items": []}
    for answer in (
        stranger.get(f"/webhooks/{webhook_id}/calls"),
        stranger.post(f"/webhook-calls/{row.id}/again"),
        desk.get(f"/webhooks/{row.id}/calls"),
        desk.post(f"/webhook-calls/{webhook_id}/again"),
        desk.get("/webhooks/1/calls"),
    ):
        assert answer.status_code == 404


def test_a_key_whose_maker_is_no_manager_any_more_sees_none(desk: Desk, hooks: Hooks):
    hooks.made("https://system.example.org/", "participant.arrived")
    with hooks.database.transaction(1) as session:
        who = hooks.manager.account_id
        session.execute(delete(AccountRole).where(AccountRole.account_id == who))
        session.add(AccountRole(municipality_id=1, account_id=who, role=Role.COACH.value))
    assert desk.get("/webhooks").status_code == 403


def test_a_key_that_only_reads_has_nothing_made_again(app, hooks: Hooks):
    reader = Desk(app, key_for(hooks.database, replace(hooks.manager), ("read",), name="Läsaren"))
    assert reader.get("/webhooks").status_code == 200
    assert told(reader.post("/webhook-calls/7/again"))["code"] == "scope_missing"

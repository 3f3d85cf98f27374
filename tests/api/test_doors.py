"""Who comes in by the API: keys, their scopes and days; and how it says no."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import create_app
from app.api.models import ApiToken
from app.api.tokens import TokenForm, make_token, revoke_token
from config import Settings
from core import dates
from core.actor import Account, AccountRole, Role
from core.audit import AuditEntry
from core.refusal import Forbidden, Missing, Refusal
from providers.models import ProviderMember
from tests.api.desk import BASE, MEETING, MONTH, Desk, key_for
from tests.provider.stage import TODAY, Stage, stop_the_clock

PROBLEM = "application/problem+json"


def test_a_key_says_whose_it_is(desk: Desk):
    told = desk.get("/me").json
    assert told == {
        "provider": "Stigfinnarna",
        "organisation_number": told["organisation_number"],
        "name": "Provsystemet",
        "scopes": ["read", "report", "results"],
        "ends_on": "2026-12-31",
    }


def test_the_key_is_nowhere_kept_and_its_use_is_noted_once_a_day(desk: Desk, stage: Stage):
    for _time in range(2):
        desk.get("/me")
    with stage.database.reading() as session:
        token = session.scalars(select(ApiToken)).one()
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.what == "token.made")))
    assert token.start == desk.key[:12]
    assert desk.key[12:] not in repr(vars(token))
    assert token.last_used_on == TODAY
    assert len(entries) == 1
    assert desk.key[12:] not in entries[0].details


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer vagval_", "Bearer vagval_fel", "Basic eDp5"]
)
def test_without_a_key_nothing_opens(app: Flask, header: str):
    answer = app.test_client().get(f"{BASE}/participants", headers={"Authorization": header})
    assert (answer.status_code, answer.content_type) == (401, PROBLEM)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert '"code": "token_missing"' in answer.text


def test_a_cookie_opens_nothing_and_none_is_given(app: Flask, stage: Stage, desk: Desk):
    signed_in = stage.client(app, "chef")
    assert signed_in.get(f"{BASE}/participants").status_code == 401
    assert signed_in.post(f"{BASE}/participants/1/accept").status_code == 401
    assert "Set-Cookie" not in desk.get("/me").headers


def test_a_key_opens_no_page(app: Flask, desk: Desk):
    answer = app.test_client().get("/provider/", headers={"Authorization": f"Bearer {desk.key}"})
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize(("day", "opens"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)])
def test_a_key_ends_with_its_last_day(desk: Desk, monkeypatch: pytest.MonkeyPatch, day: date, opens: bool):
    stop_the_clock(monkeypatch, day)
    assert desk.get("/me").status_code == (200 if opens else 401)


def test_a_revoked_key_opens_nothing(desk: Desk, stage: Stage):
    with stage.database.transaction(1) as session:
        token_id = session.scalars(select(ApiToken.id)).one()
        revoke_token(session, token_id, by=stage.town.manager, today=TODAY)
    assert desk.get("/me").status_code == 401


@pytest.mark.parametrize("change", ["closed", "left", "moved", "no_role"])
def test_a_key_can_do_no_more_than_whoever_made_it(desk: Desk, stage: Stage, change: str):
    account_id, town = stage.town.manager.account_id, stage.town
    mine = (ProviderMember.municipality_id == 1) & (ProviderMember.account_id == account_id)
    with stage.database.transaction(1) as session:
        if change == "closed":
            session.execute(update(Account).where(Account.id == account_id).values(is_active=False))
        elif change == "left":
            session.delete(session.scalars(select(ProviderMember).where(mine)).one())
        elif change == "moved":
            session.execute(update(ProviderMember).where(mine).values(provider_id=town.other_provider_id))
        else:
            session.delete(session.get_one(AccountRole, (1, account_id, Role.MANAGER.value)))
    assert desk.get("/me").status_code == 401


def test_a_key_does_what_its_scopes_say(app: Flask, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    looks = Desk(app, key_for(stage.database, stage.town.manager, ("read",)))
    tells = Desk(app, key_for(stage.database, stage.town.manager, ("report",), name="Annat"))
    assert looks.get("/participants").status_code == 200
    refused = looks.post(f"/participants/{leg_id}/occasions", MEETING)
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    assert tells.get("/participants").status_code == 403
    assert tells.post(f"/participants/{leg_id}/outcomes", {}).status_code == 403
    assert tells.post(f"/participants/{leg_id}/occasions", MEETING).status_code == 201


# ── making keys ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (TokenForm(" ", ("read",), TODAY), "token_name_missing"),
        (TokenForm("A", (), TODAY), "token_scope_missing"),
        (TokenForm("A", ("read", "everything"), TODAY), "token_scope_missing"),
        (TokenForm("A", ("read",), date(2026, 6, 2)), "token_end_wrong"),
        (TokenForm("A", ("read",), date(2027, 6, 4)), "token_end_wrong"),
        (TokenForm("provsystemet", ("read",), TODAY), "token_name_taken"),
    ],
)
def test_what_a_key_cannot_be(desk: Desk, stage: Stage, form: TokenForm, code: str):
    with pytest.raises(Refusal) as refused, stage.database.transaction(1) as session:
        make_token(session, form, by=stage.town.manager, today=TODAY)
    assert refused.value.code == code


def test_only_a_manager_of_the_provider_makes_and_revokes(desk: Desk, stage: Stage):
    form = TokenForm("B", ("read",), TODAY)
    with stage.database.reading() as session:
        token_id = session.scalars(select(ApiToken.id)).one()
    town = stage.town
    for who, wrong in ((town.coach, Forbidden), (town.guide, Forbidden), (town.newcomer, Missing)):
        with pytest.raises(wrong), stage.database.transaction(1) as session:
            make_token(session, form, by=who, today=TODAY)
        with pytest.raises(wrong), stage.database.transaction(1) as session:
            revoke_token(session, token_id, by=who, today=TODAY)


def test_a_manager_makes_a_key_on_the_page_sees_it_once_and_takes_it_away(app: Flask, stage: Stage):
    client = stage.client(app, "chef")
    form = {"name": "Journalen", "scopes": ["read", "report"], "ends_on": "2027-01-31"}
    page = client.post("/provider/tokens", data=form)
    assert page.status_code == 200
    (key,) = [
        word
        for word in page.text.replace("<", " ").replace(">", " ").split()
        if word.startswith("vagval_") and len(word) > 20
    ]
    assert Desk(app, key).get("/me").json["scopes"] == ["read", "report"]
    again = client.get("/provider/tokens").text
    assert key not in again
    assert key[:12] in again
    twice = client.post("/provider/tokens", data=form)
    assert twice.status_code == 422
    assert 'value="Journalen"' in twice.text
    with stage.database.reading() as session:
        token_id = session.scalars(select(ApiToken.id)).one()
    assert client.post(f"/provider/tokens/{token_id}/revoke").status_code == 302
    assert Desk(app, key).get("/me").status_code == 401
    assert client.post(f"/provider/tokens/{token_id}/revoke").status_code == 409


# ── saying no ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "missing"),
        ("GET", "/participants/17", 404, "missing"),
        ("GET", f"/participants/{2**63}", 404, "missing"),
        ("GET", "/participants/-1", 404, "missing"),
        ("DELETE", "/participants", 405, "method_not_allowed"),
        ("GET", "/participants?limit=0", 422, "field_wrong"),
        ("GET", "/participants?sort=name", 422, "field_wrong"),
        ("GET", "/participants?after=x", 422, "field_wrong"),
        ("GET", "/participants?updated_since=0001-01-01T00:00:00%2B14:00", 422, "field_wrong"),
    ],
)
def test_every_error_is_a_problem(desk: Desk, method: str, path: str, status: int, code: str):
    answer = desk.ask(method, path)
    assert (answer.status_code, answer.content_type) == (status, PROBLEM)
    told = answer.json
    assert (told["status"], told["type"]) == (status, f"/api#problem-{status}")
    assert code in (told["code"], *[fault["code"] for fault in told.get("faults", [])])
    assert told["detail"].endswith(".")


def test_what_is_no_json_is_refused_with_a_sentence(desk: Desk, app: Flask, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    headers = {"Authorization": f"Bearer {desk.key}"}

    def sent(body: bytes, kind: str = "application/json") -> int:
        answer = app.test_client().post(
            f"{BASE}/participants/{leg_id}/occasions", data=body, content_type=kind, headers=headers
        )
        assert answer.content_type == PROBLEM
        return answer.status_code

    assert sent(b"{}", "text/plain") == 415
    assert sent(b"held_on=2026-06-01", "application/x-www-form-urlencoded") == 415
    for body in (b"", b"{", b"\xff\xfe", b'{"a": NaN', b"[" * 100_000, b"9" * 5_000):
        assert sent(body) == 400, body[:20]
    for body in (b"[]", b"null", b'"x"', b"{}", b'{"held_on": NaN}'):
        assert sent(body) == 422, body
    assert sent(b" " * 3_000_000) == 413


def test_every_fault_is_told_at_once_where_it_stands(desk: Desk, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    wrong = {**MONTH, "meetings": "4", "against_plan": "badly", "physical_minutes": 1300, "colour": "red"}
    told = desk.post(f"/participants/{leg_id}/reports", wrong)
    assert told.status_code == 422
    assert {fault["field"] for fault in told.json["faults"]} == {"/meetings", "/colour"}
    wrong = {**MONTH, "against_plan": "badly", "next_step_on": "2026-02-30", "activities": ["dance"]}
    told = desk.post(f"/participants/{leg_id}/reports", wrong)
    assert {fault["field"] for fault in told.json["faults"]} == {
        "/against_plan",
        "/next_step_on",
        "/activities",
    }
    told = desk.post(f"/participants/{leg_id}/reports", {**MONTH, "physical_minutes": 1300})
    assert [fault["field"] for fault in told.json["faults"]] == ["/physical_minutes"]


def test_a_problem_speaks_the_askers_language(desk: Desk):
    swedish = desk.get("/participants/17").json["detail"]
    english = desk.ask("GET", "/participants/17", Accept_Language="en").json["detail"]
    assert swedish != english


def test_pages_keep_their_own_errors(app: Flask):
    assert app.test_client().get("/nothing").mimetype == "text/html"
    assert app.test_client().get("/apiary").mimetype == "text/html"


def test_a_fault_of_ours_is_a_problem_too(settings: Settings, stage: Stage, monkeypatch: pytest.MonkeyPatch):
    made = create_app(settings)
    made.config["PROPAGATE_EXCEPTIONS"] = False
    desk = Desk(made, key_for(stage.database, stage.town.manager))
    monkeypatch.setattr("app.api.participants.page", lambda *_a, **_k: 1 / 0)
    answer = desk.get("/participants")
    assert (answer.status_code, answer.content_type) == (500, PROBLEM)
    assert "division" not in answer.text
    made.extensions["database"].dispose()


def test_a_key_may_ask_so_often_and_others_are_not_held_up(settings: Settings, stage: Stage):
    made = create_app(replace(settings, api_a_minute=3))
    desk = Desk(made, key_for(stage.database, stage.town.manager))
    other = Desk(made, key_for(stage.database, stage.town.other_coach))
    assert [desk.get("/me").status_code for _time in range(5)].count(429) == 2
    answer = desk.get("/me")
    assert (answer.content_type, answer.json["code"]) == (PROBLEM, "too_many_requests")
    assert int(answer.headers["Retry-After"]) <= 61
    assert other.get("/me").status_code == 200
    assert made.test_client().get("/about").status_code == 200
    made.extensions["database"].dispose()
    assert dates.today() == TODAY

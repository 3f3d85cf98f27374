"""The sandbox: a town with somebody in every state, a clock that goes forward, none of it in production."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.demo.sandbox import Made, Sandbox
from app.jobs import JobRun
from app.sandbox import FILE, MOST_DAYS, Clock
from config import Settings, SettingsError
from core import audit, dates
from core.audit import AuditEntry
from tests.api.desk import Desk
from tests.api.hooks_stage import told
from tests.support import sqlite
from tests.support.house import open_database, settings_for
from tests.test_settings import PRODUCTION
from tools import run

CLOCK = "/sandbox/clock"


@pytest.fixture
def clock() -> None:
    """No clock stands still here: not the one of this folder's other tests."""


@pytest.fixture
def box(sqlite_files: sqlite.Files, tmp_path: Path) -> Iterator[tuple[Flask, Made]]:
    """A sandbox with its app. Afterwards the process goes by the machine's clock again."""
    settings = settings_for(sqlite_files.migrated(), tmp_path, SANDBOX="yes")
    database = open_database(settings)
    made = Sandbox(database, 1, dates.today()).build()
    database.dispose()
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app, made
    app.extensions["database"].dispose()
    dates.go_by(None)


def test_somebody_stands_in_every_state_and_the_neighbour_is_not_seen(box: tuple[Flask, Made]):
    app, made = box
    mine, theirs = Desk(app, made.key), Desk(app, made.other_key)
    ours = {one["id"] for one in told(mine.get("/participants"))["items"]}
    others = {one["id"] for one in told(theirs.get("/participants"))["items"]}
    assert len(others) == made.people["elsewhere"]
    assert len(ours) == sum(made.people.values()) - len(others)
    assert not ours & others
    assert told(mine.get("/me"))["provider"] != told(theirs.get("/me"))["provider"]
    states = {one["state"] for one in told(mine.get("/participants"))["items"]}
    assert {"chosen", "received", "active", "ended"} <= states
    assert any(one["state"] == "returned" for one in told(mine.get("/reports"))["items"])
    assert told(mine.get("/outcomes"))["items"]
    with app.extensions["database"].reading() as session:
        assert audit.verify(session, 1).fault_at is None


def test_the_hand_turns_the_clock_for_every_process_and_each_day_gets_its_work(box: tuple[Flask, Made]):
    app, made = box
    desk, began = Desk(app, made.key), dates.today()
    assert told(desk.get(CLOCK))["today"] == began.isoformat()
    to = began + timedelta(days=3)
    turned = desk.post(CLOCK, {"today": to.isoformat()})
    assert (turned.status_code, told(turned)["today"]) == (200, to.isoformat())
    assert dates.today() == to
    assert dates.day_of(dates.now()) == to
    settings: Settings = app.extensions["settings"]
    assert Clock(settings).ahead() == timedelta(days=3), "another process finds it in the folder"
    with app.extensions["database"].reading() as session:
        days = set(session.scalars(select(JobRun.slot).where(JobRun.job == "book_payments")))
        last = session.scalar(select(func.max(AuditEntry.at)))
    assert {(began + timedelta(days=number)).isoformat() for number in (1, 2)} <= days
    assert last is not None
    assert dates.day_of(last) == to
    assert desk.post(CLOCK, {"today": to.isoformat()}).status_code == 200, "to where it is already"


def test_a_day_that_is_turned_past_opens_what_opens_then(box: tuple[Flask, Made]):
    """A month can be reported that could not be before."""
    app, made = box
    desk, today = Desk(app, made.key), dates.today()
    to = dates.add_months(today.replace(day=1), 1) + timedelta(days=2)
    people = told(desk.get("/participants"))["items"]
    person = next(one for one in people if one["state"] == "active" and not one["is_protected"])
    month = {
        "month": today.isoformat()[:7], "activities": ["guidance"], "booked_minutes": 600,
        "activity_minutes": 600, "physical_minutes": 300, "meetings": 4, "physical_meetings": 2,
        "against_plan": "as_planned", "progress": "Har sökt fem jobb.", "next_step": "Ringa.",
        "next_step_on": (to + timedelta(days=30)).isoformat(),
    }  # fmt: skip
    if today != dates.last_of_month(today):
        assert desk.post(f"/participants/{person['id']}/reports", month).status_code in (409, 422)
    assert desk.post(CLOCK, {"today": to.isoformat()}).status_code == 200
    assert desk.post(f"/participants/{person['id']}/reports", month).status_code == 201


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "clock_turned_back"), (MOST_DAYS + 1, "clock_turned_far")], ids=["back", "far"]
)
def test_a_turn_that_cannot_be_made_changes_nothing(box: tuple[Flask, Made], days: int, code: str):
    app, made = box
    today = dates.today()
    no = Desk(app, made.key).post(CLOCK, {"today": (today + timedelta(days=days)).isoformat()})
    assert (no.status_code, told(no)["code"]) == (422, code)
    assert dates.today() == today
    assert not (app.extensions["settings"].instance / FILE).exists()


def test_only_one_hand_turns_at_a_time(box: tuple[Flask, Made]):
    app, made = box
    with Clock(app.extensions["settings"]).alone():
        no = Desk(app, made.key).post(CLOCK, {"today": (dates.today() + timedelta(days=1)).isoformat()})
    assert (no.status_code, told(no)["code"]) == (409, "clock_is_turned")


def test_a_stranger_has_no_hand(box: tuple[Flask, Made]):
    app, _made = box
    client = app.test_client()
    assert client.get(f"/api/v1{CLOCK}").status_code == 401
    assert client.post(f"/api/v1{CLOCK}", json={"today": "2030-01-01"}).status_code == 401


def test_production_has_neither_the_door_nor_the_setting(sqlite_files: sqlite.Files, tmp_path: Path):
    with pytest.raises(SettingsError) as stop:
        Settings.from_environment({**PRODUCTION, "VAGVAL_INSTANCE": str(tmp_path), "SANDBOX": "yes"})
    assert "SANDBOX" in str(stop.value)
    (tmp_path / FILE).write_text("400")
    app = create_app(settings_for(sqlite_files.migrated(), tmp_path))
    assert not [rule for rule in app.url_map.iter_rules() if "sandbox" in rule.rule]
    assert app.test_client().post(f"/api/v1{CLOCK}", json={}).status_code in (401, 404)
    assert dates.now() - datetime.now(UTC) < timedelta(days=1), "a file that was left turns nothing"
    app.extensions["database"].dispose()


def test_the_commands_make_it_and_turn_it(sqlite_files: sqlite.Files, tmp_path: Path):
    plain = create_app(settings_for(sqlite_files.migrated(), tmp_path / "plain"))
    said = plain.test_cli_runner().invoke(args=["sandbox", "make", "--json"])
    assert (said.exit_code, json.loads(said.output)["error"]) == (1, "no_sandbox")
    plain.extensions["database"].dispose()
    app = create_app(settings_for(sqlite_files.migrated(), tmp_path, SANDBOX="yes"))
    try:
        runner, today = app.test_cli_runner(), dates.today()
        made = json.loads(runner.invoke(args=["sandbox", "make", "--json"]).output)
        assert made["key"].startswith("vagval_")
        again = runner.invoke(args=["sandbox", "make", "--json"])
        assert json.loads(again.output)["error"] == "demo_exists"
        to = (today + timedelta(days=1)).isoformat()
        assert json.loads(runner.invoke(args=["sandbox", "turn", to, "--json"]).output) == {"today": to}
        assert dates.today().isoformat() == to
    finally:
        app.extensions["database"].dispose()
        dates.go_by(None)


@pytest.mark.parametrize(("sandbox", "made"), [("yes", ("sandbox", "make")), ("no", ("demo",))])
def test_make_run_fills_an_empty_database_with_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str, made: tuple[str, ...]
):
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_options: ran.append(tuple(command)))
    monkeypatch.setattr(run, "is_empty", lambda _url: True)
    run.fill(settings_for(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, SANDBOX=sandbox), {}, fresh=False)
    assert [one[len(run.FLASK) :] for one in ran] == [("db", "upgrade"), made]

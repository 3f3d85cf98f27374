"""The registry's watch by the timetable and by hand: the same work, once a day, caught up when missed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app, jobs
from app.jobs import JobRun
from config import Settings
from core.audit import AuditEntry
from core.database import Database
from core.dates import HOME, add_months
from providers.models import Accreditation, Decision, Notice, Proposal
from tests.providers.lives import FIRST, PROPOSE, REMIND, comes
from tests.support.town import Town, found

JOB = jobs.named("watch_registry")


@pytest.fixture
def town(database: Database) -> Town:
    """A town in which nobody chooses Lyktvägen, and somebody each of the other two every seventh month."""
    town = found(database)
    with database.transaction(1) as session:
        for months in range(0, 15, 7):
            for service in ("matching", "preparatory"):
                comes(session, town, town.provider_id, add_months(FIRST, months), service)
    return town


@pytest.fixture
def app(settings: Settings, town: Town) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


def flask(app: Flask, *words: str) -> Any:
    result = app.test_cli_runner().invoke(args=[*words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def said(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def state_of(database: Database, town: Town) -> str:
    with database.reading() as session:
        rows = select(Accreditation.state).where(Accreditation.provider_id == town.other_provider_id)
        return session.scalars(rows).one()


def five(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, 1, tzinfo=HOME)


def test_the_timetable_watches_each_morning_and_catches_up(
    database: Database, settings: Settings, town: Town
):
    for day in (REMIND - timedelta(days=1), REMIND + timedelta(days=3)):
        jobs.tick(database, settings, five(day), (JOB,))
    with database.reading() as session:
        slots = list(session.scalars(select(JobRun.slot).order_by(JobRun.slot)))
        results = {row.slot: row.result for row in session.execute(select(JobRun.slot, JobRun.result))}
        notice = session.scalars(select(Notice)).one()
    assert slots == ["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04"]
    assert results["2026-10-01"] == "reminded=1"
    assert results["2026-10-02"] == "nothing"
    assert (notice.kind, notice.given_on) == (
        "no_customers",
        REMIND,
    )  # the day it was, not the day it was told
    assert state_of(database, town) == "dormant"


def test_twice_the_same_morning_is_once(database: Database, settings: Settings, town: Town):
    at = five(PROPOSE)
    assert jobs.run_slot(database, settings, 1, JOB, "2027-01-01", at)
    assert not jobs.run_slot(database, settings, 1, JOB, "2027-01-01", at)
    with database.reading() as session:
        assert len(session.scalars(select(Proposal)).all()) == 4  # three accepted applications, and this
        clock = select(AuditEntry.what).where(AuditEntry.actor_kind == "clock")
        assert list(session.scalars(clock)).count("accreditation.revocation_proposed") == 1
        assert {row.decided_by for row in session.scalars(select(Decision))} == {town.secretary.account_id}


def test_by_hand_it_says_what_it_found_and_may_be_repeated(app: Flask, database: Database, town: Town):
    first = flask(app, "registry", "watch", "--as-of", "2027-01-01")
    assert (first["as_of"], first["reminded"], first["proposed"]) == ("2027-01-01", 1, 1)
    assert len(first["ids"]["proposed"]) == 1
    assert flask(app, "registry", "watch", "--as-of", "2027-01-01")["proposed"] == 0
    assert "nothing to do" in said(app, "registry", "watch", "--as-of", "2027-01-01")
    assert state_of(database, town) == "revocation_proposed"


def test_the_dormant_are_listed_with_since_when(app: Flask, town: Town):
    assert flask(app, "registry", "dormant", "--as-of", "2026-09-30")["dormant"] == []
    found = flask(app, "registry", "dormant", "--as-of", "2026-11-03")
    assert found["count"] == 1
    [row] = found["dormant"]
    assert row.pop("accreditation")
    assert row == {
        "provider": "Lyktvägen",
        "service": "matching",
        "area": "",
        "state": "active",
        "verdict": "remind",
        "counted_from": "2026-01-01",
        "last_customer_on": None,
        "months": 10,
        "days": 2,
        "uncounted_days": 0,
        "remind_on": "2026-10-01",
        "propose_on": "2027-01-01",
    }
    lines = said(app, "registry", "dormant", "--as-of", "2026-11-03")
    assert "Lyktvägen, matching: since 2026-01-01 (10 months 2 days, 0 do not count); remind" in lines


def test_a_day_that_has_not_come_is_not_watched_in_production(app: Flask, monkeypatch, database, town: Town):
    from dataclasses import replace  # noqa: PLC0415  # only here

    earnest = replace(app.extensions["settings"], environment="production")
    monkeypatch.setitem(app.extensions, "settings", earnest)
    result = app.test_cli_runner().invoke(args=["registry", "watch", "--as-of", "2099-01-01"])
    assert (result.exit_code, state_of(database, town)) == (1, "active")

"""What a provider's system tells by the dozen: all or the good ones, and the same again changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.audit import AuditEntry
from tests.api.desk import ABSENCE, MEETING, MONTH, Desk
from tests.provider.stage import Stage
from vouchers.models import Report

DAY = date(2026, 5, 4)


@pytest.fixture
def leg_id(stage: Stage) -> int:
    """Somebody who goes there."""
    return stage.started("Amal Provlund", day=DAY)


def rows(*leg_ids: int, **changes: Any) -> list[dict[str, Any]]:
    return [{**MONTH, "participant": str(leg_id), **changes} for leg_id in leg_ids]


def test_many_months_go_in_at_once_with_one_entry_in_the_trail(desk: Desk, stage: Stage, leg_id: int):
    other = stage.started("Birgitta Testgren", day=DAY)
    answer = desk.post("/reports/bulk", {"rows": rows(leg_id, other)})
    assert answer.status_code == 200, answer.json
    assert (answer.json["count"], answer.json["stored"], answer.json["faults"]) == (2, 2, [])
    told = desk.get("/reports").json["items"]
    assert {row["id"] for row in told} == {row["id"] for row in answer.json["rows"]}
    again = desk.post("/reports/bulk", {"rows": rows(leg_id, other)})
    assert (again.json["stored"], again.json["known"]) == (0, 2)
    with stage.database.reading() as session:
        entries = [one.what for one in session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))]
    assert entries.count("months.told") == 1


def test_all_or_the_good_ones(desk: Desk, stage: Stage, leg_id: int):
    theirs = stage.started("Chen Mönsterby", other=True, day=DAY)
    sent = [*rows(leg_id), *rows(theirs), *rows(leg_id, meetings=1)]
    whole = desk.post("/reports/bulk", {"rows": sent})
    assert whole.status_code == 422
    assert {fault["field"] for fault in whole.json["faults"]} >= {"/rows/1/participant"}
    assert not desk.get("/reports").json["items"]
    good = desk.post("/reports/bulk", {"rows": sent, "mode": "good"})
    assert (good.status_code, good.json["stored"]) == (200, 1)
    assert [row["row"] for row in good.json["rows"]] == [0]
    assert {fault["field"].split("/")[2] for fault in good.json["faults"]} == {"1", "2"}
    with stage.database.reading() as session:
        assert [row.leg_id for row in session.scalars(select(Report))] == [leg_id]


def test_meetings_and_absences_by_the_dozen(desk: Desk, leg_id: int):
    who = {"participant": str(leg_id)}
    meetings = [{**MEETING, **who, "held_on": f"2026-05-{day:02d}"} for day in range(4, 16)]
    assert desk.post("/occasions/bulk", {"rows": meetings}).json["stored"] == 12
    away = [{**ABSENCE, **who, "happened_on": f"2026-05-{day:02d}"} for day in (5, 6, 7)]
    assert desk.post("/deviations/bulk", {"rows": away}).json["stored"] == 3


def test_a_row_that_breaks_the_rules_is_told_by_row_whatever_the_mode(app: Flask, desk: Desk, leg_id: int):
    """And the document promises it: a row's fields have their types there, and no bounds."""
    sent = [*rows(leg_id, month="2026-13", meetings=-1, against_plan="?"), *rows(leg_id)]
    wrong = {"/rows/0/month", "/rows/0/meetings", "/rows/0/against_plan"}
    whole = desk.post("/reports/bulk", {"rows": sent})
    good = desk.post("/reports/bulk", {"rows": sent, "mode": "good"})
    assert (whole.status_code, good.status_code, good.json["stored"]) == (422, 200, 1)
    for answer in (whole, good):
        assert {fault["field"] for fault in answer.json["faults"]} == wrong
    document: Any = app.test_client().get("/api/v1/openapi.json").json
    shapes = document["components"]["schemas"]
    for kind in ("Monthly", "Deviation", "Occasion"):
        row, form = shapes[f"{kind}Row"], shapes[f"{kind}Form"]
        assert row["required"] == sorted({*form["required"], "participant"})
        assert row["additionalProperties"] is form["additionalProperties"] is False
        for name, one in form["properties"].items():
            told = row["properties"][name]
            assert (told["type"], told["description"]) == (one["type"], one["description"])
            assert set(told) <= {"type", "description", "default", "examples", "items"}
            if "enum" in one:
                assert told["examples"] == one["enum"]


@pytest.mark.parametrize(
    "sent", [{}, {"rows": []}, {"rows": [{}] * 1_001}, {"rows": [1]}, {"rows": rows(2**63)}]
)
def test_rows_that_cannot_be_told(desk: Desk, sent: dict[str, Any]):
    assert desk.post("/reports/bulk", sent).status_code == 422

"""A month reported by a system that was written from the document alone, over real HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests.api.desk import Desk
from tests.provider.stage import Stage
from tests.support.provider_client import Problem, ProviderClient
from tests.support.server import serving


def filled(properties: dict[str, Any], known: dict[str, Any], texts: str) -> dict[str, Any]:
    """A body from what the document says of each property: the least number, the first word, a day."""
    body: dict[str, Any] = {}
    for name, said in properties.items():
        if name in known:
            body[name] = known[name]
        elif "enum" in said:
            body[name] = said["enum"][0]
        elif said["type"] == "integer":
            body[name] = said["minimum"]
        elif said.get("format") == "date":
            body[name] = "2026-06-12"
        elif said["type"] == "string" and "pattern" not in said:
            body[name] = texts
    return body


def test_a_month_is_reported_by_whoever_reads_the_document(app: Flask, desk: Desk, stage: Stage):
    legs = [stage.started(f"Person {name}", day=date(2026, 5, 4)) for name in ("Etta", "Tvåa", "Trea")]
    with serving(app) as address:
        client = ProviderClient(f"{address}/api/v1/openapi.json", desk.key)
        assert client.do("me")["provider"] == "Stigfinnarna"
        people = client.all("participants")
        assert [int(one["id"]) for one in people] == sorted(legs)
        for one in people:
            whole = client.do("participant", leg_id=one["id"])
            known = {"month": "2026-05", "activities": [whole["activities"][0]["code"]]}
            month = filled(client.form("tell_report"), known, "Det går bra.")
            key = f"month-{one['id']}"
            first = client.do("tell_report", month, leg_id=one["id"], key=key)
            assert client.do("tell_report", month, leg_id=one["id"], key=key) == first
        told = client.all("reports")
        assert [(row["participant"], row["state"]) for row in told] == [
            (str(leg), "submitted") for leg in sorted(legs)
        ]
        with pytest.raises(Problem) as refused:
            client.do("tell_report", {**month, "meetings": -1}, leg_id=people[0]["id"])
    assert [fault["field"] for fault in refused.value.told["faults"]] == ["/meetings"]

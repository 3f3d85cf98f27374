"""The API holds to its document, whatever is sent: no fault of ours, no answer that the document lacks."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.api.desk import Desk
from tests.api.stock import Stock
from tests.provider.stage import Stage

HOLDS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_document_is_openapi_3_1(app: Flask, language: str):
    document: Any = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": language}).json
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert len(document["paths"]) > 30


class Fuzz:
    """One run: so many cases in all, an even share for each operation, and how many were answered yes.

    A third of an operation's cases come with ids that exist and a body that is well; the others are that once
    more, ids that exist with what the document lets be sent, as it lets them, and as it forbids them.
    """

    def __init__(self, app: Flask, desk: Desk, stage: Stage, cases: int) -> None:
        self.headers = {"Authorization": f"Bearer {desk.key}", "Accept-Encoding": "identity"}
        self.stock, self.cases = Stock(stage), cases
        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        self.operations = [found.ok() for found in self.schema.get_all_operations() if isinstance(found, Ok)]
        self.last: dict[str, Any] = {}
        self.asked, self.well = Counter[str](), Counter[str]()

    def run(self, key: int) -> None:
        """Every operation, and again those that leave more to be tried, until there are cases enough."""
        left = list(self.operations)
        while (lacking := self.cases - self.asked.total()) > 0:
            share = math.ceil(lacking / len(left) / 6)
            for operation in left:
                self._one(operation, share, key + self.asked.total())
            left = [one for one in left if one.method == "post"]

    def _one(self, operation: Any, share: int, key: int) -> None:
        for place, how in enumerate(("well", "well", "again", "exists", "as it comes")):
            self._some(operation, POSITIVE, share, key + place, how)
        if operation.body or operation.query:
            self._some(operation, NEGATIVE, share, key, "as it comes")

    def _some(self, operation: Any, mode: Any, count: int, key: int, how: str) -> None:
        name = operation.definition.raw["operationId"]

        @seed(key)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            self.asked[name] += 1
            if how != "as it comes":
                self._help(case, name, how)
            answer = case.call(headers=self.headers)
            case.validate_response(answer, checks=HOLDS, headers=self.headers)
            self.well[name] += 200 <= answer.status_code < 300

        ask()

    def _help(self, case: Any, name: str, how: str) -> None:
        """Ids that exist; but for `exists` a body that is well; `again` for what has been done already."""
        ids, body = self.last[name] if how == "again" else self.stock.good(name)
        self.last[name] = ids, body
        if ids:
            case.path_parameters = ids
        if how != "exists":
            case.query = {}
            if body is not None:
                case.body = body


def fuzzed(app: Flask, desk: Desk, stage: Stage, cases: int, key: int) -> Fuzz:
    """A run, held against what the issue of the API asks."""
    run = Fuzz(app, desk, stage, cases)
    run.run(key)
    assert sum(run.asked.values()) >= cases
    seldom = {
        name: f"{run.well[name]} of {asked}"
        for name, asked in run.asked.items()
        if run.well[name] * 5 < asked
    }
    assert not seldom, f"answered yes in less than a fifth: {seldom}"
    return run


def test_500_cases_find_no_fault_and_no_undocumented_answer(app: Flask, desk: Desk, stage: Stage):
    run = fuzzed(app, desk, stage, 500, 1)
    assert len(run.operations) >= 35


@pytest.mark.soak
@pytest.mark.parametrize("key", range(2, 7))
def test_5000_cases_find_no_fault_and_no_undocumented_answer(app: Flask, desk: Desk, stage: Stage, key: int):
    fuzzed(app, desk, stage, 1_000, key)

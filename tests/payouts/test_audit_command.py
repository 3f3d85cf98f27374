"""flask payouts run and audit: what they say to a program, and their exit codes."""

from __future__ import annotations

import json
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from core.database import Database
from tests.support.town import found


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_the_audit_ends_with_1_when_the_ledger_does_not_agree(
    app: Flask, database: Database, is_forgotten: bool
):
    town = found(database)
    with database.transaction(1) as session:
        leg_id = town.started(session)
        town.reported(session, leg_id, date(2026, 3, 1))
    runner = app.test_cli_runner()
    ran = runner.invoke(args=["payouts", "run", "--as-of", "2026-04-30", "--json"])
    assert (ran.exit_code, json.loads(ran.stdout)["lines"]) == (0, 1)
    with database.transaction(1) as session:
        town.reported(session, leg_id, date(2026, 4, 1))
        if is_forgotten:
            session.execute(text("DELETE FROM changed_voucher"))
    said = runner.invoke(args=["payouts", "audit", "--json"])
    facts = json.loads(said.stdout)
    assert said.exit_code == int(is_forgotten)
    assert (facts["as_of"], facts["vouchers"], facts["lines"]) == ("2026-04-30", 1, 1)
    assert (facts["fault"], facts["not_looked_at_yet"]) == ((1, 0) if is_forgotten else (0, 1))
    assert [(one["component"], one["part"], one["booked_ore"]) for one in facts["differences"]] == [
        ("base", 202604, 0)
    ]

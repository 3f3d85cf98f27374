"""A person finds and downloads everything that is held about them, and nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, select

import app.accounts.models
import app.jobs
import app.public.models  # noqa: F401  # every table there is
from app.seeker.holdings import GROUPS, NAMES, SECRETS
from core.actor import Actor
from core.audit import AuditEntry
from core.database import Base
from tests.accounts.people import signed_in
from tests.support import sqlite
from tests.support.lived import a_life_and_its_app
from tests.support.marked import FAMILY, GIVEN, PHONE, STREET, TOKEN, Marked
from vouchers.queries.my_data import LEFT_OUT, SEALED, SHUT, TABLES

EXCEPTIONS = {
    "provider_member": "a job seeker works for no provider; the house keeps the roles apart",
    "reviewer": "staff who judge a provider's application",
    "intake_stop": "staff and providers who stop an intake",
    "signature": "staff who sign payments to providers",
    "api_token": "keys that a provider's staff make for its own systems",
    "webhook_delivery": "tells a provider's system, in codes, what audit_entry tells in the file",
    "changed_voucher": "the run's own note that it has to look at a voucher; gone when it has",
    "voucher_look": "the day on which the run is to look at a voucher again, from what the file tells",
    "stopped_due": "the provider's money that waited in a run; what was booked is told as ledger_line",
    "hold": "the provider's money that finance holds, and why; what was booked is told as ledger_line",
    "withheld_line": "lines of the provider's money left out of a payment; told as ledger_line",
    "gate_outcome": "what was unusual in a payment to providers; its lines are told as ledger_line",
    "non_choice_list": "a list is about many; the person's line in it is told as non_choice",
}
"""Tables that a search by keys and names of columns would ask about, and why they are not in the file."""
KEYS = ("participant_id", "voucher_id", "leg_id", "account_id")


@pytest.fixture(scope="module")
def world(
    sqlite_files: sqlite.Files, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Marked, Flask]]:
    """Somebody who has gone through everything, and the app."""
    with a_life_and_its_app(sqlite_files, tmp_path_factory.mktemp("my_data")) as found:
        yield found


@pytest.fixture
def told(world: tuple[Marked, Flask]) -> dict[str, Any]:
    """The file."""
    found, made = world
    assert found.me
    answer = signed_in(made, found.me.account_id).get("/seeker/my-data.json")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    parsed: dict[str, Any] = json.loads(answer.text)
    return parsed


def rows(told: dict[str, Any], table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(part["rows"] for part in told["parts"] if part["table"] == table)
    return found


# ── no table can be forgotten ────────────────────────────────────────────────────────────────────


def of_a_person() -> set[str]:
    """Tables that point at a person, at something of theirs, or at an account, however many steps away."""
    tables = Base.metadata.tables
    found = {"participant"}
    while more := {name for name, table in tables.items() if name not in found and _points_at(table, found)}:
        found |= more
    return found | {name for name, table in tables.items() if {*table.c.keys()} & set(KEYS)}


def _points_at(table: Table, found: set[str]) -> bool:
    return any(key.column.table.name in found for key in table.foreign_keys)


def test_every_table_with_something_of_a_person_is_in_the_file_or_has_a_reason_not_to_be():
    in_file = {table.__tablename__ for table in TABLES} | {"account", "account_role", "sign_in"}
    in_file |= {"ledger_line", "audit_entry"}
    assert of_a_person() <= in_file | set(EXCEPTIONS), "put it in vouchers/queries/my_data.py"
    assert set(EXCEPTIONS) <= set(Base.metadata.tables) - in_file
    assert set(NAMES) == in_file
    assert sorted(table for *_, tables in GROUPS for table in tables) == sorted(in_file)


def test_what_is_left_out_of_a_row_is_left_out_by_name():
    """No column but hashes, the municipality and what others answer by is missing."""
    assert set(LEFT_OUT) == {"municipality_id", "identity_fingerprint", "code_fingerprint"}
    sealed = {(table.__tablename__, column.name) for table in TABLES for column in table.__table__.columns
              if column.name.endswith("_sealed")}  # fmt: skip
    assert sealed == set(SEALED) | set(SHUT)


# ── what the file says ───────────────────────────────────────────────────────────────────────────


def test_the_file_holds_every_kind_of_row_of_a_long_life(told):
    empty = [part["table"] for part in told["parts"] if not part["rows"]]
    assert not empty, f"nobody has any of these in tests/support/marked.py: {empty}"


def test_the_file_opens_what_is_sealed_and_tells_every_text(world, told):
    found, _ = world
    (me,) = rows(told, "participant")
    assert me["identity_number"].replace("-", "") == found.identity_number
    assert (me["given_name"], me["family_name"], me["phone"], me["street"]) == (GIVEN, FAMILY, PHONE, STREET)
    assert me["guide"] == found.guide.name
    assert found.code in [letter["code"] for letter in rows(told, "letter")]
    assert {one["text"].split(":")[0] for one in rows(told, "message")} == {
        f"{TOKEN}-message-in", f"{TOKEN}-message-out"
    }  # fmt: skip
    texts = json.dumps(told, ensure_ascii=False)
    for what in ("goal", "step", "contact", "notes", "next-step", "decision", "none-suits", "followed-up",
                 "why-it-differs", "state-check", "progress", "agreed", "comment", "said-of-the-provider",
                 "new-content", "why-longer", "lapsed", "reasons-of-the-list", "absence", "why-not-valid",
                 "contest", "verdict"):  # fmt: skip
        assert f"{TOKEN}-{what}:" in texts, what


def test_the_file_names_providers_and_staff_and_says_what_was_paid_and_by_whom_each_step_was_taken(
    world, told
):
    found, _ = world
    assert [leg["provider"] for leg in rows(told, "leg")] == ["Stigfinnarna", "Lyktvägen"]
    assert rows(told, "leg")[0]["coach"] == found.town.coach.name
    assert sum(line["amount_ore"] for line in rows(told, "ledger_line")) > 0
    steps = rows(told, "audit_entry")
    assert {"participant.registered", "voucher.decided", "voucher.switched", "report.approved"} <= {
        step["what"] for step in steps
    }
    assert all(step["sentence"] and step["by"] for step in steps)
    assert "Den arbetssökande" in {step["by"] for step in steps}


def test_the_file_holds_no_secrets_of_the_house_and_nothing_of_others(world, told):
    found, _ = world
    text = json.dumps(told, ensure_ascii=False)
    for secret in (*SECRETS, "identity_sealed", "code_sealed", "gAAAA"):
        assert secret not in text, secret
    assert found.town.other_seeker.name not in text
    assert str(found.town.other_participant_id) not in text


def test_fetching_the_file_is_noted_and_the_next_one_says_so(world, told):
    found, made = world
    assert found.me
    again = json.loads(signed_in(made, found.me.account_id).get("/seeker/my-data.json").text)
    assert "participant.data_downloaded" in {step["what"] for step in rows(again, "audit_entry")}
    with found.database.reading() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.what == "participant.data_downloaded")
        ).first()
    assert entry
    assert (entry.account_id, entry.subject_id) == (found.me.account_id, found.participant_id)


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def page(made: Flask, who: Actor) -> Any:
    return signed_in(made, who.account_id).get("/seeker/my-data")


def test_the_page_counts_in_plain_words_and_says_who_has_read(world):
    found, made = world
    assert found.me
    colleague = found.outsiders["inspector"]
    signed_in(made, colleague.account_id).get(f"/casework/cases/{found.ids['voucher']}")
    text = page(made, found.me).text
    for words in ("Det vi har sparat om dig", GIVEN, "Meddelanden", "Hämta allt som fil", colleague.name,
                  "Kommunen har inte bestämt det än."):  # fmt: skip
        assert words in text, words
    assert STREET not in text
    assert page(made, found.town.other_seeker).status_code == 200


def test_only_a_person_has_the_page(world):
    found, made = world
    for who in (found.guide, found.town.manager, found.town.administrator):
        client = signed_in(made, who.account_id)
        assert client.get("/seeker/my-data").status_code == 403
        assert client.get("/seeker/my-data.json").status_code == 403
    assert "/sign-in" in made.test_client().get("/seeker/my-data.json").location

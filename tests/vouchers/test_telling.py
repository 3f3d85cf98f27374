"""Many rows at once are held against the rules of one, and are all told, or the good ones, or none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.actor import Actor, Role
from core.audit import AuditEntry
from core.database import Database
from core.dates import last_of_month
from core.refusal import Forbidden, Missing, Refusal
from tests.support.town import Town, found, noon
from vouchers import actions
from vouchers.actions import sending
from vouchers.actions.telling import CHUNK, Row, tell_months, tell_occasions
from vouchers.models import Report, SentFile
from vouchers.queries import told as asked
from vouchers.rules import fields

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
TODAY = date(2026, 5, 20)


@pytest.fixture
def town(database: Database) -> Town:
    return found(database)


@pytest.fixture
def leg(database: Database, town: Town) -> int:
    with database.transaction(1) as session:
        return town.started(session)


def said(month: str, **changes: object) -> dict[str, object]:
    """A month as a program would say it: numbers as numbers, codes in a list."""
    told: dict[str, object] = {
        "month": month, "activities": ["job_search", "guidance"], "booked_minutes": 1_500,
        "activity_minutes": 1_290, "physical_minutes": 600, "meetings": 4, "physical_meetings": 2,
        "against_plan": "as_planned", "progress": "Har sökt fem jobb.", "next_step": "Ringa två.",
        "next_step_on": "2026-06-12",
    }  # fmt: skip
    return {**told, **changes}


def tell(
    database: Database, by: Actor, *rows: Row, whole: bool = True, provider_id: int | None = None
) -> Any:
    with database.transaction(1) as session:
        return tell_months(
            session, provider_id or by.provider_id or 0, rows, via="api", whole=whole, by=by, today=TODAY
        )


def reports(database: Database) -> list[Report]:
    with database.reading() as session:
        return list(session.scalars(select(Report).order_by(Report.month)))


def test_a_row_becomes_the_same_report_as_the_pages_own_action_makes(
    database: Database, town: Town, leg: int
):
    answer = tell(database, town.coach, Row(1, leg, said("2026-03")))
    (bulk,) = reports(database)
    assert answer.ids == {1: bulk.id}
    with database.transaction(1) as session:
        actions.withdraw_report(session, bulk.id, by=town.coach, today=TODAY)
        terms = asked.legs(session, town.provider_id, [leg], by=town.coach)[leg].terms
        values, faults = fields.read_all("monthly", said("2026-03"), terms)
        assert not faults
        form = actions.ReportForm(**values, via="api")
        one = actions.submit_report(session, leg, form, by=town.coach, today=TODAY)
        differ = {
            column.name
            for column in Report.__table__.columns
            if getattr(one, column.name) != getattr(bulk, column.name)
        }
    assert differ <= {"id", "updated_at"}, differ


def test_one_fault_stops_all_or_only_its_own_row(database: Database, town: Town, leg: int):
    rows = (Row(1, leg, said("2026-03")), Row(2, leg, said("2026-04", meetings=1)), Row(3, None, {}))
    answer = tell(database, town.coach, *rows)
    assert (answer.count, answer.stored, answer.ids) == (3, 0, {})
    assert {
        n: [(fault.field, fault.refusal.code) for fault in faults] for n, faults in answer.faults.items()
    } == {
        2: [("physical_meetings", "meetings_wrong")],
        3: [("leg", "participant_unknown")],
    }
    assert not reports(database)
    assert tell(database, town.coach, *rows, whole=False).stored == 1
    assert [row.month for row in reports(database)] == [MARCH]


def test_every_fault_of_a_row_is_told_at_once(database: Database, town: Town, leg: int):
    bad = said("2026-03", meetings="x", progress="", next_step_on="i morgon")
    (faults,) = tell(database, town.coach, Row(1, leg, bad)).faults.values()
    assert {fault.field for fault in faults} == {"meetings", "progress", "next_step_on"}


def test_one_entry_with_a_digest_stands_for_all_and_none_for_nothing(
    database: Database, town: Town, leg: int
):
    rows = (Row(1, leg, said("2026-03")), Row(2, leg, said("2026-04")))
    for _ in range(2):
        tell(database, town.coach, *rows)
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.what == "months.told")).all()
    (entry,) = entries
    details = json.loads(entry.details)
    assert (entry.subject_kind, entry.subject_id, entry.account_id) == (
        "provider", town.provider_id, town.coach.account_id,
    )  # fmt: skip
    assert (details["count"], details["via"], len(details["digest"])) == (2, "api", 64)


def test_only_the_providers_own_people_may_tell(database: Database, town: Town, leg: int):
    row = Row(1, leg, said("2026-03"))
    with pytest.raises(Missing):
        tell(database, town.coach, row, provider_id=town.other_provider_id)
    with pytest.raises(Forbidden):
        tell(database, replace(town.coach, roles=frozenset({Role.SEEKER})), row)
    answer = tell(database, town.other_coach, row)
    assert [fault.refusal.code for fault in answer.faults[1]] == ["participant_unknown"]
    assert not reports(database)


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("2026-02", "report_outside_service"),
        ("2026-05", "report_too_early"),
        ("2026-06", "report_in_future"),
        ("2026-13", "month_wrong"),
    ],
)
def test_a_month_that_may_not_be_reported_is_refused_in_its_row(database, town, leg, month: str, code: str):
    (fault,) = tell(database, town.coach, Row(7, leg, said(month))).faults[7]
    assert (fault.field, fault.refusal.code) == ("month", code)


def test_what_stands_already_is_known_and_another_word_is_refused(database: Database, town: Town, leg: int):
    with database.transaction(1) as session:
        town.reported(session, leg, MARCH)
    tell(database, town.coach, Row(1, leg, said("2026-04")))
    rows = (Row(1, leg, said("2026-03")), Row(2, leg, said("2026-04")), Row(3, leg, said("2026-04")))
    answer = tell(database, town.coach, *rows, whole=False)
    assert (answer.known, answer.stored) == (1, 0)
    assert [fault.refusal.code for n in (1, 3) for fault in answer.faults[n]] == [
        "report_exists",
        "row_twice",
    ]


def test_more_rows_than_a_chunk_are_told_in_order_and_each_once(database: Database, town: Town, leg: int):
    first = date(2026, 3, 2)
    held = {"kind": "activity", "is_physical": True, "minutes": 15}
    rows = []
    for n in range(CHUNK + 40):
        day, quarter = first + timedelta(days=n // 40), n % 40
        when = {"held_on": f"{day}", "started": f"{8 + quarter // 4:02d}:{quarter % 4 * 15:02d}"}
        rows.append(Row(n, leg, {**held, **when}))
    with database.transaction(1) as session:
        answer = tell_occasions(
            session, town.provider_id, rows, via="file", whole=True, by=town.coach, today=TODAY
        )
    assert answer.stored == CHUNK + 40, next(iter(answer.faults.values()))
    with database.transaction(1) as session:
        again = tell_occasions(
            session, town.provider_id, rows[::-1], via="file", whole=True, by=town.coach, today=TODAY
        )
    assert (again.known, again.stored) == (CHUNK + 40, 0)


# ── files and those who take them ─────────────────────────────────────────────────────────────────


@pytest.fixture
def sent(database: Database, town: Town) -> int:
    kept = sending.KeptFile("a" * 64, "rader.csv", "text/csv", 100)
    with database.transaction(1) as session:
        return sending.send_file(session, kept, "monthly", "all", by=town.coach, at=noon(TODAY)).id


def take(database: Database, file_id: int, minutes: int) -> SentFile | None:
    with database.transaction(1) as session:
        return sending.take_file(session, 1, file_id, noon(TODAY) + timedelta(minutes=minutes))


def test_a_file_is_taken_by_one_process_and_by_another_when_that_one_has_died(database: Database, sent: int):
    first = take(database, sent, 0)
    assert first
    assert first.taken_at
    assert take(database, sent, 4) is None, "somebody works on it"
    with database.reading() as session:
        assert sending.waiting_files(session, 1, noon(TODAY) + timedelta(minutes=4)) == []
        assert sending.waiting_files(session, 1, noon(TODAY) + timedelta(minutes=6)) == [sent]
    second = take(database, sent, 6)
    assert second
    assert second.taken_at
    done = sending.Done("stored", rows=2, good=2, stored=2)
    with pytest.raises(Refusal, match="redan"), database.transaction(1) as session:
        sending.finish_file(session, sent, done, taken_at=first.taken_at, by=Actor.clock(1), at=noon(TODAY))
    with database.transaction(1) as session:
        file = sending.finish_file(
            session, sent, done, taken_at=second.taken_at, by=Actor.clock(1), at=noon(TODAY)
        )
        assert (file.state, file.stored_rows) == ("stored", 2)
    assert take(database, sent, 60) is None, "it is done"


def test_a_file_that_ends_every_process_is_given_up(database: Database, sent: int):
    for turn in range(sending.MOST_TRIES):
        assert take(database, sent, turn * 10)
    assert take(database, sent, 100) is None
    with database.reading() as session:
        file = session.get_one(SentFile, (1, sent))
        assert (file.state, file.said) == ("failed", "file_given_up")
        assert session.scalar(select(func.count()).where(AuditEntry.what == "sent_file.failed")) == 1


def test_a_provider_cannot_let_files_pile_up(database: Database, town: Town, sent: int):
    kept = sending.KeptFile("a" * 64, "rader.csv", "text/csv", 100)
    with pytest.raises(Refusal, match="som väntar"), database.transaction(1) as session:
        for _ in range(sending.MOST_WAITING):
            sending.send_file(session, kept, "monthly", "all", by=town.coach, at=noon(last_of_month(TODAY)))

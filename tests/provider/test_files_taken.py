"""Who takes a sent file: outside the request, once, also when a process was killed; and what is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.files import keeping, work
from app.files.references import reference
from config import Settings
from core import dates
from core.actor import Account
from core.database import Database
from tests.provider.sent_files import as_csv, as_xlsx, count, line, send, sent
from tests.provider.stage import TODAY, Stage, app_on, stop_the_clock
from tests.support.town import noon
from vouchers.actions import sending
from vouchers.models import Occasion, SentFile


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    stop_the_clock(monkeypatch)
    made = app_on(settings)
    made.config["FILES_AT_ONCE"] = True
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def stage(database: Database, app: Flask) -> Stage:
    return Stage(database)


def left_by_a_killed_process(
    stage: Stage, app: Flask, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> int:
    """A file whose process was killed when all its rows were in the database, and not committed."""

    class KilledError(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(sending, "finish_file", kill)
        with pytest.raises(KilledError):
            send(stage.client(app, "handledare"), content)
    with stage.database.reading() as session:
        return session.scalars(select(SentFile.id)).one()


def test_a_killed_process_leaves_nothing_and_the_timetable_takes_the_file_when_it_has_been_silent(
    stage: Stage, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    file_id = left_by_a_killed_process(stage, app, as_csv(line(leg, "2026-03")), monkeypatch)
    assert (sent(stage.database, file_id).state, count(stage.database)) == ("checking", 0)
    page = stage.client(app, "handledare").get(f"/provider/files/{file_id}")
    assert page.headers["Refresh"] == "3"
    assert "Refresh" not in stage.client(app, "handledare").get(f"/provider/files/{file_id}?still=1").headers
    assert work.take_waiting(stage.database, settings, 1) == 0, "somebody may still work on it"
    later = noon(TODAY) + sending.SILENT + timedelta(minutes=1)
    monkeypatch.setattr(dates, "now", lambda: later)
    assert work.take_waiting(stage.database, settings, 1) == 1
    found = sent(stage.database, file_id)
    assert (found.state, found.stored_rows, found.tries, count(stage.database)) == ("stored", 1, 2, 1)


def test_a_file_is_taken_outside_the_request_that_sent_it(stage: Stage, app: Flask):
    app.config["FILES_AT_ONCE"] = False
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    file_id = send(stage.client(app, "handledare"), as_csv(line(leg, "2026-03")))
    for thread in threading.enumerate():
        if thread.name == "files":
            thread.join()
    assert sent(stage.database, file_id).stored_rows == 1


def test_how_far_a_file_has_come_is_said_while_it_is_taken(
    stage: Stage, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client, said = stage.client(app, "chef"), list[tuple[int, int]]()
    say = keeping.say_progress

    def heard(settings: Settings, file_id: int, count: int, total: int) -> None:
        say(settings, file_id, count, total)
        said.append(keeping.progress(settings, file_id) or (0, 0))

    monkeypatch.setattr(work, "EVERY_S", 0)
    monkeypatch.setattr(keeping, "say_progress", heard)
    lines = [line(leg, "2026-03", progress=str(n)) for n in range(700)]
    file_id = send(client, as_csv(*lines))
    ((count_, total),) = said
    assert count_ == 500
    assert 700 <= total <= 703
    assert keeping.progress(settings, file_id) is None, "there is no more to say"
    with stage.database.transaction(1) as session:
        session.get_one(SentFile, (1, file_id)).state = "checking"
    say(settings, file_id, 500, 701)
    assert "500 av omkring 701 rader" in client.get(f"/provider/files/{file_id}").text


def test_a_long_workbook_is_read_to_its_end(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    header = ("participant", "held_on", "started", "kind", "is_physical", "minutes")
    lines = []
    for n in range(1_200):
        day, quarter = date(2026, 3, 2) + timedelta(days=n // 40), n % 40
        when = f"{8 + quarter // 4:02d}:{quarter % 4 * 15:02d}"
        lines.append([reference(leg), f"{day}", when, "activity", "ja", 15])
    client = stage.client(app, "handledare")
    file_id = send(client, as_xlsx(*lines, header=header), kind="occasions", name="lang.xlsx")
    found = sent(stage.database, file_id)
    assert (found.row_count, found.stored_rows, count(stage.database, Occasion)) == (1_200, 1_200, 1_200)


def test_what_happens_by_our_fault_is_logged_and_tried_again(
    stage: Stage, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    with monkeypatch.context() as patch:
        patch.setattr(work, "read_header", lambda *_, **__: 1 // 0)
        file_id = send(stage.client(app, "handledare"), as_csv(line(leg, "2026-03")))
    assert "will be tried again" in caplog.text
    assert sent(stage.database, file_id).state == "checking"


def test_a_sender_who_has_lost_the_right_stores_nothing(
    stage: Stage, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    file_id = left_by_a_killed_process(stage, app, as_csv(line(leg, "2026-03")), monkeypatch)
    with stage.database.transaction(1) as session:
        session.get_one(Account, (1, stage.town.coach.account_id)).is_active = False
    later = noon(TODAY) + timedelta(hours=1)
    monkeypatch.setattr(dates, "now", lambda: later)
    work.take_waiting(stage.database, settings, 1)
    assert (sent(stage.database, file_id).state, count(stage.database)) == ("refused", 0)


def test_the_bytes_of_old_files_are_deleted_and_what_was_told_stays(
    stage: Stage, app: Flask, settings: Settings
):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client = stage.client(app, "handledare")
    file_id = send(client, as_csv(line(leg, "2026-03"), line(leg, "2026-04", meetings="1")), mode="good")
    soon, late = noon(TODAY) + timedelta(days=29), noon(TODAY) + timedelta(days=31)
    with stage.database.reading() as session:
        assert work.forget_old(session, settings, 1, soon) == 0
        assert client.get(f"/provider/files/{file_id}/answer").status_code == 200
        assert work.forget_old(session, settings, 1, late) == 2
        assert work.forget_old(session, settings, 1, late) == 0
    assert client.get(f"/provider/files/{file_id}/answer").status_code == 404
    assert "Svaret togs bort" in client.get(f"/provider/files/{file_id}").text
    assert count(stage.database) == 1

"""Files of rows: the template is filled in and sent, good rows go in, what is wrong comes back by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from app.files.columns import title
from app.files.references import reference
from config import Settings
from core.actor import Account
from core.audit import AuditEntry
from core.database import Database
from core.identity import Protection
from tests.provider.sent_files import HEADER, answered, as_csv, as_xlsx, count, line, send, sent
from tests.provider.stage import APRIL, MARCH, MAY, Stage, app_on, stop_the_clock
from vouchers import actions
from vouchers.models import Deviation, Occasion, Report, SentFile


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


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_is_sent_and_its_rows_are_stored_like_the_pages(stage: Stage, app: Flask, form: str):
    first, second = (
        stage.started("Amal Provlund", day=date(2026, 3, 2)),
        stage.started("Chen Mönsterby", day=date(2026, 4, 2)),
    )
    lines = [line(first, "2026-03"), line(first, "2026-04"), line(second, "2026-05")]
    content = as_csv(*lines) if form == "csv" else as_xlsx(*lines)
    client = stage.client(app, "handledare")
    file_id = send(client, content, name=f"rader.{form}")
    found = sent(stage.database, file_id)
    assert (found.state, found.row_count, found.stored_rows, found.bad_rows) == ("stored", 3, 3, 0), (
        found.said
    )
    with stage.database.reading() as session:
        rows = session.scalars(select(Report).order_by(Report.month)).all()
        assert [(row.leg_id, row.month, row.state, row.via) for row in rows] == [
            (first, MARCH, "submitted", "file"),
            (first, APRIL, "submitted", "file"),
            (second, MAY, "submitted", "file"),
        ]  # fmt: skip
        assert [row.is_late for row in rows] == [True, True, False]
        assert rows[0].activities == "guidance job_search"
        assert (rows[0].booked_minutes, rows[0].next_step_on) == (1500, date(2026, 6, 12))
        assert rows[0].submitted_by == stage.town.coach.account_id
        assert rows[0].updated_at is not None
        entries = session.scalars(select(AuditEntry.what).where(AuditEntry.what == "months.told")).all()
    assert len(entries) == 1, "one entry stands for all rows"
    page = client.get(f"/provider/files/{file_id}")
    assert "3 rader är sparade" in page.text
    assert "Refresh" not in page.headers


def test_the_same_file_twice_changes_nothing(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client, content = stage.client(app, "handledare"), as_csv(line(leg, "2026-03"), line(leg, "2026-04"))
    send(client, content)
    with stage.database.reading() as session:
        before = session.execute(select(Report.__table__)).all()
    again = sent(stage.database, send(client, content))
    assert (again.state, again.stored_rows, again.same_rows, again.bad_rows) == ("stored", 0, 2, 0)
    with stage.database.reading() as session:
        assert session.execute(select(Report.__table__)).all() == before


def test_all_or_nothing_stores_nothing_when_a_row_is_wrong(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client = stage.client(app, "handledare")
    file_id = send(client, as_csv(line(leg, "2026-03"), line(leg, "2026-04", meetings="1")))
    found = sent(stage.database, file_id)
    assert (found.state, found.stored_rows, found.bad_rows) == ("refused", 0, 1)
    assert count(stage.database) == 0
    rows = answered(client, file_id)
    assert rows[0] == [*HEADER, "Vad som behöver ändras"]
    assert rows[1] == [*line(leg, "2026-03"), ""]
    assert rows[2][:-1] == line(leg, "2026-04", meetings="1")
    assert rows[2][-1] == "Varav fysiska möten: Fysiska möten kan inte vara fler än alla möten."
    assert "En rad är fel" in client.get(f"/provider/files/{file_id}").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_good_rows_go_in_and_the_mended_answer_can_be_sent_as_it_is(stage: Stage, app: Flask, form: str):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client, make = stage.client(app, "handledare"), as_csv if form == "csv" else as_xlsx
    bad = line(leg, "2026-04", progress="", booked_minutes="många")
    file_id = send(client, make(line(leg, "2026-03"), bad), mode="good", name=f"a.{form}")
    found = sent(stage.database, file_id)
    assert (found.state, found.stored_rows, found.bad_rows) == ("stored", 1, 1)
    rows = answered(client, file_id)
    assert "Skriv ett helt tal med siffror, till exempel 4. Hur har det gått?: Det här" in rows[2][-1]
    mended = [[*line(leg, "2026-04"), rows[2][-1]] if n == 2 else row for n, row in enumerate(rows)]
    again = sent(stage.database, send(client, make(*mended[1:], header=tuple(mended[0])), name=f"b.{form}"))
    assert (again.state, again.stored_rows, again.same_rows) == ("stored", 1, 1), again.said


def test_a_returned_report_is_mended_by_file_and_left_alone_when_nothing_is(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client = stage.client(app, "handledare")
    send(client, as_csv(line(leg, "2026-05")))
    with stage.database.transaction(1) as session:
        report = session.scalars(select(Report)).one()
        actions.return_report(session, report.id, "Skriv mer.", by=stage.town.guide, today=date(2026, 6, 3))
    same = sent(stage.database, send(client, as_csv(line(leg, "2026-05"))))
    assert (same.same_rows, same.stored_rows) == (1, 0)
    mended = sent(stage.database, send(client, as_csv(line(leg, "2026-05", progress="Har fått en provdag."))))
    assert (mended.same_rows, mended.stored_rows) == (0, 1)
    with stage.database.reading() as session:
        (found,) = session.scalars(select(Report)).all()
        assert (found.state, found.progress, found.judged_by) == ("submitted", "Har fått en provdag.", None)


def test_another_providers_people_and_those_one_may_not_know_are_not_there(stage: Stage, app: Flask):
    theirs = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    hidden = stage.started("Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=date(2026, 4, 9))
    with stage.database.transaction(1) as session:
        actions.name_coach(session, hidden, stage.town.manager.account_id, by=stage.town.manager)
    coach, manager = stage.client(app, "handledare"), stage.client(app, "chef")
    content = as_csv(line(theirs, "2026-04"), line(hidden, "2026-04"), line(theirs + 1, "2026-04"))
    rows = answered(coach, send(coach, content))
    assert len({row[-1] for row in rows[1:]}) == 1, "whose they are is not told"
    assert rows[1][-1] == "Det finns ingen deltagare med det numret hos er."
    assert sent(stage.database, send(manager, as_csv(line(hidden, "2026-04")))).stored_rows == 1
    assert count(stage.database) == 1


def test_a_row_that_says_the_same_again_with_other_words_is_wrong(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client = stage.client(app, "handledare")
    stage.reported(leg, MARCH)
    file_id = send(
        client,
        as_csv(line(leg, "2026-03"), line(leg, "2026-04"), line(leg, "2026-04", meetings="3")),
        mode="good",
    )
    rows = answered(client, file_id)
    assert "redan rapporterad" in rows[1][-1]
    assert rows[2][-1] == ""
    assert rows[3][-1] == "Samma sak står redan på rad 3."


def test_columns_may_stand_in_any_order_under_our_words(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    client = stage.client(app, "handledare")
    template = openpyxl.load_workbook(io.BytesIO(client.get("/provider/files/template/monthly.xlsx").data))
    words = [str(cell.value) for cell in template.worksheets[0][1]]
    assert words[:3] == ["Deltagare", "Namn", "Månad"]
    cells = dict(zip(HEADER, line(leg, "2026-05", against_plan="Enligt planen"), strict=True))
    by_word = [cells[HEADER[0]], "Amal Provlund", *[cells[name] for name in HEADER[1:]]]
    pairs = sorted(zip((word.upper() for word in words), by_word, strict=True))
    content = as_csv([text for _, text in pairs], header=tuple(word for word, _ in pairs), mark=";")
    assert sent(stage.database, send(client, b"\xef\xbb\xbf" + content)).stored_rows == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_holds_those_there_is_something_to_tell_of_and_no_protected_name(
    stage: Stage, app: Flask, form: str
):
    leg = stage.started("Amal Provlund", day=date(2026, 4, 2))
    hidden = stage.started("Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=date(2026, 4, 9))
    stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    for kind in ("monthly", "deviations", "occasions"):
        answer = stage.client(app, "handledare").get(f"/provider/files/template/{kind}.{form}")
        assert answer.status_code == 200
        if form == "csv":
            rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
            assert rows[0][:2] == ["participant", "name"]
        else:
            book = openpyxl.load_workbook(io.BytesIO(answer.data))
            rows = [
                [str(cell or "") for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)
            ]
            assert len(book.worksheets) == 2
        found = {(row[0], row[1]) for row in rows[1:]}
        assert found == {(reference(leg), "Amal Provlund"), (reference(hidden), "")}
    assert stage.client(app, "handledare").get("/provider/files/template/nothing.csv").status_code == 404


def test_absences_and_meetings_come_by_file_too(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 5, 4))
    client = stage.client(app, "handledare")
    header = (
        "participant",
        "happened_on",
        "activity",
        "expected_from",
        "expected_to",
        "absent_from",
        "absent_to",
        "reason",
        "words",
    )
    told = [reference(leg), "2026-06-02", "Jobbsökarträff", "09:00", "11:00", "09:00", "11:00", "Sjuk", ""]
    short = [reference(leg), "2026-06-01", "Träff", "09:00", "11:00", "09:00", "09:10", "sick", ""]
    file_id = send(client, as_csv(told, short, header=header), kind="deviations", mode="good")
    assert (sent(stage.database, file_id).stored_rows, count(stage.database, Deviation)) == (1, 1)
    assert "längre än" in answered(client, file_id)[2][-1]
    again = sent(stage.database, send(client, as_csv(told, header=header), kind="deviations"))
    assert (again.stored_rows, again.same_rows) == (0, 1)
    columns = ("participant", "held_on", "started", "kind", "is_physical", "minutes")
    met = [reference(leg), "2026-06-01", "10.00", "Individuellt möte", "ja", "45"]
    beside = [reference(leg), "2026-06-01", "10:30", "group", "nej", "60"]
    file_id = send(client, as_csv(met, beside, header=columns), kind="occasions", mode="good")
    assert (sent(stage.database, file_id).stored_rows, count(stage.database, Occasion)) == (1, 1)
    assert "redan med på något" in answered(client, file_id)[2][-1]


def test_a_file_is_opened_by_its_sender_and_the_managers_and_nobody_else(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    file_id = send(stage.client(app, "handledare"), as_csv(line(leg, "2026-03", month="")), name="hemlig.csv")
    for who, status in (("handledare", 200), ("chef", 200), ("handledare2", 404)):
        client = stage.client(app, who)
        assert client.get(f"/provider/files/{file_id}").status_code == status, who
        assert client.get(f"/provider/files/{file_id}/answer").status_code == status, who
        assert ("hemlig.csv" in client.get("/provider/files").text) is (status == 200), who


def test_what_is_wrong_with_the_form_is_said_on_the_page(stage: Stage, app: Flask):
    client = stage.client(app, "handledare")
    page = client.post("/provider/files", data={"kind": "monthly", "mode": "all"})
    assert page.status_code == 422
    assert "Välj en fil." in page.text
    page = client.post(
        "/provider/files", data={"kind": "x", "mode": "all", "file": (io.BytesIO(b""), "a.csv")}
    )
    assert page.status_code == 422
    assert count(stage.database, SentFile) == 0


def test_the_answer_speaks_the_senders_language(stage: Stage, app: Flask):
    leg = stage.started("Amal Provlund", day=date(2026, 3, 2))
    with stage.database.transaction(1) as session:
        session.get_one(Account, (1, stage.town.coach.account_id)).language = "en"
    client = stage.client(app, "handledare")
    rows = answered(client, send(client, as_csv(line(leg, "2031-03"))))
    assert rows[1][-1] != ""
    with app.test_request_context("/"), force_locale("en"):
        assert rows[0][-1] == title("wrong")

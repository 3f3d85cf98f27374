"""Files of rows, made and sent, and what came back: for the tests of pages and of those who take files."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.files.references import reference
from core.database import Database
from vouchers.models import Report, SentFile

HEADER = (
    "participant", "month", "activities", "booked_minutes", "activity_minutes", "physical_minutes",
    "meetings", "physical_meetings", "against_plan", "progress", "next_step", "next_step_on",
)  # fmt: skip


def line(leg_id: int, when: str, **changes: str) -> list[str]:
    told = dict(zip(HEADER, (
        reference(leg_id), when, "guidance job_search", "1500", "1290", "600", "4", "2", "as_planned",
        "Har sökt fem jobb.", "Ringa två arbetsgivare.", "2026-06-12",
    ), strict=True))  # fmt: skip
    return [{**told, **changes}[name] for name in HEADER]


def as_csv(*lines: list[str], header: tuple[str, ...] = HEADER, mark: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows([header, *lines])
    return out.getvalue().encode()


def as_xlsx(*lines: list[Any], header: tuple[str, ...] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    assert book.active
    for row in (header, *lines):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(
    client: FlaskClient, content: bytes, *, kind: str = "monthly", mode: str = "all", name: str = "rader.csv"
) -> int:
    """Send a file; gives its id."""
    answer = client.post(
        "/provider/files", data={"kind": kind, "mode": mode, "file": (io.BytesIO(content), name)}
    )
    assert answer.status_code == 302, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def sent(database: Database, file_id: int) -> SentFile:
    with database.reading() as session:
        return session.get_one(SentFile, (1, file_id))


def count(database: Database, table: Any = Report) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def answered(client: FlaskClient, file_id: int) -> list[list[str]]:
    """The rows of the answer, the heading first."""
    answer = client.get(f"/provider/files/{file_id}/answer")
    assert answer.status_code == 200
    if "spreadsheet" in str(answer.mimetype):
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))

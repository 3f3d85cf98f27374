"""How the tests of the open register ask it, and read what it answers."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from providers.models import Accreditation

OPEN_DATA = ("/register.csv", "/register.json", "/register/events")


def text_of(answer: Any) -> str:
    """The page as a reader meets it."""
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def provided(client: FlaskClient) -> dict[int, dict[str, Any]]:
    """The JSON's providers by id, which is text there."""
    answer = client.get("/register.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return {int(one["id"]): one for one in json_of(answer)["providers"]}


def accreditations(client: FlaskClient, provider_id: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = provided(client)[provider_id]["accreditations"]
    return rows


def lines(client: FlaskClient, address: str = "/register.csv") -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(address).data.decode("utf-8-sig"))))


def of(session: Session, provider_id: int, service: str = "matching") -> Accreditation:
    rows = select(Accreditation).where(
        Accreditation.provider_id == provider_id, Accreditation.service == service
    )
    return session.scalars(rows).one()


def json_of(answer: TestResponse) -> Any:
    """The body, which must be JSON."""
    assert answer.is_json
    return json.loads(answer.text)

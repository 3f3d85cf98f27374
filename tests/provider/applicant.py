"""Somebody who applies through the portal, one form after the other."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.demo.people import organisation_number
from core.database import Database
from providers.models import Accreditation, Evidence
from tests.support.papers import PDF

LIST = "/provider/applications"
NUMBER = organisation_number(4711)
ORGANISATION: dict[str, Any] = {"name": "Vägvisarna i Prov", "number": NUMBER, "legal_form": "idea_based"}
ABOUT: dict[str, Any] = {
    "about_sv": "Vi hjälper människor till arbete.",
    "languages": ["sv", "ar"],
    "orientations": ["kitchen"],
}
CONTACT: dict[str, Any] = {
    "name": "Edvin Testhage",
    "title": "Ordförande",
    "phone": "070-174 06 44",
    "email": "edvin@example.org",
}
SITE: dict[str, Any] = {
    "street": "Provgatan 12",
    "postal_code": "100 02",
    "town": "Exempelstad",
    "area": "Centrum",
}
FILES = {"f_tax": "2027-06-01", "no_tax_debt": "2027-06-01", "insurance": "2027-06-01", "staff": None}
WORDS = ("premises", "quality", "secrecy", "insight")


def said(answer: TestResponse) -> str:
    """The page as text, with every space a plain one."""
    return answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def shown(content: bytes = PDF, name: str = "underlag.pdf", **more: Any) -> dict[str, Any]:
    """A filled form with a file."""
    return {"file": (BytesIO(content), name), **more}


class Applicant:
    """A client that applies. `id` is the application's, once it has begun."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.id = 0

    def at(self, part: str = "") -> str:
        """The address of a part of the application."""
        return f"{LIST}/{self.id}{'/' if part else ''}{part}"

    def send(self, part: str, status: int = 302, /, **form: Any) -> TestResponse:
        """Fill in a part."""
        answer = self.client.post(self.at(part), data=form)
        assert answer.status_code == status, said(answer)
        return answer

    def enter(self, **changes: Any) -> TestResponse:
        """Enter the organisation."""
        return self.client.post(f"{LIST}/organisation", data={**ORGANISATION, **changes})

    def begin(self, service: str = "jobbpeng:matching") -> None:
        """Begin an application."""
        answer = self.client.post(LIST, data={"service": service})
        assert answer.status_code == 302, said(answer)
        self.id = int(answer.location.rsplit("/", 1)[1])

    def fill_in(self, *, without: tuple[str, ...] = ()) -> None:
        """Everything but what is left out."""
        forms: dict[str, dict[str, Any]] = {
            "about": ABOUT,
            "contacts": CONTACT,
            "sites": SITE,
            "capacity": {"capacity": "15"},
        }
        for part, form in forms.items():
            if part not in without:
                self.send(part, **form)
        for code, until in FILES.items():
            if code not in without:
                self.send(f"conditions/{code}", **shown(), **({"valid_to": until} if until else {}))
        for code in WORDS:
            if code not in without:
                self.send(f"conditions/{code}", statement="Så här gör vi.")

    def submit(self) -> TestResponse:
        """Send it."""
        return self.client.post(self.at("submit"), data={"is_true": "y"})

    def row(self, database: Database) -> Accreditation:
        """What is stored."""
        with database.reading() as session:
            return session.scalars(select(Accreditation).where(Accreditation.id == self.id)).one()


def evidence_of(draft: Applicant, database: Database) -> list[Evidence]:
    """What has been shown in the application, the oldest first."""
    rows = select(Evidence).where(Evidence.accreditation_id == draft.id).order_by(Evidence.id)
    with database.reading() as session:
        return list(session.scalars(rows))

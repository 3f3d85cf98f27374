"""An application to review: somebody new has applied, and who reviews and decides has a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.demo import people
from app.evidence import Checked, Store
from config import Settings
from core import dates
from core.database import Database, fetch
from core.rulebooks import Rulebook
from providers import actions
from providers.models import Accreditation, Evidence
from providers.queries.terms import accreditation_terms
from tests.support.town import Town

FORM = actions.ProviderForm("Nya Vägar", "429904-2426", "private", about_sv="Vi hjälper till.")
SITE = actions.SiteForm("Provgatan 1", "10002", "Exempelstad", "Centrum", step_free=True)
CONTACT = actions.ContactForm("Prov Kontakt", "070-174 06 05", "kontakt@example.org", "Chef")
TODAY = dates.today()


@dataclass(frozen=True)
class Applied:
    """An application that has been sent in, its conditions' codes, and the file shown for one of them."""

    id: int
    codes: tuple[str, ...]
    evidence_id: int
    address: str


@pytest.fixture
def applied(database: Database, town: Town, settings: Settings) -> Applied:
    """Somebody new has applied today; every paper is kept as it should."""
    return apply(database, town, settings)


def apply(database: Database, town: Town, settings: Settings, on: date = TODAY) -> Applied:
    with database.transaction(town.municipality_id) as session:
        provider = actions.register_provider(session, FORM, (SITE,), by=town.inspector)
        actions.add_contact(session, provider.id, CONTACT, by=town.inspector, today=on)
        rulebook = fetch(session, Rulebook, town.municipality_id, town.rulebook_id)
        one = people.applied(session, provider, rulebook, "matching", 12, by=town.inspector, today=on)
        terms = accreditation_terms(session, town.municipality_id, rulebook.id)
        shown = session.scalars(
            select(Evidence).where(Evidence.accreditation_id == one.id, Evidence.digest.is_not(None))
        ).first()
        assert shown is not None
        assert shown.digest is not None
        file = actions.StoredFile(shown.digest, "underlag.pdf", "application/pdf", len(people.PAPER))
        Store(settings.instance / "evidence").put(Checked(file, people.PAPER))
        codes = tuple(condition.code for condition in terms.conditions("matching"))
        return Applied(one.id, codes, shown.id, f"/casework/applications/{one.id}")


@pytest.fixture
def other(sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """The second inspector's browser."""
    return sign_in("granskare2")


@pytest.fixture
def secretary(sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """The board secretary's browser."""
    return sign_in("sekreterare")


def found(database: Database, applied: Applied) -> Accreditation:
    with database.reading() as session:
        return session.scalars(select(Accreditation).where(Accreditation.id == applied.id)).one()


def judge(client: FlaskClient, applied: Applied, verdict: str = "met", note: str = "") -> None:
    """Take a reviewer through the question of jäv and every condition."""
    client.post(f"{applied.address}/declare", data={"conflict": "no"})
    for code in applied.codes:
        data = {"verdict": verdict, "control": "document", "note": note}
        answer = client.post(f"{applied.address}/conditions/{code}", data=data)
        assert answer.status_code == 302, answer.text


def judged(database: Database, town: Town, applied: Applied, verdict: str = "met", note: str = "") -> None:
    """Both reviewers have judged every condition."""
    with database.transaction(town.municipality_id) as session:
        actions.take_up(session, applied.id, by=town.inspector)
        for by in (town.inspector, town.other_inspector):
            actions.declare(session, applied.id, has_conflict=False, by=by, today=TODAY)
            for code in applied.codes:
                actions.judge(session, applied.id, code, verdict, "document", note, by=by, today=TODAY)


@pytest.fixture
def proposed(database: Database, town: Town, applied: Applied) -> Applied:
    """The first inspector has proposed to accredit."""
    judged(database, town, applied)
    with database.transaction(town.municipality_id) as session:
        words = "Det här är skälen."
        actions.propose_outcome(session, applied.id, "accredit", words, by=town.inspector, today=TODAY)
    return applied

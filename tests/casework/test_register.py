"""The staff's register, the audit trail as a page, and the sentences it is told in."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import timeline
from app.jobs import anchors_file
from app.sentences import SENTENCES
from config import Settings
from core import audit, dates
from core.audit import AuditEntry
from core.database import Database
from tests.casework.conftest import Secret
from tests.support.town import Town

TOP = Path(__file__).parents[2]
HOUSE = ("core", "providers", "vouchers", "payouts", "app")


@pytest.mark.parametrize("user_name", ["vagledare", "granskare", "sekreterare", "admin"])
def test_the_register_shows_every_accreditation(sign_in, database, town, user_name):
    with database.transaction(town.municipality_id) as session:
        town.started(session)
    page = sign_in(user_name).get("/casework/register").text
    assert page.count("Stigfinnarna") >= 2  # two services
    assert "Lyktvägen" in page
    assert "Aldrig" in page
    assert dates.day_of(dates.now()).isoformat() not in page  # days are said in words


@pytest.mark.parametrize("sort", ["name", "service", "state", "since", "people", "capacity", "last", "x"])
def test_the_register_sorts_by_link(guide: FlaskClient, sort: str):
    up = guide.get(f"/casework/register?sort={sort}").text
    down = guide.get(f"/casework/register?sort={sort}&dir=desc").text
    assert "Lyktvägen" in up
    assert "Lyktvägen" in down
    if sort == "name":
        assert up.index("Lyktvägen") < up.index("Stigfinnarna")
        assert down.index("Stigfinnarna") < down.index("Lyktvägen")


def test_an_unknown_state_says_what_will_come(guide: FlaskClient):
    assert "Ingen auktorisation här" in guide.get("/casework/register?state=closed").text


@pytest.mark.parametrize("user_name", ["vagledare", "sekreterare", "ekonom", "handledare", "sokande"])
def test_the_trail_is_for_administrators_and_inspectors(sign_in, user_name):
    assert sign_in(user_name).get("/casework/trail").status_code == 403


def test_the_trail_is_told_in_sentences_without_names_of_seekers(
    inspector: FlaskClient, database: Database, town: Town, secret: Secret
):
    with database.transaction(town.municipality_id) as session:
        town.chosen(session)
    page = inspector.get("/casework/trail").text
    assert "Stigfinnarna valdes av personen själv." in page
    assert "Den arbetssökande" in page
    assert "Samira" not in page
    assert "Hemliga" not in page
    assert "Pröva hela kedjan" not in page


def test_the_trail_filters_by_day_and_sort(inspector: FlaskClient, database: Database, town: Town):
    today = dates.today()
    assert "En anordnare registrerades." in inspector.get(f"/casework/trail?day={today}&kind=providers").text
    assert "En anordnare registrerades." not in inspector.get("/casework/trail?kind=people").text
    assert "Inget hände då" in inspector.get("/casework/trail?day=2001-01-01").text
    assert "Skriv dagen som" in inspector.get("/casework/trail?day=igår").text
    assert inspector.get("/casework/trail?page=99").status_code == 200


def test_an_administrator_has_the_whole_chain_tried(
    sign_in: Callable[[str], FlaskClient], settings: Settings, town: Town
):
    admin = sign_in("admin")
    assert "Kedjan är hel" in admin.get("/casework/trail?verify=1").text
    anchors_file(settings, town.municipality_id).write_text(f"2 {'a' * 64}\n")
    assert "Kedjan är bruten vid rad 2" in admin.get("/casework/trail?verify=1").text


def recorded() -> set[str]:
    """Every name that some code records, as it is written there."""
    found = set()
    for file in (file for place in HOUSE for file in (TOP / place).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record" and len(node.args) > 1:
                found |= {
                    part.value
                    for part in ast.walk(node.args[1])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value
                }
    return {name for name in found if not name.endswith(".")}


def test_everything_that_is_recorded_has_a_sentence():
    assert "voucher.decided" in recorded()
    assert not recorded() - SENTENCES.keys()


def test_an_unknown_event_is_shown_by_its_name(app, database: Database, town: Town):
    with database.transaction(town.municipality_id) as session:
        audit.record(session, "thing.happened", audit.Subject("thing", 7), by=town.guide, count=3)
    with app.test_request_context(), database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
        assert entry is not None
        told = timeline.tell(session, town.municipality_id, [entry])[0]
    assert (told.text, told.by) == ("thing.happened", "Maja Exempeldal, karriärvägledare")

"""The watch page: who has no customers and for how long, evidence that ends, renewals, low results."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from app.commands.results import read
from app.demo import people
from core import dates
from core.actor import Actor
from core.database import Database, fetch
from core.dates import add_months
from core.rulebooks import Rulebook
from providers import actions
from providers.actions import import_results
from providers.models import Provider
from providers.rules.dormancy import how_long
from tests.providers.lives import begins, comes, leaves, look
from tests.support.browser import go
from tests.support.published import WEIGHTS, csv_bytes, table
from tests.support.town import Town, found

SignIn = Callable[[str], FlaskClient]
ROM = people.JOBBPENG.parents[1] / "rusta_och_matcha" / "2023-04-17.toml"


@pytest.fixture
def decided_on() -> date:
    """So long ago that everybody's first paper ends and nobody who lacks customers is new."""
    return add_months(dates.today(), -13)


@pytest.fixture
def town(database: Database, decided_on: date) -> Town:
    """A town from more than a year ago: Stigfinnarna was chosen last month, Lyktvägen ten months ago."""
    town = found(database, decided_on=decided_on)
    today = dates.today()
    with database.transaction(1) as session:
        comes(session, town, town.provider_id, add_months(today, -1))
        last = comes(session, town, town.other_provider_id, add_months(today, -10))
        begins(session, town, last, add_months(today, -10))
        leaves(session, town, last, add_months(today, -2))
    return town


def watched(database: Database, day: date | None = None) -> None:
    with database.transaction(1) as session:
        look(session, day or dates.today())


def test_the_page_says_who_has_no_customers_for_how_long_and_what_comes_next(
    sign_in: SignIn, database: Database, town: Town
):
    watched(database)
    page = sign_in("granskare").get("/casework/watch")
    assert page.status_code == 200
    months, days = how_long(add_months(dates.today(), -10), dates.today())
    assert "Utan nya deltagare (2)" in page.text  # Lyktvägen's, and Stigfinnarna's preparatory one
    assert f"{months} månader" in page.text
    assert (f"och {days} dag" in page.text) == bool(days)
    assert "Aldrig haft någon" in page.text
    assert "Tiden räknas från den dag någon senast valde anordnaren." in page.text
    assert "Efter 9 månader påminns anordnaren. Efter 12 månader får nämnden ett förslag" in page.text
    assert "Dagar då kommunen hade stoppat intaget räknas inte." in page.text
    assert "1 annan auktorisation har deltagare." in page.text
    assert "Förslag om återkallelse" in page.text
    assert "Vilande, ingen väljer</strong>" in page.text  # the tag of the dormant one


def test_evidence_that_has_ended_or_will_is_listed_until_there_is_newer(
    sign_in: SignIn, database: Database, town: Town
):
    page = sign_in("granskare").get("/casework/watch").text
    assert "Underlag som slutar gälla (9)" in page
    assert "Godkänd för F-skatt" in page
    assert page.count("Har slutat gälla") == 9


def test_renewals_are_listed_by_their_last_day(sign_in: SignIn, database: Database, town: Town):
    today, due_on = dates.today(), dates.today() + timedelta(days=60)
    with database.transaction(1) as session:
        book = people.rulebook(session, by=Actor.operator(1), today=today, path=people.TOWN_JOBBPENG)
        actions.require_reaccreditation(
            session, book.id, due_on, reasons="Nya villkor.", by=town.secretary, today=today
        )
    page = sign_in("sekreterare").get("/casework/watch").text
    assert "Ska ansöka på nytt (3)" in page
    assert page.count("Har inte ansökt än") == 3


def with_results(database: Database, town: Town, tmp_path: Path, *, rules: bool = True) -> None:
    (tmp_path / "results.csv").write_bytes(csv_bytes(table()))
    rows = read(tmp_path / "results.csv")
    with database.transaction(1) as session:
        import_results(session, rows, WEIGHTS, by=Actor.operator(1), at=dates.now())
        if rules:
            book = people.rulebook(session, by=Actor.operator(1), today=town.decided_on, path=ROM)
            actions.enter_decided(
                session, fetch(session, Provider, 1, town.provider_id), fetch(session, Rulebook, 1, book.id),
                "matching", capacity=9, area="Område 10000001", from_on=date(2023, 4, 17), reasons="Avtal.",
                by=town.secretary, today=town.decided_on,
            )  # fmt: skip


def test_low_results_are_listed_those_in_a_row_first(
    sign_in: SignIn, database: Database, town: Town, tmp_path: Path
):
    with_results(database, town, tmp_path)
    page = sign_in("ordforande").get("/casework/watch").text
    assert "Låga resultat i uppföljningen för november 2025" in page
    assert "10000001" in page
    assert "I rad" in page
    english = sign_in("ordforande")
    english.get("/language/en?next=/casework/watch")
    assert "0.0" in english.get("/casework/watch").text


def test_results_that_no_kundval_here_has_rules_for_are_said_to_be_so(
    sign_in: SignIn, database: Database, town: Town, tmp_path: Path
):
    with_results(database, town, tmp_path, rules=False)
    page = sign_in("granskare").get("/casework/watch?page=99").text
    assert "Inget kundval här har regler för dem." in page


@pytest.mark.parametrize("user_name", ["vagledare", "ekonom", "chef", "sokande", "admin"])
def test_others_do_not_see_it(sign_in: SignIn, user_name: str):
    assert sign_in(user_name).get("/casework/watch").status_code == 403


def test_it_stands_in_the_inspectors_menu(sign_in: SignIn):
    assert 'href="/casework/watch"' in sign_in("granskare").get("/casework/watch").text


# ── in a browser ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_stands(
    page: Page, live_server: str, heard, app: Flask, database: Database, town: Town, tmp_path: Path
):
    from tests.casework.test_browser import sign_in, stands  # noqa: PLC0415  # its sign_in is another

    app.config["WTF_CSRF_ENABLED"] = True
    with_results(database, town, tmp_path)
    watched(database)
    sign_in(page, live_server, "granskare")
    go(page, page.get_by_role("link", name="Bevakning"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Bevakning")
    stands(page, f"{live_server}/casework/watch")

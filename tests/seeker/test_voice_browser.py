"""The questions and the messages in a real browser, by keyboard, narrow and wide, in both languages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from app.demo.people import PASSWORD
from core import dates
from core.database import Database
from tests.support.answers import crowd
from tests.support.browser import (
    assert_accessible,
    assert_stands_in,
    go,
)
from tests.support.town import Town, noon
from vouchers.actions.writing import write_message

pytestmark = [pytest.mark.parametrize("database_kind", ["sqlite"]), pytest.mark.usefixtures("tokens")]


@pytest.fixture
def decided_on() -> date:
    """Long enough ago to be asked."""
    return dates.add_working_days(dates.today() - timedelta(days=75), 0)


@pytest.fixture
def leg_id(database: Database, town: Town) -> int:
    """The seeker has been at the first provider since then, and has written to the guide."""
    with database.transaction(town.municipality_id) as session:
        for day in range(10):
            write_message(
                session, town.participant_id, f"Fråga {day}\n\nمرحبا " + "lång" * 30,
                by=town.seeker, at=noon(town.decided_on + timedelta(days=day)),
            )  # fmt: skip
        return town.started(session)


def sign_in(page: Page, live_server: str, user_name: str, to: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{live_server}/sign-in?next={to}")
    page.get_by_label("Användarnamn", exact=True).fill(user_name)
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_label("Lösenord", exact=True).press("Enter")


def stands(page: Page, live_server: str, path: str) -> None:
    """No fault for axe and nothing sticks out, on a desk and on a phone, in both languages."""
    assert_stands_in(page, live_server + path, ("en", "sv"))


def test_a_person_answers_by_keyboard(page: Page, live_server: str, heard, leg_id: int):
    survey = f"/seeker/surveys/{leg_id}"
    sign_in(page, live_server, "sokande", survey)
    stands(page, live_server, survey)
    question = page.get_by_role("group", name="Lyssnar de på dig?")
    question.get_by_role("radio").first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(question.get_by_role("radio", name="Ja, helt")).to_be_checked()
    page.get_by_label("Vill du säga något mer?").focus()
    page.keyboard.type("De ringer tillbaka.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tack för dina svar")).to_be_visible()
    stands(page, live_server, f"{survey}/answered")
    go(page, page.get_by_role("link", name="Ändra svaren"))
    expect(page.get_by_role("radio", name="Ja, helt", checked=True)).to_have_count(1)


def test_no_answer_at_all_is_told_where_one_is_asked(page: Page, live_server: str, heard, leg_id: int):
    sign_in(page, live_server, "sokande", f"/seeker/surveys/{leg_id}")
    go(page, page.get_by_role("button", name="Skicka svaren"))
    expect(page.get_by_role("alert")).to_contain_text("Svara på minst en fråga")
    assert_accessible(page)


def test_a_person_and_the_guide_write(page: Page, live_server: str, heard, town: Town, leg_id: int):
    sign_in(page, live_server, "sokande", "/seeker/messages")
    stands(page, live_server, "/seeker/messages")
    page.get_by_label("Ditt meddelande").fill("Kan vi ses?")
    go(page, page.get_by_role("button", name="Skicka meddelandet"))
    expect(page.get_by_role("status")).to_contain_text("skickat")
    expect(page.get_by_text("Kan vi ses?")).to_be_visible()
    thread = f"/casework/people/{town.participant_id}/messages"
    sign_in(page, live_server, "vagledare", "/casework/messages")
    stands(page, live_server, "/casework/messages")
    stands(page, live_server, thread)
    page.goto(f"{live_server}/casework/messages")
    go(page, page.get_by_role("link", name="Samira Testgren"))
    page.get_by_label("Ditt meddelande").fill("Ja, på torsdag.")
    go(page, page.get_by_role("button", name="Skicka svaret"))
    expect(page.get_by_text("Ja, på torsdag.")).to_be_visible()
    expect(page.get_by_role("button", name="Behöver inget svar")).to_have_count(0)


def test_what_is_said_of_a_provider(
    page: Page, live_server: str, heard, database: Database, town: Town, leg_id: int
):
    sign_in(page, live_server, "chef", "/provider/voice")
    stands(page, live_server, "/provider/voice")
    with database.transaction(town.municipality_id) as session:
        crowd(session, town, leg_id, [3] * 10, on=dates.today(), words="Ord " + "lång" * 40)
    stands(page, live_server, "/provider/voice")
    sign_in(page, live_server, "granskare", "/casework/register")
    stands(page, live_server, f"/casework/providers/{town.provider_id}/voice")

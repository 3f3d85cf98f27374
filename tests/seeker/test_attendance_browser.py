"""Attendance in a real browser: told, contested and judged, narrow and wide, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core import dates
from core.database import Database
from tests.seeker.test_voice_browser import decided_on, sign_in, stands
from tests.support.browser import go
from tests.support.town import Town, report_form
from vouchers import actions
from vouchers.models import AttendanceAnswer

__all__ = ["decided_on"]
pytestmark = [pytest.mark.parametrize("database_kind", ["sqlite"]), pytest.mark.usefixtures("tokens")]


@pytest.fixture
def told(database: Database, town: Town) -> dict[str, int]:
    """The month before this one is approved, with an absence in it, all told lately; gives the ids."""
    month = dates.first_of_month(dates.first_of_month(dates.today()) - timedelta(days=1))
    day = dates.add_working_days(month + timedelta(days=7), 0)
    last = dates.last_of_month(month)
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        for n in range(3):
            met = actions.OccasionForm(
                day + timedelta(days=n), 570, "individual", is_physical=n != 1, minutes=75
            )
            actions.record_occasion(session, leg_id, met, by=town.coach, today=last)
        report = actions.submit_report(session, leg_id, report_form(month), by=town.coach, today=last)
        actions.approve_report(session, report.id, by=town.guide, today=last)
        form = actions.DeviationForm(
            day, "Jobbsökarträff i grupp " + "lång" * 20, 540, 660, 540, 630, "unknown", "Hörde inte av sig."
        )
        absence = actions.tell_deviation(session, leg_id, form, by=town.coach, today=last)
        return {"leg": leg_id, "report": report.id, "absence": absence.id}


def test_a_person_says_no_and_a_guide_judges(
    page: Page, live_server: str, database: Database, town: Town, told: dict[str, int]
):
    month, absence = f"/seeker/attendance/{told['report']}", f"/seeker/deviations/{told['absence']}"
    sign_in(page, live_server, "sokande", "/seeker/attendance")
    for path in ("/seeker/attendance", month, absence):
        stands(page, live_server, path)
    page.goto(live_server + absence)
    page.get_by_role("radio", name="Nej, något är fel").focus()
    page.keyboard.press("Space")
    go(page, page.get_by_role("button", name="Skicka svaret"))
    expect(page.get_by_role("alert")).to_contain_text("Skriv vad som är fel.")
    expect(page.get_by_role("radio", name="Nej, något är fel")).to_be_checked()
    page.get_by_label("Vad är fel?").fill("Jag var där hela tiden.\n" + "ja" * 60)
    go(page, page.get_by_role("button", name="Skicka svaret"))
    expect(page.get_by_role("status")).to_contain_text("Kommunen prövar")
    stands(page, live_server, absence)
    page.goto(live_server + month)
    page.get_by_role("radio", name="Nej, något är fel").check()
    page.get_by_label("Vad är fel?").fill("Jag var med alla dagar.")
    go(page, page.get_by_role("button", name="Skicka svaret"))

    sign_in(page, live_server, "vagledare", "/casework/contests")
    with database.reading() as session:
        contest = session.scalars(
            select(AttendanceAnswer.id).where(AttendanceAnswer.report_id == told["report"])
        ).one()
    judged = f"/casework/contests/{contest}"
    for path in (
        "/casework/contests",
        "/casework/deviations",
        f"/casework/deviations/{told['absence']}",
        judged,
    ):
        stands(page, live_server, path)
    page.goto(live_server + judged)
    expect(page.get_by_text("väntar på ditt svar")).to_be_visible()
    page.get_by_role("radio", name="Nej, det är fel").check()
    page.get_by_label("Varför?").fill("Listan visar alla dagar.")
    go(page, page.get_by_role("button", name="Spara bedömningen"))
    expect(page.get_by_text("Kommunen prövade: det anordnaren hade skrivit var fel.")).to_be_visible()
    stands(page, live_server, judged)

    person = f"/provider/participants/{told['leg']}"
    sign_in(page, live_server, "handledare", person)
    expect(page.get_by_text("Prövat: det var fel")).to_be_visible()
    for path in (person, f"{person}/deviations"):
        stands(page, live_server, path)

    sign_in(page, live_server, "sokande", month)
    expect(page.get_by_text("Kommunen har prövat det: det var fel")).to_be_visible()
    expect(page.get_by_text("Listan visar alla dagar.")).to_be_visible()

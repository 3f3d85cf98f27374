"""The guide's pages of a plan: written, ended step by step, and the list of those who lack a next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from core import dates
from core.audit import AuditEntry
from core.database import Database
from tests.casework.conftest import Secret
from tests.casework.test_browser import sign_in as entered
from tests.casework.test_browser import stands
from tests.support.browser import assert_accessible, go
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.actions import ConsentForm, PartForm
from vouchers.models import Assessment, Consent, Leg, Meeting, PlanPart, Voucher

TODAY = dates.today()
SOON = TODAY + timedelta(days=5)
STEP = {"who": "participant", "does": "Ring tre skolkök.", "due_on": SOON.isoformat(), "contact": ""}


def plan_of(town: Town) -> str:
    return f"/casework/people/{town.participant_id}/plan"


def added(database: Database, town: Town, *does: str) -> list[int]:
    """Steps in the seeker's plan, five days ahead and more. Gives their ids."""
    with database.transaction(town.municipality_id) as session:
        return [
            actions.add_part(
                session,
                town.participant_id,
                PartForm("participant", what, SOON + timedelta(days=number)),
                by=town.guide,
                today=TODAY,
            ).id
            for number, what in enumerate(does)
        ]


def parts(database: Database) -> list[PlanPart]:
    with database.reading() as session:
        return list(session.scalars(select(PlanPart).order_by(PlanPart.id)))


# ── without a browser ────────────────────────────────────────────────────────────────────────────


def test_an_empty_plan_says_what_lacks_and_takes_a_goal_and_a_step(guide: FlaskClient, town, database):
    assert "Inget nästa steg" in guide.get(plan_of(town)).text
    answer = guide.post(plan_of(town), data={"goal": "Jag vill laga mat."}, follow_redirects=True)
    assert "Målet är sparat." in answer.text
    answer = guide.post(f"{plan_of(town)}/parts", data=STEP, follow_redirects=True)
    assert "Steget är tillagt." in answer.text
    assert "Jag vill laga mat." in answer.text
    assert [part.does for part in parts(database)] == ["Ring tre skolkök."]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"does": " \x00 "}, "Skriv vad som ska göras."),
        ({"who": ""}, "Välj vem som ska göra det."),
        ({"who": "church"}, "Välj vem som ska göra det."),
        ({"who": "provider:4000000000"}, "Välj vem som ska göra det."),
        ({"due_on": ""}, "Skriv den sista dagen."),
        ({"due_on": "31 februari"}, "Skriv en dag, till exempel 2026-11-27."),
        ({"due_on": "2020-01-01"}, "Dagen har redan varit."),
        ({"due_on": "9999-12-31"}, "Dagen ligger för långt fram."),
        ({"does": "x" * 1_001}, "1000"),
    ],
)
def test_a_wrong_step_gets_a_sentence_and_loses_nothing(guide: FlaskClient, town, database, changes, says):
    answer = guide.post(f"{plan_of(town)}/parts", data=STEP | {"contact": "Kim, 070-174 06 40"} | changes)
    assert answer.status_code == 422
    assert says in answer.text
    assert "Kim, 070-174 06 40" in answer.text
    assert parts(database) == []


def test_a_step_with_another_ahead_is_done_in_one_press(guide: FlaskClient, town, database):
    first, _ = added(database, town, "Ett", "Två")
    page = guide.get(plan_of(town)).text
    assert f'action="/casework/plan/parts/{first}/done"' in page
    answer = guide.post(f"/casework/plan/parts/{first}/done", follow_redirects=True)
    assert "Steget är klart." in answer.text
    assert parts(database)[0].done_on == TODAY


@pytest.mark.parametrize(("end", "column"), [("done", "done_on"), ("remove", "removed_on")])
def test_the_last_step_asks_for_the_next(guide: FlaskClient, town, database, end: str, column: str):
    (only,) = added(database, town, "Ett")
    address = f"/casework/plan/parts/{only}/{end}"
    assert f'href="{address}"' in guide.get(plan_of(town)).text
    assert "Vad är nästa steg?" in guide.get(address).text
    empty = guide.post(address)
    assert (empty.status_code, "Skriv vad som ska göras." in empty.text) == (422, True)
    assert getattr(parts(database)[0], column) is None
    answer = guide.post(address, data=STEP, follow_redirects=True)
    assert "Ring tre skolkök." in answer.text
    assert [getattr(part, column) for part in parts(database)] == [TODAY, None]


def test_a_step_that_has_ended_does_not_end_again(guide: FlaskClient, town, database):
    first, _ = added(database, town, "Ett", "Två")
    guide.post(f"/casework/plan/parts/{first}/done")
    again = guide.post(f"/casework/plan/parts/{first}/remove")
    assert (again.status_code, "Steget är redan klart." in again.text) == (422, True)


MET = {
    "kind": "follow_up",
    "held_on": TODAY.isoformat(),
    "present": ["participant", "municipality"],
    "notes": "Bra.",
}


def test_a_meeting_ends_with_a_step_in_the_plan(guide: FlaskClient, town, database):
    address = f"/casework/people/{town.participant_id}/meetings"
    assert guide.get(address).status_code == 200
    answer = guide.post(address, data=MET | STEP, follow_redirects=True)
    assert "Mötet är inskrivet" in answer.text
    assert [part.does for part in parts(database)] == ["Ring tre skolkök."]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"does": ""}, "Skriv vad som ska göras."),
        ({"due_on": (TODAY - timedelta(days=1)).isoformat()}, "Dagen har redan varit."),
        ({"kind": "three_party"}, "Ett trepartssamtal har minst tre parter"),
        ({"present": []}, "Ange vilka som var med."),
        ({"present": ["church"]}, "church"),
        ({"held_on": SOON.isoformat()}, "Mötet har inte varit än."),
        ({"notes": ""}, "Skriv vad ni kom fram till."),
    ],
)
def test_a_meeting_that_is_not_whole_is_not_saved(guide: FlaskClient, town, database, changes, says):
    answer = guide.post(f"/casework/people/{town.participant_id}/meetings", data=MET | STEP | changes)
    assert answer.status_code == 422
    assert says in answer.text
    with database.reading() as session:
        assert not session.scalars(select(Meeting)).all()
    assert parts(database) == []


def test_the_list_of_those_without_a_step(guide: FlaskClient, inspector: FlaskClient, town, database):
    page = guide.get("/casework/next-steps").text
    assert page.index("Samira Testgren") < page.index("Oleh Provlund")
    assert plan_of(town) in page
    assert plan_of(town) not in inspector.get("/casework/next-steps").text
    assert "/casework/next-steps" in guide.get("/casework/?waits=step").text
    added(database, town, "Ett")
    assert "Samira Testgren" not in guide.get("/casework/next-steps?page=99").text
    with database.transaction(town.municipality_id) as session:
        form = PartForm("participant", "Ett", SOON)
        actions.add_part(session, town.other_participant_id, form, by=town.guide, today=TODAY)
    assert "Alla har ett nästa steg" in guide.get("/casework/next-steps").text


# ── consents on paper ────────────────────────────────────────────────────────────────────────────


def test_the_guide_writes_in_what_was_signed_and_takes_it_back(guide: FlaskClient, town, database):
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
    address = f"/casework/people/{town.participant_id}/consents"
    who = f"provider:{town.provider_id}"
    assert "Ser det inte" in guide.get(address).text
    answer = guide.post(address, data={"who": who, "what": "plan"}, follow_redirects=True)
    assert "Personen sa ja på papper" in answer.text
    with database.reading() as session:
        consent = session.scalars(select(Consent)).one()
    assert consent.given_how == "on_paper"
    assert "Stigfinnarna" in guide.get(plan_of(town)).text
    answer = guide.post(address, data={"consent": str(consent.id)}, follow_redirects=True)
    assert "Det är taget tillbaka." in answer.text
    again = guide.post(address, data={"consent": str(consent.id)})
    assert (again.status_code, "Det är redan taget tillbaka." in again.text) == (422, True)
    assert leg_id


@pytest.mark.parametrize("number", ["x", "-1", "0", "9" * 30, "4000000000", "１２"])
def test_a_consent_that_is_not_there_is_not_there(guide: FlaskClient, town, number: str):
    address = f"/casework/people/{town.participant_id}/consents"
    assert guide.post(address, data={"consent": number}).status_code == 404
    assert guide.post(address, data={"who": f"provider:{number}", "what": "plan"}).status_code in (404, 422)


def test_a_consent_of_somebody_else_is_not_there(guide: FlaskClient, town, database):
    with database.transaction(town.municipality_id) as session:
        form = ConsentForm("region", "plan")
        consent = actions.give_consent(session, town.participant_id, form, by=town.seeker, at=noon(TODAY))
    other = f"/casework/people/{town.other_participant_id}/consents"
    assert guide.post(other, data={"consent": str(consent.id)}).status_code == 404


# ── protected people ─────────────────────────────────────────────────────────────────────────────


def test_a_protected_persons_pages_are_for_the_own_guide_and_each_reading_is_noted(
    guide: FlaskClient, sign_in: Callable[[str], FlaskClient], secret: Secret, town, database
):
    with database.transaction(town.municipality_id) as session:
        form = PartForm("participant", "Hemligt steg.", SOON)
        part = actions.add_part(session, secret.participant_id, form, by=secret.guide, today=TODAY)
    own = sign_in("vagledare2")
    addresses = [
        f"/casework/people/{secret.participant_id}/{page}" for page in ("plan", "consents", "meetings")
    ]
    for address in [*addresses, f"/casework/plan/parts/{part.id}/done"]:
        assert guide.get(address).status_code == 403
        assert guide.post(address, data=STEP).status_code == 403
        assert "Hemlig" not in guide.get(address).text
        assert own.get(address).status_code == 200
    with database.reading() as session:
        noted = session.scalars(
            select(AuditEntry.what).where(AuditEntry.what.like("participant.read%"))
        ).all()
    assert noted.count("participant.read") == 4
    assert noted.count("participant.read_refused") == 12
    everybody = guide.get("/casework/next-steps?whose=all").text
    assert "Skisshed" not in everybody
    assert [one.removed_on for one in parts(database)] == [None]


# ── what the provider sees ───────────────────────────────────────────────────────────────────────


def test_a_provider_sees_the_plan_only_while_the_person_says_yes(sign_in, town, database):
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        form = PartForm("region", "Samtal på vårdcentralen.", SOON, contact="Kim, 070-174 06 40")
        actions.set_goal(session, town.participant_id, "Arbete i kök.", by=town.guide, today=TODAY)
        actions.add_part(session, town.participant_id, form, by=town.guide, today=TODAY)
    coach, address = sign_in("handledare"), f"/provider/participants/{leg_id}"
    before = coach.get(address).text
    assert "070-174 06 05" in before
    assert "enligt avtalet och dess tystnadsplikt" in before
    assert "Arbete i kök." not in before
    assert "vårdcentralen" not in before
    with database.transaction(town.municipality_id) as session:
        wanted = ConsentForm("provider", "plan", town.provider_id)
        consent = actions.give_consent(session, town.participant_id, wanted, by=town.seeker, at=noon(TODAY))
    with_yes = coach.get(address).text
    assert "Arbete i kök." in with_yes
    assert "därför att personen har sagt ja" in with_yes
    assert "070-174 06 40" not in with_yes
    with database.transaction(town.municipality_id) as session:
        actions.withdraw_consent(session, consent.id, by=town.seeker, today=TODAY)
    assert "Arbete i kök." not in coach.get(address).text


def test_a_provider_sees_the_last_assessment_only_with_a_yes(sign_in, town, database):
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        session.add(
            Assessment(
                municipality_id=town.municipality_id,
                participant_id=town.participant_id,
                rulebook_id=town.rulebook_id,
                met_on=TODAY,
                answers={"home": "far"},
                why=[],
                suggested_service="matching",
                suggested_level="enhanced",
                service="matching",
                level="enhanced",
                state_check="none_fits",
                made_by=town.guide.account_id,
                made_on=TODAY,
            )
        )
    coach, address = sign_in("handledare"), f"/provider/participants/{leg_id}"
    assert "Senaste bedömningen" not in coach.get(address).text
    with database.transaction(town.municipality_id) as session:
        wanted = ConsentForm("provider", "assessment", town.provider_id)
        actions.give_consent(session, town.participant_id, wanted, by=town.guide, at=noon(TODAY))
    page = coach.get(address).text
    assert "Senaste bedömningen" in page
    assert "Matchande insats, förstärkt" in page


@pytest.mark.parametrize(("days", "is_told"), [(30, True), (31, False)])
def test_how_to_reach_somebody_who_has_left_goes_away(sign_in, town, database, days: int, is_told: bool):
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        left = {"ended_on": TODAY - timedelta(days=days), "end_reason": "moved"}
        session.execute(update(Leg).where(Leg.id == leg_id).values(left))
        session.execute(
            update(Voucher).where(Voucher.id == town.voucher_id).values(left | {"state": "ended"})
        )
    page = sign_in("handledare").get(f"/provider/participants/{leg_id}").text
    assert ("070-174 06 05" in page) is is_told
    assert ("Provgatan" in page) is is_told
    assert ("Syns inte längre" in page) is not is_told


# ── in a browser ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_page_of_a_plan_stands(page: Page, live_server: str, heard, database, town):
    with database.transaction(town.municipality_id) as session:
        town.started(session)
    first, _ = added(database, town, "Ring tre skolkök.", "Skriv ett cv.")
    with database.transaction(town.municipality_id) as session:
        for what in ("plan", "assessment"):
            wanted = ConsentForm("provider", what, town.provider_id)
            actions.give_consent(session, town.participant_id, wanted, by=town.guide, at=noon(TODAY))
        actions.finish_part(session, first, by=town.guide, today=TODAY)
    entered(page, live_server, "vagledare")
    last = parts(database)[1].id
    for path in (
        f"people/{town.participant_id}/plan",
        f"people/{town.other_participant_id}/plan",
        f"people/{town.participant_id}/meetings",
        f"people/{town.participant_id}/consents",
        f"people/{town.participant_id}/consents?who=region&what=plan",
        f"plan/parts/{last}/done",
        f"plan/parts/{last}/remove",
        "next-steps",
        "next-steps?whose=all",
    ):
        stands(page, f"{live_server}/casework/{path}")


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_guide_records_a_meeting_and_ends_a_step_by_keyboard(page: Page, live_server, heard, town):
    entered(page, live_server, "vagledare")
    page.goto(f"{live_server}{plan_of(town)}")
    expect(page.locator("main")).to_contain_text("Inget nästa steg")
    page.get_by_role("link", name="Skriv in ett möte").press("Enter")
    page.wait_for_url("**/meetings")
    page.get_by_label("Trepartssamtal").press("Space")
    page.get_by_label("Vad kom ni fram till?").fill("Vi börjar med praktik.")
    page.get_by_label("Vad ska göras?").fill("Ring tre skolkök.")
    page.get_by_label("Sista dag").fill(SOON.isoformat())
    go_by_key(page, page.get_by_role("button", name="Spara mötet"))
    expect(page.get_by_role("alert")).to_contain_text("minst tre parter")
    expect(page.get_by_label("Vad ska göras?")).to_have_value("Ring tre skolkök.")
    assert_accessible(page)
    page.get_by_role("checkbox", name="Arbetsförmedlingen").press("Space")
    go_by_key(page, page.get_by_role("button", name="Spara mötet"))
    expect(page.get_by_role("status")).to_contain_text("Mötet är inskrivet")
    expect(page.get_by_role("heading", level=2, name="Ring tre skolkök.")).to_be_visible()
    go_by_key(page, page.get_by_role("link", name="Klart"))
    expect(page.locator("main")).to_contain_text("Det här var det sista steget i planen.")
    go_by_key(page, page.get_by_role("button", name="Spara, steget är klart"))
    expect(page.get_by_role("alert")).to_contain_text("Skriv vad som ska göras.")
    page.get_by_label("Vad ska göras?").fill("Gå på intervju.")
    page.get_by_label("Personen själv").press("Space")
    page.get_by_label("Sista dag").fill(SOON.isoformat())
    go(page, page.get_by_role("button", name="Spara, steget är klart"))
    expect(page.get_by_role("heading", level=2, name="Gå på intervju.")).to_be_visible()


def go_by_key(page: Page, way: Any) -> None:
    """Press Enter on it, and be on the page it leads to."""
    with page.expect_navigation():
        way.press("Enter")

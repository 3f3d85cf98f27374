"""The month's report with its draft, and the reports that are not of a month, through a client."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.identity import Protection
from tests.provider.stage import APRIL, MAY, TODAY, Stage
from tests.provider.test_pages import FILLED, events, text
from tests.support.town import noon
from vouchers import actions
from vouchers.models import Report, ReportDraft, WrittenReport

PLAN = {
    "met_on": "2026-06-01",
    "goal": "Ett arbete i ett skolkök.",
    "activities": ["guidance", "job_search"],
    "minutes_a_week": "180",
    "adapted": "",
    "next_step": "Ringa tre skolkök.",
    "next_step_on": "2026-06-20",
}
EVENT = {"happened_on": "2026-06-02", "what": "Har fått en provdag.", "proposal": ""}


@pytest.fixture
def coach(app: Flask, stage: Stage) -> FlaskClient:
    """A coach at the first provider."""
    return stage.client(app, "handledare")


@pytest.fixture
def leg_id(stage: Stage) -> int:
    """Somebody who began on 1 April 2026."""
    return stage.started("Amal Provlund", day=date(2026, 4, 1))


def drafts(stage: Stage) -> list[ReportDraft]:
    with stage.database.reading() as session:
        return list(session.scalars(select(ReportDraft)))


def reports(stage: Stage) -> list[WrittenReport]:
    with stage.database.reading() as session:
        return list(session.scalars(select(WrittenReport).order_by(WrittenReport.id)))


def ticked(page: str) -> list[str]:
    """What is ticked of boxes and choices, in the page's order."""
    return re.findall(r'<input checked[^>]* value="([^"]+)"', page)


def month_page(leg_id: int, month: int = 202605) -> str:
    return f"/provider/participants/{leg_id}/report/{month}"


def page_of(leg_id: int, kind: str) -> str:
    return f"/provider/participants/{leg_id}/written/{kind}"


# ── the month, and its draft ─────────────────────────────────────────────────────────────────────


def test_a_month_keeps_all_that_the_form_asks(coach: FlaskClient, stage: Stage, leg_id: int):
    assert coach.post(month_page(leg_id), data=FILLED).status_code == 302
    with stage.database.reading() as session:
        told = session.scalars(select(Report)).one()
    assert (told.booked_minutes, told.activity_minutes, told.physical_minutes) == (1_440, 1_290, 720)
    assert (told.activities, told.against_plan, told.via) == ("guidance job_search", "as_planned", "page")
    page = text(coach.get(month_page(leg_id)))
    for said in ("24 timmar", "21 timmar 30 minuter", "Samtal och vägledning, söka arbete", "Enligt planen"):
        assert said in page, said


def test_a_draft_survives_signing_out_and_is_gone_when_the_month_is_sent(
    app: Flask, coach: FlaskClient, stage: Stage, leg_id: int
):
    half = {
        "progress": "Halvfärdig mening",
        "activity_minutes": "12:",
        "activities": ["language"],
        "draft": "1",
    }
    answer = coach.post(month_page(leg_id), data=half)
    assert (answer.status_code, answer.location) == (302, month_page(leg_id))
    assert events(stage, "report.submitted") == 0
    coach.post("/sign-out")
    colleague = stage.client(app, "chef")
    page = text(colleague.get(month_page(leg_id)))
    assert "Halvfärdig mening</textarea>" in page
    assert 'value="12:"' in page
    assert ticked(page) == ["language"]
    assert "Det här är ett utkast" in page
    assert "Britt Exempelby" in page
    assert colleague.post(month_page(leg_id), data=FILLED).status_code == 302
    assert drafts(stage) == []


def test_a_draft_is_replaced_and_thrown_away(coach: FlaskClient, stage: Stage, leg_id: int):
    for words in ("Först", "Sedan"):
        coach.post(month_page(leg_id), data={"progress": words, "draft": "1"})
    (draft,) = drafts(stage)
    assert draft.content["progress"] == "Sedan"
    assert coach.post(month_page(leg_id), data={"progress": "Annat", "forget": "1"}).status_code == 302
    assert drafts(stage) == []
    assert "Sedan" not in text(coach.get(month_page(leg_id)))


@pytest.mark.parametrize(
    ("month", "sentence"), [(202606, "Månaden är inte slut än."), (202603, "Personen var inte hos er")]
)
def test_what_can_never_be_sent_is_not_drafted_but_not_lost_either(
    coach: FlaskClient, stage: Stage, leg_id: int, month: int, sentence: str
):
    answer = coach.post(month_page(leg_id, month), data={"progress": "Får inte försvinna.", "draft": "1"})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Får inte försvinna." in text(answer)
    assert drafts(stage) == []


def test_a_draft_holds_what_a_database_can_keep(coach: FlaskClient, stage: Stage, leg_id: int):
    odd = {
        "progress": "a\x00b\x07c",
        "activities": ["guidance", "x" * 5_000],
        "next_step_on": "snart",
        "draft": "1",
    }
    assert coach.post(month_page(leg_id), data=odd).status_code == 302
    (draft,) = drafts(stage)
    assert draft.content["progress"] == "abc"
    page = text(coach.get(month_page(leg_id)))
    assert "abc</textarea>" in page
    huge = coach.post(
        month_page(leg_id), data={"progress": "x" * 70_000, "next_step": "y" * 70_000, "draft": "1"}
    )
    assert huge.status_code in (302, 422)
    (draft,) = drafts(stage)
    assert sum(len(str(value)) for value in draft.content.values()) < 60_000


def test_a_month_is_filled_from_its_meetings_until_somebody_writes(
    coach: FlaskClient, stage: Stage, leg_id: int
):
    with stage.database.transaction(1) as session:
        for day, physical in ((4, True), (18, False)):
            form = actions.OccasionForm(
                date(2026, 5, day), 540, "individual", is_physical=physical, minutes=45
            )
            actions.record_occasion(session, leg_id, form, by=stage.town.coach, today=TODAY)
    page = text(coach.get(month_page(leg_id)))
    assert "ifyllda från 2 tillfällen" in page
    assert page.count('value="1:30"') == 2
    assert 'value="0:45"' in page
    coach.post(month_page(leg_id), data={"activity_minutes": "9:00", "draft": "1"})
    page = text(coach.get(month_page(leg_id)))
    assert "ifyllda från" not in page
    assert 'value="9:00"' in page
    assert 'value="1:30"' not in page


def test_a_returned_month_stands_in_the_form(coach: FlaskClient, stage: Stage, leg_id: int):
    report_id = stage.reported(leg_id, APRIL, approved=False)
    with stage.database.transaction(1) as session:
        actions.return_report(session, report_id, "Skriv mer.", by=stage.town.guide, today=TODAY)
    page = text(coach.get(month_page(leg_id, 202604)))
    for said in ('value="24:00"', 'value="21:30"', 'value="12:00"', "Skriv mer."):
        assert said in page, said
    assert ticked(page) == ["guidance", "job_search", "as_planned"]


def test_what_came_back_is_mended_and_not_an_older_draft(coach: FlaskClient, stage: Stage, leg_id: int):
    def saved(day: date, words: str) -> None:
        with stage.database.transaction(1) as session:
            draft = {"progress": words}
            actions.save_draft(session, leg_id, "monthly", 202604, draft, by=stage.town.coach, at=noon(day))

    report_id = stage.reported(leg_id, APRIL, approved=False)
    with stage.database.transaction(1) as session:
        actions.return_report(session, report_id, "Skriv mer.", by=stage.town.guide, today=TODAY)
    saved(date(2026, 6, 2), "Gammalt utkast.")
    page = text(coach.get(month_page(leg_id, 202604)))
    assert "Gammalt utkast." not in page
    assert "Har sökt fem jobb och varit på en intervju.</textarea>" in page
    saved(TODAY, "Nytt utkast.")
    assert "Nytt utkast.</textarea>" in text(coach.get(month_page(leg_id, 202604)))


def test_more_time_than_was_booked_is_told_at_its_field(coach: FlaskClient, stage: Stage, leg_id: int):
    more = FILLED | {"booked_minutes": "20:00", "physical_minutes": "22:00"}
    answer = coach.post(month_page(leg_id), data=more)
    page = text(answer)
    assert answer.status_code == 422
    assert page.count("Tiden kan inte vara längre än den som var inbokad.") == 2
    assert page.count("Tiden på plats kan inte vara längre än all tid.") == 2
    assert 'value="20:00"' in page


# ── plan, event, end ─────────────────────────────────────────────────────────────────────────────


def test_a_plan_is_drafted_sent_read_and_taken_back(coach: FlaskClient, stage: Stage, leg_id: int):
    page = page_of(leg_id, "joint_plan")
    assert "Planen gör ni och personen tillsammans." in text(coach.get(page))
    coach.post(page, data={"goal": "Ett arbete", "draft": "1"})
    assert "Ett arbete</textarea>" in text(coach.get(page))
    assert coach.post(page, data=PLAN).location == f"/provider/participants/{leg_id}"
    assert drafts(stage) == []
    (plan,) = reports(stage)
    assert (plan.kind, plan.state, plan.is_late, plan.via) == ("joint_plan", "submitted", True, "page")
    shown = text(coach.get(page))
    for said in (
        "Rapporten är inskickad",
        "Ett arbete i ett skolkök.",
        "lördag 20 juni",
        "Ta tillbaka rapporten",
    ):
        assert said in shown, said
    assert "<textarea" not in shown
    assert "Gemensam planering" in text(coach.get(f"/provider/participants/{leg_id}"))
    again = coach.post(page, data=PLAN | {"goal": "Får inte försvinna."})
    assert again.status_code == 422
    assert "redan inskickad" in text(again)
    assert "Får inte försvinna." in text(again)
    withdraw = f"/provider/written/{plan.id}/withdraw"
    assert "En ny rapport ska in" in text(coach.get(withdraw))
    assert [coach.post(withdraw).status_code for _ in range(2)] == [302, 409]
    assert "redan tillbakatagen" in text(coach.get(withdraw))
    assert "<textarea" in text(coach.get(page))


def test_each_question_of_a_plan_says_how_to_mend_it(coach: FlaskClient, stage: Stage, leg_id: int):
    wrong = {"met_on": "2026-06-04", "minutes_a_week": "tre", "goal": " ", "next_step_on": "2026-05-01"}
    answer = coach.post(page_of(leg_id, "joint_plan"), data=wrong)
    assert answer.status_code == 422
    page = text(answer)
    for sentence in (
        "Fyll i: Vad vill personen nå?",
        "Fyll i: Vad ska ni göra?",
        "Fyll i: Vad är nästa steg?",
        "Skriv ett helt tal med siffror, till exempel 4.",
    ):
        assert page.count(sentence) == 2, sentence
    assert "Fyll i: Vad behöver anpassas?" not in page
    assert 'value="tre"' in page
    later = text(coach.post(page_of(leg_id, "joint_plan"), data=PLAN | {"met_on": "2026-06-04"}))
    assert later.count("Dagen ska vara från onsdag 1 april till onsdag 3 juni.") == 2
    before = text(coach.post(page_of(leg_id, "joint_plan"), data=PLAN | {"next_step_on": "2026-05-31"}))
    assert before.count("Nästa steg måste ha en dag som inte ligger före planen.") == 2
    assert reports(stage) == []


def test_an_event_is_told_once_and_mended_where_it_stands(coach: FlaskClient, stage: Stage, leg_id: int):
    page = page_of(leg_id, "informative")
    assert coach.post(page, data=EVENT).status_code == 302
    twice = coach.post(page, data=EVENT)
    assert (twice.status_code, "Samma rapport är redan inskickad." in text(twice)) == (422, True)
    (event,) = reports(stage)
    with stage.database.transaction(1) as session:
        actions.return_written(session, event.id, "Hos vem?", by=stage.town.guide, today=TODAY)
    here = f"{page}?n={event.id}"
    shown = text(coach.get(here))
    assert "Hos vem?" in shown
    assert "Har fått en provdag.</textarea>" in shown
    assert coach.post(here, data=EVENT | {"what": "Halv", "draft": "1"}).location == here
    assert "Halv</textarea>" in text(coach.get(here))
    assert "Halv</textarea>" not in text(coach.get(page))
    assert coach.post(here, data=EVENT | {"what": "Provdag hos ett bageri."}).status_code == 302
    (mended,) = reports(stage)
    assert (mended.id, mended.state, mended.content["what"]) == (
        event.id,
        "submitted",
        "Provdag hos ett bageri.",
    )


def test_a_final_report_is_written_when_the_service_is_over(coach: FlaskClient, stage: Stage, leg_id: int):
    page = page_of(leg_id, "final")
    early = text(coach.get(page))
    assert "Slutrapporten skrivs när insatsen är slut." in early
    assert "<textarea" not in early
    final = {"ended_on": "2026-06-02", "done": "Sökt.", "reached": "Arbete.", "remains": "Inget."}
    refused = coach.post(page, data=final)
    assert (refused.status_code, "Sökt." in text(refused)) == (422, True)
    with stage.database.transaction(1) as session:
        day = date(2026, 6, 2)
        actions.end_service(session, leg_id, day, "moved", by=stage.town.coach, today=TODAY)
    assert 'value="2026-06-02"' in text(coach.get(page))
    wrong = text(coach.post(page, data=final | {"ended_on": "2026-06-01"}))
    assert wrong.count("Sista dagen är registrerad som tisdag 2 juni.") == 2
    assert coach.post(page, data=final).status_code == 302
    (told,) = reports(stage)
    assert (told.due_on, told.is_late) == (date(2026, 6, 16), False)


def test_a_kind_or_a_number_that_is_not_there_is_not_found(coach: FlaskClient, stage: Stage, leg_id: int):
    other = stage.started("Birgitta Testgren", day=date(2026, 5, 4))
    coach.post(page_of(other, "informative"), data=EVENT)
    (theirs,) = reports(stage)
    for address in (
        page_of(leg_id, "monthly"),
        page_of(leg_id, "slutrapport"),
        f"{page_of(leg_id, 'informative')}?n={theirs.id}",
        f"{page_of(leg_id, 'informative')}?n={2**70}",
        f"{page_of(other, 'final')}?n={theirs.id}",
        "/provider/written/4/withdraw",
        f"/provider/written/{2**70}/withdraw",
    ):
        assert coach.get(address).status_code == 404, address
        assert coach.post(address, data=EVENT).status_code == 404, address


def test_another_providers_people_are_not_there(app: Flask, stage: Stage, leg_id: int):
    coach = stage.client(app, "handledare")
    coach.post(page_of(leg_id, "joint_plan"), data=PLAN)
    coach.post(page_of(leg_id, "informative"), data={"what": "Vårt", "draft": "1"})
    (plan,) = reports(stage)
    other = stage.client(app, "handledare2")
    for kind in ("joint_plan", "informative", "final"):
        for data in (PLAN, {"goal": "x", "draft": "1"}, {"forget": "1"}):
            assert other.get(page_of(leg_id, kind)).status_code == 404
            assert other.post(page_of(leg_id, kind), data=data).status_code == 404
    assert other.post(month_page(leg_id), data={"progress": "x", "draft": "1"}).status_code == 404
    for method in ("GET", "POST"):
        assert other.open(f"/provider/written/{plan.id}/withdraw", method=method).status_code == 404
    (kept,) = reports(stage)
    assert kept.state == "submitted"
    (draft,) = drafts(stage)
    assert draft.content["what"] == "Vårt"


def test_a_protected_persons_reports_are_for_the_named_coach(app: Flask, stage: Stage):
    leg_id = stage.started("Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=date(2026, 4, 9))
    coach = stage.client(app, "handledare")
    assert coach.post(page_of(leg_id, "informative"), data=EVENT).status_code == 302
    (event,) = reports(stage)
    before = events(stage, "participant.read")
    assert coach.get(f"{page_of(leg_id, 'informative')}?n={event.id}").status_code == 200
    assert coach.get(f"/provider/written/{event.id}/withdraw").status_code == 200
    assert events(stage, "participant.read") == before + 2
    with stage.database.transaction(1) as session:
        actions.name_coach(session, leg_id, stage.town.manager.account_id, by=stage.town.manager)
    for address in (
        page_of(leg_id, "informative"),
        f"/provider/written/{event.id}/withdraw",
        month_page(leg_id),
    ):
        assert coach.get(address).status_code == 404
    assert events(stage, "participant.read_refused") >= 3


def test_the_month_of_may_is_still_asked_for(coach: FlaskClient, leg_id: int):
    page = text(coach.get(f"/provider/participants/{leg_id}"))
    assert "Skriv den gemensamma planeringen" in page
    assert "Skriv slutrapporten" not in page
    assert MAY.strftime("%Y%m") in page

"""An application under review: the list, the page, jäv, judgements, questions back, evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.demo import people
from core import dates
from core.audit import AuditEntry
from core.database import fetch
from core.rulebooks import Rulebook
from providers import actions
from providers.models import Judgement, Reviewer, Supplement
from tests.casework.review_stage import (
    TODAY,
    applied,
    apply,
    found,
    judge,
    other,
    proposed,
    secretary,
)

__all__ = ["applied", "other", "proposed", "secretary"]


# ── the list ──────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_what_is_due_and_how_far_the_review_has_come(inspector, applied, database):
    page = inspector.get("/casework/applications").text
    assert "Nya Vägar" in page
    assert (found(database, applied).diary_number or "?") in page
    assert f"0 av {len(applied.codes)} villkor" in page
    assert "0 av 2 granskare" in page
    assert f'href="{applied.address}"' in page
    assert "Försenat" not in page


def test_an_application_past_its_day_is_marked(sign_in, inspector, database, town, settings):
    late = apply(database, town, settings, TODAY - timedelta(days=91))
    page = inspector.get("/casework/applications").text
    assert "Försenat" in page
    assert "Försenat" in inspector.get(late.address).text


def test_the_list_filters_by_state_and_says_when_it_is_empty(inspector, applied):
    assert "Nya Vägar" in inspector.get("/casework/applications?state=submitted").text
    for state in ("under_review", "refused"):
        assert "Ingen ansökan här just nu" in inspector.get(f"/casework/applications?state={state}").text
    assert "Nya Vägar" in inspector.get("/casework/applications?state=nonsense").text
    assert "Nya Vägar" in inspector.get("/casework/applications?state=draft").text


def test_a_guide_reads_the_list_and_opens_nothing(guide, applied):
    page = guide.get("/casework/applications").text
    assert "Nya Vägar" in page
    assert applied.address not in page
    assert guide.get(applied.address).status_code == 403


def test_a_draft_is_the_applicants_own(inspector, database, town, applied):
    with database.transaction(1) as session:
        rulebook = fetch(session, Rulebook, 1, town.rulebook_id)
        provider = actions.register_provider(
            session, actions.ProviderForm("Snart Klar", "429904-2434", "private"), (), by=town.inspector
        )
        draft = actions.start_application(session, provider, rulebook, "matching", by=town.inspector)
    assert inspector.get(f"/casework/applications/{draft.id}").status_code == 404
    assert "Snart Klar" not in inspector.get("/casework/applications").text
    assert "Snart Klar" not in inspector.get("/casework/register").text


def test_the_register_leads_to_the_application(inspector, sign_in, applied):
    assert f'href="{applied.address}"' in inspector.get("/casework/register").text
    assert applied.address not in sign_in("admin").get("/casework/register").text


# ── one application ───────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_who_applies_and_every_condition_with_what_is_shown(inspector, applied):
    page = inspector.get(applied.address).text
    for words in ("429904-2426", "Prov Kontakt", "Provgatan 1", "Ansvarsförsäkring", "påhittat underlag"):
        assert words in page
    assert f"/casework/evidence/{applied.evidence_id}" in page
    assert "Ta upp till granskning" in page
    assert "En ansökan om auktorisation lämnades." in page


def test_the_secretary_reads_but_does_not_review(secretary, inspector, applied):
    page = secretary.get(applied.address).text
    assert "Ansvarsförsäkring" in page
    assert "Ta upp till granskning" not in page
    for path in ("take-up", "supplement", "propose", "conditions/f_tax"):
        assert secretary.post(f"{applied.address}/{path}").status_code == 403


@pytest.mark.parametrize("path", ["", "/declare", "/conditions/f_tax", "/supplement", "/propose", "/decide"])
def test_what_is_not_there_is_not_there(inspector, path):
    assert inspector.get(f"/casework/applications/4711{path}").status_code == 404
    assert inspector.get("/casework/evidence/4711").status_code == 404
    assert inspector.get("/casework/decisions/4711").status_code == 404


# ── jäv ───────────────────────────────────────────────────────────────────────────────────────────


def test_jav_is_answered_before_anything_is_judged(inspector, applied, database):
    inspector.post(f"{applied.address}/take-up")
    answer = inspector.get(f"{applied.address}/conditions/f_tax")
    assert answer.location.endswith("/declare")
    answer = inspector.post(
        f"{applied.address}/conditions/f_tax", data={"verdict": "met", "control": "visit"}
    )
    assert answer.location.endswith("/declare")
    answer = inspector.post(f"{applied.address}/declare", data={})
    assert answer.status_code == 422
    assert "Svara på frågan om jäv." in answer.text
    with database.reading() as session:
        assert session.scalars(select(Judgement).where(Judgement.accreditation_id == applied.id)).all() == []


def test_a_conflict_shuts_out_with_a_page_that_says_so(inspector, other, applied, database):
    inspector.post(f"{applied.address}/take-up")
    inspector.post(f"{applied.address}/declare", data={"conflict": "yes"})
    for path in ("", "/conditions/f_tax", "/supplement", "/propose", "/decide", "/declare"):
        answer = inspector.get(applied.address + path)
        assert answer.status_code == 403
        assert "Du är jävig i ärendet" in answer.text
        assert "Prov Kontakt" not in answer.text
    assert inspector.get(f"/casework/evidence/{applied.evidence_id}").status_code == 403
    assert inspector.post(f"{applied.address}/reopen").status_code == 403
    assert "Du är jävig" in inspector.get("/casework/applications").text
    assert "har anmält jäv" in other.get(applied.address).text


def test_the_same_person_is_not_two_reviewers(inspector, applied, database, town):
    inspector.post(f"{applied.address}/take-up")
    judge(inspector, applied)
    again = inspector.post(f"{applied.address}/declare", data={"conflict": "no"})
    assert again.status_code == 422
    assert "Du har redan svarat på frågan om jäv." in again.text
    for code in applied.codes:  # a second round by the same person is still one person's
        data = {"verdict": "met", "control": "visit", "note": ""}
        inspector.post(f"{applied.address}/conditions/{code}", data=data)
    page = inspector.get(applied.address).text
    assert f"0 av {len(applied.codes)} villkor är granskade av 2 personer." in page
    answer = inspector.post(f"{applied.address}/propose", data={"kind": "accredit", "words": "Klart."})
    assert answer.status_code == 422
    assert f"{len(applied.codes)} villkor är inte granskade av 2 personer än." in answer.text
    with database.reading() as session:
        assert (
            len(session.scalars(select(Reviewer).where(Reviewer.accreditation_id == applied.id)).all()) == 1
        )


# ── a judgement ───────────────────────────────────────────────────────────────────────────────────


def test_the_control_of_the_rulebook_is_chosen_from_the_start(inspector, applied):
    inspector.post(f"{applied.address}/take-up")
    inspector.post(f"{applied.address}/declare", data={"conflict": "no"})
    page = inspector.get(f"{applied.address}/conditions/premises").text
    visit = next(line for line in page.splitlines() if 'value="visit"' in line)
    assert "checked" in visit
    assert "villkor 5 av 8" in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"control": "visit", "note": "Jag var där."}, "Välj vad du kom fram till."),
        ({"verdict": "fine", "control": "visit", "note": "Jag var där."}, "Välj vad du kom fram till."),
        ({"verdict": "met", "control": "guess", "note": "Jag var där."}, "Välj hur du kontrollerade."),
        ({"verdict": "not_met", "control": "visit", "note": "  "}, "Skriv varför villkoret inte är uppfyllt"),
        ({"verdict": "met", "control": "visit", "note": "x" * 5_001}, "5000"),
    ],
)
def test_half_a_judgement_is_none_and_loses_nothing(inspector, applied, database, data, sentence):
    inspector.post(f"{applied.address}/take-up")
    inspector.post(f"{applied.address}/declare", data={"conflict": "no"})
    answer = inspector.post(f"{applied.address}/conditions/premises", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert data["note"].strip() in answer.text
    with database.reading() as session:
        assert session.scalars(select(Judgement).where(Judgement.accreditation_id == applied.id)).all() == []


def test_a_colleagues_finding_is_shown_when_one_has_made_up_ones_own_mind(inspector, other, applied):
    inspector.post(f"{applied.address}/take-up")
    judge(inspector, applied, "unclear", "Brevet är oläsligt.")
    other.post(f"{applied.address}/declare", data={"conflict": "no"})
    assert "Brevet är oläsligt." not in other.get(applied.address).text
    assert "Brevet är oläsligt." not in other.get(f"{applied.address}/conditions/insurance").text
    data = {"verdict": "met", "control": "document", "note": "Jag kunde läsa det."}
    other.post(f"{applied.address}/conditions/insurance", data=data)
    page = other.get(applied.address).text
    assert page.count("Brevet är oläsligt.") == 1
    assert "Signe Testlind" in page
    assert "Ismail Provdal" in page


def test_new_evidence_asks_for_a_new_judgement(inspector, applied, database, town):
    inspector.post(f"{applied.address}/take-up")
    judge(inspector, applied)
    inspector.post(
        f"{applied.address}/supplement",
        data={"wanted": "Visa lokalerna.", "due_on": (TODAY + timedelta(days=7)).isoformat()},
    )
    with database.transaction(1) as session:
        form, later = actions.EvidenceForm(statement="Nu finns en ramp."), dates.noon(TODAY + timedelta(1))
        actions.add_evidence(session, applied.id, "premises", form, by=town.inspector, at=later)
        actions.answer_supplement(session, applied.id, "Se beskrivningen.", by=town.inspector, today=TODAY)
    inspector.post(f"{applied.address}/take-up")
    page = inspector.get(applied.address).text
    assert page.count("Nytt underlag har kommit sedan dess") == 1
    assert "Nu finns en ramp." in page
    assert "Visa 1 äldre underlag" in page
    assert "Du har 1 villkor kvar att granska." in page
    assert "Nytt underlag har kommit" in inspector.get(f"{applied.address}/conditions/premises").text


def test_nothing_is_judged_outside_a_review(inspector, applied):
    page = inspector.get(f"{applied.address}/conditions/f_tax")
    assert "Ansökan granskas inte just nu" in page.text
    data = {"verdict": "met", "control": "register", "note": ""}
    answer = inspector.post(f"{applied.address}/conditions/f_tax", data=data)
    assert answer.status_code == 422
    assert inspector.get(f"{applied.address}/conditions/charm").status_code == 404


# ── a question back ───────────────────────────────────────────────────────────────────────────────


def test_a_question_goes_back_with_the_rulebooks_deadline(inspector, applied, database):
    page = inspector.get(f"{applied.address}/supplement").text
    assert (TODAY + timedelta(days=14)).isoformat() in page
    data = {"wanted": "Visa försäkringsbrevet.", "due_on": (TODAY + timedelta(days=14)).isoformat()}
    assert inspector.post(f"{applied.address}/supplement", data=data).status_code == 302
    assert found(database, applied).state == "supplement_requested"
    page = inspector.get(applied.address).text
    assert "Anordnaren ska svara på frågan" in page
    assert "Ta upp till granskning" not in page
    assert "Visa försäkringsbrevet." in page
    again = inspector.post(f"{applied.address}/supplement", data=data)
    assert again.status_code == 422
    assert "Det går inte att fråga just nu" in again.text


@pytest.mark.parametrize(
    ("wanted", "days", "sentence"),
    [
        ("Visa mer.", 0, "Sista dagen måste vara efter i dag."),
        ("Visa mer.", -1, "Sista dagen måste vara efter i dag."),
        ("Visa mer.", 4_000, "Sista dagen får vara högst ett år fram."),
        ("  ", 7, "Skriv vad som ska kompletteras."),
        ("Visa mer.", None, "Skriv en dag, till exempel 2026-11-27."),
    ],
)
def test_a_question_without_a_sensible_deadline_is_refused(
    inspector, applied, database, wanted, days, sentence
):
    due_on = "snart" if days is None else (TODAY + timedelta(days=days)).isoformat()
    answer = inspector.post(f"{applied.address}/supplement", data={"wanted": wanted, "due_on": due_on})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert wanted.strip() in answer.text
    assert due_on in answer.text
    with database.reading() as session:
        assert (
            session.scalars(select(Supplement).where(Supplement.accreditation_id == applied.id)).all() == []
        )


def test_an_answer_that_did_not_come_lets_the_review_go_on(inspector, database, town, settings):
    asked_on = TODAY - timedelta(days=30)
    late = apply(database, town, settings, asked_on)
    with database.transaction(1) as session:
        actions.request_supplement(
            session, late.id, "Visa mer.", asked_on + timedelta(days=14), by=town.inspector, today=asked_on
        )
    page = inspector.get(late.address).text
    assert "Svaret har inte kommit" in page
    assert "Försenat" in inspector.get("/casework/applications").text
    assert inspector.post(f"{late.address}/take-up").status_code == 302
    assert found(database, late).state == "under_review"
    assert "Obesvarad" in inspector.get(late.address).text


# ── evidence ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("user_name", ["granskare", "sekreterare"])
def test_staff_download_evidence_and_each_reading_is_noted(sign_in, applied, database, user_name):
    client = sign_in(user_name)
    answer = client.get(f"/casework/evidence/{applied.evidence_id}")
    assert answer.data == people.PAPER
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "evidence.read")).one()
    assert entry.subject_id == applied.evidence_id
    assert "Ett underlag i ansökan öppnades." in client.get(applied.address).text


@pytest.mark.parametrize("user_name", ["vagledare", "ekonom", "handledare", "sokande", "admin", "ordforande"])
def test_nobody_else_downloads_evidence(sign_in, applied, user_name):
    assert sign_in(user_name).get(f"/casework/evidence/{applied.evidence_id}").status_code == 403


def test_a_lost_file_is_a_sentence(inspector, applied, settings):
    for file in (settings.instance / "evidence").rglob("*"):
        if file.is_file():
            file.unlink()
    answer = inspector.get(f"/casework/evidence/{applied.evidence_id}")
    assert answer.status_code == 409
    assert "Filen går inte att öppna just nu." in answer.text


def test_the_page_is_in_english_too(inspector, applied):
    inspector.get("/language/en")
    page = inspector.get(applied.address).text
    assert "Liability insurance" in page

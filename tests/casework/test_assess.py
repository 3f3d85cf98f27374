"""A guide assesses, decides and prints the letter: the pages, what they refuse, and who they are for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.demo.people import JOBBPENG
from app.rulebooks import bring_in
from core import dates, identity
from core.actor import Actor
from core.audit import AuditEntry
from core.database import Database
from tests.casework.conftest import SECRET, Secret
from tests.support.town import Town
from tests.vouchers.test_assessing import ANSWERS
from vouchers.models import Assessment, Letter, Voucher

INTRODUCTION = JOBBPENG.parents[1] / "introduktion" / "2026-06-01.toml"


def answers(**changes: Any) -> dict[str, Any]:
    """The first page as filled in today, all of it at the step near."""
    said = {f"answer-{code}": step for code, step in ANSWERS.items()}
    told = {"met_on": dates.today().isoformat(), "state_check": "none_fits", "state_check_note": "Prövat."}
    return {**said, **told, **changes}


def address(town: Town) -> str:
    return f"/casework/people/{town.other_participant_id}/assess"


def kept(database: Database) -> list[Assessment]:
    with database.reading() as session:
        return list(session.scalars(select(Assessment).order_by(Assessment.id)))


def assess(guide: FlaskClient, town: Town, **changes: Any) -> str:
    """Both pages; gives the address of what was kept."""
    finding = {"finding": "matching:basic", "step": "keep"}
    answer = guide.post(address(town), data=answers(**{**finding, **changes}))
    assert answer.status_code == 302, answer.text
    return str(answer.location)


# ── the assessment ───────────────────────────────────────────────────────────────────────────────


def test_the_questions_are_the_rulebooks_in_both_languages(guide: FlaskClient, town: Town):
    page = guide.get(address(town)).text
    for words in (
        "Erfarenhet av arbete",
        "Vardag och hälsa",
        "Statens egna insatser",
        "Behöver mycket hjälp",
    ):
        assert words in page
    guide.get("/language/en")
    assert "Experience of work" in guide.get(address(town)).text


def test_the_answers_speak_for_something_and_the_page_says_why(guide: FlaskClient, database, town: Town):
    before = len(kept(database))
    page = guide.post(address(town), data=answers(step="look"))
    assert page.status_code == 200
    assert "Förslag: Matchande insats, grund" in page.text
    assert "Allt tillsammans är 66 av 100. För Matchande insats, grund behövs 65. Det räcker." in page.text
    assert len(kept(database)) == before


def test_every_lacking_answer_is_named_and_nothing_is_lost(guide: FlaskClient, town: Town):
    page = guide.post(address(town), data={"met_on": "snart", "answer-goal": "near", "step": "look"})
    assert page.status_code == 422
    assert page.text.count("Välj ett av stegen.") >= 7
    assert "Skriv en dag" in page.text
    assert "Ange hur ni har prövat statens egna insatser." in page.text
    goal = next(
        tag for tag in re.findall("<input[^>]*>", page.text) if 'name="answer-goal"' in tag and "near" in tag
    )
    assert "checked" in goal


@pytest.mark.parametrize(
    ("days", "says"), [(1, "Mötet kan inte ligga framåt i tiden."), (-61, "Mötet var för länge sedan.")]
)
def test_a_meeting_to_come_or_long_ago_is_refused_at_its_field(
    guide: FlaskClient, town: Town, days: int, says: str
):
    met_on = (dates.today() + timedelta(days=days)).isoformat()
    page = guide.post(address(town), data=answers(met_on=met_on, step="look"))
    assert page.status_code == 422
    assert says in page.text


def test_the_guide_decides_and_says_why_when_differing(guide: FlaskClient, database: Database, town: Town):
    before = len(kept(database))
    refused = guide.post(address(town), data=answers(finding="matching:enhanced", step="keep"))
    assert refused.status_code == 422
    assert "Du har kommit fram till något annat än förslaget. Skriv varför." in refused.text
    nothing = guide.post(address(town), data=answers(step="keep"))
    assert "Välj vad du har kommit fram till." in nothing.text
    assert len(kept(database)) == before
    page = guide.get(assess(guide, town, finding="matching:enhanced", reasons="Tätare i början.")).text
    assert "Tätare i början." in page
    assert "Matchande insats, förstärkt" in page
    assert kept(database)[-1].level == "enhanced"


def test_answers_can_be_changed_before_they_are_kept(guide: FlaskClient, town: Town):
    page = guide.post(address(town), data=answers(step="change", finding="matching:basic")).text
    assert "Se vad svaren talar för" in page
    assert "Prövat." in page


def test_a_second_assessment_stands_beside_the_first(guide: FlaskClient, town: Town):
    week = (dates.today() - timedelta(days=7)).isoformat()
    assess(guide, town, met_on=week, **{"answer-goal": "some"}, finding="matching:enhanced")
    again = guide.get(address(town)).text
    assert "Förra gången" in again
    page = guide.get(assess(guide, town, **{"answer-apply": "some"}, finding="matching:enhanced")).text
    assert "Kortare väg" in page
    assert "Längre väg" in page
    assert "Oförändrat" in page
    assert "Ingen insats beslutades däremellan." in page


def test_what_was_done_between_two_assessments_is_shown(guide: FlaskClient, town: Town):
    path = f"/casework/people/{town.participant_id}/assess"
    answer = guide.post(path, data=answers(finding="matching:basic", step="keep"))
    page = guide.get(answer.location).text
    assert "Däremellan:" in page
    assert f"/casework/cases/{town.voucher_id}" in page


def test_nobody_else_opens_what_was_found_of_a_protected_person(
    guide: FlaskClient, database: Database, secret: Secret
):
    with database.reading() as session:
        theirs = session.scalars(
            select(Assessment.id).where(Assessment.participant_id == secret.participant_id)
        ).one()
    for path in (
        f"/casework/people/{secret.participant_id}/assess",
        f"/casework/assessments/{theirs}",
        f"/casework/cases/{secret.voucher_id}/letter",
    ):
        answer = guide.get(path)
        assert answer.status_code == 403, path
        assert SECRET not in answer.text
    answer = guide.post(f"/casework/people/{secret.participant_id}/assess", data=answers(step="keep"))
    assert answer.status_code == 403


def test_only_guides_assess(sign_in: Callable[[str], FlaskClient], town: Town):
    for user_name in ("granskare", "sekreterare", "admin", "handledare", "sokande", "ekonom"):
        assert sign_in(user_name).get(address(town)).status_code == 403


# ── the decision ─────────────────────────────────────────────────────────────────────────────────


def decision(town: Town, **changes: Any) -> dict[str, Any]:
    told = {
        "service": f"{town.rulebook_id}:matching:basic", "months": "9", "reasons": "Bedömt vid möte.",
        "target_group": "young", "studies": "sfi", "step": "decide",
    }  # fmt: skip
    return {**told, **changes}


def test_without_an_assessment_the_page_leads_to_one(guide: FlaskClient, database: Database, town: Town):
    path = f"/casework/people/{town.other_participant_id}/decide"
    page = guide.get(path).text
    assert "Gör en bedömning först." in page
    assert f'href="{address(town)}"' in page
    refused = guide.post(path, data=decision(town))
    assert refused.status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Voucher.participant_id)).all() == [town.participant_id]


def test_a_decision_is_filled_in_from_the_assessment_and_rests_on_it(
    guide: FlaskClient, database: Database, town: Town
):
    assess(guide, town)
    made = kept(database)[-1].id
    path = f"/casework/people/{town.other_participant_id}/decide"
    page = guide.get(f"{path}?assessment={made}").text
    chosen = next(
        tag for tag in re.findall("<input[^>]*>", page) if f'value="{town.rulebook_id}:matching:basic"' in tag
    )
    assert "checked" in chosen
    look = guide.post(path, data=decision(town, step=""))
    for words in (
        "Kontrollera beslutet",
        "18 till 24 år",
        "Svenska för invandrare (sfi)",
        "Ingen av statens insatser",
    ):
        assert words in look.text
    answer = guide.post(path, data=decision(town))
    with database.reading() as session:
        voucher = session.scalars(select(Voucher).order_by(Voucher.id.desc())).first()
    assert voucher is not None
    assert (voucher.assessment_id, voucher.target_group, voucher.studies) == (made, "young", "sfi")
    assert answer.location.endswith(f"/casework/cases/{voucher.id}/letter")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"target_group": ""}, "Ange vilken målgrupp personen hör till."),
        ({"target_group": "retired"}, "Ange vilken målgrupp personen hör till."),
        ({"studies": "university"}, "Ange om personen studerar samtidigt."),
        ({"months": "13"}, "1 till 12 månader"),
    ],
)
def test_a_decision_that_lacks_something_says_what(
    guide: FlaskClient, database: Database, town: Town, changes: dict[str, str], says: str
):
    assess(guide, town)
    answer = guide.post(
        f"/casework/people/{town.other_participant_id}/decide", data=decision(town, **changes)
    )
    assert answer.status_code == 422
    assert says in answer.text
    assert "Bedömt vid möte." in answer.text


def test_what_runs_and_what_can_stand_beside_it_is_said(guide: FlaskClient, database: Database, town: Town):
    with database.transaction(town.municipality_id) as session:
        bring_in(session, INTRODUCTION, by=Actor.operator(town.municipality_id), today=dates.today())
    path = f"/casework/people/{town.participant_id}"
    closed = guide.get(f"{path}/decide").text
    assert "Personen har redan en pågående insats" in closed
    found = guide.get(f"{path}/assess").text
    book = re.search(r"assess\?book=(\d+)\"[^>]*>Introduktion", found)
    assert book is not None
    told = answers(finding="introduction:single", step="keep")
    assert guide.post(f"{path}/assess?book={book[1]}", data=told).status_code == 302
    page = guide.get(f"{path}/decide").text
    assert "Det som går att förena med den är öppet här nedanför." in page
    wanted = decision(town, service=f"{book[1]}:introduction:single", months="6", target_group="weak_swedish")
    look = guide.post(f"{path}/decide", data={**wanted, "step": ""}).text
    assert "Pågår redan" in look
    assert guide.post(f"{path}/decide", data=wanted).status_code == 302


# ── the letter ───────────────────────────────────────────────────────────────────────────────────


def letter(guide: FlaskClient, database: Database, voucher_id: int) -> str:
    """A press that makes a letter; gives its code."""
    assert guide.post(f"/casework/cases/{voucher_id}/letter").status_code == 302
    with database.reading() as session:
        made = session.scalars(
            select(Letter).where(Letter.locked_at.is_(None), Letter.voucher_id == voucher_id)
        ).one()
        return identity.vault(session).open(made.code_sealed)


def test_a_letter_says_what_how_until_when_and_how_to_appeal(
    guide: FlaskClient, database: Database, town: Town
):
    path = f"/casework/cases/{town.voucher_id}/letter"
    assert "Gör brevet" in guide.get(path).text
    code = letter(guide, database, town.voucher_id)
    page = guide.get(path).text
    for words in (
        code, "Samira Testgren", "Provgatan 7", "Matchande insats, grund", "12 månader", "Du kan byta",
        "Om du inte väljer", "laglighetsprövning", "Maja Exempeldal", "vagledare@example.org",
        "version 2016-04-01",
    ):  # fmt: skip
        assert words in page, words
    assert "<svg" in page
    assert (
        "kr"
        not in re.sub("<[^>]*>", " ", page.split('<article class="letter"')[1].split("</article>")[0]).split()
    )
    assert "Du får välja vem som ska hjälpa dig" not in guide.get(f"{path}?in=en").text
    assert 'lang="en"' in guide.get(f"{path}?in=en").text.split("<article")[1][:80]


def test_a_new_letter_takes_the_code_of_the_one_before(guide: FlaskClient, database: Database, town: Town):
    codes = [letter(guide, database, town.voucher_id) for _ in range(2)]
    page = guide.get(f"/casework/cases/{town.voucher_id}/letter").text
    assert codes[1] in page
    assert codes[0] not in page


def test_a_protected_persons_letter_has_no_address_and_is_handed_over(
    sign_in: Callable[[str], FlaskClient], database: Database, secret: Secret
):
    own = sign_in("vagledare2")
    letter(own, database, secret.voucher_id)
    page = own.get(f"/casework/cases/{secret.voucher_id}/letter").text
    assert "Lämnas över för hand" in page
    assert "Hemligatan" not in page
    assert "nära dig" not in page


def test_a_code_opens_the_case_with_the_person_present(guide: FlaskClient, database: Database, town: Town):
    code = letter(guide, database, town.voucher_id)
    answer = guide.post("/casework/letters", data={"code": code.lower().replace("-", " ")})
    assert answer.location.endswith(f"/casework/cases/{town.voucher_id}/choose")
    wrong = guide.post("/casework/letters", data={"code": "0000-0000-0000-0000"})
    assert wrong.status_code == 422
    assert "Vi hittar inget brev med den koden." in wrong.text
    assert 'value="0000-0000-0000-0000"' in wrong.text
    empty = guide.post("/casework/letters", data={"code": " "})
    assert "Skriv koden som står i brevet." in empty.text


def test_somebody_elses_protected_letter_is_no_letter_and_that_is_noted(
    guide: FlaskClient, sign_in: Callable[[str], FlaskClient], database: Database, secret: Secret
):
    code = letter(sign_in("vagledare2"), database, secret.voucher_id)
    answer = guide.post("/casework/letters", data={"code": code})
    assert answer.status_code == 422
    assert "Vi hittar inget brev med den koden." in answer.text
    assert SECRET not in answer.text
    with database.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.what == "participant.read_refused")).all()
    assert [entry.subject_id for entry in noted] == [secret.participant_id]

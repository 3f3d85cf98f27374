"""Staff note what sources say, ask employers by a link, decide past the sources, and see when that ends."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.demo.people import organisation_number
from core import dates
from core.database import Database
from core.identity import Protection
from providers import actions as registry
from tests.support.papers import PDF, PROGRAM
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Check, EmployerQuestion, Leg, Outcome, OutcomeEvidence, Override, Verification

EMPLOYER = organisation_number(7001)


def worked(database: Database, town: Town, number: str = EMPLOYER, name: str = "Provbageriet") -> int:
    """A check that is due, of work claimed today. Gives its id."""
    today = dates.today()
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        begins = today - timedelta(days=3)
        form = actions.OutcomeForm("work", begins, begins, 100, employer_number=number, employer_name=name)
        actions.claim_outcome(session, leg_id, form, by=town.coach, today=today)
        return session.scalars(select(Check.id)).one()


@pytest.fixture
def check_id(database: Database, town: Town) -> int:
    return worked(database, town)


def test_a_look_keeps_what_a_source_said_with_its_file(guide: FlaskClient, database: Database, check_id: int):
    data = {"source": "payslip", "found": "supports", "note": "Ser äkta ut.",
            "file": (BytesIO(PDF), "lön.pdf")}  # fmt: skip
    assert guide.post(f"/casework/checks/{check_id}/look", data=data).location.endswith(f"/checks/{check_id}")
    with database.reading() as session:
        look = session.scalars(select(Verification)).one()
        shown = session.scalars(select(OutcomeEvidence)).one()
    assert (look.source, look.found, look.note, look.evidence_id) == (
        "payslip", "supports", "Ser äkta ut.", shown.id,
    )  # fmt: skip
    page = guide.get(f"/casework/checks/{check_id}").text
    assert "Stöder resultatet" in page
    assert "lön.pdf" in page
    file = guide.get(f"/casework/outcome-evidence/{shown.id}")
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert guide.get(f"/casework/outcome-evidence/{shown.id + 1}").status_code == 404


def test_half_a_look_loses_nothing_not_even_the_file(guide: FlaskClient, database: Database, check_id: int):
    address = f"/casework/checks/{check_id}/look"
    data = {"source": "payslip", "note": "Ser äkta ut.", "file": (BytesIO(PDF), "lön.pdf")}
    answer = guide.post(address, data=data)
    assert answer.status_code == 422
    for said in ("Välj vad underlaget sade.", "Ser äkta ut.", "lön.pdf är mottagen."):
        assert said in answer.text
    kept = answer.text.split('name="kept" type="hidden" value="')[1].split('"')[0]
    again = {"source": "payslip", "found": "contradicts", "note": "Ser äkta ut.", "kept": kept}
    assert guide.post(address, data=again).status_code == 302
    with database.reading() as session:
        assert session.scalars(select(OutcomeEvidence.file_name)).one() == "lön.pdf"


def test_a_file_that_is_none_is_refused_with_a_sentence(guide: FlaskClient, check_id: int):
    data = {"source": "payslip", "found": "supports", "file": (BytesIO(PROGRAM), "lön.pdf")}
    answer = guide.post(f"/casework/checks/{check_id}/look", data=data)
    assert answer.status_code == 422
    assert "Filen är inte en PDF, PNG eller JPEG." in answer.text


def test_a_yes_against_a_source_is_refused_and_says_what_to_do(
    guide: FlaskClient, database: Database, check_id: int
):
    guide.post(f"/casework/checks/{check_id}/look", data={"source": "payslip", "found": "contradicts"})
    answer = guide.post(f"/casework/checks/{check_id}", data={"answer": "pass", "source": "payslip"})
    assert answer.status_code == 422
    assert "Ett underlag säger emot resultatet." in answer.text
    assert f"/casework/checks/{check_id}/override" in answer.text
    with database.reading() as session:
        assert session.scalars(select(Check.state)).one() == "due"


def test_a_job_at_the_provider_is_said_before_anybody_judges(
    guide: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        registry.declare_affiliate(
            session, "Provgruppen", organisation_number(7002), by=town.manager, today=dates.today()
        )
    check_id = worked(database, town, organisation_number(7002))
    page = guide.get(f"/casework/checks/{check_id}").text
    assert "Arbetsgivaren hör till anordnarens grupp" in page
    assert f"/casework/checks/{check_id}/employer" not in page
    data = {"answer": "pass", "source": "payslip"}
    answer = guide.post(f"/casework/checks/{check_id}", data=data)
    assert "Skriv varför det ändå godkänns." in answer.text
    data["related_reasons"] = "Eget schema, egen chef."
    assert guide.post(f"/casework/checks/{check_id}", data=data).status_code == 302
    with database.reading() as session:
        assert session.scalars(select(Outcome.related_reasons)).one() == "Eget schema, egen chef."


# ── the employer ─────────────────────────────────────────────────────────────────────────────────


def test_a_link_is_made_when_the_person_knows(guide: FlaskClient, database: Database, check_id: int):
    address = f"/casework/checks/{check_id}/employer"
    assert "Provbageriet" in guide.get(address).text
    data = {"employer": "Provbageriet", "email": "chef@example.org"}
    answer = guide.post(address, data=data)
    assert answer.status_code == 422
    assert "Berätta för personen först" in answer.text
    assert "chef@example.org" in answer.text
    assert guide.post(address, data={**data, "informed": "y"}).location.endswith(address)
    page = guide.get(address).text
    link = page.split("/employer/")[-1].split("<")[0].strip()
    assert guide.get(f"/employer/{link}").status_code == 200
    with database.reading() as session:
        question = session.scalars(select(EmployerQuestion)).one()
    assert (question.email, question.answered_at) == ("chef@example.org", None)


def test_an_employers_answer_is_shown_to_staff(guide: FlaskClient, database: Database, town: Town, check_id):
    data = {"employer": "Provbageriet", "email": "chef@example.org", "informed": "y"}
    guide.post(f"/casework/checks/{check_id}/employer", data=data)
    page = guide.get(f"/casework/checks/{check_id}/employer").text
    code = page.split("/employer/")[-1].split("<")[0].strip()
    answer = {"answer": "denied", "answered_as": "Anna Provsson, chef", "words": "Hon slutade i fredags."}
    assert guide.post(f"/employer/{code}", data=answer).status_code == 302
    for address in (f"/casework/checks/{check_id}", f"/casework/checks/{check_id}/employer"):
        assert ("Arbetsgivaren, med en länk" in guide.get(address).text) or (
            "Hon slutade i fredags." in guide.get(address).text
        )
    case = guide.get(f"/casework/cases/{town.voucher_id}").text
    assert "arbetsgivaren svarade" in case


def test_studies_have_no_employer_to_ask(guide: FlaskClient, database: Database, town: Town):
    today = dates.today()
    with database.transaction(1) as session:
        leg_id = town.started(session)
        form = actions.OutcomeForm("studies", today, today, 100)
        actions.claim_outcome(session, leg_id, form, by=town.coach, today=today)
        check_id = session.scalars(select(Check.id)).one()
    data = {"employer": "Skolan", "email": "rektor@example.org", "informed": "y"}
    answer = guide.post(f"/casework/checks/{check_id}/employer", data=data)
    assert "Resultatet är inte en anställning" in answer.text


# ── overrides ────────────────────────────────────────────────────────────────────────────────────


def test_an_override_has_an_author_reasons_and_an_end(
    guide: FlaskClient, inspector: FlaskClient, database: Database, town: Town, check_id: int
):
    today = dates.today()
    address = f"/casework/checks/{check_id}/override"
    for data, said in (
        ({"answer": "pass", "until_on": today.isoformat()}, "Skriv skälen för undantaget."),
        ({"answer": "fail", "reasons": "Nej.", "until_on": today.isoformat()},
         "Ange varför det inte godkänns."),
        ({"answer": "pass", "reasons": "Ja.", "until_on": (today + timedelta(days=91)).isoformat()},
         "Undantaget ska sluta senast"),
        ({"answer": "pass", "reasons": "Ja.", "until_on": "i morgon"}, "Skriv en dag, till exempel"),
    ):  # fmt: skip
        answer = guide.post(address, data=data)
        assert answer.status_code == 422
        assert said in answer.text
    until = today + timedelta(days=90)
    data = {"answer": "pass", "reasons": "Arbetsgivaren är i konkurs.", "until_on": until.isoformat()}
    assert guide.post(address, data=data).status_code == 302
    with database.reading() as session:
        override = session.scalars(select(Override)).one()
        assert session.scalars(select(Check.state).where(Check.id == check_id)).one() == "passed"
    assert (override.decided_by, override.until_on) == (town.guide.account_id, until)
    for page in (guide.get(f"/casework/checks/{check_id}").text, inspector.get("/casework/overrides").text):
        assert "Arbetsgivaren är i konkurs." in page
    assert "Ska prövas igen nu" not in inspector.get("/casework/overrides").text


def test_an_override_whose_day_has_passed_waits_until_it_is_judged_again(
    guide: FlaskClient, database: Database, town: Town, check_id: int, monkeypatch: pytest.MonkeyPatch
):
    today = dates.today()
    with database.transaction(1) as session:
        form = actions.OverrideForm(True, "Lönespecifikationen dröjer.", today)
        actions.override_check(session, check_id, form, by=town.guide, today=today)
    assert "Undantaget har slutat" not in guide.get("/casework/?waits=checks").text
    monkeypatch.setattr(dates, "today", lambda: today + timedelta(days=1))
    assert "Ska prövas igen nu" in guide.get("/casework/overrides").text
    assert "Undantaget har slutat. Pröva igen: resultat" in guide.get("/casework/?waits=checks").text
    page = guide.get(f"/casework/checks/{check_id}").text
    assert "Pröva igen" in page
    answer = guide.post(f"/casework/checks/{check_id}", data={"answer": "pass", "source": "payslip"})
    assert answer.status_code == 302
    assert "Inga undantag gäller" in guide.get("/casework/overrides").text
    with database.reading() as session:
        check = session.scalars(select(Check).where(Check.id == check_id)).one()
    assert (check.state, check.source) == ("passed", "payslip")


def test_a_case_with_an_override_is_not_closed(
    guide: FlaskClient, database: Database, town: Town, check_id: int
):
    today = dates.today()
    with database.transaction(1) as session:
        form = actions.OverrideForm(False, "Ingen arbetar där.", today, "evidence_does_not_fit")
        actions.override_check(session, check_id, form, by=town.guide, today=today)
    assert "1" in guide.get(f"/casework/cases/{town.voucher_id}/close").text
    answer = guide.post(f"/casework/cases/{town.voucher_id}/close")
    assert answer.status_code in (409, 422)


# ── whose it is ──────────────────────────────────────────────────────────────────────────────────


def test_nobody_but_the_own_guide_proves_anything_of_a_protected_person(
    guide: FlaskClient, inspector: FlaskClient, database: Database, town: Town, check_id: int
):
    with database.transaction(1) as session:
        actions.override_check(
            session, check_id, actions.OverrideForm(True, "Hemliga skäl.", dates.today()),
            by=town.guide, today=dates.today(),
        )  # fmt: skip
        actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
        manager = town.manager
        leg_id = session.scalars(select(Leg.id)).one()
        actions.name_coach(session, leg_id, town.coach.account_id, by=manager)
    for page in ("", "/look", "/employer", "/override"):
        assert inspector.get(f"/casework/checks/{check_id}{page}").status_code == 403
        assert inspector.post(f"/casework/checks/{check_id}{page}", data={}).status_code == 403
        assert guide.get(f"/casework/checks/{check_id}{page}").status_code == 200
    listed = inspector.get("/casework/overrides").text
    assert "Någon med skyddade uppgifter" in listed
    for said in ("Samira", "Hemliga skäl.", "Stigfinnarna"):
        assert said not in listed
    assert "Hemliga skäl." in guide.get("/casework/overrides").text


def test_a_number_that_is_nobodys_is_not_found(guide: FlaskClient):
    for page in ("look", "employer", "override"):
        assert guide.get(f"/casework/checks/1/{page}").status_code == 404

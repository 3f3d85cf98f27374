"""A provider proves what it claims, with files of its own people's alone, and declares its group."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.demo.people import organisation_number
from app.evidence import Store, checked
from config import Settings
from core.identity import Protection
from providers.models import Affiliate
from tests.provider.stage import TODAY, Stage
from tests.support.papers import PDF, PROGRAM
from tests.support.town import noon
from vouchers import actions
from vouchers.models import Outcome, OutcomeEvidence

CLAIM = {"kind": "work", "starts_on": "2026-06-01", "last_day": "2026-05-29", "extent_percent": "75",
         "employer_name": "Provbageriet", "employer_number": organisation_number(7001),
         "ends_on": "2026-12-31", "subsidised": "y"}  # fmt: skip


def claimed(stage: Stage, client: FlaskClient, name: str = "Amal Provlund", **about: object) -> int:
    """A claim made in the page; gives the outcome."""
    leg_id = stage.started(name, day=date(2026, 3, 2), **about)
    answer = client.post(f"/provider/participants/{leg_id}/outcome", data=CLAIM)
    assert answer.status_code == 302, answer.text
    return int(answer.location.split("/outcomes/")[1].split("/")[0])


def upload(client: FlaskClient, outcome_id: int, name: str = "bevis.pdf", content: bytes = PDF, **data: str):
    told = {"source": "employment_contract", **data, "file": (BytesIO(content), name)}
    return client.post(f"/provider/outcomes/{outcome_id}/evidence", data=told)


def test_a_claim_leads_on_to_its_evidence(app: Flask, stage: Stage):
    coach = stage.client(app, "handledare")
    outcome_id = claimed(stage, coach)
    with stage.database.reading() as session:
        outcome = session.get_one(Outcome, (1, outcome_id))
    assert (outcome.employer_name, outcome.ends_on, outcome.subsidised, outcome.municipal) == (
        "Provbageriet", date(2026, 12, 31), True, False,
    )  # fmt: skip
    page = coach.get(f"/provider/outcomes/{outcome_id}/evidence")
    assert "Provbageriet" in page.text
    assert upload(coach, outcome_id).location.endswith(f"/outcomes/{outcome_id}/evidence")
    page = coach.get(f"/provider/outcomes/{outcome_id}/evidence")
    assert "bevis.pdf" in page.text
    with stage.database.reading() as session:
        shown = session.scalars(select(OutcomeEvidence)).one()
    file = coach.get(f"/provider/outcome-evidence/{shown.id}")
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_a_refused_claim_keeps_what_was_typed(app: Flask, stage: Stage):
    coach = stage.client(app, "handledare")
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    for change, said in (
        ({"employer_number": "8002289836"}, "Det är ett personnummer."),
        ({"ends_on": "2026-05-31"}, "Sista dagen kan inte ligga före den första."),
        ({"ends_on": "snart"}, "Skriv en dag, till exempel"),
        ({"kind": "studies", "municipal": "y"}, "Bara ett arbete kan vara en anställning i kommunen."),
        ({"employer_name": "", "employer_number": ""}, "Skriv arbetsgivarens organisationsnummer."),
    ):
        answer = coach.post(f"/provider/participants/{leg_id}/outcome", data={**CLAIM, **change})
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="75"' in answer.text


def test_a_file_that_will_not_do_is_refused_with_a_sentence(app: Flask, stage: Stage):
    coach = stage.client(app, "handledare")
    outcome_id = claimed(stage, coach)
    for answer, said in (
        (upload(coach, outcome_id, content=PROGRAM), "Filen är inte en PDF, PNG eller JPEG."),
        (upload(coach, outcome_id, content=b""), "Filen är tom."),
        (upload(coach, outcome_id, source=""), "Välj vad det är för underlag."),
        (upload(coach, outcome_id, source="hearsay"), "Ange vilket slags underlag filen är."),
        (coach.post(f"/provider/outcomes/{outcome_id}/evidence", data={"source": "payslip"}), "Välj en fil"),
    ):
        assert answer.status_code == 422
        assert said in answer.text
    with stage.database.reading() as session:
        assert session.scalars(select(OutcomeEvidence.id)).all() == []


def test_another_provider_finds_no_result_and_no_file(app: Flask, stage: Stage):
    coach, other = stage.client(app, "handledare"), stage.client(app, "handledare2")
    outcome_id = claimed(stage, coach)
    upload(coach, outcome_id)
    with stage.database.reading() as session:
        shown = session.scalars(select(OutcomeEvidence.id)).one()
    assert other.get(f"/provider/outcomes/{outcome_id}/evidence").status_code == 404
    assert upload(other, outcome_id).status_code == 404
    assert other.get(f"/provider/outcome-evidence/{shown}").status_code == 404
    assert other.get("/provider/outcome-evidence/1").status_code == 404
    with stage.database.reading() as session:
        assert session.scalars(select(OutcomeEvidence.id)).all() == [shown]


def test_a_file_that_staff_put_there_is_theirs(app: Flask, stage: Stage, settings: Settings):
    coach = stage.client(app, "handledare")
    outcome_id = claimed(stage, coach)
    kept = Store(settings.instance / "evidence").put(checked(PDF, "kontoutdrag.pdf"))
    with stage.database.transaction(1) as session:
        shown = actions.add_outcome_evidence(
            session, outcome_id, "payslip", kept, by=stage.town.guide, at=noon(TODAY)
        )
    assert "kontoutdrag.pdf" not in coach.get(f"/provider/outcomes/{outcome_id}/evidence").text
    assert coach.get(f"/provider/outcome-evidence/{shown.id}").status_code == 404
    guide = stage.client(app, "vagledare")
    assert guide.get(f"/casework/outcome-evidence/{shown.id}").status_code == 200


def test_a_protected_persons_files_are_the_named_coachs(app: Flask, stage: Stage):
    manager, coach = stage.client(app, "chef"), stage.client(app, "handledare")
    outcome_id = claimed(stage, manager, "Farid Exempelhed", protection=Protection.CONFIDENTIAL)
    assert coach.get(f"/provider/outcomes/{outcome_id}/evidence").status_code == 200
    with stage.database.transaction(1) as session:
        leg_id = session.get_one(Outcome, (1, outcome_id)).leg_id
        actions.name_coach(session, leg_id, stage.town.manager.account_id, by=stage.town.manager)
    assert coach.get(f"/provider/outcomes/{outcome_id}/evidence").status_code == 404
    assert upload(coach, outcome_id).status_code == 404
    assert manager.get(f"/provider/outcomes/{outcome_id}/evidence").status_code == 200


def test_a_result_that_was_taken_back_takes_no_more_files(app: Flask, stage: Stage):
    coach = stage.client(app, "handledare")
    outcome_id = claimed(stage, coach)
    with stage.database.transaction(1) as session:
        actions.withdraw_outcome(session, outcome_id, by=stage.town.coach, today=TODAY)
    assert "Resultatet gäller inte längre" in coach.get(f"/provider/outcomes/{outcome_id}/evidence").text
    answer = upload(coach, outcome_id)
    assert answer.status_code == 422
    assert "Anmäl det på nytt först." in answer.text


def test_a_claim_is_taken_back_by_its_own_provider_and_made_anew(app: Flask, stage: Stage):
    coach, other = stage.client(app, "handledare"), stage.client(app, "handledare2")
    outcome_id = claimed(stage, coach)
    address = f"/provider/outcomes/{outcome_id}/withdraw"
    assert "Det påverkar inga pengar" in coach.get(address).text
    for method in ("get", "post"):
        assert getattr(other, method)(address).status_code == 404
    leg = coach.post(address).location
    assert "Anmäl ett resultat" in coach.get(leg).text
    assert "kan inte tas tillbaka" in coach.get(address).text
    assert coach.post(address).status_code == 409
    again = coach.post(f"{leg}/outcome", data={**CLAIM, "last_day": ""})
    assert again.status_code == 302
    with stage.database.reading() as session:
        states = session.scalars(select(Outcome.state).order_by(Outcome.id)).all()
    assert states == ["withdrawn", "claimed"]


# ── the group ────────────────────────────────────────────────────────────────────────────────────


def test_a_manager_declares_the_group_and_takes_one_off(app: Flask, stage: Stage):
    manager = stage.client(app, "chef")
    assert "Ingen organisation på listan" in manager.get("/provider/group").text
    data = {"name": "Provgruppen", "number": organisation_number(7002)}
    assert manager.post("/provider/group", data=data).location.endswith("/provider/group")
    assert "Provgruppen" in manager.get("/provider/group").text
    again = manager.post("/provider/group", data=data)
    assert again.status_code == 422
    assert "Den organisationen står redan på listan." in again.text
    assert 'value="Provgruppen"' in again.text
    with stage.database.reading() as session:
        row = session.scalars(select(Affiliate)).one()
    assert manager.post(f"/provider/group/{row.id}/remove").status_code == 302
    assert "Har stått på listan" in manager.get("/provider/group").text


def test_another_providers_list_is_not_found(app: Flask, stage: Stage):
    manager = stage.client(app, "chef")
    manager.post("/provider/group", data={"name": "Provgruppen", "number": organisation_number(7002)})
    with stage.database.transaction(1) as session:
        row = session.scalars(select(Affiliate)).one()
        other = Affiliate(
            municipality_id=1, provider_id=stage.town.other_provider_id, name="Deras grupp",
            organisation_number=organisation_number(7003), declared_by=row.declared_by, declared_on=TODAY,
        )  # fmt: skip
        session.add(other)
        session.flush()
        their_id = other.id
    assert "Deras grupp" not in manager.get("/provider/group").text
    assert manager.post(f"/provider/group/{their_id}/remove").status_code == 404
    assert stage.client(app, "handledare").get("/provider/group").status_code == 403

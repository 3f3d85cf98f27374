"""Whose an application is: another provider's is not there, a coach only reads."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from app.demo.people import TOWN_JOBBPENG, rulebook
from core.database import Database
from providers.actions import declare, propose_outcome, request_supplement, take_up, turn_down
from providers.actions.renewing import require_reaccreditation
from providers.models import Accreditation, Evidence
from tests.provider.applicant import ABOUT, CONTACT, LIST, SITE, Applicant, evidence_of, said, shown
from tests.provider.stage import TODAY, Stage, stop_the_clock
from tests.support.papers import PDF


def test_another_providers_application_and_file_are_not_there(draft: Applicant, app, stage: Stage):
    draft.fill_in()
    with stage.database.reading() as session:
        evidence_id = session.scalars(
            select(Evidence.id).where(Evidence.accreditation_id == draft.id, Evidence.digest.is_not(None))
        ).first()
    own = draft.client.get(f"/provider/evidence/{evidence_id}")
    assert own.status_code == 200
    assert own.data == PDF
    assert own.headers["Content-Disposition"] == "attachment; filename=underlag.pdf"
    assert own.headers["X-Content-Type-Options"] == "nosniff"
    other = Applicant(stage.client(app, "chef"))
    other.id = draft.id
    page = said(draft.client.get(draft.at("sites")))
    site = re.findall(r"/sites/(\d+)\"", page)[0]
    looks = ("", "about", "contacts", "sites", f"sites/{site}", "capacity", "submit", "receipt", "supplement")
    for part in (*looks, "conditions/f_tax"):
        assert other.client.get(other.at(part)).status_code == 404, part
    for part, form in (
        ("about", ABOUT), ("contacts", CONTACT), ("sites", SITE), ("capacity", {"capacity": "1"}),
        ("conditions/quality", {"statement": "x"}), ("conditions/quality/reuse", {}),
        ("submit", {"is_true": "y"}), ("supplement", {"answer": "x"}), (f"sites/{site}/remove", {}),
    ):  # fmt: skip
        other.send(part, 404, **form)
    assert other.client.get(f"/provider/evidence/{evidence_id}").status_code == 404
    assert other.client.post(LIST, data={"replaces": str(draft.id)}).status_code == 404
    own_id = own_accreditation(stage)
    other.id = own_id
    other.send(f"sites/{site}", 404, **SITE)
    other.send(f"sites/{site}/remove", 404)
    assert draft.row(stage.database).capacity == 15


def own_accreditation(stage: Stage) -> int:
    with stage.database.reading() as session:
        return session.scalars(
            select(Accreditation.id).where(
                Accreditation.provider_id == stage.town.provider_id, Accreditation.service == "matching"
            )
        ).one()


def test_a_coach_reads_and_does_not_write(app, stage: Stage):
    coach = Applicant(stage.client(app, "handledare"))
    coach.id = own_accreditation(stage)
    assert coach.client.get(LIST).status_code == 200
    assert "Börja en ansökan" not in said(coach.client.get(LIST))
    page = said(coach.client.get(coach.at()))
    assert "underlag.pdf" in page
    assert "Ändra" not in page
    assert coach.client.get(coach.at("receipt")).status_code == 200
    for part in ("about", "contacts", "sites", "capacity", "conditions/f_tax", "submit", "supplement"):
        assert coach.client.get(coach.at(part)).status_code == 403


def test_evidence_is_renewed_while_accredited(app, stage: Stage):
    manager = Applicant(stage.client(app, "chef"))
    manager.id = own_accreditation(stage)
    assert manager.client.get(manager.at()).status_code == 200
    manager.send("conditions/insurance", **shown(name="ny försäkring.pdf"), valid_to="2027-05-31")
    assert "ny försäkring.pdf" in said(manager.client.get(manager.at()))
    assert manager.client.get(manager.at("capacity")).location == manager.at()


def test_a_file_that_is_lost_is_said_so(draft: Applicant, database: Database, settings):
    draft.send("conditions/staff", **shown())
    row = evidence_of(draft, database)[0]
    assert row.digest
    (settings.instance / "evidence" / row.digest[:2] / row.digest).write_bytes(b"changed")
    answer = draft.client.get(f"/provider/evidence/{row.id}")
    assert answer.status_code == 409
    assert "går inte att öppna just nu" in said(answer)


# ── what follows from a decision ──────────────────────────────────────────────────────────────────


def test_a_renewal_begins_under_the_new_rules_with_the_places_kept(app, stage: Stage):
    town, manager = stage.town, Applicant(stage.client(app, "chef"))
    old_id = own_accreditation(stage)
    assert manager.client.post(LIST, data={"replaces": str(old_id)}).status_code == 409, (
        "nothing to renew yet"
    )
    with stage.database.transaction(1) as session:
        book = rulebook(session, by=town.administrator, today=TODAY, path=TOWN_JOBBPENG)
        due_on = TODAY + timedelta(days=90)
        require_reaccreditation(
            session, book.id, due_on, reasons="Nya villkor.", by=town.secretary, today=TODAY
        )
    assert "Det finns nya villkor. Ansök på nytt." in said(manager.client.get(LIST))
    begun = manager.client.post(LIST, data={"replaces": str(old_id)})
    assert begun.status_code == 302
    manager.id = int(begun.location.rsplit("/", 1)[1])
    row = manager.row(stage.database)
    assert (row.replaces_id, row.rulebook_id, row.capacity) == (old_id, book.id, 20)
    assert "Använd samma underlag" in said(manager.client.get(manager.at("conditions/premises")))
    assert manager.client.post(LIST, data={"replaces": str(old_id)}).status_code == 409
    for wrong in ("0", "x", "9" * 30):
        assert manager.client.post(LIST, data={"replaces": wrong}).status_code == 404


def test_a_refusal_is_told_with_its_reasons_and_how_to_appeal(draft: Applicant, stage: Stage):
    draft.fill_in()
    draft.submit()
    town = stage.town
    with stage.database.transaction(1) as session:
        take_up(session, draft.id, by=town.inspector)
        for by in (town.inspector, town.secretary):
            declare(session, draft.id, has_conflict=False, by=by, today=TODAY)
        propose_outcome(session, draft.id, "dismiss", "Fel kommun.", by=town.inspector, today=TODAY)
        row = session.get_one(Accreditation, (1, draft.id))
        turn_down(
            session, row, "dismissed", reasons="Ni ansökte i fel kommun.", by=town.secretary, today=TODAY
        )
    page = said(draft.client.get(draft.at()))
    for words in ("Avvisning", "Ni ansökte i fel kommun.", "Laglighetsprövning", "21 dagar", "ansöka igen"):
        assert words in page
    assert "/conditions/" not in page
    assert "Läs skälen, och hur ni överklagar." in said(draft.client.get(LIST))
    draft.begin()
    assert draft.row(stage.database).state == "draft"


def test_an_answer_after_the_last_day_is_still_taken(draft: Applicant, stage: Stage, monkeypatch):
    draft.fill_in()
    draft.submit()
    with stage.database.transaction(1) as session:
        due_on = TODAY + timedelta(days=2)
        request_supplement(session, draft.id, "Mer.", due_on, by=stage.town.inspector, today=TODAY)
    stop_the_clock(monkeypatch, TODAY + timedelta(days=5))
    assert "Sista dagen var" in said(draft.client.get(draft.at("supplement")))
    draft.send("supplement", answer="Här är mer.")
    assert draft.row(stage.database).state == "submitted"

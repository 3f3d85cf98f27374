"""A proposal by one person, and a decision by another, through the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from providers.models import Decision, Reviewer
from tests.casework.review_stage import (
    TODAY,
    applied,
    found,
    judge,
    judged,
    other,
    proposed,
    secretary,
)

__all__ = ["applied", "other", "proposed", "secretary"]


DECIDES = {"conflict": "no", "from_on": TODAY.isoformat(), "reasons": "Villkoren är uppfyllda."}


def test_what_cannot_be_proposed_says_why(inspector, other, applied, database, town):
    inspector.post(f"{applied.address}/take-up")
    page = inspector.get(f"{applied.address}/propose").text
    assert page.count("8 villkor är inte granskade av 2 personer än.") == 2
    assert page.count("disabled") == 2
    judge(inspector, applied)
    judge(other, applied)
    page = inspector.get(f"{applied.address}/propose").text
    assert "Alla villkor är uppfyllda. Den som uppfyller villkoren ska auktoriseras." in page
    assert page.count("disabled") == 1
    answer = inspector.post(f"{applied.address}/propose", data={"kind": "refuse", "words": "Nej."})
    assert answer.status_code == 422
    assert "Nej." in answer.text


@pytest.mark.parametrize("data", [{"kind": "accredit", "words": " "}, {"words": "Ja."}, {"kind": "crown"}])
def test_a_proposal_has_a_kind_and_reasons(inspector, applied, database, town, data):
    judged(database, town, applied)
    assert inspector.post(f"{applied.address}/propose", data=data).status_code == 422
    assert found(database, applied).state == "under_review"


def test_who_proposed_does_not_decide(inspector, applied, proposed, database):
    page = inspector.get(f"{applied.address}/decide").text
    assert "Den som har lagt förslaget kan inte besluta." in page
    assert "Auktorisationen gäller från" not in page
    answer = inspector.post(f"{applied.address}/decide", data=DECIDES)
    assert answer.status_code == 422
    assert "Den som har lagt förslaget kan inte besluta. Be en kollega." in answer.text
    assert found(database, applied).state == "proposed"
    assert "Därför beslutar en annan person." in inspector.get(applied.address).text


@pytest.mark.parametrize("who", ["secretary", "other"])
def test_another_person_decides_and_the_decision_can_be_printed(request, applied, proposed, database, who):
    decider: FlaskClient = request.getfixturevalue(who)
    page = decider.get(f"{applied.address}/decide").text
    for words in ("Ismail Provdal", "Det här är skälen.", "10 kap. 8 §", "laglighetsprövning", "21 dagar"):
        assert words in page
    assert TODAY.isoformat() in page
    answer = decider.post(f"{applied.address}/decide", data=DECIDES)
    assert answer.status_code == 302, answer.text
    with database.reading() as session:
        decision = session.scalars(select(Decision).where(Decision.accreditation_id == applied.id)).one()
    assert answer.location.endswith(f"/casework/decisions/{decision.id}")
    assert (decision.kind, decision.body, decision.appeal_days) == ("accredited", "delegate", 21)
    assert found(database, applied).state == "active"
    paper = decider.get(answer.location).text
    names = {"secretary": "Dag Testholm", "other": "Signe Testlind"}
    for words in (names[who], "Villkoren är uppfyllda.", "13 kap. kommunallagen", "förvaltningsrätten",
                  "inom 21 dagar", "version 2016-04-01", "Nya Vägar", "429904-2426", "AUKT"):  # fmt: skip
        assert words in paper
    assert "Beslut" in decider.get(applied.address).text


def test_a_decider_with_a_conflict_says_so_and_leaves(
    inspector, other, secretary, applied, proposed, database
):
    answer = secretary.post(f"{applied.address}/decide", data={**DECIDES, "conflict": "yes"})
    assert answer.status_code == 302
    assert found(database, applied).state == "proposed"
    assert secretary.get(applied.address).status_code == 403
    assert secretary.post(f"{applied.address}/decide", data=DECIDES).status_code == 403


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"conflict": ""}, "Svara på frågan om jäv."),
        ({"reasons": "  "}, "Skriv skälen för beslutet."),
        ({"from_on": ""}, "Skriv från vilken dag."),
        ({"from_on": "i morgon"}, "Skriv en dag, till exempel 2026-11-27."),
        ({"from_on": (TODAY - timedelta(days=1)).isoformat()}, "Auktorisationen kan börja tidigast i dag."),
        ({"from_on": "9999-12-31"}, "Auktorisationen ska börja inom ett år."),
    ],
)
def test_half_a_decision_is_none(secretary, applied, proposed, database, change, sentence):
    answer = secretary.post(f"{applied.address}/decide", data={**DECIDES, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    if change.get("reasons") is None:
        assert "Villkoren är uppfyllda." in answer.text
    assert found(database, applied).state == "proposed"
    with database.reading() as session:
        declared = session.scalars(select(Reviewer.account_id).where(Reviewer.accreditation_id == applied.id))
        assert len(declared.all()) == 2  # nothing of a refused decision is kept


def test_a_refusal_is_decided_with_its_reasons(inspector, secretary, applied, database, town):
    judged(database, town, applied, "not_met", "Saknas.")
    inspector.post(f"{applied.address}/propose", data={"kind": "refuse", "words": "Försäkring saknas."})
    page = secretary.get(f"{applied.address}/decide").text
    assert "Auktorisationen gäller från" not in page
    data = {"conflict": "no", "reasons": "Försäkring saknas."}
    answer = secretary.post(f"{applied.address}/decide", data=data)
    assert found(database, applied).state == "refused"
    assert "Försäkring saknas." in secretary.get(answer.location).text
    assert "Nya Vägar" in inspector.get("/casework/applications?state=refused").text
    assert "Nya Vägar" not in inspector.get("/casework/applications").text


def test_an_application_that_cannot_be_tried_is_dismissed_without_judgements(
    inspector, secretary, applied, database
):
    inspector.post(f"{applied.address}/take-up")
    inspector.post(f"{applied.address}/propose", data={"kind": "dismiss", "words": "Fel kommun."})
    secretary.post(f"{applied.address}/decide", data={"conflict": "no", "reasons": "Fel kommun."})
    assert found(database, applied).state == "dismissed"


def test_a_proposal_is_sent_back_and_kept(inspector, other, secretary, applied, proposed, database):
    assert secretary.post(f"{applied.address}/reopen").status_code == 302
    assert found(database, applied).state == "under_review"
    page = inspector.get(applied.address).text
    assert "Skickat tillbaka" in page
    assert "Det här är skälen." in page
    assert "Det finns inget förslag att besluta om" in secretary.get(f"{applied.address}/decide").text
    answer = secretary.post(f"{applied.address}/decide", data={"conflict": "no", "reasons": "Ja."})
    assert answer.status_code == 422
    assert secretary.post(f"{applied.address}/reopen").status_code == 409


def test_two_deciders_at_once_make_one_decision(inspector, other, secretary, applied, proposed, database):
    assert secretary.post(f"{applied.address}/decide", data=DECIDES).status_code == 302
    late = other.post(f"{applied.address}/decide", data=DECIDES)
    assert late.status_code == 422
    with database.reading() as session:
        assert (
            len(session.scalars(select(Decision).where(Decision.accreditation_id == applied.id)).all()) == 1
        )

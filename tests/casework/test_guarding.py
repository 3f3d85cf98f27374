"""The pages to hand a case over and to change the protection: who gets in, what they do, what they say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import Database
from tests.casework.conftest import SECRET, Secret
from tests.support.town import Town
from vouchers.models import Participant

SignIn = Callable[[str], FlaskClient]


def person(database: Database, participant_id: int) -> Participant:
    with database.reading() as session:
        return session.get_one(Participant, (1, participant_id))


def told(database: Database, what: str) -> list[AuditEntry]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.what == what)))


def test_a_case_is_handed_over_to_a_named_colleague(
    guide: FlaskClient, town: Town, secret: Secret, database: Database
):
    address = f"/casework/people/{town.participant_id}/hand-over"
    page = guide.get(address)
    assert secret.guide.name in page.text
    assert town.inspector.name not in page.text
    answer = guide.post(address, data={"guide": secret.guide.account_id}, follow_redirects=True)
    assert f"{secret.guide.name} har tagit över ärendet." in answer.text
    assert person(database, town.participant_id).guide_id == secret.guide.account_id


@pytest.mark.parametrize("who", ["", "0", "1", "x", str(2**70)])
def test_an_answer_that_was_not_offered_is_not_taken(
    guide: FlaskClient, town: Town, secret: Secret, who: str
):
    answer = guide.post(f"/casework/people/{town.participant_id}/hand-over", data={"guide": who})
    assert answer.status_code == 422
    assert "Välj vem som tar över." in answer.text
    assert secret.guide.name in answer.text


def test_a_lone_guide_is_told_that_there_is_nobody(guide: FlaskClient, town: Town):
    page = guide.get(f"/casework/people/{town.participant_id}/hand-over").text
    assert "Det finns ingen annan vägledare" in page
    assert "<select" not in page


def test_whoever_hands_a_protected_person_over_is_outside_from_then_on(
    sign_in: SignIn, guide: FlaskClient, town: Town, secret: Secret
):
    own = sign_in("vagledare2")
    address = f"/casework/people/{secret.participant_id}/hand-over"
    assert "Du kan inte ta tillbaka det själv." in own.get(address).text
    answer = own.post(address, data={"guide": town.guide.account_id})
    assert answer.location == "/casework/"
    assert own.get(f"/casework/cases/{secret.voucher_id}").status_code == 403
    assert SECRET in guide.get(f"/casework/cases/{secret.voucher_id}").text


@pytest.mark.parametrize("page", ["hand-over", "protection"])
def test_another_guide_is_told_whose_the_case_is_and_the_try_is_noted(
    guide: FlaskClient, secret: Secret, database: Database, page: str
):
    address = f"/casework/people/{secret.participant_id}/{page}"
    for answer in (guide.get(address), guide.post(address, data={"guide": "1", "protection": "none"})):
        assert answer.status_code == 403
        assert "Kontakta Nils Provskog." in answer.text
        assert SECRET not in answer.text
    assert len(told(database, "participant.read_refused")) == 2


def test_the_protection_changes_at_once_and_says_that_the_address_is_gone(
    guide: FlaskClient, sign_in: SignIn, town: Town, secret: Secret, database: Database
):
    address = f"/casework/people/{town.participant_id}/protection"
    other, case = sign_in("vagledare2"), f"/casework/cases/{town.voucher_id}"
    assert other.get(case).status_code == 200
    data = {"protection": "protected_registration", "understood": "y"}
    answer = guide.post(address, data=data, follow_redirects=True)
    assert "Personen är skyddad. Adressen är raderad." in answer.text
    assert person(database, town.participant_id).street is None
    assert other.get(case).status_code == 403
    assert "Skyddad person" in other.get("/casework/?whose=all").text
    answer = guide.post(address, data={**data, "protection": "none"}, follow_redirects=True)
    assert "Skyddet är borttaget." in answer.text
    assert other.get(case).status_code == 200


def test_a_change_needs_a_look_and_a_change(guide: FlaskClient, town: Town):
    address = f"/casework/people/{town.participant_id}/protection"
    assert "Bekräfta att du har sett det." in guide.post(address, data={"protection": "confidential"}).text
    answer = guide.post(address, data={"protection": "none", "understood": "y"})
    assert (answer.status_code, "Inget är ändrat" in answer.text) == (422, True)
    answer = guide.post(address, data={"protection": "invented", "understood": "y"})
    assert (answer.status_code, "Ange om uppgifterna är skyddade." in answer.text) == (422, True)


def test_another_guide_is_led_to_taking_the_case_over_first(sign_in: SignIn, town: Town, secret: Secret):
    page = sign_in("vagledare2").get(f"/casework/people/{town.participant_id}/protection").text
    assert f"/casework/people/{town.participant_id}/hand-over" in page
    assert '<form method="post" class="form"' not in page


def test_a_search_for_somebody_elses_protected_person_answers_nothing_and_is_noted(
    guide: FlaskClient, secret: Secret, database: Database
):
    page = guide.post("/casework/", data={"who": secret.identity_number}).text
    assert "Ingen hittades." in page
    assert "Fråga din chef." in page
    assert "Nils Provskog" not in page
    (entry,) = told(database, "participant.read_refused")
    assert entry.subject_id == secret.participant_id
    assert '"search"' in entry.details

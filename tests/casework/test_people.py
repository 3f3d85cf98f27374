"""A person is registered, gets a voucher, and chooses with the guide at their side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.demo.people import assessed
from core import dates
from core.actor import Account
from core.database import Database
from tests.casework.conftest import NUMBERS, Secret
from tests.support.town import Town, decided, voucher_form
from vouchers.models import ChoiceReceipt, Leg, Participant, Voucher

PERSON = {
    "given_name": "Amal",
    "family_name": "Provberg",
    "protection": "none",
    "language": "so",
    "phone": "070-174 06 30",
    "email": "amal@example.se",
    "street": "Provgatan 4",
    "postal_code": "100 02",
    "town": "Exempelstad",
}


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_a_person_is_registered_and_the_assessment_is_next(
    guide: FlaskClient, database: Database, town: Town
):
    number = NUMBERS.number()
    answer = guide.post("/casework/person", data={**PERSON, "identity_number": number})
    with database.reading() as session:
        person = session.scalars(select(Participant).where(Participant.given_name == "Amal")).one()
    assert answer.location.endswith(f"/casework/people/{person.id}/assess")
    assert person.guide_id == town.guide.account_id
    assert (person.postal_code, person.language, person.account_id) == ("10002", "so", None)
    assert number not in person.identity_sealed
    assert "Amal Provberg är registrerad" in guide.get(answer.location).text


def test_with_an_e_id_the_person_can_sign_in(guide: FlaskClient, database: Database):
    guide.post("/casework/person", data={**PERSON, "identity_number": NUMBERS.number(), "has_eid": "y"})
    with database.reading() as session:
        person = session.scalars(select(Participant).where(Participant.given_name == "Amal")).one()
        account = session.scalars(select(Account).where(Account.id == person.account_id)).one()
    assert account.name == "Amal Provberg"
    assert account.identity_fingerprint == person.identity_fingerprint


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("identity_number", "19800101-1234", "Personnumret stämmer inte"),
        ("identity_number", "", "Skriv personnumret med tolv siffror"),
        ("identity_number", "20990101-0000", "Personnumret stämmer inte"),
        ("family_name", "", "Skriv efternamnet"),
        ("email", "amal", "E-postadressen stämmer inte"),
        ("postal_code", "123", "Skriv postnumret med fem siffror"),
        ("phone", "ring mig", "Skriv telefonnumret med siffror"),
    ],
)
def test_what_is_wrong_gets_a_sentence_and_nothing_is_lost(
    guide: FlaskClient, database: Database, field: str, wrong: str, sentence: str
):
    before = count(database, Participant), count(database, Account)
    typed = {**PERSON, "identity_number": NUMBERS.number(), "has_eid": "y", field: wrong}
    answer = guide.post("/casework/person", data=typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Amal" in answer.text
    assert "Provgatan 4" in answer.text
    assert (count(database, Participant), count(database, Account)) == before


def test_somebody_who_is_here_already_gets_a_way_to_the_case(guide: FlaskClient, town: Town):
    answer = guide.post(
        "/casework/person", data={**PERSON, "identity_number": town.identity_number, "has_eid": "y"}
    )
    assert answer.status_code == 422
    assert f"/casework/cases/{town.voucher_id}" in answer.text
    assert "Samira" not in answer.text


def test_a_protected_person_who_is_here_already_stays_hidden(guide: FlaskClient, secret: Secret):
    answer = guide.post("/casework/person", data={**PERSON, "identity_number": secret.identity_number})
    assert "Personen kan inte registreras här. Fråga din chef." in answer.text
    assert "Nils Provskog" not in answer.text
    assert str(secret.voucher_id) not in answer.text
    assert "Hemliga" not in answer.text


def test_protected_registration_has_no_address(guide: FlaskClient, database: Database):
    data = {**PERSON, "identity_number": NUMBERS.number(), "protection": "protected_registration"}
    guide.post("/casework/person", data=data)
    with database.reading() as session:
        person = session.scalars(select(Participant).where(Participant.given_name == "Amal")).one()
    assert (person.street, person.postal_code, person.town) == (None, None, None)
    assert person.is_protected


# ── the decision ─────────────────────────────────────────────────────────────────────────────────


def decision(town: Town, **changes: str) -> dict[str, str]:
    return {
        "service": f"{town.rulebook_id}:matching:enhanced",
        "months": "9",
        "target_group": "economic_assistance",
        "studies": "none",
        "reasons": "Behöver tätare stöd.",
        **changes,
    }


def met(database: Database, town: Town) -> None:
    """The guide has met the person today, and found what is then decided."""
    with database.transaction(town.municipality_id) as session:
        person, book = town.other_participant_id, town.rulebook_id
        assessed(session, person, book, "matching", "enhanced", by=town.guide, today=dates.today())


def test_the_decision_is_shown_before_it_is_taken(guide: FlaskClient, database: Database, town: Town):
    before, address = count(database, Voucher), f"/casework/people/{town.other_participant_id}/decide"
    met(database, town)
    page = guide.post(address, data=decision(town))
    assert page.status_code == 200
    text = page.text.replace("\xa0", " ")
    assert "4 858 kr i månaden, högst 9 månader" in text
    assert "Tillsammans högst 70 722 kr" in text  # 9 × 4 858 + 15 000 + 12 000
    assert "Exempelbelopp" in text
    assert "5 arbetsdagar kvar" in text
    assert count(database, Voucher) == before
    answer = guide.post(address, data=decision(town, step="decide"))
    with database.reading() as session:
        voucher = session.scalars(select(Voucher).order_by(Voucher.id.desc())).first()
    assert voucher is not None
    assert answer.location.endswith(f"/casework/cases/{voucher.id}/letter")
    assert (voucher.level, voucher.months, voucher.state) == ("enhanced", 9, "choice_open")
    assert voucher.decided_by == town.guide.account_id


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"months": "13"}, "Insatsen kan vara 1 till 12 månader"),
        ({"months": "0"}, "Skriv 1 till 48"),
        ({"months": "många"}, "Skriv ett helt tal med siffror"),
        ({"reasons": " "}, "Skriv skälen för beslutet"),
        ({"service": ""}, "Välj insats och nivå"),
        ({"service": "1:matching:gold"}, "Välj insats och nivå"),
    ],
)
@pytest.mark.parametrize("step", ["", "decide"])
def test_a_wrong_decision_is_not_taken(guide, database, town, changes, sentence, step):
    before = count(database, Voucher)
    data = decision(town, **changes, step=step)
    answer = guide.post(f"/casework/people/{town.other_participant_id}/decide", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert count(database, Voucher) == before


def test_one_may_go_back_and_change_without_losing_anything(guide: FlaskClient, town: Town):
    address = f"/casework/people/{town.other_participant_id}/decide"
    page = guide.post(address, data=decision(town, step="change"))
    assert "Behöver tätare stöd." in page.text
    assert 'value="9"' in page.text
    assert "Kontrollera beslutet" not in page.text


def test_a_second_voucher_in_the_same_scheme_is_refused(guide: FlaskClient, town: Town):
    address = f"/casework/people/{town.participant_id}/decide"
    assert "Personen har redan en pågående insats" in guide.get(address).text
    answer = guide.post(address, data=decision(town, step="decide"))
    assert answer.status_code == 422
    assert "Personen har redan en pågående insats" in answer.text
    assert "Behöver tätare stöd." in answer.text


def test_nobody_else_decides_for_a_protected_person(guide: FlaskClient, database: Database, town, secret):
    before = count(database, Voucher)
    address = f"/casework/people/{secret.participant_id}/decide"
    assert guide.get(address).status_code == 403
    assert guide.post(address, data=decision(town, step="decide")).status_code == 403
    assert count(database, Voucher) == before


# ── the assisted choice ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def open_voucher(database: Database, town: Town) -> int:
    """A voucher decided today."""
    with database.transaction(town.municipality_id) as session:
        form = voucher_form(town.rulebook_id)
        return decided(session, town.other_participant_id, form, by=town.guide, today=dates.today()).id


def sealed(page: str) -> str:
    return page.split('name="shown"')[1].split('value="')[1].split('"', maxsplit=1)[0]


def test_the_guide_chooses_at_the_persons_side_and_prints_a_receipt(guide, database, town, open_voucher):
    listed = guide.get(f"/casework/cases/{open_voucher}/choose").text
    assert "Stigfinnarna" in listed
    assert "Lyktvägen" in listed
    address = f"/casework/cases/{open_voucher}/choose?provider={town.provider_id}"
    page = guide.get(address).text
    assert "Oleh väljer Stigfinnarna" in page
    answer = guide.post(address, data={"shown": sealed(page), "agreed": "y"})
    with database.reading() as session:
        leg = session.scalars(select(Leg)).one()
        receipt = session.scalars(select(ChoiceReceipt)).one()
    assert (leg.how, leg.provider_id, leg.chosen_by) == ("assisted", town.provider_id, town.guide.account_id)
    assert receipt.shown["provider"]["name"] == "Stigfinnarna"
    assert answer.location.endswith(f"/seeker/receipts/{leg.id}")
    assert guide.get(answer.location).status_code == 200


def test_the_person_must_have_chosen(guide: FlaskClient, database: Database, town: Town, open_voucher: int):
    address = f"/casework/cases/{open_voucher}/choose?provider={town.provider_id}"
    answer = guide.post(address, data={"shown": sealed(guide.get(address).text)})
    assert answer.status_code == 422
    assert "Bekräfta att personen själv har valt" in answer.text
    assert count(database, Leg) == 0


def test_what_was_shown_cannot_be_made_up(guide: FlaskClient, database: Database, town: Town, open_voucher):
    address = f"/casework/cases/{open_voucher}/choose?provider={town.provider_id}"
    other = sealed(guide.get(address.replace(str(town.provider_id), str(town.other_provider_id))).text)
    for shown in ("", "made.up", other):
        answer = guide.post(address, data={"shown": shown, "agreed": "y"})
        assert "Sidan har legat öppen för länge" in answer.text
    assert count(database, Leg) == 0


def test_a_window_that_has_passed_is_said_in_a_sentence(guide: FlaskClient, database: Database, town: Town):
    address = f"/casework/cases/{town.voucher_id}/choose?provider={town.provider_id}"
    page = guide.get(address).text
    assert "Tiden för att välja gick ut" in page
    answer = guide.post(address, data={"shown": sealed(page), "agreed": "y"})
    assert answer.status_code == 422
    assert "Tiden för att välja gick ut" in answer.text
    assert count(database, Leg) == 0


def test_a_provider_that_is_not_there_leads_back_to_the_list(guide: FlaskClient, open_voucher: int):
    page = guide.get(f"/casework/cases/{open_voucher}/choose?provider=1").text
    assert "Ingen anordnare är markerad" in page


def test_only_guides_register(sign_in: Callable[[str], FlaskClient]):
    for user_name in ("granskare", "sekreterare", "admin", "handledare", "sokande", "ekonom"):
        assert sign_in(user_name).get("/casework/person").status_code == 403

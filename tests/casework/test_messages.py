"""A guide reads what people write, answers, and hears what is said of providers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import dates
from core.audit import AuditEntry
from core.database import Database
from tests.casework.conftest import SECRET, Secret
from tests.support.answers import crowd
from tests.support.town import Town, noon
from vouchers.actions.writing import write_message
from vouchers.models import Message, Participant

SignIn = Callable[[str], FlaskClient]
HUSH = "Det jag inte vill att anordnaren vet"


@pytest.fixture
def at(town: Town) -> datetime:
    return noon(town.decided_on)


@pytest.fixture
def letter(database: Database, town: Town, at: datetime) -> int:
    """The seeker has written, long ago. Gives the letter's id."""
    with database.transaction(town.municipality_id) as session:
        return write_message(session, town.participant_id, HUSH, by=town.seeker, at=at).id


def path(participant_id: int) -> str:
    return f"/casework/people/{participant_id}/messages"


def newest(database: Database) -> Message:
    with database.reading() as session:
        rows = select(Message).order_by(Message.sent_at.desc(), Message.id.desc()).limit(1)
        return session.scalars(rows).one()


def test_the_inbox_has_what_has_waited_longest_first(
    guide: FlaskClient, database: Database, town: Town, letter: int, at: datetime
):
    with database.transaction(town.municipality_id) as session:
        write_message(
            session, town.other_participant_id, "Äldre", by=town.other_seeker, at=at - timedelta(days=7)
        )
    page = guide.get("/casework/messages").text
    assert "2 personer väntar på svar" in page
    assert page.index(path(town.other_participant_id)) < page.index(path(town.participant_id))
    assert "arbetsdagar sen" in page
    assert HUSH not in page


def test_an_empty_inbox_says_what_will_come(guide: FlaskClient):
    page = guide.get("/casework/messages?whose=all&page=x").text
    assert "Inga meddelanden än" in page


def test_the_case_list_says_whom_to_answer(guide: FlaskClient, town: Town, letter: int):
    page = guide.get("/casework/?waits=call").text
    assert "Svara på meddelandet" in page
    assert path(town.participant_id) in page


def test_a_guide_reads_and_answers(guide: FlaskClient, database: Database, town: Town, letter: int):
    page = guide.get(path(town.participant_id)).text
    assert HUSH in page
    assert newest(database).read_at is not None
    answer = guide.post(path(town.participant_id), data={"text": "Vi ses i morgon.", "seen": str(letter)})
    assert answer.status_code == 302
    assert (newest(database).text, newest(database).from_person) == ("Vi ses i morgon.", False)
    assert "Ingen väntar på svar" in guide.get("/casework/messages").text


def test_a_thank_you_needs_no_answer(guide: FlaskClient, database: Database, town: Town, letter: int):
    answer = guide.post(path(town.participant_id), data={"step": "settle", "seen": str(letter)})
    assert answer.status_code == 302
    assert newest(database).answered_at is not None
    assert "Behöver inget svar" not in guide.get(path(town.participant_id)).text


def test_what_came_while_the_guide_wrote_is_shown_before_the_answer_leaves(
    guide: FlaskClient, database: Database, town: Town, letter: int
):
    with database.transaction(town.municipality_id) as session:
        write_message(session, town.participant_id, "Och en sak till", by=town.seeker, at=dates.now())
    answer = guide.post(path(town.participant_id), data={"text": "Mitt svar", "seen": str(letter)})
    assert answer.status_code == 422
    for text in ("Personen har skrivit mer", "Och en sak till", "Mitt svar"):
        assert text in answer.text
    again = {"text": "Mitt svar", "seen": str(newest(database).id)}
    assert guide.post(path(town.participant_id), data=again).status_code == 302


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "٣"])
def test_odd_hidden_words_are_no_fault(guide: FlaskClient, town: Town, letter: int, seen: str):
    assert guide.post(path(town.participant_id), data={"text": "Hej", "seen": seen}).status_code in (302, 422)


def test_an_odd_letter_is_not_lost(guide: FlaskClient, town: Town, letter: int):
    answer = guide.post(path(town.participant_id), data={"text": "noll\x00a", "seen": str(letter)})
    assert answer.status_code == 422
    assert "tecken som inte syns" in answer.text
    assert "nolla" in answer.text


def test_who_cannot_sign_in_is_to_be_called(guide: FlaskClient, database: Database, town: Town):
    with database.transaction(town.municipality_id) as session:
        session.get_one(Participant, (town.municipality_id, town.participant_id)).account_id = None
    page = guide.get(path(town.participant_id)).text
    assert "Personen kan inte läsa här" in page
    assert "<textarea" not in page
    assert guide.post(path(town.participant_id), data={"text": "Hej"}).status_code == 422


def test_of_a_protected_person_only_the_own_guide_knows(
    database: Database, sign_in: SignIn, town: Town, secret: Secret
):
    with database.transaction(town.municipality_id) as session:
        person = session.get_one(Participant, (town.municipality_id, secret.participant_id))
        person.account_id = town.administrator.account_id
    with database.transaction(town.municipality_id) as session:
        write_message(session, secret.participant_id, HUSH, by=secret.guide, at=dates.now())
    own, other = sign_in("vagledare2"), sign_in("vagledare")
    assert HUSH in own.get(path(secret.participant_id)).text
    assert SECRET in own.get("/casework/messages").text
    answer = other.get(path(secret.participant_id))
    assert answer.status_code == 403
    for page in (answer.text, other.get("/casework/messages?whose=all").text):
        assert HUSH not in page
        assert SECRET not in page
    assert other.post(path(secret.participant_id), data={"text": "Hej"}).status_code == 403
    with database.reading() as session:
        noted = session.scalars(select(AuditEntry.what).order_by(AuditEntry.sequence)).all()
    assert {"participant.read", "participant.read_refused"} <= set(noted)


@pytest.mark.parametrize("who", ["granskare", "sekreterare", "ordforande", "ekonom", "attest1", "admin"])
def test_no_other_staff_reads_letters(sign_in: SignIn, town: Town, letter: int, who: str):
    browser = sign_in(who)
    for address in ("/casework/messages", path(town.participant_id)):
        assert browser.get(address).status_code == 403
        assert browser.post(address).status_code in (403, 405)


def test_a_person_who_is_not_there_is_not_there(guide: FlaskClient):
    assert guide.get(path(17)).status_code == 404
    assert guide.get(path(10**30)).status_code == 404


# ── what is said of a provider ───────────────────────────────────────────────────────────────────


def test_words_are_for_inspectors_and_only_when_enough_have_answered(
    guide: FlaskClient, inspector: FlaskClient, database: Database, town: Town
):
    address = f"/casework/providers/{town.provider_id}/voice"
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        crowd(session, town, leg_id, [4] * 9, on=dates.today(), words=HUSH)
    for browser in (guide, inspector):
        page = browser.get(address).text
        assert "För få för att säga" in page
        assert HUSH not in page
    with database.transaction(town.municipality_id) as session:
        crowd(session, town, leg_id, [4], on=dates.today(), words=HUSH)
    page = inspector.get(address).text
    assert "4,0 av 5" in page
    assert page.count(HUSH) == 5  # every other one is protected: their words could tell who it is
    assert "Provsson" not in page
    page = guide.get(address).text
    assert "4,0 av 5" in page
    assert HUSH not in page


def test_the_accreditation_leads_there(inspector: FlaskClient, town: Town):
    register = inspector.get("/casework/register").text
    accreditation = register.split("/casework/accreditations/")[1].split('"')[0]
    page = inspector.get(f"/casework/accreditations/{accreditation}").text
    assert "/voice" in page
    assert inspector.get("/casework/providers/17/voice").status_code == 404

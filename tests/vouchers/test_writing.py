"""What a person and the guide may write to each other, who reads it, and when it should be answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.audit import AuditEntry
from core.chapters import Book
from core.dates import day_of
from core.identity import Protection
from core.refusal import Forbidden, Missing, Refusal
from tests.support.town import Town, noon
from tests.vouchers.test_rules import TERMS, Case, cases
from vouchers import actions
from vouchers.actions.writing import read_messages, settle_messages, write_message
from vouchers.models import Message, Participant
from vouchers.queries import messages as letters
from vouchers.queries.cases import caseload
from vouchers.rules import writing
from vouchers.rules.writing import MessageTerms


@cases("answer_days")
def test_when_a_letter_is_to_be_answered(case: Case):
    assert writing.answer_by(case["written"], TERMS.messages) == case["answer_by"]


def test_a_rulebook_without_the_chapter_has_two_days():
    assert writing.read_messages(Book("").root) == MessageTerms(2)


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "\ud800"])
def test_characters_that_nobody_sees_are_refused_with_a_sentence(text: str):
    with pytest.raises(Refusal, match="inte syns"):
        writing.readable(text)


def test_a_text_keeps_its_lines_its_letters_and_its_smileys():
    assert writing.readable("  Hej!\r\nمرحبا\tåäö 👩‍🦽\r ") == "Hej!\nمرحبا\tåäö 👩‍🦽"


def test_a_text_may_be_as_long_as_said_and_no_longer():
    assert writing.may_send("å" * writing.LONGEST, sent_today=0, is_person=True)
    with pytest.raises(Refusal, match="högst 4000 tecken"):
        writing.may_send("å" * (writing.LONGEST + 1), sent_today=0, is_person=True)
    with pytest.raises(Refusal, match="Skriv något"):
        writing.may_send(" \r\n\t", sent_today=0, is_person=True)


def test_a_person_sends_at_most_twenty_a_day_and_a_guide_as_many_as_needed():
    assert writing.may_send("Hej", sent_today=19, is_person=True)
    with pytest.raises(Refusal, match="20 meddelanden i dag"):
        writing.may_send("Hej", sent_today=20, is_person=True)
    assert writing.may_send("Hej", sent_today=500, is_person=False)


@pytest.fixture
def at(town: Town) -> datetime:
    return noon(town.decided_on)


@pytest.fixture
def other_guide(town: Town) -> Actor:
    """Somebody who covers for the guide."""
    return Actor("person", town.municipality_id, town.administrator.account_id, frozenset({Role.GUIDE}))


def protect(session: Session, town: Town) -> None:
    person = session.get(Participant, (town.municipality_id, town.participant_id))
    assert person is not None
    person.protection = Protection.CONFIDENTIAL.value
    session.flush()


def test_a_person_writes_and_the_guide_answers(session: Session, town: Town, at: datetime):
    write_message(session, town.participant_id, "Kan jag byta?", by=town.seeker, at=at)
    (line,) = letters.inbox(
        session, town.municipality_id, viewer_id=town.guide.account_id, guide_id=town.guide.account_id
    )
    assert (line.waiting, line.since) == (1, day_of(at))
    assert line.answer_by == writing.answer_by(day_of(at), TERMS.messages)
    assert read_messages(session, town.participant_id, by=town.guide, at=at) == 1
    later = at + timedelta(hours=1)
    write_message(session, town.participant_id, "Ja, det kan du.", by=town.guide, at=later)
    asked, answered = letters.thread(session, town.municipality_id, town.participant_id)
    assert (asked.from_person, asked.read_at, asked.answered_at) == (True, at, later)
    assert (answered.from_person, answered.author) == (False, town.guide.name)
    assert letters.unread(session, town.municipality_id, town.participant_id) == 1
    assert read_messages(session, town.participant_id, by=town.seeker, at=later) == 1
    assert read_messages(session, town.participant_id, by=town.seeker, at=later) == 0
    assert letters.unread(session, town.municipality_id, town.participant_id) == 0
    (line,) = letters.inbox(session, town.municipality_id, viewer_id=town.guide.account_id, guide_id=None)
    assert (line.waiting, line.since) == (0, None)


def test_the_trail_has_no_word_of_what_was_written(session: Session, town: Town, at: datetime):
    write_message(session, town.participant_id, "Hemligheten", by=town.seeker, at=at)
    read_messages(session, town.participant_id, by=town.guide, at=at)
    settle_messages(session, town.participant_id, by=town.guide, at=at)
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(3)).all()
    assert [entry.what for entry in entries] == ["message.settled", "message.read", "message.sent"]
    assert not any("emlig" in entry.details for entry in entries)


@pytest.mark.parametrize(
    "who",
    ["other_seeker", "coach", "manager", "other_coach", "inspector", "maker", "secretary", "administrator"],
)
def test_nobody_else_writes_or_reads(session: Session, town: Town, at: datetime, who: str):
    by = getattr(town, who)
    with pytest.raises((Forbidden, Missing)):
        write_message(session, town.participant_id, "Hej", by=by, at=at)
    with pytest.raises((Forbidden, Missing)):
        read_messages(session, town.participant_id, by=by, at=at)
    with pytest.raises((Forbidden, Missing)):
        settle_messages(session, town.participant_id, by=by, at=at)
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_colleague_covers_but_not_for_a_protected_person(
    session: Session, town: Town, at: datetime, other_guide: Actor
):
    write_message(session, town.participant_id, "Hej", by=town.seeker, at=at)
    write_message(session, town.participant_id, "Hej, jag vikarierar.", by=other_guide, at=at)
    protect(session, town)
    with pytest.raises(Missing):
        write_message(session, town.participant_id, "Hej igen", by=other_guide, at=at)
    here = letters.inbox(session, town.municipality_id, viewer_id=other_guide.account_id, guide_id=None)
    assert here == []
    own = letters.inbox(session, town.municipality_id, viewer_id=town.guide.account_id, guide_id=None)
    assert [line.is_protected for line in own] == [True]


def test_a_guide_who_has_not_seen_the_newest_letter_is_told(session: Session, town: Town, at: datetime):
    first = write_message(session, town.participant_id, "Första", by=town.seeker, at=at)
    write_message(session, town.participant_id, "Andra", by=town.seeker, at=at + timedelta(minutes=5))
    with pytest.raises(Refusal, match="skrivit mer"):
        write_message(session, town.participant_id, "Svar", by=town.guide, at=at, seen=first.id)
    with pytest.raises(Refusal, match="skrivit mer"):
        settle_messages(session, town.participant_id, by=town.guide, at=at, seen=first.id)


def test_one_press_too_many_is_one_letter(session: Session, town: Town, at: datetime):
    for seconds in (0, 5):
        write_message(session, town.participant_id, "Hej", by=town.seeker, at=at + timedelta(seconds=seconds))
    assert len(letters.thread(session, town.municipality_id, town.participant_id)) == 1
    write_message(session, town.participant_id, "Hej", by=town.seeker, at=at + timedelta(minutes=3))
    assert len(letters.thread(session, town.municipality_id, town.participant_id)) == 2


def test_twenty_a_day_and_a_new_day_is_new(session: Session, town: Town, at: datetime):
    for number in range(20):
        write_message(session, town.participant_id, f"Hej {number}", by=town.seeker, at=at)
    with pytest.raises(Refusal, match="Vänta till i morgon"):
        write_message(session, town.participant_id, "En till", by=town.seeker, at=at)
    write_message(session, town.participant_id, "Ny dag", by=town.seeker, at=at + timedelta(days=1))


def test_who_cannot_sign_in_gets_no_letter_here(session: Session, town: Town, at: datetime):
    person = session.get(Participant, (town.municipality_id, town.participant_id))
    assert person is not None
    person.account_id = None
    session.flush()
    with pytest.raises(Refusal, match="Ring i stället"):
        write_message(session, town.participant_id, "Hej", by=town.guide, at=at)


def test_what_was_written_stays(session: Session, town: Town, at: datetime):
    write_message(session, town.participant_id, "Så var det.", by=town.seeker, at=at)
    with pytest.raises(DBAPIError):
        session.execute(update(Message).values(text="Så var det inte."))


def test_a_letter_to_answer_is_among_what_the_guide_has_to_do(session: Session, town: Town, at: datetime):
    for participant_id, by in (
        (town.participant_id, town.seeker),
        (town.other_participant_id, town.other_seeker),
    ):
        write_message(session, participant_id, "Hej", by=by, at=at)
    found = caseload(
        session,
        town.municipality_id,
        viewer_id=town.guide.account_id,
        guide_id=town.guide.account_id,
        today=day_of(at),
    )
    waits = {case.participant_id: [w for w in case.waits if w.kind == "message_to_answer"] for case in found}
    day = writing.answer_by(day_of(at), TERMS.messages)
    for participant_id in (town.participant_id, town.other_participant_id):
        assert [(wait.group, wait.on) for wait in waits[participant_id]] == [("call", day)]


def test_a_letter_long_after_the_service_is_still_to_answer(session: Session, town: Town):
    leg_id, day = town.started(session), town.decided_on + timedelta(days=30)
    actions.end_service(session, leg_id, day, "interrupted", by=town.coach, today=day)
    later = day + timedelta(days=400)
    write_message(session, town.participant_id, "Hej igen", by=town.seeker, at=noon(later))
    found = caseload(
        session, town.municipality_id, viewer_id=town.guide.account_id, guide_id=None, today=later
    )
    mine = [case for case in found if case.participant_id == town.participant_id]
    assert [wait.kind for case in mine for wait in case.waits] == ["message_to_answer"]

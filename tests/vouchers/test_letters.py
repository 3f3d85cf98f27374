"""A letter is made, opened by the one it is for, locked by others, and found by a guide."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import identity
from core.audit import AuditEntry
from core.refusal import Forbidden
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.actions.letters import Opened, find_by_code, make_letter, open_letter
from vouchers.models import Letter
from vouchers.queries import letters
from vouchers.rules.letter import read_code


def make(session: Session, town: Town, on: date | None = None) -> str:
    """The code of a new letter."""
    letter = make_letter(session, town.voucher_id, by=town.guide, at=noon(on or town.decided_on))
    session.flush()
    return identity.vault(session).open(letter.code_sealed)


def the_letters(session: Session) -> list[Letter]:
    return list(session.scalars(select(Letter).order_by(Letter.id)))


def test_a_letter_has_a_code_that_is_kept_sealed(town: Town, session: Session):
    code = make(session, town)
    (letter,) = the_letters(session)
    assert read_code(code) == code
    assert code not in letter.code_sealed
    assert code not in letter.code_fingerprint
    assert letter.expires_on == town.decided_on + timedelta(days=90)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "letter.made")).one()
    assert code not in entry.details
    paper = letters.paper(session, town.municipality_id, town.voucher_id)
    assert paper is not None
    assert paper.code == code


def test_no_two_codes_are_alike_and_a_new_letter_locks_the_one_before(town: Town, session: Session):
    codes = [make(session, town) for _ in range(20)]
    assert len(set(codes)) == 20
    assert [letter.locked_at is None for letter in the_letters(session)] == [False] * 19 + [True]
    assert not letters.opens(session, town.municipality_id, codes[0], town.decided_on)
    assert letters.opens(session, town.municipality_id, codes[-1], town.decided_on)


@pytest.mark.parametrize("who", ["seeker", "coach", "manager", "inspector", "maker", "administrator"])
def test_only_a_guide_makes_letters_and_finds_by_them(town: Town, session: Session, who: str):
    code = make(session, town)
    with pytest.raises(Forbidden):
        make_letter(session, town.voucher_id, by=getattr(town, who), at=noon(town.decided_on))
    with pytest.raises(Forbidden):
        find_by_code(session, code, by=getattr(town, who), today=town.decided_on)


def test_the_right_person_opens_it_and_may_again(town: Town, session: Session):
    code, first = make(session, town), noon(town.decided_on)
    for at in (first, first + timedelta(days=1)):
        assert open_letter(session, code, by=town.seeker, at=at) == Opened(town.voucher_id, is_good=True)
    (letter,) = the_letters(session)
    assert letter.opened_at == first
    assert letter.failures == 0


def test_others_are_told_nothing_and_the_third_one_locks_it(town: Town, session: Session):
    code, at = make(session, town), noon(town.decided_on)
    for count in (1, 2, 3):
        assert open_letter(session, code, by=town.other_seeker, at=at) == Opened()
        (letter,) = the_letters(session)
        assert (letter.failures, letter.locked_at is not None) == (count, count == 3)
    assert open_letter(session, code, by=town.other_seeker, at=at) == Opened()
    assert the_letters(session)[0].failures == 3
    assert open_letter(session, code, by=town.seeker, at=at) == Opened(town.voucher_id)
    assert letters.is_locked(session, town.municipality_id, town.voucher_id)
    told = session.scalars(select(AuditEntry.what).where(AuditEntry.what.like("letter.%"))).all()
    assert sorted(told) == ["letter.locked", "letter.made", "letter.refused", "letter.refused"]


def test_an_unknown_code_is_answered_as_somebody_elses(town: Town, session: Session):
    make(session, town)
    at = noon(town.decided_on)
    assert open_letter(session, "0000-0000-0000-0000", by=town.seeker, at=at) == Opened()
    assert the_letters(session)[0].failures == 0


@pytest.mark.parametrize(("days", "is_good"), [(0, True), (90, True), (91, False)])
def test_a_letter_is_good_until_its_day(town: Town, session: Session, days: int, is_good: bool):
    code, day = make(session, town), town.decided_on + timedelta(days=days)
    assert letters.opens(session, town.municipality_id, code, day) is is_good
    assert open_letter(session, code, by=town.seeker, at=noon(day)) == Opened(town.voucher_id, is_good)
    if is_good:
        assert find_by_code(session, code, by=town.guide, today=day).id == town.voucher_id
    else:
        with refused("letter_over"):
            find_by_code(session, code, by=town.guide, today=day)


def test_who_is_no_participant_opens_nothing(town: Town, session: Session):
    code = make(session, town)
    with pytest.raises(Forbidden):
        open_letter(session, code, by=town.guide, at=noon(town.decided_on))


def test_a_guide_finds_it_however_it_is_typed_and_it_is_noted(town: Town, session: Session):
    code = make(session, town)
    typed = code.lower().replace("-", " ")
    assert find_by_code(session, typed, by=town.guide, today=town.decided_on).id == town.voucher_id
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.what == "letter.found")).all()) == 1
    for wrong in ("", "hej", "0000-0000-0000-0000"):
        with refused("letter_unknown"):
            find_by_code(session, wrong, by=town.guide, today=town.decided_on)


def test_a_letter_of_a_voucher_that_is_over_opens_nothing(town: Town, session: Session):
    code, leg_id = make(session, town), town.started(session)
    assert letters.opens(session, town.municipality_id, code, town.decided_on)
    actions.end_service(session, leg_id, town.decided_on, "moved", by=town.coach, today=town.decided_on)
    assert not letters.opens(session, town.municipality_id, code, town.decided_on)
    with refused("voucher_over"):
        make_letter(session, town.voucher_id, by=town.guide, at=noon(town.decided_on))


def test_the_database_keeps_the_code_and_the_lock(town: Town, session: Session):
    make(session, town)
    make(session, town)
    first, second = the_letters(session)
    session.flush()
    anew = update(Letter).where(Letter.id == second.id)
    refused_by_the_database(session, "never rewritten", anew.values(code_fingerprint="0" * 64))
    refused_by_the_database(session, "never rewritten", anew.values(expires_on=date(2030, 1, 1)))
    unlock = update(Letter).where(Letter.id == first.id).values(locked_at=None)
    refused_by_the_database(session, "never rewritten", unlock)


def test_the_same_code_in_two_towns_has_two_fingerprints(town: Town, session: Session):
    code = make(session, town)
    assert letters.fingerprint(session, 1, code) != letters.fingerprint(session, 2, code)

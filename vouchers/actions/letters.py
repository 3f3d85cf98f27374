"""The voucher's letter: made by a guide, opened by the one it is for, found by its code."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from core import audit, identity
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Forbidden, Refusal
from vouchers.models import Letter, Voucher
from vouchers.queries import letters
from vouchers.queries.terms import terms_of
from vouchers.rules import letter as rule
from vouchers.rules.deciding import OVER
from vouchers.rules.secrecy import may_know


def make_letter(session: Session, voucher_id: int, *, by: Actor, at: datetime) -> Letter:
    """A letter with a code of its own, drawn at random. The letter before it is locked from now on."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    if voucher.state in OVER:
        raise Refusal("voucher_over", "Insatsen är avslutad, så det finns inget att välja.")
    today = day_of(at)
    for earlier in session.scalars(letters.standing(by.municipality_id, voucher.id)):
        earlier.locked_at = at
    session.flush()
    code = rule.spelled(secrets.randbits(rule.BITS))
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    made = Letter(
        municipality_id=by.municipality_id,
        voucher_id=voucher.id,
        code_sealed=identity.vault(session).seal(code),
        code_fingerprint=letters.fingerprint(session, by.municipality_id, code),
        made_by=by.account_id,
        made_on=today,
        expires_on=rule.expires_on(today, terms.letter),
        failures=0,
    )
    session.add(made)
    audit.record(session, "letter.made", made, by=by, voucher=voucher.id, expires_on=made.expires_on)
    return made


@dataclass(frozen=True)
class Opened:
    """What came of opening a letter. Without `voucher_id` the answer is the same whatever was wrong.

    `is_good` is False for the right person with a letter that has expired or is locked.
    """

    voucher_id: int | None = None
    is_good: bool = False


def open_letter(session: Session, code: str, *, by: Actor, at: datetime) -> Opened:
    """Somebody has signed in and come with a code, as `rules.letter.read_code` gives it.

    The right person opens the letter. Somebody else's sign-in is counted, and locks it in the end. Nothing is
    raised, for what was counted must stay.
    """
    if by.participant_id is None:
        raise Forbidden()
    found = letters.found(session, by.municipality_id, code)
    if found is None:
        return Opened()
    letter, voucher = found
    if voucher.participant_id != by.participant_id:
        _misused(session, letter, voucher, by=by, at=at)
        return Opened()
    if not letters.is_good(letter, voucher, day_of(at)):
        return Opened(voucher.id)
    if letter.opened_at is None:
        letter.opened_at = at
    audit.record(session, "letter.opened", letter, by=by, voucher=voucher.id)
    return Opened(voucher.id, is_good=True)


def _misused(session: Session, letter: Letter, voucher: Voucher, *, by: Actor, at: datetime) -> None:
    if letter.locked_at is not None:
        return
    letter.failures += 1
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    if rule.locks(letter.failures, terms.letter):
        letter.locked_at = at
    what = "letter.locked" if letter.locked_at else "letter.refused"
    audit.record(session, what, letter, by=by, voucher=voucher.id, failures=letter.failures)


def find_by_code(session: Session, typed: str, *, by: Actor, today: date) -> Voucher:
    """The voucher of a letter that the person holds in their hand, for a guide at their side.

    A protected person's letter is no letter to others than their own guide.
    """
    by.require(Role.GUIDE)
    code = rule.read_code(typed)
    found = letters.found(session, by.municipality_id, code) if code else None
    whose = letters.whose(session, by.municipality_id, code) if code else None
    if found is None or whose is None or not may_know(by.account_id, whose.guide_id, whose.protection):
        raise Refusal(
            "letter_unknown",
            "Vi hittar inget brev med den koden. Skriv de sexton tecknen som de står i brevet.",
            status=422,
        )
    letter, voucher = found
    if not letters.is_good(letter, voucher, today):
        raise Refusal(
            "letter_over",
            "Koden gäller inte längre. Sök upp personen i listan och skriv ut ett nytt brev.",
            status=422,
        )
    audit.record(session, "letter.found", letter, by=by, voucher=voucher.id)
    return voucher

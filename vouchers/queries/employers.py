"""What an employer is asked, found by the link's code, and the link itself for those who asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import identity
from core.actor import Account
from core.database import fetch
from vouchers.models import Check, EmployerQuestion, Outcome, Participant, Voucher


@dataclass(frozen=True)
class Asked:
    """A question that can be answered today, and the little that the employer must know to answer it.

    `still_on` is the day that the person should still be there, where the case is of a later day.
    """

    question: EmployerQuestion
    name: str
    starts_on: date
    extent_percent: int
    still_on: date | None


def fingerprint(session: Session, municipality_id: int, code: str) -> str:
    """What a question is found by; `code` as `rules.letter.read_code` gives it."""
    return identity.vault(session).fingerprint(municipality_id, f"employer:{code}")


def question(session: Session, municipality_id: int, code: str) -> EmployerQuestion | None:
    """The question with that code, whatever has become of it."""
    rows = select(EmployerQuestion).where(
        EmployerQuestion.municipality_id == municipality_id,
        EmployerQuestion.code_fingerprint == fingerprint(session, municipality_id, code),
    )
    return session.scalars(rows).one_or_none()


def asked(session: Session, municipality_id: int, code: str, today: date) -> Asked | None:
    """What is asked, while it is open, not expired, not judged, and about nobody protected. Else None."""
    found = question(session, municipality_id, code)
    if found is None or found.answered_at or found.closed_at or today > found.expires_on:
        return None
    check = fetch(session, Check, municipality_id, found.check_id)
    outcome = fetch(session, Outcome, municipality_id, check.outcome_id)
    voucher = fetch(session, Voucher, municipality_id, check.voucher_id)
    person = fetch(session, Participant, municipality_id, voucher.participant_id)
    if check.state != "due" or person.is_protected:
        return None
    later = check.due_on if check.due_on > outcome.starts_on else None
    return Asked(found, person.name, outcome.starts_on, outcome.extent_percent, later)


@dataclass(frozen=True)
class Link:
    """The newest question about a case, with its code while it can be answered, and who asked."""

    question: EmployerQuestion
    code: str | None
    by: str | None


def link(session: Session, municipality_id: int, check_id: int, today: date) -> Link | None:
    """The newest question about the case, or None."""
    rows = (
        select(EmployerQuestion, Account.name)
        .outerjoin(
            Account,
            (Account.municipality_id == EmployerQuestion.municipality_id)
            & (Account.id == EmployerQuestion.made_by),
        )
        .where(EmployerQuestion.municipality_id == municipality_id, EmployerQuestion.check_id == check_id)
        .order_by(EmployerQuestion.id.desc())
        .limit(1)
    )
    row = session.execute(rows).first()
    if row is None:
        return None
    newest = row[0]
    is_open = newest.answered_at is None and newest.closed_at is None and today <= newest.expires_on
    code = identity.vault(session).open(newest.code_sealed) if is_open else None
    return Link(newest, code, row[1])

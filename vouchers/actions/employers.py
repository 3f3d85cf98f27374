"""An employer is asked by a signed link whether what was claimed is so, and answers once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, identity
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of, noon
from core.refusal import Refusal
from vouchers.actions.proof import keep_look
from vouchers.models import Check, EmployerQuestion, Outcome, Participant, Voucher
from vouchers.queries import employers
from vouchers.queries.terms import terms_of
from vouchers.rules import letter, proving

LONGEST_NAME = 200


@dataclass(frozen=True)
class Asked:
    """Whom to ask: the employer's name and an address of its own."""

    employer: str
    email: str


@dataclass(frozen=True)
class EmployerAnswer:
    """What an employer answers: confirmed or denied, by whom (name and title), and in what words."""

    answer: str
    answered_as: str
    words: str = ""


def ask_employer(
    session: Session, check_id: int, form: Asked, *, by: Actor, at: datetime
) -> EmployerQuestion:
    """Make a link for an employer, with a code drawn at random. The link before it is closed from now on.

    The question is not sent: whoever asks sends the link. `queries.employers.link` opens its code.
    """
    by.require(Role.GUIDE, Role.INSPECTOR)
    today = day_of(at)
    check = fetch(session, Check, by.municipality_id, check_id)
    outcome = fetch(session, Outcome, by.municipality_id, check.outcome_id)
    voucher = fetch(session, Voucher, by.municipality_id, check.voucher_id)
    person = fetch(session, Participant, by.municipality_id, voucher.participant_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    proving.may_ask(
        state=check.state,
        due_on=check.due_on,
        kind=outcome.kind,
        related=outcome.related,
        is_protected=person.is_protected,
        sources=terms.sources,
        today=today,
    )
    employer, email = form.employer.strip()[:LONGEST_NAME], form.email.strip()
    if not employer or "@" not in email:
        raise Refusal("employer_missing", "Skriv arbetsgivarens namn och e-postadress.", status=422)
    close_questions(session, check, today, at=at)
    code = letter.spelled(secrets.randbits(letter.BITS))
    question = EmployerQuestion(
        municipality_id=by.municipality_id,
        check_id=check.id,
        employer=employer,
        email=email,
        code_sealed=identity.vault(session).seal(code),
        code_fingerprint=employers.fingerprint(session, by.municipality_id, code),
        made_by=by.account_id,
        made_on=today,
        expires_on=proving.link_ends(today, terms.proof),
    )
    session.add(question)
    audit.record(session, "check.employer_asked", check, by=by, until_on=question.expires_on)
    return question


def close_questions(session: Session, check: Check, today: date, *, at: datetime | None = None) -> None:
    """Nobody needs to answer any longer what is open about the case. Noted by what calls it."""
    rows = select(EmployerQuestion).where(
        EmployerQuestion.municipality_id == check.municipality_id,
        EmployerQuestion.check_id == check.id,
        EmployerQuestion.answered_at.is_(None),
        EmployerQuestion.closed_at.is_(None),
    )
    for question in session.scalars(rows):
        question.closed_at = at or noon(today)
    session.flush()


def open_link(session: Session, code: str, *, by: Actor, at: datetime) -> None:
    """Note that a link was opened, the first time; nothing for one that cannot be answered."""
    asked = employers.asked(session, by.municipality_id, code, day_of(at))
    if asked is None or asked.question.opened_at is not None:
        return
    asked.question.opened_at = at
    check = fetch(session, Check, by.municipality_id, asked.question.check_id)
    audit.record(session, "check.employer_opened", check, by=by)


def answer_employer(
    session: Session, code: str, form: EmployerAnswer, *, by: Actor, at: datetime
) -> EmployerQuestion:
    """The employer's own word, once, kept as a look at the source `employer_confirmation`.

    `code` is as `rules.letter.read_code` gives it. Staff still judge. Raises Refusal `link_over` whatever is
    wrong with the link, and a sentence for what lacks in the answer.
    """
    found = proving.found_by(form.answer)
    if not form.answered_as.strip():
        raise Refusal("answered_as_missing", "Skriv ditt namn och din roll.", status=422)
    asked = employers.asked(session, by.municipality_id, code, day_of(at))
    if asked is None:
        raise link_over()
    question = asked.question
    question.answer, question.answered_at = form.answer, at
    question.answered_as = form.answered_as.strip()[:LONGEST_NAME]
    question.words = form.words.strip()[: proving.LONGEST_NOTE]
    question.opened_at = question.opened_at or at
    check = fetch(session, Check, by.municipality_id, question.check_id)
    keep_look(session, check, proving.BY_LINK, found, seen_by=by.account_id, today=day_of(at))
    audit.record(session, "check.employer_answered", check, by=by, found=found)
    return question


def link_over() -> Refusal:
    """The same sentence whatever is wrong: unknown, used, closed or expired."""
    return Refusal("link_over", "Länken gäller inte, eller inte längre. Fråga den som skickade den.")

"""How a marked person's result is proved, with the person's own words wherever something can be written."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from core import identity
from core.actor import Actor
from providers.actions import StoredFile
from tests.support.marked import TOKEN, Marked, words
from tests.support.town import noon
from vouchers import actions
from vouchers.models import Check, EmployerQuestion
from vouchers.queries import employers
from vouchers.rules.letter import spelled


def proved(world: Marked, session: Session, check: Check, manager: Actor) -> None:
    """A file, a link for the employer from before anybody knew, a look, an override that ends in a yes."""
    by, day = world.guide, max(check.due_on, date(2026, 10, 5))
    kept = StoredFile("5" * 64, f"{TOKEN}-file.pdf", "application/pdf", 1_000)
    shown = actions.add_outcome_evidence(
        session, check.outcome_id, "employment_contract", kept, by=manager, at=noon(day)
    )
    world.employer_code = spelled(4_711)
    session.add(
        EmployerQuestion(
            municipality_id=1,
            check_id=check.id,
            employer=words("asked-employer"),
            email=f"{TOKEN}-employer@example.org",
            code_sealed=identity.vault(session).seal(world.employer_code),
            code_fingerprint=employers.fingerprint(session, 1, world.employer_code),
            made_by=by.account_id,
            made_on=day,
            expires_on=date(2026, 12, 31),
            answered_at=noon(day),
            answer="confirmed",
            answered_as=words("answered-as"),
            words=words("employer-words"),
        )
    )
    actions.look_at_source(
        session, check.id, "employment_contract", "supports", note=words("look-note"),
        evidence_id=shown.id, by=by, today=day,
    )  # fmt: skip
    past = actions.OverrideForm(True, words("override-reasons"), date(2026, 10, 20))
    actions.override_check(session, check.id, past, by=by, today=day)
    actions.end_override(
        session, check.id, passed=True, source="employment_contract", by=by, today=date(2026, 10, 5),
        related_reasons=words("related-reasons"),
    )  # fmt: skip

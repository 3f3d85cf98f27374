"""What the services led to: claimed, looked at, and followed up on its day."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api import answers, shapes
from app.api.door import Faulty, caller, part
from app.api.schemas import FOLLOW_UP, N_, OUTCOME, ListQuery, form_of
from app.api.telling import Said, one_of_ours, receipt, row_of, rows_of, taken_back, told_of
from core import dates
from core.actor import Actor
from core.refusal import Refusal
from vouchers import actions
from vouchers.actions.following import answer_follow_up
from vouchers.models import Check, Outcome
from vouchers.queries.workload import Served

RESULTS, CHECKS = N_("Resultat"), N_("Prövningar")
CLAIM = (
    "kind", "state", "starts_on", "ends_on", "extent_percent", "employer_number", "employer_name",
    "subsidised", "municipal", "related", "claimed_on", "via", "updated_at",
)  # fmt: skip
CASE = (
    "purpose", "part", "due_on", "state", "refusal_code", "judged_on", "answer_by", "answer", "last_on",
    "updated_at",
)  # fmt: skip


def _claim(row: Outcome) -> dict[str, Any]:
    return {"id": str(row.id), "participant": str(row.leg_id)} | {name: getattr(row, name) for name in CLAIM}


def _case(row: Check) -> dict[str, Any]:
    keys = {"id": str(row.id), "participant": str(row.leg_id), "outcome": str(row.outcome_id)}
    return keys | {name: getattr(row, name) for name in CASE}


@part.operation(
    "/outcomes", "read", N_("Resultat"),
    query=ListQuery, gives=shapes.page_of(shapes.Outcome), tag=RESULTS,
)  # fmt: skip
def outcomes(said: Said) -> dict[str, Any]:
    """The results that have been claimed."""
    return rows_of(Outcome, said, _claim)


@part.operation(
    "/outcomes/<int:outcome_id>", "read", N_("Ett resultat"), gives=shapes.OutcomeWhole, tag=RESULTS
)
def outcome(outcome_id: int) -> dict[str, Any]:
    """One result."""
    return _claim(row_of(Outcome, outcome_id))


@part.operation(
    "/participants/<int:leg_id>/outcomes", "results", N_("Anmäl ett resultat"),
    sends=form_of("OutcomeForm", OUTCOME), gives=shapes.Receipt, status=201, tag=RESULTS,
    text=N_("Är personen kvar hos er tar insatsen slut på last_day. Underlag lämnar ni på sidan."),
)  # fmt: skip
def claim_outcome(said: Said, leg_id: int) -> Response:
    """Claim a result."""

    def tell(session: Session, person: Served, by: Actor) -> Outcome:
        values = answers.read(OUTCOME, said)
        last_day = person.ended_on or values["last_day"]
        if last_day is None:
            missing = Refusal("field_missing", "Det här behöver fyllas i.", status=422)
            raise Faulty([answers.fault("/last_day", missing)])
        values |= {"last_day": last_day, "employer_number": values["employer_number"] or None}
        made = actions.OutcomeForm(**values)
        return actions.claim_outcome(session, leg_id, made, by=by, today=dates.today(), via="api")

    return told_of(leg_id, tell)


@part.operation(
    "/outcomes/<int:outcome_id>/withdraw", "results", N_("Ta tillbaka ett resultat"),
    gives=shapes.Receipt, tag=RESULTS,
)  # fmt: skip
def withdraw_outcome(outcome_id: int) -> Response:
    """Take a claim back."""
    return taken_back(Outcome, outcome_id, actions.withdraw_outcome)


@part.operation(
    "/checks", "read", N_("Prövningar av resultat"),
    query=ListQuery, gives=shapes.page_of(shapes.Check), tag=CHECKS,
    text=N_("Varje del av ett resultat prövas på sin dag: den första, den andra och bonusen."),
)  # fmt: skip
def checks(said: Said) -> dict[str, Any]:
    """The dated cases of the results."""
    return rows_of(Check, said, _case)


@part.operation("/checks/<int:check_id>", "read", N_("En prövning"), gives=shapes.Check, tag=CHECKS)
def check(check_id: int) -> dict[str, Any]:
    """One dated case."""
    return _case(row_of(Check, check_id))


@part.operation(
    "/checks/<int:check_id>/answer", "results", N_("Svara på uppföljningen"),
    sends=form_of("FollowUpForm", FOLLOW_UP), gives=shapes.Receipt, tag=CHECKS,
    text=N_("Är personen kvar i arbete eller studier? Svara senast answer_by."),
)  # fmt: skip
def answer_check(said: Said, check_id: int) -> Response:
    """Say whether it held until the case's day."""

    def work(session: Session) -> tuple[dict[str, Any], int]:
        one_of_ours(session, Check, check_id)
        values = answers.read(FOLLOW_UP, said)
        by, today = caller().actor, dates.today()
        row = answer_follow_up(session, check_id, values["answer"], values["last_on"], by=by, today=today)
        return receipt(row), 200

    return answers.once(work)

"""Many whole histories at once, as when a municipality moves in from an older system.

Each is held against the same rules as if it had been told day by day; the first that could not have happened
stops all. One audit entry with a digest stands for the lot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.bulk import insert_rows, learn
from core.database import Base, fetch, new_ids
from core.dates import add_working_days, last_of_month
from core.refusal import Refusal
from core.rulebooks import Rulebook
from vouchers.queries.terms import terms_of
from vouchers.rules import reporting, results
from vouchers.rules.terms import Terms

CHUNK = 5_000
PROGRESS, NEXT_STEP = "Enligt äldre system.", "Enligt planen."


@dataclass(frozen=True, slots=True)
class Told:
    """A month's report: handed in one day, approved another."""

    month: date
    submitted_on: date
    approved_on: date


@dataclass(frozen=True, slots=True)
class Judged:
    """A check of an outcome, still due when `passed` is None."""

    purpose: str
    part: int
    due_on: date
    passed: bool | None = None
    judged_on: date | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What it led to."""

    kind: str
    starts_on: date
    claimed_on: date
    source: str
    employer_number: str | None
    checks: tuple[Judged, ...]
    extent_percent: int = 100
    subsidised: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """One person's voucher with one provider, from the decision to today. Accounts are ids."""

    sealed: str
    fingerprint: str
    given_name: str
    family_name: str
    rulebook_id: int
    service: str
    level: str
    months: int
    provider_id: int
    accreditation_id: int
    coach_id: int
    guide_id: int
    decided_on: date
    chosen_on: date
    started_on: date
    reports: tuple[Told, ...]
    ended_on: date | None = None
    end_reason: str | None = None
    result: Result | None = None


def import_histories(session: Session, histories: Iterable[History], *, by: Actor, today: date) -> int:
    """Write the histories; gives their number. Raises Refusal for the first that breaks a rule."""
    writer = _Writer(by, today)
    count, digests, part = 0, list[str](), list[History]()
    terms: dict[int, Terms] = {}
    for history in histories:
        if history.rulebook_id not in terms:
            terms[history.rulebook_id] = terms_of(session, by.municipality_id, history.rulebook_id)
        _check(history, terms[history.rulebook_id], today)
        part.append(history)
        if len(part) == CHUNK:
            count, part = count + len(part), writer.write(session, part, digests)
    if part:
        count, part = count + len(part), writer.write(session, part, digests)
    audit.record(
        session,
        "histories.imported",
        audit.Subject("history", 0),
        by=by,
        count=count,
        digest=audit.digest(digests),
    )
    return count


def _check(one: History, terms: Terms, today: date) -> None:
    service = terms.services.get(one.service)
    if service is None or one.level not in {level.code for level in service.levels}:
        raise Refusal("service_unknown", "Den insatsen eller nivån finns inte i regelverket.", status=422)
    last_day = _choose_by(one.decided_on, terms.choice_window_working_days)
    if not one.decided_on <= one.chosen_on <= min(last_day, one.started_on):
        raise Refusal("history_choice_wrong", "Valet ligger utanför tiden för att välja.", status=422)
    if one.started_on > today or (one.ended_on is not None and not one.started_on <= one.ended_on <= today):
        raise Refusal("last_day_wrong", "Sista dagen måste ligga mellan starten och i dag.", status=422)
    for told in one.reports:
        reporting.may_report(
            month=told.month,
            started_on=one.started_on,
            ended_on=one.ended_on,
            terms=terms,
            today=told.submitted_on,
        )
        if not told.submitted_on <= told.approved_on <= today:
            raise Refusal("history_report_wrong", "En rapport är godkänd före den lämnades in.", status=422)
    if one.result is not None:
        _check_result(one, one.result, terms)


def _check_result(one: History, result: Result, terms: Terms) -> None:
    if one.ended_on is None:
        raise Refusal("history_result_wrong", "Ett resultat kräver att insatsen är avslutad.", status=422)
    results.may_claim(
        kind=result.kind,
        service=terms.services[one.service],
        starts_on=result.starts_on,
        last_day=one.ended_on,
        started_on=one.started_on,
        terms=terms,
        today=result.claimed_on,
    )
    dates = results.result_dates(result.starts_on, terms)
    for check in result.checks:
        due = dates[check.part - 1] if check.purpose == "result" else results.bonus_date(one.ended_on, terms)
        if check.due_on != due:
            raise Refusal("history_check_wrong", "En prövning ligger på fel dag.", status=422)
        if check.passed is not None and check.judged_on is not None:
            results.may_judge(
                due_on=check.due_on,
                passed=check.passed,
                source=result.source,
                code="no_evidence",
                terms=terms,
                today=check.judged_on,
            )


@lru_cache(maxsize=4_096)
def _choose_by(decided_on: date, window: int) -> date:
    return add_working_days(decided_on, window)


@lru_cache(maxsize=4_096)
def _due_on(month: date, working_day: int) -> date:
    return add_working_days(last_of_month(month), working_day)


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


Numbered = tuple[int, int, History]
"""A history with the ids of its voucher and its leg; the person and the outcome share the voucher's."""


class _Writer:
    """Turns histories into rows of six tables."""

    def __init__(self, by: Actor, today: date) -> None:
        self.by, self.today = by, today
        self.schemes: dict[int, str] = {}

    def write(self, session: Session, part: list[History], digests: list[str]) -> list[History]:
        numbered = list(zip(new_ids(len(part)), new_ids(len(part)), part, strict=True))
        owner = self.by.municipality_id
        terms = {book: terms_of(session, owner, book) for book in {one.rulebook_id for one in part}}
        self.schemes = {book: fetch(session, Rulebook, owner, book).scheme for book in terms}
        self.put(session, "participant", PARTICIPANT, map(self.participant, numbered))
        self.put(session, "voucher", VOUCHER, (self.voucher(row, terms) for row in numbered))
        self.put(session, "leg", LEG, (self.leg(row, terms) for row in numbered))
        self.put(session, "report", REPORT, self.reports(numbered, terms))
        self.put(session, "outcome", OUTCOME, self.outcomes(numbered))
        self.put(session, "outcome_check", CHECK, self.checks(numbered))
        digests.append(audit.digest(part))
        if len(digests) in (1, 4):
            learn(session, "participant", "voucher", "leg", "report", "outcome")
        return []

    def put(
        self, session: Session, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        owner = self.by.municipality_id
        insert_rows(session, _table(table), ("municipality_id", *columns), ((owner, *row) for row in rows))

    def participant(self, row: Numbered) -> tuple[Any, ...]:
        key, _, one = row
        name = (one.given_name, one.family_name)
        return (key, one.guide_id, one.sealed, one.fingerprint, *name, "none", "sv")

    def voucher(self, row: Numbered, terms: dict[int, Terms]) -> tuple[Any, ...]:
        key, _, one = row
        rules = terms[one.rulebook_id]
        last_day = _choose_by(one.decided_on, rules.choice_window_working_days)
        scheme = self.schemes[one.rulebook_id]
        state = "active" if one.ended_on is None else "ended"
        return (
            key, key, one.rulebook_id, scheme, one.service, one.level, one.months, state, self.by.account_id,
            one.decided_on, PROGRESS, last_day, one.ended_on, one.end_reason,
        )  # fmt: skip

    def leg(self, row: Numbered, terms: dict[int, Terms]) -> tuple[Any, ...]:
        voucher, key, one = row
        start_by = _choose_by(one.chosen_on, terms[one.rulebook_id].start_within_working_days)
        return (
            key, voucher, one.provider_id, one.accreditation_id, 1, "assisted", one.chosen_on,
            self.by.account_id, start_by, one.chosen_on, one.started_on, one.ended_on, one.end_reason,
            one.coach_id,
        )  # fmt: skip

    def reports(self, rows: list[Numbered], terms: dict[int, Terms]) -> Iterator[tuple[Any, ...]]:
        ids = iter(new_ids(sum(len(one.reports) for _, _, one in rows)))
        for _, key, one in rows:
            working_day = terms[one.rulebook_id].report_by_working_day
            for told in one.reports:
                late = told.submitted_on > _due_on(told.month, working_day)
                yield (
                    next(ids), key, told.month, "approved", 960, 960, 640, 3, 2, PROGRESS, NEXT_STEP,
                    told.submitted_on, one.coach_id, told.submitted_on, late, self.by.account_id,
                    told.approved_on, "",
                )  # fmt: skip

    def outcomes(self, rows: list[Numbered]) -> Iterator[tuple[Any, ...]]:
        for key, leg, one in rows:
            if (result := one.result) is not None:
                judged = [check.passed for check in result.checks if check.purpose == "result"]
                state = (
                    "verified"
                    if True in judged
                    else "rejected"
                    if judged and judged[0] is False
                    else "claimed"
                )
                yield (
                    key, leg, key, result.kind, state, result.starts_on, result.extent_percent,
                    result.subsidised, result.employer_number, one.coach_id, result.claimed_on,
                )  # fmt: skip

    def checks(self, rows: list[Numbered]) -> Iterator[tuple[Any, ...]]:
        ids = iter(new_ids(sum(len(one.result.checks) for _, _, one in rows if one.result)))
        words = {True: "passed", False: "failed", None: "due"}
        for key, leg, one in rows:
            for check in one.result.checks if one.result else ():
                yield (
                    next(ids), key, key, leg, check.purpose, check.part, check.due_on, words[check.passed],
                    one.result.source if one.result and check.passed else None,
                    "no_evidence" if check.passed is False else None,
                    None if check.passed is None else self.by.account_id,
                    None if check.passed is None else check.judged_on,
                )  # fmt: skip


PARTICIPANT = (
    "id", "guide_id", "identity_sealed", "identity_fingerprint", "given_name", "family_name", "protection",
    "language",
)  # fmt: skip
VOUCHER = (
    "id", "participant_id", "rulebook_id", "scheme", "service", "level", "months", "state", "decided_by",
    "decided_on", "reasons", "choose_by", "ended_on", "end_reason",
)  # fmt: skip
LEG = (
    "id", "voucher_id", "provider_id", "accreditation_id", "ordinal", "how", "chosen_on", "chosen_by",
    "start_by", "accepted_on", "started_on", "ended_on", "end_reason", "coach_id",
)  # fmt: skip
REPORT = (
    "id", "leg_id", "month", "state", "booked_minutes", "activity_minutes", "physical_minutes", "meetings",
    "physical_meetings", "progress", "next_step", "next_step_on", "submitted_by", "submitted_on", "is_late",
    "judged_by", "judged_on", "comment",
)  # fmt: skip
OUTCOME = (
    "id", "leg_id", "voucher_id", "kind", "state", "starts_on", "extent_percent", "subsidised",
    "employer_number", "claimed_by", "claimed_on",
)  # fmt: skip
CHECK = (
    "id", "outcome_id", "voucher_id", "leg_id", "purpose", "part", "due_on", "state", "source",
    "refusal_code", "judged_by", "judged_on",
)  # fmt: skip

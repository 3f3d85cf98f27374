"""Staff judge each dated case of a result, on a named source or by an override that ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from vouchers.actions.employers import close_questions
from vouchers.actions.proof import end_standing, keep_look, looks
from vouchers.actions.results import none_living, open_check
from vouchers.models import Check, Outcome, Override, Voucher
from vouchers.queries.following import asked
from vouchers.queries.proof import related_now
from vouchers.queries.terms import terms_of
from vouchers.rules import following, proving, results, states
from vouchers.rules.outcomes import WORK_OR_STUDIES
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class _Case:
    """A dated case with what it stands on."""

    check: Check
    outcome: Outcome
    voucher: Voucher
    terms: Terms


def judge_check(
    session: Session,
    check_id: int,
    *,
    passed: bool,
    source: str | None = None,
    refusal_code: str | None = None,
    related_reasons: str = "",
    note: str = "",
    by: Actor,
    today: date,
) -> Check:
    """Staff say yes, with the source they saw, or no, with a reason. The first yes opens the bonus case.

    A yes rests on a look at the source that supports it. Where none was noted before, naming the source is
    the look, and is kept as one, with `note`; a source that contradicts stands in the way until it has been
    looked at again. `related_reasons` is needed for a job at the provider itself or its group.
    """
    by.require(Role.GUIDE, Role.INSPECTOR)
    case = _case(session, check_id, by)
    check = case.check
    results.may_judge(
        due_on=check.due_on,
        passed=passed,
        source=source,
        code=refusal_code,
        terms=case.terms,
        today=today,
    )
    _stands(case)
    if not passed and following.is_followed(
        purpose=check.purpose, due_on=check.due_on, claimed_on=case.outcome.claimed_on
    ):
        following.may_refuse(refusal_code, asked(check, case.terms), today)
    if passed and source is not None:
        states.check.after(check.state, "pass")
        _seen(session, check, source, note, by, today)
        _related(session, case, related_reasons)
    _settle(session, case, passed=passed, source=source, code=refusal_code, by=by, today=today)
    audit.record(
        session,
        "check.passed" if passed else "check.failed",
        check,
        by=by,
        purpose=check.purpose,
        part=check.part,
        source=source,
        code=refusal_code,
    )
    return check


@dataclass(frozen=True)
class OverrideForm:
    """A decision past the sources: yes, or no for a coded reason; why; and the day it ends."""

    passes: bool
    reasons: str
    until_on: date
    refusal_code: str | None = None


def override_check(
    session: Session, check_id: int, form: OverrideForm, *, by: Actor, today: date
) -> Override:
    """Decide a dated case though no source is seen, or against one; until a day, with reasons.

    Of a case that stands on an override, a new one takes its place: it ends, and this one begins.
    """
    by.require(Role.GUIDE, Role.INSPECTOR)
    case = _case(session, check_id, by)
    check = case.check
    proving.may_override(
        due_on=check.due_on,
        reasons=form.reasons,
        until_on=form.until_on,
        terms=case.terms.proof,
        today=today,
    )
    if not form.passes and form.refusal_code not in results.REFUSALS:
        raise Refusal("refusal_code_missing", "Ange varför resultatet inte godkänns.", status=422)
    if end_standing(session, check, ended_by=by.account_id, today=today):
        _reopen(session, case)
    _stands(case)
    if form.passes:
        _related(session, case, form.reasons)
    _settle(
        session,
        case,
        passed=form.passes,
        source=proving.OVERRIDDEN,
        code=form.refusal_code,
        by=by,
        today=today,
    )
    override = Override(
        municipality_id=by.municipality_id,
        check_id=check.id,
        passes=form.passes,
        reasons=form.reasons.strip(),
        decided_by=by.account_id,
        decided_on=today,
        until_on=form.until_on,
    )
    session.add(override)
    audit.record(
        session,
        "check.overridden",
        check,
        by=by,
        passes=form.passes,
        code=None if form.passes else form.refusal_code,
        until_on=form.until_on,
    )
    return override


def end_override(
    session: Session,
    check_id: int,
    *,
    passed: bool,
    source: str | None = None,
    refusal_code: str | None = None,
    related_reasons: str = "",
    note: str = "",
    by: Actor,
    today: date,
) -> Check:
    """Look again at a case that stands on an override: that ends, and the case is judged as any other, at
    once, so that money moves only where the answer is another."""
    by.require(Role.GUIDE, Role.INSPECTOR)
    case = _case(session, check_id, by)
    if not end_standing(session, case.check, ended_by=by.account_id, today=today):
        raise Refusal("no_override", "Det finns inget undantag som gäller. Någon kan ha hunnit före.")
    _reopen(session, case)
    judge_check(
        session,
        check_id,
        passed=passed,
        source=source,
        refusal_code=refusal_code,
        related_reasons=related_reasons,
        note=note,
        by=by,
        today=today,
    )
    audit.record(session, "check.override_ended", case.check, by=by, ended_on=today)
    return case.check


# ── what they share ──────────────────────────────────────────────────────────────────────────────


def _case(session: Session, check_id: int, by: Actor) -> _Case:
    check = fetch(session, Check, by.municipality_id, check_id)
    voucher = fetch(session, Voucher, by.municipality_id, check.voucher_id)
    return _Case(
        check,
        fetch(session, Outcome, by.municipality_id, check.outcome_id),
        voucher,
        terms_of(session, by.municipality_id, voucher.rulebook_id),
    )


def _stands(case: _Case) -> None:
    outcome = case.outcome
    if outcome.state in ("withdrawn", "rejected") or (
        case.check.purpose == "bonus" and outcome.state != "verified"
    ):
        raise Refusal("outcome_not_standing", "Resultatet gäller inte längre och kan inte prövas.")


def _seen(session: Session, check: Check, source: str, note: str, by: Actor, today: date) -> None:
    """A yes rests on a look: one that was kept, or the one that naming the source is."""
    before = looks(session, check)
    if proving.seen_last(before).get(source) is None:
        proving.may_pass(source, [*before, proving.Look(source, "supports")])
        keep_look(session, check, source, "supports", note=note, seen_by=by.account_id, today=today)
    else:
        proving.may_pass(source, before)


def _related(session: Session, case: _Case, reasons: str) -> None:
    """The group may have been declared since the claim; the flag is set at the latest now."""
    outcome = case.outcome
    outcome.related = related_now(session, outcome)
    kept = reasons.strip() or outcome.related_reasons
    proving.may_pass_related(outcome.related, kept)
    if outcome.related is not None:
        outcome.related_reasons = kept
    session.flush()


def _settle(
    session: Session,
    case: _Case,
    *,
    passed: bool,
    source: str | None,
    code: str | None,
    by: Actor,
    today: date,
) -> None:
    check = case.check
    check.state = states.check.after(check.state, "pass" if passed else "fail")
    check.source, check.refusal_code = (source, None) if passed else (None, code)
    check.judged_by, check.judged_on = by.account_id, today
    close_questions(session, check, today)
    _follow(session, case, is_final=source != proving.OVERRIDDEN)


def _follow(session: Session, case: _Case, *, is_final: bool) -> None:
    """What the judgement does to the result and its bonus, which waits while a no is an override's."""
    check, outcome, voucher = case.check, case.outcome, case.voucher
    if check.purpose != "result" or outcome.state != "claimed":
        return
    outcome.state = states.outcome.after(outcome.state, "verify" if check.state == "passed" else "reject")
    bonus = _of(session, outcome, "bonus")
    if check.state == "failed":
        for one in bonus:
            if is_final and states.check.can(one.state, "withdraw"):
                one.state = states.check.after(one.state, "withdraw")
                close_questions(session, one, check.judged_on or check.due_on)
    elif voucher.ended_on is not None and not bonus and outcome.kind in WORK_OR_STUDIES:
        open_check(session, outcome, "bonus", 1, results.bonus_date(voucher.ended_on, case.terms), case.terms)


def _of(session: Session, outcome: Outcome, purpose: str) -> list[Check]:
    rows = select(Check).where(
        Check.municipality_id == outcome.municipality_id,
        Check.outcome_id == outcome.id,
        Check.purpose == purpose,
    )
    return list(session.scalars(rows))


def _reopen(session: Session, case: _Case) -> None:
    """The case waits again, and its result too unless another part of it stands."""
    check, outcome = case.check, case.outcome
    if outcome.state == "rejected":
        none_living(session, case.voucher)
    check.state = states.check.after(check.state, "reopen")
    check.source = check.refusal_code = check.judged_by = check.judged_on = None
    if check.purpose == "result":
        others = [one.state for one in _of(session, outcome, "result") if one.id != check.id]
        if "passed" not in others and states.outcome.can(outcome.state, "reopen"):
            outcome.state = states.outcome.after(outcome.state, "reopen")
    session.flush()

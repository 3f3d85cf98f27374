"""A provider answers a case that opens later on, and is reminded once; judged cases are looked at again."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, identity
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Forbidden, Missing
from vouchers.actions.choices import own_leg
from vouchers.models import Check, Outcome, Participant, QualityReview, Voucher
from vouchers.queries.following import asked, stands
from vouchers.queries.reviews import to_draw_from
from vouchers.queries.terms import terms_of
from vouchers.rules import following
from vouchers.rules.secrecy import may_know

DRAWN_FROM_DAYS = 35
"""How far back a draw looks, so that nothing is missed though the clock stood still for a month."""


def answer_follow_up(
    session: Session, check_id: int, answer: str, last_on: date | None = None, *, by: Actor, today: date
) -> Check:
    """The person's own provider says whether it held until the case's day: `still`, or `ended` on `last_on`.

    Until the case is judged the answer may be changed; the last one counts, and whether that came in time.
    One after the last day is taken, and left for staff to judge. Missing to every other provider.
    """
    by.require(Role.COACH, Role.MANAGER)
    check = fetch(session, Check, by.municipality_id, check_id)
    try:
        own_leg(session, check.leg_id, by)
    except Forbidden:
        raise Missing() from None
    outcome = fetch(session, Outcome, by.municipality_id, check.outcome_id)
    if not following.is_followed(purpose=check.purpose, due_on=check.due_on, claimed_on=outcome.claimed_on):
        raise Missing()
    following.may_answer(
        state=check.state,
        stands=stands(check.purpose, outcome.state),
        due_on=check.due_on,
        starts_on=outcome.starts_on,
        answer=answer,
        last_on=last_on,
        today=today,
    )
    if (check.answer, check.last_on) == (answer, last_on):
        return check
    check.answer, check.last_on = answer, last_on
    check.answered_on, check.answered_by = today, by.account_id
    voucher = fetch(session, Voucher, by.municipality_id, check.voucher_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    audit.record(
        session,
        "check.answered",
        check,
        by=by,
        purpose=check.purpose,
        part=check.part,
        answer=answer,
        late=following.stage(asked(check, terms), today) == "late",
    )
    return check


def remind_follow_ups(session: Session, *, by: Actor, today: date) -> int:
    """Tell providers, once a case, that an answer is awaited; gives how many. It closes nothing.

    Nothing leaves the house: the provider sees it in its week.
    """
    rows = (
        select(Check, Outcome, Voucher.rulebook_id)
        .join(Outcome, (Outcome.municipality_id == Check.municipality_id) & (Outcome.id == Check.outcome_id))
        .join(Voucher, (Voucher.municipality_id == Check.municipality_id) & (Voucher.id == Check.voucher_id))
        .where(
            Check.municipality_id == by.municipality_id,
            Check.state == "due",
            Check.due_on <= today,
            Check.answered_on.is_(None),
            Check.reminded_on.is_(None),
        )
        .order_by(Check.id)
    )
    count = 0
    for check, outcome, rulebook_id in session.execute(rows).all():
        terms = terms_of(session, by.municipality_id, rulebook_id)
        is_asked = stands(check.purpose, outcome.state) and following.is_followed(
            purpose=check.purpose, due_on=check.due_on, claimed_on=outcome.claimed_on
        )
        one = asked(check, terms)
        if is_asked and following.is_to_be_reminded(one, terms.proof, today):
            check.reminded_on = today
            audit.record(
                session,
                "check.reminded",
                check,
                by=by,
                purpose=check.purpose,
                part=check.part,
                until_on=one.answer_by,
            )
            count += 1
    audit.record(session, "follow_ups.reminded", audit.Subject("outcome_check", 0), by=by, count=count)
    return count


def draw_reviews(session: Session, *, by: Actor, today: date) -> int:
    """Draw the rulebook's share of the cases judged lately for a second look; gives how many.

    Each day's seed is a keyed fingerprint, so that nobody who judges can tell what will be drawn, and whoever
    has the seed can draw again. Drawing twice draws the same.
    """
    until = today - timedelta(days=1)
    since = until - timedelta(days=DRAWN_FROM_DAYS)
    vault, seeds = identity.vault(session), {}
    drawn = []
    for row in to_draw_from(session, by.municipality_id, since, until):
        if row.judged_on not in seeds:
            seeds[row.judged_on] = vault.fingerprint(by.municipality_id, f"review {row.judged_on}")
        seed = seeds[row.judged_on]
        percent = terms_of(session, by.municipality_id, row.rulebook_id).proof.review_percent
        if following.is_drawn(seed, row.id, percent):
            drawn.append((row.id, seed))
    session.add_all(
        QualityReview(municipality_id=by.municipality_id, check_id=check_id, seed=seed, drawn_on=today)
        for check_id, seed in drawn
    )
    audit.record(
        session,
        "reviews.drawn",
        audit.Subject(QualityReview.__tablename__, 0),
        by=by,
        count=len(drawn),
        until_on=until,
        digest=audit.digest(drawn),
    )
    return len(drawn)


def review_check(
    session: Session, review_id: int, verdict: str, note: str = "", *, by: Actor, today: date
) -> QualityReview:
    """A second person looks at what was judged, and agrees or differs; once. It changes no judgement: what is
    wrong is put right by people on the case itself. Missing to whoever may not know the person."""
    by.require(Role.GUIDE, Role.INSPECTOR)
    review = fetch(session, QualityReview, by.municipality_id, review_id)
    check = fetch(session, Check, by.municipality_id, review.check_id)
    voucher = fetch(session, Voucher, by.municipality_id, check.voucher_id)
    person = fetch(session, Participant, by.municipality_id, voucher.participant_id)
    if not may_know(by.account_id, person.guide_id, person.protection):
        raise Missing()
    following.may_review(
        state=check.state,
        judged_by=check.judged_by,
        reviewer_id=by.account_id,
        verdict=verdict,
        note=note,
        is_done=review.verdict is not None,
    )
    review.verdict, review.note = verdict, note.strip()
    review.reviewed_by, review.reviewed_on = by.account_id, today
    audit.record(
        session, "check.reviewed", check, by=by, purpose=check.purpose, part=check.part, verdict=verdict
    )
    return review

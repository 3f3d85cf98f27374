"""None of them suits: an answer too, kept and followed up. And the reminder before the window closes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Forbidden, Missing, Refusal
from vouchers.models import NoneSuits, Participant, Reminder, Voucher
from vouchers.queries.non_choice import unanswered
from vouchers.queries.terms import terms_of
from vouchers.rules import choice, states

LONGEST_WORDS = 2_000


def say_none_suits(
    session: Session, voucher_id: int, why: Collection[str], words: str, *, by: Actor, at: datetime
) -> NoneSuits:
    """The person says that none suits, or a guide at the person's side writes it down. `why` are codes of the
    rulebook. Until it is followed up nobody is given a provider."""
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    person = fetch(session, Participant, by.municipality_id, voucher.participant_id)
    if by.participant_id != person.id and not by.has(Role.GUIDE):
        raise Forbidden()
    if voucher.state != "choice_open":
        raise Refusal("choice_made", "Du har redan valt. Prata med din karriärvägledare om du vill byta.")
    if waiting(session, voucher) is not None:
        raise Refusal("none_suits_said", "Du har redan sagt det. Din karriärvägledare hör av sig.")
    known = [one.code for one in terms_of(session, by.municipality_id, voucher.rulebook_id).none_suits]
    chosen = [code for code in known if code in why]
    if set(why) - set(known) or (known and not chosen) or not (chosen or words.strip()):
        raise Refusal("why_missing", "Välj minst ett skäl i listan.", status=422)
    if len(words) > LONGEST_WORDS:
        raise Refusal("words_long", "Skriv högst {most} tecken.", most=LONGEST_WORDS, status=422)
    said = NoneSuits(
        municipality_id=by.municipality_id,
        voucher_id=voucher.id,
        why=chosen,
        words=words.strip(),
        said_at=at,
        said_by=by.account_id,
    )
    session.add(said)
    audit.record(session, "voucher.none_suited", voucher, by=by, why=chosen)
    return said


def waiting(session: Session, voucher: Voucher) -> NoneSuits | None:
    """The answer that nobody has followed up yet."""
    return session.scalar(
        select(NoneSuits).where(
            NoneSuits.municipality_id == voucher.municipality_id,
            NoneSuits.voucher_id == voucher.id,
            NoneSuits.followed_up_on.is_(None),
        )
    )


def follow_up_none_suits(
    session: Session, voucher_id: int, follow_up: str, *, reopen: bool, by: Actor, at: datetime
) -> NoneSuits:
    """A guide has talked with the person: what was agreed, and (`reopen`) a whole new window from today."""
    by.require(Role.GUIDE)
    today = day_of(at)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    said = waiting(session, voucher)
    if said is None:
        raise Missing()
    if not follow_up.strip():
        raise Refusal("follow_up_missing", "Skriv vad ni kom fram till.", status=422)
    if len(follow_up) > LONGEST_WORDS:
        raise Refusal("words_long", "Skriv högst {most} tecken.", most=LONGEST_WORDS, status=422)
    said.followed_up_on, said.followed_up_by, said.follow_up = today, by.account_id, follow_up.strip()
    if reopen:
        voucher.state = states.voucher.after(voucher.state, "reopen")
        terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
        voucher.choose_by = choice.choose_by(today, terms)
    audit.record(
        session,
        "voucher.none_suited_followed_up",
        voucher,
        by=by,
        until_on=voucher.choose_by if reopen else None,
    )
    return said


def remind_choosers(session: Session, *, by: Actor, today: date) -> int:
    """Tell everybody whose window soon closes, once a window; gives how many.

    Whoever has answered that none suits is not reminded. Nothing leaves the house: the person sees it on the
    own page, the guide in the list.
    """
    told = (
        select(Reminder.id)
        .where(
            Reminder.municipality_id == Voucher.municipality_id,
            Reminder.voucher_id == Voucher.id,
            Reminder.kind == choice.CHOOSE,
            Reminder.about_on == Voucher.choose_by,
        )
        .correlate(Voucher)
        .exists()
    )
    rows = (
        select(Voucher)
        .where(
            Voucher.municipality_id == by.municipality_id,
            Voucher.state == "choice_open",
            Voucher.choose_by >= today,
            ~told,
            ~unanswered(),
        )
        .order_by(Voucher.id)
    )
    count = 0
    for voucher in session.scalars(rows).all():
        terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
        if choice.is_to_be_reminded(voucher.choose_by, terms, today):
            _remind(session, voucher, by, today)
            count += 1
    audit.record(session, "choosers.reminded", audit.Subject("reminder", 0), by=by, count=count)
    return count


def _remind(session: Session, voucher: Voucher, by: Actor, today: date) -> None:
    session.add(
        Reminder(
            municipality_id=by.municipality_id,
            voucher_id=voucher.id,
            kind=choice.CHOOSE,
            about_on=voucher.choose_by,
            given_on=today,
        )
    )
    audit.record(session, "voucher.reminded", voucher, by=by, about_on=voucher.choose_by)

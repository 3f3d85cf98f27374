"""A provider tells of an absence, one row an occasion; a guide judges it; it can be taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from vouchers.actions.choices import own_leg
from vouchers.models import Deviation, Voucher
from vouchers.queries.attendance import history
from vouchers.queries.pauses import pauses_of_legs
from vouchers.queries.terms import terms_of
from vouchers.rules import deviations, fields, states


@dataclass(frozen=True)
class DeviationForm:
    """An absence as the provider tells it: the fields of `fields.of("deviation")`, read.

    Times are minutes after midnight. `reason` is one of `told.ABSENCES`.
    """

    happened_on: date
    activity: str
    expected_from: int
    expected_to: int
    absent_from: int
    absent_to: int
    reason: str
    words: str = ""


def tell_deviation(
    session: Session, leg_id: int, form: DeviationForm, *, by: Actor, today: date, via: str = "page"
) -> Deviation:
    """Tell of one absence from one occasion. Raises Refusal; Forbidden to others than the person's provider.

    The same occasion is told once, until it is taken back.
    """
    leg = own_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    deviations.may_tell(
        happened_on=form.happened_on,
        started_on=leg.started_on,
        ended_on=leg.ended_on,
        paused=pauses_of_legs(session, by.municipality_id, [leg.id]).get(leg.id, ()),
        terms=terms,
        today=today,
    )
    for fault in fields.together("deviation", asdict(form), terms).values():
        raise fault
    if _told(session, by.municipality_id, leg.id, form) is not None:
        raise Refusal(
            "deviation_exists",
            "Frånvaron är redan anmäld. Ta tillbaka den anmälan först om något är fel i den.",
        )
    found = Deviation(
        municipality_id=by.municipality_id,
        leg_id=leg.id,
        via=via,
        reported_by=by.account_id,
        reported_on=today,
        is_late=deviations.is_late(form.happened_on, terms, today),
        state="unjudged",
        **asdict(form),
    )
    session.add(found)
    audit.record(session, "deviation.told", found, by=by, happened_on=form.happened_on, late=found.is_late)
    return found


def _told(session: Session, municipality_id: int, leg_id: int, form: DeviationForm) -> int | None:
    return session.scalar(
        select(Deviation.id).where(
            Deviation.municipality_id == municipality_id,
            Deviation.leg_id == leg_id,
            Deviation.happened_on == form.happened_on,
            Deviation.expected_from == form.expected_from,
            Deviation.state != "withdrawn",
        )
    )


def withdraw_deviation(session: Session, deviation_id: int, *, by: Actor, today: date) -> Deviation:
    """Take back what was told, judged or not: a provider its own, a guide any."""
    by.require(Role.COACH, Role.MANAGER, Role.GUIDE)
    found = fetch(session, Deviation, by.municipality_id, deviation_id)
    if not by.has(Role.GUIDE):
        own_leg(session, found.leg_id, by)
    before = found.state
    found.state = states.deviation.after(before, "withdraw")
    audit.record(session, "deviation.withdrawn", found, by=by, before=before, on=today)
    return found


def judge_deviation(
    session: Session, deviation_id: int, *, valid: bool, note: str = "", by: Actor, today: date
) -> Deviation:
    """A guide says whether there was a valid reason; without one the guide says why not.

    That the person was away at all is judged first, when the person contests it (`judge_contest`).
    """
    by.require(Role.GUIDE)
    found = fetch(session, Deviation, by.municipality_id, deviation_id)
    if any(said.is_open for said in history(session, by.municipality_id, found)):
        raise Refusal("contest_first", "Personen säger att det inte stämmer. Pröva det först.")
    if not valid and not note.strip():
        raise Refusal("note_missing", "Skriv varför skälet inte räcker.", status=422)
    found.state = states.deviation.after(found.state, "find_valid" if valid else "find_not_valid")
    found.note = note.strip()
    found.judged_by, found.judged_on = by.account_id, today
    audit.record(session, "deviation.judged", found, by=by, verdict=found.state)
    return found

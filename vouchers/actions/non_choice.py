"""Nobody chose: the rule proposes a list, and a person confirms it line by line (KL 6:38)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Refusal
from core.rulebooks import Rulebook
from providers.models import Accreditation
from providers.queries import intake_is_open, open_accreditation
from vouchers.actions.choices import new_leg
from vouchers.models import Leg, NonChoice, NonChoiceList, Participant, Voucher
from vouchers.queries import choices
from vouchers.queries import non_choice as facts
from vouchers.queries.places import has_place
from vouchers.rules import non_choice, states
from vouchers.rules.secrecy import may_know

LONGEST_REASONS = 2_000


def propose_list(
    session: Session, *, by: Actor, today: date, seed: str | None = None
) -> NonChoiceList | None:
    """Make the list of today, or bring the open one up to date; decides nothing. None when nobody waits.

    A guide does it, or the clock. An open list keeps its seed: the same seed and facts give the same lines.
    """
    if by.kind != "clock":
        by.require(Role.GUIDE)
    waiting = facts.cases(session, by.municipality_id, today)
    found = facts.open_list(session, by.municipality_id)
    if found is None:
        if not waiting:
            return None
        found = NonChoiceList(
            municipality_id=by.municipality_id,
            state="proposed",
            seed=seed or secrets.token_hex(16),
            made_by=by.account_id,
            made_on=today,
        )
        session.add(found)
        session.flush()
    able = facts.candidates(session, by.municipality_id, today)
    lines = {line.voucher_id: line for line in non_choice.propose(waiting, able, found.seed)}
    _bring_up_to_date(session, found, lines)
    audit.record(session, "non_choice_list.proposed", found, by=by, count=len(lines))
    return found


def _bring_up_to_date(session: Session, found: NonChoiceList, lines: Mapping[int, non_choice.Line]) -> None:
    """Put today's lines in; who no longer waits is left out."""
    kept = {row.voucher_id: row for row in _rows(session, found)}
    for voucher_id, row in kept.items():
        line = lines.get(voucher_id)
        if row.answer != "waits":
            continue
        if line is None:
            row.answer, row.facts = "left_out", {**row.facts, "left_out": "no_longer"}
        elif (row.provider_id, row.rule, row.facts) != (line.provider_id, line.rule, line.facts):
            row.provider_id, row.rule, row.facts = line.provider_id, line.rule, line.facts
    session.add_all(
        NonChoice(
            municipality_id=found.municipality_id,
            list_id=found.id,
            voucher_id=line.voucher_id,
            provider_id=line.provider_id,
            rule=line.rule,
            facts=line.facts,
            answer="waits",
        )
        for line in lines.values()
        if line.voucher_id not in kept
    )
    session.flush()


def _rows(session: Session, found: NonChoiceList) -> list[NonChoice]:
    rows = select(NonChoice).where(
        NonChoice.municipality_id == found.municipality_id, NonChoice.list_id == found.id
    )
    return list(session.scalars(rows.order_by(NonChoice.id)))


@dataclass(frozen=True)
class Answer:
    """What a person says of one line: this provider, or (None) left out, for these reasons."""

    provider_id: int | None
    reasons: str = ""


@dataclass(frozen=True)
class Confirmed:
    """What became of the lines: legs, how many were left out by the person, and those that could not be, by
    line, each with why: chosen, full, protected, no_longer."""

    legs: tuple[Leg, ...]
    left_out: int
    could_not: dict[int, str] = field(default_factory=dict)


def confirm_list(
    session: Session, list_id: int, answers: Mapping[int, Answer], *, by: Actor, at: datetime
) -> Confirmed:
    """A guide decides every line that is theirs to see, all in one step; each yes is a time with a provider.

    What has changed since the list was made is left out, and said. Lines of somebody else's protected people
    wait for their own guide; the list closes when no line waits. Refuses when a line lacks an answer, or is
    left out without reasons.
    """
    by.require(Role.GUIDE)
    today = day_of(at)
    found = fetch(session, NonChoiceList, by.municipality_id, list_id)
    if found.state != "proposed":
        raise Refusal("list_closed", "Listan är redan bekräftad. Läs in sidan igen.")
    waiting = [row for row in _rows(session, found) if row.answer == "waits"]
    mine = [row for row in waiting if _may_decide(session, row, by)]
    _all_answered(mine, answers)
    legs, could_not, left_out = [], {}, 0
    still = {case.voucher_id for case in facts.cases(session, by.municipality_id, today)}
    shop = _Shop(session, by.municipality_id, today)
    for row in mine:
        answer = answers[row.id]
        row.reasons = answer.reasons.strip()
        if answer.provider_id is None:
            row.answer, left_out = "left_out", left_out + 1
            continue
        hindrance = None if row.voucher_id in still else _gone(session, row)
        accreditation = None if hindrance else shop.accreditation(row, answer.provider_id)
        if accreditation is None:
            could_not[row.id] = hindrance or "full"
        elif row.rule == "nearest" and row.provider_id == answer.provider_id and shop.is_protected(row):
            could_not[row.id] = "protected"
        else:
            legs.append(_assign(session, found, row, accreditation, shop, by, at))
            continue
        kept = {name: value for name, value in row.facts.items() if name != "kilometres"}
        row.answer, row.facts = "left_out", {**kept, "left_out": could_not[row.id]}
    if len(mine) == len(waiting):
        found.state, found.closed_by, found.closed_on = "confirmed", by.account_id, today
    audit.record(
        session,
        "non_choice_list.confirmed",
        found,
        by=by,
        count=len(legs),
        left_out=left_out + len(could_not),
        is_closed=found.state == "confirmed",
    )
    return Confirmed(tuple(legs), left_out, could_not)


def _may_decide(session: Session, row: NonChoice, by: Actor) -> bool:
    voucher = fetch(session, Voucher, row.municipality_id, row.voucher_id)
    person = fetch(session, Participant, row.municipality_id, voucher.participant_id)
    return may_know(by.account_id, person.guide_id, person.protection)


def _all_answered(mine: list[NonChoice], answers: Mapping[int, Answer]) -> None:
    missing = sum(row.id not in answers for row in mine)
    if missing:
        raise Refusal(
            "lines_without_answer",
            "{count} rader är nya eller saknar svar. Läs listan igen och svara på alla.",
            count=missing,
        )
    if any(answers[row.id].provider_id is None and not answers[row.id].reasons.strip() for row in mine):
        raise Refusal("reasons_missing", "Skriv varför personen lämnas utanför listan.", status=422)
    if any(len(answers[row.id].reasons) > LONGEST_REASONS for row in mine):
        raise Refusal(
            "reasons_long", "Skriv skälen med högst {most} tecken.", most=LONGEST_REASONS, status=422
        )


def _gone(session: Session, row: NonChoice) -> str:
    """Why somebody no longer waits for the rule."""
    voucher = fetch(session, Voucher, row.municipality_id, row.voucher_id)
    return "chosen" if voucher.state in ("chosen", "assigned", "received", "active") else "no_longer"


class _Shop:
    """What can be had today, and how it would have been shown to the person."""

    def __init__(self, session: Session, municipality_id: int, today: date) -> None:
        self.session, self.municipality_id, self.today = session, municipality_id, today
        self.market = choices.market(session, municipality_id, today)

    def accreditation(self, row: NonChoice, provider_id: int) -> Accreditation | None:
        """The one to be placed under; None when it takes nobody now."""
        voucher = fetch(self.session, Voucher, self.municipality_id, row.voucher_id)
        found = open_accreditation(
            self.session, self.municipality_id, provider_id, voucher.scheme, voucher.service, self.today
        )
        if found is None or not intake_is_open(self.session, found) or not has_place(self.session, found):
            return None
        return found

    def is_protected(self, row: NonChoice) -> bool:
        voucher = fetch(self.session, Voucher, self.municipality_id, row.voucher_id)
        return fetch(self.session, Participant, self.municipality_id, voucher.participant_id).is_protected

    def shown(self, voucher: Voucher, provider_id: int, seed: str) -> dict[str, object]:
        """The provider and its figures as on the comparison that day, in the person's language."""
        person = fetch(self.session, Participant, self.municipality_id, voucher.participant_id)
        offer = choices.code_of(voucher.scheme, voucher.service)
        comparison = choices.arranged(self.market, choices.Wishes(service=offer), seed=seed)
        candidate = comparison.candidate(provider_id)
        if candidate is None or candidate.line(offer) is None:
            raise AssertionError("who is accredited for a service is on its market")
        return choices.snapshot(
            comparison,
            candidate,
            comparison.offers[offer],
            locale="en" if person.language == "en" else "sv",
            today=self.today,
        )


def _assign(
    session: Session,
    found: NonChoiceList,
    row: NonChoice,
    accreditation: Accreditation,
    shop: _Shop,
    by: Actor,
    at: datetime,
) -> Leg:
    voucher = fetch(session, Voucher, by.municipality_id, row.voucher_id)
    rulebook = fetch(session, Rulebook, by.municipality_id, voucher.rulebook_id)
    if accreditation.provider_id != row.provider_id:
        row.facts = {"instead_of": row.rule, "proposed": row.provider_id}
        row.rule, row.provider_id = non_choice.BY_HAND, accreditation.provider_id
    shown = shop.shown(voucher, accreditation.provider_id, found.seed) | {
        "non_choice": {
            "rule": row.rule,
            "facts": row.facts,
            "list": found.id,
            "seed": found.seed,
            "rulebook": f"{rulebook.scheme} {rulebook.version}",
        }
    }
    voucher.state = states.voucher.after(voucher.state, "assign")
    leg = new_leg(session, voucher, accreditation, shown, how="non_choice", chosen_by=by.account_id, at=at)
    row.answer, row.leg_id = "confirmed", leg.id
    audit.record(
        session,
        "voucher.chosen",
        voucher,
        by=by,
        leg=leg.id,
        provider=leg.provider_id,
        how=leg.how,
        rule=row.rule,
    )
    return leg

"""What can happen in the life of a town's providers: real actions, on a throw of the dice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import people
from core.actor import Actor, Role
from core.dates import noon
from core.rulebooks import Rulebook
from providers import actions
from providers.actions import EvidenceForm, Meeting, StoredFile
from providers.models import (
    Accreditation,
    Provider,
)
from providers.queries.terms import accreditation_terms
from providers.rules import ENDED_STATES
from providers.rules.conditions import valid_until
from providers.rules.sanctions import REVOKING
from tests.providers.lives import begins, leaves, look, somebody
from tests.support.town import Town
from vouchers import actions as vouchers
from vouchers.actions import Plan
from vouchers.models import Leg

SERVICES = ("matching", "preparatory")
PAPER = StoredFile("c" * 64, "underlag.pdf", "application/pdf", 100)


@dataclass
class Lives:
    """A town whose providers live: today, and what was so before the last step."""

    session: Session
    town: Town
    today: date
    reached: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)

    def pick(self, table: Any, dice: int, *where: Any) -> Any:
        """One of the rows, or None."""
        rows = self.session.scalars(select(table).where(*where).order_by(table.id)).all()
        return rows[dice % len(rows)] if rows else None

    def any(self, dice: int) -> Accreditation:
        """One of the accreditations, in whatever state."""
        found: Accreditation = self.pick(Accreditation, dice)
        return found

    def manager(self, provider_id: int) -> Actor:
        """Somebody who leads that provider."""
        return Actor(
            "person", 1, self.town.manager.account_id, self.town.manager.roles, provider_id=provider_id
        )

    @property
    def meeting(self) -> Meeting:
        return Meeting(self.today, "§ 7")


Step = Callable[[Lives, int], object]
Said = dict[str, Any]


# ── what can happen ──────────────────────────────────────────────────────────────────────────────


def days_go(it: Lives, dice: int) -> None:
    it.today += timedelta(days=(1, 10, 45, 95, 185, 280, 370)[dice % 7])


def the_watch(it: Lives, dice: int) -> None:
    done = look(it.session, it.today)
    it.done |= {name for name, count in done.counts().items() if count}


def somebody_chooses(it: Lives, dice: int) -> None:
    """At any provider, whether or not it may be chosen."""
    provider = it.pick(Provider, dice)
    voucher_id = somebody(it.session, it.town, it.today, SERVICES[dice % 3 == 0])
    vouchers.choose(it.session, voucher_id, provider.id, {}, by=it.town.guide, at=noon(it.today))


def a_choice_goes_on(it: Lives, dice: int) -> None:
    leg = it.pick(Leg, dice, Leg.ended_on.is_(None), Leg.declined_on.is_(None), Leg.started_on.is_(None))
    if leg and dice % 4 == 0:
        by = Actor("person", 1, it.town.coach.account_id, it.town.coach.roles, provider_id=leg.provider_id)
        vouchers.decline(it.session, leg.id, "conflict_of_interest", by=by, today=it.today)
    elif leg:
        begins(it.session, it.town, leg, it.today)


def somebody_leaves(it: Lives, dice: int) -> None:
    leg = it.pick(Leg, dice, Leg.ended_on.is_(None), Leg.started_on.is_not(None))
    if leg:
        leaves(it.session, it.town, leg, it.today)


def intake(it: Lives, dice: int) -> None:
    one = it.any(dice // 4)
    by = it.town.inspector if dice % 2 else it.manager(one.provider_id)
    act = actions.stop_intake if dice % 4 < 2 else actions.open_intake
    act(it.session, one.id, reasons="Skäl.", by=by, today=it.today)


def a_warning(it: Lives, dice: int) -> None:
    one, by = it.any(dice // 3), it.town.inspector
    if dice % 3 == 0:
        actions.lift_warning(it.session, one.id, reasons="Rättat.", by=by, today=it.today)
    elif dice % 3 == 1:
        actions.penalty(it.session, one.id, "premises_closed", reasons="Stängt.", by=by, today=it.today)
    else:
        due_on = it.today + timedelta(days=30)
        actions.warn(it.session, one.id, reasons="Brister.", due_on=due_on, by=by, today=it.today)


def somebody_proposes(it: Lives, dice: int) -> None:
    reason = REVOKING[dice % len(REVOKING)]
    actions.propose_revocation(
        it.session, it.any(dice).id, reason, words="Så är det.", by=it.town.inspector, today=it.today
    )


def the_chair(it: Lives, dice: int) -> None:
    reason = REVOKING[dice % len(REVOKING)]
    actions.revoke_provisionally(
        it.session, it.any(dice).id, reason, reasons="Bråttom.", by=it.town.chair, today=it.today
    )


def the_board(it: Lives, dice: int) -> None:
    """Decides what waits for it: yes, no, or something that does not fit."""
    waits = it.pick(
        Accreditation,
        dice // 6,
        Accreditation.state.in_(("revocation_proposed", "provisionally_revoked", "reaccreditation_due")),
    )
    if waits is None:
        return
    said: dict[str, Any] = {
        "reasons": "Nämnden har beslutat.",
        "meeting": it.meeting,
        "by": it.town.secretary,
        "today": it.today,
    }
    if waits.state == "reaccreditation_due":
        if dice % 2:
            actions.call_off(it.session, waits.id, **said)
        else:
            actions.expire(it.session, waits.id, last_day=it.today, **said)
    elif dice % 2:
        (actions.keep if waits.state == "revocation_proposed" else actions.lift)(it.session, waits.id, **said)
    else:
        last_day = it.today + timedelta(days=dice % 3 * 10)
        actions.revoke(it.session, waits.id, last_day=last_day, **said)


def the_provider_leaves(it: Lives, dice: int) -> None:
    one = it.any(dice)
    actions.withdraw(
        it.session, one.id, last_day=it.today + timedelta(days=dice % 20), by=it.manager(one.provider_id),
        today=it.today,
    )  # fmt: skip


def an_application(it: Lives, dice: int) -> None:
    """Anew or as a renewal, sent in."""
    provider = it.pick(Provider, dice)
    old = it.pick(
        Accreditation,
        dice,
        Accreditation.state == "reaccreditation_due",
        Accreditation.provider_id == provider.id,
    )
    rulebook = it.session.scalars(select(Rulebook).order_by(Rulebook.valid_from.desc())).all()[0]
    service = old.service if old else SERVICES[dice % 2]
    by = it.manager(provider.id)
    draft = actions.start_application(
        it.session, provider, rulebook, service, capacity=5, replaces_id=old.id if old else None, by=by
    )
    for condition in accreditation_terms(it.session, 1, rulebook.id).conditions(service):
        form = EvidenceForm("Så här gör vi.", PAPER, valid_until(it.today, condition))
        actions.add_evidence(it.session, draft.id, condition.code, form, by=by, at=noon(it.today))
    actions.submit(it.session, draft.id, by=by, at=noon(it.today))


def a_review(it: Lives, dice: int) -> None:
    asked = it.pick(Accreditation, dice, Accreditation.state == "submitted")
    if asked:
        people.reviewed(it.session, asked, (it.town.inspector, it.town.other_inspector), today=it.today)


def an_answer(it: Lives, dice: int) -> None:
    one = it.pick(Accreditation, dice, Accreditation.state == "proposed") or it.any(dice)
    by = (it.town.secretary, it.town.inspector, it.town.other_inspector)[dice % 3]
    if dice % 5 == 0:
        actions.turn_down(it.session, one, "refused", reasons="Nej.", by=by, today=it.today)
    else:
        actions.accredit(it.session, one, reasons="Ja.", from_on=it.today, by=by, today=it.today)


def new_conditions(it: Lives, dice: int) -> None:
    book = people.rulebook(it.session, by=Actor.operator(1), today=it.today, path=people.TOWN_JOBBPENG)
    due_on = it.today + timedelta(days=60)
    actions.require_reaccreditation(
        it.session, book.id, due_on, reasons="Nya villkor.", by=it.town.secretary, today=it.today
    )


def new_paper(it: Lives, dice: int) -> None:
    one = it.any(dice)
    form = EvidenceForm("Nytt.", PAPER, it.today + timedelta(days=200))
    by = it.manager(one.provider_id)
    actions.add_evidence(it.session, one.id, "f_tax", form, by=by, at=noon(it.today))


def winding(it: Lives, dice: int) -> None:
    """Plan for everybody, wind down, close: whatever is next."""
    one = it.pick(Accreditation, dice, Accreditation.state.in_(ENDED_STATES[:-1]))
    if one is None:
        return
    here = select(Leg).where(
        Leg.accreditation_id == one.id, Leg.ended_on.is_(None), Leg.declined_on.is_(None)
    )
    legs, by = it.session.scalars(here).all(), it.town.inspector
    plans = {leg.id: Plan(("choose_again", "municipal_care")[dice % 2]) for leg in legs}
    if legs and dice % 4:
        vouchers.plan_for_customers(it.session, one.id, plans, by=by, today=it.today)
    elif one.state != "winding_down":
        actions.wind_down(it.session, one.id, unplanned=len(legs), by=by)
    else:
        actions.close(it.session, one.id, reasons="Klart.", running=len(legs), by=by, today=it.today)


def somebody_who_may_not(it: Lives, dice: int) -> None:
    """The clock, the operator, and people without the right try to decide."""
    who = (
        Actor.clock(1), Actor.operator(1), it.town.guide, it.town.coach, it.town.maker, it.town.seeker,
        it.town.administrator, Actor("clock", 1, 0, frozenset(Role)),
    )[dice % 8]  # fmt: skip
    one = it.any(dice // 8)
    said: dict[str, Any] = {"reasons": "Jag bestämmer.", "by": who, "today": it.today}
    (
        lambda: actions.revoke(
            it.session, one.id, reason="merger", last_day=it.today, meeting=it.meeting, **said
        ),
        lambda: actions.keep(it.session, one.id, meeting=it.meeting, **said),
        lambda: actions.lift(it.session, one.id, meeting=it.meeting, **said),
        lambda: actions.expire(it.session, one.id, last_day=it.today, meeting=it.meeting, **said),
        lambda: actions.revoke_provisionally(it.session, one.id, "merger", **said),
        lambda: actions.warn(it.session, one.id, due_on=it.today + timedelta(days=9), **said),
        lambda: actions.accredit(it.session, one, from_on=it.today, **said),
        lambda: actions.close(it.session, one.id, running=0, **said),
        lambda: actions.withdraw(it.session, one.id, last_day=it.today, **said),
    )[dice % 9]()


STEPS: tuple[Step, ...] = (
    days_go, days_go, days_go, the_watch, the_watch, the_watch, somebody_chooses, somebody_chooses,
    a_choice_goes_on, somebody_leaves, intake, a_warning, somebody_proposes, the_chair, the_board, the_board,
    the_provider_leaves, an_application, a_review, an_answer, new_conditions, new_paper, winding, winding,
    somebody_who_may_not,
)  # fmt: skip

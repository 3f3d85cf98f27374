"""A small town lives for a year by real actions, told late and taken back, with runs on any day.

After each run the ledger in the database is what the rules give from scratch, but for what waits as it
stands; and a run that goes through every voucher books nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.people import organisation_number
from core import audit, dates
from core.actor import Actor
from core.database import Database
from core.refusal import Refusal
from payouts import actions as money
from payouts.models import Hold, LedgerLine, StoppedDue
from payouts.queries.booked import booked_of, sums_of
from payouts.queries.facts import facts_of
from payouts.queries.gates import waiting_dues
from payouts.rules.columns import Facts, Whole
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import Lines, settle
from tests.payouts.many_fees import brought_in
from tests.payouts.test_properties import waiting_keys
from tests.payouts.test_settlement import Key, earned
from tests.provider.stage import Stage, told
from tests.support.town import noon
from vouchers import actions
from vouchers.models import AttendanceAnswer, Check, Leg, Outcome, Report
from vouchers.queries.facts import voucher_ids

NAMES = ("Amal Provlund", "Birgitta Testgren", "Chen Mönsterby")
FIRST = date(2026, 1, 5)


class Town:
    """The town's hands: each does one thing that happens to be possible, or is refused and does nothing."""

    def __init__(self, database: Database, seed: int) -> None:
        self.random = Random(seed)
        self.database = database
        self.stage = Stage(database)
        with database.transaction(1) as session:
            book = brought_in(session, by=self.stage.town.administrator, today=FIRST)
            self.stage.town = replace(self.stage.town, rulebook_id=book.id)
        self.town = self.stage.town
        self.today = FIRST
        self.as_of = FIRST
        self.done: Counter[str] = Counter()
        for name in NAMES:
            self.stage.started(name, day=self.today, other=self.random.random() < 0.3)
            self.today += timedelta(days=self.random.randrange(20))

    def some(self, session: Session, model: Any, *where: Any) -> Any:
        rows = session.scalars(
            select(model).where(model.municipality_id == 1, *where).order_by(model.id)
        ).all()
        return self.random.choice(rows) if rows else None

    def coach_of(self, session: Session, leg_id: int) -> Actor:
        here = session.get_one(Leg, (1, leg_id)).provider_id == self.town.provider_id
        return self.town.coach if here else self.town.other_coach

    # ── what can happen ───────────────────────────────────────────────────────────────────────────

    def a_month_is_told(self, session: Session) -> None:
        leg = self.some(session, Leg, Leg.started_on.is_not(None))
        month = dates.add_months(dates.first_of_month(self.today), -self.random.randrange(4))
        by = self.coach_of(session, leg.id)
        made = actions.submit_report(session, leg.id, told(month), by=by, today=self.today)
        if self.random.random() < 0.7:
            actions.approve_report(session, made.id, by=self.town.guide, today=self.today)

    def a_month_is_approved(self, session: Session) -> None:
        report = self.some(session, Report, Report.state == "submitted")
        if report:
            actions.approve_report(session, report.id, by=self.town.guide, today=self.today)

    def a_month_is_taken_back(self, session: Session) -> None:
        report = self.some(session, Report, Report.state.in_(("approved", "submitted")))
        if report:
            by = self.coach_of(session, report.leg_id)
            actions.withdraw_report(session, report.id, by=by, today=self.today)

    def a_month_is_contested_or_judged(self, session: Session) -> None:
        answer = self.some(
            session,
            AttendanceAnswer,
            AttendanceAnswer.verdict.is_(None),
            AttendanceAnswer.said == "contested",
        )
        if answer:
            verdict = self.random.choice(("stands", "wrong"))
            actions.judge_contest(
                session, answer.id, verdict, "Så var det.", by=self.town.guide, today=self.today
            )
            return
        report = self.some(session, Report, Report.state == "approved")
        if report:
            session.add(
                AttendanceAnswer(
                    municipality_id=1, report_id=report.id, said="contested", words="Nej.", shown={},
                    said_by=self.town.seeker.account_id, said_at=noon(self.today),
                )
            )  # fmt: skip

    def somebody_pauses_or_goes_on(self, session: Session) -> None:
        leg = self.some(session, Leg, Leg.started_on.is_not(None), Leg.ended_on.is_(None))
        if leg is None:
            return
        on = self.today - timedelta(days=self.random.randrange(3))
        with suppress(Refusal):
            actions.resume(session, leg.voucher_id, on, by=self.town.guide, today=self.today)
            return
        later = self.today + timedelta(days=20)
        actions.pause(
            session, leg.voucher_id, self.today, later, "other", by=self.town.guide, today=self.today
        )

    def somebody_ends(self, session: Session) -> None:
        leg = self.some(session, Leg, Leg.started_on.is_not(None), Leg.ended_on.is_(None))
        if leg:
            by, on = self.coach_of(session, leg.id), self.today - timedelta(days=self.random.randrange(20))
            actions.end_service(
                session, leg.id, on, self.random.choice(("moved", "interrupted", "time_out")), by=by,
                today=self.today,
            )  # fmt: skip

    def somebody_works(self, session: Session) -> None:
        leg = self.some(session, Leg, Leg.started_on.is_not(None), Leg.ended_on.is_(None))
        if leg is None:
            return
        form = actions.OutcomeForm(
            kind="work", starts_on=self.today, last_day=self.today, extent_percent=100,
            employer_number=organisation_number(7001),
        )  # fmt: skip
        by = self.coach_of(session, leg.id)
        outcome = actions.claim_outcome(session, leg.id, form, by=by, today=self.today)
        check = session.scalars(
            select(Check.id).where(Check.outcome_id == outcome.id, Check.purpose == "result")
        ).one()
        actions.judge_check(
            session, check, passed=True, source="payslip", by=self.town.guide, today=self.today
        )

    def a_result_is_taken_back(self, session: Session) -> None:
        outcome = self.some(session, Outcome)
        if outcome:
            actions.withdraw_outcome(session, outcome.id, by=self.town.guide, today=self.today)

    def somebody_switches(self, session: Session) -> None:
        leg = self.some(session, Leg, Leg.started_on.is_not(None), Leg.ended_on.is_(None))
        if leg is None:
            return
        where = {self.town.provider_id, self.town.other_provider_id} - {leg.provider_id}
        made = actions.switch(
            session, leg.voucher_id, where.pop(), {}, leaves=leg.id, by=self.town.guide, at=noon(self.today)
        )
        by = self.coach_of(session, made.id)
        actions.accept(session, made.id, by=by, today=self.today)
        day = dates.add_working_days(session.get_one(Leg, (1, leg.id)).ended_on or self.today, 1)
        actions.start(session, made.id, day, by=by, today=day)
        self.today = day

    def something_is_held_or_let_go(self, session: Session) -> None:
        held = self.some(session, Hold, Hold.released_at.is_(None))
        if held:
            money.release(session, held.id, "Klart.", by=self.town.other_signer, at=noon(self.today))
            return
        leg = self.some(session, Leg, Leg.started_on.is_not(None))
        said: dict[str, Any] = {"by": self.town.signer, "at": noon(self.today)}
        if self.random.random() < 0.7:
            money.hold_leg(session, leg.id, "evidence", "Ska ses över.", **said)
        else:
            money.hold_provider(session, leg.provider_id, "inspection", "Granskas.", **said)

    # ── and the money ─────────────────────────────────────────────────────────────────────────────

    def act(self) -> None:
        """A day or some later, something happens."""
        self.today = min(self.today + timedelta(days=self.random.randrange(9)), date(2026, 12, 28))
        what: Callable[[Session], None] = self.random.choice(
            (
                self.a_month_is_told, self.a_month_is_told, self.a_month_is_told, self.a_month_is_told,
                self.a_month_is_approved, self.a_month_is_taken_back,
                self.a_month_is_taken_back, self.a_month_is_contested_or_judged,
                self.somebody_pauses_or_goes_on, self.somebody_ends, self.somebody_works,
                self.a_result_is_taken_back, self.somebody_switches, self.something_is_held_or_let_go,
            )
        )  # fmt: skip
        with suppress(Refusal), self.database.transaction(1) as session:
            what(session)
            self.done[what.__name__] += 1

    def run(self) -> None:
        """A run, and what must hold after it."""
        self.as_of = max(self.as_of, self.today + timedelta(days=self.random.randrange(3)))
        with self.database.reading() as session:
            before = net(session)
            ids = voucher_ids(session, 1)
            last = booked_of(session, 1, ids)
        with self.database.transaction(1) as session:
            money.run(session, by=Actor.clock(1), as_of=self.as_of, at=noon(self.as_of))
        with self.database.reading() as session:
            known = facts_of(session, 1, ids, self.as_of)
            after, want, still = net(session), earned(known), waiting_keys(known, last)
            whole = booked_of(session, 1, ids)
            assert len(settle(known, whole)) == 0
            same_by_sums(session, whole, ids, known)
        for key in before.keys() | after.keys() | want.keys():
            assert after.get(key, 0) == (before.get(key, 0) if key in still else want.get(key, 0)), key


def same_by_sums(session: Session, whole: Lines, ids: Whole, known: Facts) -> None:
    """What a run reads of a line is packed, and its names are those of its leg, which it knows or looks up:
    it is the line all the same."""
    for facts in (known, known.of_vouchers(ids[::2])):
        found = sums_of(session, 1, ids, facts)
        for name in (
            "scope",
            "component",
            "part",
            "sequence",
            "voucher_id",
            "leg_id",
            "provider_id",
            "amount",
        ):
            assert getattr(found, name).tolist() == getattr(whole, name).tolist(), name


def net(session: Session) -> dict[Key, int]:
    sums: Counter[Key] = Counter()
    for line in session.scalars(select(LedgerLine)):
        sums[(line.scope_id, COMPONENTS.index(line.component), line.part)] += line.amount_ore
    return {key: ore for key, ore in sums.items() if ore}


@pytest.mark.parametrize("seed", [3, 5])
def test_whatever_happens_in_a_town_its_ledger_is_what_the_rules_give_from_scratch(database, seed: int):
    town = Town(database, seed)
    for step in range(50):
        town.act()
        if step % 4 == 3:
            town.run()
    assert len(town.done) >= 8, town.done
    with database.reading() as session:
        ledger = session.scalars(select(LedgerLine)).all()
        assert np.any([line.amount_ore < 0 for line in ledger])
        assert session.scalars(select(StoppedDue)).first()
        dues, count = waiting_dues(session, 1, page=1, per_page=50)
        assert count == len(dues)
        booked = net(session)
        assert not {(due.scope_id, COMPONENTS.index(due.component), due.part) for due in dues} & booked.keys()
        assert audit.verify(session, 1).fault is None
    late = max(town.as_of, date(2026, 12, 31)) + timedelta(days=400)
    town.as_of = late
    town.run()

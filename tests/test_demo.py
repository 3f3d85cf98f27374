"""The demo town has somebody in every state, and its watch finds just those whom nobody chooses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from app.demo.cast import Size
from app.demo.town import Town
from core import audit
from core.database import Database
from payouts.models import Batch, Hold, WithheldLine
from providers.models import Accreditation, Decision, Proposal, Site
from providers.queries.places import known
from providers.rules import STATES
from vouchers.models import (
    AttendanceAnswer,
    Check,
    Deviation,
    EmployerQuestion,
    Message,
    Occasion,
    Outcome,
    Override,
    Report,
    Voucher,
    WrittenReport,
)
from vouchers.queries.voice import ratings
from vouchers.rules.states import VOUCHER_STATES
from vouchers.rules.told import DEVIATION_STATES, WRITTEN_KINDS

TODAY = date(2026, 11, 22)

# By hand: open, and nobody has chosen (or no accreditation) for nine months; chains are one life.
DORMANT = """
    WITH RECURSIVE life (id, part) AS (
        SELECT id, id FROM accreditation
        WHERE state IN ('active', 'intake_stopped', 'warned', 'dormant', 'revocation_proposed',
                        'provisionally_revoked', 'reaccreditation_due')
        UNION SELECT life.id, accreditation.replaces_id FROM life
        JOIN accreditation ON accreditation.id = life.part WHERE accreditation.replaces_id IS NOT NULL
    ), days (id, day) AS (
        SELECT life.id, accreditation.from_on FROM life JOIN accreditation ON accreditation.id = life.part
        UNION ALL SELECT life.id, leg.chosen_on FROM life
        JOIN leg ON leg.accreditation_id = life.part WHERE leg.declined_on IS NULL
    )
    SELECT id FROM days GROUP BY id HAVING max(day) <= :edge
"""


@pytest.fixture
def demo(database: Database) -> Database:
    """Three years of Exempelstad with a thin crowd: all who are special, few of the others."""
    Town(database, 1, TODAY).build(Size(months=36, arrivals=20, day_by_day=1, day_by_day_months=4))
    return database


def test_somebody_stands_in_every_state_and_the_watch_lists_exactly_the_dormant(demo: Database):
    with demo.reading() as session:
        assert set(session.scalars(select(Accreditation.state))) == set(STATES)
        assert set(session.scalars(select(Voucher.state))) == set(VOUCHER_STATES) - {"draft"}
        assert {"submitted", "returned", "approved", "withdrawn"} <= set(
            session.scalars(select(Report.state))
        )
        assert {"claimed", "verified"} <= set(session.scalars(select(Outcome.state)))
        assert {"due", "passed"} <= set(session.scalars(select(Check.state)))
        assert set(session.scalars(select(Deviation.state))) == set(DEVIATION_STATES)
        assert {"submitted", "returned", "approved"} <= set(session.scalars(select(WrittenReport.state)))
        assert set(session.scalars(select(WrittenReport.kind))) == set(WRITTEN_KINDS)
        assert set(session.scalars(select(AttendanceAnswer.verdict))) == {None, "stands"}
        assert "group" in set(session.scalars(select(Outcome.related)))
        assert min(session.scalars(select(Override.until_on))) < TODAY
        assert session.scalars(select(EmployerQuestion.answered_at)).all() == [None]
        seen = session.execute(
            select(Occasion.leg_id, func.max(Occasion.held_on)).group_by(Occasion.leg_id)
        ).all()
        assert min(last for _, last in seen) < TODAY - timedelta(days=28) < max(last for _, last in seen)
        assert set(session.scalars(select(Batch.state))) == {"accepted", "partly_rejected", "void"}
        assert (
            session.scalars(select(Batch.looked_by)).all().count(None)
            < session.scalars(select(func.count()).select_from(Batch)).one()
        ), "somebody has looked into one that was parked"
        followed = session.scalars(select(Batch.follows_batch_id).where(Batch.follows_batch_id.is_not(None)))
        assert len(set(followed)) == 2, "one for what the bank refused, one for what was held"
        held = session.execute(select(Hold.kind, Hold.released_at.is_(None))).all()
        assert set(held) == {("provider", False), ("provider", True), ("leg", True), ("line", True)}
        assert session.scalars(select(WithheldLine)).first() is not None
        by_hand = set(session.scalars(text(DORMANT).bindparams(edge=date(2026, 2, 22))))
        listed = set(
            session.scalars(
                select(Accreditation.id)
                .outerjoin(Proposal, Proposal.accreditation_id == Accreditation.id)
                .where(
                    (Accreditation.state == "dormant")
                    | ((Proposal.state == "open") & (Proposal.reason == "no_customers"))
                )
            )
        )
        assert len(listed) == 2
        assert listed == by_hand
        decided = session.scalars(select(Decision)).all()
        assert all(one.decided_by for one in decided)
        assert audit.verify(session, 1).fault is None
        said = [one.mean_tenths is None for one in ratings(session, 1).values()]
        assert said.count(False) > said.count(True) > 0
        written = session.scalars(select(Message).order_by(Message.sent_at)).all()
        assert [one.answered_at is None for one in written if one.from_person] == [False, False, True]
        on_the_map = {place.postal_code for place in known(session, 1)}
        assert set(session.scalars(select(Site.postal_code))) <= on_the_map

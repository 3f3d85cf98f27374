"""What a provider sees of a turn: a pause, somebody who leaves on a day, somebody who comes after one."""

from __future__ import annotations

from datetime import date

from payouts.queries.worth import Wish, worth
from tests.provider.stage import MAY, TODAY, Stage
from tests.support.town import noon
from vouchers import actions
from vouchers.models import Leg
from vouchers.queries import workload
from vouchers.queries.workload import Served
from vouchers.rules.pauses import Span


def people(stage: Stage, provider_id: int, today: date = TODAY) -> dict[int, Served]:
    with stage.database.reading() as session:
        found = workload.week(session, 1, provider_id, today, viewer=stage.town.manager)
    return {person.leg_id: person for person in found.people}


def test_a_month_paused_in_whole_is_no_task_and_the_pause_is_known(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    with stage.database.transaction(1) as session:
        voucher_id = session.get_one(Leg, (1, leg_id)).voucher_id
        actions.pause(
            session, voucher_id, date(2026, 5, 4), date(2026, 7, 1), "sick", by=stage.town.guide, today=MAY
        )
    with stage.database.reading() as session:
        found = workload.week(session, 1, stage.town.provider_id, TODAY, viewer=stage.town.manager)
    assert [task.kind for task in found.tasks] == []
    (person,) = found.people
    assert (person.paused_from, person.back_on, person.has_left(TODAY)) == (
        date(2026, 5, 4),
        date(2026, 7, 1),
        False,
    )


def test_who_leaves_on_a_day_is_there_until_then_and_awaited_after_it(stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    with stage.database.transaction(1) as session:
        voucher_id = session.get_one(Leg, (1, leg_id)).voucher_id
        new = actions.switch(
            session,
            voucher_id,
            stage.town.other_provider_id,
            {},
            leaves=leg_id,
            by=stage.town.guide,
            at=noon(TODAY),
        )
    old = people(stage, stage.town.provider_id)[leg_id]
    assert old.ended_on is not None
    assert old.ended_on > TODAY
    assert not old.has_left(old.ended_on)
    assert old.has_left(date(2026, 7, 1))
    assert people(stage, stage.town.other_provider_id)[new.id].elsewhere_to == old.ended_on


def test_a_paused_day_is_not_promised(stage: Stage):
    wish = Wish(stage.town.rulebook_id, "matching", "basic", 12, MAY, MAY, None, MAY)
    paused = Wish(
        stage.town.rulebook_id, "matching", "basic", 12, MAY, MAY, None, MAY,
        paused=(Span(date(2026, 5, 11), date(2026, 5, 21)),),
    )  # fmt: skip
    with stage.database.reading() as session:
        whole, part = worth(session, 1, [wish, paused])
    assert (whole[0].ore, part[0].ore) == (368600, 249697)

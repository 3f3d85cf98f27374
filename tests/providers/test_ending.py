"""An accreditation ends: by request, or not renewed; is wound down, closed; coming back is a new row."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.demo import people
from core.database import fetch
from core.dates import add_months
from core.refusal import Forbidden
from core.rulebooks import Rulebook
from providers import actions
from providers.actions.deciding import open_proposal
from providers.models import Accreditation, Notice, Provider
from providers.queries.life import reaccreditation_of, renewal_of, under_older
from tests.providers.lives import DAY, accreditation, comes, meeting
from tests.support.newer import newer_rulebook
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town

TAIL = 12


@pytest.fixture
def day(town: Town) -> date:
    """The day everything happens."""
    return town.decided_on


@pytest.fixture
def one(town: Town, session: Session) -> Accreditation:
    """Stigfinnarna's accreditation for matching."""
    return accreditation(session, town.provider_id)


def left(session: Session, town: Town, one: Accreditation, last_day: date) -> Accreditation:
    """The provider has left."""
    actions.withdraw(session, one.id, last_day=last_day, by=town.manager, today=town.decided_on)
    return one


# ── to leave ─────────────────────────────────────────────────────────────────────────────────────


def test_a_provider_leaves_on_a_day_of_its_own(town: Town, session: Session, one: Accreditation, day: date):
    with refused("last_day_too_early"):
        left(session, town, one, day - DAY)
    left(session, town, one, day + 30 * DAY)
    assert (one.state, one.to_on, one.end_reason) == ("withdrawn", day + 30 * DAY, "own_request")
    assert one.ended_by == town.manager.account_id
    with refused("provider_not_accredited"):
        comes(session, town, town.provider_id, day)
    with refused("accreditation_step_not_possible"):
        left(session, town, one, day + 40 * DAY)


def test_who_leaves_takes_a_waiting_proposal_with_it(town, session, one, day):
    proposal = actions.propose_revocation(
        session, one.id, "conditions_not_met", words="Fel.", by=town.inspector, today=day
    )
    left(session, town, one, day)
    assert (proposal.state, open_proposal(session, one)) == ("lapsed", None)


@pytest.mark.parametrize("who", ["coach", "inspector", "secretary", "newcomer", "other_coach"])
def test_only_its_own_manager_leaves(town, session, one, day, who):
    with pytest.raises(Forbidden):
        actions.withdraw(session, one.id, last_day=day, by=getattr(town, who), today=day)
    with pytest.raises(Forbidden):
        other = accreditation(session, town.other_provider_id)
        actions.withdraw(session, other.id, last_day=day, by=town.manager, today=day)


# ── winding down and closing ─────────────────────────────────────────────────────────────────────


def test_nobody_is_left_without_a_plan_when_it_winds_down(town, session, one, day):
    with refused("accreditation_step_not_possible"):
        actions.wind_down(session, one.id, unplanned=0, by=town.inspector)
    left(session, town, one, day)
    with refused("customers_without_plan"):
        actions.wind_down(session, one.id, unplanned=2, by=town.inspector)
    with pytest.raises(Forbidden):
        actions.wind_down(session, one.id, unplanned=0, by=town.manager)
    actions.wind_down(session, one.id, unplanned=0, by=town.inspector)
    assert one.state == "winding_down"


def test_it_closes_when_nobody_is_left_and_no_result_can_come(town, session, one, day):
    left(session, town, one, day)
    actions.wind_down(session, one.id, unplanned=0, by=town.inspector)
    last = add_months(day, TAIL)
    closing = {"reasons": "Allt är klart.", "by": town.inspector}
    with refused("customers_left"):
        actions.close(session, one.id, running=1, today=last + DAY, **closing)
    with refused("checks_left"):
        actions.close(session, one.id, running=0, unchecked=1, today=last + DAY, **closing)
    with refused("statement_left"):
        actions.close(session, one.id, running=0, unpaid=2, today=last + DAY, **closing)
    with refused("tail_runs"):
        actions.close(session, one.id, running=0, today=last, **closing)
    actions.close(session, one.id, running=0, today=last + DAY, **closing)
    assert (one.state, one.closed_on, one.to_on) == ("closed", last + DAY, day)


def test_coming_back_is_a_new_dated_row(town, session, one, day):
    left(session, town, one, day)
    later = day + 40 * DAY
    provider = fetch(session, Provider, 1, town.provider_id)
    book = fetch(session, Rulebook, 1, town.rulebook_id)
    asked = people.applied(session, provider, book, "matching", 12, by=town.inspector, today=later)
    people.reviewed(session, asked, (town.inspector, town.other_inspector), today=later)
    actions.accredit(session, asked, reasons="Ja.", from_on=later, by=town.secretary, today=later)
    assert asked.id != one.id
    assert (one.state, one.to_on, asked.state, asked.from_on) == ("withdrawn", day, "active", later)
    leg = comes(session, town, town.provider_id, later)
    assert leg.accreditation_id == asked.id


def test_the_database_lets_nothing_that_ended_come_back(town, session, one, day):
    left(session, town, one, day)
    this = Accreditation.id == one.id
    refused_by_the_database(
        session, "does not come back", update(Accreditation).where(this).values(state="active")
    )
    refused_by_the_database(
        session, "a_person_ended_it", update(Accreditation).where(this).values(to_on=None)
    )


# ── apply again ──────────────────────────────────────────────────────────────────────────────────


def called(session: Session, town: Town, due_on: date) -> Rulebook:
    """New conditions, and everybody called to apply again."""
    newer = newer_rulebook(session, town.decided_on)
    actions.require_reaccreditation(
        session, newer.id, due_on, reasons="Nya villkor.", by=town.secretary, today=town.decided_on
    )
    return newer


def test_new_conditions_call_everybody_once(town, session, one, day):
    newer = newer_rulebook(session, day)
    assert under_older(session, newer) == 3
    call = {"reasons": "Nya villkor.", "by": town.secretary, "today": day}
    with refused("deadline_passed"):
        actions.require_reaccreditation(session, newer.id, day, **call)
    with pytest.raises(Forbidden):
        actions.require_reaccreditation(session, newer.id, day + DAY, **(call | {"by": town.inspector}))
    made, count = actions.require_reaccreditation(session, newer.id, day + 90 * DAY, **call)
    assert count == 3
    assert (one.state, reaccreditation_of(session, one)) == ("reaccreditation_due", made)
    assert session.query(Notice).filter_by(kind="reaccreditation", due_on=day + 90 * DAY).count() == 3
    with refused("reaccreditation_called"):
        actions.require_reaccreditation(session, newer.id, day + 90 * DAY, **call)
    comes(session, town, town.provider_id, day)  # may be chosen all the while


def test_who_is_warned_is_called_when_that_is_over(town, session, one, day):
    actions.warn(session, one.id, reasons="Fel.", due_on=day + DAY, by=town.inspector, today=day)
    called(session, town, day + 90 * DAY)
    assert one.state == "warned"
    assert actions.waiting_call(session, one) is None
    actions.lift_warning(session, one.id, reasons="Rättat.", by=town.inspector, today=day)
    waiting = actions.waiting_call(session, one)
    assert waiting is not None
    actions.call_again(session, one, waiting, today=day + DAY)
    assert one.state == "reaccreditation_due"


def test_a_renewal_takes_over_and_the_old_one_runs_off(town, session, one, day):
    leg = comes(session, town, town.provider_id, day)
    newer = called(session, town, day + 90 * DAY)
    renewal = renewed(session, town, one, newer, day + 10 * DAY)
    assert (one.state, one.to_on, one.end_reason) == ("winding_down", day + 9 * DAY, "renewed")
    assert (renewal.state, renewal.from_on, renewal.rulebook_id) == ("active", day + 10 * DAY, newer.id)
    assert leg.ended_on is None
    assert comes(session, town, town.provider_id, day + 10 * DAY).accreditation_id == renewal.id


def renewed(session: Session, town: Town, one: Accreditation, book: Rulebook, day: date) -> Accreditation:
    """An application for the renewal, all the way."""
    asked = sent(session, town, one, book, day)
    people.reviewed(session, asked, (town.inspector, town.other_inspector), today=day)
    actions.accredit(session, asked, reasons="Ja.", from_on=day, by=town.secretary, today=day)
    return asked


def sent(session: Session, town: Town, one: Accreditation, book: Rulebook, day: date) -> Accreditation:
    """An application for the renewal, sent in."""
    provider = fetch(session, Provider, 1, one.provider_id)
    return people.applied(
        session, provider, book, one.service, 12, replaces_id=one.id, by=town.inspector, today=day
    )


def test_not_renewed_in_time_the_board_lets_it_expire(town, session, one, day):
    due_on = day + 90 * DAY
    called(session, town, due_on)
    end = {"reasons": "Ingen ansökan.", "by": town.secretary}
    with refused("renewal_time_left"):
        actions.expire(session, one.id, meeting=meeting(due_on), last_day=due_on, today=due_on, **end)
    late = due_on + DAY
    actions.expire(session, one.id, meeting=meeting(late), last_day=late, today=late, **end)
    assert (one.state, one.end_reason, one.to_on) == ("expired", "not_renewed", late)


def test_who_has_applied_waits_for_the_answer_and_not_for_the_end(town, session, one, day):
    newer = called(session, town, day + 90 * DAY)
    asked = sent(session, town, one, newer, day + 80 * DAY)
    assert renewal_of(session, one) is asked
    late = day + 100 * DAY
    with refused("renewal_waits"):
        actions.expire(
            session, one.id, reasons="Sent.", meeting=meeting(late), last_day=late, by=town.secretary,
            today=late,
        )  # fmt: skip
    with refused("renewal_waits"):
        actions.call_off(
            session, one.id, reasons="Nej.", meeting=meeting(late), by=town.secretary, today=late
        )

"""Warning and plan, penalty, proposal, the chair's decision, and what the board says."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actor import Actor
from core.refusal import Forbidden
from providers import actions
from providers.actions import Meeting
from providers.actions.deciding import open_proposal
from providers.models import Accreditation, ActionPlan, Decision, Proposal, Reported
from providers.queries import life as told_of
from providers.rules.sanctions import REASONS, REVOKING, family
from tests.providers.lives import DAY, accreditation, comes, look, meeting
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town

WHY = "Lokalen var stängd vid två besök."


@pytest.fixture
def day(town: Town) -> date:
    """The day everything happens."""
    return town.decided_on


@pytest.fixture
def one(town: Town, session: Session) -> Accreditation:
    """Stigfinnarna's accreditation for matching."""
    return accreditation(session, town.provider_id)


def proposed(
    session: Session, town: Town, one: Accreditation, reason: str = "conditions_not_met"
) -> Proposal:
    return actions.propose_revocation(
        session, one.id, reason, words=WHY, by=town.inspector, today=town.decided_on
    )


def suspended(session: Session, town: Town, one: Accreditation) -> Decision:
    return actions.revoke_provisionally(
        session, one.id, "false_information", reasons=WHY, by=town.chair, today=town.decided_on
    )


# ── warning and plan ─────────────────────────────────────────────────────────────────────────────


def test_a_warning_has_reasons_and_a_day_ahead(town: Town, session: Session, one: Accreditation, day: date):
    for wrong in (day, day - DAY):
        with refused("deadline_passed"):
            actions.warn(session, one.id, reasons=WHY, due_on=wrong, by=town.inspector, today=day)
    with refused("reasons_missing"):
        actions.warn(session, one.id, reasons=" \n", due_on=day + DAY, by=town.inspector, today=day)
    assert one.state == "active"
    decision = actions.warn(session, one.id, reasons=WHY, due_on=day + 30 * DAY, by=town.inspector, today=day)
    assert (one.state, decision.due_on, decision.appeal) == ("warned", day + 30 * DAY, "legality_review")
    with refused("accreditation_step_not_possible"):
        actions.warn(session, one.id, reasons=WHY, due_on=day + 60 * DAY, by=town.inspector, today=day)
    comes(session, town, town.provider_id, day)  # a warned provider may be chosen


def test_the_provider_answers_with_a_plan_and_may_mend_it(town, session, one, day):
    with refused("not_warned"):
        actions.hand_in_plan(session, one.id, words="Vi ska.", done_by=day, by=town.manager, today=day)
    warning = actions.warn(session, one.id, reasons=WHY, due_on=day + 30 * DAY, by=town.inspector, today=day)
    for words, done_by, code in (
        ("  ", day + DAY, "plan_missing"),
        ("Vi ska.", day - DAY, "plan_day_passed"),
        ("Vi ska.", day + 31 * DAY, "plan_too_late"),
    ):
        with refused(code):
            actions.hand_in_plan(session, one.id, words=words, done_by=done_by, by=town.manager, today=day)
    for words in ("Vi ska.", "Vi ska redan i dag."):
        actions.hand_in_plan(
            session, one.id, words=words, done_by=day + 30 * DAY, by=town.manager, today=day + DAY
        )
    plans = told_of.plans(session, one)
    assert [plan.words for plan in plans] == ["Vi ska redan i dag.", "Vi ska."]
    assert {plan.decision_id for plan in plans} == {warning.id}
    refused_by_the_database(session, "only ever added", update(ActionPlan).values(words="Nej."))


def test_a_late_plan_is_better_than_none(town, session, one, day):
    actions.warn(session, one.id, reasons=WHY, due_on=day + DAY, by=town.inspector, today=day)
    late = day + 5 * DAY
    actions.hand_in_plan(session, one.id, words="Nu.", done_by=late + DAY, by=town.manager, today=late)


@pytest.mark.parametrize("who", ["coach", "inspector", "other_coach", "newcomer"])
def test_the_plan_is_the_managers(town, session, one, day, who):
    actions.warn(session, one.id, reasons=WHY, due_on=day + DAY, by=town.inspector, today=day)
    with pytest.raises(Forbidden):
        actions.hand_in_plan(session, one.id, words="Vi.", done_by=day, by=getattr(town, who), today=day)


# ── penalty ──────────────────────────────────────────────────────────────────────────────────────


def test_the_amount_of_a_penalty_is_the_rulebooks(town, session, one, day):
    decision = actions.penalty(session, one.id, "premises_closed", reasons=WHY, by=town.inspector, today=day)
    assert (decision.amount_ore, decision.reason) == (1_500_000, "premises_closed")
    assert one.state == "active"
    with refused("penalty_unknown"):
        actions.penalty(session, one.id, "bad_mood", reasons=WHY, by=town.inspector, today=day)


def test_a_penalty_while_a_proposal_waits_does_not_answer_it(town, session, one, day):
    proposal = proposed(session, town, one)
    decision = actions.penalty(session, one.id, "premises_closed", reasons=WHY, by=town.inspector, today=day)
    assert decision.proposal_id is None
    assert open_proposal(session, one) is proposal


# ── a proposal and the board ─────────────────────────────────────────────────────────────────────


def test_a_proposal_waits_for_the_board_which_revokes(town, session, one, day):
    proposal = proposed(session, town, one)
    assert [row.Proposal.id for row in told_of.for_the_board(session, 1)] == [proposal.id]
    comes(session, town, town.provider_id, day)  # until the board has met it may be chosen
    decision = actions.revoke(
        session, one.id, reasons=WHY, meeting=meeting(day), last_day=day + 14 * DAY, by=town.secretary,
        today=day,
    )  # fmt: skip
    assert (one.state, one.to_on, one.end_reason) == ("revoked", day + 14 * DAY, "conditions_not_met")
    assert one.ended_by == town.secretary.account_id
    assert (decision.proposal_id, decision.paragraph, decision.meeting_on) == (proposal.id, "§ 12", day)
    assert (proposal.state, proposal.closed_on) == ("decided", day)
    assert told_of.for_the_board(session, 1) == []
    with refused("provider_not_accredited"):
        comes(session, town, town.provider_id, day + DAY)


def test_the_board_keeps_it_and_it_may_be_proposed_again(town, session, one, day):
    proposal = proposed(session, town, one)
    with refused("accreditation_step_not_possible"):
        proposed(session, town, one)
    actions.keep(session, one.id, reasons="Rättat.", meeting=meeting(day), by=town.secretary, today=day)
    assert (one.state, proposal.state, one.to_on) == ("active", "decided", None)
    assert proposed(session, town, one).id != proposal.id


@pytest.mark.parametrize(
    ("held", "paragraph", "last", "code"),
    [
        (1, "§ 1", 2, "meeting_in_future"),
        (0, "  ", 0, "meeting_missing"),
        (0, "§ 1", -1, "last_day_too_early"),
        (-7, "§ 1", -8, "last_day_too_early"),
    ],
)
def test_the_board_has_met_and_the_last_day_is_not_before(
    town, session, one, day, held, paragraph, last, code
):
    proposed(session, town, one)
    with refused(code):
        actions.revoke(
            session, one.id, reasons=WHY, meeting=Meeting(day + held * DAY, paragraph),
            last_day=day + last * DAY, by=town.secretary, today=day,
        )  # fmt: skip
    assert (one.state, one.to_on) == ("revocation_proposed", None)


def test_a_meeting_a_week_ago_may_have_ended_it_that_day(town, session, one, day):
    proposed(session, town, one)
    met = day - 7 * DAY
    actions.revoke(
        session, one.id, reasons=WHY, meeting=meeting(met), last_day=met, by=town.secretary, today=day
    )
    assert one.to_on == met


@pytest.mark.parametrize("who", ["inspector", "chair", "guide", "manager", "administrator"])
def test_only_the_secretary_writes_down_what_the_board_decided(town, session, one, day, who):
    proposed(session, town, one)
    by = getattr(town, who)
    with pytest.raises(Forbidden):
        actions.revoke(session, one.id, reasons=WHY, meeting=meeting(day), last_day=day, by=by, today=day)
    with pytest.raises(Forbidden):
        actions.keep(session, one.id, reasons=WHY, meeting=meeting(day), by=by, today=day)
    assert one.state == "revocation_proposed"


@pytest.mark.parametrize("by", [Actor.clock(1), Actor.operator(1)])
def test_nothing_but_a_person_revokes(town, session, one, day, by):
    for act in (
        lambda: actions.warn(session, one.id, reasons=WHY, due_on=day + DAY, by=by, today=day),
        lambda: actions.revoke_provisionally(session, one.id, "bankruptcy", reasons=WHY, by=by, today=day),
        lambda: actions.penalty(session, one.id, "premises_closed", reasons=WHY, by=by, today=day),
        lambda: actions.stop_intake(session, one.id, reasons=WHY, by=by, today=day),
        lambda: actions.withdraw(session, one.id, last_day=day, by=by, today=day),
    ):
        with pytest.raises(Forbidden):
            act()
    proposed(session, town, one)
    with pytest.raises(Forbidden):
        actions.revoke(session, one.id, reasons=WHY, meeting=meeting(day), last_day=day, by=by, today=day)
    assert one.state == "revocation_proposed"


def test_only_the_clock_with_its_facts_proposes_for_want_of_customers(town, session, one, quiet):
    with refused("no_customers_is_watched"):
        proposed(session, town, one, "no_customers")
    for reason in ("own_request", "renewed", "not_renewed", "because"):
        with refused("reason_missing"):
            proposed(session, town, one, reason)
    assert one.state == "active"


def test_a_customer_who_comes_while_the_proposal_waits_is_in_its_way(town, session, quiet):
    on = date(2027, 1, 1)
    look(session, on)
    found = open_proposal(session, quiet)
    assert found is not None
    assert found.reason == "no_customers"
    came = comes(session, town, town.other_provider_id, on).chosen_on
    with refused("customer_has_come"):
        actions.revoke(
            session, quiet.id, reasons=WHY, meeting=meeting(on), last_day=on, last_customer_on=came,
            by=town.secretary, today=on,
        )  # fmt: skip
    actions.keep(session, quiet.id, reasons="Någon kom.", meeting=meeting(on), by=town.secretary, today=on)
    assert quiet.state == "active"


def test_without_a_customer_the_board_revokes_for_that_reason(town, session, quiet):
    on = date(2027, 1, 1)
    look(session, on)
    actions.revoke(
        session, quiet.id, reasons=WHY, meeting=meeting(on), last_day=on, by=town.secretary, today=on
    )
    assert (quiet.end_reason, family(quiet.end_reason or "")) == ("no_customers", "neutral")


def test_the_reasons_keep_fault_and_no_fault_apart():
    assert set(REASONS.values()) == {"own_fault", "neutral", "administrative"}
    assert {family(code) for code in ("false_information", "plan_not_followed")} == {"own_fault"}
    assert {family(code) for code in ("bankruptcy", "entered_in_error")} == {"administrative"}
    assert "own_request" not in REVOKING


# ── the chair ────────────────────────────────────────────────────────────────────────────────────


def test_the_chair_revokes_until_the_board_has_met(town, session, one, day):
    leg = comes(session, town, town.provider_id, day)
    decision = suspended(session, town, one)
    assert (one.state, decision.body, decision.reason) == (
        "provisionally_revoked",
        "chair",
        "false_information",
    )
    with refused("intake_stopped"):
        comes(session, town, town.provider_id, day)
    assert leg.ended_on is None
    assert [row.Accreditation.id for row in told_of.provisional(session, 1)] == [one.id]
    actions.revoke(
        session, one.id, reasons=WHY, meeting=meeting(day + 9 * DAY), last_day=day + 9 * DAY,
        by=town.secretary, today=day + 9 * DAY,
    )  # fmt: skip
    assert (one.state, one.end_reason) == ("revoked", "false_information")


def test_the_board_lifts_what_the_chair_decided_and_a_stop_is_still_a_stop(town, session, one, day):
    actions.stop_intake(session, one.id, by=town.manager, today=day)
    suspended(session, town, one)
    actions.lift(session, one.id, reasons="Fel.", meeting=meeting(day), by=town.secretary, today=day)
    assert one.state == "intake_stopped"


def test_the_chair_may_go_before_a_proposal_which_the_board_then_answers(town, session, one, day):
    proposal = proposed(session, town, one)
    suspended(session, town, one)
    assert told_of.for_the_board(session, 1) == []  # it is on the list once, as provisional
    assert actions.standing_reason(session, one) == "false_information"
    actions.lift(session, one.id, reasons="Fel.", meeting=meeting(day), by=town.secretary, today=day)
    assert proposal.state == "decided"


def test_only_the_chair_and_only_for_what_is_urgent(town, session, one, day):
    for who in ("secretary", "inspector", "manager"):
        with pytest.raises(Forbidden):
            actions.revoke_provisionally(
                session, one.id, "bankruptcy", reasons=WHY, by=getattr(town, who), today=day
            )
    with refused("not_urgent"):
        actions.revoke_provisionally(session, one.id, "no_customers", reasons=WHY, by=town.chair, today=day)
    with refused("reason_missing"):
        actions.revoke_provisionally(session, one.id, "", reasons=WHY, by=town.chair, today=day)


# ── told to the board ────────────────────────────────────────────────────────────────────────────


def test_delegated_decisions_are_reported_once(town, session, one, day):
    warning = actions.warn(session, one.id, reasons=WHY, due_on=day + DAY, by=town.inspector, today=day)
    waiting = {row.Decision.id for row in told_of.unreported(session, 1)}
    assert warning.id in waiting
    assert len(waiting) == 4  # three accreditations before it
    with refused("reported_before_decided"):
        actions.report_to_board(session, waiting, day - DAY, by=town.secretary, today=day)
    with refused("meeting_in_future"):
        actions.report_to_board(session, waiting, day + DAY, by=town.secretary, today=day)
    with refused("nothing_to_report"):
        actions.report_to_board(session, [], day, by=town.secretary, today=day)
    with pytest.raises(Forbidden):
        actions.report_to_board(session, waiting, day, by=town.chair, today=day)
    actions.report_to_board(session, waiting, day, by=town.secretary, today=day)
    assert told_of.unreported(session, 1) == []
    with refused("reported_already"):
        actions.report_to_board(session, [warning.id], day, by=town.secretary, today=day)
    refused_by_the_database(session, "only ever added", update(Reported).values(meeting_on=day - DAY))


def test_what_the_board_decided_itself_is_not_reported_to_it(town, session, one, day):
    proposed(session, town, one)
    decision = actions.keep(
        session, one.id, reasons="Nej.", meeting=meeting(day), by=town.secretary, today=day
    )
    with refused("not_delegated"):
        actions.report_to_board(session, [decision.id], day, by=town.secretary, today=day)
    assert session.scalars(select(Reported)).all() == []

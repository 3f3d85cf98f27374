"""A review: who may take part, what counts as two, what may be proposed, and what the list says is due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from app.demo import people
from core.accounts import AccountForm, open_account
from core.actor import FINANCE, STAFF, Actor, Role
from core.database import fetch
from core.refusal import Forbidden
from core.rulebooks import Rulebook
from providers import actions
from providers.actions import ContactForm, ProviderForm, SiteForm
from providers.models import Accreditation, Decision, Judgement, Provider, ProviderMember, Reviewer
from providers.queries import applying, reviewing
from providers.queries.terms import accreditation_terms
from providers.rules.conditions import Condition
from providers.rules.reviewing import (
    Verdicts,
    awaits_answer,
    may_ask_until,
    may_begin_on,
    may_propose,
    not_met,
    unjudged,
)
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town

DAY = date(2026, 3, 2)
ONE, TWO = (
    Condition(code, code, code, "", "", "document", "file", 0, (), "setting") for code in ("tax", "visit")
)
BOTH = (ONE, TWO)


# ── the rules ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("verdicts", "left"),
    [
        ({}, ["tax", "visit"]),
        ({"tax": {1: "met"}, "visit": {1: "met"}}, ["tax", "visit"]),  # one person is not two
        ({"tax": {1: "met", 2: "met"}, "visit": {1: "met"}}, ["visit"]),
        ({"tax": {1: "met", 2: "unclear"}, "visit": {3: "met", 2: "not_met"}}, []),
        ({"tax": {1: "met", 2: "met"}, "visit": {1: "met", 2: "met"}, "gone": {1: "met"}}, []),
    ],
)
def test_a_condition_is_judged_when_as_many_persons_as_the_rulebook_asks_for_have(
    verdicts: Verdicts, left: list[str]
):
    assert unjudged(verdicts, BOTH, 2) == left


def test_one_reviewer_is_enough_where_the_rulebook_says_so():
    assert unjudged({"tax": {1: "met"}}, BOTH, 1) == ["visit"]


MET: Verdicts = {"tax": {1: "met", 2: "met"}, "visit": {1: "met", 2: "met"}}
DOUBT: Verdicts = {"tax": {1: "met", 2: "met"}, "visit": {1: "met", 2: "unclear"}}


@pytest.mark.parametrize(
    ("kind", "verdicts", "code"),
    [
        ("accredit", {}, "review_unfinished"),
        ("refuse", {}, "review_unfinished"),
        ("dismiss", {}, None),
        ("accredit", MET, None),
        ("refuse", MET, "all_conditions_met"),
        ("accredit", DOUBT, "conditions_not_met"),
        ("refuse", DOUBT, None),
        ("dismiss", DOUBT, None),
    ],
)
def test_what_may_be_proposed_follows_from_what_was_found(kind: str, verdicts: Verdicts, code: str | None):
    if code is None:
        may_propose(kind, verdicts, BOTH, 2)
    else:
        with refused(code):
            may_propose(kind, verdicts, BOTH, 2)


def test_somebody_elses_doubt_is_a_doubt():
    assert not_met(DOUBT, BOTH) == ["visit"]
    assert not_met(MET, BOTH) == []


@pytest.mark.parametrize(("days", "code"), [(-1, "deadline_passed"), (0, "deadline_passed"), (1, None),
                                            (366, None), (367, "deadline_too_far")])  # fmt: skip
def test_a_deadline_is_after_today_and_within_a_year(days: int, code: str | None):
    if code is None:
        may_ask_until(DAY + timedelta(days), DAY)
    else:
        with refused(code):
            may_ask_until(DAY + timedelta(days), DAY)


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "begins_before_decision"), (0, None), (366, None), (367, "begins_too_late")]
)
def test_an_accreditation_begins_no_earlier_than_it_is_decided(days: int, code: str | None):
    if code is None:
        may_begin_on(DAY + timedelta(days), DAY)
    else:
        with refused(code):
            may_begin_on(DAY + timedelta(days), DAY)


@pytest.mark.parametrize(
    ("state", "days", "awaits"),
    [
        ("supplement_requested", 0, True),
        ("supplement_requested", -1, False),
        ("supplement_requested", None, False),
        ("submitted", 5, False),
    ],
)
def test_the_applicant_has_the_whole_last_day(state: str, days: int | None, awaits: bool):
    due_on = None if days is None else DAY + timedelta(days)
    assert awaits_answer(state, due_on, DAY) == awaits


# ── two persons ───────────────────────────────────────────────────────────────────────────────────


def applied(
    session: Session, town: Town, name: str = "Nya Vägar", number: str = "429904-2426"
) -> Accreditation:
    provider = actions.register_provider(
        session,
        ProviderForm(name, number, "private", about_sv="Vi hjälper till."),
        (SiteForm("Provgatan 1", "10002", "Exempelstad", "Centrum"),),
        by=town.inspector,
    )
    contact = ContactForm("Prov Kontakt", "070-174 06 05", "kontakt@example.org")
    actions.add_contact(session, provider.id, contact, by=town.inspector, today=town.decided_on)
    rulebook = fetch(session, Rulebook, 1, town.rulebook_id)
    return people.applied(
        session, provider, rulebook, "matching", 12, by=town.inspector, today=town.decided_on
    )


def judged(session: Session, town: Town, one: Accreditation, by: Actor, verdict: str = "met") -> None:
    terms = accreditation_terms(session, 1, one.rulebook_id)
    for condition in terms.conditions("matching"):
        actions.judge(
            session, one.id, condition.code, verdict, "document", "Sett.", by=by, today=town.decided_on
        )


def propose(session: Session, town: Town, one: Accreditation, kind: str = "accredit") -> None:
    actions.propose_outcome(session, one.id, kind, "Skäl.", by=town.inspector, today=town.decided_on)


def test_two_reviewers_are_two_persons(town: Town, session: Session):
    one, today = applied(session, town), town.decided_on
    actions.take_up(session, one.id, by=town.inspector)
    actions.declare(session, one.id, has_conflict=False, by=town.inspector, today=today)
    for has_conflict in (False, True):
        with refused("declared_already"):
            actions.declare(session, one.id, has_conflict=has_conflict, by=town.inspector, today=today)
    judged(session, town, one, town.inspector)
    judged(session, town, one, town.inspector)
    with refused("review_unfinished"):
        propose(session, town, one)
    actions.declare(session, one.id, has_conflict=False, by=town.other_inspector, today=today)
    judged(session, town, one, town.other_inspector)
    propose(session, town, one)
    assert one.state == "proposed"


def test_the_database_keeps_one_declaration_a_person_and_never_changes_it(town: Town, session: Session):
    one = applied(session, town)
    actions.take_up(session, one.id, by=town.inspector)
    actions.declare(session, one.id, has_conflict=True, by=town.inspector, today=town.decided_on)
    this = Reviewer.accreditation_id == one.id
    refused_by_the_database(
        session, "only ever added", update(Reviewer).where(this).values(has_conflict=False)
    )


def test_a_changed_mind_is_a_new_row_and_the_newest_counts(town: Town, session: Session):
    one = applied(session, town)
    actions.take_up(session, one.id, by=town.inspector)
    for by in (town.inspector, town.other_inspector):
        actions.declare(session, one.id, has_conflict=False, by=by, today=town.decided_on)
        judged(session, town, one, by, "unclear")
        judged(session, town, one, by)
    propose(session, town, one)
    rows = session.scalars(select(Judgement.verdict).where(Judgement.accreditation_id == one.id)).all()
    assert (rows.count("unclear"), rows.count("met")) == (16, 16)


# ── jäv ───────────────────────────────────────────────────────────────────────────────────────────


def test_who_has_a_conflict_takes_no_step_at_all(town: Town, session: Session):
    one, today = applied(session, town), town.decided_on
    actions.declare(session, one.id, has_conflict=True, by=town.inspector, today=today)
    with pytest.raises(Forbidden):
        actions.take_up(session, one.id, by=town.inspector)
    with pytest.raises(Forbidden):
        actions.request_supplement(
            session, one.id, "Visa mer.", today + timedelta(days=7), by=town.inspector, today=today
        )
    actions.take_up(session, one.id, by=town.other_inspector)
    with pytest.raises(Forbidden):
        actions.judge(session, one.id, "f_tax", "met", "document", by=town.inspector, today=today)
    with pytest.raises(Forbidden):
        propose(session, town, one, "dismiss")
    actions.propose_outcome(session, one.id, "dismiss", "Skäl.", by=town.other_inspector, today=today)
    with pytest.raises(Forbidden):
        actions.turn_down(session, one, "dismissed", reasons="Ja.", by=town.inspector, today=today)
    with pytest.raises(Forbidden):
        actions.reopen(session, one.id, by=town.inspector, today=today)
    assert one.state == "proposed"
    assert reviewing.conflicts_of(session, 1, town.inspector.account_id) == {one.id}


def test_a_decider_with_a_conflict_does_not_decide(town: Town, session: Session):
    one, today = applied(session, town), town.decided_on
    people.reviewed(session, one, (town.inspector, town.other_inspector), today=today)
    actions.declare(session, one.id, has_conflict=True, by=town.secretary, today=today)
    with pytest.raises(Forbidden):
        actions.accredit(session, one, reasons="Ja.", from_on=today, by=town.secretary, today=today)
    assert session.scalars(select(Decision).where(Decision.accreditation_id == one.id)).all() == []


def test_nobody_judges_before_answering_and_nobody_answers_about_a_draft(town: Town, session: Session):
    one, today = applied(session, town), town.decided_on
    actions.take_up(session, one.id, by=town.inspector)
    with refused("conflict_not_declared"):
        actions.judge(session, one.id, "f_tax", "met", "document", by=town.inspector, today=today)
    provider = fetch(session, Provider, 1, town.other_provider_id)
    rulebook = fetch(session, Rulebook, 1, town.rulebook_id)
    draft = actions.start_application(session, provider, rulebook, "preparatory", by=town.inspector)
    with refused("not_under_review"):
        actions.declare(session, draft.id, has_conflict=False, by=town.inspector, today=today)


@pytest.mark.parametrize("who", ["guide", "coach", "manager", "maker", "chair", "administrator"])
def test_only_reviewers_and_deciders_answer_the_question(town: Town, session: Session, who: str):
    one = applied(session, town)
    with pytest.raises(Forbidden):
        actions.declare(session, one.id, has_conflict=False, by=getattr(town, who), today=town.decided_on)


# ── proposal and decision ─────────────────────────────────────────────────────────────────────────


def test_a_decision_answers_the_proposal_that_stands(town: Town, session: Session):
    one, today = applied(session, town), town.decided_on
    people.reviewed(session, one, (town.inspector, town.other_inspector), today=today)
    with refused("other_proposal"):
        actions.turn_down(session, one, "refused", reasons="Nej.", by=town.secretary, today=today)
    with refused("begins_before_decision"):
        actions.accredit(
            session, one, reasons="Ja.", from_on=today - timedelta(days=1), by=town.secretary, today=today
        )
    decision = actions.accredit(
        session, one, reasons="Ja.", from_on=today + timedelta(days=5), by=town.secretary, today=today
    )
    row = reviewing.decision(session, 1, decision.id)
    assert (row.kind, row.body, row.who, row.version) == (
        "accredited",
        "delegate",
        town.secretary.name,
        "2016-04-01",
    )
    assert (row.appeal, row.appeal_days, row.effective_on) == (
        "legality_review",
        21,
        today + timedelta(days=5),
    )
    assert [found.id for found in reviewing.decisions(session, 1, one.id)] == [decision.id]


def test_a_proposal_that_was_sent_back_is_kept_beside_the_next(town: Town, session: Session):
    one, today = applied(session, town), town.decided_on
    people.reviewed(session, one, (town.inspector, town.other_inspector), today=today)
    actions.reopen(session, one.id, by=town.secretary, today=today)
    assert one.state == "under_review"
    assert [found.kind for found in reviewing.lapsed_proposals(session, one)] == ["accredit"]
    propose(session, town, one, "dismiss")
    actions.turn_down(session, one, "dismissed", reasons="Återtagen.", by=town.secretary, today=today)
    assert one.state == "dismissed"


# ── the list ──────────────────────────────────────────────────────────────────────────────────────


def test_what_is_due_first_stands_first(town: Town, session: Session):
    late, today = applied(session, town), town.decided_on
    soon = applied(session, town, "Snabba Vägen", "429904-2434")
    actions.request_supplement(
        session, soon.id, "Visa mer.", today + timedelta(days=3), by=town.inspector, today=today
    )
    rows = reviewing.applications(session, 1)
    assert [(row.provider, row.due, row.due_on) for row in rows] == [
        ("Snabba Vägen", "supplement", today + timedelta(days=3)),
        ("Nya Vägar", "decision", today + timedelta(days=90)),
    ]
    actions.take_up(session, late.id, by=town.inspector)
    actions.declare(session, late.id, has_conflict=False, by=town.inspector, today=today)
    judged(session, town, late, town.inspector)
    row = reviewing.applications(session, 1, "under_review")[0]
    assert (row.reviewers, row.reviewers_needed, row.judged, row.conditions) == (1, 2, 0, 8)
    actions.declare(session, late.id, has_conflict=False, by=town.other_inspector, today=today)
    judged(session, town, late, town.other_inspector)
    row = reviewing.applications(session, 1, "under_review")[0]
    assert (row.reviewers, row.judged) == (2, 8)
    assert reviewing.counts(session, 1) == {"under_review": 1, "supplement_requested": 1}


def test_a_decided_application_awaits_nothing(town: Town, session: Session):
    one = applied(session, town)
    actions.take_up(session, one.id, by=town.inspector)
    propose(session, town, one, "dismiss")
    actions.turn_down(session, one, "dismissed", reasons="Nej.", by=town.secretary, today=town.decided_on)
    assert reviewing.applications(session, 1) == []
    row = reviewing.applications(session, 1, "dismissed")[0]
    assert (row.due, row.due_on) == (None, None)


def test_the_list_asks_as_many_questions_for_many_as_for_one(town: Town, session: Session):
    def asked() -> int:
        count = 0

        def tick(*_: object) -> None:
            nonlocal count
            count += 1

        session.expire_all()
        event.listen(session.get_bind(), "before_cursor_execute", tick)
        reviewing.applications(session, 1)
        event.remove(session.get_bind(), "before_cursor_execute", tick)
        return count

    applied(session, town)
    few = asked()
    for number, name in (("429904-2434", "Andra"), ("429904-2442", "Tredje")):
        applied(session, town, name, number)
    assert asked() == few <= 6


def test_another_municipality_sees_nothing(town: Town, session: Session):
    one = applied(session, town)
    assert reviewing.applications(session, 2) == []
    assert reviewing.counts(session, 2) == {}
    assert reviewing.decisions(session, 2, one.id) == []
    assert applying.declaration(session, one, town.inspector.account_id) is None


# ── the municipality's own provider ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", sorted(STAFF), ids=lambda role: role.value)
@pytest.mark.parametrize("work", [Role.COACH, Role.MANAGER], ids=lambda role: role.value)
def test_staff_of_the_own_run_provider_hold_no_casework_and_no_finance_role(
    town: Town, session: Session, role: Role, work: Role
):
    own = actions.register_provider(
        session, ProviderForm("Kommunens egen", "429904-2426", "municipal"), (), by=town.inspector
    )
    with refused("roles_must_not_meet"):
        open_account(
            session, AccountForm("Prov Person", (work, role)), by=town.administrator, today=town.decided_on
        )
    account = open_account(
        session, AccountForm("Prov Person", (role,)), by=town.administrator, today=town.decided_on
    )
    with refused("member_not_provider_staff"):
        actions.add_member(session, own, account.id, by=town.administrator)
    assert session.get(ProviderMember, (1, account.id)) is None
    assert FINANCE < STAFF

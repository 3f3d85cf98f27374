"""What proves a result: files, looks at sources, jobs at the provider itself, the next service."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.demo.people import organisation_number
from core.database import fetch
from core.refusal import Forbidden, Missing
from providers import actions as registry
from providers.actions import StoredFile
from providers.models import Affiliate, Provider
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, decided, noon, voucher_form
from vouchers import actions
from vouchers.models import Check, Outcome, OutcomeEvidence, Verification
from vouchers.rules.proving import MOST_EVIDENCE

END = date(2026, 8, 31)
CLAIMED_ON = date(2026, 9, 10)
WORK = actions.OutcomeForm("work", date(2026, 9, 1), END, 100, employer_number=organisation_number(7001))
GROUP = organisation_number(7002)


def claimed(session: Session, town: Town, form: actions.OutcomeForm = WORK) -> Outcome:
    leg_id = town.started(session)
    return actions.claim_outcome(session, leg_id, form, by=town.coach, today=CLAIMED_ON)


def check_of(session: Session, outcome: Outcome, purpose: str = "result") -> Check:
    rows = select(Check).where(Check.outcome_id == outcome.id, Check.purpose == purpose)
    return session.scalars(rows).one()


def file(name: str = "bevis.pdf") -> StoredFile:
    return StoredFile(hashlib.sha256(name.encode()).hexdigest(), name, "application/pdf", 1_000)


def seen(session: Session, check: Check) -> list[tuple[str, str]]:
    rows = select(Verification.source, Verification.found).where(Verification.check_id == check.id)
    return [(row.source, row.found) for row in session.execute(rows.order_by(Verification.id))]


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_keeps_what_was_told_of_the_job(town: Town, session: Session):
    form = replace(WORK, employer_name=" Provbageriet ", ends_on=date(2027, 2, 28), subsidised=True)
    outcome = claimed(session, town, form)
    assert (outcome.employer_name, outcome.ends_on) == ("Provbageriet", date(2027, 2, 28))
    assert (outcome.related, outcome.municipal, outcome.via) == (None, False, "page")


def test_a_job_at_the_municipalitys_own_number_is_municipal_whatever_is_ticked(town: Town, session: Session):
    outcome = claimed(session, town, replace(WORK, employer_number=organisation_number(2120)))
    assert outcome.municipal


def test_files_are_added_by_the_own_provider_and_by_staff_and_twice_is_once(town: Town, session: Session):
    outcome, at = claimed(session, town), noon(CLAIMED_ON)
    for by in (town.coach, town.manager, town.guide, town.inspector):
        name = f"{by.account_id}.pdf"
        actions.add_outcome_evidence(session, outcome.id, "payslip", file(name), by=by, at=at)
    first = actions.add_outcome_evidence(session, outcome.id, "payslip", file(), by=town.coach, at=at)
    again = actions.add_outcome_evidence(session, outcome.id, "payslip", file(), by=town.guide, at=at)
    assert (again.id, again.added_by) == (first.id, town.coach.account_id)
    assert session.query(OutcomeEvidence).count() == 5


def test_nobody_else_adds_a_file(town: Town, session: Session):
    outcome, at = claimed(session, town), noon(CLAIMED_ON)
    for by in (town.other_coach, town.seeker, town.maker, town.newcomer):
        with pytest.raises((Forbidden, Missing)):
            actions.add_outcome_evidence(session, outcome.id, "payslip", file(), by=by, at=at)
    assert session.query(OutcomeEvidence).count() == 0


def test_a_file_is_of_a_source_in_the_rulebook_for_a_result_that_stands(town: Town, session: Session):
    outcome, at = claimed(session, town), noon(CLAIMED_ON)
    with refused("source_missing"):
        actions.add_outcome_evidence(session, outcome.id, "hearsay", file(), by=town.coach, at=at)
    for number in range(MOST_EVIDENCE):
        name = f"{number}.pdf"
        actions.add_outcome_evidence(session, outcome.id, "payslip", file(name), by=town.coach, at=at)
    with refused("evidence_too_much"):
        actions.add_outcome_evidence(session, outcome.id, "payslip", file(), by=town.coach, at=at)
    actions.withdraw_outcome(session, outcome.id, by=town.coach, today=CLAIMED_ON)
    with refused("outcome_not_standing"):
        actions.add_outcome_evidence(session, outcome.id, "payslip", file(), by=town.coach, at=at)


def test_files_and_looks_are_only_ever_added(town: Town, session: Session):
    outcome = claimed(session, town)
    shown = actions.add_outcome_evidence(
        session, outcome.id, "payslip", file(), by=town.coach, at=noon(CLAIMED_ON)
    )
    check = check_of(session, outcome)
    look = actions.look_at_source(
        session, check.id, "payslip", "supports", evidence_id=shown.id, by=town.guide, today=CLAIMED_ON
    )
    for row in (shown, look):
        table = type(row)
        refused_by_the_database(session, "only ever added", delete(table).where(table.id == row.id))
    refused_by_the_database(session, "only ever added", update(OutcomeEvidence).values(source="decision"))
    refused_by_the_database(session, "only ever added", update(Verification).values(found="contradicts"))


# ── looks ────────────────────────────────────────────────────────────────────────────────────────


def test_a_yes_that_only_names_its_source_is_kept_as_a_look(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=CLAIMED_ON)
    look = session.scalars(select(Verification)).one()
    assert (look.source, look.found, look.seen_by, look.seen_on) == (
        "payslip", "supports", town.guide.account_id, CLAIMED_ON,
    )  # fmt: skip


def test_a_yes_on_a_look_adds_no_look(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    for found in ("no_answer", "supports"):
        actions.look_at_source(session, check.id, "payslip", found, by=town.guide, today=CLAIMED_ON)
    actions.judge_check(session, check.id, passed=True, source="payslip", by=town.inspector, today=CLAIMED_ON)
    assert seen(session, check) == [("payslip", "no_answer"), ("payslip", "supports")]


def test_a_source_that_contradicts_stands_in_the_way_of_every_yes(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    actions.look_at_source(session, check.id, "payslip", "contradicts", by=town.guide, today=CLAIMED_ON)
    for source in ("payslip", "employment_contract"):
        with refused("source_contradicts"):
            actions.judge_check(
                session, check.id, passed=True, source=source, by=town.guide, today=CLAIMED_ON
            )
    assert (check.state, seen(session, check)) == ("due", [("payslip", "contradicts")])
    actions.look_at_source(session, check.id, "payslip", "supports", by=town.guide, today=CLAIMED_ON)
    actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=CLAIMED_ON)
    assert check.state == "passed"


def test_a_no_needs_no_look_and_leaves_those_there_are(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    actions.look_at_source(session, check.id, "payslip", "contradicts", by=town.guide, today=CLAIMED_ON)
    actions.judge_check(
        session, check.id, passed=False, refusal_code="evidence_does_not_fit", by=town.guide, today=CLAIMED_ON
    )
    assert (check.state, seen(session, check)) == ("failed", [("payslip", "contradicts")])


def test_staff_alone_look_and_only_at_the_results_own_files(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    for by in (town.coach, town.manager, town.seeker, town.maker, town.signer):
        with pytest.raises(Forbidden):
            actions.look_at_source(session, check.id, "payslip", "supports", by=by, today=CLAIMED_ON)
    other = Outcome(
        municipality_id=1, leg_id=outcome.leg_id, voucher_id=outcome.voucher_id, kind="work",
        state="claimed", starts_on=END, extent_percent=100, subsidised=False,
        claimed_by=town.coach.account_id, claimed_on=CLAIMED_ON,
    )  # fmt: skip
    session.add(other)
    session.flush()
    theirs = actions.add_outcome_evidence(
        session, other.id, "payslip", file(), by=town.guide, at=noon(CLAIMED_ON)
    )
    with pytest.raises(Missing):
        actions.look_at_source(
            session, check.id, "payslip", "supports", evidence_id=theirs.id, by=town.guide, today=CLAIMED_ON
        )


# ── the provider's own ───────────────────────────────────────────────────────────────────────────


def own_number(session: Session, town: Town) -> str:
    return fetch(session, Provider, 1, town.provider_id).organisation_number


def affiliate(session: Session, town: Town, on: date = date(2026, 3, 2)) -> Affiliate:
    return registry.declare_affiliate(session, "Provgruppen", GROUP, by=town.manager, today=on)


def test_a_job_at_the_provider_itself_is_flagged_and_needs_reasons(town: Town, session: Session):
    outcome = claimed(session, town, replace(WORK, employer_number=own_number(session, town)))
    assert outcome.related == "own"
    check = check_of(session, outcome)
    for reasons in ("", "  "):
        with refused("related_reasons_missing"):
            actions.judge_check(
                session, check.id, passed=True, source="payslip", related_reasons=reasons,
                by=town.guide, today=CLAIMED_ON,
            )  # fmt: skip
    yes = {"state": "passed", "judged_by": town.guide.account_id, "source": "payslip",
           "judged_on": CLAIMED_ON}  # fmt: skip
    refused_by_the_database(
        session, "verified with reasons", update(Check).where(Check.id == check.id).values(yes)
    )
    actions.judge_check(
        session, check.id, passed=True, source="payslip", related_reasons="Lagerjobb, inte som coach.",
        by=town.guide, today=CLAIMED_ON,
    )  # fmt: skip
    assert (check.state, outcome.related_reasons) == ("passed", "Lagerjobb, inte som coach.")


def test_a_no_to_a_job_at_the_provider_needs_no_more_than_any_no(town: Town, session: Session):
    outcome = claimed(session, town, replace(WORK, employer_number=own_number(session, town)))
    check = check_of(session, outcome)
    actions.judge_check(
        session, check.id, passed=False, refusal_code="not_a_result", by=town.guide, today=CLAIMED_ON
    )
    assert (check.state, outcome.related_reasons) == ("failed", "")


@pytest.mark.parametrize(
    ("declared_on", "removed_on", "related"),
    [
        (date(2026, 3, 2), None, "group"),
        (CLAIMED_ON, None, "group"),
        (date(2026, 3, 2), date(2026, 9, 9), "group"),
        (date(2026, 3, 2), CLAIMED_ON, "group"),
        (date(2026, 2, 1), date(2026, 3, 1), None),
        (date(2026, 2, 1), date(2026, 3, 2), "group"),
    ],
    ids=["declared at the start", "today", "removed yesterday", "removed today", "removed before the start",
         "removed on the day of the start"],
)  # fmt: skip
def test_whoever_was_of_the_group_since_the_person_began_is_flagged(
    town: Town, session: Session, declared_on: date, removed_on: date | None, related: str | None
):
    row = affiliate(session, town, declared_on)
    if removed_on:
        registry.remove_affiliate(session, row.id, by=town.manager, today=removed_on)
    assert claimed(session, town, replace(WORK, employer_number=GROUP)).related == related


def test_a_group_declared_after_the_claim_is_flagged_before_a_yes(town: Town, session: Session):
    outcome = claimed(session, town, replace(WORK, employer_number=GROUP))
    assert outcome.related is None
    affiliate(session, town, CLAIMED_ON)
    check = check_of(session, outcome)
    with refused("related_reasons_missing"):
        actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=CLAIMED_ON)
    actions.judge_check(
        session, check.id, passed=True, source="payslip", related_reasons="Eget schema.",
        by=town.guide, today=CLAIMED_ON,
    )  # fmt: skip
    assert outcome.related == "group"


def test_another_providers_group_says_nothing(town: Town, session: Session):
    manager = replace(town.manager, provider_id=town.other_provider_id)
    registry.declare_affiliate(session, "Provgruppen", GROUP, by=manager, today=END)
    assert claimed(session, town, replace(WORK, employer_number=GROUP)).related is None


def test_a_manager_alone_declares_once_and_keeps_what_was(town: Town, session: Session):
    for by in (town.coach, town.guide, town.inspector, town.seeker):
        with pytest.raises(Forbidden):
            registry.declare_affiliate(session, "Provgruppen", GROUP, by=by, today=END)
    with pytest.raises(Missing):
        registry.declare_affiliate(session, "Provgruppen", GROUP, by=town.newcomer, today=END)
    row = affiliate(session, town)
    for name, number, code in (
        ("Provgruppen", GROUP, "affiliate_exists"),
        ("Vi", own_number(session, town), "affiliate_is_self"),
        (" ", organisation_number(7003), "affiliate_name_missing"),
        ("Fel", "419901-0011", "organisation_number_wrong"),
    ):
        with refused(code):
            registry.declare_affiliate(session, name, number, by=town.manager, today=END)
    with pytest.raises(Missing):
        registry.remove_affiliate(
            session, row.id, by=replace(town.manager, provider_id=town.other_provider_id), today=END
        )
    registry.remove_affiliate(session, row.id, by=town.manager, today=END)
    with refused("affiliate_removed"):
        registry.remove_affiliate(session, row.id, by=town.manager, today=END)
    this = update(Affiliate).where(Affiliate.id == row.id)
    refused_by_the_database(session, "what was declared stays", this.values(name="Annat", removed_on=None))
    refused_by_the_database(session, "rows are kept", delete(Affiliate).where(Affiliate.id == row.id))
    assert affiliate(session, town, END).id != row.id


# ── the step to the next service ─────────────────────────────────────────────────────────────────


def prepared(session: Session, town: Town, ended_on: date, reason: str = "next_step") -> int:
    """The other seeker has been at a preparatory service. Gives the leg's id."""
    day = town.decided_on
    form = voucher_form(town.rulebook_id, "preparatory", "single", 6)
    voucher = decided(session, town.other_participant_id, form, by=town.guide, today=day)
    leg = actions.choose(session, voucher.id, town.provider_id, {}, by=town.other_seeker, at=noon(day))
    actions.accept(session, leg.id, by=town.coach, today=day)
    actions.start(session, leg.id, day, by=town.coach, today=day)
    actions.end_service(session, leg.id, ended_on, reason, by=town.coach, today=ended_on)
    return leg.id


def on_to_matching(session: Session, town: Town, day: date) -> None:
    decided(session, town.other_participant_id, voucher_form(town.rulebook_id), by=town.guide, today=day)


def test_the_decision_on_matching_is_claimed_as_the_result_of_the_preparatory(town: Town, session: Session):
    leg_id, day = prepared(session, town, END), date(2026, 9, 14)
    on_to_matching(session, town, day)
    outcome = session.scalars(select(Outcome)).one()
    assert (outcome.leg_id, outcome.kind, outcome.state, outcome.starts_on, outcome.claimed_by) == (
        leg_id, "next_step", "claimed", day, town.guide.account_id,
    )  # fmt: skip
    check = check_of(session, outcome)
    assert (check.state, check.due_on) == ("due", day)
    actions.judge_check(session, check.id, passed=True, source="decision", by=town.inspector, today=day)
    assert outcome.state == "verified"


def test_the_step_is_not_claimed_too_late_nor_beside_another_result(town: Town, session: Session):
    leg_id = prepared(session, town, END, "studies")
    form = actions.OutcomeForm("studies", END, END, 100)
    outcome = actions.claim_outcome(session, leg_id, form, by=town.coach, today=END)
    on_to_matching(session, town, END + timedelta(days=10))
    assert session.scalars(select(Outcome.id)).all() == [outcome.id]


@pytest.mark.parametrize(("days", "claims"), [(30, 1), (31, 0)])
def test_the_step_is_claimed_within_the_days_of_the_rulebook(
    town: Town, session: Session, days: int, claims: int
):
    prepared(session, town, END)
    on_to_matching(session, town, END + timedelta(days=days))
    assert session.query(Outcome).count() == claims


def test_a_first_decision_on_matching_is_no_result(town: Town, session: Session):
    on_to_matching(session, town, END)
    assert session.query(Outcome).count() == 0

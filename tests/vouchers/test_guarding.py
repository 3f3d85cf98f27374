"""Handing over, changing the protection, naming the coach: who may, what is refused, what is kept of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.actor import Account, Actor, Role
from core.audit import AuditEntry
from core.database import part_of
from core.identity import Protection
from core.refusal import Forbidden, Missing, Refusal
from tests.support.refusing import refused
from tests.support.town import Town, decided, noon, report_form, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Leg, NonChoice, NonChoiceList, Participant
from vouchers.queries import workload
from vouchers.rules.secrecy import may_know, provider_may_know

TODAY = date(2026, 3, 9)


def colleague(session: Session, town: Town, role: Role = Role.GUIDE, **changes: object) -> Actor:
    """Another guide."""
    from core.accounts import AccountForm, open_account  # noqa: PLC0415  # only this test opens one

    form = AccountForm("Nils Provskog", (role,))
    account = open_account(session, form, by=Actor.operator(town.municipality_id), today=TODAY)
    for name, value in changes.items():
        setattr(account, name, value)
    return replace(town.guide, account_id=account.id, name=account.name)


def newest(session: Session) -> tuple[str, dict[str, object]]:
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    return entry.what, json.loads(entry.details)


def person(session: Session, town: Town) -> Participant:
    return session.get_one(Participant, (town.municipality_id, town.participant_id))


# ── who may know ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("protection", [kind.value for kind in Protection])
@pytest.mark.parametrize("viewer", [1, 2])
def test_at_the_municipality_only_the_own_guide_knows_a_protected_person(protection: str, viewer: int):
    assert may_know(viewer, 1, protection) is (protection == "none" or viewer == 1)


@pytest.mark.parametrize(
    ("protection", "is_manager", "coach_id", "knows"),
    [
        ("none", False, None, True),
        ("none", False, 2, True),
        ("confidential", False, None, False),
        ("confidential", False, 2, False),
        ("confidential", False, 1, True),
        ("confidential", True, None, True),
        ("protected_registration", False, None, False),
        ("protected_registration", False, 1, True),
        ("protected_registration", True, 2, True),
    ],
)
def test_at_the_provider_managers_know_and_the_coach_they_named(protection, is_manager, coach_id, knows):
    assert provider_may_know(1, is_manager=is_manager, coach_id=coach_id, protection=protection) is knows


# ── handing over ─────────────────────────────────────────────────────────────────────────────────


def test_another_guide_takes_the_person_over(town: Town, session: Session):
    other = colleague(session, town)
    actions.hand_over(session, town.participant_id, other.account_id, by=town.guide)
    assert person(session, town).guide_id == other.account_id
    kept = {"guide": other.account_id, "before": town.guide.account_id}
    assert newest(session) == ("participant.handed_over", kept)


def test_any_guide_may_take_an_ordinary_person_over(town: Town, session: Session):
    other = colleague(session, town)
    actions.hand_over(session, town.participant_id, other.account_id, by=other)
    assert person(session, town).guide_id == other.account_id


def test_only_the_own_guide_hands_a_protected_person_over(town: Town, session: Session):
    other = colleague(session, town)
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    with pytest.raises(Missing):
        actions.hand_over(session, town.participant_id, other.account_id, by=other)
    actions.hand_over(session, town.participant_id, other.account_id, by=town.guide)
    with pytest.raises(Missing):
        actions.hand_over(session, town.participant_id, town.guide.account_id, by=town.guide)


def test_a_case_goes_to_a_guide_who_can_sign_in_and_to_somebody_else(town: Town, session: Session):
    gone = colleague(session, town, is_active=False)
    inspector = town.inspector.account_id
    for guide_id, code in ((town.guide.account_id, "guide_same"), (gone.account_id, "guide_unknown"),
                           (inspector, "guide_unknown"), (0, "guide_unknown")):  # fmt: skip
        with refused(code):
            actions.hand_over(session, town.participant_id, guide_id, by=town.guide)
    with pytest.raises(Forbidden):
        actions.hand_over(session, town.participant_id, town.guide.account_id, by=town.inspector)
    with pytest.raises(Missing):
        actions.hand_over(session, 1, town.guide.account_id, by=town.guide)


# ── the protection changes ───────────────────────────────────────────────────────────────────────


def test_protected_registration_erases_the_address_and_the_trail_keeps_only_codes(
    town: Town, session: Session
):
    actions.set_protection(session, town.participant_id, Protection.REGISTERED_ELSEWHERE, by=town.guide)
    session.flush()
    row = person(session, town)
    assert (row.street, row.postal_code, row.town) == (None, None, None)
    assert row.is_protected
    kept = {"protection": "protected_registration", "before": "none"}
    assert newest(session) == ("participant.protection_changed", kept)
    assert "Provgatan" not in "".join(session.scalars(select(AuditEntry.details)))


def test_a_confidential_mark_keeps_the_address_for_the_day_it_is_lifted(town: Town, session: Session):
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    assert person(session, town).street == "Provgatan 7"
    actions.set_protection(session, town.participant_id, Protection.NONE, by=town.guide)
    assert not person(session, town).is_protected


def test_the_database_too_refuses_an_address_with_protected_registration(town: Town, session: Session):
    actions.set_protection(session, town.participant_id, Protection.REGISTERED_ELSEWHERE, by=town.guide)
    person(session, town).street = "Provgatan 7"
    with pytest.raises(IntegrityError), part_of(session):
        session.flush()
    session.rollback()


def test_only_the_own_guide_changes_the_protection(town: Town, session: Session):
    other = colleague(session, town)
    with refused("guide_other"):
        actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=other)
    with refused("protection_same"):
        actions.set_protection(session, town.participant_id, Protection.NONE, by=town.guide)
    with pytest.raises(Forbidden):
        actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.coach)
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    with pytest.raises(Missing):  # to another guide it is as if the person were not there
        actions.set_protection(session, town.participant_id, Protection.NONE, by=other)


def test_a_proposal_by_distance_that_waits_is_for_a_person_to_make(town: Town, session: Session):
    listed = NonChoiceList(
        municipality_id=1, seed="s", state="proposed", made_by=town.guide.account_id, made_on=TODAY
    )
    session.add(listed)
    session.flush()
    row = NonChoice(
        municipality_id=1,
        list_id=listed.id,
        voucher_id=town.voucher_id,
        provider_id=town.provider_id,
        rule="nearest",
        facts={"kilometres": 2},
    )
    session.add(row)
    session.flush()
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    session.flush()
    assert (row.rule, row.provider_id, row.facts) == ("by_hand", None, {})


# ── the coach ────────────────────────────────────────────────────────────────────────────────────


def protected_leg(session: Session, town: Town) -> int:
    leg_id = town.chosen(session)
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    return leg_id


def test_a_manager_names_the_coach_who_then_works_with_the_person(town: Town, session: Session):
    leg_id = protected_leg(session, town)
    with pytest.raises(Forbidden):
        actions.accept(session, leg_id, by=town.coach, today=TODAY)
    leg = actions.name_coach(session, leg_id, town.coach.account_id, by=town.manager)
    assert leg.coach_id == town.coach.account_id
    assert newest(session) == ("leg.coach_named", {"coach": town.coach.account_id})
    actions.accept(session, leg_id, by=town.coach, today=TODAY)
    actions.start(session, leg_id, TODAY, by=town.coach, today=TODAY)
    month = date(2026, 3, 1)
    report = actions.submit_report(session, leg_id, report_form(month), by=town.coach, today=date(2026, 4, 2))
    actions.name_coach(session, leg_id, town.manager.account_id, by=town.manager)
    with pytest.raises(Forbidden):  # the coach before is a stranger now
        actions.withdraw_report(session, report.id, by=town.coach, today=date(2026, 4, 3))
    actions.withdraw_report(session, report.id, by=town.manager, today=date(2026, 4, 3))


def test_only_somebody_who_works_there_is_named_and_only_by_a_manager_there(town: Town, session: Session):
    leg_id = town.chosen(session)
    gone = session.get_one(Account, (1, town.coach.account_id))
    with refused("coach_unknown"):
        actions.name_coach(session, leg_id, town.other_coach.account_id, by=town.manager)
    with refused("coach_unknown"):
        actions.name_coach(session, leg_id, 0, by=town.manager)
    with pytest.raises(Forbidden):
        actions.name_coach(session, leg_id, town.coach.account_id, by=town.coach)
    elsewhere = replace(town.other_coach, roles=frozenset({Role.MANAGER}))
    with pytest.raises(Forbidden):
        actions.name_coach(session, leg_id, town.other_coach.account_id, by=elsewhere)
    actions.name_coach(session, leg_id, town.coach.account_id, by=town.manager)
    with refused("coach_same"):
        actions.name_coach(session, leg_id, town.coach.account_id, by=town.manager)
    gone.is_active = False
    session.flush()
    actions.name_coach(session, leg_id, town.manager.account_id, by=town.manager)
    with refused("coach_unknown"):
        actions.name_coach(session, leg_id, town.coach.account_id, by=town.manager)


def test_for_ordinary_persons_every_coach_works_as_before_named_or_not(town: Town, session: Session):
    leg_id = town.chosen(session)
    actions.name_coach(session, leg_id, town.manager.account_id, by=town.manager)
    assert actions.accept(session, leg_id, by=town.coach, today=TODAY).accepted_on == TODAY


def test_a_week_names_the_protected_to_those_who_work_with_them_alone(town: Town, session: Session):
    leg_id = protected_leg(session, town)
    who = {"coach": town.coach, "manager": town.manager}

    def week(name: str) -> workload.Week:
        return workload.week(session, 1, town.provider_id, TODAY, viewer=who[name])

    assert [(one.name, one.opens) for one in week("coach").people] == [("", False)]
    assert not week("coach").tasks
    assert [(one.name, one.opens) for one in week("manager").people] == [(town.seeker.name, True)]
    assert [task.kind for task in week("manager").tasks] == ["answer"]
    actions.name_coach(session, leg_id, town.coach.account_id, by=town.manager)
    assert [one.opens for one in week("coach").people] == [True]


# ── registration ─────────────────────────────────────────────────────────────────────────────────


def test_registering_somebody_protected_again_tells_nothing(town: Town, session: Session):
    other = colleague(session, town)
    form = ParticipantForm(town.identity_number, "Någon", "Annan")

    def answer(by: Actor) -> str:
        with pytest.raises(Refusal) as said:
            actions.register_participant(session, form, by=by, today=TODAY)
        return said.value.code

    assert answer(other) == answer(town.guide) == "participant_exists"
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    assert answer(town.guide) == "participant_exists"
    assert answer(other) == "registration_refused"


def test_a_second_leg_begins_without_a_named_coach(town: Town, session: Session):
    """The coach at the provider before is nobody at the next."""
    leg_id = protected_leg(session, town)
    actions.name_coach(session, leg_id, town.coach.account_id, by=town.manager)
    voucher = decided(
        session, town.other_participant_id, voucher_form(town.rulebook_id), by=town.guide, today=TODAY
    )
    other = actions.choose(
        session, voucher.id, town.other_provider_id, {}, by=town.other_seeker, at=noon(TODAY)
    )
    assert session.get_one(Leg, (1, other.id)).coach_id is None

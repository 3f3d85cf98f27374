"""A person's yes: who may say it, how long it holds, and what a provider sees by it and without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.identity import Protection
from core.refusal import Forbidden, Missing
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import DECIDED_ON, Town, noon
from vouchers import actions
from vouchers.actions import ConsentForm, PartForm
from vouchers.models import Consent, Leg, Participant
from vouchers.queries import disclosure, planning, served, workload
from vouchers.queries.disclosure import Viewer
from vouchers.rules.disclosure import Ground

TODAY = DECIDED_ON + timedelta(days=14)
AT: datetime = noon(TODAY)


@pytest.fixture
def leg_id(session: Session, town: Town) -> int:
    """The seeker has started at the first provider."""
    return town.started(session)


def yes(town: Town, what: str = "plan", **changes: object) -> ConsentForm:
    return replace(ConsentForm("provider", what, town.provider_id), **changes)  # type: ignore[arg-type]  # a test may say wrong things


def give(session: Session, town: Town, form: ConsentForm, at: datetime = AT) -> Consent:
    return actions.give_consent(session, town.participant_id, form, by=town.seeker, at=at)


def seen(session: Session, town: Town, leg_id: int, today: date = TODAY) -> dict[str, Ground]:
    """What the first provider may see that day."""
    session.flush()
    person = workload.own(session, 1, town.provider_id, leg_id, viewer=town.coach)
    return disclosure.seen_at(session, 1, person, today)


def viewer(session: Session, town: Town, party: str, today: date = TODAY) -> Viewer:
    session.flush()
    found = disclosure.viewers(session, 1, town.participant_id, today)
    return next(one for one in found if one.party == party)


# ── giving and taking back ───────────────────────────────────────────────────────────────────────


def test_the_person_says_yes_signed_in_and_the_guide_writes_it_from_paper(session, town, leg_id):
    own = give(session, town, yes(town))
    assert (own.given_how, own.given_on, own.recorded_by) == ("signed_in", TODAY, town.seeker.account_id)
    paper = actions.give_consent(session, town.participant_id, yes(town, "assessment"), by=town.guide, at=AT)
    assert (paper.given_how, paper.recorded_by) == ("on_paper", town.guide.account_id)
    entries = session.scalars(select(AuditEntry.what).where(AuditEntry.subject_kind == "consent")).all()
    assert entries == ["consent.given", "consent.given"]


def test_saying_it_twice_changes_nothing_and_another_last_day_replaces_it(session, town, leg_id):
    first = give(session, town, yes(town))
    assert give(session, town, yes(town)) is first
    last = TODAY + timedelta(days=10)
    second = give(session, town, yes(town, to_on=last))
    assert (first.withdrawn_on, second.to_on) == (TODAY, last)
    assert seen(session, town, leg_id, last)["plan"].until == last
    assert "plan" not in seen(session, town, leg_id, last + timedelta(days=1))


def test_one_that_has_run_out_can_be_given_again(session, town, leg_id):
    give(session, town, yes(town, to_on=TODAY))
    later = TODAY + timedelta(days=5)
    assert "plan" not in seen(session, town, leg_id, later)
    give(session, town, yes(town), at=noon(later))
    assert seen(session, town, leg_id, later)["plan"].kind == "consent"


@pytest.mark.parametrize("who", ["seeker", "guide"])
def test_it_is_taken_back_at_once_by_the_person_or_on_their_word(session, town, leg_id, who):
    consent = give(session, town, yes(town))
    assert "plan" in seen(session, town, leg_id)
    actions.withdraw_consent(session, consent.id, by=getattr(town, who), today=TODAY)
    assert "plan" not in seen(session, town, leg_id)
    with refused("consent_withdrawn"):
        actions.withdraw_consent(session, consent.id, by=town.seeker, today=TODAY)
    again = give(session, town, yes(town))
    assert again.id != consent.id
    assert "plan" in seen(session, town, leg_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"what": "contact"}, "consent_not_needed"),
        ({"what": "secrets"}, "consent_unknown"),
        ({"party": "municipality", "provider_id": None}, "consent_unknown"),
        ({"provider_id": None}, "consent_not_theirs"),
        ({"provider_id": 4_000_000_000}, "consent_not_theirs"),
        ({"to_on": TODAY - timedelta(days=1)}, "consent_past"),
        ({"to_on": date(9999, 12, 31)}, "consent_far"),
    ],
)
def test_a_yes_that_says_nothing_is_refused(session, town, leg_id, changes, code):
    with refused(code):
        give(session, town, yes(town, **changes))


def test_a_provider_where_the_person_is_not_gets_none(session, town, leg_id):
    with refused("consent_not_theirs"):
        give(session, town, yes(town, provider_id=town.other_provider_id))


def test_nobody_else_says_it_for_them(session, town, leg_id):
    consent = give(session, town, yes(town))
    for who in (town.coach, town.manager, town.inspector, town.signer):
        with pytest.raises(Forbidden):
            actions.give_consent(session, town.participant_id, yes(town, "assessment"), by=who, at=AT)
        with pytest.raises(Forbidden):
            actions.withdraw_consent(session, consent.id, by=who, today=TODAY)
    with pytest.raises(Missing):
        actions.withdraw_consent(session, consent.id, by=town.other_seeker, today=TODAY)
    with pytest.raises(Missing):
        actions.give_consent(session, town.participant_id, yes(town), by=town.other_seeker, at=AT)


def test_a_protected_person_says_yes_the_same_way_but_only_to_the_own_guide(session, town, leg_id):
    protect(session, town)
    other = replace(town.guide, account_id=town.inspector.account_id)
    with pytest.raises(Missing):
        actions.give_consent(session, town.participant_id, yes(town), by=other, at=AT)
    actions.give_consent(session, town.participant_id, yes(town), by=town.guide, at=AT)
    give(session, town, yes(town, "assessment"))
    person = workload.own(session, 1, town.provider_id, leg_id, viewer=town.manager)
    found = disclosure.seen_at(session, 1, person, TODAY)
    assert {"plan", "assessment", "contact"} <= set(found)
    contact = served.contact(session, 1, person, may_reach="contact" in found)
    assert (contact.phone, contact.email, contact.address) == (None, None, None)


def protect(session: Session, town: Town) -> None:
    person = session.get_one(Participant, (town.municipality_id, town.participant_id))
    person.protection = Protection.CONFIDENTIAL.value
    session.flush()


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE consent SET what = 'assessment'", "as it was given"),
        ("UPDATE consent SET party = 'region'", "as it was given|provider_is_named"),
        ("DELETE FROM consent", "kept"),
    ],
)
def test_the_database_keeps_a_consent_as_it_was_given(session, town, leg_id, statement, why):
    give(session, town, yes(town))
    session.flush()
    refused_by_the_database(session, why, text(statement))


def test_the_database_knows_one_standing_consent_for_each(session, town, leg_id):
    consent = give(session, town, yes(town))
    session.flush()
    row = {
        column.name: getattr(consent, column.key)
        for column in Consent.__table__.columns
        if column.key != "id"
    }
    refused_by_the_database(session, "(?i)unique", insert(Consent).values(**row, id=consent.id + 1))


# ── what it opens ────────────────────────────────────────────────────────────────────────────────


def test_without_a_yes_a_provider_sees_what_the_agreement_says(session, town, leg_id):
    assert {what: ground.kind for what, ground in seen(session, town, leg_id).items()} == {
        "contact": "agreement",
        "reports": "agreement",
        "results": "agreement",
    }


def test_how_to_reach_the_person_is_gone_thirty_days_after(session, town, leg_id):
    left = TODAY
    session.execute(update(Leg).where(Leg.id == leg_id).values(ended_on=left, end_reason="moved"))
    last = left + timedelta(days=30)
    assert seen(session, town, leg_id, last)["contact"].until == last
    assert "contact" not in seen(session, town, leg_id, last + timedelta(days=1))
    person = workload.own(session, 1, town.provider_id, leg_id, viewer=town.coach)
    assert served.contact(session, 1, person).phone
    hidden = served.contact(session, 1, person, may_reach=False)
    assert (hidden.phone, hidden.email, hidden.address) == (None, None, None)
    assert hidden.guide


def test_until_the_last_day_to_come_the_person_is_there(session, town, leg_id):
    last = TODAY + timedelta(days=20)
    session.execute(update(Leg).where(Leg.id == leg_id).values(ended_on=last, end_reason="switched"))
    session.expire_all()
    give(session, town, yes(town))
    found = viewer(session, town, "provider", last)
    assert found.is_there
    assert seen(session, town, leg_id, last)["plan"].until == last
    after = last + timedelta(days=1)
    assert "plan" not in seen(session, town, leg_id, after)
    assert not viewer(session, town, "provider", after).is_there


def test_what_was_said_at_an_earlier_stay_does_not_open_the_next(session, town):
    leg_id = town.started(session)
    give(session, town, yes(town))
    later = TODAY + timedelta(days=60)
    session.execute(
        update(Leg).where(Leg.id == leg_id).values(chosen_on=later, started_on=later, start_by=later)
    )
    session.expire_all()
    assert "plan" not in seen(session, town, leg_id, later)
    assert not viewer(session, town, "provider", later).rows[1].consent
    give(session, town, yes(town), at=noon(later))
    assert "plan" in seen(session, town, leg_id, later)


def test_an_authority_sees_only_what_the_person_says(session, town):
    assert viewer(session, town, "insurance_agency").seen == []
    consent = give(session, town, ConsentForm("insurance_agency", "plan"))
    assert [row.what for row in viewer(session, town, "insurance_agency").seen] == ["plan"]
    assert viewer(session, town, "region").seen == []
    actions.withdraw_consent(session, consent.id, by=town.seeker, today=TODAY)
    assert viewer(session, town, "insurance_agency").seen == []


def test_a_provider_that_said_no_sees_nothing(session, town):
    leg_id = town.chosen(session)
    session.execute(update(Leg).where(Leg.id == leg_id).values(declined_on=TODAY))
    session.expire_all()
    found = disclosure.viewers(session, 1, town.participant_id, TODAY)
    assert all(one.party != "provider" for one in found)


def test_the_plan_a_provider_sees_names_no_contacts_and_nothing_taken_away(session, town, leg_id):
    step = PartForm("region", "Prata om sömnen.", TODAY + timedelta(days=9), contact="Prova, 070-174 06 55")
    actions.set_goal(session, town.participant_id, "Arbete i kök.", by=town.guide, today=TODAY)
    actions.add_part(session, town.participant_id, step, by=town.guide, today=TODAY)
    wrong = actions.add_part(session, town.participant_id, step, by=town.guide, today=TODAY)
    actions.remove_part(session, wrong.id, by=town.guide, today=TODAY)
    session.flush()
    found = planning.shared(session, 1, town.participant_id)
    assert (found.goal, len(found.parts), found.parts[0].contact) == ("Arbete i kök.", 1, "")
    assert not found.meetings

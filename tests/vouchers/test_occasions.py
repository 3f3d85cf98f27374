"""Occasions: told of once, taken back by those who work with the person, and by nobody else."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.demo.people import JOBBPENG
from core.audit import AuditEntry
from core.chapters import Book
from core.database import new_id
from core.identity import Protection
from core.refusal import Missing, Refusal
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town
from vouchers import actions
from vouchers.actions import OccasionForm
from vouchers.models import Occasion
from vouchers.queries import occasions as held
from vouchers.rules.occasions import Held, may_record
from vouchers.rules.terms import read_terms

TERMS = read_terms(Book(JOBBPENG.read_text("utf-8")).root)
CASES = tomllib.loads((Path(__file__).parent / "cases" / "occasions.toml").read_text("utf-8"))["case"]
TODAY = date(2026, 4, 10)
FORM = OccasionForm(date(2026, 4, 9), 540, "individual", True, 45)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_which_occasions_may_be_told_of(case: dict[str, Any]):
    code = None
    try:
        may_record(
            held_on=case.get("held", date(2026, 6, 9)),
            started=case.get("at", 540),
            minutes=case.get("minutes", 60),
            started_on=case.get("began", date(2026, 3, 18)) if case.get("started", True) else None,
            ended_on=case.get("ended"),
            terms=replace(TERMS, report_latest_months=case.get("latest_months", TERMS.report_latest_months)),
            beside=[Held(*one) for one in case.get("beside", [])],
            today=date(2026, 6, 10),
        )
    except Refusal as refusal:
        code = refusal.code
        assert case.get("says", "") in str(refusal)
    assert code == case.get("refused")


def test_an_occasion_is_kept_as_it_was_told_and_noted(town: Town, session: Session):
    leg_id = town.started(session)
    found = actions.record_occasion(session, leg_id, FORM, by=town.coach, today=TODAY)
    (row,) = held.occasions(session, 1, leg_id)
    assert (row.id, row.held_on, row.started, row.kind, row.is_physical, row.minutes) == (
        found.id, FORM.held_on, 540, "individual", True, 45,
    )  # fmt: skip
    assert (row.recorder, row.recorded_on, row.via) == (town.coach.name, TODAY, "page")
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.what == "occasion.recorded"))
    assert (entry.subject_id, entry.account_id) == (found.id, town.coach.account_id)


def test_the_same_time_is_told_of_once_until_it_is_taken_back(town: Town, session: Session):
    leg_id = town.started(session)
    first = actions.record_occasion(session, leg_id, FORM, by=town.coach, today=TODAY)
    for other in (FORM, replace(FORM, kind="group"), replace(FORM, started=580)):
        with refused("occasion_exists"):
            actions.record_occasion(session, leg_id, other, by=town.manager, today=TODAY)
    actions.record_occasion(session, leg_id, replace(FORM, started=585), by=town.coach, today=TODAY)
    actions.withdraw_occasion(session, first.id, by=town.manager, today=TODAY)
    assert len(held.occasions(session, 1, leg_id)) == 1
    actions.record_occasion(session, leg_id, FORM, by=town.coach, today=TODAY)
    with refused("occasion_withdrawn"):
        actions.withdraw_occasion(session, first.id, by=town.coach, today=TODAY)


def test_to_others_it_is_as_if_the_person_and_the_occasion_were_not_there(town: Town, session: Session):
    leg_id = town.started(session)
    found = actions.record_occasion(session, leg_id, FORM, by=town.coach, today=TODAY)
    for by in (town.other_coach,):
        with pytest.raises(Missing):
            actions.record_occasion(session, leg_id, replace(FORM, started=700), by=by, today=TODAY)
        with pytest.raises(Missing):
            actions.withdraw_occasion(session, found.id, by=by, today=TODAY)
    for by in (town.guide, town.seeker, town.inspector):
        with refused("forbidden"):
            actions.record_occasion(session, leg_id, replace(FORM, started=700), by=by, today=TODAY)
        with refused("forbidden"):
            actions.withdraw_occasion(session, found.id, by=by, today=TODAY)
    with pytest.raises(Missing):
        actions.withdraw_occasion(session, 4_000_000_000, by=town.coach, today=TODAY)
    session.flush()
    session.expire_all()
    assert session.scalars(select(Occasion)).one().withdrawn_on is None


def test_of_a_protected_person_only_the_named_coach_and_the_manager_tell(town: Town, session: Session):
    leg_id = town.started(session)
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    with pytest.raises(Missing):
        actions.record_occasion(session, leg_id, FORM, by=town.coach, today=TODAY)
    actions.name_coach(session, leg_id, town.coach.account_id, by=town.manager)
    actions.record_occasion(session, leg_id, FORM, by=town.coach, today=TODAY)
    actions.record_occasion(session, leg_id, replace(FORM, started=700), by=town.manager, today=TODAY)


def test_the_database_keeps_one_standing_occasion_of_a_kind_and_time(town: Town, session: Session):
    leg_id = town.started(session)
    actions.record_occasion(session, leg_id, FORM, by=town.coach, today=TODAY)
    row = {
        "municipality_id": 1,
        "leg_id": leg_id,
        "held_on": FORM.held_on,
        "started": FORM.started,
        "kind": FORM.kind,
        "is_physical": False,
        "minutes": 5,
        "recorded_by": town.coach.account_id,
        "recorded_on": TODAY,
    }
    refused_by_the_database(session, "(?i)unique", insert(Occasion).values(id=new_id(), **row))

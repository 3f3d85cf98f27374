"""A marked person's life: assessed, not choosing, served, paid for, switched, ended, begun again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.demo.people import assessed
from core import identity
from core.actor import Actor
from core.database import Database
from core.identity import Protection
from payouts import actions as money
from payouts.actions.batches import Declared
from payouts.models import Batch, LedgerLine
from payouts.queries.lines import Key
from providers.models import Provider
from tests.provider.stage import stop_the_clock
from tests.support import sqlite
from tests.support.hooked import tell_systems
from tests.support.house import open_database, settings_for
from tests.support.marked import DEBTOR, FIRST_DAY, NEIGHBOURS, TODAY, Marked, founded, words
from tests.support.proved import proved
from tests.support.told import absent, contested, report, written
from tests.support.town import HOUSES, decided, noon, voucher_form
from vouchers import actions
from vouchers.actions.answering import AnswerForm, answer_survey
from vouchers.actions.letters import make_letter, open_letter
from vouchers.actions.people import ParticipantForm
from vouchers.actions.sending import KeptFile, send_file
from vouchers.actions.writing import write_message
from vouchers.models import (
    Check,
    LegPlan,
    Letter,
    NonChoice,
    NonChoiceList,
    QualityReview,
    Voucher,
)
from vouchers.queries.terms import terms_of
from vouchers.rules.letter import read_code


def lived(database: Database, protection: Protection) -> Marked:
    """Found a town, and let the person go through everything in it up to `TODAY`."""
    world = founded(database, protection)
    for part in (
        _met,
        _not_chosen,
        _served,
        absent,
        _neighbours,
        _voice,
        _paid,
        _switched,
        _ended,
        _again,
        contested,
        tell_systems,
        _sent,
    ):
        part(world)
    return world


def _sent(world: Marked) -> None:
    """The named coach and the manager each send a file whose name tells of the person, and whose rows do."""
    digest = hashlib.sha256(words("a-file").encode()).hexdigest()
    kept = KeptFile(digest, f"{words('a-file-name')}.csv", "text/csv", 1_000)
    with world.doing() as session:
        for name in ("named coach", "first manager"):
            send_file(session, kept, "monthly", "all", by=world.insiders[name], at=noon(TODAY))


def _assessed(world: Marked, session: Session, service: str, level: str, day: date) -> int:
    first = assessed(
        session, world.participant_id, world.town.rulebook_id, service, level, by=world.guide, today=day
    )
    assert first is not None
    form = actions.AssessmentForm(
        rulebook_id=world.town.rulebook_id,
        met_on=day,
        answers=first.answers,
        service=service,
        level=level,
        reasons=words("why-it-differs"),
        state_check="none_fits",
        state_check_note=words("state-check"),
    )
    return actions.assess(session, world.participant_id, form, by=world.guide, today=day).id


def _met(world: Marked) -> None:
    day, by, pid = FIRST_DAY, world.guide, world.participant_id
    with world.doing() as session:
        assessment_id = _assessed(world, session, "matching", "basic", day)
        actions.set_goal(session, pid, words("goal"), by=by, today=day)
        step = actions.PartForm("region", words("step"), date(2026, 12, 15), contact=words("contact"))
        actions.add_part(session, pid, step, by=by, today=day)
        meeting = actions.MeetingForm(
            "assessment",
            day,
            ("participant", "municipality"),
            words("notes"),
            replace(step, party="municipality", does=words("next-step")),
        )
        actions.record_meeting(session, pid, meeting, by=by, today=day)
        form = replace(
            voucher_form(world.town.rulebook_id), reasons=words("decision"), assessment_id=assessment_id
        )
        voucher = actions.decide_voucher(session, pid, form, by=by, today=day)
        world.ids["voucher"] = voucher.id
        make_letter(session, voucher.id, by=by, at=noon(day))
        letter = make_letter(session, voucher.id, by=by, at=noon(day))
        world.code = _code(session, letter)
        code = read_code(world.code)
        assert code
        assert world.me
        assert open_letter(session, code, by=world.me, at=noon(day)).is_good
        why = [one.code for one in terms_of(session, 1, world.town.rulebook_id).none_suits][:1]
        at = noon(date(2026, 3, 3))
        actions.say_none_suits(session, voucher.id, why, words("none-suits"), by=world.me, at=at)
        at = noon(date(2026, 3, 4))
        actions.follow_up_none_suits(session, voucher.id, words("followed-up"), reopen=True, by=by, at=at)
        actions.remind_choosers(session, by=Actor.clock(1), today=date(2026, 3, 10))


def _code(session: Session, letter: Letter) -> str:
    return identity.vault(session).open(letter.code_sealed)


def _line(session: Session, voucher_id: int) -> NonChoice:
    return session.scalars(
        select(NonChoice)
        .join(NonChoiceList, NonChoiceList.id == NonChoice.list_id)
        .where(NonChoice.voucher_id == voucher_id, NonChoiceList.state == "proposed")
    ).one()


def _not_chosen(world: Marked) -> None:
    day = date(2026, 3, 16)
    with world.doing() as session:
        proposed = actions.propose_list(session, by=world.guide, today=day, seed="town")
        assert proposed is not None
        line = _line(session, world.ids["voucher"])
        assert line.rule != "nearest"
        waiting = session.scalars(select(NonChoice.id).where(NonChoice.list_id == proposed.id))
        answers = {one: actions.Answer(None, "Väntar.") for one in waiting}
        answers[line.id] = actions.Answer(world.town.provider_id, words("reasons-of-the-list"))
        done = actions.confirm_list(session, proposed.id, answers, by=world.guide, at=noon(day))
        (leg,) = done.legs
        world.ids["leg"] = leg.id


def _served(world: Marked) -> None:
    leg_id, coach, manager = world.ids["leg"], world.town.coach, world.town.manager
    with world.doing() as session:
        actions.name_coach(session, leg_id, coach.account_id, by=manager)
        actions.accept(session, leg_id, by=coach, today=date(2026, 3, 17))
        actions.start(session, leg_id, date(2026, 3, 18), by=coach, today=date(2026, 3, 18))
        for what in ("assessment", "plan"):
            _consent(world, session, actions.ConsentForm("provider", what, world.town.provider_id))
        _consent(world, session, actions.ConsentForm("region", "plan"))
        for day in (date(2026, 3, 19), date(2026, 4, 2)):
            met = actions.OccasionForm(day, 600, "individual", is_physical=True, minutes=45)
            actions.record_occasion(session, leg_id, met, by=coach, today=day)
        world.ids["plan"] = written(
            world, session, leg_id, "joint_plan", date(2026, 3, 20), coach, date(2026, 3, 27)
        )
        written(world, session, leg_id, "informative", date(2026, 5, 7), coach, date(2026, 5, 8))
        draft = {"progress": words("draft"), "next_step": words("draft-of-a-step")}
        actions.save_draft(session, leg_id, "monthly", 202607, draft, by=coach, at=noon(date(2026, 7, 30)))
        for month in (date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)):
            report(world, session, leg_id, month, coach)
        world.ids["report"] = report(world, session, leg_id, date(2026, 6, 1), coach)
        actions.withdraw_report(session, world.ids["report"], by=coach, today=date(2026, 7, 6))
        pauses = actions.pause
        pauses(
            session, world.ids["voucher"], date(2026, 7, 10), date(2026, 7, 20), "sick",
            by=world.guide, today=date(2026, 7, 9),
        )  # fmt: skip
        actions.resume(
            session, world.ids["voucher"], date(2026, 7, 20), by=world.guide, today=date(2026, 7, 20)
        )


def _consent(world: Marked, session: Session, form: actions.ConsentForm) -> None:
    assert world.me
    at = noon(date(2026, 3, 19))
    actions.give_consent(session, world.participant_id, form, by=world.me, at=at)


def _neighbours(world: Marked) -> None:
    """So many ordinary people at the same provider that what they say is shown."""
    town, day = world.town, date(2026, 3, 18)
    survey_day = date(2026, 6, 8)
    with world.doing() as session:
        for place in range(NEIGHBOURS):
            number = world.names.number()
            form = ParticipantForm(number, "Granne", f"Provgren {place}", street="Provgatan 3")
            row = actions.register_participant(session, form, by=town.guide, today=day)
            voucher = decided(session, row.id, voucher_form(town.rulebook_id), by=town.guide, today=day)
            leg = actions.choose(session, voucher.id, town.provider_id, {}, by=town.guide, at=noon(day))
            actions.accept(session, leg.id, by=town.coach, today=day)
            actions.start(session, leg.id, day, by=town.coach, today=day)
            who = replace(town.seeker, participant_id=row.id)
            _survey(world, session, leg.id, survey_day, who, "Vi hade det bra.")


def _voice(world: Marked) -> None:
    assert world.me
    with world.doing() as session:
        pid = world.participant_id
        write_message(session, pid, words("message-in"), by=world.me, at=noon(date(2026, 4, 10)))
        write_message(session, pid, words("message-out"), by=world.guide, at=noon(date(2026, 4, 11)))
        _survey(world, session, world.ids["leg"], date(2026, 6, 1), world.me)


def _survey(
    world: Marked,
    session: Session,
    leg_id: int,
    day: date,
    by: Actor,
    text: str = words("said-of-the-provider"),
) -> None:
    survey = terms_of(session, 1, world.town.rulebook_id).survey
    assert survey
    form = AnswerForm({one.code: 3 for one in survey.questions}, text)
    answer_survey(session, leg_id, form, by=by, today=day)


def _paid(world: Marked) -> None:
    day, town = date(2026, 8, 3), world.town
    with world.doing() as session:
        money.run(session, by=town.maker, as_of=day, at=noon(day))
        rows = money.pending(session, 1, cooling_off_days=3, today=day)
        seen = Declared(sum(row.paid_ore > 0 for row in rows), sum(row.paid_ore for row in rows))
        batch = money.make_batch(session, seen, cooling_off_days=3, by=town.maker, at=noon(day))
        world.ids["batch"] = batch.id
    for signer in (town.signer, town.other_signer):
        with world.doing() as session:
            made = session.get_one(Batch, (1, world.ids["batch"]))
            money.sign(session, made.id, made.content_hash, by=signer, at=noon(day))
    with world.doing() as session:
        sent = money.send(session, world.ids["batch"], DEBTOR, by=town.maker, at=noon(day))
        assert sent.document
    with world.doing() as session:
        line = session.scalars(select(LedgerLine).where(LedgerLine.leg_id == world.ids["leg"])).first()
        assert line
        key = Key(line.scope_id, line.component, line.part, line.sequence)
        money.hold_line(session, key, "evidence", "Underlaget ses över.", by=town.maker, at=noon(day))


def _switched(world: Marked) -> None:
    assert world.me
    day, town = date(2026, 8, 10), world.town
    manager = world.insiders["second manager"]
    with world.doing() as session:
        leg = actions.switch(
            session, world.ids["voucher"], town.other_provider_id, {"provider": {"name": HOUSES[1].name}},
            leaves=world.ids["leg"], by=world.me, at=noon(day),
        )  # fmt: skip
        world.ids["second_leg"] = leg.id
        actions.name_coach(session, leg.id, manager.account_id, by=manager)
        actions.accept(session, leg.id, by=manager, today=day)
        begins = date(2026, 8, 24)
        actions.start(session, leg.id, begins, by=manager, today=begins)
        world.ids["second_report"] = report(world, session, leg.id, date(2026, 8, 1), manager)
        session.add(
            LegPlan(
                municipality_id=1,
                leg_id=world.ids["leg"],
                kind="choose_again",
                decided_by=town.inspector.account_id,
                decided_on=day,
            )
        )


def _ended(world: Marked) -> None:
    manager, day = world.insiders["second manager"], date(2026, 9, 30)
    with world.doing() as session:
        voucher_id, leg_id = world.ids["voucher"], world.ids["second_leg"]
        _extend(world, session, voucher_id)
        form = actions.OutcomeForm(
            kind="work",
            starts_on=date(2026, 10, 1),
            last_day=day,
            extent_percent=100,
            employer_number=session.get_one(Provider, (1, world.town.other_provider_id)).organisation_number,
            employer_name=words("employer"),
        )
        outcome = actions.claim_outcome(session, leg_id, form, by=manager, today=date(2026, 10, 2))
        assert outcome.related == "own"
        world.ids["outcome"] = outcome.id
        check = session.scalars(select(Check).where(Check.outcome_id == outcome.id)).first()
        assert check is not None
        world.ids["check"] = check.id
        written(world, session, leg_id, "final", day, manager, date(2026, 10, 5))
        proved(world, session, check, manager)
        _reviewed(world, session, check.id)
        assert world.me
        _survey(world, session, leg_id, date(2026, 10, 6), world.me)


def _reviewed(world: Marked, session: Session, check_id: int) -> None:
    """Looked at again, as it may have been before anybody knew; and what was drawn and waits."""
    later = session.scalars(select(Check.id).where(Check.purpose == "bonus")).first()
    assert later
    for drawn_id in (check_id, later):
        session.add(
            QualityReview(municipality_id=1, check_id=drawn_id, seed="7" * 64, drawn_on=date(2026, 10, 6))
        )
    session.flush()
    done = session.scalars(select(QualityReview).where(QualityReview.check_id == check_id)).one()
    done.verdict, done.note = "differs", words("review-note")
    done.reviewed_by, done.reviewed_on = world.town.inspector.account_id, date(2026, 10, 7)


def _extend(world: Marked, session: Session, voucher_id: int) -> None:
    """Towards the end of its time, which is moved here for the clock's sake."""
    voucher = session.get_one(Voucher, (1, voucher_id))
    voucher.months = 7
    session.flush()
    day = date(2026, 9, 7)
    assessment_id = _assessed(world, session, "matching", "basic", day)
    form = actions.ExtensionForm(3, assessment_id, words("new-content"), words("why-longer"))
    actions.extend(session, voucher_id, form, by=world.guide, today=day)


def _again(world: Marked) -> None:
    """Two vouchers more: one that lapsed, and one whose person stands on the open non-choice list."""
    with world.doing() as session:
        for name, day in (("lapsed", date(2026, 10, 7)), ("waiting", date(2026, 11, 2))):
            assessment_id = _assessed(world, session, "matching", "basic", day)
            form = replace(
                voucher_form(world.town.rulebook_id), reasons=words("decision"), assessment_id=assessment_id
            )
            voucher = actions.decide_voucher(session, world.participant_id, form, by=world.guide, today=day)
            world.ids[name] = voucher.id
            make_letter(session, voucher.id, by=world.guide, at=noon(day))
            if name == "lapsed":
                actions.lapse(session, voucher.id, words("lapsed"), by=world.guide, today=date(2026, 10, 30))
        actions.propose_list(session, by=world.guide, today=TODAY)
        world.code = _code(
            session,
            session.scalars(
                select(Letter).where(Letter.voucher_id == world.ids["waiting"], Letter.locked_at.is_(None))
            ).one(),
        )


@contextmanager
def a_life_and_its_app(files: sqlite.Files, place: Path) -> Iterator[tuple[Marked, Flask]]:
    """Somebody with a confidential identity who has gone through everything, and an app, on that day."""
    patch = pytest.MonkeyPatch()
    stop_the_clock(patch, TODAY)
    settings = settings_for(files.migrated(), place)
    database = open_database(settings)
    found, made = lived(database, Protection.CONFIDENTIAL), create_app(settings)
    yield found, made
    made.extensions["database"].dispose()
    database.dispose()
    patch.undo()

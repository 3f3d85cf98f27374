"""Nobody chose: the list, what a person may do with it, and what has changed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.demo.people import Names
from core import audit
from core.actor import Actor
from core.audit import AuditEntry
from core.database import Database
from core.identity import Protection
from core.refusal import Forbidden, Refusal
from providers.models import Accreditation, Place, Site
from tests.support import town as towns
from tests.support.crowd import at_once
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, decided, noon, voucher_form
from vouchers import actions
from vouchers.actions import Answer
from vouchers.actions.people import ParticipantForm
from vouchers.models import ChoiceReceipt, Leg, NonChoice, NonChoiceList, Participant, Voucher
from vouchers.queries import non_choice

LAST = date(2026, 3, 9)
LATE = date(2026, 3, 10)
AT = noon(LATE)


@dataclass
class Late:
    """A town in which some people have not chosen in time."""

    town: Town
    session: Session
    names: Names

    def person(self, *, protection: Protection = Protection.NONE, code: str | None = "10002") -> int:
        """Somebody who was given a voucher and lets the window pass; gives the voucher's id."""
        given, family = self.names.name()
        form = ParticipantForm(
            self.names.number(), given, family, protection, postal_code=code, street="Provgatan 1"
        )
        day = self.town.decided_on
        who = actions.register_participant(self.session, form, by=self.town.guide, today=day)
        wanted = voucher_form(self.town.rulebook_id)
        return decided(self.session, who.id, wanted, by=self.town.guide, today=day).id

    def proposed(self, seed: str = "s", today: date = LATE) -> dict[int, NonChoice]:
        """Today's list, by voucher."""
        found = actions.propose_list(self.session, by=self.town.guide, today=today, seed=seed)
        assert found is not None
        return self.rows(found.id)

    def rows(self, list_id: int) -> dict[int, NonChoice]:
        rows = select(NonChoice).where(NonChoice.list_id == list_id).order_by(NonChoice.id)
        return {row.voucher_id: row for row in self.session.scalars(rows)}

    def confirm(self, rows: dict[int, NonChoice], **changes: Answer) -> actions_confirmed:
        answers = {row.id: Answer(row.provider_id) for row in rows.values()}
        answers |= {int(key[1:]): answer for key, answer in changes.items()}
        list_id = next(iter(rows.values())).list_id
        return actions.confirm_list(self.session, list_id, answers, by=self.town.guide, at=AT)

    def voucher(self, voucher_id: int) -> Voucher:
        return self.session.get_one(Voucher, (1, voucher_id))


actions_confirmed = actions.non_choice.Confirmed


def spread(session: Session, town: Town) -> None:
    """The people live in the middle; Stigfinnarna is about two kilometres away, Lyktvägen about eleven."""
    for code, latitude in (("10002", 5_930_000), ("10011", 5_931_800), ("10022", 5_940_000)):
        if session.get(Place, (1, code)) is None:
            session.add(
                Place(
                    municipality_id=1, postal_code=code, area="Ort", latitude_e5=latitude,
                    longitude_e5=1_800_000,
                )
            )  # fmt: skip
    for provider_id, code in ((town.provider_id, "10011"), (town.other_provider_id, "10022")):
        session.execute(update(Site).where(Site.provider_id == provider_id).values(postal_code=code))
    session.flush()


@pytest.fixture
def late(town: Town, session: Session) -> Late:
    """The seeker's window has passed too."""
    spread(session, town)
    return Late(town, session, Names(808))


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


def test_the_nearest_is_proposed_and_nothing_is_decided(late: Late):
    (row,) = late.proposed().values()
    assert (row.rule, row.provider_id, row.facts) == ("nearest", late.town.provider_id, {"kilometres": 2})
    assert (row.answer, late.voucher(row.voucher_id).state) == ("waits", "choice_open")
    assert late.session.query(Leg).count() == 0


def test_on_the_last_day_of_the_window_nobody_is_on_the_list(late: Late):
    assert actions.propose_list(late.session, by=late.town.guide, today=LAST) is None


def test_who_has_chosen_or_said_that_none_suits_is_not_on_the_list(late: Late):
    late.town.chosen(late.session)
    other = late.person()
    actions.say_none_suits(late.session, other, ["other"], "", by=late.town.guide, at=noon(LAST))
    assert actions.propose_list(late.session, by=late.town.guide, today=LATE) is None
    actions.follow_up_none_suits(
        late.session, other, "Vi ringde.", reopen=False, by=late.town.guide, at=noon(LATE)
    )
    assert list(late.proposed()) == [other]


def test_a_protected_person_is_placed_by_turn_and_the_database_refuses_the_nearest(late: Late):
    hidden = late.person(protection=Protection.CONFIDENTIAL)
    rows = late.proposed()
    row = rows[hidden]
    assert (row.rule, row.facts["because"]) == ("rotation", "protected")
    assert "kilometres" not in row.facts
    refused_by_the_database(
        late.session,
        "placed by where they live",
        update(NonChoice).where(NonChoice.id == row.id).values(rule="nearest"),
    )


def test_who_is_protected_later_is_moved_off_the_nearest_and_never_confirmed_by_it(late: Late):
    rows = late.proposed()
    (row,) = rows.values()
    who = late.session.get_one(Participant, (1, late.town.participant_id))
    who.protection = Protection.CONFIDENTIAL.value
    late.session.flush()
    done = late.confirm(rows)
    assert done.could_not == {row.id: "protected"}
    assert (row.answer, row.facts) == ("left_out", {"left_out": "protected"})
    (again,) = late.proposed().values()
    assert again.rule == "rotation"


def test_the_same_seed_and_facts_give_the_same_list(late: Late):
    for _ in range(6):
        late.person(code=None)
    rows = late.proposed("a seed")
    first = {key: (row.provider_id, row.rule, row.facts) for key, row in rows.items()}
    again = actions.propose_list(late.session, by=late.town.guide, today=LATE)
    assert again is not None
    assert again.seed == "a seed"
    assert {key: (r.provider_id, r.rule, r.facts) for key, r in late.rows(again.id).items()} == first
    assert sorted(row.rule for row in rows.values()) == ["nearest"] + ["rotation"] * 6
    providers = [row.provider_id for row in rows.values()]
    given = {providers.count(late.town.provider_id), providers.count(late.town.other_provider_id)}
    assert given == {3, 4}, "who was nearest to one has had a turn"


def test_the_clock_makes_the_list_and_keeps_it_in_step_but_decides_nothing(late: Late):
    clock = Actor.clock(1)
    other = late.person()
    made = actions.propose_list(late.session, by=clock, today=LATE)
    assert made is not None
    assert (made.made_by, made.state, len(late.rows(made.id))) == (0, "proposed", 2)
    voucher = late.voucher(late.town.voucher_id)
    voucher.choose_by = LATE + timedelta(days=7)
    late.session.flush()
    third = late.person()
    assert actions.propose_list(late.session, by=clock, today=LATE) == made
    rows = late.rows(made.id)
    assert rows[voucher.id].answer == "left_out"
    assert rows[voucher.id].facts["left_out"] == "no_longer"
    assert {key for key, row in rows.items() if row.answer == "waits"} == {other, third}
    with pytest.raises(Forbidden):
        actions.confirm_list(late.session, made.id, {}, by=clock, at=AT)


def test_only_guides_propose_and_confirm(late: Late):
    for by in (late.town.seeker, late.town.coach, late.town.inspector, late.town.administrator):
        with pytest.raises(Forbidden):
            actions.propose_list(late.session, by=by, today=LATE)


# ── the decision ─────────────────────────────────────────────────────────────────────────────────


def test_a_confirmed_line_is_a_time_with_a_provider_and_a_receipt_that_says_why(late: Late):
    rows = late.proposed("seed one")
    (row,) = rows.values()
    (leg,) = late.confirm(rows).legs
    voucher = late.voucher(row.voucher_id)
    assert (voucher.state, leg.how, leg.provider_id) == ("assigned", "non_choice", late.town.provider_id)
    assert (leg.chosen_on, leg.start_by, leg.chosen_by) == (
        LATE,
        date(2026, 3, 24),
        late.town.guide.account_id,
    )
    assert (row.answer, row.leg_id) == ("confirmed", leg.id)
    receipt = late.session.scalars(select(ChoiceReceipt).where(ChoiceReceipt.leg_id == leg.id)).one()
    shown: Any = receipt.shown
    assert shown["provider"]["name"] == "Stigfinnarna"
    told = shown["non_choice"]
    assert (told["rule"], told["seed"]) == ("nearest", "seed one")
    assert told["facts"] == {"kilometres": 2}
    assert told["rulebook"].startswith("jobbpeng ")
    found = late.session.get_one(NonChoiceList, (1, row.list_id))
    assert (found.state, found.closed_by) == ("confirmed", late.town.guide.account_id)
    what = [entry.what for entry in late.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))]
    assert what[-3:] == ["non_choice_list.proposed", "voucher.chosen", "non_choice_list.confirmed"]
    assert non_choice.why(late.session, 1, [leg.id])[leg.id] == non_choice.Why("nearest", 2, False)
    assert non_choice.given(late.session, 1, LATE) == {late.town.provider_id: 1}
    assert non_choice.given(late.session, 1, date(2027, 3, 10)) == {}


def test_a_person_changes_the_provider_or_leaves_somebody_out_with_reasons(late: Late):
    other = late.person()
    rows = late.proposed()
    mine, theirs = rows[late.town.voucher_id], rows[other]
    with refused("reasons_missing"):
        late.confirm(rows, **{f"_{theirs.id}": Answer(None, "  ")})
    done = late.confirm(
        rows,
        **{
            f"_{mine.id}": Answer(late.town.other_provider_id, "Personen har gått där förut."),
            f"_{theirs.id}": Answer(None, "Personen har flyttat."),
        },
    )
    assert (len(done.legs), done.left_out, done.could_not) == (1, 1, {})
    assert (mine.rule, mine.provider_id) == ("by_hand", late.town.other_provider_id)
    assert mine.facts == {"instead_of": "nearest", "proposed": late.town.provider_id}
    assert (theirs.answer, theirs.reasons, late.voucher(other).state) == (
        "left_out",
        "Personen har flyttat.",
        "choice_open",
    )


def test_every_line_needs_an_answer_and_a_closed_list_takes_none(late: Late):
    rows = late.proposed()
    (row,) = rows.values()
    with refused("lines_without_answer"):
        actions.confirm_list(late.session, row.list_id, {}, by=late.town.guide, at=AT)
    late.confirm(rows)
    with refused("list_closed"):
        late.confirm(rows)
    refused_by_the_database(
        late.session, "answered once", update(NonChoice).where(NonChoice.id == row.id).values(answer="waits")
    )


def test_who_has_chosen_meanwhile_and_a_provider_that_is_full_now_are_left_out_and_said(late: Late):
    other = late.person()
    rows = late.proposed()
    voucher = late.voucher(late.town.voucher_id)
    voucher.choose_by = LATE
    late.session.flush()
    late.town.chosen(late.session, LATE)
    there = (Accreditation.provider_id == late.town.provider_id, Accreditation.service == "matching")
    late.session.execute(update(Accreditation).where(*there).values(capacity=1))
    done = late.confirm(rows)
    assert done.could_not == {rows[voucher.id].id: "chosen", rows[other].id: "full"}
    assert done.legs == ()
    assert late.voucher(other).state == "choice_open"
    (again,) = late.proposed().values()
    assert (again.voucher_id, again.provider_id) == (other, late.town.other_provider_id)


def test_a_stopped_intake_is_never_proposed(late: Late):
    here = Accreditation.municipality_id == 1
    late.session.execute(
        update(Accreditation)
        .where(here, Accreditation.provider_id == late.town.provider_id)
        .values(state="intake_stopped")
    )
    (row,) = late.proposed().values()
    assert row.provider_id == late.town.other_provider_id
    late.session.execute(update(Accreditation).where(here).values(state="intake_stopped"))
    (row,) = late.proposed().values()
    assert (row.provider_id, row.rule, row.facts) == (None, "by_hand", {"because": "all_full"})


def test_somebody_elses_protected_person_waits_for_their_own_guide(late: Late):
    hidden = late.person(protection=Protection.CONFIDENTIAL)
    other_guide = Actor(
        kind="person", municipality_id=1, account_id=late.town.inspector.account_id,
        roles=late.town.guide.roles,
    )  # fmt: skip
    rows = late.proposed()
    mine = {row.id: Answer(row.provider_id) for row in rows.values()}
    list_id = rows[hidden].list_id
    seen = non_choice.lines(late.session, 1, list_id, viewer_id=other_guide.account_id)
    secret = next(line for line in seen if line.voucher_id == hidden)
    assert (secret.name, secret.provider, secret.provider_id, secret.rule, secret.facts) == (
        None, None, None, "", {},
    )  # fmt: skip
    done = actions.confirm_list(late.session, list_id, mine, by=other_guide, at=AT)
    assert len(done.legs) == 1
    assert rows[hidden].answer == "waits"
    found = late.session.get_one(NonChoiceList, (1, list_id))
    assert found.state == "proposed"
    done = actions.confirm_list(late.session, list_id, mine, by=late.town.guide, at=AT)
    assert (len(done.legs), found.state) == (1, "confirmed")


def test_who_was_placed_may_go_to_somebody_else_the_same_day(late: Late):
    (leg,) = late.confirm(late.proposed()).legs
    other = actions.switch(
        late.session,
        late.town.voucher_id,
        late.town.other_provider_id,
        {},
        leaves=leg.id,
        by=late.town.seeker,
        at=AT,
    )
    assert (leg.ended_on, leg.end_reason, other.how) == (LATE, "switched", "own")
    assert late.voucher(late.town.voucher_id).state == "chosen"


def test_two_guides_who_confirm_at_once_place_each_person_once(database: Database):
    fresh = towns.found(database)
    with database.transaction(1) as session:
        spread(session, fresh)
        crowd = Late(fresh, session, Names(909))
        for _ in range(3):
            crowd.person()
        rows = crowd.proposed()
        list_id = next(iter(rows.values())).list_id
        answers = {row.id: Answer(row.provider_id) for row in rows.values()}

    def press(_number: int) -> int:
        with database.transaction(1) as session:
            done = actions.confirm_list(session, list_id, answers, by=fresh.guide, at=AT)
            return len(done.legs)

    found = at_once(2, press)
    assert [one for one in found if isinstance(one, int)] == [4]
    assert [one.code for one in found if isinstance(one, Refusal)] == ["list_closed"]
    with database.reading() as session:
        assert session.query(Leg).count() == session.query(ChoiceReceipt).count() == 4
        assert audit.verify(session, 1).fault is None

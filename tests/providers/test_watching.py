"""The watch: it reminds and proposes on the right day, once; a customer wakes; it decides nothing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from app.demo import people
from core.actor import Actor
from core.dates import add_months, noon
from core.rulebooks import Rulebook
from providers import actions
from providers.models import Accreditation, Decision, RegisterEvent
from providers.queries import watching
from providers.rules import OPEN_STATES
from providers.rules.dormancy import Seen
from tests.providers.lives import (
    DAY,
    FIRST,
    PROPOSE,
    REMIND,
    accreditation,
    begins,
    comes,
    facts,
    leaves,
    look,
    meeting,
    newly_accredited,
    notices,
    proposal,
    somebody,
    told,
)
from tests.support.refusing import refused
from tests.support.town import Town
from vouchers import actions as vouchers
from vouchers.models import Voucher
from vouchers.queries import customers

# ── nobody comes ─────────────────────────────────────────────────────────────────────────────────


def test_nine_months_remind_once_and_twelve_propose_once(town, session: Session, quiet: Accreditation):
    assert look(session, REMIND - DAY).counts().items() >= {"reminded": 0, "proposed": 0}.items()
    assert quiet.state == "active"
    assert look(session, REMIND).reminded == [quiet.id]
    assert quiet.state == "dormant"
    assert notices(session, quiet) == [("no_customers", REMIND)]
    for day in (REMIND, REMIND + DAY, PROPOSE - DAY):
        done = look(session, day)
        assert (done.reminded, done.proposed) == ([], [])
    assert look(session, PROPOSE).proposed == [quiet.id]
    assert quiet.state == "revocation_proposed"
    for day in (PROPOSE, PROPOSE + DAY, add_months(PROPOSE, 7)):
        assert look(session, day).proposed == []
    found = proposal(session, quiet)
    assert (found.kind, found.reason, found.state, found.made_by) == ("revoke", "no_customers", "open", 0)
    assert facts(found) == {
        "counted_from": "2026-01-01",
        "last_customer_on": None,
        "uncounted_days": 0,
        "reminded_on": "2026-10-01",
        "remind_on": "2026-10-01",
        "propose_on": "2027-01-01",
        "customer": "chosen",
    }
    said = [what for what in told(session, quiet) if "evidence" not in what]
    assert said == ["accreditation.reminded", "accreditation.revocation_proposed"]


def test_a_watch_that_was_away_reminds_and_proposes_the_same_day(session: Session, quiet: Accreditation):
    done = look(session, PROPOSE + DAY)
    assert (done.reminded, done.proposed) == ([quiet.id], [quiet.id])
    assert facts(proposal(session, quiet))["reminded_on"] == "2027-01-02"


def test_a_customer_wakes_a_dormant_one(town: Town, session: Session, quiet: Accreditation):
    look(session, REMIND)
    comes(session, town, quiet.provider_id, REMIND + DAY)
    assert look(session, REMIND + DAY).customers_came == [quiet.id]
    assert quiet.state == "active"
    assert look(session, PROPOSE).proposed == []


def test_a_customer_who_comes_while_the_proposal_waits_lets_it_lapse(
    town: Town, session: Session, quiet: Accreditation
):
    look(session, REMIND), look(session, PROPOSE)
    comes(session, town, quiet.provider_id, PROPOSE + DAY)
    done = look(session, PROPOSE + DAY)
    assert (done.customers_came, done.lapsed) == ([quiet.id], [quiet.id])
    found = proposal(session, quiet)
    assert (found.state, found.closed_on, quiet.state) == ("lapsed", PROPOSE + DAY, "active")
    assert look(session, PROPOSE + DAY).counts()["customers_came"] == 0


def test_whoever_the_provider_says_no_to_was_no_customer(town: Town, session: Session, quiet: Accreditation):
    look(session, REMIND)
    leg = comes(session, town, quiet.provider_id, REMIND + DAY)
    vouchers.decline(session, leg.id, "conflict_of_interest", by=town.other_coach, today=REMIND + DAY)
    assert look(session, REMIND + DAY).customers_came == []
    assert look(session, PROPOSE).proposed == [quiet.id]


def test_a_choice_that_was_taken_back_was_no_customer_but_one_who_left_was(
    town: Town, session: Session, quiet: Accreditation
):
    taken_back = comes(session, town, quiet.provider_id, date(2026, 5, 1))
    session.get_one(Voucher, (1, taken_back.voucher_id)).state = "revoked"
    session.flush()
    assert look(session, REMIND).reminded == [quiet.id]
    left = comes(session, town, quiet.provider_id, date(2026, 10, 5))
    vouchers.accept(session, left.id, by=town.other_coach, today=date(2026, 10, 6))
    leaves(session, town, left, date(2026, 11, 20))
    assert look(session, PROPOSE).customers_came == [quiet.id]
    life = next(one for one in found_lives(session, PROPOSE) if one.accreditation_id == quiet.id)
    assert (life.finding.counted_from, life.finding.running) == (date(2026, 10, 5), 0)


def found_lives(session: Session, day: date) -> list[watching.Life]:
    return watching.lives(session, 1, customers.seen(session, 1, day), day)


def test_what_is_known_of_customers_on_a_day_is_what_was_so_that_day(town: Town, session: Session):
    leg = comes(session, town, town.other_provider_id, date(2026, 4, 1))
    begins(session, town, leg, date(2026, 4, 10))
    leaves(session, town, leg, date(2026, 6, 30))
    one = accreditation(session, town.other_provider_id).id
    on = {
        day: customers.seen(session, 1, date.fromisoformat(day)).get(one)
        for day in ("2026-03-31", "2026-04-01", "2026-04-10", "2026-06-29", "2026-06-30")
    }
    assert on["2026-03-31"] is None
    chose, began = date(2026, 4, 1), date(2026, 4, 10)
    assert [on["2026-04-01"], on["2026-04-10"], on["2026-06-29"], on["2026-06-30"]] == [
        Seen(chose, None, date(2026, 4, 1), 1),
        Seen(chose, began, date(2026, 4, 10), 1),
        Seen(chose, began, date(2026, 6, 29), 1),
        Seen(chose, began, date(2026, 6, 30), 0),
    ]


def test_where_only_starting_counts_a_choice_is_not_enough(session: Session, town: Town):
    """The rulebook's word, through the whole watch."""
    book = people.JOBBPENG.read_text("utf-8").replace('customer = "chosen"', 'customer = "started"')
    assert 'customer = "started"' in book
    other = Rulebook(
        municipality_id=1, scheme="jobbpeng", version="started", valid_from=date(2016, 4, 1), title_sv="J",
        title_en="J", text=book, digest="0" * 64, state="decided", decided_on=FIRST,
    )  # fmt: skip
    session.add(other)
    session.flush()
    one = accreditation(session, town.other_provider_id)
    one.rulebook_id = other.id
    leg = comes(session, town, town.other_provider_id, REMIND)
    assert look(session, PROPOSE).proposed.count(one.id) == 1
    begins(session, town, leg, PROPOSE + DAY)
    assert look(session, PROPOSE + DAY).customers_came == [one.id]


# ── stops, warnings, the chair and the board ─────────────────────────────────────────────────────


def test_days_when_the_municipality_had_stopped_the_intake_do_not_count(
    town: Town, session: Session, quiet: Accreditation
):
    actions.stop_intake(session, quiet.id, reasons="Utredning.", by=town.inspector, today=date(2026, 5, 1))
    actions.open_intake(session, quiet.id, reasons="Klart.", by=town.inspector, today=date(2026, 5, 11))
    assert look(session, REMIND + 9 * DAY).reminded == []
    assert look(session, REMIND + 10 * DAY).reminded == [quiet.id]
    assert look(session, PROPOSE + 10 * DAY).proposed == [quiet.id]
    assert facts(proposal(session, quiet))["uncounted_days"] == 10


def test_the_providers_own_stop_counts_and_stays_stopped_through_it_all(
    town: Town, session: Session, quiet: Accreditation
):
    """Dormant, proposed and awake again: nobody can choose it before it opens."""
    manager = Actor(
        "person", 1, town.manager.account_id, town.manager.roles, provider_id=town.other_provider_id
    )
    leg_voucher = somebody(session, town, PROPOSE)
    actions.stop_intake(session, quiet.id, by=manager, today=date(2026, 5, 1))
    look(session, REMIND)
    assert quiet.state == "dormant"
    with refused("intake_stopped"):
        vouchers.choose(session, leg_voucher, quiet.provider_id, {}, by=town.guide, at=noon(PROPOSE))
    assert look(session, PROPOSE).proposed == [quiet.id]
    actions.open_intake(session, quiet.id, by=manager, today=PROPOSE + DAY)
    vouchers.choose(session, leg_voucher, quiet.provider_id, {}, by=town.guide, at=noon(PROPOSE + DAY))
    actions.stop_intake(session, quiet.id, by=manager, today=PROPOSE + DAY)
    assert look(session, PROPOSE + DAY).customers_came == [quiet.id]
    assert quiet.state == "intake_stopped"


def test_the_clock_does_not_take_over_from_a_warning(town: Town, session: Session, quiet: Accreditation):
    day = REMIND - DAY
    actions.warn(session, quiet.id, reasons="Brister.", due_on=PROPOSE, by=town.inspector, today=day)
    assert look(session, REMIND).reminded == [quiet.id]
    done = look(session, PROPOSE + DAY)
    assert (done.proposed, quiet.state) == ([], "warned")
    assert quiet.id in {one.accreditation_id for one in dormant(session, PROPOSE + DAY)}
    actions.lift_warning(session, quiet.id, reasons="Rättat.", by=town.inspector, today=PROPOSE + DAY)
    assert look(session, PROPOSE + 2 * DAY).proposed == [quiet.id]


def dormant(session: Session, day: date) -> list[watching.Life]:
    return watching.dormant(session, 1, customers.seen(session, 1, day), day)


def test_the_time_that_the_chair_had_revoked_does_not_count(
    town: Town, session: Session, quiet: Accreditation
):
    actions.revoke_provisionally(
        session, quiet.id, "false_information", reasons="Bråttom.", by=town.chair, today=date(2026, 6, 1)
    )
    assert look(session, date(2026, 12, 1)).reminded == []
    day = date(2026, 12, 11)
    actions.lift(session, quiet.id, reasons="Ogrundat.", meeting=meeting(day), by=town.secretary, today=day)
    away = (day - date(2026, 6, 1)).days
    assert look(session, REMIND + (away - 1) * DAY).reminded == []
    assert look(session, REMIND + away * DAY).reminded == [quiet.id]


def test_when_the_board_keeps_it_twelve_new_months_begin(town: Town, session: Session, quiet: Accreditation):
    look(session, REMIND), look(session, PROPOSE)
    day = PROPOSE + 30 * DAY
    actions.keep(session, quiet.id, reasons="Behövs.", meeting=meeting(day), by=town.secretary, today=day)
    for later in (day, day + DAY, add_months(day, 9) - DAY):
        done = look(session, later)
        assert (done.reminded, done.proposed, quiet.state) == ([], [], "active")
    assert look(session, add_months(day, 9)).reminded == [quiet.id]
    assert look(session, add_months(day, 12)).proposed == [quiet.id]


def test_an_ended_accreditation_is_not_watched(town: Town, session: Session, quiet: Accreditation):
    look(session, REMIND), look(session, PROPOSE)
    manager = Actor(
        "person", 1, town.manager.account_id, town.manager.roles, provider_id=town.other_provider_id
    )
    actions.withdraw(session, quiet.id, last_day=PROPOSE + DAY, by=manager, today=PROPOSE + DAY)
    done = look(session, PROPOSE + 9 * DAY)
    assert (done.proposed, done.customers_came, proposal(session, quiet).state) == ([], [], "lapsed")
    assert dormant(session, PROPOSE + 9 * DAY) == []


def test_a_proposal_that_nobody_can_decide_any_more_lapses(session: Session, quiet: Accreditation):
    look(session, REMIND), look(session, PROPOSE)
    quiet.state = "active"
    session.flush()
    comes_back = look(session, PROPOSE + DAY)
    assert comes_back.lapsed == [quiet.id]
    assert comes_back.proposed == [quiet.id]  # nothing has changed, so it is put forward anew


# ── the clock decides nothing ────────────────────────────────────────────────────────────────────


def test_every_decision_has_a_person_and_the_watch_makes_none(session: Session, quiet: Accreditation):
    before = session.scalars(select(func.count()).select_from(Decision)).one()
    events = session.scalars(select(func.count()).select_from(RegisterEvent)).one()
    for month in range(20):
        look(session, add_months(FIRST, month))
    rows = session.scalars(select(Decision)).all()
    assert len(rows) == before
    assert all(row.decided_by for row in rows)
    assert session.scalars(select(func.count()).select_from(RegisterEvent)).one() == events
    ended = select(Accreditation.id).where(Accreditation.state.not_in(OPEN_STATES))
    assert session.scalars(ended).all() == []


def test_the_watch_has_a_fixed_number_of_questions(town: Town, session: Session, quiet: Accreditation):
    day = date(2026, 6, 1)
    seen = customers.seen(session, 1, day)
    asked: list[str] = []
    listener = lambda *args: asked.append(args[2])  # noqa: E731  # counted
    event.listen(session.get_bind(), "before_cursor_execute", listener)
    try:
        watching.lives(session, 1, seen, day)
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", listener)
    assert len(asked) <= 5


# ── an independent question ──────────────────────────────────────────────────────────────────────

BY_HAND = """
WITH customer AS (
  SELECT leg.accreditation_id AS a, MAX(leg.chosen_on) AS chosen_on
  FROM leg JOIN voucher ON voucher.municipality_id = leg.municipality_id AND voucher.id = leg.voucher_id
  WHERE leg.declined_on IS NULL AND leg.chosen_on <= :today
    AND (voucher.state NOT IN ('revoked', 'lapsed') OR leg.started_on IS NOT NULL)
  GROUP BY leg.accreditation_id)
SELECT accreditation.id
FROM accreditation LEFT JOIN customer ON customer.a = accreditation.id
WHERE accreditation.state IN ('active', 'intake_stopped', 'dormant', 'warned', 'revocation_proposed',
                              'provisionally_revoked', 'reaccreditation_due')
  AND COALESCE(customer.chosen_on, accreditation.from_on) <= :nine_months_ago
ORDER BY accreditation.id
"""


def test_the_dormant_are_those_that_a_question_written_by_hand_finds(
    town: Town, session: Session, quiet: Accreditation
):
    """In a small town where people have come, left, been said no to, and never come."""
    left = comes(session, town, quiet.provider_id, date(2026, 2, 1))
    begins(session, town, left, date(2026, 2, 2))
    leaves(session, town, left, date(2026, 3, 20))
    no = comes(session, town, quiet.provider_id, date(2026, 7, 1))
    vouchers.decline(session, no.id, "conflict_of_interest", by=town.other_coach, today=date(2026, 7, 2))
    third = newly_accredited(session, town, date(2026, 3, 2))
    sizes = set()
    for day in (REMIND, date(2026, 11, 15), date(2026, 12, 2), date(2027, 3, 21), date(2027, 6, 1)):
        look(session, day)
        days = {"today": day, "nine_months_ago": add_months(day, -9)}
        rows = session.execute(text(BY_HAND).bindparams(**days)).all()
        ours = {one.accreditation_id for one in dormant(session, day)}
        assert {row.id for row in rows} == ours, day
        sizes.add(len(ours))
    assert sizes == {0, 1, 2}
    assert {quiet.id, third.id} == ours
    states = select(Accreditation.id).where(Accreditation.state.in_(("dormant", "revocation_proposed")))
    assert set(session.scalars(states)) == ours

"""A new giro number at the finance desk: who is called, who approves, when it is used, where it is shown."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.demo.people import bankgiro
from core.refusal import Forbidden
from payouts.queries.review import review
from providers import actions as registry
from providers.models import BankDetails, Contact
from providers.queries import bank
from providers.queries.applying import contacts
from tests.finance.giro import NEW, called, moved, new_contact, proposed
from tests.provider.stage import APRIL, MARCH, TODAY, Stage
from tests.support.refusing import refused, refused_by_the_database

OLD = bankgiro(1)
MONDAY = date(2026, 6, 1)
PAGE = "/finance/bank-details"


def text_of(answer: Any) -> str:
    """What a reader hears: no tags, and not what is only drawn."""
    assert answer.status_code in (200, 422), answer.status_code
    shown = re.sub(r'<span[^>]*aria-hidden="true">[^<]*</span>', " ", answer.text)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown)).replace(" .", ".").replace(" ,", ",")


@pytest.fixture
def maker(app: Flask, stage: Stage) -> FlaskClient:
    return stage.client(app, "ekonom")


@pytest.fixture
def signer(app: Flask, stage: Stage) -> FlaskClient:
    return stage.client(app, "attest1")


@pytest.fixture
def waiting(stage: Stage) -> int:
    """A number that the provider's manager has proposed; gives its id."""
    with stage.database.transaction(1) as session:
        return proposed(session, stage, MONDAY).id


def known_contact(stage: Stage) -> Contact:
    with stage.database.reading() as session:
        return contacts(session, 1, stage.town.provider_id)[0]


def details(stage: Stage, details_id: int) -> BankDetails:
    with stage.database.reading() as session:
        return session.get_one(BankDetails, (1, details_id))


# ── the rules ─────────────────────────────────────────────────────────────────────────────────────


def test_who_called_does_not_approve_nor_does_who_proposed(stage: Stage, waiting: int):
    town = stage.town
    with stage.database.transaction(1) as session:
        row = session.get_one(BankDetails, (1, waiting))
        with refused("bank_details_not_called"):
            registry.approve_bank_details(session, waiting, by=town.signer, today=TODAY)
        called(session, stage, row, TODAY)
        with refused("bank_details_called_by_you"):
            registry.approve_bank_details(session, waiting, by=town.maker, today=TODAY)
        with refused("bank_details_called"):
            called(session, stage, row, TODAY)
        for by in (town.manager, town.guide, town.inspector):
            with pytest.raises(Forbidden):
                registry.approve_bank_details(session, waiting, by=by, today=TODAY)
        registry.approve_bank_details(session, waiting, by=town.signer, today=TODAY)
        for late in (registry.approve_bank_details, registry.refuse_bank_details):
            with refused("bank_details_approved"):
                late(session, waiting, by=town.other_signer, today=TODAY)


def test_the_database_refuses_an_approval_by_the_caller_and_a_changed_number(stage: Stage, waiting: int):
    with stage.database.transaction(1) as session:
        row = session.get_one(BankDetails, (1, waiting))
        called(session, stage, row, TODAY)
        session.flush()
        this = update(BankDetails).where(BankDetails.id == waiting)
        own = {"approved_by": stage.town.maker.account_id, "approved_on": TODAY}
        refused_by_the_database(session, "approver_did_not_call", this.values(own))
        refused_by_the_database(session, "never rewritten", this.values(number=OLD))
        phone = update(Contact).where(Contact.provider_id == stage.town.provider_id)
        refused_by_the_database(session, "never rewritten", phone.values(phone="070-174 06 99"))
        both = {"refused_by": 1, "refused_on": TODAY, "withdrawn_by": 1, "withdrawn_on": TODAY}
        refused_by_the_database(session, "one_answer", this.values(both))


def test_one_number_waits_at_a_time_and_the_same_is_no_change(stage: Stage, waiting: int):
    with stage.database.transaction(1) as session:
        with refused("bank_details_waiting"):
            proposed(session, stage, TODAY, number=bankgiro(78))
        with refused("bank_details_waiting"):
            proposed(session, stage, TODAY, by=stage.town.maker, number=bankgiro(78))
        registry.withdraw_bank_details(session, waiting, by=stage.town.manager, today=TODAY)
        for late in (registry.withdraw_bank_details, registry.refuse_bank_details):
            by = stage.town.manager if late is registry.withdraw_bank_details else stage.town.maker
            with refused("bank_details_withdrawn"):
                late(session, waiting, by=by, today=TODAY)
        with refused("bank_details_unchanged"):
            proposed(session, stage, TODAY, number=OLD)
        again = proposed(session, stage, TODAY)
    with stage.database.reading() as session:
        states = {one.id: one.state for one in bank.history(session, 1, stage.town.provider_id)}
        assert (states[waiting], states[again.id]) == ("withdrawn", "waiting")
        assert bank.waiting_count(session, 1) == 1


def test_another_providers_staff_and_coaches_touch_nothing(stage: Stage, waiting: int):
    town = stage.town
    with stage.database.transaction(1) as session:
        for by in (town.other_coach, town.coach, town.guide, town.newcomer):
            with pytest.raises(Forbidden):
                proposed(session, stage, TODAY, by=by, number=bankgiro(78))
            with pytest.raises(Forbidden):
                registry.withdraw_bank_details(session, waiting, by=by, today=TODAY)


def test_only_a_number_known_before_may_be_called(stage: Stage):
    town = stage.town
    with stage.database.transaction(1) as session:
        same_day = new_contact(session, stage, MONDAY)
        row = proposed(session, stage, MONDAY)
        other = contacts(session, 1, town.other_provider_id)[0]
        for contact_id, code in (
            (same_day.id, "contact_too_new"),
            (other.id, "contact_elsewhere"),
            (4711, "contact_elsewhere"),
        ):
            with refused(code):
                registry.call_back(session, row.id, contact_id, by=town.maker, today=TODAY)
        assert row.called_by is None


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


def test_a_number_goes_from_proposal_to_use_through_two_persons(
    maker: FlaskClient, signer: FlaskClient, stage: Stage, waiting: int
):
    page = text_of(maker.get(PAGE))
    for words in ("Stigfinnarna", "Nytt nummer Bankgiro", "Ersätter Bankgiro", "hos anordnaren",
                  "Känd sedan", "Först måste någon ringa."):  # fmt: skip
        assert words in page
    assert f"{NEW[:-4]}-{NEW[-4:]}" in page
    assert f"{OLD[:-4]}-{OLD[-4:]}" in page
    assert "Ett nytt nummer väntar på kontroll" in text_of(maker.get("/finance/"))

    contact = known_contact(stage)
    sent = maker.post(f"{PAGE}/{waiting}/call", data={f"d{waiting}-contact": contact.id})
    assert sent.status_code == 302
    page = text_of(maker.get(PAGE))
    assert f"har ringt {contact.phone}" in page
    assert "Du har ringt. En annan person måste godkänna." in page
    assert "Godkänn numret" not in page
    assert maker.post(f"{PAGE}/{waiting}/approve").status_code == 409

    page = text_of(signer.get(PAGE))
    assert "Godkänner du i dag går pengar dit från och med lördag 6 juni." in page
    signer.post(f"{PAGE}/{waiting}/approve")
    page = text_of(signer.get(PAGE))
    assert "Numret är godkänt. Det används från och med lördag 6 juni." in page
    assert "Inget väntar" in page
    row = details(stage, waiting)
    assert (row.called_by, row.approved_by) == (stage.town.maker.account_id, stage.town.signer.account_id)
    assert "nytt nummer väntar" not in text_of(maker.get("/finance/"))


def test_a_new_contact_is_listed_as_too_new_and_cannot_be_chosen(maker: FlaskClient, stage: Stage):
    with stage.database.transaction(1) as session:
        too_new = new_contact(session, stage, MONDAY)
        waiting = proposed(session, stage, MONDAY).id
    page = maker.get(PAGE)
    assert "Nyss Tillagd, känd sedan måndag 1 juni" in text_of(page)
    assert too_new.phone not in page.text
    sent = maker.post(f"{PAGE}/{waiting}/call", data={f"d{waiting}-contact": too_new.id})
    assert sent.status_code == 422
    assert "Ring ett nummer som fanns innan uppgifterna kom." in text_of(sent)
    assert details(stage, waiting).called_by is None


@pytest.mark.parametrize("value", [None, "", "x", "-1", "9" * 40, "\x00", "٣"])
def test_nobody_chosen_is_said_at_the_question(maker: FlaskClient, stage: Stage, waiting: int, value: Any):
    sent = maker.post(f"{PAGE}/{waiting}/call", data={} if value is None else {f"d{waiting}-contact": value})
    assert sent.status_code == 422
    assert "Välj vem du har ringt" in text_of(sent) or "Välj en kontaktperson hos anordnaren" in text_of(sent)


def test_a_provider_without_anybody_to_call_is_told_so(maker: FlaskClient, stage: Stage):
    with stage.database.transaction(1) as session:
        new_contact(session, stage, MONDAY)
        old = contacts(session, 1, stage.town.provider_id)[0]
        registry.remove_contact(session, old.id, by=stage.town.manager, today=MONDAY)
        proposed(session, stage, MONDAY)
    assert "Det finns ingen att ringa" in text_of(maker.get(PAGE))


def test_a_refused_number_is_kept_and_never_used(maker: FlaskClient, stage: Stage, waiting: int):
    assert maker.post(f"{PAGE}/{waiting}/refuse").status_code == 302
    assert maker.post(f"{PAGE}/{waiting}/refuse").status_code == 409
    page = text_of(maker.get(PAGE))
    assert "Avvisat" in page
    with stage.database.reading() as session:
        rows = bank.history(session, 1, stage.town.provider_id)
        used = bank.in_use(rows, 3, date(2027, 1, 1))
    assert used
    assert used.number == OLD


def test_what_is_not_there_is_not_there(maker: FlaskClient, stage: Stage):
    for step in ("call", "approve", "refuse"):
        answer = maker.post(f"{PAGE}/4711/{step}", data={"d4711-contact": "1"})
        assert answer.status_code == 404, step
    assert maker.get(f"{PAGE}?page=99999999999999999999").status_code == 200


# ── at the next batch ─────────────────────────────────────────────────────────────────────────────


def test_the_next_batch_shows_old_and_new_and_who_let_it_be(app: Flask, maker: FlaskClient, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    first = stage.paid(date(2026, 5, 4))
    with stage.database.transaction(1) as session:
        moved(session, stage, date(2026, 5, 20))
    stage.reported(leg_id, APRIL)
    stage.booked()
    told = (
        f"Från Bankgiro som slutar på {OLD[-4:]} till Bankgiro som slutar på {NEW[-4:]}. "
        "Godkänt onsdag 20 maj av"
    )
    assert told in text_of(maker.get("/finance/make"))
    second = stage.batched()
    page = text_of(maker.get(f"/finance/batches/{second.id}"))
    assert f"Stigfinnarna: {told}" in page
    assert "ringde anordnaren onsdag 20 maj." in page
    assert told not in text_of(maker.get(f"/finance/batches/{first.id}"))
    with stage.database.reading() as session:
        (change,) = review(session, 1, second).new_accounts
    assert (change.before_number, change.number, change.approved_on) == (OLD, NEW, date(2026, 5, 20))

    statement_id = stage.statement_id(second.id, stage.town.provider_id)
    assert told in text_of(maker.get(f"/finance/statements/{statement_id}"))
    stage.signed(second)
    mine = text_of(stage.client(app, "chef").get(f"/provider/money/{statement_id}"))
    assert "Ett nytt nummer sedan förra betalningen" in mine
    assert f"slutar på {NEW[-4:]}. Godkänt onsdag 20 maj." in mine
    assert stage.town.signer.name not in mine


def test_the_first_payment_and_the_same_number_are_no_change(maker: FlaskClient, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    first = stage.paid(date(2026, 5, 4))
    stage.reported(leg_id, APRIL)
    second = stage.paid()
    with stage.database.reading() as session:
        assert [review(session, 1, batch).new_accounts for batch in (first, second)] == [(), ()]


def test_the_trail_tells_each_step(stage: Stage):
    from core.audit import AuditEntry  # noqa: PLC0415  # only here

    with stage.database.transaction(1) as session:
        row = moved(session, stage, TODAY)
    with stage.database.reading() as session:
        steps = select(AuditEntry.what).where(AuditEntry.subject_id == row.id)
        told = session.scalars(steps.order_by(AuditEntry.sequence)).all()
        details_ = session.scalars(select(AuditEntry.details).where(AuditEntry.subject_id == row.id)).all()
    assert told == ["bank_details.proposed", "bank_details.called_back", "bank_details.approved"]
    assert not any(NEW in text or known_contact(stage).phone in text for text in details_)

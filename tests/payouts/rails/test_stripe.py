"""Stripe: each transfer once, whatever breaks on the way, and each call as Stripe describes it."""

from __future__ import annotations

import pytest

from core.refusal import Refusal
from payouts.rails import stripe
from tests.payouts.rails import fake_stripe
from tests.payouts.rails.orders import PLUSGIRO, order, transfer

ORDER = order(transfer(1, 368_600), transfer(2, 485_801, PLUSGIRO))
ACCOUNTS = {"VV-2026-02-0001": "acct_1BLABAR", "VV-2026-02-0002": "acct_1SPRAK"}


@pytest.fixture
def served(monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.01)
    monkeypatch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.02)
    with fake_stripe.serving() as (fake, url):
        yield fake, url
        assert fake.faults == []


@pytest.fixture
def fake(served):
    return served[0]


@pytest.fixture
def client(served):
    return stripe.connect(served[0].key, url=served[1])


def paid(fake):
    return {made["destination"]: made["amount"] for made in fake.transfers}


def test_an_order_becomes_one_transfer_for_each_payee(fake, client):
    answer = stripe.send(ORDER, accounts=ACCOUNTS, client=client)
    assert paid(fake) == {"acct_1BLABAR": 368_600, "acct_1SPRAK": 485_801}
    assert {made["currency"] for made in fake.transfers} == {"sek"}
    assert set(fake.kept) == set(ACCOUNTS)
    assert (answer.message_id, answer.group_status) == (ORDER.message_id, "accepted")
    assert (answer.count, answer.sum_ore) == (ORDER.count, ORDER.sum_ore)


def test_sending_again_pays_nothing_more(fake, client):
    first = stripe.send(ORDER, accounts=ACCOUNTS, client=client)
    assert stripe.send(ORDER, accounts=ACCOUNTS, client=client) == first
    fake.kept.clear()  # a day later the keys are forgotten, the transfers are not
    assert stripe.send(ORDER, accounts=ACCOUNTS, client=client) == first
    assert len(fake.transfers) == 2


def test_a_cut_line_is_tried_again_and_pays_once(fake, client):
    fake.cut_next = 1
    answer = stripe.send(ORDER, accounts=ACCOUNTS, client=client)
    assert fake.posts == 3
    assert len(fake.transfers) == 2
    assert answer.group_status == "accepted"


def test_a_line_that_stays_cut_is_a_refusal_and_the_next_try_completes(fake, client):
    fake.cut_next = 3
    with pytest.raises(Refusal, match="inget betalas två gånger"):
        stripe.send(ORDER, accounts=ACCOUNTS, client=client)
    assert len(fake.transfers) == 1
    assert stripe.send(ORDER, accounts=ACCOUNTS, client=client).group_status == "accepted"
    assert paid(fake) == {"acct_1BLABAR": 368_600, "acct_1SPRAK": 485_801}


def test_a_reference_used_for_another_amount_is_refused(fake, client):
    stripe.send(order(transfer(1, 100)), accounts=ACCOUNTS, client=client)
    with pytest.raises(Refusal, match="redan använd"):
        stripe.send(order(transfer(1, 101)), accounts=ACCOUNTS, client=client)
    with pytest.raises(Refusal, match="redan använd"):
        stripe.send(order(transfer(1, 101), message_id="VV-other"), accounts=ACCOUNTS, client=client)
    assert paid(fake) == {"acct_1BLABAR": 100}


def test_a_payee_stripe_refuses_does_not_stop_the_others(fake, client):
    fake.accounts.remove("acct_1BLABAR")
    answer = stripe.send(ORDER, accounts=ACCOUNTS, client=client)
    assert answer.group_status == "partly_rejected"
    assert answer.about("VV-2026-02-0001").reason_code == "resource_missing"
    assert answer.about("VV-2026-02-0001").text == "No such destination."
    assert paid(fake) == {"acct_1SPRAK": 485_801}


def test_a_balance_that_does_not_reach_rejects(fake, client):
    fake.balance_ore = 400_000
    answer = stripe.send(ORDER, accounts=ACCOUNTS, client=client)
    assert [(one.status, one.reason_code) for one in answer.transfers] == [
        ("accepted", ""),
        ("rejected", "balance_insufficient"),
    ]


def test_a_payee_without_an_account_stops_the_order_before_anything_is_sent(fake, client):
    with pytest.raises(Refusal, match="inget konto hos Stripe"):
        stripe.send(ORDER, accounts={"VV-2026-02-0001": "acct_1BLABAR"}, client=client)
    assert fake.posts == 0


def test_the_status_is_read_back_page_by_page(fake, client):
    five = order(*(transfer(number, 100 * number) for number in range(1, 6)))
    accounts = {one.end_to_end_id: "acct_1BLABAR" for one in five.transfers}
    stripe.send(five, accounts=accounts, client=client)
    fake.take_back(0, 100)
    fake.take_back(1, 50)
    answer = stripe.status(five.message_id, client=client)
    assert answer.group_status == "partly_rejected"
    assert answer.about("VV-2026-02-0001").reason_code == "reversed"
    assert answer.about("VV-2026-02-0002").amount_ore == 150
    assert answer.sum_ore == 150 + 300 + 400 + 500
    assert stripe.status("VV-unknown", client=client).group_status is None


def test_a_wrong_key_and_a_stripe_that_is_down_are_told_apart(served):
    fake, url = served
    with pytest.raises(Refusal, match="Kontrollera nyckeln"):
        stripe.send(ORDER, accounts=ACCOUNTS, client=stripe.connect("sk_test_wrong", url=url))
    fake.down = True
    with pytest.raises(Refusal, match="svarar inte"):
        stripe.status(ORDER.message_id, client=stripe.connect(fake.key, url=url))
    assert fake.transfers == []


def test_an_address_nobody_answers_is_a_refusal():
    with pytest.raises(Refusal, match="svarar inte"):
        stripe.status("VV-1", client=stripe.connect("sk_test_made_up", url="http://127.0.0.1:9"))


def test_the_fake_notices_a_call_that_stripe_would_not_understand():
    fake = fake_stripe.FakeStripe()
    form = fake_stripe.SPEC["paths"]["/v1/transfers"]["post"]["requestBody"]["content"]
    fake.hold("request", form["application/x-www-form-urlencoded"]["schema"], {"amount": "1.5", "to": "x"})
    assert len(fake.faults) >= 3

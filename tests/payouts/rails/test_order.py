"""An order that exists can be paid; every other is refused with a sentence."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.refusal import Refusal
from payouts.rails.order import Payee
from tests.payouts.rails.orders import BANKGIRO, COMPANY, order, transfer
from tests.support.bank import OPEN_IBAN


def test_an_order_counts_and_sums_its_transfers():
    three = order(*(transfer(number, amount) for number, amount in enumerate((1, 99, 368_600), 1)))
    assert (three.count, three.sum_ore) == (3, 368_700)


@pytest.mark.parametrize(
    ("kind", "number", "plain"),
    [
        ("bankgiro", "505-0109", "5050109"),
        ("bankgiro", "1234-5674", "12345674"),
        ("plusgiro", "12 34 56-6", "1234566"),
        ("plusgiro", "18", "18"),
        ("account", "SE39 9990 0000 0000 0000 0003", OPEN_IBAN),
        ("account", "se3999900000000000000003", OPEN_IBAN),
    ],
)
def test_a_number_is_taken_as_people_write_it(kind, number, plain):
    assert Payee("Namn", kind, number, COMPANY).plain == plain


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("bankgiro", "505-0108"),  # check digit
        ("bankgiro", "123-456"),  # too short
        ("bankgiro", "123456789"),
        ("bankgiro", ""),
        ("bankgiro", "٥٠٥٠١٠٩"),  # digits, but not these
        ("plusgiro", "1234567"),
        ("plusgiro", "0"),
        ("plusgiro", "12A4566"),
    ],
)
def test_a_wrong_giro_number_is_refused(kind, number):
    with pytest.raises(Refusal, match="Gironumret") as refused:
        Payee("Namn AB", kind, number, COMPANY)
    assert refused.value.code == "payee_giro_wrong"


@pytest.mark.parametrize("number", ["SE3999900000000000000004", "9999 123 456", "", "SE39"])
def test_a_wrong_account_is_refused(number):
    with pytest.raises(Refusal, match="IBAN"):
        Payee("Namn AB", "account", number, COMPANY)


def test_a_sole_traders_personal_number_stays_at_home():
    assert Payee("Firma Ett", "bankgiro", "505-0109", "900101-9802").plain_organisation_number == ""
    assert BANKGIRO.plain_organisation_number == "5599990008"


@pytest.mark.parametrize("name", ["", "   ", "två\nrader", "noll\x00byte", "x" * 141])
def test_a_name_no_bank_can_read_is_refused(name):
    with pytest.raises(Refusal, match="namn"):
        Payee(name, "bankgiro", "505-0109", COMPANY)


@pytest.mark.parametrize("amount", [0, -1, 100_000_000_000, True, 12.0])
def test_only_a_positive_whole_amount_is_paid(amount):
    with pytest.raises(Refusal, match="belopp"):
        transfer(amount_ore=amount)


@pytest.mark.parametrize(
    "reference", ["", "x" * 36, "räksmörgås", "med mellanslag", "/a", "a/", "a//b", "a\n"]
)
def test_a_reference_the_bank_would_change_is_refused(reference):
    with pytest.raises(Refusal, match="Referensen"):
        transfer(end_to_end_id=reference)
    with pytest.raises(Refusal, match="Referensen"):
        order(message_id=reference)


@pytest.mark.parametrize("remittance", ["", "x" * 141, "rad\rrad"])
def test_a_message_that_does_not_fit_is_refused_not_cut(remittance):
    with pytest.raises(Refusal, match="140"):
        transfer(remittance=remittance)


def test_the_same_reference_twice_in_an_order_is_refused():
    with pytest.raises(Refusal, match="två gånger"):
        order(transfer(1), transfer(2), transfer(1, 5))


def test_an_empty_order_is_refused():
    with pytest.raises(Refusal, match="inget att betala"):
        order(transfers=())


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"debtor_iban": "SE1"}, "debtor_account_wrong"),
        ({"debtor_bic": "MOCK"}, "debtor_account_wrong"),
        ({"debtor_organisation_number": "212000-9995"}, "debtor_number_wrong"),
        ({"debtor_name": " "}, "debtor_name_wrong"),
        ({"execute_on": date(2026, 3, 1)}, "execute_in_past"),
    ],
)
def test_a_payer_who_cannot_pay_is_refused(wrong, code):
    with pytest.raises(Refusal) as refused:
        order(**wrong)
    assert refused.value.code == code
    assert "{" not in str(refused.value)


def test_a_moment_without_a_zone_is_our_own_mistake():
    with pytest.raises(ValueError, match="timezone"):
        order(created_at=datetime(2026, 3, 2))  # noqa: DTZ001  # without a zone on purpose

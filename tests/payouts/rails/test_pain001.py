"""The payment file: valid, exact to the öre, and refused by ourselves when it is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.refusal import Refusal
from payouts.rails import iso20022, pain001
from payouts.rails.order import AMOUNT_MAX_ORE, Payee
from tests.payouts.rails.orders import ACCOUNT, BANKGIRO, COMPANY, PLUSGIRO, order, transfer

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" ")


def found(document: bytes, path: str) -> list[str]:
    steps = "/".join(f"p:{step}" for step in path.split("/"))
    return [element.text or "" for element in etree.fromstring(document).iterfind(f".//{steps}", NS)]


def test_a_bankgiro_is_written_as_swedish_banks_read_it():
    document = pain001.write(order(transfer(1, 368_600, BANKGIRO)))
    assert found(document, "InstdAmt") == ["3686.00"]
    assert found(document, "CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd") == ["SESBA"]
    assert found(document, "ClrSysMmbId/MmbId") == ["9900"]
    assert found(document, "CdtrAcct/Id/Othr/Id") == ["5050109"]
    assert found(document, "CdtrAcct/Id/Othr/SchmeNm/Prtry") == ["BGNR"]
    assert found(document, "Cdtr/Id/OrgId/Othr/Id") == ["5599990008"]
    assert b'Ccy="SEK"' in document


def test_a_plusgiro_and_an_account_are_told_apart():
    document = pain001.write(order(transfer(1, 1, PLUSGIRO), transfer(2, 2, ACCOUNT)))
    assert found(document, "ClrSysMmbId/MmbId") == ["9960"]
    assert found(document, "CdtrAcct/Id/Othr/SchmeNm/Cd") == ["BBAN"]
    assert found(document, "CdtrAcct/Id/IBAN") == [ACCOUNT.number]


def test_the_header_says_how_many_and_how_much():
    document = pain001.write(order(transfer(1, 1), transfer(2, 368_600), transfer(3, 99)))
    assert found(document, "NbOfTxs") == ["3", "3"]
    assert found(document, "CtrlSum") == ["3687.00", "3687.00"]
    assert found(document, "MsgId") == ["VV-9999-2026-02-1"]
    assert found(document, "CreDtTm") == ["2026-03-02T08:30:00Z"]
    assert found(document, "ReqdExctnDt/Dt") == ["2026-03-04"]


def test_swedish_letters_and_ampersands_survive():
    document = pain001.write(order(transfer(remittance="Återkrav & ersättning <mars>, överfört")))
    assert found(document, "Cdtr/Nm") == ["Blåbärets Coachning & Ömsint Råd AB"]
    assert found(document, "Ustrd") == ["Återkrav & ersättning <mars>, överfört"]
    assert "Blåbärets".encode() in document


def test_a_sole_trader_is_paid_without_the_personal_number():
    sole_trader = Payee("Firma Ett", "bankgiro", "505-0109", "900101-9802")
    document = pain001.write(order(transfer(payee=sole_trader)))
    assert b"9001019802" not in document
    assert found(document, "Cdtr/Nm") == ["Firma Ett"]


def test_the_same_order_gives_the_same_bytes():
    assert pain001.write(order()) == pain001.write(order())


@given(
    st.lists(
        st.integers(1, AMOUNT_MAX_ORE) | st.sampled_from([1, 9, 10, 99, 100, 101]), min_size=1, max_size=8
    )
)
def test_no_amount_ever_loses_an_ore(amounts):
    document = pain001.write(order(*(transfer(number, amount) for number, amount in enumerate(amounts))))
    assert [iso20022.ore(text) for text in found(document, "InstdAmt")] == amounts
    assert {iso20022.ore(text) for text in found(document, "CtrlSum")} == {sum(amounts)}
    assert all(len(text.partition(".")[2]) == 2 for text in found(document, "InstdAmt"))


@given(st.text(PRINTABLE, min_size=1, max_size=140).filter(str.strip))
def test_any_name_that_is_taken_can_be_written(name):
    document = pain001.write(order(transfer(payee=Payee(name, "bankgiro", "505-0109", COMPANY))))
    assert found(document, "Cdtr/Nm") == [name]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<NbOfTxs>1<", b"<NbOfTxs>2<"),
        (b"<CtrlSum>3686.00<", b"<CtrlSum>3686.01<"),
        (b'SEK">3686.00<', b'SEK">36860.00<'),
    ],
)
def test_a_file_whose_declared_sum_is_untrue_is_refused(before, after):
    document = pain001.write(order())
    assert before in document
    with pytest.raises(Refusal, match="antal eller summa"):
        pain001.validate(document.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (b"<PmtMtd>TRF<", b"<PmtMtd>XXX<", "PmtMtd"),
        (b"<MsgId>VV-9999-2026-02-1</MsgId>", b"", "MsgId"),
        (b'Ccy="SEK"', b'Ccy="kr"', "Ccy"),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused_with_the_place(before, after, word):
    with pytest.raises(Refusal, match="schemat") as refused:
        pain001.validate(pain001.write(order()).replace(before, after))
    assert word in str(refused.value)
    assert "line" in str(refused.value)


@pytest.mark.parametrize("text", ["", "-1", "1.001", "1e3", "1,50", "NaN", "1.5.0", "٣", "1" * 16])
def test_an_amount_that_is_no_whole_ore_is_refused(text):
    with pytest.raises(Refusal, match="hela ören"):
        iso20022.ore(text)


def test_a_thousand_transfers_are_written_and_checked_in_a_moment():
    many = order(*(transfer(number, number + 1) for number in range(1000)))
    started = time.perf_counter()
    document = pain001.write(many)
    assert time.perf_counter() - started < 2
    assert len(document) < iso20022.MAX_BYTES

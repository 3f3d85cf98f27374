"""The bank's answer: read the same from any bank, and refused when it is hostile, foreign or unclear."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusal import Refusal
from payouts.rails import iso20022, pain001, pain002
from payouts.rails.answer import BankAnswer, TransferAnswer
from tests.payouts.rails.answers import answer, reason, said
from tests.payouts.rails.orders import order


@pytest.mark.parametrize("version", ["03", "10", "12"])
def test_each_version_is_read_alike(version):
    document = answer(
        version=version,
        group="PART",
        transfers=(
            said("E-1", "ACSP", amount="3686.00"),
            said("E-2", "RJCT", reason("AC04", "Kontot är avslutat", "sedan i går"), amount="1"),
            said("E-3", "PDNG"),
        ),
    )
    read = pain002.read(document)
    assert (read.answer_id, read.message_id, read.group_status) == ("BANK-1", "VV-1", "partly_rejected")
    assert read.transfers == (
        TransferAnswer("E-1", "accepted", "", "", 368_600),
        TransferAnswer("E-2", "rejected", "AC04", "Kontot är avslutat sedan i går", 100),
        TransferAnswer("E-3", "pending", "", ""),
    )


@pytest.mark.parametrize(
    ("group", "payment", "transfers", "expected"),
    [
        ("ACCP", None, (), "accepted"),
        ("ACTC", None, (), "pending"),  # the form was right; nobody said it is paid
        ("RCVD", None, (), "pending"),
        ("RJCT", None, (), "rejected"),
        ("QQQQ", None, (), "pending"),  # an unknown code is never a yes
        ("PART", None, (), "partly_rejected"),
        ("ACTC", "ACSP", (), "accepted"),  # the payment is nearer than the file
        ("ACCP", "RJCT", (), "rejected"),
        (None, "ACCP", (), "accepted"),
        (None, None, (said("E-1", "RJCT"),), None),
        ("ACCP", None, (said("E-1", "RJCT"),), "partly_rejected"),
        ("ACTC", None, (said("E-1", "RJCT"), said("E-2", "ACCP")), "partly_rejected"),
        ("RJCT", "RJCT", (said("E-1", "RJCT"),), "rejected"),
        ("RJCT", None, (said("E-1"),), "rejected"),
    ],
)
def test_the_status_of_the_whole(group, payment, transfers, expected):
    assert pain002.read(answer(group=group, payment=payment, transfers=transfers)).group_status == expected


def test_a_transfer_not_named_shares_the_fate_of_the_whole_when_that_is_clear():
    rejected = pain002.read(answer(group="RJCT", group_reason=reason("FF01", "Fel format")))
    assert rejected.about("E-9") == TransferAnswer("E-9", "rejected", "FF01", "Fel format")
    assert pain002.read(answer(group="ACCP")).about("E-9").status == "accepted"
    assert pain002.read(answer(group="PART")).about("E-9").status == "pending"
    assert pain002.read(answer(transfers=(said("E-1", "RJCT"),))).about("E-9").status == "pending"


@pytest.mark.parametrize(
    ("group", "transfers"),
    [
        ("PART", (said("E-1", "ACCP"), said("E-1", "RJCT"))),
        ("RJCT", (said("E-1", "ACCP"),)),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(group, transfers):
    with pytest.raises(Refusal, match="emot sig"):
        pain002.read(answer(group=group, transfers=transfers))


def test_a_rejected_file_cannot_hold_an_accepted_payment():
    with pytest.raises(Refusal, match="emot sig"):
        pain002.read(answer(group="RJCT", payment="ACCP"))


def test_an_answer_that_names_no_transfer_is_refused():
    with pytest.raises(Refusal, match="vilken betalning"):
        pain002.read(answer(group="PART", transfers=(said("", "RJCT"),)))


def test_an_answer_in_another_currency_is_refused():
    with pytest.raises(Refusal, match="valuta"):
        pain002.read(answer(transfers=(said("E-1", "ACCP", amount="1.00", currency="EUR"),)))


def test_an_answer_to_a_direct_debit_is_refused():
    with pytest.raises(Refusal, match="inte en betalfil"):
        pain002.read(answer(group="ACCP", original="pain.008.001.08"))


BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]><Document>&z;</Document>"""
    % b"".join(b'<!ENTITY %c "%s">' % (98 + step, b"&%c;" % (97 + step) * 10) for step in range(25))
)
STEALING = b'<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]><Document>&file;</Document>'


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "bank_file_not_xml"),
        (b"\x00\xff\xfe", "bank_file_not_xml"),
        (b"%PDF-1.7", "bank_file_not_xml"),
        (b"<a><b></a>", "bank_file_not_xml"),
        (b'<?xml version="1.0" encoding="made-up"?><a/>', "bank_file_not_xml"),
        (b"<a>" * 100_000, "bank_file_not_xml"),
        (STEALING, "bank_file_has_doctype"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>', "bank_file_has_doctype"),
        (b"<Document/>", "bank_file_wrong_message"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:../../x"/>', "bank_file_wrong_message"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', "bank_file_wrong_message"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"/>', "bank_file_breaks_schema"),
        (b" " * 10_000_000, "bank_file_too_big"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_an_answer_is_refused_with_a_sentence(document, code):
    with pytest.raises(Refusal) as refused:
        pain002.read(document)
    assert refused.value.code == code
    assert len(str(refused.value)) < 500
    assert "root:" not in str(refused.value)


def test_a_bomb_of_entities_goes_out_at_once():
    started = time.perf_counter()
    with pytest.raises(Refusal):
        pain002.read(BOMB)
    with pytest.raises(Refusal):
        pain002.read(BOMB.replace(b"<Document>&z;", b'<Document a="&z;">'))
    assert time.perf_counter() - started < 1


def test_our_own_file_is_no_answer():
    with pytest.raises(Refusal, match=r"pain\.002"):
        pain002.read(pain001.write(order()))


@given(st.binary(max_size=400))
def test_noise_is_refused_and_never_anything_else(noise):
    with pytest.raises(Refusal):
        pain002.read(noise)


@given(st.data())
def test_a_damaged_answer_is_read_or_refused(data):
    whole = answer(group="PART", transfers=(said("E-1", "ACCP", amount="3686.00"), said("E-2", "RJCT")))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    damaged = whole[:start] + data.draw(st.binary(max_size=5)) + whole[end:]
    with contextlib.suppress(Refusal):
        assert isinstance(pain002.read(damaged), BankAnswer)


def test_an_answer_about_thousands_is_read_in_a_moment():
    many = tuple(said(f"E-{number}", "ACCP", amount="3686.00") for number in range(5000))
    started = time.perf_counter()
    assert len(pain002.read(answer(group="ACCP", transfers=many)).transfers) == 5000
    assert time.perf_counter() - started < 3


def test_every_schema_the_house_reads_is_there():
    for message in (pain001.MESSAGE, *pain002.MESSAGES):
        assert (iso20022.SCHEMAS / f"{message}.xsd").is_file()

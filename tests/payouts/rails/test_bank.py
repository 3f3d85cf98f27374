"""Our file against a bank that is not ours: what it accepts, what it rejects, what it says twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mockbank import accounts, validate

from payouts.rails import files, pain001, pain002
from payouts.rails.answer import BankAnswer
from payouts.rails.order import Payee
from tests.payouts.rails.orders import ACCOUNT, BANKGIRO, COMPANY, PLUSGIRO, order, transfer
from tests.support.bank import CLOSED_IBAN, MUNICIPALITY_IBAN
from tools import demo_bank

ROOT = Path(__file__).parents[3]
CLOSED = Payee("Nedlagda Kursgården AB", "account", CLOSED_IBAN, COMPANY)


def answered(bank, *transfers, **more) -> BankAnswer:
    answer = bank.receive(pain001.write(order(*transfers, **more)))
    assert answer is not None
    return pain002.read(answer)


def test_the_bank_accepts_kronor_to_a_bankgiro_a_plusgiro_and_an_account(bank):
    answer = answered(
        bank, transfer(1, 368_600, BANKGIRO), transfer(2, 485_800, PLUSGIRO), transfer(3, 1, ACCOUNT)
    )
    assert answer.group_status == "accepted"
    assert answer.message_id == "VV-9999-2026-02-1"
    assert (answer.count, answer.sum_ore) == (3, 854_401)
    assert {one.end_to_end_id: one.status for one in answer.transfers} == {
        "VV-2026-02-0001": "accepted",
        "VV-2026-02-0002": "accepted",
        "VV-2026-02-0003": "accepted",
    }


def test_the_bank_has_no_remark_on_the_file(bank):
    document = pain001.write(
        order(transfer(1, 1, BANKGIRO), transfer(2, 2, PLUSGIRO), transfer(3, 3, ACCOUNT))
    )
    assert validate.validate(document, today=bank.state.today()) == []


def test_a_file_sent_twice_is_paid_once(bank):
    assert answered(bank).group_status == "accepted"
    again = answered(bank)
    assert (again.group_status, again.reason_code) == ("rejected", "DUPL")
    assert again.about("VV-2026-02-0001").reason_code == "DUPL"
    bank.advance(7)
    balance = next(row for row in _accounts(bank) if row["iban"] == MUNICIPALITY_IBAN)["balance"]
    assert balance == demo_bank.BALANCE_ORE - 368_600


def test_a_closed_account_is_rejected_and_the_rest_is_paid(bank):
    answer = answered(bank, transfer(1, 100, BANKGIRO), transfer(2, 200, CLOSED))
    assert answer.group_status == "partly_rejected"
    assert answer.about("VV-2026-02-0001").status == "accepted"
    rejected = answer.about("VV-2026-02-0002")
    assert (rejected.status, rejected.reason_code) == ("rejected", "AC04")
    assert "closed" in rejected.text


def test_when_every_transfer_is_rejected_the_file_is(bank):
    assert answered(bank, transfer(1, 200, CLOSED)).group_status == "rejected"


def test_an_account_closed_before_the_day_bounces_in_a_later_answer(bank):
    assert answered(bank, transfer(1, 200, ACCOUNT), transfer(2, 5)).group_status == "accepted"
    bank.change_account(MUNICIPALITY_IBAN, closed=True)
    bank.advance(3)
    (late,) = (pain002.read(document) for document in bank.answers())
    assert late.group_status is None
    assert {one.status for one in late.transfers} == {"rejected"}
    assert late.message_id == "VV-9999-2026-02-1"


def test_a_payer_the_bank_does_not_know_and_one_without_cover_are_rejected(bank):
    bank.change_account(MUNICIPALITY_IBAN, balance=150, behaviour="insufficient-funds")
    answer = answered(bank, transfer(1, 100), transfer(2, 100))
    assert [(one.status, one.reason_code) for one in answer.transfers] == [
        ("accepted", ""),
        ("rejected", "AM04"),
    ]
    stranger = answered(bank, message_id="VV-2", debtor_iban=ACCOUNT.number.replace("39", "12", 1)[:-1] + "4")
    assert (stranger.group_status, stranger.transfers[0].reason_code) == ("rejected", "AC02")


def test_a_silent_bank_answers_nothing(bank):
    bank.change_account(MUNICIPALITY_IBAN, behaviour="silent")
    assert bank.receive(pain001.write(order())) is None


def test_the_demo_bank_answers_a_folder_until_it_is_told_to_stop(tmp_path):
    outbox, inbox = tmp_path / "out", tmp_path / "in"
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.demo_bank", "--outbox", outbox, "--inbox", inbox, "--every", "0.05"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        files.hand_over(pain001.write(order()), outbox=outbox, name="VV-1.xml")
        files.hand_over(b"not a payment file", outbox=outbox, name="junk.xml")
        deadline = time.monotonic() + 20
        while len(list(files.answers(inbox))) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
    answers = {path.name.split("-")[0]: path for path in files.answers(inbox)}
    assert pain002.read(files.load(answers["VV"])).group_status == "accepted"
    assert list(files.answers(outbox)) == []
    assert sorted(path.name for path in (outbox / demo_bank.COLLECTED).iterdir()) == ["VV-1.xml", "junk.xml"]


def _accounts(bank):
    bank.state.release()
    return accounts.listing(bank.state.conn)

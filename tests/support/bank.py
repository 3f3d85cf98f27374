"""A bank to send payment files to: the fixture `bank`, with one account for the municipality that pays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.demo_bank import Bank

# Made-up accounts: bank number 999 belongs to nobody.
MUNICIPALITY_IBAN = "SE9399900000000000000001"
CLOSED_IBAN = "SE6699900000000000000002"
OPEN_IBAN = "SE3999900000000000000003"
MUNICIPALITY_BIC = "MOCKSESS"
OPENED_AT = "2026-03-02T09:00"


@pytest.fixture
def bank() -> Iterator[Bank]:
    """A bank whose time stands at Monday 2 March 2026, 09:00, until `bank.advance(days)`."""
    with Bank(clock=OPENED_AT) as bank:
        bank.open_account(MUNICIPALITY_IBAN, name="Exempelkommunen")
        bank.open_account(CLOSED_IBAN, name="Avslutat konto", closed=True)
        bank.open_account(OPEN_IBAN, name="Öppet konto")
        yield bank

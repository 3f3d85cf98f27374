"""Orders to try the rails with: made-up payees with numbers whose check digits are right."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from payouts.rails.order import Payee, PaymentOrder, Transfer
from tests.support.bank import MUNICIPALITY_BIC, MUNICIPALITY_IBAN, OPEN_IBAN

COMPANY = "559999-0008"
BANKGIRO = Payee("Blåbärets Coachning & Ömsint Råd AB", "bankgiro", "505-0109", COMPANY)
PLUSGIRO = Payee("Stiftelsen Språkvän", "plusgiro", "12 34 56-6", "802400-0005")
ACCOUNT = Payee("Åkerlyckans arbetsintegrerande ek. för.", "account", OPEN_IBAN, "769999-0003")


def transfer(number: int = 1, amount_ore: int = 368_600, payee: Payee = BANKGIRO, **more: Any) -> Transfer:
    facts: dict[str, Any] = {
        "end_to_end_id": f"VV-2026-02-{number:04}",
        "amount_ore": amount_ore,
        "payee": payee,
        "remittance": f"Jobbpeng februari 2026, specifikation {number}",
    }
    return Transfer(**facts | more)


def order(*transfers: Transfer, **more: Any) -> PaymentOrder:
    facts: dict[str, Any] = {
        "message_id": "VV-9999-2026-02-1",
        "created_at": datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
        "debtor_name": "Exempelkommunen",
        "debtor_organisation_number": "212000-9994",
        "debtor_iban": MUNICIPALITY_IBAN,
        "debtor_bic": MUNICIPALITY_BIC,
        "execute_on": date(2026, 3, 4),
        "transfers": transfers or (transfer(),),
    }
    return PaymentOrder(**facts | more)

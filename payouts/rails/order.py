"""What is to be paid, in nobody's dialect but ours. An order that exists is one that can be paid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from stdnum import bic, iban, luhn
from stdnum.se import orgnr

from core.refusal import Refusal

PayeeKind = Literal["bankgiro", "plusgiro", "account"]

REMITTANCE_MAX = 140
NAME_MAX = 140
AMOUNT_MAX_ORE = 99_999_999_999

# What every bank takes in a reference; a slash first, last or doubled is kept for the banks' own use.
_REFERENCE = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9+?/:().,'-]{1,35}(?<!/)")
_GIRO_DIGITS = {"bankgiro": (7, 8), "plusgiro": (2, 8)}


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid and where.

    `number` is a bankgiro, a plusgiro or, for an account, an IBAN; spaces and hyphens are fine.
    """

    name: str
    kind: PayeeKind
    number: str
    organisation_number: str

    def __post_init__(self) -> None:
        if not _writable(self.name, NAME_MAX):
            raise Refusal(
                "payee_name_wrong", "Mottagarens namn måste ha 1 till {most} skrivbara tecken.", most=NAME_MAX
            )
        if not orgnr.is_valid(self.organisation_number):
            raise Refusal(
                "organisation_number_wrong",
                "Organisationsnumret {number} för {name} stämmer inte.",
                number=self.organisation_number,
                name=self.name,
            )
        if self.kind == "account":
            if not iban.is_valid(self.number):
                raise Refusal(
                    "payee_account_wrong",
                    "Kontot {number} för {name} är inte ett giltigt IBAN.",
                    number=self.number,
                    name=self.name,
                )
            return
        fewest, most = _GIRO_DIGITS[self.kind]
        if not (fewest <= len(self.plain) <= most and self.plain.isascii() and luhn.is_valid(self.plain)):
            raise Refusal(
                "payee_giro_wrong",
                "Gironumret {number} för {name} stämmer inte. Kontrollera siffrorna.",
                number=self.number,
                name=self.name,
            )

    @property
    def plain(self) -> str:
        """The number as files want it: without spaces and hyphens."""
        return re.sub(r"[\s-]", "", self.number).upper()

    @property
    def plain_organisation_number(self) -> str:
        """Ten digits; empty for a sole trader, whose number is a personal one and has no place in a file."""
        digits = orgnr.compact(self.organisation_number)
        return digits if digits[2] >= "2" else ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment. `end_to_end_id` (at most 35 characters) is what the answer is matched on."""

    end_to_end_id: str
    amount_ore: int
    payee: Payee
    remittance: str

    def __post_init__(self) -> None:
        _check_reference(self.end_to_end_id)
        if not _writable(self.remittance, REMITTANCE_MAX):
            raise Refusal(
                "remittance_wrong",
                "Meddelandet till mottagaren måste ha 1 till {most} skrivbara tecken.",
                most=REMITTANCE_MAX,
            )
        if type(self.amount_ore) is not int or not 0 < self.amount_ore <= AMOUNT_MAX_ORE:
            raise Refusal(
                "transfer_amount_wrong",
                "Betalningen {reference} har ett belopp som inte går att betala: {amount} öre.",
                reference=self.end_to_end_id,
                amount=self.amount_ore,
            )


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """Everything one file asks the bank to do: one payer, one account, one day, in kronor.

    `created_at` is timezone-aware. The same order always gives the same bytes.
    """

    message_id: str
    created_at: datetime
    debtor_name: str
    debtor_organisation_number: str
    debtor_iban: str
    debtor_bic: str
    execute_on: date
    transfers: tuple[Transfer, ...]

    def __post_init__(self) -> None:
        _check_reference(self.message_id)
        if not _writable(self.debtor_name, NAME_MAX):
            raise Refusal(
                "debtor_name_wrong", "Betalarens namn måste ha 1 till {most} skrivbara tecken.", most=NAME_MAX
            )
        if self.created_at.tzinfo is None:
            raise ValueError("created_at must be timezone-aware")
        if not orgnr.is_valid(self.debtor_organisation_number):
            raise Refusal("debtor_number_wrong", "Betalarens organisationsnummer stämmer inte.")
        if not iban.is_valid(self.debtor_iban) or not bic.is_valid(self.debtor_bic):
            raise Refusal("debtor_account_wrong", "Betalarens konto (IBAN) eller bank (BIC) stämmer inte.")
        if self.execute_on < self.created_at.date():
            raise Refusal(
                "execute_in_past", "Betalningsdagen {day} har redan varit.", day=self.execute_on.isoformat()
            )
        if not self.transfers:
            raise Refusal("order_empty", "Det finns inget att betala i den här körningen.")
        seen: set[str] = set()
        for transfer in self.transfers:
            if transfer.end_to_end_id in seen:
                raise Refusal(
                    "transfer_twice",
                    "Betalningen {reference} står två gånger i samma fil.",
                    reference=transfer.end_to_end_id,
                )
            seen.add(transfer.end_to_end_id)

    @property
    def count(self) -> int:
        return len(self.transfers)

    @property
    def sum_ore(self) -> int:
        return sum(transfer.amount_ore for transfer in self.transfers)


def _check_reference(reference: str) -> None:
    if not _REFERENCE.fullmatch(reference):
        raise Refusal(
            "reference_wrong",
            "Referensen {reference} kan inte skickas: högst 35 tecken, utan å, ä, ö och mellanslag.",
            reference=reference[:60],
        )


def _writable(text: str, most: int) -> bool:
    return bool(text.strip()) and len(text) <= most and text.isprintable()

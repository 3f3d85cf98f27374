"""The payment file: ISO 20022 pain.001.001.09 for Swedish supplier payments in kronor."""

from __future__ import annotations

from datetime import UTC

from lxml import etree
from stdnum import iban
from stdnum.se import orgnr

from core.money import decimal_text
from core.refusal import Refusal
from payouts.rails import iso20022
from payouts.rails.order import Payee, PaymentOrder, Transfer

MESSAGE = "pain.001.001.09"
_NS = f"{{{iso20022.NAMESPACE}{MESSAGE}}}"

# The Swedish clearing ("SESBA") has two numbers that are no bank's: one for each giro.
_GIRO_CLEARING = {"bankgiro": "9900", "plusgiro": "9960"}


def write(order: PaymentOrder) -> bytes:
    """The file's bytes: UTF-8, valid against the published schema, the same for the same order."""
    root = etree.Element(f"{_NS}Document", nsmap={None: iso20022.NAMESPACE + MESSAGE})  # type: ignore[dict-item]  # None is the default prefix
    initiation = _add(root, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", order.message_id)
    _add(header, "CreDtTm", order.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _totals(header, order)
    _party(header, "InitgPty", order.debtor_name, orgnr.compact(order.debtor_organisation_number))

    payment = _add(initiation, "PmtInf")
    _add(payment, "PmtInfId", order.message_id)
    _add(payment, "PmtMtd", "TRF")
    _totals(payment, order)
    kind = _add(payment, "PmtTpInf")
    _add(kind, "SvcLvl/Cd", "NURG")
    _add(kind, "CtgyPurp/Cd", "SUPP")
    _add(payment, "ReqdExctnDt/Dt", order.execute_on.isoformat())
    _party(payment, "Dbtr", order.debtor_name, orgnr.compact(order.debtor_organisation_number))
    account = _add(payment, "DbtrAcct")
    _add(account, "Id/IBAN", iban.compact(order.debtor_iban))
    _add(account, "Ccy", "SEK")
    _add(payment, "DbtrAgt/FinInstnId/BICFI", order.debtor_bic.replace(" ", "").upper())
    _add(payment, "ChrgBr", "SHAR")
    for transfer in order.transfers:
        _transfer(payment, transfer)

    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    validate(document)
    return document


def validate(document: bytes) -> None:
    """Refuse bytes that are not a payment file: the schema, and that the declared count and sum are true."""
    root = iso20022.parse(document)
    iso20022.check(root, known=(MESSAGE,))
    amounts = [iso20022.ore(amount.text or "") for amount in root.iter(f"{_NS}InstdAmt")]
    counts = [int(count.text or "0") for count in root.iter(f"{_NS}NbOfTxs")]
    sums = [iso20022.ore(total.text or "") for total in root.iter(f"{_NS}CtrlSum")]
    if set(counts) != {len(amounts)} or set(sums) != {sum(amounts)}:
        raise Refusal("bank_file_sum_wrong", "Filens antal eller summa stämmer inte med betalningarna i den.")


def _transfer(payment: etree._Element, transfer: Transfer) -> None:
    element = _add(payment, "CdtTrfTxInf")
    identity = _add(element, "PmtId")
    _add(identity, "InstrId", transfer.end_to_end_id)
    _add(identity, "EndToEndId", transfer.end_to_end_id)
    _add(element, "Amt/InstdAmt", decimal_text(transfer.amount_ore)).set("Ccy", "SEK")
    payee = transfer.payee
    if payee.kind != "account":
        member = _add(element, "CdtrAgt/FinInstnId/ClrSysMmbId")
        _add(member, "ClrSysId/Cd", "SESBA")
        _add(member, "MmbId", _GIRO_CLEARING[payee.kind])
    _party(element, "Cdtr", payee.name, payee.plain_organisation_number)
    _account(element, payee)
    _add(element, "RmtInf/Ustrd", transfer.remittance)


def _account(element: etree._Element, payee: Payee) -> None:
    identity = _add(element, "CdtrAcct/Id")
    if payee.kind == "account":
        _add(identity, "IBAN", payee.plain)
        return
    other = _add(identity, "Othr")
    _add(other, "Id", payee.plain)
    if payee.kind == "bankgiro":
        _add(other, "SchmeNm/Prtry", "BGNR")
    else:
        _add(other, "SchmeNm/Cd", "BBAN")


def _party(parent: etree._Element, tag: str, name: str, organisation_number: str) -> None:
    party = _add(parent, tag)
    _add(party, "Nm", name)
    if organisation_number:
        other = _add(party, "Id/OrgId/Othr")
        _add(other, "Id", organisation_number)
        _add(other, "SchmeNm/Cd", "COID")


def _totals(parent: etree._Element, order: PaymentOrder) -> None:
    _add(parent, "NbOfTxs", str(order.count))
    _add(parent, "CtrlSum", decimal_text(order.sum_ore))


def _add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """Append a chain of new elements, "Id/IBAN", and put the text in the last."""
    for tag in path.split("/"):
        parent = etree.SubElement(parent, _NS + tag)
    parent.text = text
    return parent

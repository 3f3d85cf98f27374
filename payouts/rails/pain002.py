"""The bank's answer: ISO 20022 pain.002, read into accepted, rejected or pending for each transfer."""

from __future__ import annotations

from lxml import etree

from core.refusal import Refusal
from payouts.rails import iso20022
from payouts.rails.answer import BankAnswer, GroupStatus, Status, TransferAnswer

MESSAGES = ("pain.002.001.03", "pain.002.001.10", "pain.002.001.12")

# Received, or checked for form only, is not yet a yes. Nor is a code nobody here knows: a person looks.
_ACCEPTED = frozenset({"ACCP", "ACSP", "ACSC", "ACCC", "ACWC", "ACWP", "ACFC"})
_REJECTED = frozenset({"RJCT", "CANC", "BLCK"})


def read(document: bytes) -> BankAnswer:
    """Read an answer, or refuse it: not XML, hostile, too big, another message, contradicting itself."""
    root = iso20022.parse(document)
    iso20022.check(root, known=MESSAGES)
    group = _the(root, "CstmrPmtStsRpt/OrgnlGrpInfAndSts")
    if not _text(group, "OrgnlMsgNmId").startswith("pain.001"):
        raise Refusal("answer_to_something_else", "Svaret gäller inte en betalfil (pain.001).")
    reports = _all(root, "CstmrPmtStsRpt/OrgnlPmtInfAndSts")
    transfers = tuple(
        answer for report in reports for answer in _transfers(report, group_code=_text(group, "GrpSts"))
    )
    _check_once(transfers)
    code, text = _reason([group, *reports])
    count, total = _text(group, "OrgnlNbOfTxs"), _text(group, "OrgnlCtrlSum")
    return BankAnswer(
        answer_id=_text(root, "CstmrPmtStsRpt/GrpHdr/MsgId"),
        message_id=_text(group, "OrgnlMsgId"),
        group_status=_group_status(group, reports, transfers),
        reason_code=code,
        text=text,
        count=int(count) if count else None,
        sum_ore=iso20022.ore(total) if total else None,
        transfers=transfers,
    )


def _transfers(report: etree._Element, *, group_code: str) -> list[TransferAnswer]:
    answers = []
    for element in _all(report, "TxInfAndSts"):
        code, text = _reason([element])
        answers.append(
            TransferAnswer(
                end_to_end_id=_text(element, "OrgnlEndToEndId") or _text(element, "OrgnlInstrId"),
                status=_status(_text(element, "TxSts") or _text(report, "PmtInfSts") or group_code),
                reason_code=code,
                text=text,
                amount_ore=_amount(element),
            )
        )
    return answers


def _group_status(
    group: etree._Element, reports: list[etree._Element], transfers: tuple[TransferAnswer, ...]
) -> GroupStatus | None:
    """The status of the whole. A rejected transfer inside an accepted whole makes it partly rejected."""
    whole = _text(group, "GrpSts")
    codes = ({_text(report, "PmtInfSts") for report in reports} - {""}) or ({whole} - {""})
    if not codes:
        return None
    statuses = {_status(code) for code in codes}
    if _status(whole) == "rejected" or statuses == {"rejected"}:
        if statuses != {"rejected"} or any(transfer.status != "rejected" for transfer in transfers):
            raise _contradiction()
        return "rejected"
    some_rejected = any(transfer.status == "rejected" for transfer in transfers)
    if some_rejected or "rejected" in statuses or "PART" in codes:
        return "partly_rejected"
    return "accepted" if statuses == {"accepted"} else "pending"


def _status(code: str) -> Status:
    if code in _ACCEPTED:
        return "accepted"
    return "rejected" if code in _REJECTED else "pending"


def _reason(elements: list[etree._Element]) -> tuple[str, str]:
    """The first reason code, and every explaining text, of some elements."""
    reasons = [reason for element in elements for reason in _all(element, "StsRsnInf")]
    codes = [_text(reason, "Rsn/Cd") or _text(reason, "Rsn/Prtry") for reason in reasons]
    texts = [" ".join((line.text or "").split()) for reason in reasons for line in _all(reason, "AddtlInf")]
    return next(filter(None, codes), ""), " ".join(filter(None, texts))


def _amount(element: etree._Element) -> int | None:
    amounts = _all(element, "OrgnlTxRef/Amt/InstdAmt")
    if not amounts:
        return None
    if amounts[0].get("Ccy") != "SEK":
        raise Refusal("answer_not_in_kronor", "Svaret gäller en annan valuta än svenska kronor.")
    return iso20022.ore(amounts[0].text or "")


def _check_once(transfers: tuple[TransferAnswer, ...]) -> None:
    """The same transfer may be named twice, but only with one answer; and each must be named."""
    said: dict[str, Status] = {}
    for transfer in transfers:
        if not transfer.end_to_end_id:
            raise Refusal("answer_names_nothing", "Svaret säger inte vilken betalning det gäller.")
        if said.setdefault(transfer.end_to_end_id, transfer.status) != transfer.status:
            raise _contradiction()


def _contradiction() -> Refusal:
    return Refusal("answer_contradicts_itself", "Svaret säger emot sig självt. Fråga banken först.")


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    namespace = etree.QName(element).namespace
    return element.findall("/".join(f"{{{namespace}}}{tag}" for tag in path.split("/")))


def _the(element: etree._Element, path: str) -> etree._Element:
    return _all(element, path)[0]


def _text(element: etree._Element, path: str) -> str:
    found = _all(element, path)
    return (found[0].text or "").strip() if found else ""

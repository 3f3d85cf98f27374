"""Answers as banks write them, for the cases a mock bank does not play."""

from __future__ import annotations


def answer(
    *,
    version: str = "10",
    group: str | None = None,
    payment: str | None = None,
    transfers: tuple[str, ...] = (),
    original: str = "pain.001.001.09",
    group_reason: str = "",
) -> bytes:
    """One pain.002; `group` and `payment` are status codes, `transfers` the output of `said`."""
    name = f"pain.002.001.{version}"
    report = ""
    if payment is not None or transfers:
        status = f"<PmtInfSts>{payment}</PmtInfSts>" if payment else ""
        report = (
            f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>VV-1</OrgnlPmtInfId>{status}{''.join(transfers)}"
            "</OrgnlPmtInfAndSts>"
        )
    status = f"<GrpSts>{group}</GrpSts>" if group else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-03-02T10:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>VV-1</OrgnlMsgId><OrgnlMsgNmId>{original}</OrgnlMsgNmId>{status}{group_reason}
</OrgnlGrpInfAndSts>{report}
</CstmrPmtStsRpt></Document>""".encode()


def reason(code: str, *texts: str) -> str:
    lines = "".join(f"<AddtlInf>{text}</AddtlInf>" for text in texts)
    return f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn>{lines}</StsRsnInf>"


def said(end_to_end_id: str, status: str = "", why: str = "", amount: str = "", currency: str = "SEK") -> str:
    """What the bank says of one transfer."""
    code = f"<TxSts>{status}</TxSts>" if status else ""
    name = f"<OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>" if end_to_end_id else ""
    repeated = (
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt></OrgnlTxRef>'
        if amount
        else ""
    )
    return f"<TxInfAndSts>{name}{code}{why}{repeated}</TxInfAndSts>"

"""The bank of Exempelstad's past: it says yes, and once no to one, in a real pain.002."""

from __future__ import annotations

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from vouchers.models import Check

ANSWER = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
NAMESPACES: dict[str | None, str] = {None: ANSWER}


def accepted(document: bytes) -> bytes:
    """The answer that accepts the whole of a pain.001."""
    asked = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    names: dict[str, str] = {"p": etree.QName(asked).namespace or ""}

    def text(path: str) -> str:
        return str(asked.xpath(f"string({path})", namespaces=names))

    message_id = text("//p:GrpHdr/p:MsgId")
    root = etree.Element(f"{{{ANSWER}}}Document", nsmap=NAMESPACES)  # type: ignore[arg-type]  # lxml takes None for the default
    report = _add(root, "CstmrPmtStsRpt")
    head = _add(report, "GrpHdr")
    _add(head, "MsgId", f"A{message_id}")
    _add(head, "CreDtTm", text("//p:GrpHdr/p:CreDtTm"))
    group = _add(report, "OrgnlGrpInfAndSts")
    _add(group, "OrgnlMsgId", message_id)
    _add(group, "OrgnlMsgNmId", "pain.001.001.09")
    _add(group, "GrpSts", "ACSC")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def refused_first(document: bytes) -> bytes:
    """The answer that refuses the first payment of a pain.001, because its account is blocked, and accepts
    the rest."""
    asked = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    names: dict[str, str] = {"p": etree.QName(asked).namespace or ""}
    root = etree.fromstring(accepted(document))
    (status,) = root.findall(f".//{{{ANSWER}}}GrpSts")
    status.text = "PART"
    payment = _add(root[0], "OrgnlPmtInfAndSts")
    _add(payment, "OrgnlPmtInfId", str(asked.xpath("string(//p:PmtInfId)", namespaces=names)))
    _add(payment, "PmtInfSts", "PART")
    for place, one in enumerate(asked.iterfind(".//p:EndToEndId", names)):
        told = _add(payment, "TxInfAndSts")
        _add(told, "OrgnlEndToEndId", one.text)
        _add(told, "TxSts", "ACSC" if place else "RJCT")
        if not place:
            _add(_add(_add(told, "StsRsnInf"), "Rsn"), "Cd", "AC06")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ANSWER}}}{name}")
    child.text = text
    return child


def check_of(session: Session, municipality_id: int, outcome_id: int, purpose: str) -> Check | None:
    """The first case of an outcome with that purpose."""
    return session.scalar(
        select(Check).where(
            Check.municipality_id == municipality_id,
            Check.outcome_id == outcome_id,
            Check.purpose == purpose,
            Check.part == 1,
        )
    )

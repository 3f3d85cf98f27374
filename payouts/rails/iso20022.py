"""What the bank's messages share: a parser no file can hurt us through, and the published schemas."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from threading import Lock

from lxml import etree

from core.refusal import Refusal

SCHEMAS = Path(__file__).with_name("schemas")
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
MAX_BYTES = 8 * 1024 * 1024

_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,5}))?")
_validating = Lock()


@cache
def _schema(message: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / f"{message}.xsd")))


def parse(document: bytes) -> etree._Element:
    """The root of an XML document, or a refusal.

    Never follows an entity, a DTD or the network, and takes at most `MAX_BYTES`.
    """
    if len(document) > MAX_BYTES:
        raise Refusal(
            "bank_file_too_big",
            "Filen är för stor: {megabytes} MB. Som mest får den vara {most} MB.",
            megabytes=-(-len(document) // 1024**2),
            most=MAX_BYTES // 1024**2,
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise Refusal("bank_file_not_xml", "Filen går inte att läsa som XML.") from fault
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs lack it
        raise Refusal(
            "bank_file_has_doctype",
            "Filen innehåller en DOCTYPE. Det gör aldrig en riktig bankfil, så den läses inte.",
        )
    return root


def message_name(root: etree._Element) -> str:
    """The message a document says it is, such as "pain.002.001.10"; empty when it is not ISO 20022."""
    name = etree.QName(root)
    if name.localname != "Document" or not (name.namespace or "").startswith(NAMESPACE):
        return ""
    return str(name.namespace).removeprefix(NAMESPACE)


def check(root: etree._Element, *, known: tuple[str, ...]) -> None:
    """Refuse a document that is none of the `known` messages, or breaks its schema."""
    message = message_name(root)
    if message not in known:
        raise Refusal(
            "bank_file_wrong_message",
            "Filen är inte ett meddelande som kan läsas här. Det ska vara {known}.",
            known=", ".join(known),
        )
    try:
        with _validating:
            _schema(message).assertValid(root)
    except etree.DocumentInvalid as fault:
        raise Refusal(
            "bank_file_breaks_schema",
            "Filen följer inte schemat för {message}: {fault}",
            message=message,
            fault=str(fault).replace(f"{{{NAMESPACE}{message}}}", "")[:300],
        ) from fault


def ore(text: str) -> int:
    """Whole öre from an amount as the schemas write it ("3686", "3686.5", "3686.00000"), exactly."""
    match = _AMOUNT.fullmatch(text.strip())
    decimals = (match[2] or "").ljust(5, "0") if match else "1"
    if match is None or decimals[2:].strip("0"):
        raise Refusal(
            "amount_not_whole_ore", "Beloppet {amount} går inte att läsa som hela ören.", amount=text[:40]
        )
    return int(match[1]) * 100 + int(decimals[:2])

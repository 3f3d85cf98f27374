"""Personal numbers: checked, encrypted at rest, found by a keyed hash. And protected identity."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from enum import StrEnum

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from personnummer import personnummer
from sqlalchemy.orm import Session

from core.refusal import Refusal

KEY = "identity_vault"
OLDEST_YEARS = 130


class Protection(StrEnum):
    """How a person's identity is protected in the population register."""

    NONE = "none"
    CONFIDENTIAL = "confidential"
    REGISTERED_ELSEWHERE = "protected_registration"


def normalised(text: str, *, today: date) -> str:
    """Twelve digits of a personal number or samordningsnummer, however it was typed.

    Raises Refusal `identity_number_wrong` when the check digit or the date is wrong, or the birth is to come
    or too long ago for anybody to live.
    """
    cleaned = "".join(mark for mark in text.strip() if mark not in " -+") if len(text) <= 20 else ""
    wrong = Refusal(
        "identity_number_wrong",
        "Personnumret stämmer inte. Skriv tolv siffror, till exempel 19800228-9836.",
        status=422,
    )
    if not cleaned.isascii() or not cleaned.isdigit() or len(cleaned) not in (10, 12):
        raise wrong
    try:
        number = personnummer.parse(text.strip().replace(" ", ""))
        valid = personnummer.valid(cleaned)
    except (personnummer.PersonnummerException, ValueError):
        raise wrong from None
    digits = str(number.format(long_format=True)).replace("-", "")
    if not valid or born_on(digits) > today or born_on(digits).year < today.year - OLDEST_YEARS:
        raise wrong
    return digits


def born_on(digits: str) -> date:
    """The birth date in twelve digits; a samordningsnummer has 60 added to the day."""
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]) % 60)


def is_coordination_number(digits: str) -> bool:
    """Whether the twelve digits are a samordningsnummer."""
    return int(digits[6:8]) > 60


class Vault:
    """Seals and opens personal numbers, and makes the fingerprint they are found by.

    `encryption_keys` are Fernet keys, the newest first (older ones still open what they sealed).
    `lookup_key` is at least 32 bytes and never changes.
    """

    def __init__(self, encryption_keys: tuple[str, ...], lookup_key: bytes) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in encryption_keys])
        self._lookup_key = lookup_key

    def seal(self, digits: str) -> str:
        """Ciphertext to store."""
        return self._fernet.encrypt(digits.encode()).decode()

    def open(self, sealed: str) -> str:
        """The twelve digits again; ValueError when no key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ValueError("no encryption key of this installation opens that personal number") from None

    def fingerprint(self, municipality_id: int, digits: str) -> str:
        """64 hex digits that are the same for the same person in the same municipality, and tell nothing."""
        return hmac.new(self._lookup_key, f"{municipality_id}:{digits}".encode(), hashlib.sha256).hexdigest()


def vault(session: Session) -> Vault:
    """The vault that the session carries."""
    found = session.info.get(KEY)
    if not isinstance(found, Vault):
        raise TypeError("the session carries no identity vault; open it through core.database.Database")
    return found

"""A voucher's letters: the one that stands, what it opens, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import identity
from vouchers.models import Letter, Participant, Voucher
from vouchers.rules.deciding import OVER


@dataclass(frozen=True)
class Paper:
    """A letter that can be printed, with its code as it is spelled."""

    id: int
    code: str
    made_on: date
    expires_on: date
    opened_at: datetime | None


def fingerprint(session: Session, municipality_id: int, code: str) -> str:
    """What a letter is found by; `code` as `rules.letter.read_code` gives it."""
    return identity.vault(session).fingerprint(municipality_id, f"letter:{code}")


def found(session: Session, municipality_id: int, code: str) -> tuple[Letter, Voucher] | None:
    """The letter with that code and its voucher, whatever has become of them."""
    rows = (
        select(Letter, Voucher)
        .join(
            Voucher, (Voucher.municipality_id == Letter.municipality_id) & (Voucher.id == Letter.voucher_id)
        )
        .where(
            Letter.municipality_id == municipality_id,
            Letter.code_fingerprint == fingerprint(session, municipality_id, code),
        )
    )
    row = session.execute(rows).one_or_none()
    return (row[0], row[1]) if row else None


def whose(session: Session, municipality_id: int, code: str) -> Any:
    """Whose letter it is (participant_id, guide_id, protection), or None."""
    rows = (
        select(Participant.id.label("participant_id"), Participant.guide_id, Participant.protection)
        .join(
            Voucher,
            (Voucher.municipality_id == Participant.municipality_id)
            & (Voucher.participant_id == Participant.id),
        )
        .join(Letter, (Letter.municipality_id == Voucher.municipality_id) & (Letter.voucher_id == Voucher.id))
        .where(
            Letter.municipality_id == municipality_id,
            Letter.code_fingerprint == fingerprint(session, municipality_id, code),
        )
    )
    return session.execute(rows).one_or_none()


def opens(session: Session, municipality_id: int, code: str, today: date) -> bool:
    """Whether the code is good today; tells nothing else."""
    row = found(session, municipality_id, code)
    return row is not None and is_good(*row, today)


def is_good(letter: Letter, voucher: Voucher, today: date) -> bool:
    """Whether the letter opens the way to the choice: not locked, not expired, its voucher not over."""
    return letter.locked_at is None and today <= letter.expires_on and voucher.state not in OVER


def standing(municipality_id: int, voucher_id: int) -> Select[Letter]:
    """The voucher's letter that is not locked; at most one, says the database."""
    return select(Letter).where(
        Letter.municipality_id == municipality_id,
        Letter.voucher_id == voucher_id,
        Letter.locked_at.is_(None),
    )


def paper(session: Session, municipality_id: int, voucher_id: int) -> Paper | None:
    """The voucher's letter that stands, or None before the first and after a lock."""
    letter = session.scalars(standing(municipality_id, voucher_id)).one_or_none()
    if letter is None:
        return None
    code = identity.vault(session).open(letter.code_sealed)
    return Paper(letter.id, code, letter.made_on, letter.expires_on, letter.opened_at)


def is_locked(session: Session, municipality_id: int, voucher_id: int) -> bool:
    """Whether the voucher has had a letter and all of them are locked: others have tried it too often."""
    kept = select(Letter.locked_at).where(
        Letter.municipality_id == municipality_id, Letter.voucher_id == voucher_id
    )
    moments = session.scalars(kept).all()
    return bool(moments) and all(moments)

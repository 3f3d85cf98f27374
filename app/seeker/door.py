"""The job seeker's portal: its blueprint, and whose pages these are."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy.orm import Session

from app.ids import only_real
from app.web import actor
from core.refusal import Missing
from vouchers.queries import way

portal = only_real(Blueprint("seeker", __name__, url_prefix="/seeker"))


def participant_id() -> int:
    """The participant who is signed in. Raises Missing for an account that nobody has registered."""
    found = actor().participant_id
    if found is None:
        raise Missing()
    return found


def me(look: Session) -> tuple[way.Person | None, list[way.Way]]:
    """Who is signed in and their ways; nothing for an account without a participant."""
    own, municipality_id = actor().participant_id, actor().municipality_id
    if own is None:
        return None, []
    return way.person(look, municipality_id, own), way.ways(look, municipality_id, own)


def my_way(look: Session, voucher_id: int) -> tuple[way.Person, way.Way]:
    """The person who is signed in and that voucher of theirs. Raises Missing when it is not theirs."""
    person, ways = me(look)
    mine = next((found for found in ways if found.voucher_id == voucher_id), None)
    if mine is None or person is None:
        raise Missing()
    return person, mine

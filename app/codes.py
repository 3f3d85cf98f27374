"""A letter's code that is tried at a door: misses are counted by the visitor's address, and too many lock."""

from __future__ import annotations

from datetime import datetime

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.accounts.failures import Count
from app.web import database, municipality_id, reading
from core.dates import day_of
from core.refusal import Refusal
from vouchers.queries import letters
from vouchers.rules.letter import LONGEST_TYPED, read_code

MISSES = Count(
    "letter_code",
    10,
    lambda time: Refusal(
        "code_locked", "Du har försökt för många gånger. Försök igen klockan {time}.", status=422, time=time
    ),
)


class CodeForm(FlaskForm):
    """The code of a letter, as somebody types it."""

    code = StringField(
        _l("Brevets kod"),
        validators=[DataRequired(_l("Skriv koden som står i brevet.")), Length(max=LONGEST_TYPED)],
    )


def wrong() -> Refusal:
    """The same sentence whatever is wrong: mistyped, unknown, expired or locked."""
    return Refusal(
        "code_wrong",
        "Koden stämmer inte, eller gäller inte längre. Skriv den igen, eller prata med din vägledare.",
        status=422,
    )


def known(typed: str, *, at: datetime) -> str:
    """The code as it is printed, when a letter with it is good today. Raises Refusal; counts a miss."""
    refuse_locked(at)
    code = read_code(typed)
    with reading() as look:
        is_good = code is not None and letters.opens(look, municipality_id(), code, day_of(at))
    if code is None or not is_good:
        missed(at)
        raise wrong()
    return code


def refuse_locked(at: datetime) -> None:
    """Refuse whoever has missed too often, before anything is looked up."""
    with reading() as look:
        MISSES.refuse_locked(MISSES.of(look, municipality_id(), _address()), at)


def missed(at: datetime) -> None:
    """One miss more from the visitor's address."""
    with database().transaction(municipality_id()) as session:
        found = MISSES.of(session, municipality_id(), _address())
        MISSES.add(session, found, municipality_id(), _address(), at)


def _address() -> str:
    return request.remote_addr or ""

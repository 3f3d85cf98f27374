"""A town that is searched for a protected person: the app on it, who comes to look, and what to look for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from core.actor import Actor
from core.identity import Protection
from tests.accounts.people import signed_in
from tests.support import sqlite
from tests.support.house import open_database, settings_for
from tests.support.keys import key_of, with_key
from tests.support.lived import lived
from tests.support.marked import EMAIL, PHONE, POSTAL_CODE, STREET, TOKEN, TOWN, Marked
from tests.support.walk import Addresses
from vouchers.queries import my_data
from vouchers.queries.my_data import Row

LAST_DAY = date(2026, 12, 31)


class Place:
    """One protection's town with the app on it."""

    def __init__(self, place: Path, files: sqlite.Files, protection: Protection) -> None:
        self.settings: Settings = settings_for(files.migrated(), place)
        self.database = open_database(self.settings)
        self.world: Marked = lived(self.database, protection)
        self.keys = {
            who.account_id: key_of(self.database, who.account_id, who.provider_id, ends_on=LAST_DAY)
            for who in (*self.world.insiders.values(), *self.world.outsiders.values())
            if who.provider_id is not None
        }
        self.app: Flask = create_app(self.settings)
        self.app.config["WTF_CSRF_ENABLED"] = False
        with self.database.reading() as session:
            codes = {
                "public.language": ("en", "sv"),
                "public.letter_code": (self.world.code, "0000-0000-0000-0000"),
                "seeker.open_letter": (self.world.code,),
                "public.employer": (self.world.employer_code, "0000-0000-0000-0001"),
                "provider.application_condition": ("premises",),
                "provider.application_condition_reuse": ("premises",),
                "casework.application_judge": ("premises",),
            }
            parts = my_data.held(session, 1, self.world.participant_id)
            own = {part.table: [int(str(row["id"])) for row in part.rows] for part in parts}
            self.addresses = Addresses(self.app, session, codes, own)


def clients(place: Place, people: dict[str, Actor]) -> Iterator[tuple[str, FlaskClient]]:
    """Each of them, signed in; those of a provider with a key to the API too."""
    for name, who in people.items():
        client = signed_in(place.app, who.account_id)
        key = place.keys.get(who.account_id)
        yield name, with_key(client, key) if key else client


def held(place: Place) -> dict[str, list[Row]]:
    """Everything of the person, by table."""
    with place.database.reading() as session:
        return {part.table: list(part.rows) for part in my_data.held(session, 1, place.world.participant_id)}


def spelled(digits: str) -> re.Pattern[str]:
    """Those digits however they are spaced, and not as a part of a longer number."""
    return re.compile(r"(?<!\d)" + r"[\s+()./-]*".join(digits) + r"(?!\d)")


def marks(world: Marked) -> dict[str, re.Pattern[str]]:
    """What must not be found, by what it is."""
    number, phone = world.identity_number.replace("-", ""), re.sub(r"\D", "", PHONE)
    return {
        "a name or a text": re.compile(TOKEN, re.IGNORECASE),
        "the personal number": spelled(number),
        "the short personal number": spelled(number[2:]),
        "the telephone number": spelled(phone),
        "the telephone number from abroad": spelled("46" + phone[1:]),
        "the postal code": spelled(POSTAL_CODE),
        "the code of the letter": re.compile(r"[\s-]*".join(re.sub(r"\W", "", world.code)), re.IGNORECASE),
    }


PLACE = re.compile("|".join((STREET, TOWN, POSTAL_CODE, f"{POSTAL_CODE[:3]} {POSTAL_CODE[3:]}")))
REACH = re.compile("|".join((EMAIL, PHONE, re.sub(r"\D", "", PHONE))))


def found_in(text: str, world: Marked) -> list[str]:
    """What of the person stands in the text."""
    return [what for what, mark in marks(world).items() if mark.search(text)]

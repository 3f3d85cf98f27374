"""Personal numbers: read as people type them, refused when wrong, sealed so that nobody can read them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from stdnum import luhn

from app.demo.people import identity_number
from core.database import Database
from core.identity import Vault, born_on, is_coordination_number, normalised, vault
from core.refusal import Refusal
from tests.support import sqlite
from tests.support import town as towns
from tests.support.house import open_database, settings_for

TODAY = date(2026, 11, 22)
LOOKUP = b"a lookup key of at least 32 bytes"


def number(day: str, serial: str = "980") -> str:
    """Twelve digits with the right check digit, whatever the day says."""
    return f"{day}{serial}{luhn.calc_check_digit(day[2:] + serial)}"


RIGHT = number("19800228")
TEN = RIGHT[2:]


@pytest.mark.parametrize(
    "typed",
    [
        RIGHT,
        f"{RIGHT[:8]}-{RIGHT[8:]}",
        f"{TEN[:6]}-{TEN[6:]}",
        TEN,
        f" {RIGHT[:8]} {RIGHT[8:]} ",
        f"{RIGHT[:4]} {RIGHT[4:8]}-{RIGHT[8:]}\n",
    ],
)
def test_a_personal_number_is_the_same_twelve_digits_however_it_is_typed(typed: str):
    assert normalised(typed, today=TODAY) == RIGHT


def test_a_plus_means_that_the_person_has_turned_a_hundred():
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        old = number("19121212")
        assert normalised(f"{old[2:8]}+{old[8:]}", today=TODAY) == old
        assert normalised(f"{old[2:8]}-{old[8:]}", today=TODAY) == f"20{old[2:]}"


def test_a_samordningsnummer_has_sixty_added_to_its_day():
    digits = number("19800288")
    assert normalised(digits, today=TODAY) == digits
    assert is_coordination_number(digits)
    assert not is_coordination_number(RIGHT)
    assert born_on(digits) == born_on(RIGHT) == date(1980, 2, 28)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        RIGHT[:-1],
        f"{RIGHT}0",
        f"{RIGHT[:-1]}{(int(RIGHT[-1]) + 1) % 10}",  # the check digit
        number("19800230"),  # no such day
        number("19801301"),
        number("19800200"),
        number("19800260"),  # a samordningsnummer of day 0
        number("19800291"),
        number("19000229"),  # 1900 was no leap year
        number("19800228", "000"),
        number("20261123"),  # born tomorrow
        number("00800228"),  # nobody is that old
        number("18800228"),
        "19800228-98T6",
        "１９８０" + RIGHT[4:],  # digits, but not ours
        f"{RIGHT[:8]}–{RIGHT[8:]}",
        "9" * 10_000,
        "-" * 8 + RIGHT,
    ],
)
def test_a_wrong_number_is_refused_with_a_sentence_that_does_not_repeat_it(typed: str):
    with pytest.raises(Refusal) as refused:
        normalised(typed, today=TODAY)
    assert refused.value.code == "identity_number_wrong"
    assert refused.value.status == 422
    assert str(refused.value).startswith("Personnumret stämmer inte.")
    assert not refused.value.params


def test_who_is_born_today_has_a_number():
    assert normalised(number("20261122"), today=TODAY) == number("20261122")


@given(st.text(max_size=25))
def test_whatever_is_typed_is_a_number_or_a_refusal(typed: str):
    try:
        found = normalised(typed, today=TODAY)
    except Refusal:
        return
    assert len(found) == 12
    assert found.isdigit()


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.integers(0, 9_999))
def test_only_one_of_ten_last_digits_is_right(born: date, serial: int):
    start = f"{born:%Y%m%d}{serial % 999 + 1:03d}"
    right = [digit for digit in range(10) if _is_right(f"{start}{digit}")]
    assert len(right) == 1


def _is_right(digits: str) -> bool:
    try:
        return normalised(digits, today=TODAY) == digits
    except Refusal:
        return False


# ── the vault ─────────────────────────────────────────────────────────────────────────────────────


def key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_sealed_can_be_opened_and_looks_different_every_time():
    safe = Vault((key(),), LOOKUP)
    first, second = safe.seal(RIGHT), safe.seal(RIGHT)
    assert first != second
    assert safe.open(first) == safe.open(second) == RIGHT
    assert RIGHT not in first + second


def test_after_a_rotation_the_old_opens_and_the_new_key_seals():
    old, new = key(), key()
    sealed = Vault((old,), LOOKUP).seal(RIGHT)
    rotated = Vault((new, old), LOOKUP)
    assert rotated.open(sealed) == RIGHT
    fresh = rotated.seal(RIGHT)
    assert Vault((new,), LOOKUP).open(fresh) == RIGHT
    with pytest.raises(ValueError, match="no encryption key"):
        Vault((old,), LOOKUP).open(fresh)


def test_another_key_or_a_changed_letter_opens_nothing():
    safe = Vault((key(),), LOOKUP)
    sealed = safe.seal(RIGHT)
    with pytest.raises(ValueError, match="no encryption key"):
        Vault((key(),), LOOKUP).open(sealed)
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    with pytest.raises(ValueError, match="no encryption key"):
        safe.open(changed)


def test_a_fingerprint_finds_the_same_person_again_but_only_in_one_municipality_with_one_key():
    safe, other = Vault((key(),), LOOKUP), Vault((key(),), LOOKUP)
    found = safe.fingerprint(1, RIGHT)
    assert found == other.fingerprint(1, RIGHT)  # the sealing key may change, people are still found
    assert len(found) == 64
    assert found != safe.fingerprint(2, RIGHT)
    assert found != safe.fingerprint(1, number("19800301"))
    assert found != Vault((key(),), LOOKUP[::-1]).fingerprint(1, RIGHT)


def test_the_fingerprint_of_municipality_1_and_of_11_cannot_be_confused():
    safe = Vault((key(),), LOOKUP)
    assert safe.fingerprint(11, RIGHT) != safe.fingerprint(1, f"1{RIGHT}")


# ── in the database ───────────────────────────────────────────────────────────────────────────────


def everything_in(database: Database) -> str:
    """Every value of every row of every table, as text."""
    with database.reading() as session:
        tables = inspect(session.connection()).get_table_names()
        rows = [list(row) for table in tables for row in session.execute(text(f'SELECT * FROM "{table}"'))]
    return json.dumps(rows, default=str, ensure_ascii=False)


def test_no_digits_of_a_personal_number_are_anywhere_in_the_database(database: Database):
    town = towns.found(database)
    stored = everything_in(database)
    assert "Samira" in stored  # what is looked through is the real thing
    for digits in town.identity_numbers.values():
        for part in (digits, digits[2:], f"{digits[:8]}-{digits[8:]}", f"{digits[2:8]}-{digits[8:]}"):
            assert part not in stored


def test_no_digits_of_a_personal_number_are_anywhere_in_the_databases_files(
    sqlite_files: sqlite.Files, tmp_path: Path
):
    url = sqlite_files.migrated()
    database = open_database(settings_for(url, tmp_path))
    town = towns.found(database)
    place = database.engine.url.database
    assert place
    raw = b"".join(file.read_bytes() for file in sqlite_files.place.glob(f"{place.rsplit('/', 1)[-1]}*"))
    database.dispose()
    sqlite_files.drop(url)
    assert b"Samira" in raw
    for digits in town.identity_numbers.values():
        assert digits.encode() not in raw
        assert digits[2:].encode() not in raw


def test_a_registered_persons_number_can_be_opened_again_by_who_holds_the_keys(database: Database):
    town = towns.found(database)
    with database.reading() as session:
        sealed = session.execute(
            text("SELECT identity_sealed FROM participant WHERE id = :id"), {"id": town.participant_id}
        ).scalar_one()
        assert vault(session).open(sealed) == town.identity_number


def test_a_session_without_a_vault_is_our_own_fault(database: Database):
    with (
        Database(database.url).reading() as session,
        pytest.raises(TypeError, match="carries no identity vault"),
    ):
        vault(session)


def test_the_demos_numbers_are_of_the_test_series_and_right():
    made = identity_number(date(1980, 2, 28), 3)
    assert normalised(made, today=TODAY) == made
    assert 980 <= int(made[8:11]) <= 999

"""What came through any door becomes a value, or a sentence; the same from a form, a cell and JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from core.refusal import Refusal
from vouchers.rules import fields
from vouchers.rules.fields import DECLARED, Field, read, read_all

WHOLE = Field("n", "whole", "Antal", least=1, most=100)
WORDS = Field("w", "words", "Ord", most=10)
LOOSE = Field("w", "words", "Ord", needed=False)
DAY = Field("d", "day", "Dag")
MONTH = Field("m", "month", "Månad")
TIME = Field("t", "time", "Klockslag")
CHOICE = Field("c", "choice", "Val", options=("a", "b"))
CHOICES = Field("c", "choices", "Val", options=("a", "b", "c"))
FLAG = Field("f", "flag", "Ja eller nej")


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (WHOLE, "7", 7),
        (WHOLE, " 7 ", 7),
        (WHOLE, 7.0, 7),
        (WHOLE, "7,0", 7),
        (WHOLE, "1\u00a00", 10),
        (WORDS, " hej\x00 ", "hej"),
        (WORDS, 12, "12"),
        (WORDS, "می\u200cروم", "می\u200cروم"),
        (LOOSE, None, ""),
        (LOOSE, "\u200b", ""),
        (DAY, "2028-02-29", date(2028, 2, 29)),
        (DAY, "20280229", date(2028, 2, 29)),
        (DAY, "2026-03-01T00:00:00", date(2026, 3, 1)),
        (DAY, datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1)),
        (MONTH, "2026-03", date(2026, 3, 1)),
        (MONTH, 202603, date(2026, 3, 1)),
        (MONTH, 202603.0, date(2026, 3, 1)),
        (MONTH, "2026-03-31", date(2026, 3, 1)),
        (TIME, "9:05", 545),
        (TIME, "09.05", 545),
        (TIME, "24:00", 1_440),
        (TIME, time(9, 5), 545),
        (CHOICE, "b", "b"),
        (CHOICES, "c, a", ("a", "c")),
        (CHOICES, ["c", "a", "a"], ("a", "c")),
        (FLAG, "Ja", True),
        (FLAG, 0, False),
        (FLAG, None, False),
    ],
)
def test_what_says_something_is_read(field: Field, raw: object, value: object):
    assert read(field, raw) == value


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        (WHOLE, "", "field_missing"),
        (WHOLE, "\u200b", "field_missing"),
        (WHOLE, "sju", "number_wrong"),
        (WHOLE, True, "number_wrong"),
        (WHOLE, 7.5, "number_wrong"),
        (WHOLE, float("nan"), "number_wrong"),
        (WHOLE, float("inf"), "number_wrong"),
        (WHOLE, "9" * 5_000, "number_wrong"),
        (WHOLE, "\u0667", "number_wrong"),
        (WHOLE, 0, "number_outside"),
        (WHOLE, 101, "number_outside"),
        (WORDS, " \u200b\ufeff\u2060 ", "field_missing"),
        (WORDS, "\x00", "field_missing"),
        (WORDS, "x" * 11, "text_long"),
        (WORDS, {"a": 1}, "text_wrong"),
        (DAY, "2027-02-29", "day_wrong"),
        (DAY, "0001-01-01", "day_wrong"),
        (DAY, "i morgon", "day_wrong"),
        (DAY, 46_000, "day_wrong"),
        (MONTH, "2026-13", "month_wrong"),
        (MONTH, 202613, "month_wrong"),
        (TIME, "24:01", "time_wrong"),
        (TIME, "9:60", "time_wrong"),
        (CHOICE, "c", "choice_wrong"),
        (CHOICE, ["a"], "choice_wrong"),
        (CHOICES, "a d", "choice_wrong"),
        (CHOICES, [1], "choice_wrong"),
        (FLAG, "kanske", "flag_wrong"),
        (FLAG, [True], "flag_wrong"),
    ],
)
def test_what_says_nothing_gets_a_sentence_that_repeats_nothing(field: Field, raw: object, code: str):
    with pytest.raises(Refusal) as told:
        read(field, raw)
    assert (told.value.code, told.value.status) == (code, 422)
    assert set(told.value.params) <= {"least", "most"}


@pytest.mark.parametrize("kind", DECLARED)
def test_nothing_at_all_names_every_question_that_needs_an_answer(kind: str):
    _, faults = read_all(kind, {}, None)
    needed = {one.name for one in DECLARED[kind] if one.needed and one.kind != "flag"}
    assert {name for name, fault in faults.items() if fault.code == "field_missing"} == needed


@pytest.mark.parametrize("kind", DECLARED)
def test_a_name_is_declared_once_and_its_kind_is_one_that_is_read(kind: str):
    names = [one.name for one in DECLARED[kind]]
    assert len(set(names)) == len(names)
    assert {one.kind for one in DECLARED[kind]} <= set(fields.READERS)

"""What is allowed in the registry, without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from core.refusal import Refusal
from providers.rules import account_is_usable, accreditation, organisation_number

NUMBER = "4199010010"  # passes the check, but no organisation's number begins with 4


@pytest.mark.parametrize("typed", ["4199010010", "419901-0010", " 419901 0010 ", "419901-0010\n"])
def test_an_organisation_number_is_ten_digits_however_it_is_typed(typed: str):
    assert organisation_number(typed) == NUMBER


@pytest.mark.parametrize(
    "typed",
    ["", "419901-0011", "41990100", "16419901-0010x", "abc", "４１９９０１００１０", "9" * 5_000, "0" * 11],
)
def test_a_wrong_organisation_number_is_refused_with_a_sentence(typed: str):
    with pytest.raises(Refusal) as refused:
        organisation_number(typed)
    assert (refused.value.code, refused.value.status) == ("organisation_number_wrong", 422)
    assert str(refused.value).startswith("Organisationsnumret stämmer inte.")


@given(st.text(max_size=20))
def test_whatever_is_typed_is_ten_digits_or_a_refusal(typed: str):
    try:
        found = organisation_number(typed)
    except Refusal:
        return
    assert len(found) == 10
    assert luhn.is_valid(found)


@pytest.mark.parametrize(
    ("approved_on", "days", "today", "usable"),
    [
        (None, 0, "2026-03-10", False),
        ("2026-03-10", 0, "2026-03-10", True),
        ("2026-03-10", 3, "2026-03-10", False),
        ("2026-03-10", 3, "2026-03-12", False),
        ("2026-03-10", 3, "2026-03-13", True),
        ("2026-02-27", 3, "2026-03-02", True),  # over the end of a month
        ("2026-03-11", 0, "2026-03-10", False),
    ],
)
def test_bank_details_are_used_when_approved_and_cooled_off(
    approved_on: str | None, days: int, today: str, usable: bool
):
    day = date.fromisoformat(approved_on) if approved_on else None
    assert account_is_usable(day, days, date.fromisoformat(today)) is usable


def test_nobody_is_accredited_without_a_review():
    for state in accreditation.states:
        assert accreditation.can(state, "accredit") == (state == "proposed")

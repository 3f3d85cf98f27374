"""How far it is, from the table of cases and from what distances are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusal import Refusal
from providers.rules.places import Spot, postal_code, read_place
from tests.vouchers.test_rules import Case, cases
from vouchers.rules.distance import kilometres, metres, nearest

SPOTS = st.builds(Spot, st.integers(-9_000_000, 9_000_000), st.integers(-18_000_000, 18_000_000))
HALF_A_WAY_ROUND = 20_015_200


@cases("distances")
def test_the_way_the_crow_flies(case: Case):
    there = metres(Spot(*case["from"]), Spot(*case["to"]))
    assert there == pytest.approx(case["metres"], rel=0.005, abs=1)
    assert kilometres(there) == pytest.approx(case["km"], rel=0.005)


@given(SPOTS, SPOTS)
def test_it_is_as_far_back_and_never_further_than_half_way_round(one: Spot, other: Spot):
    there = metres(one, other)
    assert there == metres(other, one)
    assert 0 <= there <= HALF_A_WAY_ROUND
    assert metres(one, one) == 0


@given(SPOTS, st.lists(SPOTS, max_size=5))
def test_the_nearest_is_none_further_than_any(home: Spot, spots: list[Spot]):
    found = nearest(home, [*spots, None])
    assert found == (min(metres(home, spot) for spot in spots) if spots else None)


@pytest.mark.parametrize("text", ["12345", "123 45", " 123\u00a045 ", "SE-12345", "se 123 45", "S E12345"])
def test_a_postal_code_is_read_however_it_is_spaced(text: str):
    assert postal_code(text) == "12345"


@pytest.mark.parametrize(
    "text", ["", "1234", "123456", "02345", "1234a", "12-345", "１２３４５", "12345'--", "\x00"]
)
def test_what_is_no_postal_code_is_refused_with_a_sentence(text: str):
    with pytest.raises(Refusal, match="fem siffror") as refused:
        postal_code(text)
    assert refused.value.code == "postal_code_wrong"


ROW = {"postal_code": "123 45", "area": " Norra  staden ", "latitude": "58,9", "longitude": "13.30001"}


def test_a_row_of_a_file_is_a_place():
    place = read_place(ROW, 2)
    assert (place.postal_code, place.area, place.spot) == (
        "12345",
        "Norra staden",
        Spot(5_890_000, 1_330_001),
    )


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("postal_code", "1"), ("area", "  "), ("area", "x" * 101), ("area", "a\x07b"), ("latitude", "90.1"),
        ("latitude", ""), ("latitude", "nan"), ("latitude", "1e1"), ("longitude", "-180.5"),
        ("longitude", "13.3 ö"), ("longitude", "inf"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_named_with_its_column(column: str, text: str):
    with pytest.raises(Refusal, match=f"Rad 7: {column}"):
        read_place({**ROW, column: text}, 7)

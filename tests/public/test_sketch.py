"""The map's drawing: nothing outside, nothing on top of anything, north up."""

from __future__ import annotations

from itertools import combinations
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from app.public.sketch import APART, MARKER, MOST_HEIGHT, WIDTH, sketch
from providers.rules.places import Spot

TOWN = st.builds(Spot, st.integers(5_880_000, 5_900_000), st.integers(1_310_000, 1_350_000))
PLACES = st.lists(
    st.tuples(TOWN, st.sampled_from(["Centrum", "Norr", "Österby strand"])), min_size=1, max_size=14
)


@given(PLACES)
def test_every_number_is_inside_and_can_be_read(places: list[tuple[Spot, str]]):
    drawn = sketch(places)
    assert [marker.number for marker in drawn.markers] == list(range(1, len(places) + 1))
    assert drawn.height <= MOST_HEIGHT
    for marker in drawn.markers:
        assert MARKER <= marker.at.x <= WIDTH - MARKER
        assert MARKER <= marker.at.y <= drawn.height - MARKER
    for one, other in combinations(drawn.markers, 2):
        assert hypot(one.at.x - other.at.x, one.at.y - other.at.y) > APART / 2
    assert {label.text for label in drawn.labels} == {area for _, area in places}
    assert drawn == sketch(places), "the same places give the same map"


def test_north_is_up_east_is_right_and_a_kilometre_is_a_kilometre():
    middle, north, east = Spot(5_890_000, 1_330_000), Spot(5_892_000, 1_330_000), Spot(5_890_000, 1_334_000)
    drawn = sketch([(middle, "A"), (north, "B"), (east, "C")])
    at = [marker.where for marker in drawn.markers]
    assert at[1].y < at[0].y
    assert at[1].x == at[0].x
    assert at[2].x > at[0].x
    up, right = at[0].y - at[1].y, at[2].x - at[0].x
    assert abs(up / right - 2_000 / (4_000 * 0.5165)) < 0.01


def test_many_in_one_place_step_aside_with_a_line_home():
    drawn = sketch([(Spot(5_890_000, 1_330_000), "Centrum")] * 8)
    assert sum(marker.is_aside for marker in drawn.markers) >= 7
    for one, other in combinations(drawn.markers, 2):
        assert hypot(one.at.x - other.at.x, one.at.y - other.at.y) >= APART - 3


def test_a_home_far_away_does_not_make_the_town_small():
    town = [(Spot(5_890_000, 1_330_000), "A"), (Spot(5_892_000, 1_332_000), "B")]
    near = sketch(town, home=Spot(5_891_000, 1_331_500))
    far = sketch(town, home=Spot(6_900_000, 2_050_000))
    assert near.home is not None
    assert far.home is None
    assert [marker.at for marker in far.markers] == [marker.at for marker in sketch(town).markers]


def test_the_scale_says_how_long_it_is():
    drawn = sketch([(Spot(5_890_000, 1_330_000), "A"), (Spot(5_890_000, 1_340_000), "B")])
    metres_wide = 111_195 * 0.1 * 0.5165
    assert (
        abs(
            drawn.bar / (drawn.markers[1].where.x - drawn.markers[0].where.x) - drawn.bar_metres / metres_wide
        )
        < 0.01
    )
    assert drawn.bar <= WIDTH / 3

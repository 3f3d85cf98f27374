"""A map drawn from postal codes alone: where markers stand so that none hides another. Pure.

One unit is one pixel on the narrowest phone; a wider screen draws the same map larger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians

from providers.rules.places import E5, Spot

WIDTH = 288
LEAST_HEIGHT, MOST_HEIGHT = 220, 400
EDGE = 22
MARKER = 13
APART = 2 * MARKER + 4
ROUNDS = 80
MOST_MARKERS = 40
METRES_PER_DEGREE = 111_195
LETTER, LINE = 6.4, 16
NICE_METRES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)


@dataclass(frozen=True)
class Point:
    """A place on the map, from its upper left corner."""

    x: float
    y: float


@dataclass(frozen=True)
class Marker:
    """A number at `at`; `where` is the true place when it had to step aside."""

    number: int
    at: Point
    where: Point

    @property
    def is_aside(self) -> bool:
        """Whether it stands so far from its true place that a line has to tell."""
        return hypot(self.at.x - self.where.x, self.at.y - self.where.y) > MARKER / 2


@dataclass(frozen=True)
class Label:
    """An area's name, centred at `at`."""

    text: str
    at: Point


@dataclass(frozen=True)
class Sketch:
    """The whole map, ready to draw. `bar` is the scale's length, of `bar_metres`."""

    height: int
    markers: tuple[Marker, ...]
    labels: tuple[Label, ...]
    dots: tuple[Point, ...]
    home: Point | None
    bar: float
    bar_metres: int


def sketch(
    spots: Sequence[tuple[Spot, str]], background: Iterable[Spot] = (), home: Spot | None = None
) -> Sketch:
    """Markers 1, 2, … at `spots` (each with its area), in that order; `background` lies under them.

    The map holds the spots, and the home where it is near enough not to make all else small.
    """
    frame = _Frame([spot for spot, _ in spots], home)
    true = [frame.point(spot) for spot, _ in spots]
    stood = _apart(true, frame.height)
    markers = [
        Marker(number, at, where) for number, (at, where) in enumerate(zip(stood, true, strict=True), 1)
    ]
    areas: dict[str, list[Point]] = {}
    for at, (_, area) in zip(stood, spots, strict=True):
        areas.setdefault(area, []).append(at)
    dots = [frame.point(spot) for spot in background]
    at_home = frame.point(home) if home and frame.holds(frame.point(home)) else None
    metres = max((one for one in NICE_METRES if one * frame.scale <= WIDTH / 3), default=NICE_METRES[0])
    return Sketch(
        height=frame.height,
        markers=tuple(markers),
        labels=_labels(areas, stood, frame.height),
        dots=tuple(point for point in dots if frame.holds(point)),
        home=at_home,
        bar=round(metres * frame.scale, 1),
        bar_metres=metres,
    )


class _Frame:
    """Where a spot lands: the spots fill the width or the height, north is up, a kilometre is a kilometre."""

    def __init__(self, spots: Sequence[Spot], home: Spot | None) -> None:
        inside = list(spots)
        self.shrink = cos(radians(sum(spot.latitude_e5 for spot in inside) / len(inside) / E5))
        if home is not None and self._is_near(home, inside):
            inside.append(home)
        easts, norths = [self._east(spot) for spot in inside], [self._north(spot) for spot in inside]
        wide, high = max(max(easts) - min(easts), 1.0), max(max(norths) - min(norths), 1.0)
        inner = WIDTH - 2 * EDGE
        self.scale = min(inner / wide, (MOST_HEIGHT - 2 * EDGE) / high, inner / 400)
        self.height = round(min(max(high * self.scale + 2 * EDGE, LEAST_HEIGHT), MOST_HEIGHT))
        self.middle = ((max(easts) + min(easts)) / 2, (max(norths) + min(norths)) / 2)

    def _is_near(self, home: Spot, spots: list[Spot]) -> bool:
        easts, norths = [self._east(spot) for spot in spots], [self._north(spot) for spot in spots]
        span = max(max(easts) - min(easts), max(norths) - min(norths), 3_000.0)
        far = max(
            abs(self._east(home) - sum(easts) / len(easts)),
            abs(self._north(home) - sum(norths) / len(norths)),
        )
        return far < 1.5 * span

    def _east(self, spot: Spot) -> float:
        return spot.longitude_e5 / E5 * METRES_PER_DEGREE * self.shrink

    def _north(self, spot: Spot) -> float:
        return spot.latitude_e5 / E5 * METRES_PER_DEGREE

    def point(self, spot: Spot) -> Point:
        x = WIDTH / 2 + (self._east(spot) - self.middle[0]) * self.scale
        y = self.height / 2 - (self._north(spot) - self.middle[1]) * self.scale
        return Point(round(x, 1), round(y, 1))

    def holds(self, point: Point) -> bool:
        return 0 <= point.x <= WIDTH and 0 <= point.y <= self.height


def _apart(points: Sequence[Point], height: int) -> list[Point]:
    """The points, moved as little as needed for no two markers to overlap."""
    xs, ys = [point.x for point in points], [point.y for point in points]
    for _ in range(ROUNDS):
        moved = False
        for one in range(len(xs)):
            for other in range(one):
                dx, dy = xs[one] - xs[other], ys[one] - ys[other]
                far = hypot(dx, dy)
                if far >= APART:
                    continue
                moved = True
                if far < 0.1:  # the same place: each pair leaves it in a direction of its own
                    dx, dy, far = cos(one * 2.4 + other), cos(one * 2.4 + other + 1.571), 1.0
                push = (APART - far) / 2 + 0.1
                xs[one], xs[other] = xs[one] + dx / far * push, xs[other] - dx / far * push
                ys[one], ys[other] = ys[one] + dy / far * push, ys[other] - dy / far * push
        xs = [min(max(x, MARKER + 1), WIDTH - MARKER - 1) for x in xs]
        ys = [min(max(y, MARKER + 1), height - MARKER - 1) for y in ys]
        if not moved:
            break
    return [Point(round(x, 1), round(y, 1)) for x, y in zip(xs, ys, strict=True)]


def _labels(areas: dict[str, list[Point]], markers: Sequence[Point], height: int) -> tuple[Label, ...]:
    """Each area's name beside its markers, where it covers least."""
    placed: list[Label] = []
    for name, points in sorted(areas.items(), key=lambda item: (-len(item[1]), item[0])):
        half = len(name) * LETTER / 2
        middle = sum(point.x for point in points) / len(points)
        x = min(max(middle, half + 2), WIDTH - half - 2)
        top, bottom = min(point.y for point in points), max(point.y for point in points)
        places = [Point(x, bottom + MARKER + LINE - 3), Point(x, top - MARKER - 5)]
        for side in points:
            places += [
                Point(min(side.x + MARKER + half + 4, WIDTH - half - 2), side.y + 5),
                Point(max(side.x - MARKER - half - 4, half + 2), side.y + 5),
            ]
        inside = [place for place in places if LINE <= place.y <= height - 4] or places[:1]
        best = min(inside, key=lambda place: _covered(place, half, markers, placed))
        placed.append(Label(name, Point(round(best.x, 1), round(best.y, 1))))
    return tuple(placed)


def _covered(place: Point, half: float, markers: Sequence[Point], placed: Sequence[Label]) -> float:
    """How much a name there would hide, in square units."""
    left, right, top, bottom = place.x - half, place.x + half, place.y - LINE + 4, place.y + 4
    hidden = 0.0
    for at in markers:
        hidden += _overlap(left, right, at.x - MARKER, at.x + MARKER) * _overlap(
            top, bottom, at.y - MARKER, at.y + MARKER
        )
    for other in placed:
        wide = len(other.text) * LETTER / 2
        hidden += _overlap(left, right, other.at.x - wide, other.at.x + wide) * _overlap(
            top, bottom, other.at.y - LINE + 4, other.at.y + 4
        )
    return hidden


def _overlap(low: float, high: float, other_low: float, other_high: float) -> float:
    return max(0.0, min(high, other_high) - max(low, other_low))

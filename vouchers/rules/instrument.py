"""The rulebook's instrument for an assessment: areas, questions, scales, and what they suggest. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.chapters import Chapter
from core.refusal import Refusal


@dataclass(frozen=True)
class Scale:
    """Steps from the person's longest way to the shortest: code → words; the first is worth 0 points."""

    code: str
    steps: tuple[tuple[str, str, str], ...]

    def points(self, step: str) -> int | None:
        """What a step is worth; None when it is not one of the scale's."""
        codes = [code for code, _sv, _en in self.steps]
        return codes.index(step) if step in codes else None


@dataclass(frozen=True)
class Question:
    """Something to talk about. `weight` is how much it counts in its area."""

    code: str
    title_sv: str
    title_en: str
    scale: str
    weight: int


@dataclass(frozen=True)
class Area:
    """A part of employability: not only work capacity."""

    code: str
    title_sv: str
    title_en: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Track:
    """A service and level that is suggested from `least` hundredths of all points, where no area is below
    `floor` hundredths of its own."""

    service: str
    level: str
    least: int
    floor: int
    title_sv: str
    title_en: str


@dataclass(frozen=True)
class Instrument:
    """The chapter. `tracks` are tried from the shortest way to the longest; the last one always fits.

    `valid_days` is how many calendar days after the meeting a decision may rest on what was found there.
    """

    areas: tuple[Area, ...]
    scales: dict[str, Scale]
    tracks: tuple[Track, ...]
    valid_days: int = 60

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the file's order."""
        return tuple(question for area in self.areas for question in area.questions)


Answers = Mapping[str, str]
"""Question → step of its scale."""


@dataclass(frozen=True)
class Why:
    """One thing that the suggestion rests on: a track that was tried, and whether it fitted.

    `rule` is `least` (all areas together) or `floor` (`area` alone); `hundredths` is what was found, `bound`
    what the track asks for.
    """

    service: str
    level: str
    rule: str
    area: str
    hundredths: int
    bound: int
    met: bool


@dataclass(frozen=True)
class Suggestion:
    """What the answers speak for. `areas` are hundredths of each area's points, `total` of all of them."""

    service: str
    level: str
    areas: dict[str, int]
    total: int
    why: tuple[Why, ...]


def suggest(instrument: Instrument, answers: Answers) -> Suggestion:
    """The first track that fits, and why; a person decides. Refuses answers that lack or are not the scale's.

    Hundredths are whole and rounded down, so that what is shown is never more than what was found.
    """
    areas = {area.code: _hundredths(instrument, area.questions, answers) for area in instrument.areas}
    total = _hundredths(instrument, instrument.questions, answers)
    unknown = sorted(answers.keys() - {question.code for question in instrument.questions})
    if unknown:
        raise Refusal(
            "answer_unknown", "Frågan {question} finns inte i regelverket.", status=422, question=unknown[0]
        )
    why: list[Why] = []
    for track in instrument.tracks:
        reasons = _tried(track, areas, total)
        why += reasons
        if all(one.met for one in reasons):
            return Suggestion(track.service, track.level, areas, total, tuple(why))
    raise AssertionError("the reader lets in no instrument whose last track does not fit everybody")


def _tried(track: Track, areas: dict[str, int], total: int) -> list[Why]:
    """The track's sum, then every area below its floor; when none is, the lowest one, which was enough."""

    def reason(rule: str, area: str, found: int, bound: int) -> Why:
        return Why(track.service, track.level, rule, area, found, bound, met=found >= bound)

    below = [
        reason("floor", area, found, track.floor) for area, found in areas.items() if found < track.floor
    ]
    if not below and track.floor:
        area, found = min(areas.items(), key=lambda pair: pair[1])
        below = [reason("floor", area, found, track.floor)]
    return [reason("least", "", total, track.least), *below]


def _hundredths(instrument: Instrument, questions: tuple[Question, ...], answers: Answers) -> int:
    found = most = 0
    for question in questions:
        scale = instrument.scales[question.scale]
        points = scale.points(answers.get(question.code, ""))
        if points is None:
            raise Refusal(
                "answer_missing",
                "Frågan ”{question}” är inte besvarad. Välj ett av stegen.",
                status=422,
                question=question.title_sv,
            )
        found += points * question.weight
        most += (len(scale.steps) - 1) * question.weight
    return found * 100 // most if most else 100


def may_assess(met_on: date, instrument: Instrument, today: date) -> None:
    """Refuse to write down a meeting that has not been, or was too long ago to decide on."""
    if met_on > today:
        raise Refusal("met_ahead", "Mötet kan inte ligga framåt i tiden.", status=422)
    if today > counts_to(met_on, instrument):
        raise Refusal(
            "met_too_long_ago",
            "Mötet var för länge sedan. Det får vara högst {days} dagar gammalt.",
            status=422,
            days=instrument.valid_days,
        )


def counts_to(met_on: date, instrument: Instrument) -> date:
    """The last day that a decision may rest on what was found at that meeting."""
    return met_on + timedelta(days=instrument.valid_days)


def read_instrument(book: Chapter) -> Instrument | None:
    """Read the chapter `assessment`; without one the guide decides without an instrument."""
    if not book.has("assessment"):
        return None
    chapter = book.table("assessment")
    chapter.text("source")
    scales = {
        code: Scale(
            code,
            tuple(
                (row.text("code"), row.table("title").text("sv"), row.table("title").text("en"))
                for row in table.tables("steps")
            ),
        )
        for code, table in chapter.named("scales").items()
    }
    areas = tuple(_area(row, scales) for row in chapter.tables("areas"))
    services = book.table("services")
    tracks = []
    for row in chapter.tables("tracks"):
        service = row.choice("service", tuple(services.names()) or ("",))
        levels = [one.text("code") for one in services.table(service).tables("levels")]
        level = row.choice("level", tuple(levels) or ("",))
        words = row.table("title")
        tracks.append(
            Track(
                service, level, row.whole("least", 0, 100), row.whole("floor", 0, 100),
                words.text("sv"), words.text("en"),
            )
        )  # fmt: skip
    if tracks and (tracks[-1].least or tracks[-1].floor):
        chapter.fault("tracks", "the last one must fit everybody: least = 0, floor = 0")
    return Instrument(areas, scales, tuple(tracks), chapter.whole("valid_days", 1, 365))


def _area(row: Chapter, scales: dict[str, Scale]) -> Area:
    words = row.table("title")
    questions = []
    for one in row.tables("questions"):
        title = one.table("title")
        questions.append(
            Question(
                code=one.text("code"),
                title_sv=title.text("sv"),
                title_en=title.text("en"),
                scale=one.choice("scale", tuple(scales) or ("",)),
                weight=one.whole("weight", 1, 10, default=1),
            )
        )
    return Area(row.text("code"), words.text("sv"), words.text("en"), tuple(questions))

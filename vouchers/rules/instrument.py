"""The rulebook's instrument for an assessment: areas, questions, scales, and what they suggest. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.chapters import Chapter


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
    """The chapter. `tracks` are tried from the shortest way to the longest; the last one always fits."""

    areas: tuple[Area, ...]
    scales: dict[str, Scale]
    tracks: tuple[Track, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the file's order."""
        return tuple(question for area in self.areas for question in area.questions)


Answers = Mapping[str, str]


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
    return Instrument(areas, scales, tuple(tracks))


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

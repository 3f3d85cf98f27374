"""An assessment in words: its areas, each answer beside the one before, and why the rules suggest so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from vouchers.rules.instrument import Instrument, suggest
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class Answer:
    """A question and its step in words; `earlier` the one before. `change`: up, down, same, new or empty."""

    question: str
    step: str
    earlier: str
    change: str


@dataclass(frozen=True)
class AreaSeen:
    """An area: hundredths now and before (None without any), and its answers."""

    title: str
    hundredths: int
    earlier: int | None
    answers: tuple[Answer, ...]


def areas(
    instrument: Instrument,
    answers: Mapping[str, str],
    locale: str,
    earlier: tuple[Instrument, Mapping[str, str]] | None = None,
) -> list[AreaSeen]:
    """Every area in the file's order, beside an earlier assessment by its own version of the questions."""
    now = suggest(instrument, answers).areas
    before = suggest(*earlier).areas if earlier else {}
    return [
        AreaSeen(
            area.title_en if locale == "en" else area.title_sv,
            now[area.code],
            before.get(area.code),
            tuple(
                Answer(
                    question.title_en if locale == "en" else question.title_sv,
                    _step(instrument, question.code, answers, locale),
                    _step(earlier[0], question.code, earlier[1], locale) if earlier else "",
                    _change(instrument, question.code, answers, earlier),
                )
                for question in area.questions
            ),
        )
        for area in instrument.areas
    ]


def steps_of(instrument: Instrument | None, answers: Mapping[str, str], locale: str) -> dict[str, str]:
    """Question → its answer in words."""
    questions = instrument.questions if instrument else ()
    return {one.code: _step(instrument, one.code, answers, locale) for one in questions if instrument}


def _step(instrument: Instrument, question: str, answers: Mapping[str, str], locale: str) -> str:
    scale = next((one.scale for one in instrument.questions if one.code == question), None)
    steps = instrument.scales[scale].steps if scale else ()
    found = {code: en if locale == "en" else sv for code, sv, en in steps}
    return found.get(answers.get(question, ""), "")


def _change(
    instrument: Instrument,
    question: str,
    answers: Mapping[str, str],
    earlier: tuple[Instrument, Mapping[str, str]] | None,
) -> str:
    if earlier is None:
        return ""
    shares = [_share(book, question, said) for book, said in ((instrument, answers), earlier)]
    if shares[1] is None or shares[0] is None:
        return "new"
    return "same" if shares[0] == shares[1] else "up" if shares[0] > shares[1] else "down"


def _share(instrument: Instrument, question: str, answers: Mapping[str, str]) -> float | None:
    """How far up its scale an answer is, so that scales of different lengths can be told apart."""
    for one in instrument.questions:
        if one.code == question:
            scale = instrument.scales[one.scale]
            points = scale.points(answers.get(question, ""))
            return None if points is None else points / max(len(scale.steps) - 1, 1)
    return None


def reasons(why: Sequence[Mapping[str, Any]], terms: Terms, locale: str) -> list[tuple[str, bool]]:
    """(sentence, whether it speaks for that track), in the order the tracks were tried."""
    names = {
        area.code: area.title_en if locale == "en" else area.title_sv
        for area in (terms.instrument.areas if terms.instrument else ())
    }
    return [(_reason(one, terms, names, locale), bool(one["met"])) for one in why]


def _reason(one: Mapping[str, Any], terms: Terms, names: Mapping[str, str], locale: str) -> str:
    service = terms.services[str(one["service"])]
    track = f"{service.title(locale)}, {service.level_title(str(one['level']), locale).lower()}"
    told = {"found": one["hundredths"], "bound": one["bound"], "track": track}
    area = names.get(str(one["area"]), "")
    if not one["bound"]:
        return _("%(track)s passar alla som behöver det, oavsett poäng.", **told)
    if one["rule"] == "least" and one["met"]:
        return _("Allt tillsammans är %(found)s av 100. För %(track)s behövs %(bound)s. Det räcker.", **told)
    if one["rule"] == "least":
        return _("Allt tillsammans är %(found)s av 100. För %(track)s behövs %(bound)s.", **told)
    if one["met"]:
        return _("Lägst är %(area)s med %(found)s av 100. För %(track)s räcker %(bound)s.", area=area, **told)
    return _("%(area)s är %(found)s av 100. För %(track)s behövs minst %(bound)s.", area=area, **told)


@dataclass(frozen=True)
class Link:
    """A step in the chain of measures: an assessment (`is_measure` False) or what was given after it."""

    on: date
    is_measure: bool
    title: str
    note: str
    endpoint: str
    values: Mapping[str, int]

"""The participants' own voice: questions as data, who is asked and when, and how the answers count. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from core.chapters import Chapter
from core.dates import add_months
from core.refusal import Refusal
from vouchers.rules.words import Titled

MOMENTS = ("during", "after")
LOWEST, HIGHEST = 1, 5
BLOCK = 5
"""Answers are counted in when five people more have answered, so that nobody who looks before and after can
tell what one person said."""
HIGHEST_MINIMUM = 100
"""Where no rulebook says how many, next to nothing is shown."""
LONGEST_WORDS = 2_000
MOST_A_DAY = 5

Said = TypeVar("Said")


@dataclass(frozen=True)
class Survey:
    """`questions` are answered 1 (worst) to 5 (best), `during_after_months` after the start, and for
    `after_days` when it has ended. `minimum` people must have answered before anything is shown. `overall` is
    the question that providers are ordered by."""

    questions: tuple[Titled, ...]
    overall: str
    during_after_months: int
    after_days: int
    minimum: int


def read_survey(book: Chapter) -> Survey | None:
    """Read the chapter `survey`; without one nobody is asked."""
    if not book.has("survey"):
        return None
    chapter = book.table("survey")
    chapter.text("source")
    questions = []
    for row in chapter.tables("questions"):
        words = row.table("title")
        questions.append(Titled(row.text("code"), words.text("sv"), words.text("en")))
    return Survey(
        questions=tuple(questions),
        overall=chapter.choice("overall", tuple(one.code for one in questions) or ("",)),
        during_after_months=chapter.whole("during_after_months", 1, 24),
        after_days=chapter.whole("after_days", 1, 365),
        minimum=chapter.whole("minimum_count", 5, HIGHEST_MINIMUM),
    )


# ── who is asked ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Asking:
    """A person is asked about a provider: at which moment, and until which day (None: while it goes on)."""

    moment: str
    last_on: date | None


def is_asked(
    survey: Survey | None,
    *,
    started_on: date | None,
    ended_on: date | None,
    today: date,
) -> Asking | None:
    """Whether somebody is asked today about a time with one provider, and at which moment.

    Who never started is not asked. From the last day on it is the time as a whole that is asked about, also
    when it ended before it was time to ask during it.
    """
    if survey is None or started_on is None or started_on > today:
        return None
    if ended_on is not None and ended_on <= today:
        last_on = ended_on + timedelta(days=survey.after_days)
        return Asking("after", last_on) if today <= last_on else None
    if today >= add_months(started_on, survey.during_after_months):
        return Asking("during", None)
    return None


def check_answers(survey: Survey, answers: dict[str, int], words: str) -> None:
    """Refuse answers to other questions, off the scale, or nothing at all."""
    known = {question.code for question in survey.questions}
    if not answers.keys() <= known or not all(LOWEST <= step <= HIGHEST for step in answers.values()):
        raise Refusal("answer_unknown", "Välj ett av svaren som finns på sidan.", status=422)
    if not answers and not words:
        raise Refusal("answer_empty", "Svara på minst en fråga, eller skriv med egna ord.", status=422)
    if len(words) > LONGEST_WORDS:
        raise Refusal("words_too_long", "Skriv högst {most} tecken.", status=422, most=LONGEST_WORDS)


def may_answer(asking: Asking | None, answered_today: int) -> Asking:
    """Refuse who is not asked, and who has answered too many times today."""
    if asking is None:
        raise Refusal("survey_closed", "Det går inte att svara på frågorna just nu.")
    if answered_today >= MOST_A_DAY:
        raise Refusal("answered_enough", "Du har svarat flera gånger i dag. Ändra dig gärna i morgon.")
    return asking


# ── how the answers count ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Rating:
    """What people say of a provider: the mean in tenths of a step (43 is 4.3 of 5), of so many people.

    With fewer than `minimum` there is no mean, and `people` is 0: how few they are is not told either.
    """

    mean_tenths: int | None
    people: int
    minimum: int


def counted(said: Iterable[tuple[int, Said]]) -> list[Said]:
    """Of (person, answer), the oldest first: the latest answer of each person, in whole blocks of people."""
    latest: dict[int, Said] = {}
    block: dict[int, Said] = {}
    for person, answer in said:
        block[person] = answer
        if len(block) == BLOCK:
            latest |= block
            block = {}
    return list(latest.values())


def rating(answers: Sequence[int], minimum: int) -> Rating:
    """The mean of counted answers (1 to 5, one a person), rounded half up to a tenth."""
    people = len(answers)
    if people < max(minimum, 1):
        return Rating(None, 0, minimum)
    return Rating((20 * sum(answers) + people) // (2 * people), people, minimum)


def strictest(surveys: Iterable[Survey | None]) -> int:
    """The highest minimum among the rulebooks: a provider's people may have come by any of them."""
    return max((survey.minimum for survey in surveys if survey), default=HIGHEST_MINIMUM)

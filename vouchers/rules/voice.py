"""The participants' own voice: questions as data, and how the answers are counted. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter

MOMENTS = ("during", "after")
HIGHEST = 5


@dataclass(frozen=True)
class Question:
    """One question, answered 1 (worst) to 5 (best)."""

    code: str
    title_sv: str
    title_en: str

    def title(self, locale: str) -> str:
        """The question in that language."""
        return self.title_en if locale == "en" else self.title_sv


@dataclass(frozen=True)
class Survey:
    """Asked `during_after_months` after the start, and when it has ended for `after_days` to come. `minimum`
    people must have answered before anything is shown. `overall` is the question that providers are ordered
    by."""

    questions: tuple[Question, ...]
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
        questions.append(Question(row.text("code"), words.text("sv"), words.text("en")))
    return Survey(
        questions=tuple(questions),
        overall=chapter.choice("overall", tuple(one.code for one in questions) or ("",)),
        during_after_months=chapter.whole("during_after_months", 1, 24),
        after_days=chapter.whole("after_days", 1, 365),
        minimum=chapter.whole("minimum_count", 5, 100),
    )

"""Whether a person may say that what was told is so or not, until when, and what a verdict leads to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.refusal import Refusal
from vouchers.rules.terms import Terms

TOLD_MONTH = ("submitted", "approved")
TOLD_ABSENCE = ("unjudged", "valid", "not_valid")
MONTH_SHOWS = ("booked_minutes", "activity_minutes", "physical_minutes", "meetings", "physical_meetings")
ABSENCE_SHOWS = ("happened_on", "expected_from", "expected_to", "absent_from", "absent_to", "reason")
WORDS_MOST = 2_000
STANDINGS = (
    "asked",
    "confirmed",
    "contested",
    "stands",
    "wrong",
    "changing",
    "gone",
    "closed",
    "not_asked",
)
"""asked: the person may answer. stands, wrong: what a guide found. changing: the provider mends it. gone:
it was taken back. closed: the last day has passed. not_asked: the rulebook asks nobody."""


def shown_of(row: object, names: tuple[str, ...]) -> dict[str, object]:
    """What the person was shown of a report or a deviation, as JSON keeps it; days in the ISO form."""
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


@dataclass(frozen=True)
class Answer:
    """An earlier answer. `is_open`: a contest that is neither judged nor taken back."""

    said: str
    verdict: str | None
    is_open: bool
    shown: Mapping[str, object]


def contest_by(told_on: date, terms: Terms) -> date | None:
    """The last day to contest what was told that day; None where the rulebook asks nobody."""
    return told_on + timedelta(days=terms.reports.contest_days) if terms.reports else None


def may_answer(
    said: str,
    *,
    stands: bool,
    told_on: date,
    shown: Mapping[str, object],
    last: Answer | None,
    terms: Terms,
    today: date,
) -> None:
    """Refuse an answer to what is not told (any longer), too late, or has been answered.

    `stands` says whether what was told is there to answer; `last` is the newest answer to it. A contest can
    always be taken back by confirming.
    """
    last_day = contest_by(told_on, terms)
    if last_day is None:
        raise Refusal("attendance_not_asked", "I den här insatsen behöver du inte svara.")
    if not stands:
        raise Refusal("not_told", "Anordnaren håller på att ändra det här. Vänta på det nya.")
    unchanged = last is not None and dict(last.shown) == dict(shown)
    if last is not None and last.is_open:
        if said == "contested":
            raise Refusal("contest_open", "Du har redan sagt att det inte stämmer. Kommunen prövar det.")
        return
    if last is not None and unchanged and last.verdict == "stands":
        raise Refusal("contest_judged", "Kommunen har redan prövat det. Skriv till din vägledare.")
    if last is not None and unchanged and last.said == said and last.verdict is None:
        raise Refusal("answer_given", "Du har redan svarat. Tack.")
    if today > last_day:
        raise Refusal(
            "contest_too_late",
            "Sista dagen att svara var {day}. Skriv till din vägledare.",
            day=last_day.isoformat(),
        )


def standing(
    *,
    state: str,
    told_on: date,
    shown: Mapping[str, object],
    last: Answer | None,
    terms: Terms,
    today: date,
) -> str:
    """Where a month or an absence stands between the person and the provider; one of `STANDINGS`."""
    if state == "withdrawn":
        return "wrong" if last is not None and last.verdict == "wrong" else "gone"
    if last is not None and last.is_open:
        return "contested"
    if state not in TOLD_MONTH + TOLD_ABSENCE:
        return "wrong" if last is not None and last.verdict == "wrong" else "changing"
    if last is not None and dict(last.shown) == dict(shown) and last.verdict != "wrong":
        return last.verdict or last.said
    last_day = contest_by(told_on, terms)
    if last_day is None:
        return "not_asked"
    return "asked" if today <= last_day else "closed"


def consequence(verdict: str, *, state: str, unchanged: bool) -> str | None:
    """What a verdict does to a month's report: return, withdraw, or None for nothing.

    A month found wrong goes back to the provider, or is taken back when it is approved already. One that the
    provider has changed since is left as it is: it was mended.
    """
    if verdict != "wrong" or not unchanged:
        return None
    return {"submitted": "return", "approved": "withdraw"}.get(state)

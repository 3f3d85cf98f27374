"""More months for the same service: how many, how late, and on what. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.chapters import Chapter
from core.refusal import Refusal


@dataclass(frozen=True)
class ExtensionTerms:
    """`most_months` in all, first decision and extensions together; `most` extensions a voucher; decided at
    the earliest `earliest_days` before the service's last day; the assessment it rests on is at most
    `assessment_days` old."""

    most_months: int
    most: int
    earliest_days: int
    assessment_days: int


def read_extension(book: Chapter) -> ExtensionTerms | None:
    """Read the chapter `extension`; without one nothing is extended."""
    if not book.has("extension"):
        return None
    chapter = book.table("extension")
    chapter.text("source")
    return ExtensionTerms(
        most_months=chapter.whole("most_months", 1, 60),
        most=chapter.whole("most", 1, 10),
        earliest_days=chapter.whole("earliest_days", 1, 365),
        assessment_days=chapter.whole("assessment_days", 1, 365),
    )


def earliest_on(last_on: date, terms: ExtensionTerms) -> date:
    """The first day it can be decided, when the service's last day is `last_on`."""
    return last_on - timedelta(days=terms.earliest_days)


def may_extend(
    *,
    terms: ExtensionTerms | None,
    state: str,
    months: int,
    adds: int,
    made: int,
    last_on: date,
    decided_on: date,
    met_on: date | None,
    new_content: str,
    reasons: str,
    today: date,
) -> None:
    """Refuse more months. `months` is the length now, `made` the extensions so far, `met_on` the day of the
    meeting of the assessment it rests on; that assessment is newer than the first decision."""
    may_ask(terms=terms, state=state, months=months, made=made, last_on=last_on, today=today)
    if terms is None:
        raise AssertionError("may_ask refuses without a chapter")
    if not 1 <= adds <= terms.most_months - months:
        raise Refusal(
            "extension_too_long",
            "Det går att lägga till 1 till {months} månader.",
            status=422,
            months=terms.most_months - months,
        )
    if met_on is None or met_on <= decided_on or met_on < today - timedelta(days=terms.assessment_days):
        raise Refusal(
            "assessment_needed",
            "En förlängning bygger på en ny bedömning, högst {days} dagar gammal. Gör en bedömning först.",
            status=422,
            days=terms.assessment_days,
        )
    if not new_content.strip():
        raise Refusal("new_content_missing", "Skriv vad som är nytt den här gången.", status=422)
    if not reasons.strip():
        raise Refusal("reasons_missing", "Skriv skälen för beslutet.", status=422)


def may_ask(
    *, terms: ExtensionTerms | None, state: str, months: int, made: int, last_on: date, today: date
) -> None:
    """Refuse where no extension can be decided today, whatever it would hold."""
    if terms is None:
        raise Refusal("extension_not_possible", "Reglerna för insatsen har ingen förlängning.")
    if state not in ("active", "paused"):
        raise Refusal("not_running", "Bara en insats som pågår kan förlängas.")
    if made >= terms.most:
        raise Refusal(
            "extensions_made",
            "Insatsen kan förlängas {most} gånger, och det är gjort. Besluta om en ny när den är slut.",
            most=terms.most,
        )
    if months >= terms.most_months:
        raise Refusal(
            "longest_already",
            "Insatsen är redan så lång som den får vara, {months} månader.",
            months=terms.most_months,
        )
    if today < earliest_on(last_on, terms):
        raise Refusal(
            "extension_too_early",
            "Det går att besluta om förlängning från {day}, {days} dagar före sista dagen.",
            day=earliest_on(last_on, terms).isoformat(),
            days=terms.earliest_days,
        )
    if today > last_on:
        raise Refusal(
            "service_over",
            "Insatsens sista dag var {day}. Avsluta den, och besluta om en ny om det behövs.",
            day=last_on.isoformat(),
        )

"""How a result is proved: looks at sources, an employer's word, overrides, one reminder, reviews. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.chapters import Chapter
from core.refusal import Refusal
from vouchers.rules.told import ANSWERS, SEEN

BY_LINK = "employer_confirmation"
"""The source that an employer's signed link is."""
OVERRIDDEN = "override"
"""What stands in a source's place where nobody has seen one and somebody decided all the same."""
MOST_EVIDENCE = 20
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class ProofTerms:
    """Calendar days. `answer_days` runs from the day a follow-up opens, the reminder comes `reminder_days`
    after it; `review_percent` of judged cases are drawn for a second look; an override stands at most
    `override_days`, an employer's link `link_days`."""

    answer_days: int
    reminder_days: int
    review_percent: int
    override_days: int
    link_days: int


ORDINARY = ProofTerms(answer_days=42, reminder_days=14, review_percent=10, override_days=90, link_days=30)
"""What holds where a rulebook has no such chapter: a setting of ours."""


def read_proof(book: Chapter) -> ProofTerms:
    """Read the chapter `proof`; where it is missing, the ordinary terms."""
    if not book.has("proof"):
        return ORDINARY
    chapter = book.table("proof")
    chapter.text("source")
    answer = chapter.whole("answer_days", 7, 365)
    return ProofTerms(
        answer_days=answer,
        reminder_days=chapter.whole("reminder_days", 1, max(answer - 1, 1)),
        review_percent=chapter.whole("review_percent", 0, 100),
        override_days=chapter.whole("override_most_days", 1, 365),
        link_days=chapter.whole("link_valid_days", 1, 90),
    )


@dataclass(frozen=True)
class Look:
    """What a source said when somebody looked at it."""

    source: str
    found: str


def may_look(
    *, state: str, due_on: date, source: str, found: str, sources: Iterable[str], today: date
) -> None:
    """Refuse a look before the case's day, after it was judged, or at what the rulebook does not name."""
    _is_open(state, due_on, today)
    if source not in sources:
        raise Refusal("source_missing", "Ange vilket underlag du har kontrollerat.", status=422)
    if found not in SEEN:
        raise Refusal("found_missing", "Ange vad underlaget sade.", status=422)


def _is_open(state: str, due_on: date, today: date) -> None:
    if state != "due":
        raise Refusal("check_judged", "Det är redan prövat. Någon kan ha hunnit före.")
    if today < due_on:
        raise Refusal("check_not_due", "Det kan prövas tidigast {day}.", day=due_on.isoformat())


def seen_last(looks: Iterable[Look]) -> dict[str, str]:
    """What each source said the last time; `looks` are the oldest first. A look without an answer says
    nothing and takes nothing away."""
    return {look.source: look.found for look in looks if look.found != "no_answer"}


def may_pass(source: str, looks: Iterable[Look]) -> None:
    """Refuse a yes that no look at that source supports, or that the last look at any source contradicts.

    Raises `source_contradicts` or `source_not_seen`.
    """
    last = seen_last(looks)
    if "contradicts" in last.values():
        raise Refusal(
            "source_contradicts",
            "Ett underlag säger emot resultatet. Kontrollera det igen, eller besluta om undantag med skäl.",
            status=422,
        )
    if last.get(source) != "supports":
        raise Refusal(
            "source_not_seen",
            "Ingen har sett att underlaget stämmer. Anteckna en kontroll av det först.",
            status=422,
        )


def may_pass_related(related: str | None, reasons: str) -> None:
    """Refuse to verify a job at the provider itself or its group without reasons."""
    if related is not None and not reasons.strip():
        raise Refusal(
            "related_reasons_missing",
            "Arbetsgivaren är anordnaren själv eller hör till dess grupp. Skriv varför det ändå godkänns.",
            status=422,
        )


def may_override(*, due_on: date, reasons: str, until_on: date, terms: ProofTerms, today: date) -> None:
    """Refuse an override before the case's day, without reasons, or without an end that is near enough."""
    if today < due_on:
        raise Refusal("check_not_due", "Det kan prövas tidigast {day}.", day=due_on.isoformat())
    if not reasons.strip():
        raise Refusal("override_without_reasons", "Skriv skälen för undantaget.", status=422)
    latest = override_latest(today, terms)
    if not today <= until_on <= latest:
        raise Refusal(
            "override_end_wrong",
            "Undantaget ska sluta senast {day}, och inte före i dag.",
            status=422,
            day=latest.isoformat(),
        )


def override_latest(today: date, terms: ProofTerms) -> date:
    """The last day that an override decided today may stand to."""
    return today + timedelta(days=terms.override_days)


def is_over(until_on: date, today: date) -> bool:
    """Whether an override's last day has passed, so that the case must be looked at again."""
    return today > until_on


def may_ask(
    *,
    state: str,
    due_on: date,
    kind: str,
    related: str | None,
    is_protected: bool,
    sources: Iterable[str],
    today: date,
) -> None:
    """Refuse to ask an employer where there is none, whose word is not enough, or who may not be told."""
    _is_open(state, due_on, today)
    if BY_LINK not in sources:
        raise Refusal("source_not_in_rulebook", "Regelverket tar inte arbetsgivarens eget svar som underlag.")
    if kind != "work":
        raise Refusal("no_employer", "Resultatet är inte en anställning, så det finns ingen att fråga.")
    if is_protected:
        raise Refusal(
            "protected_not_asked",
            "Personen har skyddade uppgifter. Fråga inte arbetsgivaren. Be om ett annat underlag.",
        )
    if related is not None:
        raise Refusal(
            "employer_is_related",
            "Arbetsgivaren är anordnaren själv eller hör till dess grupp. Be om ett annat underlag.",
        )


def link_ends(today: date, terms: ProofTerms) -> date:
    """The last day that an employer's link made today can be answered."""
    return today + timedelta(days=terms.link_days)


def found_by(answer: str) -> str:
    """What an employer's answer says of the case. Refuses another answer."""
    if answer not in ANSWERS:
        raise Refusal("answer_missing", "Välj om uppgifterna stämmer eller inte.", status=422)
    return "supports" if answer == "confirmed" else "contradicts"

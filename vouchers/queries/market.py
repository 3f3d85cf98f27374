"""Everybody who may be chosen today, and all that is shown of them: gathered at once, for every visitor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.rulebooks import Rulebook
from providers.queries import Listed, register
from providers.queries.terms import accreditation_terms
from vouchers.queries import voice
from vouchers.queries.results import Counts, counts
from vouchers.queries.terms import terms_of
from vouchers.rules.outcomes import (
    FOLLOWED_KINDS,
    Figure,
    Left,
    Tally,
    Wait,
    expected_wait,
    figure,
    led_on,
    still_there,
)
from vouchers.rules.terms import Service
from vouchers.rules.voice import Rating, strictest
from vouchers.rules.words import Titled


@dataclass(frozen=True)
class Offer:
    """A service of a kundval that can be had today, and how it has gone in the whole town.

    `later` is who is still there after six months; None for a service whose people are not asked.
    `promised_days` are the working days within which it starts.
    """

    code: str
    scheme: str
    service: Service
    minimum: int
    promised_days: int
    town: Figure
    later: Figure | None


@dataclass(frozen=True)
class Line:
    """One service at one provider. `offer` is the offer's code; a full one takes nobody new either."""

    offer: str
    intake_open: bool
    figure: Figure
    is_full: bool
    later: Figure | None
    wait: Wait
    free: int


@dataclass(frozen=True)
class Candidate:
    """A provider that may be chosen. `rating` is None where nobody is asked."""

    provider: Listed
    lines: tuple[Line, ...]
    rating: Rating | None

    @property
    def intake_open(self) -> bool:
        """Whether any of its services takes somebody new."""
        return any(line.intake_open for line in self.lines)

    def line(self, offer: str) -> Line | None:
        """Its line for that service."""
        return next((line for line in self.lines if line.offer == offer), None)


@dataclass(frozen=True)
class Market:
    """All who are accredited on a day, by name, what they offer, and what can be wished for.

    `said` is what free text is sought in, by provider; `by_id` the same candidates by provider.
    """

    candidates: tuple[Candidate, ...]
    offers: dict[str, Offer]
    languages: tuple[str, ...]
    areas: tuple[str, ...]
    orientations: dict[str, Titled]
    accessibility: tuple[str, ...]
    said: dict[int, str]
    by_id: dict[int, Candidate]


def code_of(scheme: str, service: str) -> str:
    """What an offer is called in an address: jobbpeng.matching."""
    return f"{scheme}.{service}"


def rulebooks(session: Session, municipality_id: int, today: date) -> list[Rulebook]:
    """The decided rulebooks that have come into force, by kundval, the oldest version first."""
    rows = select(Rulebook).where(
        Rulebook.municipality_id == municipality_id,
        Rulebook.state == "decided",
        Rulebook.valid_from <= today,
    )
    return list(session.scalars(rows.order_by(Rulebook.scheme, Rulebook.valid_from, Rulebook.version)))


def market(session: Session, municipality_id: int, today: date) -> Market:
    """The market of a day, in as many queries however many they are."""
    counted = counts(session, municipality_id, today)
    books = rulebooks(session, municipality_id, today)
    offers = _offers(session, books, counted)
    surveys = [terms_of(session, municipality_id, book.id).survey for book in books]
    minimum = strictest(surveys)
    ratings = voice.ratings(session, municipality_id, minimum) if any(surveys) else None
    everybody = tuple(
        candidate
        for listed in register(session, municipality_id, today)
        if (candidate := _candidate(listed, offers, counted, _rating(ratings, listed.id, minimum))).lines
    )
    titles = _orientations(session, books)
    used = {code for found in everybody for code in found.provider.orientations}
    return Market(
        candidates=everybody,
        offers={
            code: offer for code, offer in offers.items() if any(found.line(code) for found in everybody)
        },
        languages=_all(found.provider.languages for found in everybody),
        areas=_all((place.area for place in found.provider.sites) for found in everybody),
        orientations={code: title for code, title in titles.items() if code in used},
        accessibility=_all(found.provider.accessibility for found in everybody),
        said={found.provider.id: _said(found.provider, titles) for found in everybody},
        by_id={found.provider.id: found for found in everybody},
    )


def _all(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({one for group in groups for one in group}))


def _offers(session: Session, books: list[Rulebook], counted: Counts) -> dict[str, Offer]:
    offers: dict[str, Offer] = {}
    for book in books:
        terms = terms_of(session, book.municipality_id, book.id)
        for service in terms.services.values():
            rows = [
                row
                for (_, scheme, code), left in counted.left.items()
                if (scheme, code) == (book.scheme, service.code)
                for row in left
            ]
            is_asked = (book.scheme, service.code) in counted.asked
            offers[code_of(book.scheme, service.code)] = Offer(
                code=code_of(book.scheme, service.code),
                scheme=book.scheme,
                service=service,
                minimum=terms.minimum_count,
                promised_days=terms.start_within_working_days,
                town=figure(led_on(rows), terms.minimum_count),
                later=_later(service, rows, terms.minimum_count, is_asked=is_asked),
            )
    return offers


def _later(service: Service, rows: list[Left], minimum: int, *, is_asked: bool) -> Figure | None:
    if service.kind not in FOLLOWED_KINDS:
        return None
    return figure(still_there(rows) if is_asked else Tally(0, 0), minimum)


def _candidate(listed: Listed, offers: dict[str, Offer], counted: Counts, rating: Rating | None) -> Candidate:
    lines = []
    for chosen in listed.services:
        offer = offers.get(code_of(chosen.scheme, chosen.service))
        if offer is None:
            continue
        rows = counted.left.get((listed.id, chosen.scheme, chosen.service), [])
        free = max(chosen.capacity - counted.taken.get(chosen.accreditation_id, 0), 0)
        is_asked = (chosen.scheme, chosen.service) in counted.asked
        started = counted.started.get(chosen.accreditation_id, {})
        lines.append(
            Line(
                offer=offer.code,
                intake_open=chosen.intake_open and free > 0,
                figure=figure(led_on(rows), offer.minimum),
                is_full=free == 0,
                later=_later(offer.service, rows, offer.minimum, is_asked=is_asked),
                wait=expected_wait(started, offer.minimum, offer.promised_days),
                free=free,
            )
        )
    order = list(offers)
    lines.sort(key=lambda line: order.index(line.offer))
    return Candidate(listed, tuple(lines), rating)


def _rating(ratings: dict[int, Rating] | None, provider_id: int, minimum: int) -> Rating | None:
    """Too few to say where nobody has answered; None where nobody is asked."""
    return None if ratings is None else ratings.get(provider_id, Rating(None, 0, minimum))


def _orientations(session: Session, books: list[Rulebook]) -> dict[str, Titled]:
    """What providers can know especially about, by code; the newest rulebook's words."""
    titles: dict[str, Titled] = {}
    for book in sorted(books, key=lambda one: one.valid_from):
        application = accreditation_terms(session, book.municipality_id, book.id).application
        for code, (sv, en) in (application.orientations if application else {}).items():
            titles[code] = Titled(code, sv, en)
    return titles


def _said(provider: Listed, titles: dict[str, Titled]) -> str:
    known = [titles[code] for code in provider.orientations if code in titles]
    words = [provider.name, provider.about_sv, provider.about_en]
    words += [place.area for place in provider.sites]
    words += [word for title in known for word in (title.title_sv, title.title_en)]
    return "\n".join(words).casefold()

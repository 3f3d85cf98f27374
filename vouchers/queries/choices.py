"""Who may be chosen, with honest figures, as the chooser wishes to see them; and what was shown, to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.rulebooks import Rulebook
from providers.queries import Listed, register
from vouchers.models import Voucher
from vouchers.queries.places import free_places
from vouchers.queries.results import Figure, Tally, figure, tallies
from vouchers.queries.terms import terms_of
from vouchers.rules.choice import neutral_order
from vouchers.rules.terms import Service

ORDERS = ("neutral", "name", "result")
Counted: TypeAlias = dict[tuple[int, str, str], Tally]


@dataclass(frozen=True)
class Offer:
    """A service of a kundval that can be had today, and how it has gone in the whole town."""

    code: str
    scheme: str
    service: Service
    minimum: int
    town: Figure


@dataclass(frozen=True)
class Line:
    """One service at one provider. `offer` is the offer's code; a full one takes nobody new either."""

    offer: str
    intake_open: bool
    figure: Figure
    is_full: bool


@dataclass(frozen=True)
class Candidate:
    """A provider that may be chosen."""

    provider: Listed
    lines: tuple[Line, ...]

    @property
    def intake_open(self) -> bool:
        """Whether any of its services takes somebody new."""
        return any(line.intake_open for line in self.lines)

    def line(self, offer: str) -> Line | None:
        """Its line for that service."""
        return next((line for line in self.lines if line.offer == offer), None)


@dataclass(frozen=True)
class Wishes:
    """What somebody wants to see, and in which order. Empty means no wish."""

    service: str = ""
    language: str = ""
    area: str = ""
    open_only: bool = False
    order: str = "neutral"


@dataclass(frozen=True)
class Comparison:
    """The candidates that meet the wishes, in order, of `total` accredited today; what can be wished for.

    `wishes` are those that were used: one that nobody can meet is dropped, and an order by result is within
    one service.
    """

    wishes: Wishes
    candidates: tuple[Candidate, ...]
    total: int
    offers: dict[str, Offer]
    languages: tuple[str, ...]
    areas: tuple[str, ...]

    def candidate(self, provider_id: int) -> Candidate | None:
        """The provider with that id, if it is among those listed."""
        return next((found for found in self.candidates if found.provider.id == provider_id), None)


@dataclass(frozen=True)
class OpenChoice:
    """A voucher that waits for its person to choose."""

    voucher_id: int
    offer: str
    choose_by: date


def code_of(scheme: str, service: str) -> str:
    """What an offer is called in an address: jobbpeng.matching."""
    return f"{scheme}.{service}"


def compare(session: Session, municipality_id: int, wishes: Wishes, *, seed: str, today: date) -> Comparison:
    """Every provider accredited today that meets the wishes, in seven queries however many they are."""
    free = free_places(session, municipality_id)
    counted = {(row.provider_id, row.scheme, row.service): row for row in tallies(session, municipality_id)}
    offers = _offers(session, municipality_id, counted, today)
    everybody = [
        candidate
        for listed in register(session, municipality_id, today)
        if (candidate := _candidate(listed, offers, counted, free)).lines
    ]
    offered = {code: offer for code, offer in offers.items() if any(found.line(code) for found in everybody)}
    languages = sorted({code for found in everybody for code in found.provider.languages})
    areas = sorted({place.area for found in everybody for place in found.provider.sites})
    used = _usable(wishes, list(offered), languages, areas)
    return Comparison(
        wishes=used,
        candidates=tuple(_ordered(_meeting(everybody, used), used, seed)),
        total=len(everybody),
        offers=offered,
        languages=tuple(languages),
        areas=tuple(areas),
    )


def _usable(wishes: Wishes, offers: list[str], languages: list[str], areas: list[str]) -> Wishes:
    service = wishes.service if wishes.service in offers else ""
    if wishes.order == "result" and not service and offers:
        service = offers[0]
    return replace(
        wishes,
        service=service,
        language=wishes.language if wishes.language in languages else "",
        area=wishes.area if wishes.area in areas else "",
    )


def rulebooks(session: Session, municipality_id: int, today: date) -> list[Rulebook]:
    """The decided rulebooks that have come into force, by kundval, the oldest version first."""
    rows = select(Rulebook).where(
        Rulebook.municipality_id == municipality_id,
        Rulebook.state == "decided",
        Rulebook.valid_from <= today,
    )
    return list(session.scalars(rows.order_by(Rulebook.scheme, Rulebook.valid_from, Rulebook.version)))


def _offers(session: Session, municipality_id: int, counted: Counted, today: date) -> dict[str, Offer]:
    offers: dict[str, Offer] = {}
    for book in rulebooks(session, municipality_id, today):
        terms = terms_of(session, municipality_id, book.id)
        for service in terms.services.values():
            key = (book.scheme, service.code)
            rows = [row for row in counted.values() if (row.scheme, row.service) == key]
            code = code_of(*key)
            town = figure(rows, terms.minimum_count)
            offers[code] = Offer(code, book.scheme, service, terms.minimum_count, town)
    return offers


def _candidate(listed: Listed, offers: dict[str, Offer], counted: Counted, free: dict[int, int]) -> Candidate:
    lines = []
    for chosen in listed.services:
        offer = offers.get(code_of(chosen.scheme, chosen.service))
        if offer:
            own = counted.get((listed.id, chosen.scheme, chosen.service))
            is_full = free.get(chosen.accreditation_id, 0) == 0
            shown = figure([own] if own else [], offer.minimum)
            lines.append(Line(offer.code, chosen.intake_open and not is_full, shown, is_full))
    order = list(offers)
    return Candidate(listed, tuple(sorted(lines, key=lambda line: order.index(line.offer))))


def _meeting(candidates: Sequence[Candidate], wishes: Wishes) -> list[Candidate]:
    return [
        found
        for found in candidates
        if (not wishes.service or found.line(wishes.service))
        and (not wishes.language or wishes.language in found.provider.languages)
        and (not wishes.area or any(place.area == wishes.area for place in found.provider.sites))
        and (not wishes.open_only or _takes(found, wishes.service))
    ]


def _takes(candidate: Candidate, service: str) -> bool:
    line = candidate.line(service)
    return line.intake_open if line else candidate.intake_open


def _ordered(candidates: list[Candidate], wishes: Wishes, seed: str) -> list[Candidate]:
    if wishes.order == "name":
        return candidates
    place = {
        key: index
        for index, key in enumerate(neutral_order(seed, [found.provider.id for found in candidates]))
    }
    return sorted(
        candidates,
        key=lambda found: (
            -_lowest(found, wishes.service) if wishes.order == "result" else 0,
            place[found.provider.id],
        ),
    )


def _lowest(candidate: Candidate, service: str) -> int:
    """What the result is at least, of 100; -1 when they are too few to say."""
    line = candidate.line(service)
    return line.figure.chance.low if line and line.figure.chance else -1


def open_choices(
    session: Session, municipality_id: int, participant_id: int, today: date
) -> list[OpenChoice]:
    """The person's vouchers that can be chosen for today, the most urgent first."""
    rows = (
        select(Voucher.id, Voucher.scheme, Voucher.service, Voucher.choose_by)
        .where(
            Voucher.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Voucher.state == "choice_open",
            Voucher.choose_by >= today,
        )
        .order_by(Voucher.choose_by, Voucher.id)
    )
    return [
        OpenChoice(row.id, code_of(row.scheme, row.service), row.choose_by) for row in session.execute(rows)
    ]


def snapshot(
    comparison: Comparison, candidate: Candidate, offer: Offer, *, locale: str, today: date
) -> dict[str, object]:
    """What a chooser is shown of one provider and service, as plain JSON for the receipt.

    The figure is {good, people, low, high}, or {fewer_than} when there are too few to say.
    """
    line, provider = candidate.line(offer.code), candidate.provider
    if line is None:
        raise ValueError("the candidate does not offer that service")
    in_english = locale == "en" and bool(provider.about_en)
    return {
        "on": today.isoformat(),
        "language": locale,
        "provider": {
            "id": provider.id,
            "name": provider.name,
            "about": provider.about_en if in_english else provider.about_sv,
            "about_language": "en" if in_english else "sv",
            "places": [f"{place.street}, {place.area}" for place in provider.sites],
            "languages": list(provider.languages),
            "phone": provider.phone,
            "email": provider.email,
            "intake_open": line.intake_open,
            "is_full": line.is_full,
        },
        "service": {"code": offer.code, "title": offer.service.title(locale), "kind": offer.service.kind},
        "figure": _plain(line.figure),
        "town": _plain(offer.town),
        "listed": len(comparison.candidates),
        "accredited": comparison.total,
        "order": comparison.wishes.order,
        "filters": {
            name: value for name, value in asdict(comparison.wishes).items() if value and name != "order"
        },
    }


def _plain(found: Figure) -> dict[str, int]:
    if found.chance is None:
        return {"fewer_than": found.minimum}
    return asdict(found.chance)

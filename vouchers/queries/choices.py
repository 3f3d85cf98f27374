"""Whom one may choose, as the chooser wishes to see them; and what was shown, to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.identity import Protection
from providers.rules.places import Spot
from vouchers.models import Participant, Voucher
from vouchers.queries.market import Candidate, Line, Market, Offer, code_of, market, rulebooks
from vouchers.rules.choice import neutral_order
from vouchers.rules.distance import nearest
from vouchers.rules.outcomes import Figure, Wait
from vouchers.rules.voice import Rating

__all__ = [
    "ORDERS",
    "Candidate",
    "Comparison",
    "Line",
    "Market",
    "Offer",
    "OpenChoice",
    "Wishes",
    "arranged",
    "code_of",
    "compare",
    "home_code",
    "market",
    "open_choices",
    "rulebooks",
    "snapshot",
]

ORDERS = ("neutral", "name", "result", "voice", "distance")


@dataclass(frozen=True)
class Wishes:
    """What somebody wants to see, and in which order. Empty means no wish; `only` are providers' ids."""

    service: str = ""
    language: str = ""
    area: str = ""
    orientation: str = ""
    accessibility: str = ""
    open_only: bool = False
    text: str = ""
    only: tuple[int, ...] = ()
    order: str = "neutral"

    @property
    def is_filtered(self) -> bool:
        """Whether anybody may be left out."""
        return replace(self, order="neutral") != Wishes()


@dataclass(frozen=True)
class Comparison:
    """The candidates that meet the wishes, in order, of `total` accredited today; what can be wished for.

    `wishes` are those that were used: one that nobody can meet is dropped, an order by result is within one
    service, and one by distance needs to know from where. `metres` is how far each is, where that is known.
    """

    wishes: Wishes
    candidates: tuple[Candidate, ...]
    market: Market
    metres: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many are accredited."""
        return len(self.market.candidates)

    @property
    def offers(self) -> dict[str, Offer]:
        """What can be had, by code."""
        return self.market.offers

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that somebody speaks."""
        return self.market.languages

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas where somebody is."""
        return self.market.areas

    def candidate(self, provider_id: int) -> Candidate | None:
        """The provider with that id, if it is among those listed."""
        found = self.market.by_id.get(provider_id)
        return found if found in self.candidates else None


@dataclass(frozen=True)
class OpenChoice:
    """A voucher that waits for its person to choose; or, with the provider that it `leaves`, to switch."""

    voucher_id: int
    offer: str
    choose_by: date
    leaves: int | None = None

    @property
    def switching(self) -> bool:
        """Whether there is a provider already."""
        return self.leaves is not None


def compare(session: Session, municipality_id: int, wishes: Wishes, *, seed: str, today: date) -> Comparison:
    """Every provider accredited today that meets the wishes, in as many queries however many they are."""
    return arranged(market(session, municipality_id, today), wishes, seed=seed)


def arranged(found: Market, wishes: Wishes, *, seed: str, home: Spot | None = None) -> Comparison:
    """A market as one visitor wishes to see it; distances are counted from `home` to the nearest site."""
    used = _usable(wishes, found, home)
    meeting = list(found.by_id)
    if used.is_filtered:
        meeting = [key for key in meeting if _meets(found.by_id[key], used, found)]
    order = meeting if used.order == "name" else neutral_order(seed, meeting)
    candidates = [found.by_id[key] for key in order]
    metres = {} if home is None else _metres(candidates, home)
    _sort(candidates, used, metres)
    return Comparison(used, tuple(candidates), found, metres)


def _usable(wishes: Wishes, found: Market, home: Spot | None) -> Wishes:
    service = wishes.service if wishes.service in found.offers else ""
    if wishes.order == "result" and not service and found.offers:
        service = next(iter(found.offers))
    return replace(
        wishes,
        service=service,
        language=wishes.language if wishes.language in found.languages else "",
        area=wishes.area if wishes.area in found.areas else "",
        orientation=wishes.orientation if wishes.orientation in found.orientations else "",
        accessibility=wishes.accessibility if wishes.accessibility in found.accessibility else "",
        only=tuple(key for key in wishes.only if key in found.by_id),
        order="neutral" if wishes.order == "distance" and home is None else wishes.order,
    )


def _meets(found: Candidate, wishes: Wishes, market_: Market) -> bool:
    provider = found.provider
    return (
        (not wishes.only or provider.id in wishes.only)
        and (not wishes.service or found.line(wishes.service) is not None)
        and (not wishes.language or wishes.language in provider.languages)
        and (not wishes.area or any(place.area == wishes.area for place in provider.sites))
        and (not wishes.orientation or wishes.orientation in provider.orientations)
        and (not wishes.accessibility or wishes.accessibility in provider.accessibility)
        and (not wishes.open_only or _takes(found, wishes.service))
        and all(word in market_.said[provider.id] for word in wishes.text.casefold().split())
    )


def _takes(candidate: Candidate, service: str) -> bool:
    line = candidate.line(service)
    return line.intake_open if line else candidate.intake_open


def _metres(candidates: Sequence[Candidate], home: Spot) -> dict[int, int]:
    told = {
        found.provider.id: nearest(home, (place.spot for place in found.provider.sites))
        for found in candidates
    }
    return {key: far for key, far in told.items() if far is not None}


def _sort(candidates: list[Candidate], wishes: Wishes, metres: dict[int, int]) -> None:
    """As wished for; those that are alike, or of whom nothing is known, stay in the neutral order."""
    if wishes.order == "result":
        candidates.sort(key=lambda found: -_lowest(found, wishes.service))
    elif wishes.order == "voice":
        candidates.sort(key=lambda found: -_mean(found))
    elif wishes.order == "distance":
        candidates.sort(key=lambda found: metres.get(found.provider.id, 10**9))


def _lowest(candidate: Candidate, service: str) -> int:
    """What the result is at least, of 100; -1 when they are too few to say."""
    line = candidate.line(service)
    return line.figure.chance.low if line and line.figure.chance else -1


def _mean(candidate: Candidate) -> int:
    """What the participants say, in tenths; -1 when they are too few to say."""
    found = candidate.rating
    return found.mean_tenths if found and found.mean_tenths is not None else -1


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


def home_code(session: Session, municipality_id: int, participant_id: int) -> str:
    """The postal code that a person need not type; of a protected person nothing is told."""
    row = session.execute(
        select(Participant.postal_code, Participant.protection).where(
            Participant.municipality_id == municipality_id, Participant.id == participant_id
        )
    ).one_or_none()
    if row is None or row.protection != Protection.NONE.value:
        return ""
    return row.postal_code or ""


def snapshot(
    comparison: Comparison, candidate: Candidate, offer: Offer, *, locale: str, today: date
) -> dict[str, object]:
    """What a chooser is shown of one provider and service, as plain JSON for the receipt.

    A figure is {good, people, low, high}, or {fewer_than} when there are too few to say; None where nobody is
    asked. Never from where somebody looked, how far it was, or what was typed.
    """
    line, provider = candidate.line(offer.code), candidate.provider
    if line is None:
        raise ValueError("the candidate does not offer that service")
    in_english = locale == "en" and bool(provider.about_en)
    titles = comparison.market.orientations
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
            "orientations": [titles[code].title(locale) for code in provider.orientations if code in titles],
            "accessibility": list(provider.accessibility),
            "phone": provider.phone,
            "email": provider.email,
            "intake_open": line.intake_open,
            "is_full": line.is_full,
        },
        "service": {"code": offer.code, "title": offer.service.title(locale), "kind": offer.service.kind},
        "figure": _plain(line.figure),
        "town": _plain(offer.town),
        "later": _plain(line.later) if line.later else None,
        "town_later": _plain(offer.later) if offer.later else None,
        "rating": _plain_rating(candidate.rating),
        "free_places": line.free,
        "wait": _plain_wait(line.wait),
        "listed": len(comparison.candidates),
        "accredited": comparison.total,
        "order": comparison.wishes.order,
        "filters": _plain_filters(comparison.wishes, comparison.market, locale),
    }


def _plain(found: Figure) -> dict[str, int]:
    if found.chance is None:
        return {"fewer_than": found.minimum}
    return asdict(found.chance)


def _plain_rating(found: Rating | None) -> dict[str, int] | None:
    if found is None:
        return None
    if found.mean_tenths is None:
        return {"fewer_than": found.minimum}
    return {"mean_tenths": found.mean_tenths, "people": found.people}


def _plain_wait(found: Wait) -> dict[str, int]:
    if found.is_promise:
        return {"promised_working_days": found.working_days}
    return {"working_days": found.working_days, "people": found.people}


def _plain_filters(wishes: Wishes, found: Market, locale: str) -> dict[str, object]:
    """The filters that were used; what was typed is only said to have been."""
    title = found.orientations.get(wishes.orientation)
    used = {
        "service": wishes.service,
        "language": wishes.language,
        "area": wishes.area,
        "orientation": title.title(locale) if title else "",
        "accessibility": wishes.accessibility,
        "open_only": wishes.open_only,
        "text": bool(wishes.text),
        "own_list": bool(wishes.only),
    }
    return {name: value for name, value in used.items() if value}

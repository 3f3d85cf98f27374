"""What is asked of the registry. Lists come as rows of columns, not as entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from providers.models import Accreditation, BankDetails, IntakeStop, Provider, ProviderMember, Site
from providers.models import Place as SpotRow
from providers.rules import CHOOSABLE_STATES, OPEN_STATES, account_is_usable
from providers.rules.places import Spot

OF_PROVIDER = and_(
    Provider.municipality_id == Accreditation.municipality_id, Provider.id == Accreditation.provider_id
)
"""Joins an accreditation to whose it is."""
_TOLD = (
    Provider.name,
    Provider.legal_form,
    Provider.about_sv,
    Provider.about_en,
    Provider.languages,
    Provider.website,
    Provider.phone,
    Provider.email,
    Provider.orientations,
    Provider.accessibility,
)


@dataclass(frozen=True)
class Chosen:
    """One service that can be chosen at a provider. `intake_open` is False while it takes nobody new."""

    accreditation_id: int
    provider_id: int
    scheme: str
    service: str
    intake_open: bool
    capacity: int
    from_on: date


@dataclass(frozen=True)
class Listed:
    """A provider as the public sees it."""

    id: int
    name: str
    legal_form: str
    about_sv: str
    about_en: str
    languages: tuple[str, ...]
    website: str | None
    phone: str | None
    email: str | None
    sites: tuple[Place, ...]
    services: tuple[Chosen, ...]
    orientations: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A site's address. `spot` is the middle of its postal code, where anybody has said where that is."""

    street: str
    postal_code: str
    town: str
    area: str
    step_free: bool
    spot: Spot | None = None


def register(
    session: Session, municipality_id: int, today: date, *, service: str | None = None
) -> list[Listed]:
    """Every provider that is accredited today, by name, in two queries. KL 8:18: all of them."""
    stops = _standing(municipality_id).distinct().subquery()
    rows = (
        select(
            Accreditation.id,
            Accreditation.provider_id,
            Accreditation.scheme,
            Accreditation.service,
            Accreditation.state,
            Accreditation.capacity,
            Accreditation.from_on,
            stops.c.accreditation_id.is_not(None).label("is_stopped"),
            *_TOLD,
        )
        .join(Provider, OF_PROVIDER)
        .outerjoin(stops, stops.c.accreditation_id == Accreditation.id)
        .where(
            Accreditation.municipality_id == municipality_id,
            Accreditation.state.in_(OPEN_STATES),
            Accreditation.from_on <= today,
            (Accreditation.to_on.is_(None)) | (Accreditation.to_on >= today),
        )
        .order_by(Provider.name, Provider.id, Accreditation.scheme, Accreditation.service, Accreditation.id)
    )
    if service:
        rows = rows.where(Accreditation.service == service)
    places = _places(session, municipality_id)
    by_provider = groupby(session.execute(rows), key=lambda row: int(row.provider_id))
    return [_listed(key, list(lines), places.get(key, ())) for key, lines in by_provider]


def _listed(provider_id: int, lines: Sequence[Any], sites: Sequence[Place]) -> Listed:
    head = lines[0]
    return Listed(
        id=provider_id,
        name=head.name,
        legal_form=head.legal_form,
        about_sv=head.about_sv,
        about_en=head.about_en,
        languages=tuple(head.languages.split()),
        website=head.website,
        phone=head.phone,
        email=head.email,
        sites=tuple(sites),
        services=tuple(
            Chosen(
                row.id,
                provider_id,
                row.scheme,
                row.service,
                row.state in CHOOSABLE_STATES and not row.is_stopped,
                row.capacity,
                row.from_on,
            )
            for row in lines
        ),
        orientations=tuple(head.orientations.split()),
        accessibility=tuple(head.accessibility.split()),
    )


def _places(session: Session, municipality_id: int) -> dict[int, list[Place]]:
    """Every site, by whose it is, in one query."""
    there = (SpotRow.municipality_id == Site.municipality_id) & (SpotRow.postal_code == Site.postal_code)
    rows = (
        select(
            Site.provider_id,
            Site.street,
            Site.postal_code,
            Site.town,
            Site.area,
            Site.step_free,
            SpotRow.latitude_e5,
            SpotRow.longitude_e5,
        )
        .outerjoin(SpotRow, there)
        .where(Site.municipality_id == municipality_id)
        .order_by(Site.id)
    )
    places: dict[int, list[Place]] = {}
    for row in session.execute(rows):
        has_spot = row.latitude_e5 is not None
        spot = Spot(row.latitude_e5, row.longitude_e5) if has_spot else None
        places.setdefault(row.provider_id, []).append(
            Place(row.street, row.postal_code, row.town, row.area, row.step_free, spot)
        )
    return places


def standing_stops(session: Session, municipality_id: int) -> set[int]:
    """Accreditations whose intake the provider or the municipality has stopped."""
    return set(session.scalars(_standing(municipality_id)))


def _standing(municipality_id: int) -> Select[int]:
    return select(IntakeStop.accreditation_id).where(
        IntakeStop.municipality_id == municipality_id, IntakeStop.to_on.is_(None)
    )


def intake_is_open(session: Session, accreditation: Accreditation) -> bool:
    """Whether somebody new may come: the state allows it, and nobody has stopped the intake."""
    stop = select(IntakeStop.id).where(
        IntakeStop.municipality_id == accreditation.municipality_id,
        IntakeStop.accreditation_id == accreditation.id,
        IntakeStop.to_on.is_(None),
    )
    return accreditation.state in CHOOSABLE_STATES and session.scalar(stop) is None


def provider_page(session: Session, municipality_id: int, provider_id: int, today: date) -> Listed | None:
    """One accredited provider, or None when the public has nothing to see."""
    found = [listed for listed in register(session, municipality_id, today) if listed.id == provider_id]
    return found[0] if found else None


def open_accreditation(
    session: Session, municipality_id: int, provider_id: int, scheme: str, service: str, today: date
) -> Accreditation | None:
    """The accreditation under which the provider can be chosen today, whether or not its intake is open."""
    return session.scalar(
        select(Accreditation).where(
            Accreditation.municipality_id == municipality_id,
            Accreditation.provider_id == provider_id,
            Accreditation.scheme == scheme,
            Accreditation.service == service,
            Accreditation.state.in_(OPEN_STATES),
            Accreditation.from_on <= today,
            (Accreditation.to_on.is_(None)) | (Accreditation.to_on >= today),
        )
    )


def workplace(session: Session, municipality_id: int, account_id: int) -> int | None:
    """The provider that the account works for."""
    member = session.get(ProviderMember, (municipality_id, account_id))
    return member.provider_id if member else None


def names(session: Session, municipality_id: int, provider_ids: Sequence[int]) -> dict[int, str]:
    """Provider names by id."""
    rows = select(Provider.id, Provider.name).where(
        Provider.municipality_id == municipality_id, Provider.id.in_(provider_ids)
    )
    return {row.id: row.name for row in session.execute(rows)}


def payees(
    session: Session, municipality_id: int, provider_ids: Sequence[int], *, cooling_off_days: int, today: date
) -> dict[int, BankDetails]:
    """The newest usable bank details of each provider; a provider without any is not in the answer."""
    rows = select(BankDetails).where(
        BankDetails.municipality_id == municipality_id, BankDetails.provider_id.in_(provider_ids)
    )
    found: dict[int, BankDetails] = {}
    for details in session.scalars(rows.order_by(BankDetails.approved_on, BankDetails.id)):
        if account_is_usable(details.approved_on, cooling_off_days, today):
            found[details.provider_id] = details
    return found


def accreditations(session: Session, municipality_id: int, provider_id: int) -> dict[str, int]:
    """A provider's open accreditations by service."""
    rows = select(Accreditation.service, Accreditation.id).where(
        Accreditation.municipality_id == municipality_id,
        Accreditation.provider_id == provider_id,
        Accreditation.state.in_(OPEN_STATES),
    )
    return {row.service: row.id for row in session.execute(rows)}

"""What is asked of the registry. Lists come as rows of columns, not as entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from providers.models import Accreditation, BankDetails, IntakeStop, Provider, ProviderMember, Site
from providers.rules import CHOOSABLE_STATES, OPEN_STATES, account_is_usable

OF_PROVIDER = and_(
    Provider.municipality_id == Accreditation.municipality_id, Provider.id == Accreditation.provider_id
)
"""Joins an accreditation to whose it is."""


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


@dataclass(frozen=True)
class Place:
    """A site's address."""

    street: str
    postal_code: str
    town: str
    area: str
    step_free: bool


def register(
    session: Session, municipality_id: int, today: date, *, service: str | None = None
) -> list[Listed]:
    """Every provider that is accredited today, by name, in three queries. KL 8:18: all of them."""
    accredited = (
        select(
            Accreditation.id,
            Accreditation.provider_id,
            Accreditation.scheme,
            Accreditation.service,
            Accreditation.state,
            Accreditation.capacity,
            Accreditation.from_on,
        )
        .where(
            Accreditation.municipality_id == municipality_id,
            Accreditation.state.in_(OPEN_STATES),
            Accreditation.from_on <= today,
            (Accreditation.to_on.is_(None)) | (Accreditation.to_on >= today),
        )
        .order_by(Accreditation.scheme, Accreditation.service)
    )
    if service:
        accredited = accredited.where(Accreditation.service == service)
    stopped = standing_stops(session, municipality_id)
    services: dict[int, list[Chosen]] = {}
    for row in session.execute(accredited):
        services.setdefault(row.provider_id, []).append(
            Chosen(
                row.id,
                row.provider_id,
                row.scheme,
                row.service,
                row.state in CHOOSABLE_STATES and row.id not in stopped,
                row.capacity,
                row.from_on,
            )
        )
    return _listed(session, municipality_id, services)


def standing_stops(session: Session, municipality_id: int) -> set[int]:
    """Accreditations whose intake the provider or the municipality has stopped."""
    return set(
        session.scalars(
            select(IntakeStop.accreditation_id).where(
                IntakeStop.municipality_id == municipality_id, IntakeStop.to_on.is_(None)
            )
        )
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


def _listed(session: Session, municipality_id: int, services: dict[int, list[Chosen]]) -> list[Listed]:
    places: dict[int, list[Place]] = {}
    sites = select(Site).where(Site.municipality_id == municipality_id, Site.provider_id.in_(services))
    for site in session.scalars(sites.order_by(Site.id)):
        places.setdefault(site.provider_id, []).append(
            Place(site.street, site.postal_code, site.town, site.area, site.step_free)
        )
    rows = select(Provider).where(Provider.municipality_id == municipality_id, Provider.id.in_(services))
    return [
        Listed(
            id=row.id,
            name=row.name,
            legal_form=row.legal_form,
            about_sv=row.about_sv,
            about_en=row.about_en,
            languages=tuple(row.languages.split()),
            website=row.website,
            phone=row.phone,
            email=row.email,
            sites=tuple(places.get(row.id, ())),
            services=tuple(services[row.id]),
        )
        for row in session.scalars(rows.order_by(Provider.name))
    ]


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

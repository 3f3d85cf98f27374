"""The public register: every accreditation that is or has been decided, and what has happened to them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, func, select
from sqlalchemy.orm import Session

from core.rulebooks import Rulebook
from providers.models import Accreditation, Provider, RegisterEvent, Site
from providers.queries.registry import Place, standing_stops
from providers.rules import open_register as rules
from providers.rules.sanctions import family


@dataclass(frozen=True)
class Entry:
    """One accreditation as the public sees it. `state` and `intake` are words of `rules.open_register`.

    `end_reason` and `end_family` are those of `rules.sanctions`; None while it has not ended.
    """

    id: int
    provider_id: int
    rulebook_id: int
    rulebook_version: str
    scheme: str
    scheme_sv: str
    scheme_en: str
    service: str
    area: str
    diary_number: str | None
    state: str
    intake: str
    capacity: int
    from_on: date
    to_on: date | None
    end_reason: str | None
    end_family: str | None
    replaces_id: int | None

    @property
    def is_current(self) -> bool:
        """It has not ended."""
        return self.state in rules.CURRENT_STATES


@dataclass(frozen=True)
class Registered:
    """A provider with every accreditation it has had, the newest first within each service.

    `organisation_number` is None when it is a person's. Nobody who works there is named.
    """

    id: int
    name: str
    organisation_number: str | None
    legal_form: str
    languages: tuple[str, ...]
    orientations: tuple[str, ...]
    accessibility: tuple[str, ...]
    sites: tuple[Place, ...]
    entries: tuple[Entry, ...]

    def current(self, scheme: str, service: str) -> Entry | None:
        """The accreditation for that service that has not ended."""
        same = (one for one in self.entries if (one.scheme, one.service) == (scheme, service))
        return next((one for one in same if one.is_current), None)

    def since(self, entry: Entry) -> date:
        """Since when without a gap: an accreditation that renews another goes on from it."""
        known = {one.id: one for one in self.entries}
        first = entry
        while (before := known.get(first.replaces_id or 0)) is not None and not _gap(before, first):
            first = before
        return first.from_on


def _gap(before: Entry, after: Entry) -> bool:
    return before.from_on >= after.from_on or (
        before.to_on is not None and before.to_on < after.from_on - timedelta(days=1)
    )


@dataclass(frozen=True)
class Told:
    """Something that happened, by running number."""

    number: int
    at: datetime
    what: str
    day: date
    accreditation_id: int
    provider_id: int
    facts: dict[str, Any]


def open_register(
    session: Session,
    municipality_id: int,
    today: date,
    *,
    full: Collection[int] = (),
    provider_id: int | None = None,
) -> list[Registered]:
    """Every provider that is or has been accredited, by name, in four queries; or that one.

    `full` are the accreditations without a free place, which another floor counts.
    """
    stopped = standing_stops(session, municipality_id)
    entries: dict[int, list[Entry]] = {}
    for row in session.execute(_decided(municipality_id, provider_id)):
        entries.setdefault(row.provider_id, []).append(_entry(row, today, row.id in stopped, row.id in full))
    sites = select(Site).where(Site.municipality_id == municipality_id)
    providers = select(Provider).where(
        Provider.municipality_id == municipality_id, Provider.id.in_(entries.keys())
    )
    if provider_id is not None:
        sites = sites.where(Site.provider_id == provider_id)
    places: dict[int, list[Place]] = {}
    for site in session.scalars(sites.order_by(Site.id)):
        places.setdefault(site.provider_id, []).append(
            Place(site.street, site.postal_code, site.town, site.area, site.step_free)
        )
    return [
        Registered(
            id=row.id,
            name=row.name,
            organisation_number=None
            if rules.is_personal(row.organisation_number)
            else row.organisation_number,
            legal_form=row.legal_form,
            languages=tuple(row.languages.split()),
            orientations=tuple(row.orientations.split()),
            accessibility=tuple(row.accessibility.split()),
            sites=tuple(places.get(row.id, ())),
            entries=tuple(entries[row.id]),
        )
        for row in session.scalars(providers.order_by(Provider.name, Provider.id))
    ]


def _decided(municipality_id: int, provider_id: int | None) -> Executable:
    rows = (
        select(
            Accreditation.id,
            Accreditation.provider_id,
            Accreditation.rulebook_id,
            Rulebook.version,
            Accreditation.scheme,
            Rulebook.title_sv,
            Rulebook.title_en,
            Accreditation.service,
            Accreditation.area,
            Accreditation.diary_number,
            Accreditation.state,
            Accreditation.capacity,
            Accreditation.from_on,
            Accreditation.to_on,
            Accreditation.end_reason,
            Accreditation.replaces_id,
        )
        .join(
            Rulebook,
            (Rulebook.municipality_id == Accreditation.municipality_id)
            & (Rulebook.id == Accreditation.rulebook_id),
        )
        .where(
            Accreditation.municipality_id == municipality_id,
            Accreditation.state.in_(rules.DECIDED_STATES),
        )
        .order_by(
            Accreditation.scheme,
            Accreditation.service,
            Accreditation.area,
            Accreditation.from_on.desc(),
            Accreditation.id.desc(),
        )
    )
    return rows if provider_id is None else rows.where(Accreditation.provider_id == provider_id)


def _entry(row: Any, today: date, is_stopped: bool, is_full: bool) -> Entry:
    public = rules.public_state(row.state, row.from_on, row.to_on, today)
    reason = row.end_reason if public in ("ending", "ended") else None
    return Entry(
        id=row.id,
        provider_id=row.provider_id,
        rulebook_id=row.rulebook_id,
        rulebook_version=row.version,
        scheme=row.scheme,
        scheme_sv=row.title_sv,
        scheme_en=row.title_en,
        service=row.service,
        area=row.area,
        diary_number=row.diary_number,
        state=public,
        intake=rules.intake(row.state, public, is_stopped=is_stopped, is_full=is_full),
        capacity=row.capacity,
        from_on=row.from_on,
        to_on=row.to_on,
        end_reason=reason,
        end_family=family(reason) if reason else None,
        replaces_id=row.replaces_id,
    )


def events(session: Session, municipality_id: int, *, after: int, limit: int) -> list[Told]:
    """What happened after that running number, in order."""
    rows = (
        select(RegisterEvent)
        .where(RegisterEvent.municipality_id == municipality_id, RegisterEvent.number > after)
        .order_by(RegisterEvent.number)
        .limit(limit)
    )
    return [
        Told(
            row.number,
            row.at,
            row.what,
            row.day,
            row.accreditation_id,
            row.provider_id,
            json.loads(row.facts),
        )
        for row in session.scalars(rows)
    ]


def last_event(session: Session, municipality_id: int) -> int:
    """The running number of the latest event; 0 when nothing has happened."""
    rows = select(func.max(RegisterEvent.number)).where(RegisterEvent.municipality_id == municipality_id)
    return session.scalar(rows) or 0

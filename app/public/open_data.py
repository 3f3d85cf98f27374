"""The public register for programs and spreadsheets, and the words it is told in. See docs/register.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import words
from core.database import Municipality
from core.rulebooks import Rulebook
from providers.queries.open_register import Entry, Registered, Told, open_register
from providers.queries.terms import accreditation_terms
from vouchers.queries.places import free_places
from vouchers.queries.terms import terms_of

Titles = dict[str, str]


@dataclass(frozen=True)
class Register:
    """The register of a day, and what its codes are called: title by language."""

    municipality: str
    providers: list[Registered]
    services: dict[tuple[int, str], Titles]
    orientations: dict[str, Titles]

    def title(self, entry: Entry, locale: str) -> str:
        """The service's name."""
        return self.services[entry.rulebook_id, entry.service][locale]

    def orientation(self, code: str, locale: str) -> str:
        """An orientation's name; its code when no rulebook names it any more."""
        return self.orientations.get(code, {}).get(locale, code)

    @property
    def entries(self) -> list[tuple[Registered, Entry]]:
        """Every accreditation with whose it is."""
        return [(one, entry) for one in self.providers for entry in one.entries]


def read(session: Session, municipality_id: int, today: date, provider_id: int | None = None) -> Register:
    """The whole register, or one provider's part of it; as many queries however many there are."""
    books = session.scalars(select(Rulebook).where(Rulebook.municipality_id == municipality_id)).all()
    full = {key for key, free in free_places(session, municipality_id).items() if not free}
    owner = session.get(Municipality, municipality_id)
    orientations: dict[str, Titles] = {}
    services: dict[tuple[int, str], Titles] = {}
    for book in sorted(books, key=lambda one: one.valid_from):
        for code, service in terms_of(session, municipality_id, book.id).services.items():
            services[book.id, code] = {"sv": service.title_sv, "en": service.title_en}
        application = accreditation_terms(session, municipality_id, book.id).application
        for code, (sv, en) in (application.orientations if application else {}).items():
            orientations[code] = {"sv": sv, "en": en}
    providers = open_register(session, municipality_id, today, full=full, provider_id=provider_id)
    return Register(owner.name if owner else "", providers, services, orientations)


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────


def as_json(register: Register, last_event: int) -> dict[str, Any]:
    """The register as JSON, all but the moment it was made. Keys are only ever added.

    Ids are text: they are larger than the whole numbers that JavaScript keeps exactly.
    """
    return {
        "version": 1,
        "municipality": register.municipality,
        "events": {"last": last_event, "next": url_for("public.register_events", after=last_event)},
        "providers": [_provider(register, one) for one in register.providers],
    }


def _provider(register: Register, one: Registered) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "organisation_number": one.organisation_number,
        "legal_form": one.legal_form,
        "page": url_for("public.provider", provider_id=one.id),
        "languages": list(one.languages),
        "orientations": [
            {"code": code, "title": {locale: register.orientation(code, locale) for locale in ("sv", "en")}}
            for code in one.orientations
        ],
        "accessibility": list(one.accessibility),
        "sites": [
            {
                "street": place.street,
                "postal_code": place.postal_code,
                "town": place.town,
                "area": place.area,
                "step_free": place.step_free,
            }
            for place in one.sites
        ],
        "accreditations": [_accreditation(register, entry) for entry in one.entries],
    }


def _accreditation(register: Register, entry: Entry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "diary_number": entry.diary_number,
        "kundval": {"code": entry.scheme, "title": {"sv": entry.scheme_sv, "en": entry.scheme_en}},
        "service": {"code": entry.service, "title": register.services[entry.rulebook_id, entry.service]},
        "area": entry.area,
        "rulebook_version": entry.rulebook_version,
        "state": entry.state,
        "from": entry.from_on.isoformat(),
        "to": entry.to_on.isoformat() if entry.to_on else None,
        "intake": entry.intake,
        "capacity": entry.capacity,
        "end": {"reason": entry.end_reason, "family": entry.end_family} if entry.end_reason else None,
        "replaces": str(entry.replaces_id) if entry.replaces_id else None,
    }


def event_as_json(told: Told) -> dict[str, Any]:
    """One event of the feed."""
    return {
        "number": told.number,
        "at": moment(told.at),
        "what": told.what,
        "day": told.day.isoformat(),
        "accreditation": str(told.accreditation_id),
        "provider": str(told.provider_id),
        "facts": told.facts,
    }


def moment(at: datetime) -> str:
    """A moment in UTC, to the second: 2026-06-03T10:00:00Z."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────


def as_rows(register: Register, locale: str) -> list[list[str | int]]:
    """One line for each accreditation, after a line of heads, in the language that is in force."""
    heads: Sequence[str] = (
        _("Anordnare"),
        _("Organisationsnummer"),
        _("Form"),
        _("Kundval"),
        _("Insats"),
        _("Leveransområde"),
        _("Diarienummer"),
        _("Läge"),
        _("Från"),
        _("Till"),
        _("Intag"),
        _("Platser"),
        _("Skäl till slutet"),
        _("Slag av slut"),
        _("Regelverk"),
        _("Adresser"),
        _("Språk"),
        _("Inriktningar"),
        _("Tillgänglighet"),
    )
    return [list(heads), *(_row(register, one, entry, locale) for one, entry in register.entries)]


def _row(register: Register, one: Registered, entry: Entry, locale: str) -> list[str | int]:
    return [
        one.name,
        number(one.organisation_number),
        words.word(one.legal_form, "legal_form"),
        entry.scheme_en if locale == "en" else entry.scheme_sv,
        register.title(entry, locale),
        entry.area,
        entry.diary_number or "",
        words.word(entry.state, "register"),
        entry.from_on.isoformat(),
        entry.to_on.isoformat() if entry.to_on else "",
        words.word(entry.intake, "intake"),
        entry.capacity,
        words.word(entry.end_reason, "end_reason") if entry.end_reason else "",
        words.word(entry.end_family, "end_family") if entry.end_family else "",
        entry.rulebook_version,
        "; ".join(f"{place.street}, {place.postal_code} {place.town}" for place in one.sites),
        ", ".join(words.language(code) for code in one.languages),
        ", ".join(register.orientation(code, locale) for code in one.orientations),
        ", ".join(words.word(code, "accessibility") for code in one.accessibility),
    ]


def number(digits: str | None) -> str:
    """An organisation number as 419901-0010; nothing when it may not be shown."""
    return f"{digits[:6]}-{digits[6:]}" if digits else ""

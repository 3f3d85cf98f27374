"""A provider tells about itself: who it is, where it receives people. True whatever it applies for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import PROVIDER, Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from providers.actions.registry import ProviderForm, SiteForm, add_member, register_provider
from providers.models import Accreditation, Provider, ProviderMember, Site
from providers.queries.applicants import orientations, sites
from providers.rules import APPLYING_STATES, LEGAL_FORMS, OPEN_STATES, organisation_number
from providers.rules.applying import ACCESSIBILITY

LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True)
class AboutForm:
    """What a provider tells. Codes of languages (ISO 639-1), of the rulebook's orientations, and of
    `providers.rules.applying.ACCESSIBILITY`."""

    about_sv: str
    about_en: str = ""
    website: str | None = None
    phone: str | None = None
    email: str | None = None
    languages: tuple[str, ...] = ("sv",)
    orientations: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()


def register_own_provider(
    session: Session, name: str, number: str, legal_form: str, *, by: Actor
) -> Provider:
    """A newcomer enters the organisation, and works there from now on. Refuses one that is here already."""
    by.require(Role.MANAGER)
    if session.get(ProviderMember, (by.municipality_id, by.account_id)) is not None:
        raise Refusal("member_already", "Du har redan en organisation här. Börja en ansökan.")
    if not name.strip():
        raise Refusal("provider_name_missing", "Skriv organisationens namn.", status=422)
    if legal_form not in LEGAL_FORMS:
        raise Refusal("legal_form_unknown", "Välj vilken form organisationen har.", status=422)
    digits = organisation_number(number)
    known = select(Provider.id).where(
        Provider.municipality_id == by.municipality_id, Provider.organisation_number == digits
    )
    if session.scalar(known):
        raise Refusal(
            "provider_exists",
            "Organisationsnumret finns redan här. Prata med den hos er som sköter ansökan, eller kommunen.",
        )
    provider = register_provider(session, ProviderForm(name.strip(), digits, legal_form), (), by=by)
    add_member(session, provider, by.account_id, by=by)
    audit.record(session, "provider.self_registered", provider, by=by, legal_form=legal_form)
    return provider


def describe_provider(session: Session, provider_id: int, form: AboutForm, *, by: Actor) -> Provider:
    """Change what the provider tells about itself. Refuses codes nobody knows."""
    provider = _own(session, provider_id, by)
    if not form.about_sv.strip():
        raise Refusal("about_missing", "Skriv vad ni gör, på svenska.", status=422)
    if not form.languages or not all(LANGUAGE.fullmatch(code) for code in form.languages):
        raise Refusal("languages_missing", "Välj minst ett språk som ni talar.", status=422)
    known = {*orientations(session, by.municipality_id), *provider.orientations.split()}
    if not known.issuperset(form.orientations):
        raise Refusal("orientation_unknown", "Välj inriktningar i listan.", status=422)
    if not set(ACCESSIBILITY).issuperset(form.accessibility):
        raise Refusal("accessibility_unknown", "Välj i listan vad ni kan ordna.", status=422)
    told = {
        "about_sv": form.about_sv.strip(),
        "about_en": form.about_en.strip(),
        "website": _web(form.website),
        "phone": (form.phone or "").strip() or None,
        "email": (form.email or "").strip() or None,
        "languages": _codes(form.languages),
        "orientations": _codes(form.orientations),
        "accessibility": _codes(form.accessibility),
    }
    changed = [name for name, value in told.items() if getattr(provider, name) != value]
    for name in changed:
        setattr(provider, name, told[name])
    audit.record(session, "provider.described", provider, by=by, changed=changed)
    return provider


def add_site(session: Session, provider_id: int, form: SiteForm, *, by: Actor) -> Site:
    """Add a place where the provider receives people."""
    provider = _own(session, provider_id, by)
    site = Site(
        municipality_id=by.municipality_id, provider_id=provider.id, postal_code=_postal(form.postal_code)
    )
    _fill(site, form)
    session.add(site)
    audit.record(session, "provider.site_added", provider, by=by, site=site.id)
    return site


def change_site(session: Session, site_id: int, form: SiteForm, *, by: Actor) -> Site:
    """Correct a place's address."""
    site = fetch(session, Site, by.municipality_id, site_id)
    provider = _own(session, site.provider_id, by)
    site.postal_code = _postal(form.postal_code)
    _fill(site, form)
    audit.record(session, "provider.site_changed", provider, by=by, site=site.id)
    return site


def remove_site(session: Session, site_id: int, *, by: Actor) -> None:
    """Take a place away. Refuses the last one of a provider that has applied or is accredited."""
    site = fetch(session, Site, by.municipality_id, site_id)
    provider = _own(session, site.provider_id, by)
    needed = select(Accreditation.id).where(
        Accreditation.municipality_id == by.municipality_id,
        Accreditation.provider_id == provider.id,
        Accreditation.state.in_((*APPLYING_STATES[1:], *OPEN_STATES)),
    )
    if len(sites(session, by.municipality_id, provider.id)) < 2 and session.scalars(needed).first():
        raise Refusal("last_site", "Ni måste ha minst en plats. Lägg till den nya platsen först.")
    session.delete(site)
    session.flush()
    audit.record(session, "provider.site_removed", provider, by=by, site=site_id)


def _own(session: Session, provider_id: int, by: Actor) -> Provider:
    """The provider, for its own staff, and for the municipality's; to others it is not there."""
    if by.has(*PROVIDER) and by.provider_id != provider_id:
        raise Missing()
    by.require(Role.MANAGER, Role.INSPECTOR)
    return fetch(session, Provider, by.municipality_id, provider_id)


def _fill(site: Site, form: SiteForm) -> None:
    for name in ("street", "town", "area"):
        text = getattr(form, name).strip()
        if not text:
            raise Refusal("address_missing", "Skriv hela adressen: gata, postort och område.", status=422)
        setattr(site, name, text)
    site.step_free = form.step_free


def _postal(text: str) -> str:
    digits = text.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 5):
        raise Refusal(
            "postal_code_wrong", "Skriv postnumret med fem siffror, till exempel 100 02.", status=422
        )
    return digits


def _web(text: str | None) -> str | None:
    """An address that leads to a site: with its scheme, or https put first."""
    address = (text or "").strip()
    if not address:
        return None
    if "://" not in address:
        address = f"https://{address}"
    if not re.fullmatch(r"https?://[^\s/?#@\\]+\.[^\s/?#@\\]+([/?#]\S*)?", address):
        raise Refusal("website_wrong", "Skriv en webbadress, till exempel www.example.org.", status=422)
    return address


def _codes(codes: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(codes))

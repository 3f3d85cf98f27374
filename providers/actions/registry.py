"""What can happen in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import luhn

from core import audit
from core.actor import PROVIDER, AccountRole, Actor, Role
from core.database import fetch
from core.refusal import Refusal
from providers import rules
from providers.models import BankDetails, Contact, Provider, ProviderMember, Site


@dataclass(frozen=True)
class ProviderForm:
    """What a provider says about itself."""

    name: str
    organisation_number: str
    legal_form: str
    about_sv: str = ""
    about_en: str = ""
    languages: tuple[str, ...] = ("sv",)
    website: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class SiteForm:
    """A place where the provider receives people."""

    street: str
    postal_code: str
    town: str
    area: str
    step_free: bool = False


def register_provider(
    session: Session, form: ProviderForm, sites: tuple[SiteForm, ...], *, by: Actor
) -> Provider:
    """Add an organisation and its sites. Refuses a wrong organisation number, and one already here."""
    number = rules.organisation_number(form.organisation_number)
    known = select(Provider.id).where(
        Provider.municipality_id == by.municipality_id, Provider.organisation_number == number
    )
    if session.scalar(known):
        raise Refusal("provider_exists", "Det finns redan en anordnare med det organisationsnumret.")
    provider = Provider(
        municipality_id=by.municipality_id,
        name=form.name,
        organisation_number=number,
        legal_form=form.legal_form,
        about_sv=form.about_sv,
        about_en=form.about_en,
        languages=" ".join(form.languages),
        website=form.website,
        phone=form.phone,
        email=form.email,
    )
    session.add(provider)
    session.flush()
    for site in sites:
        session.add(
            Site(
                municipality_id=by.municipality_id,
                provider_id=provider.id,
                street=site.street,
                postal_code=site.postal_code,
                town=site.town,
                area=site.area,
                step_free=site.step_free,
            )
        )
    audit.record(session, "provider.registered", provider, by=by, sites=len(sites))
    return provider


def propose_bank_details(
    session: Session, provider: Provider, kind: str, number: str, *, by: Actor, today: date
) -> BankDetails:
    """Say where the provider wants its money. Nothing is paid there until somebody else has approved it."""
    digits = number.replace("-", "").replace(" ", "")
    sizes = {"bankgiro": (7, 8), "plusgiro": (2, 3, 4, 5, 6, 7, 8)}
    if kind not in sizes or len(digits) not in sizes[kind] or not luhn.is_valid(digits):
        raise Refusal(
            "bank_details_wrong",
            "Numret stämmer inte som bankgiro eller plusgiro. Kontrollera siffrorna.",
            status=422,
        )
    details = BankDetails(
        municipality_id=by.municipality_id,
        provider_id=provider.id,
        kind=kind,
        number=digits,
        proposed_by=by.account_id,
        proposed_on=today,
    )
    session.add(details)
    audit.record(session, "bank_details.proposed", details, by=by, kind=kind)
    return details


def call_back(session: Session, details_id: int, contact_id: int, *, by: Actor, today: date) -> BankDetails:
    """Somebody has called the provider, on a number that was known before the details came, and heard yes."""
    by.require(Role.MAKER, Role.SIGNER)
    details = _waiting(session, details_id, by)
    contact = fetch(session, Contact, by.municipality_id, contact_id)
    if contact.provider_id != details.provider_id or contact.removed_on is not None:
        raise Refusal("contact_elsewhere", "Välj en kontaktperson hos anordnaren.", status=422)
    if contact.added_on >= details.proposed_on:
        raise Refusal(
            "contact_too_new",
            "Ring ett nummer som fanns innan uppgifterna kom. Det här är nyare.",
            status=422,
        )
    details.called_by, details.called_on, details.called_number = by.account_id, today, contact.phone
    audit.record(session, "bank_details.called_back", details, by=by, contact=contact.id)
    return details


def approve_bank_details(session: Session, details_id: int, *, by: Actor, today: date) -> BankDetails:
    """Approve bank details that another person proposed, after the call-back."""
    by.require(Role.MAKER, Role.SIGNER)
    details = _waiting(session, details_id, by)
    if details.proposed_by == by.account_id:
        raise Refusal("bank_details_same_person", "En annan person måste godkänna uppgifterna.")
    if details.called_on is None:
        raise Refusal("bank_details_not_called", "Ring anordnaren först, på ett nummer ni redan hade.")
    details.approved_by, details.approved_on = by.account_id, today
    audit.record(session, "bank_details.approved", details, by=by)
    return details


def refuse_bank_details(session: Session, details_id: int, *, by: Actor, today: date) -> BankDetails:
    """Say no to bank details; what was approved before goes on counting."""
    by.require(Role.MAKER, Role.SIGNER)
    details = _waiting(session, details_id, by)
    details.refused_by, details.refused_on = by.account_id, today
    audit.record(session, "bank_details.refused", details, by=by)
    return details


def _waiting(session: Session, details_id: int, by: Actor) -> BankDetails:
    details = fetch(session, BankDetails, by.municipality_id, details_id)
    if details.approved_by is not None:
        raise Refusal("bank_details_approved", "Uppgifterna är redan godkända.")
    if details.refused_by is not None:
        raise Refusal("bank_details_refused", "Uppgifterna är redan avvisade.")
    return details


def add_member(session: Session, provider: Provider, account_id: int, *, by: Actor) -> ProviderMember:
    """Let a person act for a provider. Refuses municipal staff, also for the municipality's own provider."""
    roles = set(
        session.scalars(
            select(AccountRole.role).where(
                AccountRole.municipality_id == by.municipality_id, AccountRole.account_id == account_id
            )
        )
    )
    if not roles or not roles <= PROVIDER:
        raise Refusal(
            "member_not_provider_staff",
            "Den som handlägger eller betalar för kommunen kan inte arbeta hos en anordnare.",
        )
    member = ProviderMember(
        municipality_id=by.municipality_id, account_id=account_id, provider_id=provider.id
    )
    session.add(member)
    audit.record(session, "provider.member_added", provider, by=by, account=account_id)
    return member

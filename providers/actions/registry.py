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
from core.refusal import Forbidden, Refusal
from providers import rules
from providers.models import BankDetails, Contact, Provider, ProviderMember, Site
from providers.queries import bank
from providers.rules.bank import hindrance, is_known_since


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
    """Say where the provider wants its money. Nothing is paid there until one has called, another approved.

    Refuses a wrong number, one that is approved already, and a second proposal while one waits.
    """
    by.require(Role.MANAGER, Role.MAKER, Role.SIGNER)
    if not by.has(Role.MAKER, Role.SIGNER) and by.provider_id != provider.id:
        raise Forbidden("not_your_bank_details")
    digits = number.replace("-", "").replace(" ", "")
    sizes = {"bankgiro": (7, 8), "plusgiro": (2, 3, 4, 5, 6, 7, 8)}
    if kind not in sizes or len(digits) not in sizes[kind] or not luhn.is_valid(digits):
        raise Refusal(
            "bank_details_wrong",
            "Numret stämmer inte som bankgiro eller plusgiro. Kontrollera siffrorna.",
            status=422,
        )
    history = bank.history(session, by.municipality_id, provider.id)
    if any(one.is_waiting for one in history):
        raise Refusal(
            "bank_details_waiting",
            "Ett nytt nummer väntar redan på svar. Vänta, eller ta tillbaka det först.",
        )
    approved = bank.newest_approved(history)
    if approved is not None and (approved.kind, approved.number) == (kind, digits):
        raise Refusal("bank_details_unchanged", "Det är samma nummer som redan är godkänt.", status=422)
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


def withdraw_bank_details(session: Session, details_id: int, *, by: Actor, today: date) -> BankDetails:
    """The provider takes back what it proposed; what was approved before goes on counting."""
    by.require(Role.MANAGER)
    details = fetch(session, BankDetails, by.municipality_id, details_id)
    if by.provider_id is None or details.provider_id != by.provider_id:
        raise Forbidden("not_your_bank_details")
    _must_wait(details)
    details.withdrawn_by, details.withdrawn_on = by.account_id, today
    audit.record(session, "bank_details.withdrawn", details, by=by)
    return details


def call_back(session: Session, details_id: int, contact_id: int, *, by: Actor, today: date) -> BankDetails:
    """Somebody has called the provider, on a number that was known before the details came, and heard yes."""
    details = _for_finance(session, details_id, by)
    if details.called_on is not None:
        raise Refusal(
            "bank_details_called", "Någon har redan ringt. Nu ska en annan person godkänna eller avvisa."
        )
    contact = session.get(Contact, (by.municipality_id, contact_id))
    if contact is None or contact.provider_id != details.provider_id or contact.removed_on is not None:
        raise Refusal("contact_elsewhere", "Välj en kontaktperson hos anordnaren.", status=422)
    if not is_known_since(contact.added_on, details.proposed_on):
        raise Refusal(
            "contact_too_new",
            "Ring ett nummer som fanns innan uppgifterna kom. Det här är nyare.",
            status=422,
        )
    details.called_by, details.called_on, details.called_number = by.account_id, today, contact.phone
    audit.record(session, "bank_details.called_back", details, by=by, contact=contact.id)
    return details


def approve_bank_details(session: Session, details_id: int, *, by: Actor, today: date) -> BankDetails:
    """Approve bank details after the call-back. Who proposed or called does not approve."""
    details = _for_finance(session, details_id, by)
    why_not = hindrance(details.proposed_by, details.called_by, by.account_id)
    if why_not == "is_proposer":
        raise Refusal("bank_details_same_person", "En annan person måste godkänna uppgifterna.")
    if why_not == "not_called":
        raise Refusal("bank_details_not_called", "Ring anordnaren först, på ett nummer ni redan hade.")
    if why_not == "is_caller":
        raise Refusal(
            "bank_details_called_by_you", "Du har själv ringt anordnaren. En annan person måste godkänna."
        )
    details.approved_by, details.approved_on = by.account_id, today
    audit.record(session, "bank_details.approved", details, by=by)
    return details


def refuse_bank_details(session: Session, details_id: int, *, by: Actor, today: date) -> BankDetails:
    """Say no to bank details; what was approved before goes on counting."""
    details = _for_finance(session, details_id, by)
    details.refused_by, details.refused_on = by.account_id, today
    audit.record(session, "bank_details.refused", details, by=by)
    return details


def _for_finance(session: Session, details_id: int, by: Actor) -> BankDetails:
    by.require(Role.MAKER, Role.SIGNER)
    details = fetch(session, BankDetails, by.municipality_id, details_id)
    _must_wait(details)
    return details


def _must_wait(details: BankDetails) -> None:
    if details.approved_by is not None:
        raise Refusal("bank_details_approved", "Uppgifterna är redan godkända.")
    if details.refused_by is not None:
        raise Refusal("bank_details_refused", "Uppgifterna är redan avvisade.")
    if details.withdrawn_by is not None:
        raise Refusal("bank_details_withdrawn", "Anordnaren har tagit tillbaka uppgifterna.")


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

"""A new giro number on its way: proposed, called about, approved; each by the hand it must be."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.demo.people import bankgiro
from core.actor import Actor
from core.database import fetch
from providers import actions as registry
from providers.actions import ContactForm
from providers.models import BankDetails, Contact, Provider
from providers.queries.applying import contacts
from tests.provider.stage import Stage

NEW = bankgiro(77)


def proposed(
    session: Session, stage: Stage, day: date, *, by: Actor | None = None, number: str = NEW
) -> BankDetails:
    """The first provider's manager proposes a number."""
    provider = fetch(session, Provider, 1, stage.town.provider_id)
    by = by or stage.town.manager
    return registry.propose_bank_details(session, provider, "bankgiro", number, by=by, today=day)


def called(session: Session, stage: Stage, details: BankDetails, day: date) -> None:
    """The maker calls the contact who has been there since the provider came."""
    contact = contacts(session, 1, details.provider_id)[0]
    registry.call_back(session, details.id, contact.id, by=stage.town.maker, today=day)


def moved(session: Session, stage: Stage, day: date) -> BankDetails:
    """The whole way, in one day; gives the approved details."""
    details = proposed(session, stage, day)
    called(session, stage, details, day)
    return registry.approve_bank_details(session, details.id, by=stage.town.signer, today=day)


def new_contact(session: Session, stage: Stage, day: date) -> Contact:
    """Somebody whom the provider's manager adds."""
    form = ContactForm("Nyss Tillagd", "070-174 06 66", "nyss@example.org", "Ny chef")
    return registry.add_contact(session, stage.town.provider_id, form, by=stage.town.manager, today=day)

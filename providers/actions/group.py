"""A manager declares which organisations are of the provider's own group, and takes one off."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from providers.models import Affiliate, Provider
from providers.rules import organisation_number

LONGEST_NAME = 200
MOST = 200


def declare_affiliate(session: Session, name: str, number: str, *, by: Actor, today: date) -> Affiliate:
    """Put an organisation on the provider's list; it stands from today.

    Refuses a wrong number, the provider's own, and one that stands there already.
    """
    provider = _own(session, by)
    digits, name = organisation_number(number), name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refusal("affiliate_name_missing", "Skriv organisationens namn.", status=422)
    if digits == provider.organisation_number:
        raise Refusal("affiliate_is_self", "Det är ert eget nummer. Ni själva räknas redan med.", status=422)
    standing = session.scalars(
        select(Affiliate.organisation_number).where(
            Affiliate.municipality_id == by.municipality_id,
            Affiliate.provider_id == provider.id,
            Affiliate.removed_on.is_(None),
        )
    ).all()
    if digits in standing:
        raise Refusal("affiliate_exists", "Den organisationen står redan på listan.", status=422)
    if len(standing) >= MOST:
        raise Refusal("affiliates_too_many", "Listan kan ha högst {most} rader.", most=MOST)
    affiliate = Affiliate(
        municipality_id=by.municipality_id,
        provider_id=provider.id,
        organisation_number=digits,
        name=name,
        declared_by=by.account_id,
        declared_on=today,
    )
    session.add(affiliate)
    audit.record(session, "affiliate.declared", affiliate, by=by, provider=provider.id, declared_on=today)
    return affiliate


def remove_affiliate(session: Session, affiliate_id: int, *, by: Actor, today: date) -> Affiliate:
    """Take an organisation off the list. What was declared, and when, is kept."""
    provider = _own(session, by)
    affiliate = fetch(session, Affiliate, by.municipality_id, affiliate_id)
    if affiliate.provider_id != provider.id:
        raise Missing()
    if affiliate.removed_on is not None:
        raise Refusal("affiliate_removed", "Organisationen är redan borttagen från listan.")
    affiliate.removed_by, affiliate.removed_on = by.account_id, today
    audit.record(session, "affiliate.removed", affiliate, by=by, provider=provider.id, removed_on=today)
    return affiliate


def _own(session: Session, by: Actor) -> Provider:
    by.require(Role.MANAGER)
    if by.provider_id is None:
        raise Missing()
    return fetch(session, Provider, by.municipality_id, by.provider_id)

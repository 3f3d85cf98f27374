"""What an applicant sees of its own: its applications, its places, and what may be applied for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.rulebooks import Rulebook
from providers.models import Accreditation, Decision, Evidence, Site, Supplement
from providers.queries.terms import accreditation_terms, newest_rulebooks
from providers.rules import APPLYING_STATES, OPEN_STATES
from providers.rules.conditions import Application


@dataclass(frozen=True)
class Applied:
    """One application or accreditation of a provider's. `answer_by` is set while a supplement is awaited."""

    id: int
    rulebook_id: int
    scheme: str
    scheme_sv: str
    scheme_en: str
    service: str
    area: str
    state: str
    diary_number: str | None
    applied_on: date | None
    from_on: date | None
    to_on: date | None
    answer_by: date | None

    def title(self, locale: str) -> str:
        """The kundval's name in that language."""
        return self.scheme_en if locale == "en" else self.scheme_sv


@dataclass(frozen=True)
class Offer:
    """One service that can be applied for, in the newest version of a kundval's rules."""

    rulebook: Rulebook
    service: str
    application: Application


def own(session: Session, municipality_id: int, provider_id: int) -> list[Applied]:
    """All that a provider has applied for and been accredited for, the newest first."""
    asked = (
        select(Supplement.accreditation_id, func.min(Supplement.due_on).label("due_on"))
        .where(Supplement.municipality_id == municipality_id, Supplement.answered_on.is_(None))
        .group_by(Supplement.accreditation_id)
        .subquery()
    )
    rows = (
        select(
            Accreditation.id,
            Accreditation.rulebook_id,
            Accreditation.scheme,
            Rulebook.title_sv,
            Rulebook.title_en,
            Accreditation.service,
            Accreditation.area,
            Accreditation.state,
            Accreditation.diary_number,
            Accreditation.applied_on,
            Accreditation.from_on,
            Accreditation.to_on,
            asked.c.due_on,
        )
        .join(
            Rulebook,
            and_(
                Rulebook.municipality_id == Accreditation.municipality_id,
                Rulebook.id == Accreditation.rulebook_id,
            ),
        )
        .outerjoin(asked, asked.c.accreditation_id == Accreditation.id)
        .where(Accreditation.municipality_id == municipality_id, Accreditation.provider_id == provider_id)
        .order_by(Accreditation.id.desc())
    )
    return [Applied(*tuple(row)) for row in session.execute(rows)]


def offers(session: Session, municipality_id: int) -> list[Offer]:
    """Every service that takes applications, by kundval, under its newest rules."""
    found = []
    for _scheme, rulebook in sorted(newest_rulebooks(session, municipality_id).items()):
        terms = accreditation_terms(session, municipality_id, rulebook.id)
        if terms.application is not None:
            found += [Offer(rulebook, service, terms.application) for service in terms.services]
    return found


def is_standing(offer: Offer, area: str, applied: Sequence[Applied]) -> bool:
    """Whether the provider has already applied there, or is accredited."""
    return any(
        (one.scheme, one.service, one.area) == (offer.rulebook.scheme, offer.service, area)
        and one.state in (*APPLYING_STATES, *OPEN_STATES)
        for one in applied
    )


def orientations(session: Session, municipality_id: int) -> dict[str, tuple[str, str]]:
    """The orientations that any kundval's newest rules name: code → (Swedish, English)."""
    found: dict[str, tuple[str, str]] = {}
    for rulebook in newest_rulebooks(session, municipality_id).values():
        application = accreditation_terms(session, municipality_id, rulebook.id).application
        if application is not None:
            found |= application.orientations
    return found


def sites(session: Session, municipality_id: int, provider_id: int) -> Sequence[Site]:
    """A provider's places, the oldest first."""
    return session.scalars(
        select(Site)
        .where(Site.municipality_id == municipality_id, Site.provider_id == provider_id)
        .order_by(Site.id)
    ).all()


def shown_elsewhere(session: Session, accreditation: Accreditation, condition: str) -> Evidence | None:
    """The newest evidence for the same condition in another application of the provider's, still in force."""
    return session.scalars(
        select(Evidence)
        .join(
            Accreditation,
            and_(
                Accreditation.municipality_id == Evidence.municipality_id,
                Accreditation.id == Evidence.accreditation_id,
            ),
        )
        .where(
            Evidence.municipality_id == accreditation.municipality_id,
            Evidence.condition == condition,
            Evidence.accreditation_id != accreditation.id,
            Accreditation.provider_id == accreditation.provider_id,
            Accreditation.scheme == accreditation.scheme,
        )
        .order_by(Evidence.added_at.desc(), Evidence.id.desc())
    ).first()


def turned_down(session: Session, accreditation: Accreditation) -> Decision | None:
    """The decision that said no, with its reasons and how to appeal."""
    return session.scalars(
        select(Decision)
        .where(
            Decision.municipality_id == accreditation.municipality_id,
            Decision.accreditation_id == accreditation.id,
            Decision.kind.in_(("refused", "dismissed")),
        )
        .order_by(Decision.id.desc())
    ).first()

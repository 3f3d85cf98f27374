"""The provider's own applications: which one, what it lacks, what has been told in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.provider.views.door import workplace
from app.web import municipality_id
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing
from core.rulebooks import Rulebook
from providers.models import Accreditation, Contact, Evidence, Provider, Site, Supplement
from providers.queries import applicants
from providers.queries import applying as asked
from providers.queries.terms import accreditation_terms
from providers.rules import OPEN_STATES
from providers.rules.applying import lacking
from providers.rules.conditions import Application, Condition
from vouchers.queries.terms import terms_of
from vouchers.rules.terms import Service

WRITABLE = ("draft", "supplement_requested")


@dataclass(frozen=True)
class Mine:
    """One of the provider's own applications, and the rules it is made under."""

    it: Accreditation
    provider: Provider
    rulebook: Rulebook
    application: Application
    conditions: tuple[Condition, ...]
    service: Service
    supplement: Supplement | None

    @property
    def is_draft(self) -> bool:
        """Not sent yet."""
        return self.it.state == "draft"

    @property
    def is_open(self) -> bool:
        """Whether it may be added to now."""
        return self.it.state in WRITABLE

    @property
    def is_accredited(self) -> bool:
        """Whether it has become an accreditation that stands; its own page then tells about it."""
        return self.it.state in OPEN_STATES

    @property
    def takes_evidence(self) -> bool:
        """Whether something may be shown for a condition now; also when accredited, as evidence ends."""
        return self.is_open or self.is_accredited

    @property
    def decide_by(self) -> date | None:
        """The day the municipality has promised to decide by."""
        return asked.decide_by(self.it.applied_on, self.application.decision_days)

    def condition(self, code: str) -> Condition:
        """The condition with that code. Raises Missing."""
        for one in self.conditions:
            if one.code == code:
                return one
        raise Missing()

    def may_write(self, by: Actor) -> bool:
        """Whether that person may add to it."""
        return self.is_open and by.has(Role.MANAGER)


@dataclass(frozen=True)
class Part:
    """One line of the task list: a part's name, or `condition` and its condition; done or lacking."""

    name: str
    done: bool
    condition: Condition | None = None
    shown: Evidence | None = None


@dataclass(frozen=True)
class Answers:
    """What has been told in an application."""

    contacts: Sequence[Contact]
    sites: Sequence[Site]
    orientations: dict[str, tuple[str, str]]
    evidence: dict[str, list[Evidence]]


def mine(session: Session, accreditation_id: int) -> Mine:
    """The provider's own application; Missing to everybody else, and where nobody applies."""
    provider_id = workplace()
    it = fetch(session, Accreditation, municipality_id(), accreditation_id)
    if it.provider_id != provider_id:
        raise Missing()
    terms = accreditation_terms(session, it.municipality_id, it.rulebook_id)
    if terms.application is None:
        raise Missing()
    return Mine(
        it=it,
        provider=fetch(session, Provider, it.municipality_id, provider_id),
        rulebook=fetch(session, Rulebook, it.municipality_id, it.rulebook_id),
        application=terms.application,
        conditions=terms.conditions(it.service),
        service=terms_of(session, it.municipality_id, it.rulebook_id).services[it.service],
        supplement=asked.open_supplement(session, it),
    )


def parts(session: Session, found: Mine, today: date) -> list[Part]:
    """The task list, in the order it is best filled in."""
    missing = set(lacking(asked.told(session, found.it), found.conditions, today))
    shown = asked.evidence(session, found.it)
    general = [
        Part("about", not missing & {"about", "languages"}),
        Part("contacts", "contact" not in missing),
        Part("sites", "site" not in missing),
        Part("capacity", "capacity" not in missing),
    ]
    return general + [
        Part(
            "condition",
            f"condition:{one.code}" not in missing,
            one,
            next(iter(shown.get(one.code, [])), None),
        )
        for one in found.conditions
    ]


def answers(session: Session, found: Mine) -> Answers:
    """All that has been told, for reading through."""
    owner = (found.it.municipality_id, found.provider.id)
    return Answers(
        contacts=asked.contacts(session, *owner),
        sites=applicants.sites(session, *owner),
        orientations=applicants.orientations(session, found.it.municipality_id),
        evidence=asked.evidence(session, found.it),
    )

"""Everything about one accreditation's life, for the pages of staff and of the provider."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import get_locale, gettext, ngettext
from sqlalchemy.orm import Session

from app import words
from app.casework.titles import Titles
from app.sentences import N_
from core.database import Rows, fetch
from core.rulebooks import Rulebook
from providers.actions.deciding import open_proposal
from providers.models import (
    Accreditation,
    ActionPlan,
    Evidence,
    IntakeStop,
    Notice,
    Proposal,
    Provider,
    Reaccreditation,
)
from providers.queries import applying as asked
from providers.queries import life as told
from providers.queries import reviewing
from providers.queries.terms import accreditation_terms
from providers.rules.conditions import AccreditationTerms, Condition
from providers.rules.ending import tail_ends_on
from providers.rules.sanctions import family

Pair = tuple[str, str]


@dataclass(frozen=True)
class Life:
    """An accreditation that is, or was, in force, and all that has happened to it."""

    accreditation: Accreditation
    provider: Provider
    rulebook: Rulebook
    terms: AccreditationTerms
    service: str
    kundval: str
    conditions: tuple[Condition, ...]
    evidence: dict[str, list[Evidence]]
    stops: Sequence[IntakeStop]
    proposal: Proposal | None
    proposals: Rows
    plans: Sequence[ActionPlan]
    decisions: Rows
    notices: Sequence[Notice]
    call: Reaccreditation | None
    renewal: Accreditation | None

    @property
    def stoppers(self) -> list[str]:
        """Whose stop of the intake stands today."""
        return [one.stopped_by for one in self.stops if one.to_on is None]

    @property
    def end_family(self) -> str | None:
        """own_fault, neutral or administrative, once it has ended."""
        reason = self.accreditation.end_reason
        return family(reason) if reason else None

    @property
    def tail_ends_on(self) -> date | None:
        """The last day a result can still come, once it has ended."""
        to_on = self.accreditation.to_on
        return tail_ends_on(to_on, self.terms.tail_months) if to_on else None

    def about(self, notice: Notice) -> str | None:
        """The title of the condition whose evidence a notice is about."""
        titles = {
            one.code: one.title_en if str(get_locale()) == "en" else one.title_sv for one in self.conditions
        }
        for code, rows in self.evidence.items():
            if notice.kind.startswith("evidence") and notice.about in (str(row.id) for row in rows):
                return titles.get(code)
        return None

    @property
    def penalties(self) -> dict[str, dict[str, Any]]:
        """The rulebook's penalties by code: title, amount in öre, whether nobody has published the amount."""
        english = str(get_locale()) == "en"
        return {
            one.code: {
                "title": one.title_en if english else one.title_sv,
                "ore": one.ore,
                "is_example": one.status == "example",
            }
            for one in self.terms.penalties
        }


def opened(session: Session, found: Accreditation) -> Life:
    """All about the accreditation, in a fixed number of queries."""
    terms = accreditation_terms(session, found.municipality_id, found.rulebook_id)
    titles = Titles(session)
    return Life(
        accreditation=found,
        provider=fetch(session, Provider, found.municipality_id, found.provider_id),
        rulebook=fetch(session, Rulebook, found.municipality_id, found.rulebook_id),
        terms=terms,
        service=titles.service(found.rulebook_id, found.service),
        kundval=titles.kundval(found.rulebook_id),
        conditions=terms.conditions(found.service),
        evidence=asked.evidence(session, found),
        stops=told.stops(session, found),
        proposal=open_proposal(session, found),
        proposals=told.proposals(session, found),
        plans=told.plans(session, found),
        decisions=reviewing.decisions(session, found.municipality_id, found.id),
        notices=told.notices(session, found),
        call=told.reaccreditation_of(session, found),
        renewal=told.renewal_of(session, found),
    )


def facts_in_words(text: str) -> list[Pair]:
    """What a proposal rests on, as labels and values; keys that have no words are left out."""
    facts: dict[str, Any] = json.loads(text)
    labels = {
        "last_customer_on": gettext("Senaste deltagaren"),
        "counted_from": gettext("Räknat från"),
        "uncounted_days": gettext("Tid som inte räknas"),
        "reminded_on": gettext("Anordnaren påmindes"),
        "propose_on": gettext("Tiden gick ut"),
        "customer": gettext("Räknas som deltagare"),
        "due_on": gettext("Skulle ha ansökt senast"),
        "renewal": gettext("Ny ansökan"),
        "contract": gettext("Avtal"),
        "periods": gettext("Uppföljningar"),
        "weighted_thousandths": gettext("Sammanvägt resultat"),
        "rating": gettext("Betyg"),
    }
    return [(label, _fact(key, facts[key])) for key, label in labels.items() if key in facts]


NOTHING = {"last_customer_on": N_("Ingen har kommit"), "renewal": N_("Ingen inskickad")}
CUSTOMERS = {"chosen": N_("den som har valt anordnaren"), "started": N_("den som har börjat")}


def _fact(key: str, value: Any) -> str:
    if value is None:
        return gettext(NOTHING.get(key, N_("Finns inte")))
    if key == "customer":
        return gettext(CUSTOMERS[value])
    if key == "uncounted_days":
        return ngettext("%(num)s dag", "%(num)s dagar", int(value))
    if key == "renewal":
        return words.word(value, "accreditation")
    if key == "weighted_thousandths":
        whole, rest = divmod(int(value), 1000)
        return f"{whole}{'.' if str(get_locale()) == 'en' else ','}{rest:03d}"
    return words.day(date.fromisoformat(value)) if key.endswith(("_on", "_from")) else str(value)

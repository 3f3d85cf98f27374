"""What a provider may see of a person, on which ground, and until when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.chapters import Chapter
from core.dates import add_months
from core.refusal import Refusal
from vouchers.rules.plan import FURTHEST_MONTHS, PARTIES, SHARED

GROUNDS = ("agreement", "consent")
"""By the agreement and its duty of silence, or only if the person has said yes."""
ASKED = tuple(party for party in PARTIES if party not in ("participant", "municipality"))
"""Who sees nothing of a person by themselves: a provider, and the authorities that the municipality meets."""


@dataclass(frozen=True)
class Disclosure:
    """One kind of information (`vouchers.rules.plan.SHARED`): its ground in words, and how many days after
    the person has left the provider sees it."""

    what: str
    ground: str
    basis: str
    days_after: int


@dataclass(frozen=True)
class Ground:
    """Why something may be seen today. `until` is the last day, where one is known already."""

    what: str
    kind: str
    basis: str
    until: date | None = None


def read_disclosure(book: Chapter) -> tuple[Disclosure, ...]:
    """Read the tables `disclosure`; without them a provider sees how to reach the person, while there, and
    what it has written itself."""
    if not book.has("disclosure"):
        own = (Disclosure(what, "agreement", "", 3650) for what in ("reports", "results"))
        return (Disclosure("contact", "agreement", "", 0), *own)
    found: list[Disclosure] = []
    for row in book.tables("disclosure"):
        what = row.choice("what", SHARED)
        if what in {one.what for one in found}:
            row.fault("what", "stands twice")
        row.text("source")
        found.append(
            Disclosure(
                what, row.choice("ground", GROUNDS), row.text("basis"), row.whole("days_after", 0, 3650)
            )
        )
    return tuple(found)


def stands(given_on: date, to_on: date | None, withdrawn_on: date | None, today: date) -> bool:
    """Whether a consent holds today: given, not taken back, and its last day has not passed. What is taken
    back stops at once, on the same day."""
    return withdrawn_on is None and given_on <= today and (to_on is None or today <= to_on)


def may_see(
    what: str,
    terms: Iterable[Disclosure],
    *,
    consent_stands: bool,
    left_on: date | None,
    today: date,
    consent_to_on: date | None = None,
) -> Ground | None:
    """Why a provider may see that of a person today; None when it may not.

    By the agreement while the person is there and some days after. By consent only while the consent stands
    and the person is there. `left_on` is the last day there, also one to come.
    """
    rule = next((one for one in terms if one.what == what), None)
    if rule is None:
        return None
    if rule.ground == "consent":
        there = left_on is None or today <= left_on
        ends = [day for day in (left_on, consent_to_on) if day is not None]
        return (
            Ground(what, "consent", rule.basis, min(ends, default=None)) if consent_stands and there else None
        )
    until = left_on + timedelta(days=rule.days_after) if left_on else None
    return Ground(what, "agreement", rule.basis, until) if until is None or today <= until else None


def may_consent(
    what: str,
    party: str,
    *,
    is_theirs: bool,
    terms: Iterable[Disclosure],
    to_on: date | None,
    today: date,
) -> None:
    """Refuse a consent that would say nothing: to somebody who needs none, to a provider where the person is
    not (`is_theirs`), to what the agreement lets it see anyway, or until a day that has passed."""
    if party not in ASKED or what not in SHARED:
        raise Refusal("consent_unknown", "Välj vem som får se, och vad.", status=422)
    if party == "provider" and not is_theirs:
        raise Refusal("consent_not_theirs", "Personen går inte hos den anordnaren.", status=422)
    if party == "provider" and what not in {one.what for one in terms if one.ground == "consent"}:
        raise Refusal(
            "consent_not_needed", "Det styrs av avtalet. Du behöver inte säga ja till det.", status=422
        )
    if to_on is not None and to_on < today:
        raise Refusal("consent_past", "Den sista dagen har redan varit. Välj en senare dag.", status=422)
    if to_on is not None and to_on > (latest := add_months(today, FURTHEST_MONTHS)):
        raise Refusal(
            "consent_far", "Dagen ligger för långt fram. Välj {day} eller tidigare.",
            status=422, day=latest.isoformat(),
        )  # fmt: skip

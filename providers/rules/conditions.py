"""The rulebook's chapter `accreditation`: conditions and their control, review, watch, end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core import dates
from core.chapters import Chapter

CONTROLS = ("document", "register", "interview", "visit", "statement")
"""How a condition is controlled: papers, a public register, a talk, a visit, or the provider's word."""
EVIDENCE = ("file", "statement")
APPEALS = ("legality_review", "court_correction", "none")
CUSTOMERS = ("chosen", "started", "present")
"""What says that a provider has customers: somebody chose it, somebody began there, somebody is there."""
STOPPERS = ("provider", "municipality")


@dataclass(frozen=True)
class Condition:
    """One condition, what it asks to see, and for how many months that holds (0: until further notice)."""

    code: str
    title_sv: str
    title_en: str
    plain_sv: str
    plain_en: str
    control: str
    evidence: str
    valid_months: int
    services: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Penalty:
    """A contractual penalty (vite), in öre. `status` is example when nobody has published the amount."""

    code: str
    title_sv: str
    title_en: str
    ore: int
    status: str
    source: str


@dataclass(frozen=True)
class Application:
    """How an application is made and handled. Days are calendar days; `appeal_days` 0 when there is none."""

    reviewers: int
    supplement_days: int
    decision_days: int
    renewal_notice_days: int
    legal_basis: str
    appeal: str
    appeal_days: int
    conditions: tuple[Condition, ...]
    orientations: dict[str, tuple[str, str]]
    areas: tuple[str, ...]


@dataclass(frozen=True)
class Dormancy:
    """When nobody has come: months to the reminder and to the proposal, what counts, whose stops do not."""

    reminder_months: int
    proposal_months: int
    customer: str
    uncounted_stops: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class AccreditationTerms:
    """The chapter. Without `application` nobody applies here; without `dormancy` nothing is watched."""

    services: tuple[str, ...]
    cooling_off_days: int
    application: Application | None
    dormancy: Dormancy | None
    penalties: tuple[Penalty, ...]
    tail_months: int

    def conditions(self, service: str) -> tuple[Condition, ...]:
        """The conditions that a service asks for, in the file's order."""
        every = self.application.conditions if self.application else ()
        return tuple(one for one in every if not one.services or service in one.services)


def read_accreditation(book: Chapter) -> AccreditationTerms:
    """Read and check the chapter; faults are noted in the book."""
    chapter = book.table("accreditation")
    chapter.text("source")
    services = tuple(book.table("services").names())
    return AccreditationTerms(
        services=services,
        cooling_off_days=chapter.whole("bank_details_cooling_off_days", 0, 60),
        application=_application(chapter, services) if chapter.has("application") else None,
        dormancy=_dormancy(chapter.table("dormancy")) if chapter.has("dormancy") else None,
        penalties=tuple(_penalty(row) for row in chapter.tables("penalties", needed=False)),
        tail_months=chapter.whole("tail_months", 0, 60, default=12),
    )


def _application(chapter: Chapter, services: tuple[str, ...]) -> Application:
    table = chapter.table("application")
    orientations = {
        name: (one.text("sv"), one.text("en"))
        for name, one in (table.named("orientations") if table.has("orientations") else {}).items()
    }
    return Application(
        reviewers=table.whole("reviewers", 1, 5),
        supplement_days=table.whole("supplement_days", 1, 365),
        decision_days=table.whole("decision_days", 1, 365),
        renewal_notice_days=table.whole("renewal_notice_days", 1, 365),
        legal_basis=table.text("legal_basis"),
        appeal=table.choice("appeal", APPEALS),
        appeal_days=table.whole("appeal_days", 0, 365),
        conditions=_conditions(table, services),
        orientations=orientations,
        areas=table.words("areas", needed=False),
    )


def _conditions(table: Chapter, services: tuple[str, ...]) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for row in table.tables("conditions"):
        title, plain = row.table("title"), row.table("plain")
        wanted = row.words("services", needed=False)
        for service in wanted:
            if service not in services:
                row.fault("services", f"{service} is not one of this file's services")
        code = row.text("code")
        if code in {one.code for one in found}:
            row.fault("code", "is used by another condition")
        found.append(
            Condition(
                code=code,
                title_sv=title.text("sv"),
                title_en=title.text("en"),
                plain_sv=plain.text("sv"),
                plain_en=plain.text("en"),
                control=row.choice("control", CONTROLS),
                evidence=row.choice("evidence", EVIDENCE),
                valid_months=row.whole("valid_months", 0, 120, default=0),
                services=wanted,
                source=row.text("source"),
            )
        )
    return tuple(found)


def _dormancy(table: Chapter) -> Dormancy:
    reminder, proposal = table.whole("reminder_months", 1, 60), table.whole("proposal_months", 1, 60)
    if reminder >= proposal:
        table.fault("reminder_months", "must be fewer than proposal_months")
    uncounted = table.words("uncounted_stops", needed=False)
    if any(one not in STOPPERS for one in uncounted):
        table.fault("uncounted_stops", f"must be among {', '.join(STOPPERS)}")
    return Dormancy(
        reminder_months=reminder,
        proposal_months=proposal,
        customer=table.choice("customer", CUSTOMERS),
        uncounted_stops=uncounted,
        source=table.text("source"),
    )


def _penalty(row: Chapter) -> Penalty:
    title = row.table("title")
    return Penalty(
        code=row.text("code"),
        title_sv=title.text("sv"),
        title_en=title.text("en"),
        ore=row.whole("ore", 1),
        status=row.choice("status", ("published", "historical", "example")),
        source=row.text("source"),
    )


def asked_again_on(valid_to: date, application: Application) -> date:
    """The day evidence that ends is asked for again, so that the new one is there in time."""
    return date.fromordinal(valid_to.toordinal() - application.renewal_notice_days)


def valid_until(given_on: date, condition: Condition) -> date | None:
    """The last day that evidence given that day may hold by the rulebook; None for no end."""
    return dates.add_months(given_on, condition.valid_months) if condition.valid_months else None

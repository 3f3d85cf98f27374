"""A case's history as sentences from the audit trail. Names are looked up now, so that one can be erased."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import get_locale, gettext
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app import words
from app.sentences import SENTENCES
from core.actor import Account, AccountRole
from core.audit import AuditEntry
from core.database import Base
from core.dates import day_of
from providers.models import Accreditation, Evidence, Provider, ProviderMember
from providers.queries.terms import accreditation_terms
from vouchers.models import Check, Leg, Outcome, Participant, Report, Voucher
from vouchers.queries.terms import terms_of

READINGS = ("participant.read", "participant.read_refused")


@dataclass(frozen=True)
class Told:
    """One event as `macros/lists.html::timeline` shows it; `voucher_id` is the case it belongs to, if any."""

    when: str
    text: str
    by: str
    note: str | None
    voucher_id: int | None


@dataclass
class Known:
    """What the keys in the entries stand for today."""

    actors: dict[int, str] = field(default_factory=dict)
    vouchers: dict[int, Any] = field(default_factory=dict)
    legs: dict[int, Any] = field(default_factory=dict)
    reports: dict[int, Any] = field(default_factory=dict)
    outcomes: dict[int, Any] = field(default_factory=dict)
    checks: dict[int, Any] = field(default_factory=dict)
    titles: dict[int, tuple[str, str]] = field(default_factory=dict)
    conditions: dict[tuple[int, str], str] = field(default_factory=dict)


def of_case(
    session: Session, municipality_id: int, voucher_id: int, *, leg_ids: Iterable[int]
) -> Sequence[AuditEntry]:
    """The entries about a voucher, its legs, reports, outcomes and checks, newest first."""
    legs = list(leg_ids)
    about: dict[type[Base], Any] = {
        Voucher: [voucher_id],
        Leg: legs,
        Report: select(Report.id).where(Report.municipality_id == municipality_id, Report.leg_id.in_(legs)),
        Outcome: select(Outcome.id).where(
            Outcome.municipality_id == municipality_id, Outcome.voucher_id == voucher_id
        ),
        Check: select(Check.id).where(
            Check.municipality_id == municipality_id, Check.voucher_id == voucher_id
        ),
    }
    subjects = or_(
        *(
            and_(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(ids))
            for table, ids in about.items()
        )
    )
    return _newest(session, municipality_id, subjects)


def of_accreditation(session: Session, municipality_id: int, accreditation_id: int) -> Sequence[AuditEntry]:
    """The entries about an accreditation and the evidence shown for it, newest first."""
    shown = select(Evidence.id).where(
        Evidence.municipality_id == municipality_id, Evidence.accreditation_id == accreditation_id
    )
    subjects = or_(
        and_(
            AuditEntry.subject_kind == Accreditation.__tablename__, AuditEntry.subject_id == accreditation_id
        ),
        and_(AuditEntry.subject_kind == Evidence.__tablename__, AuditEntry.subject_id.in_(shown)),
    )
    return _newest(session, municipality_id, subjects)


def of_person(
    session: Session, municipality_id: int, participant_id: int, *what: str, limit: int = 20
) -> Sequence[AuditEntry]:
    """The newest entries of those kinds about a person."""
    return _newest(
        session,
        municipality_id,
        and_(
            AuditEntry.subject_kind == Participant.__tablename__,
            AuditEntry.subject_id == participant_id,
            AuditEntry.what.in_(what),
        ),
        limit,
    )


def _newest(session: Session, municipality_id: int, where: Any, limit: int = 500) -> Sequence[AuditEntry]:
    rows = select(AuditEntry).where(AuditEntry.municipality_id == municipality_id, where)
    return session.scalars(rows.order_by(AuditEntry.sequence.desc()).limit(limit)).all()


def tell(session: Session, municipality_id: int, entries: Sequence[AuditEntry]) -> list[Told]:
    """The entries as sentences in the reader's language, in the same order, in a fixed number of queries."""
    known = _look_up(session, municipality_id, entries)
    return [_told(entry, known) for entry in entries]


def _told(entry: AuditEntry, known: Known) -> Told:
    details: dict[str, Any] = json.loads(entry.details)
    on, note = day_of(entry.at), None
    happened = details.get({"leg.started": "started_on", "leg.ended": "ended_on"}.get(entry.what, ""))
    when = words.moment(entry.at)
    if happened and date.fromisoformat(happened) != on:
        when = words.day(date.fromisoformat(happened))
        note = gettext("Registrerat %(day)s.", day=words.day(on))
    text = SENTENCES.get(_variant(entry.what, details), SENTENCES.get(entry.what, ""))
    facts = _facts(entry, details, known)
    return Told(
        when=when,
        text=gettext(text, **facts) if text else entry.what,
        by=_actor(entry, known),
        note=note,
        voucher_id=_voucher_id(entry, known),
    )


def _variant(what: str, details: dict[str, Any]) -> str:
    if what == "voucher.chosen":
        return f"{what}:{details.get('how')}"
    if what == "leg.planned":
        return f"{what}:{details.get('plan')}"
    if details.get("has_conflict"):
        return f"{what}:conflict"
    return f"{what}:late" if details.get("late") else what


def _facts(entry: AuditEntry, details: dict[str, Any], known: Known) -> dict[str, Any]:
    """Everything a sentence about the entry may name, in words."""
    unknown = gettext("(okänt)")
    facts: dict[str, Any] = {name: value for name, value in details.items() if value is not None}
    for name, value in facts.items():
        if name.endswith("_on") or name == "as_of":
            facts[name] = words.day(date.fromisoformat(str(value)))
    report, check = known.reports.get(entry.subject_id), known.checks.get(entry.subject_id)
    outcome = known.outcomes.get(entry.subject_id)
    leg = known.legs.get(details.get("leg", entry.subject_id)) or (report and known.legs.get(report.leg_id))
    service, level = known.titles.get(entry.subject_id, (unknown, unknown))
    facts.setdefault("months", unknown)
    return facts | {
        "service": service.lower(),
        "level": level.lower(),
        "provider": leg.provider if leg else unknown,
        "month": words.month(report.month) if report else unknown,
        "kind": words.word(outcome.kind, "kind").lower() if outcome else unknown,
        "reason": words.word(str(details.get("reason")), "reason").lower(),
        "end_reason": words.word(str(details.get("reason")), "end_reason").lower(),
        "check": check_title(check.purpose, check.part) if check else unknown,
        "source": words.word(str(details.get("source")), "source").lower(),
        "code": words.word(str(details.get("code")), "refusal").lower(),
        "condition": known.conditions.get((entry.subject_id, str(details.get("condition"))), unknown),
        "verdict": words.word(str(details.get("verdict")), "verdict"),
        "outcome": words.word(str(details.get("outcome")), "proposal").lower(),
    }


def check_title(purpose: str, part: int) -> str:
    """What a check is called: the result, one part of it, or the bonus."""
    if purpose == "bonus":
        return gettext("Bonus efter sex månader")
    return gettext("Resultat, del %(part)s", part=part) if part > 1 else gettext("Resultat")


def _actor(entry: AuditEntry, known: Known) -> str:
    if entry.actor_kind == "clock":
        return gettext("Klockan, av sig själv")
    if entry.actor_kind == "operator":
        return gettext("Driften")
    if entry.actor_kind == "stranger":
        return gettext("Någon som inte var inloggad")
    return known.actors.get(entry.account_id, gettext("Någon vars konto är borta"))


def _voucher_id(entry: AuditEntry, known: Known) -> int | None:
    if entry.subject_kind == Voucher.__tablename__:
        return entry.subject_id
    for found in (known.legs, known.outcomes, known.checks):
        if entry.subject_id in found:
            return int(found[entry.subject_id].voucher_id)
    report = known.reports.get(entry.subject_id)
    return int(known.legs[report.leg_id].voucher_id) if report else None


def _look_up(session: Session, municipality_id: int, entries: Sequence[AuditEntry]) -> Known:
    ids: dict[str, set[int]] = {}
    for entry in entries:
        ids.setdefault(entry.subject_kind, set()).add(entry.subject_id)

    def rows(table: Any, *columns: Any, also: Iterable[int] = ()) -> dict[int, Any]:
        wanted = ids.get(table.__tablename__, set()) | set(also)
        query = select(table.id, *columns)
        query = query.where(table.municipality_id == municipality_id, table.id.in_(wanted))
        if table is Leg:
            query = query.join(
                Provider,
                and_(Provider.municipality_id == Leg.municipality_id, Provider.id == Leg.provider_id),
            )
        return {row.id: row for row in session.execute(query)} if wanted else {}

    known = Known(actors=_actors(session, municipality_id, {entry.account_id for entry in entries}))
    known.vouchers = rows(Voucher, Voucher.rulebook_id, Voucher.service, Voucher.level)
    known.reports = rows(Report, Report.month, Report.leg_id)
    known.outcomes = rows(Outcome, Outcome.kind, Outcome.voucher_id)
    known.checks = rows(Check, Check.purpose, Check.part, Check.voucher_id)
    chosen = (json.loads(entry.details).get("leg") for entry in entries if entry.what == "voucher.chosen")
    also = {report.leg_id for report in known.reports.values()} | {leg_id for leg_id in chosen if leg_id}
    known.legs = rows(Leg, Leg.voucher_id, Provider.name.label("provider"), also=also)
    locale = str(get_locale() or "sv")
    books = {voucher.rulebook_id for voucher in known.vouchers.values()}
    terms = {key: terms_of(session, municipality_id, key) for key in books}
    for voucher in known.vouchers.values():
        service = terms[voucher.rulebook_id].services[voucher.service]
        known.titles[voucher.id] = service.title(locale), service.level_title(voucher.level, locale)
    for one in rows(Accreditation, Accreditation.rulebook_id).values():
        chapter = accreditation_terms(session, municipality_id, one.rulebook_id).application
        for condition in chapter.conditions if chapter else ():
            title = condition.title_en if locale == "en" else condition.title_sv
            known.conditions[one.id, condition.code] = title
    return known


def _actors(session: Session, municipality_id: int, ids: set[int]) -> dict[int, str]:
    """Who the accounts are: staff by name and role, a provider's by name and place, job seekers by none."""
    seekers: set[int | None] = set(
        session.scalars(
            select(Participant.account_id).where(
                Participant.municipality_id == municipality_id, Participant.account_id.in_(ids)
            )
        )
    )
    people = (
        select(Account.id, Account.name, AccountRole.role, Provider.name.label("provider"))
        .outerjoin(
            AccountRole,
            and_(
                AccountRole.municipality_id == Account.municipality_id, AccountRole.account_id == Account.id
            ),
        )
        .outerjoin(
            ProviderMember,
            and_(
                ProviderMember.municipality_id == Account.municipality_id,
                ProviderMember.account_id == Account.id,
            ),
        )
        .outerjoin(
            Provider,
            and_(
                Provider.municipality_id == ProviderMember.municipality_id,
                Provider.id == ProviderMember.provider_id,
            ),
        )
        .where(Account.municipality_id == municipality_id, Account.id.in_(ids))
        .order_by(AccountRole.role.desc())
    )
    found: dict[int, str] = {}
    for row in session.execute(people):
        place = row.provider or (words.word(row.role, "role").lower() if row.role else "")
        found[row.id] = f"{row.name}, {place}" if place else row.name
    return found | {key: gettext("Den arbetssökande") for key in ids if key in seekers}

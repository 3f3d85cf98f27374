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
from core.identity import Protection
from providers.models import Accreditation, Evidence, Provider, ProviderMember
from providers.queries.terms import accreditation_terms
from vouchers.models import (
    Assessment,
    Check,
    Consent,
    Leg,
    Letter,
    Meeting,
    Outcome,
    Participant,
    Plan,
    PlanPart,
    Report,
    Voucher,
)
from vouchers.queries import subjects
from vouchers.queries.terms import terms_of

VARIES = {
    "voucher.chosen": "how",
    "voucher.switched": "how",
    "leg.planned": "plan",
    "leg.declined": "reason",
    "deviation.judged": "verdict",
    "attendance.judged": "verdict",
}
"""Events whose sentence is another for each value of that detail."""
FLAGS = {
    "has_conflict": "conflict",
    "took_back": "took_back",
    "related": "related",
    "passes": "passes",
    "late": "late",
}
"""What the sentence is called when that detail is there, if there is such a sentence."""
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
    employed: set[int] = field(default_factory=set)
    """Those of the actors who work for a provider."""
    protected: set[tuple[str, int]] = field(default_factory=set)
    """(kind, id) of subjects that are a protected person's, where the reader may not know where they go."""
    vouchers: dict[int, Any] = field(default_factory=dict)
    legs: dict[int, Any] = field(default_factory=dict)
    leg_of: dict[tuple[str, int], int] = field(default_factory=dict)
    """The leg of each (kind, id) of a subject that is about one."""
    reports: dict[int, Any] = field(default_factory=dict)
    outcomes: dict[int, Any] = field(default_factory=dict)
    checks: dict[int, Any] = field(default_factory=dict)
    titles: dict[int, tuple[str, str]] = field(default_factory=dict)
    conditions: dict[tuple[int, str], str] = field(default_factory=dict)


def of_case(
    session: Session, municipality_id: int, voucher_id: int, *, leg_ids: Iterable[int]
) -> Sequence[AuditEntry]:
    """The entries about a voucher, its legs and what was told and found of them, newest first."""
    legs = list(leg_ids)
    about: dict[type[Base], Any] = {
        Voucher: [voucher_id],
        Letter: select(Letter.id).where(
            Letter.municipality_id == municipality_id, Letter.voucher_id == voucher_id
        ),
        Assessment: select(Voucher.assessment_id).where(
            Voucher.municipality_id == municipality_id,
            Voucher.id == voucher_id,
            Voucher.assessment_id.is_not(None),
        ),
        Leg: legs,
        **{table: subjects.ids_of(table, municipality_id, legs) for table in subjects.OF_STAFF},
    }
    where = or_(
        *(
            and_(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(ids))
            for table, ids in about.items()
        )
    )
    return _newest(session, municipality_id, where)


def of_accreditation(session: Session, municipality_id: int, accreditation_id: int) -> Sequence[AuditEntry]:
    """The entries about an accreditation and the evidence shown for it, newest first."""
    shown = select(Evidence.id).where(
        Evidence.municipality_id == municipality_id, Evidence.accreditation_id == accreditation_id
    )
    where = or_(
        and_(
            AuditEntry.subject_kind == Accreditation.__tablename__, AuditEntry.subject_id == accreditation_id
        ),
        and_(AuditEntry.subject_kind == Evidence.__tablename__, AuditEntry.subject_id.in_(shown)),
    )
    return _newest(session, municipality_id, where)


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


def of_plan(session: Session, municipality_id: int, participant_id: int) -> Sequence[AuditEntry]:
    """The entries about a person's plan, meetings and consents, newest first."""

    def theirs(table: Any) -> Any:
        ids = select(table.id).where(
            table.municipality_id == municipality_id, table.participant_id == participant_id
        )
        return and_(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(ids))

    return _newest(session, municipality_id, or_(*map(theirs, (Plan, PlanPart, Meeting, Consent))), 50)


def _newest(session: Session, municipality_id: int, where: Any, limit: int = 500) -> Sequence[AuditEntry]:
    rows = select(AuditEntry).where(AuditEntry.municipality_id == municipality_id, where)
    return session.scalars(rows.order_by(AuditEntry.sequence.desc()).limit(limit)).all()


def tell(
    session: Session, municipality_id: int, entries: Sequence[AuditEntry], *, to_outsiders: bool = False
) -> list[Told]:
    """The entries as sentences in the reader's language, in the same order, in a fixed number of queries.

    `to_outsiders` leaves out at which provider a protected person is.
    """
    known = _look_up(session, municipality_id, entries)
    if to_outsiders:
        known.protected = _protected(session, municipality_id, entries, known)
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
    """The sentence's own name, where the details make it another than the event's."""
    if what in VARIES:
        return f"{what}:{details.get(VARIES[what])}"
    if what == "voucher.none_suited_followed_up" and details.get("until_on"):
        return f"{what}:reopened"
    named = (f"{what}:{ending}" for detail, ending in FLAGS.items() if details.get(detail))
    return next((name for name in named if name in SENTENCES), what)


def _facts(entry: AuditEntry, details: dict[str, Any], known: Known) -> dict[str, Any]:
    """Everything a sentence about the entry may name, in words."""
    unknown = gettext("(okänt)")
    facts: dict[str, Any] = {name: value for name, value in details.items() if value is not None}
    for name, value in facts.items():
        if name.endswith("_on") or name == "as_of":
            facts[name] = words.day(date.fromisoformat(str(value)))
    report, check = known.reports.get(entry.subject_id), known.checks.get(entry.subject_id)
    outcome = known.outcomes.get(entry.subject_id)
    leg = known.legs.get(details.get("leg", known.leg_of.get(_key(entry), entry.subject_id)))
    if _key(entry) in known.protected:
        leg = None
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
        "seen": words.word(str(details.get("found")), "seen"),
        "code": words.word(str(details.get("code")), "refusal").lower(),
        "condition": known.conditions.get((entry.subject_id, str(details.get("condition"))), unknown),
        "verdict": words.word(str(details.get("verdict")), "verdict"),
        "outcome": words.word(str(details.get("outcome")), "proposal").lower(),
        "party": words.word(str(details.get("party")), "party"),
        "shared": words.word(str(details.get("shared")), "shared").lower(),
        "report": words.word(str(details.get("report")), "written").lower(),
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
    if _key(entry) in known.protected and entry.account_id in known.employed:
        return gettext("Någon hos anordnaren")
    return known.actors.get(entry.account_id, gettext("Någon vars konto är borta"))


def _voucher_id(entry: AuditEntry, known: Known) -> int | None:
    if entry.subject_kind == Voucher.__tablename__:
        return entry.subject_id
    for found in (known.legs, known.outcomes, known.checks):
        if entry.subject_id in found:
            return int(found[entry.subject_id].voucher_id)
    leg = known.legs.get(known.leg_of.get(_key(entry), 0))
    return int(leg.voucher_id) if leg else None


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

    known = Known()
    known.actors, known.employed = _actors(session, municipality_id, {one.account_id for one in entries})
    known.vouchers = rows(Voucher, Voucher.rulebook_id, Voucher.service, Voucher.level)
    known.reports = rows(Report, Report.month, Report.leg_id)
    known.outcomes = rows(Outcome, Outcome.kind, Outcome.voucher_id)
    known.checks = rows(Check, Check.purpose, Check.part, Check.voucher_id)
    chosen = (json.loads(entry.details).get("leg") for entry in entries if "leg" in entry.details)
    known.leg_of = subjects.legs_of(session, municipality_id, ids)
    also = set(known.leg_of.values()) | {leg_id for leg_id in chosen if leg_id}
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


def _protected(
    session: Session, municipality_id: int, entries: Sequence[AuditEntry], known: Known
) -> set[tuple[str, int]]:
    """Which of the entries' subjects are a protected person's: the person, or something of a voucher."""
    vouchers = {_key(entry): _voucher_id(entry, known) for entry in entries}
    people = {entry.subject_id for entry in entries if entry.subject_kind == Participant.__tablename__}
    of_person = and_(
        Participant.municipality_id == Voucher.municipality_id, Participant.id == Voucher.participant_id
    )
    is_protected = Participant.protection != Protection.NONE.value
    hidden = set(
        session.scalars(
            select(Voucher.id)
            .join(Participant, of_person)
            .where(
                Voucher.municipality_id == municipality_id,
                Voucher.id.in_({one for one in vouchers.values() if one}),
                is_protected,
            )
        )
    )
    hidden_people = session.scalars(
        select(Participant.id).where(
            Participant.municipality_id == municipality_id, Participant.id.in_(people), is_protected
        )
    )
    return {key for key, voucher_id in vouchers.items() if voucher_id in hidden} | {
        (Participant.__tablename__, one) for one in hidden_people
    }


def _key(entry: AuditEntry) -> tuple[str, int]:
    return entry.subject_kind, entry.subject_id


def _actors(session: Session, municipality_id: int, ids: set[int]) -> tuple[dict[int, str], set[int]]:
    """Who the accounts are: staff by name and role, a provider's by name and place, job seekers by none;
    and which of them work for a provider."""
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
    employed = set()
    for row in session.execute(people):
        if row.provider:
            employed.add(row.id)
        place = row.provider or (words.word(row.role, "role").lower() if row.role else "")
        found[row.id] = f"{row.name}, {place}" if place else row.name
    return found | {key: gettext("Den arbetssökande") for key in ids if key in seekers}, employed

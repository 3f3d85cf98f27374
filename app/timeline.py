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
from core.actor import Account, AccountRole
from core.audit import AuditEntry
from core.database import Base
from core.dates import day_of
from providers.models import Provider, ProviderMember
from vouchers.models import Check, Leg, Outcome, Participant, Report, Voucher
from vouchers.queries.terms import terms_of

READINGS = ("participant.read", "participant.read_refused")


def N_(text: str) -> str:  # noqa: N802  # the name that translators' tools look for
    """Mark a sentence for the catalogue."""
    return text


SENTENCES = {
    "participant.registered": N_("Personen registrerades."),
    "participant.read": N_("Personens uppgifter lästes."),
    "participant.read_refused": N_("Någon utan behörighet försökte öppna ärendet."),
    "voucher.decided": N_("Beslut: %(service)s, %(level)s, %(months)s månader."),
    "voucher.chosen": N_("%(provider)s valdes av personen själv."),
    "voucher.chosen:assisted": N_("%(provider)s valdes av personen med hjälp av vägledaren."),
    "voucher.chosen:non_choice": N_("%(provider)s utsågs, eftersom inget val gjordes."),
    "leg.accepted": N_("%(provider)s tog emot."),
    "leg.declined": N_("%(provider)s hade inte plats. Personen väljer på nytt."),
    "leg.started": N_("Insatsen startade hos %(provider)s."),
    "leg.ended": N_("Insatsen hos %(provider)s slutade. Skäl: %(reason)s."),
    "report.submitted": N_("Rapporten för %(month)s lämnades."),
    "report.submitted:late": N_("Rapporten för %(month)s lämnades, efter sista dagen."),
    "report.approved": N_("Rapporten för %(month)s godkändes."),
    "report.returned": N_("Rapporten för %(month)s skickades tillbaka för att kompletteras."),
    "report.withdrawn": N_("Rapporten för %(month)s togs tillbaka."),
    "outcome.claimed": N_("Ett resultat anmäldes: %(kind)s."),
    "outcome.withdrawn": N_("Resultatet togs tillbaka: %(kind)s."),
    "check.passed": N_("%(check)s: godkändes. Underlag: %(source)s."),
    "check.failed": N_("%(check)s: godkändes inte. Skäl: %(code)s."),
    "provider.registered": N_("En anordnare registrerades."),
    "provider.member_added": N_("En person lades till hos en anordnare."),
    "accreditation.submitted": N_("En ansökan om auktorisation lämnades."),
    "accreditation.take_up": N_("En ansökan om auktorisation togs upp till granskning."),
    "accreditation.request_supplement": N_("En ansökan om auktorisation behöver kompletteras."),
    "accreditation.supplement": N_("En ansökan om auktorisation kompletterades."),
    "accreditation.propose": N_("Ett förslag till beslut om auktorisation lämnades."),
    "accreditation.accredited": N_("En anordnare auktoriserades från %(from_on)s."),
    "bank_details.proposed": N_("Nya kontouppgifter lämnades för en anordnare."),
    "bank_details.approved": N_("En anordnares kontouppgifter godkändes."),
    "rulebook.decided": N_("En version av regelverket lades in som beslutad."),
    "run.booked": N_("Ersättning räknades fram till och med %(as_of)s: %(lines)s rader bokfördes."),
    "batch.frozen": N_("En utbetalning gjordes i ordning: %(payments)s betalningar."),
    "batch.reviewed": N_("En utbetalning fick sin första underskrift."),
    "batch.approved": N_("En utbetalning fick sin andra underskrift."),
    "batch.sent": N_("En utbetalning skickades till banken: %(payments)s betalningar."),
    "batch.handed_over": N_("En utbetalnings fil lämnades till banken."),
    "batch.answered": N_("Bankens svar på en utbetalning lästes in."),
    "batch.voided": N_("En utbetalning stoppades."),
    "account.opened": N_("Ett konto öppnades."),
    "account.signed_in": N_("Någon loggade in."),
    "account.signed_out": N_("Någon loggade ut."),
    "account.sign_in_refused": N_("En inloggning nekades."),
    "feedback.sent": N_("Någon sa vad de tyckte om Vägval."),
    "municipality.added": N_("En kommun lades till."),
    "histories.imported": N_("Tidigare insatser lästes in."),
    "published_results.imported": N_("Publicerade resultat lästes in."),
    "job.done": N_("Ett schemalagt jobb kördes: %(job)s."),
}


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
        "check": check_title(check.purpose, check.part) if check else unknown,
        "source": words.word(str(details.get("source")), "source").lower(),
        "code": words.word(str(details.get("code")), "refusal").lower(),
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

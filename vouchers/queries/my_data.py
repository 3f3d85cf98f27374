"""Everything that is stored about one person: each table's rows, as plain values, for that person alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core import identity
from core.actor import Account
from core.audit import AuditEntry
from core.database import Base
from providers.queries import names
from vouchers.models import (
    Assessment,
    AttendanceAnswer,
    Check,
    ChoiceReceipt,
    Consent,
    Deviation,
    EmployerQuestion,
    Extension,
    Leg,
    LegPlan,
    Letter,
    Meeting,
    Message,
    NonChoice,
    NoneSuits,
    Occasion,
    Outcome,
    OutcomeEvidence,
    Override,
    Participant,
    Pause,
    Plan,
    PlanPart,
    QualityReview,
    Reminder,
    Report,
    ReportDraft,
    SurveyAnswer,
    Verification,
    Voucher,
    VoucherDecision,
    WrittenReport,
)
from vouchers.queries import subjects

Plain: TypeAlias = str | int | bool | list[Any] | dict[str, Any] | None
Row: TypeAlias = dict[str, Plain]

TABLES: tuple[type[Base], ...] = (
    Participant,
    Assessment,
    Plan,
    PlanPart,
    Meeting,
    Consent,
    Voucher,
    VoucherDecision,
    Extension,
    Letter,
    Reminder,
    NoneSuits,
    NonChoice,
    Leg,
    ChoiceReceipt,
    LegPlan,
    Pause,
    Occasion,
    Report,
    WrittenReport,
    ReportDraft,
    Deviation,
    AttendanceAnswer,
    Outcome,
    OutcomeEvidence,
    Check,
    Verification,
    EmployerQuestion,
    Override,
    QualityReview,
    SurveyAnswer,
    Message,
)
"""Every table that holds something about a person, in the order that a life has. A test holds the list
against the database's own description, so that a new table cannot be forgotten."""
SEALED = {("participant", "identity_sealed"): "identity_number", ("letter", "code_sealed"): "code"}
"""What is encrypted at rest and the person's own, by what it is called when opened."""
SHUT = {
    ("employer_question", "code_sealed"): "whoever has the code answers as the employer",
}
"""What is encrypted at rest and not the person's own, and why."""
LEFT_OUT = {
    "municipality_id": "the same for everybody here",
    "identity_fingerprint": "a keyed hash of the personal number, which stands in the answer",
    "code_fingerprint": "a keyed hash of the letter's code, which stands in the answer",
}
"""Columns that say nothing to the person, and why."""


@dataclass(frozen=True)
class Part:
    """One table's rows about the person, the oldest first. `table` is its name."""

    table: str
    rows: tuple[Row, ...]


def held(session: Session, municipality_id: int, participant_id: int) -> list[Part]:
    """Everything that is held about the person, one part a table, also those without rows.

    A query a table. Accounts are told by their names, providers by theirs beside the id; what is sealed is
    opened.
    """
    ids = _ids(session, municipality_id, participant_id)
    found = {table: _rows(session, municipality_id, table, ids) for table in TABLES}
    known = _Known(
        _account_names(session, municipality_id, _accounts(found)),
        names(session, municipality_id, sorted({one for one in _providers(found) if one})),
        identity.vault(session),
    )
    return [
        Part(table.__tablename__, tuple(_plain(table, row, known) for row in rows))
        for table, rows in found.items()
    ]


def events(session: Session, municipality_id: int, participant_id: int) -> list[AuditEntry]:
    """The trail about the person, what is theirs and their account, and what they have done; oldest first."""
    ids = _ids(session, municipality_id, participant_id)
    about: list[ColumnElement[bool]] = []
    for table in TABLES:
        columns = table.__table__.c
        rows = select(columns.id).where(*_whose(municipality_id, table, ids))
        about.append(and_(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(rows)))
    account_id = session.get_one(Participant, (municipality_id, participant_id)).account_id
    if account_id is not None:
        about.append(and_(AuditEntry.subject_kind == "account", AuditEntry.subject_id == account_id))
        about.append(and_(AuditEntry.actor_kind == "person", AuditEntry.account_id == account_id))
    query = select(AuditEntry).where(AuditEntry.municipality_id == municipality_id, or_(*about))
    return list(session.scalars(query.order_by(AuditEntry.sequence)))


# ── whose a row is ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Ids:
    participant_id: int
    voucher_ids: Collection[int]
    leg_ids: Collection[int]


def _ids(session: Session, municipality_id: int, participant_id: int) -> _Ids:
    vouchers = session.scalars(
        select(Voucher.id).where(
            Voucher.municipality_id == municipality_id, Voucher.participant_id == participant_id
        )
    ).all()
    legs = session.scalars(
        select(Leg.id).where(Leg.municipality_id == municipality_id, Leg.voucher_id.in_(vouchers))
    ).all()
    return _Ids(participant_id, vouchers, legs)


def _whose(municipality_id: int, table: type[Base], ids: _Ids) -> tuple[ColumnElement[bool], ...]:
    """The person's rows of the table, by the nearest key that it has."""
    columns = table.__table__.c
    here = columns.municipality_id == municipality_id
    if table is Participant:
        return here, columns.id == ids.participant_id
    if "participant_id" in columns:
        return here, columns.participant_id == ids.participant_id
    if "voucher_id" in columns:
        return here, columns.voucher_id.in_(ids.voucher_ids)
    if "leg_id" in columns:
        return here, columns.leg_id.in_(ids.leg_ids)
    return here, columns.id.in_(subjects.ids_of(table, municipality_id, ids.leg_ids))


def _rows(session: Session, municipality_id: int, table: type[Base], ids: _Ids) -> list[Mapping[str, Any]]:
    columns = table.__table__.c
    wanted = [
        column
        for column in columns
        if column.name not in LEFT_OUT and (table.__tablename__, column.name) not in SHUT
    ]
    query = select(*wanted).where(*_whose(municipality_id, table, ids)).order_by(columns.id)
    return [dict(row) for row in session.execute(query).mappings()]


# ── how it is said ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Known:
    accounts: Mapping[int, str]
    providers: Mapping[int, str]
    vault: identity.Vault


def is_account(column: str) -> bool:
    """Whether a column of that name holds the id of somebody who can sign in."""
    return column.endswith("_by") or column in ("guide_id", "coach_id", "author_id", "account_id")


def _accounts(found: Mapping[type[Base], Iterable[Mapping[str, Any]]]) -> set[int]:
    return {
        value
        for rows in found.values()
        for row in rows
        for name, value in row.items()
        if is_account(name) and isinstance(value, int)
    }


def _providers(found: Mapping[type[Base], Iterable[Mapping[str, Any]]]) -> set[int | None]:
    return {row.get("provider_id") for rows in found.values() for row in rows}


def _account_names(session: Session, municipality_id: int, ids: set[int]) -> dict[int, str]:
    rows = select(Account.id, Account.name).where(
        Account.municipality_id == municipality_id, Account.id.in_(ids)
    )
    return {row.id: row.name for row in session.execute(rows)}


def _plain(table: type[Base], row: Mapping[str, Any], known: _Known) -> Row:
    told: Row = {}
    for name, value in row.items():
        if opened := SEALED.get((table.__tablename__, name)):
            told[opened] = _opened(opened, known.vault.open(value))
        elif is_account(name) and isinstance(value, int):
            told[name.removesuffix("_id")] = known.accounts.get(value)
        else:
            told[name] = plain(value)
        if name == "provider_id" and value is not None:
            told["provider"] = known.providers.get(value)
    return told


def _opened(name: str, value: str) -> str:
    return f"{value[:8]}-{value[8:]}" if name == "identity_number" else value


def plain(value: Any) -> Plain:
    """The value as JSON can say it: days and moments in the ISO form."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    found: Plain = value
    return found

"""Everything the system holds about a person, from every floor, in the groups that the page shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import timeline
from app.accounts.models import SignIn
from core.actor import Account, AccountRole
from core.database import Base
from payouts.queries.persons import lines_of_person
from vouchers.models import Participant
from vouchers.queries import my_data
from vouchers.queries.my_data import Part, Row, plain

GROUPS: tuple[tuple[str, Any, Any, tuple[str, ...]], ...] = (
    (
        "you",
        _l("Vem du är"),
        _l("Ditt namn, hur vi når dig och när du har loggat in."),
        ("participant", "account", "account_role", "sign_in"),
    ),
    (
        "plan",
        _l("Bedömning och plan"),
        _l("Vad ni har kommit fram till på möten, din plan och vad du har gett samtycke till."),
        ("assessment", "plan", "plan_part", "meeting", "consent"),
    ),
    (
        "services",
        _l("Dina insatser och val"),
        _l("Besluten om hjälp, breven, dina val och allt som har ändrats."),
        (
            "voucher",
            "voucher_decision",
            "extension",
            "letter",
            "reminder",
            "none_suits",
            "non_choice",
            "leg",
            "choice_receipt",
            "leg_plan",
            "pause",
        ),
    ),
    (
        "reports",
        _l("Hur det går"),
        _l("Vad anordnaren har berättat om dig, och vad det ledde till."),
        (
            "occasion",
            "report",
            "written_report",
            "report_draft",
            "deviation",
            "outcome",
            "outcome_evidence",
            "outcome_check",
            "verification",
            "employer_question",
            "outcome_override",
            "quality_review",
        ),
    ),
    (
        "voice",
        _l("Det du har sagt"),
        _l("Dina svar om hjälpen och närvaron, och meddelanden mellan dig och vägledaren."),
        ("attendance_answer", "survey_answer", "message"),
    ),
    (
        "money",
        _l("Pengar till anordnaren"),
        _l("Vad anordnaren har fått för hjälpen till dig."),
        ("ledger_line",),
    ),
    (
        "events",
        _l("Vad som har hänt"),
        _l("Varje steg i ditt ärende, och vem som tog det."),
        ("audit_entry",),
    ),
)
"""(code, title, what it is, tables) of each group on the page; between them every table there is."""
NAMES = {
    "participant": _l("Dina uppgifter"),
    "account": _l("Ditt konto"),
    "account_role": _l("Vad kontot får göra"),
    "sign_in": _l("Inloggningar"),
    "assessment": _l("Bedömningar"),
    "plan": _l("Målet i din plan"),
    "plan_part": _l("Delar i din plan"),
    "meeting": _l("Möten"),
    "consent": _l("Samtycken"),
    "voucher": _l("Beslut om hjälp"),
    "voucher_decision": _l("Beslut om att hjälpen slutar"),
    "extension": _l("Förlängningar"),
    "letter": _l("Brev"),
    "reminder": _l("Påminnelser"),
    "none_suits": _l("Svar att ingen passar"),
    "non_choice": _l("Förslag när inget val gjordes"),
    "leg": _l("Tider hos anordnare"),
    "choice_receipt": _l("Kvitton på val"),
    "leg_plan": _l("Planer när en anordnare slutar"),
    "pause": _l("Pauser"),
    "report": _l("Rapporter"),
    "outcome": _l("Resultat"),
    "outcome_check": _l("Kontroller av resultat"),
    "occasion": _l("Möten och aktiviteter hos anordnaren"),
    "written_report": _l("Planer och slutrapporter"),
    "report_draft": _l("Utkast som inte är inskickade"),
    "deviation": _l("Anmäld frånvaro"),
    "attendance_answer": _l("Svar om närvaro"),
    "outcome_evidence": _l("Underlag för resultat"),
    "verification": _l("Underlag som kommunen har läst"),
    "employer_question": _l("Frågor till arbetsgivare"),
    "outcome_override": _l("Beslut utan underlag"),
    "quality_review": _l("Stickprov på kontroller"),
    "survey_answer": _l("Svar på frågor"),
    "message": _l("Meddelanden"),
    "ledger_line": _l("Belopp"),
    "audit_entry": _l("Händelser"),
}
"""What each table is called to the person."""
SECRETS = ("password_hash", "token_hash", "identity_fingerprint", "municipality_id")
"""Columns of accounts and sign-ins that say nothing and must not leave the house."""


def holdings(session: Session, municipality_id: int, participant_id: int) -> list[Part]:
    """Everything, one part a table, also those without rows. About forty queries."""
    account_id = session.get_one(Participant, (municipality_id, participant_id)).account_id
    return [
        *my_data.held(session, municipality_id, participant_id),
        *(
            Part(table.__tablename__, _of_account(session, municipality_id, table, account_id))
            for table in (Account, AccountRole, SignIn)
        ),
        Part("ledger_line", tuple(lines_of_person(session, municipality_id, participant_id))),
        Part("audit_entry", tuple(_events(session, municipality_id, participant_id))),
    ]


def _of_account(
    session: Session, municipality_id: int, table: type[Base], account_id: int | None
) -> tuple[Row, ...]:
    columns = table.__table__.c
    key = columns.id if table is Account else columns.account_id
    wanted = [column for column in columns if column.name not in SECRETS]
    query = select(*wanted).where(columns.municipality_id == municipality_id, key == account_id)
    return tuple(
        {name: plain(value) for name, value in row.items()} for row in session.execute(query).mappings()
    )


def _events(session: Session, municipality_id: int, participant_id: int) -> list[Row]:
    entries = my_data.events(session, municipality_id, participant_id)
    told = timeline.tell(session, municipality_id, entries)
    return [
        {
            "at": plain(entry.at),
            "what": entry.what,
            "sentence": one.text,
            "by": one.by,
            "about": entry.subject_kind,
            "id": entry.subject_id,
            "details": json.loads(entry.details),
        }
        for entry, one in zip(entries, told, strict=True)
    ]


@dataclass(frozen=True)
class Group:
    """A group on the page: what it is called, what it is, and how much there is of each kind."""

    code: str
    title: str
    about: str
    counts: tuple[tuple[str, int], ...]


def grouped(parts: list[Part]) -> list[Group]:
    """The parts as the page shows them; kinds without rows are left out."""
    found = {part.table: len(part.rows) for part in parts}
    return [
        Group(
            code,
            str(title),
            str(about),
            tuple((str(NAMES[table]), found[table]) for table in tables if found[table]),
        )
        for code, title, about, tables in GROUPS
    ]

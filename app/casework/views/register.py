"""The staff's register of accreditations, and the audit trail in sentences."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app import timeline
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.jobs import anchors_file
from app.web import actor, municipality_id, open_to, reading, settings
from core import audit, dates
from core.actor import Role
from core.audit import AuditEntry
from providers.rules import APPLYING_STATES, OPEN_STATES, STATES, TURNED_DOWN_STATES
from vouchers.queries import customers

PER_PAGE = 50
SORTS = {
    "name": lambda row: row.name.casefold(),
    "service": lambda row: row.service,
    "state": lambda row: row.state,
    "since": lambda row: row.from_on or date.max,
    "capacity": lambda row: row.capacity,
    "people": lambda row: row.people,
    "last": lambda row: row.last_on or date.min,
}
KINDS = {
    "people": (_l("Personer och beslut"), ("participant", "voucher", "leg")),
    "reports": (_l("Rapporter"), ("report",)),
    "results": (_l("Resultat och prövningar"), ("outcome", "outcome_check")),
    "providers": (
        _l("Anordnare och auktorisationer"),
        ("provider", "accreditation", "evidence", "decision", "bank_details", "rulebook", "reaccreditation"),
    ),
    "money": (_l("Utbetalningar"), ("payment_run", "batch", "statement")),
    "system": (_l("Konton och jobb"), ("account", "job")),
}


@portal.route("/register")
@open_to(Role.INSPECTOR, Role.SECRETARY, Role.CHAIR, Role.GUIDE, Role.ADMINISTRATOR)
def register() -> str:
    """Every accreditation: state, since when, places, and when somebody last chose it."""
    state = request.args.get("state", "")
    sort, direction = request.args.get("sort", "name"), request.args.get("dir", "asc")
    with reading() as session:
        everything = [
            row for row in customers.accreditations(session, municipality_id()) if row.state != "draft"
        ]
        rows = [row for row in everything if not state or row.state == state]
        named = Titles(session)
        titles = {row.id: named.service(row.rulebook_id, row.service) for row in rows}
    rows = sorted(rows, key=SORTS.get(sort, SORTS["name"]), reverse=direction == "desc")
    return render_template(
        "casework/register.html",
        rows=rows,
        titles=titles,
        hrefs={row.id: _href(row) for row in rows},
        states=[code for code in STATES if any(row.state == code for row in everything)],
        state=state,
        total=len(everything),
        sort=sort,
        direction=direction,
        today=dates.today(),
    )


def _href(row: Any) -> str | None:
    """Where the row leads: an application to its review, what is decided to its life, for others its page."""
    is_application = row.state in (*APPLYING_STATES, *TURNED_DOWN_STATES)
    if is_application and actor().has(Role.INSPECTOR, Role.SECRETARY):
        return url_for("casework.application", accreditation_id=row.id)
    if not is_application and actor().has(Role.INSPECTOR, Role.SECRETARY, Role.CHAIR, Role.GUIDE):
        return url_for("casework.accreditation", accreditation_id=row.id)
    return url_for("public.provider", provider_id=row.provider_id) if row.state in OPEN_STATES else None


@portal.route("/trail")
@open_to(Role.ADMINISTRATOR, Role.INSPECTOR)
def trail() -> str:
    """What has been done, by whom, newest first. Administrators can have the whole chain tried."""
    kind, day = request.args.get("kind", ""), _day(request.args.get("day", ""))
    wrong_day = bool(request.args.get("day")) and day is None
    with reading() as session:
        where = _where(kind, day)
        count = session.scalars(select(func.count()).select_from(AuditEntry).where(*where)).one()
        pages = max(1, -(-count // PER_PAGE))
        page = min(max(request.args.get("page", 1, type=int), 1), pages)
        entries = session.scalars(
            select(AuditEntry)
            .where(*where)
            .order_by(AuditEntry.sequence.desc())
            .limit(PER_PAGE)
            .offset((page - 1) * PER_PAGE)
        ).all()
        told = timeline.tell(session, municipality_id(), entries, to_outsiders=True)
        may_verify = actor().has(Role.ADMINISTRATOR)
        verdict = _verdict(session) if may_verify and request.args.get("verify") else None
    return render_template(
        "casework/trail.html",
        rows=list(zip(entries, told, strict=True)),
        count=count,
        kinds={key: title for key, (title, _) in KINDS.items()},
        kind=kind if kind in KINDS else "",
        day=day,
        wrong_day=wrong_day,
        page=page,
        pages=pages,
        may_verify=may_verify,
        verdict=verdict,
        opens_cases=actor().has(Role.GUIDE, Role.INSPECTOR),
        is_filtered=bool(day or kind in KINDS),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _where(kind: str, day: date | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [AuditEntry.municipality_id == municipality_id()]
    if kind in KINDS:
        where.append(AuditEntry.subject_kind.in_(KINDS[kind][1]))
    if day:
        first = datetime.combine(day, time(), dates.HOME)
        where += [AuditEntry.at >= first, AuditEntry.at < first + timedelta(days=1)]
    return where


def _verdict(session: Session) -> Any:
    """What a walk along the whole chain says, beside the heads kept outside the database."""
    kept = anchors_file(settings(), municipality_id())
    lines = [line.split() for line in kept.read_text().splitlines()] if kept.exists() else []
    anchors = {int(line[0]): line[1] for line in lines if len(line) == 2 and line[0].isdigit()}
    return audit.verify(session, municipality_id(), anchors)

"""The guide's day: who waits for what; and one case with all that has happened in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import timeline, words
from app.casework import gate
from app.casework.chain import chain, steps
from app.casework.forms import SearchForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.casework.waits import ABOUT, GROUPS, Line, line
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates, identity
from core.actor import Role
from core.database import Rows
from vouchers import actions
from vouchers.models import Participant
from vouchers.queries import attendance, contests, written
from vouchers.queries import case as one
from vouchers.queries import cases as many
from vouchers.queries.case import Head, Parts
from vouchers.queries.cases import Case
from vouchers.queries.clock import of_municipality
from vouchers.queries.standings import facts, missing_steps
from vouchers.queries.turns import turns
from vouchers.rules import states
from vouchers.rules.waiting import Wait, waits

PER_PAGE = 50
SORTS = ("due", "name", "service", "state", "guide")


@dataclass(frozen=True)
class Shown:
    """A case as a line in the list."""

    case: Case
    name: str
    service: str
    lines: list[Line]
    href: str | None


@portal.route("/", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def cases() -> tuple[str, int] | Response:
    """Cases, what is due first on top; and the answer to a search."""
    form = SearchForm()
    hits: list[tuple[str, str, str]] | None = None
    if form.validate_on_submit():
        with refused(form):
            with reading() as session:
                matches = _search(session, form.who.data or "")
            found = [row for row in matches if gate.may_find(row)]
            if len(found) == 1:
                return redirect(_address(found[0].participant_id, found[0].voucher_id))
            hits = [
                (
                    f"{row.given_name} {row.family_name}",
                    row.guide,
                    _address(row.participant_id, row.voucher_id),
                )
                for row in found
            ]
    today = dates.today()
    whose = request.args.get("whose", "mine" if actor().has(Role.GUIDE) else "all")
    guide_id = actor().account_id if whose == "mine" else None
    with reading() as session:
        everything = many.caseload(
            session, municipality_id(), viewer_id=actor().account_id, guide_id=guide_id, today=today
        )
        counts = {group: sum(_waits_for(case, group) for case in everything) for group in GROUPS}
        group = request.args.get("waits")
        chosen = [case for case in everything if group not in GROUPS or _waits_for(case, group)]
        sort, direction = request.args.get("sort", "due"), request.args.get("dir", "asc")
        pages = max(1, -(-len(chosen) // PER_PAGE))
        page = min(max(request.args.get("page", 1, type=int), 1), pages)
        titles = Titles(session)
        rows = [_shown(titles, case, today) for case in chosen]
    if sort in SORTS[1:]:
        rows.sort(key=lambda row: _key(row, sort))
    if direction == "desc":
        rows.reverse()
    return shown(
        "casework/cases.html",
        form,
        hits=hits,
        rows=rows[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(everything),
        groups=GROUPS,
        about=ABOUT,
        counts=counts,
        group=group if group in GROUPS else None,
        whose=whose,
        sort=sort,
        direction=direction,
        page=page,
        pages=pages,
        today=today,
        is_guide=actor().has(Role.GUIDE),
    )


def _search(session: Session, who: str) -> Rows:
    """Who has that name or number; a number that nobody has is a number, not a name."""
    if any(mark.isdigit() for mark in who):
        row = many.by_number(session, municipality_id(), who, today=dates.today())
        return [row] if row else []
    return many.by_name(session, municipality_id(), who, viewer_id=actor().account_id)


def _address(participant_id: int, voucher_id: int | None) -> str:
    if voucher_id is None:
        return url_for("casework.decide", participant_id=participant_id)
    return url_for("casework.case", voucher_id=voucher_id)


def _waits_for(case: Case, group: str | None) -> bool:
    return any(wait.group == group for wait in case.waits)


def _key(row: Shown, sort: str) -> str:
    values = {
        "name": row.name,
        "service": f"{row.service} {row.case.provider or ''}",
        "state": row.case.state or "",
        "guide": row.case.guide,
    }
    return values[sort].casefold()


def _shown(titles: Titles, case: Case, today: date) -> Shown:
    opens = case.name is not None
    return Shown(
        case=case,
        name=case.name or gettext("Skyddad person"),
        service=titles(case.rulebook_id, case.service, case.level),
        lines=[
            line(wait, today, participant_id=case.participant_id, voucher_id=case.voucher_id)
            for wait in case.waits
        ],
        href=_address(case.participant_id, case.voucher_id) if opens else None,
    )


# ── one case ─────────────────────────────────────────────────────────────────────────────────────


@portal.route("/cases/<int:voucher_id>")
@open_to(Role.GUIDE, Role.INSPECTOR)
def case(voucher_id: int) -> str:
    """One voucher: whose it is, what was decided, how it goes, and what to do now."""
    today = dates.today()
    with reading() as session:
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, "case")
    with reading() as session:
        titles = Titles(session)
        parts = one.parts(session, municipality_id(), voucher_id)
        found, terms = turns(session, head.voucher), titles.terms(head.rulebook.id)
        is_guide = actor().has(Role.GUIDE)
        others = [
            (row, titles(row.rulebook_id, row.service, row.level))
            for row in one.vouchers_of(session, municipality_id(), head.participant.id)
            if row.id != voucher_id
        ]
        entries = [
            *timeline.of_case(session, municipality_id(), voucher_id, leg_ids=[leg.id for leg in parts.legs]),
            *timeline.of_person(session, municipality_id(), head.participant.id, "participant.registered"),
        ]
        readings = timeline.of_person(
            session, municipality_id(), head.participant.id, *timeline.READINGS, limit=500
        )
        return render_template(
            "casework/case.html",
            head=head,
            voucher=head.voucher,
            participant=head.participant,
            parts=parts,
            said_of=attendance.answers_to(session, municipality_id(), [told.id for told in parts.reports]),
            absences=attendance.absences(session, municipality_id(), [leg.id for leg in parts.legs]),
            written=written.written_of(session, municipality_id(), [leg.id for leg in parts.legs]),
            demands=of_municipality(
                session, municipality_id(), today, viewer_id=actor().account_id, voucher_id=voucher_id
            ),
            others=others,
            lines=_to_do(session, head, parts, today),
            next_on=_next(parts, today),
            may_choose=_may_choose(head, today),
            service=titles.of(head),
            chain=chain(session, head, parts, found, titles, today),
            steps=steps(head.voucher, found, terms, today) if is_guide else [],
            last_on=found.last_on(terms, today),
            number=_number(session, head),
            history=timeline.tell(session, municipality_id(), entries),
            readings=timeline.tell(session, municipality_id(), readings)
            if head.participant.is_protected
            else [],
            today=today,
            is_guide=is_guide,
            check_title=timeline.check_title,
        )


def _number(session: Session, head: Head) -> str | None:
    """The personal number, for guides: they speak with the person and must know who it is."""
    if not actor().has(Role.GUIDE):
        return None
    digits = identity.vault(session).open(head.participant.identity_sealed)
    return f"{digits[:8]}-{digits[8:]}"


def _may_choose(head: Head, today: date) -> bool:
    is_open = states.voucher.can(head.voucher.state, "choose") and head.voucher.state == "choice_open"
    return is_open and today <= head.voucher.choose_by and actor().has(Role.GUIDE)


@portal.route("/cases/<int:voucher_id>/reopen", methods=["POST"])
@open_to(Role.GUIDE)
def reopen_choice(voucher_id: int) -> Response:
    """A new window to choose in, when the guide has talked with the person."""
    with reading() as session:
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, "case")
    with writing() as session:
        voucher = actions.reopen_choice(session, voucher_id, by=actor(), today=dates.today())
    flash(gettext("Personen kan välja till och med %(day)s.", day=words.day(voucher.choose_by)), "success")
    return redirect(url_for("casework.case", voucher_id=voucher_id))


def _to_do(session: Session, head: Head, parts: Parts, today: date) -> list[Line]:
    """What waits in this case, the oldest first."""
    only = [Participant.id == head.participant.id]
    everything = facts(session, municipality_id(), only, today)
    steps, _planned = missing_steps(session, municipality_id(), only, everything, today)
    this = [one for one in everything if one.row.id == head.voucher.id]
    found = [
        *(wait for one in this for wait in waits(one.standing, one.terms, today)),
        *([steps[head.voucher.id]] if head.voucher.id in steps else []),
        *(
            Wait("report_to_judge", report.submitted_on, report.id, report.month)
            for report in parts.reports
            if report.state == "submitted"
        ),
        *contests.to_judge(session, municipality_id(), only).get(head.voucher.id, ()),
        *written.to_judge(session, municipality_id(), only).get(head.voucher.id, ()),
        *(
            Wait("check_due", check.due_on, check.id, None, check.purpose, check.part)
            for check in parts.checks
            if check.state == "due" and check.due_on <= today
        ),
    ]
    return [
        line(wait, today, participant_id=head.participant.id, voucher_id=head.voucher.id)
        for wait in sorted(found, key=lambda wait: wait.urgency)
    ]


def _next(parts: Parts, today: date) -> date | None:
    """The next day something comes to the municipality by itself: a check that is not due yet."""
    return min((c.due_on for c in parts.checks if c.state == "due" and c.due_on > today), default=None)

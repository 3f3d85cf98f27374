"""What the clock watches in the register, for those who decide: it only counts, reminds and proposes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from flask_babel import get_locale, gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.jobs import JobRun, watch_registry
from app.web import municipality_id, open_to, reading
from core import dates
from core.actor import Role
from core.database import Rows
from providers.models import Accreditation
from providers.queries import published, watching
from providers.queries.published import Flagged, Reviewed
from providers.queries.watching import Life
from providers.rules import OPEN_STATES
from providers.rules.dormancy import how_long
from providers.rules.published import contract_of
from vouchers.queries import customers

PER_PAGE = 50


@dataclass(frozen=True)
class Results:
    """The newest follow-up: whom it flags, those in a row first, and who of them is accredited here."""

    review: Reviewed
    lines: list[Flagged]
    here: dict[str, int]
    asked: int


@portal.route("/watch")
@open_to(Role.INSPECTOR, Role.SECRETARY, Role.CHAIR)
def watch() -> str:
    """Who has no customers and for how long, evidence that ends, renewals that are due, low results."""
    today = dates.today()
    with reading() as session:
        known = customers.seen(session, municipality_id(), today)
        lives = watching.lives(session, municipality_id(), known, today)
        empty = [life for life in lives if waits(life)]
        evidence = watching.ending_evidence(session, municipality_id(), today)
        renewals = watching.renewals(session, municipality_id())
        newest = next(iter(published.periods(session, municipality_id(), today)), None)
        results = _results(session, newest, today) if newest else None
        titles = Titles(session)
        keys = {(life.rulebook_id, life.service) for life in empty}
        keys |= {(one.rulebook_id, one.service) for one in evidence}
        keys |= {(one.rulebook_id, one.service) for one in renewals}
        services = {key: titles.service(*key) for key in keys}
        rules = {titles.kundval(life.rulebook_id): life.rules for life in lives}
        ran_on = session.scalar(
            select(func.max(JobRun.slot)).where(
                JobRun.municipality_id == municipality_id(), JobRun.job == watch_registry.__name__
            )
        )
    lines = results.lines if results else []
    pages = max(1, -(-len(lines) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "casework/watch.html",
        empty=empty,
        waited={life.accreditation_id: waited(life, today) for life in empty},
        dormant=sum(life.finding.verdict != "fine" for life in empty),
        with_customers=len(lives) - len(empty),
        evidence=evidence,
        renewals=renewals,
        newest=newest,
        results=results,
        lines=lines[(page - 1) * PER_PAGE : page * PER_PAGE],
        page=page,
        pages=pages,
        services=services,
        rules=rules,
        ran_on=date.fromisoformat(ran_on) if ran_on else None,
        locale=str(get_locale() or "sv"),
        today=today,
    )


def waits(life: Life) -> bool:
    """Whether it is worth a look: nobody is there, or the reminder's day has come."""
    return life.finding.verdict != "fine" or not life.finding.running


def waited(life: Life, today: date) -> str:
    """For how long it has had no customers: 11 månader och 4 dagar."""
    months, days = how_long(life.finding.counted_from, today)
    in_months = ngettext("%(num)s månad", "%(num)s månader", months) if months else ""
    in_days = ngettext("%(num)s dag", "%(num)s dagar", days) if days or not months else ""
    if in_months and in_days:
        return gettext("%(months)s och %(days)s", months=in_months, days=in_days)
    return in_months or in_days


def _results(session: Session, newest: date, today: date) -> Results | None:
    """None when no kundval here has rules for published results."""
    for scheme, rules in watching.reviews(session, municipality_id(), today).items():
        found = published.review(session, municipality_id(), newest, rules)
        lines = sorted(
            found.flagged.values(),
            key=lambda one: (one.contract_no not in found.in_a_row, one.provider, one.contract_no),
        )
        return Results(found, lines, _here(session, scheme, found.flagged), rules.in_a_row)
    return None


def _here(session: Session, scheme: str, contracts: Iterable[str]) -> dict[str, int]:
    """Which of the contracts are accreditations here, by number."""
    rows: Rows = session.execute(
        select(Accreditation.id, Accreditation.area).where(
            Accreditation.municipality_id == municipality_id(),
            Accreditation.scheme == scheme,
            Accreditation.state.in_(OPEN_STATES),
            Accreditation.area != "",
        )
    ).all()
    wanted = set(contracts)
    return {contract: row.id for row in rows if (contract := contract_of(row.area)) in wanted and contract}

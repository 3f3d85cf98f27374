"""What is told of a person: months, absences, meetings and activities; and to take it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from flask import Response
from sqlalchemy.orm import Session

from app.api import answers, shapes
from app.api.door import caller, part
from app.api.participants import listed
from app.api.rows import Asked, attendance, page
from app.api.schemas import N_, ListQuery, form
from app.provider.views.door import note_reading, own
from app.web import reading
from core import dates
from core.actor import Actor
from core.database import Base, fetch
from vouchers import actions
from vouchers.actions.deviations import DeviationForm, tell_deviation, withdraw_deviation
from vouchers.actions.occasions import OccasionForm, record_occasion, withdraw_occasion
from vouchers.models import Deviation, Occasion, Report
from vouchers.queries.workload import Served
from vouchers.rules import fields

Said: TypeAlias = Mapping[str, Any]
Tell: TypeAlias = Callable[[Session, Served, Actor], Any]
MONTHS, ABSENCES, MEETINGS = N_("Månadsrapporter"), N_("Avvikelser"), N_("Möten och aktiviteter")


# ── what they have in common ──────────────────────────────────────────────────────────────────────


def told_of(leg_id: int, tell: Tell) -> Response:
    """Tell something of one of the provider's people; answers with its id and how it stands."""

    def work(session: Session) -> tuple[dict[str, Any], int]:
        person = own(session, leg_id)
        return receipt(tell(session, person, caller().actor)), 201

    return answers.once(work)


def receipt(row: Any) -> dict[str, Any]:
    """What is answered to something that was told."""
    state = row.state if hasattr(row, "state") else ("withdrawn" if row.withdrawn_on else None)
    return {"id": str(row.id), "state": state, "is_late": getattr(row, "is_late", None)}


def one_of_ours(session: Session, table: type[Base], row_id: int) -> tuple[Any, Served]:
    """A row about one of the provider's people, with the person. To others Missing."""
    row: Any = fetch(session, table, caller().actor.municipality_id, row_id)
    return row, own(session, row.leg_id)


def taken_back(table: type[Base], row_id: int, withdraw: Callable[..., Any]) -> Response:
    """Take back what was told."""

    def work(session: Session) -> tuple[dict[str, Any], int]:
        one_of_ours(session, table, row_id)
        return receipt(withdraw(session, row_id, by=caller().actor, today=dates.today())), 200

    return answers.once(work)


def rows_of(table: type[Base], said: Said, make: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """A page of rows about the provider's people."""
    with reading() as look:
        found = page(look, table, Asked.of(said), by=caller().actor)
    return listed([make(row[0]) for row in found.items], found)


def row_of(table: type[Base], row_id: int) -> Any:
    """One row about one of the provider's people; that somebody protected was read about is noted."""
    with reading() as look:
        row, person = one_of_ours(look, table, row_id)
    note_reading(person)
    return row


def plain(row: Any, kind: str, *columns: str) -> dict[str, Any]:
    """A row's declared fields, and those columns, as the document says them."""
    declared = (field.name for field in fields.of(kind))
    return {
        "id": str(row.id),
        "participant": str(row.leg_id),
        **{name: getattr(row, name) for name in (*declared, *columns)},
    }


# ── months ────────────────────────────────────────────────────────────────────────────────────────

MONTH = ("state", "submitted_on", "is_late", "judged_on", "via", "updated_at", "comment")


@part.operation(
    "/reports", "read", N_("Månadsrapporter"),
    query=ListQuery, gives=shapes.page_of(shapes.Report), tag=MONTHS,
)  # fmt: skip
def reports(said: Said) -> dict[str, Any]:
    """The months that have been reported."""
    by = caller().actor
    with reading() as look:
        found = page(look, Report, Asked.of(said), by=by)
        heard = attendance(look, by.municipality_id, [row[0].id for row in found.items])
    items = [plain(row[0], "monthly", *MONTH) | {"attendance": heard.get(row[0].id)} for row in found.items]
    return listed(items, found)


@part.operation(
    "/reports/<int:report_id>", "read", N_("En månadsrapport"), gives=shapes.ReportWhole, tag=MONTHS
)
def report(report_id: int) -> dict[str, Any]:
    """One month's report, with its words and what the municipality wants changed."""
    row = row_of(Report, report_id)
    with reading() as look:
        heard = attendance(look, row.municipality_id, [row.id])
    return plain(row, "monthly", *MONTH) | {"attendance": heard.get(row.id)}


@part.operation(
    "/participants/<int:leg_id>/reports", "report", N_("Rapportera en månad"),
    sends=form("monthly"), gives=shapes.Receipt, status=201, tag=MONTHS,
    text=N_("En rapport som kommunen har skickat tillbaka rättar ni genom att skicka månaden igen."),
)  # fmt: skip
def tell_report(said: Said, leg_id: int) -> Response:
    """Report a month, or mend one that came back."""

    def tell(session: Session, person: Served, by: Actor) -> Report:
        values = answers.read_report("monthly", said, person.terms)
        made = actions.ReportForm(**values, via="api")
        return actions.submit_report(session, leg_id, made, by=by, today=dates.today())

    return told_of(leg_id, tell)


@part.operation(
    "/reports/<int:report_id>/withdraw", "report", N_("Ta tillbaka en månadsrapport"),
    gives=shapes.Receipt, tag=MONTHS,
)  # fmt: skip
def withdraw_report(report_id: int) -> Response:
    """Take a month's report back."""
    return taken_back(Report, report_id, actions.withdraw_report)


# ── absences ──────────────────────────────────────────────────────────────────────────────────────

ABSENCE = ("state", "reported_on", "is_late", "via", "updated_at")


@part.operation(
    "/deviations", "read", N_("Avvikelser"),
    query=ListQuery, gives=shapes.page_of(shapes.Deviation), tag=ABSENCES,
)  # fmt: skip
def deviations(said: Said) -> dict[str, Any]:
    """The absences that have been told."""
    return rows_of(Deviation, said, lambda row: plain(row, "deviation", *ABSENCE))


@part.operation(
    "/deviations/<int:deviation_id>", "read", N_("En avvikelse"), gives=shapes.DeviationWhole, tag=ABSENCES
)
def deviation(deviation_id: int) -> dict[str, Any]:
    """One absence, with what was said of it."""
    return plain(row_of(Deviation, deviation_id), "deviation", *ABSENCE)


@part.operation(
    "/participants/<int:leg_id>/deviations", "report", N_("Anmäl en avvikelse"),
    sends=form("deviation"), gives=shapes.Receipt, status=201, tag=ABSENCES,
    text=N_("En rad för varje tillfälle."),
)  # fmt: skip
def tell_absence(said: Said, leg_id: int) -> Response:
    """Tell of one absence."""

    def tell(session: Session, person: Served, by: Actor) -> Deviation:
        made = DeviationForm(**answers.read_report("deviation", said, person.terms))
        return tell_deviation(session, leg_id, made, by=by, today=dates.today(), via="api")

    return told_of(leg_id, tell)


@part.operation(
    "/deviations/<int:deviation_id>/withdraw", "report", N_("Ta tillbaka en avvikelse"),
    gives=shapes.Receipt, tag=ABSENCES,
)  # fmt: skip
def withdraw_absence(deviation_id: int) -> Response:
    """Take an absence back."""
    return taken_back(Deviation, deviation_id, withdraw_deviation)


# ── meetings and activities ───────────────────────────────────────────────────────────────────────

MEETING = ("withdrawn_on", "via", "updated_at")


@part.operation(
    "/occasions", "read", N_("Möten och aktiviteter"),
    query=ListQuery, gives=shapes.page_of(shapes.Occasion), tag=MEETINGS,
)  # fmt: skip
def occasions(said: Said) -> dict[str, Any]:
    """The meetings and activities that have been told, also those taken back."""
    return rows_of(Occasion, said, lambda row: plain(row, "occasion", *MEETING))


@part.operation(
    "/occasions/<int:occasion_id>",
    "read",
    N_("Ett möte eller en aktivitet"),
    gives=shapes.Occasion,
    tag=MEETINGS,
)
def occasion(occasion_id: int) -> dict[str, Any]:
    """One meeting or activity."""
    return plain(row_of(Occasion, occasion_id), "occasion", *MEETING)


@part.operation(
    "/participants/<int:leg_id>/occasions", "report", N_("Berätta om ett möte eller en aktivitet"),
    sends=form("occasion"), gives=shapes.Receipt, status=201, tag=MEETINGS,
)  # fmt: skip
def tell_occasion(said: Said, leg_id: int) -> Response:
    """Tell of one meeting or activity."""

    def tell(session: Session, person: Served, by: Actor) -> Occasion:
        made = OccasionForm(**answers.read_report("occasion", said, person.terms))
        return record_occasion(session, leg_id, made, by=by, today=dates.today(), via="api")

    return told_of(leg_id, tell)


@part.operation(
    "/occasions/<int:occasion_id>/withdraw", "report", N_("Ta tillbaka ett möte eller en aktivitet"),
    gives=shapes.Receipt, tag=MEETINGS,
)  # fmt: skip
def take_back_occasion(occasion_id: int) -> Response:
    """Take a meeting or an activity back."""
    return taken_back(Occasion, occasion_id, withdraw_occasion)

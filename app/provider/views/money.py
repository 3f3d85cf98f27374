"""The provider's money: statements, what is on its way, and the reason for each line."""

from __future__ import annotations

from flask import render_template, request

from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading
from core.actor import Role
from core.dates import day_of
from core.refusal import Missing
from payouts.queries.accounts import changes_in
from payouts.queries.batches import carried_positions, provider_statements, returned_to, waiting
from payouts.queries.batches import statement as one_statement
from payouts.queries.desk import shows_examples
from payouts.queries.explain import explain
from payouts.queries.gates import waiting_dues, waiting_sums
from payouts.queries.holds import every_standing, of_statement
from payouts.queries.lines import Key, lines_of_statement, lines_waiting

PER_PAGE = 200


def asked_page() -> int:
    """The page of a list that the address asks for, from 1."""
    return min(max(request.args.get("page", 1, int), 1), 1_000_000)


@portal.route("/money")
@open_to(Role.COACH, Role.MANAGER)
def money() -> str:
    """Every statement, the newest first, and what is booked for the next one."""
    provider_id, page = workplace(), asked_page()
    with reading() as session:
        rows = provider_statements(session, municipality_id(), provider_id)
        ahead = [row for row in waiting(session, municipality_id()) if row.provider_id == provider_id]
        carried_ore = carried_positions(session, municipality_id()).get(provider_id, 0)
        lines, count = lines_waiting(
            session, municipality_id(), provider_id, viewer=actor(), page=page, per_page=PER_PAGE
        )
        examples = shows_examples(session, municipality_id())
        held = every_standing(session, municipality_id(), provider_id)
        stopped = waiting_sums(session, municipality_id(), provider_id)
    return render_template(
        "provider/money.html",
        stopped=stopped,
        statements=rows,
        ahead_ore=carried_ore + sum(row.booked_ore for row in ahead),
        held=held,
        carried_ore=carried_ore,
        lines=lines,
        count=count,
        page=page,
        pages=-(-count // PER_PAGE),
        examples=examples,
    )


@portal.route("/money/stopped")
@open_to(Role.COACH, Role.MANAGER)
def stopped() -> str:
    """What is earned and waits, by what it waits for."""
    page = asked_page()
    with reading() as session:
        sums = waiting_sums(session, municipality_id(), workplace())
        dues, count = waiting_dues(session, municipality_id(), workplace(), page=page, per_page=PER_PAGE)
    return render_template(
        "provider/stopped.html", dues=dues, sums=sums, count=count, page=page, pages=-(-count // PER_PAGE)
    )


@portal.route("/money/<int:statement_id>")
@open_to(Role.COACH, Role.MANAGER)
def statement(statement_id: int) -> str:
    """One statement: what was earned, clawed back, carried and paid, line by line."""
    page = asked_page()
    with reading() as session:
        found = one_statement(session, municipality_id(), statement_id)
        if found is None or found.provider_id != workplace() or found.state == "void":
            raise Missing()
        lines, count = lines_of_statement(
            session, municipality_id(), statement_id, viewer=actor(), page=page, per_page=PER_PAGE
        )
        changed = changes_in(session, municipality_id(), found.batch_id, [found], day_of(found.made_at))
        returned = returned_to(session, municipality_id(), found.batch_id, found.provider_id)
        withheld = of_statement(session, municipality_id(), found.batch_id, found.provider_id)
    return render_template(
        "provider/statement.html",
        withheld=withheld,
        returned=returned,
        it=found,
        changed=changed,
        lines=lines,
        count=count,
        page=page,
        pages=-(-count // PER_PAGE),
    )


@portal.route("/lines/<int:scope_id>/<component>/<int:part>/<int:sequence>")
@open_to(Role.COACH, Role.MANAGER)
def line(scope_id: int, component: str, part: int, sequence: int) -> str:
    """Why this amount."""
    key = Key(scope_id, component, part, sequence)
    with reading() as session:
        why = explain(session, municipality_id(), key, provider_id=workplace(), viewer=actor())
    return render_template("provider/line.html", why=why)

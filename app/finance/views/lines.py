"""A provider's statement, a single line, and what waits, as finance sees them: without anybody's name."""

from __future__ import annotations

from flask import render_template, request

from app.finance.views.door import portal
from app.web import municipality_id, open_to, reading
from core.actor import Role
from core.dates import day_of
from core.refusal import Missing
from payouts.queries.accounts import changes_in
from payouts.queries.batches import returned_to
from payouts.queries.batches import statement as one_statement
from payouts.queries.explain import explain
from payouts.queries.gates import waiting_dues, waiting_sums
from payouts.queries.holds import every_standing, of_statement, on_line
from payouts.queries.lines import Key, lines_of_statement

PER_PAGE = 200


@portal.route("/statements/<int:statement_id>")
@open_to(Role.MAKER, Role.SIGNER)
def statement(statement_id: int) -> str:
    """What one provider is paid in one batch, line by line."""
    page = min(max(request.args.get("page", 1, int), 1), 1_000_000)
    with reading() as session:
        found = one_statement(session, municipality_id(), statement_id)
        if found is None:
            raise Missing()
        lines, count = lines_of_statement(
            session, municipality_id(), statement_id, viewer=None, page=page, per_page=PER_PAGE
        )
        changed = changes_in(session, municipality_id(), found.batch_id, [found], day_of(found.made_at))
        returned = returned_to(session, municipality_id(), found.batch_id, found.provider_id)
        withheld = of_statement(session, municipality_id(), found.batch_id, found.provider_id)
        standing = every_standing(session, municipality_id(), found.provider_id)
    return render_template(
        "finance/statement.html",
        it=found,
        changed=changed,
        withheld=withheld,
        returned=returned,
        held=[one for one in standing if one.kind == "provider"],
        lines=lines,
        count=count,
        page=page,
        pages=-(-count // PER_PAGE),
    )


@portal.route("/lines/<int:scope_id>/<component>/<int:part>/<int:sequence>")
@open_to(Role.MAKER, Role.SIGNER)
def line(scope_id: int, component: str, part: int, sequence: int) -> str:
    """Why this amount."""
    key = Key(scope_id, component, part, sequence)
    with reading() as session:
        why = explain(session, municipality_id(), key)
        held = on_line(session, municipality_id(), why.line)
    return render_template("finance/line.html", why=why, held=held)


@portal.route("/stopped")
@open_to(Role.MAKER, Role.SIGNER)
def stopped() -> str:
    """What is earned and waits, at every provider, by what it waits for."""
    page = min(max(request.args.get("page", 1, int), 1), 1_000_000)
    with reading() as session:
        sums = waiting_sums(session, municipality_id())
        dues, count = waiting_dues(session, municipality_id(), page=page, per_page=PER_PAGE)
    return render_template(
        "finance/stopped.html", dues=dues, sums=sums, count=count, page=page, pages=-(-count // PER_PAGE)
    )

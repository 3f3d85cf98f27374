"""flask audit: see that nobody has changed the trail."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.commands.telling import Answer, database, settings, told
from app.jobs import anchors_file
from core import audit
from core.refusal import Refusal


@click.group("audit")
def command() -> None:
    """The audit trail."""


@command.command("verify")
@click.option(
    "--anchors", type=click.Path(path_type=Path), help="Heads kept earlier (default: the timetable's)."
)
@with_appcontext
@told
def verify(anchors: Path | None) -> Answer:
    """Walk the whole chain and compare it with the heads kept outside the database."""
    owner = settings().municipality_id
    kept = _anchors(anchors or anchors_file(settings(), owner))
    with database().reading() as session:
        verdict = audit.verify(session, owner, kept)
    facts = {
        "whole": verdict.fault is None,
        "links": verdict.links,
        "head": verdict.head,
        "anchors": len(kept),
        "fault_at": verdict.fault_at,
        "fault": verdict.fault,
    }
    if verdict.fault:
        return Answer(facts, [f"The chain is broken at link {verdict.fault_at}: {verdict.fault}."], 1)
    return Answer(
        facts, [f"The chain is whole: {verdict.links} links, {len(kept)} anchors. Head {verdict.head}."]
    )


def _anchors(path: Path) -> dict[int, str]:
    if not path.exists():
        return {}
    text = path.read_bytes().decode("ascii", errors="replace")
    rows = [line.split() for line in text.splitlines() if line.strip()]
    if any(len(row) != 2 or not row[0].isdigit() for row in rows):
        raise Refusal("anchors_wrong", "Filen med ankare går inte att läsa.")
    return {int(number): seal for number, seal in rows}

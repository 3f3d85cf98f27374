"""The command line. Each command prints for a person, and with --json one JSON object for a program."""

from __future__ import annotations

from flask import Flask

from app.commands import (
    accounts,
    audit,
    calculating,
    db,
    demo,
    municipality,
    payouts,
    registry,
    results,
    rulebook,
    sandbox,
    timetable,
)


def register(app: Flask) -> None:
    """Hang every command on the app."""
    for room in (
        accounts,
        audit,
        db,
        demo,
        municipality,
        payouts,
        registry,
        results,
        rulebook,
        sandbox,
        timetable,
    ):
        app.cli.add_command(room.command)
    payouts.command.add_command(calculating.command)

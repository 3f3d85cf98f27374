"""New conditions for the town's kundval: a version of its rules that is newer than the one in force."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.demo.people import JOBBPENG
from app.rulebooks import READERS
from core.actor import Actor
from core.rulebooks import Rulebook, import_rulebook


def newer_rulebook(session: Session, today: date, *, version: str = "2026-02-01") -> Rulebook:
    """The town's rules once more, as a version of that day."""
    text = JOBBPENG.read_text("utf-8").replace("2016-04-01", version)
    return import_rulebook(session, text, readers=READERS, by=Actor.operator(1), today=today)

"""Jobbpeng with a fee of nearly every kind, made up, to explain and to settle in a real town."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.demo.people import JOBBPENG
from app.rulebooks import READERS, text_of
from core.actor import Actor
from core.rulebooks import Rulebook, import_rulebook

AMOUNT = """
[[fees.{code}.amounts]]
service = "matching"
level = "basic"
ore = {ore}
status = "example"
source = "exempelbelopp"
"""
LATER = AMOUNT + "from = 2026-04-01\n"
FEES = (
    """
[fees.start]
kind = "start"
qualifying_days = 14
title = { sv = "Startersättning", en = "Start fee" }
indexed = true

[fees.start.factors.level]
basic = 12500
"""
    + AMOUNT.format(code="start", ore=100_000)
    + """
[fees.kept]
kind = "milestone"
title = { sv = "Kvar i insatsen", en = "Still there" }
parts = [{ share = 33, after = 30, unit = "days" }, { share = 67, after = 2, unit = "months" }]
"""
    + AMOUNT.format(code="kept", ore=100_001)
    + """
[fees.place]
kind = "weekdays"
qualifying_days = 1
instalments = 12
block = { months = 3, cap_ore = 500_000 }
title = { sv = "Platsen, dag för dag", en = "The place, day by day" }
"""
    + AMOUNT.format(code="place", ore=10_000)
    + LATER.format(code="place", ore=12_000)
    + """
[fees.plan]
kind = "instalments"
qualifying_days = 1
percent = 80
by = "month_ends"
title = { sv = "Utbildningen", en = "The training" }
"""
    + AMOUNT.format(code="plan", ore=1_200_001)
    + """
[fees.whole]
kind = "completion"
percent = 20
of = "plan"
title = { sv = "Fullföljd", en = "Completed" }

[fees.soon]
kind = "speed"
steps = [{ within_days = 90, percent = 100 }, { within_days = 180, percent = 50 }]
title = { sv = "Snabbt resultat", en = "A quick result" }
"""
    + AMOUNT.format(code="soon", ore=300_000)
    + """
[fees.index]
base_points = 1000
source = "made up"
points = [{ from = 2026-01-01, points = 1031 }]
"""
)


def text_with(fees: str = FEES, *, version: str = "2026-01-01") -> str:
    """Jobbpeng's text as a later version, with those fees beside its own."""
    text = text_of(JOBBPENG)
    for name in ("version = ", "valid_from = "):
        text = text.replace(f'{name}"2016-04-01"', f'{name}"{version}"', 1)
        text = text.replace(f"{name}2016-04-01", f"{name}{version}", 1)
    return text.replace("# the choice: who", f"{fees}\n# the choice: who", 1)


def brought_in(session: Session, *, by: Actor, today: date) -> Rulebook:
    """The version in a town."""
    return import_rulebook(session, text_with(), readers=READERS, by=by, today=today)

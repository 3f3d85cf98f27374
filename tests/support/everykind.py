"""A municipality's rulebook with a fee of every kind: the town's rules, and another chapter of fees."""

from __future__ import annotations

import re

from app.demo.people import JOBBPENG

VERSION = "2026-03-01"
AMOUNT = """
[[fees.{code}.amounts]]
service = "{service}"
level = "{level}"
ore = {ore}
status = "example"
source = "exempelbelopp"
"""
MATCHING, PREPARATORY = ("matching", "enhanced"), ("preparatory", "single")
TERMS = {
    "base": 'kind = "monthly"\nqualifying_days = 14\ninstalments = 12\npro_rata = "weekdays"\nindexed = true',
    "begun": 'kind = "start"\nqualifying_days = 14\ntitle = { sv = "Startersättning", en = "Start fee" }',
    "training": (
        'kind = "instalments"\npercent = 80\nby = "month_ends"\nprice = "agreed"\n'
        'title = { sv = "Utbildning", en = "Training" }'
    ),
    "held_back": (
        'kind = "completion"\npercent = 20\nof = "training"\n'
        'title = { sv = "Vid slutförd utbildning", en = "On completion" }'
    ),
    "stayed": (
        'kind = "milestone"\ntitle = { sv = "Kvar i insatsen", en = "Still there" }\n'
        "parts = [{ share = 50, after = 3 }, { share = 50, after = 6 }]"
    ),
    "result": 'kind = "outcome"\npartial = true\nwindow_days = 60\nparts = [{ share = 100, after = 0 }]',
    "fast": (
        'kind = "speed"\ntitle = { sv = "Snabbhetspremie", en = "Speed premium" }\n'
        "steps = [{ within_days = 91, percent = 100 }, { within_days = 182, percent = 50 }]"
    ),
    "bonus": 'kind = "sustained"',
    "kept": (
        'kind = "sustained"\ntitle = { sv = "Kvar i arbete", en = "Still in work" }\n'
        'each = { times = 3, first = 8, every = 4, unit = "weeks" }'
    ),
    "days": (
        'kind = "daily"\nqualifying_days = 0\ninstalments = 6\ntitle = { sv = "Dagar", en = "Days" }\n'
        "block = { months = 3, cap_ore = 900000 }"
    ),
    "weekdays": (
        'kind = "weekdays"\nqualifying_days = 0\ninstalments = 6\n'
        'title = { sv = "Vardagar", en = "Weekdays" }'
    ),
}
PRICES = {
    "base": (MATCHING, 485_800),
    "begun": (MATCHING, 100_000),
    "stayed": (MATCHING, 200_000),
    "result": (MATCHING, 1_500_000),
    "fast": (MATCHING, 500_000),
    "bonus": (MATCHING, 1_200_000),
    "kept": (MATCHING, 100_000),
    "days": (PREPARATORY, 10_000),
    "weekdays": (PREPARATORY, 5_000),
}
REST = """
[fees.policy]
early_finish = "paid"
switch_month = "last_day"
pause = "spread"

[fees.base.factors.region]
north = 12500

[[fees.caps]]
per = "person"
period = "year"
ore = 99000000
fees = ["result", "fast"]
source = "exempelbelopp"

[fees.index]
base_points = 1000
source = "påhittat index"
points = [{ from = 2090-01-01, points = 1100 }]

"""


def text() -> str:
    """The rulebook's file, decided for another day than the town's."""
    written = JOBBPENG.read_text("utf-8").replace("2016-04-01", VERSION)
    before, after = re.split(r"^\[fees\.base\]$", written, maxsplit=1, flags=re.MULTILINE)
    _, rest = after.split("# the choice: who, how long, what happens otherwise", 1)
    return before + _fees() + rest


def _fees() -> str:
    found = ""
    for code, terms in TERMS.items():
        found += f"[fees.{code}]\n{terms}\n"
        if code in PRICES:
            (service, level), ore = PRICES[code]
            found += AMOUNT.format(code=code, service=service, level=level, ore=ore)
        found += "\n"
    return found + REST

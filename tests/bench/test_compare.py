"""The comparison with 300 providers, against a bare Flask on the same machine in the same minute."""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

import pytest

from config import Settings
from core.database import Database
from core.dates import today
from tests.bench.load import GUNICORN, Visitor, ask, per_second, served
from tests.support.house import KEYS
from tests.support.stalls import open_stalls
from tests.support.town import HOUSES, found

pytestmark = pytest.mark.bench

PROVIDERS = 300
VISITORS = 50
ROUNDS = 15
HELLO_S, COMPARE_S = 0.5, 1.0
"""Short turns, so that whatever else the machine does meanwhile falls on both."""
LEAST_RATIO = 0.1
MOST_BYTES = 100_000


def test_the_first_page_answers_at_no_less_than_a_tenth_of_hello(
    database: Database, settings: Settings, database_kind: str
):
    town = found(database, decided_on=today())
    with database.transaction(town.municipality_id) as session:
        open_stalls(session, town, PROVIDERS - len(HOUSES), PROVIDERS)
    environment = {
        "VAGVAL_ENV": "test",
        "VAGVAL_INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url,
        **KEYS,
    }
    visitors = [Visitor() for _ in range(VISITORS)]
    hellos = compares = 0
    hello_s = compare_s = 0.0
    with served("tests.bench.hello:app", environment) as hello, served("wsgi:app", environment) as ours:
        pages = [ask(ours, "/compare", visitor) for visitor in visitors]
        first = [_names(page.body) for page in pages]
        assert all(len(names) == 25 for names in first)
        assert len({tuple(names) for names in first}) == VISITORS, "each visitor has an order of its own"
        assert len({name for names in first for name in names}) > PROVIDERS // 2
        per_second(hello, "/", [Visitor()], 0.5)
        for _ in range(ROUNDS):
            count, spent = per_second(hello, "/", [Visitor()], HELLO_S)
            hellos, hello_s = hellos + count, hello_s + spent
            count, spent = per_second(ours, "/compare", visitors, COMPARE_S)
            compares, compare_s = compares + count, compare_s + spent
        again = [_names(ask(ours, "/compare", visitor).body) for visitor in visitors]
    assert again == first, "reload keeps the order"
    ratio = (compares / compare_s) / (hellos / hello_s)
    weight = len(pages[0].body)
    sys.stdout.write(
        f"\n{database_kind}: {PROVIDERS} providers, first page of 25, {VISITORS} visitors with seeds of their"
        f" own; gunicorn {' '.join(GUNICORN[:4])}; one client, one connection at a time\n"
        f"  hello   {hellos / hello_s:7.0f} requests a second ({hellos} in {hello_s:.1f} s)\n"
        f"  compare {compares / compare_s:7.0f} requests a second ({compares} in {compare_s:.1f} s),"
        f" {weight} bytes compressed\n"
        f"  ratio   {ratio:7.3f}, must be at least {LEAST_RATIO}\n"
    )
    assert ratio >= LEAST_RATIO
    assert weight + _styles() <= MOST_BYTES


def _names(body: bytes) -> list[str]:
    page = gzip.decompress(body).decode()
    return re.findall(r'class="card__title"><a [^>]+>([^<]+)<', page)


def _styles() -> int:
    """What a first visit fetches besides the page: the styles and the icon, compressed as we send them."""
    static = Path(__file__).parents[2] / "app" / "static"
    files = (*static.glob("css/*.css"), static / "icons" / "vagval.svg")
    return sum(len(gzip.compress(file.read_bytes(), 1)) for file in files)

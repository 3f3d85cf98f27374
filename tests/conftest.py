"""What every test may ask for: a fresh database of either kind, the app on it, a server, a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from core.database import Database
from tests.support import browser, drawn, postgres, sqlite
from tests.support.house import open_database, settings_for
from tests.support.lacking import in_ci, lacking
from tests.support.server import serving

KINDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-sqlite", action="store_true", help="leave out the PostgreSQL half")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and leave out PostgreSQL where that was asked for."""
    for item in items:
        if {"page", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    if config.getoption("--only-sqlite"):
        left_out = [item for item in items if _kind_of(item) == "postgresql"]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _kind_of(item) != "postgresql"]


def _kind_of(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("database_kind") if callspec else None


# ── databases ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> sqlite.Files:
    """Where this worker's SQLite databases are made."""
    return sqlite.Files(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """This worker's own PostgreSQL, started when the first test asks for it."""
    try:
        server = postgres.Server()
    except postgres.Lacking as sentence:
        lacking(str(sentence))
    with server:
        yield server


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each of the two kinds in turn."""
    return str(request.param)


@pytest.fixture
def database_maker(database_kind: str, request: pytest.FixtureRequest) -> postgres.Server | sqlite.Files:
    """What makes databases of that kind: `.empty()`, `.migrated()`, `.drop(url)`."""
    name = "sqlite_files" if database_kind == "sqlite" else "postgres_server"
    maker: postgres.Server | sqlite.Files = request.getfixturevalue(name)
    return maker


@pytest.fixture
def empty_url(database_maker: postgres.Server | sqlite.Files) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    url = database_maker.empty()
    yield url
    database_maker.drop(url)


@pytest.fixture
def database_url(database_maker: postgres.Server | sqlite.Files) -> Iterator[str]:
    """The URL of a freshly migrated, empty database."""
    url = database_maker.migrated()
    yield url
    database_maker.drop(url)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """A test installation on that database, with its folders in a place of its own."""
    return settings_for(database_url, tmp_path / "instance")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A freshly migrated, empty database, on SQLite and on PostgreSQL."""
    opened = open_database(settings)
    yield opened
    opened.dispose()


# ── the app ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole app on that database."""
    from app import create_app  # noqa: PLC0415  # a test of a rule need not load the web

    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address at which the app answers a browser, such as http://127.0.0.1:41234."""
    with serving(app) as address:
        yield address


# ── the browser ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How playwright starts the machine's own Chromium."""
    program = browser.find_chromium()
    if program is None:
        lacking("There is no Chromium on this machine.")
    return {"executable_path": program, "args": browser.ARGUMENTS, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """A Swedish visitor at a desk; a test that wants a phone sets the viewport."""
    return {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", "viewport": browser.DESKTOP}


@pytest.fixture
def heard(page: Page, live_server: str) -> Iterator[browser.Listener]:
    """What the pages complain about; nothing, in the end."""
    listener = browser.Listener(page, live_server)
    yield listener
    browser.assert_clean_console(listener)


@pytest.fixture
def tokens(app: Flask) -> None:
    """A browser sends the form tokens that it was given."""
    app.config["WTF_CSRF_ENABLED"] = True


def pytest_report_header() -> str:
    return f"vagval: {'CI, nothing may be skipped' if in_ci() else 'what this machine lacks is skipped'}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """In CI no test is left out, whatever it says."""
    report = yield
    if report.skipped and in_ci() and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI a skip is a failure: {report.longrepr[-1]}"
    return report


drawn.once_a_process()
expect.set_options(timeout=30_000)  # a busy machine answers late, and rightly
os.environ.pop("DATABASE_URL", None)  # the developer's own database is not for tests

# How long a case takes says how busy the machine is, and the same seed finds the same fault again.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")

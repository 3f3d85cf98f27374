"""What the tests themselves stand on: databases of both kinds, a browser, and no silent skipping in CI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.database import Database, Municipality
from tests.support import browser
from tests.support.server import serving

TOP = Path(__file__).parent.parent
PAGE = b"""<!doctype html><html lang="sv"><head><title>Hej</title></head>
<body><main><h1>Hej</h1>%s</main></body></html>"""


def site(environ, start_response):
    """Two pages: /good, and everything else, which is bad in every way."""
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ],
    )
    good = environ["PATH_INFO"] == "/good"
    return [PAGE % (b"" if good else b'<input style="width:900px"><script src="/x.js"></script>')]


def test_a_database_begins_empty(database: Database):
    with database.transaction() as session:
        assert session.query(Municipality).count() == 0
        session.add(Municipality(id=1, name="Exempelkommunen", organisation_number="2120000001"))


def test_a_database_begins_empty_again(database: Database):
    test_a_database_begins_empty(database)


def test_the_browser_finds_nothing_on_a_good_page(page: Page):
    with serving(site) as address:
        listener = browser.Listener(page, address)
        page.set_viewport_size(browser.NARROW)
        page.goto(f"{address}/good")
        browser.assert_accessible(page)
        browser.assert_no_overflow(page)
        browser.assert_clean_console(listener)


def test_the_browser_sees_what_is_wrong_with_a_bad_page(page: Page):
    with serving(site) as address:
        listener = browser.Listener(page, address)
        page.set_viewport_size(browser.NARROW)
        page.goto(f"{address}/bad")
        with pytest.raises(AssertionError, match="label"):
            browser.assert_accessible(page)
        with pytest.raises(AssertionError, match="INPUT"):
            browser.assert_no_overflow(page)
        with pytest.raises(AssertionError, match="Content Security Policy"):
            browser.assert_clean_console(listener)


@pytest.mark.parametrize(("ci", "outcome"), [("true", "1 failed"), ("", "1 skipped")])
def test_a_skip_is_a_failure_in_ci(ci: str, outcome: str, tmp_path: Path):
    test = tmp_path / "test_lacks.py"
    test.write_text("import pytest\ndef test_it():\n    pytest.skip('There is no moon on this machine.')\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", str(TOP), "-c", str(TOP / "pyproject.toml"),
         "-p", "tests.conftest", str(test)],
        cwd=TOP, env={"CI": ci, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome in run.stdout
    assert run.returncode == (1 if ci else 0)

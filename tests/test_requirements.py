"""Everything that is imported is pinned, in the list that is installed where it runs."""

from __future__ import annotations

import re
from importlib.metadata import distributions, packages_distributions

import pytest

from tests.support.source import HOUSE, TOP, files, imported


def pinned(*lists: str) -> set[str]:
    lines = "\n".join((TOP / name).read_text() for name in lists)
    return {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in re.findall(r"^([\w.-]+)(?:\[.*\])?==", lines, re.MULTILINE)
    }


@pytest.mark.parametrize(
    ("places", "lists"),
    [
        ((*HOUSE, "config.py", "wsgi.py"), ("requirements.txt",)),
        (("tools/run.py", "tools/demo_bank.py"), ("requirements.txt", "requirements-demo.txt")),
        (("tests", "tools"), ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt")),
    ],
    ids=["production", "the demo", "the tests"],
)
def test_everything_imported_is_pinned(places: tuple[str, ...], lists: tuple[str, ...]):
    own = {*HOUSE, "tests", "tools", "config", "wsgi"}
    used = {name for source in files() if source.within(*places) for name in imported(source)} - own
    carriers = packages_distributions()
    lacking = {
        name
        for name in used
        if not any(re.sub(r"[-_.]+", "-", one).lower() in pinned(*lists) for one in carriers.get(name, ()))
    }
    assert used
    assert not lacking, f"imported but not pinned in {lists}: {sorted(lacking)}"


def test_nothing_is_installed_that_is_not_pinned():
    """A package put in by hand would hide what a clean clone lacks, type stubs above all."""
    lists = ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt")
    tools = {"pip", "setuptools", "wheel"}
    here = {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower() for one in distributions()}
    strangers = here - pinned(*lists) - tools
    assert not strangers, f"not pinned; pin them, or: rm -rf .venv && make setup-dev {sorted(strangers)}"

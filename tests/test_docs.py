"""What README and docs say is so: paths, names, commands, targets, settings, links, words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from flask import Flask

from app import commands
from app.demo.people import PASSWORD, SIGN_INS
from app.jobs import TIMETABLE
from tools import states

TOP = Path(__file__).parent.parent
PAPERS = sorted([TOP / "README.md", TOP / "CHANGELOG.md", *(TOP / "docs").rglob("*.md")])
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HOLDS = re.compile(r"`([\w./-]+\.py)` \(((?:`\w+`(?:, )?)+)\)")
COMMAND = re.compile(r"\bflask (?:--app wsgi )?([a-z]+)((?: [\w.=/<>-]+)*)")
# Made when the house runs.
NOT_YET = {"instance/"}
# The words that the interface must use, and that nobody may have to guess.
WORDS = (
    "auktorisation", "återkallelse", "anordnare", "insats", "check", "peng", "jobbpeng", "matchande",
    "rustande", "karriärvägledare", "grundersättning", "resultatersättning", "bonus", "återkrav",
    "ickeval", "vite", "nämnd", "diarienummer", "jäv", "kundval", "ben", "avräkning", "utbetalning",
    "körning", "rad i huvudboken", "regelverk",
)  # fmt: skip


@cache
def words_of(paper: Path) -> str:
    return paper.read_text("utf-8")


def code_of(paper: Path) -> Iterator[str]:
    """What stands as code: spans between backticks, and lines of fenced blocks."""
    text = words_of(paper)
    for block in FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    yield from SPAN.findall(FENCE.sub("", text))


def named(paper: Path) -> str:
    return paper.relative_to(TOP).as_posix()


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_path_exists(paper: Path):
    said = [path for code in code_of(paper) for path in paths_in(code)]
    assert [path for path in said if path not in NOT_YET and not (TOP / path).exists()] == []


def paths_in(code: str) -> Iterator[str]:
    """What is a path of ours in a piece of code: `core/database.py::Keys`, `tests/payouts/cases/`."""
    tops = {entry.name for entry in TOP.iterdir()}
    for word in code.split():
        path = word.split("::")[0].rstrip(".,;:")
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?|[\w-]+\.(py|toml)", path) and path.split("/")[0] in tops:
            yield path


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_a_file_holds_the_names_that_are_said_to_be_in_it(paper: Path):
    missing = [
        f"{path}: {name}"
        for path, names in HOLDS.findall(words_of(paper))
        for name in re.findall(r"\w+", names)
        if not re.search(rf"\b{name}\b", (TOP / path).read_text("utf-8"))
    ]
    assert missing == []


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_link_leads_somewhere(paper: Path):
    broken = []
    for link in LINK.findall(FENCE.sub("", words_of(paper))):
        if "://" in link:
            continue
        place, _, part = link.partition("#")
        target = (paper.parent / place).resolve() if place else paper
        if not target.exists() or (part and part not in parts_of(target)):
            broken.append(link)
    assert broken == []


def parts_of(paper: Path) -> set[str]:
    """The addresses of a page's headings, as they are made where it is shown."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", words_of(paper)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


# ── commands and targets ──────────────────────────────────────────────────────────────────────────


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (TOP / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_make_target_exists(paper: Path):
    said = {name for code in code_of(paper) for name in re.findall(r"\bmake ([a-z-]+)", code)}
    assert said <= targets()


def test_readme_names_every_make_target():
    said = {name for code in code_of(TOP / "README.md") for name in re.findall(r"\bmake ([a-z-]+)", code)}
    assert targets() <= said


@cache
def known_commands() -> dict[str, click.Command]:
    """Our commands by their whole name: `db upgrade`, `demo`."""
    app = Flask("docs")
    commands.register(app)
    found: dict[str, click.Command] = {}
    for name, command in app.cli.commands.items():
        if isinstance(command, click.Group):
            found.update({f"{name} {below}": one for below, one in command.commands.items()})
        else:
            found[name] = command
    return found


def commands_in(paper: Path) -> Iterator[tuple[str, list[str]]]:
    """Every `flask ...` on the page, with the options it is given."""
    groups = {name.split()[0] for name in known_commands() if " " in name}
    for code in code_of(paper):
        for first, rest in COMMAND.findall(code):
            after = rest.split()
            name = f"{first} {after[0]}" if first in groups and after else first
            yield name, [word.split("=")[0] for word in after if word.startswith("--")]


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_flask_command_exists(paper: Path):
    for name, options in commands_in(paper):
        assert name in known_commands(), f"there is no: flask {name}"
        known = {option for param in known_commands()[name].params for option in param.opts}
        assert set(options) <= known, f"flask {name} does not know {set(options) - known}"


def test_readme_names_every_flask_command():
    assert set(known_commands()) <= {name for name, _options in commands_in(TOP / "README.md")}


# ── tables that must be whole ─────────────────────────────────────────────────────────────────────


def rows(paper: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = re.split(rf"^#+ {re.escape(heading)}$", words_of(TOP / paper), flags=re.MULTILINE)[1]
    lines = [line for line in re.split(r"^#", section, flags=re.MULTILINE)[0].splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_setting_is_in_the_table():
    said = {row[0].strip("`") for row in rows("docs/operations.md", "Settings")}
    names = r'(?:environ\.get|self\.text|self\.number|self\.key)\(\s*"([A-Z_]+)"'
    assert said == set(re.findall(names, (TOP / "config.py").read_text("utf-8")))


def test_every_job_is_in_the_table():
    said = [(row[0].strip("`"), row[1]) for row in rows("docs/operations.md", "The timetable")]
    whens = [
        (job.name, f"daily {job.at:%H:%M}" if job.at else "every minute" if job.minutes == 1 else "")
        for job in TIMETABLE
    ]
    assert said == whens


def test_the_sign_ins_are_those_of_the_demo():
    said = [(row[0].strip("`"), row[1]) for row in rows("README.md", "Who you can be")]
    assert said == [(row.user_name, row.name) for row in SIGN_INS]
    assert f"`{PASSWORD}`" in words_of(TOP / "README.md")


def test_the_walk_presses_what_can_be_pressed():
    walk = words_of(TOP / "README.md").split("## A walk in ten steps")[1].split("\n## ")[0]
    pressed = {" ".join(text.split()) for text in re.findall(r"\*\*([^*]+)\*\*", walk) if text[-1] != "."}
    texts = {
        text
        for file in (TOP / "app").rglob("*.*")
        if file.suffix in (".py", ".html")
        for text in re.findall(r'\b_l?\("([^"]+)"', file.read_text("utf-8"))
    }
    open_ones = [
        re.compile(re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(text))) for text in texts if "%(" in text
    ]
    assert len(pressed) > 15
    strange = {text for text in pressed - texts if not any(known.fullmatch(text) for known in open_ones)}
    assert strange == set()


def test_every_package_asked_for_has_its_reason():
    first = (TOP / "requirements.txt").read_text("utf-8").split("# brought along")[0]
    reasons = words_of(TOP / "docs/adr/0005-the-fixed-packages.md") + words_of(
        TOP / "docs/adr/0013-other-packages.md"
    )
    asked = re.findall(r"^([\w-]+)(?:\[[\w,]+\])?==", first, re.MULTILINE)
    assert [name for name in asked if name.lower() not in reasons.lower()] == []


def test_the_glossary_has_the_words_of_the_interface():
    swedish = "\n".join(re.findall(r"^\| ([^|]+) \|", words_of(TOP / "docs/glossary.md"), re.MULTILINE))
    assert [word for word in WORDS if not re.search(rf"\b{word}\b", swedish)] == []


def test_every_decision_is_in_the_list():
    files = {file.name for file in (TOP / "docs/adr").glob("0*.md")}
    assert files == set(re.findall(r"\((0[\w-]+\.md)\)", words_of(TOP / "docs/adr/README.md")))
    for name in files:
        text = words_of(TOP / "docs/adr" / name)
        assert all(
            f"## {part}\n" in text
            for part in ("Context", "Decision", "Consequences", "What would make us change it")
        ), name


def test_every_table_of_cases_is_in_the_policy():
    cases = {path.relative_to(TOP).as_posix() for path in (TOP / "tests").rglob("cases/*.toml")}
    assert [path for path in sorted(cases) if path not in words_of(TOP / "docs/policy.md")] == []


def test_the_drawing_of_states_is_what_the_tables_say():
    assert states.FILE.read_text("utf-8") == states.text()

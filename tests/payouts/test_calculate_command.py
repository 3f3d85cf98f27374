"""`flask payouts calculate`: JSON lines or sentences, never both, and no database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from tests.support.house import settings_for

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "calculate"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The app on a database that is not there."""
    made = create_app(settings_for(f"sqlite:///{tmp_path}/no/such/place.db", tmp_path))
    yield made
    made.extensions["database"].dispose()


def calculate(app: Flask, *words: str, typed: bytes | None = None) -> tuple[int, list[str], list[str]]:
    """Exit code, lines, sentences."""
    said = app.test_cli_runner().invoke(args=["payouts", "calculate", *words], input=typed)
    assert said.exception is None or isinstance(said.exception, SystemExit), said.output
    return said.exit_code, said.stdout.splitlines(), said.stderr.splitlines()


def test_every_line_is_an_object_with_all_that_is_promised(app: Flask):
    code, lines, sentences = calculate(app, str(EXAMPLES / "gates.json"))
    assert (code, sentences) == (0, [])
    rows = [json.loads(line) for line in lines]
    assert [(row["payable"], row["gate"]) for row in rows] == [
        (True, None),
        (False, "report"),
        (False, "contested"),
        (False, "held_line"),
        (False, "held_provider"),
    ]
    assert list(rows[0]) == [
        "person", "leg", "provider", "component", "fee", "part", "sequence", "period", "amount", "currency",
        "payable", "gate", "reverses", "reason", "unit_price", "quantity", "of", "sentence",
    ]  # fmt: skip


def test_sentences_are_in_the_asked_language(app: Flask):
    for language, said in (
        ("sv", "Stoppas: rapporten är lämnad"),
        ("en", "Stopped: the report is handed in"),
    ):
        _, lines, _ = calculate(app, str(EXAMPLES / "gates.json"), "--language", language)
        assert said in json.loads(lines[1])["sentence"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_is_said_in_both_languages(app: Flask, path: Path):
    swedish, english = (calculate(app, str(path), "--language", code)[1] for code in ("sv", "en"))
    assert len(swedish) == len(english) > 0
    for one, other in zip(swedish, english, strict=True):
        assert json.loads(one)["sentence"] != json.loads(other)["sentence"]


def test_what_comes_in_on_a_pipe_is_read_as_a_file_is(app: Flask):
    path = EXAMPLES / "booked.json"
    assert calculate(app, "-", typed=path.read_bytes()) == calculate(app, str(path))


def test_what_was_printed_is_taken_as_booked(app: Flask, tmp_path: Path):
    asked = json.loads((EXAMPLES / "instalments.json").read_text("utf-8"))
    _, lines, _ = calculate(app, str(EXAMPLES / "instalments.json"))
    file = tmp_path / "again.json"
    file.write_text(json.dumps({**asked, "booked": [json.loads(line) for line in lines]}), "utf-8")
    assert calculate(app, str(file)) == (0, [], [])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (b"{", ["the file: is not JSON"]),
        (b'{"as_of": "2026-01-01", "rulebook": "stom"}', ["persons: is missing; must be a list of objects"]),
        (
            b'{"as_of": "today", "rulebook": "none", "persons": 3}',
            ["as_of: must be a day", "rulebook: must be the text", "persons: must be a list of objects"],
        ),
    ],
    ids=["no json", "nobody", "three faults"],
)
def test_a_fault_is_a_sentence_with_exit_code_2_and_nothing_is_printed(
    app: Flask, typed: bytes, said: list[str]
):
    code, lines, sentences = calculate(app, "-", typed=typed)
    assert (code, lines) == (2, [])
    assert len(sentences) == len(said)
    for sentence, start in zip(sentences, said, strict=True):
        assert sentence.startswith(start)


def test_one_person_who_is_wrong_stops_the_whole_file(app: Flask, tmp_path: Path):
    asked = json.loads((EXAMPLES / "gates.json").read_text("utf-8"))
    asked["persons"][1]["legs"][0]["started"] = "2026-04-31"
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(asked), "utf-8")
    code, lines, sentences = calculate(app, str(file))
    assert (code, lines) == (2, [])
    assert sentences[0].startswith("persons[2].legs[1].started: must be a day")


@pytest.mark.parametrize("name", ["/no/such/file.json", "/"])
def test_a_file_that_cannot_be_read_is_told(app: Flask, name: str):
    code, lines, sentences = calculate(app, name)
    assert (code, lines) == (2, [])
    assert sentences[0].startswith("the file: cannot be read")

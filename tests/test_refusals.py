"""A refusal as a reader meets it: in the reader's language, its dates in words."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from app.web import sentence
from core import dates
from core.refusal import Refusal
from tests.provider.stage import stop_the_clock


@pytest.fixture
def database_kind() -> str:
    """Nothing is stored here."""
    return "sqlite"


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("sv", "2026-06-30", "tisdag 30 juni"),
        ("sv", "2027-06-30", "onsdag 30 juni 2027"),
        ("en", "2026-06-30", "Tuesday 30 June"),
        ("en", "2027-06-30", "Wednesday 30 June 2027"),
        ("sv", "2026-02-30", "2026-02-30"),
        ("sv", "2026-06-30 ", "2026-06-30 "),
        ("sv", "20260630", "20260630"),
        ("sv", "2026-W27-1", "2026-W27-1"),
        ("sv", "2026-0630", "2026-0630"),
        ("sv", "<b>", "<b>"),
        ("sv", 7, "7"),
    ],
)
def test_a_date_in_a_refusal_is_said_in_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, language: str, value: str | int, said: str
):
    stop_the_clock(monkeypatch)
    assert dates.today().year == 2026
    with app.test_request_context("/"), force_locale(language):
        assert sentence(Refusal("x", "Det gäller {day}.", day=value)) == f"Det gäller {said}."


def test_a_sentence_without_params_keeps_its_braces(app: Flask):
    with app.test_request_context("/"):
        assert sentence(Refusal("x", "Skriv {så här}.")) == "Skriv {så här}."

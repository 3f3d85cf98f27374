"""The translation check finds everything that would leave a reader with half a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools import translations

SWEDISH = "Hej {name}, du har %(count)s kvar"


def wanted(*sentences: str | tuple[str, str]) -> Catalog:
    catalogue = Catalog()
    for sentence in sentences:
        catalogue.add(sentence)
    return catalogue


def english(sentence: str | tuple[str, str], text: str | tuple[str, str], *flags: str) -> Catalog:
    catalogue = Catalog(locale="en")
    catalogue.add(sentence, text, flags=flags)
    return catalogue


def test_a_whole_translation_is_fine():
    catalogue = english(SWEDISH, "%(count)s left, {name}")
    assert list(translations.faults(catalogue, wanted(SWEDISH))) == []


@pytest.mark.parametrize(
    ("catalogue", "fault"),
    [
        (Catalog(locale="en"), "no translation"),
        (english(SWEDISH, "%(count)s left, {name}", "fuzzy"), "uncertain"),
        (english(SWEDISH, " "), "empty"),
        (english(SWEDISH, "%(count)s left"), "other placeholders"),
        (english(SWEDISH, "%(number)s left, {name}"), "other placeholders"),
    ],
)
def test_a_faulty_translation_is_found(catalogue: Catalog, fault: str):
    assert fault in "".join(translations.faults(catalogue, wanted(SWEDISH)))


def test_a_translation_that_nobody_needs_is_found():
    found = list(translations.faults(english("Borta", "Gone"), wanted()))
    assert found == ["nobody says 'Borta' any more"]


def test_one_and_many_may_differ_in_placeholders():
    key = ("En rapport", "%(num)s rapporter")
    assert list(translations.faults(english(key, ("One report", "%(num)s reports")), wanted(key))) == []
    assert list(translations.faults(english(key, ("One report", "")), wanted(key)))


def test_sentences_are_found_where_they_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "app" / "templates").mkdir(parents=True)
    (tmp_path / "app" / "x.py").write_text(
        'raise Refusal("code", "En vägran "\n    "i två delar.", status=422)\n'
        'label = _l("En etikett")\n'
        'super().__init__("forbidden", "Ett nej.")\n'
        '"\\n".join(x)\n'
    )
    (tmp_path / "app" / "templates" / "x.html").write_text(
        '{{ _("En text") }}{{ ngettext("En", "%(num)s st", n) }}{% trans %}  Löpande\n  text {% endtrans %}'
    )
    monkeypatch.setattr(translations, "TOP", tmp_path)
    found = {
        key for message in translations.messages(translations.collect()) for key in translations.keys(message)
    }
    assert found == {
        "En vägran i två delar.",
        "En etikett",
        "Ett nej.",
        "En text",
        "En",
        "%(num)s st",
        "Löpande text",
    }


def test_the_compiled_catalogue_is_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(translations, "TOP", tmp_path)
    monkeypatch.setattr(translations, "CATALOGUES", tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "x.py").write_text('_("En text")')
    assert translations.update("en") == 1
    first = [file.read_bytes() for file in sorted(tmp_path.rglob("messages.*"))]
    assert translations.update("en") == 1
    assert [file.read_bytes() for file in sorted(tmp_path.rglob("messages.*"))] == first
    assert translations.check("en") == ["empty translation of 'En text'"]
    translations.source("en").with_suffix(".mo").write_bytes(b"old")
    assert "not what the .po compiles to" in translations.check("en")[-1]

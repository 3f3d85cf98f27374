"""Keeps the catalogues in step with the code: `update` collects and compiles, `check` finds what lacks.

The Swedish sentence in the code is the key; every other language has a catalogue in app/translations, and its
compiled twin beside it, which is committed so that the house starts without a build.
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).parent.parent
PLACES = ("app", "providers", "vouchers", "payouts", "core")
CATALOGUES = TOP / "app" / "translations"
LANGUAGES = ("en",)
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
# `Refusal` and the constructors of its kinds carry their sentence second.
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "Refusal": (2,),
    "__init__": (2,),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)[^{}]*\}")
# Git knows when; a moment in the file would change on every run.
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = "# Vägval: what the Swedish sentences in the code are called in this language."


def collect() -> Catalog:
    """Every sentence in the code, but not where it stands, so that moving code changes nothing here."""
    found = Catalog(project="Vägval", charset="utf-8", fuzzy=False)
    for place in PLACES:
        if not (TOP / place).is_dir():
            continue
        options = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
        for _file, _line, message, _comments, context in extract_from_dir(
            str(TOP / place), METHODS, options, keywords=KEYWORDS, strip_comment_tags=True
        ):
            if any(sign.isalpha() for sign in str(message)):  # a "\n".join(...) is no sentence
                found.add(message, context=context)
    return found


def read(language: str) -> Catalog:
    """The language's catalogue as it stands; an empty one when there is none."""
    file = source(language)
    if not file.exists():
        return Catalog(locale=language, project="Vägval", charset="utf-8", fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language, charset="utf-8")


def source(language: str) -> Path:
    """Where the catalogue lies."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def update(language: str) -> int:
    """Bring in what is new, drop what is gone, compile; gives the number of sentences to translate."""
    catalogue, wanted = read(language), collect()
    catalogue.update(wanted, no_fuzzy_matching=True, update_header_comment=False, keep_user_comments=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = HEADER
    catalogue.creation_date = catalogue.revision_date = UNDATED
    stream = io.BytesIO()
    write_po(stream, catalogue, width=110, no_location=True, sort_output=True, ignore_obsolete=True)
    file = source(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(stream.getvalue())
    file.with_suffix(".mo").write_bytes(compiled(read(language)))
    return sum(1 for message in messages(catalogue) if not all(strings(message)))


def faults(catalogue: Catalog, wanted: Catalog) -> Iterator[str]:
    """What keeps a reader of this language from reading everything, one line each."""
    for message in messages(wanted):
        here = catalogue.get(message.id, message.context)
        name = keys(message)[0]
        if here is None:
            yield f"no translation of {name!r}"
        elif here.fuzzy:
            yield f"uncertain (fuzzy) translation of {name!r}"
        elif not all(text.strip() for text in strings(here)):
            yield f"empty translation of {name!r}"
        else:
            yield from misplaced(here)
    for message in messages(catalogue):
        if wanted.get(message.id, message.context) is None:
            yield f"nobody says {keys(message)[0]!r} any more"


def misplaced(message: Message) -> Iterator[str]:
    """A translation whose placeholders are not those of the sentence."""
    allowed = {frozenset(placeholders(key)) for key in keys(message)}
    for text in strings(message):
        if frozenset(placeholders(text)) not in allowed:
            yield f"other placeholders in {text!r} than in {keys(message)[-1]!r}"


def placeholders(text: str) -> Counter[str]:
    """The names a sentence leaves room for."""
    return Counter(percent or brace for percent, brace in PLACEHOLDER.findall(text))


def messages(catalogue: Catalog) -> Iterator[Message]:
    """Every message but the header."""
    return (message for message in catalogue if message.id)


def keys(message: Message) -> tuple[str, ...]:
    """The Swedish sentence, or its singular and plural."""
    return tuple(message.id) if isinstance(message.id, list | tuple) else (str(message.id),)


def strings(message: Message) -> tuple[str, ...]:
    """The translation, or one for each plural form."""
    found = message.string
    return tuple(text or "" for text in found) if isinstance(found, list | tuple) else (str(found or ""),)


def check(language: str) -> list[str]:
    """All that is wrong with a language, one line each."""
    catalogue = read(language)
    found = list(faults(catalogue, collect()))
    built = source(language).with_suffix(".mo")
    if not built.exists() or built.read_bytes() != compiled(catalogue):
        found.append(f"{built.relative_to(TOP)} is not what the .po compiles to; run make translations")
    return found


def main(what: str = "check") -> int:
    """Do it for every language; 1 when a check found something."""
    if what == "update":
        for language in LANGUAGES:
            print(f"translations: {language}: {update(language)} sentences to translate")
        return 0
    wrong = [f"translations: {language}: {line}" for language in LANGUAGES for line in check(language)]
    print("\n".join(wrong) or "translations: complete")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))

"""Files that providers show: what is taken, what is refused, and how it is kept and given out."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import evidence
from app.evidence import LARGEST_FILE, LONGEST_NAME, Store, checked, clean_name
from config import Settings
from core import dates
from core.refusal import Refusal
from providers.models import Evidence
from tests.support.papers import JPEG, PDF, PNG, PROGRAM, SCRIPTED
from tests.support.refusing import refused


@pytest.fixture
def database_kind() -> str:
    """No file reaches a database."""
    return "sqlite"


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (PDF, "F-skatt 2026.pdf", "application/pdf"),
        (PNG, "intyg.PNG", "image/png"),
        (JPEG, "försäkring.jpg", "image/jpeg"),
        (JPEG, "försäkring.jpeg", "image/jpeg"),
        (PDF + b"\n" * 50, "med slut.pdf", "application/pdf"),
    ],
)
def test_whole_files_of_three_kinds_are_taken(content: bytes, name: str, media_type: str):
    found = checked(content, name)
    assert (found.file.name, found.file.media_type, found.file.size) == (name, media_type, len(content))
    assert found.file.digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "tom.pdf", "file_empty"),
        (PROGRAM, "program.pdf", "file_kind_unknown"),
        (b"PK\x03\x04" + bytes(99), "arkiv.pdf", "file_kind_unknown"),
        (b"<html><script>1</script></html>%%EOF", "sida.pdf", "file_kind_unknown"),
        (b"GIF89a" + bytes(99), "bild.png", "file_kind_unknown"),
        (b"\n" + PDF, "inte i början.pdf", "file_kind_unknown"),
        (PDF, "papper.exe", "file_ending_wrong"),
        (PDF, "papper.pdf.html", "file_ending_wrong"),
        (PDF, "papper.png", "file_ending_wrong"),
        (PDF, "papper", "file_ending_wrong"),
        (PDF.replace(b"%%EOF", b""), "halv.pdf", "file_broken"),
        (PDF + bytes(9_000), "svans.pdf", "file_broken"),
        (PNG[:-4], "halv.png", "file_broken"),
        (PNG + b"<script>", "svans.png", "file_broken"),
        (JPEG[:-2], "halv.jpg", "file_broken"),
        (PDF, "../../etc/passwd.pdf", "file_name_has_path"),
        (PDF, "..\\boot.pdf", "file_name_has_path"),
        (PDF, "/tmp/a.pdf", "file_name_has_path"),
        (PDF[:9] + bytes(LARGEST_FILE) + b"%%EOF", "stor.pdf", "file_too_large"),
    ],
)
def test_what_will_not_do_is_refused_with_a_sentence(content: bytes, name: str, code: str):
    with refused(code):
        checked(content, name)


def test_a_file_of_exactly_the_limit_is_taken():
    content = PDF[:9] + bytes(LARGEST_FILE - len(PDF)) + PDF[9:]
    assert checked(content, "full.pdf").file.size == LARGEST_FILE


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_can_be_shown(name: str):
    try:
        clean = clean_name(name)
    except Refusal as refusal:
        assert refusal.code == "file_name_has_path"
        return
    assert 0 < len(clean) <= LONGEST_NAME
    assert not set("/\\\0\n\r") & set(clean)


def test_what_cannot_be_seen_goes_and_the_ending_stays():
    assert clean_name("rap\u202egnp\x00\r\nport.pdf") == "rapgnpport.pdf"
    long = clean_name("å" * 500 + ".pdf")
    assert (len(long), long[-4:]) == (LONGEST_NAME, ".pdf")
    assert (clean_name(".pdf"), clean_name(""), clean_name(".")) == ("fil.pdf", "fil", "fil.")


def test_a_file_is_kept_once_for_its_owner_only_under_its_hash(tmp_path: Path):
    store, found = Store(tmp_path / "evidence"), checked(PDF, "a.pdf")
    assert store.put(found) == found.file
    place = tmp_path / "evidence" / found.file.digest[:2] / found.file.digest
    assert place.read_bytes() == PDF
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    before = place.stat().st_mtime_ns
    store.put(checked(PDF, "b.pdf"))
    assert place.stat().st_mtime_ns == before
    assert len(list(place.parent.iterdir())) == 1
    assert store.read(found.file.digest) == PDF


def test_a_file_that_was_cut_short_is_mended_by_the_whole_one(tmp_path: Path):
    store, found = Store(tmp_path), checked(PDF, "a.pdf")
    store.put(found)
    store.place(found.file.digest).write_bytes(PDF[:5])
    store.put(found)
    assert store.read(found.file.digest) == PDF


@pytest.mark.parametrize("content", [None, b"", PDF + b" "])
def test_a_file_that_is_gone_or_changed_is_not_given_out(tmp_path: Path, content: bytes | None):
    store, found = Store(tmp_path), checked(PDF, "a.pdf")
    store.put(found)
    place = store.place(found.file.digest)
    place.unlink()
    if content is not None:
        place.write_bytes(content)
    with refused("file_lost"):
        store.read(found.file.digest)


def row(content: bytes, name: str) -> Evidence:
    found = checked(content, name)
    evidence.store().put(found)
    return Evidence(
        municipality_id=1,
        accreditation_id=1,
        condition="f_tax",
        digest=found.file.digest,
        file_name=found.file.name,
        media_type=found.file.media_type,
        size=found.file.size,
        added_by=1,
        added_at=dates.now(),
    )


@pytest.mark.parametrize("content", [PDF, SCRIPTED])
def test_a_download_is_an_attachment_and_nothing_else(app, settings: Settings, content: bytes):
    with app.test_request_context("/"):
        answer = evidence.download(row(content, 'namn "å"; x=y.pdf'))
        answer.direct_passthrough = False
        assert answer.get_data() == content
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert not settings.instance.resolve().is_relative_to(Path(app.static_folder).resolve())


def test_words_alone_are_no_file(app):
    with app.test_request_context("/"), refused("missing"):
        words = row(PDF, "a.pdf")
        words.digest = None
        evidence.download(words)


def test_a_ticket_is_good_for_who_got_it_and_for_nobody_else(app):
    with app.test_request_context("/"):
        file = checked(PDF, "a.pdf").file
        ticket = evidence.ticket(file, 7)
        assert evidence.from_ticket(ticket, 7) == file
        for text, account_id in ((ticket, 8), (ticket[:-1], 7), ("", 7), (None, 7), ("x.y", 7)):
            assert evidence.from_ticket(text, account_id) is None

"""The folders: whole or not at all, once, and nothing overwritten."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.refusal import Refusal
from payouts.rails import files, iso20022


def test_a_file_is_handed_over_whole_and_nothing_else_is_left(tmp_path):
    path = files.hand_over(b"<x/>", outbox=tmp_path / "bank" / "out", name="VV-1.xml")
    assert path.read_bytes() == b"<x/>"
    assert [entry.name for entry in path.parent.iterdir()] == ["VV-1.xml"]
    assert path.stat().st_mode & 0o007 == 0


def test_the_same_file_again_changes_nothing(tmp_path):
    first = files.hand_over(b"same", outbox=tmp_path, name="VV-1.xml")
    before = first.stat()
    assert files.hand_over(b"same", outbox=tmp_path, name="VV-1.xml") == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(list(tmp_path.iterdir())) == 1


def test_another_file_never_takes_its_name(tmp_path):
    files.hand_over(b"first", outbox=tmp_path, name="VV-1.xml")
    with pytest.raises(Refusal, match=r"annan fil som heter VV-1\.xml"):
        files.hand_over(b"second", outbox=tmp_path, name="VV-1.xml")
    assert (tmp_path / "VV-1.xml").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_of_many_who_race_for_a_name_one_wins(tmp_path):
    def race(number: int) -> bool:
        try:
            files.hand_over(b"%d" % number * 10_000, outbox=tmp_path, name="VV-1.xml")
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(race, range(24)))
    assert won.count(True) == 1
    assert (tmp_path / "VV-1.xml").read_bytes() == b"%d" % won.index(True) * 10_000


def test_a_crash_while_writing_leaves_no_file(tmp_path, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        files.hand_over(b"half", outbox=tmp_path, name="VV-1.xml")
    assert list(tmp_path.iterdir()) == []


def test_a_shared_folder_without_hard_links_works_too(tmp_path, monkeypatch):
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", unsupported)
    path = files.hand_over(b"one", outbox=tmp_path, name="VV-1.xml")
    assert files.hand_over(b"one", outbox=tmp_path, name="VV-1.xml") == path
    with pytest.raises(Refusal, match="annan fil"):
        files.hand_over(b"two", outbox=tmp_path, name="VV-1.xml")
    assert files.done(path).read_bytes() == b"one"
    assert list(files.answers(tmp_path)) == []


@pytest.mark.parametrize("name", ["", "../x.xml", "a/b.xml", ".hidden", "å.xml", "x.part", "a b", "x" * 121])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(Refusal, match="Filnamnet"):
        files.hand_over(b"x", outbox=tmp_path / "out", name=name)


def test_only_finished_answers_are_seen_and_in_order(tmp_path):
    for name in ("b.xml", "a.xml", ".a.part", "c.part", "d.xml.tmp"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "archive").mkdir()
    (tmp_path / "link.xml").symlink_to("/etc/hostname")
    assert [path.name for path in files.answers(tmp_path)] == ["a.xml", "b.xml"]
    assert list(files.answers(tmp_path / "missing")) == []


def test_a_read_answer_moves_away_and_overwrites_nothing(tmp_path):
    moved = []
    for content in (b"one", b"two", b"three"):
        path = tmp_path / "answer.xml"
        path.write_bytes(content)
        moved.append(files.done(path))
    assert [path.name for path in moved] == ["answer.xml", "answer-2.xml", "answer-3.xml"]
    assert [path.read_bytes() for path in moved] == [b"one", b"two", b"three"]
    assert list(files.answers(tmp_path)) == []


def test_a_huge_answer_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.truncate(iso20022.MAX_BYTES * 1000)
    with pytest.raises(Refusal, match="för stor"):
        files.load(path)

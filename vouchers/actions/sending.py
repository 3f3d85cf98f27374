"""A provider sends a file of rows; a process takes it, says how far it has come, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from vouchers.models import SentFile
from vouchers.rules.told import FILE_KINDS, FILE_MODES

SILENT = timedelta(minutes=5)
"""Whoever has said nothing of a file for so long has died."""
MOST_TRIES = 3
MOST_WAITING = 20


@dataclass(frozen=True)
class KeptFile:
    """A file that lies in the store."""

    digest: str
    name: str
    media_type: str
    size: int


def send_file(session: Session, file: KeptFile, kind: str, mode: str, *, by: Actor, at: datetime) -> SentFile:
    """Hand in a file. It is taken when a process has time. Raises Missing without a workplace."""
    by.require(Role.COACH, Role.MANAGER)
    if by.provider_id is None or kind not in FILE_KINDS:
        raise Missing()
    if mode not in FILE_MODES:
        raise Refusal("file_mode_missing", "Välj vad som ska hända om någon rad är fel.", status=422)
    waiting = select(SentFile.id).where(
        SentFile.municipality_id == by.municipality_id,
        SentFile.provider_id == by.provider_id,
        SentFile.state.in_(("waiting", "checking")),
    )
    if len(session.scalars(waiting).all()) >= MOST_WAITING:
        raise Refusal(
            "files_waiting", "Ni har {most} filer som väntar. Vänta tills de är klara.", most=MOST_WAITING
        )
    sent = SentFile(
        municipality_id=by.municipality_id,
        provider_id=by.provider_id,
        kind=kind,
        mode=mode,
        file_name=file.name,
        media_type=file.media_type,
        size=file.size,
        digest=file.digest,
        sent_by=by.account_id,
        sent_at=at,
    )
    session.add(sent)
    audit.record(session, "sent_file.sent", sent, by=by, kind=kind, mode=mode, digest=file.digest)
    return sent


def waiting_files(session: Session, municipality_id: int, at: datetime) -> list[int]:
    """Files that nobody works on, the oldest first."""
    rows = (
        select(SentFile.id)
        .where(SentFile.municipality_id == municipality_id, _is_free(at))
        .order_by(SentFile.id)
    )
    return list(session.scalars(rows))


def take_file(session: Session, municipality_id: int, file_id: int, at: datetime) -> SentFile | None:
    """Say that this process works on the file; None when another does, or it is done.

    One that has ended several processes is given up.
    """
    mine = (SentFile.municipality_id == municipality_id, SentFile.id == file_id, _is_free(at))
    taken = session.execute(
        update(SentFile).where(*mine).values(state="checking", taken_at=at, tries=SentFile.tries + 1)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]  # an update's result has it
        return None
    file = session.get_one(SentFile, (municipality_id, file_id), populate_existing=True)
    if file.tries > MOST_TRIES:
        file.state, file.said, file.said_with, file.done_at = "failed", GIVEN_UP.code, told(GIVEN_UP), at
        audit.record(session, "sent_file.failed", file, by=Actor.clock(municipality_id), kind=file.kind)
        return None
    return file


GIVEN_UP = Refusal("file_given_up", "Vi kunde inte läsa filen. Dela den i flera och skicka dem var för sig.")


def told(refusal: Refusal) -> dict[str, object]:
    """A refusal as it is kept, to be said in any language later."""
    return {"sentence": refusal.sentence, "params": dict(refusal.params)}


def _is_free(at: datetime) -> ColumnElement[bool]:
    silent = (SentFile.state == "checking") & (SentFile.taken_at < at - SILENT)
    return or_(SentFile.state == "waiting", silent)


@dataclass(frozen=True)
class Done:
    """What became of a file. Counts are rows; `said` is why the whole was refused, with its parameters."""

    state: str
    rows: int = 0
    good: int = 0
    bad: int = 0
    same: int = 0
    stored: int = 0
    said: str | None = None
    said_with: Mapping[str, object] = field(default_factory=dict)
    answer_digest: str | None = None


def finish_file(
    session: Session,
    file_id: int,
    done: Done,
    *,
    taken_at: datetime,
    by: Actor,
    at: datetime,
) -> SentFile:
    """Say what became of it. Raises Refusal when another process has taken it meanwhile, to undo all."""
    file = fetch(session, SentFile, by.municipality_id, file_id)
    session.refresh(file)
    if file.state != "checking" or file.taken_at != taken_at:
        raise Refusal("file_taken", "Filen läses redan av någon annan.")
    file.state, file.done_at = done.state, at
    file.row_count, file.good_rows, file.bad_rows = done.rows, done.good, done.bad
    file.same_rows, file.stored_rows = done.same, done.stored
    file.said, file.said_with, file.answer_digest = done.said, dict(done.said_with), done.answer_digest
    audit.record(
        session,
        f"sent_file.{done.state}",
        file,
        by=by,
        kind=file.kind,
        rows=done.rows,
        stored=done.stored,
        known=done.same,
        faulty=done.bad,
    )
    return file

"""Takes sent files, outside any request: holds each row against the rules, stores, writes the answer.

A killed process leaves nothing half done: what was told and what is said of the file are committed together,
and the timetable finds a file that nobody has said anything about for some minutes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from flask import Flask, current_app
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.files import answering, keeping
from app.files.columns import read_header
from app.files.opened import Opened, opened
from config import Settings
from core import dates
from core.actor import PROVIDER, Account, AccountRole, Actor, Role
from core.database import Database
from core.refusal import Missing, Refusal
from providers.queries import workplace
from vouchers.actions import sending
from vouchers.actions.sending import Done, told
from vouchers.actions.telling import KINDS, Answer, Row
from vouchers.models import SentFile

EVERY_S = 1.0
"""How often it is said how far a file has come."""

log = logging.getLogger(__name__)


def wake(app: Flask, municipality_id: int) -> None:
    """Begin with what waits, in a thread of its own. Tests say `FILES_AT_ONCE` to be sure that it is done."""
    if app.config.get("FILES_AT_ONCE"):
        work_through(app, municipality_id)
        return
    threading.Thread(target=work_through, args=(app, municipality_id), name="files", daemon=True).start()


def work_through(app: Flask, municipality_id: int) -> int:
    """Take every file that waits. Gives how many."""
    database: Database = app.extensions["database"]
    count = 0
    with _one_at_a_time, database.reading() as session:
        waiting = sending.waiting_files(session, municipality_id, dates.now())
    for file_id in waiting:
        with _one_at_a_time, app.app_context():
            count += take(app, municipality_id, file_id)
    return count


_one_at_a_time = threading.Lock()


def take(app: Flask, municipality_id: int, file_id: int) -> bool:
    """Take one file; False when another process has. What fails by our fault is logged, and tried again."""
    database, settings = app.extensions["database"], app.extensions["settings"]
    with database.transaction(municipality_id) as session:
        file = sending.take_file(session, municipality_id, file_id, dates.now())
        if file is None:
            return False
        by, language = _sender(session, file)
    try:
        with force_locale(language):
            _Work(database, settings, file, by).do()
    except Exception:
        log.exception("file %s could not be taken; it will be tried again", file_id)
    return True


def _sender(session: Session, file: SentFile) -> tuple[Actor, str]:
    """Whoever sent it, with the rights of today; a file may touch what its sender's account may."""
    account = session.get_one(Account, (file.municipality_id, file.sent_by))
    roles = session.scalars(
        select(AccountRole.role).where(
            AccountRole.municipality_id == file.municipality_id, AccountRole.account_id == file.sent_by
        )
    )
    known = frozenset(Role(role) for role in roles) & PROVIDER if account.is_active else frozenset()
    actor = Actor(
        kind="person",
        municipality_id=file.municipality_id,
        account_id=account.id,
        roles=known,
        provider_id=workplace(session, file.municipality_id, account.id),
        name=account.name,
    )
    return actor, account.language


class _Work:
    """One file on its way."""

    def __init__(self, database: Database, settings: Settings, file: SentFile, by: Actor) -> None:
        self.database, self.settings, self.file, self.by = database, settings, file, by
        self.taken_at = file.taken_at or dates.now()
        self.today = dates.today()

    def do(self) -> None:
        """Hold every row against the rules and store what may be; or say why not."""
        place = keeping.store(self.settings).place(self.file.digest)
        try:
            if not self.by.has(*PROVIDER):
                raise Missing()
            with opened(place) as source:
                self._take_in(source)
        except Refusal as refusal:
            self._finish(Done("refused", said=refusal.code, said_with=told(refusal)))
        finally:
            keeping.end_progress(self.settings, self.file.id)

    def _take_in(self, source: Opened) -> None:
        columns, lines = read_header(self.file.kind, source)
        whole, tell = self.file.mode == "all", KINDS[self.file.kind]
        with self.database.transaction(self.file.municipality_id) as session:
            done = tell(
                session,
                self.file.provider_id,
                self._counted(columns.rows(lines), source.guess()),
                via="file",
                whole=whole,
                by=self.by,
                today=self.today,
            )
            if not done.faults:
                self._finish_in(session, self._done("stored", done))
                return
        # Killed here, the file is taken again: what was stored is known then, and the answer is the same.
        answer_digest = self._answer(source, done)
        is_taken = not whole and done.good > 0
        self._finish(self._done("stored" if is_taken else "refused", done, answer_digest))

    def _counted(self, rows: Iterable[Row], total: int) -> Iterator[Row]:
        """The rows; now and then it is said how far they have come, beside the database, which is at work."""
        last = time.monotonic()
        for count, row in enumerate(rows, 1):
            if count % 500 == 0 and (at := time.monotonic()) - last >= EVERY_S:
                last = at
                keeping.say_progress(self.settings, self.file.id, count, max(count, total))
            yield row

    def _done(self, state: str, answer: Answer, answer_digest: str | None = None) -> Done:
        return Done(
            state,
            rows=answer.count,
            good=answer.good,
            bad=len(answer.faults),
            same=answer.known,
            stored=answer.stored,
            answer_digest=answer_digest,
        )

    def _answer(self, source: Opened, answer: Answer) -> str:
        """Keep the same file with what is wrong in each row; gives its SHA-256."""
        lines: Iterable[list[str]] = answering.answered(source.lines(), answer.faults, self.file.kind)
        write: Callable[..., None] = partial(answering.write_csv, lines=lines)
        if source.is_excel:
            write = partial(answering.write_xlsx, sheets={"Vägval": lines})
        return keeping.keep(keeping.store(self.settings), write)[0]

    def _finish(self, done: Done) -> None:
        with self.database.transaction(self.file.municipality_id) as session:
            self._finish_in(session, done)

    def _finish_in(self, session: Session, done: Done) -> None:
        sending.finish_file(session, self.file.id, done, taken_at=self.taken_at, by=self.by, at=dates.now())


def take_waiting(database: Database, settings: Settings, municipality_id: int) -> int:
    """What the timetable does: take the files that nobody has, as those whose process was killed."""
    with database.reading() as session:
        if not sending.waiting_files(session, municipality_id, dates.now()):
            return 0
    from app import create_app  # noqa: PLC0415  # the app stands on this room; a file is answered in its languages

    app = create_app(settings)
    try:
        return work_through(app, municipality_id)
    finally:
        app.extensions["database"].dispose()


def forget_old(session: Session, settings: Settings, municipality_id: int, at: datetime) -> int:
    """Delete the bytes of files that are done since `KEPT_DAYS` days; what was told of them stays."""
    before = at - timedelta(days=keeping.KEPT_DAYS)
    mine = SentFile.municipality_id == municipality_id
    rows = select(SentFile.digest, SentFile.answer_digest, SentFile.done_at).where(mine)
    old, kept = set[str](), set[str]()
    for digest, answer_digest, done_at in session.execute(rows):
        place = old if done_at is not None and done_at < before else kept
        place.update(one for one in (digest, answer_digest) if one)
    gone = 0
    for digest in old - kept:
        with suppress(FileNotFoundError):
            keeping.store(settings).place(digest).unlink()
            gone += 1
    return gone


def here() -> Flask:
    """The app itself, for a thread that outlives the request."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's own way
    return app

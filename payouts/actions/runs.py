"""The payment run: facts → earned − booked → new lines. May be repeated; a second run books nothing.

A run looks at the vouchers that have a mark (a fact about them was added, changed or taken away since a run
looked) or whose day has come. Only a run as of an earlier day than one before it goes through all.

`run_in_chunks` makes a transaction for each chunk of vouchers, so many as there are chunks with any voucher
to look at, and one more for the totals (none when there was nothing to book). Before the last one nothing can
be paid. What is left of a run that died is done by the next, under the same number and as of the same day.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.columns import columns, distinct
from core.database import Database
from core.refusal import Forbidden, Refusal
from core.running import hold_chunk, one_run, try_run_lock
from payouts.actions import booking
from payouts.actions.booking import Course, Share
from payouts.actions.years import check_open
from payouts.models import PaymentRun
from payouts.models.course import RunChunk, VoucherLook
from payouts.queries.bound import together
from vouchers.models import ChangedVoucher
from vouchers.queries.facts import kinds, voucher_ids

CHUNK = 50_000
"""Vouchers in a transaction: 20 to 60 MB of columns, and some seconds of work that a dead run has to redo."""

WORKERS = 2
"""Chunks at once on PostgreSQL: while one is worked out here, the server reads or writes another."""
HEAD = 2_000
"""Vouchers that go before all others where several chunks are worked at once: the run is begun with them."""

Progress = Callable[[int, int], None]
Opening = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Result:
    """What a run did. `run_id` is None when there was nothing to book. `vouchers` are those looked at."""

    run_id: int | None
    vouchers: int
    lines: int
    earned_ore: int
    clawed_ore: int
    as_of: date
    taken_up: int | None = None
    """The run that somebody else began, and that was ended first."""

    def after(self, earlier: Result | None) -> Result:
        """This, done after that."""
        if earlier is None:
            return self
        return replace(
            self,
            run_id=self.run_id or earlier.run_id,
            vouchers=earlier.vouchers + self.vouchers,
            lines=earlier.lines + self.lines,
            earned_ore=earlier.earned_ore + self.earned_ore,
            clawed_ore=earlier.clawed_ore + self.clawed_ore,
            taken_up=earlier.run_id,
        )


def run_in_chunks(
    database: Database,
    *,
    by: Actor,
    as_of: date,
    at: datetime,
    progress: Progress | None = None,
    chunk: int = CHUNK,
    workers: int = WORKERS,
) -> Result:
    """Book what is owed as of the end of that day, for the whole municipality, `chunk` vouchers at a time.

    One run at a time: a second one is refused. `progress(done, all)` is called after each chunk. May be
    stopped at any moment by any means; the next call goes on. `workers` chunks are worked at once on
    PostgreSQL; on SQLite, which has one writer, one.
    """
    _may_run(by)
    here = by.municipality_id
    with database.reading() as session:
        check_open(session, here, as_of)

    @contextmanager
    def a_chunk() -> Iterator[Session]:
        with database.transaction(here, serial=False, steady=True) as session:
            hold_chunk(session, here)
            yield session

    def ended(course: Course) -> PaymentRun:
        with database.transaction(here) as session:
            made = booking.total(session, course)
            audit.record(session, "run.booked", made, by=by, **booking.said(made))
        return made

    with one_run(database, here):
        walk = _Walk(database.reading, a_chunk, chunk, progress, 1 if database.is_sqlite else workers)
        earlier = _taken_up(walk, by, ended)
        if earlier is not None and as_of <= earlier.as_of:
            return earlier
        course, seen = walk.through(Course(here, as_of, at, by.account_id))
        return _result(course, seen, None if course.run_id is None else ended(course), earlier)


def run(
    session: Session, *, by: Actor, as_of: date, at: datetime, progress: Progress | None = None
) -> Result:
    """The same in the one transaction that the session has open: all of it or nothing."""
    _may_run(by)
    here = by.municipality_id
    if not try_run_lock(session, here):
        raise Refusal("run_in_progress", "En körning pågår redan. Vänta tills den är klar.")
    check_open(session, here, as_of)

    @contextmanager
    def this() -> Iterator[Session]:
        yield session

    def ended(course: Course) -> PaymentRun:
        made = booking.total(session, course)
        audit.record(session, "run.booked", made, by=by, **booking.said(made))
        return made

    walk = _Walk(this, this, CHUNK, progress)
    earlier = _taken_up(walk, by, ended)
    if earlier is not None and as_of <= earlier.as_of:
        return earlier
    course, seen = walk.through(Course(here, as_of, at, by.account_id))
    if course.run_id is None:
        return _result(course, seen, None, earlier)
    made = booking.total(session, course)
    done = _result(course, seen, made, earlier)
    audit.record(session, "run.booked", made, by=by, **booking.said(made))
    return done


def _may_run(by: Actor) -> None:
    if by.kind == "person" and not by.has(Role.MAKER):
        raise Forbidden()


@dataclass(frozen=True)
class _Walk:
    """How a run goes through its vouchers: where it reads, what a chunk of work is done in."""

    reading: Opening
    a_chunk: Opening
    chunk: int
    progress: Progress | None
    workers: int = 1

    def through(self, course: Course) -> tuple[Course, int]:
        """The run when it has been through all, and how many vouchers it looked at."""
        with self.reading() as session:
            shares = self._shares(_waiting(session, course))
            if len(shares) > 1:
                course = replace(course, kinds=tuple(kinds(session, course.municipality_id)))
            course = replace(course, exactly=any(share.is_bound for share in shares))
        total, done = sum(len(share.ids) for share in shares), 0
        with closing(self._worked(course, shares)) as ends:
            for reached, seen in ends:
                course, done = reached, done + seen
                if self.progress:
                    self.progress(done, total)
        return course, total

    def _shares(self, waiting: list[Share]) -> list[Share]:
        """What waits in shares of a chunk at most, but for what is bound, which comes first and in one."""
        found: list[Share] = []
        for ids, is_bound in waiting:
            cuts = [] if is_bound else list(range(self.chunk, len(ids), self.chunk))
            if self.workers > 1 and not found and not is_bound and len(ids) > HEAD < self.chunk:
                cuts.insert(0, HEAD)
            found += [Share(part, is_bound) for part in np.split(ids, cuts)]
        return found

    def _worked(self, course: Course, shares: list[Share]) -> Generator[tuple[Course, int]]:
        """The run after each chunk, as they end, and how many vouchers were in it.

        One after the other until the run has a number and what is bound is done; then so many at once as
        there are workers.
        """
        left = deque(shares)
        while left and (self.workers == 1 or course.run_id is None or left[0].is_bound):
            share = left.popleft()
            course = self._book(course, share)
            yield course, len(share.ids)
        with ThreadPoolExecutor(self.workers, "chunk") as pool:
            going: dict[Future[Course], int] = {}
            while left or going:
                while left and len(going) < self.workers:
                    share = left.popleft()
                    going[pool.submit(self._book, course, share)] = len(share.ids)
                    course = replace(course, chunks=course.chunks + 1)
                for ended in wait(going, return_when=FIRST_COMPLETED).done:
                    ended.result()
                    yield course, going.pop(ended)

    def _book(self, course: Course, share: Share) -> Course:
        with self.a_chunk() as session:
            return booking.book(session, course, share)


def _taken_up(walk: _Walk, by: Actor, ended: Callable[[Course], PaymentRun]) -> Result | None:
    """The run that did not come to its end, brought there."""
    with walk.reading() as session:
        left = booking.left_running(session, by.municipality_id)
    if left is None:
        return None
    course, seen = walk.through(left)
    return replace(_result(course, seen, ended(course), None), taken_up=course.run_id)


def _result(course: Course, seen: int, made: PaymentRun | None, earlier: Result | None) -> Result:
    if made is None:
        return Result(None, seen, 0, 0, 0, course.as_of).after(earlier)
    return Result(made.id, seen, made.lines, made.earned_ore, made.clawed_ore, course.as_of).after(earlier)


def _waiting(session: Session, course: Course) -> list[Share]:
    """The vouchers to look at, each once, in order; those that a cap binds together first, in shares of their
    own."""
    here = course.municipality_id
    last = select(func.max(PaymentRun.as_of)).where(
        PaymentRun.municipality_id == here, PaymentRun.state == "done"
    )
    latest = session.scalar(last)
    marked = columns(session, select(ChangedVoucher.voucher_id).where(ChangedVoucher.municipality_id == here))
    if latest is not None and latest > course.as_of:
        ids = distinct(marked[0], voucher_ids(session, here, _after(session, course)))
    else:
        due = columns(
            session,
            select(VoucherLook.voucher_id).where(
                VoucherLook.municipality_id == here, VoucherLook.look_on <= course.as_of
            ),
        )
        ids = distinct(marked[0], due[0])
    bound = together(session, here, ids)
    rest = np.setdiff1d(ids, np.concatenate(bound)) if bound else ids
    return [Share(part, True) for part in bound] + ([Share(rest)] if len(rest) else [])


def _after(session: Session, course: Course) -> int:
    """How far a run that goes through all had come when it was left: to the end of the last chunk before
    which none is missing. A cap's vouchers are gone through anew."""
    if not course.was_left:
        return 0
    chunks = select(RunChunk.number, RunChunk.last_voucher_id).where(
        RunChunk.municipality_id == course.municipality_id, RunChunk.run_id == course.run_id
    )
    reached = 0
    for due, (number, last) in enumerate(session.execute(chunks.order_by(RunChunk.number)), start=1):
        if number != due:
            break
        reached = max(reached, last)
    return reached

"""The payment run: facts → earned − booked → new lines. May be repeated; a second run books nothing.

A run looks at the vouchers that have a mark (a fact about them was added, changed or taken away since a run
looked) or whose day has come. Only a run as of an earlier day than one before it goes through all.

`run_in_chunks` makes a transaction for each chunk of vouchers, so many as there are chunks with any voucher
to look at, and one more for the totals (none when there was nothing to book). Before the last one nothing can
be paid. What is left of a run that died is done by the next, under the same number and as of the same day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
from payouts.actions.booking import Course
from payouts.actions.years import check_open
from payouts.models import PaymentRun
from payouts.models.course import RunChunk, VoucherLook
from payouts.queries.bound import together
from payouts.rules.columns import Whole
from vouchers.models import ChangedVoucher
from vouchers.queries.facts import kinds, voucher_ids

CHUNK = 50_000
"""Vouchers in a transaction: 20 to 60 MB of columns, and some seconds of work that a dead run has to redo."""

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
) -> Result:
    """Book what is owed as of the end of that day, for the whole municipality, `chunk` vouchers at a time.

    One run at a time: a second one is refused. `progress(done, all)` is called after each chunk. May be
    stopped at any moment by any means; the next call goes on.
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
        walk = _Walk(database.reading, a_chunk, chunk, progress)
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

    def through(self, course: Course) -> tuple[Course, int]:
        """The run when it has been through all, and how many vouchers it looked at."""
        with self.reading() as session:
            spans = [
                ids[at : at + self.chunk]
                for ids in _waiting(session, course)
                for at in range(0, len(ids), self.chunk)
            ]
            if len(spans) > 1:
                course = replace(course, kinds=tuple(kinds(session, course.municipality_id)))
        total, done = sum(len(ids) for ids in spans), 0
        for ids in spans:
            with self.a_chunk() as session:
                course = booking.book(session, course, ids)
            done += len(ids)
            if self.progress:
                self.progress(done, total)
        return course, total


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


def _waiting(session: Session, course: Course) -> list[Whole]:
    """The vouchers to look at, each once, in order; those that a cap binds together in an array of their
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
    return [part for part in (*bound, rest) if len(part)]


def _after(session: Session, course: Course) -> int:
    """How far a run that goes through all had come when it was left. A cap's vouchers are gone through
    anew."""
    reached = select(func.max(RunChunk.last_voucher_id)).where(
        RunChunk.municipality_id == course.municipality_id, RunChunk.run_id == course.run_id
    )
    return session.scalar(reached) or 0 if course.was_left else 0

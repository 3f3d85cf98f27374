"""Runs in processes of their own, that can be killed at any moment; and a PostgreSQL that loses its power."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from config import Settings
from core.actor import Actor
from core.refusal import Refusal
from payouts.actions import booking, runs
from tests.support.house import open_database
from tests.support.town import noon

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

PATIENCE_S = 120
# Made from a process that has read the code, one begins in milliseconds; it shares no thread with us.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Order:
    """What a runner is to do: a run as of a day, so many vouchers at a time, so many chunks at once; with
    `dies_after` n it kills itself after its nth commit; with `waits` it begins when it is told to."""

    settings: Settings
    as_of: date
    chunk: int
    dies_after: int | None = None
    waits: bool = False
    workers: int = runs.WORKERS


@dataclass
class Runner:
    """A process that makes a run. It says "w" before its first write, "c" after each commit of a chunk, "d"
    with what it booked when all is done, "r" with a code when it was refused."""

    order: Order
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin."""
        self.ear, mouth = PROCESSES.Pipe(duplex=True)
        self.process: BaseProcess = PROCESSES.Process(target=_runs, args=(self.order, mouth))
        self.process.start()
        mouth.close()

    def go(self) -> None:
        """Tell one that waits to begin."""
        self.ear.send("go")

    @property
    def commits(self) -> list[str]:
        """What it has said of its commits."""
        return [said for said in self.heard if said.startswith("c")]

    def listens(self) -> bool:
        """Hear one thing more; False when it says nothing more."""
        try:
            if not self.ear.poll(PATIENCE_S):
                raise AssertionError(f"a runner said nothing for {PATIENCE_S} s; it had said {self.heard}")
            self.heard.append(self.ear.recv())
        except (EOFError, ConnectionResetError):
            return False
        return True

    def hear(self, word: str) -> None:
        """Listen until it says that word, or nothing more."""
        while word not in [said[:1] for said in self.heard] and self.listens():
            pass

    def kill(self) -> None:
        """SIGKILL, wherever it is; it may have come to its end just before, which `was_at_work` then says."""
        if self.process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        self.end()

    def end(self) -> str:
        """Wait until it is gone; gives the last thing that it said."""
        self.hear("d")
        self.process.join(PATIENCE_S)
        if self.process.exitcode is None:
            raise AssertionError("a runner does not end")
        self.ear.close()
        return self.heard[-1] if self.heard else ""

    @property
    def was_at_work(self) -> bool:
        """Whether it had begun to write and had not yet come to its end."""
        words = [said[:1] for said in self.heard]
        return "w" in words and "d" not in words


def _runs(order: Order, mouth: Connection) -> None:
    if order.waits:
        mouth.recv()
    database = open_database(order.settings)
    commits = 0
    began = threading.Event()
    turn = threading.Lock()
    real: Callable[..., Any] = booking.book

    def watched(*args: Any) -> Any:
        with turn:
            if not began.is_set():
                began.set()
                mouth.send("w")
        return real(*args)

    def progress(done: int, total: int) -> None:
        nonlocal commits
        commits += 1
        with turn:
            mouth.send(f"c {done}/{total}")
        if commits == order.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)

    vars(booking)["book"] = watched  # the real one, with an ear at the door
    try:
        done = runs.run_in_chunks(
            database,
            by=Actor.clock(1),
            as_of=order.as_of,
            at=noon(order.as_of),
            progress=progress,
            chunk=order.chunk,
            workers=order.workers,
        )
    except Refusal as refusal:
        mouth.send(f"r {refusal.code}")
    else:
        mouth.send(f"d {done.lines}")
    finally:
        database.dispose()
        mouth.close()


def all_ended(runners: list[Runner]) -> list[str]:
    """What each said last, when all are gone."""
    wait([runner.process.sentinel for runner in runners], timeout=PATIENCE_S)
    return [runner.end() for runner in runners]


def cut_power(place: Path) -> None:
    """SIGKILL a PostgreSQL server in that directory and every process of it, all at once."""
    postmaster = psutil.Process(int((place / "data" / "postmaster.pid").read_text().split()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        process.kill()
    deadline = time.monotonic() + PATIENCE_S
    while any(_lives(process) for process in family):
        if time.monotonic() > deadline:
            raise AssertionError("a server that was killed goes on")
        time.sleep(0.01)


def _lives(process: psutil.Process) -> bool:
    """A dead one whose parent has not asked about it lives no more."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

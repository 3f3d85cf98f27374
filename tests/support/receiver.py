"""A provider's system that webhooks are sent to, on this machine: it answers as it is told, or does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Way = int | str
"""A status, or: hang (never an answer), trickle (one byte at a time, without end), drop (the line is cut),
garbage (not HTTP), early (a 103 first), redirect (to /elsewhere)."""


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What has come, and how the next requests are answered: `ways` in turn, then 204."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    during: Callable[[], None] | None = None
    """Done while the sender waits for its answer."""
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiving(*ways: Way) -> Iterator[Receiver]:
    """A receiver that listens until the block ends."""
    receiver = Receiver(ways=list(ways))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = False
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook?from=vagval"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"receiver": receiver})


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        heads = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.got.append(Got(self.path, heads, body))
        if self.receiver.during:
            self.receiver.during()
        way = self.receiver.ways.pop(0) if self.receiver.ways else 204
        if isinstance(way, int):
            self.send_response(way)
            self.end_headers()
        else:
            getattr(self, f"_{way}")()
        self.close_connection = True

    def _hang(self) -> None:
        self.receiver.over.wait(30)

    def _trickle(self) -> None:
        """A head of an answer before the answer, which never ends."""
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: ")
        while not self.receiver.over.wait(0.02):
            try:
                self.wfile.write(b"0")
            except OSError:
                return

    def _drop(self) -> None:
        """Nothing is said; the line is cut."""

    def _garbage(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")

    def _early(self) -> None:
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
        self.wfile.write(b"HTTP/1.1 202 Accepted\r\n\r\n")

    def _redirect(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

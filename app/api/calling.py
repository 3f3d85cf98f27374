"""One call to a receiver: to the very address that was checked, no redirect followed, within its time."""

from __future__ import annotations

import functools
import re
import socket
import ssl
import time
from dataclasses import dataclass

from app.api.addresses import Place, all_public, looked_up, read_address
from core.refusal import Refusal

SECONDS = 10.0
MOST_HEAD_BYTES = 16_384
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r\n]")
INTERIM = re.compile(rb"HTTP/1\.[01] 1[0-9]{2}[ \r].*?\r\n\r\n", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """How a call went: the HTTP status, or a word of `models.FAULTS` when there was none."""

    status: int | None
    fault: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether the receiver has taken it."""
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str, body: bytes, headers: dict[str, str], *, is_production: bool, seconds: float = SECONDS
) -> Answer:
    """POST the JSON, and read no further than the answer's first line. Never raises.

    The name is looked up once, what it stands for is checked, and the connection goes there and nowhere else.
    """
    until = time.monotonic() + seconds
    try:
        place = read_address(url, is_production=is_production)
        address = _checked(place, is_production=is_production)
        with _connected(place, address, until) as line:
            line.settimeout(_left(until))
            line.sendall(_request(place, body, headers))
            return _answered(line, until)
    except (Refusal, ValueError, OSError) as error:
        return Answer(None, next(word for kind, word in FAULT_OF if isinstance(error, kind)))


FAULT_OF: tuple[tuple[type[Exception], str], ...] = (
    (Refusal, "private"),
    (socket.gaierror, "no_address"),
    (ValueError, "no_address"),
    (TimeoutError, "too_slow"),
    (ssl.SSLError, "certificate"),
    (OSError, "unreachable"),
)
"""The word for what went wrong; the first kind that fits."""


def _checked(place: Place, *, is_production: bool) -> str:
    """The IP address that the name stands for. Raises Refusal when one of them is of a private network."""
    found = looked_up(place)
    if is_production and not all_public(found):
        raise Refusal("webhook_private", "Adressen leder till ett slutet nät.")
    return found[0]


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(place: Place, address: str, until: float) -> socket.socket:
    """A connection to the address; its certificate is the named host's."""
    line = socket.create_connection((address, place.port), timeout=_left(until))
    if not place.is_https:
        return line
    try:
        line.settimeout(_left(until))
        return _trust().wrap_socket(line, server_hostname=place.host.rstrip("."))
    except BaseException:
        line.close()
        raise


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(place: Place, body: bytes, headers: dict[str, str]) -> bytes:
    said = {
        "Host": place.named,
        "User-Agent": "Vagval-Webhook/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {place.path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _answered(line: socket.socket, until: float) -> Answer:
    """The first status that is more than "go on"."""
    read = b""
    while len(read) < MOST_HEAD_BYTES:
        line.settimeout(_left(until))
        more = line.recv(4_096)
        read = INTERIM.sub(b"", read + more)
        found = STATUS.match(read)
        if found and not found[1].startswith(b"1"):
            return Answer(int(found[1]))
        if not more or (len(read) > 12 and not found):
            break
    return Answer(None, "not_http")

"""Where a webhook may go: which addresses are taken, and that none leads into a private network."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from core.refusal import Refusal

LONGEST = 500
LOWEST_PORT = 1_024
"""Below it only 443 (and 80 outside production): what listens there is seldom a receiver of ours."""
HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
PRINTED = re.compile(r"[!-~]+")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Place:
    """Where a call goes: the host as it is named, its port, and the path with its question."""

    is_https: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The host as the Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_https else 80) else f"{host}:{self.port}"


def read_address(url: str, *, is_production: bool) -> Place:
    """The parts of an address that may be called. Raises Refusal.

    In production only https, and no address of a private network; a name is looked up again at each call.
    """
    parts = _parts(url)
    if parts.scheme not in ("https", "http") or (is_production and parts.scheme != "https"):
        raise Refusal("webhook_not_https", "Adressen ska börja med https://.", status=422)
    if parts.username is not None or parts.password is not None:
        raise Refusal(
            "webhook_with_password",
            "Adressen får inte innehålla användarnamn eller lösenord. Signaturen visar att det är vi.",
            status=422,
        )
    host, port = _host_and_port(parts)
    literal = _literal(host)
    if is_production and ((literal and not is_public(literal)) or host.rstrip(".").lower() == "localhost"):
        raise Refusal(
            "webhook_private",
            "Adressen leder till ett slutet nät. Ange en adress som kan nås från internet.",
            status=422,
        )
    path = parts.path or "/"
    return Place(parts.scheme == "https", host, port, f"{path}?{parts.query}" if parts.query else path)


def _parts(url: str) -> SplitResult:
    wrong = Refusal(
        "webhook_address_wrong",
        "Adressen går inte att läsa. Skriv den så här: https://system.example.org/vagval.",
        status=422,
    )
    if len(url) > LONGEST:
        raise Refusal(
            "webhook_address_long", "Adressen får ha högst {most} tecken.", most=LONGEST, status=422
        )
    if not PRINTED.fullmatch(url) or "\\" in url or "#" in url:
        raise wrong
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        raise wrong from None
    if not parts.hostname or not parts.scheme:
        raise wrong
    return parts


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    host = parts.hostname or ""
    port = parts.port if parts.port is not None else (443 if parts.scheme == "https" else 80)
    if not _literal(host) and not HOST.fullmatch(host):
        raise Refusal(
            "webhook_address_wrong",
            "Adressen går inte att läsa. Skriv den så här: https://system.example.org/vagval.",
            status=422,
        )
    if port < LOWEST_PORT and port not in (80, 443):
        raise Refusal(
            "webhook_port_wrong", "Vi anropar bara port 443, eller en port från 1024 och uppåt.", status=422
        )
    return host, port


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet, also when another is wrapped in it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour or address.teredo or address in NAT64:
            return False
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def looked_up(place: Place) -> list[str]:
    """The IP addresses that the name stands for now. Raises OSError."""
    found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def all_public(addresses: Iterable[str]) -> bool:
    """Whether every one is public. A name that stands for both kinds is not called."""
    found = [_literal(one) for one in addresses]
    return bool(found) and all(one is not None and is_public(one) for one in found)

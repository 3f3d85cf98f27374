"""One call to a receiver: what is sent, what is heard, and where it never goes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
import threading
import time

import pytest

from app.api import calling, signing
from app.api.addresses import read_address
from app.api.calling import Answer, post
from core.refusal import Refusal
from tests.support.receiver import receiving

BODY = b'{"id": 7, "type": "trial"}'


def sent(url: str, seconds: float = 5, **headers: str) -> Answer:
    return post(url, BODY, headers, is_production=False, seconds=seconds)


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────


def test_the_body_the_path_and_the_headers_come_as_they_were_given():
    with receiving() as receiver:
        said = post(receiver.url, BODY, {"webhook-id": "7"}, is_production=False)
    assert said == Answer(204)
    assert said.is_good
    (got,) = receiver.got
    assert (got.path, got.body) == ("/hook?from=vagval", BODY)
    assert got.headers["webhook-id"] == "7"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == receiver.url.split("/")[2]


def test_a_signature_is_what_the_field_agrees_on():
    """The example of standardwebhooks.com's specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    said = signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_keys_give_two_signatures_and_either_is_enough():
    keys = [signing.new_secret(), signing.new_secret()]
    found = signing.headers(keys, "9", 1_700_000_000, BODY)["webhook-signature"].split(" ")
    for key, said in zip(keys, found, strict=True):
        raw = base64.b64decode(key.removeprefix("whsec_"))
        assert len(raw) == 32
        right = hmac.new(raw, b"9.1700000000." + BODY, hashlib.sha256).digest()
        assert said == "v1," + base64.b64encode(right).decode()


# ── what is heard ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_two_hundred_is_taken(status: int):
    with receiving(status) as receiver:
        assert sent(receiver.url).is_good


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 410, 429, 500, 503])
def test_another_status_is_not(status: int):
    with receiving(status) as receiver:
        assert sent(receiver.url) == Answer(status)
        assert not Answer(status).is_good


def test_a_redirect_is_not_followed():
    with receiving("redirect") as receiver:
        assert sent(receiver.url) == Answer(302)
    assert [got.path for got in receiver.got] == ["/hook?from=vagval"]


def test_an_answer_before_the_answer_is_passed_over():
    with receiving("early") as receiver:
        assert sent(receiver.url) == Answer(202)


@pytest.mark.parametrize(
    ("way", "fault"),
    [("hang", "too_slow"), ("trickle", "too_slow"), ("drop", "not_http"), ("garbage", "not_http")],
)
def test_a_receiver_that_does_not_answer_is_left(way: str, fault: str):
    with receiving(way) as receiver:
        began = time.monotonic()
        found = sent(receiver.url, seconds=0.6)
        assert found.fault == fault
        assert found.status is None
        assert time.monotonic() - began < 20, "the time given is not kept at all"


def test_a_head_without_end_is_left():
    """Neither the memory nor the time is the receiver's to take."""
    heard, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def flood() -> None:
        line, _ = heard.accept()
        with line:
            line.recv(4_096)
            while not stop.is_set():
                try:
                    line.sendall(b"x" * 4_096)
                except OSError:
                    return

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    try:
        assert sent(f"http://127.0.0.1:{heard.getsockname()[1]}/", seconds=5) == Answer(None, "not_http")
    finally:
        stop.set()
        thread.join(timeout=10)
        heard.close()


def test_nobody_there_and_a_name_that_is_nobodys():
    with socket.create_server(("127.0.0.1", 0)) as heard:
        port = heard.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/") == Answer(None, "unreachable")
    assert sent("http://nobody.invalid/") == Answer(None, "no_address")


def test_a_certificate_that_nobody_vouches_for_is_not_believed():
    """A receiver that speaks no TLS at all is told from one that is not there."""
    with receiving() as receiver:
        found = sent(receiver.url.replace("http://", "https://"))
    assert found == Answer(None, "certificate")
    assert not receiver.got
    assert calling._trust().verify_mode is ssl.CERT_REQUIRED
    assert calling._trust().check_hostname


# ── where it may go ──────────────────────────────────────────────────────────────────────────────

PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::",
    "fe80::1", "fc00::7", "fec0::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "2001:db8::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "193.0.6.139", "2606:4700:4700::1111")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_neither_taken_nor_called_in_production(address: str, monkeypatch):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refusal) as no:
        read_address(f"https://{host}/", is_production=True)
    assert no.value.code == "webhook_private"
    called: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", (address, 443))])
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: called.append(a))
    assert post("https://system.example.org/", BODY, {}, is_production=True) == Answer(None, "private")
    assert not called


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called_at_what_was_looked_up(address: str, monkeypatch):
    """The name is looked up once: what it comes to stand for after the check is never connected to."""
    looked: list[str] = []
    called: list[tuple[str, int]] = []

    def look_up(host: str, port: int, **_options: object):
        looked.append(host)
        return [(0, 0, 0, "", (address if len(looked) == 1 else "127.0.0.1", port))]

    def connect(to: tuple[str, int], **_options: object):
        called.append(to)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert post("https://system.example.org/x", BODY, {}, is_production=True) == Answer(None, "unreachable")
    assert (looked, called) == (["system.example.org"], [(address, 443)])


def test_a_name_that_stands_for_both_kinds_is_not_called(monkeypatch):
    both = [(0, 0, 0, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: both)
    assert post("https://system.example.org/", BODY, {}, is_production=True).fault == "private"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://system.example.org/", "webhook_not_https"),
        ("ftp://system.example.org/", "webhook_not_https"),
        ("file:///etc/passwd", "webhook_address_wrong"),
        ("https://", "webhook_address_wrong"),
        ("system.example.org/hook", "webhook_address_wrong"),
        ("https://user:word@system.example.org/", "webhook_with_password"),
        ("https://@system.example.org/", "webhook_with_password"),
        ("https://system.example.org/#part", "webhook_address_wrong"),
        ("https://system.example.org\\@127.0.0.1/", "webhook_address_wrong"),
        ("https://system.example.org/\r\nHost: x", "webhook_address_wrong"),
        ("https://system.example.org/med mellanslag", "webhook_address_wrong"),
        ("https://systemet.exempel.example.org/å", "webhook_address_wrong"),
        ("https://[::1/", "webhook_address_wrong"),
        ("https://system.example.org:99999/", "webhook_address_wrong"),
        ("https://system.example.org:22/", "webhook_port_wrong"),
        ("https://system..example.org/", "webhook_address_wrong"),
        ("https://localhost/", "webhook_private"),
        ("https://LOCALHOST./", "webhook_private"),
        ("https://[fe80::1%25eth0]/", "webhook_private"),
        ("https://2130706433/", None),
        ("https://0x7f.1/", None),
        ("https://system.example.org/" + "x" * 500, "webhook_address_long"),
        ("", "webhook_address_wrong"),
    ],
)
def test_an_address_that_cannot_be_called_is_refused_with_a_sentence(url: str, code: str | None):
    """Numbers that only a resolver reads as an address (None) are taken, and stopped when they are called."""
    if code is None:
        read_address(url, is_production=True)
        assert post(url, BODY, {}, is_production=True).fault in ("private", "no_address")
        return
    with pytest.raises(Refusal) as no:
        read_address(url, is_production=True)
    assert no.value.code == code
    assert no.value.status == 422


def test_a_good_address_is_read():
    place = read_address("https://system.example.org:8443/a/b?c=d", is_production=True)
    assert (place.is_https, place.host, place.port, place.path) == (
        True,
        "system.example.org",
        8443,
        "/a/b?c=d",
    )
    assert place.named == "system.example.org:8443"
    assert read_address("https://system.example.org", is_production=True).named == "system.example.org"
    assert read_address("http://127.0.0.1:5000/", is_production=False).named == "127.0.0.1:5000"

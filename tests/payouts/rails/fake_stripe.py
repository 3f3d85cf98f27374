"""A small Stripe on loopback that remembers; each request and answer is held to Stripe's own description."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs

SPEC: dict[str, Any] = json.loads(Path(__file__).with_name("stripe_openapi.json").read_text("utf-8"))
COMPONENTS = SPEC["components"]


class FakeStripe:
    """Holds transfers and idempotency keys. `faults` are breaches of the description, and must stay empty."""

    def __init__(self) -> None:
        self.accounts = {"acct_1BLABAR", "acct_1SPRAK"}
        self.key = "sk_test_made_up"
        self.balance_ore = 10_000_000
        self.cut_next = 0  # answers to lose after the work is done
        self.down = False
        self.posts = 0
        self.transfers: list[dict[str, Any]] = []
        self.kept: dict[str, tuple[dict[str, Any], int, dict[str, Any]]] = {}
        self.faults: list[str] = []

    def create(self, fields: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        if key in self.kept:
            before, status, body = self.kept[key]
            if before != fields:
                return 400, error("idempotency_error", "Keys can only be used with the same parameters.")
            return status, body
        status, body = self._create(fields)
        self.kept[key] = (fields, status, body)
        return status, body

    def _create(self, fields: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if fields["destination"] not in self.accounts:
            return 400, error("invalid_request_error", "No such destination.", code="resource_missing")
        if fields["amount"] > self.balance_ore:
            return 400, error("invalid_request_error", "Insufficient funds.", code="balance_insufficient")
        self.balance_ore -= fields["amount"]
        number = len(self.transfers) + 1
        made = {
            "id": f"tr_{number}",
            "object": "transfer",
            "amount": fields["amount"],
            "amount_reversed": 0,
            "balance_transaction": f"txn_{number}",
            "created": 1_772_000_000 + number,
            "currency": fields["currency"],
            "description": fields.get("description"),
            "destination": fields["destination"],
            "livemode": False,
            "metadata": fields.get("metadata", {}),
            "reversals": {
                "object": "list",
                "data": [],
                "has_more": False,
                "url": f"/v1/transfers/tr_{number}/reversals",
            },
            "reversed": False,
            "source_transaction": None,
            "transfer_group": fields.get("transfer_group"),
        }
        self.transfers.append(made)
        return 200, made

    def listed(self, query: dict[str, Any]) -> dict[str, Any]:
        """Newest first, at most three a page so that paging is met even by small orders."""
        found = [
            made for made in reversed(self.transfers) if made["transfer_group"] == query["transfer_group"]
        ]
        after = query.get("starting_after")
        start = 1 + next(index for index, made in enumerate(found) if made["id"] == after) if after else 0
        more = len(found) > start + 3
        return {"object": "list", "url": "/v1/transfers", "data": found[start : start + 3], "has_more": more}

    def take_back(self, number: int, amount: int) -> None:
        made = self.transfers[number]
        made["amount_reversed"] = amount
        made["reversed"] = amount == made["amount"]

    def hold(self, where: str, schema: dict[str, Any], value: object) -> None:
        """Note every way in which a value breaks a schema of the description."""
        whole = jsonly(schema | {"components": COMPONENTS})
        found = [fault.message for fault in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)]
        self.faults += [f"{where}: {fault}" for fault in found]


def error(kind: str, message: str, **more: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message, **more}}


def jsonly(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: "nullable" becomes a choice."""
    if isinstance(schema, list):
        return [jsonly(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: jsonly(value) for name, value in schema.items() if name not in ("nullable", "format")}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def fields_of(text: str) -> dict[str, Any]:
    """A form as Stripe reads it: "metadata[a]=b" is an object, digits are a number where one is meant."""
    fields: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        outer, bracket, inner = name.partition("[")
        if bracket:
            fields.setdefault(outer, {})[inner.removesuffix("]")] = value
        else:
            fields[outer] = int(value) if outer in ("amount", "limit") and value.isdigit() else value
    return fields


class _Handler(BaseHTTPRequestHandler):
    stripe: FakeStripe
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.stripe.posts += 1
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._serve("post", fields_of(text))

    def do_GET(self) -> None:
        self._serve("get", fields_of(urlsplit(self.path).query))

    def _serve(self, method: str, fields: dict[str, Any]) -> None:
        stripe = self.stripe
        operation = SPEC["paths"].get(urlsplit(self.path).path, {}).get(method)
        if operation is None:
            stripe.faults.append(f"no such operation: {method} {self.path}")
            return self._answer({"responses": {}}, 404, error("invalid_request_error", "Unrecognized URL"))
        if method == "post":
            form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
            stripe.hold("request", form, fields)
        else:
            known = {parameter["name"]: parameter["schema"] for parameter in operation["parameters"]}
            stripe.hold("query", {"properties": known, "additionalProperties": False}, fields)
        if self.headers["Authorization"] != f"Bearer {stripe.key}":
            return self._answer(operation, 401, error("invalid_request_error", "Invalid API Key provided"))
        if stripe.down:
            return self._answer(operation, 503, error("api_error", "Down for a while"))
        if method == "get":
            return self._answer(operation, 200, stripe.listed(fields))
        status, body = stripe.create(fields, self.headers["Idempotency-Key"])
        return self._answer(operation, status, body)

    def _answer(self, operation: dict[str, Any], status: int, body: dict[str, Any]) -> None:
        said = operation["responses"].get(str(status)) or operation["responses"].get("default")
        if said:
            self.stripe.hold("response", said["content"]["application/json"]["schema"], body)
        if self.command == "POST" and self.stripe.cut_next:
            self.stripe.cut_next -= 1
            self.close_connection = True
            return
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is http.server's
        pass


@contextmanager
def serving() -> Iterator[tuple[FakeStripe, str]]:
    """A fake Stripe and its address, until the block ends."""
    fake = FakeStripe()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stripe": fake}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

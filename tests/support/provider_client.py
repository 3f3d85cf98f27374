"""A provider's system, written from the API's document alone: it knows no path, no property, only their ids.

What it must know of the world is what a month was like; the document says how that is sent.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode


class Problem(Exception):
    """The API said no; `told` is the problem."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["detail"])
        self.told = told


class ProviderClient:
    """`do` carries out an operation of the document; `all` walks a list to its end."""

    def __init__(self, document_at: str, key: str) -> None:
        self.base, self.key = document_at.split("/api/", maxsplit=1)[0], key
        self.document = json.loads(self._send("GET", document_at))
        self.operations = {
            one["operationId"]: (path, method, {**one, "shared": said.get("parameters", [])})
            for path, said in self.document["paths"].items()
            for method, one in said.items()
            if method != "parameters"
        }

    def do(self, operation: str, body: Any = None, *, key: str | None = None, **parts: str) -> Any:
        """The operation's answer. Raises Problem; LookupError for what the document does not tell of."""
        path, method, said = self.operations[operation]
        query = {}
        known = {one["name"]: one["in"] for one in (*said["shared"], *said.get("parameters", ()))}
        for name, value in parts.items():
            if known[name] == "path":
                path = path.replace(f"{{{name}}}", value)
            else:
                query[name] = value
        address = self.base + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Idempotency-Key": key} if key and known.get("Idempotency-Key") == "header" else {}
        return json.loads(self._send(method.upper(), address, body, headers))

    def all(self, operation: str, **parts: str) -> list[Any]:
        """Every row of a list, a page at a time."""
        rows, after = [], "0"
        while after:
            page = self.do(operation, after=after, limit="2", **parts)
            rows += page["items"]
            after = page["next"]
        return rows

    def form(self, operation: str) -> dict[str, Any]:
        """The properties that an operation is sent, by name."""
        body = self.operations[operation][2]["requestBody"]["content"]["application/json"]["schema"]
        schema = self.document["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]]
        properties: dict[str, Any] = schema["properties"]
        return properties

    def _send(self, method: str, address: str, body: Any = None, headers: Any = None) -> bytes:
        request = urllib.request.Request(
            address,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                found: bytes = answer.read()
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise Problem(json.loads(error.read())) from None

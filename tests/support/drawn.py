"""Templates and addresses are compiled once a process, not once for every test's own app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Drawn(BytecodeCache):
    """Keeps what a template was compiled to; its source is looked at each time, as always."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if any."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


def _addresses_once() -> None:
    """A rule's function that builds addresses is the same for the same rule, whichever app has it."""
    compiled: dict[tuple[object, ...], Callable[..., Any]] = {}
    make = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        key = (rule.rule, rule.endpoint, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = make(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = once  # type: ignore[method-assign, assignment]  # no other door


def once_a_process() -> None:
    """From now on, for every app that is made."""
    _addresses_once()
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Drawn()}

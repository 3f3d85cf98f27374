"""Every part of the API, in the order the document tells of them."""

from __future__ import annotations

from flask import Flask

from app.api import about, clock, door, hooks, many, participants, results, telling, told_hooks, written

PARTS = (door.part,)
VIEWS = (about, participants, telling, written, results, many, hooks)
"""Rooms with operations of the API's own part."""


def register(app: Flask) -> None:
    """Open the API's doors."""
    api = door.prepare(app)
    api.spec.options["webhooks"] = told_hooks.described()
    app.extensions["api"] = api
    sandbox = (clock.part,) if app.extensions["settings"].sandbox else ()
    for part in (*PARTS, *sandbox):
        door.register(app, api, part)

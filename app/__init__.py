"""The roof: the web, the command line and the timetable. It alone knows Flask."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from app import sandbox, web
from config import Settings

PORTALS = ("public", "accounts", "seeker", "provider", "casework", "finance", "oversight", "calculator")


def create_app(settings: Settings | None = None) -> Flask:
    """The whole app on the given settings (default: the environment's). Opens no connection yet."""
    app = Flask(__name__)
    asked = settings or Settings.from_environment()
    sandbox.prepare(asked)
    web.prepare(app, asked)
    for portal in PORTALS:
        app.register_blueprint(import_module(f"app.{portal}.views").portal)
    import_module("app.api.parts").register(app)
    import_module("app.commands").register(app)
    return app

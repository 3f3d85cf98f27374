"""The barest Flask there is, to measure ours against: `gunicorn tests.bench.hello:app`."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.route("/")
def hello() -> str:
    """A word."""
    return "hello"

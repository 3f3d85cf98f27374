"""The blueprint of the pages that need no sign-in."""

from __future__ import annotations

from flask import Blueprint

from app.ids import only_real

portal = only_real(Blueprint("public", __name__))

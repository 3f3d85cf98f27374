"""The finance portal's blueprint."""

from __future__ import annotations

from flask import Blueprint

from app.ids import only_real

portal = only_real(Blueprint("finance", __name__, url_prefix="/finance"))

"""The blueprint that the views hang on."""

from flask import Blueprint

from app.ids import only_real

portal = only_real(Blueprint("casework", __name__, url_prefix="/casework"))

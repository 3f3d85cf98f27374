"""The blueprint that the views hang on."""

from flask import Blueprint

portal = Blueprint("casework", __name__, url_prefix="/casework")

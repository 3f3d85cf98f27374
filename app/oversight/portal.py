"""The blueprint that the statistics' views hang on."""

from flask import Blueprint

portal = Blueprint("oversight", __name__, url_prefix="/oversight")

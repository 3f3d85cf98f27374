"""The letter's code, typed or scanned: it shows no name and nothing about the case."""

from __future__ import annotations

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import codes
from app.public.door import portal
from app.web import open_to_all, sentence, shown
from core import dates
from core.actor import Role
from core.refusal import Refusal


@portal.route("/letter", methods=["GET", "POST"])
@open_to_all
def letter() -> tuple[str, int] | Response:
    """Type the code of a letter."""
    form = codes.CodeForm()
    if form.validate_on_submit():
        try:
            code = codes.known(form.code.data or "", at=dates.now())
        except Refusal as refusal:
            form.code.errors = [sentence(refusal)]
        else:
            return redirect(url_for("public.letter_code", code=code))
    return shown("public/letter.html", form)


@portal.route("/letter/<code>")
@open_to_all
def letter_code(code: str) -> tuple[str, int] | Response:
    """What the letter's QR code leads to: two ways on, and nothing about anybody."""
    form = codes.CodeForm()
    try:
        found = codes.known(code, at=dates.now())
    except Refusal as refusal:
        form.code.errors = [sentence(refusal)]
        return shown("public/letter.html", form)
    if found != code:
        return redirect(url_for("public.letter_code", code=found))
    is_guide = current_user.is_authenticated and current_user.actor.has(Role.GUIDE)
    return shown("public/letter_code.html", code=found, is_guide=is_guide)

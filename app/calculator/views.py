"""The calculator's page and its file, the same for a provider's and the municipality's staff."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import get_locale
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.calculator import life, telling
from app.calculator.forms import LifeForm, VolumeForm
from app.calculator.pricing import prices
from app.calculator.shelf import Offer, Volume, volumes
from app.web import municipality_id, open_to, reading, shown
from core import dates
from core.actor import PROVIDER, STAFF

portal = Blueprint("calculator", __name__, url_prefix="/calculator")

ASKED = re.compile(
    r"rulebook|offer|group|region|started|months|ended|finish|price|pause_from|pause_to|result_on|parts|bonuses|percent"
    r"|held|m\d{6}",
    re.ASCII,
)


@portal.route("/")
@open_to(*PROVIDER, *STAFF)
def page() -> tuple[str, int]:
    """What a tariff pays for a life that somebody makes up; an example until anything is said."""
    shelf, volume = _chosen()
    filled, is_example = _filled(volume)
    locale = _locale()
    form = LifeForm.about(volume, filled, locale)
    made = form.read() if form.validate() else None
    months = life.months_of(made, filled) if made else []
    offer = volume.offer(form.offer.data or "")
    return shown(
        "calculator/page.html",
        form,
        volume=volume,
        volume_form=VolumeForm.about(shelf, volume, locale),
        months=months,
        states=telling.STATES,
        counted=life.counted(life.as_input(made, months)) if made else [],
        prices=prices(volume, offer, locale) if offer else [],
        is_example=is_example,
        is_right=made is not None,
        examples=_examples(volume, offer) if offer else (),
        currency=volume.priced.tariff.currency,
        telling=telling,
        again=_arguments(filled),
    )


@portal.route("/input.json")
@open_to(*PROVIDER, *STAFF)
def document() -> Response | AnyResponse:
    """The same life as a file for `flask payouts calculate`."""
    _shelf, volume = _chosen()
    filled, _is_example = _filled(volume)
    form = LifeForm.about(volume, filled, _locale())
    if not form.validate():
        return redirect(url_for("calculator.page", **_arguments(filled)))
    made = form.read()
    asked = life.as_input(made, life.months_of(made, filled))
    text = json.dumps(asked, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="vagval-calculate.json"'}
    return Response(text + "\n", mimetype="application/json", headers=headers)


def _locale() -> str:
    return str(get_locale() or "sv")


def _chosen() -> tuple[list[Volume], Volume]:
    """Everything to count by, and what the address names: the first when it names nothing there is."""
    with reading() as session:
        shelf = volumes(session, municipality_id())
    key = request.args.get("rulebook", "")
    return shelf, next((volume for volume in shelf if volume.key == key), shelf[0])


def _filled(volume: Volume) -> tuple[MultiDict[str, str], bool]:
    """What the address says, or an example when it says no more than which rulebook."""
    said = MultiDict((name, value) for name, value in request.args.items(multi=True) if ASKED.fullmatch(name))
    if "started" not in said:
        return life.example(volume, dates.today()), True
    return said, False


def _examples(volume: Volume, offer: Offer) -> frozenset[str]:
    """The fees whose price nobody has published."""
    return frozenset(
        fee.code
        for fee in volume.priced.tariff.fees
        if any(rate.price.status == "example" for rate in fee.rates.get(offer.key, ()))
    )


def _arguments(filled: MultiDict[str, str]) -> dict[str, Any]:
    """The same address again."""
    return dict(filled.to_dict(flat=False))

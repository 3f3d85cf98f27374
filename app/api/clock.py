"""The hand that turns the sandbox's clock. The app has no such door unless it is a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields as ma_fields

from app import sandbox
from app.api import shapes
from app.api.door import portal
from app.api.schemas import N_, Closed
from app.web import database, settings
from core import dates

part = portal("sandbox", __name__)
TAG = N_("Sandlådans klocka")


class Time(ma.Schema):
    """What the clock says."""

    today = shapes.day(N_("Dagens datum i sandlådan"))
    now = shapes.moment(N_("Ögonblicket i sandlådan"))


class Turn(Closed):
    """Where to turn it."""

    today = ma_fields.Date(
        required=True, metadata={"description": N_("Dagen att vrida fram till, högst 40 dagar bort")}
    )


@part.operation("/sandbox/clock", None, N_("Vad sandlådans klocka visar"), gives=Time, tag=TAG)
def clock() -> dict[str, date | datetime]:
    """The sandbox's day."""
    return {"today": dates.today(), "now": dates.now()}


@part.operation(
    "/sandbox/clock", "report", N_("Vrid fram sandlådans klocka"), sends=Turn, gives=Time, tag=TAG,
    text=N_("Varje dag på vägen får sitt: det som öppnar och påminns om. Klockan går bara framåt."),
)  # fmt: skip
def turn_clock(said: Mapping[str, Any]) -> dict[str, date | datetime]:
    """Turn it forward; each day's jobs are run on the way."""
    sandbox.turn_to(said["today"], database(), settings())
    return {"today": dates.today(), "now": dates.now()}

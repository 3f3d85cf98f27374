"""Many rows in one request: months, absences, meetings; all or none of them, or those that are good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields as ma_fields
from sqlalchemy.orm import Session

from app.api import answers, shapes
from app.api.door import Faulty, caller, part
from app.api.problems import Fault
from app.api.schemas import N_, Closed, FaultSchema, form, row_of
from app.api.telling import ABSENCES, MEETINGS, MONTHS, Said
from app.ids import LARGEST
from core import dates
from vouchers.actions import telling
from vouchers.actions.telling import Answer, Row, tell_deviations, tell_months, tell_occasions
from vouchers.rules.told import FILE_MODES

MOST = 1_000
LARGEST_REQUEST = 8_000_000
TEXT = N_(
    "Högst tusen rader. Med all går alla rader in eller ingen, med good går de rätta in. En rad som säger "
    "det som redan är sagt ändrar inget."
)
EACH = N_(
    "Varje rad prövas för sig, mot samma regler som när ni skickar en i taget. Bryter en rad mot dem "
    "svarar vi 422 med all. Med good står den i faults, och de andra går in."
)


def _form(kind: str) -> type[ma.Schema]:
    """Rows of that kind, each with whom it is about."""
    rows = ma_fields.List(
        ma_fields.Nested(row_of(kind)),
        required=True,
        validate=ma.validate.Length(1, MOST),
        metadata={"description": EACH},
    )
    mode = ma_fields.String(
        load_default="all",
        validate=ma.validate.OneOf(FILE_MODES),
        metadata={"description": N_("all: alla eller ingen. good: de som är rätta.")},
    )
    name = form(kind).__name__.removesuffix("Form")
    return type(f"{name}Rows", (Closed,), {"rows": rows, "mode": mode})


class Stored(ma.Schema):
    """A row that is well, and the id of what it told."""

    row = ma_fields.Integer(required=True, metadata={"description": N_("Radens plats, från 0")})
    id = shapes.key(N_("Dess id"))


class BulkAnswer(ma.Schema):
    """What became of many rows."""

    count = shapes.whole(N_("Rader som kom"))
    stored = shapes.whole(N_("Rader som ändrade något"))
    known = shapes.whole(N_("Rader som redan var sagda"))
    rows = ma_fields.List(ma_fields.Nested(Stored), required=True)
    faults = ma_fields.List(
        ma_fields.Nested(FaultSchema), required=True, metadata={"description": N_("Fel i fälten")}
    )


Teller = Callable[..., Answer]


def _tell(said: Said, tell: Teller) -> Response:
    def work(session: Session) -> tuple[dict[str, Any], int]:
        by, whole = caller().actor, said["mode"] == "all"
        found = tell(
            session,
            by.provider_id or 0,
            _rows(said["rows"]),
            via="api",
            whole=whole,
            by=by,
            today=dates.today(),
        )
        faults = list(_faults(found))
        if whole and faults:
            raise Faulty(faults)
        return _told(found, faults), 200

    return answers.once(work)


def _rows(said: Iterable[Mapping[str, Any]]) -> Iterable[Row]:
    for number, one in enumerate(said):
        leg_id = int(one["participant"])
        told = {name: value for name, value in one.items() if name != "participant"}
        # An id that no row can have is nobody's; a database would not even look for it.
        fault = telling.UNKNOWN if leg_id > LARGEST else None
        yield Row(number, None if fault else leg_id, told, fault)


def _faults(found: Answer) -> Iterable[Fault]:
    for number, faults in sorted(found.faults.items()):
        for one in faults:
            name = "participant" if one.field == "leg" else one.field
            yield answers.fault(f"/rows/{number}/{name}", one.refusal)


def _told(found: Answer, faults: list[Fault]) -> dict[str, Any]:
    return {
        "count": found.count,
        "stored": found.stored,
        "known": found.known,
        "rows": [{"row": number, "id": str(row_id)} for number, row_id in sorted(found.ids.items())],
        "faults": [{"field": one.field, "code": one.code, "detail": one.detail} for one in faults],
    }


def _large(view: Any) -> Any:
    """Mark a view that may be sent more than a page is."""
    view.largest_request = LARGEST_REQUEST
    return view


@part.operation(
    "/reports/bulk", "report", N_("Rapportera många månader"),
    sends=_form("monthly"), gives=BulkAnswer, tag=MONTHS, text=TEXT,
)  # fmt: skip
@_large
def tell_reports(said: Said) -> Response:
    """Report many months."""
    return _tell(said, tell_months)


@part.operation(
    "/deviations/bulk", "report", N_("Anmäl många avvikelser"),
    sends=_form("deviation"), gives=BulkAnswer, tag=ABSENCES, text=TEXT,
)  # fmt: skip
@_large
def tell_absences(said: Said) -> Response:
    """Tell of many absences."""
    return _tell(said, tell_deviations)


@part.operation(
    "/occasions/bulk", "report", N_("Berätta om många möten och aktiviteter"),
    sends=_form("occasion"), gives=BulkAnswer, tag=MEETINGS, text=TEXT,
)  # fmt: skip
@_large
def tell_meetings(said: Said) -> Response:
    """Tell of many meetings and activities."""
    return _tell(said, tell_occasions)

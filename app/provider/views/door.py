"""The provider's portal: its blueprint, and whose people it may see."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from app.web import actor, municipality_id
from core import dates
from core.refusal import Missing
from vouchers.queries import workload
from vouchers.queries.workload import Served

portal = Blueprint("provider", __name__, url_prefix="/provider")
LARGEST_ID = 2**63 - 1


@portal.url_value_preprocessor
def _no_such_number(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A number that no id can have is an address that does not exist."""
    if any(isinstance(value, int) and value > LARGEST_ID for value in (values or {}).values()):
        raise Missing()


def workplace() -> int:
    """The provider that the signed-in person works for. Raises Missing when there is none."""
    found = actor().provider_id
    if found is None:
        raise Missing()
    return found


def own(session: Session, leg_id: int) -> Served:
    """One of the provider's own people; Missing to everybody else."""
    return workload.own(session, municipality_id(), workplace(), leg_id)


def month_of(code: int) -> date:
    """The month that 202604 means; Missing when it means none."""
    if not (190001 <= code <= 999912 and 1 <= code % 100 <= 12):
        raise Missing()
    return dates.month_of(code)

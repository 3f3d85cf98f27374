"""A municipality moves in."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.database import Municipality
from core.refusal import Refusal


def add_municipality(session: Session, name: str, organisation_number: str, *, by: Actor) -> None:
    """Add the municipality that the operator sets up. Refuses one that is here, or has no name."""
    if session.get(Municipality, by.municipality_id):
        raise Refusal("municipality_exists", "Det finns redan en kommun med det numret i databasen.")
    if not name.strip() or len(name) > 100:
        raise Refusal("municipality_name_wrong", "Kommunens namn ska ha 1 till 100 tecken.", status=422)
    session.add(
        Municipality(id=by.municipality_id, name=name.strip(), organisation_number=organisation_number)
    )
    audit.record(session, "municipality.added", audit.Subject("municipality", by.municipality_id), by=by)

"""Everything the system holds about a person, for that person: in plain words, and as a file."""

from __future__ import annotations

import json

from flask import Response
from flask_babel import get_locale

from app import timeline
from app.seeker.door import participant_id, portal
from app.seeker.holdings import NAMES, grouped, holdings
from app.web import actor, municipality_id, municipality_name, open_to, reading, shown, writing
from core import audit, dates, identity
from core.actor import Role
from core.database import fetch
from vouchers.models import Participant
from vouchers.queries import way

FILE = "mina-uppgifter.json"


@portal.route("/my-data")
@open_to(Role.SEEKER)
def my_data() -> tuple[str, int]:
    """What is held, how much, for how long, and who has read it."""
    own = participant_id()
    with reading() as session:
        row = fetch(session, Participant, municipality_id(), own)
        digits = identity.vault(session).open(row.identity_sealed)
        readings = timeline.of_person(session, municipality_id(), own, *timeline.READINGS, limit=500)
        return shown(
            "seeker/my_data.html",
            groups=grouped(holdings(session, municipality_id(), own)),
            me=row,
            person=way.person(session, municipality_id(), own),
            number=f"{digits[:8]}-{digits[8:]}",
            readings=timeline.tell(session, municipality_id(), readings),
        )


@portal.route("/my-data.json")
@open_to(Role.SEEKER)
def my_data_file() -> Response:
    """All of it, as JSON to keep. That it was fetched is noted."""
    own = participant_id()
    with writing() as session:
        row = fetch(session, Participant, municipality_id(), own)
        parts = holdings(session, municipality_id(), own)
        audit.record(session, "participant.data_downloaded", row, by=actor())
    told = {
        "made_at": dates.now().isoformat(),
        "municipality": municipality_name(),
        "language": str(get_locale() or "sv"),
        "parts": [
            {"table": part.table, "title": str(NAMES[part.table]), "rows": list(part.rows)} for part in parts
        ],
    }
    answer = Response(json.dumps(told, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    return answer

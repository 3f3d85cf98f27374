"""What a person lets others see, written down by the guide from paper."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.casework.views.planning import person
from app.casework.views.portal import portal
from app.consents import ConsentForm, answered, asked_about, near_and_far
from app.web import open_to, reading, shown
from core import dates
from core.actor import Role


@portal.route("/people/<int:participant_id>/consents", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def consents(participant_id: int) -> tuple[str, int] | Response:
    """Who sees what of a person and why; what the person has signed is written in here."""
    participant, form = person(participant_id, "consents"), ConsentForm()
    done = answered(form, participant_id, url_for("casework.consents", participant_id=participant_id))
    if done is not None:
        return done
    with reading() as session:
        near, far = near_and_far(session, participant_id)
    return shown(
        "casework/consents.html",
        form,
        participant=participant,
        near=near,
        far=far,
        asked=asked_about(form),
        today=dates.today(),
    )

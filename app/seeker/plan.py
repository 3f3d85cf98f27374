"""The job seeker's plan, and who may see what."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.consents import ConsentForm, answered, asked_about, near_and_far
from app.seeker.door import participant_id, portal
from app.web import actor, open_to, reading, shown
from core import dates
from core.actor import Role
from vouchers.queries import disclosure, planning, way


@portal.route("/plan")
@open_to(Role.SEEKER)
def plan() -> tuple[str, int]:
    """My plan: where I am going, who does what until when, and who sees it; made for paper too."""
    own, municipality_id, today = participant_id(), actor().municipality_id, dates.today()
    with reading() as look:
        kept = planning.kept(look, municipality_id, own)
        person = way.person(look, municipality_id, own)
        everybody = disclosure.viewers(look, municipality_id, own, today)
    parties = {"provider", *(part.party for part in kept.parts if part.removed_on is None)}
    return shown(
        "seeker/plan.html",
        plan=kept,
        next=kept.next(today),
        person=person,
        viewers=[one for one in everybody if one.seen or one.party in parties],
        today=today,
    )


@portal.route("/consents", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def consents() -> tuple[str, int] | Response:
    """Who sees what about me and why, until when; one switch for each."""
    own, form = participant_id(), ConsentForm()
    done = answered(form, own, url_for("seeker.consents"))
    if done is not None:
        return done
    with reading() as look:
        person = way.person(look, actor().municipality_id, own)
        near, far = near_and_far(look, own)
    return shown(
        "seeker/consents.html",
        form,
        person=person,
        near=near,
        far=far,
        asked=asked_about(form),
        today=dates.today(),
    )

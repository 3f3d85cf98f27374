"""Applications: the list with what is due first, one application, its evidence, and a decision on paper."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import render_template, request
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app import evidence as files
from app import timeline
from app.casework import dossier
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.web import actor, municipality_id, open_to, reading, writing
from core import audit, dates
from core.actor import Role
from core.database import fetch
from providers.models import Accreditation, Evidence, Provider
from providers.queries import reviewing


@portal.route("/applications")
@open_to(Role.INSPECTOR, Role.SECRETARY, Role.GUIDE)
def applications() -> str:
    """Applications that wait, what is due first on top; or those in one state."""
    state = request.args.get("state", "")
    with reading() as session:
        counts = reviewing.counts(session, municipality_id())
        rows = reviewing.applications(session, municipality_id(), state)
        titles = Titles(session)
        services = {row.accreditation_id: titles.service(row.rulebook_id, row.service) for row in rows}
        mine = reviewing.conflicts_of(session, municipality_id(), actor().account_id)
    return render_template(
        "casework/applications.html",
        rows=rows,
        services=services,
        kundval={row.rulebook_id: titles.kundval(row.rulebook_id) for row in rows},
        conflicts=mine,
        counts=counts,
        waiting=sum(counts[code] for code in reviewing.WAITING_STATES),
        states=[code for code in reviewing.LISTED_STATES if counts[code]],
        state=state if state in reviewing.LISTED_STATES else "",
        opens=actor().has(Role.INSPECTOR, Role.SECRETARY),
        today=dates.today(),
    )


@portal.route("/applications/<int:accreditation_id>")
@open_to(Role.INSPECTOR, Role.SECRETARY)
def application(accreditation_id: int) -> str:
    """One application: what to do now, each condition with what is shown and found, and all that happened."""
    today = dates.today()
    with reading() as session:
        told = dossier.opened(session, accreditation_id)
        entries = timeline.of_accreditation(session, municipality_id(), accreditation_id)
        return render_template(
            "casework/application.html",
            **dossier.context(told, today),
            **names_of(session, told),
            step=dossier.next_step(told, today),
            hindrances=told.hindrances(),
            me=actor().account_id,
            is_inspector=actor().has(Role.INSPECTOR),
            history=timeline.tell(session, municipality_id(), entries),
        )


def names_of(session: Session, told: dossier.Dossier) -> dict[str, str]:
    """What the kundval and the service are called, in the reader's language."""
    title = told.rulebook.title_en if str(get_locale()) == "en" else told.rulebook.title_sv
    return {
        "kundval": title,
        "service": Titles(session).service(told.rulebook.id, told.accreditation.service),
    }


@portal.route("/evidence/<int:evidence_id>")
@open_to(Role.INSPECTOR, Role.SECRETARY)
def evidence(evidence_id: int) -> FileResponse:
    """The file that an applicant has shown, as an attachment. Each reading is noted."""
    with reading() as session:
        found = fetch(session, Evidence, municipality_id(), evidence_id)
        dossier.entered(session, found.accreditation_id)
    answer = files.download(found)
    with writing() as session:
        audit.record(session, "evidence.read", found, by=actor(), accreditation=found.accreditation_id)
    return answer


@portal.route("/decisions/<int:decision_id>")
@open_to(Role.INSPECTOR, Role.SECRETARY, Role.CHAIR)
def decision(decision_id: int) -> str:
    """A decision about an accreditation, to read and to print: what, who, when, why, and how to appeal."""
    with reading() as session:
        row = reviewing.decision(session, municipality_id(), decision_id)
        accreditation = fetch(session, Accreditation, municipality_id(), row.accreditation_id)
        return render_template(
            "casework/decision.html",
            row=row,
            accreditation=accreditation,
            provider=fetch(session, Provider, municipality_id(), accreditation.provider_id),
            service=Titles(session).service(accreditation.rulebook_id, accreditation.service),
            opens=actor().has(Role.INSPECTOR, Role.SECRETARY) and accreditation.submitted_at is not None,
        )

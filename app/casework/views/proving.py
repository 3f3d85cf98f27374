"""How a result is proved: each look at a source, the employer's own word, overrides and their end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import evidence as files
from app.casework import gate
from app.casework.proof_forms import AskForm, LookForm, OverrideForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.timeline import check_title
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import audit, dates
from core.actor import Role
from vouchers import actions
from vouchers.models import Check, Outcome
from vouchers.queries import case as one
from vouchers.queries import employers, proof
from vouchers.queries.case import Head
from vouchers.queries.terms import terms_of
from vouchers.rules import proving
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class Case:
    """A dated case as its pages know it."""

    check: Check
    outcome: Outcome
    head: Head
    terms: Terms
    service: str

    @property
    def title(self) -> str:
        """What the case is called."""
        return check_title(self.check.purpose, self.check.part)

    @property
    def context(self) -> dict[str, Any]:
        """What every template of it needs."""
        return {
            "head": self.head,
            "participant": self.head.participant,
            "check": self.check,
            "outcome": self.outcome,
            "title": self.title,
            "service": self.service,
            "today": dates.today(),
        }


def opened(check_id: int, page: str) -> Case:
    """The case, for those who may know the person; who reads of a protected one is noted."""
    with reading() as session:
        check, outcome = one.check(session, municipality_id(), check_id)
        head = one.head(session, municipality_id(), check.voucher_id)
    gate.enter(head.participant, head.guide, page)
    with reading() as session:
        terms = terms_of(session, municipality_id(), head.rulebook.id)
        return Case(check, outcome, head, terms, Titles(session).of(head))


def _back(check_id: int) -> Response:
    return redirect(url_for("casework.check", check_id=check_id))


@portal.route("/checks/<int:check_id>/look", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
@files.takes_files
def look(check_id: int) -> tuple[str, int] | Response:
    """Note what a named source said, with the file if one came."""
    case = opened(check_id, "look")
    with reading() as session:
        shown_so_far = proof.evidence(session, municipality_id(), case.outcome.id)
    form = LookForm.of(case.terms.sources, shown_so_far)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                _noted(session, case, form)
            flash(_("Kontrollen är antecknad."), "success")
            return _back(check_id)
    return shown(
        "casework/look.html",
        form,
        largest_mb=files.LARGEST_FILE // 1_000_000,
        accepted=files.ACCEPTED,
        evidence=shown_so_far,
        **case.context,
    )


def _noted(session: Session, case: Case, form: LookForm) -> None:
    evidence_id = form.evidence_id
    if form.stored is not None:
        kept = actions.add_outcome_evidence(
            session, case.outcome.id, form.source.data, form.stored, by=actor(), at=dates.now()
        )
        evidence_id = kept.id
    actions.look_at_source(
        session,
        case.check.id,
        form.source.data,
        form.found.data,
        note=form.note.data or "",
        evidence_id=evidence_id,
        by=actor(),
        today=dates.today(),
    )


@portal.route("/outcome-evidence/<int:evidence_id>")
@open_to(Role.GUIDE, Role.INSPECTOR)
def outcome_evidence_file(evidence_id: int) -> FileResponse:
    """A file that was put with a result; that it was read is noted."""
    with reading() as session:
        row, outcome = proof.evidence_file(session, municipality_id(), evidence_id)
        head = one.head(session, municipality_id(), outcome.voucher_id)
    gate.enter(head.participant, head.guide, "outcome_evidence")
    answer = files.download(row)
    with writing() as session:
        audit.record(session, "outcome.evidence_read", outcome, by=actor(), digest=row.digest)
    return answer


@portal.route("/checks/<int:check_id>/employer", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def ask_employer(check_id: int) -> tuple[str, int] | Response:
    """A link by which the employer itself says whether what was claimed is so."""
    case, today = opened(check_id, "ask_employer"), dates.today()
    form = AskForm(employer=case.outcome.employer_name)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                asked = actions.Asked(form.employer.data or "", form.email.data or "")
                actions.ask_employer(session, check_id, asked, by=actor(), at=dates.now())
            flash(_("Länken är gjord. Skicka den till arbetsgivaren."), "success")
            return redirect(url_for("casework.ask_employer", check_id=check_id))
    with reading() as session:
        link = employers.link(session, municipality_id(), check_id, today)
    return shown(
        "casework/ask_employer.html",
        form,
        link=link,
        address=url_for("public.employer", code=link.code, _external=True) if link and link.code else None,
        valid_to=proving.link_ends(today, case.terms.proof),
        **case.context,
    )


@portal.route("/checks/<int:check_id>/override", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def override(check_id: int) -> tuple[str, int] | Response:
    """Decide past the sources, with reasons and to a day."""
    case, today = opened(check_id, "override"), dates.today()
    latest = proving.override_latest(today, case.terms.proof)
    form = OverrideForm.of(latest)
    if form.validate_on_submit() and form.until_on.data:
        passes = form.answer.data == "pass"
        with refused(form):
            with writing() as session:
                decided = actions.OverrideForm(
                    passes=passes,
                    reasons=form.reasons.data or "",
                    until_on=form.until_on.data,
                    refusal_code=None if passes else form.code.data,
                )
                actions.override_check(session, check_id, decided, by=actor(), today=today)
            flash(_("Undantaget är beslutat. Det ska prövas igen när det slutar."), "success")
            return _back(check_id)
    with reading() as session:
        standing = proof.override(session, municipality_id(), check_id)
    return shown("casework/override.html", form, latest=latest, standing=standing, **case.context)


@portal.route("/overrides")
@open_to(Role.GUIDE, Role.INSPECTOR)
def overrides() -> str:
    """Every override that stands; those whose end has passed are to be looked at again."""
    today = dates.today()
    with reading() as session:
        rows = proof.overrides(session, municipality_id(), viewer_id=actor().account_id)
    return render_template(
        "casework/overrides.html",
        over=[row for row in rows if proving.is_over(row.until_on, today)],
        standing=[row for row in rows if not proving.is_over(row.until_on, today)],
        check_title=check_title,
        today=today,
    )

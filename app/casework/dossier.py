"""Everything about one application, for the pages that show, review and decide it; and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, make_response, render_template
from sqlalchemy.orm import Session

from app.web import actor, municipality_id, sentence
from core.actor import Role
from core.database import Rows, fetch
from core.refusal import Missing, Refusal
from core.rulebooks import Rulebook
from providers.actions.deciding import open_proposal
from providers.models import (
    Accreditation,
    Contact,
    Evidence,
    Judgement,
    Proposal,
    Provider,
    Reviewer,
    Supplement,
)
from providers.queries import applying as asked
from providers.queries import reviewing
from providers.queries.terms import accreditation_terms
from providers.rules import accreditation as life
from providers.rules.conditions import Application, Condition
from providers.rules.reviewing import Verdicts, awaits_answer, may_propose, unjudged

OUTCOMES = ("accredit", "refuse", "dismiss")
DECISION_OF = {"accredit": "accredited", "refuse": "refused", "dismiss": "dismissed"}


@dataclass(frozen=True)
class Dossier:
    """One application and all that has been said about it. `names` are accounts' names by id."""

    accreditation: Accreditation
    provider: Provider
    rulebook: Rulebook
    application: Application
    conditions: tuple[Condition, ...]
    contacts: Sequence[Contact]
    sites: Rows
    evidence: Mapping[str, list[Evidence]]
    judgements: Mapping[str, dict[int, Judgement]]
    reviewers: Sequence[Reviewer]
    supplements: Sequence[Supplement]
    proposal: Proposal | None
    sent_back: Rows
    decisions: Rows
    names: Mapping[int, str]

    @property
    def verdicts(self) -> Verdicts:
        """Condition → reviewer → verdict."""
        return {
            code: {who: one.verdict for who, one in rows.items()} for code, rows in self.judgements.items()
        }

    @property
    def unjudged(self) -> list[str]:
        """Conditions that too few have judged."""
        return unjudged(self.verdicts, self.conditions, self.application.reviewers)

    @property
    def question(self) -> Supplement | None:
        """The newest question to the applicant, while it waits for its answer."""
        if self.accreditation.state != "supplement_requested":
            return None
        return next((one for one in reversed(self.supplements) if one.answered_on is None), None)

    @property
    def decide_by(self) -> date | None:
        """The last day to decide by the rulebook; None when it is decided."""
        if self.accreditation.state not in reviewing.WAITING_STATES:
            return None
        return asked.decide_by(self.accreditation.applied_on, self.application.decision_days)

    def declared(self, account_id: int) -> bool:
        """Whether the person has answered the question about conflict of interest."""
        return any(one.account_id == account_id for one in self.reviewers)

    def left_for(self, account_id: int) -> list[str]:
        """Conditions that the person has not judged."""
        return [one.code for one in self.conditions if account_id not in self.judgements.get(one.code, {})]

    def is_stale(self, judgement: Judgement) -> bool:
        """Whether something newer has been shown since the judgement. Ids grow with time."""
        shown = self.evidence.get(judgement.condition)
        return shown is not None and shown[0].id > judgement.id

    def stale_for(self, account_id: int) -> list[str]:
        """Conditions that the person judged before the newest evidence came."""
        return [
            code
            for code, rows in self.judgements.items()
            if account_id in rows and self.is_stale(rows[account_id])
        ]

    def is_hidden(self, code: str, account_id: int) -> bool:
        """Whether others' findings wait to be shown until this reviewer has made up their own mind."""
        return (
            self.accreditation.state == "under_review"
            and actor().has(Role.INSPECTOR)
            and bool(self.unjudged)
            and account_id not in self.judgements.get(code, {})
        )

    def hindrances(self) -> dict[str, str]:
        """Why a proposal cannot be made now, in a sentence; what can be proposed is not in the answer."""
        found: dict[str, str] = {}
        for kind in OUTCOMES:
            try:
                may_propose(kind, self.verdicts, self.conditions, self.application.reviewers)
            except Refusal as refusal:
                found[kind] = sentence(refusal)
        return found


def entered(session: Session, accreditation_id: int) -> Accreditation:
    """The application, for staff who may handle it.

    A draft is not there yet. Who has declared a conflict of interest meets a page that says so.
    """
    found = fetch(session, Accreditation, municipality_id(), accreditation_id)
    if found.submitted_at is None:
        raise Missing()
    said = asked.declaration(session, found, actor().account_id)
    if said is not None and said.has_conflict:
        page = render_template("casework/application_conflict.html", declared_on=said.declared_on)
        abort(make_response(page, 403))
    return found


def opened(session: Session, accreditation_id: int) -> Dossier:
    """All about the application, in a fixed number of queries."""
    found = entered(session, accreditation_id)
    terms = accreditation_terms(session, municipality_id(), found.rulebook_id)
    if terms.application is None:
        raise Missing()
    judgements = asked.judgements(session, found)
    reviewers, supplements = asked.reviewers(session, found), asked.supplements(session, found)
    proposal, sent_back = open_proposal(session, found), reviewing.lapsed_proposals(session, found)
    whose = {one.account_id for one in reviewers}
    whose |= {who for one in supplements for who in (one.asked_by, one.answered_by) if who}
    whose |= {one.made_by for one in (*sent_back, *([proposal] if proposal else []))}
    return Dossier(
        accreditation=found,
        provider=fetch(session, Provider, municipality_id(), found.provider_id),
        rulebook=fetch(session, Rulebook, municipality_id(), found.rulebook_id),
        application=terms.application,
        conditions=terms.conditions(found.service),
        contacts=asked.contacts(session, municipality_id(), found.provider_id),
        sites=reviewing.sites(session, municipality_id(), found.provider_id),
        evidence=asked.evidence(session, found),
        judgements=judgements,
        reviewers=reviewers,
        supplements=supplements,
        proposal=proposal,
        sent_back=sent_back,
        decisions=reviewing.decisions(session, municipality_id(), found.id),
        names=reviewing.people(session, municipality_id(), whose),
    )


@dataclass(frozen=True)
class Next:
    """What the reader can do now. `code` is what the page says; `condition` is where to judge first."""

    code: str
    condition: str | None = None
    count: int = 0


def next_step(told: Dossier, today: date) -> Next:
    """The one thing to do now, for whoever reads."""
    by, state = actor(), told.accreditation.state
    if state == "proposed" and told.proposal:
        return Next("own_proposal" if told.proposal.made_by == by.account_id else "decide")
    if state not in reviewing.WAITING_STATES:
        return Next("decided")
    if awaits_answer(state, told.question.due_on if told.question else None, today):
        return Next("await_answer")
    if not by.has(Role.INSPECTOR):
        return Next("await_review")
    if life.can(state, "take_up"):
        return Next("answer_is_late" if state == "supplement_requested" else "take_up")
    return _in_review(told, by.account_id)


def _in_review(told: Dossier, reviewer_id: int) -> Next:
    if not told.declared(reviewer_id):
        return Next("declare")
    mine = [code for code in told.left_for(reviewer_id) if code in told.unjudged]
    mine += told.stale_for(reviewer_id)
    if mine:
        return Next("judge", mine[0], len(mine))
    return Next("await_colleague", None, len(told.unjudged)) if told.unjudged else Next("propose")


def context(told: Dossier, today: date, **more: Any) -> dict[str, Any]:
    """What every page about an application shows."""
    return {
        "told": told,
        "accreditation": told.accreditation,
        "provider": told.provider,
        "today": today,
        **more,
    }

"""What somebody has typed of a report and not handed in: kept as typed, and gone when it is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.refusal import Refusal
from vouchers.actions.choices import own_leg
from vouchers.models import ReportDraft

LARGEST = 60_000
"""Characters of a whole draft; twice what all fields of the longest report may hold together."""


def save_draft(
    session: Session,
    leg_id: int,
    kind: str,
    about: str | int,
    content: Mapping[str, object],
    *,
    by: Actor,
    at: datetime,
) -> ReportDraft:
    """Keep what has been typed, unchecked, in place of what was kept before. Colleagues share a draft.

    `content` is text or lists of texts by field; `about` tells drafts of one kind apart.
    """
    leg = own_leg(session, leg_id, by)
    if sum(len(str(value)) for value in content.values()) > LARGEST:
        raise Refusal("draft_too_long", "Utkastet är för långt. Korta texterna och spara igen.", status=422)
    draft = _draft(session, leg.id, kind, about, by)
    if draft is None:
        draft = ReportDraft(municipality_id=by.municipality_id, leg_id=leg.id, kind=kind, about=str(about))
        session.add(draft)
    draft.content = dict(content)
    draft.saved_by, draft.saved_at = by.account_id, at
    session.flush()
    audit.record(session, "report_draft.saved", draft, by=by, report=kind)
    return draft


def forget_draft(session: Session, leg_id: int, kind: str, about: str | int, *, by: Actor) -> None:
    """Throw a draft away. Where there is none nothing happens, and nothing is recorded."""
    leg = own_leg(session, leg_id, by)
    draft = _draft(session, leg.id, kind, about, by)
    if draft is None:
        return
    session.delete(draft)
    audit.record(session, "report_draft.forgotten", draft, by=by, report=kind)


def _draft(session: Session, leg_id: int, kind: str, about: str | int, by: Actor) -> ReportDraft | None:
    return session.scalar(
        select(ReportDraft).where(
            ReportDraft.municipality_id == by.municipality_id,
            ReportDraft.leg_id == leg_id,
            ReportDraft.kind == kind,
            ReportDraft.about == str(about),
        )
    )


def drop_draft(session: Session, municipality_id: int, leg_id: int, kind: str, about: str | int) -> None:
    """Forget the draft of what has been handed in; the action that handed it in is what is recorded."""
    session.execute(
        delete(ReportDraft).where(
            ReportDraft.municipality_id == municipality_id,
            ReportDraft.leg_id == leg_id,
            ReportDraft.kind == kind,
            ReportDraft.about == str(about),
        )
    )

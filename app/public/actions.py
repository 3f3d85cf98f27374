"""What a visitor can do: say what they think."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.public.models import Feedback
from core import audit
from core.actor import Actor
from core.refusal import Refusal


@dataclass(frozen=True)
class FeedbackForm:
    """What somebody thinks, about which page, and where to answer if they want an answer."""

    text: str
    page: str = ""
    contact: str | None = None


def send_feedback(session: Session, form: FeedbackForm, *, by: Actor, at: datetime) -> Feedback:
    """Store it, and nothing of who wrote it but what they write themselves."""
    if not form.text.strip():
        raise Refusal("feedback_empty", "Skriv vad du tycker.", status=422)
    feedback = Feedback(
        municipality_id=by.municipality_id,
        sent_at=at,
        page=form.page.strip()[:200],
        text=form.text.strip(),
        contact=(form.contact or "").strip()[:320] or None,
    )
    session.add(feedback)
    audit.record(session, "feedback.sent", feedback, by=by)
    return feedback

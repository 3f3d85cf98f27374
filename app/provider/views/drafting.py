"""What the month's report and the written ones have in common: what stands in the form, and its draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from app.declared import DeclaredForm
from app.web import actor, refused, writing
from core import dates
from core.refusal import Refusal
from vouchers import actions
from vouchers.queries.written import Draft


def wants_draft() -> bool:
    """Whether the button that was pressed keeps a draft, or forgets one."""
    return request.method == "POST" and ("draft" in request.form or "forget" in request.form)


def keep(form: DeclaredForm, leg_id: int, kind: str, about: str | int, refusal: Refusal | None) -> bool:
    """Keep what has been typed, unchecked, or forget it; False when a refusal stands in the form.

    What can never be handed in (`refusal`) is not kept either.
    """
    before = len(form.form_errors)
    with refused(form):
        if refusal is not None:
            raise refusal
        with writing() as session:
            if "forget" in request.form:
                actions.forget_draft(session, leg_id, kind, about, by=actor())
            else:
                content = form.kept()
                actions.save_draft(session, leg_id, kind, about, content, by=actor(), at=dates.now())
        if "forget" in request.form:
            flash(_("Utkastet är borttaget."), "success")
        else:
            flash(_("Utkastet är sparat. Det är inte inskickat än."), "success")
    return len(form.form_errors) == before


def fresh(draft: Draft | None, here: Any) -> Draft | None:
    """The draft, unless the report came back (`here`) after it was saved: then that is what is mended."""
    if draft is None or here is None or here.judged_on is None:
        return draft
    return draft if dates.day_of(draft.saved_at) >= here.judged_on else None


def typed(content: Mapping[str, object]) -> dict[str, Any]:
    """A draft's answers, as they were typed, without the empty ones."""
    return {name: value for name, value in content.items() if value not in ("", None, [])}

"""What waits, in words: one line with where to go and how long it has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext

from app import words
from app.timeline import check_title
from core.dates import working_days_left
from vouchers.rules.waiting import Wait

_l = lazy_gettext

GROUPS = {
    "call": _l("Att ringa"),
    "reports": _l("Rapporter att granska"),
    "checks": _l("Resultat att pröva"),
    "late": _l("Sena"),
    "step": _l("Utan nästa steg"),
}
ABOUT = {
    "call": _l("Tiden att välja tar slut eller har gått ut, eller anordnaren har slutat."),
    "reports": _l("Anordnaren har lämnat in. Du godkänner eller skickar tillbaka."),
    "checks": _l("Dagen för prövning har kommit."),
    "late": _l("En start eller en rapport från anordnaren har dröjt."),
    "step": _l("Inget nästa steg är bestämt."),
}
KINDS = {"take_over": "danger", "window_passed": "danger", "start_late": "danger", "report_missing": "danger"}


@dataclass(frozen=True)
class Line:
    """One thing that waits. `href` is None when there is no page where it is done."""

    text: str
    when: str
    href: str | None
    kind: str
    group: str


def line(wait: Wait, today: date, *, participant_id: int) -> Line:
    """The wait as a line."""
    ours = wait.group in ("reports", "checks", "step") or wait.kind == "take_over"
    return Line(
        text=_text(wait),
        when=waited(wait.on, today) if ours else words.left(wait.on, today),
        href=_href(wait, participant_id),
        kind=KINDS.get(wait.kind, "warning"),
        group=wait.group,
    )


def waited(since: date, today: date) -> str:
    """väntat 4 arbetsdagar."""
    count = working_days_left(today, since) if since <= today else 0
    if count == 0:
        return gettext("sedan i dag") if since == today else gettext("sedan %(day)s", day=words.day(since))
    return ngettext("väntat %(num)s arbetsdag", "väntat %(num)s arbetsdagar", count)


def _text(wait: Wait) -> str:
    what = check_title(wait.purpose or "result", wait.part or 1)
    month = words.month(wait.month) if wait.month else ""
    return str(_TEXTS[wait.kind]) % {"month": month, "what": what[:1].lower() + what[1:]}


_TEXTS = {
    "take_over": _l("Ring: anordnaren slutade, ta över"),
    "window_passed": _l("Ring: tiden att välja har gått ut"),
    "window_soon": _l("Ring: har inte valt anordnare"),
    "report_to_judge": _l("Granska rapporten för %(month)s"),
    "check_due": _l("Pröva: %(what)s"),
    "start_late": _l("Insatsen skulle ha startat"),
    "report_missing": _l("Rapporten för %(month)s saknas"),
    "next_step_passed": _l("Nästa steg har passerat"),
    "decision_missing": _l("Besluta om insats"),
}


def _href(wait: Wait, participant_id: int) -> str | None:
    if wait.kind == "report_to_judge":
        return url_for("casework.report", report_id=wait.subject_id)
    if wait.kind == "check_due":
        return url_for("casework.check", check_id=wait.subject_id)
    if wait.kind == "decision_missing":
        return url_for("casework.decide", participant_id=participant_id)
    return None

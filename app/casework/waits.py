"""What waits, in words: one line with where to go and how long it has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext

from app import words
from app.timeline import check_title
from core.dates import working_days_left
from vouchers.rules.waiting import Wait

_l = lazy_gettext

GROUPS = {
    "call": _l("Att ringa eller svara"),
    "reports": _l("Rapporter att granska"),
    "attendance": _l("Närvaro att pröva"),
    "checks": _l("Resultat att pröva"),
    "late": _l("Sena"),
    "step": _l("Utan nästa steg"),
}
ABOUT = {
    "call": _l("Någon har skrivit, tiden att välja tar slut, eller anordnaren har slutat."),
    "reports": _l("Anordnaren har lämnat in. Du godkänner eller skickar tillbaka."),
    "attendance": _l("En person säger emot anordnaren, eller en frånvaro är inte bedömd."),
    "checks": _l("Dagen för prövning har kommit."),
    "late": _l("En start eller en rapport från anordnaren har dröjt."),
    "step": _l("Inget nästa steg är bestämt."),
}
KINDS = {
    "take_over": "danger",
    "window_passed": "danger",
    "answer_late": "danger",
    "start_late": "danger",
    "report_missing": "danger",
}


@dataclass(frozen=True)
class Line:
    """One thing that waits. `href` is None when there is no page where it is done."""

    text: str
    when: str
    href: str | None
    kind: str
    group: str


def line(wait: Wait, today: date, *, participant_id: int, voucher_id: int | None = None) -> Line:
    """The wait as a line."""
    is_late = wait.kind == "message_to_answer" and wait.on < today
    ours = wait.group in ("reports", "attendance", "checks", "step") or wait.kind in (
        "take_over",
        "none_suits",
    )
    return Line(
        text=_text(wait),
        when=waited(wait.on, today) if ours else words.left(wait.on, today),
        href=_href(wait, participant_id, voucher_id),
        kind="danger" if is_late else KINDS.get(wait.kind, "warning"),
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
    report = words.word(wait.purpose or "", "written")
    return str(_TEXTS[wait.kind]) % {
        "month": month,
        "what": what[:1].lower() + what[1:],
        "report": report[:1].lower() + report[1:],
    }


_TEXTS = {
    "none_suits": _l("Ring: ingen anordnare passar"),
    "take_over": _l("Ring: anordnaren slutade, ta över"),
    "message_to_answer": _l("Svara på meddelandet"),
    "window_passed": _l("Ring: tiden att välja har gått ut"),
    "window_soon": _l("Ring: har inte valt anordnare"),
    "reminded": _l("Ring: är påmind, har inte valt"),
    "report_to_judge": _l("Granska rapporten för %(month)s"),
    "written_to_judge": _l("Granska: %(report)s"),
    "contest_to_judge": _l("Pröva: personen säger emot"),
    "deviation_to_judge": _l("Bedöm frånvaron"),
    "check_due": _l("Pröva: %(what)s"),
    "override_over": _l("Undantaget har slutat. Pröva igen: %(what)s"),
    "answer_late": _l("Anordnaren har inte svarat"),
    "start_late": _l("Insatsen skulle ha startat"),
    "report_missing": _l("Rapporten för %(month)s saknas"),
    "next_step_missing": _l("Bestäm nästa steg"),
    "decision_missing": _l("Besluta om insats"),
}


def _href(wait: Wait, participant_id: int, voucher_id: int | None) -> str | None:
    if wait.kind not in _WHERE:
        return None
    endpoint, name = _WHERE[wait.kind]
    ids: dict[str, Any] = {"participant_id": participant_id, "voucher_id": voucher_id}
    return url_for(endpoint, **{name: ids.get(name, wait.subject_id)})


_WHERE = {
    "none_suits": ("casework.none_suits", "voucher_id"),
    "report_to_judge": ("casework.report", "report_id"),
    "check_due": ("casework.check", "check_id"),
    "override_over": ("casework.check", "check_id"),
    "written_to_judge": ("casework.written", "report_id"),
    "contest_to_judge": ("casework.contest", "answer_id"),
    "deviation_to_judge": ("casework.deviation", "deviation_id"),
    "next_step_missing": ("casework.plan", "participant_id"),
    "decision_missing": ("casework.decide", "participant_id"),
    "message_to_answer": ("casework.message", "participant_id"),
}
"""Where each kind is seen to, and which id the address names."""

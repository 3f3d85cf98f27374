"""How dates, money and codes are said, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, gettext, lazy_gettext, ngettext

from core import dates, money

_l = lazy_gettext

WORDS = {
    "voucher.choice_open": _l("Dags att välja"),
    "voucher.chosen": _l("Valt"),
    "voucher.assigned": _l("Tilldelad"),
    "voucher.received": _l("Mottagen"),
    "voucher.active": _l("Pågår"),
    "voucher.paused": _l("Paus"),
    "voucher.ended": _l("Avslutad"),
    "voucher.closed": _l("Stängd"),
    "voucher.revoked": _l("Återkallad"),
    "voucher.lapsed": _l("Förfallen"),
    "report.draft": _l("Utkast"),
    "report.submitted": _l("Väntar på granskning"),
    "report.returned": _l("Behöver kompletteras"),
    "report.approved": _l("Godkänd"),
    "report.withdrawn": _l("Tillbakatagen"),
    "outcome.claimed": _l("Anmält"),
    "outcome.verified": _l("Verifierat"),
    "outcome.rejected": _l("Inte godkänt"),
    "outcome.withdrawn": _l("Tillbakataget"),
    "check.due": _l("Ska prövas"),
    "check.passed": _l("Godkänd"),
    "check.failed": _l("Inte godkänd"),
    "check.withdrawn": _l("Tillbakatagen"),
    "purpose.result": _l("Resultat"),
    "purpose.bonus": _l("Bonus efter sex månader"),
    "kind.work": _l("Arbete"),
    "kind.studies": _l("Studier"),
    "kind.own_business": _l("Eget företag"),
    "kind.next_step": _l("Steget till matchande insats"),
    "reason.work": _l("Arbete"),
    "reason.studies": _l("Studier"),
    "reason.own_business": _l("Eget företag"),
    "reason.next_step": _l("Gick vidare till nästa insats"),
    "reason.other_measure": _l("Annan insats"),
    "reason.moved": _l("Flyttade"),
    "reason.interrupted": _l("Avbröt"),
    "reason.time_out": _l("Tiden tog slut"),
    "source.employment_contract": _l("Anställningsbevis"),
    "source.payslip": _l("Lönespecifikation"),
    "source.study_certificate": _l("Studieintyg"),
    "source.company_registration": _l("Registreringsbevis för företag"),
    "source.decision": _l("Beslut om nästa insats"),
    "refusal.no_evidence": _l("Underlag saknas"),
    "refusal.evidence_does_not_fit": _l("Underlaget stämmer inte"),
    "refusal.ended_too_early": _l("Slutade för tidigt"),
    "refusal.not_a_result": _l("Räknas inte som resultat"),
    "refusal.too_late": _l("För sent anmält"),
    "batch.draft": _l("Utkast"),
    "batch.frozen": _l("Väntar på första underskriften"),
    "batch.reviewed": _l("Väntar på andra underskriften"),
    "batch.approved": _l("Klar att skicka"),
    "batch.sent": _l("Skickad, väntar på banken"),
    "batch.accepted": _l("Banken har godkänt"),
    "batch.partly_rejected": _l("Banken har nekat någon betalning"),
    "batch.settled": _l("Klar"),
    "batch.void": _l("Stoppad"),
    "answer.accepted": _l("Godkänd av banken"),
    "answer.rejected": _l("Nekad av banken"),
    "answer.pending": _l("Banken har inte svarat"),
    "component.base": _l("Grundersättning"),
    "component.result": _l("Resultatersättning"),
    "component.bonus": _l("Bonus"),
    "legal_form.private": _l("Privat företag"),
    "legal_form.idea_based": _l("Idéburen organisation"),
    "legal_form.municipal": _l("Kommunens egen verksamhet"),
    "role.seeker": _l("Arbetssökande"),
    "role.provider_coach": _l("Handledare hos anordnare"),
    "role.provider_manager": _l("Chef hos anordnare"),
    "role.career_guide": _l("Karriärvägledare"),
    "role.inspector": _l("Granskare"),
    "role.finance_maker": _l("Ekonom, gör utbetalningar"),
    "role.finance_signer": _l("Ekonom, skriver under"),
    "role.board_secretary": _l("Nämndsekreterare"),
    "role.administrator": _l("Administratör"),
    "accreditation.submitted": _l("Inskickad"),
    "accreditation.under_review": _l("Granskas"),
    "accreditation.proposed": _l("Förslag till beslut"),
    "accreditation.active": _l("Tar emot"),
    "accreditation.intake_stopped": _l("Intagsstopp"),
    "accreditation.winding_down": _l("Avvecklas"),
    "accreditation.closed": _l("Stängd"),
}
KINDS = {
    "success": {"voucher.active", "report.approved", "outcome.verified", "check.passed", "batch.accepted",
                "batch.settled", "answer.accepted", "accreditation.active"},
    "warning": {"voucher.choice_open", "report.submitted", "report.returned", "check.due", "outcome.claimed",
                "batch.frozen", "batch.reviewed", "batch.approved", "answer.pending"},
    "danger": {"check.failed", "outcome.rejected", "batch.partly_rejected", "answer.rejected",
               "voucher.revoked"},
    "info": {"voucher.chosen", "voucher.received", "voucher.assigned", "batch.sent"},
}  # fmt: skip
LANGUAGES = {
    "sv": _l("svenska"),
    "en": _l("engelska"),
    "ar": _l("arabiska"),
    "so": _l("somaliska"),
    "fa": _l("persiska"),
    "uk": _l("ukrainska"),
    "es": _l("spanska"),
    "fi": _l("finska"),
    "tr": _l("turkiska"),
    "ti": _l("tigrinja"),
}


def word(code: str, family: str) -> str:
    """A stored code in words: ("work", "kind") → Arbete. An unknown code is shown as it is."""
    return str(WORDS.get(f"{family}.{code}", code))


def kind(code: str, family: str) -> str:
    """The colour family of a status tag: neutral, info, success, warning or danger."""
    return next((name for name, codes in KINDS.items() if f"{family}.{code}" in codes), "neutral")


def day(value: date) -> str:
    """fredag 27 november 2026, without the year when it is this year."""
    year = "" if value.year == dates.today().year else " y"
    return str(format_date(value, f"EEEE d MMMM{year}"))


def month(value: date) -> str:
    """oktober 2026."""
    return str(format_date(value, "MMMM y"))


def moment(value: datetime) -> str:
    """fredag 27 november 2026 kl. 14.05, Swedish time."""
    local = value.astimezone(dates.HOME)
    return gettext("%(day)s kl. %(time)s", day=day(local.date()), time=local.strftime("%H.%M"))


def left(until: date, today: date) -> str:
    """3 arbetsdagar kvar, i dag, or 2 arbetsdagar sen."""
    count = dates.working_days_left(until, today)
    if until == today:
        return gettext("i dag")
    if until < today:
        return ngettext("%(num)s arbetsdag sen", "%(num)s arbetsdagar sen", max(-count, 1))
    return ngettext("%(num)s arbetsdag kvar", "%(num)s arbetsdagar kvar", count)


def deadline(until: date, today: date) -> str:
    """senast fredag 27 november (3 arbetsdagar kvar)."""
    return gettext("senast %(day)s (%(left)s)", day=day(until), left=left(until, today))


def amount(ore: int) -> str:
    """3 686 kr, never broken over two lines."""
    return money.kronor(ore)


def language(code: str) -> str:
    """A language's name."""
    return str(LANGUAGES.get(code, code))


def giro(number: str, account_kind: str) -> str:
    """A bankgiro as 123-4567 or 5012-3456, a plusgiro as 12345-6."""
    cut = -1 if account_kind == "plusgiro" else -4
    return f"{number[:cut]}-{number[cut:]}"


def prepare(app: Flask) -> None:
    """Make the words available as filters in templates."""
    for filter_ in (word, kind, day, month, moment, left, deadline, language, giro):
        app.add_template_filter(filter_, filter_.__name__)
    app.add_template_filter(amount, "money")

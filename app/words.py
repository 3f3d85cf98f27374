"""How dates, money and codes are said, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
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
    "reason.provider_ended": _l("Anordnaren slutade"),
    "reason.switched": _l("Bytte anordnare"),
    "reason.revoked": _l("Beslutet återkallades"),
    "pause.sick": _l("Sjuk"),
    "pause.parental_leave": _l("Föräldraledig"),
    "pause.care_of_child": _l("Vård av barn"),
    "pause.other": _l("Annat skäl"),
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
    "role.board_chair": _l("Nämndens ordförande"),
    "role.administrator": _l("Administratör"),
    "accreditation.draft": _l("Utkast"),
    "accreditation.submitted": _l("Inskickad"),
    "accreditation.supplement_requested": _l("Ska kompletteras"),
    "accreditation.under_review": _l("Granskas"),
    "accreditation.proposed": _l("Förslag till beslut"),
    "accreditation.refused": _l("Avslag"),
    "accreditation.dismissed": _l("Avvisad"),
    "accreditation.active": _l("Tar emot"),
    "accreditation.intake_stopped": _l("Intagsstopp"),
    "accreditation.warned": _l("Varnad"),
    "accreditation.dormant": _l("Vilande, ingen väljer"),
    "accreditation.revocation_proposed": _l("Förslag om återkallelse"),
    "accreditation.provisionally_revoked": _l("Tillfälligt återkallad"),
    "accreditation.reaccreditation_due": _l("Ska ansöka på nytt"),
    "accreditation.revoked": _l("Återkallad"),
    "accreditation.expired": _l("Upphörd"),
    "accreditation.withdrawn": _l("Utträdd"),
    "accreditation.winding_down": _l("Avvecklas"),
    "accreditation.closed": _l("Stängd"),
    "decision.accredited": _l("Auktorisation"),
    "decision.refused": _l("Avslag"),
    "decision.dismissed": _l("Avvisning"),
    "decision.warned": _l("Varning"),
    "decision.warning_lifted": _l("Varningen hävs"),
    "decision.penalty": _l("Vite"),
    "decision.provisionally_revoked": _l("Tillfällig återkallelse"),
    "decision.lifted": _l("Den tillfälliga återkallelsen hävs"),
    "decision.kept": _l("Auktorisationen står kvar"),
    "decision.revoked": _l("Återkallelse"),
    "decision.reaccreditation_called_off": _l("Ny ansökan behövs inte"),
    "decision.expired": _l("Auktorisationen upphör"),
    "decision.withdrawn": _l("Utträde på egen begäran"),
    "decision.intake_stopped": _l("Intagsstopp"),
    "decision.intake_opened": _l("Intaget öppnas"),
    "decision.closed": _l("Avvecklingen är klar"),
    "body.delegate": _l("Tjänsteperson på nämndens delegation"),
    "body.chair": _l("Nämndens ordförande"),
    "body.board": _l("Nämnden"),
    "body.provider": _l("Anordnaren själv"),
    "proposal.accredit": _l("Auktorisera"),
    "proposal.refuse": _l("Avslå ansökan"),
    "proposal.dismiss": _l("Avvisa ansökan"),
    "proposal.revoke": _l("Återkalla auktorisationen"),
    "proposal.expire": _l("Låta auktorisationen upphöra"),
    "end_reason.conditions_not_met": _l("Villkoren är inte uppfyllda"),
    "end_reason.false_information": _l("Felaktiga uppgifter"),
    "end_reason.result_review": _l("Låga resultat vid resultatgranskning"),
    "end_reason.plan_not_followed": _l("Åtgärdsplanen följdes inte"),
    "end_reason.no_customers": _l("Inga deltagare på tolv månader"),
    "end_reason.own_request": _l("Egen begäran"),
    "end_reason.merger": _l("Sammanslagning"),
    "end_reason.renewed": _l("Ersatt av en ny auktorisation"),
    "end_reason.not_renewed": _l("Ansökte inte på nytt i tid"),
    "end_reason.bankruptcy": _l("Konkurs"),
    "end_reason.entered_in_error": _l("Inlagd av misstag"),
    "end_reason.kundval_ended": _l("Kundvalet har upphört"),
    "end_family.own_fault": _l("Anordnaren har brustit"),
    "end_family.neutral": _l("Ingen har brustit"),
    "end_family.administrative": _l("Av administrativa skäl"),
    "verdict.met": _l("Uppfyllt"),
    "verdict.not_met": _l("Inte uppfyllt"),
    "verdict.unclear": _l("Oklart"),
    "control.document": _l("Handlingar"),
    "control.register": _l("Uppgift i ett register"),
    "control.interview": _l("Samtal"),
    "control.visit": _l("Besök"),
    "control.statement": _l("Anordnarens försäkran"),
    "controlled.document": _l("Kommunen läser det ni lämnar."),
    "controlled.register": _l("Kommunen jämför med ett offentligt register."),
    "controlled.interview": _l("Kommunen går igenom det i ett samtal med er."),
    "controlled.visit": _l("Kommunen kommer på besök."),
    "controlled.statement": _l("Kommunen läser det ni försäkrar."),
    "evidence.file": _l("En fil"),
    "evidence.statement": _l("En beskrivning"),
    "appeal.legality_review": _l("Laglighetsprövning"),
    "appeal.court_correction": _l("Ansökan om rättelse i domstol"),
    "appeal.none": _l("Går inte att överklaga"),
    "decline_needs.no_places": _l("Går bara när intaget är stoppat, eller alla platser är tagna av andra."),
    "decline_needs.few_days_left": _l("Går bara när det är få dagar kvar av insatsen."),
    "decline_needs.conflict_of_interest": _l(
        "Någon hos er är närstående, eller har ett eget intresse i saken."
    ),
    "declined.no_places": _l("De har ingen ledig plats."),
    "declined.few_days_left": _l("Det är för få dagar kvar av din insats."),
    "declined.conflict_of_interest": _l(
        "Någon hos dem känner dig eller har ett eget intresse. Då får de inte hjälpa dig."
    ),
    "told.contact": _l("hur de når dig"),
    "told.assessment": _l("vad du och kommunen kom fram till"),
    "told.plan": _l("din plan"),
    "non_choice.nearest": _l("Närmast"),
    "non_choice.rotation": _l("På tur"),
    "non_choice.own_run": _l("Kommunens egen"),
    "non_choice.by_hand": _l("Valt för hand"),
    "left_out.chosen": _l("Har valt själv"),
    "left_out.full": _l("Anordnaren är full eller tar inte emot"),
    "left_out.protected": _l("Har fått skyddade uppgifter, placeras inte efter avstånd"),
    "left_out.no_longer": _l("Står inte på tur längre"),
    "stopper.provider": _l("Anordnaren"),
    "stopper.municipality": _l("Kommunen"),
    "winding_plan.choose_again": _l("Väljer på nytt"),
    "winding_plan.stay": _l("Stannar till en bestämd dag"),
    "winding_plan.municipal_care": _l("Kommunen tar över"),
    "accessibility.step_free": _l("Går att komma in utan trappsteg"),
    "accessibility.accessible_toilet": _l("Tillgänglig toalett"),
    "accessibility.hearing_loop": _l("Hörslinga"),
    "accessibility.sign_language": _l("Svenskt teckenspråk"),
    "accessibility.easy_swedish": _l("Lätt svenska"),
    "accessibility.remote": _l("Möten på distans"),
    "bank.waiting": _l("Väntar på samtal"),
    "bank.called": _l("Väntar på godkännande"),
    "bank.approved": _l("Godkänt"),
    "bank.refused": _l("Avvisat"),
    "bank.withdrawn": _l("Tillbakataget"),
    "register.accredited": _l("Auktoriserad"),
    "register.not_yet": _l("Börjar gälla senare"),
    "register.provisionally_revoked": _l("Tillfälligt återkallad"),
    "register.ending": _l("Upphör"),
    "register.ended": _l("Har upphört"),
    "intake.open": _l("Tar emot"),
    "intake.stopped": _l("Intagsstopp"),
    "intake.full": _l("Fullt"),
    "intake.closed": _l("Tar inte emot"),
    "party.participant": _l("Personen själv"),
    "party.municipality": _l("Kommunen"),
    "party.provider": _l("Anordnaren"),
    "party.employment_service": _l("Arbetsförmedlingen"),
    "party.insurance_agency": _l("Försäkringskassan"),
    "party.region": _l("Regionen (vården)"),
    "party.school": _l("Skolan"),
    "meeting.assessment": _l("Möte om bedömning"),
    "meeting.follow_up": _l("Uppföljning"),
    "meeting.three_party": _l("Trepartssamtal"),
    "shared.contact": _l("Kontaktuppgifterna"),
    "shared.assessment": _l("Bedömningen"),
    "shared.plan": _l("Planen"),
    "shared.reports": _l("Rapporterna"),
    "shared.results": _l("Resultaten"),
    "shared_about.contact": _l("Telefon, e-post och adress."),
    "shared_about.assessment": _l("Vilken hjälp som passade, och när ni kom fram till det."),
    "shared_about.plan": _l("Målet, och vem som gör vad."),
    "shared_about.reports": _l("Vad anordnaren skriver varje månad."),
    "shared_about.results": _l("Arbete eller studier som det har lett till."),
    "studies.none": _l("Inga studier samtidigt"),
    "studies.sfi": _l("Svenska för invandrare (sfi)"),
    "studies.adult_education": _l("Komvux, vuxenutbildning"),
    "state_check.none_fits": _l("Ingen av statens insatser passar nu"),
    "state_check.waits": _l("Personen väntar på en av statens insatser"),
    "state_check.combined": _l("Förenas med en av statens insatser"),
    "state_check.refused_by_state": _l("Arbetsförmedlingen har sagt nej"),
    "notice.no_customers": _l("Inga deltagare på länge"),
    "notice.evidence_ends": _l("Ett underlag slutar gälla"),
    "notice.evidence_ended": _l("Ett underlag har slutat gälla"),
    "notice.reaccreditation": _l("Nya villkor: ansök på nytt"),
    "notice.result_review": _l("Låga resultat"),
}
KINDS = {
    "success": {"voucher.active", "report.approved", "outcome.verified", "check.passed", "batch.accepted",
                "batch.settled", "answer.accepted", "accreditation.active", "decision.accredited",
                "decision.kept", "decision.lifted", "decision.warning_lifted", "verdict.met",
                "bank.approved", "register.accredited", "intake.open"},
    "warning": {"voucher.choice_open", "report.submitted", "report.returned", "check.due", "outcome.claimed",
                "batch.frozen", "batch.reviewed", "batch.approved", "answer.pending",
                "accreditation.submitted", "accreditation.supplement_requested", "accreditation.proposed",
                "accreditation.intake_stopped", "accreditation.warned", "accreditation.dormant",
                "accreditation.reaccreditation_due", "accreditation.winding_down", "decision.warned",
                "decision.penalty", "decision.intake_stopped", "verdict.unclear",
                "bank.waiting", "bank.called"},
    "danger": {"check.failed", "outcome.rejected", "batch.partly_rejected", "answer.rejected",
               "voucher.revoked", "accreditation.refused", "accreditation.dismissed", "accreditation.revoked",
               "accreditation.revocation_proposed", "accreditation.provisionally_revoked",
               "decision.refused", "decision.dismissed", "decision.revoked",
               "decision.provisionally_revoked", "verdict.not_met", "bank.refused",
               "register.provisionally_revoked"},
    "info": {"voucher.chosen", "voucher.received", "voucher.assigned", "batch.sent",
             "accreditation.under_review", "register.not_yet"},
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


def paper_day(value: date) -> str:
    """fredag 27 november 2026: for what lies in a drawer."""
    return str(format_date(value, "EEEE d MMMM y"))


def date_alone(value: date) -> str:
    """27 november 2026: for tables, and for days long ago."""
    return str(format_date(value, "d MMMM y"))


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


def masked(number: str, account_kind: str) -> str:
    """The last four digits of a giro number, the last two of a short one: •••-0077."""
    kept = 4 if len(number) > 5 else 2
    return giro("•" * (len(number) - kept) + number[-kept:], account_kind)


def title_of(code: str, titles: Mapping[str, str]) -> str:
    """A rulebook's code in the rulebook's words; one it no longer has is shown as it is."""
    return titles.get(code, code)


def begin(text: str) -> str:
    """The text with a capital first, the rest as it is: wednesday 22 July → Wednesday 22 July."""
    return text[:1].upper() + text[1:]


def prepare(app: Flask) -> None:
    """Make the words available as filters in templates."""
    said = (
        word,
        kind,
        day,
        paper_day,
        date_alone,
        month,
        moment,
        left,
        deadline,
        language,
        giro,
        masked,
        begin,
        title_of,
    )
    for filter_ in said:
        app.add_template_filter(filter_, filter_.__name__)
    app.add_template_filter(amount, "money")

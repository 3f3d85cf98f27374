"""What the API gives back: people, what has been told of them, results; whole, or a page of many."""

from __future__ import annotations

import functools
from typing import Any

import marshmallow as ma
from marshmallow import fields as ma_fields

from app.api.models import SCOPES
from app.api.schemas import KEY, N_, Told
from vouchers.models import PURPOSES
from vouchers.rules import fields as declared
from vouchers.rules.states import CHECK_STATES, OUTCOME_STATES, REPORT_STATES, VOUCHER_STATES
from vouchers.rules.told import DEVIATION_STATES, RELATIONS, SAID, VERDICTS, VIA, WRITTEN_KINDS


def key(text: str) -> ma_fields.String:
    """An id: a whole number as text, since it is larger than the whole numbers JavaScript keeps exactly."""
    return ma_fields.String(
        required=True, metadata={"description": text, "pattern": KEY, "examples": ["128403919872"]}
    )


def day(text: str, *, nullable: bool = False) -> ma_fields.Date:
    """A day."""
    return ma_fields.Date(required=True, allow_none=nullable, metadata={"description": text})


def moment(text: str, *, nullable: bool = False) -> ma_fields.AwareDateTime:
    """A moment in UTC."""
    return ma_fields.AwareDateTime(
        format="iso", required=True, allow_none=nullable, metadata={"description": text}
    )


def word(text: str, words: tuple[str, ...], *, nullable: bool = False) -> ma_fields.String:
    """One of some words."""
    # Said by hand, for a None that the schema's own list of words would not hold.
    listed = [*words, None] if nullable else list(words)
    return ma_fields.String(
        required=True, allow_none=nullable, metadata={"description": text, "enum": listed}
    )


def text(about: str, *, nullable: bool = False) -> ma_fields.String:
    """A text."""
    return ma_fields.String(required=True, allow_none=nullable, metadata={"description": about})


def flag(about: str) -> ma_fields.Boolean:
    """Yes or no."""
    return ma_fields.Boolean(required=True, metadata={"description": about})


def whole(about: str) -> ma_fields.Integer:
    """A whole number."""
    return ma_fields.Integer(required=True, metadata={"description": about})


UPDATED = N_("Ändrades senast; null för det som är äldre än API:et")
PARTICIPANT = N_("Vem det gäller: deltagarens id")


class Key(ma.Schema):
    """Whose key this is."""

    provider = text(N_("Anordnarens namn"))
    organisation_number = text(N_("Organisationsnummer"))
    name = text(N_("Vad nyckeln heter"))
    scopes = ma_fields.List(
        ma_fields.String(metadata={"enum": list(SCOPES)}),
        required=True,
        metadata={"description": N_("Vad nyckeln får göra")},
    )
    ends_on = day(N_("Nyckelns sista dag"))


class Receipt(ma.Schema):
    """What became of what was sent. What was written is read where it lies."""

    id = key(N_("Dess id"))
    state = text(N_("Hur det står till"), nullable=True)
    is_late = ma_fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": N_("Om det kom för sent; null där det inte finns")},
    )


class Participant(ma.Schema):
    """A person's time with the provider."""

    id = key(N_("Deltagarens id hos er. Byter personen anordnare och kommer tillbaka blir det ett nytt."))
    name = text(N_("Namnet; null i listor för den som har skyddade uppgifter"), nullable=True)
    is_protected = flag(N_("Skyddade personuppgifter. Hämta personen för sig; det antecknas."))
    state = word(N_("Hur det står till"), VOUCHER_STATES)
    service = text(N_("Insatsen, med regelverkets ord"))
    level = text(N_("Nivån"))
    chosen_on = day(N_("Dagen då ni valdes"))
    start_by = day(N_("Sista dag att starta"))
    accepted_on = day(N_("Dagen då ni tog emot"), nullable=True)
    started_on = day(N_("Första dagen"), nullable=True)
    ended_on = day(N_("Sista dagen"), nullable=True)
    end_reason = text(N_("Varför det tog slut"), nullable=True)
    updated_at = moment(UPDATED, nullable=True)


class Titled(ma.Schema):
    """A code of the rulebook, in words."""

    code = text(N_("Ordet att skicka"))
    title = text(N_("Vad det betyder"))


class ParticipantWhole(Participant):
    """A person's time with the provider, with the words that the rulebook takes."""

    answer_by = day(N_("Sista dag att svara ja eller nej"))
    paused_from = day(N_("Första dagen i pausen som pågår"), nullable=True)
    activities = ma_fields.List(
        ma_fields.Nested(Titled), required=True, metadata={"description": N_("Aktiviteter att rapportera")}
    )
    decline_reasons = ma_fields.List(
        ma_fields.Nested(Titled), required=True, metadata={"description": N_("Skäl att tacka nej")}
    )
    outcomes = ma_fields.List(
        ma_fields.String(), required=True, metadata={"description": N_("Resultat som insatsen kan leda till")}
    )


class _OfLeg(ma.Schema):
    id = key(N_("Dess id"))
    participant = key(PARTICIPANT)


class _Sent(ma.Schema):
    via = word(N_("Hur det kom in"), VIA)
    updated_at = moment(UPDATED, nullable=True)


class _Judged(_Sent):
    state = word(N_("Hur det står till"), REPORT_STATES)
    submitted_on = day(N_("Dagen då det kom in"))
    is_late = flag(N_("Om det kom för sent"))
    judged_on = day(N_("Dagen då kommunen granskade"), nullable=True)


class _Words(ma.Schema):
    comment = text(N_("Vad kommunen vill ha ändrat"))


class _Monthly(_Judged):
    attendance = word(
        N_("Vad personen säger om närvaron: confirmed, contested, eller hur det avgjordes"),
        (*SAID, *VERDICTS),
        nullable=True,
    )


class _WrittenState(_Judged):
    kind = word(N_("Vilken sorts rapport"), WRITTEN_KINDS)
    about_on = day(N_("Dagen den handlar om"))
    due_on = day(N_("Sista dag att lämna den"), nullable=True)


class _WrittenWhole(_WrittenState, _Words):
    content = ma_fields.Dict(
        keys=ma_fields.String(),
        required=True,
        metadata={"description": N_("Svaren, med samma ord som när rapporten skickades")},
    )


class _DeviationState(_Sent):
    state = word(N_("Hur det står till"), DEVIATION_STATES)
    reported_on = day(N_("Dagen då det kom in"))
    is_late = flag(N_("Om det kom för sent"))


class _OccasionState(_Sent):
    withdrawn_on = day(N_("Dagen då det togs tillbaka"), nullable=True)


class Outcome(_OfLeg, _Sent):
    """A result as it was claimed, and how it stands."""

    kind = text(N_("Vad personen började med"))
    state = word(N_("Hur det står till"), OUTCOME_STATES)
    starts_on = day(N_("Första dagen i det nya"))
    ends_on = day(N_("Sista dagen, om anställningen har en"), nullable=True)
    extent_percent = whole(N_("Hur mycket av heltid, i procent"))
    subsidised = flag(N_("Anställningen har stöd från staten"))
    municipal = flag(N_("Kommunen är arbetsgivaren"))
    related = word(N_("Arbetsgivaren är ni själva (own) eller hör till er (group)"), RELATIONS, nullable=True)
    claimed_on = day(N_("Dagen då resultatet anmäldes"))


class OutcomeWhole(Outcome):
    """A result with where it is; a list does not say it, for the sake of those who are protected."""

    employer_number = text(N_("Arbetsgivarens organisationsnummer"), nullable=True)
    employer_name = text(N_("Arbetsgivarens namn"), nullable=True)


class Check(_OfLeg):
    """One dated case of a result: its first part, its second, or the bonus."""

    outcome = key(N_("Resultatet det gäller"))
    purpose = word(N_("Resultat eller bonus"), PURPOSES)
    part = whole(N_("Vilken del"))
    due_on = day(N_("Dagen då det prövas"))
    state = word(N_("Hur det står till"), CHECK_STATES)
    refusal_code = text(N_("Varför det inte godkändes"), nullable=True)
    judged_on = day(N_("Dagen då kommunen prövade"), nullable=True)
    answer_by = day(N_("Sista dag att svara på uppföljningen"), nullable=True)
    answer = word(N_("Vad ni har svarat"), ("still", "ended"), nullable=True)
    last_on = day(N_("Sista dagen, om det är slut"), nullable=True)
    updated_at = moment(UPDATED, nullable=True)


def _told(kind: str, *, words: bool) -> dict[str, Any]:
    """The declared fields of a kind of report. Without `words` those that may say something about a person's
    life: a list has none, since reading them about somebody protected is noted one by one."""
    return {
        field.name: Told(field) for field in declared.of(kind) if words or field.kind not in ("words", "text")
    }


def _made(name: str, *bases: type[ma.Schema], **members: Any) -> type[ma.Schema]:
    return type(name, bases, members)


Report = _made("Report", _OfLeg, _Monthly, **_told("monthly", words=False))
ReportWhole = _made("ReportWhole", _OfLeg, _Monthly, _Words, **_told("monthly", words=True))
Written = _made("WrittenReport", _OfLeg, _WrittenState)
WrittenWhole = _made("WrittenReportWhole", _OfLeg, _WrittenWhole)
Deviation = _made("Deviation", _OfLeg, _DeviationState, **_told("deviation", words=False))
DeviationWhole = _made("DeviationWhole", _OfLeg, _DeviationState, **_told("deviation", words=True))
Occasion = _made("Occasion", _OfLeg, _OccasionState, **_told("occasion", words=True))


@functools.cache
def page_of(shape: type[ma.Schema]) -> type[ma.Schema]:
    """A page of many."""
    return _made(
        f"{shape.__name__}Page",
        ma.Schema,
        items=ma_fields.List(ma_fields.Nested(shape), required=True),
        next=ma_fields.String(
            required=True,
            allow_none=True,
            metadata={"description": N_("Ge det som after för nästa sida; null på den sista")},
        ),
        as_of=moment(N_("Ge det som updated_since nästa gång, så missas inget")),
    )

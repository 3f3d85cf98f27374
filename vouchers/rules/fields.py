"""What a report asks for, declared once: a form, a file's column and an API's property come from here. Pure.

`of(kind, terms)` gives the fields; `read` makes a value of what came through any door, or refuses it with a
sentence. What several fields must say together is for the rule of that report.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from core.refusal import Refusal
from vouchers.rules.deviations import contradictions
from vouchers.rules.terms import Terms
from vouchers.rules.told import ABSENCES, AGAINST_PLAN, OCCASION_KINDS
from vouchers.rules.words import Titled

MOST_MINUTES = 31 * 24 * 60
LONGEST = 4_000
KINDS = ("whole", "text", "words", "day", "month", "time", "choice", "choices", "flag")
YES, NO = ("ja", "yes", "true", "sant", "1", "x"), ("nej", "no", "false", "falskt", "0", "")
SPACES = " \u00a0\u202f\t\r\n"
UNSEEN = ("Cc", "Cs", "Co", "Cn")
"""Control characters and what is no character; a database may refuse to keep them."""
BARE = ("Cc", "Cf", "Zl", "Zp", "Zs")


def N_(text: str) -> str:  # noqa: N802  # the name that translators' tools look for
    """Mark a Swedish text for translation; what shows it looks it up."""
    return text


@dataclass(frozen=True)
class Field:
    """One thing a report asks for.

    `title` and `help` are Swedish texts that doors translate. `least` and `most` bound a whole number;
    `most` is the length of a text. `options` are the codes of a choice; `named` gives their words where the
    rulebook has them. A `time` is minutes after midnight, written 09:30; a whole number whose `unit` is
    minutes may be written 21:30 as well.
    """

    name: str
    kind: str
    title: str
    help: str = ""
    needed: bool = True
    least: int = 0
    most: int = LONGEST
    options: tuple[str, ...] = ()
    named: tuple[Titled, ...] = ()
    default: object = None
    unit: str = ""


PROGRESS = Field(
    "progress",
    "words",
    N_("Hur har det gått?"),
    N_("Två eller tre meningar räcker. Skriv inget om hälsa."),
)
NEXT_STEP = Field("next_step", "words", N_("Vad är nästa steg?"))
NEXT_STEP_ON = Field("next_step_on", "day", N_("När ska nästa steg vara gjort?"))

IN_MINUTES = N_("I minuter, eller som 21:30.")

MONTHLY = (
    Field("month", "month", N_("Månad"), N_("Till exempel 2026-11")),
    Field("activities", "choices", N_("Vad har ni gjort?")),
    Field("booked_minutes", "whole", N_("Inbokad tid"), IN_MINUTES, most=MOST_MINUTES, unit="minutes"),
    Field(
        "activity_minutes",
        "whole",
        N_("Tid som personen var med"),
        IN_MINUTES,
        most=MOST_MINUTES,
        unit="minutes",
    ),
    Field("physical_minutes", "whole", N_("Varav på plats"), IN_MINUTES, most=MOST_MINUTES, unit="minutes"),
    Field("meetings", "whole", N_("Möten"), most=500),
    Field("physical_meetings", "whole", N_("Varav fysiska möten"), most=500),
    Field("against_plan", "choice", N_("Hur går det mot planen?"), options=AGAINST_PLAN),
    PROGRESS,
    NEXT_STEP,
    NEXT_STEP_ON,
)
JOINT_PLAN = (
    Field("met_on", "day", N_("Vilken dag gjorde ni planen tillsammans?")),
    Field("goal", "words", N_("Vad vill personen nå?")),
    Field("activities", "choices", N_("Vad ska ni göra?")),
    Field("minutes_a_week", "whole", N_("Minuter i veckan"), least=1, most=2_400),
    Field("adapted", "words", N_("Vad behöver anpassas?"), needed=False),
    NEXT_STEP,
    NEXT_STEP_ON,
)
INFORMATIVE = (
    Field("happened_on", "day", N_("Vilken dag hände det?")),
    Field("what", "words", N_("Vad behöver kommunen veta?")),
    Field("proposal", "words", N_("Vad föreslår ni?"), needed=False),
)
FINAL = (
    Field("ended_on", "day", N_("Vilken var sista dagen?")),
    Field("done", "words", N_("Vad har ni gjort tillsammans?")),
    Field("reached", "words", N_("Vad har personen nått?")),
    Field("remains", "words", N_("Vad återstår, och vem tar vid?")),
)
DEVIATION = (
    Field("happened_on", "day", N_("Dag")),
    Field("activity", "text", N_("Möte eller aktivitet"), most=200),
    Field("expected_from", "time", N_("Skulle börja")),
    Field("expected_to", "time", N_("Skulle sluta")),
    Field("absent_from", "time", N_("Borta från")),
    Field("absent_to", "time", N_("Borta till")),
    Field("reason", "choice", N_("Vad sade personen att det berodde på?"), options=ABSENCES),
    Field(
        "words", "words", N_("Mer om frånvaron"), N_("Skriv inget om sjukdomar."), needed=False, most=1_000
    ),
)
OCCASION = (
    Field("held_on", "day", N_("Dag")),
    Field("started", "time", N_("Började")),
    Field("kind", "choice", N_("Vad var det?"), options=OCCASION_KINDS),
    Field("is_physical", "flag", N_("På plats, inte på distans")),
    Field("minutes", "whole", N_("Minuter"), least=1, most=1_440),
)
DECLARED: Mapping[str, tuple[Field, ...]] = {
    "monthly": MONTHLY,
    "joint_plan": JOINT_PLAN,
    "informative": INFORMATIVE,
    "final": FINAL,
    "deviation": DEVIATION,
    "occasion": OCCASION,
}


def of(kind: str, terms: Terms | None = None) -> tuple[Field, ...]:
    """The fields of a kind of report, with the rulebook's own options where `terms` are given.

    Without a rulebook's list of activities the field is not asked for.
    """
    found = []
    for field in DECLARED[kind]:
        if field.name == "activities" and terms is not None:
            named = terms.reports.activities if terms.reports else ()
            if not named:
                continue
            field = replace(field, options=tuple(one.code for one in named), named=named)  # noqa: PLW2901  # the same field, with its options
        found.append(field)
    return tuple(found)


def read(field: Field, raw: object) -> Any:
    """The value: int, str, date, tuple of codes, bool; None for what need not be answered and is not.

    `raw` is what a form, a cell or JSON gave. Raises Refusal (422) whose params name nothing that was typed.
    """
    if isinstance(raw, str):
        raw = _plain(raw)
    if raw is None or raw in ("", [], ()):
        if field.default is not None:
            return field.default
        if field.kind == "flag":
            return False
        if field.needed:
            raise Refusal("field_missing", "Det här behöver fyllas i.", status=422)
        return "" if field.kind in ("text", "words") else None
    return READERS[field.kind](field, raw)


def _plain(text: str) -> str:
    """Without what cannot be seen and without space around; nothing where there is nothing to see."""
    if text.isprintable():
        return text.strip(SPACES)
    kept = (letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in UNSEEN)
    found = "".join(kept).strip(SPACES)
    # Some scripts join letters with marks that have no width, so they stay in a text that says something.
    return found if any(unicodedata.category(letter) not in BARE for letter in found) else ""


WHOLE = re.compile(r"-?[0-9]{1,12}(?:[.,]0{1,12})?")
HOURS = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::00)?")


def _whole(field: Field, raw: object) -> int:
    number: int | None = None
    if isinstance(raw, int) and not isinstance(raw, bool):
        number = raw
    elif isinstance(raw, float) and math.isfinite(raw) and raw == int(raw):
        number = int(raw)
    elif isinstance(raw, str):
        tight = raw.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
        if WHOLE.fullmatch(tight):
            number = int(re.split("[.,]", tight)[0])
        elif field.unit == "minutes" and (match := HOURS.fullmatch(tight)):
            number = int(match[1]) * 60 + int(match[2])
    elif isinstance(raw, timedelta | time) and field.unit == "minutes":
        number = _cell_minutes(raw)
    if number is None:
        raise Refusal("number_wrong", "Skriv ett helt tal med siffror, till exempel 4.", status=422)
    if not field.least <= number <= field.most:
        if field.unit == "minutes" and not field.least:
            hours = field.most // 60
            raise Refusal(
                "number_outside", "Skriv en tid från 0 till {hours} timmar.", status=422, hours=hours
            )
        raise Refusal(
            "number_outside",
            "Skriv ett tal från {least} till {most}.",
            status=422,
            least=field.least,
            most=field.most,
        )
    return number


def _cell_minutes(raw: timedelta | time) -> int:
    """A sheet's own hours and minutes."""
    return round(raw.total_seconds() / 60) if isinstance(raw, timedelta) else raw.hour * 60 + raw.minute


def _text(field: Field, raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Refusal("text_wrong", "Skriv en text.", status=422)
    text = raw if isinstance(raw, str) else str(raw)
    if len(text) > field.most:
        raise Refusal("text_long", "Skriv högst {most} tecken.", status=422, most=field.most)
    return text


ISO_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
ISO_MONTH = re.compile(r"([0-9]{4})-?([0-9]{2})")
CLOCK = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::00)?")
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _day(_field: Field, raw: object) -> date:
    found: date | None = None
    if isinstance(raw, datetime):
        found = raw.date()
    elif isinstance(raw, date):
        found = raw
    elif isinstance(raw, str) and (match := ISO_DAY.fullmatch(raw)):
        found = _date(int(match[1]), int(match[2]), int(match[3]))
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Refusal("day_wrong", "Skriv en dag, till exempel 2026-11-27.", status=422)
    return found


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(field: Field, raw: object) -> date:
    if isinstance(raw, float) and math.isfinite(raw):
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if isinstance(raw, str) and (match := ISO_MONTH.fullmatch(raw)):
        found = _date(int(match[1]), int(match[2]), 1)
        if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
    try:
        return _day(field, raw).replace(day=1)
    except Refusal:
        raise Refusal("month_wrong", "Skriv en månad, till exempel 2026-11.", status=422) from None


def _time(_field: Field, raw: object) -> int:
    if isinstance(raw, datetime | time):
        return raw.hour * 60 + raw.minute
    if isinstance(raw, str) and (match := CLOCK.fullmatch(raw)):
        hours, minutes = int(match[1]), int(match[2])
        if minutes < 60 and hours * 60 + minutes <= 1_440:
            return hours * 60 + minutes
    raise Refusal("time_wrong", "Skriv ett klockslag, till exempel 09:30.", status=422)


def _choice(field: Field, raw: object) -> str:
    if isinstance(raw, str) and raw in field.options:
        return raw
    raise Refusal("choice_wrong", "Välj ett av svaren som finns.", status=422)


def _choices(field: Field, raw: object) -> tuple[str, ...]:
    parts = re.split(r"[\s,;]+", raw.strip(" ,;")) if isinstance(raw, str) else raw
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise Refusal("choice_wrong", "Välj ett av svaren som finns.", status=422)
    if any(part not in field.options for part in parts):
        raise Refusal("choice_wrong", "Välj ett av svaren som finns.", status=422)
    return tuple(option for option in field.options if option in parts)


def _flag(_field: Field, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().casefold() if isinstance(raw, str | int) else "?"
    if word in YES or word in NO:
        return word in YES
    raise Refusal("flag_wrong", "Svara ja eller nej.", status=422)


READERS = {
    "whole": _whole,
    "text": _text,
    "words": _text,
    "day": _day,
    "month": _month,
    "time": _time,
    "choice": _choice,
    "choices": _choices,
    "flag": _flag,
}


def read_all(
    kind: str, raw: Mapping[str, object], terms: Terms | None
) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """(values, faults) of a whole report of that kind, both by field.

    A door shows every fault at once. What several fields must say together is looked at when each is well
    alone. Keys of `raw` that no field knows are not looked at here; a door refuses them itself.
    """
    values: dict[str, Any] = {}
    faults: dict[str, Refusal] = {}
    for field in of(kind, terms):
        try:
            values[field.name] = read(field, raw.get(field.name))
        except Refusal as refusal:
            faults[field.name] = refusal
    return values, faults or together(kind, values, terms)


def together(kind: str, values: Mapping[str, Any], terms: Terms | None) -> dict[str, Refusal]:
    """What the fields of a report contradict each other in, by the field to change. Each is well alone."""
    return TOGETHER[kind](values, terms) if kind in TOGETHER else {}


def _month_together(values: Mapping[str, Any], _terms: Terms | None) -> dict[str, Refusal]:
    faults = {}
    if values["physical_meetings"] > values["meetings"]:
        faults["physical_meetings"] = Refusal(
            "meetings_wrong", "Fysiska möten kan inte vara fler än alla möten.", status=422
        )
    if values["activity_minutes"] > max(values["booked_minutes"], 0):
        faults["activity_minutes"] = Refusal(
            "attended_more_than_booked", "Tiden kan inte vara längre än den som var inbokad.", status=422
        )
    if values["physical_minutes"] > values["activity_minutes"]:
        faults["physical_minutes"] = Refusal(
            "physical_more_than_all", "Tiden på plats kan inte vara längre än all tid.", status=422
        )
    if values["next_step_on"] < values["month"]:
        faults["next_step_on"] = Refusal(
            "next_step_past", "Nästa steg måste ha en dag som inte ligger före månaden.", status=422
        )
    return faults


def _plan_together(values: Mapping[str, Any], _terms: Terms | None) -> dict[str, Refusal]:
    if values["next_step_on"] >= values["met_on"]:
        return {}
    return {
        "next_step_on": Refusal(
            "next_step_past", "Nästa steg måste ha en dag som inte ligger före planen.", status=422
        )
    }


TOGETHER = {"monthly": _month_together, "joint_plan": _plan_together, "deviation": contradictions}

"""A person's way in sentences: the next step and its day, and what has happened so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from app import words
from vouchers.queries.way import LedTo, Said, Stay, Way


@dataclass(frozen=True)
class Step:
    """What to do or wait for now. `is_deadline` says whether `on` is a last day or just the day."""

    title: str
    text: str
    on: date | None = None
    is_deadline: bool = False
    href: str | None = None
    action: str | None = None


def next_step(way: Way, guide: str, today: date) -> Step:
    """The one thing that comes next on this way."""
    stay = way.leg
    if way.state == "choice_open":
        return _choose(way, guide, today)
    if stay is None or way.state in ("revoked", "lapsed"):
        return Step(_("Prata med %(guide)s", guide=guide), _("Insatsen gäller inte längre."))
    if way.state in ("chosen", "assigned", "received"):
        return _before(way, stay)
    if way.state == "paused":
        return Step(_("Insatsen har paus"), _("Prata med %(guide)s när du vill börja igen.", guide=guide))
    return _agreed(way, stay, today) if way.state == "active" else _afterwards(way)


def _before(way: Way, stay: Stay) -> Step:
    who = stay.provider_name
    if way.state == "received":
        title, text = _("Börja hos %(who)s", who=who), _("De har sagt ja. Ni bestämmer en dag tillsammans.")
    else:
        title = _("%(who)s svarar dig", who=who)
        text = _("De har fått ditt val och hör av sig till dig. Det här är sista dagen att börja.")
    return Step(title, text, stay.start_by, is_deadline=True)


def _choose(way: Way, guide: str, today: date) -> Step:
    if today > way.choose_by:
        return Step(
            _("Prata med %(guide)s", guide=guide),
            _("Tiden för att välja gick ut %(day)s. Ni hjälps åt med valet.", day=words.day(way.choose_by)),
        )
    last = way.legs[-1] if way.legs else None
    text = _("Jämför dem i lugn och ro. Du kan byta senare.")
    if last and last.declined_on:
        text = _("%(who)s kunde inte ta emot dig. Välj någon annan.", who=last.provider_name)
    elif last and last.ended_on:
        text = _("%(who)s har slutat ta emot. Du har rätt att välja någon annan.", who=last.provider_name)
    return Step(
        _("Välj vem som ska hjälpa dig"),
        text,
        way.choose_by,
        is_deadline=True,
        href=url_for("public.compare"),
        action=_("Jämför och välj"),
    )


def _agreed(way: Way, stay: Stay, today: date) -> Step:
    who, then = stay.provider_name, _then(stay)
    living = [said for said in way.said if said.state != "withdrawn"]
    if living and living[-1].next_step_on >= today:
        return Step(living[-1].next_step, _("Det har du och %(who)s kommit överens om.", who=who) + then,
                    living[-1].next_step_on)  # fmt: skip
    return Step(
        _("Bestäm nästa steg med %(who)s", who=who),
        _("Fråga på nästa möte vad ni ska göra härnäst. Det skrivs in här varje månad.") + then,
    )


def _then(stay: Stay) -> str:
    """That the provider stops, and when, for somebody who stays there for a time."""
    if stay.stays_to is None:
        return ""
    told = _("Anordnaren slutar. Du kan gå kvar till och med %(day)s.", day=words.day(stay.stays_to))
    return " " + told + " " + _("Din karriärvägledare hör av sig före dess.")


def _afterwards(way: Way) -> Step:
    waiting = next((result for result in way.led_to if result.check_state == "due"), None)
    if waiting and waiting.purpose == "bonus":
        return Step(
            _("Insatsen är klar"),
            _("Kommunen frågar hur det har gått efter sex månader. Du behöver inte göra något nu."),
            waiting.due_on,
        )
    if waiting:
        return Step(
            _("Kommunen kontrollerar resultatet"),
            _("Spara ditt anställningsbevis eller antagningsbesked. Någon kan fråga efter det."),
        )
    return Step(_("Insatsen är klar"), _("Här finns allt kvar som har hänt."))


@dataclass(frozen=True)
class Event:
    """Something that happened, in a sentence."""

    on: date
    text: str
    by: str = ""
    note: str = ""


def history(ways: list[Way], locale: str) -> list[dict[str, str]]:
    """All that has happened, the newest first, as the timeline takes it."""
    events = [event for way in ways for event in _of_way(way, locale)]
    ordered = [pair[1] for pair in sorted(enumerate(events), key=lambda pair: (pair[1].on, pair[0]))]
    return [
        {"when": words.day(event.on), "text": event.text, "by": event.by, "note": event.note}
        for event in reversed(ordered)
    ]


def _of_way(way: Way, locale: str) -> list[Event]:
    events = [
        Event(
            way.decided_on,
            _("Du fick en insats: %(title)s.", title=way.service.title(locale)),
            by=way.decided_by,
            note=way.reasons,
        )
    ]
    for stay in way.legs:
        events += _of_stay(stay)
        for said in way.said:
            events += _of_report(said, stay) if said.leg_id == stay.id else []
        if stay.ended_on:
            reason = words.word(stay.end_reason or "", "reason")
            events.append(
                Event(
                    stay.ended_on,
                    _("Du slutade hos %(who)s. Skäl: %(why)s.", who=stay.provider_name, why=reason.lower()),
                )
            )
        events += [
            event for result in way.led_to if result.leg_id == stay.id for event in _of_result(result, stay)
        ]
    return events


def _of_stay(stay: Stay) -> list[Event]:
    who = stay.provider_name
    chosen = {
        "own": _("Du valde %(who)s.", who=who),
        "assisted": _("Du valde %(who)s tillsammans med din karriärvägledare.", who=who),
    }.get(stay.how, _("Du fick %(who)s, eftersom inget val gjordes.", who=who))
    told = [
        (stay.chosen_on, chosen),
        (stay.accepted_on, _("%(who)s sa ja.", who=who)),
        (stay.declined_on, _("%(who)s kunde inte ta emot dig.", who=who)),
        (stay.started_on, _("Du började hos %(who)s.", who=who)),
    ]
    return [Event(on, text) for on, text in told if on]


def _of_report(said: Said, stay: Stay) -> list[Event]:
    month = words.month(said.month)
    events = [
        Event(said.submitted_on, _("%(who)s berättade om %(month)s.", who=stay.provider_name, month=month))
    ]
    if said.judged_on and said.state == "approved":
        events.append(Event(said.judged_on, _("Kommunen godkände rapporten för %(month)s.", month=month)))
    if said.judged_on and said.state == "returned":
        events.append(Event(said.judged_on, _("Kommunen ville veta mer om %(month)s.", month=month)))
    if said.withdrawn_on:
        events.append(Event(said.withdrawn_on, _("Rapporten för %(month)s togs tillbaka.", month=month)))
    return events


def _of_result(result: LedTo, stay: Stay) -> list[Event]:
    kind = words.word(result.kind, "kind").lower()
    events = []
    if result.purpose == "result":
        events.append(
            Event(
                result.claimed_on,
                _("%(who)s anmälde ett resultat: %(kind)s.", who=stay.provider_name, kind=kind),
            )
        )
    passed = {
        "result": _("Kommunen har kontrollerat resultatet, och det stämmer."),
        "bonus": _("Kommunen har kontrollerat att det höll i sex månader."),
    }
    failed = {
        "result": _("Kommunen kunde inte godkänna resultatet."),
        "bonus": _("Kommunen kunde inte se att det höll i sex månader."),
    }
    if result.judged_on and result.check_state in ("passed", "failed"):
        said = (passed if result.check_state == "passed" else failed)[result.purpose]
        events.append(Event(result.judged_on, said))
    return events

"""A person's way in sentences: the next step and its day, and what has happened so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app import placing, words
from vouchers.queries import planning
from vouchers.queries.non_choice import Why
from vouchers.queries.turned import Turned
from vouchers.queries.way import LedTo, Said, Stay, Way
from vouchers.rules import choice
from vouchers.rules.switching import BEFORE


@dataclass(frozen=True)
class Step:
    """What to do or wait for now. `is_deadline` says whether `on` is a last day or just the day.

    `href` with `action` is the one thing to press; `aside` an address and words of another way out.
    """

    title: str
    text: str
    on: date | None = None
    is_deadline: bool = False
    href: str | None = None
    action: str | None = None
    aside: tuple[str, str] | None = None


@dataclass(frozen=True)
class Card:
    """A step under the name of what it belongs to: a service, or the plan."""

    caption: str
    step: Step


def by_day(card: Card) -> tuple[bool, date]:
    """What the person is to press comes first, then what comes soonest."""
    return card.step.href is None, card.step.on or date.max


def of_plan(part: planning.Step) -> Card:
    """The plan's next step."""
    if part.party == "participant":
        text = _("Det gör du.")
    else:
        text = _("Det gör %(who)s.", who=part.provider or words.word(part.party, "party").lower())
    if part.contact:
        text += " " + _("Fråga: %(contact)s.", contact=part.contact)
    aside = (url_for("seeker.plan"), _("Läs hela planen"))
    return Card(_("Din plan"), Step(part.does, text, part.due_on, is_deadline=True, aside=aside))


def next_step(way: Way, guide: str, today: date, why: Why | None = None) -> Step:
    """The one thing that comes next on this way. `why` is how somebody was chosen who did not choose."""
    stay = way.leg
    if way.state == "choice_open":
        return _choose(way, guide, today)
    if stay is None or way.state in ("revoked", "lapsed"):
        return Step(_("Prata med %(guide)s", guide=guide), _("Insatsen gäller inte längre."))
    if way.state in ("chosen", "assigned", "received"):
        return _before(way, stay, today, why)
    if way.state == "paused":
        return _paused(way, guide, today)
    return _agreed(way, stay, today) if way.state == "active" else _afterwards(way)


def _paused(way: Way, guide: str, today: date) -> Step:
    pause = next((one for one in reversed(way.turned) if one.kind == "paused" and one.to_on), None)
    aside = (url_for("seeker.messages"), _("Skriv till %(guide)s", guide=guide))
    text = _("Prata med %(guide)s när du vill börja igen.", guide=guide)
    if pause is None:
        return Step(_("Insatsen har paus"), text, aside=aside)
    if pause.on > today:
        return Step(_("Insatsen får snart paus"), _("Du går som vanligt till dess."), pause.on, aside=aside)
    back = _("Tanken är att du börjar igen den dagen.")
    return Step(_("Insatsen har paus"), f"{back} {text}", pause.to_on, aside=aside)


def placed(way: Way) -> bool:
    """Whether somebody else chose for the person, who has not begun there and is shown the way to change."""
    return way.leg is not None and way.leg.how == "non_choice" and way.state in BEFORE


def _before(way: Way, stay: Stay, today: date, why: Why | None) -> Step:
    who, begin = stay.provider_name, words.day(stay.start_by)
    said: list[str] = [placing.told(why, who)] if stay.how == "non_choice" else []
    if left := _still_at(way, stay, today):
        until = words.day(left.ended_on or today)
        said.append(_("Du går hos %(who)s till och med %(day)s.", who=left.provider_name, day=until))
    aside = None
    if stay.how == "non_choice":
        aside = (url_for("seeker.switch", voucher_id=way.voucher_id), _("Välj någon annan i stället"))
    answer_by = min(choice.answer_by(stay.chosen_on, way.terms), stay.start_by)
    if way.state == "received":
        title, on = _("Börja hos %(who)s", who=who), stay.start_by
        said.append(_("De har sagt ja. Ni bestämmer en dag tillsammans."))
    elif today <= answer_by:
        title, on = _("%(who)s svarar dig", who=who), answer_by
        said.append(_("De hör av sig till dig. Du ska ha börjat senast %(day)s.", day=begin))
    else:
        title, on = _("%(who)s har inte svarat än", who=who), stay.start_by
        said.append(_("Din karriärvägledare frågar dem. Det här är sista dagen att börja."))
    return Step(title, " ".join(said), on, is_deadline=True, aside=aside)


def _still_at(way: Way, stay: Stay, today: date) -> Stay | None:
    """The provider that the person is leaving, while they still go there."""
    return next(
        (
            leg
            for leg in way.legs
            if leg.id != stay.id and leg.started_on and leg.ended_on and leg.ended_on >= today
        ),
        None,
    )


def _choose(way: Way, guide: str, today: date) -> Step:
    if way.none_suits_at is not None:
        return Step(
            _("%(guide)s hör av sig till dig", guide=guide),
            _("Du sa att ingen passar. Ni letar vidare tillsammans. Ingen annan väljer åt dig så länge."),
            aside=(url_for("seeker.none_suits", voucher_id=way.voucher_id), _("Läs vad du sa")),
        )
    if today > way.choose_by:
        text = _("Tiden för att välja gick ut %(day)s. Ni hjälps åt med valet.", day=words.day(way.choose_by))
        if way.terms.non_choice:
            text += " " + _("Annars kan kommunen välja åt dig. Då får du veta varför, och du kan byta.")
        return Step(
            _("Prata med %(guide)s", guide=guide),
            text,
            aside=(url_for("seeker.messages"), _("Skriv till %(guide)s", guide=guide)),
        )
    last = way.legs[-1] if way.legs else None
    text = _("Jämför dem i lugn och ro. Du kan byta senare.")
    if last and last.declined_on:
        text = _("%(who)s kunde inte ta emot dig.", who=last.provider_name)
        text = f"{text} {why_not(way, last)} " + _("Välj någon annan.")
    elif last and last.ended_on:
        text = _("%(who)s har slutat ta emot. Du har rätt att välja någon annan.", who=last.provider_name)
    return Step(
        _("Välj vem som ska hjälpa dig"),
        text,
        way.choose_by,
        is_deadline=True,
        href=url_for("public.compare"),
        action=_("Jämför och välj"),
        aside=(url_for("seeker.none_suits", voucher_id=way.voucher_id), _("Ingen passar mig")),
    )


def why_not(way: Way, stay: Stay) -> str:
    """Why the provider said no, in plain words; what the rulebook calls it where we have none."""
    code = stay.decline_reason
    if code is None:
        return ""
    said = words.word(code, "declined")
    if said != code:
        return said
    titles = {one.code: one.title(str(get_locale())) for one in way.terms.refusal_reasons}
    return _("De svarade: %(why)s.", why=words.title_of(code, titles))


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


def history(ways: list[Way], locale: str, today: date) -> list[dict[str, str]]:
    """All that has happened, the newest first, as the timeline takes it; not a last day that lies ahead."""
    events = [event for way in ways for event in _of_way(way, locale) if event.on <= today]
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
        if stay.ended_on and stay.started_on is None:
            events.append(Event(stay.ended_on, _("Valet av %(who)s slutade gälla.", who=stay.provider_name)))
        elif stay.ended_on:
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
    return events + [_of_turn(turn) for turn in way.turned]


def _of_turn(turn: Turned) -> Event:
    texts = {
        "paused": _("Insatsen fick paus."),
        "resumed": _("Insatsen gick vidare efter pausen."),
        "extended": ngettext(
            "Insatsen blev %(num)s månad längre.", "Insatsen blev %(num)s månader längre.", turn.months
        ),
        "revoked": _("Beslutet om insatsen togs tillbaka."),
        "lapsed": _("Beslutet om insatsen slutade gälla, eftersom ingen valdes."),
    }
    return Event(turn.on, texts[turn.kind], turn.by, turn.note)


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

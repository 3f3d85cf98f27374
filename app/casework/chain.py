"""A case from its first assessment to now, link by link; and which turns it can take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import words
from app.casework.titles import Titles
from core.refusal import Refusal
from payouts.queries.outlook import booked_by_leg
from vouchers.models import Pause, Voucher
from vouchers.queries import assessments, decisions
from vouchers.queries.case import Head, Parts
from vouchers.queries.switchable import hindrance
from vouchers.queries.turns import Turns
from vouchers.rules import extension, states
from vouchers.rules.pauses import Span, paused_days
from vouchers.rules.reporting import months_to_report
from vouchers.rules.terms import Terms

LIVING = ("submitted", "returned", "approved")


@dataclass(frozen=True)
class Link:
    """One link of the chain: `kind` is leg, assessment, decision, extension, revoked, lapsed or closed."""

    kind: str
    on: date
    row: Any
    title: str = ""
    stay: Stay | None = None


@dataclass(frozen=True)
class Stay:
    """A time with a provider: how it stands, how long, what has been told of it, what has been booked.

    `days` are those the person has been there, the paused ones not among them; `months` to report so far.
    """

    status: str
    kind: str
    days: int
    months: int
    reported: int
    approved: int
    told: Any
    booked_ore: int
    pauses: list[Pause] = field(default_factory=list)


def chain(
    session: Session, head: Head, parts: Parts, found: Turns, titles: Titles, today: date
) -> list[Link]:
    """Everything that has been done, the newest first."""
    here, voucher_id = head.voucher.municipality_id, head.voucher.id
    booked = booked_by_leg(session, here, voucher_id)
    links = [Link("decision", head.voucher.decided_on, head.voucher, titles.of(head))]
    links += [
        Link("assessment", row.met_on, row, titles(row.rulebook_id, row.service, row.level))
        for row in assessments.of_person(session, here, head.participant.id)
    ]
    links += [
        Link("extension", row.decided_on, row) for row in decisions.extensions(session, here, voucher_id)
    ]
    links += [Link(row.kind, row.decided_on, row) for row in decisions.endings(session, here, voucher_id)]
    links += [
        Link(
            "leg",
            leg.started_on or leg.chosen_on,
            leg,
            leg.provider,
            _stay(leg, parts, found, booked.get(leg.id, 0), today),
        )
        for leg in parts.legs
    ]
    order = ("assessment", "decision", "leg", "extension", "revoked", "lapsed", "closed")
    return sorted(links, key=lambda link: (link.on, order.index(link.kind)), reverse=True)


def _stay(leg: Any, parts: Parts, found: Turns, booked_ore: int, today: date) -> Stay:
    told = [one for one in parts.reports if one.leg_id == leg.id and one.state in LIVING]
    pauses = [pause for pause in found.pauses if pause.leg_id == leg.id]
    spans = [Span(pause.from_on, pause.resumed_on) for pause in pauses]
    days = months = 0
    if leg.started_on and leg.started_on <= today:
        until = min(leg.ended_on or today, today)
        days = (until - leg.started_on).days + 1 - paused_days(spans, leg.started_on, until)
        months = len(months_to_report(leg.started_on, leg.ended_on, today, spans))
    status, kind = _status(leg, pauses, today)
    return Stay(
        status=status,
        kind=kind,
        days=days,
        months=months,
        reported=len(told),
        approved=sum(one.state == "approved" for one in told),
        told=told[-1] if told else None,
        booked_ore=booked_ore,
        pauses=pauses,
    )


def _status(leg: Any, pauses: list[Pause], today: date) -> tuple[str, str]:
    if leg.declined_on:
        return _("Tackade nej"), "neutral"
    if leg.started_on is None:
        if leg.ended_on:
            return _("Började inte"), "neutral"
        return (_("Ska börja"), "info") if leg.accepted_on else (_("Väntar på svar"), "warning")
    if leg.ended_on is None:
        paused = any(pause.resumed_on is None for pause in pauses)
        return (_("Paus"), "warning") if paused else (_("Går här nu"), "success")
    if leg.ended_on >= today:
        return _("Slutar %(day)s", day=words.day(leg.ended_on)), "warning"
    return _("Slutade"), "neutral"


@dataclass(frozen=True)
class Step:
    """A turn the voucher can take: where, what it is called, and what it does. Without `href` not yet."""

    href: str | None
    title: str
    about: str


def steps(voucher: Voucher, found: Turns, terms: Terms, today: date) -> list[Step]:
    """The turns that are open now, as the rules say."""
    has_begun = found.first_on is not None
    able = [
        (
            hindrance(found, terms, "guide", today) is None,
            "switch",
            _("Byt anordnare"),
            _("Du ser dagarna och pengarna innan bytet gäller."),
        ),
        (
            terms.pauses is not None and states.voucher.can(voucher.state, "pause"),
            "pause",
            _("Pausa insatsen"),
            _("Vid sjukdom, föräldraledighet och liknande."),
        ),
        (
            found.open_pause is not None,
            "resume",
            _("Avsluta pausen"),
            _("Insatsen går vidare, eller pausen ställs in."),
        ),
        (
            has_begun and states.voucher.can(voucher.state, "end"),
            "end",
            _("Avsluta insatsen"),
            _("Med sista dag och skäl."),
        ),
        (
            not has_begun and states.voucher.can(voucher.state, "revoke"),
            "revoke",
            _("Återkalla beslutet"),
            _("Ingen har börjat än."),
        ),
        (
            not has_begun and voucher.state == "choice_open" and voucher.choose_by < today,
            "lapse",
            _("Låt beslutet förfalla"),
            _("Tiden att välja har gått ut."),
        ),
        (
            states.voucher.can(voucher.state, "close"),
            "close",
            _("Stäng ärendet"),
            _("När inget mer kan komma."),
        ),
    ]
    open_ = [
        Step(url_for(f"casework.{endpoint}", voucher_id=voucher.id), title, about)
        for is_open, endpoint, title, about in able
        if is_open
    ]
    longer = _extension(voucher, found, terms, today)
    return [*open_[:2], longer, *open_[2:]] if longer else open_


def _extension(voucher: Voucher, found: Turns, terms: Terms, today: date) -> Step | None:
    last_on = found.last_on(terms, today)
    if terms.extension is None or last_on is None:
        return None
    try:
        extension.may_ask(
            terms=terms.extension,
            state=voucher.state,
            months=voucher.months,
            made=len(found.extensions),
            last_on=last_on,
            today=today,
        )
    except Refusal as refusal:
        if refusal.code != "extension_too_early":
            return None
        from_on = words.day(extension.earliest_on(last_on, terms.extension))
        return Step(None, _("Förläng insatsen"), _("Kan beslutas från %(day)s.", day=from_on))
    return Step(
        url_for("casework.extend", voucher_id=voucher.id),
        _("Förläng insatsen"),
        _("Efter en ny bedömning, med något nytt i innehållet."),
    )

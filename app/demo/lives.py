"""Providers of Exempelstad in every state of an accreditation's life, each brought there by real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.demo.life import Life, keep_papers
from app.demo.people import (
    TOWN_JOBBPENG,
    applied,
    reviewed,
)
from app.rulebooks import bring_in
from core import dates
from core.actor import Actor
from core.rulebooks import Rulebook
from providers import actions as registry
from providers.actions import Meeting
from providers.actions.watching import watch
from providers.models import Provider
from providers.queries.life import unreported
from vouchers.queries.customers import seen

if TYPE_CHECKING:
    from app.demo.town import Town

INTRODUCTION = TOWN_JOBBPENG.parents[1] / "introduktion" / "2024-02-01.toml"
NEW_INTRODUCTION = INTRODUCTION.with_name("2026-06-01.toml")


def put_in_lives(town: Town, first: date) -> None:
    """Put the providers' lives into the town's calendar; `first` is the town's first day."""
    today = town.today

    def ago(days: int) -> date:
        return dates.add_working_days(today - timedelta(days=days), 0)

    def months_ago(months: int) -> date:
        return dates.add_working_days(dates.add_months(today, -months), 0)

    draft, sent = Life(town, "Talgoxens Jobbhus", 41), Life(town, "Vitsippan Arbete", 42, "idea_based")
    town.on(ago(6), draft.begun)
    town.on(ago(3), sent.sent)
    more, half = Life(town, "Björkrisets Vägval", 43), Life(town, "Kornblixten Matchning", 44)
    town.on(ago(30), more.sent)
    town.on(ago(5), more.asked_for_more)
    town.on(ago(40), half.sent)
    town.on(ago(12), half.half_reviewed)
    waits = Life(town, "Ängsullets Förening", 45, "idea_based", "Sjösidan")
    town.on(ago(60), waits.sent)
    town.on(ago(7), waits.proposed)
    no, not_tried = Life(town, "Kråkrisets Bemanning", 46), Life(town, "Stenrosens Klubb", 47, "idea_based")
    town.on(ago(120), no.sent)
    town.on(ago(100), no.refused)
    town.on(ago(160), not_tried.sent)
    town.on(ago(150), not_tried.dismissed)

    quiet, quieter = Life(town, "Havtornets Coacher", 48), Life(town, "Alkärrets Jobbstudio", 49)
    town.on(months_ago(10), quiet.accredited)
    town.on(months_ago(14), quieter.accredited)
    shut = Life(town, "Rävlyans Utbildning", 50, area="Västerhöjd")
    town.on(months_ago(7), shut.accredited)
    town.on(ago(8), shut.shut_by_the_chair)

    left = Life(town, "Lindblommans Arbete", 51)
    town.on(ago(500), left.accredited)
    town.on(ago(4), left.withdrew)
    out = Life(town, "Brännässlans Jobb", 52)
    town.on(months_ago(9), out.accredited)
    for day in (200, 170):
        town.on(ago(day), out.customer)
    town.on(ago(45), out.revocation_asked)
    town.on(ago(10), out.revoked)
    tail = Life(town, "Mårdens Coachning", 53)
    town.on(months_ago(20), tail.accredited)
    town.on(months_ago(5), tail.withdrew)
    town.on(months_ago(5), tail.wound_down)
    gone = Life(town, "Gullvivans Arbetslivscenter", 54, "idea_based")
    town.on(first, gone.accredited)
    town.on(dates.add_months(first, 8), gone.withdrew)
    town.on(dates.add_months(first, 8), gone.wound_down)
    town.on(dates.add_months(first, 21), gone.closed)

    _houses_in_trouble(town, ago)
    _watched(town, months_ago)
    _meetings(town, months_ago)
    Renewal(town).put_in(months_ago, ago)


def _houses_in_trouble(town: Town, ago: Callable[[int], date]) -> None:
    """One of the houses is warned, one takes nobody new just now."""
    *_, second, last = town.accreditations.values()

    def warned(session: Session, day: date) -> None:
        registry.warn(
            session,
            last["matching"],
            reasons="Rapporterna för augusti och september kom sent.",
            due_on=day + timedelta(days=60),
            by=town.cast.inspector,
            today=day,
        )

    def full(session: Session, day: date) -> None:
        registry.stop_intake(
            session,
            second["matching"],
            reasons="Anordnaren flyttar och har ingen lokal i november.",
            by=town.cast.inspector,
            today=day,
        )

    town.on(ago(20), warned)
    town.on(ago(15), full)


def _watched(town: Town, months_ago: Callable[[int], date]) -> None:
    """The watch of the timetable, once a month in the past."""

    def look(session: Session, day: date) -> None:
        by = Actor.clock(town.municipality_id)
        watch(session, seen(session, town.municipality_id, day), by=by, today=day)

    for months in range(14, 0, -1):
        town.on(months_ago(months), look)
    town.on(town.today, look)


def _meetings(town: Town, months_ago: Callable[[int], date]) -> None:
    """The board meets each month, and is told what was decided in its name since."""

    def told(session: Session, day: date) -> None:
        rows = unreported(session, town.municipality_id)
        ids = [row.Decision.id for row in rows if row.Decision.decided_on < day]
        if ids:
            registry.report_to_board(session, ids, day, by=town.cast.secretary, today=day)

    for months in range(36, 0, -1):
        town.on(months_ago(months), told)


class Renewal:
    """A second kundval, whose conditions have changed: one provider has renewed, one is late, one is out."""

    def __init__(self, town: Town) -> None:
        self.town, self.cast = town, town.cast
        self.houses = list(town.cast.houses)[5:8]
        self.rulebook: Rulebook
        self.ids: list[int] = []

    def put_in(self, months_ago: Callable[[int], date], ago: Callable[[int], date]) -> None:
        """Put the kundval's year into the calendar."""
        self.due_on = ago(30)
        self.town.on(months_ago(7), self.began)
        self.town.on(months_ago(4), self.changed)
        self.town.on(months_ago(2), self.renewed)
        self.town.on(ago(6), self.expired)

    def began(self, session: Session, day: date) -> None:
        """Three providers are accredited under the first version."""
        operator = Actor.operator(self.town.municipality_id)
        self.rulebook = bring_in(session, INTRODUCTION, by=operator, today=day)
        for provider_id in self.houses:
            self.ids.append(self._accredited(session, provider_id, day, None))

    def changed(self, session: Session, day: date) -> None:
        """The board has decided on new conditions; everybody must apply again."""
        operator = Actor.operator(self.town.municipality_id)
        self.rulebook = bring_in(session, NEW_INTRODUCTION, by=operator, today=day)
        registry.require_reaccreditation(
            session,
            self.rulebook.id,
            self.due_on,
            reasons="Nämnden har beslutat om ett nytt villkor: lärare i svenska.",
            by=self.cast.secretary,
            today=day,
        )

    def renewed(self, session: Session, day: date) -> None:
        """The first shows what is new and is accredited again; the old runs off beside."""
        self._accredited(session, self.houses[0], day, self.ids[0])

    def expired(self, session: Session, day: date) -> None:
        """The second never applied again. The third has not either, but the board has not met on it yet."""
        registry.expire(
            session,
            self.ids[1],
            reasons="Anordnaren har inte ansökt på nytt.",
            meeting=Meeting(day, "§ 91"),
            last_day=day,
            by=self.cast.secretary,
            today=day,
        )

    def _accredited(self, session: Session, provider_id: int, day: date, replaces_id: int | None) -> int:
        provider = session.get_one(Provider, (self.town.municipality_id, provider_id))
        asked = applied(
            session,
            provider,
            self.rulebook,
            "introduction",
            15,
            replaces_id=replaces_id,
            by=self.cast.inspector,
            today=day,
        )
        reviewed(session, asked, (self.cast.inspector, self.cast.colleague), today=day)
        reasons = "Anordnaren uppfyller villkoren."
        registry.accredit(session, asked, reasons=reasons, from_on=day, by=self.cast.secretary, today=day)
        keep_papers(self.town, asked.id, day)
        return asked.id

"""How the figures are said: key figures with their definitions, columns, and numbers too small to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import words
from app.oversight.figures import Figures, mean, there_later
from app.oversight.secrecy import Hidden, Value
from payouts.rules.fees import COMPONENTS
from vouchers.queries.figures import Key, first_day

DEFINITIONS = {
    "served": _l(
        "Olika personer med minst en dag i en insats under perioden. Den som har bytt anordnare eller insats "
        "räknas en gång."
    ),
    "decided": _l("Beslut om insats under perioden. Samma person kan få flera."),
    "started": _l("Insatser som började under perioden. Byte av anordnare räknas inte."),
    "ended": _l("Insatser som slutade under perioden, av alla skäl."),
    "mean_days": _l(
        "Medeltal för matchande insatser som slutade under perioden: dagar från start till sista dag, båda "
        "räknade, hos alla anordnare tillsammans."
    ),
    "outcome": _l(
        "Arbete, studier, eget företag eller nästa steg som började under perioden och är verifierat. De "
        "senaste månaderna växer när fler resultat verifieras."
    ),
    "share": _l(
        "Av matchande insatser vars sista dag låg sex månader bakåt under perioden: hur många där en "
        "prövning har visat att personen då hade arbete, studier eller eget företag. Den som väntar på "
        "prövning räknas inte alls, den som aldrig fick något resultat räknas som nej."
    ),
    "providers": _l("Anordnare som var auktoriserade periodens sista dag."),
    "money": _l(
        "Det som har bokats i huvudboken under perioden, med återkrav avdragna, exklusive moms. Räknat på "
        "den månad då det bokades, också när banken betalar senare."
    ),
}
COLUMNS = {
    "month": _l("Månad"),
    "year": _l("År"),
    "service": _l("Insats"),
    "level": _l("Nivå"),
    "served": _l("Personer i insats"),
    "decided": _l("Nya checkar"),
    "started": _l("Började"),
    "ended": _l("Slutade"),
    "mean_days": _l("Dagar i matchande insats"),
    "outcome": _l("Verifierade resultat"),
    "followed": _l("Slutade för sex månader sedan"),
    "still": _l("Av dem i arbete eller studier"),
    "waiting": _l("Väntar på prövning"),
    "share": _l("Av 100"),
    "providers": _l("Antal anordnare"),
    "municipal": _l("Av dem kommunala"),
    "base": _l("Grundersättning"),
    "result": _l("Resultatersättning"),
    "bonus": _l("Bonus"),
    "milestone": _l("Start och milstolpar"),
    "money": _l("Bokat"),
}
MILLION = 100_000_000
MONEY = (*COMPONENTS, "money")


@dataclass(frozen=True)
class KeyFigure:
    """A number, what it is of, and how it is counted."""

    label: str
    value: str
    note: str
    definition: str


def number(count: int) -> str:
    """1 100, with a space that does not break, in both languages."""
    return f"{count:,}".replace(",", "\u00a0")


def about_kronor(ore: int) -> str:
    """6,3 miljoner kr, or the amount itself when it is under a million."""
    if abs(ore) < MILLION:
        return words.amount(ore)
    tenths = (ore + MILLION // 20) // (MILLION // 10)
    return _("%(amount)s miljoner kr", amount=format_decimal(str(Decimal(tenths) / 10), "#,##0.0"))


def said(value: Value | str, name: str = "") -> str:
    """A cell in words: a number, kronor, – for nothing to say, färre än 5, or hidden."""
    if isinstance(value, Hidden):
        return _("färre än 5") if value is Hidden.FEW else _("dolt")
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return words.amount(value) if name in MONEY else number(value)


def hiding() -> str:
    """Why some numbers are not shown."""
    return _(
        "Grupper med färre än fem personer visas inte. Där de annars går att räkna ut är fler tal dolda."
    )


def month_name(month: int) -> str:
    """oktober 2026."""
    return words.month(first_day(month))


def month_so_far(figures: Figures, month: int) -> str:
    """Oktober 2026, or November 2026 (hittills) when it still runs."""
    name = month_name(month)
    name = name[0].upper() + name[1:]
    return _("%(month)s (hittills)", month=name) if month == figures.this_month else name


def period(figures: Figures, year: int | None) -> str:
    """november 2025 – oktober 2026, or the year, so far when it still runs."""
    if year is None:
        first, last = figures.span("window", figures.last_window)
        return f"{words.month(first)} – {words.month(last)}"
    return _("%(year)s hittills", year=year) if year == figures.today.year else str(year)


def year_name(figures: Figures, year: int) -> str:
    """2025, or 2026 (hittills)."""
    return _("%(year)s (hittills)", year=year) if year == figures.today.year else str(year)


def key_figures(figures: Figures, year: int | None, service: str) -> list[KeyFigure]:
    """The six numbers of a period, each with the one before it."""
    grain, bucket = ("window", figures.last_window) if year is None else ("year", year)

    def value(measure: str, back: int = 0) -> Value:
        return figures.value(Key(measure, grain, bucket - back, service))

    def figure(name: str, label: str, said_so: Callable[[int], str] = number) -> KeyFigure:
        now, before = value(name), value(name, 1)
        shown = said_so(now) if isinstance(now, int) else said(now)
        note = ""
        if isinstance(before, int) and before and _has_whole_before(figures, grain, bucket, year):
            note = _("%(number)s perioden före", number=said_so(before))
        return KeyFigure(label, shown, note, str(DEFINITIONS[name]))

    return [
        figure("served", _("Personer i insats")),
        figure("decided", _("Nya checkar")),
        _mean_days(figures, Key("days", grain, bucket, service)),
        _share(figures.follows(service), value("still"), value("followed"), value("waiting")),
        _providers(figures, min(figures.span(grain, bucket)[1], figures.today), service),
        figure("money", _("Bokat till anordnare"), about_kronor),
    ]


def _has_whole_before(figures: Figures, grain: str, bucket: int, year: int | None) -> bool:
    """Whether the period before can be compared: both whole."""
    first = figures.grains[grain].first_month(bucket - 1)
    return first >= figures.first_month and year != figures.today.year


def _mean_days(figures: Figures, key: Key) -> KeyFigure:
    days = figures.hiding(key) or figures.mean_days([key])
    return KeyFigure(_("Dagar i matchande insats, medel"), said(days), "", str(DEFINITIONS["mean_days"]))


def _share(follows: bool, still: Value, followed: Value, waiting: Value) -> KeyFigure:
    shown, note = "–", _("Ingen har slutat för sex månader sedan")
    if not follows:
        note = _("Följs inte upp för den här insatsen")
    elif any(isinstance(one, Hidden) for one in (still, followed, waiting)):
        shown, note = said(next(one for one in (still, followed, waiting) if isinstance(one, Hidden))), ""
    elif followed and isinstance(still, int) and isinstance(followed, int):
        later = there_later(still, followed, waiting if isinstance(waiting, int) else 0)
        share = mean(100 * later.good, later.people)
        shown = "–" if share is None else _("%(share)s av 100", share=share)
        note = _("%(still)s av %(followed)s", still=number(later.good), followed=number(later.people))
        if isinstance(waiting, int) and waiting:
            note += ", " + ngettext("%(num)s väntar på prövning", "%(num)s väntar på prövning", waiting)
    return KeyFigure(_("Arbete eller studier efter sex månader"), shown, note, str(DEFINITIONS["share"]))


def _providers(figures: Figures, day: date, service: str) -> KeyFigure:
    everybody, municipal = figures.providers(day, service)
    return KeyFigure(
        _("Auktoriserade anordnare"),
        number(everybody),
        ngettext("varav %(num)s kommunal", "varav %(num)s kommunala", municipal),
        str(DEFINITIONS["providers"]),
    )


def months_of(figures: Figures, year: int | None) -> range:
    """The months of the plots: the last twenty-four whole ones, or those of the year that are over."""
    last = figures.this_month
    if year is None:
        return range(max(figures.first_month, last - 24), last)
    return range(max(figures.first_month, year * 12), min(year * 12 + 12, last))

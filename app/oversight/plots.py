"""Where the bars of a plot of months stand and how high they are; the template only draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import format_date
from flask_babel import gettext as _

from app.oversight.figures import Figures
from app.oversight.secrecy import Hidden, Value
from app.oversight.telling import month_name, number, said
from vouchers.queries.figures import Key, first_day

FLOOR, HEIGHT, MOST_LINES = 214, 176, 5
LEFT, RIGHT = 12, 100
NICE = (1, 2, 5)
THOUSAND, MILLION = 100_000, 100_000_000


@dataclass(frozen=True)
class Tick:
    """A line across, and the number it stands for."""

    y: int
    text: str


@dataclass(frozen=True)
class Bar:
    """A month. Across, places are shares of the plot's width; y and height are pixels."""

    name: str
    words: str
    label: str
    year: str
    label_at: str
    anchor: str
    x: str
    width: str
    y: int
    height: int
    is_highest: bool


@dataclass(frozen=True)
class Plot:
    """A finding, what it is about, and its bars. `some_hidden` is True when a month has too few people."""

    finding: str
    about: str
    unit: str
    column: str
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    some_hidden: bool


def money_by_month(figures: Figures, months: Sequence[int], service: str) -> Plot | None:
    """Booked kronor per month, or None when nothing has been booked."""
    values = _values(figures, "money", months, service)
    step, lines = scale(_most(values), THOUSAND)
    per, unit = (MILLION, _("miljoner kr")) if step % MILLION == 0 else (THOUSAND, _("tusen kr"))
    return _plot(
        months,
        values,
        step,
        lines,
        finding=lambda month: _("Mest bokades i %(month)s", month=month),
        about=_("Bokat till anordnare per månad, återkrav avdragna"),
        unit=unit,
        column=_("Belopp"),
        tick=lambda value: number(value // per),
        name="money",
    )


def outcomes_by_month(figures: Figures, months: Sequence[int], service: str) -> Plot | None:
    """Verified results per month, or None when there are none."""
    values = _values(figures, "outcome", months, service)
    return _plot(
        months,
        values,
        *scale(_most(values), 1),
        finding=lambda month: _("Flest resultat började i %(month)s", month=month),
        about=_("Verifierade resultat, per månad då arbetet eller studierna började"),
        unit=_("resultat"),
        column=_("Antal"),
        tick=number,
        name="outcome",
    )


def scale(most: int, least: int) -> tuple[int, int]:
    """(how far apart the lines are, how many): a round distance, so that few lines reach up to `most`."""
    step = least
    while True:
        for factor in NICE:
            lines = max(1, -(-most // (step * factor)))
            if lines <= MOST_LINES:
                return step * factor, lines
        step *= 10


def _values(figures: Figures, measure: str, months: Sequence[int], service: str) -> list[Value]:
    return [figures.value(Key(measure, "month", month, service)) for month in months]


def _most(values: Sequence[Value]) -> int:
    return max((value for value in values if isinstance(value, int)), default=0)


def _plot(
    months: Sequence[int],
    values: Sequence[Value],
    step: int,
    lines: int,
    *,
    finding: Callable[[str], str],
    about: str,
    unit: str,
    column: str,
    tick: Callable[[int], str],
    name: str,
) -> Plot | None:
    if not any(values):
        return None
    most, top = _most(values), lines * step
    highest = [month for month, value in zip(months, values, strict=True) if most and value == most]
    slot = (RIGHT - LEFT) * 100 // len(months)
    bars = [
        _bar(place, month, value, slot=slot, top=top, is_highest=month in highest, name=name)
        for place, (month, value) in enumerate(zip(months, values, strict=True))
    ]
    return Plot(
        finding=_said(highest, finding, said(most, name)),
        about=about,
        unit=unit,
        column=column,
        ticks=tuple(Tick(FLOOR - HEIGHT * line // lines, tick(step * line)) for line in range(lines + 1)),
        bars=tuple(bars),
        some_hidden=any(isinstance(value, Hidden) for value in values),
    )


def _said(highest: Sequence[int], finding: Callable[[str], str], most: str) -> str:
    """The finding, which is true also when several months are as high."""
    names = [month_name(month) for month in highest]
    if not names:
        return _("För få personer för att visa någon månad")
    if len(names) == 1:
        return finding(names[0])
    if len(names) == 2:
        return finding(_("%(first)s och %(second)s", first=names[0], second=names[1]))
    return _("Som mest %(most)s under en månad", most=most)


def _bar(place: int, month: int, value: Value, *, slot: int, top: int, is_highest: bool, name: str) -> Bar:
    left = LEFT * 100 + slot * place
    is_last = left + 2 * slot > RIGHT * 100
    height = HEIGHT * max(value, 0) // top if isinstance(value, int) else 0
    day = first_day(month)
    begins_quarter = day.month % 3 == 1
    return Bar(
        name=month_name(month),
        words=said(value, name),
        label=format_date(day, "MMM").strip(".") if begins_quarter else "",
        year=str(day.year) if begins_quarter and (day.month == 1 or place < 3) else "",
        label_at=_percent(RIGHT * 100 if is_last else left + slot // 2),
        anchor="end" if is_last else "middle",
        x=_percent(left + slot * 18 // 100),
        width=_percent(slot * 64 // 100),
        y=FLOOR - height,
        height=height,
        is_highest=is_highest,
    )


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}%"

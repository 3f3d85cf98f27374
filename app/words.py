"""How dates, money and codes are said, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from flask import Flask
from flask_babel import format_date, get_locale, gettext, ngettext

from app.wording import KINDS, LANGUAGES, WORDS
from core import dates, money


def word(code: str, family: str) -> str:
    """A stored code in words: ("work", "kind") → Arbete. An unknown code is shown as it is."""
    return str(WORDS.get(f"{family}.{code}", code))


class Named(Protocol):
    """What comes from a fee: a line, a value, a price."""

    @property
    def component(self) -> str:
        """Its category."""

    def title(self, locale: str) -> str:
        """The fee's own name, empty when it goes by its category's."""


def fee_name(one: Named) -> str:
    """The name of the fee that something comes from: its own, or its category's."""
    return one.title(str(get_locale() or "sv")) or word(one.component, "component")


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


def duration(minutes: int) -> str:
    """20 timmar 10 minuter, 15 timmar, 45 minuter."""
    hours, rest = divmod(minutes, 60)
    said = [ngettext("%(num)s timme", "%(num)s timmar", hours)] if hours or not rest else []
    return " ".join([*said, ngettext("%(num)s minut", "%(num)s minuter", rest)] if rest else said)


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
        fee_name,
        kind,
        day,
        paper_day,
        date_alone,
        month,
        moment,
        duration,
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

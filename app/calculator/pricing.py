"""The prices of a tariff for one level, with their sources, and each fee's rule in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from app.calculator.shelf import Offer, Volume
from app.calculator.telling import amount, title
from payouts.rules.fees import (
    Completion,
    Fee,
    Instalments,
    Milestone,
    Monthly,
    Offset,
    OutcomeFee,
    Speed,
    Start,
    Sustained,
    Terms,
    Weekdays,
)


@dataclass(frozen=True)
class Shown:
    """A price: from which day, as an amount, and where it comes from."""

    from_on: date | None
    amount: str
    status: str
    source: str


@dataclass(frozen=True)
class Priced:
    """A fee that pays something for a level. `code` is its place in the rulebook."""

    title: str
    rule: str
    code: str
    prices: tuple[Shown, ...]


def prices(volume: Volume, offer: Offer, locale: str) -> list[Priced]:
    """Every fee that pays something for that level."""
    tariff = volume.priced.tariff
    found = []
    for fee in tariff.fees:
        rates = fee.rates.get(offer.key, ())
        agreed = isinstance(fee.terms, Instalments) and fee.terms.agreed
        if rates or agreed or isinstance(fee.terms, Completion):
            rows = tuple(
                Shown(
                    rate.from_on,
                    amount(rate.price.ore, tariff.currency),
                    rate.price.status,
                    rate.price.source,
                )
                for rate in rates
            )
            found.append(Priced(title(fee, locale), rule(fee, volume, locale), fee.code, rows))
    return found


def rule(fee: Fee, volume: Volume, locale: str) -> str:
    """What the fee is paid for, in one or two sentences."""
    return RULES[type(fee.terms)](fee.terms, volume, locale)


def _monthly(terms: Monthly, _volume: Volume, _locale: str) -> str:
    said = [
        ngettext(
            "För varje månad med godkänd rapport, i högst %(num)s månad.",
            "För varje månad med godkänd rapport, i högst %(num)s månader.",
            terms.instalments,
        )
    ]
    if terms.qualifying_days:
        said.append(_qualifying(terms.qualifying_days))
    said.append(
        {
            "calendar_days": _("En del av en månad räknas per dag."),
            "weekdays": _("En del av en månad räknas per vardag."),
            "whole_month": _("Också en påbörjad månad betalas hel."),
        }[terms.pro_rata]
    )
    return " ".join(said)


def _qualifying(days: int) -> str:
    return str(_("Insatsen ska ha pågått i minst %(days)s dagar.", days=days))


def _days(terms: Weekdays, volume: Volume, _locale: str) -> str:
    said = [
        _("För varje dag i en månad med godkänd rapport.")
        if terms.calendar
        else _("För varje vardag i en månad med godkänd rapport.")
    ]
    if terms.qualifying_days:
        said.append(_qualifying(terms.qualifying_days))
    if terms.block_months:
        said.append(
            _(
                "Högst %(sum)s på %(time)s.",
                sum=amount(terms.cap_ore, volume.priced.tariff.currency),
                time=span(Offset(terms.block_months)),
            )
        )
    return " ".join(said)


def _start(terms: Start, _volume: Volume, _locale: str) -> str:
    if terms.qualifying_days:
        return str(_("En gång, när insatsen har pågått i %(days)s dagar.", days=terms.qualifying_days))
    return str(_("En gång, när insatsen börjar."))


def _instalments(terms: Instalments, _volume: Volume, _locale: str) -> str:
    said = [
        _(
            "%(percent)s procent av priset, i lika delar i slutet av varje månad i den planerade tiden.",
            percent=terms.percent,
        )
        if terms.by == "month_ends"
        else _(
            "%(percent)s procent av priset, i lika delar efter varje hel månad i den planerade tiden.",
            percent=terms.percent,
        )
    ]
    if terms.qualifying_days:
        said.append(_qualifying(terms.qualifying_days))
    if terms.agreed:
        said.append(_("Priset är överenskommet för varje person."))
    if terms.needs_report:
        said.append(_("Månaden ska ha en godkänd rapport."))
    return " ".join(said)


def _milestone(terms: Milestone, _volume: Volume, _locale: str) -> str:
    return str(_("När personen är kvar %(times)s efter starten.", times=_times(terms.offsets, terms.shares)))


def _completion(terms: Completion, volume: Volume, locale: str) -> str:
    of = volume.priced.tariff.coded(terms.of)
    return str(
        _(
            "%(percent)s procent av priset för ”%(fee)s”. Det hålls inne tills insatsen är fullföljd.",
            percent=terms.percent,
            fee=title(of, locale) if of else terms.of,
        )
    )


def _outcome(terms: OutcomeFee, volume: Volume, _locale: str) -> str:
    said = [_("När resultatet är kontrollerat och godkänt.")]
    offsets = terms.offsets or tuple(Offset(months) for months in volume.priced.result_after)
    if len(offsets) == len(terms.shares) and any(offset.count for offset in offsets):
        said.append(_("Betalas efter %(times)s.", times=_times(offsets, terms.shares)))
    elif len(terms.shares) > 1:
        shares = " + ".join(f"{percent} %" for percent in terms.shares)
        said.append(_("I delar: %(shares)s.", shares=shares))
    if terms.window_days:
        said.append(_("Varje del ska vara visad inom %(days)s dagar.", days=terms.window_days))
    return " ".join(said)


def _speed(terms: Speed, _volume: Volume, _locale: str) -> str:
    steps = ", ".join(
        _("%(days)s dagar: %(percent)s %%", days=days, percent=percent) for days, percent in terms.steps
    )
    return str(_("Extra när resultatet kommer snabbt. Inom %(steps)s.", steps=steps))


def _sustained(terms: Sustained, volume: Volume, _locale: str) -> str:
    said = [_("När resultatet fortfarande gäller vid kontrollen.")]
    if terms.offsets and terms.each:
        said.append(
            ngettext(
                "Hela beloppet %(num)s gång.", "Hela beloppet, högst %(num)s gånger.", len(terms.offsets)
            )
        )
    elif terms.offsets:
        said.append(_("Betalas efter %(times)s.", times=_times(terms.offsets, terms.shares)))
    elif volume.priced.bonus_after is not None:
        time = span(Offset(volume.priced.bonus_after))
        said.append(_("Kontrollen är %(time)s efter att insatsen slutade.", time=time))
    return " ".join(said)


RULES: dict[type[Terms], Callable[..., str]] = {
    Monthly: _monthly,
    Weekdays: _days,
    Start: _start,
    Instalments: _instalments,
    Milestone: _milestone,
    Completion: _completion,
    OutcomeFee: _outcome,
    Speed: _speed,
    Sustained: _sustained,
}


def _times(offsets: tuple[Offset, ...], shares: tuple[int, ...]) -> str:
    """90 dagar (50 %) + 365 dagar (50 %)."""
    parts = zip(offsets, shares, strict=True)
    return " + ".join(
        f"{span(offset)} ({percent} %)" if len(shares) > 1 else span(offset) for offset, percent in parts
    )


def span(offset: Offset) -> str:
    """90 dagar, 13 veckor, 3 månader."""
    if offset.unit == "days":
        return str(ngettext("%(num)s dag", "%(num)s dagar", offset.count))
    if offset.unit == "weeks":
        return str(ngettext("%(num)s vecka", "%(num)s veckor", offset.count))
    return str(ngettext("%(num)s månad", "%(num)s månader", offset.count))

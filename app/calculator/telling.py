"""A row of money in words: what it is for, how it was counted, and what stops it."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import words
from core import money
from payouts.calculating import Row
from payouts.queries.explain_reckoning import reckoned
from payouts.rules.fees import (
    Completion,
    Fee,
    Instalments,
    Milestone,
    Monthly,
    OutcomeFee,
    Speed,
    Start,
    Sustained,
    Terms,
    Weekdays,
)
from payouts.rules.instalments import BALANCE

GATES = {
    "report": _l("rapporten är lämnad, men inte godkänd"),
    "contested": _l("personen säger emot närvaron, och det är inte prövat"),
    "held_line": _l("beloppet hålls inne"),
    "held_leg": _l("allt för personen hålls inne"),
    "held_provider": _l("allt till anordnaren hålls inne"),
}
CURRENCY = {"SEK": "kr", "DKK": "kr", "NOK": "kr", "EUR": "€", "GBP": "£"}


def amount(minor: int, currency: str = "SEK") -> str:
    """An amount in the minor unit: 3 686 kr, 500 £."""
    return money.kronor(minor).replace("kr", CURRENCY[currency])


def title(fee: Fee, locale: str) -> str:
    """What a fee is called."""
    return fee.title(locale) or words.word(fee.component, "component")


def gate(row: Row) -> str:
    """Why a row is stopped."""
    return str(GATES[row.gate]) if row.gate else ""


def how(row: Row) -> str:
    """How the amount was counted, as a sentence."""
    return HOW[type(row.fee.terms)](row, amount(row.unit_price, row.currency)) + _capped(row)


def _month(row: Row, price: str) -> str:
    if row.quantity == row.of:
        return str(_("Hela månaden, %(price)s.", price=price))
    if isinstance(row.fee.terms, Monthly) and row.fee.terms.pro_rata == "weekdays":
        return str(_("%(days)s av %(all)s vardagar × %(price)s.", days=row.quantity, all=row.of, price=price))
    return str(_("%(days)s av %(all)s dagar × %(price)s.", days=row.quantity, all=row.of, price=price))


def _days(row: Row, price: str) -> str:
    if isinstance(row.fee.terms, Weekdays) and row.fee.terms.calendar:
        return str(_("%(days)s dagar × %(price)s.", days=row.quantity, price=price))
    return str(_("%(days)s vardagar × %(price)s.", days=row.quantity, price=price))


def _start(row: Row, price: str) -> str:
    days = row.fee.terms.qualifying_days if isinstance(row.fee.terms, Start) else 0
    if days:
        return str(_("En gång, när insatsen har pågått i %(days)s dagar: %(price)s.", days=days, price=price))
    return str(_("En gång, när insatsen börjar: %(price)s.", price=price))


def _instalment(row: Row, price: str) -> str:
    if row.key.part == BALANCE or row.of == 1:
        return str(_("Det som var kvar, i en summa: %(price)s.", price=price))
    if row.of % 100 == 0:
        return str(
            _(
                "%(percent)s procent av %(price)s, delat på %(parts)s.",
                percent=row.quantity,
                price=price,
                parts=row.of // 100,
            )
        )
    return str(_("Det som var kvar, %(price)s, delat på %(parts)s.", price=price, parts=row.of))


def _completed(_row: Row, price: str) -> str:
    return str(_("Det som hölls inne av %(price)s, när insatsen är fullföljd.", price=price))


def _soon(row: Row, price: str) -> str:
    return str(
        _(
            "%(percent)s procent av %(price)s, för att resultatet kom snabbt.",
            percent=row.quantity,
            price=price,
        )
    )


def _part(row: Row, price: str) -> str:
    terms = row.fee.terms
    parts = len(terms.shares) if isinstance(terms, Milestone | OutcomeFee | Sustained) else 1
    if parts == 1 and row.quantity == row.of:
        return str(_("Hela beloppet, %(price)s.", price=price))
    if row.quantity == row.of:
        return str(_("Del %(part)s av %(parts)s: %(price)s.", part=row.key.part, parts=parts, price=price))
    return str(
        _(
            "Del %(part)s av %(parts)s: %(percent)s procent av %(price)s.",
            part=row.key.part,
            parts=parts,
            percent=_percent(row),
            price=price,
        )
    )


def _percent(row: Row) -> str:
    """30, or 12,5 where only some of a part was reached."""
    whole, rest = divmod(10_000 * row.quantity // row.of, 100)
    return f"{whole},{rest:02d}".rstrip("0") if rest else str(whole)


HOW: dict[type[Terms], Callable[[Row, str], str]] = {
    Monthly: _month,
    Weekdays: _days,
    Start: _start,
    Instalments: _instalment,
    Completion: _completed,
    Speed: _soon,
    Milestone: _part,
    OutcomeFee: _part,
    Sustained: _part,
}


def _capped(row: Row) -> str:
    found = reckoned(
        row.fee,
        row.key.part,
        price_ore=row.unit_price,
        quantity=row.quantity,
        of_quantity=row.of,
        amount_ore=abs(row.amount),
    )
    if found.cut_ore <= 0:
        return ""
    return " " + _("Ett tak gör att det blir %(amount)s.", amount=amount(abs(row.amount), row.currency))


def sentence(row: Row, locale: str) -> str:
    """The whole row in one or two sentences."""
    name, day = title(row.fee, locale), words.month(row.period)
    if row.sequence % 2 and row.reason == "changed":
        said = _("%(fee)s, %(month)s: tas tillbaka, för att underlaget har ändrats.", fee=name, month=day)
    elif row.sequence % 2:
        said = _(
            "%(fee)s, %(month)s: tas tillbaka, för att det inte är intjänat längre.", fee=name, month=day
        )
    else:
        said = f"{name}, {day}: {how(row)[:1].lower()}{how(row)[1:]}"
    if row.gate:
        said += " " + _("Stoppas: %(why)s.", why=gate(row))
    return said


STATES = {
    "approved": _l("Godkänd"),
    "told": _l("Lämnad, inte godkänd"),
    "contested": _l("Personen säger emot"),
    "none": _l("Ingen rapport"),
}
"""How a month can be reported, on the page."""

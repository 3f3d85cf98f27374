"""Results by three definitions side by side, in rows: for a page, for a file, for a town or one provider."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.oversight.figures import ALONE, LEVELS, SERVICES, YEAR_MONTHS, Offered, offered
from app.oversight.secrecy import Hidden, Value, hidden, is_small
from app.oversight.telling import number, said
from vouchers.queries.figures import Cell, Grain, Key, endings, month_number
from vouchers.rules.outcomes import FOLLOWED_KINDS, Tally

PARTS = ("paid", "lasting", "later")
"""The three definitions, in the order they are shown."""
OF = {"paid": "left", "lasting": "left", "later": "later_asked"}
GOOD = {"paid": "paid", "lasting": "lasting", "later": "later_there"}
TITLES = {
    "left": _l("Slutade"),
    "paid": _l("Betalt resultat"),
    "lasting": _l("Minst en månad (KAS)"),
    "later": _l("Kvar efter sex månader"),
}
TEXTS = {
    "paid": _l(
        "Kommunen har verifierat resultatet, så att det kan betalas: arbete, studier, eget företag eller "
        "steget till nästa insats. Det som inte är prövat än räknas inte."
    ),
    "lasting": _l(
        "Som i kommunernas egen statistik, KAS: arbete på den vanliga arbetsmarknaden i minst en månad i "
        "sträck, eller studier. Lönestöd räknas, anställning hos kommunen räknas inte. Det som var för kort "
        "för att betalas räknas om det höll en månad."
    ),
    "later": _l(
        "Av matchande insatser som slutade för minst sex månader sedan: en prövning har visat att personen "
        "då hade arbete, studier eller eget företag. Den som väntar på prövning räknas inte alls. Den som "
        "aldrig fick något resultat räknas som nej."
    ),
}


@dataclass(frozen=True)
class Part:
    """By one definition: `good` of `of`, and how many nobody has judged yet. None where nothing is asked."""

    good: Value
    of: Value
    waiting: Value

    @property
    def share(self) -> Value:
        """Of 100, rounded half up; hidden when any number that it is made of is."""
        for one in (self.good, self.of):
            if isinstance(one, Hidden):
                return one
        if not isinstance(self.good, int) or not isinstance(self.of, int) or not self.of:
            return None
        return (200 * self.good + self.of) // (2 * self.of)

    @property
    def words(self) -> str:
        """53 av 120, or färre än 5."""
        if self.of is None:
            return "–"
        if isinstance(self.good, Hidden) or isinstance(self.of, Hidden):
            return said(self.good if isinstance(self.good, Hidden) else self.of)
        return _("%(good)s av %(of)s", good=number(self.good or 0), of=number(self.of))

    @property
    def share_words(self) -> str:
        """44 av 100, or nothing to say."""
        share = self.share
        return _("%(share)s av 100", share=share) if isinstance(share, int) else ""

    @property
    def waiting_words(self) -> str:
        """4 väntar på prövning, or nothing."""
        if not isinstance(self.waiting, int) or not self.waiting:
            return ""
        return ngettext("%(num)s väntar på prövning", "%(num)s väntar på prövning", self.waiting)


@dataclass(frozen=True)
class Line:
    """Those who left a service in one span; `year` is None for the last twelve whole months."""

    year: int | None
    service: str
    left: Value
    parts: dict[str, Part]


@dataclass(frozen=True)
class Definitions:
    """The three definitions of everybody who has left, up to `today`.

    `hidden` must not be shown: too few people, or what would give them away. Empty for a provider's own.
    """

    today: date
    cells: dict[Key, Cell]
    hidden: frozenset[Key]
    offers: dict[str, Offered]
    window: int

    @property
    def years(self) -> list[int]:
        """Years that somebody left in, the latest first."""
        return sorted({key.bucket for key in self.cells if key.grain == "year"}, reverse=True)

    @property
    def services(self) -> list[str]:
        """The services that somebody has left, in the rulebooks' order."""
        used = {key.service for key in self.cells}
        return [code for code in self.offers if code in used]

    def line(self, year: int | None, service: str = "") -> Line:
        """One span of one service, or of all."""
        grain, bucket = ("window", self.window) if year is None else ("year", year)

        def value(measure: str) -> Value:
            key = Key(measure, grain, bucket, service)
            cell = self.cells.get(key)
            if cell is None:
                return 0
            if key in self.hidden:
                return Hidden.FEW if is_small(cell) else Hidden.KEPT
            return cell.events

        parts = {name: Part(value(GOOD[name]), value(OF[name]), value(f"{name}_waiting")) for name in PARTS}
        if service and self.offers[service].service.kind not in FOLLOWED_KINDS:
            parts["later"] = Part(None, None, None)
        return Line(year, service, value("left"), parts)

    def by_year(self, service: str = "") -> list[Line]:
        """A line a year, the latest first."""
        return [self.line(year, service) for year in self.years]

    def titles(self, locale: str) -> dict[str, str]:
        """Names of the services, by code; with their kundval when there are several."""
        used = self.services
        alone = len({self.offers[code].scheme_sv for code in used}) <= 1
        return {code: self.offers[code].title(locale, alone=alone) for code in used}

    def tally(self, name: str, service: str = "") -> Tally:
        """So many of so many by that definition in all years, for a provider that sees its own people."""
        cells = [cell for key, cell in self.cells.items() if key.grain == "year" and key.service == service]
        good = sum(cell.events for cell in cells if cell.key.measure == GOOD[name])
        return Tally(good, sum(cell.events for cell in cells if cell.key.measure == OF[name]))


def gathered(
    session: Session, municipality_id: int, today: date, *, provider_id: int | None = None
) -> Definitions:
    """Everything in a fixed number of queries; with `provider_id` that provider's own people, unhidden."""
    grains = (
        Grain("month", 1, (LEVELS, SERVICES, ALONE)),
        Grain("year", YEAR_MONTHS, (SERVICES, ALONE)),
        Grain("window", YEAR_MONTHS, (SERVICES, ALONE), anchor=month_number(today)),
    )
    offers, _schemes = offered(session, municipality_id)
    matching = [code for code, offer in offers.items() if offer.service.kind in FOLLOWED_KINDS]
    cells = endings(session, municipality_id, today, grains, matching, provider_id=provider_id)
    concealed: Iterable[Key] = () if provider_id is not None else hidden(cells, grains, {})
    return Definitions(
        today=today,
        cells={cell.key: cell for cell in cells},
        hidden=frozenset(concealed),
        offers=offers,
        window=grains[2].bucket_of(month_number(today) - 1),
    )

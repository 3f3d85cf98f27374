"""All the figures of a municipality, gathered in five queries for pages, files and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.oversight.secrecy import Hidden, Value, hidden, is_small, small
from core.rulebooks import Rulebook
from payouts.queries import figures as money
from payouts.rules.fees import COMPONENTS
from providers.rules.accreditation import OPEN_STATES
from vouchers.queries import customers
from vouchers.queries import figures as choices
from vouchers.queries.figures import Cell, Grain, Key, first_day, month_number
from vouchers.queries.terms import terms_of
from vouchers.rules.outcomes import PASSED, WAITING, Left, Tally, still_there
from vouchers.rules.terms import Service

ALONE, SERVICES, LEVELS = (), ("service",), ("service", "level")
YEAR_MONTHS = 12
# What is shown of a measure: how many different people, how many times, or the sum of days or öre.
SHOWN = {
    "served": "people",
    "decided": "events",
    "started": "events",
    "ended": "events",
    "outcome": "events",
    "days": "amount",
    "followed": "events",
    "still": "events",
    "waiting": "events",
    money.TOTAL: "amount",
    **dict.fromkeys(COMPONENTS, "amount"),
}


@dataclass(frozen=True)
class Offered:
    """A service as some rulebook names it, the newest version last; `scheme` is that kundval's title."""

    code: str
    service: Service
    scheme_sv: str
    scheme_en: str

    def title(self, locale: str, *, alone: bool) -> str:
        """Its name; with its kundval unless that is the only one."""
        scheme = self.scheme_en if locale == "en" else self.scheme_sv
        title = self.service.title(locale)
        return title if alone else f"{scheme}: {title}"

    def level_title(self, code: str, locale: str) -> str:
        """The name of a level; its code when the newest version has no such level any more."""
        known = {level.code for level in self.service.levels}
        return self.service.level_title(code, locale) if code in known else code


@dataclass(frozen=True)
class Right:
    """A provider's right to be chosen for a service, from a day to a day."""

    provider_id: int
    is_municipal: bool
    service: str
    from_on: date
    to_on: date | None

    def holds(self, day: date) -> bool:
        """Whether it held that day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True)
class Figures:
    """Every cell of every figure up to `today`, and which of them must be hidden.

    Grains: month (by level, by service, alone), year and window (by service, alone). Windows are twelve whole
    months each; the last one, `last_window`, ends with the last month that is over.
    """

    today: date
    grains: dict[str, Grain]
    cells: dict[Key, Cell]
    hidden: frozenset[Key]
    offers: dict[str, Offered]
    rights: tuple[Right, ...]
    first_month: int = field(default=0)

    @property
    def this_month(self) -> int:
        """The month that runs, as a number."""
        return month_number(self.today)

    @property
    def last_window(self) -> int:
        """The number of the window that ends with the last whole month."""
        return self.grains["window"].bucket_of(self.this_month - 1)

    @property
    def years(self) -> range:
        """The years that have figures; the last one is this year."""
        return range(self.first_month // 12, self.today.year + 1)

    @property
    def services(self) -> list[str]:
        """The codes of services that somebody has been given, in the order of the rulebooks."""
        used = {key.service for key in self.cells}
        return [code for code in self.offers if code in used]

    def span(self, grain: str, bucket: int) -> tuple[date, date]:
        """The first and last day of a span of months."""
        first = self.grains[grain].first_month(bucket)
        return first_day(first), first_day(first + self.grains[grain].size) - timedelta(days=1)

    def number(self, key: Key) -> int:
        """The number itself, hidden or not."""
        cell = self.cells.get(key)
        return int(getattr(cell, SHOWN[key.measure])) if cell else 0

    def value(self, key: Key) -> Value:
        """The number as it may be shown."""
        return self.hiding(key) or self.number(key)

    def hiding(self, key: Key) -> Hidden | None:
        """Why the number is hidden, if it is."""
        if key not in self.hidden:
            return None
        return Hidden.FEW if is_small(self.cells[key]) else Hidden.KEPT

    def follows(self, service: str) -> bool:
        """Whether it is asked how people of the service fare six months later."""
        return any(
            key.measure == "followed" and key.grain == "year" and key.service == service for key in self.cells
        )

    def mean_days(self, keys: Iterable[Key]) -> int | None:
        """Days in service of those who have ended, in whole days; `keys` are of the measure days."""
        cells = [self.cells[key] for key in keys if key in self.cells]
        return mean(sum(cell.amount for cell in cells), sum(cell.events for cell in cells))

    def providers(self, day: date, service: str = "") -> tuple[int, int]:
        """(providers accredited that day, of which municipal)."""
        there = {
            (right.provider_id, right.is_municipal)
            for right in self.rights
            if right.holds(day) and service in ("", right.service)
        }
        return len(there), sum(is_municipal for _, is_municipal in there)


def there_later(still: int, followed: int, waiting: int) -> Tally:
    """Of those followed, those still in work or studies: by the one definition of it."""
    return still_there(
        [
            Left(still, has_result=True, is_ripe=True, later=PASSED),
            Left(waiting, has_result=True, is_ripe=True, later=WAITING),
            Left(followed - still - waiting, has_result=False, is_ripe=True),
        ]
    )


def mean(total: int, count: int) -> int | None:
    """`total` ÷ `count`, rounded half up; None of nothing."""
    return (2 * total + count) // (2 * count) if count else None


def gather(session: Session, municipality_id: int, today: date) -> Figures:
    """Ask for everything; the number of queries is the same however much there is."""
    grains = (
        Grain("month", 1, (LEVELS, SERVICES, ALONE)),
        Grain("year", YEAR_MONTHS, (SERVICES, ALONE)),
        Grain("window", YEAR_MONTHS, (SERVICES, ALONE), anchor=month_number(today)),
    )
    offers, schemes = offered(session, municipality_id)
    matching = [code for code, offer in offers.items() if offer.service.kind == "matching"]
    flows = choices.flows(session, municipality_id, today, grains, matching)
    booked = money.booked(session, municipality_id, today, grains)
    there = choices.served(session, municipality_id, today, grains)
    months = [cell.key.bucket for cell in (*flows, *booked, *there) if cell.key.grain == "month"]
    # Who was there does not add up: the same person is there in many months.
    concealed = hidden([*flows, *booked], grains, {money.TOTAL: COMPONENTS}) | small(there)
    return Figures(
        today=today,
        grains={grain.name: grain for grain in grains},
        cells={cell.key: cell for cell in (*flows, *booked, *there)},
        hidden=concealed,
        offers=offers,
        rights=tuple(_rights(session, municipality_id, schemes)),
        first_month=min(months, default=month_number(today)),
    )


def offered(session: Session, municipality_id: int) -> tuple[dict[str, Offered], dict[int, str]]:
    books = session.scalars(
        select(Rulebook)
        .where(Rulebook.municipality_id == municipality_id)
        .order_by(Rulebook.scheme, Rulebook.valid_from)
    ).all()
    offers = {
        f"{book.scheme}.{code}": Offered(f"{book.scheme}.{code}", service, book.title_sv, book.title_en)
        for book in books
        for code, service in terms_of(session, municipality_id, book.id).services.items()
    }
    return offers, {book.id: book.scheme for book in books}


def _rights(session: Session, municipality_id: int, schemes: dict[int, str]) -> Iterable[Right]:
    for row in customers.accreditations(session, municipality_id):
        if row.from_on and (row.state in OPEN_STATES or row.to_on):
            service = f"{schemes[row.rulebook_id]}.{row.service}"
            yield Right(row.provider_id, row.legal_form == "municipal", service, row.from_on, row.to_on)


# ── the town beside the published ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TownFigures:
    """A town in seven numbers, over whole windows of twelve months from `from_on` to `to_on`.

    Providers are those accredited today; the rest is a mean a year, or of everybody in those windows.
    `paid_ore_per_year` is what the ledger has booked, clawbacks taken away.
    """

    providers: int
    municipal_providers: int
    served_per_year: int
    vouchers_per_year: int
    mean_days_in_matching: int
    share_still_per_hundred: int
    paid_ore_per_year: int
    from_on: date
    to_on: date


def town_figures(session: Session, municipality_id: int, today: date) -> TownFigures:
    """The town's figures over the last two windows of twelve whole months.

    Windows end with the last month that is over. The first window of a town's life is left out when there is
    another, because nobody is in service when it begins.
    """
    found = gather(session, municipality_id, today)
    whole = (found.this_month - found.first_month) // YEAR_MONTHS
    count = min(max(whole - 1, 1), 2)
    windows = range(found.last_window - count + 1, found.last_window + 1)

    def sum_of(measure: str) -> int:
        return sum(found.number(Key(measure, "window", bucket)) for bucket in windows)

    later = there_later(sum_of("still"), sum_of("followed"), sum_of("waiting"))
    providers, municipal = found.providers(today)
    return TownFigures(
        providers=providers,
        municipal_providers=municipal,
        served_per_year=mean(sum_of("served"), count) or 0,
        vouchers_per_year=mean(sum_of("decided"), count) or 0,
        mean_days_in_matching=found.mean_days(Key("days", "window", bucket) for bucket in windows) or 0,
        share_still_per_hundred=mean(100 * later.good, later.people) or 0,
        paid_ore_per_year=mean(sum_of(money.TOTAL), count) or 0,
        from_on=found.span("window", windows[0])[0],
        to_on=found.span("window", windows[-1])[1],
    )


def beside_published(figures: TownFigures) -> list[tuple[str, str, str]]:
    """(what, ours, published) for the command line; published is what Nacka has said of its own kundval."""
    whole, tenth = divmod(mean(figures.paid_ore_per_year, 10_000_000) or 0, 10)
    return [
        ("providers", f"{figures.providers}, of which {figures.municipal_providers} municipal",
         "24, of which 1 municipal"),
        ("people served a year", f"{figures.served_per_year:,}".replace(",", " "), "about 1 100"),
        ("mean days in matching", str(figures.mean_days_in_matching), "about 270"),
        ("in work or studies six months after", f"{figures.share_still_per_hundred} of 100",
         "over 40 of 100"),
        ("booked a year", f"{whole}.{tenth} million kr", "about 40 million kr"),
        ("new vouchers a year", str(figures.vouchers_per_year), "not published"),
    ]  # fmt: skip

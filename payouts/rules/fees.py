"""What a tariff is made of: fees of some kinds with their prices, policy switches, caps and an index.

A fee stands in one of the ledger's four categories. Of several fees in a category each has a number, from 0,
and the ledger's part is that number × FEE plus the fee's own part (a month as 202604, or 1, 2, 3 …).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

COMPONENTS = ("base", "result", "bonus", "milestone")
FEE = 1_000_000
STATUSES = ("published", "historical", "example")
CURRENCIES = ("SEK", "DKK", "EUR", "GBP", "NOK")
PRO_RATA = ("calendar_days", "weekdays", "whole_month")
UNITS = ("days", "weeks", "months")
UNCHANGED = 10_000

Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Price:
    """An amount in öre excluding VAT, where it comes from, and whether anybody has published it."""

    ore: int
    status: str
    source: str


@dataclass(frozen=True)
class Rate:
    """A price from a day on; None is from the beginning."""

    from_on: date | None
    price: Price


@dataclass(frozen=True)
class Offset:
    """A time after some day: whole days, weeks or calendar months (31 August + 6 months is 28 February)."""

    count: int
    unit: str = "months"


@dataclass(frozen=True)
class Start:
    """Once, when the service has run its qualifying days."""

    qualifying_days: int


@dataclass(frozen=True)
class Monthly:
    """For each reported and approved month. `pro_rata` says how a part of a month is paid."""

    qualifying_days: int
    instalments: int
    pro_rata: str = "calendar_days"

    @property
    def by_days(self) -> bool:
        """Whether a month is paid by the days the person was there."""
        return self.pro_rata != "whole_month"


@dataclass(frozen=True)
class Weekdays:
    """For each day of a reported and approved month: Monday to Friday, or with `calendar` every day.

    A block is `block_months` calendar months from the voucher's first; at most `cap_ore` is paid in it.
    `block_months` 0 is no block and no cap.
    """

    qualifying_days: int
    instalments: int
    block_months: int = 0
    cap_ore: int = 0
    calendar: bool = False


@dataclass(frozen=True)
class Instalments:
    """`percent` of a price in equal parts over the planned span, whether anything was reported or not.

    `by` is month_ends, or anniversaries: the ends of the months of service. With `agreed` the price is the
    person's own, in Changes. `needs_report` asks for an approved report of the month that the instalment
    falls in.
    """

    percent: int
    qualifying_days: int
    by: str = "month_ends"
    agreed: bool = False
    needs_report: bool = False


@dataclass(frozen=True)
class Milestone:
    """Parts of the price when the person is still there at each offset from the start."""

    offsets: tuple[Offset, ...]
    shares: tuple[int, ...]


@dataclass(frozen=True)
class Completion:
    """`percent` of the price of the instalments fee named `of`, held back until the service is completed."""

    percent: int
    of: str


@dataclass(frozen=True)
class OutcomeFee:
    """A result fee in parts: `shares` in percent, summing to 100.

    `offsets`, where the tariff names them, say how long after the result began each part is due; a part that
    is proved later than `window_days` after that is not paid (0: no window). `partial` allows a share of one.
    """

    shares: tuple[int, ...]
    offsets: tuple[Offset, ...] = ()
    window_days: int = 0
    partial: bool = False


@dataclass(frozen=True)
class Speed:
    """A bonus for a result that began soon: the share in percent of the first step that it is within.

    `steps` are (days from the first start, both days counted; percent), the shortest first.
    """

    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Sustained:
    """A bonus when the result still stands, in one part or several: `shares` in percent, summing to 100.

    With `each` the price is that of every part, and `shares` only says how many there are.
    """

    shares: tuple[int, ...] = (100,)
    offsets: tuple[Offset, ...] = ()
    each: bool = False


Terms: TypeAlias = (
    Start | Monthly | Weekdays | Instalments | Milestone | Completion | OutcomeFee | Speed | Sustained
)


@dataclass(frozen=True)
class Factors:
    """What a price is multiplied with, in ten thousandths, by level, region and target group."""

    level: dict[str, int] = field(default_factory=dict)
    region: dict[str, int] = field(default_factory=dict)
    group: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Fee:
    """One fee. `rates` are by (service, level), the oldest first; `indexed` says that the index applies."""

    code: str
    component: str
    number: int
    terms: Terms
    rates: dict[Key, tuple[Rate, ...]] = field(default_factory=dict)
    factors: Factors = Factors()
    indexed: bool = False
    title_sv: str = ""
    title_en: str = ""

    @property
    def prices(self) -> dict[Key, Price]:
        """The newest price of each service and level."""
        return {key: rates[-1].price for key, rates in self.rates.items()}

    def title(self, locale: str) -> str:
        """Its own name, empty when it goes by its category's."""
        return self.title_en if locale == "en" else self.title_sv


@dataclass(frozen=True)
class Policy:
    """What peers do differently, said by the rulebook. The first word of each list is what holds unsaid.

    early_finish: dropped | paid – what is left of the instalments when a service is completed early.
    switch_month: by_days | last_day – a month of a switch is shared, or whoever is in charge on its last day
    has the whole of it.
    qualifying: always | waived_by_result – whether a result stands in for the qualifying days.
    bars: voucher | provider – whether a start or milestone paid to one provider bars the next.
    remainder: last | first – which part takes what rounding left.
    pause: stops | runs | spread – whether paused months move the instalments, are lost, or what is left is
    spread over what remains.
    resumed: continues | anew – a return after a break goes on with the numbering, or begins it again.
    rates_by: period | start – a dated price holds for what it is for, or for those who start after its day.
    changes: spread | anew – a changed price or end is spread over what remains, or counts from the beginning.
    clawback_months: how far back a clawback reaches; 0 is without end.
    """

    early_finish: str = "dropped"
    switch_month: str = "by_days"
    qualifying: str = "always"
    bars: str = "voucher"
    remainder: str = "last"
    pause: str = "stops"
    resumed: str = "continues"
    rates_by: str = "period"
    changes: str = "spread"
    clawback_months: int = 0


SWITCHES = {
    "early_finish": ("dropped", "paid"),
    "switch_month": ("by_days", "last_day"),
    "qualifying": ("always", "waived_by_result"),
    "bars": ("voucher", "provider"),
    "remainder": ("last", "first"),
    "resumed": ("continues", "anew"),
    "rates_by": ("period", "start"),
    "changes": ("spread", "anew"),
}
PAUSES = ("stops", "runs", "spread")


@dataclass(frozen=True)
class Cap:
    """At most `ore` for these fees (codes; empty: all) per person or provider, in all, a month or a year."""

    per: str
    period: str
    ore: int
    fees: tuple[str, ...] = ()


CAP_PER = ("person", "provider")
CAP_PERIODS = ("all", "month", "year")


@dataclass(frozen=True)
class Index:
    """An index of prices: the points of the prices' own day, and those from later days, the oldest first."""

    base_points: int
    points: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class Tariff:
    """A rulebook's fees. A fee without a price for a service and level pays nothing there."""

    fees: tuple[Fee, ...]
    policy: Policy = Policy()
    caps: tuple[Cap, ...] = ()
    index: Index | None = None
    currency: str = "SEK"

    def first(self, component: str) -> Fee | None:
        """The first fee of a category."""
        return next((fee for fee in self.fees if fee.component == component), None)

    def fee_of(self, component: str, part: int) -> Fee | None:
        """The fee that a ledger part belongs to."""
        wanted = (component, part // FEE)
        return next((fee for fee in self.fees if (fee.component, fee.number) == wanted), None)

    def coded(self, code: str) -> Fee | None:
        """The fee with that code."""
        return next((fee for fee in self.fees if fee.code == code), None)

    def prices(self, component: str) -> dict[Key, Price]:
        """The newest prices of a category's first fee by (service, level)."""
        fee = self.first(component)
        return fee.prices if fee else {}

    def parts(self, component: str) -> int:
        """The most parts that a result, or its bonus, has in any fee; 0 where there is no such fee."""
        shared = [
            len(fee.terms.shares)
            for fee in self.fees
            if fee.component == component and isinstance(fee.terms, OutcomeFee | Sustained)
        ]
        return max(shared, default=0)

    @property
    def clock_stops(self) -> bool:
        """Whether a month paused in whole is no instalment."""
        return self.policy.pause == "stops"

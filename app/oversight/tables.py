"""The tables as data frames: whole numbers and whole öre, and which of them must be hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.oversight.figures import Figures, there_later
from app.oversight.secrecy import Hidden, Value
from payouts.rules.fees import COMPONENTS
from vouchers.queries.figures import Key

if TYPE_CHECKING:
    import pandas as pd

YEAR_MEASURES = (
    "served", "decided", "started", "ended", "days", "outcome", "followed", "still", "waiting",
    *COMPONENTS, "money",
)  # fmt: skip
MONTH_MEASURES = ("served", "decided", "started", "ended", "outcome", *COMPONENTS, "money")
WHERE = ("bucket", "service", "level")
WHY = (None, Hidden.FEW, Hidden.KEPT)


@dataclass(frozen=True)
class Table:
    """`values` has a row a group: whom it is about, then a whole number a measure (Int64; NA: nothing).

    `hiding` has the same rows and measures: above 0 where the number must not be shown (NA in `values`), as a
    position in WHY.
    """

    values: pd.DataFrame
    hiding: pd.DataFrame

    def sorted(self, key: str, *, ascending: bool) -> Table:
        """The rows in that order; hidden numbers stand last, so that their place tells nothing."""
        if key not in self.values.columns:
            return self
        order = self.values.sort_values(key, ascending=ascending, na_position="last", kind="stable").index
        return Table(self.values.loc[order], self.hiding.loc[order])

    def page(self, first: int, count: int) -> Table:
        """Some of its rows."""
        return Table(self.values.iloc[first : first + count], self.hiding.iloc[first : first + count])

    def rows(self) -> list[dict[str, Value | str]]:
        """Plain rows: text where it is text, whole numbers, None for nothing to say, why it is hidden."""
        columns = {
            name: [_plain(value) for value in self.values[name].tolist()] for name in self.values.columns
        }
        for name in self.hiding.columns:
            columns[name] = [
                WHY[why] or value
                for why, value in zip(self.hiding[name].tolist(), columns[name], strict=True)
            ]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def __len__(self) -> int:
        return len(self.values)


def by_month(figures: Figures, *, year: int | None = None, service: str = "") -> Table:
    """Month × service × level, the latest month first; of one year, or one service, or all."""
    table = _table(figures, "month", MONTH_MEASURES, by_level=True, service=service)
    if year is not None:
        chosen = table.values["bucket"] // 12 == year
        table = Table(table.values[chosen], table.hiding[chosen])
    return _in_order(table, figures.services)


def by_year(figures: Figures, *, service: str = "") -> Table:
    """One row a year, the latest first, of one service or of all together, with its means and shares.

    mean_days are whole days of those who ended; share is of 100 followed and judged; both of matching
    services alone.
    """
    import pandas as pd  # noqa: PLC0415  # costs at start, and few pages need it

    table = _table(figures, "year", YEAR_MEASURES, by_level=False, service=service)
    values, hiding = table.values, table.hiding
    values["mean_days"] = _mean(values["days"], values["ended_matching"])
    hiding["mean_days"] = hiding["days"]
    judged = [
        there_later(*map(int, row)) for row in values[["still", "followed", "waiting"]].fillna(0).to_numpy()
    ]
    people = pd.Series([one.people for one in judged], index=values.index, dtype="Int64")
    values["share"] = _mean(100 * values["still"], people)
    hiding["share"] = hiding[["still", "followed", "waiting"]].max(axis=1)
    values["share"] = values["share"].mask(hiding["share"] > 0)
    if not figures.follows(service):
        values[["followed", "still", "waiting"]] = None
    kept = [name for name in values.columns if name not in ("days", "ended_matching")]
    measures = [name for name in kept if name not in WHERE]
    return Table(values[kept].iloc[::-1], hiding[measures].iloc[::-1])


def _table(figures: Figures, grain: str, measures: Sequence[str], *, by_level: bool, service: str) -> Table:
    """Cells of a grain laid out: a row a group, a column a measure, 0 where nothing happened."""
    import pandas as pd  # noqa: PLC0415  # costs at start, and few pages need it

    cells = [
        (key.measure, key.bucket, key.service, key.level, figures.number(key), WHY.index(figures.hiding(key)))
        for key in figures.cells
        if key.grain == grain
        and key.measure in measures
        and bool(key.level) == by_level
        and (service == key.service if service or not by_level else True)
    ]
    frame = pd.DataFrame(cells, columns=["measure", *WHERE, "number", "why"])
    wide = frame.set_index(["measure", *WHERE])
    numbers = wide["number"].unstack("measure", fill_value=0)
    hiding = wide["why"].unstack("measure", fill_value=0)
    if not by_level:
        every = pd.MultiIndex.from_product([figures.years, [service], [""]], names=WHERE)
        numbers, hiding = numbers.reindex(every, fill_value=0), hiding.reindex(every, fill_value=0)
    numbers = numbers.reindex(columns=list(measures), fill_value=0).astype("Int64")
    hiding = hiding.reindex(columns=list(measures), fill_value=0).astype("int8")
    if "days" in measures:
        stays = [figures.cells.get(Key("days", grain, *place)) for place in numbers.index]
        counts = [stay.events if stay else 0 for stay in stays]
        numbers["ended_matching"] = pd.Series(counts, index=numbers.index, dtype="Int64")
    shown = numbers.mask(hiding.reindex(columns=numbers.columns, fill_value=0) > 0)
    return Table(shown.reset_index(), hiding.reset_index(drop=True))


def _in_order(table: Table, services: Sequence[str]) -> Table:
    """The latest month first, then services as their rulebooks have them, then levels."""
    keys = table.values.assign(
        bucket=-table.values["bucket"],
        service=[services.index(code) for code in table.values["service"].tolist()],
    )
    order = keys.sort_values(list(WHERE)).index
    return Table(table.values.loc[order], table.hiding.loc[order])


def _mean(total: pd.Series[int], count: pd.Series[int]) -> pd.Series[int]:
    """Rounded half up, in whole numbers; NA of nothing."""
    safe = count.where(count > 0)
    return (2 * total + safe) // (2 * safe)


def _plain(value: object) -> Value | str:
    """A cell as Python has it. A float would be a fault of ours."""
    if isinstance(value, float):
        raise TypeError("a number of the statistics became a float")
    return value if isinstance(value, str | int) else None

"""How each kind of row that comes in bulk is kept, and the rule it is held against: the one of its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement

from core.actor import Actor
from core.bulk import by_itself
from core.refusal import Refusal
from vouchers.models import Deviation, Occasion, Report
from vouchers.queries.told import Told
from vouchers.rules import deviations, fields, reporting
from vouchers.rules import occasions as meetings
from vouchers.rules.many import bare
from vouchers.rules.occasions import Held

There: TypeAlias = tuple[int, Any] | None
Values: TypeAlias = Mapping[str, Any]
Line: TypeAlias = Callable[[int, int, Values, bool], tuple[Any, ...]]


@dataclass(slots=True)
class Memory:
    """What one run of rows has found: (when it began, how long) in minutes of what is told already, by leg
    and day; and what the rule said of a month, which many people share."""

    beside: dict[tuple[int, date], list[tuple[int, int]]] = field(default_factory=dict)
    answers: dict[tuple[Any, ...], bool | Refusal] = field(default_factory=dict)


Check: TypeAlias = Callable[[Values, Told, There, Memory, date], bool]


@dataclass(frozen=True)
class Kind:
    """`fields` is its word in `fields.DECLARED`; `key` tells rows of one leg apart, the day first, and is no
    other than the database's own; `brings` is the column that `check` needs of the row that stands there.

    `own` are the columns that are not declared fields, but for the keys; `unjudged` what a mended row loses.
    """

    fields: str
    table: Any
    key: tuple[str, ...]
    brings: str
    is_living: ColumnElement[bool]
    check: Check
    event: str
    own: Callable[[Actor, date], Mapping[str, Any]]
    late: str | None = "is_late"
    minds_pauses: bool = False
    minds_others: bool = False
    unjudged: Mapping[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> str:
        """The field that says when."""
        return self.key[0]

    def columns(self, by: Actor, today: date, via: str) -> tuple[tuple[str, ...], Line]:
        """The names of all columns, and what makes a row of them from (id, leg, values, late)."""
        names = tuple(one.name for one in fields.DECLARED[self.fields])
        codes = next((n for n, one in enumerate(fields.DECLARED[self.fields]) if one.kind == "choices"), None)
        own = {**self.own(by, today), "via": via, "updated_at": by_itself(self.table.__table__, "updated_at")}
        fixed, here = tuple(own.values()), by.municipality_id

        def line(row_id: int, leg_id: int, values: Values, late: bool) -> tuple[Any, ...]:
            said = [values.get(name, "") for name in names]
            if codes is not None:
                said[codes] = " ".join(said[codes])
            lateness = (late,) if self.late else ()
            return (here, row_id, leg_id, *said, *fixed, *lateness)

        late = (self.late,) if self.late else ()
        return ("municipality_id", "id", "leg_id", *names, *own, *late), line


def _check_month(values: Values, leg: Told, there: There, memory: Memory, today: date) -> bool:
    month, living = values["month"], there[1] if there else None
    key = (month, living, leg.started_on, leg.ended_on, leg.rulebook_id)
    if (known := memory.answers.get(key)) is None:
        known = memory.answers[key] = _month(month, living, leg, today)
    if isinstance(known, Refusal):
        raise known
    return known


def _month(month: date, living: str | None, leg: Told, today: date) -> bool | Refusal:
    """What the rule says of the month alone; of what else was told it asks nothing, and is given nothing."""
    try:
        return reporting.check_month(
            {"month": month},
            started_on=leg.started_on,
            ended_on=leg.ended_on,
            living=living,
            terms=leg.terms,
            today=today,
        )
    except Refusal as refusal:
        return bare(refusal)


def _check_deviation(values: Values, leg: Told, there: There, _memory: Memory, today: date) -> bool:
    deviations.may_tell(
        happened_on=values["happened_on"],
        started_on=leg.started_on,
        ended_on=leg.ended_on,
        paused=leg.paused,
        terms=leg.terms,
        today=today,
    )
    if there:
        raise Refusal(
            "deviation_exists",
            "Frånvaron är redan anmäld. Ta tillbaka den anmälan först om något är fel i den.",
        )
    return deviations.is_late(values["happened_on"], leg.terms, today)


def _check_occasion(values: Values, leg: Told, _there: There, memory: Memory, today: date) -> bool:
    that_day = memory.beside.setdefault((leg.leg_id, values["held_on"]), [])
    meetings.may_record(
        held_on=values["held_on"],
        started=values["started"],
        minutes=values["minutes"],
        started_on=leg.started_on,
        ended_on=leg.ended_on,
        terms=leg.terms,
        beside=[Held(*one) for one in that_day],
        today=today,
    )
    that_day.append((values["started"], values["minutes"]))
    return False


MONTHS = Kind(
    fields="monthly",
    table=Report,
    key=("month",),
    brings="state",
    is_living=Report.state != "withdrawn",
    check=_check_month,
    event="months.told",
    own=lambda by, today: {
        "state": "submitted",
        "submitted_by": by.account_id,
        "submitted_on": today,
        "comment": "",
    },
    unjudged={"judged_by": None, "judged_on": None},
)
DEVIATIONS = Kind(
    fields="deviation",
    table=Deviation,
    key=("happened_on", "expected_from"),
    brings="state",
    is_living=Deviation.state != "withdrawn",
    check=_check_deviation,
    event="deviations.told",
    own=lambda by, today: {
        "state": "unjudged",
        "reported_by": by.account_id,
        "reported_on": today,
        "note": "",
    },
    minds_pauses=True,
)
OCCASIONS = Kind(
    fields="occasion",
    table=Occasion,
    key=("held_on", "started"),
    brings="minutes",
    is_living=Occasion.withdrawn_on.is_(None),
    check=_check_occasion,
    event="occasions.told",
    own=lambda by, today: {"recorded_by": by.account_id, "recorded_on": today},
    late=None,
    minds_others=True,
)

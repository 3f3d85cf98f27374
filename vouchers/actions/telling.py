"""Many rows at once from a provider's own system or file: held against the same rules as one told by page.

Nobody lists a report's fields here: they are those of `vouchers.rules.fields`. Rows come and go in chunks, so
that a hundred thousand take no more memory than a few. One audit entry with a digest stands for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.bulk import insert_rows
from core.database import new_ids, part_of
from core.dates import add_months, first_of_month
from core.refusal import Missing, Refusal
from vouchers.actions.telling_kinds import DEVIATIONS, MONTHS, OCCASIONS, Kind, Memory
from vouchers.queries import told as asked
from vouchers.queries.told import Told
from vouchers.rules import fields
from vouchers.rules.many import Reader, bare

CHUNK = 500
MONTHS_BACK = 37
"""One more than any rulebook may let a report wait."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it came: its number with whoever sent it, whom it is about, and what it says by field.

    `leg_id` is None where that could not be read; then `fault` says what was wrong with it.
    """

    number: int
    leg_id: int | None
    said: Mapping[str, object]
    fault: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: the field to change (`leg` for whom it is about), and why."""

    field: str
    refusal: Refusal


@dataclass(slots=True)
class Answer:
    """What became of the rows. `faults` and `ids` are by the row's number; `known` are rows that said
    what was told already and changed nothing. With a fault and `whole` nothing was stored."""

    count: int = 0
    stored: int = 0
    known: int = 0
    faults: dict[int, tuple[Fault, ...]] = field(default_factory=dict)
    ids: dict[int, int] = field(default_factory=dict)

    @property
    def good(self) -> int:
        """Rows without a fault."""
        return self.count - len(self.faults)


def tell_months(
    session: Session, provider_id: int, rows: Iterable[Row], *, via: str, whole: bool, by: Actor, today: date
) -> Answer:
    """Hand in monthly reports of a provider's own people, each by the rules of `submit_report`.

    `whole`: all or nothing; else the good rows go in. A returned report is mended; one that says the same
    already is left alone. Raises Missing for another provider, Forbidden without the role; all else is told
    by row in `Answer.faults`.
    """
    answer, digest = _tell(session, MONTHS, provider_id, rows, via=via, whole=whole, by=by, today=today)
    about = audit.Subject("provider", provider_id)
    if answer.stored:
        audit.record(session, MONTHS.event, about, by=by, count=answer.stored, via=via, digest=digest)
    return answer


def tell_deviations(
    session: Session, provider_id: int, rows: Iterable[Row], *, via: str, whole: bool, by: Actor, today: date
) -> Answer:
    """Tell of absences, each by the rules of `tell_deviation`; the rest as in `tell_months`."""
    answer, digest = _tell(session, DEVIATIONS, provider_id, rows, via=via, whole=whole, by=by, today=today)
    about = audit.Subject("provider", provider_id)
    if answer.stored:
        audit.record(session, DEVIATIONS.event, about, by=by, count=answer.stored, via=via, digest=digest)
    return answer


def tell_occasions(
    session: Session, provider_id: int, rows: Iterable[Row], *, via: str, whole: bool, by: Actor, today: date
) -> Answer:
    """Tell of meetings and activities, each by the rules of `record_occasion`; else as in `tell_months`."""
    answer, digest = _tell(session, OCCASIONS, provider_id, rows, via=via, whole=whole, by=by, today=today)
    about = audit.Subject("provider", provider_id)
    if answer.stored:
        audit.record(session, OCCASIONS.event, about, by=by, count=answer.stored, via=via, digest=digest)
    return answer


def _tell(
    session: Session,
    kind: Kind,
    provider_id: int,
    rows: Iterable[Row],
    *,
    via: str,
    whole: bool,
    by: Actor,
    today: date,
) -> tuple[Answer, str]:
    """What became of the rows, and a digest of those that were stored."""
    teller = _Teller(session, kind, provider_id, by=by, today=today, via=via)
    try:
        with part_of(session):
            answer = teller.take(rows, whole=whole)
            if whole and answer.faults:
                raise _TakenBack  # noqa: TRY301  # what undoes this part and no more
    except _TakenBack:
        answer.stored, answer.ids = 0, {}
    return answer, audit.digest(teller.digests)


class _TakenBack(Exception):
    """All or nothing, and it was not all."""


KINDS = {"monthly": tell_months, "deviations": tell_deviations, "occasions": tell_occasions}
"""What tells the rows of a kind of file."""


class _Teller:
    """One run of rows: what they are held against, and what has been found."""

    def __init__(
        self, session: Session, kind: Kind, provider_id: int, *, by: Actor, today: date, via: str = "file"
    ) -> None:
        by.require(Role.COACH, Role.MANAGER)
        if by.provider_id != provider_id:
            raise Missing()
        self.session, self.kind, self.provider_id = session, kind, provider_id
        self.by, self.today, self.via = by, today, via
        self.legs: dict[int, Told] = {}
        self.standing: dict[tuple[Any, ...], tuple[int, Any]] = {}
        self.memory = Memory()
        self.seen: dict[tuple[Any, ...], int] = {}
        self.readers: dict[int, Reader] = {}
        self.kept: dict[tuple[object, ...], Fault] = {}
        self.digests: list[str] = []

    def take(self, rows: Iterable[Row], *, whole: bool) -> Answer:
        """Read, check and write all rows; with `whole` no more is written after a fault."""
        answer, line = Answer(), iter(rows)
        while part := list(islice(line, CHUNK)):
            if not answer.count:
                self._load(part, all_of_them=len(part) == CHUNK)
            fresh, mended = self._check(part, answer)
            answer.count += len(part)
            if not (whole and answer.faults):
                self._write(fresh, mended)
                answer.stored += len(fresh) + len(mended)
        return answer

    def _load(self, part: list[Row], *, all_of_them: bool) -> None:
        """What a long file is held against is fetched once; for a short one, only what it is about."""
        wanted = None if all_of_them else {row.leg_id for row in part if row.leg_id is not None}
        kind, since = self.kind, add_months(first_of_month(self.today), -MONTHS_BACK)
        self.legs = asked.legs(self.session, self.provider_id, wanted, by=self.by, paused=kind.minds_pauses)
        self.standing = asked.standing(
            self.session,
            kind.table,
            kind.key,
            kind.brings,
            kind.is_living,
            municipality_id=self.by.municipality_id,
            provider_id=self.provider_id,
            leg_ids=wanted,
            since=since,
        )
        if kind.minds_others:
            for (leg_id, day, started), (_id, minutes) in self.standing.items():
                self.memory.beside.setdefault((leg_id, day), []).append((started, minutes))

    # ── one chunk ─────────────────────────────────────────────────────────────────────────────────

    def _check(self, part: list[Row], answer: Answer) -> tuple[list[_Good], list[_Good]]:
        """(new, mended) of the rows that are well; the others' faults go to the answer."""
        good: list[_Good] = []
        for row in part:
            found = self._one(row)
            if isinstance(found, _Good):
                good.append(found)
            else:
                answer.faults[row.number] = tuple(
                    self._fault(name, refusal) for name, refusal in found.items()
                )
        return self._compared(good, answer)

    def _one(self, row: Row) -> _Good | dict[str, Refusal]:
        """The row, read and held against what its own fields and its person allow."""
        if row.leg_id is None or (leg := self.legs.get(row.leg_id)) is None:
            return {"leg": row.fault or UNKNOWN}
        reader = self.readers.get(leg.rulebook_id)
        if reader is None:
            reader = self.readers[leg.rulebook_id] = Reader(self.kind.fields, leg.terms)
        values, faults = reader.read(row.said)
        if faults:
            return faults
        key = (leg.leg_id, *[values[name] for name in self.kind.key])
        first = self.seen.setdefault(key, row.number)
        if first != row.number:
            return {"leg": Refusal("row_twice", "Samma sak står redan på rad {row}.", status=422, row=first)}
        return _Good(row.number, leg, values, key, self.standing.get(key))

    def _compared(self, good: list[_Good], answer: Answer) -> tuple[list[_Good], list[_Good]]:
        """Rows that say what is told already are known; the others must be allowed by their rule."""
        fresh, mended = list[_Good](), list[_Good]()
        names = [one.name for one in fields.DECLARED[self.kind.fields]]
        there = [one.there[0] for one in good if one.there]
        says = (
            asked.contents(self.session, self.kind.table, names, self.by.municipality_id, there)
            if there
            else {}
        )
        for one in good:
            if one.there and says[one.there[0]] == tuple(_stored(one.values.get(name, "")) for name in names):
                answer.known += 1
                answer.ids[one.number] = one.there[0]
                continue
            try:
                one.late = self.kind.check(one.values, one.leg, one.there, self.memory, self.today)
            except Refusal as refusal:
                answer.faults[one.number] = (self._fault(self.kind.day, bare(refusal)),)
                continue
            (mended if one.there else fresh).append(one)
        for one, row_id in zip(fresh, new_ids(len(fresh)), strict=True):
            one.id = answer.ids[one.number] = row_id
        for one in mended:
            one.id = answer.ids[one.number] = one.there[0] if one.there else 0
        return fresh, mended

    def _fault(self, name: str, refusal: Refusal) -> Fault:
        """The same fault is kept once, however many rows have it."""
        key = (name, refusal.code, *refusal.params.items())
        return self.kept.setdefault(key, Fault(name, refusal))

    def _write(self, fresh: list[_Good], mended: list[_Good]) -> None:
        kind, here = self.kind, self.by.municipality_id
        columns, line = kind.columns(self.by, self.today, self.via)
        if fresh:
            rows = [line(one.id, one.leg.leg_id, one.values, one.late) for one in fresh]
            insert_rows(self.session, kind.table.__table__, columns, rows)
            self.digests.append(audit.digest((one.leg.leg_id, one.values) for one in fresh))
        for one in mended:
            values = dict(zip(columns, line(one.id, one.leg.leg_id, one.values, one.late), strict=True))
            self.digests.append(audit.digest([(one.leg.leg_id, one.values)]))
            changed = {name: value for name, value in values.items() if name not in ("municipality_id", "id")}
            self.session.execute(
                update(kind.table)
                .where(kind.table.municipality_id == here, kind.table.id == one.id)
                .values(**changed, **kind.unjudged)
            )


@dataclass(slots=True)
class _Good:
    """A row that has been read: `there` is (id, what it brings) of the one that stands in its place."""

    number: int
    leg: Told
    values: dict[str, Any]
    key: tuple[Any, ...]
    there: tuple[int, Any] | None
    id: int = 0
    late: bool = False


UNKNOWN = Refusal("participant_unknown", "Det finns ingen deltagare med det numret hos er.", status=422)


def _stored(value: Any) -> Any:
    """A value as its column has it."""
    return " ".join(value) if isinstance(value, tuple) else value

"""A market of any size from a seed, put in by COPY, its history booked month by month by the engine's own
runs.

docs/market.md describes it. People stand in the order they came; a third of them, drawn, is under each
rulebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.bulk import insert_columns, insert_rows, learn
from core.database import Base, Database
from core.rulebooks import Rulebook
from payouts.actions import holds
from payouts.models import Hold
from payouts.rules.columns import Whole, days, whole
from providers.models import Accreditation, Provider
from tests.support.town import Town, found, noon

SCHEMES = Path(__file__).parents[2] / "schemes"
BOOKS = (
    ("jobbpeng", "2023-01-01", ("basic", "enhanced")),
    ("rusta_och_matcha", "2023-04-17", ("a", "b", "c")),
    ("stom", "2014-01-01", ("1", "2", "3", "4")),
)
SEED = 20_260_101
FIRST_MONTH = np.datetime64("2026-01", "M")
MONTHS = 7
"""Six of history and the one that is measured."""
COMES = (-5, 7)
STAYS = (3, 11)
PROVIDERS = 300
LATE, PENDING, CONTESTED, WITHDRAWN, PAUSED, SWITCHED, RESULT = 0.05, 0.02, 0.003, 0.003, 0.05, 0.05, 0.35
HELD = 3
TABLES = Base.metadata.tables
ONE_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Report:
    """Reports that arrive in one month, by their leg's position."""

    leg: Whole
    month: NDArray[np.datetime64]


class Market:
    """So many vouchers and their legs as columns; months are numbered from 0, January 2026."""

    def __init__(self, size: int, town: Town, books: Sequence[int], providers: Whole, rights: Whole) -> None:
        """`rights` holds the accreditation of each provider (row) under each rulebook (column)."""
        self.size, self.town, self.books = size, town, whole(books)
        draw = np.random.default_rng(SEED)
        self.comes = COMES[0] + np.arange(size) * (COMES[1] - COMES[0]) // size
        self.stays = draw.integers(*STAYS, size)
        self.book = draw.integers(0, len(BOOKS), size)
        self.level = (
            draw.integers(0, 1 << 30, size) % whole([len(levels) for _, _, levels in BOOKS])[self.book]
        )
        start = (FIRST_MONTH + self.comes).astype("datetime64[D]") + draw.integers(0, 28, size)
        last = (FIRST_MONTH + self.comes + self.stays).astype("datetime64[D]") + draw.integers(0, 28, size)
        self.voucher = np.arange(1, size + 1, dtype=np.int64) << 22
        place = draw.integers(0, len(providers), size)
        # A switch: the first time ends in the middle, the second begins the next day with the next provider.
        switched = np.flatnonzero(draw.random(size) < SWITCHED)
        middle = start[switched] + (last[switched] - start[switched]) // 2
        self.leg_voucher = np.concatenate([np.arange(size), switched])
        self.leg_id = np.concatenate(
            [self.voucher + 1, self.voucher[-1] + (1 << 22) + np.arange(len(switched))]
        )
        self.leg_start = np.concatenate([start, middle + ONE_DAY])
        self.leg_last = np.concatenate([last, last[switched]])
        self.leg_last[switched] = middle
        self.is_switched = np.zeros(len(self.leg_id), dtype=bool)
        self.is_switched[switched] = True
        at = np.concatenate([place, (place[switched] + 1) % len(providers)])
        self.providers = providers
        self.leg_provider = providers[at]
        self.leg_right = rights[at, self.book[self.leg_voucher]]
        # A pause of 20 to 60 days, somewhere in the first time; on the last day of measuring it is over.
        self.paused = np.flatnonzero(draw.random(size) < PAUSED)
        self.pause_from = self.leg_start[self.paused] + draw.integers(10, 60, len(self.paused))
        self.pause_to = self.pause_from + draw.integers(20, 61, len(self.paused))
        self.draw = draw
        self._next_id = np.int64(1) << 50

    def ids(self, count: int) -> Whole:
        """Ids for that many rows more."""
        self._next_id += count
        return np.arange(self._next_id - count, self._next_id, dtype=np.int64)

    def last_day(self, month: int) -> date:
        """The last day of a month."""
        found: date = ((FIRST_MONTH + month + 1).astype("datetime64[D]") - ONE_DAY).item()
        return found

    def there(self, month: int) -> Whole:
        """Positions of the legs that anybody was at in a month, and not paused all of it."""
        first = (FIRST_MONTH + month).astype("datetime64[D]")
        last = np.datetime64(self.last_day(month), "D")
        there = (self.leg_start <= last) & (self.leg_last >= first)
        idle = self.paused[(self.pause_from <= first) & (self.pause_to > last)]
        there[idle] = False
        return np.flatnonzero(there)


def made(database: Database, size: int) -> Market:
    """The people, their vouchers and legs, and their pauses. Nothing is told yet."""
    town = found(database, decided_on=date(2025, 6, 2))
    with database.transaction(1) as session:
        books = [_book(session, scheme, version) for scheme, version, _ in BOOKS]
        providers, rights = _providers(session, books)
        market = Market(size, town, books, providers, rights)
    with database.transaction(1, serial=False) as session:
        _people(session, market)
        learn(session, "participant", "voucher")
        _legs(session, market)
        learn(session, "leg")
        _pauses(session, market)
    settled(database, "participant", "voucher", "leg", "pause")
    return market


def settled(database: Database, *tables: str) -> None:
    """What autovacuum does in a town where the rows come over months."""
    line = database.engine.raw_connection()
    try:
        driver = line.driver_connection
        if driver is None:
            raise AssertionError("a connection")
        driver.autocommit = True
        driver.execute(f"VACUUM ANALYZE {', '.join(tables)}")
        driver.autocommit = False
    finally:
        line.close()


def _book(session: Session, scheme: str, version: str) -> int:
    known = session.scalar(select(Rulebook.id).where(Rulebook.scheme == scheme, Rulebook.version == version))
    if known is not None:
        return known
    book = Rulebook(
        municipality_id=1,
        scheme=scheme,
        version=version,
        valid_from=date.fromisoformat(version),
        title_sv=scheme,
        title_en=scheme,
        text=(SCHEMES / scheme / f"{version}.toml").read_text("utf-8"),
        digest="0" * 64,
        state="decided",
        decided_on=date(2025, 6, 2),
    )
    session.add(book)
    session.flush()
    return book.id


def _providers(session: Session, books: list[int]) -> tuple[Whole, Whole]:
    rows = []
    for number in range(PROVIDERS):
        provider = Provider(
            municipality_id=1, name=f"Anordnare {number}", organisation_number=f"{5_590_000_000 + number}",
            legal_form="private",
        )  # fmt: skip
        session.add(provider)
        session.flush()
        own = [
            Accreditation(
                municipality_id=1, provider_id=provider.id, rulebook_id=book, scheme=scheme,
                service="matching", state="active", capacity=10_000, from_on=date(2025, 6, 2), decided_by=1,
                reasons="",
                diary_number=f"KS 2025/{number * 10 + place:05}",
            )
            for place, (book, (scheme, _, _)) in enumerate(zip(books, BOOKS, strict=True))
        ]  # fmt: skip
        session.add_all(own)
        session.flush()
        rows.append([provider.id, *(one.id for one in own)])
    found_rows = whole(rows)
    return found_rows[:, 0], found_rows[:, 1:]


def _people(session: Session, market: Market) -> None:
    count, guide = market.size, market.town.guide.account_id
    insert_columns(
        session, TABLES["participant"], count,
        municipality_id=1, id=market.voucher - 1, guide_id=guide, identity_sealed="x",
        identity_fingerprint=np.char.mod("%016d", np.arange(count)).astype("S16"),
        given_name="Prov", family_name="Provsson", protection="none", language="sv",
    )  # fmt: skip
    learn(session, "participant", "provider", "accreditation")
    for place, (scheme, _, levels) in enumerate(BOOKS):
        for number, level in enumerate(levels):
            mine = np.flatnonzero((market.book == place) & (market.level == number))
            decided = market.leg_start[mine] - 14 * ONE_DAY
            insert_columns(
                session, TABLES["voucher"], len(mine),
                municipality_id=1, id=market.voucher[mine], participant_id=market.voucher[mine] - 1,
                rulebook_id=int(market.books[place]), scheme=scheme, service="matching", level=level,
                months=12, state="active", decided_by=guide, decided_on=decided, reasons="Prov.",
                choose_by=decided + 7,
            )  # fmt: skip


def _legs(session: Session, market: Market) -> None:
    """All of them run; those that end are ended when their day has come."""
    second = np.arange(len(market.leg_id)) >= market.size
    for mine, ordinal in ((~second, 1), (second, 2)):
        rows = np.flatnonzero(mine & ~market.is_switched) if ordinal == 1 else np.flatnonzero(mine)
        _leg_rows(session, market, rows, ordinal)
    gone = np.flatnonzero(market.is_switched)
    _leg_rows(session, market, gone, 1, ended_on=market.leg_last[gone], end_reason="switched")


def _leg_rows(session: Session, market: Market, rows: Whole, ordinal: int, **ended: Any) -> None:
    start = market.leg_start[rows]
    insert_columns(
        session, TABLES["leg"], len(rows),
        municipality_id=1, id=market.leg_id[rows], voucher_id=market.voucher[market.leg_voucher[rows]],
        provider_id=market.leg_provider[rows], accreditation_id=market.leg_right[rows], ordinal=ordinal,
        how="own", chosen_on=start - 7, chosen_by=1, start_by=start, started_on=start, **ended,
    )  # fmt: skip


def _pauses(session: Session, market: Market) -> None:
    legs = market.paused
    insert_columns(
        session, TABLES["pause"], len(legs),
        municipality_id=1, id=market.ids(len(legs)), voucher_id=market.voucher[legs],
        leg_id=market.leg_id[legs], reason="sick", from_on=market.pause_from, expected_on=market.pause_to,
        resumed_on=market.pause_to, decided_by=1, decided_on=market.pause_from, resumed_by=1, )  # fmt: skip


def told(database: Database, market: Market, month: int, late: Report | None) -> Report:
    """What arrives in a month: its reports and those that are late, ends, results, contests, reports taken
    back.

    Gives the reports that will come too late.
    """
    draw, last = market.draw, np.datetime64(market.last_day(month), "D")
    there = market.there(month)
    chance = draw.random(len(there))
    comes_late = there[chance < LATE]
    waits = there[(chance >= LATE) & (chance < LATE + PENDING)]
    in_time = there[chance >= LATE + PENDING]
    this = (FIRST_MONTH + month).astype("datetime64[D]")
    with database.transaction(1, serial=False) as session:
        session.execute(
            text(
                "UPDATE report SET state = 'approved', judged_by = 2, judged_on = :day"
                " WHERE state = 'submitted' AND month < :month"
            ),
            {"day": last.item(), "month": this.item()},
        )
        if late is not None:
            _reports(session, market, late.leg, late.month, "approved", last)
        _reports(session, market, in_time, np.full(len(in_time), this), "approved", last)
        _reports(session, market, waits, np.full(len(waits), this), "submitted", last)
        _ends(session, market, month)
        _contests(session, market, month)
        _holds(session, market, month)
    return Report(comes_late, np.full(len(comes_late), this))


def _reports(
    session: Session, market: Market, legs: Whole, months: Any, state: str, on: np.datetime64
) -> None:
    day = days(np.full(len(legs), on))
    judged = {"judged_by": 2, "judged_on": day} if state == "approved" else {}
    insert_columns(
        session,
        TABLES["report"],
        len(legs),
        municipality_id=1,
        id=market.ids(len(legs)),
        leg_id=market.leg_id[legs],
        month=days(months),
        state=state,
        activity_minutes=1_200,
        meetings=4,
        physical_meetings=2,
        progress="Har sökt fem jobb och varit på en intervju.",
        next_step="Ringa två arbetsgivare.",
        next_step_on=day,
        submitted_by=3,
        submitted_on=day,
        is_late=0,
        comment="",
        **judged,
    )


ENDED = """
    UPDATE leg SET ended_on = found.day, end_reason = :reason
    FROM (SELECT unnest(CAST(:ids AS bigint[])) AS id, unnest(CAST(:days AS date[])) AS day) AS found
    WHERE leg.municipality_id = 1 AND leg.id = found.id
"""


def _ends(session: Session, market: Market, month: int) -> None:
    """Times that end in the month; a share of them with a result, whose first part is seen at once."""
    ends = market.leg_last.astype("datetime64[M]") == FIRST_MONTH + month
    ended = np.flatnonzero(ends & ~market.is_switched)
    works = market.draw.random(len(ended)) < RESULT
    for legs, reason in ((ended[works], "work"), (ended[~works], "time_out")):
        found = {"ids": market.leg_id[legs].tolist(), "days": market.leg_last[legs].tolist()}
        session.execute(text(ENDED), {"reason": reason, **found})
    legs = ended[works]
    count, starts, outcome = len(legs), market.leg_last[legs], market.ids(len(legs))
    own = {"voucher_id": market.voucher[market.leg_voucher[legs]], "leg_id": market.leg_id[legs]}
    insert_columns(
        session,
        TABLES["outcome"],
        count,
        municipality_id=1,
        id=outcome,
        **own,
        kind="work",
        state="verified",
        starts_on=starts,
        extent_percent=100,
        subsidised=0,
        claimed_by=3,
        claimed_on=starts,
    )
    learn(session, "outcome")
    insert_columns(
        session,
        TABLES["outcome_check"],
        count,
        municipality_id=1,
        id=market.ids(count),
        outcome_id=outcome,
        **own,
        purpose="result",
        part=1,
        due_on=starts,
        state="passed",
        source="payslip",
        judged_by=2,
        judged_on=days(np.full(count, market.last_day(month))),
    )


def _contests(session: Session, market: Market, month: int) -> None:
    """Some contest the month before, and some reports of it are taken back."""
    before = (FIRST_MONTH + month - 1).astype("datetime64[D]").item()
    ids = session.execute(
        text("SELECT id FROM report WHERE month = :month AND state = 'approved' ORDER BY id"),
        {"month": before},
    )
    reports = whole([row[0] for row in ids])
    chance = market.draw.random(len(reports))
    contested, withdrawn = reports[chance < CONTESTED], reports[chance > 1 - WITHDRAWN]
    insert_rows(
        session,
        TABLES["attendance_answer"],
        ("municipality_id", "id", "report_id", "said", "words", "shown", "said_by", "said_at", "reasons"),
        (
            (1, number, report, "contested", "Nej.", "{}", 1, noon(market.last_day(month)), "")
            for number, report in zip(market.ids(len(contested)).tolist(), contested.tolist(), strict=True)
        ),
    )
    session.execute(
        text(
            "UPDATE report SET state = 'withdrawn', withdrawn_by = 3, withdrawn_on = :day"
            " WHERE municipality_id = 1 AND id = ANY(:ids)"
        ),
        {"day": market.last_day(month), "ids": withdrawn.tolist()},
    )


def _holds(session: Session, market: Market, month: int) -> None:
    """Some providers are held from the end of the month, and those of the month before are let go."""
    at = noon(market.last_day(month))
    standing = select(Hold.id).where(Hold.municipality_id == 1, Hold.released_at.is_(None))
    for hold_id in session.scalars(standing).all():
        holds.release(session, hold_id, "Uppgifterna stämmer.", by=market.town.signer, at=at)
    for provider_id in market.draw.choice(market.providers, HELD, replace=False).tolist():
        holds.hold_provider(session, provider_id, "inspection", "Inspektion.", by=market.town.maker, at=at)

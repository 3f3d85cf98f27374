"""Rows as columns: the same numbers and days out of both databases as went in."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.bulk import insert_columns
from core.columns import HASHED, Query, among, by_hash, chosen, columns, columns_of, distinct
from core.database import Base, Database
from payouts.models.course import VoucherLook

TABLE = Base.metadata.tables["voucher_look"]
COLUMNS = select(VoucherLook.voucher_id, VoucherLook.look_on, VoucherLook.municipality_id)


def test_columns_are_the_same_numbers_and_days_on_both_databases(database: Database):
    ids = np.array([3, 1 << 62, 5])
    on = np.array(["2024-02-29", "9999-12-31", "1999-12-31"], dtype="datetime64[D]")
    with database.transaction() as session:
        insert_columns(session, TABLE, 3, municipality_id=1, voucher_id=ids, look_on=on)
        got = columns(session, COLUMNS.where(VoucherLook.voucher_id.in_(among(session, ids))))
        order = got[0].argsort()
        assert got[0][order].tolist() == [3, 5, 1 << 62]
        assert got[1][order].tolist() == [date(2024, 2, 29), date(1999, 12, 31), date(9999, 12, 31)]
        assert [column.dtype.str for column in got] == ["<i8", "<M8[D]", "<i8"]
        empty = columns(session, COLUMNS.where(VoucherLook.voucher_id == 4))
        assert [(len(column), column.dtype.str) for column in empty] == [
            (0, "<i8"),
            (0, "<M8[D]"),
            (0, "<i8"),
        ]


@pytest.mark.parametrize("hashed", [HASHED, 1_000])
def test_many_are_read_where_they_lie_and_a_few_are_looked_up_with_the_same_answer(
    database: Database, monkeypatch, hashed: int
):
    monkeypatch.setattr("core.columns.HASHED", hashed)
    everyone = np.arange(1, 20_001)
    wanted = np.concatenate([everyone[::3], [30_000]])
    with database.transaction() as session:
        days = np.full(20_001, np.datetime64("2026-01-01"))
        rows = np.concatenate([everyone, [30_000]])
        insert_columns(session, TABLE, 20_001, municipality_id=1, voucher_id=rows, look_on=days)

        def between(first: int, last: int):
            return select(func.count()).where(VoucherLook.voucher_id.between(first, last))

        many = chosen(session, wanted, between)
        few = chosen(session, wanted[:7], between)
        assert (many.is_dense, few.is_dense) == (True, False)
        band = chosen(session, wanted[:-1], between)
        for these, lying in ((many, None), (many, band), (few, None)):
            found = columns_of(session, COLUMNS, VoucherLook.voucher_id, these, lying)
            assert np.array_equal(np.sort(found[0]), these.ids)


def test_distinct_numbers_come_once_in_order():
    assert distinct(np.array([5, 3, 5]), np.array([3, 4])).tolist() == [3, 4, 5]
    assert distinct(np.array([], dtype=np.int64)).tolist() == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_postgresql_asks_a_hash_of_as_many_ids_as_are_asked_for_at_a_time(database: Database):
    """Were they too many for its memory, it would go through them all for each row."""
    with database.transaction() as session:
        session.execute(text("SET LOCAL work_mem = '4MB'"))
        session.execute(text("SET LOCAL hash_mem_multiplier = 1"))
        for count, is_hashed in ((HASHED, True), (10 * HASHED, False)):
            wanted = by_hash(session, VoucherLook.voucher_id, np.arange(count))
            asked = COLUMNS.where(VoucherLook.voucher_id.between(0, HASHED), wanted)
            assert ("hashed SubPlan" in plan_of(session, asked)) is is_hashed


def plan_of(session: Session, rows: Query) -> str:
    """How PostgreSQL would find them."""
    connection = session.connection()
    compiled = rows.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    found = connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params)
    return "\n".join(found.scalars())

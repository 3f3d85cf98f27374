"""Holds, parked batches and follow-ups.

Revision 0008, after 0007. No sum is changed: what earlier batches paid again after a bank's no came back as
carried in, and stays so; it is only noted which batch took it up, so that nobody is paid for it once more.
Back again, what was withheld counts as carried out and what was released or sent back as carried in.
"""
# ruff: noqa: S608  # every statement is put together from this file's own constants

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.guards import Guard, put_up, take_down

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FIRST = import_module("migrations.versions.0002_what_must_never_happen")
ON_THE_WAY = ("batch", "batch_entry", "statement", "signature")
BEFORE: Sequence[Guard] = [guard for guard in FIRST.GUARDS if guard.table in ON_THE_WAY]
CHANGED = ("batch_born_unsigned", "batch_sent_stays")

OLD_STATES = (
    "draft",
    "frozen",
    "reviewed",
    "approved",
    "sent",
    "accepted",
    "partly_rejected",
    "settled",
    "void",
)
NEW_STATES = ("draft", "parked", *OLD_STATES[1:])
OLD_OPEN = "state IN ('draft', 'frozen', 'reviewed', 'approved')"
NEW_OPEN = "state IN ('draft', 'parked', 'frozen', 'reviewed', 'approved')"
OLD_SUM = "earned_ore + clawed_ore + carried_in_ore = paid_ore + carried_out_ore"
NEW_SUM = (
    "earned_ore + clawed_ore + carried_in_ore + released_ore + returned_ore"
    " = paid_ore + carried_out_ore + withheld_ore"
)
OLD_SIGNS = "earned_ore >= 0 AND clawed_ore <= 0 AND paid_ore >= 0"
NEW_SIGNS = "earned_ore >= 0 AND clawed_ore <= 0 AND paid_ore >= 0 AND returned_ore >= 0"
SUMS = ("withheld_ore", "released_ore", "returned_ore")

BATCH_OF = (
    "SELECT 1 FROM batch WHERE batch.municipality_id = {row}.municipality_id AND batch.id = {row}.batch_id"
)
IN_THIS = "{table}.municipality_id = NEW.municipality_id AND {table}.batch_id = NEW.id"
OF_STATEMENT = (
    "x.municipality_id = s.municipality_id AND x.batch_id = s.batch_id AND x.provider_id = s.provider_id"
)
HELD_NOW = "h.municipality_id = NEW.municipality_id AND h.released_at IS NULL"
COVERS = (
    "((h.kind = 'leg' AND h.leg_id = l.leg_id) OR (h.kind = 'line' AND h.scope_id = l.scope_id"
    " AND h.component = l.component AND h.part = l.part))"
)
SAME_KEY = (
    "{a}.municipality_id = {b}.municipality_id AND {a}.scope_id = {b}.scope_id AND {a}.component = {b}.component"
    " AND {a}.part = {b}.part AND {a}.sequence = {b}.sequence"
)
ENTRY_OF_LINE = (
    "e.municipality_id = l.municipality_id AND e.run_id = l.run_id AND e.provider_id = l.provider_id"
)
HELD_PROVIDER_PAID = (
    f"EXISTS (SELECT 1 FROM hold h JOIN statement s ON s.municipality_id = h.municipality_id"
    f" AND s.provider_id = h.provider_id WHERE {HELD_NOW} AND h.kind = 'provider'"
    f" AND {IN_THIS.format(table='s')} AND s.paid_ore > 0)"
)
HELD_LINE_PAID = (
    f"EXISTS (SELECT 1 FROM hold h JOIN ledger_line l ON l.municipality_id = h.municipality_id"
    f" AND l.scope_id IN (h.leg_id, h.voucher_id) JOIN batch_entry e ON {ENTRY_OF_LINE}"
    f" WHERE {HELD_NOW} AND {COVERS} AND {IN_THIS.format(table='e')}"
    f" AND NOT EXISTS (SELECT 1 FROM withheld_line w WHERE {SAME_KEY.format(a='w', b='l')}))"
)
HELD_AGAIN_PAID = (
    f"EXISTS (SELECT 1 FROM hold h JOIN withheld_line l ON l.municipality_id = h.municipality_id"
    f" AND l.scope_id IN (h.leg_id, h.voucher_id) JOIN released_line r ON {SAME_KEY.format(a='r', b='l')}"
    f" WHERE {HELD_NOW} AND {COVERS} AND {IN_THIS.format(table='r')})"
)


def _sum(column: str, table: str) -> str:
    return f"(SELECT coalesce(sum(x.{column}), 0) FROM {table} x WHERE {OF_STATEMENT})"


def _booked(column: str) -> str:
    return (
        f"(SELECT coalesce(sum(t.{column}), 0) FROM batch_entry x JOIN run_total t"
        " ON t.municipality_id = x.municipality_id AND t.run_id = x.run_id AND t.provider_id = x.provider_id"
        f" WHERE {OF_STATEMENT})"
    )


def _kept(table: str) -> tuple[Guard, ...]:
    """Rows that are added while the batch is open, and go when it is stopped."""
    return (
        Guard(f"{table}_no_update", table, "UPDATE", "", f"{table} rows are only ever added"),
        Guard(
            f"{table}_freed_by_void",
            table,
            "DELETE",
            f"NOT EXISTS ({BATCH_OF.format(row='OLD')} AND batch.state = 'void')",
            f"{table} rows leave a batch only when it is void",
        ),
    )


OPEN_BATCH = f"NOT EXISTS ({BATCH_OF.format(row='NEW')} AND batch.content_hash = '')"
AFTER: Sequence[Guard] = (
    *(guard for guard in BEFORE if guard.name not in CHANGED),
    Guard(
        "batch_born_unsigned",
        "batch",
        "INSERT",
        "NEW.state NOT IN ('draft', 'parked', 'frozen') OR NEW.content_hash <> ''",
        "a batch begins as a draft, parked or frozen, and unsealed",
    ),
    Guard(
        "batch_sent_stays",
        "batch",
        "UPDATE",
        "OLD.state IN ('sent', 'accepted', 'partly_rejected', 'settled', 'void')"
        " AND NEW.state IN ('draft', 'parked', 'frozen', 'reviewed', 'approved')"
        " OR (NEW.state = 'void'"
        " AND OLD.state NOT IN ('draft', 'parked', 'frozen', 'reviewed', 'approved', 'void'))",
        "what has left the house cannot be taken back to the desk",
    ),
    Guard(
        "batch_parked_is_looked_into",
        "batch",
        "UPDATE",
        "OLD.state = 'parked' AND (NEW.state NOT IN ('parked', 'frozen', 'void') OR (NEW.state = 'frozen'"
        " AND (NEW.looked_by IS NULL OR NEW.looked_at IS NULL OR NEW.looked_reasons = '')))"
        " OR (NEW.state = 'parked' AND OLD.state <> 'parked')",
        "a parked batch waits for a person who gives reasons",
    ),
    Guard(
        "batch_looked_into_once",
        "batch",
        "UPDATE",
        "OLD.looked_by IS NOT NULL AND (coalesce(NEW.looked_by, 0) <> OLD.looked_by"
        " OR NEW.looked_reasons <> OLD.looked_reasons)"
        " OR coalesce(NEW.follows_batch_id, 0) <> coalesce(OLD.follows_batch_id, 0)"
        " OR NEW.follow_reason <> OLD.follow_reason OR NEW.seal <> OLD.seal",
        "who looked into a batch, and what it follows, stays",
    ),
    Guard(
        "batch_follows_a_sent_one",
        "batch",
        "INSERT",
        "NEW.follows_batch_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM batch earlier"
        " WHERE earlier.municipality_id = NEW.municipality_id AND earlier.id = NEW.follows_batch_id"
        " AND earlier.state IN ('sent', 'accepted', 'partly_rejected', 'settled'))",
        "a follow-up follows a batch that was sent",
    ),
    Guard(
        "batch_sealed_as_summed",
        "batch",
        "UPDATE",
        "OLD.content_hash = '' AND NEW.content_hash <> '' AND ("
        f"NEW.payments <> (SELECT count(*) FROM statement s WHERE {IN_THIS.format(table='s')}"
        " AND s.paid_ore > 0)"
        f" OR NEW.paid_ore <> (SELECT coalesce(sum(s.paid_ore), 0) FROM statement s"
        f" WHERE {IN_THIS.format(table='s')})"
        f" OR EXISTS (SELECT 1 FROM statement s WHERE {IN_THIS.format(table='s')}"
        f" AND (s.earned_ore <> {_booked('earned_ore')} OR s.clawed_ore <> {_booked('clawed_ore')}"
        f" OR s.withheld_ore <> {_sum('amount_ore', 'withheld_line')}"
        f" OR s.released_ore <> {_sum('amount_ore', 'released_line')}"
        f" OR s.returned_ore <> {_sum('paid_ore', 'returned_payment')}))"
        f" OR EXISTS (SELECT 1 FROM batch_entry e WHERE {IN_THIS.format(table='e')} AND NOT EXISTS"
        " (SELECT 1 FROM statement s WHERE s.municipality_id = e.municipality_id"
        " AND s.batch_id = e.batch_id AND s.provider_id = e.provider_id)))",
        "a batch is the sum of what it holds",
    ),
    Guard(
        "batch_sealed_as_judged",
        "batch",
        "UPDATE",
        "OLD.content_hash = '' AND NEW.content_hash <> '' AND NEW.state <> 'parked'"
        f" AND EXISTS (SELECT 1 FROM gate_outcome g WHERE {IN_THIS.format(table='g')} AND g.outcome = 'parked')",
        "what a gate has stopped is parked",
    ),
    Guard(
        "batch_unsealed_stays",
        "batch",
        "UPDATE",
        "NEW.content_hash = '' AND NEW.state NOT IN ('draft', 'parked', 'frozen', 'void')",
        "only a sealed batch goes on",
    ),
    Guard(
        "batch_not_while_held",
        "batch",
        "UPDATE",
        "NEW.state IN ('reviewed', 'approved', 'sent') AND NEW.state <> OLD.state"
        f" AND ({HELD_PROVIDER_PAID} OR {HELD_LINE_PAID} OR {HELD_AGAIN_PAID})",
        "what is held is neither signed nor sent",
    ),
    Guard(
        "statement_not_while_held",
        "statement",
        "INSERT",
        f"NEW.paid_ore > 0 AND EXISTS (SELECT 1 FROM hold h WHERE {HELD_NOW} AND h.kind = 'provider'"
        " AND h.provider_id = NEW.provider_id)",
        "a held provider is not paid",
    ),
    Guard(
        "signature_not_while_parked",
        "signature",
        "INSERT",
        f"NOT EXISTS ({BATCH_OF.format(row='NEW')} AND batch.state IN ('frozen', 'reviewed')"
        " AND batch.content_hash <> '')",
        "only what is frozen is signed",
    ),
    Guard("hold_no_delete", "hold", "DELETE", "", "a hold is kept"),
    Guard("hold_born_active", "hold", "INSERT", "NEW.released_at IS NOT NULL", "a hold begins as one"),
    Guard(
        "hold_stays",
        "hold",
        "UPDATE",
        "OLD.released_at IS NOT NULL OR NEW.kind <> OLD.kind OR NEW.provider_id <> OLD.provider_id"
        " OR coalesce(NEW.leg_id, 0) <> coalesce(OLD.leg_id, 0)"
        " OR coalesce(NEW.voucher_id, 0) <> coalesce(OLD.voucher_id, 0)"
        " OR coalesce(NEW.scope_id, 0) <> coalesce(OLD.scope_id, 0)"
        " OR coalesce(NEW.component, '') <> coalesce(OLD.component, '')"
        " OR coalesce(NEW.part, 0) <> coalesce(OLD.part, 0) OR NEW.reason <> OLD.reason"
        " OR NEW.words <> OLD.words OR NEW.held_by <> OLD.held_by OR NEW.held_at <> OLD.held_at",
        "a hold stays as it was made, and is let go once",
    ),
    Guard(
        "withheld_line_is_held",
        "withheld_line",
        "INSERT",
        f"{OPEN_BATCH} OR NOT EXISTS (SELECT 1 FROM ledger_line l JOIN batch_entry e ON {ENTRY_OF_LINE}"
        f" JOIN hold h ON h.municipality_id = l.municipality_id AND h.id = NEW.hold_id"
        f" WHERE {SAME_KEY.format(a='l', b='NEW')} AND e.batch_id = NEW.batch_id"
        " AND l.provider_id = NEW.provider_id AND l.amount_ore = NEW.amount_ore AND l.leg_id = NEW.leg_id"
        f" AND l.voucher_id = NEW.voucher_id AND h.released_at IS NULL AND {COVERS})",
        "a withheld line is a line of the batch that is held",
    ),
    *_kept("withheld_line"),
    Guard(
        "released_line_was_withheld",
        "released_line",
        "INSERT",
        f"{OPEN_BATCH} OR NOT EXISTS (SELECT 1 FROM withheld_line w"
        " JOIN hold h ON h.municipality_id = w.municipality_id AND h.id = w.hold_id"
        " JOIN batch b ON b.municipality_id = w.municipality_id AND b.id = w.batch_id"
        f" WHERE {SAME_KEY.format(a='w', b='NEW')} AND w.provider_id = NEW.provider_id"
        " AND w.amount_ore = NEW.amount_ore AND h.released_at IS NOT NULL"
        " AND b.state IN ('sent', 'accepted', 'partly_rejected', 'settled'))",
        "a released line was withheld by a batch that was sent, and is held no more",
    ),
    *_kept("released_line"),
    Guard(
        "returned_payment_was_rejected",
        "returned_payment",
        "INSERT",
        f"{OPEN_BATCH} OR NOT EXISTS (SELECT 1 FROM statement s JOIN bank_answer a"
        " ON a.municipality_id = s.municipality_id AND a.statement_id = s.id AND a.status = 'rejected'"
        " WHERE s.municipality_id = NEW.municipality_id AND s.id = NEW.statement_id"
        " AND s.provider_id = NEW.provider_id AND s.paid_ore = NEW.paid_ore)",
        "only what the bank refused is paid anew",
    ),
    *_kept("returned_payment"),
    Guard("gate_outcome_in_open_batch", "gate_outcome", "INSERT", OPEN_BATCH, "a sealed batch is judged"),
    *(
        Guard(
            f"gate_outcome_no_{event.lower()}",
            "gate_outcome",
            event,
            "",
            "gate_outcome rows are only ever added",
        )
        for event in ("UPDATE", "DELETE")
    ),
)


def upgrade() -> None:
    """Build."""
    take_down(BEFORE)
    _hold()
    _batch()
    _statement()
    _lines()
    op.execute(
        "INSERT INTO returned_payment (municipality_id, statement_id, batch_id, provider_id, paid_ore)"
        " SELECT s.municipality_id, s.id, min(b.id), s.provider_id, s.paid_ore FROM statement s"
        " JOIN bank_answer a ON a.municipality_id = s.municipality_id AND a.statement_id = s.id"
        " AND a.status = 'rejected'"
        " JOIN statement n ON n.municipality_id = s.municipality_id AND n.provider_id = s.provider_id"
        " JOIN batch b ON b.municipality_id = n.municipality_id AND b.id = n.batch_id"
        " AND b.id > s.batch_id AND b.state <> 'void' AND b.made_at >= a.read_at"
        " GROUP BY s.municipality_id, s.id, s.provider_id, s.paid_ore"
    )
    put_up(AFTER)


def downgrade() -> None:
    """Take back."""
    take_down(AFTER)
    parked = (
        "(SELECT 1 FROM batch b WHERE b.municipality_id = {0}.municipality_id AND b.id = {0}.batch_id"
        + (" AND b.state = 'parked')")
    )
    for table in ("released_line", "withheld_line", "returned_payment", "batch_entry"):
        op.execute(f"DELETE FROM {table} WHERE EXISTS {parked.format(table)}")
    op.execute(
        "UPDATE batch SET state = 'void', void_reason = 'parkerad vid återgång till 0007' WHERE state = 'parked'"
    )
    op.execute(
        "UPDATE statement SET carried_in_ore = carried_in_ore + released_ore + returned_ore,"
        " carried_out_ore = carried_out_ore + withheld_ore, withheld_ore = 0, released_ore = 0, returned_ore = 0"
    )
    for table in ("returned_payment", "released_line", "withheld_line", "gate_outcome"):
        op.drop_table(table)
    with op.batch_alter_table("statement", schema=None) as batch_op:
        for name in ("nothing_is_lost", "signs"):
            batch_op.drop_constraint(op.f(f"ck_statement_{name}"), type_="check")
        for name in SUMS:
            batch_op.drop_column(name)
        batch_op.create_check_constraint(op.f("ck_statement_nothing_is_lost"), OLD_SUM)
        batch_op.create_check_constraint(op.f("ck_statement_signs"), OLD_SIGNS)
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index("uq_batch_open")
        for name in ("state_known", "followed_with_reasons", "looked_into_by_another"):
            batch_op.drop_constraint(op.f(f"ck_batch_{name}"), type_="check")
        batch_op.drop_constraint(op.f("fk_batch_follows_batch_id"), type_="foreignkey")
        for name in ("seal", "follows_batch_id", "follow_reason", "looked_by", "looked_at", "looked_reasons"):
            batch_op.drop_column(name)
        batch_op.create_check_constraint(op.f("ck_batch_state_known"), _states(OLD_STATES))
        _open_index(batch_op, OLD_OPEN)
    op.drop_table("hold")
    put_up(BEFORE)


def _states(words: Sequence[str]) -> str:
    return "state IN ({})".format(", ".join(f"'{word}'" for word in words))


def _open_index(batch_op: object, where: str) -> None:
    batch_op.create_index(  # type: ignore[attr-defined]  # alembic's proxy has no name of its own
        "uq_batch_open",
        ["municipality_id"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _hold() -> None:
    op.create_table(
        "hold",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=True),
        sa.Column("leg_id", sa.BigInteger(), nullable=True),
        sa.Column("scope_id", sa.BigInteger(), nullable=True),
        sa.Column("component", sa.String(length=20), nullable=True),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("held_by", sa.BigInteger(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_words", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("kind IN ('provider', 'leg', 'line')", name=op.f("ck_hold_kind_known")),
        sa.CheckConstraint(
            "reason IN ('evidence', 'inspection', 'bank_details', 'asked_by_provider', 'other')",
            name=op.f("ck_hold_reason_known"),
        ),
        sa.CheckConstraint(
            "(kind = 'provider' AND voucher_id IS NULL AND leg_id IS NULL AND scope_id IS NULL)"
            " OR (kind = 'leg' AND voucher_id IS NOT NULL AND leg_id IS NOT NULL AND scope_id IS NULL)"
            " OR (kind = 'line' AND voucher_id IS NOT NULL AND leg_id IS NOT NULL AND scope_id IS NOT NULL"
            " AND component IS NOT NULL AND part IS NOT NULL)",
            name=op.f("ck_hold_shape"),
        ),
        sa.CheckConstraint("words <> ''", name=op.f("ck_hold_with_reasons")),
        sa.CheckConstraint(
            "(released_by IS NULL AND released_at IS NULL AND release_words = '')"
            " OR (released_by IS NOT NULL AND released_at IS NOT NULL AND release_words <> '')",
            name=op.f("ck_hold_released_whole"),
        ),
        sa.CheckConstraint("released_by <> held_by", name=op.f("ck_hold_released_by_another")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_hold_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_hold")),
    )
    for name, columns in (
        ("provider", ["provider_id"]),
        ("leg", ["leg_id"]),
        ("line", ["scope_id", "component", "part"]),
    ):
        where = sa.text(f"kind = '{name}' AND released_at IS NULL")
        op.create_index(
            f"uq_hold_{name}",
            "hold",
            ["municipality_id", *columns],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )


def _batch() -> None:
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index("uq_batch_open")
        batch_op.drop_constraint(op.f("ck_batch_state_known"), type_="check")
        batch_op.add_column(sa.Column("seal", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("follows_batch_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("follow_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("looked_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("looked_reasons", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("batch", schema=None) as batch_op:
        for name in ("seal", "follow_reason", "looked_reasons"):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_check_constraint(op.f("ck_batch_state_known"), _states(NEW_STATES))
        batch_op.create_check_constraint(
            op.f("ck_batch_followed_with_reasons"), "follows_batch_id IS NULL OR follow_reason <> ''"
        )
        batch_op.create_check_constraint(op.f("ck_batch_looked_into_by_another"), "looked_by <> made_by")
        batch_op.create_foreign_key(
            op.f("fk_batch_follows_batch_id"),
            "batch",
            ["municipality_id", "follows_batch_id"],
            ["municipality_id", "id"],
        )
        _open_index(batch_op, NEW_OPEN)
    op.create_table(
        "gate_outcome",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gate", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("voucher_id", sa.BigInteger(), nullable=True),
        sa.Column("now_ore", sa.BigInteger(), nullable=False),
        sa.Column("usual_ore", sa.BigInteger(), nullable=True),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("floor_ore", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "gate IN ('batch', 'provider', 'again', 'held')", name=op.f("ck_gate_outcome_gate_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('passed', 'too_few', 'parked', 'left_out')",
            name=op.f("ck_gate_outcome_outcome_known"),
        ),
        _to("gate_outcome", "batch"),
        sa.PrimaryKeyConstraint("municipality_id", "batch_id", "number", name=op.f("pk_gate_outcome")),
    )


def _statement() -> None:
    with op.batch_alter_table("statement", schema=None) as batch_op:
        for name in ("nothing_is_lost", "signs"):
            batch_op.drop_constraint(op.f(f"ck_statement_{name}"), type_="check")
        for name in SUMS:
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("statement", schema=None) as batch_op:
        for name in SUMS:
            batch_op.alter_column(name, server_default=None)
        batch_op.create_check_constraint(op.f("ck_statement_nothing_is_lost"), NEW_SUM)
        batch_op.create_check_constraint(op.f("ck_statement_signs"), NEW_SIGNS)


def _lines() -> None:
    key = ("municipality_id", "scope_id", "component", "part", "sequence")
    op.create_table(
        "withheld_line",
        *_key_columns(),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        *(_to("withheld_line", table) for table in ("batch", "hold", "provider")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_withheld_line")),
    )
    op.create_table(
        "released_line",
        *_key_columns(),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        *(_to("released_line", table) for table in ("batch", "provider")),
        sa.ForeignKeyConstraint(
            list(key), [f"withheld_line.{name}" for name in key], name=op.f("fk_released_line_scope_id")
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_released_line")),
    )
    op.create_table(
        "returned_payment",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("paid_ore", sa.BigInteger(), nullable=False),
        *(_to("returned_payment", table) for table in ("statement", "batch", "provider")),
        sa.PrimaryKeyConstraint("municipality_id", "statement_id", name=op.f("pk_returned_payment")),
    )
    for table in ("withheld_line", "released_line", "returned_payment"):
        op.create_index(op.f(f"ix_{table}_municipality_id_batch_id"), table, ["municipality_id", "batch_id"])


def _key_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("component", sa.String(length=20), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.SmallInteger(), nullable=False),
    ]


def _to(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["municipality_id", f"{other}_id"],
        [f"{other}.municipality_id", f"{other}.id"],
        name=op.f(f"fk_{table}_{other}_id"),
    )

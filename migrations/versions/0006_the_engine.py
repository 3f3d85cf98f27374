"""Fees that are milestones, and what a gate has stopped.

Revision 0006, after 0005. A ledger line may be of the category milestone. No line is changed: on PostgreSQL the
check is replaced; on SQLite the table is written anew, row by row as it was, with its triggers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import Guard, kept, put_up, take_down

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KNOWN = "ck_ledger_line_component_known"
BEFORE = "component IN ('base', 'result', 'bonus')"
AFTER = "component IN ('base', 'result', 'bonus', 'milestone')"

GUARDS = tuple(
    Guard(
        f"stopped_due_no_{event.lower()}",
        "stopped_due",
        event,
        "",
        "stopped_due rows are only ever added",
    )
    for event in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    """Widen the check, and make room for what gates stop."""
    _known(AFTER)
    op.create_table(
        "stopped_due",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("component", sa.String(length=20), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("gate", sa.String(length=20), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("period_on", sa.Date(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_ore > 0", name=op.f("ck_stopped_due_something_waits")),
        sa.CheckConstraint(AFTER, name=op.f("ck_stopped_due_component_known")),
        sa.CheckConstraint(
            "gate IN ('report', 'contested', 'held_line', 'held_leg', 'held_provider')",
            name=op.f("ck_stopped_due_gate_known"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "run_id"],
            ["payment_run.municipality_id", "payment_run.id"],
            name=op.f("fk_stopped_due_run_id"),
        ),
        sa.PrimaryKeyConstraint(
            "municipality_id", "run_id", "scope_id", "component", "part", name=op.f("pk_stopped_due")
        ),
    )
    for column in ("provider_id", "voucher_id"):
        op.create_index(
            op.f(f"ix_stopped_due_municipality_id_{column}"), "stopped_due", ["municipality_id", column]
        )
    put_up(GUARDS)


def downgrade() -> None:
    """Forget what was stopped. Refused by the check while a line of the category milestone stands."""
    take_down(GUARDS)
    op.drop_table("stopped_due")
    _known(BEFORE)


def _known(check: str) -> None:
    with kept("ledger_line"), op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KNOWN), check)

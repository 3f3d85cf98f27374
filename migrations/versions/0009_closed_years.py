"""Closed years stay closed.

Revision 0009, after 0008. No sum is changed. A run that counts to a day in a closed year, or in one before it,
is refused; and a year is not closed while such a run has not come to its end.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import Guard, put_up, take_down

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

YEAR = {"sqlite": ("CAST(strftime('%Y', ", ") AS INTEGER)"), "postgresql": ("EXTRACT(YEAR FROM ", ")")}


CLOSED = (
    "SELECT 1 FROM closed_year WHERE closed_year.municipality_id = NEW.municipality_id"
    " AND closed_year.year >= YEAR(NEW.as_of)"
)
RUNNING = (
    "SELECT 1 FROM payment_run WHERE payment_run.municipality_id = NEW.municipality_id"
    " AND payment_run.state = 'running' AND YEAR(payment_run.as_of) <= NEW.year"
)


def guards() -> tuple[Guard, ...]:
    """The triggers; how a year is read from a day differs between the databases."""
    before, after = YEAR[op.get_bind().dialect.name]
    closed = CLOSED.replace("YEAR(NEW.as_of)", f"{before}NEW.as_of{after}")
    running = RUNNING.replace("YEAR(payment_run.as_of)", f"{before}payment_run.as_of{after}")
    return (
        Guard("closed_year_no_update", "closed_year", "UPDATE", "", "a closed year stays closed"),
        Guard("closed_year_no_delete", "closed_year", "DELETE", "", "a closed year stays closed"),
        Guard(
            "closed_year_while_running",
            "closed_year",
            "INSERT",
            f"EXISTS ({running})",
            "a run of the year has not come to its end",
        ),
        Guard(
            "payment_run_in_open_year", "payment_run", "INSERT", f"EXISTS ({closed})", "the year is closed"
        ),
    )


def upgrade() -> None:
    """The table and its guards."""
    op.create_table(
        "closed_year",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 9998", name=op.f("ck_closed_year_a_year")),
        sa.PrimaryKeyConstraint("municipality_id", "year", name=op.f("pk_closed_year")),
    )
    put_up(guards())


def downgrade() -> None:
    """Forget which years were closed."""
    take_down(guards())
    op.drop_table("closed_year")

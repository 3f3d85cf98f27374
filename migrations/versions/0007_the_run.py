"""A run that can be stopped and taken up again, and looks at what can have changed alone.

Revision 0007, after 0006. Runs from before are done. Each voucher that somebody has started on is marked once,
so that the first run looks at all of them, as every run did before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import guards, marks
from migrations.guards import Guard
from migrations.marks import Watch, by_leg

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RUNNING = sa.text("state = 'running'")

WATCHES = (
    Watch("leg"),
    Watch("pause"),
    Watch("outcome"),
    Watch("outcome_check"),
    by_leg("report"),
    Watch(
        "attendance_answer",
        "SELECT leg.municipality_id, leg.voucher_id FROM {comma_rows} report, leg"
        " WHERE report.municipality_id = {rows}.municipality_id AND report.id = {rows}.report_id"
        " AND leg.municipality_id = report.municipality_id AND leg.id = report.leg_id",
    ),
    Watch("voucher", "SELECT {rows}.municipality_id, {rows}.id AS voucher_id {from_rows}", ("UPDATE",)),
)

RUN = (
    "SELECT 1 FROM payment_run WHERE payment_run.municipality_id = NEW.municipality_id"
    " AND payment_run.id = NEW.run_id AND payment_run.state = 'running'"
)
OLD_GUARD = Guard(
    "payment_run_no_update", "payment_run", "UPDATE", "", "payment_run rows are only ever added"
)
GUARDS = (
    Guard(
        "payment_run_only_ends",
        "payment_run",
        "UPDATE",
        "NOT (OLD.state = 'running' AND NEW.state = 'done') OR "
        + " OR ".join(
            f"NEW.{column} <> OLD.{column}"
            for column in ("municipality_id", "id", "as_of", "made_at", "made_by")
        ),
        "a run is only ever ended, once",
    ),
    Guard("run_chunk_no_update", "run_chunk", "UPDATE", "", "run_chunk rows are only ever added"),
    Guard("run_chunk_no_delete", "run_chunk", "DELETE", "", "run_chunk rows are only ever added"),
    Guard("run_chunk_of_running", "run_chunk", "INSERT", f"NOT EXISTS ({RUN})", "the run has ended"),
    Guard("run_total_of_running", "run_total", "INSERT", f"NOT EXISTS ({RUN})", "the run has ended"),
)
LINE_GUARD = Guard(
    "ledger_line_of_running", "ledger_line", "INSERT", f"NOT EXISTS ({RUN})", "the run has ended"
)


def upgrade() -> None:
    """The tables, the guards, the marks."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "changed_voucher",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("municipality_id", "voucher_id", "id", name=op.f("pk_changed_voucher")),
    )
    op.create_table(
        "voucher_look",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("look_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("municipality_id", "voucher_id", name=op.f("pk_voucher_look")),
    )
    op.create_index(
        op.f("ix_voucher_look_municipality_id_look_on"), "voucher_look", ["municipality_id", "look_on"]
    )
    op.create_table(
        "run_chunk",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("vouchers", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("earned_ore", sa.BigInteger(), nullable=False),
        sa.Column("clawed_ore", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "run_id"],
            ["payment_run.municipality_id", "payment_run.id"],
            name=op.f("fk_run_chunk_run_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "run_id", "number", name=op.f("pk_run_chunk")),
    )
    op.execute(
        "ALTER TABLE payment_run ADD COLUMN state VARCHAR(10) DEFAULT 'done' NOT NULL"
        " CONSTRAINT ck_payment_run_state_known CHECK (state IN ('running', 'done'))"
    )
    op.create_index(
        "uq_payment_run_running",
        "payment_run",
        ["municipality_id"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    guards.take_down([OLD_GUARD])
    guards.put_up(GUARDS)
    if on_sqlite:
        guards.put_up([LINE_GUARD])
    else:
        _put_up_line_guard()
    op.execute(
        "INSERT INTO changed_voucher (municipality_id, voucher_id, id)"
        " SELECT municipality_id, voucher_id, min(id) FROM leg WHERE started_on IS NOT NULL"
        " GROUP BY municipality_id, voucher_id"
    )
    marks.put_up(WATCHES)
    with guards.kept("ledger_line"), op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_ledger_line_run_id"), type_="foreignkey")
    if not on_sqlite:
        _lighten()


def downgrade() -> None:
    """Takes a run that has not ended for ended: its lines stay, and are in no total."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    marks.take_down(WATCHES)
    if not on_sqlite:
        _weigh_down()
    if on_sqlite:
        guards.take_down([LINE_GUARD])
    else:
        op.execute("DROP TRIGGER ledger_line_of_running ON ledger_line")
        op.execute("DROP FUNCTION ledger_line_of_running()")
    guards.take_down(GUARDS)
    with guards.kept("ledger_line"), op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.create_foreign_key(
            op.f("fk_ledger_line_run_id"),
            "payment_run",
            ["municipality_id", "run_id"],
            ["municipality_id", "id"],
        )
    op.drop_index("uq_payment_run_running", table_name="payment_run")
    if on_sqlite:
        op.execute("DROP TRIGGER payment_run_no_delete")
        with op.batch_alter_table("payment_run") as batch_op:
            batch_op.drop_constraint(op.f("ck_payment_run_state_known"), type_="check")
            batch_op.drop_column("state")
        guards.put_up([OLD_GUARD._replace(name="payment_run_no_delete", event="DELETE")])
    else:
        op.drop_column("payment_run", "state")
    guards.put_up([OLD_GUARD])
    op.drop_table("run_chunk")
    op.drop_index(op.f("ix_voucher_look_municipality_id_look_on"), table_name="voucher_look")
    op.drop_table("voucher_look")
    op.drop_table("changed_voucher")


def _put_up_line_guard() -> None:
    """Once a statement: lines come a hundred thousand at a time, all of one run."""
    op.execute(
        "CREATE FUNCTION ledger_line_of_running() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT 1 FROM (SELECT DISTINCT municipality_id, run_id FROM fresh) AS found"
        " LEFT JOIN payment_run ON payment_run.municipality_id = found.municipality_id"
        " AND payment_run.id = found.run_id AND payment_run.state = 'running'"
        " WHERE payment_run.id IS NULL)"
        " THEN RAISE EXCEPTION 'the run has ended' USING ERRCODE = 'integrity_constraint_violation';"
        " END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_line_of_running AFTER INSERT ON ledger_line REFERENCING NEW TABLE AS fresh"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_line_of_running()"
    )


WRITTEN_IN_ORDER = (("voucher_id",), ("run_id", "provider_id"))


def _lighten() -> None:
    """What a line costs to write: two indexes that only say where in the table a run or a voucher lies, and a
    check of what is before it for those lines alone that have anything before them."""
    for columns in WRITTEN_IN_ORDER:
        name = op.f("_".join(("ix_ledger_line_municipality_id", *columns)))
        op.drop_index(name, table_name="ledger_line")
        op.create_index(
            name,
            "ledger_line",
            ["municipality_id", *columns],
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 16, "autosummarize": True},
        )
    op.execute("DROP TRIGGER ledger_line_follows ON ledger_line")
    op.execute(
        "CREATE TRIGGER ledger_line_follows AFTER INSERT ON ledger_line"
        " FOR EACH ROW WHEN (NEW.sequence > 0) EXECUTE FUNCTION ledger_line_follows()"
    )
    op.drop_index("uq_report_living", table_name="report")
    op.create_index(
        "uq_report_living",
        "report",
        ["municipality_id", "leg_id", "month"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
        postgresql_include=["id", "state"],
    )


def _weigh_down() -> None:
    op.drop_index("uq_report_living", table_name="report")
    op.create_index(
        "uq_report_living",
        "report",
        ["municipality_id", "leg_id", "month"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.execute("DROP TRIGGER ledger_line_follows ON ledger_line")
    op.execute(
        "CREATE TRIGGER ledger_line_follows BEFORE INSERT ON ledger_line"
        " FOR EACH ROW WHEN (NEW.sequence > 0) EXECUTE FUNCTION ledger_line_follows()"
    )
    for columns in WRITTEN_IN_ORDER:
        name = op.f("_".join(("ix_ledger_line_municipality_id", *columns)))
        op.drop_index(name, table_name="ledger_line")
        op.create_index(name, "ledger_line", ["municipality_id", *columns])

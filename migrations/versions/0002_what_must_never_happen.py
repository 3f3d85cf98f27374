"""What must never happen, the database refuses too.

Revision 0002, after 0001. Triggers on both databases: rows that are only ever added, lines that follow one
another, batches that stay as they were signed.
"""

from __future__ import annotations

from migrations.guards import Guard, put_up, take_down

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


ONLY_ADDED = (
    "audit_entry",
    "ledger_line",
    "payment_run",
    "run_total",
    "statement",
    "signature",
    "bank_answer",
    "choice_receipt",
)

PREDECESSOR = (
    "SELECT 1 FROM ledger_line earlier WHERE earlier.municipality_id = NEW.municipality_id"
    " AND earlier.scope_id = NEW.scope_id AND earlier.component = NEW.component"
    " AND earlier.part = NEW.part AND earlier.sequence = NEW.sequence - 1"
)
BATCH = (
    "SELECT 1 FROM batch WHERE batch.municipality_id = {row}.municipality_id AND batch.id = {row}.batch_id"
)
SIGNATURES = (
    "SELECT count(*) FROM signature WHERE signature.municipality_id = NEW.municipality_id"
    " AND signature.batch_id = NEW.id AND signature.content_hash = NEW.content_hash"
)

GUARDS = (
    *(
        Guard(f"{table}_no_{event.lower()}", table, event, "", f"{table} rows are only ever added")
        for table in ONLY_ADDED
        for event in ("UPDATE", "DELETE")
    ),
    Guard(
        "ledger_line_follows",
        "ledger_line",
        "INSERT",
        f"NEW.sequence > 0 AND NOT EXISTS ({PREDECESSOR}"
        " AND (NEW.sequence % 2 = 0 OR (earlier.amount_ore = -NEW.amount_ore"
        " AND earlier.provider_id = NEW.provider_id)))",
        "a line that takes back must repeat the line before it",
    ),
    Guard(
        "statement_in_open_batch",
        "statement",
        "INSERT",
        f"NOT EXISTS ({BATCH.format(row='NEW')} AND batch.content_hash = '')",
        "a sealed batch takes no more statements",
    ),
    Guard(
        "batch_entry_in_open_batch",
        "batch_entry",
        "INSERT",
        f"NOT EXISTS ({BATCH.format(row='NEW')} AND batch.content_hash = '')",
        "a sealed batch takes no more lines",
    ),
    Guard("batch_entry_no_update", "batch_entry", "UPDATE", "", "a batch entry is never moved"),
    Guard(
        "batch_entry_freed_by_void",
        "batch_entry",
        "DELETE",
        f"NOT EXISTS ({BATCH.format(row='OLD')} AND batch.state = 'void')",
        "lines leave a batch only when it is void",
    ),
    Guard("batch_no_delete", "batch", "DELETE", "", "a batch is never deleted"),
    Guard(
        "batch_as_made",
        "batch",
        "UPDATE",
        "NEW.made_by <> OLD.made_by OR NEW.pay_on <> OLD.pay_on OR NEW.payments <> OLD.payments"
        " OR NEW.lines <> OLD.lines OR NEW.paid_ore <> OLD.paid_ore"
        " OR (OLD.content_hash <> '' AND NEW.content_hash <> OLD.content_hash)"
        " OR (OLD.document IS NOT NULL AND (NEW.document IS NULL OR NEW.document <> OLD.document))",
        "a batch stays as it was made",
    ),
    Guard(
        "batch_signed_by_two",
        "batch",
        "UPDATE",
        "(NEW.state IN ('approved', 'sent', 'accepted', 'partly_rejected', 'settled')"
        f" AND ({SIGNATURES}) < 2) OR (NEW.state = 'reviewed' AND ({SIGNATURES}) < 1)",
        "a batch needs two signatures over what it holds",
    ),
    Guard(
        "batch_born_unsigned",
        "batch",
        "INSERT",
        "NEW.state NOT IN ('draft', 'frozen')",
        "a batch begins as a draft or frozen",
    ),
    Guard(
        "batch_sent_stays",
        "batch",
        "UPDATE",
        "OLD.state IN ('sent', 'accepted', 'partly_rejected', 'settled', 'void')"
        " AND NEW.state IN ('draft', 'frozen', 'reviewed', 'approved')"
        " OR (NEW.state = 'void' AND OLD.state NOT IN ('draft', 'frozen', 'void'))",
        "what has left the house cannot be taken back to the desk",
    ),
    Guard(
        "rulebook_decided_stays",
        "rulebook",
        "UPDATE",
        "OLD.state = 'decided'",
        "a decided rulebook version never changes",
    ),
    Guard(
        "rulebook_decided_kept",
        "rulebook",
        "DELETE",
        "OLD.state = 'decided'",
        "a decided rulebook version is kept",
    ),
)


def upgrade() -> None:
    """Put up every guard."""
    put_up(GUARDS)


def downgrade() -> None:
    """Take every guard down."""
    take_down(GUARDS)

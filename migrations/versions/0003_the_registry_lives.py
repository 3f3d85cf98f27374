"""The registry lives: applications, reviews, decisions, stops, proposals, events for the public.

Revision 0003, after 0002. What was accredited stays so. Bank details approved before the call-back was kept
get a number that says so.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guards import Guard, put_up, take_down

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = (
    "seeker",
    "provider_coach",
    "provider_manager",
    "career_guide",
    "inspector",
    "finance_maker",
    "finance_signer",
    "board_secretary",
    "administrator",
)
OPEN_BEFORE = "state IN ('active', 'intake_stopped')"
OPEN = (
    "state IN ('active', 'intake_stopped', 'warned', 'dormant', 'revocation_proposed', 'provisionally_revoked',"
    " 'reaccreditation_due')"
)
ENDED = "state IN ('revoked', 'expired', 'withdrawn', 'winding_down', 'closed')"
NOT_YET = "'draft', 'submitted', 'supplement_requested', 'under_review', 'proposed', 'refused', 'dismissed'"
CHECKS_BEFORE = (
    (
        "state_known",
        f"state IN ({NOT_YET}, 'active', 'intake_stopped', 'winding_down', 'closed')",
    ),
    (
        "a_person_decided",
        "state NOT IN ('active', 'intake_stopped', 'winding_down', 'closed')"
        " OR (from_on IS NOT NULL AND decided_by IS NOT NULL)",
    ),
)
CHECKS = (
    (
        "state_known",
        f"state IN ({NOT_YET}) OR {OPEN} OR {ENDED}",
    ),
    (
        "a_person_decided",
        f"NOT ({OPEN} OR {ENDED}) OR (from_on IS NOT NULL AND decided_by IS NOT NULL)",
    ),
    (
        "a_person_ended_it",
        f"NOT ({ENDED}) OR (to_on IS NOT NULL AND ended_by IS NOT NULL AND ended_by <> 0"
        " AND end_reason IS NOT NULL)",
    ),
    (
        "end_reason_known",
        "end_reason IS NULL OR end_reason IN ('conditions_not_met', 'false_information', 'result_review',"
        " 'plan_not_followed', 'no_customers', 'own_request', 'merger', 'renewed', 'not_renewed', 'bankruptcy',"
        " 'entered_in_error', 'kundval_ended')",
    ),
)
OLD_STATES = {
    "warned": "active",
    "dormant": "active",
    "revocation_proposed": "active",
    "reaccreditation_due": "active",
    "provisionally_revoked": "intake_stopped",
    "revoked": "winding_down",
    "expired": "winding_down",
    "withdrawn": "winding_down",
}
ONLY_ADDED = (
    "evidence",
    "reviewer",
    "judgement",
    "decision",
    "reported",
    "action_plan",
    "reaccreditation",
    "register_event",
    "leg_plan",
)
GUARDS = (
    *(
        Guard(f"{table}_no_{event.lower()}", table, event, "", f"{table} rows are only ever added")
        for table in ONLY_ADDED
        for event in ("UPDATE", "DELETE")
    ),
    *(
        Guard(f"{table}_no_delete", table, "DELETE", "", f"{table} rows are kept")
        for table in (
            "accreditation",
            "proposal",
            "intake_stop",
            "supplement",
            "contact",
            "notice",
            "bank_details",
        )
    ),
    Guard(
        "bank_details_stay",
        "bank_details",
        "UPDATE",
        "NEW.provider_id <> OLD.provider_id OR NEW.kind <> OLD.kind OR NEW.number <> OLD.number"
        " OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_on <> OLD.proposed_on",
        "where a provider is paid is never rewritten; a new number is a new row",
    ),
    Guard(
        "contact_stays",
        "contact",
        "UPDATE",
        "NEW.provider_id <> OLD.provider_id OR NEW.added_on <> OLD.added_on"
        " OR (OLD.removed_on IS NULL AND NEW.phone <> OLD.phone)",
        "a number to call is never rewritten; a new number is a new row",
    ),
    Guard(
        "accreditation_ended_stays",
        "accreditation",
        "UPDATE",
        f"OLD.{ENDED} AND NOT (NEW.{ENDED})",
        "an accreditation that has ended does not come back; coming back is a new one",
    ),
    Guard(
        "accreditation_is_the_same",
        "accreditation",
        "UPDATE",
        "NEW.provider_id <> OLD.provider_id OR NEW.scheme <> OLD.scheme OR NEW.service <> OLD.service"
        " OR (OLD.from_on IS NOT NULL AND (NEW.from_on IS NULL OR NEW.from_on <> OLD.from_on))"
        " OR (OLD.diary_number IS NOT NULL AND NEW.diary_number <> OLD.diary_number)",
        "whose accreditation it is, for what and since when, never changes",
    ),
    Guard(
        "proposal_stays",
        "proposal",
        "UPDATE",
        "OLD.state <> 'open' OR NEW.kind <> OLD.kind OR NEW.facts <> OLD.facts OR NEW.made_by <> OLD.made_by",
        "a proposal is closed once, as it was made",
    ),
    Guard(
        "leg_of_accredited",
        "leg",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM accreditation"  # noqa: S608  # constants
        " WHERE accreditation.municipality_id = NEW.municipality_id"
        " AND accreditation.id = NEW.accreditation_id AND accreditation.provider_id = NEW.provider_id"
        " AND accreditation.from_on <= NEW.chosen_on"
        " AND (accreditation.to_on IS NULL OR NEW.chosen_on <= accreditation.to_on)"
        f" AND accreditation.state NOT IN ({NOT_YET}, 'provisionally_revoked'))",
        "only an accredited provider can be chosen",
    ),
)


def _roles(*names: str) -> str:
    return f"role IN ({', '.join(repr(name) for name in names)})"


def _open_index(table: Any, where: str) -> None:
    table.create_index(
        "uq_accreditation_open",
        ["municipality_id", "provider_id", "scheme", "service", "area"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def upgrade() -> None:
    """Build; the old rows get what the new rules ask of them."""
    op.create_table(
        "contact",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_contact_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_municipality_id_provider_id"),
            ["municipality_id", "provider_id"],
            unique=False,
        )

    op.create_table(
        "reaccreditation",
        sa.Column("rulebook_id", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "rulebook_id"],
            ["rulebook.municipality_id", "rulebook.id"],
            name=op.f("fk_reaccreditation_rulebook_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_reaccreditation")),
        sa.UniqueConstraint(
            "municipality_id", "rulebook_id", name=op.f("uq_reaccreditation_municipality_id_rulebook_id")
        ),
    )
    op.create_table(
        "evidence",
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("condition", sa.String(length=60), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=True),
        sa.Column("media_type", sa.String(length=60), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("digest IS NULL OR length(digest) = 64", name=op.f("ck_evidence_digest_whole")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_evidence_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_municipality_id_accreditation_id_condition"),
            ["municipality_id", "accreditation_id", "condition"],
            unique=False,
        )

    op.create_table(
        "intake_stop",
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("stopped_by", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "stopped_by IN ('provider', 'municipality')", name=op.f("ck_intake_stop_stopped_by_known")
        ),
        sa.CheckConstraint("to_on IS NULL OR from_on <= to_on", name=op.f("ck_intake_stop_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_intake_stop_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_intake_stop")),
    )
    with op.batch_alter_table("intake_stop", schema=None) as batch_op:
        batch_op.create_index(
            "uq_intake_stop_standing",
            ["municipality_id", "accreditation_id", "stopped_by"],
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )

    op.create_table(
        "judgement",
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("condition", sa.String(length=60), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("control", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "control IN ('document', 'register', 'interview', 'visit', 'statement')",
            name=op.f("ck_judgement_control_known"),
        ),
        sa.CheckConstraint(
            "verdict IN ('met', 'not_met', 'unclear')", name=op.f("ck_judgement_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_judgement_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_judgement")),
    )
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_judgement_municipality_id_accreditation_id_condition"),
            ["municipality_id", "accreditation_id", "condition"],
            unique=False,
        )

    op.create_table(
        "notice",
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_notice_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "municipality_id",
            "accreditation_id",
            "kind",
            "about",
            name=op.f("uq_notice_municipality_id_accreditation_id_kind_about"),
        ),
    )
    op.create_table(
        "proposal",
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_on IS NULL)", name=op.f("ck_proposal_closed_has_day")),
        sa.CheckConstraint(
            "kind IN ('accredit', 'refuse', 'dismiss', 'revoke', 'expire')",
            name=op.f("ck_proposal_kind_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'decided', 'lapsed')", name=op.f("ck_proposal_state_known")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_proposal_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(
            "uq_proposal_open",
            ["municipality_id", "accreditation_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "register_event",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_register_event_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "number", name=op.f("pk_register_event")),
    )
    op.create_table(
        "reviewer",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("accreditation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("has_conflict", sa.Boolean(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "account_id"],
            ["account.municipality_id", "account.id"],
            name=op.f("fk_reviewer_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_reviewer_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint(
            "municipality_id", "accreditation_id", "account_id", name=op.f("pk_reviewer")
        ),
    )
    op.create_table(
        "supplement",
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("asked_on < due_on", name=op.f("ck_supplement_due_later")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_supplement_accreditation_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_supplement")),
    )
    with op.batch_alter_table("supplement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplement_municipality_id_accreditation_id"),
            ["municipality_id", "accreditation_id"],
            unique=False,
        )

    op.create_table(
        "decision",
        sa.Column("accreditation_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("rulebook_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("appeal", sa.String(length=30), nullable=False),
        sa.Column("appeal_days", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=True),
        sa.Column("paragraph", sa.String(length=30), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount_ore", sa.BigInteger(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("body <> 'board' OR meeting_on IS NOT NULL", name=op.f("ck_decision_board_meets")),
        sa.CheckConstraint(
            "body IN ('delegate', 'chair', 'board', 'provider')", name=op.f("ck_decision_body_known")
        ),
        sa.CheckConstraint(
            "kind IN ('accredited', 'refused', 'dismissed', 'warned', 'warning_lifted', 'penalty', 'provisionally_revoked', 'lifted', 'kept', 'revoked', 'reaccreditation_called_off', 'expired', 'withdrawn', 'intake_stopped', 'intake_opened', 'closed')",
            name=op.f("ck_decision_kind_known"),
        ),
        sa.CheckConstraint("amount_ore IS NULL OR amount_ore > 0", name=op.f("ck_decision_amount")),
        sa.CheckConstraint("decided_by <> 0", name=op.f("ck_decision_a_person")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "accreditation_id"],
            ["accreditation.municipality_id", "accreditation.id"],
            name=op.f("fk_decision_accreditation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "proposal_id"],
            ["proposal.municipality_id", "proposal.id"],
            name=op.f("fk_decision_proposal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "rulebook_id"],
            ["rulebook.municipality_id", "rulebook.id"],
            name=op.f("fk_decision_rulebook_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_decision_municipality_id_accreditation_id"),
            ["municipality_id", "accreditation_id"],
            unique=False,
        )

    op.create_table(
        "action_plan",
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Date(), nullable=False),
        sa.Column("handed_in_by", sa.BigInteger(), nullable=False),
        sa.Column("handed_in_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "decision_id"],
            ["decision.municipality_id", "decision.id"],
            name=op.f("fk_action_plan_decision_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_action_plan")),
    )
    with op.batch_alter_table("action_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_action_plan_municipality_id_decision_id"),
            ["municipality_id", "decision_id"],
            unique=False,
        )

    op.create_table(
        "leg_plan",
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("(kind = 'stay') = (to_on IS NOT NULL)", name=op.f("ck_leg_plan_stays_to_a_day")),
        sa.CheckConstraint(
            "kind IN ('choose_again', 'stay', 'municipal_care')", name=op.f("ck_leg_plan_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"], ["leg.municipality_id", "leg.id"], name=op.f("fk_leg_plan_leg_id")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_leg_plan")),
    )
    with op.batch_alter_table("leg_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_leg_plan_municipality_id_leg_id"), ["municipality_id", "leg_id"], unique=False
        )
    running = sa.text("ended_on IS NULL AND declined_on IS NULL")
    op.create_index(
        "ix_leg_taken",
        "leg",
        ["municipality_id", "accreditation_id"],
        unique=False,
        sqlite_where=running,
        postgresql_where=running,
    )

    op.create_table(
        "reported",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "decision_id"],
            ["decision.municipality_id", "decision.id"],
            name=op.f("fk_reported_decision_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "decision_id", name=op.f("pk_reported")),
    )
    with op.batch_alter_table("accreditation", schema=None) as batch_op:
        batch_op.drop_index("uq_accreditation_open")
        batch_op.add_column(sa.Column("diary_number", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("replaces_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("end_reason", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("ended_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
        batch_op.drop_constraint(op.f("ck_accreditation_state_known"), type_="check")
        batch_op.drop_constraint(op.f("ck_accreditation_a_person_decided"), type_="check")
    op.execute(
        "UPDATE accreditation SET ended_by = decided_by, end_reason = 'own_request',"
        " to_on = coalesce(to_on, from_on) WHERE state IN ('winding_down', 'closed')"
    )
    with op.batch_alter_table("accreditation", schema=None) as batch_op:
        for name, holds in CHECKS:
            batch_op.create_check_constraint(op.f(f"ck_accreditation_{name}"), holds)
        batch_op.create_unique_constraint(
            op.f("uq_accreditation_municipality_id_diary_number"), ["municipality_id", "diary_number"]
        )
        batch_op.create_foreign_key(
            op.f("fk_accreditation_replaces_id"),
            "accreditation",
            ["municipality_id", "replaces_id"],
            ["municipality_id", "id"],
        )
        _open_index(batch_op, OPEN)

    with op.batch_alter_table("bank_details", schema=None) as batch_op:
        batch_op.add_column(sa.Column("called_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("called_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("called_number", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("refused_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("refused_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE bank_details SET called_by = approved_by, called_on = approved_on,"
        " called_number = 'not kept before 0003' WHERE approved_by IS NOT NULL"
    )
    with op.batch_alter_table("bank_details", schema=None) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_bank_details_called_back_first"),
            "approved_by IS NULL OR (called_by IS NOT NULL AND called_on IS NOT NULL"
            " AND called_number IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_bank_details_approver_did_not_call"),
            "approved_by <> called_by OR called_number = 'not kept before 0003'",
        )
        batch_op.create_check_constraint(
            op.f("ck_bank_details_one_answer"),
            "(approved_by IS NULL OR refused_by IS NULL) AND (approved_by IS NULL OR withdrawn_by IS NULL)"
            " AND (refused_by IS NULL OR withdrawn_by IS NULL)",
        )

    with op.batch_alter_table("provider", schema=None) as batch_op:
        for name in ("orientations", "accessibility"):
            batch_op.add_column(sa.Column(name, sa.String(length=300), nullable=False, server_default=""))
    with op.batch_alter_table("provider", schema=None) as batch_op:
        for name in ("orientations", "accessibility"):
            batch_op.alter_column(name, server_default=None)

    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_account_role_role_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_account_role_role_known"), _roles(*ROLES, "board_chair"))
    put_up(GUARDS)


def downgrade() -> None:
    """Take back; states that did not exist become the nearest that did."""
    take_down(GUARDS)
    op.execute("DELETE FROM account_role WHERE role = 'board_chair'")
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_account_role_role_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_account_role_role_known"), _roles(*ROLES))
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.drop_column("accessibility")
        batch_op.drop_column("orientations")

    with op.batch_alter_table("bank_details", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_bank_details_one_answer"), type_="check")
        batch_op.drop_constraint(op.f("ck_bank_details_approver_did_not_call"), type_="check")
        batch_op.drop_constraint(op.f("ck_bank_details_called_back_first"), type_="check")
        for name in (
            "withdrawn_on",
            "withdrawn_by",
            "refused_on",
            "refused_by",
            "called_number",
            "called_on",
            "called_by",
        ):
            batch_op.drop_column(name)

    with op.batch_alter_table("accreditation", schema=None) as batch_op:
        batch_op.drop_index("uq_accreditation_open")
        for name, _ in CHECKS:
            batch_op.drop_constraint(op.f(f"ck_accreditation_{name}"), type_="check")
        batch_op.drop_constraint(op.f("fk_accreditation_replaces_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_accreditation_municipality_id_diary_number"), type_="unique")
        for name in ("closed_on", "ended_by", "end_reason", "replaces_id", "submitted_at", "diary_number"):
            batch_op.drop_column(name)
    for before, after in OLD_STATES.items():
        op.execute(f"UPDATE accreditation SET state = '{after}' WHERE state = '{before}'")  # noqa: S608  # constants
    with op.batch_alter_table("accreditation", schema=None) as batch_op:
        for name, holds in CHECKS_BEFORE:
            batch_op.create_check_constraint(op.f(f"ck_accreditation_{name}"), holds)
        _open_index(batch_op, OPEN_BEFORE)

    op.drop_table("reported")
    op.drop_index("ix_leg_taken", "leg")
    with op.batch_alter_table("leg_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leg_plan_municipality_id_leg_id"))

    op.drop_table("leg_plan")
    with op.batch_alter_table("action_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_plan_municipality_id_decision_id"))

    op.drop_table("action_plan")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_municipality_id_accreditation_id"))

    op.drop_table("decision")
    with op.batch_alter_table("supplement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplement_municipality_id_accreditation_id"))

    op.drop_table("supplement")
    op.drop_table("reviewer")
    op.drop_table("register_event")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_proposal_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.drop_table("proposal")
    op.drop_table("notice")
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_judgement_municipality_id_accreditation_id_condition"))

    op.drop_table("judgement")
    with op.batch_alter_table("intake_stop", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_intake_stop_standing",
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )

    op.drop_table("intake_stop")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_municipality_id_accreditation_id_condition"))

    op.drop_table("evidence")
    op.drop_table("reaccreditation")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_municipality_id_provider_id"))

    op.drop_table("contact")

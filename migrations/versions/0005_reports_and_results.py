"""Reports and results: what providers tell, what people say of it, how results are proved.

Revision 0005, after 0004. What was reported stays so: older months have no booked time and no activities, and
were told by page.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import Guard, put_up, take_down

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ONLY_ADDED = ("verification", "outcome_evidence")
KEPT = (
    "affiliate",
    "api_token",
    "attendance_answer",
    "deviation",
    "employer_question",
    "occasion",
    "outcome_override",
    "quality_review",
    "sent_file",
    "webhook",
    "written_report",
)


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


GUARDS = (
    *(
        Guard(f"{table}_no_{event.lower()}", table, event, "", f"{table} rows are only ever added")
        for table in ONLY_ADDED
        for event in ("UPDATE", "DELETE")
    ),
    *(Guard(f"{table}_no_delete", table, "DELETE", "", f"{table} rows are kept") for table in KEPT),
    Guard(
        "occasion_stays",
        "occasion",
        "UPDATE",
        _changed("leg_id", "held_on", "started", "kind", "is_physical", "minutes", "recorded_by")
        + " OR OLD.withdrawn_on IS NOT NULL",
        "an occasion is taken back once, as it was told",
    ),
    Guard(
        "written_report_stays",
        "written_report",
        "UPDATE",
        _changed("leg_id", "kind")
        + " OR OLD.state = 'withdrawn'"
        + " OR (OLD.state = 'approved' AND CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT))",
        "a report that was approved is never rewritten",
    ),
    Guard(
        "deviation_stays",
        "deviation",
        "UPDATE",
        _changed(
            "leg_id",
            "happened_on",
            "expected_from",
            "expected_to",
            "absent_from",
            "absent_to",
            "reason",
            "words",
            "reported_by",
        )
        + " OR OLD.state = 'withdrawn'",
        "a deviation is judged or taken back, as it was told",
    ),
    Guard(
        "attendance_answer_stays",
        "attendance_answer",
        "UPDATE",
        _changed("said", "words", "said_by", "said_at")
        + " OR CAST(NEW.shown AS TEXT) <> CAST(OLD.shown AS TEXT)"
        + " OR OLD.verdict IS NOT NULL OR OLD.taken_back_at IS NOT NULL",
        "what a person said stays, and is judged once",
    ),
    Guard(
        "employer_question_stays",
        "employer_question",
        "UPDATE",
        _changed("check_id", "code_fingerprint", "expires_on", "made_by") + " OR OLD.answered_at IS NOT NULL",
        "an employer answers once",
    ),
    Guard(
        "outcome_override_stays",
        "outcome_override",
        "UPDATE",
        _changed("check_id", "passes", "reasons", "decided_by", "decided_on", "until_on")
        + " OR OLD.ended_on IS NOT NULL",
        "an override ends once, as it was decided",
    ),
    Guard(
        "quality_review_stays",
        "quality_review",
        "UPDATE",
        _changed("check_id", "seed", "drawn_on") + " OR OLD.verdict IS NOT NULL",
        "a review is made once, of what was drawn",
    ),
    Guard(
        "affiliate_stays",
        "affiliate",
        "UPDATE",
        _changed("provider_id", "organisation_number", "declared_by", "declared_on")
        + " OR OLD.removed_on IS NOT NULL",
        "what was declared stays, and is removed once",
    ),
    Guard(
        "api_token_stays",
        "api_token",
        "UPDATE",
        _changed("provider_id", "account_id", "fingerprint", "made_on", "ends_on")
        + " OR (OLD.revoked_on IS NOT NULL AND NEW.revoked_on IS NULL)",
        "a key is neither moved, lengthened nor brought back",
    ),
    Guard(
        "webhook_stays",
        "webhook",
        "UPDATE",
        _changed("provider_id", "url") + " OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)",
        "an address is neither moved nor brought back",
    ),
    Guard(
        "related_needs_reasons",
        "outcome_check",
        "UPDATE",
        "NEW.state = 'passed' AND OLD.state <> 'passed' AND EXISTS (SELECT 1 FROM outcome"
        " WHERE outcome.municipality_id = NEW.municipality_id AND outcome.id = NEW.outcome_id"
        " AND outcome.related IS NOT NULL AND outcome.related_reasons = '')",
        "a result at the provider itself or its group is verified with reasons",
    ),
)


def upgrade() -> None:
    """Build."""
    op.create_table(
        "affiliate",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_number", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("declared_by", sa.BigInteger(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("removed_by", sa.BigInteger(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(removed_on IS NULL) = (removed_by IS NULL)", name=op.f("ck_affiliate_removal_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_affiliate_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_affiliate")),
    )
    with op.batch_alter_table("affiliate", schema=None) as batch_op:
        batch_op.create_index(
            "uq_affiliate_declared",
            ["municipality_id", "provider_id", "organisation_number"],
            unique=True,
            sqlite_where=sa.text("removed_on IS NULL"),
            postgresql_where=sa.text("removed_on IS NULL"),
        )

    op.create_table(
        "api_token",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("start", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(revoked_on IS NULL) = (revoked_by IS NULL)", name=op.f("ck_api_token_revocation_is_whole")
        ),
        sa.CheckConstraint("ends_on >= made_on", name=op.f("ck_api_token_ends_later")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "account_id"],
            ["account.municipality_id", "account.id"],
            name=op.f("fk_api_token_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_api_token_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_api_token")),
        sa.UniqueConstraint(
            "municipality_id", "fingerprint", name=op.f("uq_api_token_municipality_id_fingerprint")
        ),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_api_token_municipality_id_provider_id"),
            ["municipality_id", "provider_id"],
            unique=False,
        )

    op.create_table(
        "sent_file",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer_digest", sa.String(length=64), nullable=True),
        sa.Column("said", sa.String(length=60), nullable=True),
        sa.Column("said_with", sa.JSON(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("good_rows", sa.Integer(), nullable=False),
        sa.Column("bad_rows", sa.Integer(), nullable=False),
        sa.Column("same_rows", sa.Integer(), nullable=False),
        sa.Column("stored_rows", sa.Integer(), nullable=False),
        sa.Column("sent_by", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('monthly', 'deviations', 'occasions')", name=op.f("ck_sent_file_kind_known")
        ),
        sa.CheckConstraint("mode IN ('all', 'good')", name=op.f("ck_sent_file_mode_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'checking', 'stored', 'refused', 'failed')",
            name=op.f("ck_sent_file_state_known"),
        ),
        sa.CheckConstraint("good_rows + bad_rows <= row_count", name=op.f("ck_sent_file_no_more_than_all")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_sent_file_digest_whole")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_sent_file_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_sent_file")),
    )
    with op.batch_alter_table("sent_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sent_file_municipality_id_provider_id"),
            ["municipality_id", "provider_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_sent_file_municipality_id_state"), ["municipality_id", "state"], unique=False
        )

    op.create_table(
        "webhook",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret_sealed", sa.String(length=400), nullable=False),
        sa.Column("old_secret_sealed", sa.String(length=400), nullable=True),
        sa.Column("old_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("seen_sequence", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_webhook_end_is_whole")),
        sa.CheckConstraint(
            "(old_secret_sealed IS NULL) = (old_until IS NULL)",
            name=op.f("ck_webhook_old_secret_has_an_end"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_webhook_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_webhook")),
    )
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.create_index(
            "uq_webhook_standing",
            ["municipality_id", "provider_id", "url"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "api_answer",
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "token_id"],
            ["api_token.municipality_id", "api_token.id"],
            name=op.f("fk_api_answer_token_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_api_answer")),
        sa.UniqueConstraint(
            "municipality_id", "token_id", "key", name=op.f("uq_api_answer_municipality_id_token_id_key")
        ),
    )
    with op.batch_alter_table("api_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_api_answer_municipality_id_made_at"), ["municipality_id", "made_at"], unique=False
        )

    op.create_table(
        "webhook_delivery",
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("audit_sequence", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(length=20), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'given_up')", name=op.f("ck_webhook_delivery_state_known")
        ),
        sa.CheckConstraint(
            "fault IN ('no_address', 'private', 'unreachable', 'certificate', 'too_slow', 'not_http', 'ended')",
            name=op.f("ck_webhook_delivery_fault_known"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "webhook_id"],
            ["webhook.municipality_id", "webhook.id"],
            name=op.f("fk_webhook_delivery_webhook_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint(
            "municipality_id",
            "webhook_id",
            "audit_sequence",
            "leg_id",
            name="uq_webhook_delivery_once",
        ),
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhook_delivery_municipality_id_state_next_at"),
            ["municipality_id", "state", "next_at"],
            unique=False,
        )

    op.create_table(
        "deviation",
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("activity", sa.String(length=200), nullable=False),
        sa.Column("expected_from", sa.Integer(), nullable=False),
        sa.Column("expected_to", sa.Integer(), nullable=False),
        sa.Column("absent_from", sa.Integer(), nullable=False),
        sa.Column("absent_to", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("reported_by", sa.BigInteger(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("judged_by", sa.BigInteger(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "reason IN ('sick', 'child_sick', 'work', 'authority', 'other', 'unknown')",
            name=op.f("ck_deviation_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('unjudged', 'valid', 'not_valid', 'withdrawn')", name=op.f("ck_deviation_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('valid', 'not_valid') OR (judged_by IS NOT NULL AND judged_by <> reported_by)",
            name=op.f("ck_deviation_another_person_judged"),
        ),
        sa.CheckConstraint("via IN ('page', 'file', 'api')", name=op.f("ck_deviation_via_known")),
        sa.CheckConstraint(
            "0 <= expected_from AND expected_from < expected_to", name=op.f("ck_deviation_expected_is_a_time")
        ),
        sa.CheckConstraint(
            "absent_from < absent_to AND expected_from <= absent_from AND absent_to <= expected_to",
            name=op.f("ck_deviation_absent_within_expected"),
        ),
        sa.CheckConstraint("expected_to <= 1440", name=op.f("ck_deviation_within_a_day")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"], ["leg.municipality_id", "leg.id"], name=op.f("fk_deviation_leg_id")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_deviation")),
    )
    with op.batch_alter_table("deviation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deviation_waiting",
            ["municipality_id", "leg_id"],
            unique=False,
            sqlite_where=sa.text("state = 'unjudged'"),
            postgresql_where=sa.text("state = 'unjudged'"),
        )
        batch_op.create_index(
            batch_op.f("ix_deviation_municipality_id_leg_id_happened_on"),
            ["municipality_id", "leg_id", "happened_on"],
            unique=False,
        )
        batch_op.create_index(
            "uq_deviation_occasion",
            ["municipality_id", "leg_id", "happened_on", "expected_from"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "occasion",
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_physical", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('individual', 'group', 'activity', 'follow_up')", name=op.f("ck_occasion_kind_known")
        ),
        sa.CheckConstraint("via IN ('page', 'file', 'api')", name=op.f("ck_occasion_via_known")),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_occasion_withdrawal_is_whole")
        ),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_occasion_within_a_day")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"], ["leg.municipality_id", "leg.id"], name=op.f("fk_occasion_leg_id")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_occasion")),
    )
    with op.batch_alter_table("occasion", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_occasion_municipality_id_leg_id_held_on"),
            ["municipality_id", "leg_id", "held_on"],
            unique=False,
        )
        batch_op.create_index(
            "uq_occasion_standing",
            ["municipality_id", "leg_id", "held_on", "kind", "started"],
            unique=True,
            sqlite_where=sa.text("withdrawn_on IS NULL"),
            postgresql_where=sa.text("withdrawn_on IS NULL"),
        )

    op.create_table(
        "report_draft",
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('monthly', 'joint_plan', 'informative', 'final', 'deviation')",
            name=op.f("ck_report_draft_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"],
            ["leg.municipality_id", "leg.id"],
            name=op.f("fk_report_draft_leg_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_report_draft")),
        sa.UniqueConstraint(
            "municipality_id",
            "leg_id",
            "kind",
            "about",
            name=op.f("uq_report_draft_municipality_id_leg_id_kind_about"),
        ),
    )
    op.create_table(
        "written_report",
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("judged_by", sa.BigInteger(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('joint_plan', 'informative', 'final')", name=op.f("ck_written_report_kind_known")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR judged_by IS NOT NULL", name=op.f("ck_written_report_a_person_approved")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'approved', 'withdrawn')",
            name=op.f("ck_written_report_state_known"),
        ),
        sa.CheckConstraint("via IN ('page', 'file', 'api')", name=op.f("ck_written_report_via_known")),
        sa.CheckConstraint(
            "judged_by IS NULL OR judged_by <> submitted_by",
            name=op.f("ck_written_report_another_person_approved"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"],
            ["leg.municipality_id", "leg.id"],
            name=op.f("fk_written_report_leg_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_written_report")),
    )
    with op.batch_alter_table("written_report", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_written_report_municipality_id_leg_id"),
            ["municipality_id", "leg_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_written_report_single",
            ["municipality_id", "leg_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn' AND kind <> 'informative'"),
            postgresql_where=sa.text("state <> 'withdrawn' AND kind <> 'informative'"),
        )

    op.create_table(
        "attendance_answer",
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("deviation_id", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("said_by", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.BigInteger(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "said = 'contested' OR verdict IS NULL",
            name=op.f("ck_attendance_answer_only_a_contest_is_judged"),
        ),
        sa.CheckConstraint(
            "taken_back_at IS NULL OR (said = 'contested' AND verdict IS NULL)",
            name=op.f("ck_attendance_answer_taken_back_or_judged"),
        ),
        sa.CheckConstraint(
            "said IN ('confirmed', 'contested')", name=op.f("ck_attendance_answer_said_known")
        ),
        sa.CheckConstraint("verdict IN ('stands', 'wrong')", name=op.f("ck_attendance_answer_verdict_known")),
        sa.CheckConstraint(
            "(report_id IS NULL) <> (deviation_id IS NULL)", name=op.f("ck_attendance_answer_about_one_thing")
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (judged_by IS NULL) AND (verdict IS NULL) = (judged_on IS NULL) AND (judged_by IS NULL OR judged_by <> said_by)",
            name=op.f("ck_attendance_answer_another_person_judged"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "deviation_id"],
            ["deviation.municipality_id", "deviation.id"],
            name=op.f("fk_attendance_answer_deviation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "report_id"],
            ["report.municipality_id", "report.id"],
            name=op.f("fk_attendance_answer_report_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_attendance_answer")),
    )
    with op.batch_alter_table("attendance_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attendance_answer_municipality_id_deviation_id"),
            ["municipality_id", "deviation_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_attendance_answer_municipality_id_report_id"),
            ["municipality_id", "report_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_attendance_answer_open_deviation",
            ["municipality_id", "deviation_id"],
            unique=True,
            sqlite_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
            postgresql_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
        )
        batch_op.create_index(
            "uq_attendance_answer_open_report",
            ["municipality_id", "report_id"],
            unique=True,
            sqlite_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
            postgresql_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
        )

    op.create_table(
        "outcome_evidence",
        sa.Column("outcome_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_outcome_evidence_digest_whole")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "outcome_id"],
            ["outcome.municipality_id", "outcome.id"],
            name=op.f("fk_outcome_evidence_outcome_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_outcome_evidence")),
    )
    with op.batch_alter_table("outcome_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outcome_evidence_municipality_id_outcome_id"),
            ["municipality_id", "outcome_id"],
            unique=False,
        )

    op.create_table(
        "employer_question",
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("employer", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("code_sealed", sa.String(length=200), nullable=False),
        sa.Column("code_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=True),
        sa.Column("answered_as", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "answer IN ('confirmed', 'denied')", name=op.f("ck_employer_question_answer_known")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_employer_question_answer_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "check_id"],
            ["outcome_check.municipality_id", "outcome_check.id"],
            name=op.f("fk_employer_question_check_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_employer_question")),
        sa.UniqueConstraint(
            "municipality_id",
            "code_fingerprint",
            name=op.f("uq_employer_question_municipality_id_code_fingerprint"),
        ),
    )
    with op.batch_alter_table("employer_question", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_employer_question_municipality_id_check_id"),
            ["municipality_id", "check_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_employer_question_open",
            ["municipality_id", "check_id"],
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL AND closed_at IS NULL"),
        )

    op.create_table(
        "outcome_override",
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("passes", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("reasons <> ''", name=op.f("ck_outcome_override_with_reasons")),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (ended_by IS NULL)", name=op.f("ck_outcome_override_end_is_whole")
        ),
        sa.CheckConstraint("decided_by <> 0", name=op.f("ck_outcome_override_a_person")),
        sa.CheckConstraint("until_on >= decided_on", name=op.f("ck_outcome_override_ends_later")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "check_id"],
            ["outcome_check.municipality_id", "outcome_check.id"],
            name=op.f("fk_outcome_override_check_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_outcome_override")),
    )
    with op.batch_alter_table("outcome_override", schema=None) as batch_op:
        batch_op.create_index(
            "uq_outcome_override_standing",
            ["municipality_id", "check_id"],
            unique=True,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        )

    op.create_table(
        "quality_review",
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("verdict IN ('agrees', 'differs')", name=op.f("ck_quality_review_verdict_known")),
        sa.CheckConstraint(
            "(verdict IS NULL) = (reviewed_by IS NULL) AND (verdict IS NULL) = (reviewed_on IS NULL)",
            name=op.f("ck_quality_review_review_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "check_id"],
            ["outcome_check.municipality_id", "outcome_check.id"],
            name=op.f("fk_quality_review_check_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_quality_review")),
        sa.UniqueConstraint(
            "municipality_id", "check_id", name=op.f("uq_quality_review_municipality_id_check_id")
        ),
    )
    with op.batch_alter_table("quality_review", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quality_review_municipality_id_verdict"),
            ["municipality_id", "verdict"],
            unique=False,
        )

    op.create_table(
        "verification",
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("found", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.BigInteger(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "found IN ('supports', 'contradicts', 'no_answer')", name=op.f("ck_verification_found_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "check_id"],
            ["outcome_check.municipality_id", "outcome_check.id"],
            name=op.f("fk_verification_check_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "evidence_id"],
            ["outcome_evidence.municipality_id", "outcome_evidence.id"],
            name=op.f("fk_verification_evidence_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_verification")),
    )
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_verification_municipality_id_check_id"),
            ["municipality_id", "check_id"],
            unique=False,
        )

    op.add_column("leg", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("voucher", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.add_column(sa.Column("employer_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("ends_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("municipal", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("related", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("related_reasons", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("via", sa.String(length=10), server_default="page", nullable=False))
        batch_op.add_column(sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_outcome_related_known"), "related IN ('own', 'group')"
        )
        batch_op.create_check_constraint(batch_op.f("ck_outcome_via_known"), "via IN ('page', 'file', 'api')")

    with op.batch_alter_table("outcome_check", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reminded_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("answered_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("answered_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("last_on", sa.Date(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_outcome_check_answer_known"), "answer IN ('still', 'ended')"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_outcome_check_answer_is_whole"),
            "(answer IS NULL) = (answered_on IS NULL) AND (answer IS NULL) = (answered_by IS NULL)"
            " AND (last_on IS NOT NULL) = (answer IS NOT NULL AND answer = 'ended')",
        )

    with op.batch_alter_table("provider_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("percent", sa.Integer(), server_default="100", nullable=False))
        batch_op.create_check_constraint(
            batch_op.f("ck_provider_member_percent_is_a_share"), "percent BETWEEN 1 AND 100"
        )

    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("booked_minutes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("physical_minutes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("activities", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("against_plan", sa.String(length=20), server_default="as_planned", nullable=False)
        )
        batch_op.add_column(sa.Column("via", sa.String(length=10), server_default="page", nullable=False))
        batch_op.add_column(sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_report_municipality_id_updated_at"),
            ["municipality_id", "updated_at"],
            unique=False,
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_report_against_plan_known"),
            "against_plan IN ('ahead', 'as_planned', 'behind', 'plan_must_change')",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_report_physical_is_a_part"), "physical_minutes <= activity_minutes"
        )
        batch_op.create_check_constraint(batch_op.f("ck_report_via_known"), "via IN ('page', 'file', 'api')")

    put_up(GUARDS)


def downgrade() -> None:
    """Take back."""
    take_down(GUARDS)
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_report_via_known"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_report_physical_is_a_part"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_report_against_plan_known"), type_="check")
        batch_op.drop_index(batch_op.f("ix_report_municipality_id_updated_at"))
        batch_op.drop_column("updated_at")
        batch_op.drop_column("via")
        batch_op.drop_column("against_plan")
        batch_op.drop_column("activities")
        batch_op.drop_column("physical_minutes")
        batch_op.drop_column("booked_minutes")

    with op.batch_alter_table("provider_member", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_provider_member_percent_is_a_share"), type_="check")
        batch_op.drop_column("percent")

    with op.batch_alter_table("outcome_check", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_outcome_check_answer_is_whole"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_outcome_check_answer_known"), type_="check")
        batch_op.drop_column("last_on")
        batch_op.drop_column("answered_by")
        batch_op.drop_column("answered_on")
        batch_op.drop_column("answer")
        batch_op.drop_column("updated_at")
        batch_op.drop_column("reminded_on")
        batch_op.drop_column("answer_by")

    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_outcome_via_known"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_outcome_related_known"), type_="check")
        batch_op.drop_column("updated_at")
        batch_op.drop_column("via")
        batch_op.drop_column("related_reasons")
        batch_op.drop_column("related")
        batch_op.drop_column("municipal")
        batch_op.drop_column("ends_on")
        batch_op.drop_column("employer_name")

    op.drop_column("voucher", "updated_at")
    op.drop_column("leg", "updated_at")

    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verification_municipality_id_check_id"))

    op.drop_table("verification")
    with op.batch_alter_table("quality_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_review_municipality_id_verdict"))

    op.drop_table("quality_review")
    with op.batch_alter_table("outcome_override", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outcome_override_standing",
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        )

    op.drop_table("outcome_override")
    with op.batch_alter_table("employer_question", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_employer_question_open",
            sqlite_where=sa.text("answered_at IS NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL AND closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_employer_question_municipality_id_check_id"))

    op.drop_table("employer_question")
    with op.batch_alter_table("outcome_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outcome_evidence_municipality_id_outcome_id"))

    op.drop_table("outcome_evidence")
    with op.batch_alter_table("attendance_answer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attendance_answer_open_report",
            sqlite_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
            postgresql_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_attendance_answer_open_deviation",
            sqlite_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
            postgresql_where=sa.text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_attendance_answer_municipality_id_report_id"))
        batch_op.drop_index(batch_op.f("ix_attendance_answer_municipality_id_deviation_id"))

    op.drop_table("attendance_answer")
    with op.batch_alter_table("written_report", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_written_report_single",
            sqlite_where=sa.text("state <> 'withdrawn' AND kind <> 'informative'"),
            postgresql_where=sa.text("state <> 'withdrawn' AND kind <> 'informative'"),
        )
        batch_op.drop_index(batch_op.f("ix_written_report_municipality_id_leg_id"))

    op.drop_table("written_report")
    op.drop_table("report_draft")
    with op.batch_alter_table("occasion", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_occasion_standing",
            sqlite_where=sa.text("withdrawn_on IS NULL"),
            postgresql_where=sa.text("withdrawn_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_occasion_municipality_id_leg_id_held_on"))

    op.drop_table("occasion")
    with op.batch_alter_table("deviation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_deviation_occasion",
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )
        batch_op.drop_index(batch_op.f("ix_deviation_municipality_id_leg_id_happened_on"))
        batch_op.drop_index(
            "ix_deviation_waiting",
            sqlite_where=sa.text("state = 'unjudged'"),
            postgresql_where=sa.text("state = 'unjudged'"),
        )

    op.drop_table("deviation")
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_delivery_municipality_id_state_next_at"))

    op.drop_table("webhook_delivery")
    with op.batch_alter_table("api_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_answer_municipality_id_made_at"))

    op.drop_table("api_answer")
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_webhook_standing",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("webhook")
    with op.batch_alter_table("sent_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sent_file_municipality_id_state"))
        batch_op.drop_index(batch_op.f("ix_sent_file_municipality_id_provider_id"))

    op.drop_table("sent_file")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_municipality_id_provider_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("affiliate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_affiliate_declared",
            sqlite_where=sa.text("removed_on IS NULL"),
            postgresql_where=sa.text("removed_on IS NULL"),
        )

    op.drop_table("affiliate")

"""The choice: assessments, plans, consents, letters, turns of a voucher, the participants' voice.

Revision 0004, after 0003. What was decided stays so: older vouchers are combined with no studies, and have no
assessment and no target group.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import Guard, put_up, take_down

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ONLY_ADDED = ("assessment", "meeting", "survey_answer", "extension", "voucher_decision", "reminder")
KEPT = (
    "plan",
    "plan_part",
    "consent",
    "letter",
    "none_suits",
    "non_choice_list",
    "non_choice",
    "pause",
    "message",
)

CONSENTS = (
    ("uq_consent_to_provider", "provider_id", "withdrawn_on IS NULL AND provider_id IS NOT NULL"),
    ("uq_consent_to_party", "party", "withdrawn_on IS NULL AND provider_id IS NULL"),
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
        "plan_part_stays",
        "plan_part",
        "UPDATE",
        _changed("participant_id", "party", "does", "due_on", "added_by", "added_on")
        + " OR OLD.done_on IS NOT NULL OR OLD.removed_on IS NOT NULL",
        "a part of a plan is done or taken away, never rewritten",
    ),
    Guard(
        "consent_stays",
        "consent",
        "UPDATE",
        _changed("participant_id", "party", "what", "given_how", "given_on", "recorded_by")
        + " OR OLD.withdrawn_on IS NOT NULL",
        "a consent is withdrawn once, as it was given",
    ),
    Guard(
        "pause_stays",
        "pause",
        "UPDATE",
        _changed("voucher_id", "leg_id", "reason", "from_on", "decided_by")
        + " OR (OLD.resumed_on IS NOT NULL AND NEW.resumed_on <> OLD.resumed_on)",
        "a pause ends once, as it began",
    ),
    Guard(
        "letter_stays",
        "letter",
        "UPDATE",
        _changed("voucher_id", "code_fingerprint", "code_sealed", "expires_on")
        + " OR (OLD.locked_at IS NOT NULL AND NEW.locked_at IS NULL)",
        "the code of a letter is never rewritten nor unlocked; a new letter is a new row",
    ),
    Guard(
        "message_stays",
        "message",
        "UPDATE",
        _changed("participant_id", "from_person", "author_id", "text", "sent_at"),
        "what was written stays as it was sent",
    ),
    Guard(
        "non_choice_list_stays",
        "non_choice_list",
        "UPDATE",
        "OLD.state <> 'proposed' OR " + _changed("seed", "made_by", "made_on"),
        "a list is closed once, as it was made",
    ),
    Guard(
        "non_choice_not_by_geography",
        "non_choice",
        "INSERT",
        "NEW.rule = 'nearest' AND EXISTS (SELECT 1 FROM voucher JOIN participant"
        " ON participant.municipality_id = voucher.municipality_id AND participant.id = voucher.participant_id"
        " WHERE voucher.municipality_id = NEW.municipality_id AND voucher.id = NEW.voucher_id"
        " AND participant.protection <> 'none')",
        "nobody with protected identity is placed by where they live",
    ),
    Guard(
        "non_choice_never_by_geography",
        "non_choice",
        "UPDATE",
        "NEW.rule = 'nearest' AND NEW.answer <> 'left_out' AND EXISTS (SELECT 1 FROM voucher JOIN participant"
        " ON participant.municipality_id = voucher.municipality_id AND participant.id = voucher.participant_id"
        " WHERE voucher.municipality_id = NEW.municipality_id AND voucher.id = NEW.voucher_id"
        " AND participant.protection <> 'none')",
        "nobody with protected identity is placed by where they live",
    ),
    Guard(
        "non_choice_stays",
        "non_choice",
        "UPDATE",
        _changed("list_id", "voucher_id") + " OR OLD.answer <> 'waits'",
        "a line is answered once",
    ),
)


def upgrade() -> None:
    """Build."""
    op.create_table(
        "non_choice_list",
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (closed_by IS NULL) AND (closed_by IS NULL OR closed_by <> 0)",
            name=op.f("ck_non_choice_list_a_person_closes"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'withdrawn')", name=op.f("ck_non_choice_list_state_known")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_non_choice_list")),
    )
    with op.batch_alter_table("non_choice_list", schema=None) as batch_op:
        batch_op.create_index(
            "uq_non_choice_list_open",
            ["municipality_id"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "place",
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("postal_code", sa.String(length=5), nullable=False),
        sa.Column("area", sa.String(length=100), nullable=False),
        sa.Column("latitude_e5", sa.Integer(), nullable=False),
        sa.Column("longitude_e5", sa.Integer(), nullable=False),
        sa.CheckConstraint("latitude_e5 BETWEEN -9000000 AND 9000000", name=op.f("ck_place_latitude_is_one")),
        sa.CheckConstraint(
            "longitude_e5 BETWEEN -18000000 AND 18000000", name=op.f("ck_place_longitude_is_one")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "postal_code", name=op.f("pk_place")),
    )
    op.create_table(
        "assessment",
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("rulebook_id", sa.BigInteger(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("suggested_service", sa.String(length=60), nullable=False),
        sa.Column("suggested_level", sa.String(length=30), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state_check", sa.String(length=30), nullable=False),
        sa.Column("state_check_note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(service = suggested_service AND level = suggested_level) OR reasons <> ''",
            name=op.f("ck_assessment_differs_with_reasons"),
        ),
        sa.CheckConstraint(
            "state_check IN ('none_fits', 'waits', 'combined', 'refused_by_state')",
            name=op.f("ck_assessment_state_check_known"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "participant_id"],
            ["participant.municipality_id", "participant.id"],
            name=op.f("fk_assessment_participant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "rulebook_id"],
            ["rulebook.municipality_id", "rulebook.id"],
            name=op.f("fk_assessment_rulebook_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_assessment")),
    )
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessment_municipality_id_participant_id"),
            ["municipality_id", "participant_id"],
            unique=False,
        )

    op.create_table(
        "consent",
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.String(length=30), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("given_how", sa.String(length=20), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(party = 'provider') = (provider_id IS NOT NULL)", name=op.f("ck_consent_provider_is_named")
        ),
        sa.CheckConstraint("given_how IN ('signed_in', 'on_paper')", name=op.f("ck_consent_given_how_known")),
        sa.CheckConstraint(
            "party IN ('participant', 'municipality', 'provider', 'employment_service', 'insurance_agency', 'region', 'school')",
            name=op.f("ck_consent_party_known"),
        ),
        sa.CheckConstraint(
            "what IN ('contact', 'assessment', 'plan', 'reports', 'results')",
            name=op.f("ck_consent_what_known"),
        ),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_consent_withdrawal_is_whole")
        ),
        sa.CheckConstraint("to_on IS NULL OR to_on >= given_on", name=op.f("ck_consent_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "participant_id"],
            ["participant.municipality_id", "participant.id"],
            name=op.f("fk_consent_participant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_consent_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_municipality_id_participant_id"),
            ["municipality_id", "participant_id"],
            unique=False,
        )
        for name, column, where in CONSENTS:
            batch_op.create_index(
                name,
                ["municipality_id", "participant_id", column, "what"],
                unique=True,
                sqlite_where=sa.text(where),
                postgresql_where=sa.text(where),
            )

    op.create_table(
        "meeting",
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("present", sa.JSON(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("next_step_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('assessment', 'follow_up', 'three_party')", name=op.f("ck_meeting_kind_known")
        ),
        sa.CheckConstraint("next_step_on >= held_on", name=op.f("ck_meeting_next_step_is_later")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "participant_id"],
            ["participant.municipality_id", "participant.id"],
            name=op.f("fk_meeting_participant_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meeting_municipality_id_participant_id"),
            ["municipality_id", "participant_id"],
            unique=False,
        )

    op.create_table(
        "message",
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("from_person", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "participant_id"],
            ["participant.municipality_id", "participant.id"],
            name=op.f("fk_message_participant_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_municipality_id_participant_id_sent_at"),
            ["municipality_id", "participant_id", "sent_at"],
            unique=False,
        )
        batch_op.create_index(
            "ix_message_unanswered",
            ["municipality_id", "participant_id"],
            unique=False,
            sqlite_where=sa.text("from_person AND answered_at IS NULL"),
            postgresql_where=sa.text("from_person AND answered_at IS NULL"),
        )

    op.create_table(
        "plan",
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "participant_id"],
            ["participant.municipality_id", "participant.id"],
            name=op.f("fk_plan_participant_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_plan")),
        sa.UniqueConstraint(
            "municipality_id", "participant_id", name=op.f("uq_plan_municipality_id_participant_id")
        ),
    )
    op.create_table(
        "plan_part",
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.String(length=30), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("removed_by", sa.BigInteger(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "party IN ('participant', 'municipality', 'provider', 'employment_service', 'insurance_agency', 'region', 'school')",
            name=op.f("ck_plan_part_party_known"),
        ),
        sa.CheckConstraint("done_on IS NULL OR removed_on IS NULL", name=op.f("ck_plan_part_one_end")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "participant_id"],
            ["participant.municipality_id", "participant.id"],
            name=op.f("fk_plan_part_participant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_plan_part_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_plan_part")),
    )
    with op.batch_alter_table("plan_part", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_part_municipality_id_participant_id"),
            ["municipality_id", "participant_id"],
            unique=False,
        )

    op.create_table(
        "extension",
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("assessment_id", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("new_content", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("months > 0", name=op.f("ck_extension_adds_something")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "assessment_id"],
            ["assessment.municipality_id", "assessment.id"],
            name=op.f("fk_extension_assessment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "voucher_id"],
            ["voucher.municipality_id", "voucher.id"],
            name=op.f("fk_extension_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_extension")),
    )
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_extension_municipality_id_voucher_id"),
            ["municipality_id", "voucher_id"],
            unique=False,
        )

    op.create_table(
        "letter",
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("code_sealed", sa.String(length=200), nullable=False),
        sa.Column("code_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "voucher_id"],
            ["voucher.municipality_id", "voucher.id"],
            name=op.f("fk_letter_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_letter")),
        sa.UniqueConstraint(
            "municipality_id", "code_fingerprint", name=op.f("uq_letter_municipality_id_code_fingerprint")
        ),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(
            "uq_letter_standing",
            ["municipality_id", "voucher_id"],
            unique=True,
            sqlite_where=sa.text("locked_at IS NULL"),
            postgresql_where=sa.text("locked_at IS NULL"),
        )

    op.create_table(
        "none_suits",
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.BigInteger(), nullable=False),
        sa.Column("followed_up_on", sa.Date(), nullable=True),
        sa.Column("followed_up_by", sa.BigInteger(), nullable=True),
        sa.Column("follow_up", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(followed_up_on IS NULL) = (followed_up_by IS NULL)",
            name=op.f("ck_none_suits_follow_up_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "voucher_id"],
            ["voucher.municipality_id", "voucher.id"],
            name=op.f("fk_none_suits_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_none_suits")),
    )
    with op.batch_alter_table("none_suits", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_none_suits_municipality_id_voucher_id"),
            ["municipality_id", "voucher_id"],
            unique=False,
        )

    op.create_table(
        "reminder",
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "voucher_id"],
            ["voucher.municipality_id", "voucher.id"],
            name=op.f("fk_reminder_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "municipality_id",
            "voucher_id",
            "kind",
            "about_on",
            name=op.f("uq_reminder_municipality_id_voucher_id_kind_about_on"),
        ),
    )
    op.create_table(
        "voucher_decision",
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('revoked', 'lapsed', 'closed')", name=op.f("ck_voucher_decision_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "voucher_id"],
            ["voucher.municipality_id", "voucher.id"],
            name=op.f("fk_voucher_decision_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_voucher_decision")),
        sa.UniqueConstraint(
            "municipality_id",
            "voucher_id",
            "kind",
            name=op.f("uq_voucher_decision_municipality_id_voucher_id_kind"),
        ),
    )
    op.create_table(
        "non_choice",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "answer IN ('waits', 'confirmed', 'left_out')", name=op.f("ck_non_choice_answer_known")
        ),
        sa.CheckConstraint(
            "rule IN ('nearest', 'rotation', 'own_run', 'by_hand')", name=op.f("ck_non_choice_rule_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"],
            ["leg.municipality_id", "leg.id"],
            name=op.f("fk_non_choice_leg_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "list_id"],
            ["non_choice_list.municipality_id", "non_choice_list.id"],
            name=op.f("fk_non_choice_list_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_non_choice_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "voucher_id"],
            ["voucher.municipality_id", "voucher.id"],
            name=op.f("fk_non_choice_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_non_choice")),
        sa.UniqueConstraint(
            "municipality_id",
            "list_id",
            "voucher_id",
            name=op.f("uq_non_choice_municipality_id_list_id_voucher_id"),
        ),
    )
    with op.batch_alter_table("non_choice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_non_choice_municipality_id_voucher_id"),
            ["municipality_id", "voucher_id"],
            unique=False,
        )

    op.create_table(
        "pause",
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("resumed_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("resumed_by", sa.BigInteger(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "reason IN ('sick', 'parental_leave', 'care_of_child', 'other')",
            name=op.f("ck_pause_reason_known"),
        ),
        sa.CheckConstraint(
            "(resumed_on IS NULL) = (resumed_by IS NULL)", name=op.f("ck_pause_resumption_is_whole")
        ),
        sa.CheckConstraint(
            "resumed_on IS NULL OR resumed_on >= from_on", name=op.f("ck_pause_ends_after_it_began")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"], ["leg.municipality_id", "leg.id"], name=op.f("fk_pause_leg_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "voucher_id"],
            ["voucher.municipality_id", "voucher.id"],
            name=op.f("fk_pause_voucher_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pause_municipality_id_leg_id"), ["municipality_id", "leg_id"], unique=False
        )
        batch_op.create_index(
            "uq_pause_open",
            ["municipality_id", "voucher_id"],
            unique=True,
            sqlite_where=sa.text("resumed_on IS NULL"),
            postgresql_where=sa.text("resumed_on IS NULL"),
        )

    op.create_table(
        "survey_answer",
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("moment", sa.String(length=10), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("overall", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("moment IN ('during', 'after')", name=op.f("ck_survey_answer_moment_known")),
        sa.CheckConstraint("overall BETWEEN 1 AND 5", name=op.f("ck_survey_answer_overall_is_a_step")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "leg_id"],
            ["leg.municipality_id", "leg.id"],
            name=op.f("fk_survey_answer_leg_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "participant_id"],
            ["participant.municipality_id", "participant.id"],
            name=op.f("fk_survey_answer_participant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "provider_id"],
            ["provider.municipality_id", "provider.id"],
            name=op.f("fk_survey_answer_provider_id"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_survey_answer")),
    )
    with op.batch_alter_table("survey_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_survey_answer_municipality_id_participant_id"),
            ["municipality_id", "participant_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_survey_answer_municipality_id_provider_id"),
            ["municipality_id", "provider_id"],
            unique=False,
        )

    op.add_column("leg", sa.Column("decline_reason", sa.String(length=40), nullable=True))
    op.add_column("leg", sa.Column("coach_id", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assessment_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("target_group", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("studies", sa.String(length=20), nullable=False, server_default="none"))
        batch_op.create_foreign_key(
            batch_op.f("fk_voucher_assessment_id"),
            "assessment",
            ["municipality_id", "assessment_id"],
            ["municipality_id", "id"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_voucher_studies_known"), "studies IN ('none', 'sfi', 'adult_education')"
        )
    put_up(GUARDS)


def downgrade() -> None:
    """Take back."""
    take_down(GUARDS)
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_voucher_studies_known"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_voucher_assessment_id"), type_="foreignkey")
        batch_op.drop_column("studies")
        batch_op.drop_column("target_group")
        batch_op.drop_column("assessment_id")

    op.drop_column("leg", "coach_id")
    op.drop_column("leg", "decline_reason")
    with op.batch_alter_table("survey_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_answer_municipality_id_provider_id"))
        batch_op.drop_index(batch_op.f("ix_survey_answer_municipality_id_participant_id"))

    op.drop_table("survey_answer")
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pause_open",
            sqlite_where=sa.text("resumed_on IS NULL"),
            postgresql_where=sa.text("resumed_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_pause_municipality_id_leg_id"))

    op.drop_table("pause")
    with op.batch_alter_table("non_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_non_choice_municipality_id_voucher_id"))

    op.drop_table("non_choice")
    op.drop_table("voucher_decision")
    op.drop_table("reminder")
    with op.batch_alter_table("none_suits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_none_suits_municipality_id_voucher_id"))

    op.drop_table("none_suits")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_letter_standing",
            sqlite_where=sa.text("locked_at IS NULL"),
            postgresql_where=sa.text("locked_at IS NULL"),
        )

    op.drop_table("letter")
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_extension_municipality_id_voucher_id"))

    op.drop_table("extension")
    with op.batch_alter_table("plan_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_part_municipality_id_participant_id"))

    op.drop_table("plan_part")
    op.drop_table("plan")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_municipality_id_participant_id_sent_at"))

    op.drop_table("message")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_municipality_id_participant_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        for name, _column, _where in CONSENTS:
            batch_op.drop_index(name)
        batch_op.drop_index(batch_op.f("ix_consent_municipality_id_participant_id"))

    op.drop_table("consent")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_municipality_id_participant_id"))

    op.drop_table("assessment")
    op.drop_table("place")
    with op.batch_alter_table("non_choice_list", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_non_choice_list_open",
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.drop_table("non_choice_list")

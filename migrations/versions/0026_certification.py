"""certification: cases, their steps, samples and findings, who reviews, and certificates"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

OVER = "('certified', 'refused', 'rejected', 'failed', 'withdrawn')"
RUNNING = sa.text(f"state not in {OVER}")
#: Rows of these are only ever added.
GUARDED = ("case_steps", "certificate_events")


def upgrade() -> None:
    _create_certificates()
    _create_certificate_events()
    _create_certification_cases()
    _create_case_findings()
    _create_case_items()
    _create_case_steps()
    _create_review_assignments()
    op.add_column("evidence_files", sa.Column("valid_until", sa.Date(), nullable=True))
    _guard()


def _create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("body_name", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("first_issued_on", sa.Date(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_sha256", sa.Text(), nullable=True),
        sa.Column("pdf_size", sa.Integer(), nullable=True),
        sa.Column("in_register", sa.Boolean(), nullable=False),
        sa.Column("shows", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "status = 'issuing' or pdf_sha256 is not null", name=op.f("ck_certificates_what_is_issued_has_its_file")
        ),
        sa.CheckConstraint(
            "status in ('issuing', 'valid', 'suspended', 'withdrawn', 'expired', 'replaced')",
            name=op.f("ck_certificates_status_is_known"),
        ),
        sa.CheckConstraint("valid_until >= issued_on", name=op.f("ck_certificates_it_ends_after_it_began")),
        sa.ForeignKeyConstraint(["replaces_id"], ["certificates.id"], name=op.f("fk_certificates_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("case_id", name=op.f("uq_certificates_case_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificates_number")),
    )
    op.create_index(op.f("ix_certificates_body_id_status"), "certificates", ["body_id", "status"], unique=False)
    op.create_index(op.f("ix_certificates_client_id"), "certificates", ["client_id"], unique=False)
    op.create_index(op.f("ix_certificates_status_valid_until"), "certificates", ["status", "valid_until"], unique=False)


def _create_certificate_events() -> None:
    op.create_table(
        "certificate_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('issued', 'suspended', 'reinstated', 'withdrawn', 'expired', 'renewed', 'changed', 'surveyed')",
            name=op.f("ck_certificate_events_kind_is_known"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_certificate_events_actor_id")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_events_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_events")),
    )
    op.create_index(op.f("ix_certificate_events_body_id"), "certificate_events", ["body_id"], unique=False)
    op.create_index(
        op.f("ix_certificate_events_certificate_id"), "certificate_events", ["certificate_id"], unique=False
    )
    op.create_index(op.f("ix_certificate_events_client_id"), "certificate_events", ["client_id"], unique=False)


def _create_certification_cases() -> None:
    op.create_table(
        "certification_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("submission_sha256", sa.Text(), nullable=False),
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("body_name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("level_claimed", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("review_from", sa.Date(), nullable=True),
        sa.Column("review_until", sa.Date(), nullable=True),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("sample_rules", sa.Text(), nullable=True),
        sa.Column("reviewed_document", sa.Text(), nullable=True),
        sa.Column("reviewed_sha256", sa.Text(), nullable=True),
        sa.Column("level_reviewed", sa.Integer(), nullable=True),
        sa.Column("weight_reviewed", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("recommendation", sa.Text(), nullable=True),
        sa.Column("recommended_by", sa.Integer(), nullable=True),
        sa.Column("recommended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state in ('certified', 'refused', 'rejected', 'failed', 'withdrawn')) = (closed_at is not null)",
            name=op.f("ck_certification_cases_what_is_over_says_when"),
        ),
        sa.CheckConstraint(
            "kind in ('initial', 'change', 'renewal')", name=op.f("ck_certification_cases_kind_is_known")
        ),
        sa.CheckConstraint(
            "state <> 'certified' or decided_by is not null",
            name=op.f("ck_certification_cases_what_is_certified_was_decided"),
        ),
        sa.CheckConstraint(
            "state in ('applied', 'accepted', 'planned', 'reviewing', 'correcting', 'recommended', "
            "'certified', 'refused', 'rejected', 'failed', 'withdrawn')",
            name=op.f("ck_certification_cases_state_is_known"),
        ),
        sa.CheckConstraint(
            "decided_by is null or decided_by <> recommended_by", name=op.f("ck_certification_cases_two_people")
        ),
        sa.CheckConstraint(
            "recommended_at is null or reviewed_sha256 is not null",
            name=op.f("ck_certification_cases_what_is_recommended_was_reviewed"),
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["users.id"], name=op.f("fk_certification_cases_applied_by")),
        sa.ForeignKeyConstraint(["body_id"], ["tenants.id"], name=op.f("fk_certification_cases_body_id")),
        sa.ForeignKeyConstraint(
            ["client_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_certification_cases_client_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id", "submission_id"],
            ["submissions.tenant_id", "submissions.id"],
            name=op.f("fk_certification_cases_client_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["tenants.id"], name=op.f("fk_certification_cases_client_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_certification_cases_decided_by")),
        sa.ForeignKeyConstraint(["recommended_by"], ["users.id"], name=op.f("fk_certification_cases_recommended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_cases")),
        sa.UniqueConstraint("client_id", "body_id", "id", name=op.f("uq_certification_cases_client_id_body_id_id")),
    )
    op.create_index(op.f("ix_certification_cases_body_id"), "certification_cases", ["body_id"], unique=False)
    op.create_index(op.f("ix_certification_cases_client_id"), "certification_cases", ["client_id"], unique=False)
    op.create_index(op.f("ix_certification_cases_due_on"), "certification_cases", ["due_on"], unique=False)
    op.create_index(op.f("ix_certification_cases_state"), "certification_cases", ["state"], unique=False)
    op.create_index(
        "uq_certification_cases_running",
        "certification_cases",
        ["client_id", "framework"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )


def _create_case_findings() -> None:
    op.create_table(
        "case_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("raised_by", sa.Integer(), nullable=True),
        sa.Column("raised_name", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_name", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at is not null)", name=op.f("ck_case_findings_what_is_closed_says_when")
        ),
        sa.CheckConstraint("grade in ('major', 'minor', 'observation')", name=op.f("ck_case_findings_grade_is_known")),
        sa.CheckConstraint(
            "state in ('draft', 'open', 'answered', 'closed')", name=op.f("ck_case_findings_state_is_known")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_case_findings_answered_by")),
        sa.ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
            name=op.f("fk_case_findings_client_id_body_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["users.id"], name=op.f("fk_case_findings_closed_by")),
        sa.ForeignKeyConstraint(["raised_by"], ["users.id"], name=op.f("fk_case_findings_raised_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_findings")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_findings_case_id_number")),
    )
    op.create_index(op.f("ix_case_findings_body_id"), "case_findings", ["body_id"], unique=False)
    op.create_index(op.f("ix_case_findings_case_id"), "case_findings", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_findings_client_id"), "case_findings", ["client_id"], unique=False)


def _create_case_items() -> None:
    op.create_table(
        "case_items",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("weight", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("judged_by", sa.Integer(), nullable=True),
        sa.Column("judged_name", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason in ('weight', 'implausible', 'random', 'chosen')", name=op.f("ck_case_items_reason_is_known")
        ),
        sa.CheckConstraint(
            "verdict in ('confirmed', 'corrected', 'not_evidenced')", name=op.f("ck_case_items_verdict_is_known")
        ),
        sa.CheckConstraint(
            "verdict is null or verdict = 'confirmed' or note <> ''",
            name=op.f("ck_case_items_what_is_changed_says_why"),
        ),
        sa.CheckConstraint(
            "(verdict is null) = (judged_at is null)", name=op.f("ck_case_items_what_is_judged_says_when")
        ),
        sa.ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
            name=op.f("fk_case_items_client_id_body_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["judged_by"], ["users.id"], name=op.f("fk_case_items_judged_by")),
        sa.PrimaryKeyConstraint("case_id", "question_id", name=op.f("pk_case_items")),
    )
    op.create_index(op.f("ix_case_items_body_id"), "case_items", ["body_id"], unique=False)
    op.create_index(op.f("ix_case_items_client_id"), "case_items", ["client_id"], unique=False)


def _create_case_steps() -> None:
    op.create_table(
        "case_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side = 'clock' or actor_name is not null", name=op.f("ck_case_steps_a_person_has_a_name")),
        sa.CheckConstraint(
            "side in ('enterprise', 'body', 'clock', 'operator')", name=op.f("ck_case_steps_side_is_known")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_case_steps_actor_id")),
        sa.ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
            name=op.f("fk_case_steps_client_id_body_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_case_steps_case_id_position")),
    )
    op.create_index(op.f("ix_case_steps_body_id"), "case_steps", ["body_id"], unique=False)
    op.create_index(op.f("ix_case_steps_case_id"), "case_steps", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_steps_client_id"), "case_steps", ["client_id"], unique=False)


def _create_review_assignments() -> None:
    op.create_table(
        "review_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("body_name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("independent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("part in ('lead', 'reviewer', 'decider')", name=op.f("ck_review_assignments_part_is_known")),
        sa.ForeignKeyConstraint(["assigned_by"], ["users.id"], name=op.f("fk_review_assignments_assigned_by")),
        sa.ForeignKeyConstraint(["body_id"], ["tenants.id"], name=op.f("fk_review_assignments_body_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
            name=op.f("fk_review_assignments_tenant_id_body_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_review_assignments_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_assignments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_assignments")),
    )
    op.create_index(op.f("ix_review_assignments_body_id"), "review_assignments", ["body_id"], unique=False)
    op.create_index(op.f("ix_review_assignments_tenant_id"), "review_assignments", ["tenant_id"], unique=False)
    op.create_index(op.f("ix_review_assignments_user_id"), "review_assignments", ["user_id"], unique=False)
    op.create_index(
        "uq_review_assignments_live",
        "review_assignments",
        ["case_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    )


def _guard() -> None:
    """As `maturity.audit.append_only` makes it with the tables."""
    if op.get_bind().dialect.name == "postgresql":
        for name in GUARDED:
            op.execute(
                f"create trigger {name}_append_only before update or delete or truncate on {name} "
                "for each statement execute function audit_refuse()"
            )
        return
    refuse = "begin select raise(abort, 'audit rows are only ever added'); end"
    for name in GUARDED:
        there = f"exists (select 1 from {name} where id = new.id)"  # noqa: S608  # our own names
        op.execute(f"create trigger {name}_no_update before update on {name} {refuse}")
        op.execute(f"create trigger {name}_no_delete before delete on {name} {refuse}")
        op.execute(f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}")


def downgrade() -> None:
    op.drop_column("evidence_files", "valid_until")
    for name in (
        "review_assignments",
        "case_findings",
        "case_items",
        "case_steps",
        "certification_cases",
        "certificate_events",
        "certificates",
    ):
        op.drop_table(name)

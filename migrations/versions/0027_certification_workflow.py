"""the workflow of certification: bodies and what they are recognised for, surveillance, complaints, reminders"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "certification_reminders",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subject in ('case', 'surveillance', 'expiry', 'suspension', 'complaint')",
            name=op.f("ck_certification_reminders_subject_is_known"),
        ),
        sa.PrimaryKeyConstraint("subject", "subject_id", "due_on", "days", name=op.f("pk_certification_reminders")),
    )
    op.create_index(op.f("ix_certification_reminders_body_id"), "certification_reminders", ["body_id"], unique=False)
    op.create_index(
        op.f("ix_certification_reminders_client_id"), "certification_reminders", ["client_id"], unique=False
    )
    op.create_table(
        "certification_bodies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("frameworks", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("recognised_by", sa.Integer(), nullable=True),
        sa.Column("recognised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status in ('recognised', 'suspended', 'withdrawn')", name=op.f("ck_certification_bodies_status_is_known")
        ),
        sa.ForeignKeyConstraint(["recognised_by"], ["users.id"], name=op.f("fk_certification_bodies_recognised_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_certification_bodies_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_certification_bodies")),
        sa.UniqueConstraint("number", name=op.f("uq_certification_bodies_number")),
    )
    op.create_table(
        "surveillances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_name", sa.Text(), nullable=True),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("done_on is null or note <> ''", name=op.f("ck_surveillances_what_is_done_says_what")),
        sa.CheckConstraint(
            "(done_on is null) = (done_name is null)", name=op.f("ck_surveillances_what_is_done_says_by_whom")
        ),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name=op.f("fk_surveillances_certificate_id")),
        sa.ForeignKeyConstraint(["done_by"], ["users.id"], name=op.f("fk_surveillances_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveillances")),
        sa.UniqueConstraint("certificate_id", "number", name=op.f("uq_surveillances_certificate_id_number")),
    )
    op.create_index(op.f("ix_surveillances_body_id"), "surveillances", ["body_id"], unique=False)
    op.create_index(op.f("ix_surveillances_certificate_id"), "surveillances", ["certificate_id"], unique=False)
    op.create_index(op.f("ix_surveillances_client_id"), "surveillances", ["client_id"], unique=False)
    op.create_index(op.f("ix_surveillances_due_on"), "surveillances", ["due_on"], unique=False)
    op.create_table(
        "certification_complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_name", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('appeal', 'complaint')", name=op.f("ck_certification_complaints_kind_is_known")),
        sa.CheckConstraint(
            "outcome in ('upheld', 'partly', 'dismissed')", name=op.f("ck_certification_complaints_outcome_is_known")
        ),
        sa.CheckConstraint(
            "outcome is null or answer <> ''", name=op.f("ck_certification_complaints_what_is_answered_says_why")
        ),
        sa.CheckConstraint(
            "(outcome is null) = (answered_at is null)",
            name=op.f("ck_certification_complaints_what_is_answered_says_when"),
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_certification_complaints_answered_by")),
        sa.ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
            name=op.f("fk_certification_complaints_client_id_body_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_certification_complaints_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_complaints")),
    )
    op.create_index(op.f("ix_certification_complaints_body_id"), "certification_complaints", ["body_id"], unique=False)
    op.create_index(op.f("ix_certification_complaints_case_id"), "certification_complaints", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_certification_complaints_client_id"), "certification_complaints", ["client_id"], unique=False
    )


def downgrade() -> None:
    for name in ("certification_reminders", "certification_complaints", "surveillances", "certification_bodies"):
        op.drop_table(name)

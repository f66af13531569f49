"""workbooks: uploads that wait for a decision, references to evidence, uploads of many enterprises"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _create_uploads()
    _create_references()
    _create_bulk_uploads()
    _create_bulk_lines()


def _create_uploads() -> None:
    op.create_table(
        "workbook_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'applied', 'cancelled', 'expired')", name=op.f("ck_workbook_uploads_state_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at is null)", name=op.f("ck_workbook_uploads_what_is_decided_says_when")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_workbook_uploads_tenant_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_workbook_uploads_tenant_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_workbook_uploads_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workbook_uploads")),
    )
    op.create_index(op.f("ix_workbook_uploads_tenant_id"), "workbook_uploads", ["tenant_id"])
    op.create_index(op.f("ix_workbook_uploads_expires_at"), "workbook_uploads", ["expires_at"])
    op.create_index(
        op.f("ix_workbook_uploads_assessment_id_uploaded_by"), "workbook_uploads", ["assessment_id", "uploaded_by"]
    )


def _create_references() -> None:
    op.create_table(
        "evidence_references",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_evidence_references_versions_start_at_one")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_evidence_references_tenant_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_evidence_references_tenant_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_evidence_references_saved_by")),
        sa.PrimaryKeyConstraint("assessment_id", "question_id", name=op.f("pk_evidence_references")),
    )
    op.create_index(op.f("ix_evidence_references_tenant_id"), "evidence_references", ["tenant_id"])


def _create_bulk_uploads() -> None:
    op.create_table(
        "bulk_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('register', 'archive')", name=op.f("ck_bulk_uploads_kind_is_known")),
        sa.CheckConstraint(
            "state in ('waiting', 'running', 'done', 'cancelled', 'failed')",
            name=op.f("ck_bulk_uploads_state_is_known"),
        ),
        sa.CheckConstraint(
            "(state = 'failed') = (fault is not null)", name=op.f("ck_bulk_uploads_what_failed_says_why")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_bulk_uploads_tenant_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_bulk_uploads_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_uploads")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_bulk_uploads_tenant_id_id")),
    )
    op.create_index(op.f("ix_bulk_uploads_tenant_id"), "bulk_uploads", ["tenant_id"])


def _create_bulk_lines() -> None:
    op.create_table(
        "bulk_lines",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome in ('saved', 'unchanged', 'partly', 'refused', 'unknown')",
            name=op.f("ck_bulk_lines_outcome_is_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["tenants.id"], name=op.f("fk_bulk_lines_client_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upload_id"],
            ["bulk_uploads.tenant_id", "bulk_uploads.id"],
            name=op.f("fk_bulk_lines_tenant_id_upload_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_bulk_lines_tenant_id")),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_bulk_lines")),
    )
    op.create_index(op.f("ix_bulk_lines_tenant_id"), "bulk_lines", ["tenant_id"])


def downgrade() -> None:
    """The uploads go, and with them the jobs that would look for them."""
    op.execute("delete from jobs where kind in ('bulk_upload', 'workbook_expiry')")
    for table in ("bulk_lines", "bulk_uploads", "evidence_references", "workbook_uploads"):
        op.drop_table(table)

"""evidence: files of a tenant, the answers they prove, and how long they are kept"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

THERE = sa.text("erased_at is null")


def upgrade() -> None:
    _create_files()
    op.create_table(
        "evidence_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("from_period", sa.Integer(), nullable=True),
        sa.Column("removed_in", sa.Integer(), nullable=True),
        sa.Column("linked_by", sa.Integer(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["evidence_files.tenant_id", "evidence_files.id"],
            name=op.f("fk_evidence_links_tenant_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_evidence_links_tenant_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_evidence_links_tenant_id")),
        sa.ForeignKeyConstraint(["linked_by"], ["users.id"], name=op.f("fk_evidence_links_linked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_links")),
        sa.UniqueConstraint(
            "assessment_id",
            "question_id",
            "file_id",
            name=op.f("uq_evidence_links_assessment_id_question_id_file_id"),
        ),
    )
    op.create_index(op.f("ix_evidence_links_file_id"), "evidence_links", ["file_id"])
    op.create_index(op.f("ix_evidence_links_tenant_id"), "evidence_links", ["tenant_id"])
    op.create_table(
        "evidence_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("retention_years", sa.Integer(), nullable=False),
        sa.CheckConstraint("retention_years between 1 and 30", name=op.f("ck_evidence_settings_years_are_bearable")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_evidence_settings_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_evidence_settings")),
    )


def _create_files() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scan_attempts", sa.Integer(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("has_preview", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unused_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erasure_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erasure_asked_by", sa.Integer(), nullable=True),
        sa.Column("erasure_reason", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting', 'unscanned', 'clean', 'infected')", name=op.f("ck_evidence_files_state_is_known")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_files_size_is_positive")),
        sa.CheckConstraint(
            "erasure_reason in ('asked', 'expired', 'unused', 'infected')",
            name=op.f("ck_evidence_files_reason_of_erasure_is_known"),
        ),
        sa.CheckConstraint(
            "(erasure_asked_at is null) = (erasure_reason is null)",
            name=op.f("ck_evidence_files_erasure_has_a_reason"),
        ),
        sa.CheckConstraint(
            "erased_at is null or erasure_asked_at is not null",
            name=op.f("ck_evidence_files_erasure_is_asked_for_first"),
        ),
        sa.CheckConstraint(
            "state <> 'infected' or erasure_asked_at is not null",
            name=op.f("ck_evidence_files_what_is_infected_is_erased"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_evidence_files_tenant_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_evidence_files_uploaded_by")),
        sa.ForeignKeyConstraint(["erasure_asked_by"], ["users.id"], name=op.f("fk_evidence_files_erasure_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_files")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_evidence_files_tenant_id_id")),
    )
    op.create_index(op.f("ix_evidence_files_tenant_id"), "evidence_files", ["tenant_id"])
    op.create_index(
        "uq_evidence_files_content",
        "evidence_files",
        ["tenant_id", "sha256"],
        unique=True,
        sqlite_where=THERE,
        postgresql_where=THERE,
    )


def downgrade() -> None:
    """The rows go; the bytes in the data folder stay for whoever goes down, and are orphans then."""
    op.execute("delete from jobs where kind in ('evidence_file', 'evidence_erasure', 'evidence_retention')")
    for name in ("evidence_settings", "evidence_links", "evidence_files"):
        op.drop_table(name)

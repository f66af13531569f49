"""yearly reports: versions, figures, comments and files, and the list of public ones"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

STATES = "('drafting', 'draft', 'approved', 'publishing', 'published')"
CHECKS = {
    "state_is_known": f"state in {STATES}",
    "kind_is_known": "kind in ('national', 'region', 'industry')",
    "what_is_published_says_when": "(state = 'published') = (published_at is not null)",
    "what_is_approved_says_which": (
        "state not in ('approved', 'publishing', 'published') or approved_version is not null"
    ),
    "what_is_published_has_its_number": "state <> 'published' or number is not null",
}


def upgrade() -> None:
    _create_reports()
    _create_figures()
    _create_versions()
    _create_comments()
    _create_files()
    _create_publications()


def _of_report(table: str) -> list[sa.schema.SchemaItem]:
    """What every table of a report has."""
    return [
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "report_id"],
            ["yearly_reports.tenant_id", "yearly_reports.id"],
            name=op.f(f"fk_{table}_tenant_id_report_id"),
        ),
    ]


def _create_reports() -> None:
    op.create_table(
        "yearly_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("release_sha256", sa.Text(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_version", sa.Integer(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_yearly_reports_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_yearly_reports_tenant_id")),
        sa.ForeignKeyConstraint(["release_id"], ["benchmark_releases.id"], name=op.f("fk_yearly_reports_release_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "corrects_id"],
            ["yearly_reports.tenant_id", "yearly_reports.id"],
            name=op.f("fk_yearly_reports_tenant_id_corrects_id"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_yearly_reports_created_by")),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name=op.f("fk_yearly_reports_approved_by")),
        sa.ForeignKeyConstraint(["published_by"], ["users.id"], name=op.f("fk_yearly_reports_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_reports")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_yearly_reports_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_yearly_reports_tenant_id_number")),
    )
    op.create_index(op.f("ix_yearly_reports_tenant_id"), "yearly_reports", ["tenant_id"])


def _create_figures() -> None:
    op.create_table(
        "yearly_figures",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        *_of_report("yearly_figures"),
        sa.PrimaryKeyConstraint("tenant_id", "report_id", name=op.f("pk_yearly_figures")),
    )


def _create_versions() -> None:
    op.create_table(
        "yearly_versions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_yearly_versions_versions_start_at_one")),
        *_of_report("yearly_versions"),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_yearly_versions_saved_by")),
        sa.PrimaryKeyConstraint("tenant_id", "report_id", "version", name=op.f("pk_yearly_versions")),
    )


def _create_comments() -> None:
    op.create_table(
        "yearly_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *_of_report("yearly_comments"),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_yearly_comments_written_by")),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name=op.f("fk_yearly_comments_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_comments")),
    )
    op.create_index(op.f("ix_yearly_comments_tenant_id"), "yearly_comments", ["tenant_id"])
    op.create_index(
        op.f("ix_yearly_comments_tenant_id_report_id_section"), "yearly_comments", ["tenant_id", "report_id", "section"]
    )


def _create_files() -> None:
    op.create_table(
        "yearly_files",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ending in ('pdf', 'docx')", name=op.f("ck_yearly_files_ending_is_known")),
        *_of_report("yearly_files"),
        sa.PrimaryKeyConstraint("tenant_id", "report_id", "ending", "is_final", name=op.f("pk_yearly_files")),
    )


def _create_publications() -> None:
    op.create_table(
        "yearly_publications",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("release_sha256", sa.Text(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("pdf_sha256", sa.Text(), nullable=False),
        sa.Column("docx_sha256", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_yearly_publications_tenant_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_yearly_publications")),
    )
    op.create_index(op.f("ix_yearly_publications_tenant_id"), "yearly_publications", ["tenant_id"])


def downgrade() -> None:
    for table in (
        "yearly_publications",
        "yearly_files",
        "yearly_comments",
        "yearly_versions",
        "yearly_figures",
        "yearly_reports",
    ):
        op.drop_table(table)

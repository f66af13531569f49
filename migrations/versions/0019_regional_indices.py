"""regional indices: models, figures, results"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _create_models()
    _create_national_models()
    _create_values()
    _create_results()


def _create_models() -> None:
    op.create_table(
        "index_models",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('draft', 'in_force', 'replaced')", name=op.f("ck_index_models_state_is_known")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_index_models_version_counts_from_one")),
        sa.CheckConstraint(
            "(state = 'draft') = (sha256 is null)", name=op.f("ck_index_models_what_is_in_force_has_its_hash")
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_index_models_changed_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_index_models_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_models")),
        sa.UniqueConstraint("tenant_id", "line", "version", name=op.f("uq_index_models_tenant_id_line_version")),
    )
    op.create_index(op.f("ix_index_models_tenant_id"), "index_models", ["tenant_id"])
    draft = sa.text("state = 'draft'")
    op.create_index(
        "uq_index_models_draft",
        "index_models",
        ["tenant_id", "line"],
        unique=True,
        sqlite_where=draft,
        postgresql_where=draft,
    )


def _create_national_models() -> None:
    op.create_table(
        "national_index_models",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_national_index_models")),
        sa.UniqueConstraint("line", "version", name=op.f("uq_national_index_models_line_version")),
    )


def _create_values() -> None:
    op.create_table(
        "index_values",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Uuid(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("comparator", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "comparator in ('', '>', '≥', '≈', '<', '≤')", name=op.f("ck_index_values_comparator_is_known")
        ),
        sa.CheckConstraint("year between 1978 and 2100", name=op.f("ck_index_values_year_is_one_of_ours")),
        sa.CheckConstraint("value is not null or release <> ''", name=op.f("ck_index_values_only_a_release_withholds")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_index_values_a_figure_says_where_it_is_from")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_index_values_entered_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_index_values_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_values")),
        sa.UniqueConstraint(
            "tenant_id",
            "line",
            "indicator",
            "region",
            "year",
            name=op.f("uq_index_values_tenant_id_line_indicator_region_year"),
        ),
    )
    op.create_index(op.f("ix_index_values_tenant_id"), "index_values", ["tenant_id"])


def _create_results() -> None:
    op.create_table(
        "index_results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(replaces_id is null) = (reason = '')", name=op.f("ck_index_results_a_correction_has_a_reason")
        ),
        sa.CheckConstraint(
            "replaces_id is null or replaces_id <> id", name=op.f("ck_index_results_nothing_replaces_itself")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replaces_id"],
            ["index_results.tenant_id", "index_results.id"],
            name=op.f("fk_index_results_tenant_id_replaces_id"),
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_index_results_saved_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_index_results_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_results")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_index_results_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "replaces_id", name=op.f("uq_index_results_tenant_id_replaces_id")),
    )
    op.create_index(op.f("ix_index_results_tenant_id"), "index_results", ["tenant_id"])
    first = sa.text("replaces_id is null")
    op.create_index(
        "uq_index_results_first",
        "index_results",
        ["tenant_id", "line", "year"],
        unique=True,
        sqlite_where=first,
        postgresql_where=first,
    )


def downgrade() -> None:
    for name in ("index_results", "index_values", "national_index_models", "index_models"):
        op.drop_table(name)

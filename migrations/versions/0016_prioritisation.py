"""prioritisation: tables that an enterprise brings, and what it chose for an assessment"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _create_tables()
    _create_choices()


def _create_tables() -> None:
    op.create_table(
        "supplied_tables",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("supplied_by", sa.Integer(), nullable=True),
        sa.Column("supplied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('cost', 'kpi', 'best', 'descriptors')", name=op.f("ck_supplied_tables_kind_is_known")
        ),
        sa.CheckConstraint("source <> ''", name=op.f("ck_supplied_tables_a_table_says_where_it_is_from")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_supplied_tables_tenant_id")),
        sa.ForeignKeyConstraint(["supplied_by"], ["users.id"], name=op.f("fk_supplied_tables_supplied_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplied_tables")),
        sa.UniqueConstraint("tenant_id", "kind", name=op.f("uq_supplied_tables_tenant_id_kind")),
    )
    op.create_index(op.f("ix_supplied_tables_tenant_id"), "supplied_tables", ["tenant_id"])


def _create_choices() -> None:
    op.create_table(
        "prioritisations",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("horizon", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("cost_shares", sa.JSON(), nullable=False),
        sa.Column("importances", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "horizon in ('strategic', 'tactical', 'operational')", name=op.f("ck_prioritisations_horizon_is_known")
        ),
        sa.CheckConstraint("wanted between 1 and 16", name=op.f("ck_prioritisations_wanted_is_a_number_of_areas")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_prioritisations_tenant_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_prioritisations_tenant_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_prioritisations_saved_by")),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_prioritisations")),
    )
    op.create_index(op.f("ix_prioritisations_tenant_id"), "prioritisations", ["tenant_id"])


def downgrade() -> None:
    for name in ("prioritisations", "supplied_tables"):
        op.drop_table(name)

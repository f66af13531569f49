"""saved views of the regulator's dashboard"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "dashboard_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_dashboard_views_a_view_has_a_name")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_dashboard_views_owner_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_dashboard_views_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dashboard_views")),
        sa.UniqueConstraint("tenant_id", "owner_id", "name", name=op.f("uq_dashboard_views_tenant_id_owner_id_name")),
    )
    op.create_index(op.f("ix_dashboard_views_tenant_id"), "dashboard_views", ["tenant_id"])


def downgrade() -> None:
    op.drop_table("dashboard_views")

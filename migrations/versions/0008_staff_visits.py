"""visits of the operator's staff"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "staff_visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_staff_visits_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_staff_visits_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_visits")),
    )
    op.create_index(op.f("ix_staff_visits_tenant_id"), "staff_visits", ["tenant_id"])
    op.create_index(op.f("ix_staff_visits_user_id"), "staff_visits", ["user_id"])


def downgrade() -> None:
    op.drop_table("staff_visits")

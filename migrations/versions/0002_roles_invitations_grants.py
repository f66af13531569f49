"""roles of signatory and reviewer, memberships that end, invitations, grants to consultancies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BEFORE = "role in ('owner', 'editor', 'contributor', 'viewer')"
AFTER = "role in ('owner', 'signatory', 'editor', 'contributor', 'reviewer', 'viewer')"
OPEN = sa.text("accepted_at is null and revoked_at is null")


def upgrade() -> None:
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(op.f("ck_memberships_role_is_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_memberships_role_is_known"), AFTER)
    with op.batch_alter_table("tenants") as batch_op:
        batch_op.add_column(sa.Column("code", sa.Text(), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_tenants_code"), ["code"])
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("consultancy_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_name", sa.Text(), nullable=False),
        sa.Column("consultancy_name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scope in ('view', 'answer', 'manage')", name=op.f("ck_grants_scope_is_known")),
        sa.CheckConstraint("tenant_id <> consultancy_id", name=op.f("ck_grants_two_sides")),
        sa.ForeignKeyConstraint(["consultancy_id"], ["tenants.id"], name=op.f("fk_grants_consultancy_id")),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_grants_given_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_grants_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_consultancy_id"), "grants", ["consultancy_id"])
    op.create_index(op.f("ix_grants_tenant_id"), "grants", ["tenant_id"])
    op.create_index(
        "uq_grants_live",
        "grants",
        ["tenant_id", "consultancy_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at is null"),
        postgresql_where=sa.text("revoked_at is null"),
    )
    op.create_table(
        "grant_visits",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_grant_visits_grant_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_grant_visits_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grant_visits_user_id")),
        sa.PrimaryKeyConstraint("grant_id", "user_id", name=op.f("pk_grant_visits")),
    )
    op.create_index(op.f("ix_grant_visits_tenant_id"), "grant_visits", ["tenant_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(AFTER, name=op.f("ck_invitations_role_is_known")),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_invitations_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(op.f("ix_invitations_tenant_id"), "invitations", ["tenant_id"])
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["tenant_id", "contact"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """A role that was not there before becomes the weakest; who had left is removed."""
    op.drop_table("invitations")
    op.drop_table("grant_visits")
    op.drop_table("grants")
    with op.batch_alter_table("tenants") as batch_op:
        batch_op.drop_constraint(op.f("uq_tenants_code"), type_="unique")
        batch_op.drop_column("code")
    op.execute("update memberships set role = 'viewer' where role in ('signatory', 'reviewer')")
    op.execute("delete from memberships where ended_at is not null")
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.drop_constraint(op.f("ck_memberships_role_is_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_memberships_role_is_known"), BEFORE)
        batch_op.drop_column("ended_at")

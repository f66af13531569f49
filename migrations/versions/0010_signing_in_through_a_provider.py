"""sign-in policy of a tenant, identity providers, who came through them, and what a sign-in has proved"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

FLAGS = ("second_factor_required", "provider_required")


def upgrade() -> None:
    for name in FLAGS:
        op.add_column("tenants", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tenants", sa.Column("invitation_domains", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.create_table(
        "identity_providers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("secret_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("arrivals", sa.Text(), nullable=False),
        sa.Column("default_role", sa.Text(), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "arrivals in ('invited', 'everybody')", name=op.f("ck_identity_providers_arrivals_is_known")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_identity_providers_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_providers")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_identity_providers_tenant_id")),
    )
    op.create_table(
        "identities",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["identity_providers.id"],
            name=op.f("fk_identities_provider_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_identities_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identities_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("provider_id", "issuer", "subject", name=op.f("pk_identities")),
    )
    for column in ("tenant_id", "user_id"):
        op.create_index(op.f(f"ix_identities_{column}"), "identities", [column])
    with op.batch_alter_table("sign_ins") as sign_ins:
        sign_ins.add_column(sa.Column("own", sa.Boolean(), nullable=False, server_default=sa.true()))
        sign_ins.add_column(sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
        sign_ins.add_column(sa.Column("provider_id", sa.Uuid(), nullable=True))
        sign_ins.add_column(sa.Column("provider_says", sa.Boolean(), nullable=False, server_default=sa.false()))
        sign_ins.create_foreign_key(
            op.f("fk_sign_ins_provider_id"), "identity_providers", ["provider_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    with op.batch_alter_table("sign_ins") as sign_ins:
        sign_ins.drop_constraint(op.f("fk_sign_ins_provider_id"), type_="foreignkey")
        for name in ("provider_says", "provider_id", "second_factor", "own"):
            sign_ins.drop_column(name)
    op.drop_table("identities")
    op.drop_table("identity_providers")
    for name in ("invitation_domains", *reversed(FLAGS)):
        op.drop_column("tenants", name)

"""what the operator keeps about the installation, and suspended tenants"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("residency", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_up_by", sa.Integer(), nullable=True),
        sa.Column("site_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("services_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Text(), nullable=True),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_there_is_one")),
        sa.CheckConstraint(
            "demonstration in ('none', 'peers', 'enterprises')", name=op.f("ck_installation_demonstration_is_known")
        ),
        sa.ForeignKeyConstraint(["set_up_by"], ["users.id"], name=op.f("fk_installation_set_up_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "signs_of_life",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_signs_of_life")),
    )
    op.create_table(
        "key_sightings",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "fingerprint", name=op.f("pk_key_sightings")),
    )
    op.add_column("tenants", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tenants", sa.Column("suspended_because", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("tenants", "suspended_because")
    op.drop_column("tenants", "suspended_at")
    op.drop_table("key_sightings")
    op.drop_table("signs_of_life")
    op.drop_table("installation")

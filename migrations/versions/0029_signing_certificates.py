"""the keys with which the installation signs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("issuer_key_id", sa.Text(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose in ('root', 'document', 'timestamp', 'log', 'credential')",
            name=op.f("ck_signing_keys_purpose_is_known"),
        ),
        sa.CheckConstraint(
            "source in ('embedded', 'pkcs12', 'pkcs11', 'remote')", name=op.f("ck_signing_keys_source_is_known")
        ),
        sa.CheckConstraint(
            "retired_at is null or retired_at >= not_before", name=op.f("ck_signing_keys_it_ends_after_it_began")
        ),
        sa.CheckConstraint(
            "revoked_at is null or retired_at is not null", name=op.f("ck_signing_keys_what_is_revoked_is_retired")
        ),
        sa.CheckConstraint(
            "certificate is not null or purpose in ('log', 'credential')",
            name=op.f("ck_signing_keys_what_signs_files_has_a_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("key_id", name=op.f("uq_signing_keys_key_id")),
    )
    op.create_index(
        "uq_signing_keys_in_force",
        "signing_keys",
        ["purpose"],
        unique=True,
        sqlite_where=sa.text("retired_at is null"),
        postgresql_where=sa.text("retired_at is null"),
    )


def downgrade() -> None:
    op.drop_table("signing_keys")

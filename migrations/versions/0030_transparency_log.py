"""the public log of certificates: leaves, the hashes of the tree, signed heads"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

GUARDED = {"log_leaves": "number", "log_nodes": "place", "log_heads": "size"}


def upgrade() -> None:
    op.create_table(
        "log_leaves",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_log_leaves_they_are_numbered_from_0")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_leaves")),
    )
    op.create_index(op.f("ix_log_leaves_certificate"), "log_leaves", ["certificate"], unique=False)
    op.create_table(
        "log_nodes",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_log_nodes")),
    )
    op.create_table(
        "log_heads",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_log_heads_an_empty_log_has_none")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_heads")),
    )
    _guard()


def _guard() -> None:
    """As `maturity.audit.append_only` makes it with the tables."""
    if op.get_bind().dialect.name == "postgresql":
        for name in GUARDED:
            op.execute(
                f"create trigger {name}_append_only before update or delete or truncate on {name} "
                "for each statement execute function audit_refuse()"
            )
        return
    refuse = "begin select raise(abort, 'audit rows are only ever added'); end"
    for name, key in GUARDED.items():
        there = f"exists (select 1 from {name} where {key} = new.{key})"  # noqa: S608  # our own names
        op.execute(f"create trigger {name}_no_update before update on {name} {refuse}")
        op.execute(f"create trigger {name}_no_delete before delete on {name} {refuse}")
        op.execute(f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}")


def downgrade() -> None:
    for name in GUARDED:
        op.drop_table(name)

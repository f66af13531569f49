"""people without e-mail, proofs of contacts, signed-in devices, recovery codes, lock-out, outbox"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _let_email_be_null(True)
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("claimed", sa.Text(), nullable=True))
        users.add_column(sa.Column("totp_counter", sa.Integer(), nullable=True))
        users.create_index(op.f("ix_users_claimed"), ["claimed"])
    # Addresses are compared in lower case from now on. Two that differ in case alone are left for the operator.
    op.execute(
        "update users set email = lower(email) where email <> lower(email) and not exists "
        "(select 1 from users as others where lower(others.email) = lower(users.email) and others.id <> users.id)"
    )
    # Whoever has an account already is not asked to prove the address anew.
    op.execute("update users set confirmed_at = create_datetime where confirmed_at is null")
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("uniquifier", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_ins_secret_hash")),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"])
    op.create_table(
        "contact_proofs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose in ('confirm', 'change', 'reset')", name=op.f("ck_contact_proofs_purpose_is_known")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_contact_proofs_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_proofs")),
    )
    for column in ("contact", "created_at", "secret_hash", "user_id"):
        op.create_index(op.f(f"ix_contact_proofs_{column}"), "contact_proofs", [column])
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("beginning", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "position", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "failed_attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_failed_attempts")),
    )
    op.create_index(op.f("ix_failed_attempts_last_at"), "failed_attempts", ["last_at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('mail', 'sms')", name=op.f("ck_outbox_kind_is_known")),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'sent', 'failed', 'kept')", name=op.f("ck_outbox_state_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_created_at"), "outbox", ["created_at"])
    op.create_index(op.f("ix_outbox_state_due_at"), "outbox", ["state", "due_at"])


def downgrade() -> None:
    for table in ("outbox", "failed_attempts", "recovery_codes", "contact_proofs", "sign_ins"):
        op.drop_table(table)
    op.drop_index(op.f("ix_users_claimed"), table_name="users")
    op.drop_column("users", "totp_counter")
    op.drop_column("users", "claimed")
    # An address that cannot be one, so that nobody signs in with it and nobody is lost.
    op.execute("update users set email = 'person-' || id || '@invalid' where email is null")
    _let_email_be_null(False)


def _let_email_be_null(nullable: bool) -> None:
    """SQLite makes the table anew, which it refuses while rows elsewhere refer to it and are watched over.

    Watching can be switched off between transactions only, so that what was migrated before is committed first; doing
    this alone once more, after an interruption, is harmless.
    """
    connection: Any = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column("users", "email", existing_type=sa.String(length=255), nullable=nullable)
        return
    raw = connection.connection.driver_connection
    for statement in ("commit", "pragma foreign_keys=off", "begin immediate"):
        raw.execute(statement)
    with op.batch_alter_table("users") as users:
        users.alter_column("email", existing_type=sa.String(length=255), nullable=nullable)
    broken = raw.execute("pragma foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows refer to people who are not there: {broken[:5]}")
    for statement in ("commit", "pragma foreign_keys=on", "begin immediate"):
        raw.execute(statement)

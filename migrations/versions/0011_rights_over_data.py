"""consents, exports, deletions with their receipts, imported logs, where a tenant's data may lie"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

MOMENT = sa.DateTime(timezone=True)
OPEN = "cancelled_at is null and done_at is null"


def upgrade() -> None:
    op.add_column("tenants", sa.Column("deletion_due", sa.Date(), nullable=True))
    for name in ("person_consents", "tenant_consents"):
        _create_consents(name)
    _table(
        "tenant_exports",
        _column("id", sa.Uuid()),
        _column("tenant_id", sa.Uuid()),
        _column("locale", sa.Text()),
        _column("asked_by", sa.Integer()),
        _column("asked_at", MOMENT),
        _column("made_at", MOMENT, null=True),
        _column("sha256", sa.Text(), null=True),
        *(_column(name, sa.Integer()) for name in ("size", "rows", "files")),
        _column("removed_at", MOMENT, null=True),
        checks={
            "what_is_made_has_its_hash": "(made_at is null) = (sha256 is null)",
            "only_what_is_made_is_removed": "removed_at is null or made_at is not null",
        },
        others={"tenant_id": "tenants.id", "asked_by": "users.id"},
        indexes=(["tenant_id"],),
    )
    _table(
        "imported_logs",
        _column("id", sa.Uuid()),
        _column("tenant_id", sa.Uuid()),
        _column("sha256", sa.Text()),
        _column("entries", sa.Integer()),
        _column("content", sa.Text()),
        _column("imported_at", MOMENT),
        sa.UniqueConstraint("tenant_id", "sha256", name=op.f("uq_imported_logs_tenant_id_sha256")),
        checks={"hash_is_a_hash": "length(sha256) = 64"},
        others={"tenant_id": "tenants.id"},
        indexes=(["tenant_id"],),
    )
    _table(
        "data_settings",
        _column("tenant_id", sa.Uuid()),
        _column("required_region", sa.Text()),
        others={"tenant_id": "tenants.id"},
        key="tenant_id",
    )
    _create_deletions()


def downgrade() -> None:
    for name in ("account_deletions", "tenant_deletions", "data_settings", "imported_logs", "tenant_exports"):
        op.drop_table(name)
    op.drop_table("tenant_consents")
    op.drop_table("person_consents")
    op.drop_column("tenants", "deletion_due")


def _create_consents(name: str) -> None:
    is_tenants = name == "tenant_consents"
    owner = "tenant_id" if is_tenants else "user_id"
    _table(
        name,
        _column("id", sa.Uuid()),
        *([_column("tenant_id", sa.Uuid())] if is_tenants else []),
        *(_column(part, sa.Text()) for part in ("purpose", "version", "text_sha256", "locale")),
        _column("given", sa.Boolean()),
        _column("at", MOMENT),
        _column("user_id", sa.Integer()),
        checks={"text_is_named_by_its_hash": "length(text_sha256) = 64"},
        others=({"tenant_id": "tenants.id"} if is_tenants else {}) | {"user_id": "users.id"},
        indexes=([owner, "purpose", "at"], *([["tenant_id"]] if is_tenants else [])),
    )


def _create_deletions() -> None:
    _table(
        "tenant_deletions",
        _column("id", sa.Uuid()),
        _column("tenant_id", sa.Uuid()),
        _column("asked_by", sa.Integer()),
        _column("asked_at", MOMENT),
        _column("due_on", sa.Date()),
        _column("site", sa.Text()),
        _column("reminded_at", MOMENT, null=True),
        _column("cancelled_by", sa.Integer(), null=True),
        _column("cancelled_at", MOMENT, null=True),
        _column("done_at", MOMENT, null=True),
        *(_column(part, sa.Text(), null=True) for part in ("receipt", "receipt_sha256", "receipt_token_hash")),
        sa.UniqueConstraint("receipt_token_hash", name=op.f("uq_tenant_deletions_receipt_token_hash")),
        checks={
            "what_is_done_has_its_proof": "(done_at is null) = (receipt_sha256 is null)",
            "what_is_cancelled_is_not_done": "done_at is null or cancelled_at is null",
        },
        others={"tenant_id": "tenants.id", "asked_by": "users.id", "cancelled_by": "users.id"},
        indexes=(["tenant_id"],),
    )
    _table(
        "account_deletions",
        _column("id", sa.Uuid()),
        _column("user_id", sa.Integer()),
        _column("asked_at", MOMENT),
        _column("due_on", sa.Date()),
        _column("site", sa.Text()),
        *(_column(part, MOMENT, null=True) for part in ("reminded_at", "cancelled_at", "done_at")),
        checks={"what_is_cancelled_is_not_done": "done_at is null or cancelled_at is null"},
        others={"user_id": "users.id"},
        indexes=(["user_id"],),
    )
    for table, column in (("tenant_deletions", "tenant_id"), ("account_deletions", "user_id")):
        where = sa.text(OPEN)
        op.create_index(f"uq_{table}_open", table, [column], unique=True, sqlite_where=where, postgresql_where=where)


def _column(name: str, kind: Any, *, null: bool = False) -> Any:
    return sa.Column(name, kind, nullable=null)


def _table(
    name: str,
    *parts: Any,
    others: dict[str, str],
    checks: dict[str, str] | None = None,
    key: str = "id",
    indexes: tuple[list[str], ...] = (),
) -> None:
    op.create_table(
        name,
        *parts,
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{check}")) for check, rule in (checks or {}).items()),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{name}_{column}"))
            for column, target in others.items()
        ),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")),
    )
    for columns in indexes:
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name, columns)

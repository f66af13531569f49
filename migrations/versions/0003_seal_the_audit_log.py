"""the audit log append-only and sealed into a chain, events of accounts, keys of what is personal"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

EVENTS = sa.table("audit_events", sa.column("id", sa.Uuid()), sa.column("event"), sa.column("details", sa.JSON()))
ASSESSMENTS = sa.table("assessments", sa.column("id", sa.Uuid()), sa.column("period", sa.Integer()))
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: The tables that are only ever added to, with their unique columns, and those of them whose rows are to be sealed.
GUARDED = {"audit_events": ("id",), "account_events": ("id",), "audit_seals": ("position", "event_id")}
RECORDED = ("audit_events", "account_events")
REFUSAL = "audit rows are only ever added"
REFUSE = f"""
create or replace function audit_refuse() returns trigger language plpgsql as $body$
begin
  raise exception '{REFUSAL}' using errcode = 'restrict_violation';
end
$body$
"""
ENQUEUE = """
create or replace function audit_enqueue() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $body$
begin
  insert into audit_unsealed (event_id) values (new.id);
  return null;
end
$body$
"""


def upgrade() -> None:
    _create_tables()
    _map_details(_completed)
    op.execute("insert into audit_unsealed (event_id) select id from audit_events order by at, id")
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """The events stay; the chain, the keys with all that is personal, and the events of accounts are given up."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger audit_events_append_only on audit_events")
        op.execute("drop trigger audit_events_enqueue on audit_events")
    else:
        for name in ("no_update", "no_delete", "no_replace", "enqueue"):
            op.execute(f"drop trigger audit_events_{name}")
    _map_details(_as_before)
    op.drop_index(op.f("ix_audit_events_tenant_id_at_id"), table_name="audit_events")
    for table in ("subject_keys", "audit_seals", "audit_unsealed", "account_events"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function audit_enqueue()")
        op.execute("drop function audit_refuse()")


def _create_tables() -> None:
    op.create_index(op.f("ix_audit_events_tenant_id_at_id"), "audit_events", ["tenant_id", "at", "id"])
    op.create_table(
        "account_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_account_events_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
    )
    op.create_index(op.f("ix_account_events_at"), "account_events", ["at"])
    op.create_index(op.f("ix_account_events_actor_id_at_id"), "account_events", ["actor_id", "at", "id"])
    op.create_table(
        "audit_unsealed",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_unsealed")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("position", COUNTER, autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(previous) = 64 and length(hash) = 64", name=op.f("ck_audit_seals_hashes_are_hashes")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_seals_event_id")),
    )
    op.create_table(
        "subject_keys",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(wrapped is null) = (erased_at is not null)", name=op.f("ck_subject_keys_erased_has_no_key")
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_subject_keys")),
    )


def _map_details(mapped: Any) -> None:
    """Rewrite the details of the events recorded so far."""
    bind = op.get_bind()
    periods = {str(row.id): row.period for row in bind.execute(sa.select(ASSESSMENTS))}
    for row in bind.execute(sa.select(EVENTS)).all():
        details = mapped(row.event, dict(row.details), periods)
        if details != row.details:
            bind.execute(sa.update(EVENTS).where(EVENTS.c.id == row.id).values(details=details))


def _completed(event: str, details: dict[str, Any], periods: dict[str, int]) -> dict[str, Any]:
    """An assessment says for which period it is; a request for a document names the assessment for what it is."""
    if event.startswith("assessment."):
        return details | {"period": periods.get(details["assessment_id"])}
    if event == "report.requested":
        return {"assessment_id": details["submission_id"], "document": "unspecified", "locale": details["locale"]}
    return details


def _as_before(event: str, details: dict[str, Any], _periods: dict[str, int]) -> dict[str, Any]:
    if event.startswith("assessment."):
        return {name: value for name, value in details.items() if name != "period"}
    if event == "report.requested":
        return {"submission_id": details["assessment_id"], "locale": details["locale"]}
    return details


def _guard_sqlite() -> None:
    refuse = f"begin select raise(abort, '{REFUSAL}'); end"
    for name, keys in GUARDED.items():
        taken = " or ".join(f"{key} = new.{key}" for key in keys)
        there = f"exists (select 1 from {name} where {taken})"  # noqa: S608  # names of our own tables, nothing typed
        op.execute(f"create trigger {name}_no_update before update on {name} {refuse}")
        op.execute(f"create trigger {name}_no_delete before delete on {name} {refuse}")
        op.execute(f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}")
    insert = "insert into audit_unsealed (event_id) values (new.id)"
    for name in RECORDED:
        op.execute(f"create trigger {name}_enqueue after insert on {name} begin {insert}; end")


def _guard_postgresql() -> None:
    op.execute(REFUSE)
    op.execute(ENQUEUE)
    for name in GUARDED:
        op.execute(
            f"create trigger {name}_append_only before update or delete or truncate on {name} "
            "for each statement execute function audit_refuse()"
        )
    for name in RECORDED:
        op.execute(
            f"create trigger {name}_enqueue after insert on {name} for each row execute function audit_enqueue()"
        )

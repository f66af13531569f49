"""What the database itself enforces on the log, made with the tables: rows are only ever added, and put on the
sealer's list as they are.

A migration holds the same statements as text; a test compares what both leave in the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import DDL, FromClause, Table, event

from maturity.db import Base

REFUSAL = "audit rows are only ever added"
REFUSE = f"""
create or replace function audit_refuse() returns trigger language plpgsql as $body$
begin
  raise exception '{REFUSAL}' using errcode = 'restrict_violation';
end
$body$
"""
#: As its owner, so that whoever may record needs no right on the sealer's list.
ENQUEUE = """
create or replace function audit_enqueue() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $body$
begin
  insert into audit_unsealed (event_id) values (new.id);
  return null;
end
$body$
"""


_guarded: list[str] = []


def append_only_tables() -> tuple[str, ...]:
    """The names of the tables whose rows are only ever added, as far as their features are loaded."""
    return tuple(_guarded)


def refuse_changes(table: FromClause, *keys: str) -> None:
    """Nobody updates, deletes or replaces a row, whatever program asks; `keys` are the columns that are unique."""
    _guarded.append(cast("Table", table).name)
    _after_create(table, "sqlite", _sqlite_refusals(cast("Table", table).name, keys))
    _after_create(table, "postgresql", _postgresql_refusals(cast("Table", table).name))


def enqueue_inserts(table: FromClause) -> None:
    """Every row added is put on the sealer's list in the same transaction."""
    name = cast("Table", table).name
    insert = "insert into audit_unsealed (event_id) values (new.id)"
    _after_create(table, "sqlite", [f"create trigger {name}_enqueue after insert on {name} begin {insert}; end"])
    trigger = f"create trigger {name}_enqueue after insert on {name} for each row execute function audit_enqueue()"
    _after_create(table, "postgresql", [ENQUEUE, trigger])


def _sqlite_refusals(name: str, keys: tuple[str, ...]) -> Iterator[str]:
    refuse = f"begin select raise(abort, '{REFUSAL}'); end"
    yield f"create trigger {name}_no_update before update on {name} {refuse}"
    yield f"create trigger {name}_no_delete before delete on {name} {refuse}"
    # INSERT OR REPLACE deletes without firing the trigger above.
    taken = " or ".join(f"{key} = new.{key}" for key in keys)
    there = f"exists (select 1 from {name} where {taken})"  # noqa: S608  # names of our own tables, nothing typed
    yield f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}"


def _postgresql_refusals(name: str) -> Iterator[str]:
    yield REFUSE
    yield (
        f"create trigger {name}_append_only before update or delete or truncate on {name} "
        "for each statement execute function audit_refuse()"
    )


def _after_create(table: FromClause, dialect: str, statements: Iterator[str] | list[str]) -> None:
    for statement in statements:
        event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))


for _function in ("audit_refuse", "audit_enqueue"):
    _drop = DDL(f"drop function if exists {_function}()").execute_if(dialect="postgresql")
    event.listen(Base.metadata, "after_drop", _drop)

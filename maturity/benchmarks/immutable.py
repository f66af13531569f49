"""What the database itself enforces on releases: one that is published or withdrawn never changes, nor do its cells.

A migration holds the same statements as text; a test compares what both leave in the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import DDL, Table, event

from maturity.db import Base

REFUSAL = "a release that is published or withdrawn never changes"
RELEASES = "benchmark_releases"
#: Tables whose rows are a release's.
PARTS = ("benchmark_cells", "withheld_cells")
_OVER = "state in ('published', 'withdrawn')"


def held_open(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a release as it goes into an empty database, before its cells: to be closed once they are in."""
    return dict(row) | {"state": "failed", "published_at": None}


def guard_releases(tables: Sequence[Table]) -> None:
    """Made with the tables, releases first."""
    for table in tables:
        for dialect, statements in (("sqlite", sqlite_guards(table.name)), ("postgresql", _postgresql(table.name))):
            for statement in statements:
                event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))
    drop = DDL("drop function if exists release_refuse()").execute_if(dialect="postgresql")
    event.listen(Base.metadata, "after_drop", drop)


def sqlite_guards(name: str) -> Iterator[str]:
    refuse = f"begin select raise(abort, '{REFUSAL}'); end"
    if name == RELEASES:
        yield f"create trigger {name}_no_update before update on {name} when old.{_OVER} {refuse}"
        yield f"create trigger {name}_no_delete before delete on {name} when old.{_OVER} {refuse}"
        # INSERT OR REPLACE deletes without firing the trigger above.
        there = f"exists (select 1 from {name} where id = new.id and {_OVER})"  # noqa: S608  # our own names
        yield f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}"
        return
    for action, row in (("insert", "new"), ("update", "new"), ("update", "old"), ("delete", "old")):
        over = f"exists (select 1 from {RELEASES} where id = {row}.release_id and {_OVER})"  # noqa: S608  # our own names
        suffix = "_from" if (action, row) == ("update", "old") else ""
        yield f"create trigger {name}_no_{action}{suffix} before {action} on {name} when {over} {refuse}"


#: As its owner, who sees every release: what a role does not see must not be taken for one that is still open.
FUNCTION = f"""
create or replace function release_refuse() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $body$
declare
  over boolean := true;
begin
  if tg_op <> 'TRUNCATE' then
    if tg_table_name = '{RELEASES}' then
      over := old.{_OVER};
    else
      over := exists (
        select from {RELEASES}
        where {_OVER} and id in (
          case when tg_op = 'INSERT' then new.release_id else old.release_id end,
          case when tg_op = 'DELETE' then old.release_id else new.release_id end
        )
      );
    end if;
  end if;
  if over then
    raise exception '{REFUSAL}' using errcode = 'restrict_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$body$
"""


def _postgresql(name: str) -> Iterator[str]:
    if name == RELEASES:
        yield FUNCTION
    actions = "update or delete" if name == RELEASES else "insert or update or delete"
    call = "execute function release_refuse()"
    yield f"create trigger {name}_frozen before {actions} on {name} for each row {call}"
    yield f"create trigger {name}_kept before truncate on {name} for each statement {call}"

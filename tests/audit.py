"""The audit log as somebody sees it who has the run of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from maturity.audit.append_only import append_only_tables

#: what is of a release is not only added to, but never changes once it is published
OF_RELEASES = ("benchmark_releases", "benchmark_cells", "withheld_cells")


def guarded() -> tuple[str, ...]:
    """Every table whose rows triggers protect, from whatever feature it is."""
    return (*append_only_tables(), *OF_RELEASES)


@contextmanager
def unguarded(connection: Connection, only: str = "") -> Iterator[None]:
    """Inside the block the triggers of the log's tables do not stand; the transaction sets them up again.

    `only`: on SQLite, where each has to be made anew, those whose names end so.
    """
    if connection.dialect.name == "postgresql":
        for table in guarded():
            connection.exec_driver_sql(f"alter table {table} disable trigger user")
        yield
        for table in guarded():
            connection.exec_driver_sql(f"alter table {table} enable trigger user")
        return
    triggers = {name: sql for name, sql in sqlite_triggers(connection).items() if name.endswith(only)}
    for name in triggers:
        connection.exec_driver_sql(f"drop trigger {name}")
    yield
    for statement in triggers.values():
        connection.exec_driver_sql(statement)


def sqlite_triggers(connection: Connection) -> dict[str, str]:
    """The triggers on the log's tables as SQLite keeps them, by name."""
    tables = ", ".join(f"'{table}'" for table in guarded())
    query = f"select name, sql from sqlite_master where type = 'trigger' and tbl_name in ({tables}) order by name"
    return {row.name: row.sql for row in connection.exec_driver_sql(query)}

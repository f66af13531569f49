"""The database's base: names, types, the tenant wall of the ORM, and how SQLite must be opened.

The wall has two sides. Reading: every ORM query of a tenant's rows is filtered by `session.info["tenant_id"]`; without
a tenant such a query raises, unless it stands in `every_tenant(session)`. Writing: a flush and an insert refuse rows
of another tenant. Composite foreign keys (tenant, id) hold below both, and on PostgreSQL row-level security below all
of them: every transaction says for whom it works, in the words of `maturity.walls`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, DateTime, Dialect, Engine, ForeignKey, MetaData, Table, event
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    SessionTransaction,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeDecorator

#: Whether the transaction about to begin will write; SQLite then takes its lock at once instead of failing half-way.
writing: ContextVar[bool] = ContextVar("writing", default=True)
#: Keys of `session.info`: for which tenant and whom the session works, or that it works across tenants.
TENANT, USER, EVERY_TENANT = "tenant_id", "user_id", "every_tenant"
_TOLD = "database_was_told"
#: For this transaction only, so that a pooled connection is handed back without it, whatever happened.
STAND = (
    "select set_config('role', current_database() || '_' || %(role)s, true), "
    "set_config('app.tenant', %(tenant)s, true), set_config('app.person', %(person)s, true)"
)
#: Execution option of a statement that is made once for the process and executed with parameters.
KEPT = "kept"
BUSY_TIMEOUT_MS = 5000


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TenantScoped:
    """Rows that belong to one tenant and are never seen from another."""

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)


class NoTenant(RuntimeError):
    """A tenant's rows were asked for without a tenant: a fault in the program, never shown to people."""


class TenantMismatch(RuntimeError):
    """A row of one tenant was about to be written while working for another."""


def act_for(session: Session, tenant_id: uuid.UUID | None, user_id: int | None = None) -> None:
    """From here on the session works for this tenant, on behalf of this person."""
    session.info[TENANT], session.info[USER] = tenant_id, user_id
    _tell_database(session)


@contextmanager
def every_tenant(session: Session, role: str = "across") -> Iterator[None]:
    """Work across tenants, on purpose and visibly: the worker's queue, seeding, administration.

    `role` is PostgreSQL's: `across` sees every row; `operate` what the operator's pages show of all tenants, `shown`
    the synthetic enterprises, and `own` what is about the person the session works for.
    """
    before = session.info.get(EVERY_TENANT, False)
    session.info[EVERY_TENANT] = role
    _tell_database(session)
    try:
        yield
    finally:
        session.info[EVERY_TENANT] = before
        _tell_database(session)


@contextmanager
def for_tenant(session: Session, tenant_id: uuid.UUID) -> Iterator[None]:
    """Work for one tenant outside a request, and for no other even where the session works across tenants."""
    before = {name: session.info.get(name) for name in (TENANT, USER, EVERY_TENANT)}
    session.info[EVERY_TENANT] = False
    act_for(session, tenant_id)
    try:
        yield
    finally:
        session.info.update(before)
        _tell_database(session)


def _tell_database(session: Session) -> None:
    """Row-level security follows what the session works for; a transaction that failed is over anyway."""
    if not session.info.get(_TOLD) or not session.is_active:
        return
    connection = session.connection()  # begins the savepoint too, where one was asked for, so that it ends with it
    if connection.connection.driver_connection.info.transaction_status.name != "INERROR":  # type: ignore[union-attr]  # psycopg's
        connection.exec_driver_sql(STAND, _standing(session))


def _standing(session: Session) -> dict[str, str]:
    tenant_id, user_id = session.info.get(TENANT), session.info.get(USER)
    across = session.info.get(EVERY_TENANT)
    role = ("across" if across is True else across) or ("sign_in" if tenant_id is None else "tenant")
    return {"role": role, "tenant": str(tenant_id or ""), "person": str(user_id or "")}


@event.listens_for(Session, "after_begin")
def _stand_in(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql" and transaction.parent is None:
        connection.exec_driver_sql(STAND, _standing(session))
        session.info[_TOLD] = True


@event.listens_for(Session, "after_transaction_end")
def _forget_connection(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_TOLD, None)


def _reads_tenant_rows(state: ORMExecuteState) -> bool:
    """Whether the statement touches a tenant's table anywhere: as an entity, under count(*), or in a subquery."""
    first = state.bind_mapper  # known already; to list all of them, the statement is taken apart
    if first is not None and issubclass(first.class_, TenantScoped):
        return True
    if any(issubclass(mapper.class_, TenantScoped) for mapper in state.all_mappers):
        return True
    tables = _scoped_tables()
    return any(
        isinstance(part, Table) and part.name in tables for part in iterate(cast("ClauseElement", state.statement))
    )


def _scoped_tables() -> frozenset[str]:
    mappers = Base.registry.mappers
    return frozenset(
        str(cast("Table", mapper.local_table).name) for mapper in mappers if issubclass(mapper.class_, TenantScoped)
    )


@event.listens_for(Session, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    session = state.session
    if state.is_column_load or state.is_relationship_load or session.info.get(EVERY_TENANT):
        return
    if not _reads_tenant_rows(state):
        return
    tenant_id = session.info.get(TENANT)
    if tenant_id is None:
        raise NoTenant("a tenant's rows were queried without a tenant")
    if state.is_insert:
        _guard_insert(state, tenant_id)
        return
    if not state.is_orm_statement:
        raise NoTenant("a tenant's rows were queried past the ORM, where they cannot be filtered")
    if state.is_update:
        _guard_update(state, tenant_id)
    narrowed = _narrowed_once if state.execution_options.get(KEPT) else _narrowed
    state.statement = narrowed(state.statement, tenant_id)


def _guard_insert(state: ORMExecuteState, tenant_id: uuid.UUID) -> None:
    """An insert has nothing to filter: its rows must be parameters, where their tenant can be looked at."""
    given: Any = state.parameters or {}
    for row in given if isinstance(given, (list, tuple)) else [given]:
        if row.get("tenant_id") != tenant_id:
            raise TenantMismatch("an insert of rows of another tenant, or of rows that do not say whose they are")


def _guard_update(state: ORMExecuteState, tenant_id: uuid.UUID) -> None:
    """An update by a list of keys takes no filter, and none may hand a row over to another tenant."""
    if isinstance(state.parameters, (list, tuple)) or "dml_strategy" in state.execution_options:
        raise NoTenant("a tenant's rows were to be updated by their keys, where they cannot be filtered")
    update: Any = state.statement
    given = dict(update._values or update._ordered_values or ())
    names = {getattr(column, "key", column) for column in given} | set(state.parameters or ())
    if "tenant_id" in names:
        raise TenantMismatch("an update may not say whose a row is")


def _narrowed(statement: Any, tenant_id: uuid.UUID) -> Any:
    return statement.options(_rows_of(tenant_id))


#: Half the time of a short query goes into SQLAlchemy's work on a statement it has not seen: once a tenant is enough.
_narrowed_once = lru_cache(maxsize=512)(_narrowed)


@lru_cache(maxsize=256)
def _rows_of(tenant_id: uuid.UUID) -> ExecutableOption:
    """The filter, made once for all statements of a tenant."""
    return with_loader_criteria(TenantScoped, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)


@event.listens_for(Session, "before_flush")
def _guard_writes(session: Session, _context: Any, _instances: Any) -> None:
    if session.info.get(EVERY_TENANT):
        return
    tenant_id = session.info.get(TENANT)
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantScoped) and row.tenant_id != tenant_id:
            raise TenantMismatch(f"{type(row).__name__} of another tenant")


@event.listens_for(Engine, "connect")
def _open_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__.partition(".")[0] != "sqlite3":
        return
    connection.isolation_level = None  # we begin transactions ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged answer survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")

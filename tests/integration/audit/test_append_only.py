"""The database itself refuses to change what is recorded, whoever asks and by whatever road."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from maturity.audit.append_only import REFUSAL
from maturity.audit.models import AccountEvent, AuditEvent, AuditSeal, UnsealedEvent
from maturity.audit.service import record_for_account
from maturity.clock import FixedClock
from maturity.extensions import db
from tests.integration.audit.conftest import Log

TABLES = ("audit_events", "account_events", "audit_seals")


@pytest.fixture
def filled(log: Log, session: Session, clock: FixedClock) -> Log:
    record_for_account(session, clock, "account.password_changed", log.actor_id)
    session.commit()
    log.seal()
    session.rollback()
    return log


def refused(statement: str) -> bool:
    with db.engine.connect() as connection:
        with pytest.raises(DBAPIError) as error:
            connection.exec_driver_sql(statement)
        connection.rollback()
    return REFUSAL in str(error.value)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["delete from {0}", "update {0} set {1} = {1}"])
def test_a_row_is_neither_changed_nor_deleted(filled: Log, table: str, change: str) -> None:
    column = "hash" if table == "audit_seals" else "event"
    assert refused(change.format(table, column))


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_not_emptied_at_a_stroke(filled: Log, on_postgresql: None, table: str) -> None:
    assert refused(f"truncate {table} cascade")


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_not_replaced_by_inserting_it_again(filled: Log, session: Session, table: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        key = "position" if table == "audit_seals" else "id"
        assert refused(
            f"insert into {table} select * from {table} on conflict ({key}) do update set {key} = excluded.{key}"
        )
    else:
        assert refused(f"insert or replace into {table} select * from {table}")


def test_a_seal_is_not_replaced_through_its_event(filled: Log, session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        pytest.skip("has no INSERT OR REPLACE")
    columns = "event_id, previous, hash, sealed_at"
    assert refused(f"insert or replace into audit_seals (position, {columns}) select 99, {columns} from audit_seals")


@pytest.mark.parametrize("model", [AuditEvent, AccountEvent, AuditSeal])
def test_the_program_cannot_change_them_either(filled: Log, session: Session, model: type) -> None:
    session.delete(session.scalars(sa.select(model)).first())
    with pytest.raises(DBAPIError, match=REFUSAL):
        session.flush()
    session.rollback()


def test_what_is_recorded_stands_on_the_sealers_list_until_its_transaction_ends(log: Log, session: Session) -> None:
    def waiting() -> int:
        return session.scalar(sa.select(sa.func.count()).select_from(UnsealedEvent)) or 0

    log.seal()
    assert waiting() == 0
    log.note(2024, 2025)
    assert waiting() == 2
    session.rollback()

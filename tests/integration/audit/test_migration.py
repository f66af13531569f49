"""The migration brings an old log along and leaves the same guards that the models make."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from config import from_env
from maturity.app import create_app
from maturity.audit.models import AuditEvent
from maturity.audit.sealer import seal_pending
from maturity.audit.verification import verify_log
from maturity.audit.vocabulary import tell
from maturity.db import every_tenant, writing
from maturity.extensions import db
from tests.audit import sqlite_triggers
from tests.conftest import NOW, _own_database

pytestmark = [pytest.mark.database, pytest.mark.slow]

REVISION = "0003"
TENANT, ENTERPRISE, ASSESSMENT = (uuid.UUID(int=number) for number in (1, 2, 3))
#: As an earlier version recorded them.
OLD = [
    ("enterprise.registered", {"enterprise_id": str(ENTERPRISE)}),
    ("assessment.started", {"assessment_id": str(ASSESSMENT)}),
    ("assessment.revised", {"assessment_id": str(uuid.UUID(int=9)), "previous_id": str(ASSESSMENT)}),
    ("report.requested", {"submission_id": str(ASSESSMENT), "locale": "zh_CN"}),
]


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[Any]:
    """An app on an empty database of its own."""
    environment = {"MATURITY_ENV": "testing", "MATURITY_DATA": str(tmp_path)}
    if server := os.environ.get("TEST_DATABASE_URL"):
        environment["DATABASE_URL"] = _own_database(server, f"test_migration_{os.getpid()}")
    app = create_app(from_env(environment))
    with app.app_context():
        writing.set(True)
        yield app
        db.session.remove()
        db.engine.dispose()


def migrations(app: Any) -> Any:
    return app.extensions["migrate"].migrate.get_config(str(Path(__file__).parents[3] / "migrations"))


def guards() -> set[str]:
    """What the database does by itself, as it tells it."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return set(sqlite_triggers(connection).values())
        triggers = "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal"
        functions = (
            "select pg_get_functiondef(oid) from pg_proc where proname like any (array['audit_%%', 'release_%%'])"
        )
        return {row[0] for query in (triggers, functions) for row in connection.exec_driver_sql(query)}


def add(connection: sa.Connection, table: str, **values: Any) -> None:
    """Insert the columns given and no others: the table is that of an earlier version."""
    known = AuditEvent.metadata.tables[table].c
    columns = [sa.column(column, known[column].type) for column in values]
    connection.execute(sa.table(table, *columns).insert().values(**values))


def fill(connection: sa.Connection) -> None:
    """A tenant with an assessment and what the log of an earlier version held, in the order of `OLD`."""
    then = {"created_at": NOW}
    add(connection, "tenants", id=TENANT, kind="enterprise", name="甲", is_synthetic=False, **then)
    profile = {"production_type": "mixed", "is_group": False, "designs_products": True, "exports": False}
    profile |= {"name": "甲", "uscc": "x", "headcount": 1, "revenue_wan": 1, "industry": "342", "region": "370200"}
    add(connection, "enterprises", id=ENTERPRISE, tenant_id=TENANT, **profile, **then)
    edition = {"framework": "lianghua", "edition": "1", "status": "published", "bundle": "{}", "sha256": "a" * 64}
    add(connection, "editions", id=1, **edition, **then)
    run = {"enterprise_id": ENTERPRISE, "framework": "lianghua", "edition_sha256": "a" * 64, "period": 2025}
    run |= {"revision": 1, "profile": {}, "status": "draft", "started_at": NOW}
    add(connection, "assessments", id=ASSESSMENT, tenant_id=TENANT, **run)
    for number, (event, details) in enumerate(OLD):
        at = NOW + timedelta(seconds=number)
        add(connection, "audit_events", id=uuid.uuid4(), tenant_id=TENANT, event=event, details=details, at=at)


def test_an_old_log_comes_along_and_is_sealed(own_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = migrations(own_app)
    before = ScriptDirectory.from_config(config).get_revision(REVISION).down_revision
    with monkeypatch.context() as patch:
        patch.setattr("maturity.walls.raise_walls", lambda _connection: None)  # those of today need today's tables
        command.upgrade(config, str(before))
    with db.engine.begin() as connection:
        fill(connection)
    command.upgrade(config, "head")
    session = db.session()
    with every_tenant(session):
        rows = list(session.scalars(sa.select(AuditEvent).order_by(AuditEvent.at)))
        assert [tell(row.event, row.details, "en") for row in rows] == [
            "Registered the enterprise.",
            "Started the assessment for 2025.",
            "Opened a new revision of the assessment for (erased).",
            "Asked for the document in Chinese.",
        ]
        session.rollback()
        assert seal_pending(own_app) == len(OLD)
        assert verify_log(session).findings == ()
        session.rollback()
    db.session.remove()

    monkeypatch.setattr("maturity.walls.raise_walls", lambda _connection: None)
    command.downgrade(config, str(before))
    with db.engine.connect() as connection:
        kept = sa.table("audit_events", sa.column("event"), sa.column("details", sa.JSON()), sa.column("at"))
        found = connection.execute(sa.select(kept.c.event, kept.c.details).order_by(kept.c.at))
        assert [tuple(row) for row in found] == OLD


def test_the_guards_are_those_of_the_models(own_app: Any) -> None:
    command.upgrade(migrations(own_app), "head")
    migrated = guards()
    command.downgrade(migrations(own_app), "base")
    assert guards() == set()
    db.create_all()
    assert migrated == guards()
    assert len(migrated) >= 7

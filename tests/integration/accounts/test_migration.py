"""Accounts made before: they stay, keep what refers to them, and count as confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from config import from_env
from maturity.app import create_app
from maturity.extensions import db

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = [("Jane@Example.com", "one"), ("JOHN@example.com", "two"), ("john@example.com", "three")]

TENANT = "00000000000000000000000000000001"
ADD_PERSON = sa.text(
    "insert into users (id, name, locale, email, active, fs_uniquifier) values (:id, '', 'en', :email, 1, :uniquifier)"
)
ADD_TENANT = sa.text(
    "insert into tenants (id, kind, name, is_synthetic, created_at) values (:id, 'enterprise', 'x', 0, '2026-01-01')"
)
ADD_MEMBER = sa.text(
    "insert into memberships (tenant_id, user_id, role, created_at) values (:id, 1, 'owner', '2026-01-01')"
)


@pytest.fixture
def migrations(tmp_path: Path) -> Iterator[Any]:
    """An embedded database as it was before, with people, one of whom belongs to an enterprise."""
    app = create_app(from_env({"MATURITY_ENV": "testing", "MATURITY_DATA": str(tmp_path)}))
    with app.app_context():
        config = app.extensions["migrate"].migrate.get_config(str(ROOT / "migrations"))
        command.upgrade(config, "0003")
        with db.engine.begin() as connection:
            for number, (email, uniquifier) in enumerate(PEOPLE, start=1):
                connection.execute(ADD_PERSON, {"id": number, "email": email, "uniquifier": uniquifier})
            connection.execute(ADD_TENANT, {"id": TENANT})
            connection.execute(ADD_MEMBER, {"id": TENANT})
        yield config
        db.session.remove()
        db.engine.dispose()


def rows(query: str) -> list[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_people_stay_with_what_refers_to_them_and_are_confirmed(migrations: Any) -> None:
    command.upgrade(migrations, "0004")
    assert rows("select email from users order by id") == [
        ("jane@example.com",),
        ("JOHN@example.com",),
        ("john@example.com",),
    ]
    assert rows("select count(*) from users where confirmed_at is null") == [(0,)]
    assert rows("select user_id from memberships") == [(1,)]
    assert rows("pragma foreign_keys") == [(1,)]


def test_going_back_loses_nobody(migrations: Any) -> None:
    command.upgrade(migrations, "0004")
    with db.engine.begin() as connection:
        connection.exec_driver_sql("update users set email = null, us_phone_number = '+8613800138000' where id = 1")
    command.downgrade(migrations, "0003")
    assert rows("select email from users where id = 1") == [("person-1@invalid",)]
    assert rows("select user_id from memberships") == [(1,)]

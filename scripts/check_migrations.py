"""The migrations make exactly the schema of the models, on SQLite and on PostgreSQL, up and down.

Both ways of making it are looked at as the database shows them. Alembic's own comparison alone would miss a check
constraint, and these state what must never be untrue.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402  # found through the path above, as are all below
from alembic import command  # noqa: E402
from alembic.util import CommandError  # noqa: E402

from config import from_env  # noqa: E402
from maturity.app import create_app  # noqa: E402
from maturity.extensions import db  # noqa: E402

ALEMBIC_TABLE = "alembic_version"


def problems(url: str, folder: str) -> Iterator[str]:
    """What differs, one line each, on an empty database."""
    app = create_app(from_env({"MATURITY_ENV": "testing", "MATURITY_DATA": folder, "DATABASE_URL": url}))
    with app.app_context():
        migrations = app.extensions["migrate"].migrate.get_config(str(ROOT / "migrations"))
        migrations.stdout = io.StringIO()  # what Alembic says when all is well
        db.create_all()
        wanted = shape()
        db.drop_all()
        command.upgrade(migrations, "head")
        made = shape()
        yield from sorted(f"only in the models: {line}" for line in wanted - made)
        yield from sorted(f"only in the migrations: {line}" for line in made - wanted)
        try:
            command.check(migrations)
        except CommandError as error:
            yield str(error)
        command.downgrade(migrations, "base")
        yield from sorted(f"left after going down: {line}" for line in shape())
        command.upgrade(migrations, "head")
        yield from sorted(f"differs after going up again: {line}" for line in made ^ shape())
        command.downgrade(migrations, "base")
        db.engine.dispose()


def shape() -> set[str]:
    """Everything the database says about its tables."""
    look = sa.inspect(db.engine)
    tables = [name for name in look.get_table_names() if name != ALEMBIC_TABLE]
    return {f"{table} {line}" for table in tables for line in _lines(look, table)} | set(_walls())


def _lines(look: sa.Inspector, table: str) -> Iterator[str]:
    for column in look.get_columns(table):
        default = str(column["default"]).replace("now()", "CURRENT_TIMESTAMP")  # the same moment to PostgreSQL
        yield f"column {column['name']} {column['type']!r} null={column['nullable']} default={default}"
    parts: dict[str, Any] = {
        "primary key": [look.get_pk_constraint(table)],
        "foreign key": look.get_foreign_keys(table),
        "unique": look.get_unique_constraints(table),
        "check": look.get_check_constraints(table),
        "index": look.get_indexes(table),
    }
    for kind, found in parts.items():
        yield from (f"{kind} {sorted((name, _told(value)) for name, value in part.items())}" for part in found)


def _told(value: Any) -> Any:
    """What is equal must read equal: the condition of a partial index comes as an object of its own."""
    return {name: str(told) for name, told in value.items()} if isinstance(value, dict) else value


def _walls() -> Iterator[str]:
    """Row-level security, which the inspector does not know: policies, grants, and that the owner is held to them."""
    if db.engine.dialect.name != "postgresql":
        return
    asked = (
        "select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies",
        "select relname, relrowsecurity, relforcerowsecurity from pg_class where relkind = 'r' and relrowsecurity",
        "select table_name, grantee, privilege_type from information_schema.table_privileges",
    )
    with db.engine.connect() as connection:
        for question in asked:
            rows = [tuple(row) for row in connection.exec_driver_sql(question)]
            yield from (f"{row[0]} wall {row[1:]}" for row in rows if row[0] in db.metadata.tables)


def main(urls: list[str]) -> int:
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for url in (f"sqlite:///{folder}/check.db", *urls):
            name = url.partition(":")[0]
            found = list(problems(url, folder))
            failed = failed or bool(found)
            print("\n".join(f"{name}: {line}" for line in found) or f"{name}: migrations match the models")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

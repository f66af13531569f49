"""Alembic's environment: the app's engine and metadata, one transaction per run."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from maturity.walls import lower_walls, raise_walls

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our own and Flask-Security's column types as plain ones: a migration imports no model."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return "sa.DateTime(timezone=True)" if isinstance(item.impl, sa.DateTime) else "sa.UnicodeText()"
    return False


def run() -> None:
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            lower_walls(connection)
            context.run_migrations()
            raise_walls(connection)  # after every change of the schema, so that no migration can forget them


run()

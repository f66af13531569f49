"""A site with the small demonstration in it, made once for a worker and only read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config import Config, from_env
from maturity.app import create_app
from maturity.clock import FixedClock
from maturity.db import writing
from maturity.demo.service import seed_everything
from maturity.extensions import db
from tests.conftest import NOW, Client


def demonstration_site(folder: Path, name: str) -> Iterator[Any]:
    """The app; its database is a file in the folder, or one of that name inside the PostgreSQL of TEST_DATABASE_URL."""
    clock = FixedClock(NOW)
    app = create_app(configuration(folder, name), clock=clock)
    app.test_client_class = Client
    with app.app_context():
        writing.set(True)
        db.create_all()
        seed_everything(db.session(), clock, small=True, tell=lambda _: None)
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def configuration(folder: Path, name: str) -> Config:
    environment = {"MATURITY_ENV": "testing", "MATURITY_DATA": str(folder)}
    server = os.environ.get("TEST_DATABASE_URL")
    if server:
        environment["DATABASE_URL"] = own_database(server, name)
    return from_env(environment)


def own_database(server: str, name: str) -> str:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.rsplit("/", 1)[0] + f"/{name}"

"""What tests share: an app on a real database, emptied after each test; a checking client; no network but loopback."""

from __future__ import annotations

import dataclasses
import os
import socket
import tempfile
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy.orm import Session

from config import Config, from_env
from maturity.adaptive.framework import Framework, load_framework
from maturity.app import create_app
from maturity.benchmarks.kept import forget_all
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.editions.service import store_library
from maturity.extensions import db, limiter
from tests.audit import unguarded
from tests.page import Page

EDITION = "lianghua/2026.1"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
_connect = socket.socket.connect
# The same examples on every run and no clock: what passes here passes there, on a busy machine too.
settings.register_profile("gate", derandomize=True, deadline=None, database=None)
settings.load_profile("gate")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands on the site's database runs on both databases, without anybody having to remember the mark."""
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.fixture(autouse=True, scope="session")
def _closed_network() -> Iterator[None]:
    """Only this machine can be reached from a test."""

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise RuntimeError(f"a test tried to reach {address[0]}")
        _connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def framework() -> Framework:
    return load_framework(EDITION)


@pytest.fixture(scope="session")
def config(worker_id: str) -> Iterator[Config]:
    """A database of this worker's own: a file, or one inside the PostgreSQL of TEST_DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="maturity-tests-") as folder:
        environment = {"MATURITY_ENV": "testing", "MATURITY_DATA": folder}
        server = os.environ.get("TEST_DATABASE_URL")
        if server:
            environment["DATABASE_URL"] = _own_database(server, f"test_{worker_id}")
        yield from_env(environment)


def _own_database(server: str, name: str) -> str:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session")
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def site(config: Config, clock: FixedClock) -> Iterator[Any]:
    """The app with its schema and editions, once for the worker."""
    app = create_app(config, clock=clock)
    app.test_client_class = Client
    with app.app_context():
        writing.set(True)
        db.create_all()
        with every_tenant(db.session()):
            store_library(db.session(), clock)
            db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(site: Any, clock: FixedClock) -> Iterator[Any]:
    """The app with an empty database: everything but the editions is deleted after the test."""
    clock.at = NOW
    limiter.enabled = False  # one for all apps of the process: another test's app may have switched it on
    site.config["WTF_CSRF_ENABLED"] = False  # the browser tests send the token; test_security checks that it is needed
    yield site
    forget_all()  # the next test gives the numbers of its releases anew
    with site.app_context():
        writing.set(True)
        db.session.remove()
        with db.engine.begin() as connection, unguarded(connection, only="_no_delete"):
            for table in reversed(db.metadata.sorted_tables):
                if table.name != "editions":
                    connection.execute(table.delete())


@pytest.fixture
def limited(app: Any, config: Config, clock: FixedClock) -> Iterator[Any]:
    """The same site as it is installed, with its rate limits, which tests run without."""
    site = create_app(dataclasses.replace(config, TESTING=False), clock=clock)
    site.config["WTF_CSRF_ENABLED"] = False
    site.test_client_class = Client
    yield site
    limiter.enabled = False
    with site.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(app: Any) -> Iterator[Session]:
    """A session outside any request, working across tenants. It sees what requests did after `rollback()`."""
    with app.app_context():
        writing.set(True)
        session = db.session()
        session.expire_on_commit = False  # reading an attribute must not open a transaction, which locks SQLite
        with every_tenant(session):
            yield session
        session.rollback()
        db.session.remove()


class Client(FlaskClient):
    """Every request stands alone, as in a server: the test's own app context would lend it user, locale and session."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return Context().run(super().open, *args, **{"buffered": True} | kwargs)  # a stream is read in there, too


@dataclass(slots=True)
class Browser:
    """The client as a person uses it: pages are checked as they are fetched."""

    client: FlaskClient

    def get(self, url: str, status: int = 200) -> Page:
        response = self.client.get(url, follow_redirects=True)
        assert response.status_code == status, response.text[:500]
        return Page(response.text, response.request.path)

    def post(self, url: str, data: dict[str, Any] | None = None, status: int = 200) -> Page:
        response = self.client.post(url, data=data or {}, follow_redirects=True)
        assert response.status_code == status, response.text[:500]
        return Page(response.text, response.request.path)


@pytest.fixture
def browser(app: Any) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def repository() -> Path:
    return Path(__file__).resolve().parent.parent

"""People with a password, and what was written to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.messages.models import Message
from tests.conftest import Browser
from tests.factories.people import make_user

PASSWORD = "several words together"
NEW_PASSWORD = "other words together"
MOBILE = "+8613800138000"
_hashes: dict[str, str] = {}


def hashed(app: Any, password: str = PASSWORD) -> str:
    """Hashing is slow on purpose; once is enough."""
    if password not in _hashes:
        with app.app_context():
            _hashes[password] = hash_password(password)
    return _hashes[password]


@pytest.fixture
def person(app: Any, session: Session) -> User:
    user = make_user(session, name="Jane", email="jane@example.com")
    user.password = hashed(app)
    session.commit()
    return user


@pytest.fixture
def mobile_person(app: Any, session: Session) -> User:
    user = make_user(session, name="Ming")
    user.email, user.us_phone_number, user.password = None, MOBILE, hashed(app)
    session.commit()
    return user


class Letters:
    """The outbox, newest first, read past the test's session: what that holds stays as it is."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def to(self, recipient: str) -> list[Any]:
        return [letter for letter in self.all() if letter.recipient == recipient]

    def all(self) -> list[Any]:
        table = Message.__table__
        with self.app.app_context(), db.engine.connect() as connection:
            return list(connection.execute(select(table).order_by(table.c.created_at.desc())).all())

    def link(self, recipient: str, subject: str) -> str:
        """The path of the link in the newest letter with this subject."""
        letter = next(letter for letter in self.to(recipient) if letter.subject == subject)
        found = re.search(r"https?://[^/\s]+(/link\?token=\S+)", letter.body)
        assert found, letter.body
        return found[1]

    def code(self, recipient: str) -> str:
        """The code of the newest text message that has one."""
        return next(found[1] for text in self.to(recipient) if (found := re.search(r"\b(\d{6})\b", text.body)))


@pytest.fixture
def letters(app: Any) -> Letters:
    return Letters(app)


@pytest.fixture
def visit(app: Any) -> Callable[[], Browser]:
    """A browser of its own, reading English."""

    def open_browser() -> Browser:
        browser = Browser(app.test_client())
        browser.get("/?lang=en")
        return browser

    return open_browser


def sign_in_as(browser: Browser, contact: str, password: str = PASSWORD) -> Any:
    return browser.post("/sign-in", {"email": contact, "password": password})


def pass_time(clock: FixedClock, **span: float) -> None:
    clock.at += timedelta(**span)

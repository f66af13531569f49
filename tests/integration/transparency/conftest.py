"""The log of a site, and adding to it in a few words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.transparency.checking import Keys
from maturity.transparency.service import append, status_entry
from tests.factories.transparency import keys_of

NUMBER = "MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT"
Add = Callable[..., int]


@pytest.fixture
def add(session: Session, clock: FixedClock) -> Add:
    """Add an entry in a transaction of its own; the number of its leaf."""

    def add_one(number: str = NUMBER, event: str = "issued", status: str = "valid") -> int:
        leaf = append(session, status_entry(number, event, status, None, "ab" * 32), clock)
        session.commit()
        return leaf

    return add_one


@pytest.fixture
def keys(session: Session) -> Callable[[], Keys]:
    return lambda: keys_of(session)


@pytest.fixture
def on_postgresql(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")

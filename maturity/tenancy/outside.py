"""Stepping out of a tenant for one look at what belongs to none of those who ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from maturity.db import TENANT, USER, act_for


@contextmanager
def outside(session: Session) -> Iterator[None]:
    """Work for no tenant, as before somebody has opened one, and come back."""
    session.flush()
    before = session.info.get(TENANT), session.info.get(USER)
    act_for(session, None)
    try:
        yield
    finally:
        act_for(session, *before)

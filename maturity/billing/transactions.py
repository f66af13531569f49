"""Short transactions around what is asked of Stripe: none is open, and no lock held, while we wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from maturity.db import writing
from maturity.extensions import db


@contextmanager
def one_transaction() -> Iterator[Session]:
    """A transaction of its own that writes: committed at the end, rolled back where something is raised.

    Whatever the session held before is given up, so that SQLite's lock is taken at the beginning. What was loaded is
    expired afterwards: take what you need out of it first.
    """
    before = writing.get()
    db.session.rollback()
    writing.set(True)
    try:
        yield db.session()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        writing.set(before)


def end_reading() -> None:
    """Give up the transaction that has only read, before Stripe is asked."""
    db.session.rollback()

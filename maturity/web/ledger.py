"""Pages that show released figures to a regulator: looking commits nothing, so what is read is noted by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from maturity.db import act_for, writing
from maturity.extensions import db
from maturity.tenancy.service import Access


@contextmanager
def noted_reading(access: Access, user_id: int) -> Iterator[Session]:
    """A session of the tenant's in which figures are read; the ledger's rows are committed before they are shown.

    Where noting fails, nothing is shown. A request that writes and shows its page again, because what was typed is
    wrong, is rolled back in the end: there the request's own session is committed, before anything else is written.
    """
    if writing.get():
        yield db.session()
        db.session.commit()
        return
    writing.set(True)
    try:
        with Session(db.engine, expire_on_commit=False) as session:
            act_for(session, access.tenant.id, user_id)
            yield session
            session.commit()
    finally:
        writing.set(False)

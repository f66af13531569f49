"""What must be kept although the request fails: failures are counted in transactions of their own."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from maturity.accounts.attempts import Counted, forget_failures, note_failures
from maturity.db import writing
from maturity.extensions import db
from maturity.web.site import site_clock

_logger = logging.getLogger(__name__)


def begin_writing() -> None:
    """End a transaction that only read, so that the next one takes SQLite's lock at its beginning."""
    db.session.rollback()
    writing.set(True)


def count_failures(counted: Sequence[Counted]) -> bool:
    """Count a failure by everything given, at once and for good; whether the next try has to wait."""
    begin_writing()
    must_wait = note_failures(db.session(), counted, site_clock())
    db.session.commit()
    _logger.info("account.sign_in_failed %s", "must wait" if must_wait else "may try again")
    return must_wait


def forget(*counted: Counted, keep: bool = False) -> None:
    """Forget earlier failures, in the transaction of the success; with `keep` in the one under way."""
    if not keep:
        begin_writing()
    forget_failures(db.session(), *counted)

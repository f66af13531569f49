"""Numbers of documents: without gaps, given in the transaction of what carries them."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.billing.models import NumberSeries
from maturity.clock import Clock

PRO_FORMA, RECEIPT = "PI", "RC"


def next_number(session: Session, series: str, clock: Clock) -> str:
    """The next of a series in the calendar year, such as PI-2026-000001.

    The row is locked until the transaction ends, so that a number is never given twice and one that is rolled back is
    given again.
    """
    name = f"{series}-{clock.today().year}"
    row = session.scalar(_lock(name))
    if row is None:
        try:
            with session.begin_nested():
                session.add(NumberSeries(series=name, last=0))
        except IntegrityError:  # somebody else began the series at the same moment
            session.expire_all()
        row = session.scalars(_lock(name)).one()
    row.last += 1
    session.flush()
    return f"{name}-{row.last:06d}"


def _lock(name: str) -> Select[tuple[NumberSeries]]:
    query = select(NumberSeries).where(NumberSeries.series == name).with_for_update()
    return query.execution_options(populate_existing=True)

"""Figures of certification bodies, counted from their cases every night, by a worker that sees the cases of all.

No page could count them: a body's cases are seen from the body and its client alone. What rests on too few cases is
left out here, before it is written, and shares are rounded, so that one case more or less tells nothing about it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.models import CaseItem, CertificationBody, CertificationCase
from maturity.clock import Clock
from maturity.verification.models import BodyFigures
from maturity.verification.rules import Rules, rules

DECIDED = ("certified", "refused")


def count_figures(session: Session, clock: Clock) -> int:
    """Count anew for every body in the register; the session works across tenants. Says how many there are."""
    found = session.scalars(select(CertificationBody.tenant_id)).all()
    for body_id in found:
        row = session.get(BodyFigures, body_id) or BodyFigures(body_id=body_id)
        _fill(row, _counts(session, body_id, clock), clock.now())
        session.add(row)
    session.flush()
    return len(found)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of one body, before anything is left out."""

    outcomes: Counter[str]
    days: Sequence[int]
    judged: int
    corrected: int
    certificates: Counter[str]

    @property
    def decided(self) -> int:
        return sum(self.outcomes[state] for state in DECIDED)


def _counts(session: Session, body_id: uuid.UUID, clock: Clock) -> Counts:
    case, item = CertificationCase, CaseItem
    is_decided = (case.body_id == body_id, case.state.in_(DECIDED))
    rows = session.execute(select(case.state, case.applied_at, case.decided_at).where(*is_decided)).all()
    days = [(row.decided_at - row.applied_at).days for row in rows if row.decided_at is not None]
    verdicts = (
        select(item.verdict, func.count())
        .join(case, case.id == item.case_id)
        .where(*is_decided, item.verdict.is_not(None))
        .group_by(item.verdict)
    )
    judged: dict[str | None, int] = dict(session.execute(verdicts).tuples().all())
    return Counts(
        Counter(row.state for row in rows),
        days,
        sum(judged.values()),
        sum(number for verdict, number in judged.items() if verdict != "confirmed"),
        _standings(session, body_id, clock),
    )


def _standings(session: Session, body_id: uuid.UUID, clock: Clock) -> Counter[str]:
    row, today = Certificate, clock.today()
    query = select(row.status, row.valid_until).where(row.body_id == body_id, row.status != "issuing")
    over = ("valid", "suspended")
    return Counter(
        "expired" if status in over and until < today else status for status, until in session.execute(query).all()
    )


def _fill(row: BodyFigures, counts: Counts, now: datetime) -> None:
    rule = rules()
    enough = counts.decided >= rule.least
    row.computed_at = now
    row.cases_decided = publishable(counts.decided, rule)
    row.corrected_share = share(counts.corrected, counts.judged, rule) if enough else None
    row.refused_share = share(counts.outcomes["refused"], counts.decided, rule) if enough else None
    row.median_days = _nearest(median(counts.days), rule.days_step) if enough and counts.days else None
    row.certificates_valid = publishable(counts.certificates["valid"], rule)
    row.certificates_suspended = publishable(counts.certificates["suspended"], rule)
    row.certificates_withdrawn = publishable(counts.certificates["withdrawn"], rule)


def publishable(count: int, rule: Rules) -> int | None:
    """A count that is large enough to be told; None stands for all below, nought included."""
    return count if count >= rule.least else None


def share(part: int, whole: int, rule: Rules) -> int | None:
    """Percent, rounded to the step; None of too few."""
    if whole < rule.least:
        return None
    return _nearest(100 * part / whole, rule.share_step)


def _nearest(value: float, step: int) -> int:
    return int(value / step + 0.5) * step

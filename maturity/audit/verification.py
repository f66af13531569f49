"""Verifying the audit log as it stands in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.audit.chain import Finding, Link, instant, walk
from maturity.audit.models import AccountEvent, AuditEvent, AuditSeal, UnsealedEvent
from maturity.audit.sealer import EVENT_MODELS, content_of, is_there

#: An event may be sealed later than younger ones by as long as its transaction lasted.
GRACE = timedelta(minutes=5)
ROWS = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """The chain's last position and hash, how many events wait to be sealed, and what is wrong."""

    length: int
    head: str
    unsealed: int
    findings: tuple[Finding, ...]


def verify_log(session: Session, expected: Mapping[int, str] | None = None) -> Verification:
    """Walk the whole chain. `expected`: hashes noted outside, by position, which must still stand there."""
    found = walk(_links(session), expected)
    waiting = session.scalar(select(func.count()).select_from(UnsealedEvent)) or 0
    return Verification(found.length, found.head, waiting, (*found.findings, *_left_out(session, found.length)))


def _links(session: Session) -> Iterator[Link]:
    query = (
        select(AuditSeal, AuditEvent, AccountEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .outerjoin(AccountEvent, AccountEvent.id == AuditSeal.event_id)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=ROWS, populate_existing=True)
    )
    for seal, of_tenant, of_account in session.execute(query):
        event = of_tenant or of_account
        yield Link(
            seal.position,
            seal.previous,
            seal.hash,
            instant(seal.sealed_at),
            str(seal.event_id),
            content_of(event) if event else None,
        )


def _left_out(session: Session, length: int) -> Iterator[Finding]:
    """Events that are not in the chain and ought to be, or that are gone and have not been in it yet."""
    for event_id in session.scalars(select(UnsealedEvent.event_id).where(~is_there()).order_by(UnsealedEvent.id)):
        yield Finding(length + 1, "deleted", "its event was gone before it could be sealed", str(event_id))
    last = session.scalar(select(func.max(AuditSeal.sealed_at)))
    if last is None:
        return
    for model in EVENT_MODELS:
        is_sealed = select(AuditSeal.position).where(AuditSeal.event_id == model.id).exists()
        for event_id in session.scalars(select(model.id).where(model.at < last - GRACE, ~is_sealed)):
            note = "older than the last seal and not in the chain: put in past the log, or kept from the sealer"
            yield Finding(length + 1, "unsealed", note, str(event_id))

"""Domains of enterprises, recorded by the operator from a public register; and whether an address is in one."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.claims.models import EnterpriseDomain
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.reference.mail_domains import is_free_mail
from maturity.tenancy.outside import outside

SHOWN = 200


def record_domain(
    session: Session, operator_id: uuid.UUID, uscc: str, domain: str, source: str, *, actor_id: int, clock: Clock
) -> EnterpriseDomain:
    """Note that a domain is an enterprise's; `Invalid` for one in which anybody can have an address."""
    if is_free_mail(domain):
        raise Invalid("domain_is_free_mail")
    row = EnterpriseDomain(
        id=uuid.uuid4(),
        tenant_id=operator_id,
        uscc=uscc,
        domain=domain,
        source=source,
        recorded_by=actor_id,
        recorded_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("domain_recorded_already") from error
    record(session, clock, "claim.domain_recorded", actor_id, operator_id, domain=domain, uscc=uscc)
    session.flush()
    return row


def domains_of(session: Session, operator_id: uuid.UUID) -> list[EnterpriseDomain]:
    query = (
        select(EnterpriseDomain)
        .where(EnterpriseDomain.tenant_id == operator_id)
        .order_by(EnterpriseDomain.recorded_at.desc(), EnterpriseDomain.id)
    )
    return list(session.scalars(query.limit(SHOWN)))


def remove_domain(
    session: Session, operator_id: uuid.UUID, domain_id: uuid.UUID, *, actor_id: int, clock: Clock
) -> None:
    """From now on it proves nothing; what it proved before stays."""
    query = select(EnterpriseDomain).where(EnterpriseDomain.id == domain_id)
    row = session.scalar(query.where(EnterpriseDomain.tenant_id == operator_id))
    if row is None:
        raise NotFound("domain")
    record(session, clock, "claim.domain_removed", actor_id, row.tenant_id, domain=row.domain, uscc=row.uscc)
    session.delete(row)
    session.flush()


def require_address_of(session: Session, uscc: str, email: str | None) -> None:
    """That a proved address is in a domain of the enterprise with this credit code, and not below or above it."""
    if not email:
        raise Invalid("claim_no_address")
    domain = email.rpartition("@")[2].lower()
    if is_free_mail(domain):
        raise Invalid("claim_free_mail")
    found = select(EnterpriseDomain.id).where(EnterpriseDomain.uscc == uscc, EnterpriseDomain.domain == domain)
    with outside(session):
        known = session.scalar(found.limit(1))
    if known is None:
        raise Invalid("claim_domain_unknown")

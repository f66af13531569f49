"""Certification bodies: what the operator recognises them for, and until when."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.certification.models import CertificationBody
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the operator writes down about a body."""

    number: str
    contact: str
    frameworks: tuple[str, ...]
    levels: tuple[int, ...]
    until: date


def body_of(session: Session, tenant_id: uuid.UUID) -> CertificationBody | None:
    return session.get(CertificationBody, tenant_id)


def is_recognised(session: Session, body_id: uuid.UUID, framework: str, level: int, on: date) -> bool:
    """Whether the body may certify this level of this framework on the day."""
    body = body_of(session, body_id)
    return body is not None and certifies(body, framework, level, on)


def certifies(body: CertificationBody, framework: str, level: int, on: date) -> bool:
    return body.status == "recognised" and on <= body.until and framework in body.frameworks and level in body.levels


def bodies_for(session: Session, framework: str, level: int, on: date) -> list[CertificationBody]:
    """Those that would take an application, by name."""
    found = session.scalars(select(CertificationBody).order_by(CertificationBody.name, CertificationBody.number))
    return [body for body in found if certifies(body, framework, level, on)]


def all_bodies(session: Session) -> list[CertificationBody]:
    return list(session.scalars(select(CertificationBody).order_by(CertificationBody.name, CertificationBody.number)))


def body_tenants(session: Session) -> Sequence[Tenant]:
    """Every tenant that is a certification body, for the operator."""
    with every_tenant(session, "operate"):
        return session.scalars(
            select(Tenant).where(Tenant.kind == "certification_body").order_by(Tenant.name, Tenant.id)
        ).all()


def body_tenant(session: Session, tenant_id: uuid.UUID) -> Tenant:
    found = next((tenant for tenant in body_tenants(session) if tenant.id == tenant_id), None)
    if found is None:
        raise NotFound("body")
    return found


def recognise(
    session: Session, tenant: Tenant, given: Recognition, *, actor_id: int | None, clock: Clock
) -> CertificationBody:
    """Recognise a body, or say anew what it is recognised for; both logs tell it."""
    if given.until < clock.today():
        raise Invalid("recognition_over")
    if not given.frameworks or not given.levels:
        raise Invalid("recognition_empty")
    tenant_id, name, now = tenant.id, tenant.name, clock.now()
    body = session.get(CertificationBody, tenant_id)
    if body is None:
        body = CertificationBody(tenant_id=tenant_id, recognised_by=actor_id, recognised_at=now, status="recognised")
        body.is_synthetic = tenant.is_synthetic
        session.add(body)
    body.name, body.number, body.contact = name, given.number, given.contact
    body.frameworks, body.levels, body.until = list(given.frameworks), list(given.levels), given.until
    body.changed_at = now
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise Conflict("recognition_number") from error
    _log(session, clock, tenant_id, "recognition.given", actor_id, number=given.number, until=given.until)
    return body


def change_recognition(
    session: Session, body: CertificationBody, status: str, reason: str, *, actor_id: int | None, clock: Clock
) -> None:
    """Suspend, restore or withdraw a recognition. What is withdrawn stays so; who begins again founds a new body."""
    if not reason.strip():
        raise Invalid("step_note_missing")
    if body.status == status:
        raise Conflict("step_not_now")
    body.status, body.status_reason, body.changed_at = status, reason.strip(), clock.now()
    session.flush()
    _log(session, clock, body.tenant_id, "recognition.changed", actor_id, status=status, reason=reason.strip()[:500])


def _log(
    session: Session, clock: Clock, tenant_id: uuid.UUID, event: str, actor_id: int | None, **details: str | date
) -> None:
    """Into the body's log and the operator's, which names the body."""
    body = session.get_one(CertificationBody, tenant_id)
    name = body.name
    session.flush()
    for owner in (tenant_id, PLATFORM):
        with for_tenant(session, owner):
            record(session, clock, event, actor_id, owner, body=name, **details)
            session.flush()

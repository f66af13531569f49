"""What the operator sees of an installation: tenants, jobs, messages, keys. Counts and names, never an answer.

To look inside a tenant the operator's staff states a reason, which the tenant finds in its own log; it is then open to
that person for an hour, to look and not to change.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.audit.models import UnsealedEvent
from maturity.audit.service import record
from maturity.campaigns.places import place_name
from maturity.campaigns.regulators import set_profile
from maturity.clock import Clock
from maturity.consulting.service import new_code
from maturity.db import every_tenant, for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.jobs.models import Job
from maturity.messages.models import Message
from maturity.tenancy.models import KINDS, Membership, StaffVisit, Tenant

VISIT_LASTS = timedelta(hours=1)
SHORTEST_REASON, LONGEST_REASON = 10, 300
PAGE = 50
#: Kinds that the operator founds; enterprises and consultancies register themselves, too.
FOUNDED_BY_OPERATOR = ("regulator", "certification_body", "consultancy")


@dataclass(frozen=True, slots=True)
class Overview:
    tenants: Mapping[str, int]  # by kind, without the demonstration
    synthetic: int
    jobs: Mapping[str, int]  # by state
    messages: Mapping[str, int]
    oldest_waiting: datetime | None
    unsealed: int
    data_free: int  # bytes


@dataclass(frozen=True, slots=True)
class TenantLine:
    tenant: Tenant
    members: int
    assessments: int


@dataclass(frozen=True, slots=True)
class TenantPage:
    lines: tuple[TenantLine, ...]
    total: int
    page: int
    pages: int


def overview(session: Session, data: Path) -> Overview:
    """How the installation stands, in a handful of counts."""
    with every_tenant(session, "operate"):
        return Overview(
            tenants=_counts(session, Tenant.kind, ~Tenant.is_synthetic),
            synthetic=session.scalar(select(func.count()).select_from(Tenant).where(Tenant.is_synthetic)) or 0,
            jobs=_counts(session, Job.state),
            messages=_counts(session, Message.state),
            oldest_waiting=session.scalar(select(func.min(Job.created_at)).where(Job.state == "queued")),
            unsealed=session.scalar(select(func.count()).select_from(UnsealedEvent)) or 0,
            data_free=shutil.disk_usage(data).free,
        )


def _counts(session: Session, column: Any, *where: Any) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(*where).group_by(column)).tuples()
    return dict(rows.all())


def tenants_page(session: Session, *, kind: str, text: str, page: int) -> TenantPage:
    """Tenants by name, fifty a page; the demonstration's enterprises are left out."""
    where: list[Any] = [~Tenant.is_synthetic]
    if kind in KINDS:
        where.append(Tenant.kind == kind)
    if text:
        where.append(or_(Tenant.name.contains(text, autoescape=True), Tenant.code == text.upper().replace("-", "")))
    members = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.tenant_id == Tenant.id, Membership.ended_at.is_(None))
        .scalar_subquery()
    )
    assessments = (
        select(func.count()).select_from(Assessment).where(Assessment.tenant_id == Tenant.id).scalar_subquery()
    )
    with every_tenant(session, "operate"):
        total = session.scalar(select(func.count()).select_from(Tenant).where(*where)) or 0
        pages = max(1, -(-total // PAGE))
        page = min(max(page, 1), pages)
        query = select(Tenant, members, assessments).where(*where).order_by(Tenant.name, Tenant.id)
        rows = session.execute(query.limit(PAGE).offset(PAGE * (page - 1))).tuples().all()
    return TenantPage(tuple(TenantLine(*row) for row in rows), total, page, pages)


def open_for_staff(
    session: Session, operator_id: uuid.UUID, tenant_id: uuid.UUID, reason: str, *, actor_id: int, clock: Clock
) -> str:
    """Let a member of the operator's staff look into a tenant for an hour, and say so in its log; returns its kind.

    Raises `Invalid` for a reason that says nothing and `NotFound` for a tenant that is not there.
    """
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid("staff_reason")
    with every_tenant(session, "operate"):
        tenant = session.get(Tenant, tenant_id)
        if tenant is None or tenant.id == operator_id:
            raise NotFound("tenant")
        now = clock.now()
        kind = tenant.kind
        visit = StaffVisit(
            id=uuid.uuid4(), tenant_id=tenant_id, user_id=actor_id, reason=reason, since=now, until=now + VISIT_LASTS
        )
        session.add(visit)
        session.flush()
        name = tenant.name
    with for_tenant(session, tenant_id):
        record(session, clock, "staff.opened", actor_id, tenant_id, reason=reason)
        session.flush()
    details = {"whose_id": str(tenant_id), "tenant": name[:200], "reason": reason}
    _note(session, operator_id, "operation.opened", actor_id, clock, **details)
    return kind


def _note(session: Session, operator_id: uuid.UUID, event: str, actor_id: int, clock: Clock, **details: str) -> None:
    """What the staff did stands in the operator's own log, too."""
    with for_tenant(session, operator_id):
        record(session, clock, event, actor_id, operator_id, **details)
        session.flush()


def found_tenant(
    session: Session, operator_id: uuid.UUID, kind: str, name: str, *, actor_id: int, clock: Clock
) -> Tenant:
    """A regulator, a certification body or a consultancy; its first owner is invited afterwards."""
    if kind not in FOUNDED_BY_OPERATOR:
        raise Invalid("tenant_kind")
    code = new_code() if kind == "consultancy" else None
    with every_tenant(session, "operate"):
        tenant = Tenant(id=uuid.uuid4(), kind=kind, name=name, code=code, created_at=clock.now())
        session.add(tenant)
        session.flush()
    details = {"whose_id": str(tenant.id), "tenant": name[:200]}
    _note(session, operator_id, "operation.founded", actor_id, clock, **details)
    return tenant


def record_jurisdiction(
    session: Session,
    operator_id: uuid.UUID,
    tenant_id: uuid.UUID,
    region: str,
    *,
    releases: bool,
    office: str,
    actor_id: int,
    clock: Clock,
) -> None:
    """Say where a regulator has a say; `Invalid` for a tenant of another kind, `NotFound` for none."""
    found = particulars(session, operator_id, tenant_id)
    if found.kind != "regulator":
        raise Invalid("not_a_regulator")
    with for_tenant(session, tenant_id):
        set_profile(session, tenant_id, region, releases=releases, office=office, actor_id=actor_id, clock=clock)
    details = {"whose_id": str(tenant_id), "tenant": found.name[:200], "place": place_name(region, "zh_CN")}
    _note(session, operator_id, "operation.jurisdiction_set", actor_id, clock, **details)


@dataclass(frozen=True, slots=True)
class Particulars:
    """A tenant as the operator may know it: who it is and how large, nothing that it wrote."""

    id: uuid.UUID
    kind: str
    name: str
    code: str | None
    created_at: datetime
    members: int
    assessments: int
    suspended_at: datetime | None
    suspended_because: str | None


def particulars(session: Session, operator_id: uuid.UUID, tenant_id: uuid.UUID) -> Particulars:
    """One tenant; `NotFound` for the operator's own, for the demonstration's and for none."""
    with every_tenant(session, "operate"):
        tenant = _tenant(session, operator_id, tenant_id)
        belong = (Membership.tenant_id == tenant_id) & Membership.ended_at.is_(None)
        members = session.scalar(select(func.count(Membership.user_id)).where(belong)) or 0
        assessments = session.scalar(select(func.count(Assessment.id)).where(Assessment.tenant_id == tenant_id)) or 0
        return Particulars(
            tenant.id,
            tenant.kind,
            tenant.name,
            tenant.code,
            tenant.created_at,
            members,
            assessments,
            tenant.suspended_at,
            tenant.suspended_because,
        )


def _tenant(session: Session, operator_id: uuid.UUID, tenant_id: uuid.UUID) -> Tenant:
    tenant = session.get(Tenant, tenant_id, with_for_update=True)
    if tenant is None or tenant.id == operator_id or tenant.is_synthetic:
        raise NotFound("tenant")
    return tenant


def suspend(
    session: Session, operator_id: uuid.UUID, tenant_id: uuid.UUID, reason: str, *, actor_id: int, clock: Clock
) -> None:
    """From now on the tenant's people look and change nothing; they read why.

    `Conflict` when it is suspended already.
    """
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid("staff_reason")
    with every_tenant(session, "operate"):
        tenant = _tenant(session, operator_id, tenant_id)
        if tenant.suspended_at is not None:
            raise Conflict("tenant_state")
        tenant.suspended_at, tenant.suspended_because = clock.now(), reason
        name = tenant.name
        session.flush()
    with for_tenant(session, tenant_id):
        record(session, clock, "tenant.suspended", actor_id, tenant_id, reason=reason)
        session.flush()
    details = {"whose_id": str(tenant_id), "tenant": name[:200], "reason": reason}
    _note(session, operator_id, "operation.suspended", actor_id, clock, **details)


def resume(session: Session, operator_id: uuid.UUID, tenant_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Lift the suspension; `Conflict` when there is none."""
    with every_tenant(session, "operate"):
        tenant = _tenant(session, operator_id, tenant_id)
        if tenant.suspended_at is None:
            raise Conflict("tenant_state")
        tenant.suspended_at = tenant.suspended_because = None
        name = tenant.name
        session.flush()
    with for_tenant(session, tenant_id):
        record(session, clock, "tenant.resumed", actor_id, tenant_id)
        session.flush()
    details = {"whose_id": str(tenant_id), "tenant": name[:200]}
    _note(session, operator_id, "operation.resumed", actor_id, clock, **details)

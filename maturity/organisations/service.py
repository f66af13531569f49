"""Registering an enterprise and keeping its particulars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.profile import build_profile
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.db import act_for
from maturity.errors import Conflict, NotFound
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import create_tenant


def register_enterprise(session: Session, values: Mapping[str, Any], *, owner_id: int, clock: Clock) -> Tenant:
    """A new tenant with its enterprise, unclaimed. Another tenant with the same code is neither touched nor told."""
    tenant = create_tenant(session, "enterprise", values["name"], owner_id, clock)
    act_for(session, tenant.id, owner_id)
    enterprise = Enterprise(tenant_id=tenant.id, created_at=clock.now(), **values)
    session.add(enterprise)
    session.flush()
    record(session, clock, "enterprise.registered", owner_id, tenant.id, enterprise_id=str(enterprise.id))
    return tenant


def enterprise_of(session: Session) -> Enterprise:
    """The enterprise of the session's tenant."""
    enterprise = session.scalar(select(Enterprise).order_by(Enterprise.created_at).limit(1))
    if enterprise is None:
        raise NotFound("tenant")
    return enterprise


def is_claimed(enterprise: Enterprise) -> bool:
    """Whether control of the credit code is proved."""
    return enterprise.claimed_at is not None


def require_claimed(session: Session) -> Enterprise:
    """The enterprise of the session's tenant, for what only a claimed one may do: to take part in campaigns, to be
    counted in benchmarks, to be certified, to have particulars filled in by its code. `Conflict` otherwise.
    """
    enterprise = enterprise_of(session)
    if not is_claimed(enterprise):
        raise Conflict("not_claimed")
    return enterprise


def change_enterprise(
    session: Session, enterprise: Enterprise, values: Mapping[str, Any], *, actor_id: int, clock: Clock
) -> None:
    """Change the particulars. Assessments already started keep the profile they were started with.

    A claimed enterprise keeps the code that was proved: `Conflict`, under the lock that claiming takes, too.
    """
    session.refresh(enterprise, with_for_update=True)
    if is_claimed(enterprise) and values["uscc"] != enterprise.uscc:
        raise Conflict("code_is_claimed")
    for column, value in values.items():
        setattr(enterprise, column, value)
    session.get_one(Tenant, enterprise.tenant_id).name = values["name"]
    record(session, clock, "enterprise.changed", actor_id, enterprise.tenant_id, enterprise_id=str(enterprise.id))
    session.flush()


def profile_of(enterprise: Enterprise) -> dict[str, Any]:
    """The profile an assessment started now would be frozen with."""
    return build_profile(
        {
            "industry": enterprise.industry,
            "region": enterprise.region,
            "headcount": enterprise.headcount,
            "revenue": enterprise.revenue_wan,
            "production_type": enterprise.production_type,
            "is_group": enterprise.is_group,
            "designs_products": enterprise.designs_products,
            "exports": enterprise.exports,
        }
    )

"""Enterprises with their tenant and members."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.organisations.service import register_enterprise
from maturity.tenancy.models import Membership, Tenant

USCC = "91110000600037341L"
VALUES: dict[str, Any] = {
    "name": "青岛海岳数控机床有限公司",
    "uscc": USCC,
    "industry": "342",
    "region": "370200",
    "headcount": 420,
    "revenue_wan": Decimal(36000),
    "production_type": "discrete_small_batch",
    "designs_products": True,
    "exports": False,
    "is_group": False,
}
#: The same enterprise as a person types it.
FORM: dict[str, str] = {
    "name": VALUES["name"],
    "uscc": USCC,
    "industry": "C342 Metalworking machinery",
    "region": "Qingdao",
    "headcount": "420",
    "revenue_wan": "36000",
    "production_type": "discrete_small_batch",
    "designs_products": "y",
}


def make_enterprise(
    session: Session, owner: User, clock: FixedClock, *, is_synthetic: bool = False, **values: Any
) -> Tenant:
    tenant = register_enterprise(session, VALUES | values, owner_id=owner.id, clock=clock)
    tenant.is_synthetic = is_synthetic
    session.flush()
    return tenant


def add_member(session: Session, tenant: Tenant, user: User, role: str, clock: FixedClock) -> None:
    session.add(Membership(tenant_id=tenant.id, user_id=user.id, role=role, created_at=clock.now()))
    session.flush()

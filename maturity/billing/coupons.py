"""Coupons: each once for a tenant, and no more often in all than the price list says."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.billing.models import CouponUse
from maturity.clock import Clock
from maturity.db import every_tenant
from maturity.errors import Invalid
from maturity.plans.model import Coupon


def require_unused(session: Session, tenant_id: uuid.UUID, coupon: Coupon) -> None:
    """`Invalid` where the tenant used it before, or all of them are gone. The session works for the tenant."""
    if session.get(CouponUse, (tenant_id, coupon.code)) is not None:
        raise Invalid("coupon_used", "coupon")
    with every_tenant(session, "operate"):
        used = session.scalar(select(func.count()).select_from(CouponUse).where(CouponUse.coupon == coupon.code)) or 0
    if used >= coupon.most:
        raise Invalid("coupon_gone", "coupon")


def take_coupon(session: Session, tenant_id: uuid.UUID, coupon: Coupon, used_for: uuid.UUID, clock: Clock) -> None:
    """Note that the tenant uses it for a checkout or an order; `Invalid` as with `require_unused`."""
    require_unused(session, tenant_id, coupon)
    try:
        with session.begin_nested():
            session.add(CouponUse(tenant_id=tenant_id, coupon=coupon.code, used_at=clock.now(), used_for=used_for))
    except IntegrityError as error:  # used at the same moment in another browser
        raise Invalid("coupon_used", "coupon") from error


def release_coupon(session: Session, used_for: uuid.UUID) -> None:
    """What was not bought after all used no coupon; saying so twice changes nothing."""
    for use in session.scalars(select(CouponUse).where(CouponUse.used_for == used_for)):
        session.delete(use)
    session.flush()

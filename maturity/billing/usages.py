"""How much of its limits a tenant uses, and whether a smaller plan would hold it.

Features above this one lend what they count (`count_by`): what evidence takes is known to evidence alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.entitlements.service import entitlements_of
from maturity.errors import Invalid
from maturity.plans.loader import current_price_list
from maturity.plans.model import LIMITS, Plan
from maturity.plans.usage import Usage
from maturity.tenancy.models import Grant, Membership, Tenant

Counter = Callable[[Session, Tenant, Clock], int]
#: Of each limit of which something is counted, how.
_COUNTERS: dict[str, Counter] = {}


def count_by(limit: str, counter: Counter) -> None:
    """Lend what counts a limit; said once for the process."""
    _COUNTERS[limit] = counter


def in_use(session: Session, tenant: Tenant, limit: str, clock: Clock) -> int:
    """In the limit's own unit; 0 where nobody counts it."""
    counter = _COUNTERS.get(limit)
    return counter(session, tenant, clock) if counter is not None else 0


@dataclass(frozen=True, slots=True)
class Used:
    limit: str
    usage: Usage


def used_limits(session: Session, tenant: Tenant, clock: Clock) -> list[Used]:
    """What is counted and limited for the kind of tenant, whether or not its plan of now has that limit."""
    now = entitlements_of(session, tenant, clock)
    return [
        Used(name, Usage(in_use(session, tenant, name, clock), now.limit(name)))
        for name in LIMITS
        if name in _COUNTERS and _concerns(tenant, name)
    ]


_CONCERN = {"enterprise": ("evidence_bytes",), "consultancy": ("members", "clients")}


def _concerns(tenant: Tenant, limit: str) -> bool:
    return limit in _CONCERN.get(tenant.kind, ())


def require_seats_hold(session: Session, tenant: Tenant, plan: Plan, seats: int, clock: Clock) -> None:
    """`TooFewSeats` where people or clients in use would not fit."""
    if not plan.per_seat:
        return
    needed = seats_needed(session, tenant, plan, clock)
    if seats < needed:
        raise TooFewSeats(needed, {name: in_use(session, tenant, name, clock) for name in plan.per_seat_limits})


class TooFewSeats(Invalid):
    """More is in use than so many seats hold. `needed` would hold it; `used` says what is in use by limit."""

    def __init__(self, needed: int, used: dict[str, int]) -> None:
        super().__init__("too_few_seats", "seats")
        self.needed, self.used = needed, used


def seats_needed(session: Session, tenant: Tenant, plan: Plan, clock: Clock) -> int:
    """The fewest seats that hold what is in use, beside what everybody of the kind has; at least the plan's least."""
    basic = current_price_list(clock.today()).basic(tenant.kind)
    free = basic.limits_for(1) if basic is not None else {}
    each = [
        _seats_for(in_use(session, tenant, name, clock), room, free.get(name))
        for name, room in plan.per_seat_limits.items()
    ]
    return max(plan.least_seats, *each) if each else plan.least_seats


def _seats_for(used: int, room: int, free: int | None) -> int:
    """
    >>> _seats_for(2, 1, 2), _seats_for(3, 1, 2), _seats_for(11, 10, 3), _seats_for(99, 10, None)
    (0, 3, 2, 0)
    """
    return 0 if free is None or used <= free else -(-used // room)


def _members(session: Session, tenant: Tenant, _clock: Clock) -> int:
    query = select(func.count()).select_from(Membership)
    return session.scalar(query.where(Membership.tenant_id == tenant.id, Membership.ended_at.is_(None))) or 0


def _clients(session: Session, tenant: Tenant, clock: Clock) -> int:
    live = (Grant.consultancy_id == tenant.id, Grant.revoked_at.is_(None), Grant.until >= clock.today())
    return session.scalar(select(func.count()).select_from(Grant).where(*live)) or 0


count_by("members", _members)
count_by("clients", _clients)

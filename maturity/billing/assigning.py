"""Plans that the operator gives by hand: by contract, for a trial, or where nothing is paid through the site."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import LOCAL, Clock
from maturity.db import for_tenant
from maturity.entitlements.models import PlanTerm
from maturity.entitlements.service import Given, end_term, rows_of, set_term
from maturity.errors import Invalid, NotFound
from maturity.plans.loader import current_price_list
from maturity.tenancy.models import Tenant

SOURCE = "operator"
#: What the command says of what it refuses.
ASSIGNING = {
    "tenant": "There is no such tenant.",
    "plan_not_sold": "That plan is not for this kind of tenant; see the price list.",
    "seats_out_of_range": "The plan does not hold so many seats.",
    "plan_in_the_past": "The last day is over.",
}


def assign_plan(
    session: Session, tenant_id: uuid.UUID, plan: str, until: date | None, seats: int, reason: str, clock: Clock
) -> PlanTerm:
    """Give a tenant a plan from now until the end of a day; what was given by hand before ends. The session works
    across tenants."""
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("tenant")
    prices = current_price_list(clock.today())
    offer = prices.plans.get(plan)
    if offer is None or offer.kind != tenant.kind:
        raise Invalid("plan_not_sold")
    if not offer.least_seats <= seats <= offer.most_seats:
        raise Invalid("seats_out_of_range")
    if until is not None and until < clock.today():
        raise Invalid("plan_in_the_past")
    now = clock.now()
    given = Given(plan, prices.version, seats, now, _end_of(until))
    with for_tenant(session, tenant_id):
        for earlier in rows_of(session, tenant_id):
            if earlier.source == SOURCE:
                end_term(session, tenant_id, SOURCE, earlier.source_id, now, clock)
        row = set_term(session, tenant_id, SOURCE, str(uuid.uuid4()), given, clock, note=reason)
        record(session, clock, "billing.plan_assigned", None, tenant_id, plan=plan, reason=reason)
        session.flush()
    return row


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day + timedelta(days=1), time(), LOCAL) if day is not None else None

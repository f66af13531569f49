"""The days and the place of a review, as the body plans them; both sides read them in their logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from maturity.certification.cases import Actor, log_both
from maturity.certification.models import CertificationCase
from maturity.certification.process import CaseFacts, due_of
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid

PLACES = ("remote", "on_site", "both")
#: In these the days may still change; a review under way keeps those it was planned for.
OPEN_IN = ("accepted", "planned")


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a review takes place, and its first and last day."""

    place: str
    first: date
    last: date


def set_plan(session: Session, case: CertificationCase, plan: Plan, actor: Actor, clock: Clock) -> None:
    """Write the plan down. Of a review that is planned already it moves the last day of the step under way, too."""
    session.refresh(case, with_for_update=True)
    if case.state not in OPEN_IN:
        raise Conflict("plan_too_late")
    if plan.place not in PLACES:
        raise Invalid("plan_place")
    if plan.last < plan.first:
        raise Invalid("plan_order")
    if plan.first < clock.today():
        raise Invalid("plan_past")
    case.place, case.review_from, case.review_until = plan.place, plan.first, plan.last
    if case.state == "planned":
        case.due_on = due_of("planned", CaseFacts("planned", clock.today(), review_until=plan.last))
    days = {"from_day": plan.first, "until": plan.last}
    log_both(session, clock, case, "case.dates_set", actor, case_id=str(case.id), **days)

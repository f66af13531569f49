"""Two who take a step at the same moment: one takes it, the other meets what the first has done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.certification.cases import steps_of
from maturity.certification.models import CertificationCase
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.errors import MaturityError
from maturity.extensions import db
from maturity.tenancy.models import Tenant
from tests.factories.certification import apply, make_applicant, make_body, make_case, step

pytestmark = pytest.mark.database
Taking = Callable[[Session], Any]


def at_once(app: Any, first: Taking, second: Taking) -> list[str]:
    """What came of each: empty, or the code of the refusal; sorted."""
    start = Barrier(2)

    def work(take: Taking) -> str:
        with app.app_context(), every_tenant(db.session()):
            writing.set(True)
            start.wait()
            try:
                take(db.session())
                db.session.commit()
                return ""
            except MaturityError as error:
                db.session.rollback()
                return error.code
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(work, (first, second)))


def test_of_two_who_decide_one_does(app: Any, session: Session, clock: FixedClock) -> None:
    made = make_case(session, clock, "recommended")
    session.commit()

    def refuse(by: str) -> Taking:
        return lambda own: step(own, made, "decide_refuse", getattr(made, by), clock, note="Not shown.")

    assert at_once(app, refuse("decider"), refuse("second")) == ["", "step_not_now"]
    session.expire_all()
    events = [row.event for row in steps_of(session, made.case(session))]
    assert events.count("decide_refuse") == 1
    assert made.case(session).decided_by in (made.decider.user_id, made.second.user_id)


def test_a_case_is_not_taken_back_and_refused_at_once(app: Any, session: Session, clock: FixedClock) -> None:
    made = make_case(session, clock, "recommended")
    session.commit()
    taken = at_once(
        app,
        lambda own: step(own, made, "decide_refuse", made.decider, clock, note="Not shown."),
        lambda own: step(own, made, "withdraw", made.owner, clock),
    )
    assert taken == ["", "step_not_now"]


def test_of_two_applications_of_an_enterprise_one_is_made(app: Any, session: Session, clock: FixedClock) -> None:
    client, owner, submission_id = make_applicant(session, clock)
    body, _ = make_body(session, clock)
    client_id, owner_id, body_id = client.id, owner.id, body.id
    session.commit()

    def taking(own: Session) -> CertificationCase:
        return apply(own, own.get_one(Tenant, client_id), own.get_one(User, owner_id), submission_id, body_id, clock)

    assert at_once(app, taking, taking) == ["", "application_running"]
    assert session.scalar(select(func.count()).select_from(CertificationCase)) == 1

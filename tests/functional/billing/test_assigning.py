"""Plans given by hand: `flask billing assign`."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.entitlements.models import PlanTerm
from maturity.entitlements.service import entitlements_of
from maturity.tenancy.models import Tenant


def run(app: Any, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["billing", "assign", *arguments])


def test_a_plan_is_given_until_the_end_of_a_day_with_its_reason_in_the_log(
    app: Any, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    session.commit()
    outcome = run(app, str(enterprise.id), "pro", "--until", "2026-12-31", "--reason", "Contract 118")
    assert outcome.output == "pro, 1 seats, until 2026-12-31\n"
    session.rollback()
    assert entitlements_of(session, enterprise, clock).plan.code == "pro"  # type: ignore[union-attr]  # it has one
    clock.at += timedelta(days=60)
    assert entitlements_of(session, enterprise, clock).plan.code == "free"  # type: ignore[union-attr]  # it has one
    assert "billing.plan_assigned" in session.scalars(select(AuditEvent.event)).all()


def test_given_again_it_follows_what_was_given_before_which_keeps_its_reason(
    app: Any, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    session.commit()
    run(app, str(enterprise.id), "pro", "--reason", "first")
    session.rollback()
    clock.at += timedelta(days=10)
    run(app, str(enterprise.id), "pro", "--reason", "second")
    session.rollback()
    rows = session.scalars(select(PlanTerm).order_by(PlanTerm.starts_at)).all()
    assert [row.note for row in rows] == ["first", "second"]
    assert rows[0].ends_at == rows[1].starts_at == clock.now()
    assert rows[1].ends_at is None


@pytest.mark.parametrize(
    ("plan", "more", "told"),
    [
        ("consultancy", (), "That plan is not for this kind of tenant"),
        ("gold", (), "That plan is not for this kind of tenant"),
        ("pro", ("--seats", "2"), "does not hold so many seats"),
        ("pro", ("--until", "2026-11-01"), "The last day is over."),
        ("pro", ("--until", "soon"), "does not match the format"),
    ],
)
def test_what_cannot_be_given_is_refused(
    app: Any, session: Session, enterprise: Tenant, plan: str, more: tuple[str, ...], told: str
) -> None:
    session.commit()
    outcome = run(app, str(enterprise.id), plan, "--reason", "because", *more)
    assert outcome.exit_code != 0
    assert told in outcome.output
    session.rollback()
    assert session.scalars(select(PlanTerm)).all() == []


def test_an_unknown_tenant_is_told(app: Any, session: Session, clock: FixedClock) -> None:
    outcome = run(app, str(uuid.uuid4()), "pro", "--reason", "because")
    assert outcome.exit_code != 0
    assert "There is no such tenant." in outcome.output

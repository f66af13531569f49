"""An enterprise with a draft, and its address for several people at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in

JSON = {"Accept": "application/json"}


@pytest.fixture
def owner(session: Session) -> User:
    user = make_user(session)
    session.commit()
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    return tenant


@pytest.fixture
def draft(session: Session, clock: FixedClock, tenant: Tenant) -> Assessment:
    assessment = make_assessment(session, tenant, clock)
    session.commit()
    return assessment


@pytest.fixture
def base(draft: Assessment) -> str:
    return f"/t/{draft.tenant_id}/assessments/{draft.id}"


@pytest.fixture
def clients(app: Any, owner: User) -> Callable[[int], list[Any]]:
    """Browsers of the owner, one for each tab."""

    def opened(count: int) -> list[Any]:
        tabs = [app.test_client() for _ in range(count)]
        for tab in tabs:
            sign_in(tab, owner)
        return tabs

    return opened


def at_once(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the tasks in threads that start together; their results in order."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        barrier.wait(timeout=20)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))

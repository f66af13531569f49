"""A submitted assessment with peers to compare it with, and everybody who may look at it."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.benchmarks.cells import CellKey
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in
from tests.factories.releases import make_population, publish_population

#: Of the maker of machine tools in Qingdao: division 34, Shandong, medium-sized.
PEERS = CellKey("34", "370000", "medium")


@pytest.fixture
def tenant(browser: Browser, session: Session, clock: FixedClock) -> Tenant:
    owner = make_user(session)
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    sign_in(browser.client, owner)
    return tenant


@pytest.fixture
def submitted(session: Session, tenant: Tenant, clock: FixedClock) -> Assessment:
    assessment = make_result(session, tenant, clock)
    session.commit()
    return assessment


def release_peers(session: Session, clock: FixedClock, count: int = 143, *, is_synthetic: bool = True) -> None:
    """Peers of the same industry, province and size, around 40 points; the same ones every time."""
    random = Random(7)
    names = ("capability", "outcome", "B", "S", "G", "X", "C", "E")
    values = {name: [min(max(random.gauss(40, 12), 0), 100) for _ in range(count)] for name in names}
    publish_population(session, clock, make_population([(PEERS, count)], values), is_synthetic=is_synthetic)
    session.commit()


@pytest.fixture
def peers(session: Session, clock: FixedClock) -> None:
    release_peers(session, clock)


@pytest.fixture
def base(submitted: Assessment) -> str:
    return f"/t/{submitted.tenant_id}/assessments/{submitted.id}"

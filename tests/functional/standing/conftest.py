"""An enterprise with a submitted result, releases to stand in, its people, and the operator's staff."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.benchmarks.build import build_release
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.parameters import CURRENT, load_parameters
from maturity.benchmarks.population import Population
from maturity.benchmarks.service import ask_for_release, publish, store_built
from maturity.clock import FixedClock
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.billing import on_plan
from tests.factories.claims import make_staff
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in
from tests.factories.releases import SECRET, make_population

#: Of the maker of machine tools in Qingdao, and of makers elsewhere.
OWN = CellKey("34", "370000", "medium")
NEAR = CellKey("34", "320000", "medium")
FAR = CellKey("39", "440000", "small")
SCORES = ("capability", "outcome", "B", "S", "G", "X", "C", "E")
RATES = ("cnc_rate", "equipment_digital_rate", "equipment_networked_rate", "online_purchase_rate", "online_sales_rate")
CRITERIA = ("rd_tools", "erp", "mes", "plm", "scm", "ecommerce", "smart_ready", "platform_use")


def peers(groups: Sequence[tuple[CellKey, int]], centre: float = 40, seed: int = 7) -> Population:
    """Contributors with every measure, around `centre`; the same ones every time."""
    count, random = sum(number for _, number in groups), Random(seed)
    values = {name: [min(max(random.gauss(centre, 12), 0), 100) for _ in range(count)] for name in (*SCORES, *RATES)}
    levels = np.array([1 + (value > 35) + (value > 48) for value in values["capability"]], dtype=np.int8)
    criteria: Mapping[str, Any] = {
        name: np.array([random.random() < 0.3 + 0.05 * index for _ in range(count)], dtype=np.int8)
        for index, name in enumerate(CRITERIA)
    }
    return replace(make_population(groups, values), level=levels, criteria=criteria)


def release(
    session: Session,
    clock: FixedClock,
    groups: Sequence[tuple[CellKey, int]],
    *,
    centre: float = 40,
    rules_version: str = CURRENT,
    period: int = 2025,
    is_synthetic: bool = False,
    edition: str | None = None,
    **more: Any,
) -> int:
    """A published release of such peers; its id."""
    about = {"cut_off_at": clock.now(), "rules_version": rules_version, "is_synthetic": is_synthetic, "clock": clock}
    made = ask_for_release(session, "lianghua", period, **about, **more)
    built = build_release(peers(groups, centre), load_parameters(), secret=SECRET)
    store_built(session, made, built, "0" * 64, edition)
    publish(session, made, clock)
    number = made.id
    session.commit()
    return number


@pytest.fixture
def owner(session: Session) -> User:
    return make_user(session)


@pytest.fixture
def tenant(browser: Browser, session: Session, clock: FixedClock, owner: User) -> Tenant:
    """On the plan that opens the trend."""
    made = make_enterprise(session, owner, clock)
    on_plan(session, made, "pro", clock)
    session.commit()
    sign_in(browser.client, owner)
    return made


def claim(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    session.scalars(select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one().claimed_at = clock.now()
    session.commit()


@pytest.fixture
def submitted(session: Session, tenant: Tenant, clock: FixedClock) -> uuid.UUID:
    """The id of the assessment, of an enterprise that is claimed."""
    assessment = make_result(session, tenant, clock)
    number = assessment.id
    claim(session, tenant, clock)
    return number


@pytest.fixture
def base(tenant: Tenant) -> str:
    return f"/t/{tenant.id}/benchmarks"


@pytest.fixture
def operator(app: Any, session: Session, clock: FixedClock) -> Browser:
    """Somebody of the operator's staff."""
    client: FlaskClient = app.test_client()
    sign_in(client, make_staff(session, clock))
    return Browser(client)


DESK = f"/t/{PLATFORM}/operation/objections"

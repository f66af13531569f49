"""A regulator with an editor, a second editor, a reviewer and a viewer signed in, and two published releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.campaigns import join, make_regulator
from tests.factories.people import sign_in
from tests.factories.yearly import make_release, make_report, run_jobs


@dataclass(slots=True)
class Desk:
    """The regulator's people, and where their pages are."""

    tenant: Tenant
    base: str
    editor: Browser
    colleague: Browser
    reviewer: Browser
    viewer: Browser


@pytest.fixture
def desk(app: Any, session: Session, clock: FixedClock) -> Desk:
    tenant = make_regulator(session, clock)
    tenant_id = tenant.id
    people = {
        name: join(session, tenant, clock, role)
        for name, role in (
            ("editor", "editor"),
            ("colleague", "editor"),
            ("reviewer", "reviewer"),
            ("viewer", "viewer"),
        )
    }
    browsers = {}
    for name, user in people.items():
        browsers[name] = Browser(app.test_client())
        sign_in(browsers[name].client, user)
    make_release(session, clock, 2024)
    make_release(session, clock, 2025)
    session.commit()
    return Desk(tenant, f"/t/{tenant_id}/yearly-reports", **browsers)


@pytest.fixture
def report_url(app: Any, session: Session, clock: FixedClock, desk: Desk) -> str:
    """A drafted report."""
    release = make_release_of(session)
    with for_tenant(session, desk.tenant.id):
        report = make_report(session, desk.tenant, release, clock)
        report_id = report.id
    session.commit()
    run_jobs(app, session, "yearly_draft")
    return f"{desk.base}/{report_id}"


def make_release_of(session: Session) -> Any:
    from sqlalchemy import select

    from maturity.benchmarks.models import BenchmarkRelease

    return session.scalars(select(BenchmarkRelease).where(BenchmarkRelease.period == 2025)).one()

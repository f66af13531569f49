"""Versions do not overwrite each other, whatever the order in which two editors come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.models import AggregateRead, BenchmarkRelease
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.service import lease_job
from maturity.jobs.worker import run_one
from maturity.tenancy.models import Tenant
from maturity.yearly import jobs, service
from maturity.yearly.models import YearlyFigures, YearlyFile, YearlyReport, YearlyVersion
from maturity.yearly.paper import Block, Paper
from maturity.yearly.service import ReportChanged
from tests.factories.campaigns import join, make_regulator
from tests.factories.yearly import make_release, make_report, run_jobs


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    return make_regulator(session, clock)


@pytest.fixture
def approver(session: Session, clock: FixedClock, tenant: Tenant) -> int:
    return join(session, tenant, clock, "reviewer").id


@pytest.fixture
def release(session: Session, clock: FixedClock) -> BenchmarkRelease:
    make_release(session, clock, 2024)
    release = make_release(session, clock, 2025)
    session.commit()
    return release


@pytest.fixture
def report(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, release: BenchmarkRelease
) -> Iterator[YearlyReport]:
    """A drafted report, and the session working for its tenant."""
    with for_tenant(session, tenant.id):
        made = make_report(session, tenant, release, clock)
        session.commit()
    run_jobs(app, session, "yearly_draft")
    with for_tenant(session, tenant.id):
        yield service.find_report(session, made.id)


def _with(session: Session, report: YearlyReport, section: str, text: str) -> Any:
    found = Paper.of(service.newest_version(session, report).body).section(section)
    assert found is not None
    return replace(found, blocks=(*found.blocks, Block("paragraph", text)))


def test_the_later_of_two_editors_of_a_section_is_told(
    session: Session, clock: FixedClock, tenant: Tenant, report: YearlyReport
) -> None:
    one, other = _with(session, report, "summary", "甲"), _with(session, report, "summary", "乙")
    service.save_section(session, tenant, report, one, 1, actor_id=None, clock=clock)
    with pytest.raises(ReportChanged) as told:
        service.save_section(session, tenant, report, other, 1, actor_id=None, clock=clock)
    assert told.value.current.version == 2


def test_the_same_again_is_no_version(
    session: Session, clock: FixedClock, tenant: Tenant, report: YearlyReport
) -> None:
    same = Paper.of(service.newest_version(session, report).body).sections[0]
    assert service.save_section(session, tenant, report, same, 1, actor_id=None, clock=clock).version == 1


def test_what_is_published_is_not_edited(
    session: Session, clock: FixedClock, tenant: Tenant, approver: int, report: YearlyReport
) -> None:
    service.approve(session, report, 1, actor_id=approver, clock=clock)
    report.state = "publishing"
    report.number = "YR-1"
    service.keep_files(session, report, 1, {"pdf": b"p", "docx": b"d"}, is_final=True, clock=clock)
    assert report.state == "published"
    with pytest.raises(Conflict):
        service.save_section(
            session, tenant, report, _with(session, report, "summary", "甲"), 1, actor_id=None, clock=clock
        )
    service.keep_files(session, report, 1, {"pdf": b"other", "docx": b"other"}, is_final=True, clock=clock)
    assert set(session.scalars(select(YearlyFile.size))) == {1}  # a late worker changes nothing
    session.rollback()


def test_only_a_published_release_is_written_about(
    session: Session, clock: FixedClock, tenant: Tenant, release: BenchmarkRelease
) -> None:
    with for_tenant(session, tenant.id), pytest.raises(Invalid):
        make_report(session, tenant, release, clock, code="999999", kind="region")
    session.rollback()


def test_a_draft_is_finished_after_its_worker_was_lost(
    app: Any,
    session: Session,
    clock: FixedClock,
    tenant: Tenant,
    release: BenchmarkRelease,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed after the figures were read: the next attempt drafts once, and every reading is in the ledger."""
    with for_tenant(session, tenant.id):
        report_id = make_report(session, tenant, release, clock).id
        session.commit()
    job_id = session.scalars(select(Job.id).where(Job.kind == "yearly_draft")).one()
    session.rollback()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "draft_of", _killed)
        with pytest.raises(SystemExit):
            run_one(app, job_id, HANDLERS)
    session.rollback()
    reads = len(session.scalars(select(AggregateRead.id)).all())
    assert reads > 0
    assert session.scalar(select(YearlyVersion.version)) is None
    session.rollback()
    clock.at += timedelta(minutes=5)
    run_one(app, job_id, HANDLERS)
    session.rollback()
    session.expire_all()
    row = session.get_one(YearlyReport, report_id)
    assert row.state == "draft"
    assert session.scalars(select(YearlyVersion.version)).all() == [1]
    assert len(session.scalars(select(YearlyFigures.report_id)).all()) == 1
    assert len(session.scalars(select(AggregateRead.id)).all()) > reads
    session.rollback()


def _killed(*_arguments: Any) -> None:
    raise SystemExit


def test_files_are_stored_together_or_not_at_all(
    app: Any,
    session: Session,
    clock: FixedClock,
    approver: int,
    report: YearlyReport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service.approve(session, report, 1, actor_id=approver, clock=clock)
    job_id = service.ask_to_publish(session, report, is_public=True, actor_id=approver, clock=clock).id
    session.commit()
    monkeypatch.setattr(jobs, "html_of", lambda *_a: "<p>page</p>")
    monkeypatch.setattr(jobs, "docx_of", lambda *_a: b"word")
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "render_pdf", _killed)
        with pytest.raises(SystemExit):
            run_one(app, job_id, HANDLERS)
    session.rollback()
    session.expire_all()
    assert (report.state, session.scalar(select(YearlyFile.size))) == ("publishing", None)
    session.rollback()
    monkeypatch.setattr(jobs, "render_pdf", lambda *_a: b"%PDF-")
    clock.at += timedelta(minutes=5)
    run_one(app, job_id, HANDLERS)
    session.rollback()
    session.expire_all()
    assert report.state == "published"
    assert set(session.scalars(select(YearlyFile.ending))) == {"pdf", "docx"}
    session.rollback()


def test_a_lost_lease_is_taken_by_the_next(
    session: Session, clock: FixedClock, tenant: Tenant, release: BenchmarkRelease
) -> None:
    with for_tenant(session, tenant.id):
        make_report(session, tenant, release, clock)
        session.commit()
    job_id = session.scalars(select(Job.id).where(Job.kind == "yearly_draft")).one()
    assert lease_job(session, job_id, clock) is not None
    assert lease_job(session, job_id, clock) is None
    session.rollback()

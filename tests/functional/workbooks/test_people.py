"""Who may do what with workbooks: sections of contributors, lookers-on, closed revisions, and what is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, SectionAssignment
from maturity.clock import FixedClock
from maturity.tenancy.models import Membership, Tenant
from maturity.workbooks.models import WorkbookUpload
from tests.factories.assessments import answer_all, submit
from tests.functional.workbooks.conftest import Desk, Stored, member, work

FILLED = {"it_investment": 480, "operating_revenue": 36000}


@pytest.fixture
def contributor(app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk, draft: Assessment) -> Desk:
    """Somebody who answers the infrastructure and nothing else."""
    found = member(app, session, clock, tenant, desk, "contributor")
    user_id = session.scalars(
        select(Membership.user_id).where(Membership.tenant_id == tenant.id, Membership.role == "contributor")
    ).one()
    session.add(
        SectionAssignment(
            tenant_id=tenant.id,
            assessment_id=draft.id,
            section="infrastructure",
            user_id=user_id,
            assigned_at=clock.now(),
        )
    )
    session.commit()
    session.expunge_all()
    return found


def test_a_contributor_gets_the_own_sections(contributor: Desk, desk: Desk) -> None:
    titles = contributor.download().book.sheetnames
    assert "Infrastructure and spending" in titles
    assert "Digital R&D and design" not in titles


def test_a_contributor_brings_in_the_own_sections_only(contributor: Desk, desk: Desk, stored: Stored) -> None:
    """Even with a colleague's workbook of all sections; and what the others hold is not told."""
    sheets = desk.download().fill(**FILLED, design_tools="By hand or with office software")
    preview = contributor.upload(sheets)
    assert "belong to sections that are not yours" in preview.text
    assert "By hand" not in preview.text
    contributor.apply(preview)
    assert stored.answer("it_investment") is not None
    assert stored.answer("design_tools") is None


@pytest.mark.parametrize("role", ["viewer", "reviewer", "signatory"])
def test_who_does_not_answer_downloads_and_uploads_nothing(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk, role: str
) -> None:
    other = member(app, session, clock, tenant, desk, role)
    other.upload(other.download(), status=403)
    assert 'id="file"' not in other.page().html


def test_a_submitted_assessment_takes_no_workbook(
    session: Session, clock: FixedClock, desk: Desk, draft: Assessment
) -> None:
    sheets = desk.download().fill(**FILLED)
    preview = desk.upload(sheets)
    session.add(draft)
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    session.expunge_all()
    assert "Workbooks can be uploaded to a draft only" in desk.page().text
    desk.upload(sheets, status=409)
    desk.browser.get(preview.path, 409)
    desk.browser.post(f"{preview.path}/apply", {"seen": "x"}, 409)


def test_a_workbook_is_forgotten_after_a_week(app: Any, session: Session, clock: FixedClock, desk: Desk) -> None:
    preview = desk.upload(desk.download().fill(**FILLED))
    clock.at += timedelta(days=7, minutes=1)
    assert "kept for seven days" in desk.browser.get(preview.path, 409).text
    assert work(app, session, "workbook_expiry") == 1
    upload = session.scalars(select(WorkbookUpload)).one()
    assert (upload.state, upload.cells) == ("expired", {})
    session.rollback()


def test_what_was_decided_is_not_kept(session: Session, desk: Desk) -> None:
    desk.apply(desk.upload(desk.download().fill(**FILLED)))
    upload = session.scalars(select(WorkbookUpload)).one()
    assert (upload.state, upload.cells, upload.changed) == ("applied", {}, 1)
    session.rollback()


def test_the_log_says_what_came_from_a_workbook(session: Session, desk: Desk) -> None:
    from maturity.audit.models import AuditEvent

    desk.apply(desk.upload(desk.download().fill(**FILLED)))
    details = session.scalars(select(AuditEvent.details).where(AuditEvent.event == "workbook.applied")).one()
    session.rollback()
    assert details["answers"] == 1

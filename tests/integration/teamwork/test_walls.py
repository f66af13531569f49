"""The walls around what colleagues say and agree: in the schema, in the ORM, and in PostgreSQL's own policies."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, SectionAssignment, SignOff
from maturity.clock import FixedClock
from maturity.db import EVERY_TENANT, for_tenant
from maturity.teamwork.models import Comment, Mention, Presence, Reminder, ResolvedThread
from maturity.tenancy.models import Tenant
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.teamwork import make_comment

NOW = datetime(2026, 11, 24, tzinfo=UTC)
#: A row of each table, by its columns beside tenant, assessment and person.
ROWS: dict[Any, dict[str, Any]] = {
    SectionAssignment: {"section": "rd", "assigned_at": NOW},
    SignOff: {"requested_at": NOW},
    Comment: {"question_id": "it_staff", "body": "?", "written_at": NOW},
    ResolvedThread: {"question_id": "it_staff", "resolved_at": NOW},
    Presence: {"question_id": "it_staff", "until": NOW},
    Reminder: {"day": date(2026, 11, 24)},
}
WITH_PERSON = (SectionAssignment, Presence, Reminder)


@pytest.fixture
def two(session: Session, clock: FixedClock) -> tuple[Tenant, Tenant]:
    return _tenant(session, clock), _tenant(session, clock)


def _tenant(session: Session, clock: FixedClock) -> Tenant:
    return make_enterprise(session, make_user(session), clock)


@pytest.fixture
def draft(session: Session, clock: FixedClock, two: tuple[Tenant, Tenant]) -> Assessment:
    return make_assessment(session, two[0], clock)


def row(session: Session, table: Any, tenant_id: uuid.UUID, draft: Assessment) -> Any:
    person = {"user_id": make_user(session).id} if table in WITH_PERSON else {}
    return table(tenant_id=tenant_id, assessment_id=draft.id, **person, **ROWS[table])


@pytest.mark.parametrize("table", ROWS, ids=lambda table: table.__tablename__)
def test_a_row_on_another_enterprises_assessment_is_refused(
    session: Session, two: tuple[Tenant, Tenant], draft: Assessment, table: Any
) -> None:
    session.add(row(session, table, two[0].id, draft))
    session.flush()  # on the own one it is taken
    session.add(row(session, table, two[1].id, draft))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_mention_in_another_enterprises_comment_is_refused(
    session: Session, two: tuple[Tenant, Tenant], draft: Assessment, clock: FixedClock
) -> None:
    comment = make_comment(session, draft, clock)
    session.add(Mention(tenant_id=two[1].id, comment_id=comment.id, user_id=make_user(session).id))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("table", ROWS, ids=lambda table: table.__tablename__)
def test_another_enterprise_sees_no_row(
    session: Session, two: tuple[Tenant, Tenant], draft: Assessment, table: Any
) -> None:
    session.add(row(session, table, two[0].id, draft))
    session.commit()
    session.info[EVERY_TENANT] = False
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    for tenant, seen in zip(two, (1, 0), strict=True):
        with for_tenant(session, tenant.id):
            assert session.scalar(select(func.count()).select_from(table)) == seen
            if is_postgresql:  # past the ORM, too
                raw = text(f"select count(*) from {table.__tablename__}")
                assert session.connection().execute(raw).scalar() == seen
    session.info[EVERY_TENANT] = True


def test_one_request_for_a_signature_is_open_at_most(session: Session, draft: Assessment) -> None:
    for state in ("returned", "open"):
        decided = {"decided_at": NOW, "note": "?"} if state == "returned" else {}
        session.add(
            SignOff(tenant_id=draft.tenant_id, assessment_id=draft.id, state=state, requested_at=NOW, **decided)
        )
    session.flush()
    session.add(SignOff(tenant_id=draft.tenant_id, assessment_id=draft.id, requested_at=NOW))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_person_is_reminded_once_a_day_whatever_is_tried(session: Session, draft: Assessment) -> None:
    key = {"tenant_id": draft.tenant_id, "assessment_id": draft.id, "user_id": make_user(session).id}
    session.add(Reminder(**key, day=date(2026, 11, 24)))
    session.flush()
    session.expunge_all()
    session.add(Reminder(**key, day=date(2026, 11, 24)))
    with pytest.raises(IntegrityError):
        session.flush()

"""The current answer and its history, row by row, and the wall between enterprises in the schema."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.assessments.answering import AnswerConflict, answer_history, save_answer
from maturity.assessments.models import Answer, AnswerVersion, Assessment, Submission
from maturity.assessments.service import earlier_facts, get_assessment, revise_assessment
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.editions.service import framework_by_hash
from maturity.errors import Conflict, NotFound
from maturity.tenancy.models import Tenant
from tests.factories.assessments import answer, answer_all, make_assessment, make_result, submit
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_the_history_is_read_newest_first(session: Session, draft: Assessment, clock: FixedClock) -> None:
    for number in ("3", "5", "4"):
        answer(session, draft, "it_staff", clock, it_staff=number)
    assert [row.facts["it_staff"] for row in answer_history(session, draft.id, "it_staff")] == ["4", "5", "3"]


def test_the_current_answer_is_the_last_of_its_history(session: Session, draft: Assessment, clock: FixedClock) -> None:
    for number in ("3", "5"):
        answer(session, draft, "it_staff", clock, it_staff=number)
    current = session.scalars(select(Answer)).one()
    last = answer_history(session, draft.id, "it_staff")[0]
    session.refresh(current)
    assert (current.facts, current.version, current.saved_at) == (last.facts, last.version, last.saved_at)


def test_the_history_refuses_a_second_row_of_the_same_version(
    session: Session, draft: Assessment, clock: FixedClock
) -> None:
    answer(session, draft, "it_staff", clock, it_staff="3")
    session.add(AnswerVersion(**row(draft.tenant_id, draft, question_id="it_staff")))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_save_that_lost_writes_nothing_at_all(session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer(session, draft, "it_staff", clock, it_staff="3")
    framework = framework_by_hash(session, draft.edition_sha256)
    how: dict[str, Any] = {"seen_version": 0, "skip": False, "actor_id": None, "clock": clock}
    with pytest.raises(AnswerConflict) as caught:
        save_answer(session, draft, framework, "it_staff", {"it_staff": "9"}, **how)
    assert caught.value.current.facts == {"it_staff": "3"}
    assert session.scalar(select(func.count()).select_from(AnswerVersion)) == 1


def test_a_correction_begins_its_own_history(session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer_all(session, draft, clock)
    answer(session, draft, "it_staff", clock, it_staff="9")
    submit(session, draft, clock)
    correction = revise_assessment(session, draft, draft.profile, actor_id=None, clock=clock)
    assert [(v.version, v.facts) for v in answer_history(session, correction.id, "it_staff")] == [
        (1, {"it_staff": "9"})
    ]
    assert len(answer_history(session, draft.id, "it_staff")) == 2


def test_only_the_latest_revision_can_be_corrected(session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    revise_assessment(session, draft, draft.profile, actor_id=None, clock=clock)
    with pytest.raises(Conflict, match="assessment_revised_already"):
        revise_assessment(session, draft, draft.profile, actor_id=None, clock=clock)


@pytest.fixture
def other(session: Session, clock: FixedClock) -> Tenant:
    """Another enterprise."""
    tenant = make_enterprise(session, make_user(session), clock)
    session.commit()
    return tenant


def row(tenant_id: Any, assessment: Assessment, **more: Any) -> dict[str, Any]:
    """The columns of an answer."""
    values = {"question_id": "cio_level", "facts": {}, "state": "empty", "version": 1, "saved_at": NOW}
    return {"tenant_id": tenant_id, "assessment_id": assessment.id, **values, **more}


def submission(tenant_id: Any, assessment: Assessment) -> Submission:
    return Submission(
        tenant_id=tenant_id,
        assessment_id=assessment.id,
        document="{}",
        sha256="0" * 64,
        level=1,
        capability=0,
        capability_exact="0",
        outcome=0,
        outcome_exact="0",
        declared_name="A",
        declared_title="B",
        submitted_at=NOW,
    )


def correction(tenant_id: Any, assessment: Assessment, session: Session, clock: FixedClock) -> Assessment:
    """A draft of one enterprise that says it corrects an assessment of another."""
    own = make_assessment(session, session.get_one(Tenant, tenant_id), clock, 2024)
    own.previous_id = assessment.id
    return own


ACROSS = {
    "an answer": lambda tenant_id, assessment: Answer(**row(tenant_id, assessment)),
    "a version of an answer": lambda tenant_id, assessment: AnswerVersion(**row(tenant_id, assessment)),
    "a submission": submission,
}


@pytest.mark.parametrize("make", ACROSS.values(), ids=list(ACROSS))
def test_the_database_refuses_a_row_on_another_enterprises_assessment(
    session: Session, draft: Assessment, other: Tenant, make: Any
) -> None:
    session.add(make(other.id, draft))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("make", ACROSS.values(), ids=list(ACROSS))
def test_the_same_row_on_ones_own_assessment_is_taken(session: Session, draft: Assessment, make: Any) -> None:
    """So that the refusal above is for the tenant and nothing else."""
    session.add(make(draft.tenant_id, draft))
    session.flush()


def test_the_database_refuses_to_correct_another_enterprises_assessment(
    session: Session, draft: Assessment, other: Tenant, clock: FixedClock
) -> None:
    correction(other.id, draft, session, clock)
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(("status", "submitted_at"), [("draft", NOW), ("submitted", None), ("forgotten", None)])
def test_the_database_refuses_a_state_that_cannot_be(
    session: Session, draft: Assessment, status: str, submitted_at: datetime | None
) -> None:
    draft.status, draft.submitted_at = status, submitted_at
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_assessment_of_another_enterprise_is_not_there(session: Session, draft: Assessment, other: Tenant) -> None:
    session.info["every_tenant"] = False
    with for_tenant(session, other.id), pytest.raises(NotFound):
        get_assessment(session, draft.id)
    with for_tenant(session, draft.tenant_id):
        assert get_assessment(session, draft.id).id == draft.id
    session.info["every_tenant"] = True


def test_the_nearest_earlier_year_is_the_one_compared_with(
    session: Session, tenant: Tenant, draft: Assessment, clock: FixedClock
) -> None:
    make_result(session, tenant, clock, 2024)
    assert earlier_facts(session, draft)["it_staff"] == "6"
    clock.at = clock.at.replace(year=2027)
    next_year = make_assessment(session, tenant, clock, 2026)
    assert earlier_facts(session, next_year)["it_staff"] == "6"  # 2025 is still a draft
    answer_all(session, draft, clock)
    answer(session, draft, "it_staff", clock, it_staff="8")
    submit(session, draft, clock)
    assert earlier_facts(session, next_year)["it_staff"] == "8"

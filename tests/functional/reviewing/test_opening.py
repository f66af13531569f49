"""Before the file opens: the declaration of independence, and what refuses somebody at the door, on record."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.certification.models import IndependenceDeclaration, ReviewRefusal
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.certification_review import Review, make_review
from tests.factories.enterprises import add_member
from tests.factories.people import keep
from tests.functional.reviewing.conftest import SignedIn, file_of


@pytest.fixture
def undeclared(session: Session, clock: FixedClock) -> Review:
    made = make_review(session, clock, state="planned", declared=False)
    keep(session)
    return made


@pytest.fixture
def reader(undeclared: Review, as_user: SignedIn) -> Browser:
    return as_user(undeclared.lead)


def rows(session: Session, query: Any) -> list[Any]:
    session.rollback()
    found = list(session.scalars(query))
    session.expunge_all()
    session.rollback()
    return found


@pytest.mark.parametrize("page", ["", "result", "letter", "recommendation", "minutes.pdf"])
def test_every_page_of_the_file_leads_to_the_declaration_first(undeclared: Review, reader: Browser, page: str) -> None:
    shown = reader.get(file_of(undeclared, page) if page else file_of(undeclared))
    assert "Declaration of independence" in shown.text
    assert "data-item" not in shown.html


def test_without_the_tick_the_file_stays_closed(session: Session, undeclared: Review, reader: Browser) -> None:
    page = reader.post(file_of(undeclared, "independence"), status=422)
    assert "Without it the file stays closed" in page.text
    assert rows(session, select(IndependenceDeclaration)) == []


def test_the_declaration_is_kept_word_for_word_and_opens_the_file(
    session: Session, undeclared: Review, reader: Browser
) -> None:
    said = reader.get(file_of(undeclared)).text
    page = reader.post(file_of(undeclared, "independence"), {"declared": "y"})
    assert "data-item" in page.html
    (row,) = rows(session, select(IndependenceDeclaration))
    assert (row.user_id, row.user_name) == (undeclared.lead.id, "赵评审")
    assert row.text in said
    assert "3 years" in row.text


def test_a_review_is_not_begun_before_the_lead_has_declared(undeclared: Review, reader: Browser) -> None:
    assert "Declaration of independence" in reader.post(file_of(undeclared, "begin")).text
    reader.post(file_of(undeclared, "independence"), {"declared": "y"})
    assert "The review has begun" in reader.post(file_of(undeclared, "begin")).text


def test_a_conflict_found_when_the_file_is_opened_closes_it_on_record(
    session: Session, clock: FixedClock, review: Review, lead: Browser, as_user: SignedIn
) -> None:
    lead.get(file_of(review))
    add_member(session, session.get_one(Tenant, review.body_id), review.client_owner, "owner", clock)
    keep(session)
    page = lead.get(file_of(review), status=403)
    assert "somebody who owns the certification body has a tie to this enterprise" in page.text
    lead.get(file_of(review), status=403)  # the same day: no second record
    (row,) = rows(session, select(ReviewRefusal))
    assert (row.user_id, row.stage, row.code) == (review.lead.id, "open", "body_linked")
    told = select(AuditEvent).where(AuditEvent.event == "review.refused", AuditEvent.tenant_id == review.client_id)
    assert len(rows(session, told)) == 1
    reply = lead.client.post(file_of(review, "items", "it_investment"), headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json["error"]) == (403, "reviewer_conflicted")

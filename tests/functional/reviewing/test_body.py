"""In the certification body: qualifications, interests, the team of a case, its sample, its minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.certification.models import CaseItem, CertificationCase, ReviewerInterest, ReviewRefusal
from maturity.clock import FixedClock
from maturity.tenancy.models import ReviewAssignment, Tenant
from tests.conftest import Browser
from tests.factories.certification_review import Review, expire_qualifications, make_review, make_reviewer
from tests.factories.enterprises import USCC, add_member
from tests.factories.people import keep, make_user
from tests.functional.reviewing.conftest import SignedIn, body_of

QUALIFICATION = {
    "certificate_number": "PSY-2026-0077",
    "valid_until": "2028-12-31",
    "highest_level": "4",
    "frameworks": ["lianghua"],
    "divisions": ["34"],
}


@pytest.fixture
def accepted(session: Session, clock: FixedClock) -> Review:
    """A case without team and sample."""
    made = make_review(session, clock, state="accepted")
    keep(session)
    return made


@pytest.fixture
def chief(accepted: Review, as_user: SignedIn) -> Browser:
    return as_user(accepted.manager)


def rows(session: Session, table: Any) -> list[Any]:
    session.rollback()
    found = list(session.scalars(select(table)))
    session.expunge_all()
    session.rollback()
    return found


def give(browser: Browser, review: Review, user: User, part: str, status: int = 200) -> Any:
    address = body_of(review, "cases", str(review.case_id), "assignments")
    return browser.post(address, {"person": str(user.id), "part": part}, status=status)


# Reviewers


def test_a_qualification_is_entered_and_withdrawn(accepted: Review, chief: Browser) -> None:
    address = body_of(accepted, "reviewers", str(accepted.lead.id))
    page = chief.post(address, QUALIFICATION)
    assert "PSY-2026-0077" in page.text
    withdraw = page.html.split("PSY-2026-0077")[1].split('action="')[1].split('"')[0]
    assert "withdrawn" in chief.post(withdraw).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"certificate_number": ""}, "Enter the number"),
        ({"valid_until": "soon"}, "Enter a day such as"),
        ({"valid_until": "2020-01-01"}, "over already"),
        ({"divisions": []}, "at least one division"),
        ({"frameworks": []}, "at least one framework"),
    ],
)
def test_what_is_no_qualification_is_refused_and_what_was_typed_stays(
    accepted: Review, chief: Browser, changes: dict[str, Any], said: str
) -> None:
    page = chief.post(body_of(accepted, "reviewers", str(accepted.lead.id)), QUALIFICATION | changes, status=422)
    assert said in page.text
    assert "PSY-2026-0077" in page.html or "certificate_number" in changes


def test_a_reviewer_reads_the_list_and_enters_nothing(accepted: Review, as_user: SignedIn) -> None:
    browser = as_user(accepted.lead)
    assert "赵评审" in browser.get(body_of(accepted, "reviewers")).text
    browser.get(body_of(accepted, "reviewers", str(accepted.lead.id)), status=403)
    browser.post(body_of(accepted, "reviewers", str(accepted.lead.id)), QUALIFICATION, status=403)


def test_whoever_is_of_no_body_is_no_reviewer(session: Session, accepted: Review, chief: Browser) -> None:
    stranger = make_user(session)
    keep(session)
    chief.get(body_of(accepted, "reviewers", str(stranger.id)), status=404)


INTEREST = {"whose": "own", "enterprise": "海岳数控", "uscc": USCC, "kind": "consulting", "until": "", "note": ""}


def test_an_interest_is_declared_by_its_own_person_and_of_the_body_by_its_manager(
    session: Session, accepted: Review, chief: Browser, as_user: SignedIn
) -> None:
    as_user(accepted.lead).post(body_of(accepted, "reviewers"), INTEREST)
    as_user(accepted.lead).post(body_of(accepted, "reviewers"), INTEREST | {"whose": "body"}, status=403)
    chief.post(body_of(accepted, "reviewers"), INTEREST | {"whose": "body"})
    assert {row.user_id for row in rows(session, ReviewerInterest)} == {accepted.lead.id, None}


def test_an_interest_needs_a_sound_credit_code(session: Session, accepted: Review, as_user: SignedIn) -> None:
    wrong = INTEREST | {"uscc": "91110000600037341X"}
    page = as_user(accepted.lead).post(body_of(accepted, "reviewers"), wrong, status=422)
    assert "91110000600037341X" in page.html
    assert rows(session, ReviewerInterest) == []


# The team


def test_a_team_is_assigned_and_declared_conflicts_are_told(
    session: Session, accepted: Review, chief: Browser, as_user: SignedIn
) -> None:
    as_user(accepted.reviewer).post(body_of(accepted, "reviewers"), INTEREST)
    page = chief.get(body_of(accepted, "cases", str(accepted.case_id), "review"))
    assert "conflict of interest" in page.text
    give(chief, accepted, accepted.lead, "lead")
    give(chief, accepted, accepted.decider, "decider")
    assert {(row.user_id, row.part) for row in rows(session, ReviewAssignment)} == {
        (accepted.lead.id, "lead"),
        (accepted.decider.id, "decider"),
    }


def test_a_conflict_is_refused_and_the_refusal_is_kept_for_everybody_to_see(
    session: Session, clock: FixedClock, accepted: Review, chief: Browser, as_user: SignedIn
) -> None:
    add_member(session, session.get_one(Tenant, accepted.client_id), accepted.lead, "viewer", clock)
    keep(session)
    page = give(chief, accepted, accepted.lead, "lead", status=409)
    assert "belongs or belonged to this enterprise" in page.text
    assert "The refusal is recorded" in page.text
    kept = rows(session, ReviewRefusal)
    assert [(row.user_id, row.code, row.stage) for row in kept] == [(accepted.lead.id, "belonged", "assign")]
    assert rows(session, ReviewAssignment) == []
    assert "Refused for a conflict of interest" in chief.get(body_of(accepted, "reviewers")).text
    assert "a conflict of interest" in as_user(accepted.client_owner).get(f"/t/{accepted.client_id}/log").text


def test_nobody_without_a_qualification_in_force_leads(
    session: Session, clock: FixedClock, accepted: Review, chief: Browser
) -> None:
    expire_qualifications(session, accepted.body_id, accepted.lead.id, clock.today() - timedelta(days=1))
    keep(session)
    page = give(chief, accepted, accepted.lead, "lead", status=422)
    assert "no qualification in force" in page.text
    assert rows(session, ReviewAssignment) == []


@pytest.mark.parametrize("person", ["0", "x", "999999"])
def test_nobody_is_not_assigned(accepted: Review, chief: Browser, person: str) -> None:
    address = body_of(accepted, "cases", str(accepted.case_id), "assignments")
    answered = chief.client.post(address, data={"person": person, "part": "lead"})
    assert answered.status_code in {404, 422}


def test_a_part_of_another_case_is_not_ended_here(
    session: Session, clock: FixedClock, accepted: Review, chief: Browser
) -> None:
    give(chief, accepted, accepted.lead, "lead")
    other = make_review(session, clock, state="planned")
    keep(session)
    foreign = next(row for row in rows(session, ReviewAssignment) if row.case_id == other.case_id)
    chief.post(body_of(accepted, "cases", str(accepted.case_id), "assignments", str(foreign.id), "end"), status=404)


# The sample


def test_a_sample_is_drawn_with_its_seed_and_shown_with_its_reasons(
    session: Session, accepted: Review, chief: Browser
) -> None:
    page = chief.post(body_of(accepted, "cases", str(accepted.case_id), "sample"))
    (case,) = rows(session, CertificationCase)
    assert case.seed in page.html
    assert "Drawn again just now: the same answers." in page.text
    assert "Weighs on the level" in page.text
    assert "Drawn by lot" in page.text
    chief.post(body_of(accepted, "cases", str(accepted.case_id), "sample"), status=409)
    assert [row.seed for row in rows(session, CertificationCase)] == [case.seed]


def test_a_sample_that_was_tampered_with_is_told(session: Session, review: Review, manager: Browser) -> None:
    session.delete(session.scalars(select(CaseItem).where(CaseItem.case_id == review.case_id)).first())
    keep(session)
    page = manager.get(body_of(review, "cases", str(review.case_id), "review"))
    assert "Tell the operator" in page.text


def test_a_reviewer_does_not_draw(accepted: Review, as_user: SignedIn) -> None:
    as_user(accepted.lead).post(body_of(accepted, "cases", str(accepted.case_id), "sample"), status=403)


def test_the_client_does_not_open_pages_of_the_body(review: Review, as_user: SignedIn) -> None:
    owner = as_user(review.client_owner)
    owner.get(body_of(review, "cases", str(review.case_id), "review"), status=404)
    owner.get(f"/t/{review.client_id}/cases/{review.case_id}/review", status=403)


def test_everybody_sees_their_own_reviews(
    session: Session, clock: FixedClock, review: Review, as_user: SignedIn
) -> None:
    page = as_user(review.lead).get(body_of(review, "reviews"))
    assert "青岛海岳数控机床有限公司" in page.text
    idle = make_reviewer(session, session.get_one(Tenant, review.body_id), clock, name="周空闲")
    keep(session)
    assert "No case is assigned to you" in as_user(idle).get(body_of(review, "reviews")).text

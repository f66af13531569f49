"""The certification body: its desk, a case with every next step, its certificates, and appeals."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.models import CertificationCase, Complaint, Surveillance
from maturity.certification.surveillance import plan_surveillance
from maturity.clock import FixedClock
from maturity.web.navigation import HOMES
from tests.factories.certification import Held, Made, make_body, make_held, staff, step
from tests.factories.people import keep
from tests.functional.certification.conftest import As, Case, member


def page_of(made: Made, *parts: str) -> str:
    return "/".join((f"/t/{made.body_id}/cases/{made.case_id}", *parts))


def state_of(session: Session, made: Made) -> str:
    session.rollback()
    state = session.scalars(select(CertificationCase.state).where(CertificationCase.id == made.case_id)).one()
    session.rollback()
    return state


def decision(kind: str, **changes: str) -> dict[str, str]:
    given = {"decide-decision": kind, "decide-note": "Enough was shown.", "decide-independent": "y"}
    return {name: value for name, value in (given | changes).items() if value}


# The desk


def test_the_people_of_a_body_begin_at_the_desk(case_at: Case, as_: As) -> None:
    made = case_at("applied")
    assert HOMES["certification_body"] == "certification.desk"
    page = as_(made.manager).get(f"/t/{made.body_id}/cases")
    assert "青岛海岳数控机床有限公司" in page.text
    assert "15 days left" in page.text
    assert "Our turn 1" in page.text


@pytest.mark.parametrize(
    ("state", "view", "is_there"),
    [
        ("reviewing", "turn", True),
        ("reviewing", "waiting", False),
        ("correcting", "waiting", True),
        ("correcting", "turn", False),
        ("correcting", "open", True),
        ("refused", "open", False),
        ("refused", "over", True),
    ],
)
def test_a_view_holds_the_cases_it_names(case_at: Case, as_: As, state: str, view: str, *, is_there: bool) -> None:
    made = case_at(state)
    page = as_(made.manager).get(f"/t/{made.body_id}/cases?view={view}")
    assert (f"/cases/{made.case_id}" in page.html) is is_there


def test_my_part_is_what_i_am_assigned_to(case_at: Case, as_: As) -> None:
    made = case_at("reviewing")
    address = f"/t/{made.body_id}/cases?view=mine"
    assert "lead reviewer" in as_(made.lead).get(address).text
    assert "Nothing stands here" in as_(made.decider).get(address).text


def test_a_state_narrows_the_view(case_at: Case, as_: As) -> None:
    made = case_at("reviewing")
    assert "青岛海岳" in as_(made.manager).get(f"/t/{made.body_id}/cases?state=reviewing").text
    assert "Nothing stands here" in as_(made.manager).get(f"/t/{made.body_id}/cases?state=applied").text


def test_what_is_overdue_is_said_first(case_at: Case, as_: As, clock: FixedClock) -> None:
    made = case_at("applied")
    browser = as_(made.manager)
    clock.at += timedelta(days=20)
    page = browser.get(f"/t/{made.body_id}/cases")
    assert "1 case is overdue." in page.text
    assert "5 days overdue" in page.text


def test_an_empty_desk_says_what_to_do(session: Session, clock: FixedClock, as_: As) -> None:
    body, manager = make_body(session, clock)
    address, manager_id = f"/t/{body.id}/cases", manager.id
    keep(session)
    assert "No application yet" in as_(manager_id).get(address).text


# Steps


def test_accepting_goes_on_to_planning(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("applied")
    page = as_(made.manager).post(page_of(made, "accept"))
    assert "The application is accepted" in page.text
    assert "Assign a lead reviewer first." in page.text
    assert "Draw the answers to be verified first." in page.text
    assert "Set the first and the last day of the review" in page.text
    assert state_of(session, made) == "accepted"


def test_not_accepting_needs_a_reason_and_asks_twice(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("applied")
    browser = as_(made.manager)
    page = browser.post(page_of(made, "reject"), {"reject-note": "Chemistry is not ours."}, 422)
    assert "Choose a reason." in page.text
    assert "Confirm that you have read what this means." in page.text
    assert "Chemistry is not ours." in page.text
    given = {"reject-reason": "out_of_scope", "reject-note": "Chemistry is not ours.", "reject-confirm": "y"}
    page = browser.post(page_of(made, "reject"), given)
    assert "Outside what the body may certify" in page.text
    assert state_of(session, made) == "rejected"


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2026-12-07", "2026-12-04", "The last day is before the first one."),
        ("2026-11-01", "2026-12-04", "The first day has passed."),
        ("soon", "2026-12-04", "Enter a day such as 2027-12-31."),
        ("", "2026-12-04", "Enter the first day of the review."),
    ],
)
def test_days_that_cannot_be_are_refused(case_at: Case, as_: As, first: str, last: str, message: str) -> None:
    made = case_at("accepted")
    given = {"plan-review_from": first, "plan-review_until": last, "plan-place": "both"}
    page = as_(made.manager).post(page_of(made, "dates"), given, 422)
    assert message in page.text
    assert last in page.html


def test_a_review_is_planned_once_team_days_and_sample_are_there(
    case_at: Case, as_: As, session: Session, clock: FixedClock
) -> None:
    made = case_at("accepted")
    browser = as_(made.manager)
    given = {"plan-review_from": "2026-12-07", "plan-review_until": "2026-12-11", "plan-place": "both"}
    assert "The days are kept." in browser.post(page_of(made, "dates"), given).text
    page = browser.post(page_of(made, "plan"), status=409)
    assert "Assign a lead reviewer first." in page.text
    staff(session, made, clock)
    session.commit()
    page = browser.post(page_of(made, "plan"))
    assert "The review is planned." in page.text
    assert state_of(session, made) == "planned"
    moved = given | {"plan-review_until": "2026-12-18"}
    assert "2026-12-18" in browser.post(page_of(made, "dates"), moved).text


def test_the_steps_of_reviewers_lead_to_their_pages(case_at: Case, as_: As) -> None:
    made = case_at("reviewing")
    page = as_(made.lead).get(page_of(made))
    assert f"/t/{made.client_id}/review/{made.case_id}/recommendation" in page.html
    assert "Judge every answer of the sample first." in page.text
    other = as_(made.manager).get(page_of(made))
    assert f"/t/{made.client_id}/review/{made.case_id}" not in other.html


# The decision


def test_somebody_else_certifies_or_refuses(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("recommended")
    browser = as_(made.decider)
    assert "Record your decision" in browser.get(page_of(made)).text
    page = browser.post(page_of(made, "decide"), decision("decide_refuse"))
    assert "The decision is recorded" in page.text
    assert "Enough was shown." in page.text
    assert state_of(session, made) == "refused"


def test_the_case_can_be_sent_back(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("recommended")
    page = as_(made.decider).post(page_of(made, "decide"), decision("send_back"))
    assert "Sent back to the reviewers" in page.text
    assert state_of(session, made) == "reviewing"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"decide-decision": ""}, "Choose a decision."),
        ({"decide-note": ""}, "Say why: the enterprise and the reviewers read it."),
        ({"decide-independent": ""}, "Confirm it, or leave the decision to somebody else."),
    ],
)
def test_a_decision_that_is_not_whole_is_not_taken(
    case_at: Case, as_: As, session: Session, changes: dict[str, str], message: str
) -> None:
    made = case_at("recommended")
    page = as_(made.decider).post(page_of(made, "decide"), decision("decide_refuse", **changes), 422)
    assert message in page.text
    assert state_of(session, made) == "recommended"


def test_nobody_decides_on_a_recommendation_that_gave_way_to_another(
    case_at: Case, as_: As, session: Session, clock: FixedClock
) -> None:
    """A page that lay open while the case was sent back and recommended anew."""
    made = case_at("recommended")
    browser = as_(made.decider)
    page = browser.get(page_of(made))
    seen = re.search(r'name="decide-seen" value="([^"]+)"', page.html)
    assert seen
    clock.at += timedelta(hours=1)
    step(session, made, "send_back", made.second, clock, note="Look at the equipment again.")
    step(session, made, "recommend", made.lead, clock, reason="certify")
    session.commit()
    given = decision("decide_certify", **{"decide-seen": seen[1]})
    page = browser.post(page_of(made, "decide"), given, 409)
    assert "The recommendation has changed since you opened this page." in page.text
    fresh = re.search(r'name="decide-seen" value="([^"]+)"', page.html)
    assert fresh
    assert fresh[1] != seen[1]
    browser.post(page_of(made, "decide"), decision("decide_certify", **{"decide-seen": fresh[1]}))
    session.expire_all()
    assert made.case(session).state == "certified"


def test_whoever_reviewed_does_not_decide(case_at: Case, as_: As, session: Session, clock: FixedClock) -> None:
    made = case_at("recommended")
    as_(made.lead).post(page_of(made, "decide"), decision("decide_refuse"), 403)
    owner = as_(made.manager)
    assert "Record your decision" in owner.get(page_of(made)).text
    assert state_of(session, made) == "recommended"


def test_what_was_not_put_right_in_time_is_closed(case_at: Case, as_: As, session: Session, clock: FixedClock) -> None:
    made = case_at("correcting")
    browser = as_(made.manager)
    page = browser.post(page_of(made, "close"), {"fail-confirm": "y"}, 409)
    assert "The last day has not passed yet." in page.text
    clock.at += timedelta(days=61)
    browser = as_(made.manager)
    browser.post(page_of(made, "close"), {}, 422)
    assert "not put right in time" in browser.post(page_of(made, "close"), {"fail-confirm": "y"}).text
    assert state_of(session, made) == "failed"


# Who may


@pytest.mark.parametrize(
    ("role", "manages", "decides"),
    [
        ("owner", True, True),
        ("editor", True, False),
        ("reviewer", False, False),
        ("signatory", False, True),
        ("viewer", False, False),
    ],
)
def test_each_role_takes_its_own_steps(
    case_at: Case, as_: As, session: Session, clock: FixedClock, role: str, *, manages: bool, decides: bool
) -> None:
    made = case_at("recommended")
    browser = as_(member(session, made.body_id, role, clock))
    assert "Next steps" in browser.get(page_of(made)).text
    browser.post(page_of(made, "accept"), status=409 if manages else 403)
    browser.post(page_of(made, "decide"), {}, 422 if decides else 403)


def test_another_body_finds_nothing(case_at: Case, as_: As, session: Session, clock: FixedClock) -> None:
    made = case_at("applied")
    other, manager = make_body(session, clock, "山海认证")
    other_id, manager_id = other.id, manager.id
    keep(session)
    browser = as_(manager_id)
    browser.get(page_of(made), 404)
    stolen = f"/t/{other_id}/cases/{made.case_id}"
    browser.get(stolen, 404)
    for action in ("accept", "reject", "dates", "plan", "decide", "close"):
        browser.post(f"{stolen}/{action}", {}, 404)


def test_the_enterprise_does_not_see_the_body_s_side(case_at: Case, as_: As) -> None:
    made = case_at("applied")
    browser = as_(made.owner)
    browser.get(page_of(made), 404)
    browser.get(f"/t/{made.client_id}/cases/{made.case_id}", 403)


# Certificates


@pytest.fixture
def held(session: Session, clock: FixedClock) -> Held:
    made = make_held(session, clock, issued_on=clock.today() - timedelta(days=300))
    plan_surveillance(session, made.certificate(session))
    keep(session)
    return made


def certificate_page(held: Held, *parts: str) -> str:
    return "/".join((f"/t/{held.body_id}/certificates/{held.certificate_id}", *parts))


def certificate_of(session: Session, held: Held) -> Certificate:
    session.rollback()
    found = session.get_one(Certificate, held.certificate_id)
    session.expunge_all()
    session.rollback()
    return found


def standing(what: str, **changes: str) -> dict[str, Any]:
    given = {
        "kind": what,
        "suspend_reason": "misuse",
        "withdraw_reason": "fraud",
        "note": "It was shown for a product.",
    }
    return {name: value for name, value in (given | changes).items() if value}


def test_certificates_stand_with_their_next_surveillance(held: Held, as_: As) -> None:
    page = as_(held.manager).get(f"/t/{held.body_id}/certificates")
    assert "青岛海岳数控机床有限公司" in page.text
    assert "2027-01-28" in page.text
    assert "65 days left" in page.text


def test_a_certificate_is_suspended_and_reinstated(held: Held, as_: As, session: Session) -> None:
    browser = as_(held.manager)
    page = browser.post(certificate_page(held, "standing"), standing("suspended"))
    assert "It is done and in the public log." in page.text
    assert "The certificate was misused" in page.text
    assert certificate_of(session, held).status == "suspended"
    page = browser.post(certificate_page(held, "standing"), standing("reinstated"))
    assert "Reinstated" in page.text
    assert certificate_of(session, held).status == "valid"


def test_withdrawing_asks_for_the_number(held: Held, as_: As, session: Session) -> None:
    browser, number = as_(held.manager), certificate_of(session, held).number
    page = browser.post(certificate_page(held, "standing"), standing("withdrawn"), 422)
    assert "Type the number as it stands on the certificate" in page.text
    browser.post(certificate_page(held, "standing"), standing("withdrawn", number=number))
    assert certificate_of(session, held).status_reason == "fraud"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": ""}, "Choose what is to happen."),
        ({"suspend_reason": ""}, "Choose why it is suspended."),
        ({"note": ""}, "Say why in words"),
    ],
)
def test_a_change_that_is_not_whole_is_not_made(
    held: Held, as_: As, session: Session, changes: dict[str, str], message: str
) -> None:
    page = as_(held.manager).post(certificate_page(held, "standing"), standing("suspended", **changes), 422)
    assert message in page.text
    assert certificate_of(session, held).status == "valid"


def test_a_surveillance_is_recorded_in_its_days(held: Held, as_: As, session: Session) -> None:
    rows = list(session.scalars(select(Surveillance.id).order_by(Surveillance.number)))
    session.rollback()
    browser = as_(held.manager)
    page = browser.post(certificate_page(held, "surveillances", str(rows[0])), {}, 422)
    assert "Say what was looked at and found." in page.text
    page = browser.post(certificate_page(held, "surveillances", str(rows[1])), {"note": "All stands."}, 409)
    assert "It is too early for this surveillance." in page.text
    page = browser.post(certificate_page(held, "surveillances", str(rows[0])), {"note": "All stands."})
    assert "passed 2026-11-24" in page.text
    browser.post(certificate_page(held, "surveillances", str(uuid.uuid4())), {"note": "All stands."}, 404)


def test_a_viewer_changes_no_certificate(held: Held, as_: As) -> None:
    browser = as_(held.viewer)
    assert "Suspend, reinstate or withdraw" not in browser.get(certificate_page(held)).text
    browser.post(certificate_page(held, "standing"), {}, 403)


def test_the_certificate_of_another_body_is_not_there(held: Held, as_: As, session: Session, clock: FixedClock) -> None:
    other, manager = make_body(session, clock, "山海认证")
    other_id, manager_id = other.id, manager.id
    keep(session)
    browser = as_(manager_id)
    browser.get(f"/t/{other_id}/certificates/{held.certificate_id}", 404)
    browser.post(f"/t/{other_id}/certificates/{held.certificate_id}/standing", {}, 404)


# Appeals


@pytest.fixture
def appealed(case_at: Case, as_: As, session: Session) -> tuple[Made, uuid.UUID]:
    made = case_at("refused")
    given = {"kind": "appeal", "text": "The evidence was there, in the annex of answer 12."}
    as_(made.owner).post(f"/t/{made.client_id}/certification/cases/{made.case_id}/complaints", given)
    found = session.scalars(select(Complaint.id)).one()
    session.rollback()
    return made, found


def test_an_appeal_is_answered_by_somebody_who_had_no_part(
    appealed: tuple[Made, uuid.UUID], as_: As, session: Session
) -> None:
    made, complaint_id = appealed
    address = f"/t/{made.body_id}/appeals/{complaint_id}"
    assert "You had a part in this case" in as_(made.decider).get(address).text
    given = {"outcome": "upheld", "text": "The annex was overlooked."}
    refused = as_(made.decider).post(address, given, 409)
    assert "Somebody who did not answers the appeal" in refused.text
    browser = as_(made.second)
    assert "Choose the outcome." in browser.post(address, {"text": "The annex was overlooked."}, 422).text
    page = browser.post(address, given)
    assert "The answer is given." in page.text
    assert state_of(session, made) == "accepted"
    assert "Upheld" in as_(made.owner).get(f"/t/{made.client_id}/certification/cases/{made.case_id}").text


def test_open_appeals_are_counted_on_the_desk(appealed: tuple[Made, uuid.UUID], as_: As) -> None:
    made, complaint_id = appealed
    browser = as_(made.manager)
    assert "Appeals (1)" in browser.get(f"/t/{made.body_id}/cases").text
    assert str(complaint_id) in browser.get(f"/t/{made.body_id}/appeals").html


def test_a_complaint_is_not_the_body_s_to_answer(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("reviewing")
    given = {"kind": "complaint", "text": "The reviewers came a week late."}
    as_(made.owner).post(f"/t/{made.client_id}/certification/cases/{made.case_id}/complaints", given)
    found = session.scalars(select(Complaint.id)).one()
    session.rollback()
    as_(made.manager).get(f"/t/{made.body_id}/appeals/{found}", 404)


def test_the_pages_are_there_in_chinese(case_at: Case, as_: As, session: Session, clock: FixedClock) -> None:
    made = case_at("accepted")
    browser = as_(member(session, made.body_id, "owner", clock, locale="zh_CN"))
    assert "认证案件" in browser.get(f"/t/{made.body_id}/cases").text
    page = browser.get(page_of(made))
    assert "下一步" in page.text
    assert "What has happened" not in page.text
    assert "申诉" in browser.get(f"/t/{made.body_id}/appeals").text

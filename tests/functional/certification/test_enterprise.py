"""The enterprise: applying, following a case, answering findings, appealing, and saying what others see."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.models import CertificationCase, Complaint, Finding, ReviewRefusal
from maturity.certification.process import the_process
from maturity.certification.reviewers import Interest, declare_interest
from maturity.clock import FixedClock
from maturity.credentials.service import framework_named
from maturity.db import for_tenant
from tests.conftest import Browser
from tests.factories.certification import (
    SCOPE,
    Held,
    Made,
    make_applicant,
    make_body,
    make_held,
    write_finding,
)
from tests.factories.enterprises import USCC
from tests.factories.people import keep
from tests.functional.certification.conftest import As, Case, member


def page_of(made: Made, *parts: str) -> str:
    return "/".join((f"/t/{made.client_id}/certification/cases/{made.case_id}", *parts))


def case_of(session: Session, case_id: uuid.UUID) -> CertificationCase:
    session.rollback()
    found = session.get_one(CertificationCase, case_id)
    session.expunge_all()
    session.rollback()
    return found


class Applicant:
    """An enterprise that may apply, its owner's browser, and a body to apply to."""

    def __init__(self, session: Session, clock: FixedClock, as_: As, **values: bool) -> None:
        client, owner, submission_id = make_applicant(session, clock, **values)
        body, _manager = make_body(session, clock)
        self.client_id, self.body_id, self.submission_id = client.id, body.id, submission_id
        owner_id = owner.id
        keep(session)
        self.browser = as_(owner_id)
        self.address = f"/t/{self.client_id}/certification/apply"

    def form(self, **changes: str) -> dict[str, str]:
        given = {"submission": str(self.submission_id), "body": str(self.body_id), "scope": SCOPE, "agreed": "y"}
        return {name: value for name, value in (given | changes).items() if value}


@pytest.fixture
def applicant(session: Session, clock: FixedClock, as_: As) -> Applicant:
    return Applicant(session, clock, as_)


def test_applying_leads_to_a_case_that_waits_for_the_body(session: Session, applicant: Applicant) -> None:
    assert "Nothing is certified yet" in applicant.browser.get(f"/t/{applicant.client_id}/certification").text
    assert "齐鲁认证中心" in applicant.browser.get(applicant.address).text
    page = applicant.browser.post(applicant.address, applicant.form())
    assert "The application is made" in page.text
    assert "It is the turn of 齐鲁认证中心" in page.text
    assert "15 days left" in page.text
    case = session.scalars(select(CertificationCase)).one()
    assert (case.state, case.scope, case.client_id) == ("applied", SCOPE, applicant.client_id)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("submission", "Choose the result that is to be certified."),
        ("body", "Choose a certification body."),
        ("scope", "Say which business and which places"),
        ("agreed", "Without access to answers and evidence nobody can review."),
    ],
)
def test_what_is_missing_in_an_application_is_named_and_the_rest_is_kept(
    session: Session, applicant: Applicant, field: str, message: str
) -> None:
    page = applicant.browser.post(applicant.address, applicant.form(**{field: ""}), 422)
    assert message in page.text
    assert "Please check these entries" in page.text
    if field != "scope":
        assert SCOPE in page.text
    assert session.scalars(select(CertificationCase)).all() == []


def test_a_body_that_is_not_offered_is_not_applied_to(applicant: Applicant) -> None:
    page = applicant.browser.post(applicant.address, applicant.form(body=str(uuid.uuid4())), 422)
    assert "Choose a certification body." in page.text


def test_a_body_with_an_interest_is_refused_on_the_record(
    session: Session, clock: FixedClock, applicant: Applicant
) -> None:
    with for_tenant(session, applicant.body_id):
        interest = Interest(None, USCC, "青岛海岳", "consulting")
        declare_interest(session, applicant.body_id, interest, actor_id=None, clock=clock)
    session.commit()
    page = applicant.browser.post(applicant.address, applicant.form(), 409)
    assert "has a conflict of interest with the enterprise" in page.text
    session.rollback()
    assert [row.stage for row in session.scalars(select(ReviewRefusal))] == ["apply"]
    assert session.scalars(select(CertificationCase)).all() == []


def test_a_second_application_meets_the_first(applicant: Applicant) -> None:
    applicant.browser.post(applicant.address, applicant.form())
    page = applicant.browser.post(applicant.address, applicant.form(), 409)
    assert "is under way already" in page.text


def test_an_enterprise_that_is_not_proved_is_told_what_to_do(session: Session, clock: FixedClock, as_: As) -> None:
    applicant = Applicant(session, clock, as_, claimed=False)
    assert "Prove first that you speak for the enterprise" in applicant.browser.get(applicant.address).text
    page = applicant.browser.post(applicant.address, applicant.form(), 409)
    assert "Prove first that you speak for the enterprise" in page.text


def test_without_a_submitted_result_there_is_nothing_to_apply_with(
    session: Session, clock: FixedClock, as_: As
) -> None:
    held = make_held(session, clock, status="withdrawn")
    keep(session)
    browser = as_(held.owner)
    address = f"/t/{held.owner.tenant_id}/certification/apply"
    assert "Prove first" in browser.get(address).text


# A case at one glance


@pytest.mark.parametrize(
    ("state", "turn", "now"),
    [
        ("applied", "It is the turn of 齐鲁认证中心", "accepts it, or says why not"),
        ("accepted", "It is the turn of 齐鲁认证中心", "names reviewers"),
        ("planned", "It is the turn of 齐鲁认证中心", "The review is planned"),
        ("reviewing", "It is the turn of 齐鲁认证中心", "compare answers with evidence"),
        ("correcting", "It is your turn", "hands the answers in together"),
        ("recommended", "It is the turn of 齐鲁认证中心", "had no part in the review decides"),
        ("refused", "The case is over", "The decision is not to certify"),
    ],
)
def test_the_case_says_at_one_glance_where_it_stands(case_at: Case, as_: As, state: str, turn: str, now: str) -> None:
    made = case_at(state)
    page = as_(made.owner).get(page_of(made))
    assert turn in page.text
    assert now in page.text
    assert page.html.count('aria-current="step"') == (0 if state == "refused" else 1)
    assert "孙主任" in page.text or state == "applied"


def test_every_step_stands_there_with_who_when_and_why(case_at: Case, as_: As) -> None:
    made = case_at("refused")
    page = as_(made.owner).get(page_of(made))
    assert "李决定 · the certification body" in page.text
    assert "Too much was not evidenced." in page.text
    assert "Recommend to refuse" in page.text
    assert "2026-11-24 10:00" in page.text


def test_the_page_is_there_in_chinese(case_at: Case, as_: As, session: Session, clock: FixedClock) -> None:
    made = case_at("correcting")
    reader = member(session, made.client_id, "owner", clock, locale="zh_CN")
    page = as_(reader).get(page_of(made))
    assert "轮到贵单位" in page.text
    assert "整改中" in page.text
    assert "It is your turn" not in page.text


# Findings


def finding_of(session: Session, made: Made) -> uuid.UUID:
    found = session.scalars(select(Finding.id).where(Finding.case_id == made.case_id)).one()
    session.rollback()
    return found


def test_findings_are_answered_and_handed_in_together(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("correcting")
    browser, finding = as_(made.owner), finding_of(session, made)
    early = browser.post(page_of(made, "answers"), status=409)
    assert "Answer every finding first" in early.text
    page = browser.post(page_of(made, "findings", str(finding)), {"answer": "The inventory is attached."})
    assert "The answer to finding 1 is kept" in page.text
    assert "Every finding is answered" in page.text
    page = browser.post(page_of(made, "answers"))
    assert "The answers are handed in" in page.text
    assert case_of(session, made.case_id).state == "reviewing"


@pytest.mark.parametrize(("typed", "message"), [("", "Say what was changed"), ("x" * 2001, "at most 2000 characters")])
def test_an_answer_that_cannot_be_kept_is_marked_beside_its_finding(
    case_at: Case, as_: As, session: Session, typed: str, message: str
) -> None:
    made = case_at("correcting")
    finding = finding_of(session, made)
    page = as_(made.owner).post(page_of(made, "findings", str(finding)), {"answer": typed}, 422)
    assert message in page.text
    assert f'href="#answer-{finding.hex[:8]}"' in page.html


def test_nothing_is_answered_once_the_answers_are_handed_in(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("correcting")
    browser, finding = as_(made.owner), finding_of(session, made)
    browser.post(page_of(made, "findings", str(finding)), {"answer": "Done."})
    browser.post(page_of(made, "answers"))
    page = browser.post(page_of(made, "findings", str(finding)), {"answer": "Done again."}, 409)
    assert "while the case is being corrected" in page.text


def test_drafts_are_not_there_for_the_enterprise(case_at: Case, as_: As, session: Session, clock: FixedClock) -> None:
    made = case_at("reviewing")
    draft = write_finding(session, made, clock)
    session.commit()
    browser = as_(made.owner)
    assert "No inventory" not in browser.get(page_of(made)).text
    browser.post(page_of(made, "findings", str(draft)), {"answer": "Done."}, 404)


# Taking back


def test_taking_back_asks_twice(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("accepted")
    browser = as_(made.owner)
    page = browser.post(page_of(made, "take-back"), {"note": "We wait for the new line."}, 422)
    assert "Confirm that you have read what this means." in page.text
    assert "We wait for the new line." in page.text
    page = browser.post(page_of(made, "take-back"), {"note": "We wait for the new line.", "confirm": "y"})
    assert "The application is taken back" in page.text
    assert case_of(session, made.case_id).state == "withdrawn"


# Appeals and complaints


def test_a_refusal_is_appealed_once(case_at: Case, as_: As, session: Session) -> None:
    made = case_at("refused")
    browser = as_(made.owner)
    assert "until 2026-12-24" in browser.get(page_of(made, "complaints")).text
    given = {"kind": "appeal", "text": "The evidence was there, in the annex of answer 12."}
    page = browser.post(page_of(made, "complaints"), given)
    assert "The appeal is made" in page.text
    assert "to be answered by 2026-12-24" in page.text
    page = browser.post(page_of(made, "complaints"), given, 422)
    assert "Choose one." in page.text
    assert [row.kind for row in session.scalars(select(Complaint))] == ["appeal"]


def test_a_complaint_can_be_made_while_the_case_runs_and_an_appeal_not(case_at: Case, as_: As) -> None:
    made = case_at("reviewing")
    browser = as_(made.owner)
    assert "Against the decision" not in browser.get(page_of(made, "complaints")).text
    page = browser.post(page_of(made, "complaints"), {"kind": "complaint", "text": "The reviewers came a week late."})
    assert "The operator of the platform answers it" in page.text
    assert "What you brought is being looked at" in browser.get(page_of(made, "complaints")).text


def test_a_complaint_in_three_words_is_no_complaint(case_at: Case, as_: As) -> None:
    made = case_at("reviewing")
    page = as_(made.owner).post(page_of(made, "complaints"), {"kind": "complaint", "text": "Too late."}, 422)
    assert "Write 20 to 2000 characters." in page.text
    assert "Too late." in page.text


# Who may


@pytest.mark.parametrize(
    ("role", "answers", "applies"),
    [("owner", True, True), ("signatory", True, True), ("editor", True, False), ("viewer", False, False)],
)
def test_each_role_reaches_its_own_steps(
    case_at: Case, as_: As, session: Session, clock: FixedClock, role: str, *, answers: bool, applies: bool
) -> None:
    made = case_at("correcting")
    browser, finding = as_(member(session, made.client_id, role, clock)), finding_of(session, made)
    page = browser.get(page_of(made))
    assert ("Keep the answer" in page.text) is answers
    assert ("Take the application back" in page.text and "End the case without" in page.text) is applies
    browser.post(page_of(made, "findings", str(finding)), {"answer": "Done."}, 200 if answers else 403)
    browser.post(page_of(made, "take-back"), {}, 422 if applies else 403)
    browser.get(page_of(made, "complaints"), 200 if applies else 403)


def test_another_enterprise_finds_nothing(case_at: Case, as_: As, session: Session, clock: FixedClock) -> None:
    made = case_at("correcting")
    other, owner, _submission = make_applicant(session, clock, uscc="91370200MA3C5D7Y7X")
    other_id, owner_id = other.id, owner.id
    keep(session)
    browser, finding = as_(owner_id), finding_of(session, made)
    browser.get(page_of(made), 404)
    stolen = f"/t/{other_id}/certification/cases/{made.case_id}"
    browser.get(stolen, 404)
    browser.get(f"{stolen}/complaints", 404)
    for path, data in (("answers", {}), ("take-back", {"confirm": "y"}), (f"findings/{finding}", {"answer": "x"})):
        browser.post(f"{stolen}/{path}", data, 404)


# Certificates


@pytest.fixture
def held(session: Session, clock: FixedClock) -> Held:
    made = make_held(session, clock)
    keep(session)
    return made


def certificate_page(held: Held, *parts: str) -> str:
    return "/".join((f"/t/{held.owner.tenant_id}/certification/certificates/{held.certificate_id}", *parts))


def certificate_of(session: Session, held: Held) -> Certificate:
    session.rollback()
    found = session.get_one(Certificate, held.certificate_id)
    session.expunge_all()
    session.rollback()
    return found


def number_of(session: Session, held: Held) -> str:
    return certificate_of(session, held).number


def test_the_certificate_says_how_it_stands_and_what_it_is_not(held: Held, as_: As, session: Session) -> None:
    number = number_of(session, held)
    page = as_(held.owner).get(certificate_page(held))
    assert number in page.text
    assert "It is not the national management-system certificate" in page.text
    assert f"/verify/{number}" in page.html
    assert "Renewal opens on 2029-05-27." in page.text
    assert number in as_(held.owner).get(f"/t/{held.owner.tenant_id}/certification").text


@pytest.fixture
def at_risk(session: Session, clock: FixedClock) -> Held:
    """A certificate of level 3 that rests on evidence until 31 March 2027, and of level 2 until 2 January 2028."""
    question = next(iter(framework_named(session, "lianghua", "2026.1").edition.questions))
    ends = (("2027-03-31", 2), ("2028-01-02", 1))
    runs_out = [
        {"valid_until": day, "questions": [question], "dimensions": [], "level_after": level} for day, level in ends
    ]
    levels = [{"level": 3, "from": "2027-04"}, {"level": 2, "from": "2028-01"}]
    made = make_held(session, clock, payload=json.dumps({"evidence_at_risk": runs_out, "levels_at_risk": levels}))
    keep(session)
    return made


def test_the_certificate_says_of_each_level_from_when_it_is_at_risk(at_risk: Held, as_: As) -> None:
    page = as_(at_risk.owner).get(certificate_page(at_risk))
    text = page.text[page.text.index("When evidence runs out") :]
    assert text.index("at risk from 2027-04") < text.index("at risk from 2028-01") < text.index("2027-03-31")
    assert "2028-01-02" in text


def test_home_says_from_when_the_certified_level_is_at_risk(at_risk: Held, as_: As) -> None:
    page = as_(at_risk.owner).get(f"/t/{at_risk.owner.tenant_id}/")
    assert "at risk from 2027-04" in page.text
    assert "at risk from 2028-01" not in page.text
    assert certificate_page(at_risk) in page.html


def test_home_says_of_a_level_that_lasts_nothing(held: Held, as_: As) -> None:
    page = as_(held.owner).get(f"/t/{held.owner.tenant_id}/")
    assert certificate_page(held) in page.html
    assert "at risk from" not in page.text


def test_home_says_whose_turn_it_is_in_a_case(case_at: Case, as_: As) -> None:
    made = case_at("correcting")
    page = as_(made.owner).get(f"/t/{made.client_id}/")
    assert "Being corrected" in page.text
    assert page_of(made) in page.html


def test_how_long_things_last_stands_in_the_process(held: Held, as_: As) -> None:
    process = the_process()
    page = as_(held.owner).get(certificate_page(held))
    assert f"unless it does so within {process.period('suspension_max_months')} months" in page.text
    page = as_(held.owner).get(f"/t/{held.owner.tenant_id}/certification")
    assert f"with a surveillance every {process.period('surveillance_months')} months" in page.text


def test_from_the_certificate_one_comes_to_its_case_and_can_complain(
    session: Session, clock: FixedClock, case_at: Case, as_: As
) -> None:
    made = case_at("certified")
    certificate_id = session.scalars(select(Certificate.id).where(Certificate.case_id == made.case_id)).one()
    session.rollback()
    address = f"/t/{made.client_id}/certification/certificates/{certificate_id}"
    page = as_(made.owner).get(address)
    assert f'href="{page_of(made)}"' in page.html
    assert page_of(made, "complaints") in page.html
    viewer = as_(member(session, made.client_id, "viewer", clock)).get(address)
    assert page_of(made, "complaints") not in viewer.html


def test_a_suspension_is_appealed_against_from_the_certificate(
    session: Session, clock: FixedClock, case_at: Case, as_: As
) -> None:
    made = case_at("certified")
    certificate = session.scalars(select(Certificate).where(Certificate.case_id == made.case_id)).one()
    certificate.status, certificate.pdf_sha256, certificate.pdf_size = "valid", "0" * 64, 1
    certificate_id = certificate.id
    keep(session)
    clock.at += timedelta(days=60)
    browser, address = as_(made.owner), page_of(made, "complaints")
    assert "Against the " not in browser.get(address).text
    body = as_(made.manager)
    given = {"kind": "suspended", "suspend_reason": "misuse", "note": "The mark stood on a product."}
    body.post(f"/t/{made.body_id}/certificates/{certificate_id}/standing", given)
    assert "Against the suspension or withdrawal of the certificate" in browser.get(address).text
    page = browser.post(address, {"kind": "appeal", "text": "The mark stood on the wall of the office alone."})
    assert "The appeal is made." in page.text
    complaint_id = session.scalars(select(Complaint.id)).one()
    session.rollback()
    page = as_(made.second).get(f"/t/{made.body_id}/appeals/{complaint_id}")
    assert "End a suspension on the page of the certificate." in page.text


def test_what_others_see_is_the_holder_s_to_say(held: Held, as_: As, session: Session) -> None:
    page = as_(held.owner).post(certificate_page(held, "shown"), {"shows": ["scope", "score"], "in_register": "y"})
    assert "From now on verification shows this, and no more." in page.text
    found = certificate_of(session, held)
    assert (found.shows, found.in_register) == (["score", "scope"], True)
    as_(held.owner).post(certificate_page(held, "shown"), {})
    found = certificate_of(session, held)
    assert (found.shows, found.in_register) == ([], False)


def test_nothing_else_can_be_shown(held: Held, as_: As, session: Session) -> None:
    as_(held.owner).post(certificate_page(held, "shown"), {"shows": ["answers"]}, 422)
    assert certificate_of(session, held).shows == []


def test_giving_up_asks_for_the_number(held: Held, as_: As, session: Session) -> None:
    browser, number = as_(held.owner), number_of(session, held)
    page = browser.post(certificate_page(held, "give-up"), {"number": "LH-0000"}, 422)
    assert "Type the number as it stands on the certificate" in page.text
    page = browser.post(certificate_page(held, "give-up"), {"number": number.lower(), "note": "The plant is sold."})
    assert "The certificate is given up" in page.text
    assert "Given up by the holder" in page.text
    found = certificate_of(session, held)
    assert (found.status, found.status_reason) == ("withdrawn", "given_up")


def test_the_holder_can_have_it_suspended(held: Held, as_: As, session: Session) -> None:
    browser = as_(held.owner)
    browser.post(certificate_page(held, "rest"), {}, 422)
    page = browser.post(certificate_page(held, "rest"), {"rest-confirm": "y", "rest-note": "We move the plant."})
    assert "Suspended since 2026-11-24: The holder asked for it" in page.text
    assert "it is withdrawn after 2027-05-24" in page.text
    page = browser.post(certificate_page(held, "rest"), {"rest-confirm": "y"}, 409)
    assert "has moved on" in page.text


def test_renewal_is_applied_for_in_its_days(session: Session, clock: FixedClock, as_: As) -> None:
    held = make_held(session, clock, issued_on=clock.today() - timedelta(days=1000))
    keep(session)
    assert "Apply for renewal" in as_(held.owner).get(certificate_page(held)).text


def test_a_viewer_sees_and_changes_nothing(held: Held, as_: As, session: Session, clock: FixedClock) -> None:
    browser: Browser = as_(member(session, held.owner.tenant_id, "viewer", clock))
    page = browser.get(certificate_page(held))
    assert "Give up" not in page.text
    for action in ("shown", "rest", "give-up"):
        browser.post(certificate_page(held, action), {}, 403)


def test_the_certificate_of_another_is_not_there(held: Held, as_: As, session: Session, clock: FixedClock) -> None:
    other, owner, _submission = make_applicant(session, clock, uscc="91370200MA3C5D7Y7X")
    other_id, owner_id = other.id, owner.id
    keep(session)
    stolen = f"/t/{other_id}/certification/certificates/{held.certificate_id}"
    browser = as_(owner_id)
    browser.get(stolen, 404)
    for action in ("shown", "rest", "give-up"):
        browser.post(f"{stolen}/{action}", {}, 404)

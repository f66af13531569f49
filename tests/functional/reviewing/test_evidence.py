"""Beside each answer: its history, last period's answer, and the evidence; of what proves other answers, nothing."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from maturity.adaptive.framework import load_framework
from maturity.assessments.models import AnswerVersion, Assessment
from maturity.audit.models import AuditEvent
from maturity.certification.models import CaseItem
from maturity.clock import FixedClock
from maturity.evidence.models import EvidenceFile, EvidenceLink
from tests.conftest import Browser
from tests.factories import files
from tests.factories.certification_review import Review
from tests.factories.evidence import make_evidence
from tests.factories.people import keep
from tests.functional.reviewing.conftest import SignedIn, choice_question, file_of

JSON = {"Accept": "application/json"}


def rows(session: Session, query: Any) -> list[Any]:
    session.rollback()
    found = list(session.scalars(query))
    session.expunge_all()
    session.rollback()
    return found


def sampled(session: Session, review: Review) -> list[str]:
    return sorted(rows(session, select(CaseItem.question_id).where(CaseItem.case_id == review.case_id)))


def send_photo(browser: Browser, review: Review, question_id: str, content: bytes, name: str = "铭牌.jpg") -> Any:
    data = {"files": [(io.BytesIO(content), name)]}
    return browser.client.post(file_of(review, "items", question_id, "evidence"), data=data, headers=JSON)


def proof(session: Session, clock: FixedClock, review: Review, question_id: str) -> uuid.UUID:
    """A file of the enterprise's own beside an answer."""
    assessment = session.get_one(Assessment, review.assessment_id)
    made = make_evidence(session, assessment, clock, question_id).file_id
    keep(session)
    return made


def test_question_answer_history_and_evidence_stand_side_by_side(
    session: Session, clock: FixedClock, review: Review, lead: Browser
) -> None:
    name, fact, option = choice_question(review, session)
    session.add(
        AnswerVersion(
            tenant_id=review.client_id,
            assessment_id=review.assessment_id,
            question_id=name,
            version=0,
            facts={fact: option},
            state="answered",
            saved_by=review.client_owner.id,
            saved_at=clock.now(),
        )
    )
    proof(session, clock, review, name)
    shown = lead.get(file_of(review)).text
    edition = load_framework("lianghua/2026.1").edition
    question = edition.questions[name]
    own = shown.partition(question.wording.en)[2].partition("Keep the verdict")[0]
    assert question.evidence.en in own
    history = own.partition("History")[2]
    assert "王建国" in history
    assert edition.facts[fact].options[0].label.en in history
    assert "台账.pdf" in own
    assert "Download" in own


def test_evidence_of_an_answer_outside_the_sample_is_not_there(
    session: Session, clock: FixedClock, review: Review, lead: Browser
) -> None:
    edition = load_framework("lianghua/2026.1").edition
    inside = set(sampled(session, review))
    outside = next(name for name in edition.order if name not in inside)
    other = proof(session, clock, review, outside)
    lead.get(file_of(review, "evidence", str(other), "content"), status=404)
    lead.get(file_of(review, "items", outside, "evidence"), status=404)
    assert send_photo(lead, review, outside, files.picture("JPEG")).status_code == 404


def test_a_photo_of_the_reviewer_stands_among_the_enterprises_evidence_with_the_bodys_name(
    session: Session, review: Review, lead: Browser
) -> None:
    name = sampled(session, review)[0]
    reply = send_photo(lead, review, name, files.picture("JPEG"))
    assert reply.json == {"said": ["“铭牌.jpg” is added."], "refused": []}
    (file,) = rows(session, select(EvidenceFile))
    assert (file.tenant_id, file.name) == (review.client_id, "铭牌.jpg")
    (link,) = rows(session, select(EvidenceLink))
    assert (link.question_id, link.linked_by) == (name, review.lead.id)
    assert "齐鲁认证中心" in link.caption
    assert "铭牌.jpg" in lead.client.get(file_of(review, "items", name, "evidence")).text


def test_a_download_is_read_by_the_enterprise_in_its_log(session: Session, review: Review, lead: Browser) -> None:
    send_photo(lead, review, sampled(session, review)[0], files.picture("JPEG"))
    session.execute(update(EvidenceFile).values(state="unscanned"))  # as the worker leaves it without a scanner
    session.commit()
    (file,) = rows(session, select(EvidenceFile))
    with lead.client.get(file_of(review, "evidence", str(file.id), "content")) as reply:
        assert (reply.status_code, reply.mimetype) == (200, "image/jpeg")
        assert "attachment" in reply.headers["Content-Disposition"]
    told = select(AuditEvent).where(AuditEvent.event == "evidence.downloaded", AuditEvent.tenant_id == review.client_id)
    assert [row.actor_id for row in rows(session, told)] == [review.lead.id]


def test_what_is_no_photo_is_refused_with_its_reason(session: Session, review: Review, lead: Browser) -> None:
    reply = send_photo(lead, review, sampled(session, review)[0], b"MZ\x90\x00 not a picture", "铭牌.jpg")
    assert reply.status_code == 422
    assert "铭牌.jpg" in reply.json["refused"][0]
    assert rows(session, select(EvidenceFile)) == []


@pytest.mark.parametrize("who", ["decider", "manager", "client_owner"])
def test_only_those_who_review_add_photos(session: Session, review: Review, as_user: SignedIn, who: str) -> None:
    name = sampled(session, review)[0]
    reply = send_photo(as_user(getattr(review, who)), review, name, files.picture("JPEG"))
    assert reply.status_code == {"decider": 409, "manager": 404, "client_owner": 403}[who]
    assert rows(session, select(EvidenceFile)) == []

"""The declaration, and what submitting freezes."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from sqlalchemy import update
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.assessments.submission import submission_of
from maturity.clock import FixedClock
from maturity.scoring.explanation import leaves
from tests.factories.assessments import DECLARATION, answer_all
from tests.functional.assessments.desk import Desk


@pytest.fixture
def ready(session: Session, draft: Assessment, desk: Desk, clock: FixedClock) -> Desk:
    answer_all(session, draft, clock)
    session.commit()
    return desk


@pytest.fixture
def submission(session: Session, draft: Assessment, ready: Desk) -> Submission:
    ready.browser.client.post(f"{ready.base}/submit", data=DECLARATION)
    session.expire_all()
    found = submission_of(session, draft)
    assert found is not None
    session.rollback()
    return found


def test_submitting_leads_to_the_result(ready: Desk) -> None:
    page = ready.submit(**DECLARATION)
    assert page.path == f"{ready.base}/result"
    assert "The assessment is submitted. This is your result." in page.text
    assert "Declared by 王建国, 总经理" in page.text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("field", "typed", "english", "chinese"),
    [
        ("name", "", "Enter who declares.", "请填写声明人姓名"),
        ("name", "   ", "Enter who declares.", "请填写声明人姓名"),
        ("name", "\x00", "Enter who declares.", "请填写声明人姓名"),
        ("name", "x" * 81, "Shorten the name to at most 80 characters.", "80 个字"),
        ("title", "　", "Enter the position, such as general manager.", "请填写职务"),
        ("title", "x" * 81, "Shorten the position to at most 80 characters.", "80 个字"),
        ("truthful", "", "Tick the declaration to submit.", "勾选"),
    ],
)
def test_a_declaration_that_lacks_something_names_it_and_keeps_the_rest(
    ready: Desk, language: str, field: str, typed: str, english: str, chinese: str
) -> None:
    ready.browser.get(f"/?lang={language}")
    page = ready.submit(422, **DECLARATION | {field: typed})
    assert {"en": english, "zh": chinese}[language] in page.text
    assert f"#{field}" in page.links
    kept = "title" if field == "name" else "name"
    assert f'value="{DECLARATION[kept]}"' in page.html


def test_what_is_declared_is_kept_without_blanks_and_control_characters(
    ready: Desk, session: Session, draft: Assessment
) -> None:
    ready.submit(**DECLARATION | {"name": " 王\x00建国\t"})
    session.expire_all()
    found = submission_of(session, draft)
    assert found is not None
    assert found.declared_name == "王建国"


def test_submitting_twice_is_refused(ready: Desk) -> None:
    ready.submit(**DECLARATION)
    page = ready.submit(409, **DECLARATION)
    assert "This assessment is submitted and cannot be changed. Open a correction instead." in page.text


def test_a_save_on_a_submitted_assessment_is_refused(ready: Desk, stored: Any) -> None:
    ready.submit(**DECLARATION)
    before = stored.history("it_department")
    reply = ready.save("it_department", {"it_department": "none"}, version=1)
    assert (reply.status_code, reply.json["error"]) == (409, "assessment_submitted")
    assert stored.history("it_department") == before


def test_a_page_sent_after_the_submission_is_refused(ready: Desk, stored: Any) -> None:
    shown = ready.open("governance")
    ready.submit(**DECLARATION)
    page = ready.send(shown, 409, it_staff="7")
    assert "This assessment is submitted" in page.text
    assert stored.answer("it_staff") == {"it_staff": "6"}


def test_the_pages_of_a_submitted_assessment_lead_to_its_result(ready: Desk) -> None:
    ready.submit(**DECLARATION)
    for page in ("", "/sections/rd", "/review"):
        assert ready.browser.get(f"{ready.base}{page}").path == f"{ready.base}/result"


def test_the_document_is_canonical_and_has_its_hash(submission: Submission) -> None:
    content = submission.document.encode()
    assert rfc8785.dumps(json.loads(content)) == content
    assert hashlib.sha256(content).hexdigest() == submission.sha256


def test_the_document_holds_all_that_the_result_depends_on(submission: Submission, draft: Assessment) -> None:
    document = json.loads(submission.document)
    assert document["edition"]["sha256"] == draft.edition_sha256
    assert document["profile"] == draft.profile
    assert document["facts"]["key_processes_controlled"] == "9"
    assert document["assessment"] == {"id": str(draft.id), "period": 2025, "revision": 1}
    assert document["enterprise"]["uscc"] == "91110000600037341L"
    assert document["declaration"]["submitted_at"] == "2026-11-24T02:00:00+00:00"


def test_the_contributions_of_the_answers_sum_to_the_score_exactly(submission: Submission) -> None:
    document = json.loads(submission.document)
    total = document["explanation"]["capability"]
    assert sum(Fraction(leaf["contribution"]) for leaf in leaves(total)) == Fraction(submission.capability_exact)


def rescore(app: Any) -> tuple[int, str]:
    """What `flask rescore --verify` ends with and says."""
    done = app.test_cli_runner().invoke(args=["rescore", "--verify"])
    return done.exit_code, done.output


def test_every_stored_result_follows_from_its_own_facts(app: Any, submission: Submission) -> None:
    assert rescore(app) == (0, "1 submissions, 0 different\n")


def _changed(**parts: Any) -> Any:
    """Change parts of the document; a hash that fits is put beside it, as somebody careful would."""

    def tamper(document: dict[str, Any]) -> dict[str, str]:
        for part, values in parts.items():
            document[part] |= values
        content = rfc8785.dumps(document)
        return {"document": content.decode(), "sha256": hashlib.sha256(content).hexdigest()}

    return tamper


TAMPERED = {
    "a better answer": _changed(facts={"key_processes_controlled": "16"}),
    "a higher level": _changed(score={"level": 4}),
    "another profile": _changed(profile={"production_type": "process"}),
    "an answer that is none": _changed(facts={"key_processes_controlled": "most"}),
    "a question that is none": _changed(facts={"favourite_colour": "red"}),
    "another assessment": _changed(assessment={"id": "00000000-0000-4000-8000-000000000000"}),
    "another signatory": _changed(declaration={"name": "李四"}),
    "an edition that is none": _changed(edition={"sha256": "0" * 64}),
    "no JSON": lambda document: {"document": "{"},
    "something else": lambda document: {"document": "[]"},
    "another order": lambda document: {"document": json.dumps(document, ensure_ascii=False)},
    "only the hash": lambda document: {"sha256": "0" * 64},
    "only the name in the hashed bytes": lambda document: {
        "document": rfc8785.dumps(document | {"enterprise": {"name": "X"}}).decode()
    },
    "only the level in the table": lambda document: {"level": 4},
    "only the score in the table": lambda document: {"capability": 99},
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=list(TAMPERED))
def test_a_tampered_document_is_found(app: Any, session: Session, submission: Submission, tamper: Any) -> None:
    values = tamper(json.loads(submission.document))
    session.execute(update(Submission).values(**values))
    session.commit()
    status, said = rescore(app)
    assert (status, said) == (1, f"different: {submission.id}\n1 submissions, 1 different\n")

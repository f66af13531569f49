"""Which answers a file proves: chosen again, described, taken away, carried over, and frozen with what is submitted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment, SectionAssignment
from maturity.assessments.service import revise_assessment
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.factories import files
from tests.factories.assessments import answer_all, make_assessment, submit
from tests.functional.evidence.conftest import ANOTHER, QUESTION, Cabinet, Stored, Worker, cabinet_of

PDF = ("台账.pdf", files.pdf())


def at(assessment: Assessment, cabinet: Cabinet) -> Cabinet:
    """The same person at another assessment."""
    return Cabinet(cabinet.browser, f"/t/{assessment.tenant_id}/assessments/{assessment.id}")


@pytest.fixture
def file_id(cabinet: Cabinet, stored: Stored, worker: Worker) -> Any:
    cabinet.upload(PDF)
    worker.work_off()
    return stored.file().id


def submitted(session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()


def revision_of(session: Session, draft: Assessment, clock: FixedClock) -> Assessment:
    revision = revise_assessment(session, draft, draft.profile, actor_id=None, clock=clock)
    session.commit()
    return revision


def test_a_file_says_until_when_what_it_shows_is_valid(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    link = f"evidence/links/{stored.link().id}"
    assert "valid until" in cabinet.post(link, caption="", valid_until="2027-03-31").text
    assert stored.file().valid_until == date(2027, 3, 31)
    assert "such as 2027-03-31" in cabinet.post(link, 422, caption="", valid_until="next spring").text
    cabinet.post(link, caption="page 2")
    assert stored.file().valid_until == date(2027, 3, 31), "a form without the day leaves it"
    cabinet.post(link, caption="", valid_until="")
    assert stored.file().valid_until is None


def test_a_file_that_is_here_is_chosen_for_another_answer(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    assert "台账.pdf" in cabinet.page(ANOTHER).text
    cabinet.post(f"questions/{ANOTHER}/evidence/chosen", file=str(file_id))
    assert {link.question_id for link in stored.links()} == {QUESTION, ANOTHER}
    page = cabinet.file(file_id)
    assert f"{cabinet.base}/questions/{ANOTHER}/evidence" in page.links


def test_choosing_none_says_so(file_id: Any, cabinet: Cabinet) -> None:
    assert "Choose a file first." in cabinet.post(f"questions/{ANOTHER}/evidence/chosen", 422).text


def test_the_page_of_a_file_links_it_to_further_answers(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    cabinet.post(f"evidence/{file_id}/links", question=ANOTHER)
    assert {link.question_id for link in stored.links()} == {QUESTION, ANOTHER}


def test_a_remark_says_what_of_the_file_proves_the_answer(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    page = cabinet.post(f"evidence/links/{stored.link().id}", caption="  第3页，\n合计行 ")
    assert "第3页， 合计行" in page.html
    assert stored.link().caption == "第3页， 合计行"


def test_a_remark_that_is_too_long_is_refused(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    assert "200 characters" in cabinet.post(f"evidence/links/{stored.link().id}", 422, caption="长" * 201).text


def test_a_file_that_is_taken_away_can_be_chosen_again(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    page = cabinet.post(f"evidence/links/{stored.link().id}/remove")
    assert "No file proves this answer yet." in page.text
    assert (stored.links(), len(stored.events("evidence.removed"))) == ([], 1)
    assert stored.file().unused_since is not None
    assert "Files that prove no answer" in cabinet.browser.get(f"{cabinet.base}/evidence").text
    cabinet.post(f"questions/{QUESTION}/evidence/chosen", file=str(file_id))
    assert stored.file().unused_since is None


def test_a_file_of_an_earlier_year_is_marked_as_carried_over(
    session: Session, clock: FixedClock, tenant: Tenant, cabinet: Cabinet, stored: Stored
) -> None:
    earlier = make_assessment(session, tenant, clock, 2024)
    session.commit()
    at(earlier, cabinet).upload(PDF)
    assert "from 2024" in cabinet.page().text
    cabinet.post(f"questions/{QUESTION}/evidence/chosen", file=str(stored.file().id))
    assert "carried over from 2024" in cabinet.page().text
    assert [link.from_period for link in stored.links()] == [None, 2024]


def test_uploading_the_file_of_last_year_again_carries_it_over_too(
    session: Session, clock: FixedClock, tenant: Tenant, cabinet: Cabinet, stored: Stored
) -> None:
    earlier = make_assessment(session, tenant, clock, 2024)
    session.commit()
    at(earlier, cabinet).upload(PDF)
    cabinet.upload(PDF)
    assert [link.from_period for link in stored.links()] == [None, 2024]


def test_a_correction_begins_with_the_evidence_of_what_it_corrects(
    file_id: Any, session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet, stored: Stored
) -> None:
    submitted(session, draft, clock)
    correction = at(revision_of(session, draft, clock), cabinet)
    assert "台账.pdf" in correction.page().text
    assert len(stored.links()) == 1, "the same link, not a copy"


def test_what_a_correction_takes_away_stays_with_the_submitted_revision(
    file_id: Any, session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet, stored: Stored
) -> None:
    submitted(session, draft, clock)
    correction = at(revision_of(session, draft, clock), cabinet)
    correction.post(f"evidence/links/{stored.link().id}/remove")
    assert "No file proves this answer yet." in correction.page().text
    assert "台账.pdf" in cabinet.page().text
    assert stored.link().removed_in == 2
    assert stored.file().unused_since is None, "a result rests on it"
    correction.post(f"questions/{QUESTION}/evidence/chosen", file=str(file_id))
    assert "No file proves this answer yet." not in correction.page().text


def test_what_a_correction_adds_is_not_evidence_of_the_submitted_revision(
    session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet
) -> None:
    submitted(session, draft, clock)
    at(revision_of(session, draft, clock), cabinet).upload(PDF)
    assert "台账.pdf" not in cabinet.page().text


def test_a_submitted_revision_keeps_its_evidence_as_it_was(
    file_id: Any, session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet, stored: Stored
) -> None:
    submitted(session, draft, clock)
    link = stored.link()
    page = cabinet.page()
    assert "This revision is closed." in page.text
    assert "Take away" not in page.text
    for address in (f"evidence/links/{link.id}/remove", f"evidence/links/{link.id}", f"evidence/{file_id}/links"):
        assert "submitted and cannot be changed" in cabinet.post(address, 409, question=ANOTHER).text
    assert "cannot be changed" in cabinet.post(f"questions/{ANOTHER}/evidence/chosen", 409, file=str(file_id)).text
    assert stored.link().caption == ""


def test_a_remark_of_a_submitted_revision_is_not_reworded_in_its_correction(
    file_id: Any, session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet, stored: Stored
) -> None:
    submitted(session, draft, clock)
    correction = at(revision_of(session, draft, clock), cabinet)
    assert "earlier revision" in correction.post(f"evidence/links/{stored.link().id}", 409, caption="x").text


def test_the_number_of_answers_with_evidence_stands_where_answers_are_listed(
    file_id: Any, session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet
) -> None:
    said = "1 answer has evidence."
    assert said in cabinet.browser.get(f"{cabinet.base}/review").text
    assert said in cabinet.browser.get(f"{cabinet.base}/evidence").text
    submitted(session, draft, clock)
    assert said in cabinet.browser.get(f"{cabinet.base}/result").text


def test_contributors_see_and_add_the_evidence_of_their_sections_only(
    app: Any,
    session: Session,
    clock: FixedClock,
    tenant: Tenant,
    draft: Assessment,
    file_id: Any,
    cabinet: Cabinet,
    stored: Stored,
) -> None:
    theirs = cabinet_of(app, session, clock, tenant, cabinet.base, "contributor")
    assert theirs.page(status=404)
    assert theirs.file(file_id, status=404)
    assert theirs.download(file_id).status_code == 404
    assert theirs.send(PDF).status_code == 404
    user_id = session.scalar(select(User.id).where(User.name == "李梅"))
    section = "infrastructure"
    session.add(
        SectionAssignment(
            tenant_id=tenant.id, assessment_id=draft.id, section=section, user_id=user_id, assigned_at=clock.now()
        )
    )
    session.commit()
    assert "台账.pdf" in theirs.page().text
    assert theirs.download(file_id).status_code == 200
    clock.at += timedelta(seconds=1)
    own = ("own.png", files.picture())
    assert theirs.send(own).status_code == 200
    assert theirs.send(own, question=ANOTHER).status_code == 404

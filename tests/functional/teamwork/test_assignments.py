"""Sections given to people: contributors open theirs and nothing else, owners and editors all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.factories.assessments import answer_all, submit
from tests.factories.people import make_user
from tests.functional.teamwork.conftest import Colleague, Hire, Post

ANSWER = {"it_staff": "6"}  # a question of the section governance
DUE = date(2026, 12, 1)


@pytest.fixture
def contributor(hire: Hire) -> Colleague:
    return hire("contributor", "王芳")


def test_without_an_assignment_a_contributor_is_told_whom_to_ask(hire: Hire, contributor: Colleague) -> None:
    hire("editor", "赵强")
    for address in ("", "/review"):
        page = contributor.at(address)
        assert "No section is assigned to you yet" in page.text
        assert "李明, 赵强" in page.text
        assert "governance" not in page.html


def test_a_contributor_is_led_to_the_section_assigned(owner: Colleague, contributor: Colleague) -> None:
    owner.assign(["rd"], contributor)
    page = contributor.at("")
    assert page.path.endswith("/sections/rd")
    assert not [link for link in page.links if "/sections/governance" in link]


def test_a_contributors_progress_counts_the_own_sections(
    owner: Colleague, contributor: Colleague, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    owner.assign(["governance"], contributor)
    answer_all(session, draft, clock, but=["it_staff"])
    session.commit()
    page = contributor.at("/sections/governance")
    assert "1 questions left" in page.text
    reply = contributor.save("it_staff", ANSWER).json["progress"]
    assert reply["line"] == "All questions are answered."
    assert list(reply["sections"]) == ["governance"]
    assert "Every question is answered." in contributor.browser.get(f"/t/{draft.tenant_id}/").text


def test_a_contributors_review_lists_the_own_sections(owner: Colleague, contributor: Colleague) -> None:
    owner.assign(["governance"], contributor)
    links = contributor.review().links
    assert [link for link in links if "/sections/governance" in link]
    assert not [link for link in links if "/sections/rd" in link or "/sections/production" in link]
    assert not [link for link in links if "answers" in link]


@pytest.mark.parametrize("address", ["/sections/governance", "/questions/it_staff", "/questions/it_staff/comments"])
def test_a_section_of_others_is_not_there(owner: Colleague, contributor: Colleague, address: str) -> None:
    owner.assign(["rd"], contributor)
    contributor.at(address, status=404)
    contributor.at(address.replace("governance", "rd").replace("it_staff", "design_tools"))


def test_what_the_whole_can_still_reach_is_not_shown_to_whoever_answers_a_part(
    owner: Colleague, contributor: Colleague
) -> None:
    owner.assign(["rd"], contributor)
    assert "data-reachable" in owner.at("/sections/rd").html
    assert '<section class="reachable"' not in contributor.at("/sections/rd").html
    contributor.at("/reachable", status=404)
    assert contributor.at("/shortest").path.endswith("/sections/rd")


def test_a_question_of_others_cannot_be_answered(owner: Colleague, contributor: Colleague) -> None:
    owner.assign(["rd"], contributor)
    assert contributor.save("it_staff", ANSWER).status_code == 404
    contributor.press("/questions/it_staff/comments", 404, **{"comment.it_staff": "?"})
    contributor.press("/presence", 404, question="it_staff")
    assert owner.save("it_staff", ANSWER).json["version"] == 1


def test_a_question_of_others_smuggled_into_an_own_page_spoils_the_page(
    owner: Colleague, contributor: Colleague
) -> None:
    owner.assign(["rd"], contributor)
    fields = {"question": ["design_tools", "it_staff"], "version.it_staff": "0", "design_tools": "manual", **ANSWER}
    contributor.press("/sections/rd", 404, **fields)
    assert owner.save("it_staff", ANSWER).json["version"] == 1
    assert owner.save("design_tools", {"design_tools": "manual"}).json["version"] == 1


def test_the_history_of_others_sections_is_not_shown(owner: Colleague, contributor: Colleague) -> None:
    owner.assign(["rd"], contributor)
    owner.save("it_staff", ANSWER)
    contributor.at("/questions/it_staff/history", 404)
    contributor.at("/history?section=governance", 404)
    assert "Nothing has been changed here yet" in contributor.at("/history").text


def test_an_assignment_taken_back_closes_the_section(owner: Colleague, contributor: Colleague) -> None:
    owner.assign(["governance"], contributor)
    contributor.save("it_staff", ANSWER)
    page = owner.press("/assignments/remove", share=f"governance:{contributor.user_id}")
    assert "nobody yet" in page.text
    contributor.at("/sections/governance", 404)
    assert 'value="6"' in owner.open("governance").html


def test_several_sections_go_to_several_people_at_once(owner: Colleague, contributor: Colleague, hire: Hire) -> None:
    other = hire("contributor", "Jane Doe")
    page = owner.assign(["governance", "rd"], contributor, other, due=DUE)
    assert page.text.count("by 2026-12-01") == 4
    for person in (contributor, other):
        person.at("/sections/governance")
        person.at("/sections/rd")


def test_who_gets_a_section_is_told_which_and_by_when(owner: Colleague, contributor: Colleague, post: Post) -> None:
    owner.assign(["governance", "rd"], contributor, due=DUE)
    (letter,) = post.to(contributor)
    assert letter.subject == "李明 asks you to answer part of the assessment for 2025"
    assert "Please answer them by 1 December 2026." in letter.body
    assert f"http://localhost{owner.base}" in letter.body


def test_a_letter_is_in_the_language_of_who_reads_it(owner: Colleague, hire: Hire, post: Post) -> None:
    chinese = hire("contributor", "王芳", locale="zh_CN")
    owner.assign(["governance"], chinese, due=DUE)
    assert "2026年12月1日" in post.to(chinese)[0].body


def test_another_day_for_a_section_one_has_writes_no_letter(
    owner: Colleague, contributor: Colleague, post: Post
) -> None:
    owner.assign(["governance"], contributor)
    page = owner.assign(["governance"], contributor, due=DUE)
    assert "by 2026-12-01" in page.text
    assert len(post.to(contributor)) == 1


def test_what_is_overdue_is_marked_until_it_is_answered(
    owner: Colleague, contributor: Colleague, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    owner.assign(["governance"], contributor, due=clock.today())
    assert "overdue" not in owner.at("/assignments").text
    clock.at = clock.at.replace(day=25)
    assert "overdue since 2026-11-24" in owner.at("/assignments").text
    answer_all(session, draft, clock)
    session.commit()
    assert "overdue" not in owner.at("/assignments").text


def test_wrong_input_is_named_and_keeps_what_was_ticked(owner: Colleague, contributor: Colleague) -> None:
    page = owner.assign([], contributor, status=422)
    assert "Tick at least one section." in page.text
    assert f'value="{contributor.user_id}" checked' in page.html
    page = owner.assign(["rd"], status=422)
    assert "Tick at least one person." in page.text
    page = owner.assign(["rd"], contributor, due=date(2026, 11, 23), status=422)
    assert "This day has passed." in page.text


def test_only_those_who_answer_can_be_given_a_section(owner: Colleague, hire: Hire) -> None:
    viewer = hire("viewer", "看客")
    assert "看客" not in owner.at("/assignments").text
    owner.assign(["rd"], viewer, status=404)


def test_a_person_of_another_enterprise_cannot_be_given_a_section(
    owner: Colleague, session: Session, clock: FixedClock
) -> None:
    stranger = make_user(session)
    session.commit()
    owner.browser.post(f"{owner.base}/assignments", {"sections": ["rd"], "people": [stranger.id]}, 404)


def test_an_empty_board_says_what_to_do(owner: Colleague) -> None:
    assert "No section is assigned yet." in owner.at("/assignments").text


def test_an_assignment_is_recorded(owner: Colleague, contributor: Colleague, recorded: Any) -> None:
    owner.assign(["governance"], contributor)
    (event,) = recorded("section.assigned")
    assert event.details["user_id"] == str(contributor.user_id)
    assert event.actor_id == owner.user_id
    assert "王芳" not in str(event.details)  # encrypted with the person's key


def test_a_correction_keeps_who_answers_what(
    owner: Colleague,
    contributor: Colleague,
    session: Session,
    draft: Assessment,
    clock: FixedClock,
    tenant: Tenant,
) -> None:
    owner.assign(["rd"], contributor, due=DUE)
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    revision = owner.press("/revise").path.partition("/sections")[0].partition("/review")[0]
    assert contributor.browser.get(f"{revision}/sections/rd").path == f"{revision}/sections/rd"
    contributor.browser.get(f"{revision}/sections/governance", 404)
    assert "by 2026-12-01" not in owner.browser.get(f"{revision}/assignments").text


def test_nothing_is_assigned_after_submitting(
    owner: Colleague, contributor: Colleague, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    owner.assign(["rd"], contributor, status=409)
    assert "nothing can be assigned any more" in owner.at("/assignments").text


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/answers.xlsx"),
        ("POST", "/documents/answers"),
        ("GET", "/documents/answers"),
        ("GET", "/documents/answers.pdf"),
    ],
)
def test_no_document_shows_a_contributor_the_answers_of_others(
    owner: Colleague, contributor: Colleague, method: str, address: str
) -> None:
    owner.assign(["rd"], contributor)
    assert contributor.browser.client.open(contributor.base + address, method=method).status_code == 404
    assert owner.browser.client.open(owner.base + "/answers.xlsx").status_code == 200

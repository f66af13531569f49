"""Comments beside questions: threads, mentions and their letters, settling, changing and deleting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.teamwork.models import Comment, Mention
from tests.factories.assessments import answer_all, submit
from tests.functional.teamwork.conftest import Colleague, Hire, Post
from tests.statements import statements

QUESTION = "it_staff"
THREAD = f"/questions/{QUESTION}/comments"


@pytest.fixture
def editor(hire: Hire) -> Colleague:
    return hire("editor", "王芳")


@pytest.fixture
def last(session: Session) -> Callable[[], str]:
    """The id of the comment written last."""

    def found() -> str:
        comment = session.scalars(select(Comment.id).order_by(Comment.written_at.desc()).limit(1)).one()
        session.rollback()
        return str(comment)

    return found


def test_a_comment_stands_beside_its_question_with_who_and_when(owner: Colleague, editor: Colleague) -> None:
    owner.comment(QUESTION, "Do contractors count?")
    page = editor.open("governance")
    assert "Comments 1" in page.text
    assert "李明 2026-11-24 10:00 Do contractors count?" in page.text


def test_a_comment_is_plain_text(owner: Colleague) -> None:
    page = owner.comment(QUESTION, "<b>two</b>\r\nlines\x00 \u202e")
    assert "&lt;b&gt;two&lt;/b&gt;\nlines</p>" in page.html


@pytest.mark.parametrize(
    ("text", "message"), [("  ", "Write something first."), ("x" * 2001, "at most 2,000 characters")]
)
def test_what_cannot_be_a_comment_is_refused_and_kept(owner: Colleague, text: str, message: str) -> None:
    page = owner.comment(QUESTION, text, status=422)
    assert message in page.text
    assert f">{text}</textarea>" in page.html


@pytest.mark.parametrize(("role", "status"), [("signatory", 200), ("reviewer", 200), ("viewer", 403)])
def test_the_role_decides_who_comments(hire: Hire, role: str, status: int) -> None:
    person = hire(role, "某人")
    person.comment(QUESTION, "?", status=status)
    assert ("Your comment" in person.at(THREAD).text) == (status == 200)


def test_a_mention_sends_one_letter_for_all_comments_of_ten_minutes(
    owner: Colleague, editor: Colleague, clock: FixedClock, post: Post, work: Callable[[], int]
) -> None:
    owner.comment(QUESTION, "@王芳 do you know?")
    clock.at += timedelta(minutes=2)
    owner.comment("it_department", "And this one, ＠王芳?")
    assert (work(), post.to(editor)) == (0, [])
    clock.at += timedelta(minutes=10)
    work()
    (letter,) = post.to(editor)
    assert "李明: @王芳 do you know?" in letter.body
    assert "And this one" in letter.body
    assert f"http://localhost{owner.base}{THREAD}" in letter.body


def test_the_next_ten_minutes_bring_the_next_letter_with_what_is_new(
    owner: Colleague, editor: Colleague, clock: FixedClock, post: Post, work: Callable[[], int]
) -> None:
    for text in ("first @王芳", "second @王芳"):
        owner.comment(QUESTION, text)
        clock.at += timedelta(minutes=11)
        work()
    assert [("first" in letter.body, "second" in letter.body) for letter in post.to(editor)] == [
        (True, False),
        (False, True),
    ]


def test_a_comment_deleted_before_the_letter_is_not_in_it(
    owner: Colleague,
    editor: Colleague,
    clock: FixedClock,
    post: Post,
    work: Callable[[], int],
    last: Callable[[], str],
) -> None:
    owner.comment(QUESTION, "a secret for @王芳")
    page = owner.press(f"/comments/{last()}/delete")
    assert "李明 deleted a comment." in page.text
    assert "secret" not in page.html
    clock.at += timedelta(minutes=11)
    work()
    assert post.to(editor) == []


def test_nobody_is_told_of_the_own_comment_or_of_a_name_that_nobody_has(
    owner: Colleague, session: Session, editor: Colleague
) -> None:
    owner.comment(QUESTION, "@李明 @张三 li@example.com")
    assert session.scalars(select(Mention)).all() == []
    session.rollback()


def test_a_contributor_without_the_section_is_not_told_and_the_writer_learns_it(
    owner: Colleague, hire: Hire, session: Session
) -> None:
    contributor = hire("contributor", "周工")
    page = owner.comment(QUESTION, "@周工 ?")
    assert "周工 has not been assigned this section, cannot open it, and so is not told." in page.text
    assert "周工" not in owner.open("governance").html.partition('data-people="')[2].partition('"')[0]
    owner.assign(["governance"], contributor)
    page = owner.comment(QUESTION, "@周工 now?")
    assert "has not been assigned" not in page.text
    assert len(session.scalars(select(Mention)).all()) == 1
    session.rollback()


def test_the_names_offered_are_those_of_colleagues_who_can_open_the_section(
    owner: Colleague, editor: Colleague
) -> None:
    offered = owner.open("governance").html.partition('data-people="')[2].partition('"')[0]
    assert "\\u738b\\u82b3" in offered or "王芳" in offered
    assert "李明" not in offered
    assert "\\u674e\\u660e" not in offered


def test_a_settled_thread_is_opened_by_the_next_comment(owner: Colleague, editor: Colleague) -> None:
    owner.comment(QUESTION, "?")
    page = editor.press(f"{THREAD}/settle", settled="yes")
    assert "王芳 settled this on 2026-11-24." in page.text
    assert "Open comments" not in owner.review().text
    owner.comment(QUESTION, "not quite")
    assert "settled" not in editor.at(THREAD).text.replace("Mark as settled", "")


def test_a_settled_thread_can_be_opened_again(owner: Colleague) -> None:
    owner.comment(QUESTION, "?")
    owner.press(f"{THREAD}/settle", settled="yes")
    page = owner.press(f"{THREAD}/settle", settled="no")
    assert "Mark as settled" in page.text


def test_there_is_nothing_to_settle_where_nobody_spoke(owner: Colleague) -> None:
    owner.press(f"{THREAD}/settle", 409, settled="yes")


def test_the_review_lists_open_comments(owner: Colleague, editor: Colleague) -> None:
    owner.comment(QUESTION, "Do contractors count?")
    page = editor.review()
    assert "Open comments 1" in page.text
    assert "李明: Do contractors count?" in page.text
    assert f"{owner.base}{THREAD}" in page.links


def test_the_own_comment_can_be_changed_for_a_quarter_of_an_hour(
    owner: Colleague, clock: FixedClock, last: Callable[[], str]
) -> None:
    owner.comment(QUESTION, "Do contractors cuont?")
    address, text = f"/comments/{last()}/change", {f"change.{last()}": "Do contractors count?"}
    clock.at += timedelta(minutes=15)
    page = owner.press(address, **text)
    assert "· changed Do contractors count?" in page.text
    clock.at += timedelta(seconds=1)
    assert "15 minutes" in owner.press(address, 409, **text).text
    assert "Save the comment" not in owner.at(THREAD).text


@pytest.mark.parametrize("action", ["change", "delete"])
def test_a_comment_of_another_is_left_alone(
    owner: Colleague, editor: Colleague, last: Callable[[], str], action: str
) -> None:
    owner.comment(QUESTION, "mine")
    editor.press(f"/comments/{last()}/{action}", 403, **{f"change.{last()}": "yours"})
    assert "mine" in owner.at(THREAD).text


def test_a_person_named_only_in_the_changed_comment_is_told(
    owner: Colleague, editor: Colleague, clock: FixedClock, post: Post, work: Callable[[], int], last: Callable[[], str]
) -> None:
    owner.comment(QUESTION, "who knows?")
    owner.press(f"/comments/{last()}/change", **{f"change.{last()}": "who knows, @王芳?"})
    clock.at += timedelta(minutes=11)
    work()
    assert len(post.to(editor)) == 1


def test_the_thread_comes_alone_for_a_page_that_shows_it(owner: Colleague) -> None:
    reply = owner.browser.client.post(
        f"{owner.base}{THREAD}", data={f"comment.{QUESTION}": "?"}, headers={"X-Part": "thread"}
    )
    assert reply.status_code == 200
    assert reply.text.lstrip().startswith('<div class="beside"')


def test_a_comment_is_recorded(owner: Colleague, recorded: Any, last: Callable[[], str]) -> None:
    owner.comment(QUESTION, "?")
    (event,) = recorded("comment.added")
    assert event.details["comment_id"] == last()


def test_after_submitting_comments_are_read_and_not_written(
    owner: Colleague, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    owner.comment(QUESTION, "Do contractors count?")
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    owner.comment(QUESTION, "too late", status=409)
    page = owner.at(THREAD)
    assert "Do contractors count?" in page.text
    assert "Your comment" not in page.text


def test_the_page_of_a_section_asks_no_more_of_the_database_the_more_is_said_and_assigned(
    app: Any, owner: Colleague, hire: Hire
) -> None:
    def asked() -> int:
        owner.open("governance")  # whatever is read once for the process
        with app.app_context():
            engine = db.engine
        with statements(engine) as sent:
            owner.open("governance")
        return len(sent)

    before = asked()
    people = [hire("contributor", name) for name in ("周工", "吴工", "郑工")]
    owner.assign(["governance", "rd", "production"], *people)
    for question in ("it_staff", "it_department", "cio_level"):
        for person in people:
            owner.comment(question, f"@{person.name} ?")
    assert asked() == before

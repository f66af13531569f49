"""The signature: asked for, given, refused with a note, or passed over by the owner in so many words."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, SignOff
from maturity.clock import FixedClock
from tests.factories.assessments import DECLARATION, answer_all
from tests.functional.teamwork.conftest import Colleague, Hire, Post


@pytest.fixture
def signatory(hire: Hire) -> Colleague:
    return hire("signatory", "陈总")


@pytest.fixture
def answered(session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer_all(session, draft, clock)
    session.commit()


@pytest.fixture
def sign_offs(session: Session) -> Any:
    def found() -> list[tuple[str, int | None]]:
        rows = session.scalars(select(SignOff).order_by(SignOff.requested_at)).all()
        told = [(row.state, row.decided_by) for row in rows]
        session.rollback()
        return told

    return found


@pytest.mark.usefixtures("answered")
def test_an_editor_asks_and_the_signatory_is_written_to(hire: Hire, signatory: Colleague, post: Post) -> None:
    editor = hire("editor", "王芳")
    assert "陈总 signs this assessment." in editor.review().text
    page = editor.press("/sign-off")
    assert "陈总 is asked to sign." in page.text
    assert "陈总 was asked to sign on 2026-11-24." in page.text
    (letter,) = post.to(signatory)
    assert letter.subject == "The assessment for 2025 waits for your signature"
    assert "王芳 says that the assessment for 2025 is ready." in letter.body
    assert f"http://localhost{editor.base}/review" in letter.body


def test_what_is_not_complete_is_not_ready_to_sign(owner: Colleague, signatory: Colleague, sign_offs: Any) -> None:
    assert "Once everything is answered" in owner.review().text
    assert "Some questions are not answered yet." in owner.press("/sign-off").text
    assert sign_offs() == []


@pytest.mark.usefixtures("answered")
def test_the_signatory_signs_by_submitting(
    owner: Colleague, signatory: Colleague, sign_offs: Any, recorded: Any
) -> None:
    owner.press("/sign-off")
    page = signatory.review()
    assert "李明 asked for your signature on 2026-11-24." in page.text
    assert "I submit without the signatory" not in page.text
    assert signatory.submit(**DECLARATION).path.endswith("/result")
    assert sign_offs() == [("signed", signatory.user_id)]
    (event,) = recorded("sign_off.given")
    assert event.actor_id == signatory.user_id
    assert "without the signatory" not in event.details["section"]


@pytest.mark.usefixtures("answered")
def test_the_signatory_sends_it_back_with_a_note(
    owner: Colleague, signatory: Colleague, post: Post, sign_offs: Any
) -> None:
    owner.press("/sign-off")
    page = signatory.press("/sign-off/return", note="Check the <number> of IT staff.")
    assert "The assessment is sent back with your note." in page.text
    page = owner.review()
    assert "陈总 sent it back on 2026-11-24: Check the <number> of IT staff." in page.text
    assert "Ask for the signature" in page.text
    assert "Check the <number> of IT staff." in post.to(owner)[0].body
    assert sign_offs() == [("returned", signatory.user_id)]
    owner.press("/sign-off")
    assert [state for state, _who in sign_offs()].count("open") == 1


@pytest.mark.usefixtures("answered")
def test_it_is_not_sent_back_without_a_note_or_a_request(owner: Colleague, signatory: Colleague) -> None:
    signatory.press("/sign-off/return", 409, note="?")
    owner.press("/sign-off")
    assert "Say in the note what is to be done" in signatory.press("/sign-off/return", note=" ").text


@pytest.mark.usefixtures("answered")
def test_it_is_asked_for_once(owner: Colleague, signatory: Colleague, post: Post) -> None:
    owner.press("/sign-off")
    assert "The signatory is asked already." in owner.press("/sign-off", 409).text
    assert len(post.to(signatory)) == 1


@pytest.mark.usefixtures("answered")
def test_the_signatory_sees_what_changed_since(owner: Colleague, signatory: Colleague, clock: FixedClock) -> None:
    owner.press("/sign-off")
    assert "Since then" not in signatory.review().text
    clock.at = clock.at.replace(minute=30)
    owner.save("it_staff", {"it_staff": "9"}, version=1)
    assert "Since then 1 answer was changed." in signatory.review().text


@pytest.mark.usefixtures("answered")
def test_the_owner_passes_the_signatory_over_only_in_so_many_words(
    owner: Colleague, signatory: Colleague, sign_offs: Any, recorded: Any
) -> None:
    page = owner.submit(422, **DECLARATION)
    assert "Tick that you submit without the signatory, or ask for the signature." in page.text
    assert owner.submit(**DECLARATION, without_signatory="y").path.endswith("/result")
    assert sign_offs() == [("overridden", owner.user_id)]
    assert "without the signatory" in recorded("sign_off.given")[0].details["section"]


@pytest.mark.usefixtures("answered")
def test_without_a_signatory_the_owner_submits_as_ever(owner: Colleague, sign_offs: Any, recorded: Any) -> None:
    page = owner.review()
    assert "signs this assessment" not in page.text
    assert "without the signatory" not in page.text
    assert "The enterprise has no signatory." in owner.press("/sign-off", 409).text
    assert owner.submit(**DECLARATION).path.endswith("/result")
    assert (sign_offs(), recorded("sign_off.given")) == ([], [])

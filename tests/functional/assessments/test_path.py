"""The server alone decides what is asked; an answer off the path is kept, and is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.clock import FixedClock
from tests.factories.assessments import answer, answer_all, submit
from tests.functional.assessments.conftest import Stored
from tests.functional.assessments.desk import Desk

DESIGNS = {"designs_3d": "60", "designs_new": "80"}


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        ("design_3d_share", DESIGNS),  # builds on an answer that is not there
        ("formula_management", {"formula_management": "paper"}),  # does not apply to a maker of machine tools
    ],
)
def test_a_question_off_the_path_is_refused_in_words_and_not_saved(
    desk: Desk, stored: Stored, question: str, fields: dict[str, str]
) -> None:
    reply = desk.save(question, fields)
    assert (reply.status_code, reply.json["error"]) == (409, "question_not_asked")
    assert "This question is not asked now" in reply.json["message"]
    assert stored.history(question) == []


def test_the_reply_names_the_questions_that_an_answer_brings(desk: Desk) -> None:
    moved = desk.save("design_tools", {"design_tools": "cad_3d"}).json["moved"]
    assert {"design_3d_share", "cae_use", "mbd_use", "plm_functions"} <= set(moved)


def test_the_reply_names_the_questions_that_an_answer_takes_away(desk: Desk) -> None:
    desk.save("design_tools", {"design_tools": "cad_3d"})
    moved = desk.save("design_tools", {"design_tools": "manual"}, version=1).json["moved"]
    assert "design_3d_share" in moved
    assert desk.save("design_3d_share", DESIGNS).status_code == 409


def test_a_question_that_is_not_asked_says_what_it_builds_on(desk: Desk) -> None:
    page = desk.open("rd")
    assert 'name="designs_3d"' not in page.html
    assert "Not asked now: it builds on" in page.text
    assert "counts zero and keeps its weight" in page.text


def test_an_answer_off_the_path_waits_for_a_return_visit(desk: Desk, stored: Stored) -> None:
    desk.save("design_tools", {"design_tools": "cad_3d"})
    desk.save("design_3d_share", DESIGNS)
    desk.save("design_tools", {"design_tools": "manual"}, version=1)
    assert stored.answer("design_3d_share") == DESIGNS
    assert 'value="60"' not in desk.open("rd").html
    desk.save("design_tools", {"design_tools": "cad_3d"}, version=2)
    assert 'name="designs_3d" value="60"' in desk.open("rd").html


@pytest.fixture
def left_the_path(session: Session, clock: FixedClock, draft: Assessment) -> dict[str, Any]:
    """The document of an assessment whose design answers left the path before it was submitted."""
    answer_all(session, draft, clock)
    answer(session, draft, "design_tools", clock, design_tools="manual")
    submit(session, draft, clock)
    session.commit()
    return _document(session)


def _document(session: Session) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(session.scalars(select(Submission.document)).one())
    session.rollback()
    return document


def test_an_answer_off_the_path_does_not_enter_the_submission(left_the_path: dict[str, Any]) -> None:
    assert left_the_path["facts"]["design_tools"] == "manual"
    assert not {"designs_3d", "designs_new", "mbd_use"} & set(left_the_path["facts"])


def test_an_answer_off_the_path_does_not_score(left_the_path: dict[str, Any]) -> None:
    indicator = _find(left_the_path["explanation"]["capability"], "designs_3d")
    assert (indicator["value"], indicator["state"]) == (None, "absent")
    assert "designs_3d_share" not in left_the_path["score"]


def test_an_answer_off_the_path_does_not_show_on_the_result(left_the_path: dict[str, Any], desk: Desk) -> None:
    page = desk.browser.get(f"{desk.base}/result")
    assert "60 designs" not in page.text
    assert "New or changed designs made in 3-Dnot there yet, counts zero" in page.text


def _find(node: dict[str, Any], name: str) -> dict[str, Any]:
    if node["id"] == name and not node.get("children"):
        return node
    found = [_find(child, name) for child in node.get("children", [])]
    return next((item for item in found if item), {})


def test_a_client_that_claims_a_score_or_a_path_is_not_believed(desk: Desk) -> None:
    fields = {"it_department": "none", "capability": "100", "level": "4", "percent": "100", "moved": "cross_border"}
    reply = desk.save("it_department", fields)
    assert reply.json["progress"]["percent"] < 5
    assert desk.save("cross_border", {"export_online": "1", "export_total": "2"}).status_code == 409

"""Many answers saved together: by the rules of one, all of them or none."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import (
    AnswerConflict,
    Given,
    InvalidAnswer,
    QuestionNotAsked,
    load_sheet,
    save_answer,
    save_answers,
)
from maturity.assessments.models import Answer, AnswerVersion, Assessment
from maturity.assessments.reach import Reach
from maturity.clock import FixedClock
from maturity.errors import NotFound
from tests.factories.assessments import make_assessment, typed_value
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

MONEY = Given("it_investment", {"it_investment": "480", "operating_revenue": "36000"}, 0)
TOOLS = Given("design_tools", {"design_tools": "mbd"}, 0)
DESIGNS = Given("design_3d_share", {"designs_3d": "3", "designs_new": "5"}, 0)


@pytest.fixture
def draft(session: Session, clock: FixedClock) -> Assessment:
    return make_assessment(session, make_enterprise(session, make_user(session), clock), clock)


@pytest.fixture
def save(session: Session, clock: FixedClock, draft: Assessment, framework: Framework) -> Any:
    def save(*given: Given, **more: Any) -> Any:
        return save_answers(session, draft, framework, given, actor_id=None, clock=clock, **more)

    return save


def count(session: Session) -> int:
    return len(session.scalars(select(Answer.question_id)).all())


def test_one_answer_may_bring_another_onto_the_path(save: Any, session: Session) -> None:
    save(DESIGNS, TOOLS, MONEY)
    assert count(session) == 3


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Given("office_computers", {"computers": "many", "staff_total": "4"}, 0), InvalidAnswer),
        (DESIGNS, QuestionNotAsked),
        (Given("office_computers", {"computers": "3", "staff_total": "4"}, 7), AnswerConflict),
        (Given("nothing", {}, 0), NotFound),
    ],
)
def test_one_that_cannot_be_saved_stops_all(save: Any, session: Session, bad: Given, error: type[Exception]) -> None:
    with pytest.raises(error):
        save(MONEY, bad)
    assert count(session) == 0


def test_what_is_out_of_reach_stops_all(save: Any, session: Session) -> None:
    with pytest.raises(NotFound):
        save(MONEY, TOOLS, reach=Reach(frozenset(["infrastructure"])))
    assert count(session) == 0


def test_every_problem_is_told_at_once(save: Any) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        save(
            Given("office_computers", {"computers": "many", "staff_total": "4"}, 0),
            Given("it_investment", {"it_investment": "much"}, 0),
        )
    assert set(refused.value.problems) == {"computers", "it_investment"}


def test_the_same_again_writes_nothing(save: Any, session: Session) -> None:
    save(MONEY)
    save(MONEY)
    versions = session.scalars(select(AnswerVersion.version).where(AnswerVersion.question_id == "it_investment")).all()
    assert versions == [1]


def test_a_second_save_counts_on_and_keeps_the_history(save: Any, session: Session) -> None:
    save(MONEY)
    save(Given("it_investment", {"it_investment": "500", "operating_revenue": "36000"}, 1), TOOLS)
    history = session.execute(
        select(AnswerVersion.version, AnswerVersion.source)
        .where(AnswerVersion.question_id == "it_investment")
        .order_by(AnswerVersion.version)
    ).all()
    assert [tuple(row) for row in history] == [(1, "excel"), (2, "excel")]


def test_together_is_the_same_as_one_by_one(
    save: Any, session: Session, clock: FixedClock, framework: Framework
) -> None:
    other = make_assessment(session, make_enterprise(session, make_user(session), clock), clock)
    questions = [framework.edition.questions[name] for name in ("it_investment", "design_tools", "design_3d_share")]
    raw = {
        q.id: {fact: typed_value(framework.edition.facts[fact]) for fact in q.facts}
        | ({"design_tools": "mbd"} if q.id == "design_tools" else {})
        for q in questions
    }
    save(*(Given(name, told, 0) for name, told in raw.items()))
    for name, told in raw.items():
        save_answer(session, other, framework, name, told, seen_version=0, skip=False, actor_id=None, clock=clock)
    first, second = (
        {name: (stored.facts, stored.state, stored.version) for name, stored in sheet.answers.items()}
        for sheet in (load_sheet(session, one, framework) for one in session.scalars(select(Assessment)).all())
    )
    assert first == second

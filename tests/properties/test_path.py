"""The path follows from profile and answers alone: not from their order, nor from what stands off it."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from maturity.adaptive.evaluation import applicable_indicators, evaluate, explain_evaluation
from maturity.adaptive.framework import Framework
from maturity.assessments.pages import Progress
from maturity.editions.service import canonical
from maturity.questionnaires.path import Path, Standing, find_path
from tests.answers import random_facts
from tests.properties.strategies import ON, SHEETS, Answers, answering, answers, profiles, randoms, values


@SHEETS
@given(st.data(), profiles(), randoms(), randoms())
def test_any_order_of_answering_ends_on_the_same_path_with_the_same_explained_score(
    framework: Framework, data: st.DataObject, who: dict[str, Any], one: Random, other: Random
) -> None:
    final: Answers = data.draw(answers(framework))
    results = []
    for random in (one, other):
        *_, last = answering(framework, who, final, random)
        results.append(evaluate(framework, who, last.sheet, ON))
    assert results[0] == results[1]
    trees = [explain_evaluation(framework, who, result, ON) for result in results]
    assert canonical(trees[0]) == canonical(trees[1])


@SHEETS
@given(st.data(), profiles(), randoms())
def test_answers_changed_on_the_way_leave_no_trace(
    framework: Framework, data: st.DataObject, who: dict[str, Any], random: Random
) -> None:
    """Whatever was saved first and corrected later, opened questions and closed them again, is forgotten."""
    final: Answers = data.draw(answers(framework))
    *_, first = answering(framework, who, random_facts(framework, random.randint(0, 10**6)), random)
    corrected = {name: value for name, value in first.sheet.items() if name in final} | final
    assert evaluate(framework, who, corrected, ON) == evaluate(framework, who, final, ON)


@SHEETS
@given(st.data(), profiles())
def test_an_answer_off_the_path_changes_nothing(framework: Framework, data: st.DataObject, who: dict[str, Any]) -> None:
    sheet: Answers = data.draw(answers(framework))
    before = evaluate(framework, who, sheet, ON)
    off = [step.question for step in before.path.steps.values() if not step.is_asked]
    stale = {fact: data.draw(values(framework.edition.facts[fact])) for question in off for fact in question.facts}
    bare = {name: value for name, value in sheet.items() if name not in stale}
    for changed in (sheet | stale, bare):
        after = evaluate(framework, who, changed, ON)
        assert (after.score, after.path, after.findings) == (before.score, before.path, before.findings)


def percent(path: Path) -> int:
    return Progress(path.answered_count(), *path.remaining(), ()).percent


@SHEETS
@given(st.data(), profiles(), randoms())
def test_the_range_announced_at_any_step_holds_to_the_end_and_progress_never_falls(
    framework: Framework, data: st.DataObject, who: dict[str, Any], random: Random
) -> None:
    saves = list(answering(framework, who, data.draw(answers(framework, gaps=0)), random))
    end = saves[-1].path
    assert end.is_complete
    assert percent(end) == 100
    for save, later in zip(saves, saves[1:], strict=False):
        fewest, most = save.path.remaining()
        assert fewest <= len(end.asked()) - save.path.answered_count() <= most
        assert percent(save.path) <= percent(later.path)


@SHEETS
@given(st.data(), profiles(), st.integers(0, 10**6))
def test_the_range_is_honest_however_the_rest_is_answered(
    framework: Framework, data: st.DataObject, who: dict[str, Any], seed: int
) -> None:
    known: Answers = data.draw(answers(framework, gaps=60))
    path = find_path(framework.edition, who, known)
    fewest, most = path.remaining()
    for step in range(20):
        end = find_path(framework.edition, who, random_facts(framework, seed + step) | known)
        assert fewest <= len(end.asked()) - path.answered_count() <= most


@SHEETS
@given(st.data(), profiles(), st.integers(0, 10**6))
def test_the_profile_alone_decides_what_does_not_apply(
    framework: Framework, data: st.DataObject, who: dict[str, Any], seed: int
) -> None:
    left_out = []
    for sheet in ({}, random_facts(framework, seed), data.draw(answers(framework))):
        path = find_path(framework.edition, who, sheet)
        left_out.append({name for name, step in path.steps.items() if step.standing is Standing.NOT_APPLICABLE})
        assert evaluate(framework, who, sheet, ON).score.applicable == applicable_indicators(framework, who)
    assert left_out[0] == left_out[1] == left_out[2]

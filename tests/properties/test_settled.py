"""No completion changes a settled level, and the bounds only ever close (methods A, properties to test)."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.adaptive.framework import Framework, load_framework
from maturity.adaptive.settled import Bounds, find_bounds, recommend
from maturity.questionnaires.loader import editions
from maturity.questionnaires.model import Profile
from tests.answers import best_value, random_value, worst_value
from tests.properties.strategies import ON, SHEETS, Answers, answers, profiles, randoms, scored

COMPLETIONS = 12
every_edition = pytest.mark.parametrize("slug", editions())
framework_of = lru_cache(load_framework)


def bounds_of(framework: Framework, who: Profile, known: Answers) -> Bounds:
    return find_bounds(framework, who, known, ON)


def completions(framework: Framework, known: Answers, random: Random) -> list[Answers]:
    """The worst, the best, and several by chance."""
    facts = framework.edition.facts
    extremes = [{name: extreme(fact) for name, fact in facts.items()} for extreme in (worst_value, best_value)]
    chances = [{name: random_value(fact, random) for name, fact in facts.items()} for _ in range(COMPLETIONS)]
    return [{**rest, **known} for rest in (*extremes, *chances)]


def assert_within(bounds: Bounds, score: Any) -> None:
    for name, interval in bounds.values.items():
        assert interval.low <= (score.values[name] or 0) <= interval.high, name
    for name, value in score.dimensions.items():
        assert bounds.dimension(name).low <= value <= bounds.dimension(name).high, name
    assert bounds.capability.low <= score.capability <= bounds.capability.high
    assert bounds.low.level <= score.level <= bounds.high.level


@every_edition
@SHEETS
@given(data=st.data(), who=profiles(), random=randoms())
def test_every_completion_lies_within_the_bounds(
    slug: str, data: st.DataObject, who: dict[str, Any], random: Random
) -> None:
    framework = framework_of(slug)
    sheet: Answers = data.draw(answers(framework))
    known = {name: value for name, value in sheet.items() if random.random() < 0.6}
    bounds = bounds_of(framework, who, known)
    for full in completions(framework, known, random):
        assert_within(bounds, scored(framework, who, full))


@every_edition
@SHEETS
@given(data=st.data(), who=profiles(), random=randoms())
def test_bounds_only_close_and_end_at_the_score(
    slug: str, data: st.DataObject, who: dict[str, Any], random: Random
) -> None:
    framework = framework_of(slug)
    sheet: Answers = data.draw(answers(framework, gaps=0))
    order = list(framework.edition.questions.values())
    random.shuffle(order)
    known: Answers = {}
    before = bounds_of(framework, who, known)
    for question in order:
        known |= {fact: sheet[fact] for fact in question.facts}
        after = bounds_of(framework, who, known)
        assert before.low.level <= after.low.level <= after.high.level <= before.high.level
        assert before.capability.low <= after.capability.low <= after.capability.high <= before.capability.high
        before = after
    score = scored(framework, who, sheet)
    assert before.levels == (score.level, score.level)
    assert before.capability == (score.capability, score.capability)


@every_edition
@SHEETS
@given(data=st.data(), who=profiles(), random=randoms())
def test_no_completion_changes_a_settled_level(
    slug: str, data: st.DataObject, who: dict[str, Any], random: Random
) -> None:
    framework = framework_of(slug)
    sheet: Answers = data.draw(answers(framework, gaps=0))
    known: Answers = {}
    bounds = bounds_of(framework, who, known)
    while not bounds.is_settled:
        following = recommend(framework, who, bounds, ON).questions[0]
        known |= {fact: sheet[fact] for fact in following.facts}
        bounds = bounds_of(framework, who, known)
    for full in completions(framework, known, random):
        assert scored(framework, who, full).level == bounds.low.level

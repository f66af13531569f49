"""A settled level, proved by answering a small edition in every way there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import find_bounds, recommend, walk
from maturity.questionnaires.model import Facts
from maturity.scoring.bounds import _ENDS
from maturity.scoring.rules import RULES
from tests.answers import best_value, profile, random_facts, worst_value
from tests.small_edition import CHOICES, sheets, small_framework

ON = period_end(2025)
WHO = profile()


@pytest.fixture(scope="module")
def small() -> Framework:
    return small_framework()


def partial_sheets(framework: Framework) -> Iterator[Facts]:
    """Every sheet with every choice of answers left out."""
    names = framework.edition.order
    for size in range(len(names) + 1):
        for answered in itertools.combinations(names, size):
            yield from sheets(answered)


def completions(framework: Framework, known: Facts) -> Iterator[Facts]:
    missing = tuple(name for name in framework.edition.order if name not in known)
    for rest in sheets(missing):
        yield {**known, **rest}


def test_the_bounds_hold_and_a_settled_level_stands_whatever_else_is_answered(small: Framework) -> None:
    levels = {tuple(sheet.values()): evaluate(small, WHO, sheet, ON).score for sheet in sheets(small.edition.order)}
    settled = 0
    for known in partial_sheets(small):
        bounds = find_bounds(small, WHO, known, ON)
        reached = [levels[tuple(full[name] for name in small.edition.order)] for full in completions(small, known)]
        assert bounds.low.level <= min(score.level for score in reached)
        assert bounds.high.level >= max(score.level for score in reached)
        for name, interval in bounds.values.items():
            assert all(interval.low <= (score.values[name] or 0) <= interval.high for score in reached)
        if bounds.is_settled:
            settled += 1
            assert {score.level for score in reached} == {bounds.low.level}
    assert settled > 300  # the proof is about something


def test_bounds_of_a_whole_sheet_are_the_score(small: Framework) -> None:
    for sheet in sheets(small.edition.order):
        bounds, score = find_bounds(small, WHO, sheet, ON), evaluate(small, WHO, sheet, ON).score
        assert bounds.levels == (score.level, score.level)
        assert bounds.capability == (score.capability, score.capability)


def test_no_bound_is_wider_than_the_answers_make_it(small: Framework) -> None:
    """On this edition, whose answers do not depend on each other, the ends are reached. An answer kept off the path
    may be given anew when its question is asked, and restricts nothing."""
    for known in partial_sheets(small):
        bounds = find_bounds(small, WHO, known, ON)
        if set(bounds.path.facts) != set(known):
            continue
        reached = [evaluate(small, WHO, full, ON).score for full in completions(small, known)]
        assert bounds.low.capability == min(score.capability for score in reached)
        assert bounds.high.capability == max(score.capability for score in reached)


def test_a_question_called_idle_never_changes_the_level(small: Framework) -> None:
    found = 0
    for known in partial_sheets(small):
        bounds = find_bounds(small, WHO, known, ON)
        advice = recommend(small, WHO, bounds, ON)
        for name in advice.idle:
            found += 1
            for full in completions(small, known):
                outcomes = {evaluate(small, WHO, {**full, name: option}, ON).score.level for option in CHOICES}
                assert len(outcomes) == 1, (name, known)
    assert found > 100


def test_the_recommended_order_asks_only_what_is_asked(small: Framework) -> None:
    for known in partial_sheets(small):
        bounds = find_bounds(small, WHO, known, ON)
        assert sorted(q.id for q in recommend(small, WHO, bounds, ON).questions) == sorted(
            question.id for question in bounds.path.unanswered()
        )


def test_every_rule_has_its_ends() -> None:
    assert set(_ENDS) == set(RULES)


def test_a_firm_that_answers_in_the_recommended_order_is_done_sooner(framework: Framework) -> None:
    """Of the whole edition; the share of questions that is needed is measured in perf/settled."""
    for seed in range(3):
        facts = random_facts(framework, seed)
        steps = list(walk(framework, WHO, facts, 2025))
        settled = next(step.answered for step in steps if step.bounds.is_settled)
        assert settled < steps[-1].answered
        assert steps[-1].bounds.low.level == evaluate(framework, WHO, facts, ON).score.level


@pytest.mark.parametrize("extreme", [best_value, worst_value])
def test_a_blank_sheet_can_still_become_the_best_and_the_worst(framework: Framework, extreme) -> None:
    bounds = find_bounds(framework, WHO, {}, ON)
    facts = {name: extreme(fact) for name, fact in framework.edition.facts.items()}
    score = evaluate(framework, WHO, facts, ON).score
    assert bounds.low.capability <= score.capability <= bounds.high.capability
    assert bounds.levels == (1, 4)

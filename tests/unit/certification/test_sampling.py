"""The sample: reproducible, filled stratum by stratum, and never against what weighs more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import find_bounds
from maturity.certification.sampling import (
    IMPLAUSIBLE,
    RANDOM,
    WEIGHT,
    Candidate,
    UnknownRules,
    by_severity,
    candidates_of,
    parse_rules,
    plan_sample,
    rules_of,
)
from maturity.questionnaires.model import FactValue
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import parse
from tests.factories.assessments import typed_value

RULES = rules_of()
ON = date(2025, 12, 31)
PROFILE = {
    "production_type": "discrete_small_batch",
    "industry": "342",
    "size": "medium",
    "designs_products": True,
    "exports": False,
    "is_group": False,
}
SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
SHARES = st.fractions(min_value=0, max_value=20, max_denominator=50)


@st.composite
def candidate_lists(draw: st.DrawFn) -> list[Candidate]:
    count = draw(st.integers(1, 60))
    return [
        Candidate(
            f"q{number}",
            draw(st.sampled_from("abcd")),
            draw(SHARES),
            draw(SHARES),
            draw(st.sampled_from((0, 0, 0, 0, 1))),
            Fraction(draw(st.sampled_from((0, 0, 1, 3)))),
        )
        for number in range(count)
    ]


@given(candidate_lists(), SEEDS)
def test_the_same_seed_draws_the_same_sample_whatever_the_order(candidates: list[Candidate], seed: str) -> None:
    drawn = {item.question_id: item.reason for item in plan_sample(candidates, RULES, seed)}
    turned = {item.question_id: item.reason for item in plan_sample(candidates[::-1], RULES, seed)}
    assert drawn == turned


@given(candidate_lists(), SEEDS)
def test_every_stratum_gets_its_quota_as_far_as_there_is_something_to_draw(
    candidates: list[Candidate], seed: str
) -> None:
    sample = plan_sample(candidates, RULES, seed)
    size = RULES.size(len(candidates))
    quotas = RULES.quotas(size)
    drawn = Counter(item.reason for item in sample)
    weighing = [item for item in candidates if item.effect > 0 or item.levels > 0]
    assert drawn[WEIGHT] >= min(quotas[WEIGHT], len(weighing))
    by_weight = {item.question_id for item in sample if item.reason == WEIGHT}
    doubtful = [item for item in candidates if item.suspicion > 0 and item.question_id not in by_weight]
    assert drawn[IMPLAUSIBLE] == min(quotas[IMPLAUSIBLE], len(doubtful))
    assert len(sample) >= size
    assert len({item.question_id for item in sample}) == len(sample)


@given(candidate_lists(), SEEDS)
def test_every_answer_on_which_the_level_hangs_is_drawn(candidates: list[Candidate], seed: str) -> None:
    pivotal = [item for item in candidates if item.levels > 0]
    drawn = {item.question_id for item in plan_sample(candidates, RULES, seed)}
    heaviest = sorted(pivotal, key=lambda item: (-item.effect, -item.levels, item.question_id))[: RULES.pivotal]
    assert {item.question_id for item in heaviest} <= drawn


@given(candidate_lists(), SEEDS, st.integers(0, 59), st.fractions(min_value=0, max_value=50))
def test_an_answer_that_is_drawn_is_still_drawn_when_it_weighs_more(
    candidates: list[Candidate], seed: str, which: int, more: Fraction
) -> None:
    index = which % len(candidates)
    name = candidates[index].question_id
    heavier = [*candidates]
    heavier[index] = replace(candidates[index], effect=candidates[index].effect + more)
    if name in {item.question_id for item in plan_sample(candidates, RULES, seed)}:
        assert name in {item.question_id for item in plan_sample(heavier, RULES, seed)}


@given(candidate_lists(), SEEDS)
def test_the_lot_reaches_every_section_as_far_as_it_goes(candidates: list[Candidate], seed: str) -> None:
    sample = plan_sample(candidates, RULES, seed)
    section = {item.question_id: item.section for item in candidates}
    reached = {section[item.question_id] for item in sample}
    by_lot = sum(item.reason == RANDOM for item in sample)
    missing = {item.section for item in candidates} - reached
    before = {section[item.question_id] for item in sample if item.reason != RANDOM}
    assert not missing or by_lot <= len(reached - before)


def test_heavier_answers_are_drawn_more_often() -> None:
    light = [Candidate(f"light{number}", "a", Fraction(1), Fraction(1)) for number in range(30)]
    heavy = [Candidate(f"heavy{number}", "a", Fraction(1), Fraction(5)) for number in range(30)]
    counted: Counter[str] = Counter()
    for number in range(300):
        for item in plan_sample([*light, *heavy], RULES, f"{number:064x}"):
            counted[item.question_id[:5]] += item.reason == WEIGHT
    assert 3 < counted["heavy"] / counted["light"] < 7


def test_by_lot_everybody_has_the_same_chance() -> None:
    candidates = [Candidate(f"q{number}", "a", Fraction(1)) for number in range(40)]
    counted: Counter[str] = Counter()
    for number in range(400):
        counted.update(item.question_id for item in plan_sample(candidates, RULES, f"{number:064x}"))
    assert min(counted.values()) > 60
    assert max(counted.values()) < 140


@pytest.mark.parametrize("seed", ["", "12", "g" * 64, "A" * 64])
def test_what_is_no_seed_draws_nothing(seed: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        plan_sample([Candidate("q", "a", Fraction(1))], RULES, seed)


@pytest.mark.parametrize("version", ["2025.9", "../2026.1", ""])
def test_rules_that_are_not_there_are_refused(version: str) -> None:
    with pytest.raises(UnknownRules):
        rules_of(version)


def test_rules_that_leave_a_stratum_out_are_refused() -> None:
    data = {
        "format": "maturity-sampling/1",
        "version": "0",
        "size": {"share": "1/4", "least": 1, "most": 2},
        "pivotal": {"most": 1},
        "strata": {"weight": 1, "implausible": 1, "random": 0},
        "per_section": 1,
        "suspicion": {"query": 1, "error": 3},
    }
    with pytest.raises(ValueError, match="every stratum"):
        parse_rules(data)


@pytest.fixture(scope="module")
def facts(framework: Framework) -> dict[str, FactValue]:
    typed = {fact.id: parse(fact, typed_value(fact)) for fact in _typable(framework)}
    found = {name: value for name, value in typed.items() if value is not None}
    return dict(find_path(framework.edition, PROFILE, found).facts)


def _typable(framework: Framework) -> list[object]:
    def typable(fact: object) -> bool:
        try:
            typed_value(fact)  # type: ignore[arg-type]  # a fact
        except KeyError:
            return False
        return True

    return [fact for fact in framework.edition.facts.values() if typable(fact)]


def test_what_an_answer_weighs_comes_to_a_hundred(framework: Framework, facts: dict[str, FactValue]) -> None:
    candidates = candidates_of(framework, PROFILE, facts, ON, by_severity(RULES))
    assert sum(item.weight for item in candidates) == 100
    assert all(item.effect >= 0 and item.levels >= 0 for item in candidates)


def test_the_effect_of_an_answer_is_what_is_lost_for_certain_without_it(
    framework: Framework, facts: dict[str, FactValue]
) -> None:
    candidates = {item.question_id: item for item in candidates_of(framework, PROFILE, facts, ON, by_severity(RULES))}
    name = max(candidates, key=lambda key: candidates[key].effect)
    rest = {key: value for key, value in facts.items() if key not in framework.edition.questions[name].facts}
    whole, without = (find_bounds(framework, PROFILE, given, ON).low for given in (facts, rest))
    assert candidates[name].effect == whole.capability - without.capability > 0

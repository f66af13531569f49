"""Smart manufacturing, edition 2020: the shape of the model, the burden of its questions, what is known beforehand."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from maturity.adaptive.crosswalk import coverage
from maturity.adaptive.evaluation import applicable_indicators, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework, load_framework
from maturity.adaptive.profile import build_profile
from maturity.content import read_yaml
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.derivations import load_derivations
from maturity.questionnaires.loader import LIBRARY
from maturity.questionnaires.model import Profile
from maturity.scoring.engine import effective_weights, of_stage, prepare
from maturity.scoring.explanation import leaves
from maturity.scoring.monotone import opposing_facts
from tests.answers import best_value, profile, random_facts, worst_value

SMART = load_framework("smart/2020")
LIANGHUA = load_framework("lianghua/2026.1")
ARCHETYPES = read_yaml(LIBRARY / "archetypes.yaml", "archetypes.yaml")
ON = period_end(2025)
STAGES = (1, 2, 3, 4, 5)
SCALE = {Fraction(0), Fraction("0.5"), Fraction("0.8"), Fraction(1)}
PASS = Fraction(80)
#: what discrete and process plants weigh, as remembered or restated; that of mixed production is the mean of both
ELEMENTS = {"people": (6, 6), "technology": (11, 11), "resources": (15, 6), "making": (68, 77)}
MAKING = {"design": (4, 13), "production": (63, 48), "logistics": (15, 13), "sales": (15, 13), "service": (3, 13)}
KINDS = [profile(production_type=kind, designs_products=own) for kind in PRODUCTION_TYPES for own in (True, False)]
every_kind = pytest.mark.parametrize(
    "who", KINDS, ids=lambda who: f"{who['production_type']}-{who['designs_products']}"
)


def best(framework: Framework) -> dict[str, Any]:
    return {name: best_value(fact) for name, fact in framework.edition.facts.items()}


def cells(who: Profile) -> Counter[tuple[str, int]]:
    """How many requirements each subdomain has at each level for such an enterprise."""
    indicators = SMART.scoring.indicators
    return Counter((indicators[name].parent, indicators[name].stage) for name in applicable_indicators(SMART, who))


def test_twenty_subdomains_in_eight_domains_of_four_elements() -> None:
    scoring = SMART.scoring
    assert len(scoring.elements) == 4
    assert [len(dimension.groups) for dimension in scoring.dimensions] == [2, 3, 2, 2, 7, 1, 1, 2]


@every_kind
def test_every_subdomain_asks_one_to_three_things_at_every_level(who: Profile) -> None:
    found = cells(who)
    groups = {group.id for dimension in SMART.scoring.dimensions for group in dimension.groups}
    cut = set() if who["designs_products"] else {"design.product", "service.product"}
    assert set(found) == set(itertools.product(groups - cut, STAGES))
    most = 4 if who["production_type"] == "mixed" else 3  # mixed plants answer for both kinds of process
    assert set(found.values()) <= set(range(1, most + 1))


@every_kind
def test_a_requirement_is_met_not_partly_largely_or_fully(who: Profile) -> None:
    for seed in range(20):
        values = evaluate(SMART, who, random_facts(SMART, seed), ON).score.values
        assert {value for value in values.values() if value is not None} <= SCALE


@pytest.mark.parametrize("kind", PRODUCTION_TYPES)
def test_weights_are_nested_and_those_of_mixed_production_are_the_mean(kind: str) -> None:
    def weight(process: int, discrete: int) -> Fraction:
        return {"process": Fraction(process), "mixed": Fraction(process + discrete, 2)}.get(kind, Fraction(discrete))

    scoring = SMART.scoring
    shares = effective_weights(prepare(scoring, ON, kind), frozenset(scoring.indicators)).dimension
    for name in ("people", "technology", "resources"):
        assert shares[name] == weight(*ELEMENTS[name]) / 100
    for name, pair in MAKING.items():
        assert shares[name] == weight(*ELEMENTS["making"]) / 100 * weight(*pair) / 100
    assert sum(shares.values()) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_cutting_a_subdomain_moves_no_weight_out_of_its_domain(stage: int) -> None:
    shares = []
    for who in (profile(), profile(designs_products=False)):
        live = of_stage(SMART.scoring, applicable_indicators(SMART, who), stage)
        shares.append(effective_weights(prepare(SMART.scoring, ON, who["production_type"]), live))
    whole, cut = shares
    assert whole.dimension == cut.dimension
    assert (whole.group["design.process"], cut.group["design.process"]) == (Fraction(1, 2), 1)
    assert (whole.group["service.customer"], cut.group["service.customer"]) == (Fraction(1, 2), 1)


@every_kind
def test_the_best_answers_reach_the_highest_level_and_the_worst_none(who: Profile) -> None:
    top = evaluate(SMART, who, best(SMART), ON).score
    assert (top.level, top.capability) == (5, 100)
    assert set(top.stages.values()) == {100}
    worst = {name: worst_value(fact) for name, fact in SMART.edition.facts.items()}
    assert evaluate(SMART, who, worst, ON).score.level == 0


@every_kind
def test_a_level_is_passed_at_eight_tenths_and_the_total_adds_level_after_level(who: Profile) -> None:
    for seed in range(10):
        score = evaluate(SMART, who, random_facts(SMART, seed), ON).score
        total = Fraction(0)
        for stage in STAGES:
            total += 1 if score.stages[stage] >= PASS else score.stages[stage] / 100
            if score.stages[stage] < PASS:
                break
        assert score.capability == 20 * total


@every_kind
def test_a_better_answer_never_lowers_the_total_or_the_level(who: Profile) -> None:
    top, facts = best(SMART), random_facts(SMART, 5)
    denominators = {i.facts["denominator"] for i in SMART.scoring.indicators.values() if "denominator" in i.facts}
    before = evaluate(SMART, who, facts, ON).score
    for name in sorted(set(facts) - denominators):
        facts |= {name: top[name]}
        after = evaluate(SMART, who, facts, ON).score
        assert (after.level >= before.level, after.capability >= before.capability) == (True, True), name
        before = after


@every_kind
def test_contributions_of_the_answers_sum_exactly_to_the_total(who: Profile) -> None:
    for facts in (best(SMART), random_facts(SMART, 3, 0.8), random_facts(SMART, 4)):
        evaluation = evaluate(SMART, who, facts, ON)
        tree = explain_evaluation(SMART, who, evaluation, ON)["capability"]
        assert sum(Fraction(leaf["contribution"]) for leaf in leaves(tree)) == evaluation.score.capability


def test_the_questionnaire_stays_bearable() -> None:
    assert len(SMART.edition.questions) <= 70
    assert len(SMART.edition.facts) <= 110
    assert opposing_facts(SMART.scoring) == {}


@pytest.mark.parametrize("archetype", ARCHETYPES, ids=lambda item: item["id"])
def test_the_first_assessment_tells_at_least_45_per_cent_of_the_facts(archetype: Mapping[str, Any]) -> None:
    found = coverage(LIANGHUA, SMART, build_profile(archetype["enterprise"]), load_derivations())
    assert found.known >= Fraction(45, 100) * found.facts


def test_what_follows_from_other_answers_is_a_true_value_and_never_the_best() -> None:
    """A better answer elsewhere only shows that something is there; that it is perfect must be said by somebody."""
    mine = {name: item for name, item in load_derivations().items() if name in SMART.edition.facts}
    assert len(mine) >= 4
    for name, item in mine.items():
        assert item.sources() <= set(LIANGHUA.edition.facts), name
        assert {case.value for case in item.cases} < set(item.fact.option_ids()[1:-1]), name


def test_a_shared_fact_is_asked_in_the_same_words_as_in_the_first_framework() -> None:
    """The answer carries over, so the question and its definition must be the same one."""
    mine, first = SMART.edition, LIANGHUA.edition
    shared = set(mine.facts) & set(first.facts)
    assert len(shared) >= 50
    for fact in shared:
        here, there = mine.questions[mine.asked_by[fact]], first.questions[first.asked_by[fact]]
        assert (here.facts, here.wording, here.definition) == (there.facts, there.wording, there.definition)
        assert here.requires == there.requires


def test_plausibility_rules_over_shared_facts_are_those_of_the_first_framework() -> None:
    first, mine = LIANGHUA.bundle["plausibility"], SMART.bundle["plausibility"]
    assert len(mine) >= 30
    assert all(first[name] == rule for name, rule in mine.items())


@pytest.mark.parametrize("name", sorted(SMART.scoring.indicators))
def test_a_requirement_names_its_subdomain_and_level_and_quotes_no_clause(name: str) -> None:
    words, indicator = SMART.indicators[name], SMART.scoring.indicators[name]
    assert words.body is not None
    assert words.body.zh.startswith(
        f"{SMART.parts[indicator.parent].title.zh}，{'一二三四五'[indicator.stage - 1]}级。"
    )
    assert words.body.en.startswith(f"{SMART.parts[indicator.parent].title.en}, level {indicator.stage}. ")
    assert words.provenance == "I"
    assert not re.search(r"GB/T|\d+\.\d+\.\d+", words.body.zh + words.body.en)


def test_what_is_not_verified_says_so_in_both_languages() -> None:
    """Weights and the way of scoring are from memory or at second hand; nobody may take them for the standard."""
    weights = [*SMART.parts.values(), *SMART.parameters.values(), *SMART.indicators.values()]
    for words in weights:
        assert words.rationale is not None
        if "GB/T" in words.reference:
            assert "unverified" in words.reference
            assert re.search("未与标准原文核对|未核实", words.rationale.zh)
            assert re.search("not verified|unverified", words.rationale.en)
    basis = SMART.edition.basis
    assert "未与标准原文核对" in basis.zh
    assert "not verified against the standard" in basis.en

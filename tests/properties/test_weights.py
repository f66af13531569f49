"""Weights and contributions are whole: every level shares exactly one, and the leaves add up to the score."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.adaptive.evaluation import applicable_indicators, evaluate, explain_evaluation
from maturity.adaptive.framework import load_framework
from maturity.questionnaires.loader import editions
from maturity.scoring.engine import effective_weights, prepare
from maturity.scoring.explanation import leaves, walk
from tests.properties.strategies import ON, SHEETS, Answers, answers, profiles

every_edition = pytest.mark.parametrize("slug", editions())
framework_of = lru_cache(load_framework)


@every_edition
@SHEETS
@given(who=profiles())
def test_the_weights_of_every_level_sum_to_one_for_any_profile(slug: str, who: dict[str, Any]) -> None:
    framework = framework_of(slug)
    model, applicable = framework.scoring, applicable_indicators(framework, who)
    weights = effective_weights(prepare(model, ON, who["production_type"]), applicable)
    for role in {dimension.role for dimension in model.dimensions}:
        assert sum(weights.dimension.get(item.id, 0) for item in model.dimensions if item.role == role) == 1
    for dimension in model.dimensions:
        assert sum(weights.group.get(group.id, 0) for group in dimension.groups) == 1
        for group in dimension.groups:
            shares = {item.id: weights.indicator.get(item.id, Fraction(0)) for item in group.indicators}
            assert sum(shares.values()) == (1 if group.id in weights.group else 0)
            assert {name for name, share in shares.items() if share} == set(shares) & applicable


@every_edition
@SHEETS
@given(who=profiles())
def test_what_remains_keeps_its_proportions(slug: str, who: dict[str, Any]) -> None:
    framework = framework_of(slug)
    prepared = prepare(framework.scoring, ON, who["production_type"])
    weights = effective_weights(prepared, applicable_indicators(framework, who))
    for dimension in framework.scoring.dimensions:
        for group in dimension.groups:
            kept = [
                (prepared.weights[item.id], weights.indicator[item.id])
                for item in group.indicators
                if item.id in weights.indicator
            ]
            assert len({share / weight for weight, share in kept}) <= 1


@every_edition
@SHEETS
@given(data=st.data(), who=profiles())
def test_contributions_sum_to_the_score_at_every_node(slug: str, data: st.DataObject, who: dict[str, Any]) -> None:
    framework = framework_of(slug)
    sheet: Answers = data.draw(answers(framework, gaps=40))
    evaluation = evaluate(framework, who, sheet, ON)
    tree = explain_evaluation(framework, who, evaluation, ON)
    for role, total in (("capability", evaluation.score.capability), ("outcome", evaluation.score.outcome)):
        assert Fraction(tree[role]["value"]) == total
        assert sum(Fraction(leaf["contribution"]) for leaf in leaves(tree[role])) == total
        for node in walk(tree[role]):
            if node.get("children"):
                parts = sum(Fraction(child["contribution"]) for child in node["children"])
                assert parts == Fraction(node["contribution"]), node["id"]


@every_edition
@SHEETS
@given(data=st.data(), who=profiles())
def test_the_explanation_repeats_the_score_it_explains(slug: str, data: st.DataObject, who: dict[str, Any]) -> None:
    framework = framework_of(slug)
    """Values by node and gates are those of the score, and the tree holds every part of the model once."""
    evaluation = evaluate(framework, who, data.draw(answers(framework)), ON)
    tree = explain_evaluation(framework, who, evaluation, ON)
    nodes = [node for role in framework.scoring.roles for node in walk(tree[role])]
    indicators = {node["id"]: node for node in nodes if node["kind"] == "indicator"}
    assert set(indicators) == set(framework.scoring.indicators)
    for name, node in indicators.items():
        value = evaluation.score.values.get(name)
        assert node["applies"] == (name in evaluation.score.applicable)
        assert node["value"] == (None if value is None else str(100 * value))
    assert {node["id"]: node["value"] for node in nodes if node["kind"] == "group" and node["value"]} == {
        name: str(value) for name, value in evaluation.score.groups.items()
    }
    assert [gate["passed"] for gate in tree["level"]["gates"]] == [gate.passed for gate in evaluation.score.gates]

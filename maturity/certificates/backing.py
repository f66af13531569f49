"""Who stands behind each part of a result: of every dimension the share of the weight that reviewers looked at.

What a question weighs is what its indicators weigh, shared with the other questions that they ask. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from maturity.adaptive.evaluation import applicable_indicators
from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Facts, Profile
from maturity.questionnaires.path import find_path
from maturity.scoring.engine import effective_weights, prepare

Weights = Mapping[str, Mapping[str, Fraction]]


def weights_in(framework: Framework, profile: Profile, on: date) -> Weights:
    """Dimension -> question -> what it weighs in the dimension; the weights of a dimension add up to 1."""
    prepared = prepare(framework.scoring, on, profile["production_type"])
    applicable = applicable_indicators(framework, profile)
    weights = effective_weights(prepared, applicable)
    found: dict[str, dict[str, Fraction]] = {}
    for dimension in framework.scoring.dimensions:
        asked: dict[str, Fraction] = defaultdict(Fraction)
        for group in dimension.groups:
            for indicator in (item for item in group.indicators if item.id in applicable):
                share = weights.group[group.id] * weights.indicator[indicator.id]
                questions = dict.fromkeys(framework.edition.asked_by[fact] for fact in indicator.facts.values())
                for question_id in questions:
                    asked[question_id] += share / len(questions)
        if asked:
            found[dimension.id] = dict(asked)
    return found


def reviewed_in(
    framework: Framework, profile: Profile, facts: Facts, on: date, judged: Collection[str]
) -> dict[str, Decimal]:
    """Dimension -> percent of the weight of its answers that somebody looked at, to two places.

    As for the whole, what counts is the weight of the answers that were given; what was taken out in the review was
    given and judged.
    """
    steps = find_path(framework.edition, profile, facts).steps
    given = {name for name, step in steps.items() if step.is_asked and step.answered} | set(judged)
    found = {}
    for dimension, weights in weights_in(framework, profile, on).items():
        total = sum((weight for name, weight in weights.items() if name in given), Fraction(0))
        seen = sum((weight for name, weight in weights.items() if name in judged), Fraction(0))
        found[dimension] = Decimal(round(seen / total * 10_000) if total else 0).scaleb(-2)
    return found

"""Directions: which facts raise which indicators, and which facts pull both ways."""

from __future__ import annotations

from collections import defaultdict

from maturity.scoring.model import Indicator, ScoringModel
from maturity.scoring.rules import RULES


def direction(indicator: Indicator, role: str) -> int:
    """+1 when more of this fact raises the indicator, -1 when it lowers it."""
    declared = RULES[indicator.rule].roles[role]
    if declared:
        return declared
    return -1 if indicator.settings.get("direction") == "down" else 1


def opposing_facts(model: ScoringModel) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Facts used in opposing directions: fact id -> (indicators it raises, indicators it lowers)."""
    uses: dict[str, dict[int, list[str]]] = defaultdict(lambda: {1: [], -1: []})
    for indicator in model.indicators.values():
        for role, fact in indicator.facts.items():
            uses[fact][direction(indicator, role)].append(indicator.id)
    return {fact: (tuple(use[1]), tuple(use[-1])) for fact, use in uses.items() if use[1] and use[-1]}

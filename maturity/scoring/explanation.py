"""The explanation of a score: one tree that screens, reports, programs and tests print and nobody recomputes.

Every leaf is an answer, every node names its rule. Contributions are exact points of the total at the root and sum to
it. The tree holds ids and numbers only, as JSON values ("p/q" for exact numbers), so that it can be stored, hashed
and shown in any language years later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from maturity.scoring.engine import AGGREGATION, ENGINE_VERSION, LEVEL_RULE, Prepared, effective_weights
from maturity.scoring.model import Dimension, Group, Indicator, Score

Node = dict[str, Any]
ZERO = Fraction(0)
#: the role whose answer carries an indicator's contribution; the other answers of the indicator carry zero
_CARRIER = ("answer", "numerator", "amount", "pair")


def exact(value: Fraction | None) -> str | None:
    """
    >>> exact(Fraction(1, 3)), exact(Fraction(4)), exact(None)
    ('1/3', '4', None)
    """
    return None if value is None else str(value)


def explain(prepared: Prepared, result: Score, answers: Mapping[str, Mapping[str, Any]]) -> Node:
    """Build the tree. `answers` gives for a fact id its JSON value and state, as {"value": …, "state": …}."""
    explainer = _Explainer(prepared, result, answers)
    return {
        "engine": ENGINE_VERSION,
        "on": prepared.on.isoformat(),
        "variant": prepared.variant,
        "capability": explainer.total("capability", result.capability),
        "outcome": explainer.total("outcome", result.outcome),
        "level": {
            "rule": LEVEL_RULE,
            "level": result.level,
            "gates": [
                {
                    "level": gate.level,
                    "dimension": gate.dimension,
                    "threshold": exact(gate.threshold),
                    "actual": exact(gate.actual),
                    "passed": gate.passed,
                }
                for gate in result.gates
            ],
        },
    }


class _Explainer:
    """Walks the model once, carrying what every node needs."""

    def __init__(self, prepared: Prepared, result: Score, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self.prepared = prepared
        self.result = result
        self.answers = answers
        self.weights = effective_weights(prepared, result.applicable)

    def total(self, role: str, value: Fraction) -> Node:
        dimensions = [item for item in self.prepared.model.dimensions if item.role == role]
        children = [self.dimension(dimension) for dimension in dimensions]
        return self._node(role, "total", AGGREGATION, value, None, value, children)

    def dimension(self, dimension: Dimension) -> Node:
        share = self.weights.dimension.get(dimension.id)
        value = self.result.dimensions.get(dimension.id)
        children = [self.group(group, share or ZERO) for group in dimension.groups]
        contribution = (share or ZERO) * (value or ZERO)
        return self._node(dimension.id, "dimension", AGGREGATION, value, share, contribution, children)

    def group(self, group: Group, above: Fraction) -> Node:
        share = self.weights.group.get(group.id)
        value = self.result.groups.get(group.id)
        here = above * (share or ZERO)
        children = [self.indicator(indicator, here) for indicator in group.indicators]
        return self._node(group.id, "group", AGGREGATION, value, share, here * (value or ZERO), children)

    def indicator(self, indicator: Indicator, above: Fraction) -> Node:
        share = self.weights.indicator.get(indicator.id)
        value = self.result.values.get(indicator.id)
        weight = above * (share or ZERO)
        contribution = weight * 100 * (value or ZERO)
        children = [self.answer(indicator, role, contribution) for role in indicator.facts] if share else []
        scaled = None if value is None else 100 * value
        node = self._node(indicator.id, "indicator", indicator.rule, scaled, share, contribution, children)
        node["applies"] = share is not None
        node["weight"] = exact(weight)
        node["parameters"] = {
            role: {"id": indicator.parameters[role], "value": exact(number)}
            for role, number in self.prepared.numbers[indicator.id].items()
        }
        return node

    def answer(self, indicator: Indicator, role: str, contribution: Fraction) -> Node:
        fact_id = indicator.facts[role]
        given = self.answers.get(fact_id, {"value": None, "state": "unanswered"})
        carried = contribution if role in _CARRIER else ZERO
        return {"id": fact_id, "kind": "answer", "role": role, "contribution": exact(carried), **given}

    @staticmethod
    def _node(
        node_id: str,
        kind: str,
        rule: str,
        value: Fraction | None,
        share: Fraction | None,
        contribution: Fraction,
        children: list[Node],
    ) -> Node:
        return {
            "id": node_id,
            "kind": kind,
            "rule": rule,
            "value": exact(value),
            "share": exact(share),
            "contribution": exact(contribution),
            "children": children,
        }


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, depth first."""
    yield node
    for child in node.get("children", ()):
        yield from walk(child)


def leaves(node: Node) -> Iterator[Node]:
    """The answers at the bottom of the tree."""
    return (item for item in walk(node) if item["kind"] == "answer")

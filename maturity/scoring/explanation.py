"""The explanation of a score: one tree that screens, reports, programs and tests print and nobody recomputes.

Every leaf is an answer, every node names its rule. Contributions are exact points of the total at the root and sum to
it. The tree holds ids and numbers only, as JSON values ("p/q" for exact numbers), so that it can be stored, hashed
and shown in any language years later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from maturity.scoring.engine import (
    AGGREGATION,
    ENGINE_VERSION,
    LEVEL_RULE,
    MINIMUM,
    STAGED,
    Prepared,
    Weights,
    effective_weights,
    of_stage,
    stage_factors,
)
from maturity.scoring.model import Dimension, GateResult, Group, Indicator, Score

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
    tree = {
        "engine": ENGINE_VERSION,
        "on": prepared.on.isoformat(),
        "variant": prepared.variant,
        "capability": explainer.total("capability", result.capability),
        "outcome": explainer.total("outcome", result.outcome),
        "level": {"rule": LEVEL_RULE, "level": result.level, "gates": [_gate(gate) for gate in result.gates]},
    }
    if "counted" in prepared.model.roles:
        tree["counted"] = explainer.total("counted", ZERO)
    if result.stages:
        tree["stages"] = {str(stage): exact(value) for stage, value in result.stages.items()}
    return tree


def _gate(result: GateResult) -> Node:
    """One gate; a gate on a dimension names it as such, every other kind says what it measures."""
    gate = result.gate
    measured = {"dimension": gate.of} if gate.kind == "dimension" else {"kind": gate.kind, "of": gate.of}
    node = {
        "level": result.level,
        **measured,
        "threshold": exact(result.threshold),
        "actual": exact(result.actual),
        "passed": result.passed,
    }
    more = {"exceed": True} if gate.exceed else {}
    return node | more | ({"value": gate.value} if gate.value else {})


class _Explainer:
    """Walks the model once, carrying what every node needs.

    In a staged model every requirement weighs within its stage, and a point of a stage is worth `factor` points of the
    total; the tree stays the same, and a group or dimension carries what its requirements of all stages carry.
    """

    def __init__(self, prepared: Prepared, result: Score, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self.prepared = prepared
        self.result = result
        self.answers = answers
        model = prepared.model
        self.staged = model.total == STAGED
        self.weights = effective_weights(prepared, result.applicable)
        self.factors = stage_factors(model, result.stages, result.gates) if self.staged else {}
        self.by_stage = {
            stage: effective_weights(prepared, of_stage(model, result.applicable, stage)) for stage in self.factors
        }

    def total(self, role: str, value: Fraction) -> Node:
        dimensions = [item for item in self.prepared.model.dimensions if item.role == role]
        children = [self.dimension(dimension) for dimension in dimensions]
        return self._node(role, "total", STAGED if self.staged else AGGREGATION, value, None, value, children)

    def dimension(self, dimension: Dimension) -> Node:
        share = self.weights.dimension.get(dimension.id)
        value = self.result.dimensions.get(dimension.id)
        above = ZERO if dimension.role == "counted" else share or ZERO
        parts = [(group, self.result.groups.get(group.id)) for group in dimension.groups]
        shares = self._shares(dimension, [(group.id, score) for group, score in parts], self.weights.group)
        children = [self.group(group, above, shares.get(group.id)) for group in dimension.groups]
        contribution = _sum(children) if self.staged else above * (value or ZERO)
        return self._node(dimension.id, "dimension", self._rule(dimension), value, share, contribution, children)

    def group(self, group: Group, above: Fraction, share: Fraction | None) -> Node:
        value = self.result.groups.get(group.id)
        here = above * (share or ZERO)
        scores = [(item.id, self.result.values.get(item.id)) for item in group.indicators]
        shares = self._shares(group, scores, self.weights.indicator)
        children = [self.indicator(indicator, here, shares.get(indicator.id)) for indicator in group.indicators]
        contribution = _sum(children) if self.staged else here * (value or ZERO)
        return self._node(group.id, "group", self._rule(group), value, share, contribution, children)

    def indicator(self, indicator: Indicator, above: Fraction, share: Fraction | None) -> Node:
        value = self.result.values.get(indicator.id)
        weight = self._weight_in_stage(indicator) if self.staged else above * (share or ZERO)
        contribution = weight * 100 * (value or ZERO)
        children = [self.answer(indicator, role, contribution) for role in indicator.facts] if share is not None else []
        scaled = None if value is None else 100 * value
        node = self._node(indicator.id, "indicator", indicator.rule, scaled, share, contribution, children)
        node["applies"] = share is not None
        node["weight"] = exact(weight)
        node["parameters"] = {
            role: {"id": indicator.parameters[role], "value": exact(number)}
            for role, number in self.prepared.numbers[indicator.id].items()
        }
        if self.staged:
            node["stage"] = indicator.stage
        return node

    def _weight_in_stage(self, indicator: Indicator) -> Fraction:
        """What the full mark of a requirement adds to the total, as things stand."""
        weights: Weights = self.by_stage[indicator.stage]
        if indicator.id not in weights.indicator:
            return ZERO
        group = indicator.parent
        dimension = next(d.id for d in self.prepared.model.dimensions if any(g.id == group for g in d.groups))
        within = weights.dimension[dimension] * weights.group[group] * weights.indicator[indicator.id]
        return self.factors[indicator.stage] * within

    @staticmethod
    def _rule(part: Group | Dimension) -> str:
        return MINIMUM if part.combine == "minimum" else AGGREGATION

    @staticmethod
    def _shares(
        part: Group | Dimension, scores: list[tuple[str, Fraction | None]], weights: Mapping[str, Fraction]
    ) -> Mapping[str, Fraction]:
        """The weights; where the lowest counts, it carries everything (the first of several that are lowest)."""
        if part.combine != "minimum":
            return weights
        live = [(value or ZERO, name) for name, value in scores if name in weights]
        carrier = min(live, key=lambda item: item[0])[1] if live else None
        return {name: Fraction(name == carrier) for _, name in live}

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


def _sum(children: list[Node]) -> Fraction:
    return sum((Fraction(child["contribution"]) for child in children), ZERO)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, depth first."""
    yield node
    for child in node.get("children", ()):
        yield from walk(child)


def leaves(node: Node) -> Iterator[Node]:
    """The answers at the bottom of the tree."""
    return (item for item in walk(node) if item["kind"] == "answer")

"""The path and the score over columns of facts, and one enterprise's facts out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maturity.adaptive.evaluation import applicable_indicators, period_end
from maturity.adaptive.framework import Framework
from maturity.demo.facts import Columns, applies_to
from maturity.demo.profiles import TYPES, Profiles
from maturity.questionnaires.conditions import All, AnyOf, Condition, Leaf
from maturity.questionnaires.model import Fact, FactValue, Pair
from maturity.questionnaires.path import find_path
from maturity.scoring.batch import BatchScore, score_columns
from maturity.scoring.engine import Prepared, prepare, rounded, score
from maturity.scoring.model import Score

Hundredths = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Levels and rounded scores by row, in hundredths of a point: `totals` by role, `dimensions` by id.

    They are those of the exact engine: a dimension that does not apply to a row is 0 there.
    """

    level: NDArray[np.int64]
    totals: Mapping[str, Hundredths]
    dimensions: Mapping[str, Hundredths]
    redone: int


def score_population(framework: Framework, profiles: Profiles, columns: Columns, period: int) -> Scores:
    """Score by production type, since parameters depend on it; what the batch cannot tell is scored exactly."""
    applies, exists = path_masks(framework, profiles, columns)
    names = [dimension.id for dimension in framework.scoring.dimensions]
    count = len(profiles)
    scores = Scores(
        np.zeros(count, dtype=np.int64),
        {role: np.zeros(count, dtype=np.int64) for role in ("capability", "outcome")},
        {name: np.zeros(count, dtype=np.int64) for name in names},
        0,
    )
    redone = 0
    kinds = np.array([profile["production_type"] for profile in profiles])
    for kind in TYPES:
        rows = np.flatnonzero(kinds == kind)
        prepared = prepare(framework.scoring, period_end(period), kind)
        batch = score_columns(prepared, _at(columns, rows), _at(exists, rows), _at(applies, rows), len(rows))
        _keep(scores, rows, batch, prepared)
        for row in rows[batch.doubtful]:
            _keep_exact(scores, row, exact_score(framework, profiles[row], columns, int(row), prepared))
        redone += int(batch.doubtful.sum())
    return Scores(scores.level, scores.totals, scores.dimensions, redone)


def _at(columns: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    return {name: column[rows] for name, column in columns.items()}


def _keep(scores: Scores, rows: NDArray[np.int64], batch: BatchScore, prepared: Prepared) -> None:
    scores.level[rows] = batch.level
    for role, column in (("capability", batch.capability), ("outcome", batch.outcome)):
        scores.totals[role][rows] = np.rint(100 * column).astype(np.int64)
    for name, column in batch.dimensions.items():
        shown = np.rint(100 * column).astype(np.int64)
        for gate in _gates(prepared, name):
            # Below a gate a score never shows as the gate; what is near it has been called doubtful.
            shown = np.where((column < float(gate)) & (shown >= int(100 * gate)), int(100 * gate) - 1, shown)
        scores.dimensions[name][rows] = shown


def _gates(prepared: Prepared, dimension: str) -> tuple[Fraction, ...]:
    gates = [gate for level in prepared.model.levels for gate in level.gates if gate.of == dimension]
    return tuple(dict.fromkeys(prepared.thresholds[gate.parameter] for gate in gates))


def exact_score(
    framework: Framework, profile: Mapping[str, Any], columns: Columns, row: int, prepared: Prepared
) -> Score:
    """One row scored by the exact engine."""
    path = find_path(framework.edition, profile, facts_of_row(framework, columns, row))
    return score(prepared, path.facts, applicable_indicators(framework, profile))


def _keep_exact(scores: Scores, row: int, exact: Score) -> None:
    scores.level[row] = exact.level
    scores.totals["capability"][row] = int(100 * rounded(exact.capability))
    scores.totals["outcome"][row] = int(100 * rounded(exact.outcome))
    for name, value in exact.dimensions.items():
        gates = exact.limits("dimension", name)
        scores.dimensions[name][row] = int(100 * rounded(value, gates))


def path_masks(
    framework: Framework, profiles: Profiles, columns: Columns
) -> tuple[dict[str, NDArray[np.bool_]], dict[str, NDArray[np.bool_]]]:
    """Which indicators apply and which facts exist, by row: the path over columns."""
    count = len(profiles)
    exists: dict[str, NDArray[np.bool_]] = {}
    live: dict[str, NDArray[np.bool_]] = {}
    for name in framework.edition.order:
        question = framework.edition.questions[name]
        live[name] = applies_to(question.applies, profiles)
        asked = live[name] & holds_over(framework, question.requires, columns, exists, count)
        exists.update(dict.fromkeys(question.facts, asked))
    asked_by = framework.edition.asked_by
    applies = {
        indicator.id: np.logical_and.reduce([live[asked_by[fact]] for fact in indicator.facts.values()])
        for indicator in framework.scoring.indicators.values()
    }
    return applies, exists


def holds_over(
    framework: Framework,
    condition: Condition | None,
    columns: Columns,
    exists: Mapping[str, NDArray[np.bool_]],
    count: int,
) -> NDArray[np.bool_]:
    match condition:
        case None:
            return np.ones(count, dtype=np.bool_)
        case All(parts):
            return np.logical_and.reduce([holds_over(framework, part, columns, exists, count) for part in parts])
        case AnyOf(parts):
            return np.logical_or.reduce([holds_over(framework, part, columns, exists, count) for part in parts])
        case Leaf(name=name, value={"row": row, "column": wanted}, order=order):
            index = framework.edition.facts[name].row_ids().index(row)
            return exists[name] & (columns[name][:, index] >= order.index(wanted))
        case Leaf():
            return exists[condition.name] & _compare(condition, columns[condition.name])
    raise NotImplementedError(f"no path over columns for {condition}")


def _compare(leaf: Leaf, column: NDArray[Any]) -> NDArray[np.bool_]:
    """The upward comparisons that the edition's `requires` use, over one column; another one is refused."""
    if leaf.op == "at_least" and leaf.order:
        return column >= leaf.order.index(leaf.value)
    operators = {"more_than": np.greater, "at_least": np.greater_equal}
    if leaf.op not in operators:
        raise NotImplementedError(f"no path over columns for {leaf.op}")
    result: NDArray[np.bool_] = operators[leaf.op](column, float(leaf.value))
    return result


def facts_of_row(framework: Framework, columns: Columns, row: int) -> dict[str, FactValue]:
    """One enterprise's facts as the exact engine takes them."""
    return {name: _fact_value(fact, columns[name][row]) for name, fact in framework.edition.facts.items()}


def _fact_value(fact: Fact, cell: Any) -> FactValue:
    match fact.type:
        case "choice":
            return fact.option_ids()[int(cell)]
        case "multi":
            return frozenset(option for option, chosen in zip(fact.option_ids(), cell, strict=True) if chosen)
        case "matrix":
            return {row: fact.column_ids()[int(index)] for row, index in zip(fact.row_ids(), cell, strict=True)}
        case "pair":
            current, prior = (None if np.isnan(part) else Fraction(str(round(float(part), 2))) for part in cell)
            return Pair(current or Fraction(0), prior)
        case _:
            return Fraction(int(cell))

"""Scoring a population at once: the same rules over columns, in float64.

Every case within `TOLERANCE` of a gate or of a rounding tie is named in `doubtful`, for the caller to score again
with the exact engine; all others have the same level and the same rounded scores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maturity.scoring.engine import AGGREGATION, Prepared
from maturity.scoring.model import Indicator, ScoringModel
from maturity.scoring.rules import equidistant

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: fact id -> column: float64 (n) for numbers, int (n) option index for choices and yes/no, bool (n, options) for
#: multiples, int (n, rows) column index for matrices, float64 (n, 2) current and prior for pairs (nan: no prior year)
Columns = Mapping[str, NDArray[Any]]
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class BatchScore:
    """Scores 0..100 by column; `values` are indicator values 0..1 with nan where absent or not applicable."""

    capability: Floats
    outcome: Floats
    dimensions: Mapping[str, Floats]
    values: Mapping[str, Floats]
    level: NDArray[np.int64]
    doubtful: Bools


def score_columns(
    prepared: Prepared, columns: Columns, exists: Mapping[str, Bools], applicable: Mapping[str, Bools], count: int
) -> BatchScore:
    """Score `count` enterprises that share one variant; `exists` is by fact id, `applicable` by indicator id."""
    values = {
        indicator.id: _values(prepared, indicator, columns, exists) for indicator in prepared.model.indicators.values()
    }
    return aggregate_columns(prepared, values, applicable, count)


def aggregate_columns(
    prepared: Prepared, values: Mapping[str, Floats], applicable: Mapping[str, Bools], count: int
) -> BatchScore:
    """Weigh indicator values 0..1 (nan where absent) up the tree; for the same values under other weights or gates."""
    model = prepared.model
    if not is_batchable(model):
        raise NotImplementedError("the batch knows weighted means and gates on dimensions only")
    dimensions: dict[str, Floats] = {}
    totals = {role: np.zeros(count) for role in model.roles}
    weights = {role: np.zeros(count) for role in model.roles}
    stated = {name: float(weight) for name, weight in prepared.weights.items()}
    for dimension in model.dimensions:
        parts = []
        for group in dimension.groups:
            members = [(stated[item.id], values[item.id], applicable[item.id]) for item in group.indicators]
            score, live = _mean(members, count)
            parts.append((stated[group.id], score, live))
        dimensions[dimension.id], live = _mean(parts, count)
        totals[dimension.role] += stated[dimension.id] * live * dimensions[dimension.id]
        weights[dimension.role] += stated[dimension.id] * live
    scaled = {name: 100 * column for name, column in dimensions.items()}
    level, doubtful = _levels(prepared, scaled, count)
    capability, outcome = (100 * _over(totals[role], weights[role]) for role in ("capability", "outcome"))
    for column in (capability, outcome, *scaled.values()):
        doubtful |= np.abs((column * 100) % 1 - 0.5) < TOLERANCE * 100
    return BatchScore(capability, outcome, scaled, dict(values), level, doubtful)


def is_batchable(model: ScoringModel) -> bool:
    """Whether the batch can score the model: populations are scored under the main framework only."""
    combined = {dimension.combine for dimension in model.dimensions}
    combined |= {group.combine for dimension in model.dimensions for group in dimension.groups}
    gates = [gate for level in model.levels for gate in level.gates]
    return (
        model.total == AGGREGATION
        and not model.elements
        and combined <= {"mean"}
        and all(gate.kind == "dimension" and not gate.exceed for gate in gates)
    )


def _mean(parts: list[tuple[float, Floats, Bools]], count: int) -> tuple[Floats, Bools]:
    """The weighted mean of the parts that apply, absent ones counting zero; and whether any applies."""
    total, weight = np.zeros(count), np.zeros(count)
    for share, value, live in parts:
        total += share * live * np.nan_to_num(value)
        weight += share * live
    return _over(total, weight), weight > 0


def _over(total: Floats, weight: Floats) -> Floats:
    """The quotient, nothing where no weight applies."""
    return total / np.where(weight > 0, weight, 1)


def _levels(prepared: Prepared, scaled: Mapping[str, Floats], count: int) -> tuple[NDArray[np.int64], Bools]:
    level = np.zeros(count, dtype=np.int64)
    doubtful = np.zeros(count, dtype=np.bool_)
    going = np.ones(count, dtype=np.bool_)
    for step in prepared.model.levels:
        for gate in step.gates:
            threshold = float(prepared.thresholds[gate.parameter])
            going &= scaled[gate.of] >= threshold
            doubtful |= np.abs(scaled[gate.of] - threshold) < TOLERANCE
        level[going] = step.level
    return level, doubtful


def _values(prepared: Prepared, indicator: Indicator, columns: Columns, exists: Mapping[str, Bools]) -> Floats:
    numbers = {role: float(value) for role, value in prepared.numbers[indicator.id].items()}
    inputs = {role: columns[fact] for role, fact in indicator.facts.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        value = RULES[indicator.rule](indicator, inputs, numbers)
    present = np.logical_and.reduce([exists[fact] for fact in indicator.facts.values()])
    return np.where(present, value, np.nan)


def _option_points(indicator: Indicator, options: tuple[str, ...]) -> Floats:
    points = indicator.settings.get("points") or equidistant(options)
    return np.array([float(points[option]) for option in options])


def _choice(indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    points: Floats = _option_points(indicator, indicator.shapes["answer"].options)[inputs["answer"]]
    return points


def _yesno(_indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    given: Floats = inputs["answer"].astype(np.float64)
    return given


def _multi(indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    shape = indicator.shapes["answer"]
    real = [option for option in shape.options if option != shape.exclusive]
    points = indicator.settings.get("points") or dict.fromkeys(real, 1 / len(real))
    row = np.array([float(points.get(option, 0)) for option in shape.options])
    earned: Floats = np.minimum(inputs["answer"] @ row, 1.0)
    return earned


def _matrix(indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    shape = indicator.shapes["answer"]
    points = _option_points(indicator, shape.columns)[inputs["answer"]]
    weights = indicator.settings.get("row_weights") or {}
    row = np.array([float(weights.get(name, 1)) for name in shape.rows])
    result: Floats = points @ row / row.sum()
    return result


def _ratio(_indicator: Indicator, inputs: Columns, numbers: Mapping[str, float]) -> Floats:
    value = np.clip(100 * inputs["numerator"] / inputs["denominator"] / numbers["full"], 0, 1)
    return np.where(inputs["denominator"] == 0, np.nan, value)


def _amount(_indicator: Indicator, inputs: Columns, numbers: Mapping[str, float]) -> Floats:
    return np.clip(inputs["amount"] / numbers["full"], 0, 1)


def _amount_down(_indicator: Indicator, inputs: Columns, numbers: Mapping[str, float]) -> Floats:
    return np.clip((numbers["worst"] - inputs["amount"]) / (numbers["worst"] - numbers["best"]), 0, 1)


def _outcome(indicator: Indicator, inputs: Columns, numbers: Mapping[str, float]) -> Floats:
    current, prior = inputs["pair"][:, 0], inputs["pair"][:, 1]
    down = indicator.settings["direction"] == "down"
    parts = [np.full(len(current), np.nan)]
    if down and "best_level" in numbers:
        parts.append((numbers["worst_level"] - current) / (numbers["worst_level"] - numbers["best_level"]))
    if not down and "full_level" in numbers:
        parts.append(current / numbers["full_level"])
    if "full_improvement" in numbers:
        gained = prior - current if down else current - prior
        if indicator.settings["improvement"] == "relative":
            gained = np.where(prior > 0, 100 * gained / prior, np.nan)
        parts.append(gained / numbers["full_improvement"])
    better: Floats = np.clip(np.fmax.reduce(parts), 0, 1)
    return better


def _band(indicator: Indicator, value: Floats) -> Floats:
    bands = indicator.settings["bands"]
    edges = np.array([float(edge) for edge, _ in bands[:-1]])
    points = np.array([float(earned) for _, earned in bands])
    upper = indicator.settings["closed"] == "upper"
    found: Floats = points[np.searchsorted(edges, np.nan_to_num(value), side="left" if upper else "right")]
    return found


def _ratio_bands(indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    value = _band(indicator, 100 * inputs["numerator"] / inputs["denominator"])
    return np.where(inputs["denominator"] == 0, np.nan, value)


def _amount_bands(indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    return _band(indicator, inputs["amount"])


def _trend(indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    current, prior = inputs["pair"][:, 0], inputs["pair"][:, 1]
    gained = prior - current if indicator.settings["direction"] == "down" else current - prior
    better: Floats = (np.sign(gained) + 1) / 2
    return better


def _row(indicator: Indicator, inputs: Columns, _: Mapping[str, float]) -> Floats:
    shape = indicator.shapes["answer"]
    chosen = inputs["answer"][:, shape.rows.index(indicator.settings["row"])]
    points: Floats = _option_points(indicator, shape.columns)[chosen]
    return points


RULES: Mapping[str, Callable[[Indicator, Columns, Mapping[str, float]], Floats]] = {
    "choice@1": _choice,
    "yesno@1": _yesno,
    "multi@1": _multi,
    "matrix@1": _matrix,
    "ratio@1": _ratio,
    "amount@1": _amount,
    "amount_down@1": _amount_down,
    "outcome@1": _outcome,
    "ratio_bands@1": _ratio_bands,
    "amount_bands@1": _amount_bands,
    "trend@1": _trend,
    "row@1": _row,
}

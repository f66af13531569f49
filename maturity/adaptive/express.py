"""Express: a statistical estimate of the level after few questions, by Gaussian predictive curtailment (methods A.3).

The values of all indicators are taken as jointly normal, with mean and covariance of a calibration population. Given
the answers so far the rest follows by linear regression; 512 fixed points of that distribution are graded, and the
share that comes to a level is the probability of the level. The question asked next is the one whose answer is expected
to tell most about the level. It stops when the exact bounds agree (then the level is certain), or when enough questions
are answered and one level is probable enough.

The result is an estimate and is called one: it is never certified and enters no benchmark. Without a calibration of
exactly this edition it refuses. Floats are used throughout, save for the bounds, which are the exact engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from maturity.adaptive.evaluation import applicable_indicators
from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import Bounds, bounds_of_path, indicators_by_question
from maturity.questionnaires.model import Facts, Profile, Question
from maturity.questionnaires.path import find_path
from maturity.scoring.engine import Prepared, effective_weights, prepare

Floats = NDArray[np.float64]
#: With fewer enterprises than this a calibration says nothing, and below the second it has to be surer.
LEAST_POPULATION, SMALL_POPULATION = 150, 500
LEAST_ANSWERS = 8
POINTS = 512
_TINY = 1e-6


class Uncalibrated(LookupError):
    """There is no calibration of this edition, or of too few enterprises; there is no estimate then."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What is known of a population under one edition: mean and covariance of the indicator values, 0..1.

    Compared by identity, so that what is computed from it can be kept.
    """

    edition_sha256: str
    framework: str
    source: str
    size: int
    period: int
    made_on: date
    sureness: float  # the probability at which it stops
    indicators: tuple[str, ...]
    mean: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the answers so far let expect. `probabilities` are by level; `certain` says that the bounds agree."""

    bounds: Bounds
    answered: int
    level: int
    probability: float
    probabilities: Mapping[int, float]
    is_certain: bool
    is_over: bool
    question: Question | None  # what to ask next; None when nothing is left or it is over


def require_calibrated(framework: Framework, calibration: Calibration, edition_sha256: str) -> None:
    """`Uncalibrated` unless the calibration is of this edition and of enough enterprises."""
    if calibration.edition_sha256 != edition_sha256 or calibration.framework != framework.edition.slug:
        raise Uncalibrated(f"no calibration of {framework.edition.slug}")
    if calibration.size < LEAST_POPULATION:
        raise Uncalibrated(f"calibrated on {calibration.size} enterprises; {LEAST_POPULATION} are needed")
    if set(calibration.indicators) != set(framework.scoring.indicators):
        raise Uncalibrated(f"the calibration knows other indicators than {framework.edition.slug}")


def estimate(framework: Framework, calibration: Calibration, profile: Profile, facts: Facts, on: date) -> Estimate:
    """The estimate from some answers, and what to ask next. It depends on what was answered and not on the order.

    The caller has made sure that the calibration is of this edition (`require_calibrated`).
    """
    path = find_path(framework.edition, profile, facts)
    bounds = bounds_of_path(framework, profile, path, on)
    prepared = prepare(framework.scoring, on, profile["production_type"])
    view = _View(framework, calibration, prepared, bounds, applicable_indicators(framework, profile))
    levels = view.levels()
    chances = {level: float(np.mean(levels == level)) for level in sorted({int(level) for level in levels})}
    level = max(chances, key=lambda one: (chances[one], -one))
    answered = path.answered_count()
    sure = answered >= LEAST_ANSWERS and chances[level] >= calibration.sureness
    unanswered = path.unanswered()
    is_over = bounds.is_settled or sure or not unanswered
    return Estimate(
        bounds=bounds,
        answered=answered,
        level=level,
        probability=chances[level],
        probabilities=chances,
        is_certain=bounds.is_settled,
        is_over=is_over,
        question=None if is_over else view.next_of(unanswered, levels),
    )


class _View:
    """The distribution of what is open, given what is known, for one enterprise."""

    def __init__(
        self,
        framework: Framework,
        calibration: Calibration,
        prepared: Prepared,
        bounds: Bounds,
        applicable: frozenset[str],
    ) -> None:
        self.framework, self.prepared, self.bounds = framework, prepared, bounds
        names = [name for name in calibration.indicators if name in applicable]
        place = _places(calibration)
        self.open = [name for name in names if not bounds.values[name].is_point]
        known = [name for name in names if bounds.values[name].is_point]
        rows, columns = [place[name] for name in self.open], [place[name] for name in known]
        values = np.array([float(bounds.values[name].low) for name in known])
        weights = _projection(framework, prepared, applicable)
        self.dimensions = weights.dimensions
        loads = np.array([weights.loads[name] for name in self.open]).reshape(len(rows), len(self.dimensions))
        settled = np.array([weights.loads[name] for name in known]).reshape(len(columns), len(self.dimensions))
        mean, covariance = _given(calibration, rows, columns, values)
        self.covariance = covariance
        self.across = covariance @ loads  # of each open indicator with each dimension
        self.spread = loads.T @ self.across
        self.points = self._points(mean @ loads + values @ settled)

    def _points(self, centre: Floats) -> Floats:
        """The fixed points as scores of the dimensions, none beyond what the bounds allow."""
        values, vectors = np.linalg.eigh(self.spread)
        root = vectors * np.sqrt(np.clip(values, 0, None))
        drawn = centre + _normals(len(self.dimensions)) @ root.T
        low = np.array([float(self.bounds.dimension(name).low) for name in self.dimensions])
        high = np.array([float(self.bounds.dimension(name).high) for name in self.dimensions])
        return np.asarray(np.clip(drawn, low, high))

    def levels(self) -> NDArray[np.int64]:
        """The level of each point, none outside those that can still be reached."""
        found = np.zeros(len(self.points), dtype=np.int64)
        going = np.ones(len(self.points), dtype=np.bool_)
        place = {name: number for number, name in enumerate(self.dimensions)}
        for step in self.framework.scoring.levels:
            for gate in step.gates:
                going &= self.points[:, place[gate.of]] >= float(self.prepared.thresholds[gate.parameter])
            found[going] = step.level
        lowest, highest = self.bounds.levels
        return np.asarray(np.clip(found, lowest, highest))

    def next_of(self, unanswered: tuple[Question, ...], levels: NDArray[np.int64]) -> Question:
        """The question whose answer explains most of the variance of the level; of equals the first of the edition.

        The covariance of the level with an indicator follows from that with the dimensions (Stein's lemma).
        """
        off = levels - levels.mean()
        steps = ((self.points - self.points.mean(axis=0)).T @ off) / len(levels)
        told = self.across @ np.linalg.solve(self.spread + _TINY * np.eye(len(steps)), steps)
        place = {name: number for number, name in enumerate(self.open)}
        asked = indicators_by_question(self.framework)
        worth = [
            _explained(told, self.covariance, [place[name] for name in asked[question.id] if name in place])
            for question in unanswered
        ]
        return unanswered[int(np.argmax(worth))]


def _explained(told: Floats, covariance: Floats, rows: list[int]) -> float:
    """How much of the variance of the level several indicators explain together."""
    if not rows:
        return 0.0
    part = told[rows]
    own = covariance[np.ix_(rows, rows)] + _TINY * np.eye(len(rows))
    return round(float(part @ np.linalg.solve(own, part)), 12)


def _given(calibration: Calibration, rows: list[int], columns: list[int], values: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of the open indicators, given the known ones: the regression of the one on the other."""
    mean, whole = calibration.mean, calibration.covariance
    own = whole[np.ix_(rows, rows)]
    if not columns:
        return mean[rows], own
    across = whole[np.ix_(columns, rows)]
    among = whole[np.ix_(columns, columns)] + _TINY * np.eye(len(columns))
    slopes = np.linalg.solve(among, across)
    return mean[rows] + (values - mean[columns]) @ slopes, own - across.T @ slopes


@dataclass(frozen=True, slots=True)
class _Projection:
    """By how many points the full mark of an indicator moves each dimension."""

    dimensions: tuple[str, ...]
    loads: Mapping[str, Floats]


@lru_cache(maxsize=1024)
def _projection(framework: Framework, prepared: Prepared, applicable: frozenset[str]) -> _Projection:
    weights = effective_weights(prepared, applicable)
    dimensions = tuple(item.id for item in framework.scoring.dimensions if item.id in weights.dimension)
    loads = {name: np.zeros(len(dimensions)) for name in applicable}
    for number, dimension_id in enumerate(dimensions):
        for group in next(item for item in framework.scoring.dimensions if item.id == dimension_id).groups:
            for indicator in group.indicators:
                if indicator.id in applicable:
                    share = weights.group[group.id] * weights.indicator[indicator.id]
                    loads[indicator.id][number] = 100 * float(share)
    return _Projection(dimensions, loads)


@lru_cache(maxsize=16)
def _places(calibration: Calibration) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(calibration.indicators)}


@lru_cache(maxsize=16)
def _normals(dimensions: int) -> Floats:
    """512 points spread evenly under the normal distribution, the same every time and everywhere.

    An additive recurrence with the roots of x^(d+1) = x + 1 (Roberts 2018), through the inverse normal.
    """
    root = 1.5
    for _ in range(64):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = [root ** -(number + 1) for number in range(dimensions)]
    inverse = NormalDist().inv_cdf
    return np.array([[inverse((0.5 + step * number) % 1) for step in steps] for number in range(1, POINTS + 1)])


# ---- calibration


def calibrate_values(values: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of indicator values (rows: enterprises; nan where an indicator does not apply).

    Covariances are of the pairs of which both apply, shrunk towards a diagonal by the amount of Ledoit and Wolf (2004),
    computed as if nothing were missing; what is left of negative variance by the missing pairs is cut.
    """
    there = ~np.isnan(values)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.nan_to_num(values).sum(axis=0) / count
    centred = np.where(there, values - mean, 0.0)
    mask = there.astype(np.float64)
    pairs = np.maximum(mask.T @ mask, 1)
    raw = (centred.T @ centred) / pairs
    shrunk = _shrunk(raw, centred)
    eigenvalues, vectors = np.linalg.eigh(shrunk)
    return mean, (vectors * np.clip(eigenvalues, _TINY, None)) @ vectors.T


def _shrunk(covariance: Floats, centred: Floats) -> Floats:
    """Ledoit-Wolf towards the mean variance."""
    rows, size = centred.shape
    target = np.trace(covariance) / size * np.eye(size)
    distance = float(np.sum((covariance - target) ** 2))
    noise = float(((centred**2).T @ (centred**2) / rows - covariance**2).sum()) / rows
    share = min(1.0, max(0.0, noise / distance)) if distance > 0 else 0.0
    return np.asarray((1 - share) * covariance + share * target)

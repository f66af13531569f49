"""The methodology as data for its page and the report's annex: everything from the edition, nothing written twice."""

from __future__ import annotations

from dataclasses import dataclass

from maturity.adaptive.evaluation import period_end
from maturity.adaptive.framework import Framework, Words
from maturity.questionnaires.model import Text
from maturity.scoring.engine import prepare

#: A period in force now; parameters are shown as they hold at its end.
SHOWN_PERIOD = 2025
VARIANTS = ("discrete_mass", "discrete_small_batch", "process", "mixed")


@dataclass(frozen=True, slots=True)
class IndicatorEntry:
    id: str
    words: Words
    rule: str
    weight: int
    full_marks: tuple[tuple[str, str], ...]  # (parameter id, value or values by production type)


@dataclass(frozen=True, slots=True)
class GroupEntry:
    words: Words
    weight: int
    indicators: tuple[IndicatorEntry, ...]


@dataclass(frozen=True, slots=True)
class DimensionEntry:
    id: str
    role: str
    words: Words
    weight: int
    groups: tuple[GroupEntry, ...]


@dataclass(frozen=True, slots=True)
class LevelEntry:
    level: int
    words: Words
    gates: tuple[tuple[Text, str, Words], ...]  # (dimension title, threshold, why)


@dataclass(frozen=True, slots=True)
class Methodology:
    framework: Framework
    dimensions: tuple[DimensionEntry, ...]
    levels: tuple[LevelEntry, ...]


def methodology_of(framework: Framework) -> Methodology:
    dimensions = tuple(
        DimensionEntry(
            dimension.id,
            dimension.role,
            framework.parts[dimension.id],
            dimension.weight,
            tuple(
                GroupEntry(
                    framework.parts[group.id],
                    group.weight,
                    tuple(_indicator(framework, indicator.id) for indicator in group.indicators),
                )
                for group in dimension.groups
            ),
        )
        for dimension in framework.scoring.dimensions
    )
    return Methodology(framework, dimensions, _levels(framework))


def _indicator(framework: Framework, name: str) -> IndicatorEntry:
    indicator = framework.scoring.indicators[name]
    marks = tuple((parameter, _shown(framework, parameter)) for parameter in indicator.parameters.values())
    return IndicatorEntry(name, framework.indicators[name], indicator.rule, indicator.weight, marks)


def _shown(framework: Framework, parameter: str) -> str:
    values = [
        framework.scoring.parameters[parameter].value_on(period_end(SHOWN_PERIOD), variant) for variant in VARIANTS
    ]
    distinct = list(dict.fromkeys(str(float(value)).removesuffix(".0") for value in values))
    return distinct[0] if len(distinct) == 1 else " / ".join(str(float(value)).removesuffix(".0") for value in values)


def _levels(framework: Framework) -> tuple[LevelEntry, ...]:
    thresholds = prepare(framework.scoring, period_end(SHOWN_PERIOD), VARIANTS[0]).thresholds
    return tuple(
        LevelEntry(
            level.level,
            framework.levels[level.level],
            tuple(
                (framework.parts[g.dimension].title, str(thresholds[g.parameter]), framework.parameters[g.parameter])
                for g in level.gates
            ),
        )
        for level in framework.scoring.levels
    )

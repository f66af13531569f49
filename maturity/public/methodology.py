"""The methodology as data for its page and the report's annex: everything from the edition, nothing written twice."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from maturity.adaptive.evaluation import period_end
from maturity.adaptive.framework import Framework, Words
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.model import Text
from maturity.questionnaires.values import decimal_text
from maturity.scoring.engine import effective_weights, prepare
from maturity.scoring.parameters import Parameter


@dataclass(frozen=True, slots=True)
class IndicatorEntry:
    id: str
    words: Words
    rule: str
    weight: str
    full_marks: tuple[tuple[Words, str], ...]  # (words, value or values by production type)


@dataclass(frozen=True, slots=True)
class GroupEntry:
    words: Words
    weight: str
    indicators: tuple[IndicatorEntry, ...]


@dataclass(frozen=True, slots=True)
class DimensionEntry:
    """`weight` is the share of the dimension within its role, in percent: weights need not add up to a hundred."""

    id: str
    role: str
    words: Words
    weight: str
    groups: tuple[GroupEntry, ...]


@dataclass(frozen=True, slots=True)
class LevelEntry:
    level: int
    words: Words
    gates: tuple[tuple[Text, str, Words], ...]  # (what is measured, sign and threshold, why)


@dataclass(frozen=True, slots=True)
class Methodology:
    """`period` is the reporting period at whose end the parameters are shown."""

    framework: Framework
    period: int
    dimensions: tuple[DimensionEntry, ...]
    levels: tuple[LevelEntry, ...]


def methodology_of(framework: Framework, period: int | None = None) -> Methodology:
    """As it holds for a reporting period; by default the last that was complete when the edition came into force."""
    period = period or framework.edition.valid_from.year - 1
    dimensions = tuple(
        DimensionEntry(
            dimension.id,
            dimension.role,
            framework.parts[dimension.id],
            _percents(framework, dimension.id, period),
            tuple(
                GroupEntry(
                    framework.parts[group.id],
                    _shown(group.weight, period),
                    tuple(_indicator(framework, indicator.id, period) for indicator in group.indicators),
                )
                for group in dimension.groups
            ),
        )
        for dimension in framework.scoring.dimensions
    )
    return Methodology(framework, period, dimensions, _levels(framework, period))


def _percents(framework: Framework, dimension: str, period: int) -> str:
    """A dimension's share of the whole in per cent, everything applying; those of the production types in their order
    where they differ."""
    everything = frozenset(framework.scoring.indicators)
    shares = [
        effective_weights(prepare(framework.scoring, period_end(period), variant), everything).dimension[dimension]
        for variant in PRODUCTION_TYPES
    ]
    shown = [decimal_text(Fraction(round(1000 * share), 10)) for share in shares]
    return shown[0] if len(set(shown)) == 1 else " / ".join(shown)


def _indicator(framework: Framework, name: str, period: int) -> IndicatorEntry:
    indicator = framework.scoring.indicators[name]
    marks = tuple(
        (framework.parameters[parameter], _shown(framework.scoring.parameters[parameter], period))
        for parameter in indicator.parameters.values()
    )
    return IndicatorEntry(name, framework.indicators[name], indicator.rule, _shown(indicator.weight, period), marks)


def _shown(parameter: Parameter, period: int) -> str:
    """One value, or those of the production types in their order where they differ."""
    values = [decimal_text(parameter.value_on(period_end(period), variant)) for variant in PRODUCTION_TYPES]
    return values[0] if len(set(values)) == 1 else " / ".join(values)


def _levels(framework: Framework, period: int) -> tuple[LevelEntry, ...]:
    return tuple(
        LevelEntry(
            level.level,
            framework.levels[level.level],
            tuple(
                (
                    framework.gate_title(gate.kind, gate.of, level.level, gate.value),
                    f"{'>' if gate.exceed else '≥'} {_shown(framework.scoring.parameters[gate.parameter], period)}",
                    framework.parameters[gate.parameter],
                )
                for gate in level.gates
            ),
        )
        for level in framework.scoring.levels
    )

"""What is compared: each measure of the released cells with the enterprise's own value, in words.

Scores are those of the frozen result. Rates and criteria are worked out from its frozen facts under the same
definitions as those of everybody counted in the release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from maturity.adaptive.framework import Framework
from maturity.benchmarks.definitions import SHARE, Definition, definitions, is_met
from maturity.questionnaires.model import Facts, Text
from maturity.questionnaires.values import from_json
from maturity.results.view import Result
from maturity.scoring.engine import rounded

SCORE, RATE, CRITERION = "score", "rate", "criterion"


@dataclass(frozen=True, slots=True)
class Described:
    """A measure of a release by itself."""

    id: str
    kind: str
    title: Text
    definition: Text

    @property
    def unit(self) -> str:
        return "" if self.kind == SCORE else "%"


@dataclass(frozen=True, slots=True)
class Measure(Described):
    """A measure with the enterprise's own value; None where it does not apply to the enterprise. Of a criterion the
    value is 1 or 0.

    `own` is as the result shows it, `exact` to two places: the place in the grid is read off that.
    """

    own: Decimal | None
    exact: Decimal | None

    @property
    def is_met(self) -> bool | None:
        """Of a criterion."""
        return None if self.own is None else self.own == 1


Measures = Mapping[str, Measure]


def catalogue(framework: Framework) -> tuple[Described, ...]:
    """Every measure that a release of the framework may hold: scores, dimensions, rates, criteria."""
    found = [Described(item.id, _kind(item), item.title, item.definition) for item in definitions(framework).values()]
    order = {SCORE: 0, RATE: 1, CRITERION: 2}
    return tuple(sorted(found, key=lambda item: order[item.kind]))


def _kind(item: Definition) -> str:
    if item.kind == SHARE:
        return CRITERION
    return RATE if item.rate else SCORE


def measures_of(result: Result) -> Measures:
    """Every measure with the value of a frozen result."""
    edition, profile = result.framework.edition, result.profile
    facts = {name: from_json(edition.facts[name], data) for name, data in result.document["facts"].items()}
    defined = definitions(result.framework)
    made = {}
    for item in catalogue(result.framework):
        definition = defined[item.id]
        if definition.rule is not None:
            met = is_met(definition.rule, edition, profile, facts)
            own = exact = None if met is None else Decimal(met)
        elif definition.rate is not None:
            own = exact = _rate(definition, facts)
        else:
            own, exact = _score(result, definition.score)
        made[item.id] = Measure(item.id, item.kind, item.title, item.definition, own, exact)
    return made


def _rate(definition: Definition, facts: Facts) -> Decimal | None:
    value = definition.rate.of(facts) if definition.rate else None
    return None if value is None else rounded(Fraction(value))


def _score(result: Result, name: str) -> tuple[Decimal | None, Decimal | None]:
    """As the result shows it, and to two places."""
    score = result.document["score"]
    if name in ("capability", "outcome"):
        return (result.capability if name == "capability" else result.outcome), Decimal(score[name]["rounded"])
    summary = score["dimensions"].get(name)
    shown = next((item.score for item in result.dimensions if item.id == name), None)
    return shown, Decimal(summary["rounded"]) if summary else None

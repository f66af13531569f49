"""The three-minute check: twelve yes-or-no questions for everybody, scored at once and kept nowhere.

It is the published list of an official statistic, not an estimate of the long questionnaire, and is never certified nor
part of a benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maturity.adaptive.evaluation import applicable_indicators
from maturity.adaptive.framework import Framework
from maturity.adaptive.profile import build_profile
from maturity.questionnaires.model import FactValue, Question
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import InvalidValue, parse
from maturity.scoring.engine import prepare, score
from maturity.scoring.model import Score

EXPRESS = "dii"
#: The questions concern every enterprise alike, so that any profile does; the check asks for none.
_ANYBODY = build_profile(
    {"industry": "34", "region": "330200", "headcount": 100, "revenue": 3000, "production_type": "mixed"}
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What was ticked, what is missing, and the score once nothing is."""

    facts: Mapping[str, FactValue] = field(default_factory=dict)
    missing: tuple[str, ...] = ()  # ids of questions
    score: Score | None = None

    @property
    def points(self) -> int:
        """How many of the twelve count."""
        return sum(value == 1 for value in self.score.values.values()) if self.score else 0

    def lost(self, framework: Framework) -> tuple[Question, ...]:
        """The questions whose point is still to be had."""
        if self.score is None:
            return ()
        indicators = framework.scoring.indicators
        open_facts = {
            fact for name, value in self.score.values.items() if value != 1 for fact in indicators[name].facts.values()
        }
        questions = framework.edition.questions
        return tuple(questions[name] for name in framework.edition.order if open_facts & set(questions[name].facts))


def answer_express(framework: Framework, raw: Mapping[str, Any]) -> Answered:
    """Read the answers; the score only when all are given."""
    facts: dict[str, FactValue] = {}
    for name, fact in framework.edition.facts.items():
        try:
            value = parse(fact, raw.get(name))
        except InvalidValue:
            continue  # no browser sends it: the question counts as unanswered
        if value is not None:
            facts[name] = value
    path = find_path(framework.edition, _ANYBODY, facts)
    if not path.is_complete:
        return Answered(facts, tuple(question.id for question in path.unanswered()))
    prepared = prepare(framework.scoring, framework.edition.valid_from, _ANYBODY["production_type"])
    return Answered(facts, (), score(prepared, path.facts, applicable_indicators(framework, _ANYBODY)))

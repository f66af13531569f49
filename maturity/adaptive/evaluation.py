"""The one function behind site, command line, batch job and tests: profile and facts in, path and score out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Facts, Profile
from maturity.questionnaires.path import Path, Standing, applicable_questions, find_path
from maturity.questionnaires.plausibility import Finding, find_implausible
from maturity.questionnaires.values import to_json
from maturity.scoring.engine import prepare, score
from maturity.scoring.explanation import explain
from maturity.scoring.model import Score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that follows from one enterprise's profile and facts on a date."""

    path: Path
    score: Score
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def queries(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "query")


def period_end(period: int) -> date:
    """The day on which a reporting period's parameters are looked up: its last.

    >>> period_end(2025)
    datetime.date(2025, 12, 31)
    """
    return date(period, 12, 31)


def evaluate(framework: Framework, profile: Profile, facts: Facts, on: date) -> Evaluation:
    """Find the path, score the facts on it and check their plausibility."""
    return evaluate_path(framework, profile, find_path(framework.edition, profile, facts), on)


def evaluate_path(framework: Framework, profile: Profile, path: Path, on: date) -> Evaluation:
    """The same where the path is known already."""
    prepared = prepare(framework.scoring, on, profile["production_type"])
    result = score(prepared, path.facts, applicable_indicators(framework, profile))
    return Evaluation(path, result, find_implausible(framework.edition, profile, path.facts))


def applicable_indicators(framework: Framework, profile: Profile) -> frozenset[str]:
    """The indicators all of whose questions apply to the profile; facts never decide this."""
    return _applicable(framework, tuple(sorted(profile.items())))


@lru_cache(maxsize=1024)
def _applicable(framework: Framework, profile_items: tuple[tuple[str, Any], ...]) -> frozenset[str]:
    edition = framework.edition
    live = applicable_questions(edition, dict(profile_items))
    return frozenset(
        indicator.id
        for indicator in framework.scoring.indicators.values()
        if all(edition.asked_by[fact] in live for fact in indicator.facts.values())
    )


def explain_evaluation(framework: Framework, profile: Profile, evaluation: Evaluation, on: date) -> dict[str, Any]:
    """The explanation tree with every answer's value and state (answered, unanswered, absent, not applicable)."""
    prepared = prepare(framework.scoring, on, profile["production_type"])
    return explain(prepared, evaluation.score, _answers(framework, evaluation))


def _answers(framework: Framework, evaluation: Evaluation) -> Mapping[str, Mapping[str, Any]]:
    answers = {}
    for fact_id, question_id in framework.edition.asked_by.items():
        standing = evaluation.path.steps[question_id].standing
        value = evaluation.path.facts.get(fact_id)
        if value is not None:
            answers[fact_id] = {"value": to_json(value), "state": "answered"}
        else:
            state = "unanswered" if standing is Standing.ASKED else "absent"
            state = "not_applicable" if standing is Standing.NOT_APPLICABLE else state
            answers[fact_id] = {"value": None, "state": state}
    return answers

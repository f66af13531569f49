"""The answer path: which questions apply, given the profile and the answers so far. Computed, never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from maturity.questionnaires.conditions import holds, may_hold
from maturity.questionnaires.model import Edition, Facts, FactValue, Profile, Question


class Standing(Enum):
    """Why a question is or is not on the path."""

    ASKED = "asked"
    NOT_APPLICABLE = "not_applicable"  # decided by the profile alone; its weight is redistributed
    ABSENT = "absent"  # what it builds on is not there; counts zero and keeps its weight
    OPEN = "open"  # as absent, but an answer still missing may bring it onto the path


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the edition with its standing for this enterprise."""

    question: Question
    standing: Standing
    answered: bool

    @property
    def is_asked(self) -> bool:
        return self.standing is Standing.ASKED


@dataclass(frozen=True, slots=True)
class Path:
    """The path through an edition.

    `steps` holds every question of the edition in its order; `facts` only the facts that exist: an answer off the
    path is kept by the caller for a return visit but is not here, and so neither scores nor shows.
    """

    steps: Mapping[str, Step]
    facts: Facts

    def asked(self) -> tuple[Question, ...]:
        return tuple(step.question for step in self.steps.values() if step.is_asked)

    def unanswered(self) -> tuple[Question, ...]:
        return tuple(step.question for step in self.steps.values() if step.is_asked and not step.answered)

    def answered_count(self) -> int:
        return sum(step.is_asked and step.answered for step in self.steps.values())

    def remaining(self) -> tuple[int, int]:
        """The fewest and the most questions that can still come: an honest range for the progress line."""
        fewest = len(self.unanswered())
        still_open = sum(step.standing is Standing.OPEN for step in self.steps.values())
        return fewest, fewest + still_open

    @property
    def is_complete(self) -> bool:
        return not self.unanswered()


def find_path(edition: Edition, profile: Profile, facts: Facts) -> Path:
    """Walk the edition once; the result depends on profile and facts only, never on the order of answering."""
    steps: dict[str, Step] = {}
    existing: dict[str, FactValue] = {}
    open_facts: set[str] = set()
    for question_id in edition.order:
        question = edition.questions[question_id]
        standing = _standing(question, profile, existing, frozenset(open_facts))
        answered = all(fact in facts for fact in question.facts)
        steps[question_id] = Step(question, standing, answered and standing is Standing.ASKED)
        if standing is Standing.ASKED:
            existing.update((fact, facts[fact]) for fact in question.facts if fact in facts)
        if standing is Standing.OPEN or (standing is Standing.ASKED and not answered):
            open_facts.update(fact for fact in question.facts if fact not in existing)
    return Path(steps, existing)


def _standing(question: Question, profile: Profile, facts: Facts, open_facts: frozenset[str]) -> Standing:
    if not holds(question.applies, profile, {}):
        return Standing.NOT_APPLICABLE
    if holds(question.requires, profile, facts):
        return Standing.ASKED
    return Standing.OPEN if may_hold(question.requires, profile, facts, open_facts) else Standing.ABSENT

"""The answer path: which questions apply, given the profile and the answers so far. Computed, never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from maturity.questionnaires.conditions import holds, leaves, may_hold
from maturity.questionnaires.model import Edition, Facts, FactValue, Profile, Question


class Standing(Enum):
    """Why a question is or is not on the path."""

    ASKED = "asked"
    NOT_APPLICABLE = "not_applicable"  # decided by the profile alone; its weight is redistributed
    ABSENT = "absent"  # what it builds on is not there; counts zero and keeps its weight
    OPEN = "open"  # as absent, but an answer still missing may bring it onto the path


#: Looking a member up by its class is slow, and a save asks a thousand times.
ASKED, NOT_APPLICABLE, ABSENT, OPEN = Standing


class Step(NamedTuple):
    """One question of the edition with its standing for this enterprise. A tuple, because a path has so many."""

    question: Question
    standing: Standing
    answered: bool

    @property
    def is_asked(self) -> bool:
        return self.standing is ASKED


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
        still_open = sum(step.standing is OPEN for step in self.steps.values())
        return fewest, fewest + still_open

    @property
    def is_complete(self) -> bool:
        return not self.unanswered()


def find_path(edition: Edition, profile: Profile, facts: Facts) -> Path:
    """Walk the edition once; the result depends on profile and facts only, never on the order of answering."""
    applicable = applicable_questions(edition, profile)
    steps: dict[str, Step] = {}
    existing: dict[str, FactValue] = {}
    open_facts: set[str] = set()
    for question_id in edition.order:
        question = edition.questions[question_id]
        standing = NOT_APPLICABLE
        if question_id in applicable:
            standing = _standing(question, profile, existing, open_facts)
        answered = standing is ASKED
        if standing is ASKED:
            for fact in question.facts:
                if fact in facts:
                    existing[fact] = facts[fact]
                else:
                    answered = False
                    open_facts.add(fact)
        elif standing is OPEN:
            open_facts.update(question.facts)
        steps[question_id] = Step(question, standing, answered)
    return Path(steps, existing)


def _standing(question: Question, profile: Profile, facts: Facts, open_facts: set[str]) -> Standing:
    if question.requires is None or holds(question.requires, profile, facts):
        return ASKED
    may_come = may_hold(question.requires, profile, facts, frozenset(open_facts))
    return OPEN if may_come else ABSENT


def change_path(edition: Edition, profile: Profile, path: Path, facts: Facts, question_id: str) -> Path:
    """The path when of all `facts` only the answer to a question that is asked has changed; as `find_path` finds it."""
    question = edition.questions[question_id]
    if not _deciding_facts(edition).isdisjoint(question.facts):
        return find_path(edition, profile, facts)
    given = {fact: facts[fact] for fact in question.facts if fact in facts}
    others = {fact: value for fact, value in path.facts.items() if fact not in question.facts}
    step = Step(question, ASKED, len(given) == len(question.facts))
    return Path({**path.steps, question_id: step}, others | given)


@lru_cache(maxsize=64)
def _deciding_facts(edition: Edition) -> frozenset[str]:
    """The facts that questions build on: an answer without them moves no other question."""
    return frozenset(leaf.name for question in edition.questions.values() for leaf in leaves(question.requires))


def applicable_questions(edition: Edition, profile: Profile) -> frozenset[str]:
    """The questions that apply to the profile; facts never decide this, so it is found once for a profile."""
    return _applicable(edition, tuple(sorted(profile.items())))


@lru_cache(maxsize=1024)
def _applicable(edition: Edition, profile_items: tuple[tuple[str, Any], ...]) -> frozenset[str]:
    profile = dict(profile_items)
    return frozenset(name for name, question in edition.questions.items() if holds(question.applies, profile, {}))

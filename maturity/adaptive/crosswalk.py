"""One set of answers under other frameworks: what is known, what follows, what is missing, and what comes of it.

Facts that two editions share are known as they stand; others follow by the library's derivations. Whatever follows or
is carried over is a proposal until somebody confirms it (design decision 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import Bounds, bounds_of_path
from maturity.questionnaires.derivations import NOBODY, Derivation
from maturity.questionnaires.model import Facts, FactValue, Profile, Question
from maturity.questionnaires.path import Path, Standing, applicable_questions, find_path


@dataclass(frozen=True, slots=True)
class Known:
    """A fact of the other framework that need not be asked: as it stands, or as it follows from other facts."""

    value: FactValue
    derivation: Derivation | None

    @property
    def is_derived(self) -> bool:
        return self.derivation is not None


@dataclass(frozen=True, slots=True)
class Crossing:
    """What one set of answers is worth under another framework."""

    framework: Framework
    known: Mapping[str, Known]  # by fact, on the path only
    bounds: Bounds
    facts: int  # of the questions that concern the enterprise
    facts_known: int  # of these, those known, and those known not to exist

    @property
    def path(self) -> Path:
        return self.bounds.path

    @property
    def is_complete(self) -> bool:
        return self.path.is_complete

    @property
    def is_sufficient(self) -> bool:
        """Whether there is a result to show: everything is known, or the level is settled without the rest."""
        return self.is_complete or (bool(self.framework.levels) and self.bounds.is_settled)

    def missing(self) -> tuple[Question, ...]:
        """The questions that have to be asked for a complete result, as far as is known today."""
        return self.path.unanswered()

    def derived(self) -> tuple[str, ...]:
        return tuple(name for name, known in self.known.items() if known.is_derived)

    def shared(self) -> tuple[str, ...]:
        return tuple(name for name, known in self.known.items() if not known.is_derived)


def known_facts(
    target: Framework,
    facts: Facts,
    derivations: Mapping[str, Derivation],
    gone: frozenset[str] = frozenset(),
    profile: Profile = NOBODY,
) -> dict[str, Known]:
    """The target's facts that `facts` tell; `gone` are facts known not to exist on the path they come from."""
    known = {}
    for name in target.edition.facts:
        if name in facts:
            known[name] = Known(facts[name], None)
        elif name in derivations:
            value = derivations[name].derive(facts, gone, profile)
            if value is not None:
                known[name] = Known(value, derivations[name])
    return known


def facts_gone(path: Path) -> frozenset[str]:
    """The facts that do not exist, because what their questions build on is not there."""
    absent = (step.question for step in path.steps.values() if step.standing is Standing.ABSENT)
    return frozenset(fact for question in absent for fact in question.facts)


def cross(
    target: Framework,
    profile: Profile,
    facts: Facts,
    derivations: Mapping[str, Derivation],
    on: date,
    gone: frozenset[str] = frozenset(),
) -> Crossing:
    """What `facts`, given under any framework, are worth under `target` on a date: that of the period, or the first on
    which the target has every number it needs."""
    on = max(on, target.scoring.first_day())
    known = known_facts(target, facts, derivations, gone, profile)
    path = find_path(target.edition, profile, {name: item.value for name, item in known.items()})
    asked = [step for step in path.steps.values() if step.standing is not Standing.NOT_APPLICABLE]
    total = sum(len(step.question.facts) for step in asked)
    absent = sum(len(step.question.facts) for step in asked if step.standing is Standing.ABSENT)
    bounds = bounds_of_path(target, profile, path, on)
    on_path = {name: item for name, item in known.items() if name in path.facts}
    return Crossing(target, on_path, bounds, total, len(on_path) + absent)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of a framework's facts another framework's complete sheet tells, for one kind of enterprise."""

    facts: int
    shared: int
    derived: int

    @property
    def known(self) -> int:
        return self.shared + self.derived


def coverage(source: Framework, target: Framework, profile: Profile, derivations: Mapping[str, Derivation]) -> Coverage:
    """Counted on the questions that concern the profile, every one of the source answered."""
    asked = _facts_for(source, profile)
    wanted = _facts_for(target, profile)
    shared = wanted & asked
    derived = {
        name
        for name in wanted - shared
        if name in derivations
        and (derivations[name].sources() <= asked or derivations[name].derive({}, profile=profile) is not None)
    }
    return Coverage(len(wanted), len(shared), len(derived))


def _facts_for(framework: Framework, profile: Profile) -> frozenset[str]:
    questions: Iterable[str] = applicable_questions(framework.edition, profile)
    return frozenset(fact for name in questions for fact in framework.edition.questions[name].facts)

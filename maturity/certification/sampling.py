"""Which answers are verified: by what they weigh on the level, by how implausible they are, and by lot.

Pure and exact: candidates, rules and a seed go in, and the same always give the same sample, on any machine. Every
answer gets a number between 0 and 1 out of the seed (a keyed hash of its question), and within a stratum those with the
smallest number divided by size are drawn (sequential Poisson sampling). So an answer that weighs more, everything else
being equal, is never left out where it would be drawn with less; and without the seed nobody can tell what is drawn.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from maturity.adaptive.evaluation import Evaluation, applicable_indicators, evaluate
from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import bounds_of_path
from maturity.questionnaires.model import Facts, Profile
from maturity.questionnaires.path import find_path
from maturity.scoring.engine import effective_weights, prepare

RULES = Path(__file__).with_name("sampling_rules")
#: The version by which samples are drawn today.
CURRENT = "2026.1"
WEIGHT, IMPLAUSIBLE, RANDOM = STRATA = ("weight", "implausible", "random")
_SEED = re.compile(r"[0-9a-f]{64}")
_SPAN = 1 << 256
ZERO = Fraction(0)

#: How implausible each answer is, by question; 0 is left out. Severity rules today, a model of trust later.
Suspicion = Callable[["Framework", Evaluation], Mapping[str, Fraction]]


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules."""

    version: str
    share: Fraction
    least: int
    most: int
    pivotal: int
    strata: Mapping[str, int]
    per_section: int
    suspicion: Mapping[str, int]

    def size(self, answers: int) -> int:
        """How many of so many answers are drawn."""
        wanted = -(-self.share * answers // 1)
        return min(answers, max(self.least, min(self.most, int(wanted))))

    def quotas(self, size: int) -> Mapping[str, int]:
        """The sample shared out among the strata, by largest remainder; earlier strata first where they tie."""
        total = sum(self.strata.values())
        exact = {name: Fraction(size * self.strata[name], total) for name in STRATA}
        quotas = {name: int(share) for name, share in exact.items()}
        by_rest = sorted(STRATA, key=lambda name: (quotas[name] - exact[name], STRATA.index(name)))
        for name in by_rest[: size - sum(quotas.values())]:
            quotas[name] += 1
        return quotas


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that could be verified.

    `weight` is what it weighs, in percent of all answers; `effect` the points that would be lost without it, `levels`
    the levels; `suspicion` how implausible it is.
    """

    question_id: str
    section: str
    weight: Fraction
    effect: Fraction = ZERO
    levels: int = 0
    suspicion: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class Sampled:
    """An answer that was drawn, and the stratum it was drawn in."""

    question_id: str
    reason: str
    weight: Fraction


class UnknownRules(LookupError):
    """There is no such version of the rules."""


@cache
def rules_of(version: str = CURRENT) -> Rules:
    path = RULES / f"{version}.yaml"
    if not re.fullmatch(r"[0-9.]+", version) or not path.is_file():
        raise UnknownRules(version)
    return parse_rules(yaml.safe_load(path.read_text(encoding="utf-8")))


def parse_rules(data: Mapping[str, Any]) -> Rules:
    """Read and check what a file of rules says."""
    if data["format"] != "maturity-sampling/1" or set(data["strata"]) != set(STRATA):
        raise ValueError("not rules of sampling")
    size = data["size"]
    rules = Rules(
        str(data["version"]),
        Fraction(str(size["share"])),
        size["least"],
        size["most"],
        data["pivotal"]["most"],
        dict(data["strata"]),
        data["per_section"],
        dict(data["suspicion"]),
    )
    if not (0 < rules.share <= 1 and 1 <= rules.least <= rules.most and all(rules.strata.values())):
        raise ValueError("rules of sampling must draw from every stratum")
    return rules


# Drawing


def plan_sample(candidates: Sequence[Candidate], rules: Rules, seed: str) -> tuple[Sampled, ...]:
    """The answers to verify, in the order in which the candidates came; the seed is 64 hexadecimal digits."""
    if not _SEED.fullmatch(seed):
        raise ValueError("a seed has 64 hexadecimal digits")
    drawn: dict[str, str] = {}
    quotas = rules.quotas(rules.size(len(candidates)))
    certain = _pivotal(candidates, rules)
    drawn |= {item.question_id: WEIGHT for item in certain}
    draw = _Draw(seed, rules.version, candidates, drawn)
    draw.by_size(WEIGHT, quotas[WEIGHT] - len(certain), lambda item: item.effect)
    draw.by_size(IMPLAUSIBLE, quotas[IMPLAUSIBLE], lambda item: item.suspicion)
    size = max(rules.size(len(candidates)), len(certain) + quotas[IMPLAUSIBLE] + quotas[RANDOM])
    draw.by_lot(min(size, len(candidates)) - len(drawn), rules.per_section)
    return tuple(
        Sampled(item.question_id, drawn[item.question_id], item.weight)
        for item in candidates
        if item.question_id in drawn
    )


def _pivotal(candidates: Iterable[Candidate], rules: Rules) -> list[Candidate]:
    """The answers on which, taken alone, the level hangs."""
    found = [item for item in candidates if item.levels > 0]
    return sorted(found, key=lambda item: (-item.effect, -item.levels, item.question_id))[: rules.pivotal]


class _Draw:
    """Stratum after stratum; what is drawn in one is no candidate of the next."""

    def __init__(self, seed: str, version: str, candidates: Sequence[Candidate], drawn: dict[str, str]) -> None:
        self.key = bytes.fromhex(seed)
        self.version = version
        self.candidates = candidates
        self.drawn = drawn

    def number(self, stratum: str, name: str) -> Fraction:
        """Between 0 and 1, and never 0."""
        message = "\n".join((self.version, stratum, name)).encode()
        return Fraction(int.from_bytes(hmac.digest(self.key, message, hashlib.sha256)) + 1, _SPAN)

    def left(self) -> list[Candidate]:
        return [item for item in self.candidates if item.question_id not in self.drawn]

    def take(self, chosen: Iterable[Candidate], stratum: str) -> None:
        self.drawn.update({item.question_id: stratum for item in chosen})

    def by_size(self, stratum: str, count: int, size: Callable[[Candidate], Fraction]) -> None:
        keyed = [(self.number(stratum, item.question_id) / size(item), item) for item in self.left() if size(item) > 0]
        keyed.sort(key=lambda pair: (pair[0], pair[1].question_id))
        self.take((item for _, item in keyed[: max(count, 0)]), stratum)

    def by_lot(self, count: int, per_section: int) -> None:
        """First the sections that have too few answers in the sample, then whatever the numbers say."""
        ranked = sorted(self.left(), key=lambda item: self.number(RANDOM, item.question_id))
        section_of = {item.question_id: item.section for item in self.candidates}
        held: dict[str, int] = defaultdict(int)
        for name in self.drawn:
            held[section_of[name]] += 1
        chosen = []
        for item in ranked:
            if held[item.section] < per_section:
                held[item.section] += 1
                chosen.append(item)
        chosen += [item for item in ranked if item not in chosen]
        self.take(chosen[: max(count, 0)], RANDOM)


# What there is to draw from


def by_severity(rules: Rules) -> Suspicion:
    """The remarks of the plausibility rules, weighed by their severity, on every answer they speak of."""

    def suspicion(framework: Framework, evaluation: Evaluation) -> Mapping[str, Fraction]:
        found: dict[str, Fraction] = defaultdict(Fraction)
        asked_by = framework.edition.asked_by
        for finding in evaluation.findings:
            for question_id in {asked_by[name] for name in finding.facts}:
                found[question_id] += rules.suspicion[finding.severity]
        return found

    return suspicion


def candidates_of(
    framework: Framework, profile: Profile, facts: Facts, on: date, suspicion: Suspicion
) -> tuple[Candidate, ...]:
    """Every answer on the path, with what it weighs, what would be lost without it, and how implausible it is.

    Taken out, an answer leaves the score that is certain without it: the lower bound over whatever it could have been.
    """
    evaluation = evaluate(framework, profile, facts, on)
    path = evaluation.path
    given = [step.question for step in path.steps.values() if step.is_asked and step.answered]
    whole = bounds_of_path(framework, profile, path, on).low
    weights = weights_of(framework, profile, on)
    total = sum((weights.get(question.id, ZERO) for question in given), ZERO)
    doubtful = suspicion(framework, evaluation)
    found = []
    for question in given:
        rest = {name: value for name, value in path.facts.items() if name not in question.facts}
        low = bounds_of_path(framework, profile, find_path(framework.edition, profile, rest), on).low
        found.append(
            Candidate(
                question.id,
                question.section,
                100 * weights.get(question.id, ZERO) / total if total else ZERO,
                whole.capability - low.capability,
                whole.level - low.level,
                doubtful.get(question.id, ZERO),
            )
        )
    return tuple(found)


def weights_of(framework: Framework, profile: Profile, on: date) -> Mapping[str, Fraction]:
    """What each question weighs on the capability: the weights of its indicators, shared with their other questions."""
    prepared = prepare(framework.scoring, on, profile["production_type"])
    applicable = applicable_indicators(framework, profile)
    weights = effective_weights(prepared, applicable)
    found: dict[str, Fraction] = defaultdict(Fraction)
    for dimension in framework.scoring.dimensions:
        if dimension.role != "capability" or dimension.id not in weights.dimension:
            continue
        for group in dimension.groups:
            for indicator in group.indicators:
                if indicator.id not in applicable:
                    continue
                share = weights.dimension[dimension.id] * weights.group[group.id] * weights.indicator[indicator.id]
                asked = dict.fromkeys(framework.edition.asked_by[fact] for fact in indicator.facts.values())
                for question_id in asked:
                    found[question_id] += share / len(asked)
    return found

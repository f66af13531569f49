"""Any profile, any fact value, any set of answers of an edition; and what is better than a value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from maturity.adaptive.evaluation import applicable_indicators, period_end
from maturity.adaptive.framework import Framework
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.conditions import SIZES
from maturity.questionnaires.model import Fact, FactValue, Pair, Profile
from maturity.questionnaires.path import Path, find_path
from maturity.scoring.engine import prepare, score
from maturity.scoring.model import Score
from maturity.scoring.monotone import direction
from tests.answers import profile

#: A whole questionnaire is a large example: few of them, and none shrunk, so that the gate is quick when one fails too.
#: `MATURITY_SEARCH=1 pytest tests/properties` looks further and finds the smallest example.
SEARCH = settings(deadline=None, max_examples=300, derandomize=False)
GATE = settings(deadline=None, max_examples=10, phases=(Phase.explicit, Phase.generate))
SHEETS = settings(
    SEARCH if os.environ.get("MATURITY_SEARCH") else GATE,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
ON = period_end(2025)
Answers = dict[str, FactValue]


def profiles() -> st.SearchStrategy[dict[str, Any]]:
    """Every combination that some question's condition could tell apart."""
    flags = ("is_group", "designs_products", "exports", "energy_intensive")
    changes = {
        "production_type": st.sampled_from(PRODUCTION_TYPES),
        "size": st.sampled_from(SIZES),
        "industry": st.sampled_from(["14", "18", "26", "34", "36", "39"]),
    } | dict.fromkeys(flags, st.booleans())
    return st.fixed_dictionaries(changes).map(lambda drawn: profile(**drawn))


def randoms() -> st.SearchStrategy[Random]:
    """A source of chance by its seed: one draw, however often it is asked."""
    return st.integers(0, 2**32 - 1).map(Random)


def numbers(fact: Fact) -> st.SearchStrategy[Fraction]:
    """Mostly small, so that parts and wholes, zeros and full marks meet; three places where decimals are allowed."""
    low = fact.minimum or Fraction(0)
    high = fact.maximum if fact.maximum is not None else Fraction(10**6)
    small = min(low + 200, high)
    if fact.integer:
        return st.integers(int(low), int(small)).map(Fraction) | st.integers(int(low), int(high)).map(Fraction)
    thousandths = st.integers(int(low * 1000), int(small * 1000)).map(lambda number: Fraction(number, 1000))
    return st.integers(int(low), int(small)).map(Fraction) | thousandths


def values(fact: Fact) -> st.SearchStrategy[FactValue]:
    """Any valid value of the fact."""
    match fact.type:
        case "choice":
            return st.sampled_from(fact.option_ids())
        case "multi":
            chosen = st.frozensets(st.sampled_from(real_options(fact)))
            return chosen.map(lambda options: options or frozenset([str(fact.exclusive)]))
        case "matrix":
            return st.fixed_dictionaries(dict.fromkeys(fact.row_ids(), st.sampled_from(fact.column_ids())))
        case "pair":
            return st.builds(Pair, numbers(fact), st.none() | numbers(fact))
        case "yesno":
            return st.booleans()
        case "date":
            return st.dates()
        case "text":
            return st.text(min_size=1, max_size=40).map(str.strip).filter(bool)
        case _:
            return numbers(fact)


def real_options(fact: Fact) -> list[str]:
    return [option for option in fact.option_ids() if option != fact.exclusive]


@st.composite
def answers(draw: st.DrawFn, framework: Framework, gaps: int = 12) -> Answers:
    """A sheet on which nearly everything is answered, on the path or off it."""
    facts = framework.edition.facts
    sheet = draw(st.fixed_dictionaries({name: values(fact) for name, fact in facts.items()}))
    missing = draw(st.frozensets(st.sampled_from(sorted(facts)), max_size=gaps))
    return {name: value for name, value in sheet.items() if name not in missing}


def scored(framework: Framework, who: Profile, facts: Mapping[str, FactValue]) -> Score:
    """The score alone: path, facts on it, exact engine."""
    path = find_path(framework.edition, who, facts)
    return score(
        prepare(framework.scoring, ON, who["production_type"]), path.facts, applicable_indicators(framework, who)
    )


def directions(framework: Framework) -> dict[str, int]:
    """For every fact that an indicator reads: +1 where more is better, -1 where less is."""
    return {
        fact: direction(indicator, role)
        for indicator in framework.scoring.indicators.values()
        for role, fact in indicator.facts.items()
    }


def better(fact: Fact, value: Any, up: bool, random: Random) -> FactValue | None:
    """A better value of the fact, None where it cannot be better."""
    match fact.type:
        case "choice":
            above = fact.option_ids()[fact.option_ids().index(value) + 1 :]
            return random.choice(above) if above else None
        case "multi":
            missing = [option for option in real_options(fact) if option not in value]
            more = random.sample(missing, random.randint(1, len(missing))) if missing else []
            return (value - {fact.exclusive}) | frozenset(more) if more else None
        case "matrix":
            columns = fact.column_ids()
            rows = [row for row, column in value.items() if column != columns[-1]]
            if not rows:
                return None
            row = random.choice(rows)
            return dict(value) | {row: random.choice(columns[columns.index(value[row]) + 1 :])}
        case "pair":
            return _better_pair(fact, value, up, random)
        case "yesno":
            return None if value else True
        case _:
            return more_of(fact, value, random) if up else less_of(fact, value, random)


def _better_pair(fact: Fact, value: Pair, up: bool, random: Random) -> FactValue | None:
    """A better year, or a worse year before it, or a year before it at all."""
    move, other = (more_of, less_of) if up else (less_of, more_of)
    current = move(fact, value.current, random)
    if value.prior is None:
        prior: Fraction | None = Fraction(random.randint(1, 100))
    else:
        prior = other(fact, value.prior, random)
    options = [Pair(current, value.prior)] if current is not None else []
    options += [Pair(value.current, prior)] if prior is not None else []
    return random.choice(options) if options else None


def more_of(fact: Fact, number: Fraction, random: Random) -> Fraction | None:
    raised = number + random.randint(1, 60)
    raised = raised if fact.maximum is None else min(raised, fact.maximum)
    return raised if raised > number else None


def less_of(fact: Fact, number: Fraction, random: Random) -> Fraction | None:
    """Less, but never down to zero from above it: dividing by nothing is absence, not improvement."""
    least = fact.minimum if fact.minimum is not None else Fraction(0)
    lowered = number - random.randint(1, 60) if number <= 0 else number * Fraction(random.randint(1, 9), 10)
    if fact.integer:
        lowered = Fraction(max(int(lowered), 1 if number > 0 else int(lowered)))
    return lowered if least <= lowered < number else None


@dataclass(frozen=True, slots=True)
class Save:
    """The sheet after one save, and the path that follows from it."""

    sheet: Answers
    path: Path


def answering(framework: Framework, who: Profile, final: Answers, random: Random) -> Iterator[Save]:
    """A person answers whatever is asked, in any order, sometimes one half of a question first."""
    sheet: Answers = {}
    while True:
        path = find_path(framework.edition, who, sheet)
        yield Save(dict(sheet), path)
        left = [q for q in path.unanswered() if any(fact in final and fact not in sheet for fact in q.facts)]
        if not left:
            return
        question = random.choice(left)
        given = [fact for fact in question.facts if fact in final and fact not in sheet]
        for fact in given if random.random() < 0.8 else given[:1]:
            sheet[fact] = final[fact]

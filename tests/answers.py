"""Building facts and profiles for tests of the engines."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Fact, FactValue, Pair

PROFILE: dict[str, Any] = {
    "production_type": "mixed",
    "size": "medium",
    "industry": "36",
    "region": "330200",
    "energy_intensive": False,
    "headcount": 350,
    "revenue": "24000",
    "is_group": True,
    "designs_products": True,
    "exports": True,
}


def profile(**changes: Any) -> dict[str, Any]:
    """A profile to which every question applies, with changes."""
    return PROFILE | changes


def random_value(fact: Fact, random: Random) -> FactValue:
    """Any valid value of the fact."""
    number = Fraction(random.randint(0, 40))
    match fact.type:
        case "choice":
            return random.choice(fact.option_ids())
        case "multi":
            real = [option for option in fact.option_ids() if option != fact.exclusive]
            chosen = random.sample(real, random.randint(0, len(real)))
            return frozenset(chosen or [str(fact.exclusive)])
        case "matrix":
            return {row: random.choice(fact.column_ids()) for row in fact.row_ids()}
        case "pair":
            return Pair(number, random.choice([None, Fraction(random.randint(1, 40))]))
        case "yesno":
            return random.choice([True, False])
        case _:
            return max(number, fact.minimum or Fraction(0))


def random_facts(framework: Framework, seed: int, share: float = 1.0) -> dict[str, FactValue]:
    """Facts for about `share` of the edition's facts."""
    random = Random(seed)
    facts = framework.edition.facts
    return {name: random_value(facts[name], random) for name in sorted(facts) if random.random() < share}


def best_value(fact: Fact) -> FactValue:
    """The highest value the fact can have."""
    match fact.type:
        case "choice":
            return fact.option_ids()[-1]
        case "multi":
            return frozenset(option for option in fact.option_ids() if option != fact.exclusive)
        case "matrix":
            return dict.fromkeys(fact.row_ids(), fact.column_ids()[-1])
        case "pair":
            return Pair(Fraction(99), Fraction(50))
        case "yesno":
            return True
        case _:
            return Fraction(100)


def worst_value(fact: Fact) -> FactValue:
    """The lowest value the fact can have."""
    match fact.type:
        case "choice":
            return fact.option_ids()[0]
        case "multi":
            return frozenset([str(fact.exclusive)])
        case "matrix":
            return dict.fromkeys(fact.row_ids(), fact.column_ids()[0])
        case "pair":
            return Pair(Fraction(0), None)
        case "yesno":
            return False
        case _:
            return Fraction(0)

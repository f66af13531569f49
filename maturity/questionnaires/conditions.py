"""Conditions: data in a closed table of operators, evaluated in two or three values.

A comparison with a missing fact is false. Three-valued evaluation tells apart *false* and *not decided yet*, which
is what an honest range of questions left needs. What a question builds on may only be asked with upward operators,
so that a better answer can open questions and never hide one (design decision 6a).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import repeat
from typing import Any

from maturity.questionnaires.model import Facts, FactValue, Pair, Profile

#: the revenue of a profile is a decimal text, so that a stored profile is plain JSON and exact
_DECIMAL = re.compile(r"\d+(\.\d+)?")
SIZES = ("micro", "small", "medium", "large")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison; `order` holds the ranks of an ordered choice, low to high, where there is one."""

    source: str  # "profile" or "fact"
    name: str
    op: str
    value: Any
    order: tuple[str, ...] = ()
    #: the options for which the comparison is true, where it is one of ranks: looked up instead of compared
    allowed: frozenset[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.value in self.order:
            test = OPERATORS[self.op]
            allowed = frozenset(option for option in self.order if test(option, self.value, self.order))
            object.__setattr__(self, "allowed", allowed)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Leaf | All | AnyOf | Not


def _number(value: Any) -> Fraction | None:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, Pair):
        return value.current
    if isinstance(value, int):
        return Fraction(value)
    return Fraction(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _compare(have: Any, want: Any, order: tuple[str, ...], test: Callable[[Any, Any], bool]) -> bool:
    """Compare ranks where the values are ordered options, numbers otherwise."""
    if isinstance(have, Mapping):
        column = have.get(want["row"])
        return column is not None and test(order.index(column), order.index(want["column"]))
    if order:
        return have in order and test(order.index(have), order.index(want))
    number = _number(have)
    return number is not None and test(number, _limit(str(want)))


@lru_cache(maxsize=1024)
def _limit(text: str) -> Fraction:
    """A number of the content, parsed once: it is compared with at every save."""
    return Fraction(text)


def _under(have: Any, prefixes: list[str]) -> bool:
    return any(str(have).startswith(prefix) for prefix in prefixes)


OPERATORS: dict[str, Callable[[Any, Any, tuple[str, ...]], bool]] = {
    "answered": lambda have, want, order: True,
    "equals": lambda have, want, order: bool(have == want),
    "not_equals": lambda have, want, order: bool(have != want),
    "in": lambda have, want, order: have in want,
    "not_in": lambda have, want, order: have not in want,
    "under": lambda have, want, order: _under(have, want),
    "at_least": lambda have, want, order: _compare(have, want, order, lambda a, b: a >= b),
    "at_most": lambda have, want, order: _compare(have, want, order, lambda a, b: a <= b),
    "more_than": lambda have, want, order: _compare(have, want, order, lambda a, b: a > b),
    "less_than": lambda have, want, order: _compare(have, want, order, lambda a, b: a < b),
    "includes": lambda have, want, order: want in have,
    "includes_any": lambda have, want, order: any(item in have for item in want),
    "not_includes": lambda have, want, order: want not in have,
}

PROFILE_OPERATORS = ("equals", "not_equals", "in", "not_in", "under", "at_least", "at_most")
UPWARD_OPERATORS = ("answered", "equals", "at_least", "more_than", "includes", "includes_any")
FACT_OPERATORS = (*UPWARD_OPERATORS, "at_most", "less_than", "not_includes")


def holds(condition: Condition | None, profile: Profile, facts: Facts) -> bool:
    """Whether the condition is true; no condition always is, and a comparison with a missing fact never."""
    if isinstance(condition, Leaf):  # these two are nearly all there is, and a save asks hundreds of times
        return _leaf(condition, profile, facts)
    if isinstance(condition, All):
        return all(map(holds, condition.parts, repeat(profile), repeat(facts)))
    match condition:
        case None:
            return True
        case AnyOf(parts):
            return any(holds(part, profile, facts) for part in parts)
        case Not(part):
            return not holds(part, profile, facts)


def _leaf(leaf: Leaf, profile: Profile, facts: Facts) -> bool:
    source: Mapping[str, FactValue | Any] = profile if leaf.source == "profile" else facts
    have = source.get(leaf.name)
    if have is None:
        return False
    if leaf.allowed is not None and isinstance(have, str):
        return have in leaf.allowed
    return OPERATORS[leaf.op](have, leaf.value, leaf.order)


def may_hold(condition: Condition | None, profile: Profile, facts: Facts, open_facts: frozenset[str]) -> bool:
    """Whether the condition is true, or could become so by answering the `open_facts`.

    Sound for upward conditions only, which is what `requires` is made of: an open comparison counts as true.
    """
    match condition:
        case None:
            return True
        case All(parts):
            return all(may_hold(part, profile, facts, open_facts) for part in parts)
        case AnyOf(parts):
            return any(may_hold(part, profile, facts, open_facts) for part in parts)
        case Not(part):
            return not holds(part, profile, facts)
        case Leaf(source="fact", name=name) if name in open_facts:
            return True
        case Leaf():
            return _leaf(condition, profile, facts)


def leaves(condition: Condition | None) -> Iterator[Leaf]:
    """Every comparison in the condition."""
    match condition:
        case None:
            return
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Leaf():
            yield condition

from fractions import Fraction
from typing import Any

import pytest

from maturity.questionnaires.conditions import All, AnyOf, Leaf, Not, holds, leaves, may_hold
from maturity.questionnaires.model import Pair

ORDER = ("low", "middle", "high")
FACTS: dict[str, Any] = {
    "count": Fraction(5),
    "pair": Pair(Fraction(5), None),
    "choice": "middle",
    "multi": frozenset(["a", "b"]),
    "matrix": {"row": "middle"},
    "flag": True,
}


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (Leaf("fact", "count", "answered", True), True),
        (Leaf("fact", "count", "more_than", 4), True),
        (Leaf("fact", "count", "more_than", 5), False),
        (Leaf("fact", "count", "at_least", 5), True),
        (Leaf("fact", "count", "at_most", 4), False),
        (Leaf("fact", "count", "less_than", "5.5"), True),
        (Leaf("fact", "pair", "at_least", 5), True),
        (Leaf("fact", "choice", "at_least", "middle", ORDER), True),
        (Leaf("fact", "choice", "at_least", "high", ORDER), False),
        (Leaf("fact", "choice", "at_most", "high", ORDER), True),
        (Leaf("fact", "choice", "equals", "middle", ORDER), True),
        (Leaf("fact", "matrix", "at_least", {"row": "row", "column": "low"}, ORDER), True),
        (Leaf("fact", "matrix", "at_least", {"row": "other", "column": "low"}, ORDER), False),
        (Leaf("fact", "multi", "includes", "a"), True),
        (Leaf("fact", "multi", "not_includes", "a"), False),
        (Leaf("fact", "multi", "includes_any", ["z", "b"]), True),
        (Leaf("fact", "flag", "equals", True), True),
        (Leaf("fact", "flag", "at_least", 1), False),
        (Leaf("profile", "industry", "under", ["17", "36"]), True),
        (Leaf("profile", "industry", "in", ["17"]), False),
        (Leaf("profile", "industry", "not_in", ["17"]), True),
        (Leaf("profile", "industry", "not_equals", "17"), True),
        (Leaf("profile", "size", "at_least", "small", ("micro", "small", "medium")), True),
        (Leaf("profile", "revenue", "at_least", 24000), True),
        (Leaf("profile", "revenue", "at_most", 24000), False),
    ],
)
def test_each_operator_compares_as_its_name_says(leaf: Leaf, expected: bool) -> None:
    assert holds(leaf, {"industry": "362", "size": "medium", "revenue": "24000.5"}, FACTS) is expected


@pytest.mark.parametrize("op", ["answered", "at_least", "at_most", "not_includes", "not_equals"])
def test_a_comparison_with_nothing_is_false(op: str) -> None:
    assert not holds(Leaf("fact", "missing", op, 1), {}, FACTS)


def test_conditions_combine() -> None:
    yes, no = Leaf("profile", "a", "equals", 1), Leaf("profile", "a", "equals", 2)
    assert holds(All((yes, Not(no))), {"a": 1}, {})
    assert holds(AnyOf((no, yes)), {"a": 1}, {})
    assert not holds(All((yes, no)), {"a": 1}, {})
    assert holds(None, {}, {})
    assert [leaf.value for leaf in leaves(All((yes, Not(no), AnyOf((yes,)))))] == [1, 2, 1]
    assert not list(leaves(None))


def test_an_open_fact_may_still_make_a_condition_true() -> None:
    wanted = Leaf("fact", "later", "more_than", 0)
    assert may_hold(wanted, {}, {}, frozenset(["later"]))
    assert not may_hold(wanted, {}, {}, frozenset())
    assert may_hold(All((wanted, Leaf("fact", "count", "more_than", 4))), {}, FACTS, frozenset(["later"]))
    assert not may_hold(All((wanted, Leaf("fact", "count", "more_than", 5))), {}, FACTS, frozenset(["later"]))
    assert may_hold(AnyOf((wanted,)), {}, {}, frozenset(["later"]))
    assert may_hold(None, {}, {}, frozenset())
    assert may_hold(Not(Leaf("profile", "a", "equals", 1)), {"a": 2}, {}, frozenset())

"""Nested weights of elements, and a total that adds level after level: sums worked out beside the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from itertools import product

import pytest

from maturity.scoring.engine import Prepared, aggregate, effective_weights, prepare, score, stage_factors
from maturity.scoring.explanation import Node, explain, leaves, walk
from maturity.scoring.model import Dimension, Element, Gate, Group, Indicator, Level, Score, ScoringModel, Shape
from maturity.scoring.parameters import Parameter

ON = date(2025, 12, 31)
SINCE = date(2020, 1, 1)
NUMBER = Shape("number")
Facts = Mapping[str, Fraction]


def fixed(value: int | str) -> Parameter:
    return Parameter("p", "weight", ((SINCE, Fraction(value)),))


def requirement(name: str, parent: str, stage: int, weight: int = 1) -> Indicator:
    """A requirement met to so many per cent of its fact, which has its name."""
    facts, shapes = {"amount": name}, {"amount": NUMBER}
    return Indicator(name, parent, fixed(weight), "amount@1", facts, shapes, {"full": "hundred"}, {}, None, stage)


def group(name: str, *requirements: Indicator, weight: int = 1) -> Group:
    return Group(name, fixed(weight), requirements)


def dimension(name: str, *groups: Group, weight: int | Parameter = 1, element: str | None = None) -> Dimension:
    parameter = weight if isinstance(weight, Parameter) else fixed(weight)
    return Dimension(name, "capability", parameter, groups, element=element)


def model(*dimensions: Dimension, elements: tuple[Element, ...] = ()) -> ScoringModel:
    indicators = {i.id: i for item in dimensions for part in item.groups for i in part.indicators}
    stages = sorted({indicator.stage for indicator in indicators.values()})
    levels = (Level(0, "none", ()), *(Level(n, f"l{n}", (Gate("stage", str(n), "pass_mark"),)) for n in stages))
    parameters = {"hundred": fixed(100), "pass_mark": fixed(80)}
    return ScoringModel(dimensions, levels, parameters, indicators, "staged_sum@1", elements)


def simple(*stages: int) -> ScoringModel:
    """One requirement for each stage, so that the stage's score is its fact."""
    return model(dimension("d", group("g", *(requirement(f"a{stage}", "g", stage) for stage in stages))))


def scored(of: ScoringModel, facts: Facts, without: frozenset[str] = frozenset(), kind: str = "process") -> Score:
    return score(prepare(of, ON, kind), facts, frozenset(of.indicators) - without)


def percent(**facts: int | str) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in facts.items()}


def explained(of: ScoringModel, result: Score, facts: Facts, kind: str = "process") -> Node:
    answers = {name: {"value": str(value), "state": "answered"} for name, value in facts.items()}
    tree: Node = explain(prepare(of, ON, kind), result, answers)["capability"]
    return tree


# ---- the vectors of the methodology: S counts 1 for each level passed, and the first that is not by its score


def test_two_levels_passed_and_the_third_by_its_score_is_level_two() -> None:
    result = scored(simple(1, 2, 3), percent(a1=90, a2=85, a3=60))
    assert (result.level, result.capability) == (2, Fraction(100, 3) * Fraction("2.6"))


def test_short_of_the_first_level_is_no_level_and_its_score_alone() -> None:
    result = scored(simple(1, 2, 3), percent(a1=70, a2=90, a3=90))
    assert (result.level, result.capability) == (0, Fraction(100, 3) * Fraction("0.7"))


def test_of_five_levels_one_is_worth_twenty_of_a_hundred() -> None:
    of = simple(1, 2, 3, 4, 5)
    assert scored(of, percent(a1=90, a2=85, a3=60, a4=0, a5=0)).capability == 20 * Fraction("2.6")
    assert scored(of, percent(a1=70, a2=0, a3=0, a4=0, a5=0)).capability == 20 * Fraction("0.7")


def test_the_pass_mark_itself_passes_and_just_below_does_not() -> None:
    assert scored(simple(1, 2), percent(a1=80, a2=0)).level == 1
    assert scored(simple(1, 2), percent(a1="79.999", a2=100)).level == 0


def test_a_level_above_one_that_is_not_passed_counts_nothing() -> None:
    low = scored(simple(1, 2, 3), percent(a1=100, a2=50, a3=0))
    high = scored(simple(1, 2, 3), percent(a1=100, a2=50, a3=100))
    assert low.capability == high.capability
    assert low.level == high.level == 1
    assert [gate.passed for gate in high.gates] == [True, False, True]


def test_all_levels_passed_is_a_hundred_however_narrowly() -> None:
    assert scored(simple(1, 2), percent(a1=80, a2=80)).capability == 100


def test_a_requirement_without_an_answer_counts_zero_in_its_own_level() -> None:
    result = scored(simple(1, 2), percent(a1=100))
    assert (result.stages, result.level, result.capability) == ({1: 100, 2: 0}, 1, 50)


def test_a_better_answer_never_lowers_the_total() -> None:
    of, steps = simple(1, 2, 3), (0, 50, 79, 80, 100)
    totals = {values: scored(of, dict(zip(("a1", "a2", "a3"), map(Fraction, values), strict=True))).capability
              for values in product(steps, repeat=3)}  # fmt: skip
    for values, total in totals.items():
        better = [other for other in totals if all(a <= b for a, b in zip(values, other, strict=True))]
        assert all(total <= totals[other] for other in better)


# ---- elements: weights in weights


def nested() -> ScoringModel:
    """People 6 and resources 15 beside making 79, in which design is 4 and production 63, of two subdomains."""
    by_type = Parameter("p", "weight", ((SINCE, {"process": Fraction(4), "discrete_mass": Fraction(13)}),))
    return model(
        dimension("people", group("staff", requirement("staff_1", "staff", 1)), element="e_people"),
        dimension("resources", group("machines", requirement("machines_1", "machines", 1)), element="e_resources"),
        dimension(
            "design", group("product", requirement("product_1", "product", 1)), weight=by_type, element="e_making"
        ),
        dimension(
            "production",
            group("buying", requirement("buying_1", "buying", 1), requirement("buying_1b", "buying", 1)),
            group("making", requirement("making_1", "making", 1), requirement("making_2", "making", 2)),
            weight=63,
            element="e_making",
        ),
        elements=(
            Element("e_people", fixed(6)),
            Element("e_resources", fixed(15)),
            Element("e_making", fixed(79)),
        ),
    )


def dimension_shares(without: frozenset[str] = frozenset(), kind: str = "process") -> dict[str, Fraction]:
    of = nested()
    return dict(effective_weights(prepare(of, ON, kind), frozenset(of.indicators) - without).dimension)


def test_a_dimension_weighs_within_its_element_and_the_element_within_the_whole() -> None:
    assert dimension_shares() == {
        "people": Fraction(6, 100),
        "resources": Fraction(15, 100),
        "design": Fraction(79, 100) * Fraction(4, 67),
        "production": Fraction(79, 100) * Fraction(63, 67),
    }


def test_weights_differ_by_production_type() -> None:
    assert dimension_shares(kind="discrete_mass")["design"] == Fraction(79, 100) * Fraction(13, 76)


def test_what_is_cut_gives_its_weight_to_its_own_element_first() -> None:
    shares = dimension_shares(without=frozenset({"product_1"}))
    assert shares == {"people": Fraction(6, 100), "resources": Fraction(15, 100), "production": Fraction(79, 100)}


def test_an_element_that_is_cut_whole_gives_its_weight_to_the_others() -> None:
    shares = dimension_shares(without=frozenset({"machines_1"}))
    assert shares["people"] == Fraction(6, 85)
    assert shares["design"] + shares["production"] == Fraction(79, 85)


def test_a_subdomain_that_is_cut_gives_its_weight_to_its_domain() -> None:
    of = nested()
    applicable = frozenset(of.indicators) - {"buying_1", "buying_1b"}
    weights = effective_weights(prepare(of, ON, "process"), applicable)
    assert weights.group["making"] == 1
    assert weights.dimension["production"] == dimension_shares()["production"]


def test_cutting_is_not_failing() -> None:
    facts = percent(staff_1=100, machines_1=100, buying_1=100, buying_1b=100, making_1=100, making_2=100)
    failed = scored(nested(), facts)
    cut = scored(nested(), facts, without=frozenset({"product_1"}))
    assert failed.stages[1] == 100 * (1 - Fraction(79, 100) * Fraction(4, 67))
    assert cut.stages[1] == 100


def test_a_level_is_the_sum_of_its_requirements_by_the_nested_weights() -> None:
    facts = percent(staff_1=50, machines_1=80, product_1=100, buying_1=100, buying_1b=50, making_1=80, making_2=90)
    result = scored(nested(), facts)
    first = 6 * Fraction(1, 2) + 15 * Fraction(4, 5) + 79 * (
        4 * 1 + 63 * (Fraction(3, 4) + Fraction(4, 5)) / 2) / Fraction(67)  # fmt: skip
    assert result.stages == {1: first, 2: 90}
    assert result.groups["making"] == (80 + 90) / Fraction(2)  # the mean of the levels it has requirements for
    assert result.groups["buying"] == 75


def test_a_level_without_requirements_in_an_element_leaves_its_weight_to_the_others() -> None:
    """Only production has a requirement of level 2, so it is the whole of that level."""
    assert scored(nested(), percent(making_2=60)).stages == {1: 0, 2: 60}


# ---- the explanation of a staged total

CASES = (
    percent(staff_1=50, machines_1=80, product_1=100, buying_1=100, buying_1b=50, making_1=80, making_2=90),
    percent(staff_1=100, machines_1=100, product_1=100, buying_1=100, buying_1b=100, making_1=90, making_2=70),
    percent(staff_1=90, machines_1=85, product_1=81, buying_1=80, buying_1b=80, making_1=99, making_2=97),
    percent(staff_1=0, machines_1=0, product_1=0, buying_1=0, buying_1b=0, making_1=0, making_2=100),
    percent(making_1=10),
)


@pytest.mark.parametrize("facts", CASES, ids=("below", "first", "both", "none", "one"))
@pytest.mark.parametrize("without", [frozenset(), frozenset({"product_1"}), frozenset({"buying_1", "buying_1b"})])
def test_contributions_sum_exactly_to_the_total_at_every_node(facts: Facts, without: frozenset[str]) -> None:
    of = nested()
    result = scored(of, facts, without)
    tree = explained(of, result, facts)
    assert Fraction(tree["value"]) == Fraction(tree["contribution"]) == result.capability
    assert sum(Fraction(leaf["contribution"]) for leaf in leaves(tree)) == result.capability
    for node in walk(tree):
        if node.get("children"):
            assert sum(Fraction(child["contribution"]) for child in node["children"]) == Fraction(node["contribution"])


def test_a_passed_level_carries_its_whole_worth_and_a_missed_one_its_score() -> None:
    """Level 1 is met to 90 % and passed: its answers carry 50 of 100. Level 2 is met to 60 %: 30."""
    of, facts = simple(1, 2), percent(a1=90, a2=60)
    tree = explained(of, scored(of, facts), facts)
    assert {leaf["id"]: leaf["contribution"] for leaf in leaves(tree)} == {"a1": "50", "a2": "30"}


def test_what_lies_above_the_first_missed_level_carries_nothing() -> None:
    of, facts = simple(1, 2, 3), percent(a1=90, a2=60, a3=100)
    tree = explained(of, scored(of, facts), facts)
    nodes = {node["id"]: node for node in walk(tree) if node["kind"] == "indicator"}
    assert (nodes["a3"]["contribution"], nodes["a3"]["weight"], nodes["a3"]["value"]) == ("0", "0", "100")


def test_every_requirement_tells_its_level_and_the_tree_its_rule() -> None:
    of, facts = nested(), CASES[0]
    tree = explained(of, scored(of, facts), facts)
    stages = {node["id"]: node["stage"] for node in walk(tree) if node["kind"] == "indicator"}
    assert stages == {name: indicator.stage for name, indicator in of.indicators.items()}
    assert tree["rule"] == "staged_sum@1"


def test_the_explanation_shows_the_score_of_every_level() -> None:
    of, facts = simple(1, 2), percent(a1=90, a2=60)
    prepared: Prepared = prepare(of, ON, "process")
    assert explain(prepared, scored(of, facts), {})["stages"] == {"1": "90", "2": "60"}


def test_what_a_point_of_a_level_is_worth() -> None:
    of = simple(1, 2, 3)
    result = scored(of, percent(a1=80, a2=50, a3=100))
    each = Fraction(1, 3)
    assert stage_factors(of, result.stages, result.gates) == {1: each * 100 / 80, 2: each, 3: 0}


def test_values_of_requirements_that_do_not_apply_are_ignored() -> None:
    of = nested()
    prepared = prepare(of, ON, "process")
    applicable = frozenset(of.indicators) - {"product_1"}
    values = dict.fromkeys(of.indicators, Fraction(1)) | {"product_1": Fraction(0)}
    assert aggregate(prepared, values, applicable).capability == 100

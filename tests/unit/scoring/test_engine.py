from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from maturity.adaptive.evaluation import applicable_indicators, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework
from maturity.scoring.engine import aggregate, effective_weights, prepare, rounded, score
from maturity.scoring.explanation import explain, leaves, walk
from maturity.scoring.model import (
    Dimension,
    Gate,
    Group,
    Indicator,
    IndicatorSet,
    Level,
    Score,
    ScoringModel,
    Shape,
)
from maturity.scoring.parameters import NoParameterValue, Parameter
from tests.answers import best_value, profile, random_facts, worst_value

ON = period_end(2025)


def all_values(framework: Framework, by_dimension: dict[str, Fraction]) -> dict[str, Fraction | None]:
    """One value for every indicator of a dimension."""
    return {
        i.id: by_dimension.get(i.parent.partition(".")[0], Fraction(0)) for i in framework.scoring.indicators.values()
    }


@pytest.mark.parametrize(
    ("scores", "level"),
    [
        ({}, 1),
        ({"B": Fraction(40, 100), "S": Fraction(50, 100)}, 2),
        ({"B": Fraction(3999, 10000), "S": Fraction(1)}, 1),
        ({"B": Fraction(40, 100), "S": Fraction(60, 100), "G": Fraction(50, 100)}, 3),
        (
            {"B": Fraction(40, 100), "S": Fraction(59, 100), "G": Fraction(1), "X": Fraction(1)},
            2,
        ),  # strong above, weak below: stays
        ({"B": Fraction(40, 100), "S": Fraction(60, 100), "G": Fraction(60, 100), "X": Fraction(50, 100)}, 4),
        ({"B": Fraction(0), "S": Fraction(1), "G": Fraction(1), "X": Fraction(1)}, 1),
    ],
)
def test_stages_are_reached_one_after_the_other(framework: Framework, scores: dict[str, Fraction], level: int) -> None:
    prepared = prepare(framework.scoring, ON, "discrete_mass")
    result = aggregate(prepared, all_values(framework, scores), frozenset(framework.scoring.indicators))
    assert result.level == level


def test_outcomes_gate_nothing_and_stay_out_of_the_capability_score(framework: Framework) -> None:
    prepared = prepare(framework.scoring, ON, "process")
    result = aggregate(
        prepared, all_values(framework, {"C": Fraction(1), "E": Fraction(1)}), frozenset(framework.scoring.indicators)
    )
    assert (result.capability, result.outcome, result.level) == (0, 100, 1)


def test_everything_at_its_best_is_a_hundred(framework: Framework) -> None:
    facts = {name: best_value(fact) for name, fact in framework.edition.facts.items()}
    result = evaluate(framework, profile(), facts, ON).score
    assert (result.capability, result.level) == (100, 4)


def test_everything_at_its_worst_is_nothing(framework: Framework) -> None:
    facts = {name: worst_value(fact) for name, fact in framework.edition.facts.items()}
    assert evaluate(framework, profile(), facts, ON).score.capability == 0


def test_weight_of_what_does_not_apply_goes_to_its_siblings(framework: Framework) -> None:
    applicable = applicable_indicators(framework, profile(production_type="process", is_group=False))
    weights = effective_weights(prepare(framework.scoring, ON, "process"), applicable)
    assert "X.group" not in weights.group
    for dimension in framework.scoring.dimensions:
        assert sum(weights.group.get(group.id, Fraction(0)) for group in dimension.groups) == 1
        for group in dimension.groups:
            shares = [weights.indicator[i.id] for i in group.indicators if i.id in applicable]
            assert not shares or sum(shares) == 1
    assert sum(weights.dimension.values()) == 2  # capability and outcomes, each one


def test_what_is_absent_counts_zero_and_keeps_its_weight(framework: Framework) -> None:
    facts = {name: best_value(fact) for name, fact in framework.edition.facts.items()}
    full = evaluate(framework, profile(), facts, ON).score
    without = evaluate(framework, profile(), facts | {"sales_online": Fraction(0)}, ON).score
    assert without.applicable == full.applicable
    assert without.values["sales_channels"] is None
    assert without.dimensions["S"] < full.dimensions["S"]


def test_a_zero_denominator_counts_zero(framework: Framework) -> None:
    facts = {"interfaces_automatic": Fraction(0), "interfaces_needed": Fraction(0)}
    assert evaluate(framework, profile(), facts, ON).score.values["interface_rate"] is None


def test_contributions_add_up_exactly_on_every_level_of_the_tree(framework: Framework) -> None:
    for seed in range(15):
        evaluation = evaluate(framework, profile(), random_facts(framework, seed, 0.8), ON)
        tree = explain_evaluation(framework, profile(), evaluation, ON)
        for role, total in (("capability", evaluation.score.capability), ("outcome", evaluation.score.outcome)):
            assert sum(Fraction(leaf["contribution"]) for leaf in leaves(tree[role])) == total
            for node in walk(tree[role]):
                if node.get("children"):
                    assert sum(Fraction(child["contribution"]) for child in node["children"]) == Fraction(
                        node["contribution"]
                    )


def test_every_node_names_its_rule_and_every_leaf_is_an_answer(framework: Framework) -> None:
    evaluation = evaluate(framework, profile(), random_facts(framework, 1, 0.7), ON)
    tree = explain_evaluation(framework, profile(), evaluation, ON)
    for node in (*walk(tree["capability"]), *walk(tree["outcome"])):
        if node["kind"] == "answer":
            assert node["id"] in framework.edition.facts
            assert node["state"] in ("answered", "unanswered", "absent", "not_applicable")
        else:
            assert "@" in node["rule"]


def test_parameters_change_on_their_day_and_absence_is_an_error() -> None:
    parameter = Parameter("p", "%", ((date(2020, 1, 1), Fraction(80)), (date(2026, 1, 1), {"process": Fraction(90)})))
    assert parameter.value_on(date(2025, 12, 31), "process") == 80
    assert parameter.value_on(date(2026, 1, 1), "process") == 90
    with pytest.raises(NoParameterValue):
        parameter.value_on(date(2019, 12, 31), "process")
    with pytest.raises(NoParameterValue):
        parameter.value_on(date(2026, 1, 1), "mixed")


@pytest.mark.parametrize(
    ("exact", "gates", "shown"),
    [
        (Fraction(1, 8), (), "0.12"),
        (Fraction(3, 8), (), "0.38"),
        (Fraction(49999, 1000), (Fraction(50),), "49.99"),
        (Fraction(50), (Fraction(50),), "50.00"),
        (Fraction(49999, 1000), (), "50.00"),
        (Fraction(60001, 1000), (Fraction(60),), "60.00"),
    ],
)
def test_scores_round_half_to_even_and_never_up_to_a_gate(
    exact: Fraction, gates: tuple[Fraction, ...], shown: str
) -> None:
    assert rounded(exact, gates) == Decimal(shown)


# ---- other kinds of gates, and parts of which the lowest counts

NUMBER = Shape("number")


def fixed(number: int | str) -> Parameter:
    return Parameter("p", "score", ((date(2020, 1, 1), Fraction(number)),))


def part(name: str, *indicators: str, weight: int = 1, combine: str = "mean", role: str = "capability") -> Dimension:
    """A dimension of one group; each indicator is met to so many per cent of the fact of its name."""
    members = tuple(
        Indicator(
            item, f"{name}.g", fixed(1), "amount@1", {"amount": item}, {"amount": NUMBER}, {"full": "100"}, {}, None
        )
        for item in indicators
    )
    return Dimension(name, role, fixed(weight), (Group(f"{name}.g", fixed(1), members, combine),))


def model(dimensions: tuple[Dimension, ...], *gates: Gate, counted: tuple[str, ...] = ()) -> ScoringModel:
    """Without a level until all the gates are passed."""
    indicators = {item.id: item for d in dimensions for group in d.groups for item in group.indicators}
    named = {name for gate in gates for name in (gate.parameter, gate.value) if name}
    parameters = {name: fixed(name) for name in {"100", *named}}
    levels = (Level(0, "none", ()), Level(1, "reached", gates))
    return ScoringModel(dimensions, levels, parameters, indicators, sets={"set": IndicatorSet("set", counted)})


def judged(of: ScoringModel, facts: Mapping[str, int | str], without: frozenset[str] = frozenset()) -> Score:
    given = {name: Fraction(number) for name, number in facts.items()}
    return score(prepare(of, ON, "mixed"), given, frozenset(of.indicators) - without)


@pytest.mark.parametrize(("b", "level"), [("40", 1), ("39.99", 0), ("100", 1)])
def test_a_gate_on_the_total_compares_all_dimensions_together(b: str, level: int) -> None:
    of = model((part("A", "a"), part("B", "b", weight=3)), Gate("total", "capability", "30"))
    result = judged(of, {"a": 0, "b": b})
    assert result.gates[0].actual == result.capability == Fraction(3, 4) * Fraction(b)
    assert result.level == level


@pytest.mark.parametrize(("a", "level"), [("25", 0), ("25.0001", 1), ("24", 0)])
def test_a_threshold_to_exceed_does_not_pass_itself(a: str, level: int) -> None:
    result = judged(model((part("A", "a"),), Gate("total", "capability", "25", exceed=True)), {"a": a})
    assert result.level == level
    assert [gate.of for gate in result.blocking()] == (["capability"] if not level else [])


@pytest.mark.parametrize(("a", "level"), [("80", 1), ("79", 0)])
def test_a_gate_on_an_indicator_looks_at_nothing_else(a: str, level: int) -> None:
    of = model((part("A", "a", "other"),), Gate("indicator", "a", "80"))
    assert judged(of, {"a": a, "other": 0}).level == level
    assert judged(of, {"other": 100}).level == 0  # absent measures nothing
    assert judged(of, {"a": 100}, without=frozenset({"a"})).level == 0  # and so does what does not apply


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({"a": 50, "b": 50, "c": 50}, 3),
        ({"a": 100, "b": 50, "c": 49}, 2),
        ({"a": 100, "b": 49, "c": 49}, 1),
        ({"a": 50, "b": 50, "outside": 100}, 2),
        ({"a": 50, "outside": 100}, 1),
        ({}, 0),
    ],
)
def test_a_count_is_of_the_indicators_of_a_set_from_a_value_on(facts: dict[str, int], count: int) -> None:
    gate = Gate("count", "set", "2", value="1/2")
    result = judged(model((part("A", "a", "b", "c", "outside"),), gate, counted=("a", "b", "c")), facts)
    assert result.gates[0].actual == count
    assert result.level == (1 if count >= 2 else 0)
    assert result.gates[0].gap == max(2 - count, 0)


def test_what_does_not_apply_is_not_counted() -> None:
    of = model((part("A", "a", "b"),), Gate("count", "set", "2", value="1/2"), counted=("a", "b"))
    assert judged(of, {"a": 100, "b": 100}, without=frozenset({"b"})).gates[0].actual == 1


def test_a_counted_dimension_is_rated_and_in_no_total() -> None:
    dimensions = (part("A", "a"), part("N", "n", weight=9, role="counted"))
    of = model(dimensions, Gate("count", "set", "1", value="1/2"), counted=("n",))
    result = judged(of, {"a": 30, "n": 80})
    assert (result.capability, result.outcome, result.dimensions) == (30, 0, {"A": 30, "N": 80})
    assert result.level == 1


def test_every_gate_of_a_level_must_pass() -> None:
    gates = (Gate("total", "capability", "40"), Gate("count", "set", "2", value="1/2"))
    of = model((part("A", "a", "b"),), *gates, counted=("a", "b"))
    assert [judged(of, facts).level for facts in ({"a": 90}, {"a": 90, "b": 50})] == [0, 1]
    assert [gate.gate.kind for gate in judged(of, {"a": 90}).blocking()] == ["count"]


#: dimension -> weight, and the levels 0 to 5 of its fields
READINESS = {"S": (25, 3), "F": (14, 1), "O": (10, 2), "P": (19, 2), "D": (14, 0), "E": (18, 2)}


def readiness(fields: int) -> ScoringModel:
    return model(
        tuple(
            part(name, *(f"{name.lower()}{field}" for field in range(fields)), weight=weight, combine="minimum")
            for name, (weight, _) in READINESS.items()
        )
    )


def test_vector_t10_six_dimensions_of_the_lowest_fields_make_1_83() -> None:
    """.25*3 + .14*1 + .10*2 + .19*2 + .14*0 + .18*2, each dimension by its lowest field."""
    facts = {
        f"{name.lower()}{field}": 20 * (level + field) for name, (_, level) in READINESS.items() for field in (0, 1)
    }
    result = judged(readiness(2), facts)
    assert result.dimensions == {name: 20 * level for name, (_, level) in READINESS.items()}
    assert 5 * result.capability / 100 == Fraction("1.83")


def test_vector_t11_of_fields_at_5_5_5_1_the_lowest_is_the_dimension() -> None:
    result = judged(readiness(4), {"o0": 100, "o1": 100, "o2": 100, "o3": 20})
    assert 5 * result.dimensions["O"] / 100 == 1


def test_the_lowest_counts_an_absent_field_as_nothing_and_leaves_out_what_does_not_apply() -> None:
    of = model((part("A", "a", "b", combine="minimum"),))
    assert judged(of, {"a": 80}).capability == 0
    assert judged(of, {"a": 80}, without=frozenset({"b"})).capability == 80


def test_the_lowest_part_carries_the_whole_contribution() -> None:
    of = model((part("A", "a", "b", combine="minimum"), part("B", "c", "d", combine="minimum", weight=3)))
    result = judged(of, {"a": 80, "b": 60, "c": 40, "d": 40})
    tree = explain(prepare(of, ON, "mixed"), result, {})["capability"]
    given = {leaf["id"]: Fraction(leaf["contribution"]) for leaf in leaves(tree)}
    assert given == {"a": 0, "b": 15, "c": 30, "d": 0}  # 60/4 and 40*3/4, of two that are lowest the first
    assert sum(given.values()) == result.capability
    assert {node["rule"] for node in walk(tree) if node["kind"] == "group"} == {"minimum@1"}

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from maturity.adaptive.evaluation import applicable_indicators, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework
from maturity.scoring.engine import aggregate, effective_weights, prepare, rounded
from maturity.scoring.explanation import leaves, walk
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

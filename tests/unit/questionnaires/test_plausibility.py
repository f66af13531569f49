from fractions import Fraction

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import FactValue
from maturity.questionnaires.plausibility import find_implausible
from tests.answers import profile


def fired(framework: Framework, facts: dict[str, FactValue]) -> set[str]:
    return {finding.rule for finding in find_implausible(framework.edition, profile(), facts)}


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        (
            "controlled_within_key",
            {"key_processes_controlled": 9, "key_processes_total": 8},
            {"key_processes_total": 9},
        ),
        ("networked_within_digital", {"equipment_networked": 5, "equipment_digital": 4}, {"equipment_digital": 5}),
        ("online_sales_within_total", {"sales_online": 11, "sales_total": 10}, {"sales_total": 11}),
        ("it_investment_unusually_high", {"it_investment": 11, "operating_revenue": 100}, {"it_investment": 10}),
    ],
)
def test_a_rule_fires_beyond_its_limit_and_not_at_it(
    framework: Framework, rule: str, wrong: dict[str, int], right: dict[str, int]
) -> None:
    facts: dict[str, FactValue] = {name: Fraction(value) for name, value in wrong.items()}
    assert rule in fired(framework, facts)
    assert rule not in fired(framework, facts | {name: Fraction(value) for name, value in right.items()})


def test_a_rule_waits_for_all_its_facts(framework: Framework) -> None:
    assert not fired(framework, {"key_processes_controlled": Fraction(9)})


def test_contradicting_states_are_queried(framework: Framework) -> None:
    machines: dict[str, FactValue] = {"equipment_collecting": Fraction(4), "equipment_total": Fraction(6)}
    facts = machines | {"data_acquisition": "paper"}
    assert "automatic_but_paper" in fired(framework, facts)
    assert "automatic_but_paper" not in fired(framework, facts | {"data_acquisition": "key_auto"})

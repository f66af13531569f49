from datetime import date
from fractions import Fraction

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import FactValue, Pair
from maturity.questionnaires.plausibility import find_implausible, show
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


@pytest.mark.parametrize("none", ["equipment_networked", "equipment_digital"])
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("whole_line_without_machines", {"data_acquisition": "all_auto"}),
        ("cloud_without_platform", {"platform_use": "equipment"}),
    ],
)
def test_data_from_machines_are_queried_where_no_machine_is_networked_or_none_could_be(
    framework: Framework, rule: str, said: dict[str, FactValue], none: str
) -> None:
    """Without digital machines nobody is asked how many are networked; that must not silence the rule."""
    assert rule in fired(framework, said | {none: Fraction(0)})
    assert rule not in fired(framework, said | {none: Fraction(1)})


def test_a_jump_within_a_year_is_queried(framework: Framework) -> None:
    assert "cycle_halved" in fired(framework, {"development_cycle": Pair(Fraction(40), Fraction(100))})
    assert "cycle_halved" not in fired(framework, {"development_cycle": Pair(Fraction(40), None)})


def test_the_message_names_the_numbers_in_both_languages(framework: Framework) -> None:
    facts: dict[str, FactValue] = {"key_processes_controlled": Fraction(9), "key_processes_total": Fraction(8)}
    finding = find_implausible(framework.edition, profile(), facts)[0]
    assert "9" in finding.message.zh
    assert "8" in finding.message.en


def test_values_are_shown_in_words(framework: Framework) -> None:
    edition = framework.edition
    assert show(edition, "design_tools", "mbd", "en").startswith("Model-based")
    assert show(edition, "cloud_use", frozenset(["backup", "office"]), "zh") == "办公协同、邮箱、数据异地备份"
    assert show(edition, "first_pass_yield", Pair(Fraction(98), None), "en") == "98 (prior year —)"
    assert show(edition, "erp_functions", {"finance": "none"}, "en").startswith("Finance: ")
    assert show(edition, "staff_total", None, "zh") == "—"
    assert show(edition, "staff_total", True, "zh") == "是"
    assert show(edition, "staff_total", date(2026, 1, 2), "zh") == "2026-01-02"

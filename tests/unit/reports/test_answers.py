"""Answers in words: ratios with their counts, money as people say it, a matrix gathered, nothing invented."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Pair
from maturity.reports.answers import indicator_answer, question_answer

ZH, EN = "zh_CN", "en"
FACTS: dict[str, Any] = {
    "it_investment": Fraction(362),
    "operating_revenue": Fraction(24000),
    "computers": Fraction(170),
    "staff_total": Fraction(350),
    "key_processes_controlled": Fraction(1170),
    "key_processes_total": Fraction(2000),
    "equipment_networked": Fraction(88),
    "cio_level": "executive",
    "cloud_use": frozenset({"office", "backup"}),
    "master_data": {"material": "enterprise", "bom": "department", "customer": "enterprise", "supplier": "none"},
    "first_pass_yield": Pair(Fraction("95.56"), Fraction("95.84")),
    "labour_productivity": Pair(Fraction("20.65"), None),
}


@pytest.mark.parametrize(
    ("indicator", "zh", "en"),
    [
        ("it_investment_rate", "1.5%（362 / 24,000 万元）", "1.5 % (CNY 3.62 of 240 million)"),
        ("computers_per_100", "48.6（170 台 / 350 人）", "48.6 (170 units for 350 persons)"),
        ("cnc_rate", "58.5%（1,170 / 2,000 道）", "58.5 % (1,170 of 2,000 processes)"),
        ("first_pass_yield_outcome", "95.56%（上年 95.84%）", "95.56 % (prior year 95.84 %)"),
        (
            "labour_productivity_outcome",
            "20.65 万元／人（无上年数据）",
            "CNY 206,500 a person (no prior year)",
        ),
    ],
)
def test_an_indicator_is_shown_with_what_it_was_computed_from(
    framework: Framework, indicator: str, zh: str, en: str
) -> None:
    assert [indicator_answer(framework, indicator, FACTS, locale) for locale in (ZH, EN)] == [zh, en]


def test_the_rows_of_a_matrix_are_gathered_best_first(framework: Framework) -> None:
    said = question_answer(framework, framework.edition.questions["master_data"], FACTS, ZH)
    assert said == "物料、客户（全企业统一编码）；产品结构或配方（部门内统一编码）；供应商（各管各的）"


def test_several_choices_are_listed_in_the_order_of_the_question(framework: Framework) -> None:
    said = question_answer(framework, framework.edition.questions["cloud_use"], FACTS, ZH)
    assert said == "办公协同、邮箱、数据异地备份"


def test_a_question_for_one_count_shows_that_count(framework: Framework) -> None:
    question = framework.edition.questions["equipment_networked"]
    assert question_answer(framework, question, FACTS, EN) == "88 units"


def test_what_builds_on_something_absent_has_no_answer(framework: Framework) -> None:
    assert indicator_answer(framework, "mes_coverage_rate", FACTS, EN) is None
    assert question_answer(framework, framework.edition.questions["mes_functions"], FACTS, EN) is None


def test_nothing_divided_by_nothing_is_no_percentage(framework: Framework) -> None:
    facts = {"staff_trained": Fraction(0), "staff_relevant": Fraction(0)}
    assert indicator_answer(framework, "training_rate", facts, ZH) == "—（0 / 0 人）"

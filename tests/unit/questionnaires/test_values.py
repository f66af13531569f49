from fractions import Fraction
from typing import Any

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Pair
from maturity.questionnaires.values import InvalidValue, decimal_text, from_json, parse, to_json
from tests.answers import random_facts


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1200", 1200), ("1,200", 1200), ("１２００", 1200), (" 1 200 ", 1200), ("35.5", Fraction(71, 2)), (7, 7)],
)
def test_numbers_are_understood_as_people_type_them(framework: Framework, typed: Any, number: Any) -> None:
    assert parse(framework.edition.facts["operating_revenue"], typed) == number


@pytest.mark.parametrize(
    ("fact", "typed", "code"),
    [
        ("operating_revenue", "about 3", "not_a_number"),
        ("operating_revenue", "75%", "percent_sign"),
        ("operating_revenue", "-3", "too_small"),
        ("operating_revenue", "1" * 16, "too_many_digits"),
        ("staff_total", "3.5", "not_whole"),
        ("staff_total", "0", "too_small"),
        ("first_pass_yield", {"current": "101", "prior": ""}, "too_large"),
        ("first_pass_yield", {"current": "", "prior": "90"}, "current_missing"),
        ("first_pass_yield", "90", "not_a_number"),
        ("design_tools", "cad_5d", "unknown_option"),
        ("cloud_use", ["office", "none"], "exclusive_option"),
        ("cloud_use", ["moon"], "unknown_option"),
        ("erp_functions", {"finance": "shared"}, "row_missing"),
        ("erp_functions", {"finance": "sideways"}, "unknown_option"),
        ("erp_functions", "shared", "unknown_option"),
    ],
)
def test_what_cannot_be_a_value_is_refused_by_name(framework: Framework, fact: str, typed: Any, code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse(framework.edition.facts[fact], typed)
    assert refused.value.code == code
    assert framework.edition.facts[fact].label.zh in refused.value.text().zh
    assert framework.edition.facts[fact].label.en in refused.value.text().en


@pytest.mark.parametrize("typed", [None, "", "  ", [], {}, {"finance": ""}])
def test_nothing_typed_is_no_value_and_no_error(framework: Framework, typed: Any) -> None:
    assert parse(framework.edition.facts["erp_functions"], typed) is None


def test_a_pair_without_a_prior_year_is_complete(framework: Framework) -> None:
    value = parse(framework.edition.facts["first_pass_yield"], {"current": "98.5", "prior": ""})
    assert value == Pair(Fraction(197, 2), None)


def test_a_loss_is_a_negative_margin(framework: Framework) -> None:
    value = parse(framework.edition.facts["profit_margin"], {"current": "-4", "prior": "2"})
    assert value == Pair(Fraction(-4), Fraction(2))


def test_every_value_survives_json(framework: Framework) -> None:
    for seed in range(20):
        for name, value in random_facts(framework, seed).items():
            assert from_json(framework.edition.facts[name], to_json(value)) == value


def test_a_number_without_an_end_is_shown_to_six_places() -> None:
    assert decimal_text(Fraction(2, 3)) == "0.666667"

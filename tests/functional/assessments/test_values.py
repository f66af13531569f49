"""What may be typed into each kind of question, and what is said about the rest."""

from __future__ import annotations

import re
from typing import Any

import pytest

from maturity.adaptive.framework import Framework
from maturity.adaptive.profile import KEYS, build_profile
from maturity.questionnaires.path import applicable_questions
from tests.factories.assessments import TYPED, form_of
from tests.factories.enterprises import VALUES
from tests.functional.assessments.conftest import Stored
from tests.functional.assessments.desk import Desk

GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("it_department", {"it_department": "own"}, {"it_department": "own"}),
    ("cloud_use", {"cloud_use": ["office", "design"]}, {"cloud_use": ["design", "office"]}),
    ("cloud_use", {"cloud_use": ["none"]}, {"cloud_use": ["none"]}),
    ("it_staff", {"it_staff": " 12 "}, {"it_staff": "12"}),
    ("it_staff", {"it_staff": "１２"}, {"it_staff": "12"}),
    ("it_staff", {"it_staff": "1,200"}, {"it_staff": "1200"}),
    ("it_staff", {"it_staff": "１，２００"}, {"it_staff": "1200"}),
    ("it_staff", {"it_staff": "1 200"}, {"it_staff": "1200"}),
    (
        "online_sales",
        {"sales_online": "1,234.56", "sales_total": "１２３４５．６"},
        {"sales_online": "1234.56", "sales_total": "12345.6"},
    ),
    (
        "profit_margin",
        {"profit_margin.current": "-3.5", "profit_margin.prior": "4"},
        {"profit_margin": {"current": "-3.5", "prior": "4"}},
    ),
    (
        "profit_margin",
        {"profit_margin.current": "2", "profit_margin.prior": ""},
        {"profit_margin": {"current": "2", "prior": None}},
    ),
]


@pytest.mark.parametrize(("question", "typed", "kept"), GOOD)
def test_what_people_type_is_understood(
    desk: Desk, stored: Stored, question: str, typed: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert desk.save(question, typed).json["state"] == "answered"
    assert stored.answer(question) == kept


def test_a_matrix_is_saved_with_a_choice_in_every_row(desk: Desk, stored: Stored, framework: Framework) -> None:
    rows = framework.edition.facts["master_data"].row_ids()
    columns = framework.edition.facts["master_data"].column_ids()
    assert desk.save("master_data", {f"master_data.{row}": columns[-1] for row in rows}).json["state"] == "answered"
    assert stored.answer("master_data") == {"master_data": dict.fromkeys(rows, columns[-1])}


BAD: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "it_staff",
        {"it_staff": "a dozen"},
        "it_staff",
        "must be a number; you typed “a dozen”",
        "须为数字，您填的是“a dozen”",
    ),
    ("it_staff", {"it_staff": "2.5"}, "it_staff", "must be a whole number", "须为整数"),
    ("it_staff", {"it_staff": "-1"}, "it_staff", "cannot be less than 0", "不能小于 0"),
    ("it_staff", {"it_staff": "12%"}, "it_staff", "without a percent sign", "不要带百分号"),
    ("it_staff", {"it_staff": "12％"}, "it_staff", "without a percent sign", "不要带百分号"),
    ("it_staff", {"it_staff": "12\x00"}, "it_staff", "must be a number", "须为数字"),
    ("it_staff", {"it_staff": "9" * 16}, "it_staff", "has too many digits", "位数太多"),
    ("office_computers", {"computers": "5", "staff_total": "0"}, "staff_total", "cannot be less than 1", "不能小于 1"),
    ("online_sales", {"sales_online": "1.5万", "sales_total": "9"}, "sales_online", "must be a number", "须为数字"),
    ("profit_margin", {"profit_margin.current": "101"}, "profit_margin", "cannot be more than 100", "不能大于 100"),
    ("profit_margin", {"profit_margin.prior": "5"}, "profit_margin", "lacks the figure of the reporting", "缺少报告期"),
    ("it_department", {"it_department": "huge"}, "it_department", "has no option “huge”", "没有“huge”这个选项"),
    ("cloud_use", {"cloud_use": ["office", "moon"]}, "cloud_use", "has no option “moon”", "没有“moon”这个选项"),
    ("cloud_use", {"cloud_use": ["office", "none"]}, "cloud_use", "cannot be combined", "不能再选其他项"),
    ("master_data", {"master_data.customer": "moon"}, "master_data", "has no option", "没有"),
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("question", "typed", "fact", "english", "chinese"), BAD)
def test_what_cannot_be_used_is_named_in_the_persons_language_and_not_saved(
    desk: Desk,
    stored: Stored,
    question: str,
    typed: dict[str, Any],
    fact: str,
    english: str,
    chinese: str,
    language: str,
) -> None:
    desk.browser.get(f"/?lang={language}")
    reply = desk.save(question, typed)
    assert (reply.status_code, reply.json["error"]) == (422, "answer_invalid")
    assert list(reply.json["fields"]) == [fact]
    assert {"en": english, "zh": chinese}[language] in reply.json["fields"][fact]
    assert stored.answer(question) is None


def test_a_matrix_with_a_row_left_out_names_the_row(desk: Desk, framework: Framework) -> None:
    fact = framework.edition.facts["master_data"]
    fields = form_of(framework, "master_data")
    del fields[f"master_data.{fact.rows[1].id}"]
    message = desk.save("master_data", fields).json["fields"]["master_data"]
    assert fact.rows[1].label.en in message


def test_every_wrong_field_of_a_question_has_its_own_message(desk: Desk) -> None:
    reply = desk.save("online_sales", {"sales_online": "some", "sales_total": "all"})
    assert set(reply.json["fields"]) == {"sales_online", "sales_total"}
    assert reply.json["message"] == "This answer cannot be saved as typed. The message at the field says why."


def test_one_wrong_field_keeps_the_whole_answer_as_it_was(desk: Desk, stored: Stored) -> None:
    desk.save("online_sales", {"sales_online": "10", "sales_total": "100"})
    desk.save("online_sales", {"sales_online": "20", "sales_total": "a lot"}, version=1)
    assert stored.answer("online_sales") == {"sales_online": "10", "sales_total": "100"}


def test_every_question_of_the_edition_takes_a_plausible_answer(desk: Desk, framework: Framework) -> None:
    """In the order of the edition, so that what a question builds on is there before it."""
    maker = {name: VALUES.get(name, VALUES["revenue_wan"]) for name in KEYS}
    live = applicable_questions(framework.edition, build_profile(maker))
    applicable = [name for name in framework.edition.order if name in live]
    states = {name: desk.save(name, form_of(framework, name)).json.get("state") for name in applicable}
    assert set(states.values()) == {"answered"}, states


def test_a_ratio_is_computed_from_what_was_entered_and_never_asked(desk: Desk) -> None:
    desk.save("cnc_key_processes", {"key_processes_controlled": "1", "key_processes_total": "3"})
    page = desk.open("production")
    assert "Ratio 33.3 %" in page.text
    assert not [field for field in page.fields if "rate" in str(field.get("name"))]


@pytest.mark.parametrize("total", ["", "0"])
def test_a_ratio_that_cannot_be_computed_shows_a_dash(desk: Desk, total: str) -> None:
    desk.save("cnc_key_processes", {"key_processes_controlled": "0", "key_processes_total": total})
    assert "Ratio — %" in desk.open("production").text


def test_a_number_stands_beside_its_unit(desk: Desk) -> None:
    html = desk.open("infrastructure").html
    assert re.search(r'name="it_investment"[^>]*><span class="unit"[^>]*>10,000 CNY</span>', html)


def test_the_factory_types_a_value_for_every_figure(framework: Framework) -> None:
    figures = {fact.id for fact in framework.edition.facts.values() if fact.type in ("number", "money", "pair")}
    assert set(TYPED) == figures

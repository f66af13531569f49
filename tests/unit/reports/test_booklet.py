"""The printed questionnaire: every question a production type can be asked, each once, with words that are true."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html import unescape
from itertools import product

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.conditions import SIZES, All, AnyOf, Condition, Leaf, Not, holds, leaves
from maturity.questionnaires.model import Edition, Text
from maturity.questionnaires.path import applicable_questions, find_path
from maturity.reports.booklet import Booklet, Entry, enterprise_booklet, variant_booklet
from maturity.reports.booklet_pages import enterprise_html, variant_html
from maturity.reports.booklet_words import Builder, for_whom, narrowed
from tests.content.golden import FOLDER, read_scenario

LOCALES = ("zh_CN", "en")
HAN = re.compile(r"[\u4e00-\u9fff]+")


@cache
def asked(edition: Edition, production_type: str) -> list[tuple[str, frozenset[str]]]:
    """(industry, questions that apply) for every profile that conditions of the edition can tell apart."""
    applying = [leaf for question in edition.questions.values() for leaf in leaves(question.applies)]
    codes = sorted({code for leaf in applying if leaf.name == "industry" for code in leaf.value} | {"20"})
    flags = sorted({leaf.name for leaf in applying} - {"industry", "size", "production_type"})
    known = {"production_type": production_type}
    return [
        (
            code,
            applicable_questions(edition, known | {"size": size, "industry": code} | dict(zip(flags, on, strict=True))),
        )
        for size, code, *on in product(SIZES, codes, *[(True, False)] * len(flags))
    ]


@pytest.fixture(params=PRODUCTION_TYPES)
def booklet(request: pytest.FixtureRequest, framework: Framework) -> Booklet:
    return variant_booklet(framework, request.param)


def test_it_holds_every_question_that_may_be_asked_once_and_no_other(booklet: Booklet) -> None:
    possible = {name for _, names in asked(booklet.edition, booklet.production_type) for name in names}
    printed = [entry.question.id for entry in booklet.entries()]
    assert sorted(printed) == sorted(possible)
    assert len(printed) > 100


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_holds_every_question_once_with_all_its_words(booklet: Booklet, locale: str) -> None:
    html = variant_html(booklet.framework, booklet.production_type, locale)
    assert re.findall(r'data-question="(\w+)"', html) == [entry.question.id for entry in booklet.entries()]
    text = _text(html)
    for entry in booklet.entries():
        words = [entry.question.wording, entry.question.definition, entry.question.evidence, entry.question.example]
        words += [field.fact.label for field in entry.figures]
        words += [option.label for field in entry.fields for option in (*field.fact.options, *field.fact.rows)]
        assert not [word.en for word in words if word is not None and word.to(locale) not in text], entry.question.id


def test_an_english_page_holds_no_chinese(booklet: Booklet) -> None:
    assert not HAN.findall(_text(variant_html(booklet.framework, booklet.production_type, "en")))


def test_the_same_booklet_is_the_same_page(booklet: Booklet) -> None:
    made = {variant_html(booklet.framework, booklet.production_type, "zh_CN") for _ in range(2)}
    assert len(made) == 1


def test_numbers_run_through_without_a_gap(booklet: Booklet) -> None:
    numbers = [entry.number for entry in booklet.entries()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_not_everybody_answers_says_who_does(booklet: Booklet) -> None:
    everybody = asked(booklet.edition, booklet.production_type)
    for chapter in (*booklet.chapters, *booklet.supplements):
        among = [names for code, names in everybody if not chapter.codes or code in chapter.codes]
        for entry in chapter.entries:
            assert bool(entry.audience) != all(entry.question.id in names for names in among), entry.question.id


def test_supplements_have_a_heading_for_each_industry_and_nothing_else(booklet: Booklet) -> None:
    assert len(booklet.supplements) == 12
    for chapter in booklet.supplements:
        for entry in chapter.entries:
            (leaf,) = (leaf for leaf in leaves(entry.question.applies) if leaf.name == "industry")
            assert tuple(leaf.value) == chapter.codes
    assert not [e for c in booklet.chapters for e in c.entries if "industry" in _profile_names(e.question.applies)]


def test_an_industry_within_another_answers_both_supplements(booklet: Booklet) -> None:
    by_codes = {chapter.codes: chapter for chapter in booklet.supplements}
    outer, inner = by_codes["17",], by_codes["171",]
    assert inner.lede is not None
    assert outer.numbers.en in inner.lede.en
    assert outer.lede is None


def test_an_instruction_refers_back_and_leads_past_what_builds_on_the_same(booklet: Booklet) -> None:
    entries = {entry.number: entry for entry in booklet.entries()}
    heads = [entry for entry in entries.values() if entry.route and "otherwise" in entry.route.en]
    assert len(heads) > 8
    for entry in heads:
        assert entry.route is not None
        referred = [
            int(number) for number in re.findall(r"of question (\d+)|if question (\d+)", entry.route.en)[0] if number
        ]
        onward = re.search(r"go on to question (\d+)", entry.route.en)
        assert all(number < entry.number for number in referred)
        target = int(onward[1]) if onward else entry.number + 1
        passed = [entries[number] for number in range(entry.number, target)]
        assert {repr(one.question.requires) for one in passed} == {repr(entry.question.requires)}
        if onward:
            assert repr(entries[target].question.requires) != repr(entry.question.requires)


def test_every_question_that_builds_on_another_says_so_and_the_other_too(booklet: Booklet) -> None:
    by_id = {entry.question.id: entry for entry in booklet.entries()}
    for entry in booklet.entries():
        assert (entry.route is None) == (entry.question.requires is None)
        for leaf in leaves(entry.question.requires):
            source = by_id[booklet.edition.asked_by[leaf.name]]
            assert source.opens is not None
            assert entry.number in _numbers(source.opens)


def test_the_letters_of_an_instruction_are_those_of_the_options_that_open_the_question(framework: Framework) -> None:
    entry = _entry(variant_booklet(framework, "mixed"), "mbd_use")
    assert entry.route == Text("第 14 题选 C、D 或 E 时填写。", "Only if question 14 is answered C, D or E.")
    leaf = next(leaves(entry.question.requires))
    options = framework.edition.facts["design_tools"].option_ids()
    opening = [option for option in options if holds(leaf, {}, {"design_tools": option})]
    assert opening == list(options[2:5])


def test_a_row_of_a_table_and_a_figure_of_two_are_named(framework: Framework) -> None:
    booklet = variant_booklet(framework, "mixed")
    change, networked = (_entry(booklet, name).route for name in ("change_closed_loop", "equipment_networked"))
    assert change is not None
    assert networked is not None
    assert "row “Engineering change” of question 18 is B or C" in change.en
    assert "第 32 题 a 项大于 0 时填写本题，否则转到第 34 题" in networked.zh


def test_the_profile_table_names_the_questions_each_line_decides(booklet: Booklet) -> None:
    for name, numbers in booklet.decides.items():
        deciding = {e.number for e in booklet.entries() if name in _profile_names(e.question.applies)}
        assert _numbers(numbers) == deciding
    assert set(booklet.decides) == {"size", "industry", "is_group", "designs_products", "exports"}


def test_a_draft_says_that_it_is_one(framework: Framework) -> None:
    draft = replace(framework, edition=replace(framework.edition, status="draft"))
    assert "Draft, not in force" in variant_html(draft, "process", "en")
    assert "Draft" not in variant_html(framework, "process", "en")


def test_a_filled_one_shows_the_path_in_its_order_and_nothing_off_it(framework: Framework) -> None:
    scenario = read_scenario(FOLDER / "lianghua" / "2026.1" / "food_mixed.yaml")
    profile, facts = scenario.profile(), dict(scenario.facts(framework.edition))
    del facts["cio_level"], facts["it_staff"]
    path = find_path(framework.edition, profile, facts)
    booklet = enterprise_booklet(framework, profile, path, {"cio_level"})
    entries = list(booklet.entries())
    assert [entry.question.id for entry in entries] == [question.id for question in path.asked()]
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert {name: _entry(booklet, name).state for name in ("cio_level", "it_staff", "it_department")} == {
        "cio_level": "skipped",
        "it_staff": "unanswered",
        "it_department": "answered",
    }
    html = enterprise_html(booklet, "en", enterprise="甲公司", period=2025, profile=profile, filled=True)
    assert html.count(">self-declared<") == booklet.count("answered") == len(entries) - 2
    assert (html.count(">skipped for now<"), html.count(">not answered<")) == (1, 1)
    assert not any(entry.route or entry.audience for entry in entries)


def test_a_blank_one_of_an_enterprise_holds_what_may_still_come(framework: Framework) -> None:
    profile = read_scenario(FOLDER / "lianghua" / "2026.1" / "food_mixed.yaml").profile()
    booklet = enterprise_booklet(framework, profile, find_path(framework.edition, profile, {}), None)
    assert {e.question.id for e in booklet.entries()} == applicable_questions(framework.edition, profile)
    assert _entry(booklet, "design_3d_share").route is not None


SIZE = {name: Leaf("profile", "size", "at_least", name, SIZES) for name in SIZES}


@pytest.mark.parametrize(
    ("condition", "en"),
    [
        (SIZE["large"], "large enterprises only"),
        (Leaf("profile", "size", "in", ["micro", "large"], ()), "large and micro enterprises only"),
        (Leaf("profile", "exports", "equals", False), "enterprises without exports"),
        (Not(Leaf("profile", "is_group", "equals", True)), "all but: group enterprises only"),
        (Leaf("profile", "energy_intensive", "equals", True), "energy-intensive industries only"),
        (Leaf("profile", "headcount", "at_least", 300), "staff at least 300 persons"),
        (Leaf("profile", "industry", "not_in", ["36"]), "all but C36 Motor vehicles"),
        (Leaf("profile", "region", "under", ["37"]), "Shandong only"),
        (AnyOf((SIZE["medium"], SIZE["large"])), "from medium size or large enterprises only"),
    ],
)  # fmt: skip
def test_whoever_a_condition_names_is_said_in_words(condition: Condition, en: str) -> None:
    said = for_whom(condition)
    assert said.en == en
    assert HAN.search(said.zh)


@pytest.mark.parametrize(
    ("leaf", "en"),
    [
        (Leaf("fact", "cloud_use", "answered", True), "question 7 is answered"),
        (Leaf("fact", "cloud_use", "includes_any", ["office", "backup"]), "question 7 is answered A or E"),
        (Leaf("fact", "it_staff", "at_least", 5), "question 9 is at least 5"),
    ],
)
def test_every_way_of_building_on_an_answer_has_words(framework: Framework, leaf: Leaf, en: str) -> None:
    builder = Builder(framework.edition, {"cloud_use": 7, "it_staff": 9})
    assert builder.said(leaf).en == en
    assert builder.said(All((leaf, leaf))).zh.count("，且") == 1


def test_a_condition_is_narrowed_by_what_is_known() -> None:
    kind = Leaf("profile", "production_type", "equals", "process")
    for known, left in (("process", False), ("mixed", SIZE["medium"])):
        assert narrowed(All((Not(kind), SIZE["medium"])), {"production_type": known}) == left
    assert narrowed(AnyOf((kind, SIZE["medium"])), {"production_type": "process"}) is True
    assert narrowed(AnyOf((kind, SIZE["medium"])), {"production_type": "mixed"}) == SIZE["medium"]


def _text(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)))


def _entry(booklet: Booklet, name: str) -> Entry:
    return next(entry for entry in booklet.entries() if entry.question.id == name)


def _profile_names(condition: Condition | None) -> set[str]:
    return {leaf.name for leaf in leaves(condition)}


def _numbers(said: Text) -> set[int]:
    found: set[int] = set()
    for run in said.en.split(", "):
        first, _, last = run.partition("–")
        found |= set(range(int(first), int(last or first) + 1))
    return found

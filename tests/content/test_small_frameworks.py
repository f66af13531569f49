"""The small frameworks: two lists of digital intensity, the EU's style and Singapore's, against digest 6 and T15."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

import pytest

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import load_framework, unscored_questions
from maturity.questionnaires.derivations import load_derivations
from maturity.questionnaires.model import FactValue, Question
from maturity.questionnaires.path import find_path
from tests.answers import best_value, profile
from tests.content.test_library import ACRONYMS, FOREIGN

SLUGS = ("dii/2018", "dii/2023", "dma_style/2026.1", "siri_style/2026.1")
LISTS = ("dii/2018", "dii/2023")
ON = period_end(2025)
framework_of = lru_cache(load_framework)
QUESTIONS = [
    pytest.param(question, id=f"{slug}/{question.id}")
    for slug in SLUGS
    for question in framework_of(slug).edition.questions.values()
]
Facts = dict[str, FactValue]


def best(slug: str) -> Facts:
    return {name: best_value(fact) for name, fact in framework_of(slug).edition.facts.items()}


def with_points(slug: str, count: int) -> Facts:
    """The first so many items of a list with a yes, the others with a no."""
    framework = framework_of(slug)
    yes: Facts = dict(list(best(slug).items())[:0])
    for index, name in enumerate(framework.edition.order):
        fact = framework.edition.facts[name]
        worst: FactValue = False if fact.type == "yesno" else fact.option_ids()[0]
        yes[name] = best_value(fact) if index < count else worst
    return yes


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_is_whole_in_both_languages(question: Question) -> None:
    for name in ("wording", "definition", "why", "decides", "evidence"):
        text = getattr(question, name)
        assert len(text.zh) >= 4, name
        assert len(text.en) >= 12, name
        assert not set(FOREIGN.findall(text.zh)) - ACRONYMS, f"{name}: {text.zh}"
        assert not re.search(r"[\u4e00-\u9fff]", text.en), f"{name}: {text.en}"


@pytest.mark.parametrize("slug", SLUGS)
def test_no_question_changes_nothing_and_no_two_change_the_same_decision(slug: str) -> None:
    framework = framework_of(slug)
    assert unscored_questions(framework) == ()
    decisions = [question.decides for question in framework.edition.questions.values() if question.decides]
    for language in ("zh", "en"):
        assert len({decision.to(language) for decision in decisions}) == len(framework.edition.questions)


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_from_memory_is_told_to_be_unverified_in_both_languages(slug: str) -> None:
    framework = framework_of(slug)
    words = [*framework.indicators.values(), *framework.parts.values(), *framework.parameters.values()]
    for word in words:
        if word.provenance.startswith("M"):
            assert "未核对" in (word.rationale.zh if word.rationale else ""), word.title.zh
            assert "unverified" in (word.rationale.en if word.rationale else ""), word.title.en
    if any(word.provenance.startswith("M") for word in words):
        assert "未核对" in framework.edition.basis.zh
        assert "unverified" in framework.edition.basis.en


@pytest.mark.parametrize("slug", LISTS)
def test_a_list_has_twelve_items_of_one_point_each(slug: str) -> None:
    scoring = framework_of(slug).scoring
    assert len(scoring.indicators) == len(scoring.sets["points"].indicators) == 12
    for count in range(13):
        score = evaluate(framework_of(slug), profile(), with_points(slug, count), ON).score
        assert score.capability == Fraction(100 * count, 12)


@pytest.mark.parametrize("slug", LISTS)
@pytest.mark.parametrize(("points", "level"), [(0, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3), (10, 4), (12, 4)])
def test_t15_points_make_the_level(slug: str, points: int, level: int) -> None:
    assert evaluate(framework_of(slug), profile(), with_points(slug, points), ON).score.level == level


@pytest.mark.parametrize("slug", LISTS)
def test_t15_four_points_are_the_basic_intensity(slug: str) -> None:
    low = framework_of(slug).levels[2]
    assert low.body is not None
    assert "基本" in low.body.zh
    assert "四分" in low.body.zh
    assert "basic" in low.body.en
    assert "4 points" in low.body.en


@pytest.mark.parametrize(("slug", "point"), [("dii/2018", 1), ("dii/2023", 0)])
def test_exactly_half_of_the_staff_online_is_a_point_in_the_older_list_only(slug: str, point: int) -> None:
    facts = with_points(slug, 0) | {"internet_staff_share": "half"}
    assert evaluate(framework_of(slug), profile(), facts, ON).score.capability == Fraction(100 * point, 12)


def test_the_two_lists_share_what_they_define_alike() -> None:
    older, newer = (set(framework_of(slug).edition.facts) for slug in LISTS)
    assert older & newer == {"internet_staff_share", "fixed_broadband_30", "social_media", "esales_one_percent"}


@pytest.mark.parametrize("slug", LISTS)
def test_the_express_check_is_short(slug: str) -> None:
    edition = framework_of(slug).edition
    fewest, most = find_path(edition, profile(), {}).remaining()
    assert fewest >= 9
    assert most == 12
    assert all(len(question.wording.zh) <= 45 for question in edition.questions.values())


def test_the_total_of_the_eu_style_is_the_plain_mean_of_its_six_dimensions() -> None:
    framework = framework_of("dma_style/2026.1")
    facts = best("dma_style/2026.1") | {"intelligent_technologies": dict.fromkeys(
        framework.edition.facts["intelligent_technologies"].row_ids(), "unused"
    )}  # fmt: skip
    score = evaluate(framework, profile(), facts, ON).score
    assert len(score.dimensions) == 6
    assert len(framework.edition.questions) == 11
    assert score.capability == Fraction(sum(score.dimensions.values()), 6) == Fraction(500, 6)


def test_none_of_these_is_worth_nothing() -> None:
    framework = framework_of("dma_style/2026.1")
    facts = best("dma_style/2026.1")
    for name, fact in framework.edition.facts.items():
        if fact.type == "multi":
            facts[name] = frozenset({"none"})
    score = evaluate(framework, profile(), facts, ON).score
    assert score.groups["people.questions"] == 0
    assert score.groups["strategy.questions"] == 50


def test_the_singapore_style_rates_sixteen_areas_in_six_bands_and_grades_nobody() -> None:
    framework = framework_of("siri_style/2026.1")
    assert len(framework.scoring.indicators) == 16
    assert [len(dimension.groups) for dimension in framework.scoring.dimensions] == [3, 3, 2]
    assert {len(fact.options) for fact in framework.edition.facts.values()} == {6}
    score = evaluate(framework, profile(), best("siri_style/2026.1"), ON).score
    assert (score.level, score.capability, framework.levels) == (0, 100, {})


def test_the_styles_do_not_pass_for_the_originals() -> None:
    siri, dma = framework_of("siri_style/2026.1").edition, framework_of("dma_style/2026.1").edition
    assert "not affiliated" in siri.title.en.lower()
    assert "无关" in siri.basis.zh
    assert "SIRI" not in siri.title.zh
    assert "style" in dma.title.en
    assert "无关" in dma.basis.zh


ERP = {"finance", "purchasing", "inventory", "sales", "planning", "cost", "hr"}
NO_ERP: FactValue = dict.fromkeys(sorted(ERP), "standalone")


@pytest.mark.parametrize(
    ("fact", "given", "value"),
    [
        ("esales_one_percent", {"sales_online": Fraction(1), "sales_total": Fraction(100)}, True),
        ("esales_one_percent", {"sales_online": Fraction(99), "sales_total": Fraction(10000)}, False),
        ("esales_one_percent", {"sales_online": Fraction(0), "sales_total": Fraction(0)}, None),
        ("esales_one_percent", {"sales_online": Fraction(1)}, None),
        ("websales_one_percent_consumers", {"sales_online": Fraction(1), "sales_total": Fraction(100)}, False),
        ("websales_one_percent_consumers", {"sales_online": Fraction(2), "sales_total": Fraction(100)}, None),
        ("websales_consumers_tenth", {"sales_online": Fraction(0)}, False),
        ("websales_consumers_tenth", {"sales_online": Fraction(1)}, None),
        ("ict_specialists", {"it_staff": Fraction(0)}, False),
        ("ict_specialists", {"it_staff": Fraction(5)}, None),  # they may be contractors
        ("erp_in_use", {"erp_functions": {**NO_ERP, "hr": "shared"}}, True),
        ("erp_in_use", {"erp_functions": NO_ERP}, False),
        ("erp_in_use", {}, None),
        ("crm_in_use", {"customer_management": "crm"}, True),
        ("crm_in_use", {"customer_management": "system"}, None),
        ("crm_in_use", {"customer_management": "register"}, False),
        ("data_analytics", {"decision_support": "models"}, True),
        ("data_analytics", {"decision_support": "manual"}, None),
        ("cloud_paid", {"cloud_use": frozenset({"management"})}, True),
        ("cloud_paid", {"cloud_use": frozenset({"office"})}, None),  # may be free of charge
        ("cloud_paid", {"cloud_use": frozenset({"none"})}, None),
        ("cloud_intermediate", {"cloud_use": frozenset({"management"})}, True),
        ("cloud_medium_high", {"cloud_use": frozenset({"management"})}, None),  # an ERP alone is not on the older list
        ("cloud_medium_high", {"cloud_use": frozenset({"design"})}, True),
    ],
)
def test_answers_of_lianghua_tell_an_item_only_where_it_follows(fact: str, given: Facts, value: bool | None) -> None:
    assert load_derivations()[fact].derive(given) is value


@pytest.mark.parametrize("slug", SLUGS[2:])
def test_ratings_in_steps_and_bands_are_never_derived(slug: str) -> None:
    assert not set(framework_of(slug).edition.facts) & set(load_derivations())

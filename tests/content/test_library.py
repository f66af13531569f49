"""The real content, parametrised over every question, indicator and parameter."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from maturity.adaptive.evaluation import applicable_indicators, evaluate, period_end
from maturity.adaptive.framework import Framework, load_framework, parse_framework, unscored_questions
from maturity.adaptive.profile import build_profile
from maturity.content import read_yaml
from maturity.editions.service import canonical, digest
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.conditions import SIZES
from maturity.questionnaires.loader import LIBRARY, editions, read_bundle
from maturity.questionnaires.model import Fact, Question, Text
from maturity.questionnaires.path import applicable_questions, find_path
from maturity.scoring.monotone import opposing_facts
from tests.answers import best_value, profile

framework_of = lru_cache(load_framework)
every_edition = pytest.mark.parametrize("slug", editions())
ARCHETYPES = read_yaml(LIBRARY / "archetypes.yaml", "archetypes.yaml")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "questionnaire.md"
INDUSTRIES = ("14", "171", "25", "27", "30", "31", "34", "36", "374", "39", "40")
FOREIGN = re.compile(r"[A-Za-z]{3,}")
ACRONYMS = frozenset(
    (
        "CAD", "CAE", "CAPP", "PDM", "PLM", "MBD", "CAM", "BOM", "CNC", "PLC", "DCS", "MES", "ERP", "MRP", "CRM",
        "OEE", "APC", "RTO", "QMS", "SPC", "EAM", "LIMS", "WMS", "AGV", "DNC", "CIO", "APP", "EDI", "Word", "Excel",
        "HACCP",
    )
)  # fmt: skip


def _questions() -> list[tuple[str, Question]]:
    return [(slug, question) for slug in editions() for question in framework_of(slug).edition.questions.values()]


def _facts() -> list[Fact]:
    """The facts some edition asks, each once."""
    return list({name: fact for slug in editions() for name, fact in framework_of(slug).edition.facts.items()}.values())


def _words(fact: Fact) -> Iterator[Text]:
    yield fact.label
    yield from (option.label for option in (*fact.options, *fact.rows, *fact.columns))


def _is_in_its_languages(text: Text) -> bool:
    return not set(FOREIGN.findall(text.zh)) - ACRONYMS and not re.search(r"[\u4e00-\u9fff]", text.en)


def test_there_are_at_least_ninety_questions(framework: Framework) -> None:
    assert len(framework.edition.questions) >= 90


@every_edition
def test_no_question_changes_nothing(slug: str) -> None:
    assert unscored_questions(framework_of(slug)) == ()


@pytest.mark.parametrize(("slug", "question"), _questions(), ids=lambda item: getattr(item, "id", item))
def test_every_question_is_whole_in_both_languages(slug: str, question: Question) -> None:
    for name in ("wording", "definition", "why", "decides", "evidence"):
        text = getattr(question, name)
        assert len(text.zh) >= 4, name
        assert len(text.en) >= 12, name
        assert _is_in_its_languages(text), f"{name}: {text}"


@pytest.mark.parametrize("fact", _facts(), ids=lambda fact: fact.id)
def test_every_fact_and_option_is_whole_in_both_languages(fact: Fact) -> None:
    for text in _words(fact):
        assert text.zh
        assert text.en
        assert _is_in_its_languages(text), text


@every_edition
def test_every_part_indicator_and_level_is_named_in_both_languages(slug: str) -> None:
    framework = framework_of(slug)
    named = (framework.indicators, framework.parts, framework.sets, framework.parameters, framework.levels)
    words = [word for group in named for word in group.values()]
    texts = [text for word in words for text in (word.title, word.body, word.rationale) if text is not None]
    assert [text for text in texts if not _is_in_its_languages(text)] == []


@every_edition
def test_no_two_questions_ask_the_same_facts(slug: str) -> None:
    asked = [question.facts for question in framework_of(slug).edition.questions.values()]
    assert len(asked) == len(set(asked))


def test_there_are_at_least_fifteen_ratios(framework: Framework) -> None:
    assert sum(question.widget == "ratio" for question in framework.edition.questions.values()) >= 15


@every_edition
def test_every_ratio_is_asked_as_two_counts_or_amounts_with_a_worked_example(slug: str) -> None:
    for question in framework_of(slug).edition.questions.values():
        if question.widget == "ratio":
            assert question.example is not None
            assert re.search(r"\d", question.example.zh)


def _table(columns: int) -> dict[str, list[str]]:
    """The rows of the page's table with so many columns beside the id."""
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    cells = {name: rest.split(" | ") for name, rest in rows}
    return {name: rest for name, rest in cells.items() if len(rest) == columns}


def test_the_page_counts_every_archetype_and_no_other() -> None:
    assert list(_table(4)) == [item["id"] for item in ARCHETYPES]


@pytest.mark.parametrize("archetype", ARCHETYPES, ids=lambda item: item["id"])
def test_branching_decides_how_many_questions_each_archetype_is_asked(framework: Framework, archetype: dict) -> None:
    path = find_path(framework.edition, build_profile(archetype["enterprise"]), {})
    fewest, most = path.remaining()
    titles = archetype["title"]
    assert _table(4)[archetype["id"]] == [titles["zh"], titles["en"], str(fewest), str(most)]


def test_no_two_kinds_of_enterprise_in_the_page_have_the_same_questions(framework: Framework) -> None:
    paths = {
        frozenset(
            question.id for question in find_path(framework.edition, build_profile(item["enterprise"]), {}).asked()
        )
        for item in ARCHETYPES
    }
    assert len(paths) >= 6


def test_the_page_counts_the_questions_of_every_section(framework: Framework) -> None:
    sections = {section.id: [section.title.zh, str(len(section.questions))] for section in framework.edition.sections}
    assert _table(2) == sections
    assert f"{len(framework.edition.questions)} questions in " in PAGE.read_text(encoding="utf-8")


@every_edition
def test_every_question_can_be_reached(slug: str) -> None:
    edition = framework_of(slug).edition
    best = {name: best_value(fact) for name, fact in edition.facts.items()}
    asked = {
        question.id
        for industry, size in itertools.product(INDUSTRIES, SIZES)
        for question in find_path(edition, profile(industry=industry, size=size), best).asked()
    }
    assert asked == set(edition.questions)


@every_edition
def test_every_answer_counts_for_everybody_who_is_asked(slug: str) -> None:
    """An indicator of several questions must not lose one of them for some kind of enterprise."""
    framework = framework_of(slug)
    kinds = itertools.product(PRODUCTION_TYPES, SIZES, (True, False), (True, False), ("171", "27", "36", "41"))
    for kind, size, group, designs, industry in kinds:
        who = profile(production_type=kind, size=size, is_group=group, designs_products=designs, industry=industry)
        counted = {
            fact
            for name in applicable_indicators(framework, who)
            for fact in framework.scoring.indicators[name].facts.values()
        }
        asked = applicable_questions(framework.edition, who)
        assert [q for q in asked if not counted & set(framework.edition.questions[q].facts)] == [], who


@every_edition
def test_no_two_questions_change_the_same_decision(slug: str) -> None:
    questions = framework_of(slug).edition.questions.values()
    decisions = [question.decides for question in questions if question.decides]
    assert len(decisions) == len(questions)
    for language in ("zh", "en"):
        assert len({decision.to(language) for decision in decisions}) == len(decisions)


@every_edition
def test_every_weight_full_mark_and_gate_has_a_rationale(slug: str) -> None:
    framework = framework_of(slug)
    words = [*framework.indicators.values(), *framework.parts.values(), *framework.parameters.values()]
    assert all(word.rationale and len(word.rationale.zh) >= 8 and len(word.rationale.en) >= 12 for word in words)
    assert not [word.reference for word in words if "digest" in word.reference]


@every_edition
def test_what_is_not_from_a_source_says_so(slug: str) -> None:
    """The basis says what the edition is not: prescribed, or checked against its source."""
    basis = framework_of(slug).edition.basis
    assert re.search("不代表|不能|不是|未", basis.zh)
    assert re.search(r"\bnot\b|unverified", basis.en)


def test_no_fact_pulls_two_ways(framework: Framework) -> None:
    assert opposing_facts(framework.scoring) == {}


@every_edition
def test_every_stage_can_be_reached(slug: str) -> None:
    framework = framework_of(slug)
    best = {name: best_value(fact) for name, fact in framework.edition.facts.items()}
    highest = max((level.level for level in framework.scoring.levels), default=0)
    assert evaluate(framework, profile(), best, period_end(2025)).score.level == highest


@every_edition
def test_an_edition_is_the_same_from_its_folder_and_from_its_stored_bundle(slug: str) -> None:
    bundle = read_bundle(slug)
    stored = json.loads(canonical(bundle))
    assert stored == bundle
    assert digest(canonical(stored)) == digest(canonical(read_bundle(slug)))
    again = parse_framework(stored)
    assert again.edition.order == load_framework(slug).edition.order
    assert again.edition.questions == load_framework(slug).edition.questions

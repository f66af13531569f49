"""The real content, parametrised over every question, indicator and parameter."""

from __future__ import annotations

import itertools
import json
import re
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
from maturity.questionnaires.path import applicable_questions, find_path
from maturity.scoring.monotone import opposing_facts
from tests.answers import best_value, profile

EDITION = load_framework("lianghua/2026.1").edition
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


def test_there_are_at_least_ninety_questions_and_none_changes_nothing(framework: Framework) -> None:
    assert len(framework.edition.questions) >= 90
    assert unscored_questions(framework) == ()


@pytest.mark.parametrize("question", EDITION.questions.values(), ids=lambda question: question.id)
def test_every_question_is_whole_in_both_languages(question: object) -> None:
    for name in ("wording", "definition", "why", "decides", "evidence"):
        text = getattr(question, name)
        assert len(text.zh) >= 4, name
        assert len(text.en) >= 12, name
        assert not set(FOREIGN.findall(text.zh)) - ACRONYMS, f"{name}: {text.zh}"
        assert not re.search(r"[\u4e00-\u9fff]", text.en), f"{name}: {text.en}"


def test_no_two_questions_ask_the_same_facts(framework: Framework) -> None:
    asked = [question.facts for question in framework.edition.questions.values()]
    assert len(asked) == len(set(asked))


def test_every_ratio_is_asked_as_two_counts_or_amounts_with_a_worked_example(framework: Framework) -> None:
    ratios = [question for question in framework.edition.questions.values() if question.widget == "ratio"]
    assert len(ratios) >= 15
    for question in ratios:
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


def test_every_question_can_be_reached(framework: Framework) -> None:
    best = {name: best_value(fact) for name, fact in framework.edition.facts.items()}
    asked = {
        question.id
        for industry, size in itertools.product(INDUSTRIES, SIZES)
        for question in find_path(framework.edition, profile(industry=industry, size=size), best).asked()
    }
    assert asked == set(framework.edition.questions)


def test_every_answer_counts_for_everybody_who_is_asked(framework: Framework) -> None:
    """An indicator of several questions must not lose one of them for some kind of enterprise."""
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


def test_no_two_questions_change_the_same_decision(framework: Framework) -> None:
    decisions = [question.decides for question in framework.edition.questions.values() if question.decides]
    assert len(decisions) == len(framework.edition.questions)
    for language in ("zh", "en"):
        assert len({decision.to(language) for decision in decisions}) == len(decisions)


def test_every_weight_full_mark_and_gate_has_a_rationale(framework: Framework) -> None:
    words = [*framework.indicators.values(), *framework.parts.values(), *framework.parameters.values()]
    assert all(word.rationale and len(word.rationale.zh) >= 8 and len(word.rationale.en) >= 12 for word in words)
    assert not [word.reference for word in words if "digest" in word.reference]


def test_no_fact_pulls_two_ways(framework: Framework) -> None:
    assert opposing_facts(framework.scoring) == {}


def test_every_stage_can_be_reached(framework: Framework) -> None:
    best = {name: best_value(fact) for name, fact in framework.edition.facts.items()}
    assert evaluate(framework, profile(), best, period_end(2025)).score.level == len(framework.scoring.levels)


@pytest.mark.parametrize("slug", editions())
def test_an_edition_is_the_same_from_its_folder_and_from_its_stored_bundle(slug: str) -> None:
    bundle = read_bundle(slug)
    stored = json.loads(canonical(bundle))
    assert stored == bundle
    assert digest(canonical(stored)) == digest(canonical(read_bundle(slug)))
    again = parse_framework(stored)
    assert again.edition.order == load_framework(slug).edition.order
    assert again.edition.questions == load_framework(slug).edition.questions

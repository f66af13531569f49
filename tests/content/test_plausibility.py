"""Every plausibility rule of the edition, with one case in which it fires and one in which it must not."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from maturity.adaptive.framework import load_framework
from maturity.content import read_yaml
from maturity.questionnaires.model import Facts, Pair, Profile
from maturity.questionnaires.path import find_path
from maturity.questionnaires.plausibility import Finding, Rule, find_implausible, show
from maturity.questionnaires.values import decimal_text, parse
from tests.answers import profile

EDITION = load_framework("lianghua/2026.1").edition
FILES = sorted((Path(__file__).parent / "plausibility").glob("*.yaml"))
READ = [(file.stem, rule, case) for file in FILES for rule, case in read_yaml(file, file.name).items()]
CASES: dict[str, dict[str, Any]] = {rule: case for _, rule, case in READ}
every_rule = pytest.mark.parametrize("rule", EDITION.plausibility, ids=lambda rule: rule.id)


def typed(rule: Rule, case: str) -> tuple[Profile, Facts]:
    """The enterprise and the answers of a case, read from what a person would type."""
    cases = CASES[rule.id]
    facts = {name: parse(EDITION.facts[name], raw) for name, raw in cases[case].items()}
    return profile(**cases.get("profile", {})), {name: value for name, value in facts.items() if value is not None}


def findings(rule: Rule, case: str) -> list[Finding]:
    """What the rule says of a case, over the facts on the path."""
    enterprise, facts = typed(rule, case)
    path = find_path(EDITION, enterprise, facts)
    return [finding for finding in find_implausible(EDITION, enterprise, path.facts) if finding.rule == rule.id]


def numbers(facts: Facts, names: tuple[str, ...]) -> list[str]:
    """Every number typed for the facts, as a message writes it."""
    values = [facts[name] for name in names]
    pairs = [part for value in values if isinstance(value, Pair) for part in (value.current, value.prior)]
    return [decimal_text(part) for part in (*values, *pairs) if isinstance(part, Fraction)]


def shown(number: str, text: str) -> bool:
    """Whether the number stands in the text by itself, not as a part of a longer one."""
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\.?\d)", text) is not None


def test_every_rule_has_its_cases_once_and_every_case_its_rule() -> None:
    assert sorted(rule for _, rule, _ in READ) == sorted(rule.id for rule in EDITION.plausibility)
    assert all(set(case) - {"profile"} == {"fires", "quiet"} for case in CASES.values())


def test_there_are_at_least_forty_rules() -> None:
    assert len(EDITION.plausibility) >= 40


@pytest.mark.parametrize("supplement", sorted({file for file, _, _ in READ if file.startswith("industry_")}))
def test_a_supplement_is_checked_against_what_everyone_is_asked(supplement: str) -> None:
    own = {fact for question in EDITION.questions.values() if question.section == "industry" for fact in question.facts}
    rules = {rule for file, rule, _ in READ if file == supplement}
    crossing = [rule for rule in EDITION.plausibility if rule.id in rules and own & set(rule.facts) < set(rule.facts)]
    assert any(own & set(rule.facts) for rule in crossing)


@every_rule
def test_a_rule_fires_on_its_case(rule: Rule) -> None:
    assert len(findings(rule, "fires")) == 1


@every_rule
def test_a_rule_is_quiet_once_one_answer_is_different(rule: Rule) -> None:
    _, fires = typed(rule, "fires")
    _, quiet = typed(rule, "quiet")
    assert len([name for name in {*fires, *quiet} if fires.get(name) != quiet.get(name)]) == 1
    assert findings(rule, "quiet") == []


@every_rule
@pytest.mark.parametrize("case", ["fires", "quiet"])
def test_the_answers_of_a_case_are_all_asked(rule: Rule, case: str) -> None:
    enterprise, facts = typed(rule, case)
    assert set(rule.facts) <= set(facts)
    assert find_path(EDITION, enterprise, facts).facts == facts


@every_rule
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_message_names_what_was_typed_and_what_to_check(rule: Rule, locale: str) -> None:
    _, facts = typed(rule, "fires")
    text = findings(rule, "fires")[0].message.to(locale)
    choices = [name for name in rule.facts if EDITION.facts[name].type == "choice"]
    assert not re.search(r"[{}—]", text)
    assert [number for number in numbers(facts, rule.facts) if not shown(number, text)] == []
    assert [name for name in choices if show(EDITION, name, facts[name], locale) not in text] == []
    assert re.search("请" if locale == "zh" else r"[Pp]lease|\?", text)
    assert locale == "zh" or not re.search(r"[\u4e00-\u9fff]", text)

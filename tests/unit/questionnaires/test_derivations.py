"""What follows from answers, and that nothing follows from what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from maturity.content import ContentError
from maturity.questionnaires.derivations import Derivation, load_derivations

FACTS = """\
- id: design
  type: choice
  label: {zh: 设计, en: Design}
  options:
  - {id: paper, zh: 纸面, en: Paper}
  - {id: cad, zh: 计算机, en: CAD}
  - {id: solid, zh: 三维, en: Solid}
- id: cloud
  type: multi
  label: {zh: 云, en: Cloud}
  exclusive: nothing
  options:
  - {id: office, zh: 办公, en: Office}
  - {id: design, zh: 设计, en: Design}
  - {id: nothing, zh: 无, en: None}
- id: online
  type: money
  label: {zh: 网上, en: Online}
- id: total
  type: money
  label: {zh: 总额, en: Total}
- id: scene
  type: choice
  label: {zh: 场景, en: Scene}
  options:
  - {id: none, zh: 无, en: None}
  - {id: one, zh: 一, en: One}
  - {id: two, zh: 二, en: Two}
- id: sells
  type: yesno
  label: {zh: 网销, en: Sells online}
- id: networks
  type: multi
  label: {zh: 网络, en: Networks}
  exclusive: nothing
  options:
  - {id: shop, zh: 车间, en: Shop floor}
  - {id: office, zh: 办公, en: Office}
  - {id: nothing, zh: 无, en: None}
"""
NOTE = "  note: {zh: 由此推得, en: It follows}\n  provenance: I\n"
SCENE = f"""\
- fact: scene
  cases:
  - {{when: {{all: [{{fact: design, at_least: solid}}, {{fact: cloud, includes: design}}]}}, value: two}}
  - {{when: {{fact: design, at_least: cad}}, value: one}}
  - {{value: none}}
{NOTE}"""
SELLS = f"""\
- fact: sells
  cases:
  - {{when: {{ratio: {{numerator: online, denominator: total}}, at_least: 1}}, value: true}}
  - {{value: false}}
{NOTE}"""
TENTH = "ratio: {numerator: online, denominator: total}, at_least: 1"
NETWORKS = f"""\
- fact: networks
  options:
    shop: {{fact: design, at_least: cad}}
    office: {{any: [{{fact: cloud, includes: office}}, {{not: {{fact: design, at_most: paper}}}}]}}
{NOTE}"""


def library(folder: Path, derivations: str) -> Path:
    for name, content in (("facts", FACTS), ("derivations", derivations)):
        (folder / name).mkdir()
        (folder / name / "all.yaml").write_text(content, encoding="utf-8")
    return folder


def only(folder: Path, derivations: str) -> Derivation:
    found: Mapping[str, Derivation] = load_derivations(library(folder, derivations))
    return next(iter(found.values()))


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"design": "solid", "cloud": frozenset({"design"})}, "two"),
        ({"design": "solid", "cloud": frozenset({"office"})}, "one"),
        ({"design": "solid"}, None),  # the first case is not decided, so no later one is taken
        ({"design": "cad"}, "one"),  # below solid the first case is decided without the other fact
        ({"design": "paper"}, "none"),
        ({"cloud": frozenset({"design"})}, None),
        ({}, None),
    ],
)
def test_the_first_case_that_holds_decides_and_an_undecided_one_stops(tmp_path: Path, facts, value) -> None:
    assert only(tmp_path, SCENE).derive(facts) == value


def test_what_is_known_not_to_exist_is_no(tmp_path: Path) -> None:
    scene = only(tmp_path, SCENE)
    assert scene.derive({"design": "solid"}, frozenset({"cloud"})) == "one"
    assert scene.derive({}, frozenset({"design"})) == "none"


@pytest.mark.parametrize(
    ("online", "total", "value"), [(1, 100, True), ("0.99", 100, False), (0, 100, False), (1, 0, None)]
)
def test_a_ratio_is_compared_exactly_and_of_nothing_says_nothing(tmp_path: Path, online, total, value) -> None:
    facts = {"online": Fraction(online), "total": Fraction(total)}
    assert only(tmp_path, SELLS).derive(facts) is value


def test_options_follow_one_by_one_and_none_of_them_is_the_exclusive_one(tmp_path: Path) -> None:
    networks = only(tmp_path, NETWORKS)
    assert networks.derive({"design": "cad", "cloud": frozenset({"nothing"})}) == {"shop", "office"}
    assert networks.derive({"design": "paper", "cloud": frozenset({"office"})}) == {"office"}
    assert networks.derive({"design": "paper", "cloud": frozenset({"nothing"})}) == {"nothing"}
    assert networks.derive({"design": "paper"}) is None


def test_the_profile_may_decide_before_any_answer(tmp_path: Path) -> None:
    scene = only(
        tmp_path,
        SCENE.replace("  cases:\n", "  cases:\n  - {when: {profile: designs_products, equals: false}, value: none}\n"),
    )
    assert scene.derive({}, profile={"designs_products": False}) == "none"
    assert scene.derive({"design": "cad"}, profile={"designs_products": True}) == "one"
    assert scene.derive({"design": "cad"}) is None  # without a profile its case is not decided
    assert scene.sources() == {"design", "cloud"}


def test_it_names_everything_it_reads(tmp_path: Path) -> None:
    assert only(tmp_path, SCENE).sources() == {"design", "cloud"}


@pytest.mark.parametrize(
    ("derivations", "what"),
    [
        (SCENE.replace("fact: scene", "fact: sceen"), "Did you mean 'scene'"),
        (SCENE.replace("value: two", "value: three"), "cases[0].value"),
        (SCENE.replace("- {value: none}", "- {value: none}\n  - {value: one}"), "only the last case may do without"),
        (SCENE + SCENE, "is derived twice"),
        (SELLS.replace(TENTH, "fact: sells, equals: true"), "follows from itself"),
        (SELLS.replace("numerator: online", "numerator: design"), "is no number"),
        (SELLS.replace(", at_least: 1", ""), "is compared with nothing"),
        (NETWORKS.replace("    shop: {fact: design, at_least: cad}\n", ""), "options.shop"),
        (SCENE.replace("  provenance: I\n", ""), "provenance"),
        (f"- fact: scene\n{NOTE}", "needs one of cases, options, same"),
        (f"- fact: scene\n  same: total\n{NOTE}", "is no fact of the same type"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_place(tmp_path: Path, derivations: str, what: str) -> None:
    with pytest.raises(ContentError) as refused:
        load_derivations(library(tmp_path, derivations))
    assert what in str(refused.value)

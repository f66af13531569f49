"""The SME digitalisation level: the vectors of the notice's rules, and what the answers of the first framework tell."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from maturity.adaptive.crosswalk import Crossing, coverage, cross, facts_gone
from maturity.adaptive.evaluation import applicable_indicators, evaluate, period_end
from maturity.adaptive.framework import load_framework
from maturity.adaptive.profile import build_profile
from maturity.content import read_yaml
from maturity.questionnaires.derivations import load_derivations
from maturity.questionnaires.loader import LIBRARY
from maturity.questionnaires.values import parse
from maturity.scoring.engine import effective_weights, indicator_value, prepare, score
from maturity.scoring.model import Score
from tests.answers import profile
from tests.content.golden import FOLDER, read_scenario

SME, LIANGHUA = load_framework("sme/2024"), load_framework("lianghua/2026.1")
ON = period_end(2025)
PREPARED = prepare(SME.scoring, ON, "mixed")
EVERY = frozenset(SME.scoring.indicators)
SCENES = SME.scoring.sets["scenes"].indicators
BINDING = SME.scoring.sets["binding"].indicators
FREE = tuple(scene for scene in SCENES if scene not in BINDING)
ARCHETYPES = read_yaml(LIBRARY / "archetypes.yaml", "archetypes.yaml")


def facts(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: parse(SME.edition.facts[name], value) for name, value in raw.items()}


def scored(points: dict[str, Any], levels: dict[str, int]) -> Score:
    chosen = {scene: f"level_{level}" if level else "none" for scene, level in levels.items()}
    return score(PREPARED, facts(points | chosen), EVERY)


def standing(three: int, binding: int, others: int) -> dict[str, int]:
    """So many scenes at level 3, of which so many are binding; all the others at `others`."""
    at_three = {*BINDING[:binding], *FREE[: three - binding]}
    return {scene: 3 if scene in at_three else others for scene in SCENES}


#: what each answer earns stands behind it; 34.25 + 12.75 + 15 together
SIXTY_TWO: dict[str, Any] = {
    "network_measures": ["industrial", "application", "full_coverage"],  # 6
    "equipment_total": 50,
    "equipment_digital": 35,  # 70 %: 6
    "equipment_networked": 10,  # 20 %: 1.5
    "data_collection_links": [
        *("product_design", "process_design", "marketing", "after_sales", "planning"),
        *("production", "quality", "equipment", "safety", "energy"),
    ],  # 7
    "systems_coverage": "most",  # 7.5
    "network_security_measures": ["rules", "products", "assessment", "boundary"],  # 5
    "data_security_measures": ["rules"],  # 1.25
    "digital_commitment": "started",  # 4.5
    "digital_rules": ["transformation", "systems"],  # 3.75
    "digital_talent": ["people", "post", "training"],  # 4.5
    "digital_spending_3y": 300,  # 1 %: 0
    "operating_revenue_3y": 30000,
    "energy_since_transformation": "lower",  # 7
    "yield_since_transformation": "unchanged",  # 3.5
    "revenue_per_head": {"current": "52", "prior": "50"},  # 3
    "cost_per_revenue": {"current": "82", "prior": "82"},  # 1.5
}


def test_vector_t6_four_binding_scenes_where_five_are_needed_is_the_second_level() -> None:
    result = scored(SIXTY_TWO, standing(three=9, binding=4, others=2))
    assert (result.capability, result.level) == (62, 2)
    assert [(gate.level, gate.of, gate.actual, gate.threshold) for gate in result.blocking()] == [(3, "binding", 4, 5)]


def test_a_fifth_binding_scene_makes_it_the_third_level() -> None:
    assert scored(SIXTY_TWO, standing(three=9, binding=5, others=2)).level == 3


def test_seven_scenes_are_too_few_for_the_third_level_even_if_all_are_binding() -> None:
    result = scored(SIXTY_TWO, standing(three=7, binding=7, others=2))
    assert (result.level, [gate.of for gate in result.blocking()]) == (2, ["scenes"])


def test_scenes_alone_are_no_level() -> None:
    result = scored({}, dict.fromkeys(SCENES, 4))
    assert (result.capability, result.level) == (0, 0)
    assert [gate.of for gate in result.blocking()] == ["capability"]
    assert SME.level_title(result.level).zh == "无等级"


@pytest.mark.parametrize(
    ("connected", "points"),
    [
        *((0, 0), (100, 0), (101, "1.5"), (200, "1.5"), (201, 3), (400, 3)),
        *((401, "4.5"), (600, "4.5"), (601, 6), (1000, 6)),
    ],
)
@pytest.mark.parametrize("rate", ["digital", "networked"])
def test_vector_t7_a_band_holds_its_upper_end(rate: str, connected: int, points: str) -> None:
    """20 % exactly is 1.5 points and 20.1 % is 3: the bands are (lo, hi]."""
    given = facts({"equipment_total": 1000, f"equipment_{rate}": connected})
    value = indicator_value(PREPARED, SME.scoring.indicators[f"equipment_{rate}_rate"], given)
    assert value is not None
    assert 6 * value == Fraction(points)


def test_fifteen_items_make_a_hundred_points_and_ten_of_sixteen_scenes_are_binding() -> None:
    items = [item for item in SME.scoring.indicators.values() if item.id not in SCENES]
    assert (len(items), len(SCENES), len(BINDING)) == (15, 16, 10)
    assert set(BINDING) < set(SCENES)
    assert {d.id: PREPARED.weights[d.id] for d in SME.scoring.dimensions if d.role == "capability"} == {
        "F": 50,
        "M": 30,
        "R": 20,
    }
    assert sum(PREPARED.weights[item.id] for item in items) == 100


def test_every_item_weighs_its_points_in_the_total() -> None:
    weights = effective_weights(PREPARED, EVERY)
    for dimension in SME.scoring.dimensions:
        for group in dimension.groups:
            for item in group.indicators:
                share = weights.dimension[dimension.id] * weights.group[group.id] * weights.indicator[item.id]
                assert 100 * share == PREPARED.weights[item.id] or item.id in SCENES


@pytest.mark.parametrize("archetype", ARCHETYPES, ids=lambda item: item["id"])
def test_nothing_is_tailored_so_a_scene_one_does_not_have_counts_none(archetype: dict[str, Any]) -> None:
    assert applicable_indicators(SME, build_profile(archetype["enterprise"])) == EVERY


def test_a_maker_to_drawings_who_claims_a_design_scene_is_asked_about_it() -> None:
    given = facts({"scene_product_design": "level_2"})
    claims = {
        designs: [finding.rule for finding in evaluate(SME, profile(designs_products=designs), given, ON).findings]
        for designs in (True, False)
    }
    assert claims == {True: [], False: ["design_scene_of_a_maker_to_drawings"]}


@pytest.mark.parametrize("name", ["revenue_per_head", "cost_per_revenue"])
def test_benefit_is_judged_by_its_direction_against_the_year_before(name: str) -> None:
    indicator = SME.scoring.indicators[name]
    down = name == "cost_per_revenue"
    values = [
        indicator_value(PREPARED, indicator, facts({name: {"current": current, "prior": 50}}))
        for current in ((49, 50, 51) if down else (51, 50, 49))
    ]
    assert values == [1, Fraction(1, 2), 0]
    assert indicator_value(PREPARED, indicator, facts({name: {"current": 50}})) is None


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("energy_since_transformation", ("higher", "unchanged", "lower")),
        ("yield_since_transformation", ("lower", "unchanged", "higher")),
    ],
)
def test_energy_and_quality_are_held_against_the_time_before_the_transformation(
    name: str, order: tuple[str, ...]
) -> None:
    """Not against last year: the pairs of the first framework say something else, and are not shared."""
    indicator = SME.scoring.indicators[name]
    values = [indicator_value(PREPARED, indicator, facts({name: option})) for option in order]
    assert values == [0, Fraction(1, 2), 1]
    assert "改造前" in SME.edition.questions[name].wording.zh
    assert name not in load_derivations()


#: rule -> what fires it, and what is as near and must not
IMPLAUSIBLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "digital_within_equipment": (
        {"equipment_total": 10, "equipment_digital": 11},
        {"equipment_total": 10, "equipment_digital": 10},
    ),
    "networked_within_digital": (
        {"equipment_total": 10, "equipment_digital": 5, "equipment_networked": 6},
        {"equipment_total": 10, "equipment_digital": 5, "equipment_networked": 5},
    ),
    "collection_without_systems": (
        {"data_collection_links": ["energy"], "systems_coverage": "none"},
        {"data_collection_links": ["energy"], "systems_coverage": "one"},
    ),
    "spending_within_revenue_3y": (
        {"digital_spending_3y": 101, "operating_revenue_3y": 1000},
        {"digital_spending_3y": 100, "operating_revenue_3y": 1000},
    ),
    "cost_above_revenue": ({"cost_per_revenue": {"current": 151}}, {"cost_per_revenue": {"current": 150}}),
    "design_scene_of_a_maker_to_drawings": (
        {"scene_product_design": "level_1"},
        {"scene_product_design": "none"},
    ),
    "yield_lower_than_twenty": ({"first_pass_yield": {"current": 19}}, {"first_pass_yield": {"current": 20}}),
}


@pytest.mark.parametrize("slug", ["sme/2024", "sme/2022"])
def test_every_plausibility_rule_fires_and_stays_quiet(slug: str) -> None:
    framework = load_framework(slug)
    who = profile(designs_products=False)

    def said(raw: dict[str, Any]) -> list[str]:
        given: dict[str, Any] = {name: parse(framework.edition.facts[name], value) for name, value in raw.items()}
        return [finding.rule for finding in evaluate(framework, who, given, ON).findings]

    for rule in framework.edition.plausibility:
        fires, quiet = IMPLAUSIBLE[rule.id]
        assert (said(fires), said(quiet)) == ([rule.id], []), rule.id


def test_the_unverified_bands_of_spending_are_marked_in_both_languages() -> None:
    words = SME.indicators["digital_spending_share"]
    assert words.body is not None
    assert "未经核实" in words.body.zh
    assert "unverified" in words.body.en
    assert "待核" in SME.edition.basis.zh
    assert "未经核实" in load_framework("sme/2022").edition.basis.zh


# ---- what lianghua tells


@lru_cache
def crossed(path: Path) -> Crossing:
    scenario = read_scenario(path)
    given = evaluate(LIANGHUA, scenario.profile(), scenario.facts(LIANGHUA.edition), ON).path
    return cross(SME, scenario.profile(), given.facts, load_derivations(), ON, facts_gone(given))


@pytest.mark.parametrize(("slug", "least"), [("sme/2024", Fraction(59, 100)), ("sme/2022", Fraction(3, 4))])
def test_a_complete_first_framework_tells_most_facts_over_the_archetypes(slug: str, least: Fraction) -> None:
    target = load_framework(slug)
    shares = [
        Fraction(found.known, found.facts)
        for item in ARCHETYPES
        if (found := coverage(LIANGHUA, target, build_profile(item["enterprise"]), load_derivations()))
    ]
    assert sum(shares) / len(shares) >= least


@pytest.mark.parametrize("path", sorted((FOLDER / "lianghua/2026.1").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_golden_sheet_tells_its_equipment_and_ten_scenes_at_least(path: Path) -> None:
    crossing = crossed(path)
    assert Fraction(crossing.facts_known, crossing.facts) >= Fraction(9, 20)
    assert set(crossing.shared()) >= {"equipment_total", "equipment_digital"}
    assert len(set(crossing.derived()) & set(SCENES)) >= 10


def test_the_scenes_of_the_golden_sheets_follow_as_an_expert_reads_them() -> None:
    """Read off the scenario files by hand."""
    told = {
        name: {fact: item.value for fact, item in crossed(FOLDER / f"lianghua/2026.1/{name}.yaml").known.items()}
        for name in ("aviation_supplier", "paper_workshop")
    }
    expected = {
        "scene_product_design": "level_3",  # documents and parts in the system, bills of materials consistent
        "scene_process_design": "level_2",  # knowledge base, yet changes do not reach production by themselves
        "scene_marketing": "level_2",  # system, yet supply-chain links only mostly
        "scene_planning": "level_1",  # sheets
        "scene_production": "level_2",  # scanning
        "scene_quality": "level_3",  # statistical process control
        "scene_equipment": "level_2",  # maintenance system
        "scene_safety": "level_1",  # monitored online, perhaps only emissions
        "scene_energy": "level_1",  # metered, not analysed
        "scene_purchasing": "level_2",
        "scene_warehouse": "level_2",  # by location, finance linked only in part
        "scene_finance": "level_2",
        "scene_office": "level_2",
        "scene_decision": "level_1",
    }
    assert {name: told["aviation_supplier"][name] for name in expected} == expected
    assert told["paper_workshop"]["scene_product_design"] == "none"  # a maker to drawings designs no products


def test_a_top_answer_never_derives_ai_or_models_that_were_not_asked() -> None:
    """The fourth level is only concluded where the step itself says it: quality predicted from process data."""
    fourth = {
        name
        for name, derivation in load_derivations().items()
        if name in SCENES and any(case.value == "level_4" for case in derivation.cases)
    }
    assert fourth == {"scene_quality"}

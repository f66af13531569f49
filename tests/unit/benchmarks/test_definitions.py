"""Figures of a release: defined for everybody to read, met or not by one enterprise as by a whole population."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from maturity.adaptive.framework import Framework, load_framework
from maturity.benchmarks import definitions as defined
from maturity.benchmarks.definitions import Rate, criteria, criteria_of, definitions, rates, scores
from maturity.benchmarks.parameters import load_parameters
from maturity.content import ContentError
from maturity.demo.columns import facts_of_row
from maturity.demo.contributors import coalitions_of, contributors
from maturity.demo.population import RATES, Population, build_population
from maturity.questionnaires.path import find_path


@pytest.fixture(scope="module")
def few(framework: Framework) -> Population:
    return build_population(framework, 2025, 400)


def test_every_figure_of_the_parameters_is_defined_in_both_languages(framework: Framework) -> None:
    found = definitions(framework)
    assert set(load_parameters().means) <= set(found)
    assert {"capability", "outcome", "B", "S", "G", "X", "C", "E"} == set(scores(framework))
    assert set(rates(framework)) == set(RATES)
    assert all(item.title.zh and item.title.en and item.definition.zh and item.definition.en for item in found.values())


def test_a_framework_without_definitions_has_no_figures() -> None:
    assert definitions(load_framework("dii/2023")) == {}


def test_the_criteria_of_a_population_are_those_of_each_enterprise(framework: Framework, few: Population) -> None:
    given = contributors(framework, few)
    for row in range(0, len(few), 7):
        profile = few.profiles[row]
        path = find_path(framework.edition, profile, facts_of_row(framework, few.columns, row))
        found = criteria_of(framework, profile, path.facts)
        assert found == {name: int(column[row]) for name, column in given.criteria.items()}
        for name, rate in rates(framework).items():
            value = rate.of(path.facts)
            assert value is None or float(value) == pytest.approx(given.values[name][row], abs=0.006)
    assert {int(value) for column in given.criteria.values() for value in column} == {-1, 0, 1}


def test_a_rate_without_a_whole_is_none() -> None:
    rate = Rate("part", "whole")
    assert rate.of({"part": Fraction(1)}) is None
    assert rate.of({"part": Fraction(1), "whole": Fraction(0)}) is None
    assert rate.of({"part": Fraction(3), "whole": Fraction(2)}) == 100


def test_groups_own_companies_and_consultancies_know_clients(framework: Framework, few: Population) -> None:
    given = contributors(framework, few)
    size = np.bincount(given.group)
    heads = sum(bool(profile["is_group"]) for profile in few.profiles)
    assert 0 < (size > 1).sum() <= heads
    assert size.max() <= 9
    assert all(len(np.unique(given.group[rows])) == 1 for rows in coalitions_of(given.group, 1)[60:])
    assert len(given.coalitions) == 60 + (size > 1).sum()
    given.check()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("at_least: cad_2d", "at_least: cad_9d", "does not fit design_tools"),
        ("of: sales_online", "of: sales_on_line", "is no number"),
        ("- id: outcome\n", "- id: capability\n", "stands twice"),
    ],
)
def test_a_file_of_definitions_is_refused_with_what_is_wrong(
    framework: Framework, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, old: str, new: str, message: str
) -> None:
    text = (defined.FOLDER / "lianghua.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "lianghua.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(defined, "FOLDER", tmp_path)
    with pytest.raises(ContentError, match=message):
        definitions.__wrapped__(framework)


def test_rules_know_what_they_read(framework: Framework) -> None:
    read = set(defined.names_read(criteria(framework)["smart_ready"]))
    assert read == {
        "key_processes_controlled",
        "key_processes_total",
        "vertical_integration",
        "supply_chain_integration",
    }


def test_an_integration_of_all_needs_every_part_to_apply(framework: Framework, few: Population) -> None:
    rule = criteria(framework)["plm"]
    process = replace(few, profiles=tuple(profile | {"production_type": "process"} for profile in few.profiles))
    assert defined.is_met(rule, framework.edition, process.profiles[0], {}) is None

"""The methodology shown is the edition's own: what changes in the edition changes here."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from maturity.adaptive.framework import Framework, parse_framework
from maturity.editions.service import canonical
from maturity.public.methodology import Methodology, methodology_of
from maturity.questionnaires.loader import read_bundle
from tests.conftest import EDITION


def copied(change: Callable[[dict[str, Any]], None]) -> Methodology:
    """The methodology of a copy of the edition with something changed."""
    bundle = json.loads(canonical(read_bundle(EDITION)))
    change(bundle)
    return methodology_of(parse_framework(bundle))


def dimension(method: Methodology, name: str) -> Any:
    return next(item for item in method.dimensions if item.id == name)


def indicator(method: Methodology, name: str) -> Any:
    return next(
        item for part in method.dimensions for group in part.groups for item in group.indicators if item.id == name
    )


def marks(method: Methodology) -> list[str]:
    return [shown for _, shown in indicator(method, "cnc_rate").full_marks]


def test_everything_that_scores_is_there(framework: Framework) -> None:
    method = methodology_of(framework)
    shown = {item.id for part in method.dimensions for group in part.groups for item in group.indicators}
    assert shown == set(framework.scoring.indicators)
    assert [level.level for level in method.levels] == list(framework.levels)


@pytest.mark.parametrize("role", ["capability", "outcome"])
def test_the_shares_of_a_role_are_a_hundred_percent(framework: Framework, role: str) -> None:
    shares = [float(item.weight) for item in methodology_of(framework).dimensions if item.role == role]
    assert sum(shares) == pytest.approx(100)


def test_another_weight_of_a_dimension_changes_its_share_and_its_siblings() -> None:
    def change(bundle: dict[str, Any]) -> None:
        bundle["scoring"]["dimensions"][0]["weight"]["values"] = {"2020-01-01": 60}

    method = copied(change)
    assert dimension(method, "B").weight == "42.9"  # 60 of 140
    assert dimension(method, "S").weight == "21.4"  # 30 of 140


def test_another_weight_rule_or_wording_of_an_indicator_is_shown() -> None:
    def change(bundle: dict[str, Any]) -> None:
        cnc = bundle["indicators"]["cnc_rate"]
        cnc["weight"]["values"] = {"2020-01-01": 9}
        cnc["definition"] = {"zh": "另一种口径", "en": "another definition"}

    shown = indicator(copied(change), "cnc_rate")
    assert shown.weight == "9"
    assert shown.words.body.en == "another definition"


def test_another_full_mark_is_shown_for_every_production_type_it_differs_for() -> None:
    def change(bundle: dict[str, Any]) -> None:
        bundle["parameters"]["cnc_rate_full"]["values"] = {
            "2020-01-01": {"discrete_mass": "85.5", "discrete_small_batch": 80, "process": 95, "mixed": 90}
        }

    assert marks(copied(change)) == ["85.5 / 80 / 95 / 90"]


def test_another_gate_is_shown() -> None:
    def change(bundle: dict[str, Any]) -> None:
        gate = bundle["scoring"]["levels"][1]["gates"][0]["at_least"]
        bundle["parameters"][gate]["values"] = {"2020-01-01": 47}

    assert copied(change).levels[1].gates[0][1] == "≥ 47"


def test_a_parameter_is_shown_as_it_holds_for_the_period(framework: Framework) -> None:
    bundle = json.loads(canonical(read_bundle(EDITION)))
    bundle["parameters"]["cnc_rate_full"]["values"] = {"2020-01-01": 70, "2027-01-01": 99}
    changed = parse_framework(bundle)
    assert methodology_of(changed).period == framework.edition.valid_from.year - 1
    assert marks(methodology_of(changed)) == ["70"]
    assert marks(methodology_of(changed, 2027)) == ["99"]


def test_every_indicator_says_where_it_comes_from(framework: Framework) -> None:
    for part in methodology_of(framework).dimensions:
        for group in part.groups:
            for item in group.indicators:
                assert item.words.provenance.split()[0].rstrip(":;,") in ("Q", "QD", "Q2", "M", "M?", "I"), item.id

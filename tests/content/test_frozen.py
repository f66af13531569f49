"""The frozen results: scoring again what was scored once gives the same bytes, on every machine and for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from maturity.adaptive.framework import Framework, load_framework
from maturity.editions.service import canonical, digest
from tests.content.freeze import (
    DRAFT,
    AlreadyReleased,
    document_of,
    freeze,
    frozen_file,
    frozen_files,
    main,
    rescored,
)
from tests.content.golden import Scenario, read_scenario, scenario_files

SCENARIOS = [read_scenario(path) for path in scenario_files()]
LIANGHUA = [scenario for scenario in SCENARIOS if scenario.slug == "lianghua/2026.1"]
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.slug}/{scenario.id}")
framework_of = lru_cache(load_framework)
AGAIN = "If the edition is a draft and the scenario has been worked out anew: python -m tests.content.freeze"


def as_status(framework: Framework, status: str) -> Framework:
    return replace(framework, edition=replace(framework.edition, status=status))


@pytest.mark.parametrize("file", frozen_files(), ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_scoring_a_frozen_result_again_gives_the_same_bytes(file: Path) -> None:
    document = json.loads(file.read_bytes())
    framework = framework_of(f"{document['edition']['framework']}/{document['edition']['edition']}")
    assert canonical(rescored(document, framework)) == file.read_bytes(), AGAIN


@every_scenario
def test_every_scenario_is_frozen_as_it_stands(scenario: Scenario) -> None:
    content = canonical(document_of(scenario, framework_of(scenario.slug)))
    assert frozen_file(scenario).read_bytes() == content, AGAIN


def test_nothing_is_frozen_that_no_scenario_stands_behind() -> None:
    assert set(frozen_files()) == {frozen_file(scenario) for scenario in SCENARIOS}


@every_scenario
def test_a_frozen_result_is_the_one_worked_out_by_hand(scenario: Scenario) -> None:
    score = json.loads(frozen_file(scenario).read_bytes())["score"]
    assert score["level"] == scenario.expected.level
    assert score["capability"]["exact"] == str(scenario.expected.capability.value)
    assert score["outcome"]["exact"] == str(scenario.expected.outcome.value)


def test_a_draft_is_frozen_without_its_hash_and_a_released_edition_with_it(framework: Framework) -> None:
    scenario = LIANGHUA[0]
    assert document_of(scenario, as_status(framework, DRAFT))["edition"]["sha256"] is None
    pilot = document_of(scenario, as_status(framework, "pilot"))["edition"]
    assert pilot["sha256"] == digest(canonical(framework.bundle))


def test_freezing_twice_changes_nothing(tmp_path: Path) -> None:
    pairs = [(scenario, framework_of(scenario.slug)) for scenario in SCENARIOS]
    assert len(freeze(pairs, tmp_path)) == len(SCENARIOS)
    assert freeze(pairs, tmp_path) == ()


def test_a_draft_may_be_frozen_again_and_a_released_edition_may_not(framework: Framework, tmp_path: Path) -> None:
    scenario = LIANGHUA[0]
    later = replace(scenario, period=scenario.period - 1)
    draft, published = as_status(framework, DRAFT), as_status(framework, "published")
    freeze([(scenario, draft)], tmp_path)
    assert freeze([(later, draft)], tmp_path)
    assert freeze([(scenario, published)], tmp_path)
    kept = frozen_file(scenario, tmp_path).read_bytes()
    with pytest.raises(AlreadyReleased, match=scenario.id):
        freeze([(later, published)], tmp_path)
    with pytest.raises(AlreadyReleased, match=scenario.id):
        freeze([(LIANGHUA[1], published), (scenario, draft)], tmp_path)
    assert frozen_file(scenario, tmp_path).read_bytes() == kept
    assert not frozen_file(LIANGHUA[1], tmp_path).exists()


def test_the_command_says_what_it_froze(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tmp_path) == 0
    assert f"{len(SCENARIOS)} scenarios, {len(SCENARIOS)} frozen anew" in capsys.readouterr().out
    assert main(tmp_path) == 0
    assert f"{len(SCENARIOS)} scenarios, 0 frozen anew" in capsys.readouterr().out


def test_the_command_refuses_to_change_a_released_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    released = frozen_file(LIANGHUA[0], tmp_path)
    released.parent.mkdir()
    released.write_bytes(canonical({"edition": {"status": "published"}}))
    assert main(tmp_path) == 1
    assert "refused" in capsys.readouterr().err
    assert frozen_files(tmp_path) == (released,)

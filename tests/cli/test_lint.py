"""Lint tells an author everything that is wrong: edition, file, key and mend, and never a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from maturity.content import parse_yaml
from maturity.questionnaires.loader import LIBRARY, editions
from tests.cli.commands import Commands

EDITION = "lianghua/2026.1"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


def change(library: Path, file: str, edit: Callable[[Any], Any]) -> None:
    path = library / file
    data = parse_yaml(path.read_text(encoding="utf-8"), file)
    path.write_text(yaml.safe_dump(edit(data), allow_unicode=True), encoding="utf-8")


def found(run: Commands, library: Path) -> list[dict[str, str]]:
    outcome = run("lint", str(library), "--json")
    assert (outcome.status, outcome.err) == (1, "")
    return list(outcome.json["problems"])


def test_the_built_in_library_is_clean(run: Commands) -> None:
    outcome = run("lint")
    assert outcome.status == 0
    assert outcome.out == f"{len(editions())} 个版本，0 处问题\n"


BROKEN = {
    "syntax": (f"{EDITION}/questions/design_tools.yaml", lambda _: "[", "design_tools.yaml"),
    "a list that is none": (f"{EDITION}/plausibility/rd.yaml", lambda _: True, "plausibility/rd.yaml"),
    "an entry that is none": (f"{EDITION}/indicators/rd.yaml", lambda data: [*data, 5], "indicators/rd.yaml"),
    "facts that are none": (f"{EDITION}/questions/design_tools.yaml", lambda d: d | {"facts": 5}, "design_tools.yaml"),
    "options that are none": ("facts/rd.yaml", lambda d: [d[0] | {"options": 5}, *d[1:]], "facts"),
    "no scoring": (f"{EDITION}/scoring.yaml", lambda _: None, "scoring.yaml"),
    "no manifest keys": (f"{EDITION}/manifest.yaml", lambda _: {"framework": "lianghua"}, "manifest.yaml"),
    "a full mark of zero": (
        f"{EDITION}/parameters/infrastructure.yaml",
        lambda data: [item | {"values": {"2020-01-01": 0}} for item in data],
        "indicators",
    ),
    "a parameter without values": (
        f"{EDITION}/parameters/rd.yaml",
        lambda data: [data[0] | {"values": {}}, *data[1:]],
        "parameters",
    ),
    "a parameter that begins too late": (
        f"{EDITION}/parameters/rd.yaml",
        lambda data: [data[0] | {"values": {"2090-01-01": 5}}, *data[1:]],
        "parameters",
    ),
    "an archetype without a title": (
        "archetypes.yaml",
        lambda data: [{key: value for key, value in item.items() if key != "title"} for item in data],
        "archetypes.yaml",
    ),
    "an archetype of no known industry": (
        "archetypes.yaml",
        lambda data: [item | {"enterprise": item["enterprise"] | {"industry": "99"}} for item in data],
        "archetypes.yaml",
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_broken_library_ends_with_1_and_names_file_key_and_mend(run: Commands, library: Path, mistake: str) -> None:
    file, edit, named = BROKEN[mistake]
    change(library, file, edit)
    problems = found(run, library)
    assert any(named in problem["file"] for problem in problems)
    assert all(problem["key"] and problem["message"] and problem["mend"] for problem in problems)


def test_a_stage_without_a_gate_is_refused(run: Commands, library: Path) -> None:
    def open_the_top(scoring: dict[str, Any]) -> dict[str, Any]:
        del scoring["levels"][-1]["gates"]
        return scoring

    change(library, f"{EDITION}/scoring.yaml", open_the_top)
    assert "level 4 has no gate" in found(run, library)[0]["message"]


def test_a_question_that_scores_nothing_is_named(run: Commands, library: Path) -> None:
    change(library, f"{EDITION}/indicators/security.yaml", lambda data: data[1:])
    lost = parse_yaml((LIBRARY / EDITION / "indicators/security.yaml").read_text(encoding="utf-8"), "")[0]
    problems = found(run, library)
    assert [problem["file"] for problem in problems] == [f"questions/{next(iter(lost['facts'].values()))}.yaml"]


def test_every_problem_is_told_at_once(run: Commands, library: Path) -> None:
    for name in ("design_tools", "cae_use"):
        change(library, f"{EDITION}/questions/{name}.yaml", lambda data: data | {"wording": {"zh": "只有中文"}})
    outcome = run("lint", str(library))
    assert outcome.status == 1
    for name in ("design_tools", "cae_use"):
        assert f"{EDITION}: questions/{name}.yaml: wording.en: is missing or empty. Mend: " in outcome.out


def test_a_folder_that_is_no_library_is_wrong_use(run: Commands, tmp_path: Path) -> None:
    assert run("lint", str(tmp_path)).status == 2
    assert run("lint", str(LIBRARY / "archetypes.yaml")).status == 2

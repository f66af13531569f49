"""The keys of `--json` are the documented ones: nothing undocumented, nothing promised that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maturity.cli import _parser
from tests.cli.commands import ENTERPRISE, ROOT, Commands

PAGE = ROOT / "docs" / "command-line.md"
FACTS = "facts: {key_processes_controlled: 9, key_processes_total: 8, design_tools: manual, mbd_use: trial}\n"


def documented(heading: str) -> set[str]:
    """The keys in the tables under a heading."""
    part = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    section = next(text for text in part if text.startswith(heading))
    return set(re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE))


def paths(data: Any, prefix: str = "") -> Iterator[str]:
    """Every path of keys in the output, written as the page writes them."""
    if isinstance(data, dict):
        for key, value in data.items():
            named = "<id>" if prefix.endswith(("dimensions", "parameters", "levels", "provenance")) else key
            yield from paths(value, f"{prefix}.{named}" if prefix else named)
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        for item in data:
            yield from paths(item, f"{prefix}[]")
    else:
        yield f"{prefix}[]" if isinstance(data, list) else prefix


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", []):
        yield from nodes(child)


def explained(tree: dict[str, Any]) -> Iterator[str]:
    """The tree's own keys, those of its nodes once for all depths."""
    for key, value in tree.items():
        if key not in ("capability", "outcome"):
            yield from paths(value, f"explanation.{key}")
            continue
        for node in nodes(value):
            plain = {name: part for name, part in node.items() if name not in ("children", "value")}
            yield from paths(plain, "explanation.<total>")
            yield "explanation.<total>.value"
            if "children" in node:
                yield "explanation.<total>.children[]"


def test_the_keys_of_a_score_are_the_documented_ones(run: Commands) -> None:
    output = run("score", run.file(ENTERPRISE + FACTS), "--json", "--explain").json
    tree = output.pop("explanation")
    assert {*paths(output), *explained(tree)} == documented("`score`")


@pytest.mark.parametrize("command", ["path", "census"])
def test_the_keys_of_a_command_are_the_documented_ones(run: Commands, command: str) -> None:
    line = (command, run.file(ENTERPRISE)) if command == "path" else (command,)
    assert set(paths(run(*line, "--json").json)) == documented(f"`{command}`")


@pytest.mark.parametrize("command", ["settled", "crosswalk"])
def test_the_keys_of_a_command_over_answers_are_the_documented_ones(run: Commands, command: str) -> None:
    facts = "facts: {erp_functions: {finance: shared, purchasing: shared, inventory: shared, sales: shared, "
    facts += "planning: shared, cost: shared, hr: shared}, sales_online: 4, sales_total: 90}\n"
    output = run(command, run.file(ENTERPRISE + facts), "--json").json
    if command == "crosswalk":  # an empty list says nothing about what is in one
        output["frameworks"] = [entry for entry in output["frameworks"] if entry["derived"]]
        assert output["frameworks"]
    assert set(paths(output)) == documented(f"`{command}`")


def test_the_keys_of_lint_are_the_documented_ones(run: Commands, tmp_path: Path) -> None:
    (tmp_path / "some" / "2026.1").mkdir(parents=True)
    (tmp_path / "some" / "2026.1" / "manifest.yaml").write_text("a: [\n")
    assert set(paths(run("lint", str(tmp_path), "--json").json)) == documented("`lint`")


def test_the_keys_of_calibrate_are_the_documented_ones(run: Commands) -> None:
    assert set(paths(run("calibrate", "--count", "400", "--json").json)) == documented("`calibrate`")


def test_the_keys_of_booklet_are_the_documented_ones(
    run: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maturity.cli_booklet.render_pdf", lambda _html, _identity: b"%PDF-1.7")
    line = ("booklet", "--variant", "process", "--output", str(tmp_path / "booklet.pdf"), "--json")
    assert set(paths(run(*line).json)) == documented("`booklet`")


def test_the_keys_of_wrong_use_are_the_documented_ones(run: Commands) -> None:
    assert set(paths(run("score", "--json").json)) == documented("Wrong use")


@pytest.mark.parametrize("command", ["score", "path", "settled", "crosswalk", "census", "calibrate", "booklet", "lint"])
def test_every_command_and_option_is_documented_and_helps(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _parser("en").parse_args([command, "--help"])
    page, told = PAGE.read_text(encoding="utf-8"), capsys.readouterr().out
    assert ended.value.code == 0
    assert f"| `{command}" in page
    for option in set(re.findall(r"--[a-z]+", told)) - {"--help"}:
        assert f"`{option}" in page, option

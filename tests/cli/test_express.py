"""`express` and `express-calibration`: what they say, what they refuse."""

from __future__ import annotations

import pytest

from maturity import cli_express
from tests.cli.commands import ENTERPRISE, ROOT, Commands

PARTS_MAKER = str(ROOT / "docs" / "examples" / "parts-maker.yaml")


def test_a_blank_sheet_gets_an_estimate_that_is_not_over_and_a_question(run: Commands) -> None:
    outcome = run("express", run.file(ENTERPRISE), "--json")
    assert outcome.status == 1
    assert outcome.json["standing"] == "estimate"
    assert not outcome.json["over"]
    assert outcome.json["possible"] == [1, 4]
    assert outcome.json["next"]["question"]
    assert sum(outcome.json["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    said = run("express", run.file(ENTERPRISE), "--lang", "en").out
    assert "An estimate, never certified." in said
    assert "Ask next:" in said


def test_a_whole_sheet_is_certain_and_its_level_that_of_the_score(run: Commands) -> None:
    outcome = run("express", PARTS_MAKER, "--json")
    assert outcome.status == 0
    assert outcome.json["certain"]
    assert outcome.json["next"] is None
    assert outcome.json["level"] == run("score", PARTS_MAKER, "--json").json["level"]


def test_an_edition_without_calibration_is_refused(run: Commands) -> None:
    outcome = run("express", run.file(ENTERPRISE), "--framework", "sme", "--lang", "en")
    assert outcome.status == 2
    assert "There is no calibration of express for sme/2024" in outcome.err


def test_a_calibration_of_another_edition_is_refused(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_express, "edition_hash", lambda _framework: "0" * 64)
    outcome = run("express", run.file(ENTERPRISE), "--lang", "en")
    assert outcome.status == 2
    assert "There is no calibration of express" in outcome.err


def test_the_kept_calibration_is_made_again_by_the_command(run: Commands) -> None:
    outcome = run("express-calibration", "--held-out", "100", "--json")
    assert outcome.json["same"]
    assert not outcome.json["written"]
    assert outcome.json["population"] == 100


@pytest.mark.parametrize(("count", "framework"), [("99", "lianghua"), ("100", "sme")])
def test_what_cannot_be_measured_is_refused(run: Commands, count: str, framework: str) -> None:
    outcome = run("express-calibration", "--held-out", count, "--framework", framework)
    assert outcome.status == 2
    assert outcome.err

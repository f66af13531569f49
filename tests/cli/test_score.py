"""Scoring a file: the figures, the period they stand for, and what is only provisional."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import Framework
from maturity.assessments.submission import score_summary
from maturity.cli import first_period, score_report
from maturity.clock import FixedClock
from maturity.scoring.engine import aggregate, prepare
from maturity.scoring.explanation import leaves
from tests.answers import profile, random_facts
from tests.cli.commands import ENTERPRISE, Commands

EXAMPLE = "docs/examples/parts-maker.yaml"


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    monkeypatch.chdir(repository)


def test_a_whole_and_plausible_file_is_scored_and_ends_with_0(run: Commands) -> None:
    outcome = run("score", EXAMPLE, "--json")
    assert outcome.status == 0
    assert (outcome.json["unanswered"], outcome.json["findings"], outcome.json["off_path"]) == ([], [], [])
    assert Fraction(outcome.json["capability"]["exact"]) > 0


def test_unanswered_questions_make_the_score_provisional_and_end_with_1(run: Commands) -> None:
    outcome = run.score("  network_coverage: half\n", "--lang", "en")
    assert outcome.status == 1
    assert "provisional: " in outcome.out
    assert "network_coverage" not in outcome.out.partition("unanswered")[2]
    assert "master_data" in outcome.out.partition("unanswered")[2]


def test_a_contradiction_is_a_finding_and_ends_with_1(run: Commands) -> None:
    outcome = run.score("  key_processes_controlled: 9\n  key_processes_total: 8\n", "--json")
    assert outcome.status == 1
    assert [(found["rule"], found["severity"]) for found in outcome.json["findings"]] == [
        ("controlled_within_key", "error")
    ]


def test_a_finding_is_told_in_the_language_asked_for(run: Commands) -> None:
    facts = "  key_processes_controlled: 9\n  key_processes_total: 8\n"
    assert "矛盾：受控关键工序（9 道）不能多于" in run.score(facts).out
    assert "error: Key processes under control (9) cannot exceed" in run.score(facts, "--lang", "en").out


def test_a_fact_off_the_path_does_not_count_and_is_named(run: Commands) -> None:
    plain = run.score("  design_tools: manual\n", "--json")
    more = run.score("  design_tools: manual\n  mbd_use: trial\n  loops_total: 9\n", "--json")
    assert more.json["off_path"] == ["loops_total", "mbd_use"]
    assert more.json["capability"] == plain.json["capability"]


def test_the_period_is_the_last_complete_year_and_says_so(run: Commands) -> None:
    outcome = run.score("  staff_total: 350\n", "--json")
    assert (outcome.json["period"], outcome.json["period_from"]) == (2025, "clock")
    assert "period: 2025" in run.score("  staff_total: 350\n").out


def test_the_last_complete_year_follows_the_calendar_of_the_people_who_use_it(run: Commands) -> None:
    midnight = FixedClock(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))  # already 2027 in Beijing
    assert run("score", run.file(ENTERPRISE), "--json", clock=midnight).json["period"] == 2026


def test_a_period_in_the_file_makes_the_result_the_same_in_every_year(run: Commands) -> None:
    file = run.file(f"{ENTERPRISE}period: 2024\nfacts: {{staff_total: 350}}\n")
    now = run("score", file, "--json")
    later = run("score", file, "--json", clock=FixedClock(datetime(2031, 1, 1, tzinfo=UTC)))
    assert (now.json["period"], now.json["period_from"]) == (2024, "file")
    assert now.out == later.out


def test_the_option_goes_before_the_file(run: Commands) -> None:
    file = run.file(f"{ENTERPRISE}period: 2024\n")
    outcome = run("score", file, "--period", "2023", "--json")
    assert (outcome.json["period"], outcome.json["period_from"]) == (2023, "option")


def test_the_first_period_is_the_first_in_which_everything_can_be_scored(framework: Framework) -> None:
    first = first_period(framework)
    assert prepare(framework.scoring, period_end(first), "process").numbers
    with pytest.raises(LookupError):
        prepare(framework.scoring, period_end(first - 1), "process")


@pytest.mark.parametrize("seed", range(6))
def test_the_figures_are_those_of_the_site(framework: Framework, seed: int) -> None:
    evaluation = evaluate(framework, profile(), random_facts(framework, seed), period_end(2025))
    shown, stored = score_report(framework, evaluation, "en"), score_summary(evaluation.score)
    assert shown["level"] == stored["level"]
    for name in ("capability", "outcome"):
        assert shown[name] == stored[name]
    for name, figures in stored["dimensions"].items():
        assert {key: shown["dimensions"][name][key] for key in figures} == figures


def test_a_dimension_just_below_its_gate_does_not_show_as_the_gate(framework: Framework) -> None:
    evaluation = evaluate(framework, profile(), {}, period_end(2025))
    prepared = prepare(framework.scoring, period_end(2025), "mixed")
    almost = {name: Fraction(399_999, 1_000_000) for name in framework.scoring.indicators}
    score = aggregate(prepared, almost, evaluation.score.applicable)
    report = score_report(framework, type(evaluation)(evaluation.path, score, ()), "en")
    gate = next(item for item in report["blocking"] if item["dimension"] == "B")
    assert (gate["threshold"], gate["actual"]["rounded"], gate["gap"]["rounded"]) == ("40", "39.99", "0.01")
    assert report["dimensions"]["C"]["rounded"] == "40.00"  # no gate stands at C


def test_the_gates_that_stop_the_next_level_are_named_with_what_is_missing(run: Commands) -> None:
    outcome = run("score", EXAMPLE, "--json").json
    gate = outcome["blocking"][0]
    assert gate["level"] == outcome["level"] + 1
    assert Fraction(gate["gap"]["exact"]) == Fraction(gate["threshold"]) - Fraction(gate["actual"]["exact"])


def test_the_explanation_adds_up_to_the_score(run: Commands) -> None:
    outcome = run("score", EXAMPLE, "--explain", "--json").json
    answers = leaves(outcome["explanation"]["capability"])
    assert sum(Fraction(leaf["contribution"]) for leaf in answers) == Fraction(outcome["capability"]["exact"])


def test_the_explanation_is_readable_down_to_the_answers(run: Commands) -> None:
    lines = run("score", EXAMPLE, "--explain", "--lang", "en").out.splitlines()
    start = lines.index(next(line for line in lines if line.strip().startswith("CNC rate")))
    assert "ratio@1" in lines[start]
    assert lines[start + 1].strip() == 'Key processes under numerical or automatic control: "41"'


def test_names_and_stages_are_in_the_language_asked_for(run: Commands) -> None:
    assert "第 1 级  起步建设" in run("score", EXAMPLE).out
    assert "level 1  Initial construction" in run("score", EXAMPLE, "--lang", "en").out


def test_json_and_yaml_say_the_same(run: Commands) -> None:
    yaml = run.file(f"{ENTERPRISE}facts: {{it_investment: 144.5, operating_revenue: 24000}}\n")
    json = run.file(
        '{\n\t"enterprise": {"industry": "36", "region": "330200", "headcount": 350, "revenue": 24000,\n'
        '\t\t"production_type": "discrete_mass", "designs_products": true},\n'
        '\t"facts": {"it_investment": 144.5, "operating_revenue": 24000}\n}',
        "case.json",
    )
    assert run("score", json, "--json").out == run("score", yaml, "--json").out


def test_a_number_is_read_exactly(run: Commands) -> None:
    outcome = run.score("  it_investment: 0.1\n  operating_revenue: 3\n", "--json", "--explain").json
    carriers = {leaf["id"]: leaf["value"] for leaf in leaves(outcome["explanation"]["capability"])}
    assert carriers["it_investment"] == "0.1"

from __future__ import annotations

import yaml

from maturity.adaptive.framework import load_framework
from maturity.questionnaires.values import to_json
from tests.answers import best_value, worst_value
from tests.cli.commands import ENTERPRISE, ROOT, Commands

PARTS_MAKER = str(ROOT / "docs" / "examples" / "parts-maker.yaml")


def sheet(extreme, *sections: str) -> str:
    """The facts of whole sections, answered at one end."""
    edition = load_framework("lianghua/2026.1").edition
    questions = [edition.questions[name] for section in sections for name in edition.section(section).questions]
    facts = {name: to_json(extreme(edition.facts[name])) for question in questions for name in question.facts}
    whole = {name: str(fact.minimum) for name, fact in edition.facts.items() if name in facts and fact.minimum}
    facts |= {name: least for name, least in whole.items() if facts[name] == "0"}
    return ENTERPRISE + yaml.safe_dump({"facts": facts}, allow_unicode=True)


def test_a_blank_sheet_is_not_settled_and_says_what_to_ask(run: Commands) -> None:
    outcome = run("settled", run.file(ENTERPRISE), "--json")
    assert outcome.status == 1
    assert outcome.json["level"] == {"lowest": 1, "highest": 4}
    assert len(outcome.json["next"]) == outcome.json["remaining"][0] > 40


def test_a_settled_level_is_named_with_what_is_left(run: Commands) -> None:
    everything_bad = sheet(worst_value, "infrastructure", "governance", "production", "management", "security")
    outcome = run("settled", run.file(everything_bad), "--json")
    assert outcome.status == 0
    assert outcome.json["settled"]
    assert outcome.json["level"] == {"lowest": 1, "highest": 1}
    fewest, most = outcome.json["remaining"]
    assert 0 < fewest <= most
    said = run("settled", run.file(everything_bad), "--lang", "en").out
    assert f"the {fewest} to {most} questions left cannot change it" in said


def test_a_whole_sheet_is_its_score(run: Commands) -> None:
    score = run("score", PARTS_MAKER, "--json").json
    settled = run("settled", PARTS_MAKER, "--json").json
    assert settled["level"] == {"lowest": score["level"], "highest": score["level"]}
    assert settled["capability"]["lowest"] == settled["capability"]["highest"] == score["capability"]


def test_the_same_answers_are_scored_under_every_other_framework(run: Commands) -> None:
    report = run("crosswalk", PARTS_MAKER, "--json").json
    assert {entry["edition"].split("/")[0] for entry in report["frameworks"]} >= {"dii", "sme", "smart"}
    assert "lianghua" not in {entry["edition"].split("/")[0] for entry in report["frameworks"]}
    for entry in report["frameworks"]:
        assert entry["facts"]["known"] <= entry["facts"]["all"]
        assert entry["facts"]["shared"] + entry["facts"]["derived"] <= entry["facts"]["known"]
        assert entry["level"]["lowest"] <= entry["level"]["highest"]
        assert (not entry["missing"]) == (entry["remaining"][0] == 0)


def test_a_framework_without_levels_offers_a_result_and_no_level(run: Commands) -> None:
    said = run("crosswalk", PARTS_MAKER, "--lang", "en").out
    assert "16 to 16 more answers give the result; this framework has no levels" in said
    assert "No level to Level 2 possible now" in said


def test_more_answers_never_mean_more_questions_elsewhere(run: Commands) -> None:
    blank = run("crosswalk", run.file(ENTERPRISE), "--json").json["frameworks"]
    known = run("crosswalk", run.file(sheet(best_value, "management", "ecommerce", "production")), "--json").json
    left = {entry["edition"]: entry["remaining"][1] for entry in blank}
    after = {entry["edition"]: entry["remaining"][1] for entry in known["frameworks"]}
    assert all(after[name] <= left[name] for name in left)
    assert sum(after.values()) < sum(left.values())


def test_the_census_counts_what_the_main_questionnaire_already_tells(run: Commands) -> None:
    """The targets of the crosswalk: 60 % of the facts of the SME level, 45 % of those of smart manufacturing."""
    rows = {row["edition"]: row for row in run("census", "--json").json["editions"]}
    assert float(rows["sme/2024"]["known_after_main"]["known"]) >= 60
    assert float(rows["smart/2020"]["known_after_main"]["known"]) >= 45
    assert rows["lianghua/2026.1"]["known_after_main"]["known"] is None
    for row in rows.values():
        assert sum(row["provenance"].values()) > row["questions"]

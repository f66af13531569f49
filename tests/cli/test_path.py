from __future__ import annotations

from tests.cli.commands import ENTERPRISE, Commands

DIGITAL = "facts: {design_tools: cad_3d_cae}\n"


def standings(run: Commands, content: str) -> dict[str, str]:
    return {step["question"]: step["standing"] for step in run("path", run.file(content), "--json").json["steps"]}


def test_a_blank_sheet_leaves_everything_to_ask_and_ends_with_1(run: Commands) -> None:
    outcome = run("path", run.file(ENTERPRISE), "--json")
    assert outcome.status == 1
    assert outcome.json["remaining"][0] == sum(step["standing"] == "asked" for step in outcome.json["steps"])


def test_a_complete_file_ends_with_0(run: Commands) -> None:
    assert run("path", "docs/examples/parts-maker.yaml").status == 0


def test_an_answer_opens_what_builds_on_it_and_another_closes_it(run: Commands) -> None:
    assert standings(run, ENTERPRISE)["cae_use"] == "open"
    assert standings(run, ENTERPRISE + DIGITAL)["cae_use"] == "asked"
    assert standings(run, ENTERPRISE + "facts: {design_tools: manual}\n")["cae_use"] == "absent"


def test_the_profile_decides_what_does_not_apply(run: Commands) -> None:
    assert standings(run, ENTERPRISE)["control_loops"] == "not_applicable"
    assert standings(run, ENTERPRISE.replace("discrete_mass", "process"))["control_loops"] == "asked"


def test_the_list_says_in_words_what_is_asked_and_why_not(run: Commands) -> None:
    file = run.file(ENTERPRISE)
    for lang, words in (("zh", "不适用"), ("en", "not applicable")):
        line = next(line for line in run("path", file, "--lang", lang).out.splitlines() if "control_loops" in line)
        assert line.startswith("[ ] control_loops")
        assert words in line


def test_the_last_line_counts_what_is_left(run: Commands) -> None:
    file = run.file(ENTERPRISE + DIGITAL)
    fewest, most = run("path", file, "--json").json["remaining"]
    last = run("path", file, "--lang", "en").out.splitlines()[-1]
    assert last == f"asked {fewest + 1}, answered 1, left {fewest} to {most}"

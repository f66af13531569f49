"""The documents are true: links, names, commands, examples and words are held against the code base."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from babel.messages.pofile import read_po
from flask.cli import FlaskGroup, ScriptInfo

from config import from_env
from maturity.adaptive.evaluation import period_end
from maturity.adaptive.framework import Framework
from maturity.cli import main
from maturity.content import parse_yaml
from maturity.demo import service as demo
from maturity.demo.profiles import SIZE
from maturity.questionnaires.conditions import FACT_OPERATORS, PROFILE_OPERATORS, UPWARD_OPERATORS
from maturity.questionnaires.loader import LIBRARY
from maturity.questionnaires.parsing import WIDGETS
from maturity.questionnaires.path import Standing
from maturity.questionnaires.values import FACT_TYPES
from maturity.reference import figure_store, figures
from maturity.scoring.engine import prepare
from maturity.scoring.explanation import walk
from maturity.scoring.rules import RULES
from maturity.tenancy.models import KINDS, ROLES
from maturity.tenancy.permissions import Permission, permissions_of
from tests import documents
from tests.documents import DOCUMENTS, ROOT, read

ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
CODE = ("maturity", "templates", "static", "tests", "scripts", "migrations", "config.py", "requirements.in")
EXAMPLE = "docs/examples/parts-maker.yaml"
FOLDERS = ("maturity", "templates", "static", "tests", "scripts", "migrations", "docs", "perf")
CATALOGUE = ROOT / "maturity/translations/zh_Hans_CN/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)s")
HAN = re.compile(r"[\u4e00-\u9fff]")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_link_leads_to_a_file_of_the_repository(path: Path) -> None:
    targets = {target: (path.parent / target).resolve() for target in documents.local_links(path.read_text("utf-8"))}
    broken = [name for name, target in targets.items() if not (target.exists() and target.is_relative_to(ROOT))]
    assert not broken, f"Correct these links: {broken}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_path_named_in_a_document_exists(path: Path) -> None:
    named = [span for span in documents.spans(path.read_text("utf-8")) if span.partition("/")[0] in FOLDERS]
    plain = [span for span in named if re.fullmatch(r"[\w./-]+", span)]
    assert not [span for span in plain if not (ROOT / span).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_no_document_names_a_machine_or_a_registry(path: Path) -> None:
    assert not documents.foreign(path.read_text("utf-8"))


def test_the_index_of_documents_holds_every_one() -> None:
    listed = {target for target in documents.local_links(read("docs/README.md")) if "/" not in target}
    assert listed == {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))


def test_the_index_of_decisions_holds_every_one_with_its_title() -> None:
    rows = documents.tables(read("docs/adr/README.md"))[0][1:]
    titles = [path.read_text("utf-8").partition("\n")[0].removeprefix("# ") for path in ADRS]
    assert [f"{path.name[:4]} {title}" for path, (_, title) in zip(ADRS, rows, strict=True)] == titles
    assert documents.local_links("\n".join(row[0] for row in rows)) == [path.name for path in ADRS]


@pytest.mark.parametrize("path", ADRS, ids=_name)
def test_a_decision_gives_context_consequences_and_alternatives(path: Path) -> None:
    text = path.read_text("utf-8")
    for heading in ("Context", "Decision", "Consequences", "Alternatives"):
        assert len(documents.section(text, heading).split()) > 10, heading


def _code_files() -> Iterator[Path]:
    for name in CODE:
        found = (ROOT / name).rglob("*") if (ROOT / name).is_dir() else [ROOT / name]
        yield from (path for path in found if path.suffix in {".py", ".html", ".js", ".css", ".yaml", ".in", ".sh"})


def test_every_decision_the_code_refers_to_exists() -> None:
    named = {number for path in _code_files() for number in re.findall(r"ADR (\d{4})", path.read_text("utf-8"))}
    assert {"0004", "0006", "0007"} <= named, "The search finds nothing any more; mend it."
    assert named <= {path.name[:4] for path in ADRS}


def _steps() -> list[str]:
    return subprocess.run([ROOT / "check", "--list"], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(("document", "heading"), [("README.md", "Check it"), ("README.zh.md", "检查")])
def test_the_readme_names_the_steps_of_check_in_order(document: str, heading: str) -> None:
    named = documents.spans(documents.section(read(document), heading))
    assert [span for span in named if re.fullmatch(r"[a-z]+(-[a-z]+)?", span)][: len(_steps())] == _steps()


def test_contributing_explains_every_step_of_check() -> None:
    rows = documents.tables(documents.section(read("CONTRIBUTING.md"), "The gate"))[0][1:]
    assert [row[0].strip("`") for row in rows] == _steps()


@pytest.mark.parametrize("document", ["README.md", "README.zh.md"])
def test_the_readme_gives_the_options_of_run_with_their_defaults(document: str, monkeypatch: Any) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    options = vars(import_module("supervise").parse([]))
    defaults = {f"--{name}": str(value) for name, value in options.items() if value is not False}
    defaults["--data"] = str(Path(defaults["--data"]).relative_to(ROOT))
    defaults["--small"] = "关" if ".zh" in document else "off"
    rows = documents.tables(read(document))[0][1:]
    assert {row[0].strip("`").split()[0]: row[2].strip("`") for row in rows} == defaults


@pytest.mark.parametrize("document", ["README.md", "README.zh.md"])
def test_the_readme_names_the_demonstration_as_it_is(document: str) -> None:
    text = read(document).replace(",", "")
    for word in (demo.OWNER, demo.COLLEAGUE, demo.PASSWORD, str(demo.BROWSABLE), str(SIZE)):
        assert word in text, word


class _Asked(dict[str, str]):
    """An environment that notes what is asked of it."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__(given)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


def test_the_operator_is_told_every_variable_the_configuration_reads() -> None:
    secrets = dict.fromkeys(("MATURITY_SECRET_KEY", "MATURITY_PASSWORD_SALT"), "s" * 40)
    environment = _Asked(secrets | {"MATURITY_ENV": "production", "DATABASE_URL": "postgresql+psycopg://u@h/n"})
    from_env(environment)
    rows = documents.tables(documents.section(read("docs/operator.md"), "Environment"))[0][1:]
    assert {row[0].strip("`") for row in rows} == environment.asked


def _commands(pattern: str) -> list[tuple[str, str]]:
    """(document, what follows the program) for every use of a program in code."""
    found = {
        (_name(path), match)
        for path in DOCUMENTS
        for line in documents.code(path.read_text("utf-8"))
        for match in re.findall(pattern, line)
    }
    return sorted(found)


FLASK = _commands(r"flask ((?:[a-z_]+ ?)+(?:--[a-z-]+)?)")
MATURITY = _commands(r"python -m maturity ([a-z]+)")


@pytest.mark.parametrize(("document", "words"), FLASK)
def test_every_flask_command_a_document_names_exists(site: Any, document: str, words: str) -> None:
    info = ScriptInfo(create_app=lambda: site)
    command: Any = FlaskGroup(create_app=lambda: site)
    for word in words.split():
        if word.startswith("--"):
            assert word in {option for parameter in command.params for option in parameter.opts}
        elif isinstance(command, click.Group):
            command = command.get_command(click.Context(command, obj=info), word)
            assert command is not None, f"{document}: there is no `flask {words}`"


@pytest.mark.parametrize(("document", "command"), MATURITY)
def test_every_command_of_the_engines_a_document_names_exists(document: str, command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0, document


def test_the_documents_name_commands() -> None:
    assert {words.split()[0] for _, words in FLASK} >= {"db", "seed", "rescore", "worker", "users"}
    assert {command for _, command in MATURITY} >= {"score", "lint", "census", "path"}


def _shown() -> list[tuple[str, str, str]]:
    """(document, command, output) of every console block."""
    found = []
    for path in DOCUMENTS:
        for block in documents.blocks(path.read_text("utf-8"), "console"):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found.append((_name(path), command, output))
    return found


@pytest.mark.parametrize(("document", "command", "output"), _shown())
def test_a_command_prints_what_the_document_shows(
    document: str, command: str, output: str, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(ROOT)
    words = shlex.split(command)
    assert words[:3] == [".venv/bin/python", "-m", "maturity"], f"{document}: show other commands in `sh` blocks"
    main(words[3:])
    assert capsys.readouterr().out.split("\n") == output.split("\n")


def test_the_worked_example_is_what_the_engine_explains(capsys: Any) -> None:
    shown = json.loads(documents.blocks(read("docs/expert.md"), "json")[0])
    main(["score", str(ROOT / EXAMPLE), "--json", "--explain"])
    tree = json.loads(capsys.readouterr().out)["explanation"]
    assert shown in [node for node in walk(tree["capability"]) if node["id"] == shown["id"]]


def test_the_example_is_complete_and_plausible(capsys: Any) -> None:
    assert main(["score", str(ROOT / EXAMPLE)]) == 0


def _holds(whole: Any, part: Any) -> bool:
    """Whether `part` is in `whole`: keys of mappings, items of lists, in any order."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _holds(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(_holds(item, wanted) for item in whole) for wanted in part)
    return bool(whole == part)


YAML = documents.blocks(read("docs/content-author.md"), "yaml")


@pytest.mark.parametrize("block", YAML, ids=lambda block: block.partition("\n")[0].lstrip("# "))
def test_an_example_of_content_stands_so_in_the_library(block: str) -> None:
    name = block.partition("\n")[0].removeprefix("# ")
    assert _holds(parse_yaml((LIBRARY / name).read_text("utf-8"), name), parse_yaml(block, name))


def test_the_messages_shown_to_authors_are_those_of_the_lint(tmp_path: Path, capsys: Any) -> None:
    library = tmp_path / "library"
    shutil.copytree(LIBRARY / "lianghua", library / "lianghua")
    shutil.copytree(LIBRARY / "facts", library / "facts")
    for name, right, wrong in (
        ("questions/design_tools.yaml", "wording:", "wordng:"),
        ("questions/cae_use.yaml", "at_least: cad_3d", "at_most: cad_3d"),
        ("indicators/production.yaml", "full: cnc_rate_full", "full: cnc_rate_ful"),
    ):
        path = library / "lianghua/2026.1" / name
        path.write_text(path.read_text("utf-8").replace(right, wrong), "utf-8")
    assert main(["lint", str(library), "--lang", "en"]) == 1
    assert capsys.readouterr().out == documents.blocks(read("docs/content-author.md"), "text")[0]


@pytest.mark.parametrize(("document", "heading"), [("expert.md", "Indicators"), ("content-author.md", "An indicator")])
def test_every_rule_is_explained(document: str, heading: str) -> None:
    rows = documents.tables(documents.section(read(f"docs/{document}"), heading))[0][1:]
    assert {name for row in rows for name in documents.spans(row[0])} == set(RULES)


def test_the_gates_are_given_as_they_are(framework: Framework) -> None:
    prepared = prepare(framework.scoring, period_end(2025), "mixed")
    gates = {
        f"{level.level} {framework.levels[level.level].title.zh}": ", ".join(
            f"{gate.of} ≥ {prepared.thresholds[gate.parameter]}" for gate in level.gates
        )
        for level in framework.scoring.levels
    }
    rows = documents.tables(documents.section(read("docs/expert.md"), "Gates and levels"))[0][1:]
    assert {row[0]: row[1].removesuffix("none") for row in rows} == gates


def test_every_operator_is_listed_where_it_may_stand() -> None:
    rows = documents.tables(documents.section(read("docs/content-author.md"), "Conditions"))[0][1:]
    profile, requires, more = (documents.spans(row[1]) for row in rows)
    assert (tuple(profile), tuple(requires)) == (PROFILE_OPERATORS, UPWARD_OPERATORS)
    assert (*requires, *more) == FACT_OPERATORS


def test_every_type_of_fact_and_every_widget_is_listed() -> None:
    rows = documents.tables(documents.section(read("docs/content-author.md"), "A fact"))[0][1:]
    assert {name for row in rows for name in documents.spans(row[0])} == set(FACT_TYPES)
    assert set(documents.spans(documents.section(read("docs/content-author.md"), "A question"))) >= set(WIDGETS)


def test_every_source_is_listed() -> None:
    rows = [row for table in documents.tables(read("docs/sources.md")) for row in table]
    for code, text in figures.sources().items():
        assert [code, text] in rows


def test_every_figure_kept_back_is_listed_and_no_other() -> None:
    rows = documents.tables(documents.section(read("docs/sources.md"), "Left out until checked"))[0][1:]
    kept_back: dict[str, list[str]] = {}
    for item in figure_store.every_figure().values():
        if not item.is_verified:
            title = figures.indicator(item.indicator).title
            kind = "" if item.kind == "actual" else f" {item.kind}"
            points = kept_back.setdefault(f"{title.zh} {title.en}", [])
            points.append(f"{item.period}{kind} ({item.provenance})".lstrip())
    assert dict(rows) == {title: ", ".join(points) for title, points in kept_back.items()}


def _labels(language: str) -> re.Pattern[str]:
    """A pattern that fits every text of the site in a language, whatever is filled in."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    texts = {str(entry.id if language == "en" else entry.string) for entry in catalogue if entry.id}
    worded = [text for text in texts if re.search(r"\w\w", PLACEHOLDER.sub("", text))]
    return re.compile("|".join(".+".join(map(re.escape, PLACEHOLDER.split(text))) for text in worded))


@pytest.mark.parametrize(("document", "language"), [("manufacturer.md", "en"), ("manufacturer.zh.md", "zh")])
def test_what_stands_in_bold_stands_on_the_screen(document: str, language: str) -> None:
    labels = _labels(language)
    bold = re.findall(r"\*\*(.+?)\*\*", read(f"docs/{document}"))
    own = {
        "Percentages are computed.",
        "Last year stands beside the field",
        "Implausible values are questioned at once.",
    }
    own |= {"比例由系统算。", "上期的数就在旁边。", "不合理的数当场提醒。"}
    assert len(bold) > 20
    assert not [text for text in bold if text not in own and not labels.fullmatch(text)]


@pytest.mark.parametrize(
    ("document", "heading", "yes"),
    [("manufacturer.md", "Who may do what", "yes"), ("manufacturer.zh.md", "谁能做什么", "能")],
)
def test_roles_may_do_what_the_document_says(document: str, heading: str, yes: str) -> None:
    rows = documents.tables(documents.section(read(f"docs/{document}"), heading))[0][1:]
    needed = (
        {Permission.ENTERPRISE_VIEW, Permission.ASSESSMENT_VIEW, Permission.REPORT_VIEW},
        {Permission.ASSESSMENT_ANSWER},
        {Permission.ENTERPRISE_EDIT},
        {Permission.ASSESSMENT_SUBMIT},
    )
    for row, permissions in zip(rows, needed, strict=True):
        may = [permissions <= permissions_of(role, is_synthetic=False) for role in ROLES]
        assert [cell == yes for cell in row[1:]] == may, row[0]


GLOSSARY = [row for table in documents.tables(read("docs/glossary.md")) for row in table[1:]]


def test_the_glossary_is_one_kind_of_table_of_a_hundred_words_or_more() -> None:
    found = documents.tables(read("docs/glossary.md"))
    assert {tuple(table[0]) for table in found} == {("term", "中文", "meaning", "source")}
    assert len(GLOSSARY) >= 100


@pytest.mark.parametrize("row", GLOSSARY, ids=lambda row: row[0])
def test_a_word_has_both_languages_a_meaning_and_a_source(row: list[str]) -> None:
    term, chinese, meaning, source = row
    assert HAN.search(chinese) or "PDF" in chinese
    assert not HAN.search(term)
    assert len(meaning.split()) >= 4
    assert source


@pytest.mark.parametrize("column", [0, 1], ids=["term", "中文"])
def test_no_word_stands_twice(column: int) -> None:
    words = [row[column].casefold() for row in GLOSSARY]
    assert sorted(words) == sorted(set(words))


def test_words_stand_in_order_within_their_theme() -> None:
    for table in documents.tables(read("docs/glossary.md")):
        terms = [row[0].casefold() for row in table[1:]]
        assert terms == sorted(terms)


def test_the_words_of_code_and_content_are_explained(framework: Framework) -> None:
    terms, chinese = ({row[column].casefold() for row in GLOSSARY} for column in (0, 1))
    code = {*ROLES, *KINDS, *(standing.value for standing in Standing), "answered", "skipped", "empty"}
    assert not {word.replace("_", " ") for word in code} - terms
    titles = {words.title.zh for words in framework.levels.values()}
    titles |= {framework.parts[dimension.id].title.zh for dimension in framework.scoring.dimensions}
    assert not titles - chinese


# The checklist of OWASP's standard

ASVS = [row for table in documents.tables(read("docs/security-asvs.md"))[1:] for row in table[1:]]
GAPS = documents.tables(read("docs/security-asvs.md"))[0][1:]
#: Requirements of levels 1 and 2 in each chapter of ASVS 4.0.3.
ASVS_CHAPTERS = (38, 53, 18, 9, 30, 13, 12, 15, 7, 5, 8, 15, 13, 23)


def test_the_checklist_holds_every_requirement_once() -> None:
    numbers = [row[0] for row in ASVS]
    assert len(numbers) == len(set(numbers))
    counted = tuple(sum(number.startswith(f"{chapter}.") for number in numbers) for chapter in range(1, 15))
    assert counted == ASVS_CHAPTERS
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])


def test_the_gaps_on_top_are_those_of_the_checklist() -> None:
    assert [row[0] for row in GAPS] == [row[0] for row in ASVS if row[3] == "**not met**"]


@pytest.mark.parametrize("row", ASVS, ids=lambda row: row[0])
def test_a_requirement_has_a_state_and_evidence_that_exists(row: list[str]) -> None:
    _number, level, asked, state, evidence = row
    assert level in ("1", "2")
    assert len(asked) > 3
    assert state in ("met", "not applicable", "operator's duty", "**not met**")
    named = [span for span in documents.spans(evidence) if re.fullmatch(r"[\w.-]+(/[\w.-]+)*", span)]
    missing = [span for span in named if ("/" in span or "." in span) and not (ROOT / span).exists()]
    assert not missing
    if state == "met":
        assert named or evidence in ("Python", "There is no editor for HTML; text is text"), "Name a module or a test."

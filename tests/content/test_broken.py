"""One deliberate mistake at a time, with the words its refusal must contain: the file or key, and the mend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from maturity.adaptive.framework import load_framework
from maturity.content import ContentError, parse_yaml
from maturity.questionnaires.loader import LIBRARY

EDITION = Path("lianghua/2026.1")
Change = Callable[[Any], None]


def edit(library: Path, file: str, change: Change) -> None:
    path = library / file
    data = parse_yaml(path.read_text(encoding="utf-8"), file)
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(LIBRARY, tmp_path_factory.mktemp("library") / "library"))


@pytest.fixture
def library(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "library"))


def find(items: list[dict], item_id: str) -> dict:
    return next(item for item in items if item["id"] == item_id)


def setter(*path: Any, to: Any) -> Change:
    """Set the value at a path of keys and indexes; a string starting with @ finds a list item by id."""

    def change(data: Any) -> None:
        for key in path[:-1]:
            data = find(data, key[1:]) if isinstance(key, str) and key.startswith("@") else data[key]
        if to is None:
            del data[path[-1]]
        else:
            data[path[-1]] = to

    return change


Q = f"{EDITION}/questions"
MISTAKES = [
    (f"{Q}/design_tools.yaml", setter("wording", "en", to=None), "wording.en", "is missing or empty", "write the text"),
    (f"{Q}/design_tools.yaml", setter("wordng", to="x"), "wordng", "Did you mean 'wording'?", "correct or remove"),
    (f"{Q}/design_tools.yaml", setter("id", to="other"), "design_tools.yaml", "must equal the file name", "id: design_tools"),
    (f"{Q}/design_tools.yaml", setter("facts", to=["desing_tools"]), "facts", "is not defined", "define it"),
    (f"{Q}/design_tools.yaml", setter("widget", to="number"), "facts", "is of type choice", "needs number"),
    (f"{Q}/design_tools.yaml", setter("widget", to="slider"), "widget", "is not known", "use one of single"),
    (f"{Q}/design_tools.yaml", setter("section", to="production"), "sections.rd", "says it belongs to production", "that section"),
    (f"{Q}/design_tools.yaml", setter("applies", to={"profile": "colour", "equals": "red"}), "applies", "'colour' is not part", "use one of"),
    (f"{Q}/design_tools.yaml", setter("applies", to={"profile": "size", "equals": "hugh"}), "applies", "no value of size", "micro"),
    (f"{Q}/design_tools.yaml", setter("applies", to={"profile": "size", "in": "large"}), "applies", "wrong shape", "take a list"),
    (f"{Q}/design_tools.yaml", setter("applies", to={"fact": "staff_total", "more_than": 3}), "applies", "is not allowed", "none over facts"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"fact": "design_tools", "at_most": "cad_2d"}), "requires", "is not allowed", "at_least"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"fact": "design_tools", "roughly": 3}), "requires", "'roughly'", "operators allowed"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"profile": "size", "equals": "large"}), "requires", "is not allowed here", "under `applies`"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"fact": "design_tools", "at_least": "cad_9d"}), "requires", "does not fit", "option id"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"not": {"fact": "design_tools", "answered": True}}), "not", "only turn round a profile", "positively"),
    (f"{Q}/design_tools.yaml", setter("requires", to={"fact": "ics_security", "answered": True}), "requires", "asks later", "move ics_security"),
    (f"{Q}/it_investment.yaml", setter("example", to=None), "example", "is missing", "worked example"),
    (f"{Q}/it_investment.yaml", setter("ratio", "numerator", to="staff_total"), "ratio", "exactly the two facts", "name it_investment"),
    ("facts/rd.yaml", setter("@design_tools", "options", 0, "zh", to=None), "options[0].zh", "is missing", "add `zh:`"),
    ("facts/rd.yaml", setter("@design_tools", "options", 1, "id", to="manual"), "options[1].id", "stands twice", "its own id"),
    ("facts/security.yaml", setter("@security_measures", "exclusive", to="nothing"), "security_measures.exclusive", "is not one of", "list the exclusive"),
    ("facts/production.yaml", setter("@equipment_total", "unit", to=None), "equipment_total.unit", "is missing", "unit: {zh"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "rule", to="choice@9"), "design_tools.rule", "is not known", "choice@1"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "facts", to={"number": "design_tools"}), "design_tools.facts", "needs answer", "exactly these"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "facts", to={"answer": "designs_new"}), "facts.answer", "is number", "needs choice"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "parent", to="S.desing"), "parent", "Did you mean 'S.design'?", "use one of"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "weight", to=0), "weight", "more than 0", "leave the part out"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "applies", to={"profile": "size", "equals": "large"}), "design_tools.applies", "differs", "remove it"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "points", to={"manual": "1", "cad_2d": "1/2", "cad_3d": "1/2", "cad_3d_cae": "1", "mbd": "1"}), "points", "fall although", "at least as many"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "points", to={"manual": "0"}), "points", "every option", "options: manual"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_3d_rate", "full", to="design_3d_rate_ful"), "full", "Did you mean", "parameters/"),
    (f"{EDITION}/indicators/rd.yaml", setter("@design_3d_rate", "facts", "denominator", to="designs_3d"), "designs_3d", "raises", "waiver"),
    (f"{EDITION}/indicators/outcomes.yaml", setter("@closing_days_outcome", "worst_level", to=None), "best_level", "needs worst_level", "both or neither"),
    (f"{EDITION}/parameters/rd.yaml", setter("@design_3d_rate_full", "values", to={"some day": 90}), "values.some day", "is not a date", "2026-01-01"),
    (f"{EDITION}/parameters/rd.yaml", setter("@design_3d_rate_full", "values", to={"2020-01-01": "many"}), "values.2020-01-01", "is not a number", "write 90"),
    (f"{EDITION}/plausibility/rd.yaml", setter("@designs_3d_within_new", "holds", "op", to="about"), "holds.op", "is not known", "le, lt"),
    (f"{EDITION}/plausibility/rd.yaml", setter("@designs_3d_within_new", "holds", "left", to=["x"]), "holds.left", "not an expression", "write a fact"),
    (f"{EDITION}/plausibility/rd.yaml", setter("@designs_3d_within_new", "holds", to=None), "designs_3d_within_new", "exactly one of", "once"),
    (f"{EDITION}/plausibility/rd.yaml", setter("@designs_3d_within_new", "message", "zh", to="{nothing}"), "message.zh", "placeholder", "use only"),
    (f"{EDITION}/plausibility/rd.yaml", setter("@designs_3d_within_new", "facts", to=["designs_4d"]), "facts", "is not asked", "correct the name"),
    (f"{EDITION}/scoring.yaml", setter("levels", 1, "gates", 0, "dimension", to="C"), "gates[0].dimension", "is not known", "use one of B"),
    (f"{EDITION}/scoring.yaml", setter("levels", 1, "gates", 0, "at_least", to="gate_9"), "at_least", "is not known", "use one of"),
    (f"{EDITION}/scoring.yaml", setter("levels", 2, "level", to=5), "levels", "numbered in order", "in order"),
    (f"{EDITION}/scoring.yaml", setter("dimensions", 0, "role", to="helper"), "role", "is not known", "capability"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"fact": "design_tools", "equals": "cad_2d"}), "requires", "no longer true of a better answer", "at_least"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"fact": "cloud_use", "includes": "none"}), "requires", "no longer true of a better answer", "a real one"),
    (f"{Q}/cae_use.yaml", setter("requires", to={"fact": "staff_total", "more_than": 9}), "requires", "staff_total is better when it is less", "when it is more"),
    ("facts/rd.yaml", setter("@designs_new", "min", to=-5), "design_3d_rate.facts.denominator", "may be negative", "from 0 on"),
    ("facts/rd.yaml", setter("@design_tools", "ordered", to=False), "design_tools.facts.answer", "have no order", "low to high"),
    (f"{EDITION}/indicators/infrastructure.yaml", setter("@cloud_use", "points", to=dict.fromkeys(("office", "management", "design", "equipment", "backup", "none"), "1/5")), "points.none", "points for nothing", "leave the exclusive"),
    (f"{EDITION}/parameters/production.yaml", setter("@cnc_rate_full", "values", to={"2020-01-01": {"process": 95, "discrete": 90}}), "cnc_rate_full.values.2020-01-01", "discrete, discrete_mass", "one value for each"),
    (f"{EDITION}/scoring.yaml", setter("dimensions", 0, "weight", to=0), "dimensions[0].weight", "more than 0", "leave the part out"),
    (f"{EDITION}/scoring.yaml", setter("dimensions", 0, "children", 0, "weight", to=0), "children[0].weight", "more than 0", "leave the part out"),
    (f"{EDITION}/scoring.yaml", setter("dimensions", 0, "children", 1, "id", to="B.investment"), "dimensions", "B.investment stands twice", "its own id"),
    (f"{EDITION}/manifest.yaml", setter("sections", 0, "questions", 0, to="it_invest"), "sections", "does not exist", "write its file"),
    (f"{EDITION}/manifest.yaml", setter("sections", 0, "questions", 1, to="it_investment"), "sections", "stands twice", "once"),
    (f"{EDITION}/manifest.yaml", setter("status", to="final"), "status", "is not known", "draft"),
    (f"{EDITION}/manifest.yaml", setter("valid_from", to="soon"), "valid_from", "is not a date", "2026-01-01"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "change", "where", "what", "mend"), MISTAKES, ids=[f"{m[0].rsplit('/')[-1]}-{m[3]}" for m in MISTAKES]
)
def test_a_mistake_is_refused_with_its_place_and_its_mend(
    library: Path, file: str, change: Change, where: str, what: str, mend: str
) -> None:
    edit(library, file, change)
    with pytest.raises(ContentError) as refused:
        load_framework(str(EDITION), library)
    text = str(refused.value)
    assert where in text
    assert what in text
    assert mend in text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id: design_tools\nid: again\n", "stands twice"),
        ("id: [design_tools\n", "not readable as YAML"),
        ("- a list\n", "must equal the file name"),
    ],
)
def test_a_file_that_is_not_sound_yaml_is_refused_by_name(library: Path, text: str, what: str) -> None:
    (library / Q / "design_tools.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="questions/design_tools.yaml") as refused:
        load_framework(str(EDITION), library)
    assert what in str(refused.value)


def test_several_mistakes_are_told_at_once(library: Path) -> None:
    edit(library, f"{Q}/design_tools.yaml", setter("widget", to="slider"))
    edit(library, f"{EDITION}/indicators/rd.yaml", setter("@design_tools", "weight", to=0))
    with pytest.raises(ContentError) as refused:
        load_framework(str(EDITION), library)
    assert len(refused.value.problems) >= 2


def test_an_unknown_edition_names_those_there_are(library: Path) -> None:
    with pytest.raises(ContentError, match="use one of: .*lianghua/2026.1"):
        load_framework("lianghua/1999", library)

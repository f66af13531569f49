"""Wrong use: exit 2, a message that names the place and the mend in the language asked for, never a traceback."""

from __future__ import annotations

import pytest

from tests.cli.commands import ENTERPRISE, Commands

FILES = {
    "not YAML": ("a: [1\n", "第 2 行", "line 2: not readable as YAML"),
    "duplicate key": ("a: 1\na: 2\n", "第 2 行", "line 2: not readable as YAML (the key 'a' stands twice)"),
    "two documents": ("a: 1\n---\nb: 1\n", "第 2 行", "line 2: not readable as YAML"),
    "not UTF-8": ("enterprise: 企业".encode("gb18030"), "UTF-8 编码另存", "Save it in UTF-8"),
    "binary": (b"\x00\x01\x02", "不是有效的 YAML", "not readable as YAML"),
    "empty": ("", "顶层缺少 enterprise", "`enterprise` is missing at the top level"),
    "a list": ("- 1\n", "顶层缺少 enterprise", "`enterprise` is missing at the top level"),
    "no enterprise": ("facts: {}\n", "顶层缺少 enterprise", "`enterprise` is missing at the top level"),
    "enterprise of no shape": ("enterprise: 5\n", "enterprise 下应为", "enterprise must hold `key: value` lines"),
    "facts of no shape": (ENTERPRISE + "facts: [1]\n", "facts 下应为", "facts must hold `key: value` lines"),
    "misspelt part": (ENTERPRISE + "fact: {}\n", "您是否想写“facts”？", "fact is not known. Did you mean 'facts'?"),
    "unknown part": (ENTERPRISE + "xyz: 1\n", "可用：enterprise, facts", "Use one of: enterprise, facts, period"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", FILES)
@pytest.mark.parametrize("command", ["score", "path"])
def test_a_file_that_cannot_be_used_is_refused(run: Commands, command: str, mistake: str) -> None:
    content, zh, en = FILES[mistake]
    file = run.file(content)
    for lang, words in (("zh", zh), ("en", en)):
        outcome = run(command, file, "--lang", lang)
        assert (outcome.status, outcome.out) == (2, "")
        assert words in outcome.err
        assert outcome.err.startswith("maturity: ")


def test_a_file_that_is_not_there_or_is_a_folder_is_told_apart(run: Commands) -> None:
    missing = run("score", str(run.folder / "none.yaml"), "--lang", "en")
    folder = run("score", str(run.folder), "--lang", "en")
    assert (missing.status, folder.status) == (2, 2)
    assert "there is no such file" in missing.err
    assert "this is a folder" in folder.err


def test_a_file_that_cannot_be_opened_says_why(run: Commands) -> None:
    outcome = run("score", "x" * 300, "--lang", "en")
    assert outcome.status == 2
    assert "cannot be read (File name too long)" in outcome.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"enterprise": {},}', "line 1: not readable as JSON"),
        ('{"enterprise": {}, "enterprise": {}}', "the key 'enterprise' stands twice"),
        ("[" * 100_000, "too deep"),
        ("\n\n{", "line 3"),
    ],
)
def test_json_that_is_none_is_refused_with_its_line(run: Commands, content: str, words: str) -> None:
    outcome = run("score", run.file(content, "case.json"), "--lang", "en")
    assert outcome.status == 2
    assert words in outcome.err


FACTS = {
    "unknown": ("staf_total: 3", "想写“staff_total”？", "not a fact of this edition. Did you mean 'staff_total'?"),
    "far from any": ("zzz: 3", "请改正或删去", "is not a fact of this edition. Correct or remove it."),
    "percent for a count": ("key_processes_total: 50%", "不要带百分号", "without a percent sign"),
    "words for a number": ("staff_total: many", "须为数字", "must be a number; you typed “many”"),
    "a list for a number": ("staff_total: [1, 2]", "须为数字", "must be a number"),
    "a fraction of a person": ("staff_total: 3.5", "须为整数", "must be a whole number"),
    "negative": ("staff_total: -3", "不能小于 1", "cannot be less than 1"),
    "wrong option": ("design_tools: cad", "可选：manual, cad_2d", "Options: manual, cad_2d, cad_3d"),
    "a number for a choice": ("design_tools: 2", "没有“2”这个选项", "has no option “2”"),
    "a number for several": ("cloud_use: 5", "可选：office", "has no option “5”"),
    "none with others": ("cloud_use: [none, office]", "不能再选其他项", "cannot be combined"),
    "a row left out": ("erp_functions: {finance: none}", "一行还没有选择", "has no choice yet"),
    "a wrong column": ("erp_functions: {finance: x}", "none | standalone", "none | standalone | shared"),
    "one number for two years": ("first_pass_yield: 97", "请写成 {current: ", "Write {current: this period, prior: "),
    "a misspelt year": ("first_pass_yield: {current: 97, prio: 96}", "您是否想写“prior”？", "Did you mean 'prior'?"),
    "no current year": ("first_pass_yield: {prior: 96}", "缺少报告期的数", "lacks the figure of the reporting period"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", FACTS)
def test_a_fact_that_cannot_be_is_named_with_the_mend(run: Commands, mistake: str) -> None:
    line, zh, en = FACTS[mistake]
    for lang, words in (("zh", zh), ("en", en)):
        outcome = run.score(f"  {line}\n", "--lang", lang)
        assert outcome.status == 2
        assert f"facts.{line.partition(':')[0]}" in outcome.err
        assert words in outcome.err


PARTICULARS = {
    "unknown key": ("head_count: 3", "您是否想写“headcount”？", "is not known. Did you mean 'headcount'?"),
    "computed key": ("size: large", "可用：industry, region", "Use one of: industry, region"),
    "industry": ('industry: "99"', "“99”不是", "'99' is not an industry code"),
    "industry by name": ("industry: 汽车", "您是否想写 \"36\"", 'Did you mean "36"'),
    "industry without quotes": ("industry: 06", "用引号写两位或三位代码", "in quotes"),
    "region": ('region: "990000"', "“990000”不是", "'990000' is not a code"),
    "region by name": ("region: 青岛", "\"370200\" 山东 青岛市", 'Did you mean "370200" Qingdao, Shandong?'),
    "county": ('region: "320583"', "您是否想写 \"320500\"", 'Did you mean "320500" Suzhou'),
    "production type": ("production_type: proces", "您是否想写 process？", "Did you mean process?"),
    "negative headcount": ("headcount: -350", "不能为负数", "cannot be negative (-350)"),
    "half a person": ("headcount: 3.5", "须为整数", "must be a whole number (3.5)"),
    "headcount as a percentage": ("headcount: 50%", "不是百分比", "not a percentage"),
    "headcount in words": ("headcount: some", "“some”不是数字", "'some' is not a number"),
    "far too many people": ("headcount: 99999999", "不会有这样的企业", "which no enterprise has"),
    "negative revenue": ("revenue: -1", "不能为负数", "cannot be negative"),
    "flag": ("exports: yes", "写 true 或 false", "Write true or false"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", PARTICULARS)
def test_particulars_that_cannot_be_are_named_with_the_mend(run: Commands, mistake: str) -> None:
    line, zh, en = PARTICULARS[mistake]
    kept = [item for item in ENTERPRISE.splitlines() if not item.strip().startswith(line.partition(":")[0] + ":")]
    file = run.file("\n".join([*kept, f"  {line}"]))
    for lang, words in (("zh", zh), ("en", en)):
        outcome = run("score", file, "--lang", lang)
        assert outcome.status == 2
        assert f"enterprise.{line.partition(':')[0]}" in outcome.err
        assert words in outcome.err


@pytest.mark.parametrize("key", ["industry", "region", "headcount", "revenue", "production_type"])
def test_every_particular_that_is_missing_is_named(run: Commands, key: str) -> None:
    file = run.file("\n".join(line for line in ENTERPRISE.splitlines() if f"  {key}:" not in line))
    outcome = run("score", file, "--lang", "en")
    assert outcome.status == 2
    assert f"enterprise.{key}" in outcome.err


def test_all_mistakes_of_a_file_are_told_at_once(run: Commands) -> None:
    file = run.file("enterprise: {industry: '36', size: large}\nfacts: {staf_total: 1, staff_total: x}\nfact: {}\n")
    outcome = run("score", file, "--json", "--lang", "en")
    told = " ".join(outcome.json["problems"])
    for place in ("fact is", "enterprise.size", "enterprise.headcount", "facts.staf_total", "facts.staff_total"):
        assert place in told


LINES = {
    (): "required: COMMAND",
    ("score",): "required: FILE",
    ("nonsense",): "invalid choice: 'nonsense'",
    ("score", "x.yaml", "--nope"): "unrecognized arguments: --nope",
    ("score", "x.yaml", "--period"): "argument --period: expected one argument",
    ("score", "x.yaml", "--lang", "fr"): "argument --lang",
    ("score", "x.yaml", "--explain=1"): "ignored explicit argument",
    ("census", "--framework", "lianghau"): "there is no framework 'lianghau'",
    ("census", "--edition", "1999.1"): "there is no edition 'lianghua/1999.1'. Use one of: lianghua/2026.1",
    ("lint", "/nowhere"): "no edition under /nowhere",
}  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_wrong_line_is_told_with_exit_2(run: Commands, line: tuple[str, ...]) -> None:
    lang = () if "fr" in line else ("--lang", "en") if line else ()
    outcome = run(*line, *lang)
    assert outcome.status == 2
    assert LINES[line] in outcome.err or not lang


@pytest.mark.parametrize("line", [("score",), ("score", "x.yaml", "--nope"), ("nonsense",), ("score", "x", "--period")])
def test_a_wrong_line_is_told_in_chinese_unless_english_is_asked_for(run: Commands, line: tuple[str, ...]) -> None:
    assert "用法有误：" in run(*line).err
    assert "用法有误" not in run(*line, "--lang=en").err


PERIODS = {
    "abc": ("“abc”不是年份", "'abc' is not a year. Write four digits, such as 2025."),
    "99999": ("不是年份", "'99999' is not a year"),
    "-2024": ("不是年份", "'-2024' is not a year"),
    "２０２５": ("不是年份", "is not a year"),
    "2025.0": ("不是年份", "'2025.0' is not a year"),
    "1800": ("不在 2020 至 2026 之间", "1800 is not within 2020 to 2026: before it there are no parameters"),
    "2027": ("不在 2020 至 2026 之间", "2027 is not within 2020 to 2026"),
}


@pytest.mark.parametrize("typed", PERIODS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_period_that_is_none_is_refused_from_the_line_and_from_the_file(run: Commands, typed: str, lang: str) -> None:
    words = PERIODS[typed][lang == "en"]
    option = run("score", run.file(ENTERPRISE), "--period", typed, "--lang", lang)
    written = run("score", run.file(f"{ENTERPRISE}period: {typed}\n"), "--lang", lang)
    assert (option.status, written.status) == (2, 2)
    assert words in option.err
    assert words in written.err


@pytest.mark.parametrize(
    "line", [("score", "none.yaml"), ("census", "--edition", "9"), ("lint", "/nowhere"), ("score",)]
)
def test_wrong_use_is_json_where_json_is_asked_for(run: Commands, line: tuple[str, ...]) -> None:
    outcome = run(*line, "--json")
    assert (outcome.status, outcome.err) == (2, "")
    assert outcome.json == {"error": outcome.json["problems"][0], "problems": outcome.json["problems"]}

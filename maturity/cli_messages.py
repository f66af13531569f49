"""What the command line says, in both languages: code to words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from maturity.questionnaires.model import Text

_MESSAGES: Mapping[str, Text] = {
    # help
    "about": Text("不用网站，直接评分和检查评估内容。", "Score and inspect maturity assessments without the site."),
    "score": Text("为一个事实文件评分", "score a file of facts"),
    "path": Text("问哪些题，其余各题为什么不问", "which questions are asked, and why the others are not"),
    "settled": Text("等级是否已经确定，接下来先答哪几题", "whether the level can still change, and what to ask next"),
    "crosswalk": Text(
        "同一组答案在其他评估模型下的结果，还差几题",
        "the same answers under every other framework, and what is missing",
    ),
    "census": Text(
        "各典型企业要答多少题，各版本有多少事实项",
        "how many questions each archetype is asked, and each edition's facts",
    ),
    "calibrate": Text(
        "合成总体落在各阶段的比例，以及哪些权重和门槛起决定作用",
        "how the synthetic population falls into the stages, and which weights and gates decide",
    ),
    "help_count": Text("合成企业数（默认 10400）", "synthetic enterprises (default 10400)"),
    "bad_count": Text(
        "--count {count}：请写 400 到 100000 之间的整数。",
        "--count {count}: write a whole number from 400 to 100000.",
    ),
    "no_population": Text(
        "{name} 没有合成总体，只能校准主问卷：--framework {main}。",
        "there is no synthetic population for {name}; only the main one can be calibrated: --framework {main}.",
    ),
    "booklet": Text("把整份问卷排成可印刷的 PDF", "set the whole questionnaire as a PDF to print"),
    "help_variant": Text("生产类型", "production type"),
    "help_output": Text("写到哪个 PDF 文件（已有的会被替换）", "PDF file to write; one that is there is replaced"),
    "verify": Text("不用网站，核对一份基准计入凭证", "check a receipt of inclusion without the site"),
    "help_receipt": Text("下载的凭证，JSON 文件", "the receipt as downloaded, a JSON file"),
    "help_key": Text(
        "网站公布的公钥，64 位十六进制（不给则用凭证里的，须自行比对编号）",
        "public key as the site publishes it, 64 hexadecimal digits; without it the receipt's own, to be compared",
    ),
    "no_receipt": Text(
        "{file}：不是凭证。请给出网站上下载的 JSON 文件。",
        "{file}: no receipt. Give the JSON file downloaded from the site.",
    ),
    "bad_key": Text("--key：请写 64 位十六进制的公钥。", "--key: write the public key as 64 hexadecimal digits."),
    "receipt_good": Text("凭证成立。", "The receipt holds."),
    "receipt_bad": Text("凭证不成立：", "The receipt does not hold:"),
    "receipt_format": Text("不是本平台凭证的格式。", "It has not the form of a receipt."),
    "receipt_signature": Text(
        "签名不符：内容被改动，或签名的不是这把密钥。",
        "The signature does not fit: something was changed, or another key signed.",
    ),
    "receipt_key_id": Text("密钥编号与密钥不符。", "The number of the key is not that of the key."),
    "receipt_proof": Text("该结果不在这次发布的凭证树中。", "The result does not stand in the tree of the release."),
    "receipt_release": Text(
        "发布编号 {number}：{framework}，{period} 年。", "Release No. {number}: {framework}, {period}."
    ),
    "receipt_enterprise": Text(
        "统一社会信用代码 {uscc}，计入一次。", "Unified social credit code {uscc}, counted once."
    ),
    "receipt_root": Text(
        "凭证树根 {root}，请与网站“发布登记”页比对。",
        "Root of the receipts {root}: compare it with the site's register of releases.",
    ),
    "receipt_key": Text(
        "签名密钥编号 {key_id}，请与网站“发布登记”页比对。",
        "Signed with key {key_id}: compare it with the site's register of releases.",
    ),
    "lint": Text("检查全部版本的内容", "check the content of every edition"),
    "help_json": Text("输出键名固定的 JSON", "machine-readable output with stable keys"),
    "help_lang": Text("文字的语言（默认 zh）", "language of the words (default zh)"),
    "help_file": Text(
        "YAML 或 JSON 文件，含 enterprise 和 facts；- 表示标准输入",
        "YAML or JSON with `enterprise:` and `facts:`; - is standard input",
    ),
    "help_framework": Text("评估模型（默认 lianghua）", "framework (default lianghua)"),
    "help_edition": Text("版本（默认最新）", "edition (default: the newest)"),
    "help_period": Text(
        "报告期，年份（默认取文件中的 period，没有则为上一完整年度）",
        "reporting period, a year (default: `period:` of the file, else the last complete year)",
    ),
    "help_explain": Text("同时输出得分解释", "explain the score down to the answers"),
    "help_library": Text("题库文件夹（默认内置题库）", "a library folder (default: the built-in one)"),
    # wrong use
    "usage": Text("用法有误：{problem}。用 {prog} --help 查看用法。", "{problem}. See {prog} --help."),
    "no_file": Text("{file}：没有这个文件。请检查路径。", "{file}: there is no such file. Check the path."),
    "is_folder": Text(
        "{file}：这是文件夹。请给出其中的一个文件。", "{file}: this is a folder. Name a file in it instead."
    ),
    "unreadable": Text("{file}：无法读取（{reason}）。", "{file}: cannot be read ({reason})."),
    "not_utf8": Text(
        "{file}：第 {position} 个字节起不是 UTF-8 文本。请用 UTF-8 编码另存。",
        "{file}: is not UTF-8 text from byte {position} on. Save it in UTF-8.",
    ),
    "not_yaml": Text(
        "{file}：{where}：不是有效的 {kind}（{reason}）。请改正这一行。",
        "{file}: {where}: not readable as {kind} ({reason}). Correct this line.",
    ),
    "line": Text("第 {number} 行", "line {number}"),
    "document": Text("整个文件", "the document"),
    "twice": Text("键“{key}”出现两次", "the key {key!r} stands twice"),
    "not_mapping": Text(
        "{file}：{key} 下应为“键: 值”各行。请参照 docs/command-line.md。",
        "{file}: {key} must hold `key: value` lines. See docs/command-line.md.",
    ),
    "no_enterprise": Text(
        "{file}：顶层缺少 enterprise。请写 enterprise 和 facts 两部分。",
        "{file}: `enterprise` is missing at the top level. Write the two parts `enterprise:` and `facts:`.",
    ),
    "unknown_key": Text("{file}：不认识 {key}。{hint}", "{file}: {key} is not known. {hint}"),
    "unknown_fact": Text(
        "{file}：facts.{key}：本版本没有这个事实项。{hint}",
        "{file}: facts.{key}: is not a fact of this edition. {hint}",
    ),
    "meant": Text("您是否想写“{word}”？", "Did you mean {word!r}?"),
    "allowed": Text("可用：{words}。", "Use one of: {words}."),
    "remove": Text("请改正或删去。", "Correct or remove it."),
    "enterprise": Text("{file}：enterprise.{key}：{message}{mend}", "{file}: enterprise.{key}: {message} {mend}"),
    "fact": Text("{file}：facts.{key}：{message}", "{file}: facts.{key}: {message}"),
    "options": Text("可选：{words}。", " Options: {words}."),
    "pair": Text(
        "请写成 {{current: 报告期的数, prior: 上年的数}}。", " Write {{current: this period, prior: the year before}}."
    ),
    "no_framework": Text(
        "没有“{name}”这个评估模型。可用：{words}。", "there is no framework {name!r}. Use one of: {words}."
    ),
    "no_edition": Text("没有“{name}”这个版本。可用：{words}。", "there is no edition {name!r}. Use one of: {words}."),
    "not_a_year": Text(
        "报告期“{typed}”不是年份。请写四位数字，如 {example}。",
        "the period {typed!r} is not a year. Write four digits, such as {example}.",
    ),
    "period_range": Text(
        "报告期 {period} 不在 {first} 至 {last} 之间：之前没有参数，之后尚未开始。",
        "the period {period} is not within {first} to {last}: before it there are no parameters, after it nothing"
        " has begun.",
    ),
    "no_library": Text(
        "{path} 下没有版本：一个版本是含 manifest.yaml 的文件夹 FRAMEWORK/EDITION。",
        "no edition under {path}: an edition is a folder FRAMEWORK/EDITION with manifest.yaml.",
    ),
    "no_folder": Text(
        "{file}：没有这个文件夹。请先建立，或换一个位置。",
        "{file}: there is no such folder. Make it first, or choose another place.",
    ),
    "unwritable": Text("{file}：无法写入（{reason}）。", "{file}: cannot be written ({reason})."),
    "no_font": Text("无法排版：{reason}", "cannot be set: {reason}"),
    "no_glyph": Text(
        "无法排版：字体没有“{character}”这个字。", "cannot be set: the font has no character {character!r}."
    ),
    "no_translations": Text(
        "缺少编译好的中文文本。请先运行一次 ./run 或 ./check。",
        "the Chinese texts are not compiled. Run ./run or ./check once.",
    ),
    "broken_library": Text(
        "题库内容有误，共 {count} 处；用 python -m maturity lint 查看。第一处：{problem}",
        "the library has {count} problem(s); see python -m maturity lint. The first: {problem}",
    ),
    # results
    "headline": Text("{edition}  第 {level} 级  {stage}", "{edition}  level {level}  {stage}"),
    "period_option": Text("报告期 {period}（--period）", "period {period} (--period)"),
    "period_file": Text("报告期 {period}（取自文件）", "period {period} (from the file)"),
    "period_clock": Text(
        "报告期 {period}（上一完整年度；在文件中写 period: {period} 可固定）",
        "period {period} (the last complete year; write `period: {period}` in the file to fix it)",
    ),
    "totals": Text("水平与能力 {capability}   效能与效益 {outcome}", "capability {capability}   outcome {outcome}"),
    "blocking": Text(
        "第 {level} 级还差：{title} 须达 {threshold}，现为 {actual}，差 {gap}",
        "level {level} needs {title} >= {threshold}, now {actual}, {gap} short",
    ),
    "error": Text("矛盾：{message}", "error: {message}"),
    "query": Text("存疑：{message}", "query: {message}"),
    "unanswered": Text("得分为暂定：还有 {count} 题未答：{ids}", "provisional: {count} unanswered: {ids}"),
    "off_path": Text(
        "未计入：{count} 个事实项属于不问的题：{ids}",
        "not counted: {count} facts belong to questions that are not asked: {ids}",
    ),
    "remaining": Text(
        "问 {asked} 题，已答 {answered}，还剩 {fewest} 至 {most}",
        "asked {asked}, answered {answered}, left {fewest} to {most}",
    ),
    "asked": Text("问", "asked"),
    "not_applicable": Text("不适用", "not applicable"),
    "absent": Text("不具备", "absent"),
    "open": Text("未定", "open"),
    "answered": Text("已答", "answered"),
    "unanswered_state": Text("未答", "unanswered"),
    "between": Text("{fewest} 至 {most} 题", "{fewest} to {most}"),
    "questions": Text("{edition} 共 {count} 题", "{count} questions in {edition}"),
    "settled_now": Text(
        "等级已定：第 {level} 级 {stage}。剩下 {fewest} 至 {most} 题不会改变等级。",
        "Settled at level {level} {stage}: the {fewest} to {most} questions left cannot change it.",
    ),
    "settled_complete": Text("第 {level} 级 {stage}，已全部答完。", "Level {level} {stage}, everything answered."),
    "settled_not": Text(
        "等级未定：第 {lowest} 级 {low} 至第 {highest} 级 {high} 都还可能。",
        "Not settled: level {lowest} {low} to level {highest} {high} are still possible.",
    ),
    "range": Text("{title}：{lowest} 至 {highest}", "{title}: {lowest} to {highest}"),
    "figure": Text("{title}：{lowest}", "{title}: {lowest}"),
    "capability_word": Text("水平与能力", "capability"),
    "ask_next": Text("先答这几题，等级定得最快：", "Ask these first to settle the level soonest:"),
    "crossed": Text("{edition}  {title}", "{edition}  {title}"),
    "crossed_facts": Text(
        "{all} 个事实项已知 {known} 个（直接 {shared}，推得 {derived}）",
        "{known} of {all} facts known ({shared} shared, {derived} derived)",
    ),
    "crossed_result": Text("{stage}，{score} 分", "{stage}, {score} points"),
    "crossed_settled": Text(
        "{stage}，{lowest} 至 {highest} 分；其余 {fewest} 至 {most} 题不改变等级",
        "{stage}, {lowest} to {highest} points; the other {fewest} to {most} questions cannot change the level",
    ),
    "crossed_open": Text(
        "再答 {fewest} 至 {most} 题得出结果；目前可能为{low}至{high}",
        "{fewest} to {most} more answers give the result; {low} to {high} possible now",
    ),
    "crossed_unlevelled": Text(
        "再答 {fewest} 至 {most} 题得出结果；该模型不分等级",
        "{fewest} to {most} more answers give the result; this framework has no levels",
    ),
    "census_head": Text(
        "版本：题数、事实项数、与其他模型共有、主问卷答完后已知、出处",
        "Edition: questions, facts, shared, known, provenance",
    ),
    "census_row": Text(
        "{edition}：{questions} 题，{facts} 个事实项，共有 {shared_facts} 个；{share}；{tags}",
        "{edition}: {questions} questions, {facts} facts, {shared_facts} shared; {share}; {tags}",
    ),
    "census_share": Text("已知 {known}%（直接 {shared}%）", "{known} % known ({shared} % shared)"),
    "census_main": Text("主问卷", "the main questionnaire"),
    "booklet_made": Text(
        "{file}：{questions} 题，{bytes} 字节，SHA-256 {sha256}",
        "{file}: {questions} questions, {bytes} bytes, SHA-256 {sha256}",
    ),
    "linted": Text("{editions} 个版本，{problems} 处问题", "{editions} edition(s), {problems} problem(s)"),
    "worth": Text("{points} 分，权重 {weight}，{rule}", "{points} points, weight {weight}, {rule}"),
}

#: what argparse says, in Chinese; what is not here stays as argparse says it
_USAGE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"the following arguments are required: (.+)", r"缺少 \1"),
        (r"unrecognized arguments: (.+)", r"不认识 \1"),
        (r"argument (.+?): invalid choice: (.+) \(choose from (.+)\)", r"\1 没有 \2 这一项，可用：\3"),
        (r"argument (.+?): expected one argument", r"\1 后面缺少内容"),
        (r"argument (.+?): ignored explicit argument (.+)", r"\1 后面不能带 \2"),
    )
)


def usage(problem: str, lang: str) -> str:
    """A mistake in the line itself, as the parser of the line tells it."""
    if lang == "zh":
        for pattern, words in _USAGE:
            problem = pattern.sub(words, problem)
    return problem


def message(code: str, lang: str, **details: object) -> str:
    """The words for a code with its details filled in."""
    return _MESSAGES[code].to(lang).format(**details)

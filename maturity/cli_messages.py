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
    "express": Text(
        "按已答的题估计等级，接下来最该问哪一题（估计，不作认证）",
        "estimate the level from the answers so far, and what to ask next (an estimate, never certified)",
    ),
    "express-calibration": Text(
        "重做速评的校准，并在未参与校准的合成总体上测量",
        "make the calibration of express anew and measure it on a population that it has not seen",
    ),
    "help_write": Text("把校准写进内容库", "keep it in the library"),
    "help_held_out": Text("测量用的合成企业数（默认 3000）", "enterprises to measure it on (default 3000)"),
    "bad_held_out": Text(
        "--held-out {count}：请写 100 到 100000 之间的整数。",
        "--held-out {count}: write a whole number from 100 to 100000.",
    ),
    "uncalibrated": Text(
        "版本 {name} 没有可用的速评校准（{why}）。先运行 express-calibration --write。",
        "There is no calibration of express for {name} ({why}). Run express-calibration --write first.",
    ),
    "express_level": Text(
        "估计等级 {level}（{stage}），概率 {percent}%；已答 {answered} 题，可能的等级 {lowest}–{highest}。"
        "估计值，不作认证。",
        "Estimated level {level} ({stage}), probability {percent} %; {answered} answered, levels still possible"
        " {lowest}–{highest}. An estimate, never certified.",
    ),
    "express_certain": Text(
        "等级已经确定：其余各题改变不了。", "The level is certain: nothing that is open can change it."
    ),
    "express_sure": Text("已经足够可靠，可以停止。", "Sure enough to stop."),
    "express_next": Text("接下来问：{question}  {wording}", "Ask next: {question}  {wording}"),
    "express_measured": Text(
        "校准 {size} 家，测量 {population} 家：平均 {questions} 题，为全部的 {asked}%；"
        "等级一致 {agreed}%，高估 {above}%，自称 {stated}%。",
        "Calibrated on {size}, measured on {population}: {questions} questions on average, {asked} % of all; same level"
        " {agreed} %, too high {above} %, claimed {stated} %.",
    ),
    "express_same": Text("与保存的校准相同。", "It is the calibration that is kept."),
    "express_other": Text(
        "与保存的校准不同，或尚无保存的校准。", "It differs from the calibration that is kept, or none is."
    ),
    "express_written": Text("已写入内容库。", "It is kept in the library now."),
    "express_missed": Text(
        "未达到目标：不超过全部题目的 30%，一致率不低于 98%，自称与实际相差不超过 2 个百分点。",
        "It misses its aims: at most 30 % of the questions, the same level in 98 %, claimed within 2 points of that.",
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
    "verify": Text(
        "不用网站，核对一份评估证书（PDF）或基准计入凭证（JSON）",
        "check a certificate (PDF) or a receipt of inclusion (JSON) without the site",
    ),
    "help_receipt": Text(
        "证书的 PDF 原件，或下载的凭证 JSON", "the PDF of the certificate as issued, or the receipt as downloaded"
    ),
    "help_keys": Text(
        "核对证书用：网站公布的公钥清单 signing-keys.json",
        "for a certificate: the site's list of keys, signing-keys.json",
    ),
    "help_head": Text(
        "核对证书用：以前保存的日志头，用来发现日志被回滚或改写",
        "for a certificate: a head of the log kept from before, to find a log that was rolled back or rewritten",
    ),
    "help_log": Text(
        "核对证书用：从 /log 下载的文件，可多次给出",
        "for a certificate: a file downloaded under /log; may be given again",
    ),
    "no_keys": Text(
        "核对证书要有公钥清单：--keys signing-keys.json（从网站“签名密钥”页下载，妥善保存）。",
        "A certificate is checked with the site's keys: --keys signing-keys.json, from its page of signing keys.",
    ),
    "bad_keys": Text(
        "{file}：不是公钥清单。请给出网站的 signing-keys.json。",
        "{file}: no list of keys. Give the site's signing-keys.json.",
    ),
    "bad_log": Text(
        "{file}：不是日志文件，或与说明的格式不符。请给出从网站 /log 下载的 JSON。",
        "{file}: no file of the log, or in another form. Give the JSON downloaded under /log of the site.",
    ),
    "no_json": Text("{file}：读不出 JSON。请重新下载。", "{file}: cannot be read as JSON. Download it again."),
    "large_pdf": Text("{file}：超过 20 MB，证书不会这么大。", "{file}: larger than 20 MB. No certificate is."),
    "certificate_genuine": Text(
        "证书真实：文件与签发时完全一致。", "The certificate is genuine: the file is as it was issued."
    ),
    "certificate_altered": Text(
        "不可采信：下面打 x 的各项不成立。", "Do not rely on it: what is marked with x below does not hold."
    ),
    "certificate_suspended": Text(
        "文件真实，但证书已暂停，目前不可采信。", "The file is genuine, but the certificate is suspended."
    ),
    "certificate_withdrawn": Text(
        "文件真实，但证书已撤销。", "The file is genuine, but the certificate was withdrawn."
    ),
    "certificate_expired": Text("文件真实，但证书已到期。", "The file is genuine, but the certificate has expired."),
    "certificate_replaced": Text(
        "文件真实，但证书已被新证书取代。", "The file is genuine, but a newer certificate replaced it."
    ),
    "certificate_said": Text(
        "编号 {number}；持证企业 {holder}；等级 {level}；认证机构 {body}；有效期至 {valid_until}。",
        "No. {number}; holder {holder}; level {level}; certification body {body}; valid until {valid_until}.",
    ),
    "certificate_demonstration": Text(
        "这是演示证书，企业和数据都是虚构的。", "A demonstration: the enterprise and its figures are made up."
    ),
    "certificate_unknown_standing": Text(
        "证书现在是否有效，文件本身说明不了：用 --log 给出最新的日志，或用编号到网站查询。",
        "Whether it stands today the file cannot tell: give the latest log with --log, or ask the site by number.",
    ),
    "certificate_standing": Text(
        "按截至 {at} 的日志，证书{status}。", "By the log of {at} the certificate is {status}."
    ),
    "check_signature_good": Text(
        "PDF 签名有效，签名人 {signer}，{signed_at}。", "The signature is sound: {signer}, {signed_at}."
    ),
    "check_signature_none": Text("PDF 没有签名。", "The PDF is not signed."),
    "check_signature_broken": Text("签名之后内容被改动。", "What was signed is not what stands there."),
    "check_signature_foreign": Text(
        "签名人 {signer} 不在公钥清单里：不是该平台签发的。",
        "The signer {signer} is not in the list of keys: the site did not issue it.",
    ),
    "check_signature_revoked": Text("签名密钥已作废。", "The key of the signature is revoked."),
    "check_covered_good": Text("签名覆盖整个文件。", "The signature covers the whole file."),
    "check_covered_bad": Text("签名之后文件里又加了东西。", "Something was added to the file after it was signed."),
    "check_payload_good": Text(
        "附件里的结果有签名（密钥 {key}），与明文一致。",
        "The attached result is signed (key {key}) and as it is shown.",
    ),
    "check_payload_bad": Text(
        "附件里的结果不可信（{problem}）。", "The attached result cannot be believed ({problem})."
    ),
    "check_credential_good": Text("附件里的凭证有签名。", "The attached credential is signed."),
    "check_credential_bad": Text(
        "附件里的凭证没有有效签名。", "The attached credential is not signed with a key of the list."
    ),
    "check_entry_good": Text(
        "日志第 {leaf} 条记录的正是这份结果。", "Entry {leaf} of the log is about this very result."
    ),
    "check_entry_bad": Text("附带的日志条目说的不是这份结果。", "The entry in the file is about another result."),
    "check_entry_open": Text("日志条目无从比对。", "The entry cannot be compared with a result."),
    "check_inclusion_good": Text(
        "签发已公开入账：第 {leaf} 条，日志头共 {size} 条。",
        "The issue is in the log: entry {leaf}, under the signed head of {size}.",
    ),
    "check_inclusion_bad": Text(
        "入账证明不成立（{problem}）。", "The proof that it was logged does not hold ({problem})."
    ),
    "check_saved_head_good": Text(
        "您保存的日志头（{size} 条）签名有效。", "The head you kept ({size} entries) is soundly signed."
    ),
    "check_saved_head_bad": Text(
        "您保存的日志头不可信（{problem}）。", "The head you kept cannot be believed ({problem})."
    ),
    "check_log_good": Text("给出的日志成立，共 {size} 条。", "The log you gave is sound, {size} entries."),
    "check_log_bad": Text("给出的日志不成立：", "The log you gave does not hold:"),
    "check_rolled_back_bad": Text(
        "日志被回滚：现在只有 {size} 条，以前已有 {kept} 条。",
        "The log was rolled back: {size} entries now, {kept} before.",
    ),
    "check_consistency_good": Text(
        "日志从 {old} 条到 {new} 条只增不改。", "From {old} to {new} entries the log only grew."
    ),
    "check_consistency_bad": Text(
        "日志从 {old} 条到 {new} 条之间被改写或分叉。",
        "Between {old} and {new} entries the log was rewritten or forked.",
    ),
    "check_consistency_open": Text(
        "{old} 条与 {new} 条两份日志头还没有比对：下载 /log/consistency.json?old={old}&new={new}，用 --log 给出。",
        "Heads of {old} and {new} entries, not compared: get /log/consistency.json?old={old}&new={new} for --log.",
    ),
    "check_same_entry_good": Text("第 {leaf} 条仍在原位。", "Entry {leaf} is where it was."),
    "check_same_entry_bad": Text(
        "日志里第 {leaf} 条已不是签发记录。", "Entry {leaf} of the log is not the issue any more."
    ),
    "check_file_logged_good": Text("日志里有这个文件的哈希。", "The log has the hash of this file."),
    "check_file_logged_bad": Text("日志里没有这个文件的哈希。", "The log does not have the hash of this file."),
    "problem_missing": Text("附件缺失", "it is not in the file"),
    "problem_unreadable": Text("格式不符", "it has another form"),
    "problem_unknown_key": Text("密钥 {key} 不在公钥清单里", "key {key} is not in the list of keys"),
    "problem_signature": Text("签名不符", "the signature does not fit"),
    "problem_proof": Text("哈希推不到日志头的根", "the hashes do not lead to the root of the head"),
    "problem_head_key": Text(
        "日志头的密钥不在清单里，或当时未启用", "the key of the head is not in the list, or was not in force"
    ),
    "problem_head_signature": Text("日志头签名不符", "the signature of the head does not fit"),
    "log_removed": Text("第 {place} 条被删去", "entry {place} was removed"),
    "log_altered": Text("第 {place} 条被改动", "entry {place} was altered"),
    "log_back_dated": Text("第 {place} 条时间倒填", "entry {place} was dated back"),
    "log_reordered": Text("第 {place} 条被调换位置", "entry {place} stands at another's place"),
    "log_root": Text("到第 {place} 条为止与日志头不符", "the entries up to {place} do not make the root of their head"),
    "log_forked": Text("{place} 条的日志头有两种说法", "there are two heads of {place} entries"),
    "log_rolled_back": Text("日志比 {place} 条的日志头短", "the log is shorter than a head of {place} entries"),
    "log_head_missing": Text("缺少 {place} 条的日志头", "the head of {place} entries is missing"),
    "log_head_key": Text(
        "{place} 条的日志头不是用清单里的密钥签的", "the head of {place} entries is signed with no key of the list"
    ),
    "log_head_signature": Text(
        "{place} 条的日志头签名不符", "the signature of the head of {place} entries does not fit"
    ),
    "log_head_back_dated": Text("{place} 条的日志头时间倒填", "the head of {place} entries was dated back"),
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

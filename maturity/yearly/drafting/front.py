"""What stands first: subtitle and signatories, summary, key figures, method, population."""

from __future__ import annotations

from maturity.benchmarks.words import CONTRIBUTORS
from maturity.yearly.drafting.draft import Draft
from maturity.yearly.paper import Block, Section
from maturity.yearly.scope import ALL, INDUSTRY, NATIONAL, REGION


def subtitle(d: Draft) -> str:
    kinds = {
        NATIONAL: d.say("全国报告", "National report"),
        REGION: d.say("区域报告", "Regional report"),
        INDUSTRY: d.say("行业报告", "Industry report"),
    }
    about = (
        ""
        if d.scope.kind == NATIONAL
        else d.say(f"：{d.names.cell(d.scope.focus)}", f": {d.names.cell(d.scope.focus)}")
    )
    return f"{kinds[d.scope.kind]}{about}{d.say('（', ' (')}{d.year(d.book.period)}{d.say(' 年度）', ')')}"


def signatories(d: Draft, publisher: str) -> tuple[str, ...]:
    return (
        d.say(f"发布单位：{publisher}", f"Published by: {publisher}"),
        d.say("编写单位：", "Written by: "),
        d.say("技术支持单位：", "Technical support: "),
        d.say("主编：", "Editor: "),
        d.say("审核：", "Reviewed by: "),
        d.say("批准：", "Approved by: "),
    )


def summary(d: Draft) -> Section:
    focus = d.scope.focus
    blocks: list[Block | None] = [
        d.paragraph(
            d.say(
                f"本报告依据 {d.year(d.book.period)} 年度发布的基准数据编写，说明{d.where(focus)}企业两化融合的水平、"
                "结构和变化，"
                "供主管部门制定政策、企业对照改进时参考。报告中的每个数字都来自已发布的基准单元或注明出处的公开数据，"
                "并可在附录“数据依据”中逐一查到。",
                f"This report rests on the benchmarks released for {d.year(d.book.period)}. It describes how far "
                f"informatization and industrialization are integrated in {d.where(focus)}, how this is spread and "
                "how it "
                "changes, for those who make policy and those who improve enterprises. Each of its figures comes "
                "from a "
                "published benchmark cell or from a public source that is named, and is listed in the annex of "
                "evidence.",
            )
        ),
        _coverage(d),
    ]
    blocks.append(d.bullets(_findings(d)))
    blocks.append(
        d.note(
            "结论只说到发布数据的取整精度为止：两个数的差异没有超出取整范围的，一律写作“相当”或“变动未超出取整范围"
            "”；未发布的单元不作推测。",
            "Statements go no further than the published rounding: where two figures do not differ beyond it they are "
            "called about the same, and nothing is inferred about cells that are not published.",
        )
    )
    return d.section("summary", "摘要", "Summary", blocks)


def _coverage(d: Draft) -> Block:
    focus = d.scope.focus
    if d.book.cell(focus) is None:
        return d.paragraph(
            d.say(f"{d.where(focus)}整体未达到发布条件。", f"{d.where(focus)} as a whole is not published.")
        )
    reviewed = d.figure("cell", focus, "reviewed")
    tail = ""
    if reviewed is not None:
        tail = d.sentence(
            d.say(
                f"其中答案经过审核的约占 {d.token('cell', focus, 'reviewed')}，其余为企业自报",
                f"the answers of about {d.token('cell', focus, 'reviewed')} of them were reviewed, the others are "
                "self-declared",
            )
        )
    return d.paragraph(
        d.say(
            f"纳入统计的企业约 {d.token('cell', focus, 'contributors')} 家（取整到五，同一集团按一家计）。",
            f"About {d.token('cell', focus, 'contributors')} enterprises are counted (rounded to fives, a group "
            "counting once).",
        ),
        tail,
    )


def _findings(d: Draft) -> list[str]:
    focus = d.scope.focus
    wider = d.scope.wider[-1] if d.scope.wider else None
    lines = []
    for name in ("capability", "cnc_rate"):
        if name in d.book.indicators:
            if wider is not None:
                lines.append(d.compared(name, focus, wider))
            elif d.figure(name, focus) is not None:
                lines.append(d.sentence(d.level_of(name, focus)))
            else:
                lines.append(d.not_published(name, focus))
    criteria = [item.id for item in d.of_kind("criterion") if d.figure(item.id, focus)]
    if criteria:
        best = sorted(criteria, key=lambda name: (-d.figure(name, focus).value, name))  # type: ignore[union-attr]  # kept above
        lines.append(
            d.sentence(
                d.say(
                    "应用较广的是"
                    + "、".join(f"{d.title(name)}（{d.token(name, focus)}）" for name in best[:3])
                    + "，较少的是"
                    + "、".join(f"{d.title(name)}（{d.token(name, focus)}）" for name in best[::-1][:3]),
                    "most widespread are "
                    + ", ".join(f"“{d.title(name)}” ({d.token(name, focus)})" for name in best[:3])
                    + "; least "
                    + ", ".join(f"“{d.title(name)}” ({d.token(name, focus)})" for name in best[::-1][:3]),
                )
            )
        )
    lines.append(_by_size(d))
    lines.append(_spread(d))
    lines.append(_change(d))
    return lines


def _by_size(d: Draft) -> str:
    large, small = d.scope.sizes[0], d.scope.sizes[2]
    if d.figure("capability", large) is None or d.figure("capability", small) is None:
        return ""
    return d.compared("capability", large, small)


def _spread(d: Draft) -> str:
    keys = d.scope.sectors or d.scope.macros
    if d.scope.kind == INDUSTRY:
        return _prefixed(
            d,
            d.say("分地区看，", "By region, "),
            d.extremes("capability", d.scope.macros, lambda key: d.names.region(key.region)),
        )
    return _prefixed(
        d,
        d.say("分行业看，", "By sector, "),
        d.extremes("capability", keys, lambda key: d.names.industry(key.industry)),
    )


def _prefixed(d: Draft, prefix: str, sentence: str) -> str:
    if not sentence:
        return ""
    return prefix + (sentence if d.is_chinese else sentence[:1].lower() + sentence[1:])


def _change(d: Draft) -> str:
    periods = d.book.comparable
    return d.changed("capability", d.scope.focus, periods[0], periods[-1]) if len(periods) > 1 else ""


def key_figures(d: Draft) -> Section:
    focus, wider = d.scope.focus, d.scope.wider
    columns = [(focus, 0), *((key, 0) for key in wider[:2]), *((focus, period) for period in d.book.periods[-2:-1])]
    head = [d.say("指标", "Indicator"), d.say("统计量", "Statistic")]
    head += [
        d.names.cell(key)
        if not period
        else d.say(f"{d.names.cell(key)}，{d.year(period)} 年", f"{d.names.cell(key)}, {d.year(period)}")
        for key, period in columns
    ]
    rows = [
        [
            item.title.to(d.locale),
            d.say("比例", "share") if item.kind == "criterion" else d.say("中位数", "median"),
            *(d.token(item.id, key, "", period) for key, period in columns),
        ]
        for item in d.book.indicators.values()
    ]
    rows.insert(
        0,
        [
            d.say(CONTRIBUTORS.zh, CONTRIBUTORS.en),
            d.say("家", "count"),
            *(d.token("cell", key, "contributors", period) for key, period in columns),
        ],
    )
    return d.section(
        "key_figures",
        "主要数据",
        "Key figures",
        [
            d.paragraph(
                d.say(
                    "下表汇总本报告使用的全部指标。得分为零到一百分；率和比例为百分数。率是企业自身的比率，表中为各企"
                    "业比率的中位数；"
                    "比例是达到某一标准的企业占参评企业的份额。两者口径不同，不能互相比较。",
                    "The table holds all indicators of this report. Scores run from nought to a hundred; rates and "
                    "shares are in "
                    "percent. A rate is one enterprise’s own, and the table has the median of all of them; a share "
                    "is that of the "
                    "enterprises meeting a criterion. The two kinds must not be compared with each other.",
                )
            ),
            d.table(
                d.say(f"{d.year(d.book.period)} 年度主要数据", f"Key figures of {d.year(d.book.period)}"), head, rows
            ),
            d.note(
                "“未发布”表示该单元未达到披露控制规则的条件；规则及参数见“披露控制说明”。",
                "“Not published” means that a cell does not meet the rules of disclosure control; see the "
                "disclosure statement.",
            ),
        ],
    )


def method(d: Draft) -> Section:
    rows = [
        [
            item.title.to(d.locale),
            d.say("能力", "Capability") if item.id in ("B", "S", "G", "X") else d.say("成效", "Outcome"),
            d.definition(item.id),
        ]
        for item in d.dimensions
    ]
    return d.section(
        "method",
        "评估方法",
        "Method",
        [
            d.heading("评估框架", "Framework"),
            d.paragraph(
                d.say(
                    "评估按{{=GB/T 23020-2013}}《工业企业信息化和工业化融合评估规范》的思路，把企业的两化融合分为能力"
                    "和成效两部分。能力包括基础建设、"
                    "单项应用、综合集成、协同与创新四个维度，成效包括竞争力、经济和社会效益两个维度。能力得分决定发展"
                    "阶段，成效得分单独给出，"
                    "不参与阶段判定。",
                    "The assessment follows {{=GB/T 23020-2013}}, the specification for assessing the integration of "
                    "informatization and "
                    "industrialization in industrial enterprises. It has two parts: capability, in the dimensions "
                    "foundation, single "
                    "applications, integration, and collaboration and innovation; and outcomes, in competitiveness "
                    "and in economic and "
                    "social benefit. The stage follows from capability alone; outcomes are given beside it and "
                    "admit to nothing.",
                )
            ),
            d.paragraph(
                d.say(
                    "每个指标由企业填报的事实计算为零到一之间的精确值，再按权重汇总；企业不适用的指标不计，其权重由同"
                    "组指标分担；尚未开展的计零并保留权重。"
                    "任何企业的得分都不因其他企业的高低而改变，因此得分可以跨年比较；名次和分位数则随参评企业变化。",
                    "Each indicator is an exact value between nought and one, computed from facts that the "
                    "enterprise states, and summed "
                    "by weight. What does not apply to an enterprise is left out and its weight shared among its "
                    "siblings; what is not "
                    "there yet counts nought and keeps its weight. No score depends on other enterprises, so that "
                    "scores compare across "
                    "years; ranks and quantiles move with those who take part.",
                )
            ),
            d.table(
                d.say("评估维度", "Dimensions"),
                [d.say("维度", "Dimension"), d.say("类别", "Part"), d.say("说明", "What it says")],
                rows,
            ),
            d.heading("发展阶段", "Stages"),
            d.paragraph(
                d.say(
                    "阶段由低到高共四个："
                    + "、".join(title.zh for title in d.book.levels.values())
                    + "。进入某一阶段，要求相应维度的得分都达到该阶段的门槛，且已达到其下的各个阶段；"
                    "总分高而某一维度有缺口的企业，停在缺口之前的阶段。",
                    "There are four stages: "
                    + ", ".join(title.en for title in d.book.levels.values())
                    + ". A stage is reached when each dimension it asks for is at its gate and all stages below it are "
                    "reached; an enterprise with a high total and a gap in one dimension stays at the one before.",
                )
            ),
            _gates_table(d),
            d.heading("统计量", "Statistics"),
            d.paragraph(
                d.say(
                    "得分和率用分位数描述：把企业由低到高排开，中位数是正中间的值，下四分位数和上四分位数是把企业等分"
                    "为四份的另外两个分界；条件允许时另给十分位数。"
                    "本报告不用算术平均描述单元，因为平均数可以相减而泄露少数企业；只有通过可加统计规则审计的单元才另"
                    "给平均值。"
                    "不发布最大值、最小值和任何一家企业的数值。",
                    "Scores and rates are described by quantiles: with the enterprises in order, the median stands "
                    "in the middle, and the "
                    "quartiles cut them into four groups of one size; where the rules allow, deciles are given, too. "
                    "Cells are not described by means, since means "
                    "can be subtracted and would tell of a few enterprises; they are given only where the audit of "
                    "additive statistics "
                    "admits them. No maximum, no minimum and no value of a single enterprise is published.",
                )
            ),
            d.paragraph(
                d.say(
                    "每个分位数取排序位置附近五个值的平均再取整：企业数较多的单元取整到 {{rule:fine_step}} 分，较少的"
                    "取整到 {{rule:coarse_step}} 分；"
                    "达标比例和阶段分布取整到 {{rule:share_base}} 个百分点。",
                    "Each quantile is the mean of the five values around its rank, rounded to {{rule:fine_step}} "
                    "point in larger cells and "
                    "to {{rule:coarse_step}} in smaller ones; shares of criteria and of stages are rounded to "
                    "{{rule:share_base}} percentage "
                    "points.",
                )
            ),
            d.heading("可比性", "Comparability"),
            d.paragraph(
                d.say(
                    "同一框架、同一版本规则的各期发布可以比较；参评企业每年不尽相同，两期之差既含企业自身的变化，也含"
                    "参评构成的变化。"
                    "公开发布的全国数据统计范围不同，本报告只并列，不连成一条线，也不相减。",
                    "Releases of one framework under one version of the rules can be compared. Those taking part are "
                    "not the same every "
                    "year: a difference between two releases holds change within enterprises and change of who takes "
                    "part. Published "
                    "national figures stand on other bases; this report sets them beside its own, and neither joins "
                    "nor subtracts them.",
                )
            ),
        ],
    )


def _gates_table(d: Draft) -> Block | None:
    rows = [
        [d.book.levels[gate.level].to(d.locale), d.title(gate.dimension), f"{{{{gate:{gate.id}}}}}"]
        for gate in d.book.gates.values()
        if gate.level in d.book.levels and gate.dimension in d.book.indicators
    ]
    head = [d.say("阶段", "Stage"), d.say("维度", "Dimension"), d.say("门槛（得分不低于）", "Gate (score at least)")]
    return d.table(d.say("进入各阶段的门槛", "Gates of the stages"), head, rows)


def population(d: Draft) -> Section:
    release, focus = d.book.release, d.scope.focus
    keys = [*d.scope.wider, focus, *d.scope.sectors, *d.scope.macros, *d.scope.sizes]
    rows = [
        [d.names.cell(key), d.token("cell", key, "contributors"), d.token("cell", key, "reviewed")]
        for key in dict.fromkeys(keys)
        if d.book.cell(key) is not None
    ]
    compared = dict.fromkeys((focus, ALL))
    return d.section(
        "population",
        "参评范围与样本",
        "Population and coverage",
        [
            _synthetic(d),
            d.paragraph(
                d.say(
                    f"数据截止日为 {{{{={release.cut_off_on}}}}}，发布日为 {{{{={release.published_on}}}}}。统计对象"
                    "是在截止日前按完整路径提交评估、"
                    "且各项严重校验均已解决的企业，每家只取最近一次提交；快速测评、草稿和未走完的评估不计入。",
                    f"The cut-off was on {{{{={release.cut_off_on}}}}}, the release on "
                    f"{{{{={release.published_on}}}}}. Counted are enterprises "
                    "that had by then submitted an assessment on the full path with every serious check resolved, "
                    "each with its latest "
                    "submission only; quick checks, drafts and assessments that ended early are not counted.",
                )
            ),
            d.paragraph(
                d.say(
                    "企业数按最终控制集团计：一个集团的多家企业在判断能否发布时只算一家，以免一个集团代表一个单元。公"
                    "布的企业数取整到"
                    " {{rule:count_base}}，向上或向下由成员集合固定，多次查询结果不变。",
                    "Enterprises are counted by their ultimate group: several companies of one group count once when "
                    "it is decided "
                    "whether a cell is published, so that no group stands for a cell. Published counts are rounded to "
                    "{{rule:count_base}}, up or down as the set of members fixes it, the same each time.",
                )
            ),
            d.paragraph(
                d.say(
                    "参评企业由各地组织或自愿参加，不是随机样本。本报告的数字说的是参评企业，不能直接当作全部工业企业"
                    "的水平；"
                    "参评率高的行业和地区，代表性较好。",
                    "Enterprises take part because they were asked to or because they want to; they are no random "
                    "sample. The figures "
                    "speak of those who took part and not of all industry; where more take part they represent it "
                    "better.",
                )
            ),
            d.table(
                d.say("各单元企业数与审核比例", "Enterprises and reviewed share by cell"),
                [d.say("单元", "Cell"), d.say(CONTRIBUTORS.zh, CONTRIBUTORS.en), d.say("已审核", "Reviewed")],
                rows,
            ),
            d.table(
                d.say("历次发布的企业数（集团按一家计，约）", "Enterprises by release (a group counts once), about"),
                [d.say("年度", "Year"), *(d.names.cell(key) for key in compared)],
                [
                    [d.year(period), *(d.token("cell", key, "contributors", period) for key in compared)]
                    for period in d.book.periods
                ],
            ),
        ],
    )


def _synthetic(d: Draft) -> Block | None:
    if not d.book.is_synthetic:
        return None
    return d.note(
        "本报告使用合成演示数据：企业并不存在，数字只用来演示方法和版式，不得引用为真实情况。",
        "This report uses synthetic demonstration data: the enterprises do not exist. Its figures show the method "
        "and the "
        "layout and must not be quoted as fact.",
    )

"""What stands last: disclosure statement, definitions, tables, and the annexes of evidence, cells and sources."""

from __future__ import annotations

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.yearly.drafting.draft import Draft
from maturity.yearly.paper import Block, Section
from maturity.yearly.scope import REGION


def disclosure(d: Draft) -> Section:
    rows = [
        [f"{{{{={rule.rule}}}}}", rule.title.to(d.locale), f"{{{{rule:{rule.id}}}}}", f"{{{{why:{rule.id}}}}}"]
        for rule in d.book.rules.values()
    ]
    return d.section(
        "disclosure",
        "披露控制说明",
        "Disclosure statement",
        [
            d.paragraph(
                d.say(
                    "本报告只使用已发布的基准单元，编写单位看不到任何一家企业的答案。发布前，每个单元都按统一规则检查"
                    "；不符合规则的单元或统计量不予发布，"
                    "任何读者、包括主管部门，看到的都是同一份发布。",
                    "This report uses published cells only; its authors see no answer of any enterprise. Before a "
                    "release every cell is "
                    "checked by the same rules; a cell or statistic that does not meet them is withheld, and every "
                    "reader, regulators "
                    "included, sees the same release.",
                )
            ),
            d.bullets(
                [
                    d.say(
                        "单元须有足够多互不隶属的集团，且没有一个集团占多数。",
                        "A cell needs enough groups that do not belong to each other, none of them in the majority.",
                    ),
                    d.say(
                        "分位数两侧都要有足够多的集团，且取整后发布。",
                        "Each quantile needs enough groups on each of its sides, and is rounded.",
                    ),
                    d.say(
                        "大单元减小单元、本期减上期、此框架减彼框架，剩下的集团要么没有，要么足够多，相减得不到少数"
                        "企业。",
                        "A wider cell less a narrower one, a release less the one before, a framework less another "
                        "leave either no group or enough of them.",
                    ),
                    d.say(
                        "咨询机构的客户、同一集团的企业联合起来，也不能推出其他少数企业。",
                        "The clients of a consultancy or the companies of a group cannot, together, infer the few "
                        "others.",
                    ),
                    d.say(
                        "单元一经发布不再更改；更正以新的发布作出，并附说明。",
                        "A published cell never changes; a correction is a release of its own with a notice.",
                    ),
                ]
            ),
            d.table(
                d.say("披露控制规则与参数", "Rules and parameters of disclosure control"),
                [d.say("规则", "Rule"), d.say("参数", "Parameter"), d.say("取值", "Value"), d.say("理由", "Why")],
                rows,
            ),
            d.paragraph(
                d.say(
                    "所用规则版本见编制页和附录“资料来源”。主管部门对基准单元的每次读取都记入台账，计入发布的企业可以"
                    "查阅；编写本报告的读取也在其中，"
                    "用途写明为年度报告。",
                    "The version of the rules is named on the imprint and in the annex of sources. Each reading of "
                    "cells by a regulator is "
                    "entered in a ledger open to the enterprises counted; the readings for this report are in it, "
                    "with the yearly report "
                    "as their purpose.",
                )
            ),
        ],
    )


def definitions(d: Draft) -> Section:
    kinds = {"score": d.say("得分", "score"), "rate": d.say("率", "rate"), "criterion": d.say("比例", "share")}
    rows = [[item.title.to(d.locale), kinds[item.kind], d.definition(item.id)] for item in d.book.indicators.values()]
    published = [[item.title.to(d.locale), f"{{{{pub:{item.id}}}}}"] for item in d.book.series.values() if item.points]
    words = [
        [
            d.say("单元", "Cell"),
            d.say(
                "行业、地区、规模三项的一种组合，是发布的最小单位。",
                "One combination of industry, region and size: what is published or withheld as a whole.",
            ),
        ],
        [
            d.say("发布", "Release"),
            d.say(
                "某一框架、某一年度经两人审核后冻结的全部单元。",
                "All cells of one framework and year, frozen after two people have reviewed them.",
            ),
        ],
        [
            d.say("未发布", "Not published"),
            d.say(
                "按规则不予发布；不表示数值高或低，也不表示没有企业。",
                "Withheld by the rules; it says neither high nor low, nor that there are no enterprises.",
            ),
        ],
        [
            d.say("相当", "About the same"),
            d.say(
                "两个取整后的数之差没有超出取整可能造成的差异。",
                "Two rounded figures do not differ by more than rounding may have caused.",
            ),
        ],
        [
            d.say(CONTRIBUTORS.zh, CONTRIBUTORS.en),
            d.say("按最终控制集团计并取整的数。", "Counted by ultimate group, and rounded."),
        ],
        [
            d.say("统计范围中断", "Break in basis"),
            d.say(
                "公开数据的统计总体改变之处；中断两侧不可比较。",
                "Where the population of published figures changes; the two sides do not compare.",
            ),
        ],
    ]
    return d.section(
        "definitions",
        "指标口径",
        "Definitions",
        [
            d.table(
                d.say("本报告指标口径", "Indicators of this report"),
                [d.say("指标", "Indicator"), d.say("类型", "Kind"), d.say("口径", "Definition")],
                rows,
            ),
            d.table(
                d.say("公开数据口径", "Published series"),
                [d.say("公开数据", "Published series"), d.say("口径", "Definition")],
                published,
            ),
            d.table(d.say("用语", "Terms"), [d.say("用语", "Term"), d.say("含义", "Meaning")], words),
        ],
        is_annex=True,
    )


def appendix(d: Draft) -> Section:
    """Quartiles of every score and rate by part, and every share by part: the tables the text summarises."""
    parts: list[CellKey] = [d.scope.focus, *d.scope.sizes, *(d.scope.sectors or d.scope.macros)]
    places = [*(d.scope.cities if d.scope.kind == REGION else d.scope.provinces)]
    blocks: list[Block | None] = []
    for item in d.of_kind("score", "rate"):
        keys = [
            key
            for key in (*parts, *(places if item.id in ("capability", "cnc_rate") else ()))
            if d.figure(item.id, key)
        ]
        caption = d.say(f"{item.title.zh}：各单元四分位数", f"{item.title.en}: quartiles by cell")
        blocks.append(d.quartile_table(caption, item.id, keys, d.names.cell))
    criteria = d.of_kind("criterion")
    for at in range(0, len(criteria), 5):
        chosen = criteria[at : at + 5]
        rows = [
            [d.names.cell(key), *(d.token(item.id, key) for item in chosen)]
            for key in parts
            if d.book.cell(key) is not None
        ]
        caption = d.say(
            f"达标企业比例：{chosen[0].title.zh}等", f"Shares of enterprises: {chosen[0].title.en} and others"
        )
        blocks.append(
            d.table(caption, [d.say("单元", "Cell"), *(item.title.to(d.locale) for item in chosen)], rows, wide=True)
        )
    blocks.append(_means(d, parts))
    return d.section("appendix", "附表", "Tables", blocks, is_annex=True)


def _means(d: Draft, parts: list[CellKey]) -> Block | None:
    """Means where the audit of additive statistics admits them."""
    keys = [key for key in parts if (cell := d.book.cell(key)) and cell.means]
    names = [name for name in ("capability", "cnc_rate") if any(d.figure(name, key, "mean") for key in keys)]
    if not keys or not names:
        return None
    rows = [[d.names.cell(key), *(d.token(name, key, "mean") for name in names)] for key in keys]
    return d.table(
        d.say("平均值（按可加统计规则审计后发布）", "Means, published under the rule for additive statistics"),
        [d.say("单元", "Cell"), *(d.title(name) for name in names)],
        rows,
    )


def evidence(d: Draft) -> Section:
    return d.section(
        "evidence",
        "数据依据",
        "Evidence",
        [
            d.paragraph(
                d.say(
                    "正文中每个数字右上角的编号对应下表中的一行；表中给出它的统计量、所在单元和发布。单元编号见附录"
                    "“所用单元”。",
                    "The raised number beside a figure in the text is a row of this list, with its statistic, its "
                    "cell and its release. "
                    "Cells are numbered in the next annex.",
                )
            ),
            Block("evidence"),
        ],
        is_annex=True,
    )


def cells(d: Draft) -> Section:
    return d.section(
        "cells",
        "所用单元",
        "Cells used",
        [
            d.paragraph(
                d.say(
                    "本报告的文字、图和表使用的全部单元如下。单元所属的发布由其摘要值唯一确定，任何人都可以据此核对。",
                    "All cells that text, charts and tables of this report use. Their release is identified by its "
                    "hash, by which anybody "
                    "can check them.",
                )
            ),
            Block("cells"),
        ],
        is_annex=True,
    )


def sources(d: Draft) -> Section:
    return d.section("sources", "资料来源", "Sources", [Block("sources")], is_annex=True)

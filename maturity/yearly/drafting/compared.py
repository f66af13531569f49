"""Over time, beside published figures, against targets, and up to the gates of the stages."""

from __future__ import annotations

import re
from decimal import Decimal

from maturity.benchmarks.cells import CellKey
from maturity.yearly.book import Gate, PublishedPoint, PublishedSeries
from maturity.yearly.drafting.draft import Draft
from maturity.yearly.language import Side, listed, side_of_value
from maturity.yearly.paper import Block, Section
from maturity.yearly.tokens import BelowRef

#: An indicator of a release and the published series that means nearly the same.
PAIRS = {
    "cnc_rate": "cnc_rate",
    "rd_tools": "rd_tool_rate",
    "platform_use": "platform_rate",
    "equipment_digital_rate": "equipment_digital_rate",
    "network_collaboration": "network_collaboration",
    "service_manufacturing": "service_manufacturing",
    "customisation": "customisation",
    "smart_ready": "smart_ready",
}


def trend(d: Draft) -> Section:
    focus, periods = d.scope.focus, d.book.periods
    if len(periods) < 2:
        return d.section(
            "trend",
            "变化趋势",
            "Trend",
            [d.paragraph(d.say("只有一期发布，尚无趋势可言。", "There is one release only, and no trend yet."))],
        )
    scores = d.of_kind("score")
    rates = d.of_kind("rate")
    criteria = d.of_kind("criterion")
    alike = d.book.comparable
    told = (*scores, *rates, *criteria) if len(alike) > 1 else ()
    lines = [d.changed(item.id, focus, alike[0], alike[-1]) for item in told]
    first = d.changed("capability", focus, alike[0], alike[-1]) if told else _cut(d)
    blocks: list[Block | None] = [
        d.finding(first),
        d.trend(
            d.say("得分中位数的变化", "Median scores over releases"),
            [(item.title.to(d.locale), item.id, focus) for item in scores[:6]],
        ),
        d.trend(
            d.say("企业比率中位数的变化", "Median rates over releases"),
            [(item.title.to(d.locale), item.id, focus) for item in rates[:6]],
        ),
    ]
    for at in range(0, len(criteria), 5):
        part = criteria[at : at + 5]
        blocks.append(
            d.trend(
                d.say(
                    "达标企业比例的变化：" + part[0].title.zh + "等",
                    f"Shares over releases: {part[0].title.en} and others",
                ),
                [(item.title.to(d.locale), item.id, focus) for item in part],
            )
        )
    blocks += [
        d.bullets(lines) if lines else None,
        d.table(
            d.say("历次发布的主要指标", "Key indicators by release"),
            [d.say("指标", "Indicator"), *(d.year(period) for period in periods)],
            [
                [item.title.to(d.locale), *(d.token(item.id, focus, "", period) for period in periods)]
                for item in (*scores, *rates, *criteria)
            ],
        ),
        d.paragraph(
            _cut(d)
            or d.say(
                "各期发布使用同一版本的评估模型和披露控制规则，没有口径中断。",
                "All releases stand on one edition of the framework and one version of the rules: there is no break.",
            ),
            d.say(
                "某期未发布的单元在图中断开，不以前后两期推算。",
                "Where a cell was withheld in a release the line is interrupted; nothing is interpolated.",
            ),
        ),
    ]
    by_size = [(d.names.size(key.size), "capability", key) for key in d.scope.sizes]
    blocks.append(
        d.trend(d.say("各规模企业能力得分中位数的变化", "Median capability score over releases by size"), by_size)
    )
    parts = [(d.names.industry(key.industry), "capability", key) for key in d.scope.sectors[:6]] or [
        (d.names.region(key.region), "capability", key) for key in d.scope.macros
    ]
    blocks.append(
        d.trend(d.say("各类企业能力得分中位数的变化", "Median capability score over releases by part"), parts)
    )
    return d.section("trend", "变化趋势", "Trend", blocks)


def _cut(d: Draft) -> str:
    """Where the basis of the releases changes, and why nothing is said across it."""
    return d.joined(
        d.say(
            f"{d.year(before)} 与 {d.year(after)} 年之间统计基础改变（{_traced(why.zh)}），"
            "图中的线在此断开，两边不作比较。",
            f"The basis changes between {d.year(before)} and {d.year(after)} ({_traced(why.en)}); lines are cut there, "
            "and nothing is compared across.",
        )
        for before, after, why in d.book.breaks
    )


def _traced(words: str) -> str:
    """Numbers of editions as references, as every number in a text."""
    return re.sub(r"\d[\d.]*\d|\d", lambda found: f"{{{{={found[0]}}}}}", words)


def _usable(d: Draft) -> list[tuple[str, PublishedSeries]]:
    """Series with something verified to show; first those that stand beside an indicator of ours."""
    paired = [
        (name, d.book.series[other])
        for name, other in PAIRS.items()
        if name in d.book.indicators and other in d.book.series
    ]
    seen = {series.id for _name, series in paired}
    alone = [("", series) for series in d.book.series.values() if series.id not in seen]
    return [(name, series) for name, series in (*paired, *alone) if series.points]


def published(d: Draft) -> Section:
    blocks: list[Block | None] = [
        d.paragraph(
            d.say(
                "本章把本期数据与国家公开发布的数据并列，作为背景。公开数据的统计范围先后有过变化：规模以上工业企业、"
                "重点工业企业、新平台企业不是同一总体，"
                "图中在变化处断开；本报告的数字单独放在右侧，不与公开数据连线，也不计算差值。",
                "This chapter sets figures published nationally beside this release, as background. Their basis has "
                "changed over time: "
                "enterprises above designated size, key enterprises and those of the new platform are not one "
                "population, and lines are "
                "cut where it changes. The figures of this report stand in a field of their own; they are neither "
                "joined with nor "
                "subtracted from the published ones.",
            )
        )
    ]
    for name, series in _usable(d):
        title = series.title.to(d.locale)
        blocks.append(Block("heading", title))
        blocks.append(d.paragraph(_last(d, series), _own(d, name)))
        blocks.append(
            d.note(f"公开数据口径：{{{{pub:{series.id}}}}}", f"Published definition: {{{{pub:{series.id}}}}}")
        )
        tokens = [d.bare(name, d.scope.focus, "", period) for period in d.book.periods] if name else []
        spec = {"form": "published", "series": series.id, "own": tokens, "tokens": tokens}
        if len(series.points) > 1:
            blocks.append(
                Block(
                    "chart",
                    d.say(f"{title}：公开数据与本报告", f"{title}: published figures and this report")
                    if name
                    else d.say(f"{title}：公开数据", f"{title}: published figures"),
                    spec,
                )
            )
        blocks.append(_points_table(d, series, title))
    return d.section("published", "与公开数据对照", "Beside published figures", blocks)


def _period(period: str) -> str:
    return f"{{{{={period}}}}}"


def _last(d: Draft, series: PublishedSeries) -> str:
    point = series.points[-1]
    basis, token = f"{{{{basis:{point.basis}}}}}", f"{{{{ref:{series.id}@{point.period}}}}}"
    return d.sentence(
        d.say(
            f"最近一次公开数据为 {_period(point.period)}，{token}（统计范围：{basis}；{point.standing.zh}，来源 "
            f"{_source(point)}）",
            f"the latest published figure is {token}, of {_period(point.period)} (basis: {basis}; "
            f"{point.standing.en}, source {_source(point)})",
        )
    )


def _source(point: PublishedPoint) -> str:
    """A source is called by its letter and number, which the list of sources explains."""
    return f"{{{{src:{point.source}}}}}"


def _own(d: Draft, name: str) -> str:
    if not name:
        return ""
    return (
        d.sentence(d.level_of(name, d.scope.focus))
        if d.figure(name, d.scope.focus)
        else d.not_published(name, d.scope.focus)
    )


def _points_table(d: Draft, series: PublishedSeries, title: str) -> Block | None:
    rows = [
        [
            _period(point.period),
            f"{{{{ref:{series.id}@{point.period}}}}}",
            f"{{{{basis:{point.basis}}}}}",
            point.standing.to(d.locale),
            _source(point),
        ]
        for point in series.points
    ]
    head = [
        d.say("时点", "As of"),
        d.say("数值", "Value"),
        d.say("统计范围", "Basis"),
        d.say("可靠性", "Standing"),
        d.say("来源", "Source"),
    ]
    return d.table(d.say(f"{title}：公开数据", f"{title}: published figures"), head, rows)


def targets(d: Draft) -> Section:
    rows, told = [], []
    for name, other in PAIRS.items():
        if name not in d.book.indicators or other not in d.book.series:
            continue
        series = d.book.series[other]
        for target in series.targets:
            token = f"{{{{target:{series.id}@{target.period}}}}}"
            rows.append(
                [
                    series.title.to(d.locale),
                    _period(target.period),
                    f"{target.comparator.to(d.locale)} {token}",
                    _last_token(series),
                    d.token(name, d.scope.focus),
                    _source(target),
                ]
            )
            told.append(_against(d, name, series, target, token))
    if not rows:
        return d.section("targets", "目标与进展", "Targets", [])
    return d.section(
        "targets",
        "目标与进展",
        "Targets and progress",
        [
            d.paragraph(
                d.say(
                    "目标取自公开发布的规划。目标针对其规定的统计范围；本报告的参评企业不是同一总体，因此下面只说本"
                    "报告的数字在目标的哪一侧，不说目标是否完成。",
                    "Targets are those of published plans. They are set for the population the plan names; those in "
                    "this report are another one, "
                    "so it is said on which side of the target the figure stands, and not whether the target is met.",
                )
            ),
            d.table(
                d.say("公开目标与最近数据", "Published targets and latest figures"),
                [
                    d.say("指标", "Indicator"),
                    d.say("目标年", "Year"),
                    d.say("目标", "Target"),
                    d.say("最近公开数据", "Latest published"),
                    d.say("本报告", "This report"),
                    d.say("来源", "Source"),
                ],
                rows,
                wide=True,
            ),
            d.bullets(told),
        ],
    )


def _last_token(series: PublishedSeries) -> str:
    return f"{{{{ref:{series.id}@{series.points[-1].period}}}}}" if series.points else "—"


def _against(d: Draft, name: str, series: PublishedSeries, target: PublishedPoint, token: str) -> str:
    own = d.figure(name, d.scope.focus)
    if own is None:
        return d.not_published(name, d.scope.focus)
    words = {
        Side.HIGHER: d.say("高于", "above"),
        Side.LOWER: d.say("低于", "below"),
        Side.SAME: d.say("在取整范围内接近", "as far as rounding shows at"),
    }[side_of_value(own, Decimal(target.value))]
    return d.sentence(
        d.say(
            f"{series.title.zh}：本报告为 {d.token(name, d.scope.focus)}，{words} {_period(target.period)} 年目标 "
            f"{token}",
            f"{series.title.en}: {d.token(name, d.scope.focus)} in this report, {words} the target of {token} for "
            f"{_period(target.period)}",
        )
    )


def gates(d: Draft) -> Section:
    focus = d.scope.focus
    usable = [gate for gate in d.book.gates.values() if gate.dimension in d.book.indicators]
    blocks: list[Block | None] = [
        d.paragraph(
            d.say(
                "进入更高阶段要求各维度都达到门槛。把门槛放在各维度得分的分布上，就看得出多少企业卡在哪一关：门槛高"
                "于中位数，说明多数企业未达到。",
                "A higher stage asks each of its dimensions to be at the gate. Set on the distribution of the "
                "scores, a gate shows where "
                "enterprises are held up: where it lies above the median, most of them are below it.",
            )
        )
    ]
    for level, title in d.book.levels.items():
        of_level = [gate for gate in usable if gate.level == level]
        if not of_level:
            continue
        blocks.append(Block("heading", d.say(f"进入“{title.zh}”", f"Into “{title.en}”")))
        blocks.append(d.bullets(_held_up(d, gate) for gate in of_level))
        blocks.append(
            d.boxes(
                d.say(f"“{title.zh}”的门槛与得分分布", f"Gates of “{title.en}” and the scores"),
                [(d.title(gate.dimension), gate.dimension, focus) for gate in of_level],
                [f"gate:{gate.id}" for gate in of_level],
            )
        )
        rows = [
            [d.names.size(key.size), *(_below(gate, key) for gate in of_level)]
            for key in d.scope.sizes
            if d.book.cell(key) is not None
        ]
        head = [d.say("规模", "Size"), *(d.title(gate.dimension) for gate in of_level)]
        blocks.append(
            d.table(d.say(f"未达到“{title.zh}”门槛的企业", f"Enterprises below the gates of “{title.en}”"), head, rows)
        )
    blocks.append(_narrowest(d, usable))
    return d.section("gates", "阶段提升的瓶颈", "What holds enterprises up", blocks)


def _held_up(d: Draft, gate: Gate) -> str:
    title, median = d.title(gate.dimension), d.token(gate.dimension, d.scope.focus)
    if d.figure(gate.dimension, d.scope.focus) is None:
        return d.not_published(gate.dimension, d.scope.focus)
    below = _below(gate, d.scope.focus)
    return d.sentence(
        d.say(
            f"{title}：门槛 {{{{gate:{gate.id}}}}}，中位数 {median}，{below}的企业未达到",
            f"{title}: gate {{{{gate:{gate.id}}}}}, median {median}; {below} of the enterprises are below",
        )
    )


def _below(gate: Gate, key: CellKey) -> str:
    return f"{{{{{BelowRef(gate.id, key)}}}}}"


def _narrowest(d: Draft, gates_: list[Gate]) -> Block | None:
    """The gates whose dimension falls furthest short, by the median."""
    short = [
        gate
        for gate in gates_
        if (figure := d.figure(gate.dimension, d.scope.focus)) and side_of_value(figure, gate.value) is Side.LOWER
    ]
    if not short:
        return None
    names = [
        d.say(
            f"{d.book.levels[gate.level].zh}的{d.title(gate.dimension)}",
            f"{d.title(gate.dimension)} for “{d.book.levels[gate.level].en}”",
        )
        for gate in short
    ]
    return d.paragraph(
        d.sentence(
            d.say(
                f"中位数尚在门槛之下的是：{listed(names, d.locale)}",
                f"the median is still below the gate in {listed(names, d.locale)}",
            )
        )
    )

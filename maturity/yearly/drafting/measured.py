"""What was measured: stages, dimensions, and each key indicator with its finding, picture, table and definition."""

from __future__ import annotations

from collections.abc import Iterator

from maturity.benchmarks.cells import CellKey
from maturity.yearly.book import Indicator
from maturity.yearly.drafting.draft import Draft
from maturity.yearly.paper import Block, Section
from maturity.yearly.scope import INDUSTRY


def levels(d: Draft) -> Section:
    focus = d.scope.focus
    groups = list(dict.fromkeys((*d.scope.wider, focus)))
    parts = [*d.scope.sectors] or [*d.scope.macros]
    rows = [(d.names.cell(key), key) for key in groups]
    by_part = [
        (d.names.industry(key.industry) if d.scope.sectors else d.names.region(key.region), key) for key in parts
    ]
    by_size = [(d.names.size(key.size), key) for key in d.scope.sizes]
    return d.section(
        "levels",
        "发展阶段",
        "Stages",
        [
            d.finding(_upper(d, focus)),
            d.paragraph(
                d.say(
                    "下图为各阶段企业所占的份额。企业较少的相邻阶段合并发布，图中写明合并了哪几个阶段；份额取整到 "
                    "{{rule:share_base}} 个百分点，"
                    "合计可能不为整。",
                    "The picture shows the shares of enterprises at each stage. Neighbouring stages that hold few "
                    "enterprises are published "
                    "together, and the picture says which; shares are rounded to {{rule:share_base}} points and may "
                    "not add up.",
                )
            ),
            d.stacked(d.say("发展阶段分布", "Stages of enterprises"), rows),
            _level_table(d, d.say("发展阶段分布（份额）", "Stages, shares"), rows),
            d.heading("分规模", "By size"),
            d.stacked(d.say("各规模企业的发展阶段", "Stages by size"), by_size),
            _level_table(d, d.say("各规模企业的发展阶段（份额）", "Stages by size, shares"), by_size),
            d.heading("分行业", "By sector") if d.scope.sectors else d.heading("分地区", "By region"),
            d.stacked(d.say("各类企业的发展阶段", "Stages by part"), by_part),
            _level_table(d, d.say("各类企业的发展阶段（份额）", "Stages by part, shares"), by_part),
            d.bullets(
                f"{title.to(d.locale)}{d.say('：', ': ')}{_stage_says(d, level)}"
                for level, title in d.book.levels.items()
            ),
        ],
    )


def _stage_says(d: Draft, level: int) -> str:
    gates = [gate for gate in d.book.gates.values() if gate.level == level]
    if not gates:
        return d.say("没有门槛，所有企业由此起步。", "no gate, every enterprise begins here.")
    told = [
        f"{d.title(gate.dimension)} {{{{gate:{gate.id}}}}}" for gate in gates if gate.dimension in d.book.indicators
    ]
    return d.say("要求" + "、".join(told) + "。", "asks for " + ", ".join(told) + ".")


def _upper(d: Draft, key: CellKey) -> str:
    """The share of the highest published class, named by its stages."""
    cell = d.book.cell(key)
    if cell is None or not cell.levels:
        return d.sentence(
            d.say(f"{d.where(key)}的阶段分布未达到发布条件，不予发布", f"stages are not published for {d.where(key)}")
        )
    parts = []
    for numbers, _share in cell.levels:
        names = [d.book.levels[number].to(d.locale) for number in numbers if number in d.book.levels]
        token = d.token("levels", key, "-".join(str(number) for number in numbers))
        parts.append(d.say(f"处于{'或'.join(names)}的占 {token}", f"{token} at “{' or '.join(names)}”"))
    return d.sentence(
        d.say(f"{d.where(key)}参评企业中，" + "，".join(parts), f"of {d.where(key)}, " + ", ".join(parts))
    )


def _level_table(d: Draft, caption: str, rows: list[tuple[str, CellKey]]) -> Block | None:
    """A column a stage; stages published together share the cell of the lowest of them."""
    shown = []
    for label, key in rows:
        cell = d.book.cell(key)
        if cell is None or not cell.levels:
            continue
        line = [label]
        known = {levels[0]: levels for levels, _share in cell.levels}
        inside = {level for levels in known.values() for level in levels[1:]}
        for level in d.book.levels:
            if level in known:
                numbers = known[level]
                token = d.token("levels", key, "-".join(str(number) for number in numbers))
                line.append(token if len(numbers) == 1 else d.say(f"{token}（与后合并）", f"{token} (with next)"))
            else:
                line.append(
                    d.say("并入前项", "in the one before") if level in inside else d.say("未发布", "not published")
                )
        shown.append(line)
    head = [d.say("单元", "Cell"), *(title.to(d.locale) for title in d.book.levels.values())]
    return d.table(caption, head, shown)


def dimensions(d: Draft) -> Section:
    focus = d.scope.focus
    items = d.dimensions
    wider = d.scope.wider[-1] if d.scope.wider else None
    blocks: list[Block | None] = [
        d.finding(_ends(d, focus)),
        d.boxes(
            d.say(f"{d.names.cell(focus)}：各维度得分的分布", f"{d.names.cell(focus)}: scores by dimension"),
            [(item.title.to(d.locale), item.id, focus) for item in items],
        ),
        d.table(
            d.say("各维度得分", "Scores by dimension"),
            [
                d.say("维度", "Dimension"),
                d.say("下四分位数", "Lower quartile"),
                d.say("中位数", "Median"),
                d.say("上四分位数", "Upper quartile"),
                *(
                    [d.say(f"中位数，{d.names.cell(wider)}", f"Median, {d.names.cell(wider)}")]
                    if wider is not None
                    else []
                ),
            ],
            [
                [
                    item.title.to(d.locale),
                    *(d.token(item.id, focus, stat) for stat in ("q1", "median", "q3")),
                    *([d.token(item.id, wider)] if wider is not None else []),
                ]
                for item in d.of_kind("score")
            ],
        ),
    ]
    for item in items:
        blocks += _one_dimension(d, item)
    return d.section("dimensions", "各维度", "Dimensions", blocks)


def _ends(d: Draft, focus: CellKey) -> str:
    known = [item for item in d.dimensions if d.figure(item.id, focus) and item.id in ("B", "S", "G", "X")]
    if len(known) < 2:
        return ""
    ordered = sorted(known, key=lambda item: (-d.figure(item.id, focus).value, item.id))  # type: ignore[union-attr]  # known
    high, low = ordered[0].id, ordered[-1].id
    return d.sentence(
        d.say(
            f"能力各维度中，{d.title(high)}的中位数最高，为 {d.token(high, focus)}；{d.title(low)}最低，为 "
            f"{d.token(low, focus)}",
            f"of the dimensions of capability “{d.title(high)}” has the highest median, {d.token(high, focus)}, and "
            f"“{d.title(low)}” the lowest, {d.token(low, focus)}",
        )
    )


def _one_dimension(d: Draft, item: Indicator) -> Iterator[Block | None]:
    focus = d.scope.focus
    by_size = [(d.names.size(key.size), item.id, key) for key in d.scope.sizes]
    parts = [*d.scope.sectors] or [*d.scope.macros]
    name_of = (
        (lambda key: d.names.industry(key.industry)) if d.scope.sectors else (lambda key: d.names.region(key.region))
    )
    yield Block("heading", item.title.to(d.locale))
    yield d.paragraph(d.definition(item.id), _position(d, item.id, focus), d.extremes(item.id, parts, name_of))
    rows = [(name_of(key), item.id, key) for key in parts]
    yield d.boxes(
        d.say(
            f"{item.title.zh}：分规模和{'行业' if d.scope.sectors else '地区'}",
            f"{item.title.en} by size and {'sector' if d.scope.sectors else 'region'}",
        ),
        by_size + rows,
    )


def _position(d: Draft, name: str, focus: CellKey) -> str:
    if d.figure(name, focus) is None:
        return d.not_published(name, focus)
    if d.scope.wider:
        return d.compared(name, focus, d.scope.wider[-1])
    grid = [d.token(name, focus, stat) for stat in ("q1", "median", "q3")]
    return d.sentence(
        d.say(
            f"{d.title(name)}的中位数为 {grid[1]}，下四分位数和上四分位数分别为 {grid[0]} 和 {grid[2]}",
            f"the median of “{d.title(name)}” is {grid[1]}; the lower and upper quartiles are {grid[0]} and {grid[2]}",
        )
    )


def indicators(d: Draft) -> Section:
    focus = d.scope.focus
    blocks: list[Block | None] = [
        d.paragraph(
            d.say(
                "本章逐项说明关键指标。先给结论，再给图和表，最后给口径；结论与图表都由同一批已发布单元得出。",
                "This chapter takes the key indicators one by one: the finding, then picture and table, then the "
                "definition, all from "
                "the same published cells.",
            )
        )
    ]
    criteria = d.of_kind("criterion")
    if criteria:
        wider = d.scope.wider[-1] if d.scope.wider else None
        blocks.append(
            d.bars(
                d.say(
                    f"{d.names.cell(focus)}：达到各项标准的企业比例",
                    f"{d.names.cell(focus)}: enterprises meeting each criterion",
                ),
                [(item.title.to(d.locale), item.id, focus, wider) for item in criteria],
            )
        )
    for item in d.of_kind("rate", "criterion"):
        blocks += _one_indicator(d, item)
    return d.section("indicators", "关键指标", "Key indicators", blocks)


def _one_indicator(d: Draft, item: Indicator) -> Iterator[Block | None]:
    focus, name = d.scope.focus, item.id
    parts = [*d.scope.sectors] or [*d.scope.macros]
    name_of = (
        (lambda key: d.names.industry(key.industry)) if d.scope.sectors else (lambda key: d.names.region(key.region))
    )
    yield Block("heading", item.title.to(d.locale))
    if not any(d.figure(name, key) for key in (focus, *d.scope.sizes, *parts)):
        yield d.paragraph(d.not_published(name, focus))
        yield d.note(f"口径：{d.definition(name)}", f"Definition: {d.definition(name)}")
        return
    yield d.finding(_position(d, name, focus) if item.kind == "rate" or d.scope.wider else _share(d, name, focus))
    large, small = d.scope.sizes[0], d.scope.sizes[2]
    told = [d.compared(name, large, small)] if d.figure(name, large) and d.figure(name, small) else []
    told.append(d.extremes(name, parts, name_of))
    if len(d.book.comparable) > 1:
        told.append(d.changed(name, focus, d.book.comparable[0], d.book.comparable[-1]))
    told.append(d.withheld_of([*d.scope.sizes, *parts], name))
    yield d.paragraph(*told)
    labelled = [
        (d.names.cell(focus), focus),
        *((d.names.size(key.size), key) for key in d.scope.sizes),
        *((name_of(key), key) for key in parts),
    ]
    labelled = [
        (label, key) for label, key in labelled if any(d.figure(name, key, "", period) for period in d.book.periods)
    ]
    if item.kind == "rate":
        yield d.boxes(
            d.say(f"{item.title.zh}的分布", f"{item.title.en}: distribution"),
            [(label, name, key) for label, key in labelled],
        )
        rows = [
            [label, *(d.token(name, key, stat) for stat in ("p10", "q1", "median", "q3", "p90"))]
            for label, key in labelled
            if d.figure(name, key)
        ]
        head = [
            d.say("单元", "Cell"),
            d.say("第一十分位数", "Lowest decile"),
            d.say("下四分位数", "Lower quartile"),
            d.say("中位数", "Median"),
            d.say("上四分位数", "Upper quartile"),
            d.say("第九十分位数", "Highest decile"),
        ]
    else:
        yield d.bars(
            d.say(f"{item.title.zh}", f"{item.title.en}"),
            [(label, name, key, focus if key != focus else None) for label, key in labelled],
        )
        periods = d.book.periods
        rows = [[label, *(d.token(name, key, "", period) for period in periods)] for label, key in labelled]
        head = [d.say("单元", "Cell"), *(d.year(period) for period in periods)]
    yield d.table(
        d.say(
            f"{item.title.zh}：分规模和{'地区' if d.scope.kind == INDUSTRY else '行业'}",
            f"{item.title.en} by size and {'region' if d.scope.kind == INDUSTRY else 'sector'}",
        ),
        head,
        rows,
    )
    yield d.note(f"口径：{d.definition(name)}", f"Definition: {d.definition(name)}")


def _share(d: Draft, name: str, focus: CellKey) -> str:
    return d.sentence(d.level_of(name, focus)) if d.figure(name, focus) else d.not_published(name, focus)

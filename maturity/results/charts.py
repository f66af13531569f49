"""Charts as data: one object feeds the static picture, the interactive figure and the table, in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from maturity.benchmarks.words import cell_words
from maturity.questionnaires.model import Text
from maturity.reference.figures import BASES, Point, series
from maturity.results.view import DimensionView, Result


@dataclass(frozen=True, slots=True)
class Table:
    """The chart as a table: a heading row and rows of text, numbers already formatted."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What every chart carries: the finding as title, and under it where the figures come from."""

    name: str
    title: str
    source: str
    table: Table


@dataclass(frozen=True, slots=True)
class Radar(Chart):
    """An overview only, never alone: axes from 0 to 100 with own scores and peer medians."""

    axes: tuple[str, ...]
    own: tuple[float, ...]
    peers: tuple[float, ...] | None
    own_label: str
    peer_label: str


@dataclass(frozen=True, slots=True)
class Contributions(Chart):
    """Points earned and still to be had, by sub-dimension."""

    labels: tuple[str, ...]
    earned: tuple[float, ...]
    open: tuple[float, ...]
    earned_label: str
    open_label: str


@dataclass(frozen=True, slots=True)
class Waterfall(Chart):
    """How the dimensions add up to the score of 100, and what is still open."""

    labels: tuple[str, ...]
    steps: tuple[float, ...]
    total: float
    total_label: str
    open_label: str


@dataclass(frozen=True, slots=True)
class Scores(Chart):
    """The scores, from 0 to 100, of the parts of one dimension, against the whole and the peers' median of it."""

    labels: tuple[str, ...]
    values: tuple[float, ...]
    own: float
    peer: float | None
    value_label: str
    own_label: str
    peer_label: str


@dataclass(frozen=True, slots=True)
class PeerRow:
    label: str
    own: float
    q1: float
    median: float
    q3: float
    p10: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Peers(Chart):
    """Own values as dots over the quartiles of the peers."""

    rows: tuple[PeerRow, ...]
    own_label: str
    box_label: str
    median_label: str
    deciles_label: str


@dataclass(frozen=True, slots=True)
class National(Chart):
    """A published series, cut where its basis changes, with the enterprise's own value."""

    segments: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]  # (basis, points)
    break_label: str
    target: tuple[float, float, str] | None
    own: tuple[float, float, str] | None
    unit: str


def number(value: Decimal | Fraction | float | None) -> str:
    """One place, half to even: in titles, pictures and tables alike, and the same as on the pages.

    >>> number(Decimal("21.15")), number(21.15), number(None)
    ('21.2', '21.2', '—')
    """
    if value is None:
        return "—"
    exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    return format(Decimal(round(exact * 10)).scaleb(-1), "f")


def peer_population(result: Result, locale: str) -> str:
    """The population compared with, in words: industry, region, size, period, n, and that it is synthetic."""
    comparison = result.comparison
    if comparison is None:
        return Text("尚无可比群体", "no comparable population yet").to(locale)
    words, year = cell_words(comparison.cell), comparison.release.period
    line = Text(
        f"{words.zh}；{year} 年；约 {comparison.contributors} 家",
        f"{words.en}; {year}; about {comparison.contributors} enterprises",
    ).to(locale)
    if comparison.release.is_synthetic:
        line += Text("；合成演示数据，非真实企业", "; synthetic demonstration data, no real enterprises").to(locale)
    return line


def dimensions_chart(result: Result, locale: str) -> Radar:
    shown = [item for item in result.dimensions if item.score is not None]
    lowest = min(shown, key=lambda item: item.score or Decimal(0))
    highest = max(shown, key=lambda item: item.score or Decimal(0))
    metrics = result.comparison.metrics if result.comparison else {}
    peers = tuple(float(metrics[item.id].median) for item in shown) if all(i.id in metrics for i in shown) else None
    title = Text(
        f"{highest.title.zh}最高（{number(highest.score)}），{lowest.title.zh}最低（{number(lowest.score)}）",
        f"{highest.title.en} is highest ({number(highest.score)}), {lowest.title.en} lowest ({number(lowest.score)})",
    ).to(locale)
    own_label, peer_label = Text("本企业", "This enterprise").to(locale), Text("同行中位数", "Peer median").to(locale)
    header = (Text("维度", "Dimension").to(locale), own_label, peer_label)
    medians = peers or (None,) * len(shown)
    rows = tuple((i.title.to(locale), number(i.score), number(m)) for i, m in zip(shown, medians, strict=True))
    return Radar(
        "dimensions",
        title,
        Text("同行：", "Peers: ").to(locale) + peer_population(result, locale),
        Table(header, rows),
        tuple(item.title.to(locale) for item in shown),
        tuple(float(item.score or 0) for item in shown),
        peers,
        own_label,
        peer_label,
    )


def contributions_chart(result: Result, locale: str) -> Contributions:
    labels, earned, still_open = [], [], []
    for dimension in result.capability_dimensions():
        for group in dimension.node["children"]:
            items = [i for i in result.indicators if i.id in {child["id"] for child in group["children"]}]
            if items:
                labels.append(result.title(group["id"]).to(locale))
                earned.append(float(sum(i.contribution for i in items)))
                still_open.append(float(sum(i.lost for i in items)))
    most = max(range(len(labels)), key=lambda index: still_open[index])
    title = Text(
        f"可提升空间最大的是{labels[most]}：还有 {number(still_open[most])} 分",
        f"Most is to be gained in {labels[most]}: {number(still_open[most])} points",
    ).to(locale)
    earned_label = Text("已得分", "Points earned").to(locale)
    open_label = Text("可提升", "Still to be had").to(locale)
    rows = tuple((a, f"{b:.2f}", f"{c:.2f}") for a, b, c in zip(labels, earned, still_open, strict=True))
    source = Text(
        "各子维度对“水平与能力”总分（100 分）的贡献，相加即总分",
        "Share of each sub-dimension in the capability score of 100; they add up to it",
    ).to(locale)
    header = (Text("子维度", "Sub-dimension").to(locale), earned_label, open_label)
    return Contributions(
        "contributions",
        title,
        source,
        Table(header, rows),
        tuple(labels),
        tuple(earned),
        tuple(still_open),
        earned_label,
        open_label,
    )


def waterfall_chart(result: Result, locale: str) -> Waterfall:
    parts = [item for item in result.capability_dimensions() if item.score is not None]
    most = max(parts, key=lambda item: item.contribution)
    open_points = 100 - result.capability
    title = Text(
        f"总分 {number(result.capability)} 分，其中{most.title.zh}贡献最多（{number(most.contribution)} 分）；"
        f"还可提升 {number(open_points)} 分",
        f"The score of {number(result.capability)} comes most from {most.title.en} ({number(most.contribution)}); "
        f"{number(open_points)} points are still open",
    ).to(locale)
    source = Text(
        "各维度对“水平与能力”总分（100 分）的贡献，相加即总分",
        "Points each dimension adds to the capability score of 100; they add up to it",
    ).to(locale)
    header = (Text("维度", "Dimension").to(locale), Text("分值", "Points").to(locale))
    total, still_open = Text("总分", "Score").to(locale), Text("可提升", "Still open").to(locale)
    labels = tuple(item.title.to(locale) for item in parts)
    values = (*(item.contribution for item in parts), result.capability, open_points)
    rows = tuple((label, f"{value:.2f}") for label, value in zip((*labels, total, still_open), values, strict=True))
    steps = tuple(float(item.contribution) for item in parts)
    whole = float(result.capability)
    return Waterfall("waterfall", title, source, Table(header, rows), labels, steps, whole, total, still_open)


def scores_chart(result: Result, dimension: DimensionView, locale: str) -> Scores | None:
    """The sub-dimensions of one dimension; None where the dimension does not apply."""
    groups = [
        (result.title(node["id"]), Fraction(node["value"])) for node in dimension.node["children"] if node["value"]
    ]
    if not groups or dimension.score is None:
        return None
    best, worst = max(groups, key=lambda item: item[1]), min(groups, key=lambda item: item[1])
    if best[1] == worst[1]:
        title = Text(f"各项均为 {number(best[1])} 分", f"Every part scores {number(best[1])}")
    else:
        title = Text(
            f"{best[0].zh}最好（{number(best[1])}），{worst[0].zh}最弱（{number(worst[1])}）",
            f"{best[0].en} is strongest ({number(best[1])}), {worst[0].en} weakest ({number(worst[1])})",
        )
    grid = result.comparison.metrics.get(dimension.id) if result.comparison else None
    label = Text("得分（0–100）", "Score (0–100)").to(locale)
    rows = tuple((name.to(locale), number(value)) for name, value in groups)
    return Scores(
        f"scores-{dimension.id}",
        title.to(locale),
        Text("同行：", "Peers: ").to(locale) + peer_population(result, locale),
        Table((Text("子维度", "Sub-dimension").to(locale), label), rows),
        tuple(name.to(locale) for name, _ in groups),
        tuple(float(value) for _, value in groups),
        float(dimension.score),
        float(grid.median) if grid else None,
        label,
        Text(f"本维度 {number(dimension.score)}", f"Dimension {number(dimension.score)}").to(locale),
        Text("同行中位数", "Peer median").to(locale) + (f" {number(grid.median)}" if grid else ""),
    )


def peers_chart(result: Result, locale: str) -> Peers | None:
    if result.comparison is None:
        return None
    rows = []
    capability = Text("水平与能力", "Capability").to(locale)
    shown = [("capability", capability, result.capability)]
    shown += [(i.id, i.title.to(locale), i.score) for i in result.capability_dimensions() if i.score is not None]
    for metric, label, own in shown:
        grid = result.comparison.metrics.get(metric)
        if grid is not None and own is not None:
            low, high = (None if edge is None else float(edge) for edge in (grid.p10, grid.p90))
            rows.append(PeerRow(label, float(own), float(grid.q1), float(grid.median), float(grid.q3), low, high))
    if not rows:
        return None
    gap = rows[0].own - rows[0].median
    title = Text(
        f"{capability}{'高于' if gap >= 0 else '低于'}同行中位数 {number(abs(gap))} 分",
        f"{capability} is {number(abs(gap))} points {'above' if gap >= 0 else 'below'} the peer median",
    ).to(locale)
    header = tuple(Text(*pair).to(locale) for pair in _PEER_HEADER)
    table = tuple(
        (row.label, *(number(v) for v in (row.own, row.p10, row.q1, row.median, row.q3, row.p90))) for row in rows
    )
    return Peers(
        "peers",
        title,
        Text("同行：", "Peers: ").to(locale) + peer_population(result, locale),
        Table(header, table),
        tuple(rows),
        *(Text(*pair).to(locale) for pair in _PEER_LEGEND),
    )


_PEER_HEADER = (
    ("指标", "Measure"), ("本企业", "This enterprise"), ("P10", "P10"), ("下四分位", "Lower quartile"),
    ("中位数", "Median"), ("上四分位", "Upper quartile"), ("P90", "P90"),
)  # fmt: skip
_PEER_LEGEND = (
    ("本企业", "This enterprise"),
    ("中间一半同行", "Middle half of peers"),
    ("中位数", "Median"),
    ("P10 至 P90", "P10 to P90"),
)


def national_chart(result: Result, locale: str) -> National:
    """The national CNC rate with the enterprise's own, over the same definition of the enterprise rate."""
    national = series("cnc_rate")
    own = _own_cnc(result)
    latest = national.latest()
    segments = tuple(
        (BASES[part[0].basis].to(locale), tuple((float(p.year), float(p.value)) for p in part))
        for part in national.segments()
    )
    target = national.targets[0]
    if own is None or latest is None:
        title = Text("全国关键工序数控化率", "National CNC rate of key processes").to(locale)
    else:
        gap = own - latest.value
        side, points = Text("高于", "above") if gap >= 0 else Text("低于", "below"), number(abs(gap))
        title = Text(
            f"数控化率 {number(own)}%，{side.zh}全国（{latest.period}）{points} 个百分点",
            f"CNC rate {number(own)} %, {points} points {side.en} the nation ({latest.period})",
        ).to(locale)
    return National(
        "national",
        title,
        _national_source(national.points(), locale),
        Table(
            tuple(
                Text(*pair).to(locale)
                for pair in (("时期", "Period"), ("数值（%）", "Value (%)"), ("统计范围", "Basis"), ("来源", "Source"))
            ),
            tuple((p.period, str(p.value), BASES[p.basis].to(locale), p.source) for p in national.points()),
        ),
        segments,
        Text("统计范围改变", "basis changes").to(locale),
        (float(target.year), float(target.value), Text("2025 年目标 68%", "Target for 2025: 68 %").to(locale)),
        None if own is None else (float(result.period), float(own), Text("本企业", "This enterprise").to(locale)),
        "%",
    )


def _own_cnc(result: Result) -> Decimal | None:
    facts = result.document["facts"]
    part, whole = facts.get("key_processes_controlled"), facts.get("key_processes_total")
    if part is None or whole is None or not Decimal(whole):
        return None
    return 100 * Decimal(part) / Decimal(whole)


def _national_source(points: tuple[Point, ...], locale: str) -> str:
    codes = sorted({point.source for point in points}, key=lambda code: int(code[1:]))
    return Text(
        f"全国参评工业企业均值；2023 年起为重点工业企业，与之前不可连比。来源：{'、'.join(codes)}（见参考数据页）",
        "Mean of industrial enterprises assessed; key enterprises from 2023, not comparable with earlier years. "
        f"Sources: {', '.join(codes)} (see reference figures)",
    ).to(locale)


CHARTS: Mapping[str, Callable[[Result, str], Chart | None]] = {
    "dimensions": dimensions_chart,
    "contributions": contributions_chart,
    "waterfall": waterfall_chart,
    "peers": peers_chart,
    "national": national_chart,
}


def chart_of(name: str, result: Result, locale: str) -> Chart | None:
    """The chart by name, or None when there is nothing to draw; `KeyError` for an unknown name."""
    return CHARTS[name](result, locale)


def charts_of(result: Result, locale: str) -> dict[str, Chart]:
    """Every chart that can be drawn of a result."""
    made = {name: make(result, locale) for name, make in CHARTS.items()}
    return {name: chart for name, chart in made.items() if chart is not None}

"""The charts of a place among peers as data: one object feeds the picture, the interactive figure and the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from maturity.benchmarks.cells import Quantiles
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.questionnaires.model import Text
from maturity.results.charts import Chart, Table, number
from maturity.standing.measures import Measure
from maturity.standing.place import Place, Year
from maturity.standing.sources import source_line

NONE = "—"


@dataclass(frozen=True, slots=True)
class Strip:
    """The published quantiles of one measure, with the enterprise's own value."""

    label: str
    own: float | None
    q1: float
    median: float
    q3: float
    p10: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Strips(Chart):
    """Own values as dots over the quartiles of the peers, from 0 to 100."""

    strips: tuple[Strip, ...]
    unit: str
    own_label: str
    box_label: str
    median_label: str
    deciles_label: str


@dataclass(frozen=True, slots=True)
class Classes(Chart):
    """The shares of the classes of levels, the lowest first; `own` is the class of the enterprise."""

    labels: tuple[str, ...]
    levels: tuple[int, ...]  # the highest level of each class, for its colour
    shares: tuple[int, ...]
    own: int
    own_label: str


@dataclass(frozen=True, slots=True)
class Criteria(Chart):
    """The share of peers that meet each criterion, and whether the enterprise does; None where it does not apply."""

    labels: tuple[str, ...]
    shares: tuple[int, ...]
    own: tuple[bool | None, ...]
    share_label: str
    met_label: str
    unmet_label: str


@dataclass(frozen=True, slots=True)
class Trend(Chart):
    """The peers' quartiles over the releases with the enterprise's own values; cut where the basis changes.

    A year without a figure is a gap. `breaks` are the years from which the basis is another.
    """

    years: tuple[int, ...]
    peers: tuple[tuple[float, float, float] | None, ...]  # lower quartile, median, upper quartile
    own: tuple[float | None, ...]
    breaks: tuple[int, ...]
    unit: str
    own_label: str
    median_label: str
    box_label: str
    break_label: str
    notes: tuple[str, ...]  # why the line is cut


BREAK = Text("统计基础改变", "basis changes")
_OWN = Text("本企业", "This enterprise")
_LEGEND = (
    _OWN,
    Text("中间一半同行", "Middle half of peers"),
    Text("同行中位数", "Peer median"),
    Text("P10 至 P90", "P10 to P90"),
)
_QUANTILES = (
    Text("P10", "P10"),
    Text("下四分位", "Lower quartile"),
    Text("中位数", "Median"),
    Text("上四分位", "Upper quartile"),
    Text("P90", "P90"),
)


def position_chart(place: Place, locale: str) -> Strips | None:
    """The two scores against the peers."""
    measures = [place.measures[name] for name in ("capability", "outcome") if name in place.measures]
    found = [(measure, gap) for measure in measures if (gap := place.gap(measure)) is not None]
    if not found:
        return None
    measure, gap = found[0]
    side = Text("高于" if gap >= 0 else "低于", "above" if gap >= 0 else "below")
    title = Text(
        f"{measure.title.zh}{side.zh}同行中位数 {number(abs(gap))} 分",
        f"{measure.title.en}: {number(abs(gap))} points {side.en} the peer median",
    )
    return _strips("position", title, place, measures, locale)


def profile_chart(place: Place, locale: str) -> Strips | None:
    """All dimensions against the peers."""
    measures = [place.measures[name] for name in place.dimensions if name in place.measures]
    gaps = {measure.title: gap for measure in measures if (gap := place.gap(measure)) is not None}
    if not gaps:
        return None
    best, worst = max(gaps, key=lambda title: gaps[title]), min(gaps, key=lambda title: gaps[title])
    title = Text(
        f"{best.zh}{_ahead(gaps[best]).zh}，{worst.zh}{_ahead(gaps[worst]).zh}",
        f"{best.en} {_ahead(gaps[best]).en}, {worst.en} {_ahead(gaps[worst]).en}",
    )
    return _strips("profile", title, place, measures, locale)


def _ahead(gap: Decimal) -> Text:
    points = number(abs(gap))
    if gap >= 0:
        return Text(f"比同行中位数高 {points} 分", f"is {points} points above the peer median")
    return Text(f"低 {points} 分", f"{points} below")


def rates_chart(place: Place, locale: str) -> Strips | None:
    """The enterprise's rates against those of the peers."""
    measures = place.of_kind("rate")
    gaps = [gap for measure in measures if (gap := place.gap(measure)) is not None]
    shown = [measure for measure in measures if measure.id in place.shown.quantiles]
    if not shown:
        return None
    above = sum(gap >= 0 for gap in gaps)
    title = (
        Text(
            f"{len(gaps)} 项比率中，{above} 项不低于同行中位数",
            f"{above} of {len(gaps)} rates are at or above the peer median",
        )
        if gaps
        else Text("同行的关键比率", "Key rates of the peers")
    )
    return _strips("rates", title, place, shown, locale)


def _strips(name: str, title: Text, place: Place, measures: Sequence[Measure], locale: str) -> Strips | None:
    known = [
        (measure, place.shown.quantiles[measure.id]) for measure in measures if measure.id in place.shown.quantiles
    ]
    if not known:
        return None
    header = (Text("指标", "Measure"), _OWN, *_QUANTILES, Text("高于约（%）", "Ahead of about (%)"))
    return Strips(
        name,
        title.to(locale),
        source_line(place).to(locale),
        Table(
            tuple(text.to(locale) for text in header),
            tuple(_strip_row(place, measure, grid, locale) for measure, grid in known),
        ),
        tuple(_strip(measure, grid, locale) for measure, grid in known),
        known[0][0].unit,
        *(text.to(locale) for text in _LEGEND),
    )


def _strip(measure: Measure, grid: Quantiles, locale: str) -> Strip:
    own = None if measure.own is None else float(measure.own)
    low, high = (None if edge is None else float(edge) for edge in (grid.p10, grid.p90))
    return Strip(measure.title.to(locale), own, float(grid.q1), float(grid.median), float(grid.q3), low, high)


def _strip_row(place: Place, measure: Measure, grid: Quantiles, locale: str) -> tuple[str, ...]:
    percentile = place.percentile(measure)
    published = (grid.p10, grid.q1, grid.median, grid.q3, grid.p90)
    return (
        measure.title.to(locale),
        number(measure.own),
        *(NONE if value is None else str(value) for value in published),
        NONE if percentile is None else str(percentile),
    )


def levels_chart(place: Place, locale: str) -> Classes | None:
    """How the peers spread over the levels, with the own one marked."""
    classes = place.shown.levels
    own = next((index for index, (levels, _) in enumerate(classes) if place.level in levels), None)
    if own is None:
        return None
    labels = tuple(_class_title(place, levels) for levels, _ in classes)
    shares = tuple(share for _, share in classes)
    higher = sum(shares[own + 1 :])
    title = Text(
        f"约 {shares[own]}% 的同行与本企业同处“{labels[own].zh}”，约 {higher}% 更高",
        f"About {shares[own]} % of the peers are at {labels[own].en} as well, about {higher} % higher",
    )
    header = (Text("阶段", "Stage"), Text("同行占比（%）", "Share of peers (%)"), _OWN)
    here = Text("● 本企业在此", "● here").to(locale)
    return Classes(
        "levels",
        title.to(locale),
        source_line(place).to(locale),
        Table(
            tuple(text.to(locale) for text in header),
            tuple(
                (label.to(locale), str(share), here if index == own else "")
                for index, (label, share) in enumerate(zip(labels, shares, strict=True))
            ),
        ),
        tuple(label.to(locale) for label in labels),
        tuple(max(levels) for levels, _ in classes),
        shares,
        own,
        _OWN.to(locale),
    )


def _class_title(place: Place, levels: Sequence[int]) -> Text:
    titles = [place.result.framework.level_title(level) for level in levels]
    if len(titles) == 1:
        return titles[0]
    return Text("、".join(title.zh for title in titles), " or ".join(title.en for title in titles))


def criteria_chart(place: Place, locale: str) -> Criteria | None:
    """Which criteria the peers meet, and which the enterprise does; those that most peers meet first."""
    known = [measure for measure in place.of_kind("criterion") if measure.id in place.shown.shares]
    if not known:
        return None
    known.sort(key=lambda measure: -place.shown.shares[measure.id])
    shares = tuple(place.shown.shares[measure.id] for measure in known)
    applying = [measure for measure in known if measure.is_met is not None]
    met = [measure for measure in applying if measure.is_met]
    behind = [m for m in applying if not m.is_met and place.shown.shares[m.id] >= 50]
    title = Text(
        f"{len(applying)} 项中已达到 {len(met)} 项；半数以上同行已达到而本企业未达到的有 {len(behind)} 项",
        f"{len(met)} of {len(applying)} are met; {len(behind)} that most peers meet are not",
    )
    yes, no = Text("已达到", "met").to(locale), Text("未达到", "not met").to(locale)
    words = {True: yes, False: no, None: Text("不适用", "does not apply").to(locale)}
    header = (Text("指标", "Criterion"), Text("同行达到比例（%）", "Share of peers that meet it (%)"), _OWN)
    return Criteria(
        "criteria",
        title.to(locale),
        source_line(place).to(locale),
        Table(
            tuple(text.to(locale) for text in header),
            tuple((m.title.to(locale), str(place.shown.shares[m.id]), words[m.is_met]) for m in known),
        ),
        tuple(measure.title.to(locale) for measure in known),
        shares,
        tuple(measure.is_met for measure in known),
        Text("同行达到比例", "Share of peers that meet it").to(locale),
        Text("本企业已达到", "This enterprise meets it").to(locale),
        Text("本企业未达到", "This enterprise does not").to(locale),
    )


def trend_chart(place: Place, locale: str) -> Trend | None:
    """The own capability over the releases, beside that of the same peer group."""
    years = place.years
    if len(years) < 2 or all(year.grid is None for year in years):
        return None
    header = (
        Text("年份", "Year"),
        _OWN,
        *_QUANTILES[1:4],
        CONTRIBUTORS,
        Text("发布", "Release"),
        Text("统计基础", "Basis"),
    )
    breaks = tuple(year.period for year in years if year.broken)
    return Trend(
        "trend",
        _trend_title(years).to(locale),
        source_line(place, with_period=False).to(locale),
        Table(tuple(text.to(locale) for text in header), tuple(_trend_row(year, breaks, locale) for year in years)),
        tuple(year.period for year in years),
        tuple((float(y.grid.q1), float(y.grid.median), float(y.grid.q3)) if y.grid else None for y in years),
        tuple(None if year.own is None else float(year.own) for year in years),
        breaks,
        "",
        _OWN.to(locale),
        _LEGEND[2].to(locale),
        _LEGEND[1].to(locale),
        BREAK.to(locale),
        tuple(note.to(locale) for note in break_notes(years)),
    )


def _trend_row(year: Year, breaks: tuple[int, ...], locale: str) -> tuple[str, ...]:
    grid = year.grid
    published = (grid.q1, grid.median, grid.q3) if grid else (None,) * 3
    same = Text("改变", "changed") if year.period in breaks else Text("", "")
    return (
        str(year.period),
        number(year.own),
        *(NONE if value is None else str(value) for value in published),
        NONE if year.contributors is None else f"{year.contributors:,}",
        year.release,
        same.to(locale),
    )


def _trend_title(years: tuple[Year, ...]) -> Text:
    """The change of both between the first and the last year that have both on one basis."""
    start = max((at for at, year in enumerate(years) if year.broken), default=0)
    whole = [year for year in years[start:] if year.own is not None and year.grid is not None]
    if len(whole) < 2:
        return Text("历年发布中的同行中位数", "The peer median over the releases")
    first, last = whole[0], whole[-1]
    own = (last.own or Decimal(0)) - (first.own or Decimal(0))
    median = Decimal(last.grid.median - first.grid.median) if first.grid and last.grid else Decimal(0)
    return Text(
        f"自 {first.period} 年以来，本企业{_change(own).zh}，同行中位数{_change(median).zh}",
        f"Since {first.period} this enterprise has {_change(own).en}, the peer median has {_change(median).en}",
    )


def break_notes(years: tuple[Year, ...]) -> tuple[Text, ...]:
    """Where the line is cut, and why."""
    return tuple(
        Text(
            f"{before.period} 与 {year.period} 年之间{BREAK.zh}（{year.broken.zh}），两年不可直接比较，线不相连。",
            f"The basis changes between {before.period} and {year.period} ({year.broken.en}); the two years are not "
            "comparable and the line is cut.",
        )
        for before, year in zip(years, years[1:], strict=False)
        if year.broken
    )


def _change(by: Decimal) -> Text:
    if round(by, 1) == 0:
        return Text("持平", "not changed")
    points = number(abs(by))
    if by > 0:
        return Text(f"上升 {points} 分", f"risen by {points} points")
    return Text(f"下降 {points} 分", f"fallen by {points} points")


CHARTS: Mapping[str, Callable[[Place, str], Chart | None]] = {
    "position": position_chart,
    "levels": levels_chart,
    "profile": profile_chart,
    "rates": rates_chart,
    "criteria": criteria_chart,
    "trend": trend_chart,
}


def charts_of(place: Place, locale: str) -> dict[str, Chart]:
    """Every chart that the released figures allow."""
    made = {name: make(place, locale) for name, make in CHARTS.items()}
    return {name: chart for name, chart in made.items() if chart is not None}

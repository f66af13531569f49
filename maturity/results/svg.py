"""The static pictures of the charts of a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from math import cos, pi, sin
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from maturity.results.charts import Chart, Contributions, National, Peers, Radar, Scores, Waterfall, number
from maturity.results.drawing import (
    ACCENT,
    GREY,
    INK,
    LEGEND_ROW,
    NARROW,
    PALE,
    PEER,
    WIDE,
    bars,
    box,
    dot,
    plot,
    render,
    row_axes,
    scale,
    with_legend,
    wrapped,
)
from maturity.results.years import Course

QUARTERS = (0, 25, 50, 75, 100)


@lru_cache(maxsize=256)
def draw(chart: Chart, narrow: bool = False) -> str:
    """The chart as an SVG document with its title and source as accessible text."""
    return render(chart, lambda: _DRAWERS[type(chart)](chart, narrow))


def _radar(chart: Radar, narrow: bool) -> Figure:
    width, height = (NARROW, 2.95) if narrow else (WIDE, 3.9)
    axes = plot(width, height, 0.1, 0.1, LEGEND_ROW, top=0.02)
    axes.set_aspect("equal")
    count = len(chart.axes)
    spokes = [(sin(2 * pi * index / count), cos(2 * pi * index / count)) for index in range(count)]

    def outline(values: Sequence[float]) -> tuple[list[float], list[float]]:
        corners = [*zip(values, spokes, strict=True), (values[0], spokes[0])]
        return [value * x for value, (x, _) in corners], [value * y for value, (_, y) in corners]

    for ring in (25, 50, 75, 100):
        axes.plot(*outline([ring] * count), color=PALE, lw=0.8, zorder=0)
        if ring < 100:
            axes.text(2, ring, str(ring), fontsize=7, color=GREY, va="bottom")
    for x, y in spokes:
        axes.plot([0, 100 * x], [0, 100 * y], color=PALE, lw=0.8, zorder=0)
    for (x, y), label in zip(spokes, chart.axes, strict=True):
        across = "center" if abs(x) < 0.2 else "left" if x > 0 else "right"
        along = "bottom" if y > 0.6 else "top" if y < -0.6 else "center"
        words = wrapped(label, 14 if across == "center" else 7)
        axes.text(108 * x, 108 * y, words, ha=across, va=along, fontsize=9, linespacing=1.1)
    marks = []
    if chart.peers is not None:
        marks += axes.plot(*outline(chart.peers), color=GREY, lw=1.4, ls="--", label=chart.peer_label)
    axes.fill(*outline(chart.own), color=ACCENT, alpha=0.12, lw=0)
    marks += axes.plot(*outline(chart.own), color=ACCENT, lw=2, marker="o", ms=4, label=chart.own_label)
    axes.set_xlim(-190 if narrow else -260, 190 if narrow else 260)
    axes.set_ylim(-130, 124)
    return with_legend(axes, marks, 2)


def _contributions(chart: Contributions, narrow: bool) -> Figure:
    axes = row_axes(chart.labels, narrow, 0.24, right=0.45, bottom=0.52, size=8.5)
    rows = range(len(chart.labels))
    ends = [earned + still for earned, still in zip(chart.earned, chart.open, strict=True)]
    bars(axes, rows, chart.earned, ends, colors=PALE)
    bars(axes, rows, 0, chart.earned)
    axes.set_xlim(0, max(ends))
    for row, (earned, end) in enumerate(zip(chart.earned, ends, strict=True)):
        axes.text(end + max(ends) / 90, row, number(earned), va="center", fontsize=8, color=GREY)
    scale(axes, range(0, int(max(ends)) + 1, 1 if max(ends) < 9 else 2))
    return with_legend(axes, (box(ACCENT, chart.earned_label), box(PALE, chart.open_label)), 2)


def _waterfall(chart: Waterfall, narrow: bool) -> Figure:
    """Each step begins where the one before ended; the total and what is still open stand at the end."""
    axes = row_axes((*chart.labels, chart.total_label, chart.open_label), narrow, 0.23, right=0.2, bottom=0.24)
    axes.set_xlim(0, 100)
    ends = list(accumulate(chart.steps))
    last, total = len(ends), chart.total
    bars(axes, range(last), [0, *ends[:-1]], ends)
    bars(axes, [last], 0, total, colors=INK)
    axes.vlines([*ends, total], [row - 0.3 for row in range(last + 1)], range(1, last + 2), color=GREY, lw=0.8)
    axes.add_patch(Rectangle((total, last + 0.68), 100 - total, 0.64, fc="white", ec=GREY, hatch="////", lw=0.8))
    for row, (end, step) in enumerate(zip(ends, chart.steps, strict=True)):
        _beside(axes, end, row, f"+{number(step)}", step)
    _beside(axes, total, last, number(total), total, fontweight="bold")
    middle = (100 + total) / 2
    if total < 80:
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(middle, last + 1, number(100 - total), va="center", ha="center", fontsize=8.5, bbox=paper)
    else:
        axes.text(total - 0.8, last + 1, number(100 - total), va="center", ha="right", fontsize=8.5)
    scale(axes, QUARTERS)
    figure: Figure = axes.figure
    return figure


def _beside(axes: Any, x: float, row: float, text: str, length: float, **style: Any) -> None:
    """A number right of its bar; where the bar ends near the edge, inside it or, if it is short, left of it."""
    if x <= 93:
        axes.text(x + 0.8, row, text, va="center", fontsize=8.5, **style)
    elif length > 8:
        axes.text(x - 0.8, row, text, va="center", ha="right", fontsize=8.5, color="white", zorder=5, **style)
    else:
        axes.text(x - length - 0.8, row, text, va="center", ha="right", fontsize=8.5, **style)


def _scores(chart: Scores, narrow: bool) -> Figure:
    axes = row_axes(chart.labels, narrow, 0.22, right=0.46, bottom=0.3 + LEGEND_ROW, size=8.5, ems=13)
    axes.set_xlim(0, 100)
    bars(axes, range(len(chart.labels)), 0, chart.values)
    _values(axes, chart.values)
    marks = [axes.axvline(chart.own, color=INK, lw=1.4, zorder=3, label=chart.own_label)]
    if chart.peer is not None:
        marks.append(axes.axvline(chart.peer, color=INK, lw=1.4, ls=(0, (2, 2)), zorder=3, label=chart.peer_label))
    scale(axes, QUARTERS)
    return with_legend(axes, marks, 2)


def _values(axes: Any, values: Sequence[float]) -> None:
    """The values in a column of their own on the right, where no mark can cover them."""
    for row, value in enumerate(values):
        axes.annotate(
            number(value), (1, row), (30, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=9, color=ACCENT, fontweight="bold",
        )  # fmt: skip


def _peers(chart: Peers, narrow: bool) -> Figure:
    rows = range(len(chart.rows))
    labels = [row.label for row in chart.rows]
    axes = row_axes(labels, narrow, 0.34, right=0.46, bottom=0.3 + LEGEND_ROW * (2 if narrow else 1), size=9.5)
    axes.set_xlim(0, 100)
    known = [(row, p.p10, p.p90) for row, p in enumerate(chart.rows) if p.p10 is not None and p.p90 is not None]
    bars(axes, [row for row, _, _ in known], [a for _, a, _ in known], [b for _, _, b in known], colors=PEER, lw=2)
    bars(axes, rows, [p.q1 for p in chart.rows], [p.q3 for p in chart.rows], colors=PEER, zorder=2)
    axes.vlines([p.median for p in chart.rows], [r - 0.28 for r in rows], [r + 0.28 for r in rows], color=INK, lw=1.8)
    axes.plot([p.own for p in chart.rows], rows, "o", color=ACCENT, ms=9, mec="white", mew=1.2, zorder=4, clip_on=False)
    _values(axes, [peer.own for peer in chart.rows])
    scale(axes, QUARTERS)
    marks = [
        dot(chart.own_label),
        box(PEER, chart.box_label),
        Line2D([], [], color=INK, lw=1.8, label=chart.median_label),
    ]
    if known:
        marks.append(Line2D([], [], color=PEER, lw=2, label=chart.deciles_label))
    return with_legend(axes, marks, 2 if narrow else 4)


def _national(chart: National, narrow: bool) -> Figure:
    width = NARROW if narrow else WIDE
    marks: list[Any] = []
    count = len(chart.segments) + (chart.target is not None) + (chart.own is not None)
    columns = 1 if narrow else 2
    axes = plot(width, 2.6, 0.45, 0.45, 0.32 + LEGEND_ROW * -(-count // columns), top=0.2)
    first, last = chart.segments[0][1][0][0], max(chart.segments[-1][1][-1][0], chart.own[0] if chart.own else 0)
    axes.set_xlim(first - 0.5, last + 1)
    axes.set_ylim(0, 104)
    for index, (basis, points) in enumerate(chart.segments):
        years, values = [x for x, _ in points], [y for _, y in points]
        marks += axes.plot(
            years, values, color=(GREY, INK)[index % 2], lw=1.8, marker="os"[index % 2], ms=4, label=basis
        )
        axes.text(years[-1], values[-1] + 4, number(values[-1]), ha="center", fontsize=8, color=INK)
        if index:
            cut = (chart.segments[index - 1][1][-1][0] + years[0]) / 2
            axes.axvline(cut, color=GREY, lw=1, ls=(0, (2, 3)))
            axes.text(cut - 0.12, 100, chart.break_label, ha="right", va="top", fontsize=8, color=GREY)
    if chart.target is not None:
        year, value, label = chart.target
        marks += axes.plot([year], [value], marker="_", ms=16, mew=2.4, color=GREY, ls="none", label=label)
    if chart.own is not None:
        year, value, label = chart.own
        axes.plot([year], [value], "o", color=ACCENT, ms=9, mec="white", zorder=4, clip_on=False)
        marks.append(dot(label))
        axes.annotate(
            number(value), (year, value), (7, 0), textcoords="offset points", va="center", fontsize=9, color=ACCENT,
            fontweight="bold",
        )  # fmt: skip
    axes.annotate(chart.unit, (0, 104), (-4, 1), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                  ha="right", fontsize=8, color=GREY)  # fmt: skip
    for tick in (0, 25, 50, 75, 100):
        axes.axhline(tick, color=PALE, lw=0.8, zorder=0)
        axes.annotate(
            str(tick), (0, tick), (-4, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", ha="right", va="center", fontsize=8, color=GREY,
        )  # fmt: skip
    for tick in range(int(first), int(last) + 2, 4 if narrow else 2):
        axes.annotate(
            str(tick), (tick, 0), (0, -5), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="top", fontsize=8, color=GREY,
        )  # fmt: skip
    return with_legend(axes, marks, columns)


def _course(chart: Course, narrow: bool) -> Figure:
    """A dot for each year, with its score; a line joins neighbouring years of one edition."""
    axes = plot(NARROW if narrow else WIDE, 2.4, 0.4, 0.3, 0.34, top=0.16)
    axes.set_xlim(chart.years[0] - 0.5, chart.years[-1] + 0.5)
    axes.set_ylim(0, 104)
    for tick in QUARTERS:
        axes.axhline(tick, color=PALE, lw=0.8, zorder=0)
        axes.annotate(
            str(tick), (0, tick), (-4, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=8, color=GREY,
        )  # fmt: skip
    pairs = list(zip(chart.years, chart.values, strict=True))
    for (year, value), (after, later) in zip(pairs, pairs[1:], strict=False):
        if after not in chart.breaks:
            axes.plot([year, after], [value, later], color=ACCENT, lw=1.8, zorder=3)
    for year, value in pairs:
        axes.plot([year], [value], "o", color=ACCENT, ms=8, mec="white", zorder=4, clip_on=False)
        axes.annotate(
            number(value), (year, value), (0, 9), textcoords="offset points", ha="center", fontsize=9, color=ACCENT,
            fontweight="bold", zorder=5,
        )  # fmt: skip
        axes.annotate(
            str(year), (year, 0), (0, -5), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="top", fontsize=8.5, color=GREY,
        )  # fmt: skip
    for year in chart.breaks:
        axes.axvline(year - 0.5, color=GREY, lw=1, ls=(0, (2, 3)))
        axes.text(year - 0.46, 100, chart.break_label, va="top", fontsize=8, color=GREY)
    figure: Figure = axes.figure
    return figure


_DRAWERS: dict[type[Chart], Callable[[Any, bool], Figure]] = {
    Radar: _radar,
    Contributions: _contributions,
    Waterfall: _waterfall,
    Scores: _scores,
    Peers: _peers,
    National: _national,
    Course: _course,
}

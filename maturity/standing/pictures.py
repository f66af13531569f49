"""The static pictures of the charts of a place among peers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from maturity.results.charts import Chart, number
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
)
from maturity.results.ramp import LEVELS
from maturity.standing.charts import Classes, Criteria, Strips, Trend

QUARTERS = (0, 25, 50, 75, 100)


@lru_cache(maxsize=256)
def draw(chart: Chart, narrow: bool = False) -> str:
    """The chart as an SVG document with its title and source as accessible text."""
    return render(chart, lambda: _DRAWERS[type(chart)](chart, narrow))


def _strips(chart: Strips, narrow: bool) -> Figure:
    strips, lines = chart.strips, range(len(chart.strips))
    labels = [strip.label for strip in strips]
    axes = row_axes(labels, narrow, 0.36, right=0.5, bottom=0.3 + LEGEND_ROW * (2 if narrow else 1), size=9.5)
    axes.set_xlim(0, 100)
    known = [(row, s.p10, s.p90) for row, s in enumerate(strips) if s.p10 is not None and s.p90 is not None]
    bars(axes, [row for row, _, _ in known], [a for _, a, _ in known], [b for _, _, b in known], colors=PEER, lw=2)
    bars(axes, lines, [strip.q1 for strip in strips], [strip.q3 for strip in strips], colors=PEER, zorder=2)
    axes.vlines(
        [strip.median for strip in strips], [r - 0.28 for r in lines], [r + 0.28 for r in lines], color=INK, lw=1.8
    )
    own = [(row, strip.own) for row, strip in enumerate(strips) if strip.own is not None]
    axes.plot(
        [value for _, value in own], [row for row, _ in own], "o", color=ACCENT, ms=9, mec="white", mew=1.2, zorder=4,
        clip_on=False,
    )  # fmt: skip
    _at_the_edge(axes, [number(strip.own) for strip in strips])
    scale(axes, QUARTERS, chart.unit)
    marks = [
        dot(chart.own_label),
        box(PEER, chart.box_label),
        Line2D([], [], color=INK, lw=1.8, label=chart.median_label),
    ]
    if known:
        marks.append(Line2D([], [], color=PEER, lw=2, label=chart.deciles_label))
    return with_legend(axes, marks, 2 if narrow else 4)


def _at_the_edge(axes: Any, texts: Sequence[str]) -> None:
    """Own values in a column of their own on the right, where no mark can cover them."""
    for row, text in enumerate(texts):
        axes.annotate(
            text, (1, row), (32, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=9, color=ACCENT, fontweight="bold",
        )  # fmt: skip


def _classes(chart: Classes, narrow: bool) -> Figure:
    lines = range(len(chart.labels))
    axes = row_axes(chart.labels, narrow, 0.34, right=0.55, bottom=0.1 + LEGEND_ROW, size=9.5)
    most = max(chart.shares)
    axes.set_xlim(0, most)
    bars(axes, lines, 0, chart.shares, colors=[LEVELS.get(level, PEER) for level in chart.levels], lw=14)
    for row, share in enumerate(chart.shares):
        axes.text(share + most / 80, row, f"{share}%", va="center", fontsize=9, color=INK)
    axes.plot([most / 50], [chart.own], "o", color=ACCENT, ms=9, mec="white", mew=1.4, zorder=4, clip_on=False)
    return with_legend(axes, (dot(chart.own_label),), 1)


def _criteria(chart: Criteria, narrow: bool) -> Figure:
    """A bar for the peers; the mark left of its number says by shape and colour whether the enterprise meets it."""
    lines = range(len(chart.labels))
    axes = row_axes(
        chart.labels, narrow, 0.26, right=0.7, bottom=0.28 + LEGEND_ROW * (3 if narrow else 1), size=8.5, ems=11
    )
    axes.set_xlim(0, 100)
    bars(axes, lines, 0, chart.shares, colors=PEER)
    for row, share in enumerate(chart.shares):
        inside = share > 88
        axes.text(
            share - 1 if inside else share + 1, row, f"{share}%", va="center", ha="right" if inside else "left",
            fontsize=8, color=INK, zorder=3,
        )  # fmt: skip
    for value, style in ((True, {"mfc": ACCENT, "mec": ACCENT}), (False, {"mfc": "white", "mec": GREY})):
        at = [row for row, own in enumerate(chart.own) if own is value]
        axes.plot([107] * len(at), at, "o", ms=7, mew=1.5, clip_on=False, **style)
    scale(axes, QUARTERS, "%")
    marks = (
        box(PEER, chart.share_label),
        Line2D([], [], ls="none", marker="o", ms=7, color=ACCENT, label=chart.met_label),
        Line2D([], [], ls="none", marker="o", ms=7, mfc="white", mec=GREY, mew=1.5, label=chart.unmet_label),
    )
    return with_legend(axes, marks, 1 if narrow else 3)


def _trend(chart: Trend, narrow: bool) -> Figure:
    """The scale shows what there is, in steps of ten; lines between dots need no zero."""
    columns = 2 if narrow else 3
    axes = plot(NARROW if narrow else WIDE, 2.6, 0.4, 0.3, 0.34 + LEGEND_ROW * -(-3 // columns), top=0.16)
    low, high = _reach(chart)
    axes.set_xlim(chart.years[0] - 0.5, chart.years[-1] + 0.5)
    axes.set_ylim(low, high)
    for tick in range(low, high + 1, 10):
        axes.axhline(tick, color=PALE, lw=0.8, zorder=0)
        axes.annotate(
            str(tick), (0, tick), (-4, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=8, color=GREY,
        )  # fmt: skip
    for year in chart.years:
        axes.annotate(
            str(year), (year, 0), (0, -5), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="top", fontsize=8.5, color=GREY,
        )  # fmt: skip
    _peers_over_time(axes, chart)
    _own_over_time(axes, chart)
    for year in chart.breaks:
        axes.axvline(year - 0.5, color=GREY, lw=1, ls=(0, (2, 3)))
        axes.annotate(
            chart.break_label, (year - 0.5, 1), (4, -2), xycoords=axes.get_xaxis_transform(),
            textcoords="offset points", va="top", fontsize=8, color=GREY,
        )  # fmt: skip
    marks = (
        dot(chart.own_label),
        Line2D([], [], color=INK, lw=1.8, label=chart.median_label),
        box(PEER, chart.box_label),
    )
    return with_legend(axes, marks, columns)


def _reach(chart: Trend) -> tuple[int, int]:
    """From the ten below the lowest value to the ten above the highest, with room for a number."""
    shown = [value for peers in chart.peers if peers for value in peers]
    shown += [value for value in chart.own if value is not None]
    return max(int(min(shown) - 4) // 10 * 10, 0), min(-(-int(max(shown) + 8) // 10) * 10, 100)


def _peers_over_time(axes: Any, chart: Trend) -> None:
    known = [(year, peers) for year, peers in zip(chart.years, chart.peers, strict=True) if peers]
    axes.vlines([y for y, _ in known], [p[0] for _, p in known], [p[2] for _, p in known], color=PEER, lw=18, zorder=1)
    medians, years = [peers[1] for _, peers in known], [year for year, _ in known]
    axes.hlines(medians, [year - 0.1 for year in years], [year + 0.1 for year in years], color=INK, lw=1.8, zorder=2)


def _own_over_time(axes: Any, chart: Trend) -> None:
    """A line joins neighbouring years on one basis only."""
    pairs = list(zip(chart.years, chart.own, strict=True))
    for (year, value), (after, next_value) in zip(pairs, pairs[1:], strict=False):
        if value is not None and next_value is not None and after not in chart.breaks:
            axes.plot([year, after], [value, next_value], color=ACCENT, lw=1.8, zorder=3)
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.85}
    for year, value in pairs:
        if value is not None:
            axes.plot([year], [value], "o", color=ACCENT, ms=8, mec="white", zorder=4, clip_on=False)
            axes.annotate(
                number(value), (year, value), (18, 9), textcoords="offset points", va="center", ha="left", fontsize=9,
                color=ACCENT, fontweight="bold", zorder=5, bbox=paper,
            )  # fmt: skip


_DRAWERS: dict[type[Chart], Callable[[Any, bool], Figure]] = {
    Strips: _strips,
    Classes: _classes,
    Criteria: _criteria,
    Trend: _trend,
}

"""The pictures of an index's charts: static ones, and figures for those who want to explore."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from maturity.regional.charts import Profile, Ranking, Trend
from maturity.results.charts import Chart
from maturity.results.drawing import (
    ACCENT,
    GREY,
    INK,
    LEGEND_ROW,
    NARROW,
    PALE,
    PEER,
    STACK,
    WIDE,
    bars,
    box,
    plot,
    render,
    render_png,
    row_axes,
    scale,
    with_legend,
)

#: What stands in for something missing is hatched apart by its colour and told by its label as well.
STAND_IN = "#7fa6d6"


@lru_cache(maxsize=256)
def draw(chart: Chart, narrow: bool = False) -> str:
    """The chart as an SVG document."""
    return render(chart, lambda: _DRAWERS[type(chart)](chart, narrow))


def draw_png(chart: Chart) -> bytes:
    """The chart for programs that know no SVG."""
    return render_png(lambda: _DRAWERS[type(chart)](chart, False))


def _most(values: list[float]) -> float:
    """The end of an axis without upper end: the next twenty."""
    return max(20.0, -(-max(values) // 20) * 20)


def _ranking(chart: Ranking, narrow: bool) -> Figure:
    labels = [f"{name} *" if marked else name for name, marked in zip(chart.labels, chart.marked, strict=True)]
    rows = range(len(labels))
    known = [*chart.values, *([chart.line] if chart.line is not None else [])]
    axes = row_axes(labels, narrow, 0.235, right=0.55, bottom=0.34 + LEGEND_ROW, size=9)
    most = _most(known)
    axes.set_xlim(min(0.0, *known), most)
    for marked, colour in ((False, ACCENT), (True, STAND_IN)):
        chosen = [row for row in rows if chart.marked[row] is marked]
        bars(axes, chosen, 0, [chart.values[row] for row in chosen], colors=colour)
    for row, text in enumerate(chart.shown):
        axes.annotate(
            text, (1, row), (34, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right",
            va="center", fontsize=8.5, color=INK,
        )  # fmt: skip
    scale(axes, range(0, int(most) + 1, 20 if most <= 160 else 40))
    marks: list[Any] = [box(ACCENT, chart.own_label)]
    if any(chart.marked):
        marks.append(box(STAND_IN, f"* {chart.marked_label}"))
    if chart.line is not None:
        marks.append(axes.axvline(chart.line, color=INK, lw=1.4, ls=(0, (3, 2)), zorder=3, label=chart.line_label))
    return with_legend(axes, marks, 3)


def _profile(chart: Profile, narrow: bool) -> Figure:
    rows = range(len(chart.labels))
    others = [value for value in (*chart.peers, *chart.reference) if value is not None]
    most = _most([*chart.own, *others])
    axes = row_axes(chart.labels, narrow, 0.36, right=0.55, bottom=0.34 + LEGEND_ROW, size=9.5)
    axes.set_xlim(min(0.0, *chart.own), most)
    bars(axes, rows, 0, chart.own)
    marks: list[Any] = [box(ACCENT, chart.own_label)]
    for values, style, label in (
        (chart.peers, "-", chart.peer_label),
        (chart.reference, (0, (2, 1.5)), chart.reference_label),
    ):
        known = [(row, value) for row, value in enumerate(values) if value is not None]
        if known:
            axes.vlines(
                [value for _, value in known], [row - 0.34 for row, _ in known], [row + 0.34 for row, _ in known],
                color=INK, lw=1.8, ls=style, zorder=3,
            )  # fmt: skip
            marks.append(Line2D([], [], color=INK, lw=1.8, ls=style, label=label))
    for row, text in enumerate(chart.shown):
        axes.annotate(
            text, (1, row), (34, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right",
            va="center", fontsize=9, color=ACCENT, fontweight="bold",
        )  # fmt: skip
    scale(axes, range(0, int(most) + 1, 20 if most <= 160 else 40))
    return with_legend(axes, marks, 3)


def _trend(chart: Trend, narrow: bool) -> Figure:
    width = NARROW if narrow else WIDE
    axes = plot(width, 2.6, 0.45, 0.4, 0.34 + LEGEND_ROW * len(chart.segments), top=0.24)
    every = [point for _, part in chart.segments for point in part]
    years = [year for year, _, _ in every]
    values = [value for _, value, _ in every]
    low = (min(values) // 10) * 10 - 10
    high = -(-max(values) // 10) * 10 + 5
    axes.set_xlim(min(years) - 0.4, max(years) + 0.4)
    axes.set_ylim(low, high)
    for tick in range(int(low), int(high) + 1, 10):
        axes.axhline(tick, color=PALE, lw=0.8, zorder=0)
        axes.annotate(
            str(tick), (0, tick), (-4, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right",
            va="center", fontsize=8, color=GREY,
        )  # fmt: skip
    for year in sorted(set(years)):
        axes.annotate(
            str(year), (year, 0), (0, -5), xycoords=axes.get_xaxis_transform(), textcoords="offset points", ha="center",
            va="top", fontsize=8, color=GREY,
        )  # fmt: skip
    marks: list[Any] = []
    for index, (basis, part) in enumerate(chart.segments):
        colour = (ACCENT, INK, GREY)[index % 3]
        for (before, start, _), (after, end, _) in pairwise(part):  # a gap of years is no straight line known
            style = "-" if after == before + 1 else (0, (2, 3))
            axes.plot([before, after], [start, end], color=colour, lw=1.8, ls=style)
        marks += axes.plot(
            [year for year, _, _ in part], [value for _, value, _ in part], color=colour, ls="none",
            marker="os^"[index % 3], ms=5, label=basis,
        )  # fmt: skip
        for year, value, text in part:
            axes.annotate(
                text, (year, value), (0, 7), textcoords="offset points", ha="center", fontsize=8.5, color=colour
            )
        if index:
            cut = (chart.segments[index - 1][1][-1][0] + part[0][0]) / 2
            axes.axvline(cut, color=GREY, lw=1, ls=(0, (2, 3)))
            axes.text(cut, high, chart.break_label, ha="center", va="bottom", fontsize=8, color=GREY)
    return with_legend(axes, marks, 1)


_DRAWERS: dict[type[Chart], Callable[[Any, bool], Figure]] = {Ranking: _ranking, Profile: _profile, Trend: _trend}


def figure_json(chart: Chart) -> dict[str, Any]:
    """The figure as plain JSON for `Plotly.newPlot`."""
    figure = _FIGURES[type(chart)](chart)
    figure.update_layout(
        template="plotly_white",
        font={"family": STACK, "size": 13, "color": INK},
        margin={"l": 10, "r": 20, "t": 10, "b": 10},
        legend={"orientation": "h", "y": -0.12},
        hoverlabel={"font": {"family": STACK}},
    )
    figure.update_yaxes(automargin=True)
    loaded: dict[str, Any] = json.loads(figure.to_json())
    return loaded


def _ranking_figure(chart: Ranking) -> go.Figure:
    figure = go.Figure()
    for marked, colour, label in ((False, ACCENT, chart.own_label), (True, STAND_IN, chart.marked_label)):
        rows = [row for row in range(len(chart.labels)) if chart.marked[row] is marked]
        if rows:
            figure.add_bar(
                x=[chart.values[row] for row in rows], y=[chart.labels[row] for row in rows], orientation="h",
                text=[chart.shown[row] for row in rows], name=label, marker={"color": colour},
            )  # fmt: skip
    if chart.line is not None:
        figure.add_vline(x=chart.line, line={"color": INK, "dash": "dash"}, annotation_text=chart.line_label)
    figure.update_layout(height=120 + 24 * len(chart.labels))
    figure.update_yaxes(categoryorder="array", categoryarray=list(reversed(chart.labels)))
    return figure


def _profile_figure(chart: Profile) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(
        x=chart.own, y=chart.labels, text=chart.shown, orientation="h", name=chart.own_label, marker={"color": ACCENT}
    )
    for values, label, colour in ((chart.peers, chart.peer_label, PEER), (chart.reference, chart.reference_label, INK)):
        if any(value is not None for value in values):
            marker = {"color": colour, "symbol": "line-ns-open", "size": 20}
            figure.add_scatter(x=values, y=chart.labels, mode="markers", name=label, marker=marker)
    figure.update_yaxes(autorange="reversed")
    return figure


def _trend_figure(chart: Trend) -> go.Figure:
    figure = go.Figure()
    for basis, part in chart.segments:
        years, values = [year for year, _, _ in part], [value for _, value, _ in part]
        figure.add_scatter(x=years, y=values, mode="lines+markers", name=basis)
    figure.update_xaxes(dtick=1)
    return figure


_FIGURES: dict[type[Chart], Callable[[Any], go.Figure]] = {
    Ranking: _ranking_figure,
    Profile: _profile_figure,
    Trend: _trend_figure,
}

"""The pictures of a campaign's charts."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from matplotlib.figure import Figure

from maturity.campaigns.charts import Coverage, Funnel, OverTime
from maturity.results.charts import Chart
from maturity.results.drawing import (
    ACCENT,
    GREY,
    INK,
    LEGEND_ROW,
    NARROW,
    PALE,
    WIDE,
    bars,
    box,
    plot,
    render,
    row_axes,
    with_legend,
)

BEHIND = "#b26a00"


@lru_cache(maxsize=64)
def draw(chart: Chart, narrow: bool = False) -> str:
    """The chart as an SVG document."""
    return render(chart, lambda: _DRAWERS[type(chart)](chart, narrow))


def _funnel(chart: Funnel, narrow: bool) -> Figure:
    axes = row_axes(chart.labels, narrow, 0.34, right=0.95, bottom=0.06)
    whole = max(chart.counts[0], 1)
    axes.set_xlim(0, whole)
    rows = range(len(chart.labels))
    bars(axes, rows, 0, whole, colors=PALE, lw=15)
    bars(axes, rows, 0, chart.counts, lw=15)
    for row, (count, share) in enumerate(zip(chart.counts, chart.shares, strict=True)):
        axes.annotate(
            f"{count}  ({share})", (1, row), (6, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            va="center", fontsize=9, color=INK,
        )  # fmt: skip
    figure: Figure = axes.figure
    return figure


def _over_time(chart: OverTime, narrow: bool) -> Figure:
    """Steps, for nobody submits between two days; the deadlines as lines."""
    width = NARROW if narrow else WIDE
    axes = plot(width, 2.7, 0.5, 0.25, 0.34 + LEGEND_ROW, top=0.24)
    places = range(len(chart.days))
    top = max(*chart.started, chart.target or 0, 4) * 1.08
    last = max(1, (chart.days[-1] - chart.days[0]).days)
    x = [(day - chart.days[0]).days for day in chart.days]
    axes.set_xlim(0, max([last, *((day - chart.days[0]).days for day, _ in chart.marks)]) + 0.5)
    axes.set_ylim(0, top)
    for tick in _ticks(top):
        axes.axhline(tick, color=PALE, lw=0.8, zorder=0)
        axes.annotate(
            f"{tick:g}", (0, tick), (-5, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=8, color=GREY,
        )  # fmt: skip
    marks: list[Any] = []
    marks += axes.step(x, chart.started, where="post", color=GREY, lw=1.6, ls="--", label=chart.started_label)
    marks += axes.step(x, chart.submitted, where="post", color=ACCENT, lw=2.2, label=chart.submitted_label)
    axes.fill_between(x, chart.submitted, step="post", color=ACCENT, alpha=0.1, lw=0)
    if chart.target is not None:
        line = axes.axhline(
            chart.target, color=INK, lw=1.2, ls=(0, (2, 2)), label=f"{chart.target_label} {chart.target}"
        )
        marks.append(line)
    for day, label in chart.marks:
        place = (day - chart.days[0]).days
        axes.axvline(place, color=GREY, lw=1, ls=(0, (1, 2)))
        axes.annotate(label, (place, top), (-3, 2), textcoords="offset points", ha="right", fontsize=8, color=GREY)
    shown = sorted({0, len(x) - 1} if narrow or len(x) < 5 else {0, len(x) // 3, 2 * len(x) // 3, len(x) - 1})
    for place in (places[index] for index in shown):
        axes.annotate(
            chart.days[place].isoformat()[5:] if place else chart.days[0].isoformat(), (x[place], 0), (0, -5),
            textcoords="offset points", ha="left" if place == 0 else "center", va="top", fontsize=8, color=GREY,
        )  # fmt: skip
    return with_legend(axes, marks, 3)


def _ticks(top: float) -> list[float]:
    """About four round numbers below the top."""
    step = next(
        (unit * factor for unit in (1, 10, 100, 1000, 10000) for factor in (1, 2, 5) if top / (unit * factor) <= 5),
        top,
    )
    return [step * place for place in range(int(top // step) + 1)]


def _coverage(chart: Coverage, narrow: bool) -> Figure:
    axes = row_axes(chart.labels, narrow, 0.25, right=0.75, bottom=0.1 + LEGEND_ROW * (2 if narrow else 1), size=8.5)
    rows = range(len(chart.labels))
    whole = max((*chart.whole, *chart.submitted, 1))
    axes.set_xlim(0, whole)
    bars(axes, rows, 0, chart.whole, colors=PALE)
    colours = [BEHIND if behind else ACCENT for behind in chart.behind]
    bars(axes, rows, 0, chart.submitted, colors=colours)
    axes.vlines(chart.whole, [row - 0.32 for row in rows], [row + 0.32 for row in rows], color=INK, lw=1.6, zorder=3)
    for row, (count, of) in enumerate(zip(chart.submitted, chart.whole, strict=True)):
        axes.annotate(
            f"{count} / {of}", (1, row), (6, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            va="center", fontsize=8.5, color=INK,
        )  # fmt: skip
    marks = [box(ACCENT, chart.submitted_label)]
    if any(chart.behind):
        marks.append(box(BEHIND, chart.behind_label))
    return with_legend(axes, [*marks, box(PALE, chart.whole_label)], 2 if narrow else 3)


_DRAWERS: dict[type[Chart], Callable[[Any, bool], Figure]] = {
    Funnel: _funnel,
    OverTime: _over_time,
    Coverage: _coverage,
}

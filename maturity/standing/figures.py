"""The interactive figures of the charts of a place among peers: Plotly's JSON, drawn in the browser on demand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from maturity.results.charts import Chart
from maturity.results.drawing import ACCENT, GREY, INK, PEER, STACK
from maturity.standing.charts import Classes, Criteria, Strips, Trend


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


def _strips(chart: Strips) -> go.Figure:
    labels = [strip.label for strip in chart.strips]
    figure = go.Figure()
    figure.add_bar(
        x=[strip.q3 - strip.q1 for strip in chart.strips],
        base=[strip.q1 for strip in chart.strips],
        y=labels,
        orientation="h",
        name=chart.box_label,
        marker={"color": PEER},
        width=0.4,
    )
    for values, name, marker in (
        ([s.median for s in chart.strips], chart.median_label, {"color": INK, "symbol": "line-ns-open", "size": 18}),
        ([s.own for s in chart.strips], chart.own_label, {"color": ACCENT, "size": 13}),
    ):
        figure.add_scatter(x=values, y=labels, mode="markers", name=name, marker=marker)
    figure.update_xaxes(range=[0, 100], ticksuffix=chart.unit)
    figure.update_yaxes(autorange="reversed")
    return figure


def _classes(chart: Classes) -> go.Figure:
    figure = go.Figure()
    colours = [ACCENT if index == chart.own else PEER for index in range(len(chart.labels))]
    figure.add_bar(x=chart.shares, y=chart.labels, orientation="h", marker={"color": colours})
    figure.update_xaxes(ticksuffix="%", rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure


def _criteria(chart: Criteria) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(x=chart.shares, y=chart.labels, orientation="h", name=chart.share_label, marker={"color": PEER})
    marks: tuple[tuple[bool, str, dict[str, Any]], ...] = (
        (True, chart.met_label, {"color": ACCENT, "size": 11}),
        (False, chart.unmet_label, {"color": GREY, "size": 11, "symbol": "circle-open"}),
    )
    for value, name, marker in marks:
        chosen = [label for label, own in zip(chart.labels, chart.own, strict=True) if own is value]
        figure.add_scatter(x=[104] * len(chosen), y=chosen, mode="markers", name=name, marker=marker)
    figure.update_layout(height=140 + 30 * len(chart.labels))
    figure.update_xaxes(range=[0, 108], ticksuffix="%")
    figure.update_yaxes(autorange="reversed")
    return figure


def _trend(chart: Trend) -> go.Figure:
    """Each basis is a line of its own."""
    figure = go.Figure()
    known = [(year, peers) for year, peers in zip(chart.years, chart.peers, strict=True) if peers]
    figure.add_bar(
        x=[year for year, _ in known],
        y=[high - low for _, (low, _, high) in known],
        base=[low for _, (low, _, _) in known],
        name=chart.box_label,
        marker={"color": PEER},
        width=0.3,
    )
    medians = {"color": INK, "symbol": "line-ew-open", "size": 18}
    figure.add_scatter(
        x=[y for y, _ in known], y=[p[1] for _, p in known], mode="markers", name=chart.median_label, marker=medians
    )
    for index, part in enumerate(_parts(chart)):
        years, values = [year for year, _ in part], [value for _, value in part]
        figure.add_scatter(
            x=years, y=values, mode="lines+markers", name=chart.own_label, line={"color": ACCENT}, showlegend=index == 0
        )
    for year in chart.breaks:
        figure.add_vline(x=year - 0.5, line={"color": GREY, "dash": "dot"}, annotation_text=chart.break_label)
    figure.update_xaxes(tickvals=list(chart.years))
    return figure


def _parts(chart: Trend) -> list[list[tuple[int, float | None]]]:
    parts: list[list[tuple[int, float | None]]] = [[]]
    for year, value in zip(chart.years, chart.own, strict=True):
        if year in chart.breaks:
            parts.append([])
        parts[-1].append((year, value))
    return parts


_FIGURES: dict[type[Chart], Callable[[Any], go.Figure]] = {
    Strips: _strips,
    Classes: _classes,
    Criteria: _criteria,
    Trend: _trend,
}

"""The interactive figure of a chart: Plotly's JSON, drawn in the browser on demand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from maturity.results.charts import Chart, Contributions, National, Peers, Radar, Scores, Waterfall
from maturity.results.drawing import ACCENT, GREY, INK, PALE, PEER, STACK
from maturity.results.years import Course


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


def _radar(chart: Radar) -> go.Figure:
    figure = go.Figure()
    axes = [*chart.axes, chart.axes[0]]
    if chart.peers is not None:
        figure.add_scatterpolar(
            r=[*chart.peers, chart.peers[0]], theta=axes, name=chart.peer_label, line={"color": GREY, "dash": "dash"}
        )
    own = [*chart.own, chart.own[0]]
    figure.add_scatterpolar(r=own, theta=axes, name=chart.own_label, line={"color": ACCENT}, fill="toself")
    figure.update_polars(radialaxis={"range": [0, 100]}, angularaxis={"direction": "clockwise"})
    return figure


def _contributions(chart: Contributions) -> go.Figure:
    figure = go.Figure()
    for values, label, colour in ((chart.earned, chart.earned_label, ACCENT), (chart.open, chart.open_label, PALE)):
        figure.add_bar(x=values, y=chart.labels, orientation="h", name=label, marker={"color": colour})
    figure.update_layout(barmode="stack", height=120 + 26 * len(chart.labels))
    figure.update_yaxes(autorange="reversed")
    return figure


def _waterfall(chart: Waterfall) -> go.Figure:
    labels = [*chart.labels, chart.total_label, chart.open_label]
    figure = go.Figure()
    figure.add_waterfall(
        x=[*chart.steps, 0, 100 - chart.total],
        y=labels,
        measure=["relative"] * len(chart.steps) + ["total", "relative"],
        orientation="h",
        increasing={"marker": {"color": ACCENT}},
        totals={"marker": {"color": INK}},
        connector={"line": {"color": GREY}},
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(autorange="reversed")
    return figure


def _scores(chart: Scores) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(x=chart.values, y=chart.labels, orientation="h", name=chart.value_label, marker={"color": ACCENT})
    for value, label, dash in ((chart.own, chart.own_label, "solid"), (chart.peer, chart.peer_label, "dash")):
        if value is not None:
            figure.add_vline(x=value, line={"color": INK, "dash": dash}, annotation_text=label)
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(autorange="reversed")
    return figure


def _peers(chart: Peers) -> go.Figure:
    labels = [row.label for row in chart.rows]
    figure = go.Figure()
    figure.add_bar(
        x=[row.q3 - row.q1 for row in chart.rows],
        base=[row.q1 for row in chart.rows],
        y=labels,
        orientation="h",
        name=chart.box_label,
        marker={"color": PEER},
        width=0.4,
    )
    medians = {"color": INK, "symbol": "line-ns-open", "size": 18}
    figure.add_scatter(
        x=[r.median for r in chart.rows], y=labels, mode="markers", name=chart.median_label, marker=medians
    )
    own = {"color": ACCENT, "size": 13}
    figure.add_scatter(x=[r.own for r in chart.rows], y=labels, mode="markers", name=chart.own_label, marker=own)
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(autorange="reversed")
    return figure


def _national(chart: National) -> go.Figure:
    figure = go.Figure()
    for basis, points in chart.segments:
        figure.add_scatter(x=[x for x, _ in points], y=[y for _, y in points], mode="lines+markers", name=basis)
    for mark, colour in ((chart.target, GREY), (chart.own, ACCENT)):
        if mark is not None:
            year, value, label = mark
            figure.add_scatter(x=[year], y=[value], mode="markers", name=label, marker={"color": colour, "size": 13})
    figure.update_yaxes(range=[0, 105], ticksuffix=" %")
    return figure


def _course(chart: Course) -> go.Figure:
    """One line for each run of years of one edition."""
    figure = go.Figure()
    starts = [0, *(chart.years.index(year) for year in chart.breaks if year in chart.years[1:]), len(chart.years)]
    for start, end in zip(starts, starts[1:], strict=False):
        figure.add_scatter(
            x=chart.years[start:end], y=chart.values[start:end], name=chart.value_label, line={"color": ACCENT},
            mode="lines+markers",
        )  # fmt: skip
    figure.update_layout(showlegend=False)
    figure.update_xaxes(dtick=1)
    figure.update_yaxes(range=[0, 100])
    return figure


_FIGURES: dict[type[Chart], Callable[[Any], go.Figure]] = {
    Radar: _radar,
    Contributions: _contributions,
    Waterfall: _waterfall,
    Scores: _scores,
    Peers: _peers,
    National: _national,
    Course: _course,
}

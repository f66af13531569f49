"""The interactive figures of the dashboard's charts: Plotly's JSON, drawn in the browser on demand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from maturity.dashboard.charts import Against, Board, Changed, Compared, LevelShares, Lines, Profile, Tiles
from maturity.dashboard.svg import LEVEL_INK, OTHER, RAMP, RAMP_INK, class_of
from maturity.results.drawing import ACCENT, GREY, INK, PEER, STACK
from maturity.results.ramp import LEVELS

ROW = 30  # pixels


def figure_json(chart: Board) -> dict[str, Any]:
    """The figure as plain JSON for `Plotly.newPlot`, with the mark of synthetic figures across it."""
    figure = _FIGURES[type(chart)](chart)
    figure.update_layout(
        template="plotly_white",
        font={"family": STACK, "size": 13, "color": INK},
        margin={"l": 10, "r": 30, "t": 30, "b": 10},
        legend={"orientation": "h", "y": -0.12, "yref": "paper"},
        hoverlabel={"font": {"family": STACK}},
    )
    figure.update_yaxes(automargin=True)
    if chart.mark:
        figure.add_annotation(
            text=chart.mark, xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False, textangle=-12, opacity=0.18,
            font={"size": 24, "color": GREY},
        )  # fmt: skip
    loaded: dict[str, Any] = json.loads(figure.to_json())
    return loaded


def _rows(figure: go.Figure, count: int, unit: str) -> go.Figure:
    figure.update_layout(height=140 + ROW * count)
    figure.update_xaxes(range=[0, 100], ticksuffix=unit)
    figure.update_yaxes(autorange="reversed")
    return figure


def _compared(chart: Compared) -> go.Figure:
    figure, labels = go.Figure(), [mark.label for mark in chart.marks]
    colours = [INK if mark.is_own else ACCENT for mark in chart.marks]
    values = [mark.value for mark in chart.marks]
    if chart.range_label:
        ranged = [mark for mark in chart.marks if mark.low is not None and mark.high is not None]
        figure.add_bar(
            x=[(mark.high or 0) - (mark.low or 0) for mark in ranged], base=[mark.low for mark in ranged],
            y=[mark.label for mark in ranged], orientation="h", name=chart.range_label, marker={"color": PEER},
            width=0.45, customdata=[[mark.low, mark.high] for mark in ranged],
            hovertemplate="%{customdata[0]}–%{customdata[1]}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=values, y=labels, mode="markers", name=chart.value_label, marker={"color": colours, "size": 12}
        )
    else:
        figure.add_bar(x=values, y=labels, orientation="h", name=chart.value_label, marker={"color": colours})
    if chart.reference is not None:
        value, label = chart.reference
        figure.add_vline(
            x=value, line={"color": INK, "dash": "dash"}, annotation_text=f"{label} {value}{chart.unit}",
            annotation_position="top",
        )  # fmt: skip
    return _rows(figure, len(labels), chart.unit)


def _profile(chart: Profile) -> go.Figure:
    figure = go.Figure()
    rows = [row for _, group in chart.groups for row in group]
    ranged = [row for row in rows if row.low is not None and row.high is not None]
    figure.add_bar(
        x=[(row.high or 0) - (row.low or 0) for row in ranged], base=[row.low for row in ranged],
        y=[row.label for row in ranged], orientation="h", name=chart.range_label, marker={"color": PEER}, width=0.45,
    )  # fmt: skip
    figure.add_scatter(
        x=[row.value for row in rows], y=[row.label for row in rows], mode="markers", name=chart.own_label,
        marker={"color": ACCENT, "size": 12},
    )  # fmt: skip
    known = [row for row in rows if row.reference is not None]
    if known:
        ticks = {"color": INK, "symbol": "line-ns-open", "size": 16}
        figure.add_scatter(
            x=[row.reference for row in known], y=[row.label for row in known], mode="markers",
            name=chart.reference_label, marker=ticks,
        )  # fmt: skip
    figure.update_yaxes(categoryorder="array", categoryarray=[row.label for row in rows])
    return _rows(figure, len(rows), "")


def _levels(chart: LevelShares) -> go.Figure:
    """A trace for each set of levels that stand together somewhere."""
    figure, titles = go.Figure(), dict(chart.levels)
    sets = sorted({levels for _, parts in chart.rows for levels, _ in parts})
    for levels in sets:
        rows = [(label, share) for label, parts in chart.rows for found, share in parts if found == levels]
        name = " + ".join(f"{level} {titles.get(level, '')}".strip() for level in levels)
        figure.add_bar(
            x=[share for _, share in rows], y=[label for label, _ in rows], orientation="h", name=name,
            marker={
                "color": LEVELS[min(levels)],
                "pattern": {"shape": "/" if len(levels) > 1 else "", "fgcolor": "white"},
            },
            texttemplate="%{x}%", textposition="inside", textfont={"color": LEVEL_INK[min(levels)]},
        )  # fmt: skip
    figure.update_layout(barmode="stack")
    figure.update_yaxes(categoryorder="array", categoryarray=[label for label, _ in chart.rows])
    return _rows(figure, len(chart.rows), "%")


def _tiles(chart: Tiles) -> go.Figure:
    figure = go.Figure()
    shades = [class_of(tile.value, chart.edges) for tile in chart.tiles]
    shown = ["—" if tile.value is None else f"{tile.value}{chart.unit}" for tile in chart.tiles]
    figure.add_scatter(
        x=[tile.column for tile in chart.tiles],
        y=[tile.row for tile in chart.tiles],
        mode="markers+text",
        marker={
            "symbol": "square",
            "size": 46,
            "color": ["#ffffff" if shade is None else RAMP[shade] for shade in shades],
            "line": {"color": [INK if tile.is_own else PEER for tile in chart.tiles], "width": 1},
        },
        text=[f"{tile.label[:4]}<br>{value}" for tile, value in zip(chart.tiles, shown, strict=True)],
        textfont={"size": 10, "color": [INK if shade is None else RAMP_INK[shade] for shade in shades]},
        hovertext=[f"{tile.label} {value}" for tile, value in zip(chart.tiles, shown, strict=True)],
        hoverinfo="text",
    )
    rows = 1 + max(tile.row for tile in chart.tiles)
    figure.update_layout(height=80 + 56 * rows, showlegend=False)
    figure.update_xaxes(visible=False, range=[-0.7, 0.7 + max(tile.column for tile in chart.tiles)])
    figure.update_yaxes(visible=False, range=[rows - 0.3, -0.7], scaleanchor="x")  # square, close together
    return figure


def _changed(chart: Changed) -> go.Figure:
    figure, labels = go.Figure(), [step.label for step in chart.steps]
    if not chart.basis_break:
        xs: list[float | None] = [x for step in chart.steps for x in (step.before, step.after, None)]
        ys = [y for step in chart.steps for y in (step.label, step.label, None)]
        figure.add_scatter(
            x=xs, y=ys, mode="lines", line={"color": PEER, "width": 3}, showlegend=False, hoverinfo="skip"
        )
    hollow = {"color": "white", "size": 11, "line": {"color": GREY, "width": 2}}
    before, after = [step.before for step in chart.steps], [step.after for step in chart.steps]
    figure.add_scatter(x=before, y=labels, mode="markers", name=chart.before_label, marker=hollow)
    solid = {"color": ACCENT, "size": 12}
    figure.add_scatter(x=after, y=labels, mode="markers", name=chart.after_label, marker=solid)
    return _rows(figure, len(labels), chart.unit)


def _lines(chart: Lines) -> go.Figure:
    """All populations in one figure: what is clicked in the legend goes, and what is double-clicked stays alone."""
    figure = go.Figure()
    for label, segments in (*chart.panels, *(((chart.whole_label, chart.whole),) if chart.whole else ())):
        is_whole = label == chart.whole_label
        for number, part in enumerate(segments):
            figure.add_scatter(
                x=[point.year for point in part], y=[point.value for point in part], mode="lines+markers", name=label,
                legendgroup=label, showlegend=number == 0,
                line={"color": GREY, "dash": "dash"} if is_whole else {},
            )  # fmt: skip
    figure.update_xaxes(tickvals=list(chart.years), ticktext=[str(year) for year in chart.years])
    figure.update_yaxes(ticksuffix=chart.unit)
    figure.update_layout(height=460)
    return figure


def _against(chart: Against) -> go.Figure:
    figure = go.Figure()
    for label, points in chart.segments:
        figure.add_scatter(x=[x for x, _ in points], y=[y for _, y in points], mode="lines+markers", name=label)
    for label, points in chart.released:
        figure.add_scatter(
            x=[x for x, _ in points], y=[y for _, y in points], mode="lines+markers", name=label,
            line={"color": ACCENT, "dash": "dash"},
        )  # fmt: skip
    for goal in chart.goals:
        figure.add_scatter(
            x=[goal.year], y=[goal.value], mode="markers+text", name=goal.label,
            text=[f"{goal.comparator} {goal.value:g}"], textposition="top center",
            marker={"color": OTHER, "symbol": "line-ew-open", "size": 18},
        )  # fmt: skip
    figure.update_yaxes(range=[0, 105], ticksuffix=chart.unit)
    return figure


_FIGURES: dict[type[Board], Callable[[Any], go.Figure]] = {
    Compared: _compared,
    Profile: _profile,
    LevelShares: _levels,
    Tiles: _tiles,
    Changed: _changed,
    Lines: _lines,
    Against: _against,
}

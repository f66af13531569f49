"""The static picture of a chart, by Matplotlib: text stays text, the same data give the same bytes."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from math import pi
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from maturity.results.charts import Chart, Contributions, National, Peers, Radar
from maturity.results.fonts import cjk_font_file

ACCENT, INK, GREY, PALE, PEER = "#0f5bb5", "#1f2733", "#66707f", "#dfe4ec", "#b7c3d6"
STACK = "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
WIDE, NARROW = 7.6, 3.7
_lock = threading.Lock()  # Matplotlib's settings are global to the process


@lru_cache(maxsize=1)
def _settings() -> Any:
    path = cjk_font_file()
    font_manager.fontManager.addfont(path)
    return {
        "font.family": font_manager.FontProperties(fname=path).get_name(),
        "font.size": 10,
        "svg.fonttype": "none",
        "svg.hashsalt": "maturity",
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": PALE,
        "xtick.color": GREY,
        "ytick.color": INK,
        "axes.unicode_minus": False,
    }


@lru_cache(maxsize=256)
def draw(chart: Chart, narrow: bool = False) -> str:
    """The chart as an SVG document with its title and source as accessible text."""
    with _lock, mpl.rc_context(_settings()):
        figure = _DRAWERS[type(chart)](chart, narrow)
        buffer = io.StringIO()
        FigureCanvasSVG(figure).print_svg(
            buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return _accessible(buffer.getvalue(), chart)


def _accessible(svg: str, chart: Chart) -> str:
    svg = svg[svg.index("<svg") :]
    family = re.escape(str(_settings()["font.family"]))
    svg = re.sub(rf"'{family}'", STACK, svg)
    head, _, rest = svg.partition(">")
    family_on_root = STACK.replace("'", "&apos;")
    title = f"<title>{escape(chart.title)}</title><desc>{escape(chart.source)}</desc>"
    return f'{head} role="img" font-family="{family_on_root}">{title}{rest}'


def _figure(narrow: bool, height: float) -> Figure:
    return Figure(figsize=(NARROW if narrow else WIDE, height), layout="constrained")


def _bare(axes: Any) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)


def _radar(chart: Radar, narrow: bool) -> Figure:
    figure = _figure(narrow, 3.6 if narrow else 4.2)
    axes: Any = figure.add_subplot(projection="polar")
    count = len(chart.axes)
    angles = [2 * pi * index / count for index in range(count)]
    axes.set_theta_offset(pi / 2)
    axes.set_theta_direction(-1)
    axes.set_ylim(0, 100)
    axes.set_yticks([25, 50, 75, 100], ["25", "50", "75", "100"], color=GREY, fontsize=7)
    axes.set_xticks(angles, [_wrapped(label) for label in chart.axes], fontsize=9 if narrow else 10)
    axes.grid(color=PALE)
    axes.spines["polar"].set_color(PALE)
    closed = [*angles, angles[0]]
    if chart.peers is not None:
        axes.plot(closed, [*chart.peers, chart.peers[0]], color=GREY, lw=1.4, ls="--", label=chart.peer_label)
    axes.plot(closed, [*chart.own, chart.own[0]], color=ACCENT, lw=2, marker="o", ms=4, label=chart.own_label)
    axes.fill(closed, [*chart.own, chart.own[0]], color=ACCENT, alpha=0.12)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure


def _wrapped(label: str) -> str:
    words = label.split(" ")
    return label if len(words) < 3 else " ".join(words[:2]) + "\n" + " ".join(words[2:])


def _contributions(chart: Contributions, narrow: bool) -> Figure:
    count = len(chart.labels)
    figure = _figure(narrow, 0.27 * count + 0.7)
    axes: Any = figure.add_subplot()
    rows = range(count)
    axes.barh(rows, chart.earned, color=ACCENT, height=0.62, label=chart.earned_label)
    axes.barh(rows, chart.open, left=chart.earned, color=PALE, height=0.62, label=chart.open_label)
    for row, (earned, still) in enumerate(zip(chart.earned, chart.open, strict=True)):
        axes.text(earned + still + 0.12, row, f"{earned:.1f}", va="center", fontsize=8, color=GREY)
    axes.set_yticks(rows, chart.labels, fontsize=8 if narrow else 9)
    axes.invert_yaxis()
    axes.margins(x=0.08, y=0.01)
    _bare(axes)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure


def _peers(chart: Peers, narrow: bool) -> Figure:
    count = len(chart.rows)
    figure = _figure(narrow, 0.5 * count + (1.2 if narrow else 0.9))
    axes: Any = figure.add_subplot()
    for row, peer in enumerate(chart.rows):
        if peer.p10 is not None and peer.p90 is not None:
            axes.plot([peer.p10, peer.p90], [row, row], color=PEER, lw=2, zorder=1)
        axes.barh(row, peer.q3 - peer.q1, left=peer.q1, height=0.42, color=PEER, zorder=2)
        axes.plot([peer.median] * 2, [row - 0.26, row + 0.26], color=INK, lw=1.6, zorder=3)
        axes.plot([peer.own], [row], "o", color=ACCENT, ms=9, mec="white", mew=1.2, zorder=4)
        axes.text(102, row, f"{peer.own:.1f}", va="center", fontsize=9, color=ACCENT, fontweight="bold")
    axes.set_yticks(range(count), [row.label for row in chart.rows], fontsize=8 if narrow else 10)
    axes.set_xlim(0, 108)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.grid(axis="x", color=PALE, lw=0.8, zorder=0)
    axes.set_axisbelow(True)
    axes.invert_yaxis()
    _bare(axes)
    marks = [
        axes.plot([], [], "o", color=ACCENT, ms=8, label=chart.own_label)[0],
        Patch(color=PEER, label=chart.box_label),
        axes.plot([], [], color=INK, lw=1.6, label=chart.median_label)[0],
        axes.plot([], [], color=PEER, lw=2, label=chart.deciles_label)[0],
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=2 if narrow else 4, frameon=False, fontsize=9)
    return figure


def _national(chart: National, narrow: bool) -> Figure:
    figure = _figure(narrow, 3.1)
    axes: Any = figure.add_subplot()
    for index, (basis, points) in enumerate(chart.segments):
        years, values = [x for x, _ in points], [y for _, y in points]
        axes.plot(years, values, color=(GREY, INK, PEER)[index % 3], lw=1.8, marker="o", ms=4, label=basis)
        axes.text(years[-1], values[-1] + 2, f"{values[-1]:.1f}", ha="center", fontsize=8, color=GREY)
        if index:
            cut = (chart.segments[index - 1][1][-1][0] + years[0]) / 2
            axes.axvline(cut, color=GREY, lw=1, ls=(0, (2, 3)))
    if chart.target is not None:
        year, value, label = chart.target
        axes.plot([year], [value], marker="_", ms=18, mew=2, color=GREY, ls="none", label=label)
    if chart.own is not None:
        year, value, label = chart.own
        axes.plot([year], [value], "o", color=ACCENT, ms=9, mec="white", label=label)
        axes.text(
            year - 0.3, value, f"{value:.1f}", ha="right", va="center", fontsize=9, color=ACCENT, fontweight="bold"
        )
    axes.set_ylim(0, 105)
    axes.set_yticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"], color=GREY)
    first, last = chart.segments[0][1][0][0], max(chart.segments[-1][1][-1][0], chart.own[0] if chart.own else 0)
    ticks = range(int(first), int(last) + 2, 4 if narrow else 2)
    axes.set_xticks(list(ticks), [str(year) for year in ticks])
    axes.grid(axis="y", color=PALE, lw=0.8)
    _bare(axes)
    figure.legend(loc="outside lower center", ncols=1 if narrow else 2, frameon=False, fontsize=9)
    return figure


_DRAWERS: dict[type[Chart], Callable[[Any, bool], Figure]] = {
    Radar: _radar,
    Contributions: _contributions,
    Peers: _peers,
    National: _national,
}

"""What the pictures of charts are drawn with, by Matplotlib: text stays text, the same data give the same bytes.

Margins are reckoned from the text instead of being measured by a layout engine, and axes carry no tick objects: a
picture takes a quarter of the time, which a report of ten pictures notices.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from maturity.results.charts import Chart
from maturity.results.fonts import FAMILY, cjk_font_file

ACCENT, INK, GREY, PALE, PEER = "#0f5bb5", "#1f2733", "#66707f", "#dfe4ec", "#b7c3d6"
STACK = "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
WIDE, NARROW = 7.6, 3.7  # inches
INCH = 72.0  # points
LEGEND_ROW = 0.21  # inches
BAR = 11  # points
LATIN_EM = 0.57  # mean width of a Latin letter in the font, in em
LOCK = threading.Lock()  # Matplotlib's settings are global to the process


@lru_cache(maxsize=1)
def settings() -> Any:
    path = cjk_font_file()
    font_manager.fontManager.addfont(path)
    return {
        "font.family": font_manager.FontProperties(fname=path).get_name(),
        "font.size": 9,
        "svg.fonttype": "none",
        "svg.hashsalt": "maturity",
        "text.color": INK,
        "axes.unicode_minus": False,
    }


def render(chart: Chart, make: Callable[[], Figure]) -> str:
    """The figure as an SVG document with the chart's title and source as accessible text."""
    with LOCK, mpl.rc_context(settings()):
        buffer = io.StringIO()
        FigureCanvasSVG(make()).print_svg(
            buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return _accessible(buffer.getvalue(), chart)


def render_png(make: Callable[[], Figure], dots_per_inch: int = 200) -> bytes:
    """The figure as a PNG, for programs that know no SVG; letters have their Chinese shapes."""
    with LOCK, mpl.rc_context(settings() | {"font.family": FAMILY}):
        figure = make()
        figure.set_dpi(dots_per_inch)
        buffer = io.BytesIO()
        FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def _accessible(svg: str, chart: Chart) -> str:
    svg = svg[svg.index("<svg") :]
    family = re.escape(str(settings()["font.family"]))
    svg = re.sub(rf"'{family}'", STACK, svg)
    head, _, rest = svg.partition(">")
    family_on_root = STACK.replace("'", "&apos;")
    title = f"<title>{escape(chart.title)}</title><desc>{escape(chart.source)}</desc>"
    return f'{head} role="img" font-family="{family_on_root}">{title}{rest}'


def width_in_ems(text: str) -> float:
    """How wide the longest line of a text is, in em.

    >>> width_in_ems("产品设计"), round(width_in_ems("Sales"), 2)
    (4, 2.85)
    """
    return max(sum(1 if east_asian_width(c) in "WF" else LATIN_EM for c in line) for line in text.split("\n"))


def wrapped(label: str, ems: float) -> str:
    """The label in lines of at most `ems`, broken between words, and within a word only where it has no spaces.

    >>> wrapped("Joint innovation and new modes", 10)
    'Joint innovation\\nand new modes'
    >>> wrapped("产品协同创新与新模式", 6)
    '产品协同创\\n新与新模式'
    """
    if width_in_ems(label) <= ems:
        return label
    words = label.split(" ")
    if len(words) == 1 and east_asian_width(label[0]) in "WF":
        middle = -(-len(label) // 2)
        return label[:middle] + "\n" + label[middle:]
    lines = [words[0]]
    for word in words[1:]:
        joined = f"{lines[-1]} {word}"
        lines[-1:] = [joined] if width_in_ems(joined) <= ems else [lines[-1], word]
    return "\n".join(lines)


def plot(width: float, height: float, left: float, right: float, bottom: float, top: float = 0.06) -> Any:
    """Axes without ticks or frame in a figure of that size; all in inches."""
    figure = Figure(figsize=(width, height))
    area = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    axes = figure.add_axes(area, frameon=False)
    axes.set_axis_off()
    return axes


def row_axes(
    labels: Sequence[str],
    narrow: bool,
    pitch: float,
    *,
    right: float,
    bottom: float,
    size: float = 9,
    ems: float = 9,
    wide_ems: float = 17,
) -> Any:
    """Axes for one horizontal mark a row, with the labels on the left."""
    width = NARROW if narrow else WIDE
    labels = [wrapped(label, ems if narrow else wide_ems) for label in labels]
    left = max(width_in_ems(label) for label in labels) * size / INCH + 0.15
    lines = max(label.count("\n") for label in labels) + 1
    pitch = max(pitch, 0.04 + lines * 1.15 * size / INCH)
    axes = plot(width, pitch * len(labels) + bottom + 0.06, left, right, bottom)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    for row, label in enumerate(labels):
        axes.text(
            -0.1 / (width - left - right), row, label, transform=axes.get_yaxis_transform(),
            ha="right", va="center", fontsize=size, linespacing=1.1,
        )  # fmt: skip
    return axes


def scale(axes: Any, ticks: Sequence[float], suffix: str = "") -> None:
    """Thin vertical lines with their numbers below."""
    low, high = axes.get_ylim()
    axes.vlines(ticks, min(low, high), max(low, high), color=PALE, lw=0.8, zorder=0)
    for tick in ticks:
        axes.annotate(
            f"{tick:g}{suffix}", (tick, 0), (0, -4), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="top", fontsize=8, color=GREY,
        )  # fmt: skip


def with_legend(axes: Any, marks: Sequence[Any], columns: int) -> Figure:
    figure: Figure = axes.figure
    figure.legend(
        handles=list(marks), loc="lower center", ncols=columns, frameon=False, fontsize=8.5, borderaxespad=0.1,
        handlelength=1.6, columnspacing=1.6,
    )  # fmt: skip
    return figure


def box(colour: str, label: str) -> Patch:
    return Patch(color=colour, label=label)


def dot(label: str = "", size: float = 7) -> Line2D:
    return Line2D([], [], ls="none", marker="o", color=ACCENT, ms=size, mec="white", label=label)


def bars(axes: Any, rows: Sequence[float], starts: Any, ends: Any, **style: Any) -> None:
    """Horizontal bars as one collection of thick lines: far cheaper than a rectangle object each."""
    axes.hlines(rows, starts, ends, **{"colors": ACCENT, "lw": BAR, "zorder": 1, **style})

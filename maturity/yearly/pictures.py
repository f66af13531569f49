"""The pictures of a report, by Matplotlib: SVG for the PDF and the site, PNG for Word. Legible in grey.

A row whose figures are withheld is drawn as a row that says so. Lines are never drawn across a change of basis, nor
from a reference figure to a figure of a release.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from maturity.results.fonts import cjk_font_file
from maturity.results.ramp import LEVELS

ACCENT, INK, GREY, PALE, BOX = "#0a4488", "#1f2733", "#5a6473", "#dfe4ec", "#a9b9d2"
STACK = "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
#: From pale to dark, so that the order survives a printer without colour; hatched, so that neighbours do, too.
LEVEL_FILLS = tuple((LEVELS[level], hatch) for level, hatch in ((1, ""), (2, "////"), (3, ""), (4, "....")))
WIDTH = 6.7  # inches: 170 mm
PITCH, INCH = 0.215, 72.0
LATIN_EM = 0.56
DPI = 200
QUARTERS = (0, 25, 50, 75, 100)
#: Where a province stands in the grid of tiles: row and column.
TILES: Mapping[str, tuple[int, int]] = {
    "230000": (0, 7), "150000": (1, 4), "220000": (1, 7), "650000": (2, 0), "640000": (2, 3), "110000": (2, 5),
    "120000": (2, 6), "210000": (2, 7), "620000": (3, 2), "610000": (3, 3), "140000": (3, 4), "130000": (3, 5),
    "370000": (3, 6), "540000": (4, 0), "630000": (4, 1), "510000": (4, 2), "500000": (4, 3), "410000": (4, 4),
    "340000": (4, 5), "320000": (4, 6), "310000": (4, 7), "530000": (5, 2), "520000": (5, 3), "420000": (5, 4),
    "360000": (5, 5), "330000": (5, 6), "450000": (6, 3), "430000": (6, 4), "440000": (6, 5), "350000": (6, 6),
    "710000": (6, 7), "460000": (7, 4), "820000": (7, 5), "810000": (7, 6),
}  # fmt: skip
_lock = threading.Lock()  # Matplotlib's settings are global to the process


@dataclass(frozen=True, slots=True)
class BoxRow:
    """Quartiles of one row, deciles where they are published; None where nothing is. `mark` is a yardstick."""

    label: str
    values: tuple[float | None, float, float, float, float | None] | None
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Boxes:
    rows: tuple[BoxRow, ...]
    unit: str
    words: Mapping[str, str]  # box, median, deciles, mark, withheld


@dataclass(frozen=True, slots=True)
class Bars:
    """A share or a mean a row, with the value of the population it is compared with."""

    rows: tuple[tuple[str, float | None, float | None], ...]
    unit: str
    words: Mapping[str, str]  # value, mark, withheld


@dataclass(frozen=True, slots=True)
class Levels:
    """Shares of levels a row; levels that are published together stand in one piece that names them."""

    rows: tuple[tuple[str, tuple[tuple[tuple[int, ...], float], ...]], ...]
    titles: tuple[str, ...]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trend:
    """`cuts` are where the basis changes between two releases: no line is drawn across."""

    lines: tuple[tuple[str, tuple[tuple[int, float], ...]], ...]
    unit: str
    words: Mapping[str, str]
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """Reference figures by basis, their targets, and beside them, in a field of its own, what the release says."""

    segments: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    targets: tuple[tuple[float, float, str], ...]
    own: tuple[tuple[int, float], ...]
    unit: str
    words: Mapping[str, str]  # own, target, break, reference


@dataclass(frozen=True, slots=True)
class Tiles:
    """A value a province, as a map of tiles of one size."""

    values: tuple[tuple[str, str, float | None], ...]  # code, name, value
    unit: str
    words: Mapping[str, str]


Picture = Boxes | Bars | Levels | Trend | Published | Tiles


@lru_cache(maxsize=1)
def _settings() -> Any:
    path = cjk_font_file()
    font_manager.fontManager.addfont(path)
    return {
        "font.family": font_manager.FontProperties(fname=path).get_name(),
        "font.size": 8.5,
        "svg.fonttype": "none",
        "svg.hashsalt": "maturity",
        "text.color": INK,
        "axes.unicode_minus": False,
        "hatch.linewidth": 0.5,
        "hatch.color": "#ffffff",
    }


def svg_of(picture: Picture, title: str, source: str) -> str:
    """An SVG document with its text as text, its title and source for those who do not see it."""
    with _lock, mpl.rc_context(_settings()):
        buffer = io.StringIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        FigureCanvasSVG(_draw(picture)).print_svg(buffer, metadata=nothing)
    drawn = buffer.getvalue()
    drawn = drawn[drawn.index("<svg") :].replace(f"'{_settings()['font.family']}'", STACK)
    head, _, rest = drawn.partition(">")
    named = f"<title>{escape(title)}</title><desc>{escape(source)}</desc>"
    return f'{head} role="img" font-family="{escape(STACK, {chr(39): "&apos;"})}">{named}{rest}'


def png_of(picture: Picture) -> bytes:
    with _lock, mpl.rc_context(_settings()):
        canvas = _draw(picture)
        canvas.set_dpi(DPI)
        buffer = io.BytesIO()
        FigureCanvasAgg(canvas).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def _draw(picture: Picture) -> Canvas:
    match picture:
        case Boxes():
            return _boxes(picture)
        case Bars():
            return _bars(picture)
        case Levels():
            return _levels(picture)
        case Trend():
            return _trend(picture)
        case Published():
            return _published(picture)
        case Tiles():
            return _tiles(picture)


def _ems(text: str) -> float:
    return max(sum(1 if east_asian_width(c) in "WF" else LATIN_EM for c in line) for line in text.split("\n"))


def wrapped(label: str, ems: float) -> str:
    """In lines of at most `ems` wide, broken between words, and without spaces in the middle.

    >>> wrapped("Integration of management and control", 12)
    'Integration of\\nmanagement and\\ncontrol'
    >>> wrapped("铁路、船舶、航空航天和其他运输设备制造业", 12)
    '铁路、船舶、航空航天\\n和其他运输设备制造业'
    """
    if _ems(label) <= ems:
        return label
    if " " not in label:
        parts = -(-len(label) // int(ems))
        size = -(-len(label) // parts)
        return "\n".join(label[at : at + size] for at in range(0, len(label), size))
    lines: list[str] = []
    for word in label.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and _ems(joined) <= ems:
            lines[-1] = joined
        else:
            lines.append(word)
    return "\n".join(lines)


def _axes(canvas: Canvas, left: float, bottom: float, right: float, top: float) -> Any:
    """A field without frame or ticks, its margins in inches."""
    width, height = canvas.get_size_inches()
    area = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    axes = canvas.add_axes(area, frameon=False)
    axes.set_axis_off()
    return axes


def _rowed(labels: Sequence[str], *, legend_rows: int = 1, right: float = 0.5, ems: float = 19) -> Any:
    """A field of one horizontal row a label."""
    labels = [wrapped(label, ems) for label in labels]
    left = max(_ems(label) for label in labels) * 8.5 / INCH + 0.16
    lines = max(label.count("\n") for label in labels) + 1
    pitch = max(PITCH, 0.06 + lines * 0.135)
    canvas = Canvas(figsize=(WIDTH, pitch * len(labels) + 0.32 + 0.22 * legend_rows))
    axes = _axes(canvas, left, 0.24 + 0.22 * legend_rows, right, 0.06)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    for row, label in enumerate(labels):
        axes.annotate(
            label, (0, row), (-7, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=8.5, linespacing=1.1,
        )  # fmt: skip
    return axes


def _scale(axes: Any, ticks: Sequence[float], unit: str) -> None:
    low, high = axes.get_ylim()
    axes.vlines(ticks, min(low, high), max(low, high), color=PALE, lw=0.8, zorder=0)
    for tick in ticks:
        axes.annotate(
            f"{tick:g}{unit}", (tick, 0), (0, -4), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="top", fontsize=7.5, color=GREY,
        )  # fmt: skip


def _legend(axes: Any, marks: Sequence[Any], columns: int) -> Canvas:
    canvas: Canvas = axes.figure
    canvas.legend(
        handles=list(marks), loc="lower center", ncols=columns, frameon=False, fontsize=8, borderaxespad=0.1,
        handlelength=1.7, columnspacing=1.6,
    )  # fmt: skip
    return canvas


def _withheld(axes: Any, row: int, words: str) -> None:
    axes.text(1, row, words, va="center", fontsize=7.5, color=GREY, style="normal")


def _values(axes: Any, texts: Sequence[str]) -> None:
    """In a column of their own on the right, where no mark can cover them."""
    for row, text in enumerate(texts):
        axes.annotate(
            text, (1, row), (30, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right",
            va="center", fontsize=8.5, color=INK, fontweight="bold",
        )  # fmt: skip


def _boxes(chart: Boxes) -> Canvas:
    axes = _rowed([row.label for row in chart.rows])
    axes.set_xlim(0, 100)
    with_deciles = has_mark = False
    for at, row in enumerate(chart.rows):
        if row.values is None:
            _withheld(axes, at, chart.words["withheld"])
            continue
        p10, q1, median, q3, p90 = row.values
        if p10 is not None and p90 is not None:
            axes.hlines(at, p10, p90, color=GREY, lw=1.2, zorder=1)
            with_deciles = True
        axes.hlines(at, q1, q3, color=BOX, lw=9, zorder=2)
        axes.vlines(median, at - 0.3, at + 0.3, color=INK, lw=2.2, zorder=3)
        if row.mark is not None:
            axes.plot([row.mark], [at], marker="D", ms=5, mfc="white", mec=ACCENT, mew=1.3, ls="none", zorder=4)
            has_mark = True
    _values(axes, ["" if row.values is None else f"{row.values[2]:g}{chart.unit}" for row in chart.rows])
    _scale(axes, QUARTERS, chart.unit)
    marks: list[Any] = [
        Line2D([], [], color=INK, lw=2.2, label=chart.words["median"]),
        Patch(color=BOX, label=chart.words["box"]),
    ]
    if with_deciles:
        marks.append(Line2D([], [], color=GREY, lw=1.2, label=chart.words["deciles"]))
    if has_mark:
        marks.append(Line2D([], [], marker="D", ms=5, mfc="white", mec=ACCENT, ls="none", label=chart.words["mark"]))
    return _legend(axes, marks, 4)


def _bars(chart: Bars) -> Canvas:
    axes = _rowed([label for label, _value, _mark in chart.rows])
    axes.set_xlim(0, 100)
    has_mark = False
    for at, (_label, value, mark) in enumerate(chart.rows):
        if value is None:
            _withheld(axes, at, chart.words["withheld"])
        else:
            axes.hlines(at, 0, value, color=ACCENT, lw=8, zorder=1)
        if mark is not None and value is not None:
            axes.vlines(mark, at - 0.36, at + 0.36, color="white", lw=3.4, zorder=2)
            axes.vlines(mark, at - 0.36, at + 0.36, color=INK, lw=1.6, zorder=3)
            has_mark = True
    _values(axes, ["" if value is None else f"{value:g}{chart.unit}" for _label, value, _mark in chart.rows])
    _scale(axes, QUARTERS, chart.unit)
    marks: list[Any] = [Patch(color=ACCENT, label=chart.words["value"])]
    if has_mark:
        marks.append(Line2D([], [], color=INK, lw=1.6, label=chart.words["mark"]))
    return _legend(axes, marks, 2)


def _levels(chart: Levels) -> Canvas:
    legend_rows = 1 if sum(_ems(title) for title in chart.titles) < 42 else 2
    axes = _rowed([label for label, _parts in chart.rows], right=0.2, legend_rows=legend_rows)
    axes.set_xlim(0, 100)
    for at, (_label, parts) in enumerate(chart.rows):
        if not parts:
            _withheld(axes, at, chart.words["withheld"])
        start, whole = 0.0, sum(share for _levels_of, share in parts) or 1
        for levels, share in parts:
            width = 100 * share / whole
            fill, hatch = LEVEL_FILLS[min(max(levels), 4) - 1]
            axes.add_patch(Rectangle((start, at - 0.34), width, 0.68, fc=fill, ec="white", hatch=hatch, lw=0.8))
            name = "" if len(levels) == 1 else "–".join(str(level) for level in (levels[0], levels[-1])) + ": "
            paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
            if width >= 4:
                axes.text(
                    start + width / 2, at, f"{name}{share:g}%", ha="center", va="center", fontsize=7.5, bbox=paper
                )
            start += width
    _scale(axes, (), "%")
    marks = [
        Patch(facecolor=fill, hatch=hatch, edgecolor="#ffffff", label=f"{number}  {title}")
        for number, (title, (fill, hatch)) in enumerate(zip(chart.titles, LEVEL_FILLS, strict=False), start=1)
    ]
    return _legend(axes, marks, 4 if legend_rows == 1 else 2)


def _ground(axes: Any, unit: str) -> None:
    """Horizontal lines with their numbers."""
    low, high = axes.get_xlim()
    for tick in QUARTERS:
        axes.hlines(tick, low, high, color=PALE, lw=0.8, zorder=0)
        axes.annotate(
            f"{tick}{unit}", (0, tick), (-4, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=7.5, color=GREY,
        )  # fmt: skip


def _year(axes: Any, at: float, text: str) -> None:
    axes.annotate(text, (at, 0), (0, -5), xycoords=axes.get_xaxis_transform(), textcoords="offset points", ha="center",
                  va="top", fontsize=7.5, color=GREY)  # fmt: skip


def _columns(labels: Sequence[str]) -> int:
    """How many entries of a legend stand beside each other, so that none is cut off.

    >>> _columns(["Enterprises with purchasing, production and sales integrated", "x"]), _columns(["甲", "乙", "丙"])
    (1, 3)
    """
    widest = (max(_ems(label) for label in labels) + 4.5) * 8 / INCH
    return max(1, min(len(labels), 4, int(WIDTH / widest)))


STYLES = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"), ("-", "v"), ("--", "P"))
INKS = (ACCENT, INK, GREY, "#3d78bf", "#818c9c", "#2f3d52")


def _trend(chart: Trend) -> Canvas:
    columns = _columns([label for label, _points in chart.lines])
    rows = -(-len(chart.lines) // columns)
    canvas = Canvas(figsize=(WIDTH, 2.3 + 0.22 * rows))
    axes = _axes(canvas, 0.5, 0.3 + 0.22 * rows, 0.5, 0.26 if chart.cuts else 0.12)
    periods = sorted({period for _label, points in chart.lines for period, _value in points})
    axes.set_xlim(periods[0] - 0.3, periods[-1] + 0.3)
    axes.set_ylim(0, 104)
    marks: list[Any] = []
    for number, (label, points) in enumerate(chart.lines):
        style, marker = STYLES[number % len(STYLES)]
        drawn = [
            axes.plot(
                [x for x, _ in part], [y for _, y in part], ls=style, marker=marker, ms=5, lw=1.6,
                color=INKS[number % len(INKS)], label=label,
            )
            for part in _parts(points, chart.cuts)
        ]  # fmt: skip
        marks += drawn[0]
    for cut in chart.cuts:
        axes.vlines(cut, 0, 100, color=GREY, lw=0.9, ls=(0, (2, 3)))
        axes.annotate(chart.words["break"], (cut, 104), (0, 2), textcoords="offset points", ha="center",
                      fontsize=7, color=GREY, annotation_clip=False)  # fmt: skip
    _beside(axes, [(points[-1][0], points[-1][1]) for _label, points in chart.lines if points], chart.unit)
    _ground(axes, chart.unit)
    for period in periods:
        _year(axes, period, str(period))
    return _legend(axes, marks, columns)


def _parts(points: Sequence[tuple[int, float]], cuts: Sequence[float]) -> list[list[tuple[int, float]]]:
    """The stretches of a line between the cuts.

    >>> _parts([(2023, 40.0), (2024, 42.0), (2025, 45.0)], (2023.5,))
    [[(2023, 40.0)], [(2024, 42.0), (2025, 45.0)]]
    """
    ends = (-math.inf, *sorted(cuts), math.inf)
    parts = [[point for point in points if low < point[0] <= high] for low, high in zip(ends, ends[1:], strict=False)]
    return [part for part in parts if part]


def _beside(axes: Any, ends: Sequence[tuple[float, float]], unit: str) -> None:
    """The last values right of their lines, moved apart no more than they need to be read."""
    ordered = sorted(ends, key=lambda end: end[1])
    for (x, value), height in zip(ordered, _spread([value for _x, value in ordered], 5.5), strict=True):
        axes.annotate(f"{value:g}{unit}", (x, height), (8, 0), textcoords="offset points", va="center", fontsize=8)


def _spread(values: Sequence[float], gap: float) -> list[float]:
    """Heights at least `gap` apart, as near to the rising values as that allows.

    >>> _spread([10, 30, 31], 5), _spread([48, 49, 50], 5)
    ([10.0, 28.0, 33.0], [44.0, 49.0, 54.0])
    """
    blocks: list[tuple[float, int]] = []
    for number, value in enumerate(values):
        mean, count = float(value - number * gap), 1
        while blocks and blocks[-1][0] >= mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    level = [mean for mean, count in blocks for _ in range(count)]
    return [base + number * gap for number, base in enumerate(level)]


def _published(chart: Published) -> Canvas:
    count = len(chart.segments) + bool(chart.targets) + bool(chart.own)
    rows = -(-count // 2)
    canvas = Canvas(figsize=(WIDTH, 2.5 + 0.22 * rows))
    bottom = 0.3 + 0.22 * rows
    axes = _axes(canvas, 0.45, bottom, 2.0 if chart.own else 0.4, 0.26)
    points = [point for _basis, part in chart.segments for point in part]
    years = [year for year, _value in points] + [year for year, _value, _words in chart.targets]
    axes.set_xlim(min(years) - 0.6, max(years) + 0.8)
    axes.set_ylim(0, 104)
    marks: list[Any] = []
    for number, (basis, part) in enumerate(chart.segments):
        style, marker = STYLES[number % len(STYLES)]
        marks += axes.plot(
            [x for x, _ in part], [y for _, y in part], ls=style, marker=marker, ms=4.5, lw=1.6,
            color=INKS[number % len(INKS)], label=basis,
        )  # fmt: skip
        axes.annotate(f"{part[-1][1]:g}", part[-1], (0, 6), textcoords="offset points", ha="center", fontsize=8)
        if number:
            cut = (chart.segments[number - 1][1][-1][0] + part[0][0]) / 2
            axes.vlines(cut, 0, 100, color=GREY, lw=0.9, ls=(0, (2, 3)))
            axes.annotate(chart.words["break"], (cut, 104), (0, 2), textcoords="offset points", ha="center",
                          fontsize=7, color=GREY, annotation_clip=False)  # fmt: skip
    for year, value, words in chart.targets:
        axes.plot([year], [value], marker="_", ms=15, mew=2.4, color=INK, ls="none")
        axes.annotate(
            f"{words} {value:g}", (year, value), (0, -12), textcoords="offset points", ha="center", fontsize=7.5
        )
    if chart.targets:
        marks.append(Line2D([], [], marker="_", ms=15, mew=2.4, color=INK, ls="none", label=chart.words["target"]))
    _ground(axes, "")
    for year in range(int(min(years)), int(max(years)) + 1, 1 if max(years) - min(years) < 9 else 3):
        _year(axes, year, str(year))
    if chart.own:
        marks.append(_own_field(canvas, chart, bottom))
    return _legend(axes, marks, 2)


def _own_field(canvas: Canvas, chart: Published, bottom: float) -> Any:
    """The release's own figures, on axes of their own: another population, another basis."""
    axes = _axes(canvas, WIDTH - 1.5, bottom, 0.25, 0.26)
    axes.set_xlim(chart.own[0][0] - 0.6, chart.own[-1][0] + 0.6)
    axes.set_ylim(0, 104)
    axes.plot([x for x, _ in chart.own], [y for _, y in chart.own], "o", ms=7, mfc="white", mec=ACCENT, mew=1.8)
    for year, value in chart.own:
        axes.annotate(f"{value:g}", (year, value), (0, 8), textcoords="offset points", ha="center", fontsize=8)
        _year(axes, year, str(year))
    for tick in QUARTERS:
        axes.hlines(tick, *axes.get_xlim(), color=PALE, lw=0.8, zorder=0)
    axes.vlines(axes.get_xlim()[0], 0, 104, color=GREY, lw=1.2)
    return Line2D([], [], marker="o", ms=7, mfc="white", mec=ACCENT, mew=1.8, ls="none", label=chart.words["own"])


def _tiles(chart: Tiles) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 4.5))
    axes = _axes(canvas, 0.5, 0.34, 0.5, 0.05)
    axes.set_xlim(-0.1, 8.1)
    axes.set_ylim(8.05, -0.05)
    known = [value for _code, _name, value in chart.values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    for code, name, value in chart.values:
        row, column = TILES[code]
        depth = 0.0 if value is None else (value - low) / (high - low or 1)
        fill = "white" if value is None else _shade(depth)
        ink = "white" if value is not None and depth > 0.55 else INK
        edge, hatch = (GREY, None) if value is None else ("white", None)
        axes.add_patch(Rectangle((column + 0.03, row + 0.04), 0.94, 0.92, fc=fill, ec=edge, lw=0.7, hatch=hatch))
        size = 7.5 if _ems(name) <= 5 else 6
        axes.text(column + 0.5, row + 0.36, name, ha="center", va="center", fontsize=size, color=ink)
        shown = "—" if value is None else f"{value:g}{chart.unit}"
        axes.text(column + 0.5, row + 0.68, shown, ha="center", va="center", fontsize=8, color=ink, fontweight="bold")
    marks = [Patch(facecolor=_shade(depth), label=f"{end:g}{chart.unit}") for depth, end in ((0, low), (1, high))]
    marks.append(Patch(facecolor="white", edgecolor=GREY, label=chart.words["withheld"]))
    return _legend(axes, marks, 3)


def _shade(depth: float) -> str:
    """Between pale and the accent."""
    pale, dark = (0xE6, 0xEC, 0xF5), (0x0A, 0x44, 0x88)
    mixed = (round(a + (b - a) * depth) for a, b in zip(pale, dark, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)

"""The pictures of the dashboard's charts: for the page, and as files that stand alone with title, source and mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Patch

from maturity.dashboard.charts import Against, Board, Changed, Compared, LevelShares, Lines, Profile, Segments, Tiles
from maturity.results.drawing import (
    ACCENT,
    GREY,
    INCH,
    INK,
    LEGEND_ROW,
    NARROW,
    PALE,
    PEER,
    WIDE,
    bars,
    box,
    plot,
    render,
    render_png,
    row_axes,
    scale,
    width_in_ems,
    with_legend,
    wrapped,
)
from maturity.results.ramp import LEVELS

#: Letters on the colours of the levels: dark ones on the light ones.
LEVEL_INK = {1: INK, 2: INK, 3: INK, 4: "white", 5: "white"}
#: Classes of the map, light to dark; also told apart in grey.
RAMP = ("#e3eef8", "#b9d5ec", "#7fb2da", "#3f85c0", "#0f5bb5", "#0a3a78")
RAMP_INK = (INK, INK, INK, "white", "white", "white")
OTHER = "#9c5a00"  # published figures of others, beside the accent of our own
MARGIN = 0.14  # inches around a picture that stands alone


def draw(chart: Board, narrow: bool = False) -> str:
    """For the page, which has title and source itself."""
    return _drawn(chart, narrow, False)


def draw_file(chart: Board) -> str:
    """To take away: with title, source, notes and mark."""
    return _drawn(chart, False, True)


@lru_cache(maxsize=256)
def _drawn(chart: Board, narrow: bool, alone: bool) -> str:
    return render(chart, lambda: _figure(chart, narrow, alone))


@lru_cache(maxsize=64)
def draw_png(chart: Board) -> bytes:
    return render_png(lambda: _figure(chart, False, True))


def _figure(chart: Board, narrow: bool, alone: bool) -> Figure:
    figure = _DRAWERS[type(chart)](chart, narrow)
    if chart.mark:
        _stamp(figure, chart.mark)
    return _framed(figure, chart) if alone else figure


def _stamp(figure: Figure, mark: str) -> None:
    """Across the picture, under its marks, so that no copy of it loses what it is."""
    size = min(figure.get_size_inches()[0] * 3.2, 22)
    figure.text(
        0.5, 0.52, mark, ha="center", va="center", fontsize=size, color=GREY, alpha=0.16, rotation=12, zorder=-1
    )


def _framed(figure: Figure, chart: Board) -> Figure:
    """The same picture with its title above and its source below."""
    width, height = figure.get_size_inches()
    across = (width - 2 * MARGIN) * INCH
    title = lines_of(chart.title, across / 13)
    under = [line for text in (chart.mark, *chart.notes, chart.source) if text for line in lines_of(text, across / 8)]
    head, foot = 0.12 + 0.24 * len(title), 0.14 + 0.155 * len(under)
    whole = height + head + foot
    figure.set_size_inches(width, whole)
    for axes in figure.axes:
        area = axes.get_position()
        axes.set_position((area.x0, (area.y0 * height + foot) / whole, area.width, area.height * height / whole))
    for text in figure.texts:
        x, y = text.get_position()
        text.set_position((x, (y * height + foot) / whole))
    for legend in figure.legends:
        legend.set_bbox_to_anchor((0.5, foot / whole))
    left = MARGIN / width
    figure.text(
        left, 1 - 0.1 / whole, "\n".join(title), va="top", fontsize=13, color=INK, linespacing=1.25, fontweight="bold"
    )
    figure.text(left, (foot - 0.06) / whole, "\n".join(under), va="top", fontsize=8, color=GREY, linespacing=1.35)
    return figure


def lines_of(text: str, ems: float) -> list[str]:
    """The text in lines of at most so many em: broken between words, and between any two Chinese characters.

    >>> lines_of("通用设备制造业高于全国", 6)
    ['通用设备制造', '业高于全国']
    >>> lines_of("Of 29 industries published", 9)
    ['Of 29', 'industries', 'published']
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width_in_ems((line + piece).rstrip()) > ems and piece[0] not in "，。；：、）％%”）,.;:)":
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for character in text:
        is_wide = east_asian_width(character) in "WF"
        if pieces and not is_wide and not pieces[-1].endswith(" ") and east_asian_width(pieces[-1][-1]) not in "WF":
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


# Comparisons


def _compared(chart: Compared, narrow: bool) -> Figure:
    has_range = any(mark.low is not None for mark in chart.marks)
    rows = 1 + (narrow and has_range and chart.reference is not None)
    count = len(chart.marks)
    pitch = 0.26 if count <= 16 else 0.215
    axes = row_axes(
        [mark.label for mark in chart.marks],
        narrow,
        pitch,
        right=0.5,
        bottom=0.3 + LEGEND_ROW * rows,
        size=9,
        ems=8,
        wide_ems=25,
    )
    axes.set_xlim(0, 100)
    positions = range(count)
    legend: list[Any] = []
    if has_range:
        known = [(row, m.low, m.high) for row, m in enumerate(chart.marks) if m.low is not None and m.high is not None]
        bars(axes, [r for r, _, _ in known], [a for _, a, _ in known], [b for _, _, b in known], colors=PEER, lw=8)
        for own in (False, True):
            chosen = [row for row in positions if chart.marks[row].is_own == own]
            points = [chart.marks[row].value for row in chosen]
            axes.plot(points, chosen, "o", color=INK if own else ACCENT, ms=8, mec="white", mew=1.2, zorder=4)
        legend = [_point(ACCENT, chart.value_label), box(PEER, chart.range_label)]
    else:
        colours = [INK if mark.is_own else ACCENT for mark in chart.marks]
        bars(axes, positions, 0, [mark.value for mark in chart.marks], colors=colours, lw=10)
        legend = [box(ACCENT, chart.value_label)]
    if chart.reference is not None:
        value, label = chart.reference
        axes.axvline(value, color=INK, lw=1.2, ls=(0, (3, 2)), zorder=3)
        legend.append(Line2D([], [], color=INK, lw=1.2, ls=(0, (3, 2)), label=f"{label} {value}{chart.unit}"))
    for row, mark in enumerate(chart.marks):
        _beside(axes, row, f"{mark.value}{chart.unit}", bold=mark.is_own)
    scale(axes, (0, 25, 50, 75, 100), chart.unit)
    return with_legend(axes, legend, 2 if narrow else 3)


def _beside(axes: Any, row: float, text: str, *, bold: bool = False) -> None:
    """A value in the column at the right, where no mark can cover it."""
    axes.annotate(
        text, (1, row), (34, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right",
        va="center", fontsize=9, color=INK if bold else ACCENT, fontweight="bold",
    )  # fmt: skip


def _point(colour: str, label: str, marker: str = "o") -> Line2D:
    return Line2D([], [], ls="none", marker=marker, color=colour, ms=7, mec="white", label=label)


def _profile(chart: Profile, narrow: bool) -> Figure:
    """Groups under headings on one axis: what is a median and what a share is said by the heading."""
    entries: list[tuple[str, Any]] = []
    for title, rows in chart.groups:
        entries.append((title, None))
        entries += [(row.label, row) for row in rows]
    labels = ["" if row is None else label for label, row in entries]
    axes = row_axes(
        labels, narrow, 0.27, right=0.5, bottom=0.3 + LEGEND_ROW * (2 if narrow else 1), ems=10, wide_ems=25
    )
    axes.set_xlim(0, 100)
    for position, (label, row) in enumerate(entries):
        if row is None:
            axes.annotate(
                label, (0, position), (0, -3), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                va="center", fontsize=9, color=GREY, fontweight="bold",
            )  # fmt: skip
            continue
        if row.low is not None and row.high is not None:
            bars(axes, [position], row.low, row.high, colors=PEER, lw=8)
            axes.plot([row.value], [position], "o", color=ACCENT, ms=8, mec="white", mew=1.2, zorder=4)
        else:
            bars(axes, [position], 0, row.value, lw=8)
        if row.reference is not None:
            axes.vlines([row.reference], position - 0.34, position + 0.34, color=INK, lw=1.8, zorder=5)
        _beside(axes, position, str(row.value))
    scale(axes, (0, 25, 50, 75, 100))
    legend: list[Any] = [_point(ACCENT, chart.own_label), box(PEER, chart.range_label)]
    if chart.reference_label:
        legend.append(Line2D([], [], ls="none", marker="|", ms=11, mew=1.8, color=INK, label=chart.reference_label))
    return with_legend(axes, legend, 2 if narrow else 3)


def _levels(chart: LevelShares, narrow: bool) -> Figure:
    legend_rows = -(-len(chart.levels) // (2 if narrow else 4))
    axes = row_axes(
        [label for label, _ in chart.rows], narrow, 0.3, right=0.14, bottom=0.28 + LEGEND_ROW * legend_rows, ems=8
    )
    axes.set_xlim(0, 100)
    for row, (_, parts) in enumerate(chart.rows):
        whole = sum(share for _, share in parts) or 100
        left = 0.0
        for levels, share in parts:
            width, lowest = 100 * share / whole, min(levels)
            hatch = "" if len(levels) == 1 else "////"
            axes.barh(row, width, left=left, height=0.72, color=LEVELS[lowest], edgecolor="white", lw=1, hatch=hatch)
            text = f"{share}%" if len(levels) == 1 else f"{min(levels)}–{max(levels)}: {share}%"
            if width >= (14 if narrow else 7) * (1 if len(levels) == 1 else 1.5):
                patch = None if not hatch else {"facecolor": LEVELS[lowest], "lw": 0, "pad": 1.2}
                axes.text(
                    left + width / 2, row, text, ha="center", va="center", fontsize=8.5, color=LEVEL_INK[lowest],
                    bbox=patch,
                )  # fmt: skip
            left += width
    scale(axes, (0, 25, 50, 75, 100), "%")
    marks = [Patch(color=LEVELS[number], label=f"{number} {title}") for number, title in chart.levels]
    return with_legend(axes, marks, 2 if narrow else 4)


# The map


def _tiles(chart: Tiles, narrow: bool) -> Figure:
    columns, rows = 1 + max(tile.column for tile in chart.tiles), 1 + max(tile.row for tile in chart.tiles)
    width = NARROW if narrow else WIDE
    side = min((width - 0.2) / columns, 0.72)
    legend_rows = -(-(len(chart.edges) + 1) // (3 if narrow else 7))
    bottom = 0.1 + LEGEND_ROW * legend_rows
    margin = (width - side * columns) / 2
    axes = plot(width, side * rows + bottom + 0.06, margin, margin, bottom)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    size = 7.2 if narrow else 8.5
    for tile in chart.tiles:
        shade = class_of(tile.value, chart.edges)
        colour, ink = (RAMP[shade], RAMP_INK[shade]) if shade is not None else ("white", GREY)
        axes.add_patch(
            FancyBboxPatch(
                (tile.column + 0.05, tile.row + 0.05), 0.9, 0.9, boxstyle="round,pad=0,rounding_size=0.08",
                facecolor=colour, edgecolor=INK if tile.is_own else PALE if shade is None else colour,
                lw=2 if tile.is_own else 0.8, hatch=None if shade is not None else "////", zorder=2,
            )
        )  # fmt: skip
        label = _tile_label(tile.label, side * INCH / size * 0.88)
        value = "—" if tile.value is None else str(tile.value)
        middle = tile.column + 0.5
        axes.text(
            middle, tile.row + 0.37, label, ha="center", va="center", fontsize=size, color=ink, linespacing=1.0,
            zorder=3,
        )  # fmt: skip
        axes.text(
            middle, tile.row + 0.75, value, ha="center", va="center", fontsize=size, color=ink, zorder=3,
            fontweight="bold",
        )  # fmt: skip
    marks: list[Any] = [
        Patch(facecolor=RAMP[_shade(position, len(chart.edges))], label=_class_words(chart, position))
        for position in range(len(chart.edges))
    ]
    marks.append(Patch(facecolor="white", edgecolor=GREY, lw=0.6, hatch="////", label=chart.not_published))
    return with_legend(axes, marks, 3 if narrow else 7)


def _tile_label(label: str, ems: float) -> str:
    """The name in the tile: in two lines where it must be, cut where even these are too short.

    >>> _tile_label("黔东南苗族侗族自治州", 5), _tile_label("Heilongjiang", 4.6)
    ('黔东南苗族\\n侗族自治州', 'Heilong…')
    """
    short = label.removesuffix("市") if len(label) > 2 else label
    lines = wrapped(short, ems).split("\n")[:2]
    return "\n".join(_cut(line, ems) for line in lines)


def _cut(line: str, ems: float) -> str:
    if width_in_ems(line) <= ems:
        return line
    while line and width_in_ems(line + "…") > ems:
        line = line[:-1]
    return line + "…"


def class_of(value: int | None, edges: Sequence[int]) -> int | None:
    """The shade of a value; None where nothing is published.

    >>> class_of(47, (40, 45, 50)), class_of(None, (40,))
    (2, None)
    """
    if value is None:
        return None
    return _shade(max((i for i, edge in enumerate(edges) if value >= edge), default=0), len(edges))


def _shade(position: int, count: int) -> int:
    """Few classes are spread over the ramp."""
    return 2 if count == 1 else round(position * (len(RAMP) - 1) / (count - 1))


def _class_words(chart: Tiles, position: int) -> str:
    low = chart.edges[position]
    if position + 1 == len(chart.edges):
        return f"≥ {low}{chart.unit}"
    high = chart.edges[position + 1]
    return f"{low}{chart.unit}" if high == low + 1 else f"{low}–{high - 1}{chart.unit}"


# Over time


def _changed(chart: Changed, narrow: bool) -> Figure:
    axes = row_axes([step.label for step in chart.steps], narrow, 0.25, right=0.72, bottom=0.3 + LEGEND_ROW, ems=8)
    low, high = _limits([value for step in chart.steps for value in (step.before, step.after)])
    axes.set_xlim(low, high)
    for row, step in enumerate(chart.steps):
        if not chart.basis_break:
            axes.plot([step.before, step.after], [row, row], color=PEER, lw=3, zorder=1, solid_capstyle="butt")
        axes.plot([step.before], [row], "o", color="white", mec=GREY, mew=1.6, ms=7, zorder=3)
        axes.plot([step.after], [row], "o", color=INK if step.is_own else ACCENT, ms=8, mec="white", mew=1, zorder=4)
        gain = step.after - step.before
        words = "" if chart.basis_break else "=" if step.is_same else f"+{gain}" if gain > 0 else f"−{-gain}"
        axes.annotate(
            f"{step.after}{chart.unit}", (1, row), (30, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", ha="right", va="center", fontsize=9, color=ACCENT, fontweight="bold",
        )  # fmt: skip
        axes.annotate(
            words, (1, row), (50, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right",
            va="center", fontsize=8.5, color=GREY,
        )  # fmt: skip
    scale(axes, ticks_of(low, high), chart.unit)
    hollow = Line2D([], [], ls="none", marker="o", color="white", mec=GREY, mew=1.6, ms=7, label=chart.before_label)
    return with_legend(axes, [hollow, _point(ACCENT, chart.after_label)], 2)


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """Round ends about the values; a scale that does not begin at nought is allowed where there are dots, not bars."""
    low, high = min(values), max(values)
    pad = max((high - low) * 0.08, 2)
    return max(0, (low - pad) // 5 * 5), min(100, -(-(high + pad) // 5) * 5)


def ticks_of(low: float, high: float) -> list[float]:
    """
    >>> ticks_of(30, 60), ticks_of(0, 100)
    ([30, 40, 50, 60], [0, 25, 50, 75, 100])
    """
    width = high - low
    step = 5 if width <= 20 else 10 if width <= 50 else 20 if width < 80 else 25
    first = -(-low // step) * step
    return [first + step * number for number in range(int((high - first) // step) + 1)]


def _lines(chart: Lines, narrow: bool) -> Figure:
    """A panel for each population; one panel alone takes the whole width and carries its values."""
    single = len(chart.panels) == 1 and not chart.whole
    across = 1 if single else 2 if narrow else 4
    down = -(-len(chart.panels) // across)
    width = NARROW if narrow else WIDE
    high, gap_y, gap_x, left, top = (2.5 if single else 1.0), 0.62, 0.26, 0.34, 0.34
    bottom = 0.34 + LEGEND_ROW * (1 if not narrow or single else 2)
    each = (width - left - 0.12 - gap_x * (across - 1)) / across
    height = top + high * down + gap_y * (down - 1) + bottom
    figure = plot(width, height, 0, 0, 0, top=0).figure
    limits = _limits([v for _, segs in (*chart.panels, ("", chart.whole)) for v in _all_values(segs, single)])
    for number, (label, segments) in enumerate(chart.panels):
        row, column = divmod(number, across)
        x, y = left + column * (each + gap_x), height - top - row * (high + gap_y) - high
        axes = figure.add_axes((x / width, y / height, each / width, high / height), frameon=False)
        axes.set_axis_off()
        _panel(axes, chart, label, segments, limits, first=column == 0, single=single)
    marks: list[Any] = [Line2D([], [], color=ACCENT, lw=1.8, marker="o", ms=4, label=chart.own_label)]
    if single and chart.range_label:
        marks.append(Patch(color=PEER, alpha=0.55, label=chart.range_label))
    if chart.whole:
        marks.append(Line2D([], [], color=GREY, lw=1.4, ls=(0, (3, 2)), label=chart.whole_label))
    if _has_break(chart):
        marks.append(Line2D([], [], color=GREY, lw=1, ls=(0, (1, 2)), label=chart.break_label))
    return with_legend(figure.axes[0], marks, 2 if narrow else 4)


def _all_values(segments: Segments, with_range: bool) -> list[float]:
    found: list[float] = []
    for year in (year for segment in segments for year in segment):
        found.append(year.value)
        if with_range and year.low is not None and year.high is not None:
            found += [year.low, year.high]
    return found


def _has_break(chart: Lines) -> bool:
    return any(len(segments) > 1 for segments in (chart.whole, *(segments for _, segments in chart.panels)))


def _panel(
    axes: Any,
    chart: Lines,
    label: str,
    segments: Segments,
    limits: tuple[float, float],
    *,
    first: bool,
    single: bool,
) -> None:
    years = chart.years
    axes.set_xlim(years[0] - 0.35, years[-1] + 0.35)
    axes.set_ylim(*limits)
    for tick in ticks_of(*limits):
        axes.axhline(tick, color=PALE, lw=0.8, zorder=0)
        if first:
            axes.annotate(
                f"{tick:g}{chart.unit}", (0, tick), (-3, 0), xycoords=axes.get_yaxis_transform(),
                textcoords="offset points", ha="right", va="center", fontsize=7.5, color=GREY,
            )  # fmt: skip
    for year in years if single or len(years) <= 3 else (years[0], years[-1]):
        axes.annotate(
            str(year), (year, 0), (0, -4), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="top", fontsize=7.5, color=GREY,
        )  # fmt: skip
    if not single:
        axes.annotate(
            _cut(label, 14), (0, 1), (0, 5), xycoords="axes fraction",
            textcoords="offset points", fontsize=8.5, color=INK, fontweight="bold", va="baseline",
        )  # fmt: skip
    for part in chart.whole:
        axes.plot([y.year for y in part], [y.value for y in part], color=GREY, lw=1.4, ls=(0, (3, 2)), zorder=1)
    _stretches(axes, segments, single=single)
    shown = [point for part in segments for point in part]
    whole = {point.year: point.value for part in chart.whole for point in part}
    for point in shown if single else shown[-1:]:
        # Away from the line of the whole, and not into the years under the axis.
        is_low = point.value - limits[0] < 0.15 * (limits[1] - limits[0])
        is_under = point.value < whole.get(point.year, point.value) and not is_low
        axes.annotate(
            f"{point.value}{chart.unit}", (point.year, point.value), (0, -6 if is_under else 6),
            textcoords="offset points", ha="center", va="top" if is_under else "bottom", fontsize=9 if single else 8,
            color=ACCENT, fontweight="bold", zorder=4,
        )  # fmt: skip


def _stretches(axes: Any, segments: Segments, *, single: bool) -> None:
    """Each stretch on one basis by itself, with the middle half where there is room, and a line at every cut."""
    for number, part in enumerate(segments):
        xs, ys = [point.year for point in part], [point.value for point in part]
        if single and all(point.low is not None for point in part):
            lows, highs = [point.low for point in part], [point.high for point in part]
            if len(part) > 1:
                axes.fill_between(xs, lows, highs, color=PEER, alpha=0.55, lw=0, zorder=1)
            else:
                axes.vlines(xs, lows, highs, color=PEER, lw=10, alpha=0.55, zorder=1)
        axes.plot(xs, ys, color=ACCENT, lw=1.8, marker="o", ms=5 if single else 4, mec="white", zorder=3)
        if number:
            cut = (segments[number - 1][-1].year + part[0].year) / 2
            axes.axvline(cut, color=GREY, lw=1, ls=(0, (1, 2)), zorder=1)


def _against(chart: Against, narrow: bool) -> Figure:
    width = NARROW if narrow else WIDE
    count = len(chart.segments) + len(chart.released) + bool(chart.goals)
    columns = 1 if narrow else 2
    axes = plot(width, 3.1, 0.42, 0.5, 0.36 + LEGEND_ROW * -(-count // columns), top=0.16)
    xs = [x for _, points in (*chart.segments, *chart.released) for x, _ in points] + [g.year for g in chart.goals]
    axes.set_xlim(min(xs) - 0.6, max(xs) + (max(xs) - min(xs)) * (0.2 if narrow else 0.1) + 0.3)
    axes.set_ylim(0, 100)
    marks: list[Any] = []
    for index, (label, points) in enumerate(chart.segments):
        years, values = [x for x, _ in points], [y for _, y in points]
        marks += axes.plot(
            years, values, color=(INK, GREY)[index % 2], lw=1.8, marker="os^D"[index % 4], ms=4.5, label=label, zorder=3
        )
        axes.annotate(
            f"{values[-1]:g}", (years[-1], values[-1]), (0, -7), textcoords="offset points", ha="center", va="top",
            fontsize=8, color=INK,
        )  # fmt: skip
        if index:
            cut = (chart.segments[index - 1][1][-1][0] + years[0]) / 2
            axes.axvline(cut, color=GREY, lw=1, ls=(0, (2, 3)), zorder=0)
            axes.annotate(
                chart.break_label, (cut, 2), (-3, 0), textcoords="offset points", ha="right", va="bottom", fontsize=7.5,
                color=GREY, rotation=90,
            )  # fmt: skip
    for label, points in chart.released:
        years, values = [x for x, _ in points], [y for _, y in points]
        marks += axes.plot(
            years, values, color=ACCENT, lw=1.6, ls=(0, (3, 2)), marker="o", mfc="white", ms=5, label=label, zorder=2
        )
    for goal in chart.goals:
        axes.plot([goal.year], [goal.value], marker="_", ms=16, mew=2.6, color=OTHER, zorder=4)
        axes.annotate(
            f"{goal.comparator} {goal.value:g}{chart.unit}".strip(), (goal.year, goal.value), (11, 0),
            textcoords="offset points", ha="left", va="center", fontsize=8.5, color=OTHER, fontweight="bold",
        )  # fmt: skip
    if chart.goals:
        marks.append(
            Line2D([], [], ls="none", marker="_", ms=14, mew=2.6, color=OTHER, label=chart.goals[0].label)
            if len(chart.goals) == 1
            else Line2D([], [], ls="none", marker="_", ms=14, mew=2.6, color=OTHER, label=_goal_words(chart))
        )
    for tick in (0, 25, 50, 75, 100):
        axes.axhline(tick, color=PALE, lw=0.8, zorder=0)
        axes.annotate(
            f"{tick}{chart.unit}", (0, tick), (-4, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", ha="right", va="center", fontsize=8, color=GREY,
        )  # fmt: skip
    span = max(xs) - min(xs)
    step = 1 if span <= 8 else 2 if not narrow else 4
    for tick in range(int(min(xs)), int(max(xs)) + 1, step):
        axes.annotate(
            str(tick), (tick, 0), (0, -5), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha="center", va="top", fontsize=8, color=GREY,
        )  # fmt: skip
    return with_legend(axes, marks, columns)


def _goal_words(chart: Against) -> str:
    return " / ".join(goal.label for goal in chart.goals)


_DRAWERS: dict[type[Board], Callable[[Any, bool], Figure]] = {
    Compared: _compared,
    Profile: _profile,
    LevelShares: _levels,
    Tiles: _tiles,
    Changed: _changed,
    Lines: _lines,
    Against: _against,
}

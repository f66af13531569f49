"""One release, several populations: a profile, level shares, a comparison with ranks, and the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.queries import Cell
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.dashboard.asked import REGION_BREAKDOWNS, Asked
from maturity.dashboard.breakdown import BREAKDOWN_WORDS, PLURALS, Breakdown, broken_down, leaders, ranks
from maturity.dashboard.charts import Compared, LevelShares, Mark, Profile, ProfileRow, Tile, Tiles
from maturity.dashboard.indicators import KIND_WORDS, RATE, SCORE, SHARE, Indicator, Value, value_of
from maturity.dashboard.scene import DASH, Scene, Shown
from maturity.dashboard.tiles import city_tiles, province_tiles
from maturity.dashboard.words import NOT_PUBLISHED
from maturity.questionnaires.model import Text
from maturity.reference.regions import children
from maturity.results.charts import Table

MEDIAN, LOWER, UPPER = Text("中位数", "Median"), Text("下四分位", "Lower quartile"), Text("上四分位", "Upper quartile")
MIDDLE = Text("中间一半企业", "Middle half of enterprises")
SHARE_WORD = Text("达标企业占比", "Share of enterprises")
ABOVE, BELOW, SAME = Text("高于", "above"), Text("低于", "below"), Text("相同", "same")
UPPER_LEVELS = 3  # integration and above
CLASSES = 5


# The profile of one population


def profile(scene: Scene) -> Shown:
    asked, release = scene.asked, scene.release
    key = scene.desk.nearest(release, asked.key, scene.what)
    if key is None:
        return Shown(None)
    whole = wider(scene, key)
    cells = scene.desk.read(release, (key, whole) if whole is not None else (key,))
    groups = [
        (scene.words(KIND_WORDS[kind]), rows)
        for kind in (SCORE, RATE, SHARE)
        if (rows := _profile_rows(scene, kind, cells[key], cells.get(whole) if whole is not None else None))
    ]
    if not groups:
        return Shown(None, messages=fallen_back(scene, key))
    reference = scene.population(whole) if whole is not None else ""
    chart = Profile(
        name="profile",
        title=_profile_title(scene, key, whole, cells),
        source=scene.source(key, cells[key]),
        table=_profile_table(scene, groups, reference),
        mark=scene.mark(),
        file=scene.say(f"{scene.population(key)}关键指标", f"{scene.population(key)} key indicators"),
        groups=tuple((title, tuple(rows)) for title, rows in groups),
        own_label=scene.population(key),
        range_label=scene.words(MIDDLE),
        reference_label=reference,
    )
    return Shown(chart, messages=fallen_back(scene, key))


def wider(scene: Scene, key: CellKey) -> CellKey | None:
    """What a population is set against: the same without its region, else its industry, else its size."""
    tries = [
        CellKey(key.industry, "", key.size) if key.region else None,
        CellKey("", key.region, key.size) if key.industry else None,
        CellKey(key.industry, key.region, "") if key.size else None,
    ]
    return next((other for other in tries if other is not None and scene.has(other)), None)


def _profile_rows(scene: Scene, kind: str, own: Cell, whole: Cell | None) -> list[ProfileRow]:
    rules, rows = scene.desk.rules(scene.release), []
    for indicator in scene.indicators.values():
        value = value_of(indicator, own, rules) if indicator.kind == kind else None
        if value is not None:
            against = value_of(indicator, whole, rules)
            label = scene.words(indicator.title)
            rows.append(ProfileRow(label, value.value, value.q1, value.q3, against.value if against else None))
    return rows


def _profile_title(scene: Scene, key: CellKey, whole: CellKey | None, cells: Mapping[CellKey, Cell]) -> str:
    name, rules = scene.population(key), scene.desk.rules(scene.release)
    pairs = [
        (value_of(indicator, cells[key], rules), value_of(indicator, cells.get(whole) if whole else None, rules))
        for indicator in scene.indicators.values()
    ]
    both = [(own, other) for own, other in pairs if own is not None and other is not None]
    if not both or whole is None:
        known = sum(own is not None for own, _ in pairs)
        return scene.say(f"{name}：已发布 {known} 项指标", f"{name}: {known} indicators are published")
    above = sum(other.is_below(own) for own, other in both)
    below = sum(own.is_below(other) for own, other in both)
    other_name = scene.within(whole)
    return scene.say(
        f"{name}：{len(both)} 项指标中 {above} 项高于{other_name}，{below} 项低于，{len(both) - above - below} 项相同",
        f"{name}: of {len(both)} indicators, {above} are above {other_name}, {below} below, "
        f"{len(both) - above - below} the same",
    )


def _profile_table(scene: Scene, groups: Sequence[tuple[str, Sequence[ProfileRow]]], reference: str) -> Table:
    header = [
        scene.say("指标", "Indicator"), scene.say("数值", "Value"), scene.words(LOWER), scene.words(UPPER),
        *((reference,) if reference else ()), scene.say("读法", "How to read"),
    ]  # fmt: skip
    rows = [
        (row.label, str(row.value), text_of(row.low), text_of(row.high))
        + ((text_of(row.reference),) if reference else ())
        + (title,)
        for title, group in groups
        for row in group
    ]
    return Table(tuple(header), tuple(rows))


# Levels


def level_shares(scene: Scene) -> Shown:
    """The level shares of the population asked for and of its parts."""
    asked = scene.asked
    key = scene.desk.nearest(scene.release, asked.key, scene.what)
    if key is None:
        return Shown(None)
    parts = broken_down(asked.at(key), asked.by, scene.home)
    first = key if asked.by not in REGION_BREAKDOWNS else parts.whole
    cells = scene.desk.read(scene.release, (first, *parts.parts))
    shown = [(scene.population(first), cells[first])] if first in cells and cells[first].levels else []
    known = [part for part in parts.parts if part in cells and cells[part].levels and part != first]
    shown += [(scene.words(parts.label(part)), cells[part]) for part in known]
    messages = fallen_back(scene, key)
    if not shown:
        return Shown(None, messages=messages)
    kinds = PLURALS[asked.by]
    chart = LevelShares(
        name="levels",
        title=_level_title(scene, *shown[0]),
        source=scene.source(first, cells.get(first)),
        table=_level_table(scene, parts, first, cells),
        mark=scene.mark(),
        notes=(
            *missing_note(scene, len(parts.parts) - len(known), asked.by),
            scene.say(
                f"占比取整到 {scene.desk.rules(scene.release).share_base}%，合计可能不是 100%。",
                f"Shares are rounded to {scene.desk.rules(scene.release).share_base} %; they need not add up to 100 %.",
            ),
            *_merged_note(scene, shown),
        ),
        file=scene.say(f"{scene.population(first)}等级分布", f"{scene.population(first)} levels by {kinds}"),
        rows=tuple((label, cell.levels) for label, cell in shown),
        levels=tuple((number, scene.words(title)) for number, title in scene.levels.items()),
    )
    links = [("profile", scene.asked.at(first)) if first in cells else None]
    links += [drill(scene, parts, part) if part in cells else None for part in parts.parts if part != first]
    return Shown(chart, tuple(links), messages)


def _level_title(scene: Scene, name: str, cell: Cell) -> str:
    most = max(cell.levels, key=lambda item: item[1])
    words = level_words(scene, most[0])
    upper = [share for levels, share in cell.levels if min(levels) >= UPPER_LEVELS]
    is_clean = all(min(levels) >= UPPER_LEVELS or max(levels) < UPPER_LEVELS for levels, _ in cell.levels)
    zh, en = f"{name}：{words}最多，占 {most[1]}%", f"{name}: {words} is the most frequent level, with {most[1]} %"
    if is_clean and upper and UPPER_LEVELS in scene.levels:
        title = scene.words(scene.levels[UPPER_LEVELS])
        zh += f"；{title}及以上占 {sum(upper)}%"
        en += f"; {sum(upper)} % are at {title} or above"
    return scene.say(zh, en)


def level_words(scene: Scene, levels: Sequence[int]) -> str:
    titles = [scene.words(scene.levels[level]) if level in scene.levels else str(level) for level in levels]
    return scene.say("与", " and ").join(titles)


def _merged_note(scene: Scene, shown: Sequence[tuple[str, Cell]]) -> tuple[str, ...]:
    if all(len(levels) == 1 for _, cell in shown for levels, _ in cell.levels):
        return ()
    return (
        scene.say(
            "企业过少的等级与相邻等级合并，合并的写作“1–2”。",
            "A level held by few is merged with its neighbour and written as “1–2”.",
        ),
    )


def _level_table(scene: Scene, parts: Breakdown, first: CellKey, cells: Mapping[CellKey, Cell]) -> Table:
    numbers = tuple(scene.levels)
    header = (scene.words(BREAKDOWN_WORDS[parts.by]).capitalize(), *(f"{n} {scene.words(scene.levels[n])}（%）" if
              scene.locale.startswith("zh") else f"{n} {scene.words(scene.levels[n])} (%)" for n in numbers),
              scene.words(CONTRIBUTORS))  # fmt: skip
    rows = []
    for key in (first, *(part for part in parts.parts if part != first)):
        label = scene.population(key) if key == first else scene.words(parts.label(key))
        cell = cells.get(key)
        if cell is None or not cell.levels:
            rows.append((label, scene.words(NOT_PUBLISHED), *(DASH for _ in numbers)))
            continue
        share_of = {level: (levels, share) for levels, share in cell.levels for level in levels}
        rows.append((label, *(_share_text(share_of.get(n), n) for n in numbers), str(cell.contributors)))
    return Table(header, tuple(rows))


def _share_text(found: tuple[tuple[int, ...], int] | None, level: int) -> str:
    """A merged share stands at its lowest level, with the levels it is of; the others point to it."""
    if found is None:
        return DASH
    levels, share = found
    if len(levels) == 1:
        return str(share)
    span = f"{min(levels)}–{max(levels)}"
    return f"{share} ({span})" if level == min(levels) else f"({span})"


# The comparison


def compare(scene: Scene) -> Shown:
    asked, indicator = scene.asked, scene.indicator
    parts = broken_down(asked, asked.by, scene.home)
    cells = scene.desk.read(scene.release, parts.wanted)
    values = {key: value for key, cell in cells.items() if (value := scene.value(cell)) is not None}
    known = _ordered(scene, parts, values)
    if not known:
        return Shown(None)
    whole = values.get(parts.whole)
    whole_name = scene.population(parts.whole)
    marks = tuple(
        Mark(scene.words(parts.label(key)), value.value, value.q1, value.q3, key == parts.own)
        for key, value in ((key, values[key]) for key in known)
    )
    title_of = scene.words(indicator.title)
    by = scene.words(BREAKDOWN_WORDS[asked.by])
    chart = Compared(
        name="compare",
        title=_compare_title(scene, parts, [values[key] for key in known], known, whole),
        source=scene.source(parts.whole, cells.get(parts.whole)),
        table=_compare_table(scene, parts, known, values, cells),
        mark=scene.mark(),
        notes=missing_note(scene, len(parts.parts) - len(known), asked.by),
        file=scene.say(f"{scene.population(parts.whole)}{title_of}按{by}", f"{title_of} by {by}"),
        marks=marks,
        reference=(whole.value, whole_name) if whole is not None else None,
        unit=indicator.unit,
        value_label=scene.words(MEDIAN if indicator.is_quantile else SHARE_WORD),
        range_label=scene.words(MIDDLE) if indicator.is_quantile else "",
    )
    rows = (*known, *(part for part in parts.parts if part not in values))
    return Shown(chart, tuple(drill(scene, parts, key) if key in cells else None for key in rows))


def _ordered(scene: Scene, parts: Breakdown, values: Mapping[CellKey, Value]) -> list[CellKey]:
    known = [part for part in parts.parts if part in values]
    return known if scene.asked.order == "place" else sorted(known, key=lambda key: -values[key].value)


def _compare_title(
    scene: Scene, parts: Breakdown, values: Sequence[Value], known: Sequence[CellKey], whole: Value | None
) -> str:
    name, count = scene.words(scene.indicator.title), len(values)
    if whole is None or count == 1:
        return _highest(scene, parts, values, known)
    below, above = sum(v.is_below(whole) for v in values), sum(whole.is_below(v) for v in values)
    noun, whole_name = scene.words(BREAKDOWN_WORDS[parts.by]), scene.within(parts.whole)
    if not below and not above:
        return scene.say(
            f"{name}：已发布的 {count} 个{noun}与{whole_name}相同（取整之内）",
            f"{name}: the {count} {PLURALS[parts.by]} published are the same as {whole_name}, within rounding",
        )
    level = scene.amount(whole.value)
    return scene.say(
        f"{name}：已发布的 {count} 个{noun}中，{below} 个低于{whole_name}（{level}），{above} 个高于",
        f"{name}: of {count} {PLURALS[parts.by]} published, {below} are below {whole_name} ({level}) and {above} above",
    )


def _highest(scene: Scene, parts: Breakdown, values: Sequence[Value], known: Sequence[CellKey]) -> str:
    """Who leads; several where rounding does not tell them apart."""
    name = scene.words(scene.indicator.title)
    first = leaders(values)
    names = scene.names([scene.words(parts.label(known[position])) for position in first])
    top = scene.amount(max(value.value for value in values))
    if len(first) == len(values) > 1:
        return scene.say(f"{name}：各处在取整之内相同（{top}）", f"{name}: the same everywhere within rounding ({top})")
    return scene.say(f"{name}：{names}最高（{top}）", f"{name}: highest in {names} ({top})")


def _compare_table(
    scene: Scene,
    parts: Breakdown,
    known: Sequence[CellKey],
    values: Mapping[CellKey, Value],
    cells: Mapping[CellKey, Cell],
) -> Table:
    indicator, whole = scene.indicator, values.get(parts.whole)
    header = [
        scene.words(BREAKDOWN_WORDS[parts.by]).capitalize(),
        with_unit(scene, MEDIAN if indicator.is_quantile else SHARE_WORD, indicator),
        *((scene.words(LOWER), scene.words(UPPER)) if indicator.is_quantile else ()),
        scene.say(f"名次（已发布的 {len(known)} 个中）", f"Rank (of {len(known)} published)"),
        scene.say(f"与{scene.within(parts.whole)}相比", f"Against {scene.within(parts.whole)}"),
        scene.words(CONTRIBUTORS),
    ]
    places = dict(zip(known, ranks([values[key] for key in known]), strict=True))
    rows = []
    for key in known:
        value = values[key]
        quartiles = (text_of(value.q1), text_of(value.q3)) if indicator.is_quantile else ()
        place = places[key].text if places[key].best == places[key].worst else scene.say(
            f"{places[key].text}（相同）", f"{places[key].text} (same)"
        )  # fmt: skip
        label = scene.words(parts.label(key))
        figures = (str(value.value), *quartiles, place, _against(scene, value, whole), str(cells[key].contributors))
        rows.append((label, *figures))
    blank = (DASH,) * (len(header) - 2)
    rows += [
        (scene.words(parts.label(key)), scene.words(NOT_PUBLISHED), *blank) for key in parts.parts if key not in values
    ]
    return Table(tuple(header), tuple(rows))


def _against(scene: Scene, value: Value, whole: Value | None) -> str:
    if whole is None:
        return DASH
    return scene.words(SAME if value.is_same(whole) else BELOW if value.value < whole.value else ABOVE)


# The map


def tile_map(scene: Scene) -> Shown:
    """Provinces, or the cities of a province, where each stands about where it lies."""
    asked = scene.asked
    by = "city" if asked.province else "province"
    parts = broken_down(asked, by, scene.home)
    cells = scene.desk.read(scene.release, parts.wanted)
    values = {key: value for key, cell in cells.items() if (value := scene.value(cell)) is not None}
    known = [part for part in parts.parts if part in values]
    if not known:
        return Shown(None)
    laid_out = province_tiles() if by == "province" else city_tiles(parts.whole.region)
    tiles = tuple(
        Tile(
            *laid_out[key.region],
            scene.words(parts.label(key)),
            values[key].value if key in values else None,
            key == parts.own,
        )
        for key in parts.parts
        if key.region in laid_out
    )
    indicator, ordered = scene.indicator, sorted(known, key=lambda key: -values[key].value)
    title_of = scene.words(indicator.title)
    chart = Tiles(
        name="map",
        title=_map_title(scene, parts, ordered, values),
        source=scene.source(parts.whole, cells.get(parts.whole)),
        table=_compare_table(scene, parts, ordered, values, cells),
        mark=scene.mark(),
        notes=missing_note(scene, len(parts.parts) - len(known), by),
        file=scene.say(f"{scene.population(parts.whole)}{title_of}地图", f"{title_of} map"),
        tiles=tiles,
        edges=classes([values[key].value for key in known]),
        unit=indicator.unit,
        not_published=scene.words(NOT_PUBLISHED),
    )
    rows = (*ordered, *(part for part in parts.parts if part not in values))
    return Shown(chart, tuple(drill(scene, parts, key, "map") if key in cells else None for key in rows))


def _map_title(scene: Scene, parts: Breakdown, ordered: Sequence[CellKey], values: Mapping[CellKey, Value]) -> str:
    found = [values[key] for key in ordered]
    title = _highest(scene, parts, found, ordered)
    lowest = ordered[-1]
    if len(leaders(found)) == len(found):
        return title
    low = [key for key in ordered if values[key].is_same(values[lowest])]
    names = scene.names([scene.words(parts.label(key)) for key in low])
    return title + scene.say(
        f"，{names}最低（{scene.amount(values[lowest].value)}）",
        f", lowest in {names} ({scene.amount(values[lowest].value)})",
    )


def classes(values: Sequence[int]) -> tuple[int, ...]:
    """Lower ends of at most five classes of equal width, at round numbers.

    >>> classes([38, 62]), classes([40, 40]), classes([45, 47])
    ((35, 40, 45, 50, 55, 60), (40,), (45, 46, 47))
    """
    low, high = min(values), max(values)
    widths = (1, 2, 5, 10, 20, 25)
    width = next((step for step in widths if (high // step) - (low // step) < CLASSES + 1), widths[-1])
    return tuple(range(low // width * width, high + 1, width))


# What they share


def with_unit(scene: Scene, text: Text, indicator: Indicator) -> str:
    if not indicator.unit:
        return scene.words(text)
    return scene.say(f"{text.zh}（{indicator.unit}）", f"{text.en} ({indicator.unit})")


def text_of(value: int | None) -> str:
    return DASH if value is None else str(value)


def missing_note(scene: Scene, count: int, by: str) -> tuple[str, ...]:
    """How many parts are not shown, without a reason: there may be nobody, or too few to say anything of."""
    if not count:
        return ()
    noun = BREAKDOWN_WORDS[by].zh
    return (scene.say(f"另有 {count} 个{noun}未发布。", f"{count} more {PLURALS[by]} are not published."),)


def fallen_back(scene: Scene, key: CellKey) -> tuple[str, ...]:
    if key == scene.asked.key:
        return ()
    asked, shown = scene.population(scene.asked.key), scene.population(key)
    return (
        scene.say(
            f"“{asked}”未发布。现在显示的是包含它的最近一级：{shown}。",
            f"“{asked}” is not published. Shown instead is the closest population that holds it: {shown}.",
        ),
    )


def drill(scene: Scene, parts: Breakdown, key: CellKey, page: str = "compare") -> tuple[str, Asked]:
    """Where a row leads: into its own parts where any is published, else to all indicators of it."""
    deeper = {"sector": "division", "macro": "province", "province": "city"}.get(parts.by)
    inside = scene.asked.at(key)
    if deeper == "city" and (key.industry or key.size or not children(key.region)):
        deeper = None
    if deeper is None:
        return ("profile", inside)
    below = broken_down(inside, deeper, "")
    if not any(scene.has(part) for part in below.parts):
        return ("profile", inside)
    return ("map", inside) if page == "map" else ("compare", inside.but(by=deeper))

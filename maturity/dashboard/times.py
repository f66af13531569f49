"""Several releases: what changed since the one before, and an indicator over the years.

Releases on different bases stand side by side and are never joined or subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maturity.benchmarks.basis import basis_break, edition_words
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.queries import Cell
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.dashboard.breakdown import BREAKDOWN_WORDS, PLURALS, broken_down
from maturity.dashboard.charts import Changed, Lines, Segments, Step, Year
from maturity.dashboard.indicators import Value
from maturity.dashboard.places import (
    LOWER,
    MEDIAN,
    MIDDLE,
    SHARE_WORD,
    UPPER,
    drill,
    fallen_back,
    missing_note,
    text_of,
    with_unit,
)
from maturity.dashboard.scene import DASH, Scene, Shown, span
from maturity.dashboard.words import NOT_PUBLISHED
from maturity.questionnaires.model import Text
from maturity.results.charts import Table

BREAK = Text("统计基础改变", "basis changes")
#: one population's published values, by release
Series = dict[int, Value]


# Since the release before


def change(scene: Scene) -> Shown:
    asked, after = scene.asked, scene.release
    before = scene.desk.before(after)
    if before is None:
        return Shown(
            None, messages=(scene.say("还没有更早一期发布可比。", "There is no earlier release to compare with."),)
        )
    parts = broken_down(asked, asked.by, scene.home)
    cells = {release.id: scene.desk.read(release, parts.wanted) for release in (before, after)}
    values = {
        key: (old, new)
        for key in parts.wanted
        if (old := scene.value(cells[before.id].get(key), before)) is not None
        and (new := scene.value(cells[after.id].get(key), after)) is not None
    }
    known = sorted((part for part in parts.parts if part in values), key=lambda key: -_gain(values[key]))
    if not known:
        return Shown(None)
    shown = [*([parts.whole] if parts.whole in values else []), *known]
    labels = {key: scene.words(parts.label(key)) for key in known}
    labels[parts.whole] = scene.population(parts.whole)
    broken = basis_break(before, after)
    title_of, noun = scene.words(scene.indicator.title), scene.words(BREAKDOWN_WORDS[asked.by])
    chart = Changed(
        name="change",
        title=_change_title(scene, [values[key] for key in known], before, after, broken),
        source=scene.source(parts.whole, cells[after.id].get(parts.whole), before, after),
        table=_change_table(scene, shown, labels, values, before, after, broken),
        mark=scene.mark(before, after),
        notes=(
            *missing_note(scene, len(parts.parts) - len(known), asked.by),
            *((_broken_note(scene, broken),) if broken else ()),
        ),
        file=scene.say(f"{title_of}变化按{noun}", f"{title_of} change by {noun}"),
        steps=tuple(
            Step(labels[key], old.value, new.value, old.is_same(new), key == parts.own)
            for key, (old, new) in ((key, values[key]) for key in shown)
        ),
        unit=scene.indicator.unit,
        before_label=scene.say(f"{before.period} 年", str(before.period)),
        after_label=scene.say(f"{after.period} 年", str(after.period)),
        basis_break=scene.words(broken) if broken else "",
    )
    return Shown(chart, tuple(drill(scene, parts, key) if key != parts.whole else None for key in shown))


def _gain(pair: tuple[Value, Value]) -> int:
    return pair[1].value - pair[0].value


def _change_title(
    scene: Scene,
    pairs: Sequence[tuple[Value, Value]],
    before: BenchmarkRelease,
    after: BenchmarkRelease,
    broken: Text | None,
) -> str:
    name = scene.words(scene.indicator.title)
    if broken:
        return scene.say(
            f"{name}：{before.period} 与 {after.period} 年的统计基础不同，只能并列，不能相减",
            f"{name}: {before.period} and {after.period} stand on different bases and must not be subtracted",
        )
    up, down = sum(old.is_below(new) for old, new in pairs), sum(new.is_below(old) for old, new in pairs)
    noun, count, same = scene.words(BREAKDOWN_WORDS[scene.asked.by]), len(pairs), len(pairs) - up - down
    return scene.say(
        f"{name}：与 {before.period} 年相比，{count} 个{noun}中 {up} 个上升，{down} 个下降，{same} 个不变（取整之内）",
        f"{name}: since {before.period}, of {count} {PLURALS[scene.asked.by]} {up} rose, {down} fell and {same} "
        "stayed the same within rounding",
    )


def _change_table(
    scene: Scene,
    shown: Sequence[CellKey],
    labels: Mapping[CellKey, str],
    values: Mapping[CellKey, tuple[Value, Value]],
    before: BenchmarkRelease,
    after: BenchmarkRelease,
    broken: Text | None,
) -> Table:
    measure = MEDIAN if scene.indicator.is_quantile else SHARE_WORD
    heading = with_unit(scene, measure, scene.indicator)
    header = (
        scene.words(BREAKDOWN_WORDS[scene.asked.by]).capitalize(),
        scene.say(f"{before.period} 年{heading}", f"{heading}, {before.period}"),
        scene.say(f"{after.period} 年{heading}", f"{heading}, {after.period}"),
        scene.say("变化", "Change"),
    )
    rows = tuple(
        (labels[key], str(values[key][0].value), str(values[key][1].value), _change_text(scene, values[key], broken))
        for key in shown
    )
    return Table(header, rows)


def _change_text(scene: Scene, pair: tuple[Value, Value], broken: Text | None) -> str:
    if broken:
        return scene.say("不可比", "not comparable")
    if pair[0].is_same(pair[1]):
        return scene.say("相同", "same")
    gain = _gain(pair)
    return f"+{gain}" if gain > 0 else f"−{-gain}"


# Over the years


def trend(scene: Scene) -> Shown:
    """One population over all releases, with the middle half."""
    key = scene.desk.nearest(scene.release, scene.asked.key, scene.what)
    if key is None:
        return Shown(None)
    found, cells = _series_of(scene, (key,))
    series = found[key]
    messages = fallen_back(scene, key)
    if not series:
        return Shown(None, messages=messages)
    releases = _oldest_first(scene, series)
    segments = _segments(series, releases)
    name = scene.population(key)
    chart = Lines(
        name="trend",
        title=_trend_title(scene, name, series, segments),
        source=scene.source(key, cells[releases[-1].period].get(key), *releases),
        table=_trend_table(scene, releases, series, {year: cells[year].get(key) for year in series}),
        mark=scene.mark(*releases),
        notes=_break_notes(scene, releases),
        file=scene.say(
            f"{name}{scene.words(scene.indicator.title)}历年", f"{name} {scene.words(scene.indicator.title)} over years"
        ),
        panels=((name, segments),),
        whole=(),
        whole_label="",
        own_label=scene.words(MEDIAN if scene.indicator.is_quantile else SHARE_WORD),
        range_label=scene.words(MIDDLE) if scene.indicator.is_quantile else "",
        break_label=scene.words(BREAK),
        years=tuple(release.period for release in releases),
        unit=scene.indicator.unit,
    )
    return Shown(chart, messages=messages)


def panels(scene: Scene) -> Shown:
    """Small multiples: the parts of a population, each in a panel of its own with the whole in grey."""
    parts = broken_down(scene.asked, scene.asked.by, scene.home)
    found, cells = _series_of(scene, parts.wanted)
    known = [part for part in parts.parts if found[part]]
    if not known:
        return Shown(None)
    years = {year for part in (*known, parts.whole) for year in found[part]}
    releases = [release for release in reversed(scene.desk.releases) if release.period in years]
    labels = {key: scene.words(parts.label(key)) for key in known}
    whole_name = scene.population(parts.whole)
    by = scene.words(BREAKDOWN_WORDS[scene.asked.by])
    title_of = scene.words(scene.indicator.title)
    chart = Lines(
        name="panels",
        title=_panels_title(scene, [_segments(found[key], releases) for key in known], found, known),
        source=scene.source(parts.whole, cells[releases[-1].period].get(parts.whole), *releases),
        table=_panels_table(scene, releases, parts.whole, whole_name, known, labels, found),
        mark=scene.mark(*releases),
        notes=(*missing_note(scene, len(parts.parts) - len(known), scene.asked.by), *_break_notes(scene, releases)),
        file=scene.say(f"{title_of}历年按{by}", f"{title_of} over years by {by}"),
        panels=tuple((labels[key], _segments(found[key], releases)) for key in known),
        whole=_segments(found[parts.whole], releases),
        whole_label=whole_name,
        own_label=by.capitalize(),
        range_label="",
        break_label=scene.words(BREAK),
        years=tuple(release.period for release in releases),
        unit=scene.indicator.unit,
    )
    rows = ([parts.whole] if found[parts.whole] else []) + known
    return Shown(chart, tuple(("trend", scene.asked.at(key)) for key in rows))


def _series_of(
    scene: Scene, wanted: Sequence[CellKey]
) -> tuple[dict[CellKey, Series], dict[int, Mapping[CellKey, Cell]]]:
    """What each population's values were, release by release."""
    series: dict[CellKey, Series] = {key: {} for key in wanted}
    cells = {}
    for release in scene.desk.releases:
        cells[release.period] = scene.desk.read(release, wanted)
        for key, cell in cells[release.period].items():
            value = scene.value(cell, release)
            if value is not None:
                series[key][release.period] = value
    return series, cells


def _oldest_first(scene: Scene, series: Series) -> list[BenchmarkRelease]:
    return [release for release in reversed(scene.desk.releases) if release.period in series]


def _segments(series: Series, releases: Sequence[BenchmarkRelease]) -> Segments:
    parts: list[list[Year]] = []
    last: BenchmarkRelease | None = None
    for release in releases:
        value = series.get(release.period)
        if value is None:
            continue
        if last is None or basis_break(last, release):
            parts.append([])
        parts[-1].append(Year(release.period, value.value, value.q1, value.q3))
        last = release
    return tuple(tuple(part) for part in parts)


def _trend_title(scene: Scene, name: str, series: Series, segments: Segments) -> str:
    """About the last stretch on one basis alone."""
    first, last, indicator = segments[-1][0], segments[-1][-1], scene.words(scene.indicator.title)
    now = scene.amount(last.value)
    if first is last:
        return scene.say(f"{name}{indicator}：{last.year} 年为 {now}", f"{name}, {indicator}: {now} in {last.year}")
    if series[first.year].is_same(series[last.year]):
        return scene.say(
            f"{name}{indicator}：{first.year} 至 {last.year} 年没有超出取整的变化（{now}）",
            f"{name}, {indicator}: no change beyond rounding from {first.year} to {last.year} ({now})",
        )
    verb, english = ("升", "up") if last.value > first.value else ("降", "down")
    return scene.say(
        f"{name}{indicator}：从 {first.year} 年的 {scene.amount(first.value)} {verb}至 {last.year} 年的 {now}",
        f"{name}, {indicator}: {english} from {scene.amount(first.value)} in {first.year} to {now} in {last.year}",
    )


def _panels_title(
    scene: Scene, lines: Sequence[Segments], found: Mapping[CellKey, Series], known: Sequence[CellKey]
) -> str:
    up = down = counted = 0
    for key, segments in zip(known, lines, strict=True):
        first, last = found[key][segments[-1][0].year], found[key][segments[-1][-1].year]
        counted += len(segments[-1]) > 1
        up += first.is_below(last)
        down += last.is_below(first)
    name, noun = scene.words(scene.indicator.title), scene.words(BREAKDOWN_WORDS[scene.asked.by])
    if not counted:
        return scene.say(
            f"{name}：{len(known)} 个{noun}各只有一期可看", f"{name}: one release for each of {len(known)}"
        )
    years = [year.year for segments in lines for year in segments[-1]]
    kinds = PLURALS[scene.asked.by]
    return scene.say(
        f"{name}：{span(years)} 年，{counted} 个{noun}中 {up} 个上升，{down} 个下降，{counted - up - down} 个不变",
        f"{name}: over {span(years)}, of {counted} {kinds} {up} rose, {down} fell and {counted - up - down} stayed",
    )


def _trend_table(
    scene: Scene, releases: Sequence[BenchmarkRelease], series: Series, cells: Mapping[int, Cell | None]
) -> Table:
    is_quantile = scene.indicator.is_quantile
    header = (
        scene.say("年份", "Year"),
        with_unit(scene, MEDIAN if is_quantile else SHARE_WORD, scene.indicator),
        *((scene.words(LOWER), scene.words(UPPER)) if is_quantile else ()),
        scene.words(CONTRIBUTORS),
        scene.say("统计基础", "Basis"),
    )
    rows = []
    for release in releases:
        value, cell = series[release.period], cells[release.period]
        quartiles = (text_of(value.q1), text_of(value.q3)) if is_quantile else ()
        count = str(cell.contributors) if cell else DASH
        rows.append((str(release.period), str(value.value), *quartiles, count, basis_words(scene, release)))
    return Table(header, tuple(rows))


def basis_words(scene: Scene, release: BenchmarkRelease) -> str:
    data = (
        scene.say("合成数据", "synthetic data") if release.is_synthetic else scene.say("真实企业", "real enterprises")
    )
    edition = edition_words(release.edition)
    return scene.say(
        f"{data}，模型版本 {edition.zh}，规则 {release.rules_version}",
        f"{data}, edition {edition.en}, rules {release.rules_version}",
    )


def _panels_table(
    scene: Scene,
    releases: Sequence[BenchmarkRelease],
    whole: CellKey,
    whole_name: str,
    known: Sequence[CellKey],
    labels: Mapping[CellKey, str],
    found: Mapping[CellKey, Series],
) -> Table:
    by = scene.words(BREAKDOWN_WORDS[scene.asked.by]).capitalize()
    unit = scene.indicator.unit
    header = (
        scene.say(f"{by}（数值单位：{unit}）", f"{by} (values in {unit})") if unit else by,
        *(scene.say(f"{release.period} 年", str(release.period)) for release in releases),
    )
    rows = [
        (labels.get(key, whole_name), *(_at(scene, found[key], release) for release in releases))
        for key in ([whole] if found[whole] else []) + list(known)
    ]
    return Table(header, tuple(rows))


def _at(scene: Scene, series: Series, release: BenchmarkRelease) -> str:
    value = series.get(release.period)
    return scene.words(NOT_PUBLISHED) if value is None else str(value.value)


def _break_notes(scene: Scene, releases: Sequence[BenchmarkRelease]) -> tuple[str, ...]:
    notes = []
    for before, after in zip(releases, releases[1:], strict=False):
        if broken := basis_break(before, after):
            notes.append(
                scene.say(
                    f"{before.period} 与 {after.period} 年之间{BREAK.zh}（{broken.zh}），线不相连。",
                    f"The basis changes between {before.period} and {after.period} ({broken.en}); the line is cut.",
                )
            )
    return tuple(notes)


def _broken_note(scene: Scene, broken: Text) -> str:
    return scene.say(f"统计基础改变：{broken.zh}。", f"The basis changes: {broken.en}.")

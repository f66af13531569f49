"""Targets against actuals: published figures with how they are meant, and beside them, never joined, the site's own."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from maturity.benchmarks.basis import basis_break
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkRelease
from maturity.dashboard.charts import Against, Goal
from maturity.dashboard.scene import DASH, Scene, Shown, short_hash
from maturity.questionnaires.model import Text
from maturity.reference.figure_store import SIGNS
from maturity.reference.figures import BASES, COMPARATORS, Line, Point, line
from maturity.results.charts import Table

BREAK = Text("统计范围改变", "population changes")
Own = tuple[tuple[BenchmarkRelease, Decimal, bool], ...]


def targets(scene: Scene) -> Shown:
    """For the nation, or for a province that has published targets of its own."""
    published, message = _line_of(scene)
    if published is None or not (published.points or published.targets):
        return Shown(None, messages=message)
    own = _own_values(scene, published.region)
    name = scene.words(scene.indicator.title)
    goals = tuple(
        Goal(
            float(goal.year),
            float(goal.value),
            sign_of(goal),
            f"{goal.period} {sign_of(goal)} {goal.value}{scene.indicator.unit}".strip(),
        )
        for goal in published.targets
    )
    sources = sorted({point.source for point in (*published.points, *published.targets)}, key=_number)
    chart = Against(
        name="targets",
        title=_title(scene, name, published),
        source=_source(scene, published, own, sources),
        table=_table(scene, published, own),
        mark=scene.mark(*(release for release, _, _ in own)) if own else "",
        notes=_notes(scene, published, own),
        file=scene.say(f"{_place(scene, published)}{name}目标与实际", f"{name} targets and actuals"),
        segments=tuple(
            (scene.words(BASES[part[0].basis]), tuple((float(p.year), float(p.value)) for p in part))
            for part in published.segments()
        ),
        goals=goals,
        released=_released(scene, own),
        break_label=scene.words(BREAK),
        unit=scene.indicator.unit,
    )
    return Shown(chart, messages=message)


def _number(source: str) -> tuple[str, int]:
    return source[:1], int(source[1:]) if source[1:].isdigit() else 0


def _line_of(scene: Scene) -> tuple[Line | None, tuple[str, ...]]:
    """The region's own published figures, where it has any, else the nation's."""
    series, region = scene.indicator.figures, scene.asked.province
    if not series:
        return None, (scene.say("这项指标没有公开的目标或全国数据。", "Nothing was published on this indicator."),)
    if region:
        own = line(series, region)
        if own.points or own.targets:
            return own, ()
        place = scene.population(CellKey("", region, ""))
        return line(series), (
            scene.say(f"{place}没有公开的数据，显示全国。", f"Nothing was published for {place}; the nation is shown."),
        )
    return line(series), ()


def _own_values(scene: Scene, region: str) -> Own:
    """The site's own means, which are what the nation publishes; medians where no mean is let out."""
    key, found = CellKey("", region, ""), []
    for release in reversed(scene.desk.releases):
        cell = scene.desk.read(release, (key,)).get(key)
        value = scene.value(cell, release)
        if cell is not None and scene.indicator.id in cell.means:
            found.append((release, Decimal(cell.means[scene.indicator.id]), True))
        elif value is not None:
            found.append((release, Decimal(value.value), not scene.indicator.is_quantile))
    return tuple(found)


def _released(scene: Scene, own: Own) -> tuple[tuple[str, tuple[tuple[float, float], ...]], ...]:
    """Cut where the basis changes, and where a mean stands beside a median."""
    parts: list[tuple[str, list[tuple[float, float]]]] = []
    last: tuple[BenchmarkRelease, bool] | None = None
    for release, value, is_mean in own:
        if last is None or last[1] != is_mean or basis_break(last[0], release):
            parts.append((_own_words(scene, release, is_mean), []))
        parts[-1][1].append((float(release.period), float(value)))
        last = (release, is_mean)
    return tuple((label, tuple(points)) for label, points in parts)


def _own_words(scene: Scene, release: BenchmarkRelease, is_mean: bool) -> str:
    who = scene.say("本平台", "this site")
    if not scene.indicator.is_quantile:
        what = scene.say("达标占比", "share")
    else:
        what = scene.say("平均值", "mean") if is_mean else scene.say("中位数", "median")
    synthetic = scene.say("，合成数据", ", synthetic") if release.is_synthetic else ""
    return scene.say(f"{who}{what}{synthetic}", f"{who.capitalize()}, {what}{synthetic}")


def sign_of(goal: Point) -> str:
    """
    >>> sign_of(Point("2025", Decimal(68), "Q", "S11", "key", comparator="reach"))
    '≥'
    """
    return "≥" if goal.comparator == "reach" else SIGNS.get(goal.comparator, "")


def _place(scene: Scene, published: Line) -> str:
    return scene.population(CellKey("", published.region, ""))


def verdict(goal: Point, points: Sequence[Point], unit: str = "") -> Text | None:
    """Whether the target was met, by the latest published actual on the same population; None where there is none."""
    known = [point for point in points if point.basis == goal.basis and not (point.comparator or goal.value is None)]
    if not known:
        return None
    latest = known[-1]
    gap = goal.value - latest.value
    is_met = latest.value > goal.value if goal.comparator == "above" else gap <= 0
    if goal.comparator in ("at_most", "below"):
        return None
    if is_met:
        value = f"{latest.value}{unit}"
        return Text(f"已达到（{latest.period}：{value}）", f"met ({latest.period}: {value})")
    of = Text(" 个百分点", " points") if unit == "%" else Text("", "")
    if latest.ends_on >= goal.ends_on:
        return Text(f"未达到，差 {gap}{of.zh}（{latest.period}）", f"missed by {gap}{of.en} ({latest.period})")
    return Text(f"还差 {gap}{of.zh}（{latest.period}）", f"{gap}{of.en} to go ({latest.period})")


def _title(scene: Scene, name: str, published: Line) -> str:
    place = _place(scene, published)
    latest = published.points[-1] if published.points else None
    goal = published.targets[-1] if published.targets else None
    unit_zh, unit_en = (scene.indicator.unit, f" {scene.indicator.unit}".rstrip())
    if goal is None and latest is not None:
        return scene.say(
            f"{place}{name}：{latest.period} 年公布为 {latest.value}{unit_zh}，没有公开的目标",
            f"{place}, {name}: {latest.value}{unit_en} published for {latest.period}; no target was published",
        )
    if goal is None:
        return name
    aim_zh = f"{goal.period} 年目标 {sign_of(goal)} {goal.value}{unit_zh}"
    aim_en = f"target for {goal.period} {sign_of(goal)} {goal.value}{unit_en}"
    if latest is None:
        return scene.say(
            f"{place}{name}：{aim_zh}，没有公布的实际值", f"{place}, {name}: {aim_en}; no actual published"
        )
    judged = verdict(goal, published.points, scene.indicator.unit)
    if judged is None or latest.basis != goal.basis:
        now_zh, now_en = f"{latest.value}{unit_zh}（{latest.period}）", f"{latest.value}{unit_en} ({latest.period})"
        return scene.say(
            f"{place}{name}：{aim_zh}；最近公布 {now_zh}，统计范围不同，不能据此判断是否达标",
            f"{place}, {name}: {aim_en}; latest published {now_en} on another population, so it cannot be judged",
        )
    return scene.say(f"{place}{name}：{aim_zh}，{judged.zh}", f"{place}, {name}: {aim_en}, {judged.en}")


def _source(scene: Scene, published: Line, own: Own, sources: Sequence[str]) -> str:
    codes = scene.say("、", ", ").join(sources)
    text = scene.say(f"公开数据：{codes}（见参考数据页）", f"Published figures: {codes} (see reference figures)")
    if own:
        release = own[-1][0]
        code, count = short_hash(release), release.population
        text += scene.say(
            f"；本平台：基准发布 {code}，约 {count} 家参评企业",
            f"; this site: benchmark release {code}, about {count} enterprises",
        )
    return text


def _notes(scene: Scene, published: Line, own: Own) -> tuple[str, ...]:
    notes = []
    if len(published.segments()) > 1:
        notes.append(
            scene.say(
                "公开数据的统计范围有变化，各段不能连起来看。",
                "The population of the published figures changes; the stretches must not be joined.",
            )
        )
    if own:
        notes.append(
            scene.say(
                "本平台的数据来自另一群企业，只作背景，不与目标比较。",
                "The site's own figures are of other enterprises: background, and not set against the targets.",
            )
        )
    return tuple(notes)


def _table(scene: Scene, published: Line, own: Own) -> Table:
    header = (
        scene.say("时期", "Period"),
        scene.say("目标或实际", "Target or actual"),
        scene.say(f"数值{f'（{scene.indicator.unit}）' if scene.indicator.unit else ''}",
                  f"Value{f' ({scene.indicator.unit})' if scene.indicator.unit else ''}"),
        scene.say("统计范围", "Population"),
        scene.say("完成情况", "Standing"),
        scene.say("来源", "Source"),
    )  # fmt: skip
    actual, target = scene.say("实际", "actual"), scene.say("目标", "target")
    rows = [
        (point.period, actual, _figure(point), scene.words(BASES[point.basis]), DASH, point.source)
        for point in published.points
    ]
    for goal in published.targets:
        judged = verdict(goal, published.points, scene.indicator.unit)
        standing = (
            scene.words(judged) if judged else scene.say("统计范围不同，不作判断", "other population, not judged")
        )
        words = f"{sign_of(goal)} {goal.value}".strip()
        meant = scene.words(COMPARATORS[goal.comparator])
        figure = f"{words}（{meant}）" if scene.locale.startswith("zh") and meant else words
        rows.append((goal.period, target, figure, scene.words(BASES[goal.basis]), standing, goal.source))
    for release, value, is_mean in own:
        source = short_hash(release)
        rows.append((str(release.period), actual, str(value), _own_words(scene, release, is_mean), DASH, source))
    return Table(header, tuple(rows))


def _figure(point: Point) -> str:
    sign = SIGNS.get(point.comparator, "")
    return f"{sign} {point.value}".strip()

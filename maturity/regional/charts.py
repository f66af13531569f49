"""Charts of an index as data: ranking, profile of a region, and the series with its breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from maturity.questionnaires.model import Text
from maturity.reference.regions import region
from maturity.regional.index import printed
from maturity.regional.model import NATION, PeerGroup
from maturity.regional.result import PUBLISHED, Point, Result, growth_of
from maturity.results.charts import Chart, Table


@dataclass(frozen=True, slots=True)
class Ranking(Chart):
    """Regions by index, best first; `marked` are those with a figure that stands in for a missing one."""

    labels: tuple[str, ...]
    values: tuple[float, ...]
    shown: tuple[str, ...]
    marked: tuple[bool, ...]
    own_label: str
    marked_label: str
    line: float | None
    line_label: str


@dataclass(frozen=True, slots=True)
class Profile(Chart):
    """The classes of a region beside the peers' median and the reference."""

    labels: tuple[str, ...]
    own: tuple[float, ...]
    shown: tuple[str, ...]
    peers: tuple[float | None, ...]
    reference: tuple[float | None, ...]
    own_label: str
    peer_label: str
    reference_label: str


@dataclass(frozen=True, slots=True)
class Trend(Chart):
    """Values by year, cut wherever the basis changes."""

    segments: tuple[tuple[str, tuple[tuple[int, float, str], ...]], ...]
    break_label: str


def name_of(code: str, locale: str) -> str:
    if code == NATION:
        return Text("全国", "Nation").to(locale)
    found = region(code)
    return found.title(locale) if found else code


def _peers_said(group: PeerGroup, n: int, result: Result, locale: str) -> str:
    """Peers, n and year, as every rank must say."""
    return Text(
        f"同组：{group.title.zh}；有指数的 {n} 个，共 {len(group.regions)} 个；{result.year} 年；"
        f"模型第 {result.version} 版",
        f"Peers: {group.title.en}; {n} of {len(group.regions)} have an index; {result.year}; "
        f"version {result.version} of the model",
    ).to(locale)


def ranking_chart(result: Result, group: PeerGroup, locale: str) -> Ranking | None:
    """None where nobody in the group has an index."""
    standings = result.standings(group)
    if not standings:
        return None
    rows = [(code, one, result.totals[code] or Fraction(0)) for code, one in standings.items()]
    first, last = rows[0], rows[-1]
    shown = tuple(str(printed(value, result.places)) for _, _, value in rows)
    names = tuple(name_of(code, locale) for code, _, _ in rows)
    marked = tuple(bool(one.imputed) if (one := result.of(code)) else False for code, _, _ in rows)
    title = Text(
        f"{group.title.zh}：{name_of(first[0], 'zh')} {shown[0]} 居首，与末位{name_of(last[0], 'zh')}"
        f"（{shown[-1]}）相差 {_gap(shown)}",
        f"Among {group.title.en}: {name_of(first[0], 'en')} leads with {shown[0]}, {_gap(shown)} ahead of "
        f"{name_of(last[0], 'en')} ({shown[-1]})",
    )
    if len(rows) == 1:
        title = Text(f"{name_of(first[0], 'zh')}：{shown[0]}", f"{name_of(first[0], 'en')}: {shown[0]}")
    total = result.outcome.reference.total
    told = "" if total is None else f" {printed(total, result.places)}"
    header = (("名次", "Rank"), ("地区", "Region"), ("指数", "Index"))
    table = tuple(
        (name, str(one.rank) + ("=" if one.is_tied else ""), text)
        for name, (_, one, _), text in zip(names, rows, shown, strict=True)
    )
    return Ranking(
        "ranking",
        title.to(locale),
        _peers_said(group, len(rows), result, locale),
        Table(tuple(Text(*pair).to(locale) for pair in (header[1], header[0], header[2])), table),
        names,
        tuple(float(value) for _, _, value in rows),
        shown,
        marked,
        Text("指数", "Index").to(locale),
        Text("含替代数据", "with figures that stand in").to(locale),
        None if total is None else float(total),
        name_of(result.model.reference, locale) + told,
    )


def _gap(shown: Sequence[str]) -> Decimal:
    return Decimal(shown[0]) - Decimal(shown[-1])


def profile_chart(result: Result, code: str, group: PeerGroup, locale: str) -> Profile | None:
    """None for a region without its classes."""
    own = result.of(code)
    if own is None or not own.classes or any(part.value is None for part in own.classes):
        return None
    titles = {one.id: one.title for one in result.model.classes}
    values = [part.value or Fraction(0) for part in own.classes]
    medians = [_median(result, group, index) for index in range(len(values))]
    reference = result.outcome.reference if code != result.model.reference else None
    parts = reference.classes if reference is not None else ()
    others = [parts[index].value if parts else None for index in range(len(values))]
    best, worst = max(range(len(values)), key=values.__getitem__), min(range(len(values)), key=values.__getitem__)
    shown = tuple(str(printed(value, result.places)) for value in values)
    names = [titles[part.id] for part in own.classes]
    title = Text(
        f"{name_of(code, 'zh')}：{names[best].zh}最高（{shown[best]}），{names[worst].zh}最低（{shown[worst]}）",
        f"{name_of(code, 'en')}: highest in {names[best].en} ({shown[best]}), lowest in {names[worst].en} "
        f"({shown[worst]})",
    )
    labels = (("类别", "Class"), ("本地区", "This region"), ("同组中位数", "Peer median"), ("全国", "Nation"))
    own_label, peer_label = Text(*labels[1]).to(locale), Text(*labels[2]).to(locale)
    reference_label = name_of(result.model.reference, locale)
    rows = tuple(
        (name.to(locale), text, _said(median, result.places), _said(other, result.places))
        for name, text, median, other in zip(names, shown, medians, others, strict=True)
    )
    return Profile(
        "profile",
        title.to(locale),
        _peers_said(group, len(result.standings(group)), result, locale),
        Table((Text(*labels[0]).to(locale), own_label, peer_label, reference_label), rows),
        tuple(name.to(locale) for name in names),
        tuple(float(value) for value in values),
        shown,
        tuple(None if value is None else float(value) for value in medians),
        tuple(None if value is None else float(value) for value in others),
        own_label,
        peer_label,
        reference_label,
    )


def _median(result: Result, group: PeerGroup, index: int) -> Fraction | None:
    members = (result.of(code) for code in group.regions)
    known = sorted(
        value for one in members if one is not None and one.classes and (value := one.classes[index].value) is not None
    )
    if len(known) < 3:
        return None
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2


def _said(value: Fraction | None, places: int) -> str:
    return "—" if value is None else str(printed(value, places))


def trend_chart(points: Sequence[Point], code: str, source: str, locale: str) -> Trend | None:
    """None of fewer than two years. Nothing is joined across a change of basis, and no growth is told across one."""
    if len(points) < 2:
        return None
    segments: list[tuple[str, list[Point]]] = []
    for point in sorted(points, key=lambda one: one.year):
        if not segments or segments[-1][0] != point.basis:
            segments.append((point.basis, []))
        segments[-1][1].append(point)
    last = segments[-1][1]
    rate = growth_of(tuple(last))
    name_zh, name_en = name_of(code, "zh"), name_of(code, "en")
    if rate is None:
        title = Text(
            f"{name_zh} {last[-1].year} 年为 {last[-1].value}，之前各年口径不同，不可连比",
            f"{name_en} stands at {last[-1].value} in {last[-1].year}; earlier years are on another basis",
        )
    else:
        title = Text(
            f"{name_zh}从 {last[0].year} 年的 {last[0].value} 到 {last[-1].year} 年的 {last[-1].value}，"
            f"年均增长 {rate}%",
            f"{name_en} goes from {last[0].value} in {last[0].year} to {last[-1].value} in {last[-1].year}, "
            f"{rate} % a year",
        )
    header = tuple(Text(*pair).to(locale) for pair in (("年份", "Year"), ("指数", "Index"), ("依据", "Basis")))
    rows = tuple((str(p.year), str(p.value), basis_said(p.basis, locale)) for _, part in segments for p in part)
    drawn = tuple(
        (basis_said(basis, locale), tuple((p.year, float(p.value), str(p.value)) for p in part))
        for basis, part in segments
    )
    return Trend(
        "trend",
        title.to(locale),
        source,
        Table(header, rows),
        drawn,
        Text("依据改变，不可连比", "basis changes").to(locale),
    )


def basis_said(basis: str, locale: str) -> str:
    """
    >>> basis_said("2", "en"), basis_said("published", "zh_CN")
    ('version 2 of the model', '公布值')
    """
    if basis == PUBLISHED:
        return Text("公布值", "as published").to(locale)
    return Text(f"模型第 {basis} 版", f"version {basis} of the model").to(locale)

"""A paper with its references resolved: what PDF, Word and the editor show, numbered through, with the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from maturity.benchmarks.basis import edition_words
from maturity.questionnaires.model import Text
from maturity.reference.regions import provinces
from maturity.yearly.book import POINTS, QUANTILES, Book, CellId, Figure
from maturity.yearly.language import WITHHELD, Namer, Side, side_of_value
from maturity.yearly.paper import WRITTEN, Block, Paper, Section
from maturity.yearly.pictures import Bars, Boxes, BoxRow, Levels, Picture, Published, Tiles, Trend
from maturity.yearly.tokens import (
    BelowRef,
    Editorial,
    FigureRef,
    NamedRef,
    PublishedRef,
    Reference,
    Unreadable,
    code_of,
    key_of_code,
    pieces,
    read_token,
)

STATISTICS = {
    "p10": Text("第一十分位数", "lowest decile"),
    "q1": Text("下四分位数", "lower quartile"),
    "median": Text("中位数", "median"),
    "q3": Text("上四分位数", "upper quartile"),
    "p90": Text("第九十分位数", "highest decile"),
    "share": Text("达标企业比例", "share of enterprises"),
    "mean": Text("平均值", "mean"),
    "contributors": Text("企业数（集团按一家计，约）", "enterprises (a group counts once), about"),
    "reviewed": Text("已审核比例", "reviewed share"),
}
#: How many are below a gate, told by the highest published quantile that is surely below it.
BELOW = (
    ("p90", Text("九成以上", "more than nine tenths")),
    ("q3", Text("四分之三以上", "more than three quarters")),
    ("median", Text("一半以上", "more than half")),
    ("q1", Text("四分之一以上", "more than a quarter")),
    ("p10", Text("十分之一以上", "more than a tenth")),
)
FEW, SOME, ABOUT = (
    Text("不到十分之一", "fewer than a tenth"),
    Text("四分之一以下", "a quarter at most"),
    Text("约四分之一", "about a quarter"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text as it is shown, with the number of its evidence.

    `kind`: words, figure, withheld, editorial, definition, unreadable.
    """

    kind: str
    text: str
    title: str = ""
    number: int = 0


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """What stands behind a raised number: its value, what it is, the cell by its number, and the release."""

    number: int
    text: str
    what: str
    cell: int
    release: str
    token: str


@dataclass(frozen=True, slots=True)
class CellRow:
    number: int
    name: str
    code: str
    period: int
    contributors: str
    release: str


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block ready to be shown. `label` is the number of a figure or table; `cells` are those its data come from."""

    kind: str
    lines: tuple[Line, ...] = ()
    label: str = ""
    caption: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    numbers: frozenset[int] = frozenset()  # the columns that hold figures
    picture: Picture | None = None
    source: str = ""
    note: str = ""
    is_wide: bool = False
    index: int = 0
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ShownSection:
    id: str
    number: str
    title: str
    blocks: tuple[ShownBlock, ...]
    is_annex: bool


@dataclass
class Resolver:
    """Resolves references one after the other, and remembers which it met."""

    book: Book
    locale: str
    evidence: dict[str, EvidenceRow] = field(default_factory=dict)
    cells: dict[CellId, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = Namer(self.locale, dict(self.book.parks))

    def pick(self, text: Text) -> str:
        return text.to(self.locale)

    # text

    def line(self, text: str, *, with_numbers: bool = False) -> Line:
        """A text in spans; what cannot be read stands as it was written, so that an editor sees it."""
        try:
            return tuple(self._span(piece, with_numbers) for piece in pieces(text))
        except Unreadable:
            return (Span("unreadable", text),)

    def plain(self, text: str) -> str:
        return "".join(span.text for span in self.line(text))

    def _span(self, piece: str | Reference | Editorial, with_numbers: bool) -> Span:
        if isinstance(piece, str):
            return Span("words", piece)
        if isinstance(piece, Editorial):
            return Span("editorial", piece.text)
        if isinstance(piece, NamedRef) and piece.kind in ("def", "pub", "src", "why", "basis"):
            return Span("definition", self._words(piece), str(piece))
        found = self.text_of(piece)
        if found is None:
            return Span("withheld", self.pick(WITHHELD), self.about(piece))
        number = self._noted(piece, found) if with_numbers else 0
        if not with_numbers:
            self._met(piece)
        return Span("figure", found, self.about(piece), number)

    def _words(self, named: NamedRef) -> str:
        match named.kind:
            case "def" if named.name in self.book.indicators:
                return self.pick(self.book.indicators[named.name].definition)
            case "pub" if named.name in self.book.series:
                return self.pick(self.book.series[named.name].definition)
            case "why" if named.name in self.book.rules:
                return self.pick(self.book.rules[named.name].why)
            case "basis" if named.name in self.book.bases:
                return self.pick(self.book.bases[named.name])
            case "src" if named.name in self.book.sources:
                return named.name
        return "?"

    def text_of(self, reference: Reference) -> str | None:
        """What a reference shows; None where it is withheld."""
        if isinstance(reference, BelowRef):
            return self._below(reference)
        figure = self.book.figure(reference)
        return None if figure is None else figure.text

    def _below(self, reference: BelowRef) -> str | None:
        gate = self.book.gates.get(reference.gate)
        if gate is None:
            return None
        sides = {}
        for name in QUANTILES:
            figure = self.book.figure(FigureRef(gate.dimension, name, reference.key))
            if figure is not None:
                sides[name] = side_of_value(figure, gate.value)
        if "median" not in sides:
            return None
        for name, words in BELOW:
            if sides.get(name) is Side.LOWER:
                return self.pick(words)
        if sides.get("p10") is Side.HIGHER:
            return self.pick(FEW)
        return self.pick(SOME if sides.get("q1") is Side.HIGHER else ABOUT)

    # evidence

    def _met(self, reference: Reference) -> int:
        """The number of the cell behind a reference; 0 where there is none."""
        if not isinstance(reference, FigureRef | BelowRef):
            return 0
        period = (reference.period if isinstance(reference, FigureRef) else 0) or self.book.period
        return self.cell_number((period, code_of(reference.key)))

    def cell_number(self, cell: CellId) -> int:
        if cell not in self.book.cells:
            return 0
        return self.cells.setdefault(cell, len(self.cells) + 1)

    def _noted(self, reference: Reference, shown: str) -> int:
        key = str(reference)
        if key not in self.evidence:
            number = len(self.evidence) + 1
            row = EvidenceRow(number, shown, self.what(reference), self._met(reference), self._release(reference), key)
            self.evidence[key] = row
        return self.evidence[key].number

    def what(self, reference: Reference) -> str:
        """A reference in words, without its cell."""
        match reference:
            case FigureRef("levels", statistic):
                levels = [int(part) for part in statistic.split("-") if part.isdecimal()]
                names = [self.pick(self.book.levels[level]) for level in levels if level in self.book.levels]
                return self.pick(Text("发展阶段：", "stage: ")) + self.pick(Text("、", ", ")).join(names)
            case FigureRef("cell", statistic):
                return self.pick(STATISTICS[statistic])
            case FigureRef(name, statistic):
                title = self.pick(self.book.indicators[name].title) if name in self.book.indicators else name
                told = self.pick(STATISTICS.get(statistic, Text(statistic, statistic)))
                return f"{title}{self.pick(Text('，', ', '))}{told}"
            case PublishedRef(kind, series, period):
                title = self.pick(self.book.series[series].title) if series in self.book.series else series
                word = self.pick(Text("公开数据", "published figure") if kind == "ref" else Text("目标", "target"))
                return f"{word}{self.pick(Text('：', ': '))}{title}{self.pick(Text('，', ', '))}{period}"
            case NamedRef("rule", name):
                return self.pick(self.book.rules[name].title) if name in self.book.rules else name
            case NamedRef("gate", name) | BelowRef(name):
                return self._gate(name, isinstance(reference, BelowRef))
        return str(reference)

    def _gate(self, name: str, is_below: bool) -> str:
        gate = self.book.gates.get(name)
        if gate is None:
            return name
        dimension = self.book.indicators.get(gate.dimension)
        title = self.pick(dimension.title) if dimension else gate.dimension
        level = self.pick(self.book.levels[gate.level])
        word = Text("未达到门槛的企业：", "enterprises below the gate: ") if is_below else Text("门槛：", "gate: ")
        return f"{self.pick(word)}{level}{self.pick(Text('，', ', '))}{title}"

    def _release(self, reference: Reference) -> str:
        match reference:
            case FigureRef(period=period):
                return self.book.vintages[period or self.book.period].sha256[:12]
            case BelowRef():
                return self.book.release.sha256[:12]
            case PublishedRef(kind, series, period):
                point = self.book.point(kind, series, period)
                return point.source if point else ""
            case NamedRef("rule"):
                return self.book.release.rules_version
        return self.book.framework

    def about(self, reference: Reference) -> str:
        """What stands beside a figure when it is pointed at: statistic, cell, period, release, and the reference."""
        told = [self.what(reference)]
        if isinstance(reference, FigureRef | BelowRef):
            period = (reference.period if isinstance(reference, FigureRef) else 0) or self.book.period
            told += [self.names.cell(reference.key), str(period)]
        told += [self._release(reference), str(reference)]
        return " · ".join(part for part in told if part)

    # charts

    def picture(self, block: Block) -> Picture | None:
        spec = block.spec
        made: dict[str, Callable[[Block], Picture]] = {
            "boxes": self._boxes,
            "bars": self._bars,
            "levels": self._levels,
            "trend": self._trend,
            "published": self._published,
            "tiles": self._tiles,
        }
        for token in spec.get("tokens", ()):
            found = read_token(token)
            if not isinstance(found, Editorial):
                self._met(found)
        return made[spec["form"]](block)

    def _value(self, token: str) -> float | None:
        found = read_token(token) if token else None
        figure = self.book.figure(found) if isinstance(found, FigureRef | NamedRef | PublishedRef) else None
        return None if figure is None else float(figure.value)

    def _unit(self, token: str) -> str:
        found = read_token(token)
        figure = self.book.figure(found) if isinstance(found, FigureRef) else None
        if figure is None and isinstance(found, FigureRef):
            known = self.book.indicators.get(found.name)
            return "" if known is None or known.kind == "score" else "%"
        return "" if figure is None or figure.unit == POINTS else "%"

    def _chart_words(self) -> dict[str, str]:
        return {
            "box": self.pick(Text("下四分位数至上四分位数", "lower to upper quartile")),
            "median": self.pick(Text("中位数（右侧数字）", "median (number at right)")),
            "deciles": self.pick(Text("第一至第九十分位数", "lowest to highest decile")),
            "mark": self.pick(Text("门槛", "gate")),
            "withheld": self.pick(WITHHELD),
            "value": self.pick(Text("企业比例", "share of enterprises")),
            "own": self.pick(Text("本报告（参评企业，口径不同）", "this report (another population)")),
            "target": self.pick(Text("目标", "target")),
            "break": self.pick(Text("统计基础改变", "basis changes")),
        }

    def _boxes(self, block: Block) -> Boxes:
        rows = []
        marks = block.spec.get("marks") or [""] * len(block.spec["rows"])
        for (label, name, code), mark in zip(block.spec["rows"], marks, strict=True):
            cell = self.book.cell(key_of_code(code))
            grid = cell.quantiles.get(name) if cell else None
            values = (
                None
                if grid is None
                else (_or_none(grid.p10), float(grid.q1), float(grid.median), float(grid.q3), _or_none(grid.p90))
            )
            rows.append(BoxRow(label, values, self._value(mark)))
        names = {name for _label, name, _code in block.spec["rows"]}
        unit = "" if any(self.book.indicators[name].kind == "score" for name in names) else "%"
        return Boxes(tuple(rows), unit, self._chart_words())

    def _bars(self, block: Block) -> Bars:
        rows = tuple((label, self._value(token), self._value(mark)) for label, token, mark in block.spec["rows"])
        words = self._chart_words() | {"mark": self._mark_name(block)}
        return Bars(rows, "%", words)

    def _mark_name(self, block: Block) -> str:
        """The population that the marks stand for."""
        mark = next((mark for _label, _token, mark in block.spec["rows"] if mark), "")
        found = read_token(mark) if mark else None
        return self.names.cell(found.key) if isinstance(found, FigureRef) else ""

    def _levels(self, block: Block) -> Levels:
        rows = []
        for label, code in block.spec["rows"]:
            cell = self.book.cell(key_of_code(code))
            rows.append((label, tuple((levels, float(share)) for levels, share in cell.levels) if cell else ()))
        titles = tuple(self.pick(title) for title in self.book.levels.values())
        return Levels(tuple(rows), titles, self._chart_words())

    def _trend(self, block: Block) -> Trend:
        lines = []
        for label, tokens in block.spec["rows"]:
            points = []
            for token in tokens:
                found, value = read_token(token), self._value(token)
                if isinstance(found, FigureRef) and value is not None:
                    points.append((found.period or self.book.period, value))
            lines.append((label, tuple(points)))
        cuts = tuple((before + after) / 2 for before, after, _why in self.book.breaks)
        return Trend(tuple(lines), self._unit(block.spec["rows"][0][1][0]), self._chart_words(), cuts)

    def _published(self, block: Block) -> Published:
        series = self.book.series[block.spec["series"]]
        segments: list[tuple[str, list[tuple[float, float]]]] = []
        for point in series.points:
            basis = self.pick(self.book.bases[point.basis])
            if not segments or segments[-1][0] != basis:
                segments.append((basis, []))
            segments[-1][1].append((year_of(point.period), float(point.value)))
        targets = tuple((year_of(one.period), float(one.value), self.pick(one.comparator)) for one in series.targets)
        own = []
        for token in block.spec["own"]:
            found, value = read_token(token), self._value(token)
            if isinstance(found, FigureRef) and value is not None:
                own.append((found.period or self.book.period, value))
        kept = tuple((basis, tuple(points)) for basis, points in segments)
        return Published(kept, targets, tuple(own), series.unit, self._chart_words())

    def _tiles(self, block: Block) -> Tiles:
        values = {region: self._value(token) for region, token in block.spec["rows"]}
        rows = tuple((place.code, place.title(self.locale), values.get(place.code)) for place in provinces())
        return Tiles(rows, self._unit(block.spec["rows"][0][1]), self._chart_words())

    def source(self, block: Block, start: Sequence[CellId]) -> str:
        """Under a chart or table: the cells by number, the release, and how many enterprises."""
        numbers = sorted(self.cell_number(cell) for cell in start if cell in self.book.cells)
        release = self.book.release
        told = []
        if numbers:
            told.append(f"{self.pick(Text('单元 ', 'cells '))}{spans(numbers)}")
            periods = sorted({period for period, _code in start})
            hashes = ", ".join(f"{period} {self.book.vintages[period].sha256[:12]}" for period in periods)
            told.append(f"{self.pick(Text('发布 ', 'release '))}{hashes}")
        if block.spec.get("form") == "published":
            told.append(self.pick(Text("公开数据见资料来源", "published figures: see the sources")))
        if release.is_synthetic and numbers:
            told.append(self.pick(Text("合成演示数据", "synthetic demonstration data")))
        return self.pick(Text("；", "; ")).join(told)


def _or_none(value: int | None) -> float | None:
    return None if value is None else float(value)


def year_of(period: str) -> float:
    """
    >>> year_of("2024"), year_of("2025-03")
    (2024.0, 2024.25)
    """
    year, _, month = period.partition("-")
    return float(year) - 1 + int(month) / 12 if month else float(year)


def spans(numbers: Sequence[int]) -> str:
    """
    >>> spans([1, 2, 3, 7, 9, 10])
    'C1–C3, C7, C9–C10'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        elif not runs or number != runs[-1][-1]:
            runs.append([number])
    return ", ".join(f"C{run[0]}" if len(run) == 1 else f"C{run[0]}–C{run[-1]}" for run in runs)


def cells_of(block: Block, book: Book) -> list[CellId]:
    """The cells behind the data of a chart or table."""
    found: list[CellId] = []
    for one in block.references():
        if isinstance(one, FigureRef):
            found.append((one.period or book.period, code_of(one.key)))
        elif isinstance(one, BelowRef):
            found.append((book.period, code_of(one.key)))
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole report, resolved."""

    title: str
    subtitle: str
    signatories: tuple[str, ...]
    sections: tuple[ShownSection, ...]
    evidence: tuple[EvidenceRow, ...]
    cells: tuple[CellRow, ...]
    sources: tuple[tuple[str, str], ...]


def show(paper: Paper, book: Book) -> Shown:
    """Everything that is printed, in order: numbers of sections, figures, tables, evidence and cells follow from it."""
    resolver = Resolver(book, paper.locale)
    sections, chapter, annex = [], 0, 0
    for section in paper.shown():
        if section.is_annex:
            annex += 1
            number = chr(ord("A") + annex - 1)
        else:
            chapter += 1
            number = str(chapter)
        sections.append(show_section(resolver, section, number))
    return Shown(
        resolver.plain(paper.title),
        resolver.plain(paper.subtitle),
        tuple(resolver.plain(line) for line in paper.signatories),
        tuple(sections),
        tuple(resolver.evidence.values()),
        _cell_rows(resolver),
        _sources(book, paper.locale),
    )


def show_section(resolver: Resolver, section: Section, number: str) -> ShownSection:
    return ShownSection(
        section.id, number, resolver.plain(section.title), tuple(_blocks(resolver, section, number)), section.is_annex
    )


def _blocks(resolver: Resolver, section: Section, number: str) -> Iterator[ShownBlock]:
    figures = tables = 0
    for index, block in enumerate(section.blocks):
        common: dict[str, Any] = {"index": index, "is_hidden": block.is_hidden}
        if block.kind in WRITTEN:
            texts = block.text.split("\n") if block.kind == "list" else [block.text]
            is_numbered = block.kind != "heading"
            lines = tuple(resolver.line(text, with_numbers=is_numbered) for text in texts if text.strip())
            yield ShownBlock(block.kind, lines, **common)
        elif block.kind == "chart":
            figures += 1
            picture = resolver.picture(block)
            yield ShownBlock(
                "chart",
                label=_label(resolver, Text("图", "Figure"), number, figures),
                caption=resolver.plain(block.text),
                picture=picture,
                source=resolver.source(block, cells_of(block, resolver.book)),
                **common,
            )
        elif block.kind == "table":
            tables += 1
            rows = tuple(tuple(resolver.line(text) for text in row) for row in block.spec["rows"])
            yield ShownBlock(
                "table",
                label=_label(resolver, Text("表", "Table"), number, tables),
                caption=resolver.plain(block.text),
                head=tuple(resolver.plain(text) for text in block.spec["head"]),
                rows=rows,
                numbers=_columns_of_figures(rows),
                source=resolver.source(block, cells_of(block, resolver.book)),
                note=resolver.plain(block.spec.get("note", "")),
                is_wide=bool(block.spec.get("wide")),
                **common,
            )
        else:
            yield ShownBlock(block.kind, **common)


def _columns_of_figures(rows: Sequence[Sequence[Line]]) -> frozenset[int]:
    """Set to the right, whatever stands in single cells of them."""
    return frozenset(
        at for row in rows for at, line in enumerate(row) if at and line and line[0].kind in ("figure", "withheld")
    )


def _label(resolver: Resolver, word: Text, section: str, number: int) -> str:
    """
    The number of a figure or table within its section.
    """
    return f"{resolver.pick(word)} {section}-{number}"


def _cell_rows(resolver: Resolver) -> tuple[CellRow, ...]:
    rows = []
    for (period, code), number in sorted(resolver.cells.items(), key=lambda item: item[1]):
        cell, release = resolver.book.cells[period, code], resolver.book.vintages[period]
        shown = Figure(NamedRef("rule", ""), Decimal(cell.contributors), Decimal(0), "count").text
        name = resolver.names.cell(key_of_code(code))
        rows.append(CellRow(number, name, code, period, shown, release.sha256[:12]))
    return tuple(rows)


def _sources(book: Book, locale: str) -> tuple[tuple[str, str], ...]:
    """Where everything comes from: releases with their hashes, the reference figures, and the published sources."""

    def pick(zh: str, en: str) -> str:
        return Text(zh, en).to(locale)

    rows = []
    for vintage in sorted(book.vintages.values(), key=lambda one: -one.period):
        told = pick(
            f"基准发布，{vintage.period} 年度，截止 {vintage.cut_off_on}，模型版本 "
            f"{edition_words(vintage.edition).zh}，规则版本 {vintage.rules_version}，SHA-256 "
            f"{vintage.sha256}",
            f"Benchmark release for {vintage.period}, cut off on {vintage.cut_off_on}, edition "
            f"{edition_words(vintage.edition).en}, rules {vintage.rules_version}, SHA-256 {vintage.sha256}",
        )
        rows.append((pick(f"发布 {vintage.period}", f"Release {vintage.period}"), told))
    used = {point.source for item in book.series.values() for point in (*item.points, *item.targets)}
    rows += [(code, text) for code, text in book.sources.items() if code in used]
    rows.append(
        (pick("参考数据", "Reference figures"), pick(f"版本 {book.figures_version}", f"version {book.figures_version}"))
    )
    return tuple(rows)

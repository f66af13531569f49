"""What every chapter is written with: tokens of figures, sentences in the report's language, charts and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.yearly.book import Book, Figure, Indicator
from maturity.yearly.language import Namer, Side, listed, side
from maturity.yearly.paper import Block, Section
from maturity.yearly.scope import ALL, Scope
from maturity.yearly.tokens import FigureRef, code_of

#: How many rows a sentence names at most.
NAMED = 3
Keys = Sequence[CellKey]


@dataclass(frozen=True)
class Draft:
    book: Book
    scope: Scope
    locale: str

    @cached_property
    def names(self) -> Namer:
        return Namer(self.locale, dict(self.book.parks))

    @property
    def is_chinese(self) -> bool:
        return self.locale.startswith("zh")

    def say(self, zh: str, en: str) -> str:
        return zh if self.is_chinese else en

    # indicators

    def of_kind(self, *kinds: str) -> list[Indicator]:
        return [item for item in self.book.indicators.values() if item.kind in kinds]

    @property
    def dimensions(self) -> list[Indicator]:
        return [item for item in self.of_kind("score") if item.id not in ("capability", "outcome")]

    def title(self, name: str) -> str:
        return self.book.indicators[name].title.to(self.locale)

    def quoted(self, name: str) -> str:
        return self.say(f"“{self.title(name)}”", f"“{self.title(name)}”")

    def statistic(self, name: str) -> str:
        """A criterion is published as a share, everything else by its median."""
        return "share" if self.book.indicators[name].kind == "criterion" else "median"

    # figures

    def token(self, name: str, key: CellKey, statistic: str = "", period: int = 0) -> str:
        own = period if period != self.book.period else 0
        return "{{" + str(FigureRef(name, statistic or self.statistic(name), key, own)) + "}}"

    def figure(self, name: str, key: CellKey, statistic: str = "", period: int = 0) -> Figure | None:
        return self.book.figure(FigureRef(name, statistic or self.statistic(name), key, period))

    def year(self, period: int) -> str:
        return f"{{{{={period}}}}}"

    def definition(self, name: str) -> str:
        return f"{{{{def:{name}}}}}"

    def known(self, keys: Iterable[CellKey], name: str, statistic: str = "") -> list[CellKey]:
        return [key for key in keys if self.figure(name, key, statistic) is not None]

    # sentences

    def where(self, key: CellKey) -> str:
        """The cell in the middle of a sentence."""
        named = self.names.cell(key)
        if self.is_chinese:
            return named
        if key == ALL:
            return "all enterprises"
        return named if key.region else named[:1].lower() + named[1:]

    def level_of(self, name: str, key: CellKey) -> str:
        """“X 的中位数为 N” or “X 为 N”, without the end of the sentence."""
        if self.statistic(name) == "share":
            return self.say(
                f"{self.where(key)}{self.title(name)}为 {self.token(name, key)}",
                f"“{self.title(name)}” stands at {self.token(name, key)} for {self.where(key)}",
            )
        return self.say(
            f"{self.where(key)}{self.title(name)}的中位数为 {self.token(name, key)}",
            f"the median of “{self.title(name)}” is {self.token(name, key)} for {self.where(key)}",
        )

    def compared(self, name: str, key: CellKey, other: CellKey, period: int = 0) -> str:
        """A sentence on one cell beside another; what is withheld is said to be not published."""
        own, theirs = self.figure(name, key), self.figure(name, other)
        if own is None:
            return self.not_published(name, key)
        if theirs is None:
            return self.sentence(self.level_of(name, key))
        token = self.token(name, other)
        tail = {
            Side.HIGHER: self.say(
                f"高于{self.where(other)}的 {token}", f"higher than the {token} of {self.where(other)}"
            ),
            Side.LOWER: self.say(
                f"低于{self.where(other)}的 {token}", f"lower than the {token} of {self.where(other)}"
            ),
            Side.SAME: self.say(
                f"与{self.where(other)}的 {token} 相当",
                f"about the same as the {token} of {self.where(other)}",
            ),
        }[side(own, theirs)]
        return self.sentence(self.level_of(name, key) + self.say("，", ", ") + tail)

    def changed(self, name: str, key: CellKey, before: int, after: int) -> str:
        """A sentence on one cell in two periods, or nothing where one of them is withheld."""
        first, last = self.figure(name, key, period=before), self.figure(name, key, period=after)
        if first is None or last is None:
            return ""
        one, two = self.token(name, key, period=before), self.token(name, key, period=after)
        median = self.say("的中位数", "the median of ") if self.statistic(name) == "median" else ""
        words = {
            Side.HIGHER: self.say("提高到", "rose to"),
            Side.LOWER: self.say("降到", "fell to"),
            Side.SAME: self.say("变动未超出取整范围，为", "did not change beyond what rounding hides; it is"),
        }[side(last, first)]
        return self.sentence(
            self.say(
                f"{self.title(name)}{median}由 {self.year(before)} 年的 {one}，到 {self.year(after)} 年{words} {two}",
                f"{median}“{self.title(name)}”, {one} in {self.year(before)}, {words} {two} in {self.year(after)}",
            )
        )

    def not_published(self, name: str, key: CellKey) -> str:
        return self.sentence(
            self.say(
                f"{self.where(key)}的{self.title(name)}未达到发布条件，不予发布",
                f"“{self.title(name)}” is not published for {self.where(key)}, where the rules withhold it",
            )
        )

    def sentence(self, text: str) -> str:
        ended = text if text.endswith(("。", ".", "；")) else text + self.say("。", ".")
        return ended if self.is_chinese else ended[:1].upper() + ended[1:]

    def joined(self, sentences: Iterable[str]) -> str:
        return self.say("", " ").join(sentence for sentence in sentences if sentence)

    def extremes(self, name: str, keys: Keys, name_of: Callable[[CellKey], str], statistic: str = "") -> str:
        """Who is among the highest and the lowest, named only where the two ends differ beyond rounding."""
        found = [(key, figure) for key in keys if (figure := self.figure(name, key, statistic)) is not None]
        if len(found) < 2:
            return ""
        ordered = sorted(found, key=lambda pair: (-pair[1].value, code_of(pair[0])))
        top, bottom = ordered[0][1], ordered[-1][1]
        median = "" if self.statistic(name) == "share" else self.say("的中位数", "the median of ")
        what = self.say(f"{self.title(name)}{median}", f"{median}“{self.title(name)}”")
        if side(top, bottom) is Side.SAME:
            return self.sentence(
                self.say(
                    f"{what}在已发布的各项之间差异未超出取整范围",
                    f"{what} does not differ between those published beyond what rounding hides",
                )
            )
        count = min(NAMED, len(ordered) // 2)
        high, low = (
            listed([self._with_figure(name_of(key), name, key, statistic) for key, _figure in part], self.locale)
            for part in (ordered[:count], ordered[-count:][::-1])
        )
        return self.sentence(
            self.say(
                f"{what}居前的是{high}，居后的是{low}",
                f"{what} is among the highest in {high}, among the lowest in {low}",
            )
        )

    def _with_figure(self, label: str, name: str, key: CellKey, statistic: str) -> str:
        token = self.token(name, key, statistic)
        return self.say(f"{label}（{token}）", f"{label} ({token})")

    def withheld_of(self, keys: Keys, name: str, statistic: str = "") -> str:
        """How it is told that some parts are not published."""
        missing = [key for key in keys if self.figure(name, key, statistic) is None]
        if not missing:
            return ""
        told = listed([self.part(key) for key in missing], self.locale)
        return self.sentence(self.say(f"{told}未达到发布条件，不予发布", f"not published, by the rules: {told}"))

    def part(self, key: CellKey) -> str:
        """A part of the scope by what sets it apart."""
        if key.size:
            return self.names.size(key.size)
        own = key.region if key.region and key.region != self.scope.focus.region else ""
        return self.names.region(own) if own else self.names.industry(key.industry)

    # blocks

    def paragraph(self, *sentences: str) -> Block:
        return Block("paragraph", self.joined(sentences))

    def finding(self, *sentences: str) -> Block:
        return Block("finding", self.joined(sentences))

    def heading(self, zh: str, en: str) -> Block:
        return Block("heading", self.say(zh, en))

    def note(self, zh: str, en: str) -> Block:
        return Block("note", self.say(zh, en))

    def bullets(self, lines: Iterable[str]) -> Block:
        return Block("list", "\n".join(line for line in lines if line))

    def section(
        self, name: str, zh: str, en: str, blocks: Iterable[Block | None], *, is_annex: bool = False
    ) -> Section:
        kept = tuple(
            block
            for block in blocks
            if block is not None and (block.text or block.spec or block.kind in ("evidence", "cells", "sources"))
        )
        return Section(name, self.say(zh, en), kept, is_annex=is_annex)

    def boxes(self, caption: str, rows: Sequence[tuple[str, str, CellKey]], marks: Sequence[str] = ()) -> Block | None:
        """Quartile boxes; `rows` are label, metric and cell. None where not one of them is published."""
        if not any(self.figure(name, key, "median") for _label, name, key in rows):
            return None
        if not marks:
            rows = [row for row in rows if self.figure(row[1], row[2], "median")]
        tokens = [
            self.bare(name, key, stat) for _label, name, key in rows for stat in ("p10", "q1", "median", "q3", "p90")
        ]
        spec = {"form": "boxes", "rows": [[label, name, code_of(key)] for label, name, key in rows], "tokens": tokens}
        return Block("chart", caption, spec | ({"marks": list(marks)} if marks else {}))

    def bars(self, caption: str, rows: Sequence[tuple[str, str, CellKey, CellKey | None]]) -> Block | None:
        """A bar a row, with a mark for what it is compared with."""
        if not any(self.figure(name, key) for _label, name, key, _other in rows):
            return None
        shown = [
            [label, self.bare(name, key), self.bare(name, other) if other is not None else ""]
            for label, name, key, other in rows
            if self.figure(name, key)
        ]
        tokens = [token for _label, *both in shown for token in both if token]
        return Block("chart", caption, {"form": "bars", "rows": shown, "tokens": tokens})

    def stacked(self, caption: str, rows: Sequence[tuple[str, CellKey]]) -> Block | None:
        if not any((cell := self.book.cell(key)) and cell.levels for _label, key in rows):
            return None
        rows = [(label, key) for label, key in rows if (cell := self.book.cell(key)) and cell.levels]
        cells = [(key, cell) for _label, key in rows if (cell := self.book.cell(key)) is not None]
        tokens = [
            self.bare("levels", key, "-".join(str(level) for level in levels))
            for key, cell in cells
            for levels, _share in cell.levels
        ]
        return Block(
            "chart",
            caption,
            {"form": "levels", "rows": [[label, code_of(key)] for label, key in rows], "tokens": tokens},
        )

    def trend(self, caption: str, lines: Sequence[tuple[str, str, CellKey]]) -> Block | None:
        periods = self.book.periods
        shown = [
            [
                label,
                [self.bare(name, key, period=period) for period in periods if self.figure(name, key, period=period)],
            ]
            for label, name, key in lines
        ]
        shown = [line for line in shown if len(line[1]) > 1]
        if not shown:
            return None
        return Block("chart", caption, {"form": "trend", "rows": shown, "tokens": [t for _l, ts in shown for t in ts]})

    def tiles(self, caption: str, name: str, keys: Keys) -> Block | None:
        if len(self.known(keys, name)) < 5:
            return None
        shown = [[key.region, self.bare(name, key)] for key in keys]
        return Block("chart", caption, {"form": "tiles", "rows": shown, "tokens": [token for _code, token in shown]})

    def bare(self, name: str, key: CellKey, statistic: str = "", period: int = 0) -> str:
        return self.token(name, key, statistic, period)[2:-2]

    def table(
        self, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, wide: bool = False, note: str = ""
    ) -> Block | None:
        """A table whose cells are texts with tokens; the first column are labels."""
        if not rows:
            return None
        spec = {"head": list(head), "rows": [list(row) for row in rows], "wide": wide, "note": note}
        return Block("table", caption, spec)

    def quartile_table(self, caption: str, name: str, keys: Keys, name_of: Callable[[CellKey], str]) -> Block | None:
        rows = [
            [
                name_of(key),
                *(self.token(name, key, stat) for stat in ("q1", "median", "q3")),
                self.token("cell", key, "contributors"),
            ]
            for key in keys
            if self.book.cell(key) is not None
        ]
        head = (
            self.say("单元", "Cell"),
            self.say("下四分位数", "Lower quartile"),
            self.say("中位数", "Median"),
            self.say("上四分位数", "Upper quartile"),
            self.say(CONTRIBUTORS.zh, CONTRIBUTORS.en),
        )
        return self.table(caption, head, rows)

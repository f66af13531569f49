"""What a page of the dashboard is made from, and what comes out: a chart, its links, and words on what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.queries import Cell
from maturity.benchmarks.words import ONCE
from maturity.dashboard.asked import Asked
from maturity.dashboard.charts import Board
from maturity.dashboard.desk import Desk
from maturity.dashboard.indicators import Indicator, Value, value_of
from maturity.dashboard.words import population_words, short_population
from maturity.questionnaires.model import Text

DASH = "—"
SYNTHETIC = Text("合成演示数据，非真实企业", "Synthetic demonstration data, no real enterprises")


@dataclass(frozen=True, slots=True)
class Scene:
    """What was asked, over what, in which language; `levels` are the framework's.

    `what` is the figure that the page is about: an indicator, `levels`, or any where it is empty.

    `jurisdiction` is where the reader has a say, '' for the whole country; `home` the province whose cities are shown
    where none is asked for.
    """

    desk: Desk
    asked: Asked
    release: BenchmarkRelease
    indicators: Mapping[str, Indicator]
    levels: Mapping[int, Text]
    locale: str
    home: str = ""
    jurisdiction: str = ""
    what: str = ""

    def has(self, key: CellKey) -> bool:
        """Whether there is anything to show of the cell."""
        return self.desk.has(self.release, key, self.what)

    def say(self, zh: str, en: str) -> str:
        return zh if self.locale.startswith("zh") else en

    def words(self, text: Text) -> str:
        return text.to(self.locale)

    @property
    def home_or_nation(self) -> str:
        """The reader's own region, where it is published at all."""
        own = CellKey("", self.jurisdiction, "")
        return self.jurisdiction if self.desk.has(self.release, own) else ""

    @property
    def indicator(self) -> Indicator:
        return self.indicators[self.asked.indicator]

    def value(self, cell: Cell | None, release: BenchmarkRelease | None = None) -> Value | None:
        return value_of(self.indicator, cell, self.desk.rules(release or self.release))

    def mark(self, *releases: BenchmarkRelease) -> str:
        """Said on every chart that shows figures of no real enterprises."""
        shown = releases or (self.release,)
        return self.words(SYNTHETIC) if any(release.is_synthetic for release in shown) else ""

    def source(self, key: CellKey, cell: Cell | None, *releases: BenchmarkRelease) -> str:
        """Whom the figures are about, how many, as of when, and out of which release."""
        shown = releases or (self.release,)
        years = [release.period for release in shown]
        period = self.say(f"{span(years)} 年", span(years))
        parts = [self.words(population_words(key)), period]
        if cell is not None:
            parts.append(
                self.say(
                    f"约 {cell.contributors} 家企业（{ONCE.zh}）", f"about {cell.contributors} enterprises ({ONCE.en})"
                )
            )
            if cell.reviewed is not None:
                parts.append(self.say(f"其中约 {cell.reviewed}% 经审核", f"about {cell.reviewed} % of them reviewed"))
        codes = self.say("、", ", ").join(short_hash(release) for release in shown)
        parts.append(self.say(f"来源：基准发布 {codes}", f"source: benchmark release {codes}"))
        return self.say("；", "; ").join(parts)

    def amount(self, value: int) -> str:
        return f"{value}{self.say('%', ' %')}" if self.indicator.unit else str(value)

    def names(self, names: Sequence[str], most: int = 3) -> str:
        """A few names, and how many more there are."""
        shown = self.say("、", ", ").join(names[:most])
        if len(names) <= most:
            return shown
        return self.say(f"{shown}等 {len(names)} 个", f"{shown} and {len(names) - most} more")

    def population(self, key: CellKey) -> str:
        """As it stands at the beginning of a title or by itself."""
        words = self.within(key)
        return words[:1].upper() + words[1:]

    def within(self, key: CellKey) -> str:
        """As it stands within a sentence."""
        return self.words(short_population(key))


@dataclass(frozen=True, slots=True)
class Shown:
    """A page's answer. Without a chart nothing is published that would answer; `links` lead from rows of the table."""

    chart: Board | None
    links: tuple[tuple[str, Asked] | None, ...] = ()
    messages: tuple[str, ...] = field(default=())


def short_hash(release: BenchmarkRelease) -> str:
    return str(release.sha256)[:12].upper()


def span(years: Sequence[int]) -> str:
    """
    >>> span([2025]), span([2025, 2023])
    ('2025', '2023–2025')
    """
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}–{last}"

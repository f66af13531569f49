"""Into what a population is broken down, what it is set against, and the ranks that follow."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, SECTOR, SIZES, place_groups, sector_of, sectors
from maturity.benchmarks.words import industry_words, size_words
from maturity.dashboard.asked import INDUSTRY_BREAKDOWNS, Asked
from maturity.dashboard.indicators import Value
from maturity.dashboard.words import place_words
from maturity.questionnaires.model import Text
from maturity.reference.regions import MACRO_REGIONS, children, macro_region_of, province_of, provinces, regions

BREAKDOWN_WORDS = {
    "sector": Text("大类行业", "sector"),
    "division": Text("行业", "industry"),
    "macro": Text("区域", "macro-region"),
    "province": Text("省份", "province"),
    "city": Text("城市", "city"),
    "group": Text("城市群", "group of places"),
    "size": Text("规模", "size"),
}
PLURALS = {
    "sector": "sectors",
    "division": "industries",
    "macro": "macro-regions",
    "province": "provinces",
    "city": "cities",
    "group": "groups of places",
    "size": "sizes",
}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The parts, the whole they are parts of, and the part that the reader is in, if any."""

    by: str
    parts: tuple[CellKey, ...]
    whole: CellKey
    own: CellKey | None

    def label(self, key: CellKey) -> Text:
        if self.by in INDUSTRY_BREAKDOWNS:
            return industry_words(key.industry)
        words = size_words(key.size) if self.by == "size" else place_words(key.region)
        return Text(words.zh, words.en[:1].upper() + words.en[1:])

    @property
    def wanted(self) -> tuple[CellKey, ...]:
        return (*self.parts, self.whole)


def broken_down(asked: Asked, by: str, home: str) -> Breakdown:
    """`home` is the province whose cities are shown where none is asked for.

    >>> found = broken_down(Asked(industry="34"), "division", "")
    >>> found.whole.industry, found.own.industry, [part.industry for part in found.parts][:2]
    ('s:equipment', '34', ['33', '34'])
    """
    if by in INDUSTRY_BREAKDOWNS:
        return _by_industry(asked, by)
    if by == "size":
        parts = tuple(CellKey(asked.industry, asked.region, size) for size in SIZES)
        own = asked.key if asked.size else None
        return Breakdown(by, parts, CellKey(asked.industry, asked.region, ""), own)
    return _by_region(asked, by, home)


def _by_industry(asked: Asked, by: str) -> Breakdown:
    within = (
        asked.industry if asked.industry.startswith(SECTOR) else sector_of(asked.industry) if asked.industry else ""
    )
    if by == "sector":
        codes, own, whole = [SECTOR + name for name in sectors()], within, ""
    elif within:
        codes, whole = list(sectors()[within.removeprefix(SECTOR)].divisions), within
        own = "" if asked.industry == within else asked.industry
    else:
        codes = sorted(division for sector in sectors().values() for division in sector.divisions)
        own, whole = "", ""
    return Breakdown(
        by,
        tuple(CellKey(code, asked.region, asked.size) for code in codes),
        CellKey(whole, asked.region, asked.size),
        CellKey(own, asked.region, asked.size) if own else None,
    )


def _by_region(asked: Asked, by: str, home: str) -> Breakdown:
    industry, size, own, whole = asked.industry, asked.size, "", ""
    known = asked.region in regions()
    if by == "macro":
        codes = list(MACRO_REGIONS)
        own = macro_region_of(asked.region) if known else asked.region if asked.region in MACRO_REGIONS else ""
    elif by == "province":
        whole = asked.region if asked.region in MACRO_REGIONS else ""
        codes = [place.code for place in provinces() if whole in ("", place.macro)]
        own = province_of(asked.region).code if known else ""
    elif by == "group":
        industry = size = ""
        codes = [GROUP + name for name in place_groups()]
        own = asked.region if asked.region.startswith(GROUP) else ""
    else:  # cities, which are published over all industries and sizes alone
        industry = size = ""
        whole = asked.province or home
        codes = [place.code for place in children(whole)]
        own = asked.region if known and asked.region != whole else ""
    return Breakdown(
        by,
        tuple(CellKey(industry, code, size) for code in codes),
        CellKey(industry, whole, size),
        CellKey(industry, own, size) if own else None,
    )


@dataclass(frozen=True, slots=True)
class Rank:
    """The best and the worst place that rounding leaves open."""

    best: int
    worst: int

    @property
    def text(self) -> str:
        """
        >>> Rank(3, 3).text, Rank(3, 5).text
        ('3', '3–5')
        """
        return str(self.best) if self.best == self.worst else f"{self.best}–{self.worst}"


def ranks(values: Sequence[Value]) -> list[Rank]:
    """Places from the highest; values that rounding does not tell apart share theirs.

    >>> [rank.text for rank in ranks([Value(60, 1), Value(51, 2), Value(50, 1), Value(40, 1)])]
    ['1', '2–3', '2–3', '4']
    """
    by_step: dict[int, list[int]] = {}
    for value in sorted(values, key=lambda value: value.value):
        by_step.setdefault(value.step, []).append(value.value)
    return [_rank(value, by_step) for value in values]


def _rank(value: Value, by_step: Mapping[int, list[int]]) -> Rank:
    """By the values of each step in order, so that hundreds of cities are not all compared with each other."""
    above = below = 0
    for step, others in by_step.items():
        apart = max(step, value.step, 1)
        above += len(others) - bisect_left(others, value.value + apart)
        below += bisect_right(others, value.value - apart)
    return Rank(1 + above, sum(map(len, by_step.values())) - below)


def leaders(values: Sequence[Value]) -> list[int]:
    """Positions of the highest value and of those that rounding does not tell from it."""
    top = max(values, key=lambda value: value.value)
    return [position for position, value in enumerate(values) if value.is_same(top)]


def published_of(parts: Iterable[CellKey], keys: frozenset[CellKey]) -> tuple[CellKey, ...]:
    return tuple(part for part in parts if part in keys)

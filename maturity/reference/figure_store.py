"""The store of published figures: each as it was printed and as it is read, with all that belongs beside it."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from maturity.content import read_yaml
from maturity.questionnaires.model import Text
from maturity.reference.regions import MACRO_REGIONS, counties, regions

FOLDER = Path(__file__).parent / "data" / "figures"
#: In the order in which figures are listed.
FILES = ("national", "surveys", "smart", "sme", "ccid", "shandong", "local", "precedents", "international")
#: Provenance that may be shown, and the words to show it with; the tags of memory, M and M?, are not among them.
STANDINGS: Mapping[str, Text] = {
    "Q": Text("引用", "quoted"),
    "QD": Text("由引用数据推算", "derived from quoted figures"),
    "Q2": Text("转引", "quoted at second hand"),
}
VERIFIED = tuple(STANDINGS)
MEMORY = ("M", "M?")
KINDS: Mapping[str, Text] = {
    "actual": Text("实际值", "Actual"),
    "target": Text("目标", "Target"),
    "estimate": Text("估计", "Estimate"),
    "rule": Text("规则", "Rule"),
}
#: `""` is a plain value. The last three have no number: they say something in words.
COMPARATORS: Mapping[str, Text] = {
    "": Text("", ""),
    "reach": Text("达到", "to reach"),
    "above": Text("超过", "above"),
    "at_least": Text("不低于", "at least"),
    "at_most": Text("不高于", "at most"),
    "below": Text("低于", "below"),
    "about": Text("约", "about"),
    "nearly": Text("近", "nearly"),
    "common": Text("普遍", "commonly"),
    "basically": Text("基本", "basically"),
    "qualitative": Text("定性", "in words"),
}
IN_WORDS = ("common", "basically", "qualitative")
SIGNS: Mapping[str, str] = {"above": ">", "at_least": "≥", "at_most": "≤", "below": "<", "about": "≈", "nearly": "≲"}
#: A value that a line may pass through; an open-ended one is a bound and no point.
EXACT = ("", "reach")
#: How much was taken down of the source.
KEPT: Mapping[str, Text] = {
    "quote": Text("原文（去掉空格）", "The source, word for word, without blanks"),
    "notes": Text("我们的笔记（原句未留存）", "Our notes (the sentence of the source was not kept)"),
}
NATION = ""


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    title: Text
    kept: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a figure measures. `definition` and `population` are given for a national series."""

    id: str
    topic: str
    title: Text
    unit: str
    measure: str
    is_series: bool = False
    definition: Text | None = None
    population: Text | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one source.

    `printed` stands in the quote word for word; `value` is how we read it, None where only words were printed, which
    `reading` puts in both languages; `upper` is the other end of a range. `decimal` says why a decimal point was put
    back. `held_back` says why a quoted value is not certain enough to be shown. `is_apart` keeps it out of the line of
    its series.
    """

    id: str
    indicator: str
    printed: str
    value: Decimal | None
    upper: Decimal | None
    reading: Text | None
    comparator: str
    unit: str
    population: str
    region: str
    period: str
    when: Text | None
    kind: str
    source: str
    line: int | None
    quote: str
    kept: str
    provenance: str
    decimal: Text | None
    held_back: Text | None
    note: Text | None
    is_apart: bool

    @property
    def is_verified(self) -> bool:
        """Whether it may be shown as fact."""
        return self.provenance in VERIFIED and self.held_back is None

    @property
    def is_from_memory(self) -> bool:
        return self.provenance in MEMORY

    @property
    def is_decimal_restored(self) -> bool:
        return self.decimal is not None

    @property
    def is_point(self) -> bool:
        """Whether a line may pass through it: an exact, checked result in its place in the series."""
        return (
            self.is_verified
            and not self.is_apart
            and self.kind == "actual"
            and self.comparator in EXACT
            and self.value is not None
            and self.upper is None
            and self.period != ""
        )

    @property
    def year(self) -> str:
        return self.period[:4]

    @property
    def ends_on(self) -> date:
        """The last day of the period; the last of all days where none is given."""
        return end_of(self.period) if self.period else date.max


def end_of(period: str) -> date:
    """
    >>> end_of("2025-03"), end_of("2024")
    (datetime.date(2025, 3, 31), datetime.date(2024, 12, 31))
    """
    year, _, month = period.partition("-")
    last = int(month or 12)
    return date(int(year), last, calendar.monthrange(int(year), last)[1])


@cache
def _read(name: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = read_yaml(FOLDER / f"{name}.yaml", f"figures/{name}.yaml")
    return loaded


@cache
def version() -> str:
    """Identifies this state of the figures; reports carry it.

    >>> len(version())
    12
    """
    digest = sha256()
    for name in ("words", "sources", *FILES):
        digest.update((FOLDER / f"{name}.yaml").read_bytes())
    return digest.hexdigest()[:12]


def _words(section: str) -> Mapping[str, Text]:
    return {key: _both(text) for key, text in _read("words")[section].items()}


@cache
def populations() -> Mapping[str, Text]:
    return _words("populations")


@cache
def units() -> Mapping[str, Text]:
    return _words("units")


@cache
def topics() -> Mapping[str, Text]:
    return _words("topics")


@cache
def _places() -> Mapping[str, Text]:
    macro = {code: Text(f"{zh}地区", en) for code, (zh, en) in MACRO_REGIONS.items()}
    return {NATION: Text("全国", "China"), **macro, **_words("places")}


@cache
def place(code: str) -> Text:
    """The name of a region: the nation, a macro-region, a division of China, or a place abroad.

    >>> place("").en, place("370000").zh, place("330200").en, place("EU").zh
    ('China', '山东', 'Ningbo', '欧盟')
    """
    if code in _places():
        return _places()[code]
    found = regions().get(code) or counties()[code]
    return Text(found.zh, found.en or found.zh)


@cache
def source_list() -> Mapping[str, Source]:
    return {
        key: Source(key, Text(row["zh"], row.get("en", row["zh"])), row["kept"])
        for key, row in _read("sources")["sources"].items()
    }


@cache
def indicators() -> Mapping[str, Indicator]:
    """By id, in the order of the files."""
    rows = [_indicator(row) for name in FILES for row in _read(name)["indicators"]]
    found = {row.id: row for row in rows}
    if len(found) < len(rows):
        raise ValueError("An indicator is defined twice.")
    return found


@cache
def every_figure() -> Mapping[str, Figure]:
    """By id, those that are not shown among them."""
    rows = [
        _figure({**group.get("defaults", {}), **row})
        for name in FILES
        for group in _read(name)["groups"]
        for row in group["figures"]
    ]
    found = {row.id: row for row in rows}
    if len(found) < len(rows):
        raise ValueError("A figure is listed twice.")
    return found


def _text(row: Mapping[str, Any], name: str) -> Text | None:
    return _both(row[name]) if name in row else None


def _both(data: Mapping[str, str]) -> Text:
    """A text in exactly two languages; an unquoted comma in YAML would otherwise cut it short in silence."""
    if set(data) != {"zh", "en"}:
        raise ValueError(f"Not a text in both languages: {data}")
    return Text.of(data)


def _indicator(row: Mapping[str, Any]) -> Indicator:
    _only(row, {field.name for field in fields(Indicator)})
    return Indicator(
        row["id"],
        row["topic"],
        _both(row["title"]),
        row["unit"],
        row["measure"],
        row.get("is_series", False),
        _text(row, "definition"),
        _text(row, "population"),
    )


def _figure(row: Mapping[str, Any]) -> Figure:
    _only(row, {field.name for field in fields(Figure)})
    return Figure(
        id=row["id"],
        indicator=row["indicator"],
        printed=row["printed"],
        value=_decimal(row, "value"),
        upper=_decimal(row, "upper"),
        reading=_text(row, "reading"),
        comparator=row.get("comparator", ""),
        unit=row.get("unit", indicators()[row["indicator"]].unit),
        population=row["population"],
        region=row["region"],
        period=str(row["period"]),
        when=_text(row, "when"),
        kind=row["kind"],
        source=row["source"],
        line=row.get("line"),
        quote=row["quote"],
        kept=row.get("kept", source_list()[row["source"]].kept),
        provenance=row["provenance"],
        decimal=_text(row, "decimal"),
        held_back=_text(row, "held_back"),
        note=_text(row, "note"),
        is_apart=row.get("is_apart", False),
    )


def _decimal(row: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(row[name]) if name in row else None


def _only(row: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(row) - known):
        raise ValueError(f"{row.get('id')}: no such field as {', '.join(unknown)}")

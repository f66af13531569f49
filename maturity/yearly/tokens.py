"""The text of a report: words, and figures as references to what is published; and the check that it holds no other.

A reference stands in double braces and is resolved when the report is shown:

- `{{cnc_rate.median@34}}`: a statistic of a cell, `all` or its industry, region and size with commas, and, where it is
  not that of the report's release, the period after `#`;
- `{{ref:cnc_rate@2023}}` and `{{target:cnc_rate@2025}}`: a published reference figure and a target;
- `{{rule:least_groups}}`: a parameter of disclosure control; `{{gate:gate_3_g}}`: a gate of the framework;
- `{{below:gate_3_g@34}}`: how many of a cell are below a gate, in words, as far as its quantiles tell;
- `{{def:cnc_rate}}`, `{{pub:cnc_rate}}`, `{{why:least_groups}}`, `{{basis:key}}`, `{{src:S11}}`: a definition, that of
  a published series, the reason of a parameter, the basis of published figures, the mark of a source;
- `{{=2025}}`: editorial: a year, an edition, a date, or the number of a clause or standard. Nothing else may be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, PARK, SECTOR, SIZES
from maturity.reference.regions import MACRO_REGIONS

TOKEN = re.compile(r"\{\{([^{}]*)\}\}")
_FIGURE = re.compile(r"([a-zA-Z][a-zA-Z0-9_]*)\.([a-z0-9-]+)@([a-z0-9:,_-]+)(?:#(\d{4}))?")
_PUBLISHED = re.compile(r"(ref|target):([a-z0-9_]+)@(\d{4}(?:-\d{2})?)")
_NAMED = re.compile(r"(rule|why|gate|def|pub|src|basis):([A-Za-z0-9_]+)")
_BELOW = re.compile(r"below:([a-z0-9_]+)@([a-z0-9:,_-]+)")
_YEAR = r"(?:19|20)\d{2}"
#: What may stand as editorial: years and spans, editions, dates, standards, clauses and articles, rules of the method.
_EDITORIAL = re.compile(
    rf"{_YEAR}(?:[–-]{_YEAR})?|{_YEAR}\.\d{{1,2}}|{_YEAR}-\d{{2}}(?:-\d{{2}})?|{_YEAR}年\d{{1,2}}月(?:\d{{1,2}}日)?"
    r"|(?:GB|GB/T|ISO|IEC|ISO/IEC|ITU-T|SJ/T)[  ][A-Z]?[.\d]+(?:[-—:]\d{4})?"
    r"|第\s?\d{1,3}(?:\.\d{1,2})*\s?[条章节款]|(?:clause|article|section|chapter) \d{1,3}(?:\.\d{1,2})*|R\d{1,2}b?"
    r"|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
)
#: Figures in words, which would slip past a look for digits.
_IN_WORDS = re.compile(
    r"[百千]分之[〇零一二两三四五六七八九十百半]|[二三四五六七八九十]分之[一二三四五六七八九]"
    r"|[一二两三四五六七八九十]成(?:[以多左的企五半，。、）]|$)|[两三四五六七八九十百数]倍|翻番|翻一番|过半|半数|一半|大半"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"half a|a|hundred)[ -](?:per ?cent|percent|percentage points?|fold)\b|\b(?:doubled|tripled|halved)\b"
    r"|\b(?:half|halves|thirds?|quarters?|fifths?|tenths?) of\b",
    re.IGNORECASE,
)
#: What makes a number a quantity, whatever it was declared to be.
_QUANTITY = re.compile(
    r"\s*(?:%|％|‰|个?百分点|分(?![别为成布])|家|户|倍|万|亿|per ?cent|points?\b|enterprises\b|times\b)", re.IGNORECASE
)
LONGEST = 6000


@dataclass(frozen=True, slots=True)
class FigureRef:
    """A statistic of a released cell; `period` is 0 for that of the report's own release."""

    name: str
    statistic: str
    key: CellKey
    period: int = 0

    def __str__(self) -> str:
        period = f"#{self.period}" if self.period else ""
        return f"{self.name}.{self.statistic}@{code_of(self.key)}{period}"


@dataclass(frozen=True, slots=True)
class PublishedRef:
    """A reference figure, or a target, by series and period."""

    kind: Literal["ref", "target"]
    series: str
    period: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.series}@{self.period}"


NamedKind = Literal["rule", "why", "gate", "def", "pub", "src", "basis"]


@dataclass(frozen=True, slots=True)
class NamedRef:
    """A parameter of disclosure control, a gate, a definition, that of a published series, or a source."""

    kind: NamedKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class BelowRef:
    """How many of a cell's enterprises are below a gate."""

    gate: str
    key: CellKey

    def __str__(self) -> str:
        return f"below:{self.gate}@{code_of(self.key)}"


@dataclass(frozen=True, slots=True)
class Editorial:
    text: str

    def __str__(self) -> str:
        return f"={self.text}"


Reference = FigureRef | PublishedRef | NamedRef | BelowRef
Piece = str | Reference | Editorial


class Unreadable(ValueError):
    """What stands in braces is no reference."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text may not stand in a report: the code of the fault, and the piece it is about."""

    code: str
    piece: str


def code_of(key: CellKey) -> str:
    """
    >>> code_of(CellKey("34", "370000", "")), code_of(CellKey("", "", "")), code_of(CellKey("", "", "large"))
    ('34,370000', 'all', 'large')
    """
    return ",".join(part for part in (key.industry, key.region, key.size) if part) or "all"


def key_of_code(code: str) -> CellKey:
    """The parts say themselves what they are; `Unreadable` for one that is nothing, or twice the same.

    >>> key_of_code("s:equipment,east,small")
    CellKey(industry='s:equipment', region='east', size='small')
    """
    found = {"industry": "", "region": "", "size": ""}
    for part in () if code == "all" else code.split(","):
        kind = _kind_of(part)
        if not kind or found[kind]:
            raise Unreadable(code)
        found[kind] = part
    return CellKey(**found)


def _kind_of(part: str) -> str:
    if part in SIZES:
        return "size"
    if part.startswith(SECTOR) or re.fullmatch(r"\d{2}", part):
        return "industry"
    is_region = part in MACRO_REGIONS or part.startswith((GROUP, PARK)) or re.fullmatch(r"\d{6}", part)
    return "region" if is_region else ""


def read_token(body: str) -> Reference | Editorial:
    """What stands between the braces; `Unreadable` where it is none of them.

    >>> read_token("cnc_rate.median@34#2024").period, str(read_token("levels.3-4@s:equipment"))
    (2024, 'levels.3-4@s:equipment')
    """
    body = body.strip()
    if body.startswith("="):
        if not _EDITORIAL.fullmatch(body[1:].strip()):
            raise Unreadable(body)
        return Editorial(body[1:].strip())
    if found := _FIGURE.fullmatch(body):
        name, statistic, code, period = found.groups()
        return FigureRef(name, statistic, key_of_code(code), int(period or 0))
    if found := _PUBLISHED.fullmatch(body):
        return PublishedRef("ref" if found[1] == "ref" else "target", found[2], found[3])
    if found := _BELOW.fullmatch(body):
        return BelowRef(found[1], key_of_code(found[2]))
    if found := _NAMED.fullmatch(body):
        return NamedRef(cast("NamedKind", found[1]), found[2])
    raise Unreadable(body)


def pieces(text: str) -> Iterator[Piece]:
    """The words and references of a text, in order; `Unreadable` at the first that is none."""
    at = 0
    for found in TOKEN.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        yield read_token(found[1])
        at = found.end()
    if at < len(text):
        yield text[at:]


def references(text: str) -> Iterator[Reference]:
    for piece in pieces(text):
        if not isinstance(piece, str | Editorial):
            yield piece


def faults(text: str) -> list[Fault]:
    """Everything in a text that could pass for a figure and is traced to nothing.

    >>> [fault.code for fault in faults("Of them, 63 % use it.")], faults("In {{=2025}}, {{erp.share@all}} use it.")
    (['figure_untraced'], [])
    >>> [fault.code for text in ("{{=2025}} %", "六成的企业", "{{=63}}") for fault in faults(text)]
    ['figure_untraced', 'figure_in_words', 'token_unreadable']
    """
    found: list[Fault] = []
    for token in TOKEN.finditer(text):
        try:
            piece = read_token(token[1])
        except Unreadable:
            found.append(Fault("token_unreadable", token[0]))
            continue
        if isinstance(piece, Editorial) and _QUANTITY.match(text[token.end() :]):
            found.append(Fault("figure_untraced", token[0]))
    words = TOKEN.sub("\x00", text)
    if "{" in words or "}" in words:
        found.append(Fault("token_unreadable", "{"))
    found += [Fault("figure_untraced", run) for run in _numerals(words)]
    found += [Fault("figure_in_words", match[0]) for match in _IN_WORDS.finditer(words)]
    if len(text) > LONGEST:
        found.append(Fault("text_too_long_here", text[:20]))
    return found


def _numerals(words: str) -> list[str]:
    """Runs of characters that Unicode counts as numbers: digits of any script, circled and Roman ones, fractions."""
    runs: list[str] = []
    before = False
    for character in words:
        is_number = unicodedata.category(character).startswith("N") and character not in "〇"
        if is_number:
            runs[-1:] = [runs[-1] + character] if before else [*runs[-1:], character]
        before = is_number
    return runs


def bare(title: str) -> str:
    """A title without the marks of its years, for lists and logs.

    >>> bare("{{=2025}} report")
    '2025 report'
    """
    return TOKEN.sub(lambda found: found[1].lstrip("="), title)

"""Industries by GB/T 4754-2017: divisions, a few groups, and finding one by what people type."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "industries.yaml"
#: 六大高耗能行业
ENERGY_INTENSIVE = frozenset({"25", "26", "30", "31", "32", "44"})
#: The groups people speak of; ours, on top of the classification.
BIG_GROUPS: Mapping[str, tuple[str, ...]] = {
    "raw_materials": ("25", "26", "28", "29", "30", "31", "32"),
    "equipment": ("33", "34", "35", "36", "37", "38", "40", "43"),
    "consumer": ("13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "27"),
    "electronics": ("39",),
}


@dataclass(frozen=True, slots=True)
class Industry:
    """A division (two digits) or group (three digits)."""

    code: str
    section: str
    zh: str
    en: str
    words: tuple[str, ...]

    @property
    def parent(self) -> str:
        """The division of a group, the section of a division."""
        return self.code[:2] if len(self.code) > 2 else self.section

    def title(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en

    def label(self, locale: str) -> str:
        return f"{self.section}{self.code} {self.title(locale)}"


@dataclass(frozen=True, slots=True)
class Section:
    """A section, named by its letter."""

    code: str
    zh: str
    en: str

    def title(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en


@cache
def _data() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return loaded


@cache
def sections() -> Mapping[str, Section]:
    return {row["code"]: Section(**row) for row in _data()["sections"]}


@cache
def industries() -> Mapping[str, Industry]:
    """Every industry by code, in the order of the classification."""
    return {row["code"]: Industry(**{**row, "words": tuple(row["words"])}) for row in _data()["industries"]}


def industry(code: str) -> Industry | None:
    return industries().get(code)


def division_of(code: str) -> str:
    """
    >>> division_of("342")
    '34'
    """
    return code[:2]


def is_energy_intensive(code: str) -> bool:
    """
    >>> is_energy_intensive("301"), is_energy_intensive("34")
    (True, False)
    """
    return division_of(code) in ENERGY_INTENSIVE


def big_group_of(code: str) -> str | None:
    return next((name for name, codes in BIG_GROUPS.items() if division_of(code) in codes), None)


def search(text: str, limit: int = 8) -> tuple[Industry, ...]:
    """Industries for what was typed: a code with or without its letter, part of a name, or an everyday word.

    When nothing is called that, the everyday words within what was typed decide, longest first.

    >>> [found.code for found in search("数控")][:2], [found.code for found in search("C36")]
    (['34', '342'], ['36'])
    >>> [found.code for found in search("数控机床及零件制造")]
    ['342', '34']
    """
    wanted = unicodedata.normalize("NFKC", text).strip().casefold()
    if not wanted:
        return ()
    letter, code = (wanted[0].upper(), wanted[1:]) if wanted[0].upper() in sections() else ("", wanted)
    if code.isdecimal() or (letter and not code):
        matching = (item for item in industries().values() if item.code.startswith(code))
        return tuple(item for item in matching if letter in ("", item.section))[:limit]
    ranked = [(rank, item) for item in industries().values() if (rank := _rank(item, wanted)) is not None]
    ranked = ranked or [(rank, item) for item in industries().values() if (rank := _rank_within(item, wanted))]
    return tuple(item for _, item in sorted(ranked, key=lambda pair: pair[0]))[:limit]


def _rank(item: Industry, wanted: str) -> int | None:
    words = [word.casefold() for word in item.words]
    if wanted in words:
        return 0
    if item.zh.startswith(wanted) or item.en.casefold().startswith(wanted):
        return 1
    names = [*words, item.zh, item.en.casefold()]
    return 2 if any(wanted in name for name in names) else None


def _rank_within(item: Industry, wanted: str) -> int:
    """Minus the length of the longest everyday word in what was typed, 0 without one; one character is no word."""
    spaced = f" {wanted} "
    words = (word.casefold() for word in item.words if len(word) > 1)
    within = (word for word in words if (f" {word} " if word.isascii() else word) in spaced)
    return -max((len(word) for word in within), default=0)

"""Administrative divisions (GB/T 2260): province and prefecture level, with macro-regions of the NBS."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "regions.tsv"
MACRO_REGIONS: Mapping[str, tuple[str, str]] = {
    "east": ("东部", "East"),
    "central": ("中部", "Centre"),
    "west": ("西部", "West"),
    "northeast": ("东北", "Northeast"),
}


@dataclass(frozen=True, slots=True)
class Region:
    """A division; `parent` is empty for a province."""

    code: str
    parent: str
    zh: str
    en: str
    macro: str
    valid_from: str

    def title(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en


@cache
def regions() -> Mapping[str, Region]:
    with DATA.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: Region(**row) for row in csv.DictReader(lines, delimiter="\t")}


def region(code: str) -> Region | None:
    return regions().get(code)


def province_of(code: str) -> Region:
    """The province of any code below or at it; `KeyError` for an unknown one."""
    return regions()[f"{code[:2]}0000"]


def macro_region_of(code: str) -> str:
    """
    >>> macro_region_of("370100")
    'east'
    """
    return province_of(code).macro


@cache
def provinces() -> tuple[Region, ...]:
    return tuple(item for item in regions().values() if not item.parent)


@cache
def children(code: str) -> tuple[Region, ...]:
    return tuple(item for item in regions().values() if item.parent == code)


def full_name(code: str, locale: str) -> str:
    """
    >>> full_name("370100", "zh_CN"), full_name("370100", "en")
    ('山东 济南市', 'Jinan, Shandong')
    """
    place = regions()[code]
    if not place.parent:
        return place.title(locale)
    names = (province_of(code).title(locale), place.title(locale))
    return " ".join(names) if locale.startswith("zh") else ", ".join(reversed(names))


def search(text: str, limit: int = 8) -> tuple[Region, ...]:
    """Regions whose name, in either language, or code begins with or contains what was typed."""
    wanted = text.strip().lower()
    if not wanted:
        return ()
    found = [
        item for item in regions().values() if wanted in item.zh or wanted in item.en.lower() or wanted == item.code
    ]
    return tuple(
        sorted(found, key=lambda item: not (item.zh.startswith(wanted) or item.en.lower().startswith(wanted)))
    )[:limit]

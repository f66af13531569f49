"""Administrative divisions (GB/T 2260): provinces and what lies directly under them, with macro-regions of the NBS.

A place is a prefecture, a district of a municipality, or a county directly under a province. Counties under a
prefecture are known too, but only to find their prefecture by.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "regions.tsv"
COUNTIES = Path(__file__).parent / "data" / "counties.tsv"
MACRO_REGIONS: Mapping[str, tuple[str, str]] = {
    "east": ("东部", "East"),
    "central": ("中部", "Centre"),
    "west": ("西部", "West"),
    "northeast": ("东北", "Northeast"),
    "other": ("港澳台", "Hong Kong, Macao and Taiwan"),
}
#: What follows the short name of a province in its full one, where it is not 省.
_KINDS: Mapping[str, str] = {
    "11": "市", "12": "市", "31": "市", "50": "市", "15": "自治区", "45": "壮族自治区", "54": "自治区",
    "64": "回族自治区", "65": "维吾尔自治区", "81": "特别行政区", "82": "特别行政区",
}  # fmt: skip
#: Endings people leave out when they type a place.
_ENDINGS = ("市", "区", "县", "盟", "地区", "林区", "新区")


@dataclass(frozen=True, slots=True)
class Region:
    """A division; `parent` is empty for a province, `macro` is given for a province alone.

    `valid_from` is the day for which the source lists the code; codes abolished before it are not known.
    """

    code: str
    parent: str
    zh: str
    en: str
    macro: str
    valid_from: str

    def title(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class County:
    """A county, district or zone; `parent` is its prefecture, `en` is empty for a zone."""

    code: str
    parent: str
    zh: str
    en: str


@cache
def regions() -> Mapping[str, Region]:
    with DATA.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: Region(**row) for row in csv.DictReader(lines, delimiter="\t")}


@cache
def counties() -> Mapping[str, County]:
    """Counties under a prefecture, by code; those directly under a province are regions."""
    with COUNTIES.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: County(**row) for row in csv.DictReader(lines, delimiter="\t")}


def region(code: str) -> Region | None:
    return regions().get(code)


def province_of(code: str) -> Region:
    """The province of any code below or at it; `KeyError` for an unknown one."""
    return regions()[f"{code[:2]}0000"]


def city_of(code: str) -> Region | None:
    """The place a code lies in or is: the prefecture, or what lies directly under a province; None at a province.

    >>> [city_of(code).zh for code in ("320583", "320500", "110105", "659001")]
    ['苏州市', '苏州市', '朝阳区', '石河子市']
    """
    county = counties().get(code)
    found = regions().get(county.parent if county else code)
    return found if found and found.parent else None


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


def official_name(place: Region) -> str:
    """
    >>> official_name(regions()["370000"]), official_name(regions()["450000"]), official_name(regions()["370100"])
    ('山东省', '广西壮族自治区', '济南市')
    """
    return place.zh if place.parent else place.zh + _KINDS.get(place.code[:2], "省")


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
    """Places for what was typed: a code or its beginning, a name or part of one, in full or short, or a county's.

    >>> [found.zh for typed in ("山东省济南市", "xi'an", "昆山", "3702") for found in search(typed)]
    ['济南市', '西安市', '苏州市', '青岛市']
    """
    wanted = _plain(text)
    if wanted.isdecimal():
        return _by_code(wanted)[:limit]
    if "," in text or "，" in text:
        return _by_parts(text)[:limit]
    if not wanted:
        return ()
    return (_printed(text) or _named(wanted, tuple(regions().values())))[:limit]


def _plain(text: str) -> str:
    """As typed or printed, brought to one form: no spaces or apostrophes, and lu for lü and lv.

    >>> _plain("Ｌüliang"), _plain(" Xi’an ")
    ('luliang', 'xian')
    """
    lowered = unicodedata.normalize("NFKC", text).casefold().replace("ü", "u").replace("lv", "lu").replace("nv", "nu")
    return "".join(character for character in lowered if character.isalnum())


@cache
def _names(place: Region | County) -> tuple[str, ...]:
    full = official_name(place) if isinstance(place, Region) else place.zh
    short = next((full.removesuffix(end) for end in _ENDINGS if full.endswith(end)), full)
    return tuple(name for name in (place.zh, full, short, _plain(place.en)) if name)


def _rank(place: Region | County, wanted: str) -> int | None:
    """0 the very name, 1 its beginning, 2 a part of it, None not at all."""
    names = _names(place)
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    return 2 if any(wanted in name for name in names) else None


def _by_code(wanted: str) -> tuple[Region, ...]:
    place = city_of(wanted)
    return (place,) if place else tuple(item for item in regions().values() if item.code.startswith(wanted))


def _printed(text: str) -> tuple[Region, ...]:
    """Places whose name is exactly what was typed, so that Xi'an does not also bring Xiangtan."""
    typed = unicodedata.normalize("NFKC", text).strip().casefold().replace("’", "'")
    return tuple(item for item in regions().values() if typed in (item.zh, item.en.casefold(), official_name(item)))


def _by_parts(text: str) -> tuple[Region, ...]:
    """For a place and its province, such as Jinan, Shandong."""
    name, *rest = (_plain(part) for part in text.replace("，", ",").split(","))
    found = _named(name, tuple(regions().values())) if name else ()
    return tuple(item for item in found if all(_rank(province_of(item.code), part) is not None for part in rest))


def _named(wanted: str, within: tuple[Region, ...]) -> tuple[Region, ...]:
    """By the name of a place, else of a county in it, else by a name that continues a larger place's."""
    ranked = [(rank, item) for item in within if (rank := _rank(item, wanted)) is not None]
    if ranked:
        return tuple(item for _, item in sorted(ranked, key=lambda pair: pair[0]))
    return _by_county(wanted, within) or _continued(wanted, within)


def _by_county(wanted: str, within: Iterable[Region]) -> tuple[Region, ...]:
    allowed = {item.code for item in within}
    ranked = [
        (rank, item.parent)
        for item in counties().values()
        if item.parent in allowed and (rank := _rank(item, wanted)) is not None
    ]
    return tuple(regions()[code] for code in dict.fromkeys(code for _, code in sorted(ranked)))


def _continued(wanted: str, within: tuple[Region, ...]) -> tuple[Region, ...]:
    """For 山东省济南市 or 苏州昆山: what the rest names inside the place that the beginning names."""
    starts = sorted(
        ((name, place) for place in within for name in _names(place) if wanted.startswith(name)),
        key=lambda pair: -len(pair[0]),
    )
    for name, place in starts:
        inside = tuple(item for item in within if place.code in (item.parent, item.code) and item.parent)
        if found := _named(wanted[len(name) :], inside):
            return found
    return ()

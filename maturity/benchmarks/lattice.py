"""The closed lattice of a release (R1): its cells, their order, and where to look when the closest one is withheld.

Three steps of industry (all, sector, division) by three of region (all, macro-region, province) by two of size make
eighteen tables nested in each other. Beside them stand, over all industries and sizes, the cities, the named groups
of places and the parks. Nothing else is ever computed: no several choices at once, no exclusion, no other attribute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from maturity.benchmarks.cells import CellKey
from maturity.content import ContentError, Problem, parse_yaml
from maturity.reference.industries import division_of
from maturity.reference.regions import MACRO_REGIONS, macro_region_of, province_of, regions

DATA = Path(__file__).parent / "parameters" / "lattice.yaml"
SECTOR, GROUP, PARK = "s:", "g:", "p:"
SIZES = ("large", "medium", "small", "micro")
#: steps of each way of breaking down, from the whole to the finest
INDUSTRY_STEPS = ("", "sector", "division")
REGION_STEPS = ("", "macro", "province")
SIZE_STEPS = ("", "size")
#: what stands beside the nested tables, over all industries and sizes
FLAT_STEPS = ("city", "group", "park")


@dataclass(frozen=True, slots=True)
class Sector:
    """A set of divisions; sectors do not overlap."""

    id: str
    zh: str
    en: str
    divisions: tuple[str, ...]

    def title(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """A named union of provinces or cities."""

    id: str
    zh: str
    en: str
    places: tuple[str, ...]

    def title(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en

    def holds(self, city: str) -> bool:
        return city in self.places or f"{city[:2]}0000" in self.places


@dataclass(frozen=True, slots=True, order=True)
class Table:
    """One way of breaking down: a step of industry, of region and of size."""

    industry: str
    region: str
    size: str

    @property
    def is_nested(self) -> bool:
        return self.region in REGION_STEPS


def nested_tables() -> tuple[Table, ...]:
    """The eighteen nested tables, each after all those it is nested in.

    >>> len(nested_tables()), nested_tables()[0], nested_tables()[-1]
    (18, Table(industry='', region='', size=''), Table(industry='division', region='province', size='size'))
    """
    steps = product(range(3), range(3), range(2))
    ordered = sorted(steps, key=lambda step: (sum(step), step))
    return tuple(Table(INDUSTRY_STEPS[i], REGION_STEPS[r], SIZE_STEPS[s]) for i, r, s in ordered)


@cache
def _data() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = parse_yaml(DATA.read_text(encoding="utf-8"), DATA.name)
    return loaded


def lattice_version() -> str:
    return str(_data()["version"])


@cache
def sectors() -> Mapping[str, Sector]:
    """Sectors by id; `ContentError` where two of them hold one division."""
    found = {
        row["id"]: Sector(row["id"], row["title"]["zh"], row["title"]["en"], tuple(row["divisions"]))
        for row in _data()["sectors"]
    }
    held = [division for sector in found.values() for division in sector.divisions]
    twice = sorted({division for division in held if held.count(division) > 1})
    if twice:
        raise ContentError([Problem(DATA.name, "sectors", f"{twice} stand twice.", "let sectors not overlap.")])
    return found


@cache
def _sector_of() -> Mapping[str, str]:
    return {division: sector.id for sector in sectors().values() for division in sector.divisions}


def sector_of(industry: str) -> str:
    """The sector that a division or group lies in, as it stands in a key; '' outside industry proper.

    >>> sector_of("342"), sector_of("39"), sector_of("01")
    ('s:equipment', 's:electronics', '')
    """
    sector = _sector_of().get(division_of(industry))
    return f"{SECTOR}{sector}" if sector else ""


@cache
def place_groups() -> Mapping[str, PlaceGroup]:
    """Named groups by id; `ContentError` where one names a place that is not known."""
    found = {
        row["id"]: PlaceGroup(row["id"], row["title"]["zh"], row["title"]["en"], tuple(row["places"]))
        for row in _data()["groups"]
    }
    unknown = [place for group in found.values() for place in group.places if place not in regions()]
    if unknown:
        raise ContentError([Problem(DATA.name, "groups", f"{unknown} are no places.", "use codes of GB/T 2260.")])
    return found


def key_of(industry: str, region: str, size: str) -> CellKey:
    """The finest key of an enterprise: its division, its province, its size.

    >>> key_of("342", "370103", "medium")
    CellKey(industry='34', region='370000', size='medium')
    """
    return CellKey(division_of(industry), province_of(region).code, size)


def industries_above(industry: str) -> tuple[str, ...]:
    """
    >>> industries_above("34"), industries_above("s:equipment"), industries_above("")
    (('34', 's:equipment', ''), ('s:equipment', ''), ('',))
    """
    if industry == "" or industry.startswith(SECTOR):
        return tuple(dict.fromkeys((industry, "")))
    return tuple(dict.fromkeys((industry, sector_of(industry), "")))


def regions_above(region: str) -> tuple[str, ...]:
    """
    >>> regions_above("370000"), regions_above("370100"), regions_above("g:yangtze"), regions_above("east")
    (('370000', 'east', ''), ('370100', '370000', 'east', ''), ('g:yangtze', ''), ('east', ''))
    """
    if region == "" or region in MACRO_REGIONS or region.startswith((GROUP, PARK)):
        return tuple(dict.fromkeys((region, "")))
    return tuple(dict.fromkeys((region, province_of(region).code, macro_region_of(region), "")))


def fallbacks(key: CellKey) -> Iterator[CellKey]:
    """From the closest population to the widest (R11): region widens first, then size, then industry.

    >>> [(cell.industry, cell.region, cell.size) for cell in fallbacks(CellKey("34", "370000", "medium"))][:5]
    [('34', '370000', 'medium'), ('34', 'east', 'medium'), ('34', '', 'medium'), ('34', '370000', ''), \
('34', 'east', '')]
    """
    sizes = tuple(dict.fromkeys((key.size, "")))
    for industry, size, region in product(industries_above(key.industry), sizes, regions_above(key.region)):
        found = CellKey(industry, region, size)
        if is_in_lattice(found):
            yield found


def is_in_lattice(key: CellKey) -> bool:
    """Whether a release could ever hold the cell: a city, a named group or a park has no industry and no size.

    >>> is_in_lattice(CellKey("", "370100", "")), is_in_lattice(CellKey("34", "370100", ""))
    (True, False)
    """
    region = key.region
    is_nested = region == "" or region in MACRO_REGIONS or region.endswith("0000")
    return is_nested or (key.industry == "" and key.size == "")


def ancestors(key: CellKey) -> Iterator[CellKey]:
    """Every wider cell of the lattice that holds all members of this one."""
    return (cell for cell in fallbacks(key) if cell != key)

"""What somebody asks of the dashboard, in the words of an address: the address is all there is to a view."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, SECTOR, SIZES, place_groups, sectors
from maturity.reference.regions import MACRO_REGIONS, province_of, regions

#: Pages, in the order of the tabs.
PAGES = ("profile", "levels", "compare", "map", "change", "trend", "panels", "targets")
#: What a population can be broken down by.
BREAKDOWNS = ("sector", "division", "macro", "province", "city", "group", "size")
INDUSTRY_BREAKDOWNS = ("sector", "division")
REGION_BREAKDOWNS = ("macro", "province", "city", "group")
ORDERS = ("value", "place")
LONGEST = 40
_FIELDS = ("framework", "year", "industry", "region", "size", "indicator", "by", "order")
#: What the filters of a page are; a field that a page has no use for does not stand in its address.
USES: Mapping[str, frozenset[str]] = {
    page: frozenset({"framework", *words.split()})
    for page, words in {
        "profile": "year region industry size",
        "levels": "year region industry size by",
        "compare": "year region industry size indicator by order",
        "map": "year region industry size indicator",
        "change": "year region industry size indicator by",
        "trend": "region industry size indicator",
        "panels": "region industry size indicator by",
        "targets": "indicator region",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`wrong` names the fields whose value is no industry, no region and so on, with what was given.

    >>> Asked.of({"region": "370000", "size": "huge", "indicator": "erp"}, {"erp"})
    Asked(framework='', year=None, industry='', region='370000', size='', indicator='erp', by='', order='', \
wrong=(('size', 'huge'),))
    """

    framework: str = ""
    year: int | None = None
    industry: str = ""
    region: str = ""
    size: str = ""
    indicator: str = ""
    by: str = ""
    order: str = ""
    wrong: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, args: Mapping[str, Any], indicators: Collection[str]) -> Self:
        """From the fields of an address: what is not known there is left out, and said."""
        given = {name: str(args.get(name, "")).strip()[:LONGEST] for name in _FIELDS}
        known = {
            "year": given["year"].isascii() and given["year"].isdigit() and len(given["year"]) == 4,
            "industry": is_industry(given["industry"]),
            "region": is_region(given["region"]),
            "size": given["size"] in SIZES,
            "indicator": given["indicator"] in indicators,
            "by": given["by"] in BREAKDOWNS,
            "order": given["order"] in ORDERS,
            "framework": True,
        }
        kept: dict[str, Any] = {name: value if known[name] else "" for name, value in given.items()}
        wrong = tuple((name, value) for name, value in given.items() if value and not known[name])
        year = int(kept.pop("year") or 0) or None
        return cls(**kept, year=year, wrong=wrong)

    @property
    def key(self) -> CellKey:
        return CellKey(self.industry, self.region, self.size)

    @property
    def province(self) -> str:
        """The province asked for, or the one that the city asked for lies in."""
        return province_of(self.region).code if self.region in regions() else ""

    def but(self, **changes: Any) -> Self:
        return replace(self, wrong=(), **changes)

    def at(self, key: CellKey) -> Self:
        return self.but(industry=key.industry, region=key.region, size=key.size)

    def address(self, page: str) -> dict[str, Any]:
        """The fields of the address of a page that asks the same, as far as the page knows them.

        The region stands there even for the whole country: where nobody says, it is the reader's own.
        """
        given = {name: getattr(self, name) for name in _FIELDS if name in USES[page]}
        return {name: str(value) for name, value in given.items() if value or name == "region"}


def is_industry(code: str) -> bool:
    """
    >>> is_industry("s:equipment"), is_industry("34"), is_industry("342"), is_industry("01")
    (True, True, False, False)
    """
    if code.startswith(SECTOR):
        return code.removeprefix(SECTOR) in sectors()
    return any(code in sector.divisions for sector in sectors().values())


def is_region(code: str) -> bool:
    """
    >>> is_region("east"), is_region("370200"), is_region("g:yangtze"), is_region("p:1"), is_region("999999")
    (True, True, True, False, False)
    """
    return code in MACRO_REGIONS or code in regions() or code.removeprefix(GROUP) in place_groups()


def to_save(page: str, asked: Asked) -> str:
    """The words of a saved view."""
    return urlencode(asked.address(page))


def saved(query: str) -> dict[str, Any]:
    """The fields of an address from the words of a saved view."""
    return dict(parse_qsl(query, keep_blank_values=True))

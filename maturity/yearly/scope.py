"""What a report is about, and the cells of a release that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import (
    GROUP,
    SECTOR,
    SIZES,
    industries_above,
    is_in_lattice,
    place_groups,
    regions_above,
    sector_of,
    sectors,
)
from maturity.reference.regions import MACRO_REGIONS, children, provinces, region

NATIONAL, REGION, INDUSTRY = KINDS = ("national", "region", "industry")
ALL = CellKey("", "", "")
MACROS = tuple(code for code in MACRO_REGIONS if code != "other")
Keys = tuple[CellKey, ...]


class UnknownScope(ValueError):
    """There is no such region, sector or division to write a report about."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The whole country, a province, or a sector or division; `code` is empty for the whole."""

    kind: str
    code: str

    def __post_init__(self) -> None:
        if self.code not in codes_of(self.kind):
            raise UnknownScope(self.code)

    @property
    def focus(self) -> CellKey:
        return self.at()

    @property
    def wider(self) -> Keys:
        """What the focus is compared with, the closest first."""
        if self.kind == REGION:
            return tuple(CellKey("", code, "") for code in regions_above(self.code)[1:])
        if self.kind == INDUSTRY:
            return tuple(CellKey(code, "", "") for code in industries_above(self.code)[1:])
        return ()

    def at(self, *, industry: str = "", region: str = "", size: str = "") -> CellKey:
        """The cell of the scope, narrowed."""
        return CellKey(
            industry or (self.code if self.kind == INDUSTRY else ""),
            region or (self.code if self.kind == REGION else ""),
            size,
        )

    @property
    def sizes(self) -> Keys:
        return tuple(self.at(size=size) for size in SIZES)

    @property
    def sectors(self) -> Keys:
        """The sectors within the scope; of an industry none."""
        return () if self.kind == INDUSTRY else tuple(self.at(industry=f"{SECTOR}{name}") for name in sectors())

    @property
    def divisions(self) -> Keys:
        """The divisions within the scope; a report on a division shows its sister divisions."""
        if self.kind == INDUSTRY:
            name = self.code if self.code.startswith(SECTOR) else sector_of(self.code)
            return tuple(CellKey(code, "", "") for code in sectors()[name.removeprefix(SECTOR)].divisions)
        return tuple(self.at(industry=code) for sector in sectors().values() for code in sector.divisions)

    @property
    def macros(self) -> Keys:
        return () if self.kind == REGION else tuple(self.at(region=code) for code in MACROS)

    @property
    def provinces(self) -> Keys:
        """The provinces within the scope; a report on a province shows those of its macro-region."""
        wanted = provinces()
        if self.kind == REGION:
            own = region(self.code)
            wanted = tuple(place for place in wanted if own is not None and place.macro == own.macro)
            return tuple(CellKey("", place.code, "") for place in wanted)
        return tuple(self.at(region=place.code) for place in wanted)

    @property
    def groups(self) -> Keys:
        """Named groups, over all industries only."""
        return tuple(CellKey("", f"{GROUP}{name}", "") for name in place_groups()) if self.kind == NATIONAL else ()

    @property
    def cities(self) -> Keys:
        if self.kind != REGION:
            return ()
        return tuple(CellKey("", place.code, "") for place in children(self.code))

    @property
    def crossed(self) -> tuple[tuple[CellKey, ...], ...]:
        """Rows of a table of sector (or macro-region) by size."""
        if self.kind == INDUSTRY:
            return tuple(tuple(self.at(region=code, size=size) for size in SIZES) for code in MACROS)
        return tuple(tuple(self.at(industry=f"{SECTOR}{name}", size=size) for size in SIZES) for name in sectors())

    def keys(self) -> Iterator[CellKey]:
        """Every cell a draft may show, once."""
        rows = (
            (self.focus, ALL), self.wider, self.sizes, self.sectors, self.divisions, self.macros, self.provinces,
            self.groups, self.cities, *self.crossed,
        )  # fmt: skip
        yield from (key for key in dict.fromkeys(key for row in rows for key in row) if is_in_lattice(key))


def codes_of(kind: str) -> tuple[str, ...]:
    """What a report of this kind can be about."""
    if kind == NATIONAL:
        return ("",)
    if kind == REGION:
        return tuple(place.code for place in provinces())
    if kind == INDUSTRY:
        found = sectors()
        return (*(f"{SECTOR}{name}" for name in found), *(code for item in found.values() for code in item.divisions))
    return ()

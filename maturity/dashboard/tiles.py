"""Where the tile of a place stands: provinces and some provinces' cities by hand, the others in rows by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from maturity.content import parse_yaml
from maturity.reference.regions import children, provinces

DATA = Path(__file__).with_name("tiles.yaml")
#: tiles in a row where nobody has drawn a layout
ACROSS = 6


@cache
def _data() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = parse_yaml(DATA.read_text(encoding="utf-8"), DATA.name)
    return loaded


def province_tiles() -> Mapping[str, tuple[int, int]]:
    """Row and column of every province.

    >>> len(province_tiles()), province_tiles()["230000"]
    (34, (0, 7))
    """
    return _placed(_data()["provinces"], "0000")


def city_tiles(province: str) -> Mapping[str, tuple[int, int]]:
    """Row and column of everything directly under a province.

    >>> city_tiles("370000")["370200"], city_tiles("340000")["340100"]
    ((1, 4), (0, 0))
    """
    drawn = _data()["cities"].get(province)
    if drawn is not None:
        return _placed(drawn, "00")
    return {place.code: divmod(number, ACROSS) for number, place in enumerate(children(province))}


def _placed(rows: Sequence[str], ending: str) -> dict[str, tuple[int, int]]:
    return {
        word + ending: (row, column)
        for row, line in enumerate(rows)
        for column, word in enumerate(line.split())
        if not word.startswith(".")
    }


def layout_faults() -> list[str]:
    """Places a layout forgets, names twice or does not know; the tests want none."""
    layouts = {"": (_data()["provinces"], "0000", {place.code for place in provinces()})}
    for province, rows in _data()["cities"].items():
        layouts[province] = (rows, "00", {place.code for place in children(province)})
    faults = []
    for name, (rows, ending, known) in layouts.items():
        words = [word + ending for line in rows for word in line.split() if not word.startswith(".")]
        faults += [f"{name}: {code} is missing" for code in sorted(known - set(words))]
        faults += [f"{name}: {code} is unknown" for code in sorted(set(words) - known)]
        faults += [f"{name}: {code} stands twice" for code in sorted({code for code in words if words.count(code) > 1})]
    return faults

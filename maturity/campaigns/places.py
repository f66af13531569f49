"""Where a regulator has a say and what a campaign covers: the country, a province, a city, a county, a group, a park.

A place is written as a code of GB/T 2260, empty for the whole country, as `g:` and a group of places, or as `p:` and
the id of a park of the regulator's. What lies in what is decided here and nowhere else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from maturity.benchmarks.lattice import GROUP, PARK, PlaceGroup, place_groups
from maturity.questionnaires.model import Text
from maturity.reference.regions import children, city_of, counties, full_name, official_name, provinces, regions

NATION = Text("全国", "the whole country")
_ENDINGS = ("市", "区", "县", "盟", "地区", "林区", "新区")


@dataclass(frozen=True, slots=True)
class Park:
    """A park as far as places go: its key, its name and the city it lies in."""

    key: str
    name: str
    city: str


class UnknownPlace(ValueError):
    """No place, or more than one, is called that; `candidates` are those that could be meant."""

    def __init__(self, candidates: Sequence[str] = ()) -> None:
        self.candidates = tuple(candidates)
        super().__init__(f"{len(self.candidates)} candidates")


def covers(place: str, city: str, county: str = "", parks: Sequence[Park] = ()) -> bool:
    """Whether an enterprise in a city, and in a county of it where that is known, lies in the place.

    >>> [covers(place, "370200", "370211") for place in ("", "370000", "370200", "370211", "370212", "g:yangtze")]
    [True, True, True, True, False, False]
    >>> covers("g:yangtze", "330100"), covers("370211", "370200")
    (True, False)
    """
    if place.startswith(PARK):
        return any(park.key == place and park.city == city for park in parks)
    group = _group(place)
    if group is not None:
        return group.holds(city)
    if not place or place.endswith("0000"):
        return city[:2] == place[:2] or not place
    return place in (city, county)


def _group(place: str) -> PlaceGroup | None:
    """The named group of places, such as the Yangtze River Delta, that a key with `g:` stands for."""
    return place_groups().get(place.removeprefix(GROUP)) if place.startswith(GROUP) else None


def reaches(place: str, city: str, parks: Sequence[Park] = ()) -> bool:
    """The same for an enterprise of which the city alone is known: in a county it may be if its city is the county's.

    >>> reaches("370211", "370200"), reaches("370211", "370100")
    (True, False)
    """
    above = counties().get(place)
    return covers(above.parent if above else place, city, parks=parks)


def is_within(place: str, jurisdiction: str, parks: Sequence[Park] = ()) -> bool:
    """Whether all of the place lies where the regulator has a say.

    >>> [is_within(place, "370000") for place in ("370200", "", "g:yangtze")], is_within("370211", "")
    ([True, False, False], True)
    """
    if not jurisdiction or place == jurisdiction:
        return is_place(place, parks)
    if not place or place.startswith(GROUP):
        return False
    if place.startswith(PARK):
        return any(park.key == place for park in parks)
    found = city_of(place)
    return is_place(place, parks) and covers(jurisdiction, found.code if found else place, place)


def is_place(place: str, parks: Sequence[Park] = ()) -> bool:
    known = _group(place) is not None or place in regions() or place in counties()
    return not place or known or any(park.key == place for park in parks)


def place_name(place: str, locale: str, parks: Sequence[Park] = ()) -> str:
    """
    >>> place_name("", "en"), place_name("370211", "zh_CN"), place_name("g:yangtze", "zh_CN")
    ('the whole country', '山东 青岛市 黄岛区', '长三角')
    """
    if not place:
        return NATION.to(locale)
    group = _group(place)
    if group is not None:
        return group.title(locale)
    for park in parks:
        if park.key == place:
            return park.name
    county = counties().get(place)
    if county is None:
        return full_name(place, locale) if place in regions() else place
    above, own = full_name(county.parent, locale), county.zh
    return f"{above} {own}" if locale.startswith("zh") else f"{county.en or own}, {above}"


def short_name(city: str, locale: str) -> str:
    """A city without its province, for lists within one."""
    found = regions().get(city)
    return found.title(locale) if found else city


def choices(jurisdiction: str, parks: Sequence[Park], locale: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a campaign may cover: headings with places under them, the widest first."""
    headed = [("", [(jurisdiction, place_name(jurisdiction, locale))])]
    if not jurisdiction:
        headed.append(
            (
                Text("跨省区域", "Groups").to(locale),
                [(f"{GROUP}{key}", group.title(locale)) for key, group in place_groups().items()],
            )
        )
        headed.append((Text("省级", "Provinces").to(locale), [(item.code, item.title(locale)) for item in provinces()]))
        cities = [item.code for item in regions().values() if item.parent]
        headed.append((Text("地市", "Cities").to(locale), [(code, full_name(code, locale)) for code in cities]))
    elif jurisdiction.endswith("0000"):
        below = [item.code for item in children(jurisdiction)]
        headed.append((Text("地市", "Cities").to(locale), [(code, short_name(code, locale)) for code in below]))
        inside = [(code, place_name(code, locale)) for city in below for code in _counties_of(city)]
        headed.append((Text("区县", "Counties").to(locale), inside))
    elif jurisdiction in regions():
        inside = [(code, place_name(code, locale)) for code in _counties_of(jurisdiction)]
        headed.append((Text("区县", "Counties").to(locale), inside))
    headed.append((Text("园区", "Parks").to(locale), [(park.key, park.name) for park in parks]))
    return [(heading, options) for heading, options in headed if options]


@cache
def _counties_of(city: str) -> tuple[str, ...]:
    return tuple(item.code for item in counties().values() if item.parent == city)


def find_place(typed: str, place: str, parks: Sequence[Park] = ()) -> tuple[str, str]:
    """City and county of what stands in a list, as far as it lies in the place; `UnknownPlace` otherwise.

    >>> find_place("青岛", "370000"), find_place("黄岛区", "370000"), find_place("青岛市黄岛区", "370000")
    (('370200', ''), ('370200', '370211'), ('370200', '370211'))
    >>> find_place("370211", ""), find_place("Qingdao", "370000")
    (('370200', '370211'), ('370200', ''))
    """
    wanted = _plain(typed)
    if wanted.isascii() and wanted.isdigit() and len(wanted) == 6:
        found = [_spot(wanted)] if city_of(wanted) else []
    else:
        found = list(_names().get(wanted, ())) or list(_composed(wanted))
    inside = [spot for spot in dict.fromkeys(found) if covers(place, *spot, parks=parks)]
    cities = [spot for spot in inside if not spot[1]]
    chosen = cities or inside  # a city is meant rather than a county of the same name elsewhere
    if len(chosen) != 1:
        raise UnknownPlace([county or city for city, county in chosen])
    return chosen[0]


def _spot(code: str) -> tuple[str, str]:
    return (counties()[code].parent, code) if code in counties() else (code, "")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).replace("’", "'")


@cache
def _names() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Every city and county by its names: in full, short, in English."""
    found: dict[str, list[tuple[str, str]]] = {}
    for code, zh, en in _spoken():
        short = next((zh.removesuffix(end) for end in _ENDINGS if zh.endswith(end) and len(zh) - len(end) > 1), zh)
        for name in {_plain(zh), _plain(short), _plain(en)} - {""}:
            found.setdefault(name, []).append(_spot(code))
    return {name: tuple(spots) for name, spots in found.items()}


def _spoken() -> Iterator[tuple[str, str, str]]:
    for region in regions().values():
        if region.parent:
            yield region.code, region.zh, region.en
    for county in counties().values():
        yield county.code, county.zh, county.en


def _composed(wanted: str) -> Iterator[tuple[str, str]]:
    """A province or a city followed by what lies in it, such as 山东省青岛市黄岛区."""
    for province in provinces():
        for name in (official_name(province), province.zh):
            if wanted.startswith(name) and len(wanted) > len(name):
                rest = wanted.removeprefix(name)
                spots = _names().get(rest) or tuple(_composed_city(rest))
                yield from (spot for spot in spots if spot[0][:2] == province.code[:2])
    yield from _composed_city(wanted)


def _composed_city(wanted: str) -> Iterator[tuple[str, str]]:
    for end in range(2, len(wanted) - 1):
        for city, county in _names().get(wanted[:end], ()):
            if not county:
                yield from (spot for spot in _names().get(wanted[end:], ()) if spot[1] and spot[0] == city)


def choose_jurisdiction(typed: str) -> str:
    """The code meant by what the operator typed, empty for the whole country; `UnknownPlace` otherwise.

    >>> [choose_jurisdiction(typed) for typed in ("", "山东省", "青岛市", "370211")]
    ['', '370000', '370200', '370211']
    """
    wanted = _plain(typed)
    if not wanted or wanted in (NATION.zh, NATION.en.replace(" ", "")):
        return ""
    for province in provinces():
        if wanted in (province.code, _plain(province.zh), _plain(province.en), official_name(province)):
            return province.code
    for code in (*regions(), *_county_codes()):  # what was offered as a label
        if wanted in (_plain(place_name(code, "zh_CN")), _plain(place_name(code, "en"))):
            return code
    city, county = find_place(typed, "")
    return county or city


@cache
def _county_codes() -> tuple[str, ...]:
    return tuple(counties())

"""Peer groups in words and in addresses: a cell of a release as a person says it and as a link carries it."""

from __future__ import annotations

from collections.abc import Iterator

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, PARK, SECTOR, fallbacks, key_of, place_groups, sectors
from maturity.questionnaires.model import Text
from maturity.reference.industries import industry
from maturity.reference.regions import MACRO_REGIONS, city_of, official_name, region

SEPARATOR = "~"
SIZE_WORDS = {
    "": Text("全部规模", "all sizes"),
    "large": Text("大型", "large"),
    "medium": Text("中型", "medium-sized"),
    "small": Text("小型", "small"),
    "micro": Text("微型", "micro"),
}


def as_text(key: CellKey) -> str:
    """
    >>> as_text(CellKey("34", "", "medium")), as_text(CellKey("", "", ""))
    ('34~~medium', '~~')
    """
    return SEPARATOR.join((key.industry, key.region, key.size))


def read_key(text: str) -> CellKey | None:
    """
    >>> read_key("34~370000~medium"), read_key("34"), read_key("34~370000~giant")
    (CellKey(industry='34', region='370000', size='medium'), None, None)
    """
    parts = text.split(SEPARATOR)
    return CellKey(*parts) if len(parts) == 3 and parts[2] in SIZE_WORDS else None


def places_of(code: str) -> Iterator[str]:
    """The city of an enterprise, and the named groups of places that it lies in; each is a cell by itself.

    >>> list(places_of("370200")), list(places_of("330100"))
    (['370200'], ['330100', 'g:yangtze'])
    """
    city = city_of(code)
    if city is not None:
        yield city.code
        yield from (f"{GROUP}{group.id}" for group in place_groups().values() if group.holds(city.code))


def groups_of(industry_code: str, region_code: str, size: str) -> tuple[CellKey, ...]:
    """Every peer group that an enterprise belongs to, the nearest first, and its places by themselves at the end."""
    flat = (CellKey("", place, "") for place in places_of(region_code))
    return (*fallbacks(key_of(industry_code, region_code, size)), *flat)


def industry_words(code: str) -> Text:
    """
    >>> industry_words("34").en, industry_words("s:equipment").zh, industry_words("").en
    ('General-purpose machinery', '装备行业', 'All industries')
    """
    if code.startswith(SECTOR):
        sector = sectors()[code.removeprefix(SECTOR)]
        return Text(f"{sector.zh}行业", sector.en)
    known = industry(code)
    return Text(known.zh, known.en) if known else Text("全部行业", "All industries")


def region_words(code: str) -> Text:
    """
    >>> [region_words(code).zh for code in ("", "east", "370000", "370200", "g:yangtze")]
    ['全国', '东部地区', '山东省', '青岛市', '长三角']
    """
    if code == "":
        return Text("全国", "all of China")
    if code in MACRO_REGIONS:
        zh, en = MACRO_REGIONS[code]
        return Text(zh if code == "other" else f"{zh}地区", en if code == "other" else f"{en} of China")
    if code.startswith(GROUP):
        group = place_groups()[code.removeprefix(GROUP)]
        return Text(group.zh, group.en)
    if code.startswith(PARK):
        return Text("园区", "the park")
    place = region(code)
    return Text(official_name(place), place.en) if place else Text(code, code)


def group_words(key: CellKey, contributors: int | None = None) -> Text:
    """The enterprises of a cell as a noun, with how many they are where that is given.

    >>> group_words(CellKey("34", "", "medium"), 215).zh
    '全国约 215 家中型通用设备制造企业'
    >>> group_words(CellKey("34", "", "medium"), 215).en
    'about 215 medium-sized enterprises in general-purpose machinery, all of China'
    >>> group_words(CellKey("", "370000", "")).en
    'enterprises in all industries, Shandong'
    """
    place = region_words(key.region)
    size = Text(SIZE_WORDS[key.size].zh, f"{SIZE_WORDS[key.size].en} ") if key.size else Text("", "")
    known = industry_words(key.industry)
    kind = "工业企业" if not key.industry else known.zh.removesuffix("业") + "企业"
    if key.industry.startswith(SECTOR):
        kind = f"{known.zh}企业"
    trade = known.en[:1].lower() + known.en[1:]
    count = Text("", "") if contributors is None else Text(f"约 {contributors:,} 家", f"about {contributors:,} ")
    return Text(f"{place.zh}{count.zh}{size.zh}{kind}", f"{count.en}{size.en}enterprises in {trade}, {place.en}")

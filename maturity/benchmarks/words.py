"""A cell in words: compared with whom."""

from __future__ import annotations

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, PARK, SECTOR, place_groups, sectors
from maturity.questionnaires.model import Text
from maturity.reference.industries import industry
from maturity.reference.regions import MACRO_REGIONS, province_of, regions

SIZES = {
    "large": Text("大型", "large"),
    "medium": Text("中型", "medium"),
    "small": Text("小型", "small"),
    "micro": Text("微型", "micro"),
}
#: What the number of a cell counts, as a heading and under a figure (methods R0: groups, rounded).
CONTRIBUTORS = Text("企业数（集团按一家计，约）", "Enterprises (a group counts once), about")
ONCE = Text("集团按一家计", "a group counts once")
ALL_INDUSTRIES = Text("全部行业", "all industries")
ALL_REGIONS = Text("全国", "all regions")
ALL_SIZES = Text("各规模", "all sizes")


def industry_words(code: str) -> Text:
    """
    >>> industry_words("s:equipment").zh, industry_words("34").en, industry_words("").en
    ('装备', 'General-purpose machinery', 'all industries')
    """
    if code.startswith(SECTOR):
        sector = sectors()[code.removeprefix(SECTOR)]
        return Text(sector.zh, sector.en)
    known = industry(code)
    return Text(known.zh, known.en) if known else ALL_INDUSTRIES


def region_words(code: str) -> Text:
    """A park, whose name only its regulator knows, is called by its number.

    >>> region_words("east").zh, region_words("370000").zh, region_words("370100").en, region_words("g:yangtze").zh
    ('东部', '山东', 'Jinan, Shandong', '长三角')
    """
    if code in MACRO_REGIONS:
        return Text(*MACRO_REGIONS[code])
    if code.startswith(GROUP):
        group = place_groups()[code.removeprefix(GROUP)]
        return Text(group.zh, group.en)
    if code.startswith(PARK):
        number = code.removeprefix(PARK)
        return Text(f"园区 {number}", f"park {number}")
    place = regions().get(code)
    if place is None:
        return ALL_REGIONS
    if not place.parent:
        return Text(place.zh, place.en)
    province = province_of(code)
    return Text(f"{province.zh} {place.zh}", f"{place.en}, {province.en}")


def size_words(code: str) -> Text:
    """
    >>> size_words("medium").zh, size_words("").en
    ('中型', 'all sizes')
    """
    return SIZES.get(code, ALL_SIZES)


def cell_words(key: CellKey) -> Text:
    """Industry, region and size, one after the other.

    >>> cell_words(CellKey("34", "370000", "medium"))
    Text(zh='通用设备制造业、山东、中型', en='General-purpose machinery, Shandong, medium')
    """
    parts = (industry_words(key.industry), region_words(key.region), size_words(key.size))
    return Text("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))


_VIEWS = {
    "profile": Text("关键指标", "key indicators"),
    "levels": Text("等级分布", "levels"),
    "compare": Text("比较", "comparison"),
    "map": Text("地图", "map"),
    "change": Text("变化", "changes"),
    "trend": Text("趋势", "trend"),
    "panels": Text("分组趋势", "small multiples"),
    "targets": Text("目标", "targets"),
}
_TAKEN = {"page": Text("网页", "page"), "figure": Text("交互图", "interactive figure")}
_PURPOSES = {
    "dashboard": Text("看板", "dashboard"),
    "yearly report": Text("年度报告", "yearly report"),
    "regional index": Text("区域指数", "regional index"),
}


def purpose_words(purpose: str) -> Text:
    """What a regulator read figures for, as the ledger has it; a purpose in somebody's own words stays as it is.

    >>> purpose_words("dashboard, trend: page").zh, purpose_words("dashboard, map: CSV").en
    ('看板，趋势（网页）', 'dashboard, map (CSV)')
    >>> purpose_words("yearly report").zh, purpose_words("城市规划").en
    ('年度报告', '城市规划')
    """
    name, _, rest = purpose.partition(", ")
    view, _, taken = rest.partition(": ")
    if name not in _PURPOSES or rest and view not in _VIEWS:
        return Text(purpose, purpose)
    where = _PURPOSES[name]
    if not rest:
        return where
    what = _TAKEN.get(taken, Text(taken, taken))
    return Text(f"{where.zh}，{_VIEWS[view].zh}（{what.zh}）", f"{where.en}, {_VIEWS[view].en} ({what.en})")

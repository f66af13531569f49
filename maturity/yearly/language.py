"""How figures are told: comparisons that go no further than the rounding allows, names of cells, lists of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, PARK, SECTOR, place_groups, sectors
from maturity.questionnaires.model import Text
from maturity.reference.industries import industry
from maturity.reference.regions import MACRO_REGIONS, full_name, official_name, region
from maturity.yearly.book import Figure

SIZE_WORDS = {
    "large": Text("大型企业", "large enterprises"),
    "medium": Text("中型企业", "medium enterprises"),
    "small": Text("小型企业", "small enterprises"),
    "micro": Text("微型企业", "micro enterprises"),
}
WITHHELD = Text("未发布", "not published")
ALL_INDUSTRIES, ALL_REGIONS = Text("全行业", "all industries"), Text("全国", "nationwide")


class Side(Enum):
    """How one rounded figure stands to another. SAME says that rounding leaves it open."""

    HIGHER = 1
    LOWER = -1
    SAME = 0


def side(one: Figure, other: Figure) -> Side:
    """Higher or lower only where no rounding of either could make it otherwise.

    A figure rounded to a step may stand for anything within half a step of it.
    """
    room = (one.step + other.step) / 2
    if one.value - other.value > room:
        return Side.HIGHER
    return Side.LOWER if other.value - one.value > room else Side.SAME


def side_of_value(one: Figure, value: Decimal) -> Side:
    """The same against an exact number."""
    if one.value - value > one.step / 2:
        return Side.HIGHER
    return Side.LOWER if value - one.value > one.step / 2 else Side.SAME


COMPARED = {
    Side.HIGHER: Text("高于", "higher than"),
    Side.LOWER: Text("低于", "lower than"),
    Side.SAME: Text("与之相当（差异未超出取整范围），后者为", "about the same, as far as rounding shows, as"),
}


def listed(names: Sequence[str], locale: str) -> str:
    """
    >>> listed(["A", "B", "C"], "en"), listed(["甲", "乙"], "zh_CN")
    ('A, B and C', '甲、乙')
    """
    if locale.startswith("zh"):
        return "、".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@dataclass(frozen=True, slots=True)
class Namer:
    """What cells are called in one language."""

    locale: str
    parks: dict[str, str]

    def pick(self, text: Text) -> str:
        return text.to(self.locale)

    def industry(self, code: str) -> str:
        if not code:
            return self.pick(ALL_INDUSTRIES)
        if code.startswith(SECTOR):
            sector = sectors().get(code.removeprefix(SECTOR))
            return sector.title(self.locale) if sector else code
        found = industry(code)
        return found.title(self.locale) if found else code

    def region(self, code: str) -> str:
        if not code:
            return self.pick(ALL_REGIONS)
        if code in MACRO_REGIONS:
            zh, en = MACRO_REGIONS[code]
            return self.pick(Text(f"{zh}地区", en))
        if code.startswith(GROUP):
            group = place_groups().get(code.removeprefix(GROUP))
            return group.title(self.locale) if group else code
        if code.startswith(PARK):
            return self.parks.get(code, code)
        found = region(code)
        if found is None:
            return code
        return found.title(self.locale) if found.parent else self._province(code)

    def _province(self, code: str) -> str:
        place = region(code)
        if place is None:
            return code
        return official_name(place) if self.locale.startswith("zh") else full_name(code, self.locale)

    def size(self, code: str) -> str:
        return self.pick(SIZE_WORDS[code]) if code else self.pick(Text("全部规模", "all sizes"))

    def cell(self, key: CellKey) -> str:
        """
        >>> Namer("en", {}).cell(CellKey("34", "370000", "")), Namer("zh_CN", {}).cell(CellKey("", "", ""))
        ('General-purpose machinery, Shandong', '全国')
        """
        named = [
            name
            for name in (
                self.region(key.region) if key.region else "",
                self.industry(key.industry) if key.industry else "",
                self.size(key.size) if key.size else "",
            )
            if name
        ]
        if not named:
            return self.pick(ALL_REGIONS) if self.locale.startswith("zh") else "All enterprises"
        if self.locale.startswith("zh"):
            return " · ".join(named)
        shown = ", ".join(
            [*named[1:2], named[0], *named[2:]] if len(named) > 1 and key.industry and key.region else named
        )
        return shown[:1].upper() + shown[1:]

"""What the filters offer: only what is published can be chosen; what is not is shown as such, without a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, PARK, SECTOR, SIZES, place_groups, sectors
from maturity.benchmarks.words import industry_words, size_words
from maturity.dashboard.asked import BREAKDOWNS
from maturity.dashboard.breakdown import BREAKDOWN_WORDS, broken_down
from maturity.dashboard.indicators import KIND_WORDS, RATE, SCORE, SHARE
from maturity.dashboard.scene import Scene
from maturity.dashboard.words import place_words
from maturity.questionnaires.model import Text
from maturity.reference.figures import figures
from maturity.reference.regions import MACRO_REGIONS, children, provinces


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_published: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Options under a heading; without one they stand alone."""

    label: str
    options: tuple[Option, ...]


def industry_options(scene: Scene) -> list[Group]:
    def option(code: str) -> Option:
        return _option(scene, code, CellKey(code, scene.asked.region, scene.asked.size), industry_words(code))

    groups = [Group("", (option(""), *(option(SECTOR + name) for name in sectors())))]
    for sector in sectors().values():
        groups.append(Group(sector.title(scene.locale), tuple(option(code) for code in sector.divisions)))
    return groups


def region_options(scene: Scene) -> list[Group]:
    """The nation, macro-regions, provinces, groups of places, the cities of the province asked for, parks."""
    asked = scene.asked

    def option(code: str) -> Option:
        is_flat = code.startswith((GROUP, PARK)) or (code.isdigit() and not code.endswith("0000"))
        key = CellKey("", code, "") if is_flat else CellKey(asked.industry, code, asked.size)
        return _option(scene, code, key, place_words(code))

    groups = [Group("", (option(""),))]
    if asked.province:
        province = place_words(asked.province).to(scene.locale)
        cities = tuple(option(place.code) for place in children(asked.province))
        groups.append(Group(scene.say(f"{province}的城市", f"Cities of {province}"), cities))
    groups.append(Group(scene.say("区域", "Macro-regions"), tuple(option(code) for code in MACRO_REGIONS)))
    groups.append(Group(scene.say("省份", "Provinces"), tuple(option(place.code) for place in provinces())))
    groups.append(
        Group(scene.say("城市群", "Groups of places"), tuple(option(GROUP + name) for name in place_groups()))
    )
    return groups


def target_region_options(scene: Scene) -> list[Group]:
    """The nation and the provinces for which anything was published on the indicator."""
    series = scene.indicator.figures
    known = {item.region for item in figures(indicator=series)} if series else set()
    places = [place.code for place in provinces() if place.code in known or place.code == scene.asked.region]
    return [Group("", tuple(_known(code, scene.words(place_words(code))) for code in ("", *places)))]


def _known(value: str, words: str) -> Option:
    return Option(value, words[:1].upper() + words[1:], True)


def size_options(scene: Scene) -> list[Group]:
    asked = scene.asked
    keys = [CellKey(asked.industry, asked.region, code) for code in ("", *SIZES)]
    return [Group("", tuple(_option(scene, key.size, key, size_words(key.size)) for key in keys))]


def _option(scene: Scene, value: str, key: CellKey, label: Text) -> Option:
    """What stands in the address already can be chosen, so that the form says what is shown."""
    words = scene.words(label)
    is_published = scene.has(key) or key == scene.asked.key
    return Option(value, words[:1].upper() + words[1:], is_published)


def indicator_options(scene: Scene, page: str) -> list[Group]:
    groups = []
    for kind in (SCORE, RATE, SHARE):
        found = [item for item in scene.indicators.values() if item.kind == kind]
        if page == "targets":
            found = [item for item in found if item.figures]
        if found:
            options = tuple(Option(item.id, scene.words(item.title), True) for item in found)
            groups.append(Group(scene.words(KIND_WORDS[kind]), options))
    return groups


def breakdown_options(scene: Scene) -> list[Group]:
    """A way of breaking down is offered where any part of it is published."""
    options = []
    for name in BREAKDOWNS:
        parts = broken_down(scene.asked, name, scene.home).parts
        is_published = any(scene.has(part) for part in parts) or name == scene.asked.by
        label = scene.words(BREAKDOWN_WORDS[name])
        options.append(Option(name, label[:1].upper() + label[1:], is_published))
    return [Group("", tuple(options))]


def plain(values: Iterable[tuple[str, str]]) -> list[Group]:
    return [Group("", tuple(Option(value, label, True) for value, label in values))]

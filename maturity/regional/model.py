"""A model of a regional index as data: classes, indicators, weights, normalisation, peers; refused key by key.

A model is plain JSON with numbers as text, so that what is typed, stored, exported and hashed is one and the same.
A draft may hold anything; `faults_of` tells everything that keeps it from being used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from maturity.content import parse_yaml
from maturity.questionnaires.model import Text
from maturity.reference.regions import MACRO_REGIONS, Region, children, provinces, region

BUILT_IN = Path(__file__).parent / "models" / "ccid.yaml"
FORMAT = 1
NATION = ""
PROVINCES = "provinces"
#: where the normalisation begins: the reference region's own figure of the base year
REFERENCE = "reference"
SOURCES = ("stat", "survey")
NORMALISATIONS = ("ratio", "log", "range", "plain")
DIRECTIONS = ("up", "down")
PROVENANCES = ("Q", "QD", "Q2", "M", "M?", "I")
#: what stands in for a missing figure, tried in this order; what stays missing is left out and its weight shared
IMPUTATIONS = ("last_year", "peer_median")
BUILT_IN_PEERS = ("provinces", "provinces_regions", "municipalities", "macro")
MUNICIPALITIES = ("110000", "120000", "310000", "500000")
MOST_CLASSES, MOST_INDICATORS, MOST_GROUPS, LONGEST_TEXT = 10, 60, 10, 200
_ID = re.compile(r"[a-z][a-z0-9_]{0,40}")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?|\d{1,6}/[1-9]\d{0,5}")
_CELL = re.compile(r"(share|mean|median):[a-z][a-z0-9_]{0,60}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: the key in the model, what is wrong with it, and what stood there."""

    key: str
    code: str
    value: str = ""


class ModelRefused(ValueError):
    """The data are no model that can be used; `faults` says where and why, all at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.key}: {fault.code}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of a region; `base` is None where the reference region's figure of the base year is the base."""

    id: str
    title: Text
    unit: str
    weight: Fraction
    source: str
    normalisation: str
    direction: str
    base: Fraction | None
    low: Fraction | None
    high: Fraction | None
    cell: str  # of a release, such as share:erp; empty where the figure is typed
    provenance: str

    @property
    def needs_reference(self) -> bool:
        return self.normalisation in ("ratio", "log") and self.base is None


@dataclass(frozen=True, slots=True)
class IndexClass:
    id: str
    title: Text
    weight: Fraction
    provenance: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Regions that are compared with each other; `id` is what an address names it by."""

    id: str
    title: Text
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a part of the model rests on."""

    about: Text
    provenance: str
    source: str


@dataclass(frozen=True, slots=True)
class IndexModel:
    title: Text
    scope: str
    reference: str
    base_year: int
    base_value: Fraction
    places: int
    imputations: tuple[str, ...]
    most_missing: Fraction
    groups: tuple[PeerGroup, ...]
    classes: tuple[IndexClass, ...]
    notes: tuple[Note, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that are ranked."""
        return regions_of(self.scope)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(indicator for part in self.classes for indicator in part.indicators)

    def group(self, group_id: str) -> PeerGroup | None:
        return next((group for group in self.groups if group.id == group_id), None)

    def primary_group(self, region_code: str) -> PeerGroup | None:
        """The first of the model's groups that the region belongs to: the one a missing figure may be taken from."""
        return next((group for group in self.groups if region_code in group.regions), None)


def regions_of(scope: str) -> tuple[str, ...]:
    """The provinces that report (those of the mainland), or the places directly under one.

    >>> len(regions_of("provinces")), regions_of("370000")[:2], regions_of("nowhere")
    (31, ('370100', '370200'), ())
    """
    if scope == PROVINCES:
        return tuple(item.code for item in _mainland())
    return tuple(item.code for item in children(scope))


@cache
def _mainland() -> tuple[Region, ...]:
    return tuple(item for item in provinces() if item.macro != "other")


def number_of(text: Any) -> Fraction | None:
    """A number as people write one, or a fraction; None for anything else.

    >>> number_of("0.25"), number_of("1/8"), number_of("a"), number_of(None)
    (Fraction(1, 4), Fraction(1, 8), None, None)
    """
    return Fraction(text) if isinstance(text, str) and _NUMBER.fullmatch(text) else None


@cache
def built_in_document() -> Mapping[str, Any]:
    """The model that comes with the product, as data."""
    loaded: Mapping[str, Any] = parse_yaml(BUILT_IN.read_text(encoding="utf-8"), BUILT_IN.name)
    return loaded


def model_of(data: Any) -> IndexModel:
    """The model, or `ModelRefused` with everything that is wrong."""
    if faults := faults_of(data):
        raise ModelRefused(faults)
    return IndexModel(
        Text.of(data["title"]),
        data["scope"],
        data["reference"],
        int(data["base_year"]),
        Fraction(data["base_value"]),
        int(data["places"]),
        tuple(data["missing"]["order"]),
        Fraction(data["missing"]["most"]),
        tuple(_peer_groups(data)),
        tuple(_class(item) for item in data["classes"]),
        tuple(Note(Text.of(item["about"]), item["provenance"], item["source"]) for item in data["notes"]),
    )


def _class(item: Mapping[str, Any]) -> IndexClass:
    indicators = tuple(_indicator(one) for one in item["indicators"])
    return IndexClass(item["id"], Text.of(item["title"]), Fraction(item["weight"]), item["provenance"], indicators)


def _indicator(item: Mapping[str, Any]) -> Indicator:
    return Indicator(
        item["id"],
        Text.of(item["title"]),
        item["unit"],
        Fraction(item["weight"]),
        item["source"],
        item["normalisation"],
        item["direction"],
        number_of(item.get("base")),
        number_of(item.get("low")),
        number_of(item.get("high")),
        item.get("cell", ""),
        item["provenance"],
    )


def _peer_groups(data: Mapping[str, Any]) -> Iterator[PeerGroup]:
    """In the model's order; a macro region is one group each, and a model of one's own cities has them all."""
    for name in data["peers"]:
        yield from _built_in_group(name)
    if data["scope"] != PROVINCES:
        yield PeerGroup("cities", Text("全部地市", "all cities"), regions_of(data["scope"]))
    for item in data["groups"]:
        yield PeerGroup(f"g-{item['id']}".replace("_", "-"), Text.of(item["title"]), tuple(item["regions"]))


def _built_in_group(name: str) -> Iterator[PeerGroup]:
    every = regions_of(PROVINCES)
    if name == "provinces":
        yield PeerGroup(name, Text("全部省（区、市）", "all provinces, regions and municipalities"), every)
    elif name == "provinces_regions":
        rest = tuple(code for code in every if code not in MUNICIPALITIES)
        yield PeerGroup("provinces-regions", Text("省和自治区（不含直辖市）", "provinces and autonomous regions"), rest)
    elif name == "municipalities":
        yield PeerGroup(name, Text("直辖市", "municipalities"), MUNICIPALITIES)
    else:
        for macro, pair in MACRO_REGIONS.items():
            members = tuple(item.code for item in _mainland() if item.macro == macro)
            if members:
                yield PeerGroup(f"macro-{macro}", Text(f"{pair[0]}地区", pair[1]), members)


# ---- what is wrong with a model


def faults_of(data: Any) -> list[Fault]:
    """Everything that keeps the data from being a model that can be computed."""
    if not isinstance(data, dict):
        return [Fault("", "not_a_model")]
    if data.get("format") != FORMAT:
        return [Fault("format", "format", str(data.get("format", ""))[:20])]
    shape = list(_shape(data, _MODEL, ""))
    if shape:
        return shape
    return [*_head(data), *_groups(data), *_notes(data), *_classes(data)]


_TITLE = {"zh": str, "en": str}
#: keys and what stands under them; a key that ends in "?" may be left out
_INDICATOR = {
    "id": str, "title": _TITLE, "unit": str, "weight": str, "source": str, "normalisation": str, "direction": str,
    "base?": str, "low?": str, "high?": str, "cell?": str, "provenance": str,
}  # fmt: skip
_CLASS = {"id": str, "title": _TITLE, "weight": str, "provenance": str, "indicators": [_INDICATOR]}
_MODEL = {
    "format": int,
    "title": _TITLE,
    "scope": str,
    "reference": str,
    "base_year": str,
    "base_value": str,
    "places": str,
    "missing": {"order": [str], "most": str},
    "peers": [str],
    "groups": [{"id": str, "title": _TITLE, "regions": [str]}],
    "notes": [{"about": _TITLE, "provenance": str, "source": str}],
    "classes": [_CLASS],
}


def _shape(data: Any, wanted: Any, key: str) -> Iterator[Fault]:
    """Keys that are missing, unknown or hold something of another kind."""
    if isinstance(wanted, dict):
        yield from _object(data, wanted, key)
    elif isinstance(wanted, list):
        if not isinstance(data, list):
            yield Fault(key, "not_a_list")
            return
        for index, item in enumerate(data):
            yield from _shape(item, wanted[0], f"{key}[{index}]")
    elif type(data) is not wanted:
        yield Fault(key, "not_a_text" if wanted is str else "not_a_number")
    elif wanted is str and ("\0" in data or len(data) > LONGEST_TEXT):
        yield Fault(key, "text_long")


def _object(data: Any, wanted: Mapping[str, Any], key: str) -> Iterator[Fault]:
    if not isinstance(data, dict):
        yield Fault(key, "not_an_object")
        return
    known = {name.removesuffix("?"): kind for name, kind in wanted.items()}
    yield from (Fault(_join(key, str(name)[:40]), "key_unknown") for name in data if name not in known)
    for name, kind in known.items():
        if name in data:
            yield from _shape(data[name], kind, _join(key, name))
        elif f"{name}?" not in wanted:
            yield Fault(_join(key, name), "key_missing")


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _titled(item: Mapping[str, Any], key: str, name: str = "title") -> Iterator[Fault]:
    for language in ("zh", "en"):
        if not item[name][language].strip():
            yield Fault(f"{key}{name}.{language}", "text_missing")


def _one_of(value: str, allowed: Sequence[str], key: str, code: str) -> Iterator[Fault]:
    if value not in allowed:
        yield Fault(key, code, value[:40])


def _within(text: str, low: Fraction | int, high: Fraction | int, key: str, code: str) -> Iterator[Fault]:
    value = number_of(text)
    if value is None or not low <= value <= high:
        yield Fault(key, code, text[:20])


def _whole(text: str, low: int, high: int, key: str, code: str) -> Iterator[Fault]:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and low <= int(text) <= high):
        yield Fault(key, code, text[:20])


def _head(data: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _titled(data, "")
    scope = data["scope"]
    place = region(scope)
    if scope != PROVINCES and (place is None or place.parent or not regions_of(scope)):
        yield Fault("scope", "scope_unknown", scope[:40])
    if data["reference"] not in (NATION, scope if scope != PROVINCES else NATION):
        yield Fault("reference", "reference_unknown", data["reference"][:40])
    yield from _whole(data["base_year"], 1978, 2100, "base_year", "year")
    value = number_of(data["base_value"])
    if value is None or not 0 < value <= 10000:
        yield Fault("base_value", "base_value", data["base_value"][:20])
    yield from _whole(data["places"], 0, 3, "places", "places")
    order = data["missing"]["order"]
    for index, item in enumerate(order):
        if item not in IMPUTATIONS or item in order[:index]:
            yield Fault(f"missing.order[{index}]", "imputation_unknown", item[:40])
    yield from _within(data["missing"]["most"], 0, 1, "missing.most", "most_missing")


def _groups(data: Mapping[str, Any]) -> Iterator[Fault]:
    peers, scope = data["peers"], data["scope"]
    for index, item in enumerate(peers):
        if item not in BUILT_IN_PEERS or item in peers[:index] or scope != PROVINCES:
            yield Fault(f"peers[{index}]", "peer_unknown", item[:40])
    if scope == PROVINCES and not peers and not data["groups"]:
        yield Fault("peers", "peers_none")
    if len(data["groups"]) > MOST_GROUPS:
        yield Fault("groups", "many_groups")
    ids = [item["id"] for item in data["groups"]]
    yield from _ids(ids, "groups")
    allowed = set(regions_of(scope))
    for index, item in enumerate(data["groups"]):
        key = f"groups[{index}]"
        yield from _titled(item, f"{key}.")
        for code in item["regions"]:
            if code not in allowed:
                yield Fault(f"{key}.regions", "region_unknown", code[:20])
        if len(set(item["regions"])) != len(item["regions"]):
            yield Fault(f"{key}.regions", "region_twice")
        if len(set(item["regions"])) < 2:
            yield Fault(f"{key}.regions", "group_small")


def _ids(ids: Sequence[str], key: str) -> Iterator[Fault]:
    for index, item in enumerate(ids):
        if not _ID.fullmatch(item):
            yield Fault(f"{key}[{index}].id", "id_form", item[:40])
        elif item in ids[:index]:
            yield Fault(f"{key}[{index}].id", "id_twice", item)


def _notes(data: Mapping[str, Any]) -> Iterator[Fault]:
    for index, item in enumerate(data["notes"]):
        yield from _titled(item, f"notes[{index}].", "about")
        yield from _one_of(item["provenance"], PROVENANCES, f"notes[{index}].provenance", "provenance_unknown")


def _classes(data: Mapping[str, Any]) -> Iterator[Fault]:
    classes = data["classes"]
    if not classes:
        yield Fault("classes", "no_classes")
    if len(classes) > MOST_CLASSES:
        yield Fault("classes", "many_classes")
    if sum(len(item["indicators"]) for item in classes) > MOST_INDICATORS:
        yield Fault("classes", "many_indicators")
    yield from _ids([item["id"] for item in classes], "classes")
    seen: set[str] = set()
    for index, item in enumerate(classes):
        key = f"classes[{index}]"
        yield from _titled(item, f"{key}.")
        yield from _weight(item["weight"], f"{key}.weight")
        yield from _one_of(item["provenance"], PROVENANCES, f"{key}.provenance", "provenance_unknown")
        if not item["indicators"]:
            yield Fault(f"{key}.indicators", "no_indicators")
        for position, one in enumerate(item["indicators"]):
            yield from _indicator_faults(one, f"{key}.indicators[{position}]", seen)
        yield from _sum([one["weight"] for one in item["indicators"]], f"{key}.indicators", "indicator_weights")
    yield from _sum([item["weight"] for item in classes], "classes", "class_weights")


def _weight(text: str, key: str) -> Iterator[Fault]:
    value = number_of(text)
    if value is None or not 0 < value <= 1:
        yield Fault(key, "weight", text[:20])


def _sum(weights: Sequence[str], key: str, code: str) -> Iterator[Fault]:
    """Weights come to exactly 1; one that is no number is told at its own field."""
    values = [number_of(text) for text in weights]
    if not values or any(value is None for value in values):
        return
    total = sum((value for value in values if value is not None), Fraction(0))
    if total != 1:
        yield Fault(key, code, shown(total))


def shown(value: Fraction) -> str:
    """
    >>> shown(Fraction(19, 20)), shown(Fraction(8, 7))
    ('0.95', '8/7')
    """
    scaled = value * 10**9
    if scaled.denominator != 1:
        return str(value)
    text = f"{scaled.numerator // 10**9}.{scaled.numerator % 10**9:09d}" if value >= 0 else f"-{shown(-value)}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _indicator_faults(item: Mapping[str, Any], key: str, seen: set[str]) -> Iterator[Fault]:
    if not _ID.fullmatch(item["id"]):
        yield Fault(f"{key}.id", "id_form", item["id"][:40])
    elif item["id"] in seen:
        yield Fault(f"{key}.id", "id_twice", item["id"])
    seen.add(item["id"])
    yield from _titled(item, f"{key}.")
    yield from _weight(item["weight"], f"{key}.weight")
    yield from _one_of(item["source"], SOURCES, f"{key}.source", "source_unknown")
    yield from _one_of(item["normalisation"], NORMALISATIONS, f"{key}.normalisation", "normalisation_unknown")
    yield from _one_of(item["direction"], DIRECTIONS, f"{key}.direction", "direction_unknown")
    yield from _one_of(item["provenance"], PROVENANCES, f"{key}.provenance", "provenance_unknown")
    yield from _base(item, key)
    cell = item.get("cell", "")
    if cell and (item["source"] != "survey" or not _CELL.fullmatch(cell)):
        yield Fault(f"{key}.cell", "cell_unknown", cell[:40])


def _base(item: Mapping[str, Any], key: str) -> Iterator[Fault]:
    """Where the normalisation begins: a figure, or goalposts; a figure taken as it stands needs none."""
    how, base = item["normalisation"], item.get("base", "")
    if how in ("ratio", "log"):
        value = number_of(base)
        if not base:
            yield Fault(f"{key}.base", "base_missing")
        elif base != REFERENCE and (value is None or value <= 0):
            yield Fault(f"{key}.base", "base_number", base[:20])
    elif how == "range":
        low, high = number_of(item.get("low")), number_of(item.get("high"))
        if low is None:
            yield Fault(f"{key}.low", "goalpost", item.get("low", "")[:20])
        if high is None:
            yield Fault(f"{key}.high", "goalpost", item.get("high", "")[:20])
        if low is not None and high is not None and low >= high:
            yield Fault(f"{key}.high", "goalposts_order", item.get("high", "")[:20])
    elif how == "plain" and item["direction"] == "down":
        yield Fault(f"{key}.direction", "plain_down")

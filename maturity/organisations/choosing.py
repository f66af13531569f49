"""Understanding what was typed for an industry or a region: a label, a code, a name or a part of one."""

from __future__ import annotations

from collections.abc import Iterable

from maturity.reference import industries, regions

SHOWN = 6


class Ambiguous(ValueError):
    """None or several fit; `candidates` are the labels to choose from."""

    def __init__(self, candidates: Iterable[str]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(f"{len(self.candidates)} candidates")


def industry_label(code: str, locale: str) -> str:
    found = industries.industry(code)
    return found.label(locale) if found else code


def region_label(code: str, locale: str) -> str:
    """
    >>> region_label("370200", "zh_CN"), region_label("370200", "en")
    ('山东 青岛市', 'Qingdao, Shandong')
    """
    return regions.full_name(code, locale)


def suggest_industries(text: str, locale: str) -> list[str]:
    return [item.label(locale) for item in industries.search(text)]


def suggest_regions(text: str, locale: str) -> list[str]:
    """Places one can choose: a province stands for its cities."""
    return [region_label(code, locale) for code in _places(text)]


def all_industries(locale: str) -> list[str]:
    return [item.label(locale) for item in industries.industries().values()]


def all_regions(locale: str) -> list[str]:
    return [region_label(code, locale) for code in regions.regions() if not regions.children(code)]


def choose_industry(text: str, locale: str) -> str:
    """The code meant; `Ambiguous` otherwise.

    >>> choose_industry("C34 通用设备制造业", "zh_CN"), choose_industry("水泥", "zh_CN")
    ('34', '30')
    """
    typed = text.strip()
    head = typed.split(" ", 1)[0]
    code = head[1:] if head[:1].upper() in "BCD" else head
    if industries.industry(code):
        return code
    found = industries.search(typed)
    named = [item.code for item in found if typed in (item.zh, item.en)]
    if len(named) == 1 or len(found) == 1:
        return named[0] if named else found[0].code
    raise Ambiguous(item.label(locale) for item in found[:SHOWN])


def choose_region(text: str, locale: str) -> str:
    """The code of the city meant (of the district in a municipality); `Ambiguous` otherwise.

    >>> choose_region("青岛", "zh_CN"), choose_region("Qingdao, Shandong", "en")
    ('370200', '370200')
    """
    typed = text.strip()
    # A label that was offered means its place, even where a search for it finds more: Xi'an and Xianyang.
    places = _by_full_name(typed) or _places(typed)
    if len(places) == 1:
        return places[0]
    raise Ambiguous(region_label(code, locale) for code in places[:SHOWN])


def _places(text: str) -> list[str]:
    places: dict[str, None] = {}
    for item in regions.search(text) or [found for found in (regions.region(text),) if found]:
        below = regions.children(item.code)
        places.update(dict.fromkeys(child.code for child in below) if below else {item.code: None})
    return list(places)


def _by_full_name(text: str) -> list[str]:
    wanted = text.casefold()
    return [
        code
        for code in regions.regions()
        if wanted in (region_label(code, "zh_CN"), region_label(code, "en").casefold()) and not regions.children(code)
    ]

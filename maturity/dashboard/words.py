"""Populations in words, as titles, rows and files of the dashboard need them."""

from __future__ import annotations

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.words import industry_words, region_words, size_words
from maturity.questionnaires.model import Text
from maturity.reference.regions import regions

NATION = Text("全国", "the nation")
NOT_PUBLISHED = Text("未发布", "not published")


def place_words(code: str) -> Text:
    """A place without what it lies in, for lists within that.

    >>> place_words("370200").zh, place_words("east").en, place_words("").en
    ('青岛市', 'East', 'the nation')
    """
    if not code:
        return NATION
    place = regions().get(code)
    return Text(place.zh, place.en) if place else region_words(code)


def population_words(key: CellKey) -> Text:
    """Whom a figure is about, in full: region, industry, size.

    >>> population_words(CellKey("34", "370000", "medium")).zh, population_words(CellKey("", "", "")).en
    ('山东、通用设备制造业、中型', 'All regions, all industries, all sizes')
    """
    parts = (region_words(key.region), industry_words(key.industry), size_words(key.size))
    english = ", ".join(part.en for part in parts)
    return Text("、".join(part.zh for part in parts), english[:1].upper() + english[1:])


def short_population(key: CellKey) -> Text:
    """Only what narrows it, for titles and files.

    >>> short_population(CellKey("", "370000", "small")).zh, short_population(CellKey("34", "", "")).en
    ('山东小型企业', 'General-purpose machinery')
    >>> short_population(CellKey("", "", "")).zh
    '全国'
    """
    size = size_words(key.size)
    parts = [
        place_words(key.region) if key.region or not (key.industry or key.size) else None,
        industry_words(key.industry) if key.industry else None,
        Text(f"{size.zh}企业", f"{size.en} enterprises") if key.size else None,
    ]
    kept = [part for part in parts if part is not None]
    english = ", ".join(part.en for part in kept)
    return Text("".join(part.zh for part in kept), english)

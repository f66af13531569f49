"""Which of the published figures somebody asks for, in words of the address."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from flask_babel import gettext

from maturity.reference.figures import (
    KINDS,
    NATION,
    STANDINGS,
    Figure,
    figures,
    indicators,
    place,
    populations,
    source_list,
    topics,
)
from maturity.reference.regions import MACRO_REGIONS

LONGEST_SEARCH = 100
#: The nation in an address, where an empty value means any region.
CHINA = "CN"
#: Figures without a year, in an address.
UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked, as it was typed."""

    q: str = ""
    indicator: str = ""
    region: str = ""
    year: str = ""
    kind: str = ""
    population: str = ""
    source: str = ""
    provenance: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Filters:
        return cls(**{field.name: args.get(field.name, "").strip() for field in fields(cls)})

    def asked(self) -> dict[str, str]:
        """What narrows the list, as parts of an address."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value}

    def wrong(self) -> dict[str, str]:
        """What cannot be answered, by field, with what to do."""
        known = {
            "indicator": {*_occurring("indicator"), *_topic_words()},
            "region": {code for _group, codes in region_choices() for code in codes},
            "year": set(years()),
            "kind": set(_occurring("kind")),
            "population": set(_occurring("population")),
            "source": set(_occurring("source")),
            "provenance": set(_occurring("provenance")),
        }
        found = {
            name: gettext("Choose one of the list.")
            for name, values in known.items()
            if getattr(self, name) and getattr(self, name) not in values
        }
        if len(self.q) > LONGEST_SEARCH:
            found["q"] = gettext("Search for %(most)s characters at most.", most=LONGEST_SEARCH)
        return found

    def matches(self) -> tuple[Figure, ...]:
        """The figures that fit, in the order of topic, indicator, region and time."""
        words = _folded(self.q).split()
        return tuple(item for item in in_order() if self._fits(item) and all(word in _searched(item) for word in words))

    def _fits(self, item: Figure) -> bool:
        return (
            self.indicator in ("", item.indicator, f"topic:{indicators()[item.indicator].topic}")
            and (not self.region or _lies_in(item.region, self.region))
            and self.year in ("", item.year or UNDATED)
            and self.kind in ("", item.kind)
            and self.population in ("", item.population)
            and self.source in ("", item.source)
            and self.provenance in ("", item.provenance)
        )


def _lies_in(code: str, asked: str) -> bool:
    """A province stands for its cities and counties, too."""
    if asked == CHINA:
        return code == NATION
    return code == asked or (asked.isdecimal() and asked.endswith("0000") and code[:2] == asked[:2])


@cache
def in_order() -> tuple[Figure, ...]:
    """Every figure that may be shown, in the order in which they are listed."""
    topic_at = {name: number for number, name in enumerate(topics())}
    indicator_at = {name: number for number, name in enumerate(indicators())}
    return tuple(
        sorted(
            figures(),
            key=lambda item: (
                topic_at[indicators()[item.indicator].topic],
                indicator_at[item.indicator],
                item.region,
                list(KINDS).index(item.kind),
                item.ends_on,
                item.id,
            ),
        )
    )


@cache
def _searched(item: Figure) -> str:
    """Everything a person may remember of a figure."""
    about = indicators()[item.indicator]
    source = source_list()[item.source]
    texts = (about.title, place(item.region), populations()[item.population], source.title, item.note, item.when)
    both = [part for text in texts if text for part in (text.zh, text.en)]
    return _folded(" ".join([item.id, item.printed, item.quote, item.period, item.source, str(item.value), *both]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _occurring(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(getattr(item, name) for item in in_order()))


@cache
def _topic_words() -> tuple[str, ...]:
    return tuple(f"topic:{name}" for name in topics())


@cache
def years() -> tuple[str, ...]:
    """The years that occur, newest first, and last the figures without one."""
    found = sorted({item.year for item in in_order() if item.year}, reverse=True)
    return (*found, UNDATED)


@cache
def indicator_choices() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Indicators by topic, those that have figures to show."""
    shown = set(_occurring("indicator"))
    return tuple(
        (topic, tuple(item.id for item in indicators().values() if item.topic == topic and item.id in shown))
        for topic in topics()
    )


@cache
def region_choices() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Regions that occur: the nation and its parts, provinces, what lies under them, places abroad."""
    found = _occurring("region")
    divisions = [code for code in found if code.isdecimal()]
    provinces = sorted({f"{code[:2]}0000" for code in divisions})
    return (
        ("nation", (CHINA, *(code for code in MACRO_REGIONS if code in found))),
        ("provinces", tuple(provinces)),
        ("cities", tuple(sorted(code for code in divisions if not code.endswith("0000")))),
        ("abroad", tuple(sorted(code for code in found if code.isupper()))),
    )


def region_title(code: str, locale: str) -> str:
    return place(NATION if code == CHINA else code).to(locale)


def choices(name: str, locale: str) -> list[tuple[str, str]]:
    """The values of a plain filter with their words."""
    words = {
        "kind": {key: text.to(locale) for key, text in KINDS.items()},
        "population": {key: text.to(locale) for key, text in populations().items()},
        "source": {key: f"{key} {row.title.to(locale)}" for key, row in source_list().items()},
        "provenance": {key: text.to(locale) for key, text in STANDINGS.items()},
    }[name]
    return [(key, label) for key, label in words.items() if key in _occurring(name)]

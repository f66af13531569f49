"""Words of releases: their states, the rules that withhold, and cells and tables by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import Table
from maturity.benchmarks.words import cell_words, industry_words, region_words, size_words
from maturity.web.filters import words

STATE_WORDS = {
    "computing": _("being computed"),
    "review": _("in review"),
    "published": _("published"),
    "withdrawn": _("withdrawn"),
    "failed": _("failed"),
}
#: A rule in the words of those who review.
RULE_WORDS = {
    "R3": _("Too few groups, or one group holds most of it"),
    "R12b": _("Too few groups besides one consultancy's clients or one group's companies"),
    "R8": _("Differs from the release before by too few groups"),
    "R8b": _("Differs from a release of another framework by too few groups"),
    "R7": _("Differs from a published larger or overlapping cell by too few groups"),
    "R4": _("Too few groups for quantiles, or too few on one side of a quantile"),
    "R6": _("Too few groups for shares of levels, or one level holds nearly all"),
    "R6b": _("Too few groups for a share, or too few that meet the criterion or do not"),
    "R9": _("A mean from which another could be worked out"),
}
_INDUSTRY = {"": _("all industries"), "sector": _("by sector"), "division": _("by division")}
_REGION = {
    "": _("whole country"),
    "macro": _("by macro-region"),
    "province": _("by province"),
    "group": _("groups of provinces and cities"),
    "city": _("by city"),
    "park": _("by park"),
}
_SIZE = {"": _("all sizes"), "size": _("by size")}


#: What a code stands for, by the part of a cell it is of.
CHOICE_WORDS = {"industry": industry_words, "region": region_words, "size": size_words}


def table_name(table: Table) -> str:
    parts = (_INDUSTRY[table.industry], _REGION[table.region], _SIZE[table.size])
    return gettext("%(first)s, %(second)s, %(third)s", first=parts[0], second=parts[1], third=parts[2])


def cell_name(key: CellKey) -> str:
    return words(cell_words(key))


def places_asked(asked: Mapping[str, Sequence[str] | None]) -> str:
    """What a reader asked for, briefly: the values of each kind, or how many they are."""
    parts = []
    for name, named in (("industry", industry_words), ("region", region_words), ("size", size_words)):
        values = asked.get(name)
        if values is None:
            continue
        if len(values) <= _SHOWN:
            parts.append(gettext(" / ").join(words(named(value)) for value in values))
        else:
            parts.append(gettext("%(count)s of them", count=len(values)))
    return gettext("; ").join(parts) or gettext("everything")


_SHOWN = 3

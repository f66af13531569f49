"""What the pages say: names of parts of a model, and what is wrong with a model, a figure or a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from maturity.questionnaires.model import Text
from maturity.reference.regions import region
from maturity.regional.index import EMPTY_CLASS, MISSING, NO_BASE, TOO_MUCH_MISSING, UNUSABLE, WITHHELD
from maturity.regional.model import NATION, Fault
from maturity.web.locale import current_locale

STATES: dict[str, LazyString] = {"draft": _("Draft"), "in_force": _("In force"), "replaced": _("Replaced")}
OWNERS: dict[str, LazyString] = {
    "own": _("Our own"),
    "national": _("Published by the operator for all"),
    "product": _("Comes with this platform"),
}
SOURCES: dict[str, LazyString] = {"stat": _("Statistics"), "survey": _("Survey")}
NORMALISATIONS: dict[str, tuple[LazyString, LazyString]] = {
    "ratio": (_("Ratio to the base"), _("base value × figure ÷ base; no upper end")),
    "log": (
        _("Logarithm of the ratio"),
        _("base value × log₂(1 + figure ÷ base), for figures that lie far apart; no upper end"),
    ),
    "range": (_("Between two goalposts"), _("0 at the lower, 100 at the upper goalpost, and never beyond")),
    "plain": (_("As it stands"), _("the figure is a score already")),
}
DIRECTIONS: dict[str, LazyString] = {"up": _("More is better"), "down": _("Less is better")}
PROVENANCES: dict[str, LazyString] = {
    "Q": _("quoted from its source"),
    "QD": _("derived from quoted figures"),
    "Q2": _("quoted at second hand"),
    "M": _("from memory, unverified"),
    "M?": _("from memory, doubtful"),
    "I": _("our own choice or estimate"),
}
IMPUTATIONS: dict[str, LazyString] = {
    "": _("Leave the indicator out"),
    "last_year": _("Take last year's figure; else leave it out"),
    "peer_median": _("Take the median of the peers; else leave it out"),
    "last_year,peer_median": _("Take last year's figure, else the median of the peers; else leave it out"),
    "peer_median,last_year": _("Take the median of the peers, else last year's figure; else leave it out"),
}
PEERS: dict[str, LazyString] = {
    "provinces": _("All provinces, autonomous regions and municipalities"),
    "provinces_regions": _("Provinces and autonomous regions, without the municipalities"),
    "municipalities": _("The four municipalities"),
    "macro": _("Each macro region: east, centre, west, northeast"),
}
HOW: dict[str, LazyString] = {
    "observed": _("own figure"),
    "last_year": _("last year's figure"),
    "peer_median": _("median of the peers"),
    MISSING: _("missing, left out"),
    WITHHELD: _("withheld by the release, left out"),
    NO_BASE: _("no base, left out"),
    UNUSABLE: _("outside the formula, left out"),
}
REASONS: dict[str, LazyString] = {
    TOO_MUCH_MISSING: _("No index: too much is missing or stands in for something missing."),
    EMPTY_CLASS: _("No index: a class has no figure at all."),
}
_MODEL_FAULTS: dict[str, LazyString] = {
    "not_a_model": _("This is no model of an index. Take a file that was exported here."),
    "format": _("The format must be 1."),
    "key_missing": _("The key is missing. Add it."),
    "key_unknown": _("There is no such key. Take it out."),
    "not_an_object": _("An object with keys must stand here."),
    "not_a_list": _("A list must stand here."),
    "not_a_text": _("A text in quotation marks must stand here, numbers too."),
    "not_a_number": _("A number must stand here."),
    "text_long": _("Shorten this to at most 200 characters."),
    "text_missing": _("Enter this text; both languages are needed."),
    "scope_unknown": _("Choose the provinces, or one province whose places are compared."),
    "reference_unknown": _("Choose the nation, or the province itself."),
    "year": _("Enter a year from 1978 to 2100."),
    "base_value": _("Enter a number above 0, such as 50."),
    "places": _("Enter 0, 1, 2 or 3 decimal places."),
    "imputation_unknown": _("Choose one of the ways offered, each once."),
    "most_missing": _("Enter a share from 0 to 1, such as 0.25."),
    "peers_none": _("Choose at least one peer group: a rank needs one."),
    "peer_unknown": _("Choose one of the groups offered, each once; with places of a province define groups below."),
    "many_groups": _("Keep at most ten groups."),
    "many_classes": _("Keep at most ten classes."),
    "many_indicators": _("Keep at most 60 indicators."),
    "region_unknown": _("“%(value)s” is no region of this model. Write codes or names, separated by commas."),
    "region_twice": _("A region stands twice. Keep it once."),
    "group_small": _("A group needs at least two regions."),
    "id_form": _("“%(value)s” is no id. Begin with a small letter; then small letters, digits and underscores."),
    "id_twice": _("The id “%(value)s” stands twice. Change one."),
    "provenance_unknown": _("Choose where this is from: Q, QD, Q2, M, M? or I."),
    "no_classes": _("Add at least one class."),
    "no_indicators": _("Add at least one indicator to the class."),
    "weight": _("Enter a weight above 0 and up to 1, such as 0.25 or 1/8."),
    "indicator_weights": _("The weights in this class come to %(value)s. They must come to 1."),
    "class_weights": _("The weights of the classes come to %(value)s. They must come to 1."),
    "source_unknown": _("Choose statistics or survey."),
    "normalisation_unknown": _("Choose how the figure is brought to the scale."),
    "direction_unknown": _("Choose whether more or less is better."),
    "base_missing": _("Say what the figure is divided by: the reference's figure of the base year, or a number."),
    "base_number": _("Enter a base above 0, or choose the reference's figure of the base year."),
    "goalpost": _("Enter a number for this goalpost."),
    "goalposts_order": _("The upper goalpost must be above the lower one."),
    "plain_down": _("A figure taken as it stands must be one where more is better. Choose goalposts instead."),
    "cell_unknown": _("Write share:, mean: or median: and the name of a released figure; only with survey."),
}
_FIGURE_FAULTS: dict[str, LazyString] = {
    "value": _("“%(value)s” is no number. Write digits with a decimal point, such as 68.5."),
    "comparator": _("“%(value)s” is no comparator. Write >, ≥, ≈, < or ≤, or nothing."),
    "indicator": _("“%(value)s” is no indicator of this model. Write its id as in the template."),
    "region": _("“%(value)s” is no region of this model. Write its code or name as in the template."),
    "year": _("“%(value)s” is no year from 1978 to 2100."),
    "source": _("Say where the figure is from, in at most 200 characters."),
    "provenance": _("“%(value)s” is no provenance. Write Q, QD, Q2, M, M? or I."),
    "meanwhile": _("Somebody else set this to %(value)s meanwhile. Look at both and save again."),
    "twice": _("This indicator, region and year stand in an earlier row already."),
    "released": _("This figure is taken from a release and cannot be typed over. Take the released figures out first."),
    "heading": _("The first row must read: indicator, region, year, value, comparator, source, provenance."),
    "empty": _("Nothing is filled in."),
    "long": _("The table has more than 20,000 rows. Split it."),
    "unreadable": _("This cannot be read. Save it as Excel (.xlsx) or CSV and try again, or paste it."),
    "nothing": _("Choose a file or paste the table."),
}


def model_fault(fault: Fault) -> str:
    """What is wrong with a model, in a sentence."""
    return str(_MODEL_FAULTS[fault.code]) % {"value": fault.value}


def figure_fault(code: str, value: str = "") -> str:
    """What is wrong with a figure, in a sentence."""
    return str(_FIGURE_FAULTS[code]) % {"value": value}


def place_name(code: str) -> str:
    """A region of an index in the language of the page.

    The nation has no code; a region that is not known, as in a document from elsewhere, is told by its code.
    """
    if code == NATION:
        return gettext("Nation")
    found = region(code)
    return found.title(current_locale()) if found else code


STATISTICS: dict[str, LazyString] = {"share": _("share"), "mean": _("mean"), "median": _("median")}
_RELEASED = re.compile(r"(synthetic )?release (\w+) (\d{4}) (\S+)")


def released_words(cell: str, titles: Mapping[str, Text]) -> str:
    """A released figure that an indicator is fed by, in words: `share:erp`."""
    kind, _sep, name = cell.partition(":")
    if kind not in STATISTICS or name not in titles:
        return cell
    title = titles[name].to(current_locale())
    return gettext("%(figure)s (%(statistic)s)", figure=title, statistic=str(STATISTICS[kind]))


def source_text(source: str, titles: Mapping[str, Text]) -> str:
    """The source of a figure; one that was taken from a release is told in words."""
    found = _RELEASED.fullmatch(source)
    if found is None:
        return source
    figure, period = released_words(found[4], titles), found[3]
    if found[1]:
        return gettext("synthetic release of %(period)s: %(figure)s", period=period, figure=figure)
    return gettext("release of %(period)s: %(figure)s", period=period, figure=figure)

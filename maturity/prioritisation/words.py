"""What the pages say: names of tables and horizons, and what is wrong with a file."""

from __future__ import annotations

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from maturity.prioritisation.tables import MOST_COLUMNS, MOST_ROWS, Fault

TABLES: dict[str, tuple[LazyString, LazyString]] = {
    "cost": (_("Relevance to costs"), _("How strongly each area bears on each cost category: a degree from 0 on.")),
    "kpi": (_("Relevance to KPIs"), _("How strongly each area bears on each KPI: a degree from 0 on.")),
    "best": (_("Best of the industry"), _("The band that the best of the industry reach in each area, 0 to 5.")),
    "descriptors": (
        _("Descriptors of the bands"),
        _("Your own text for each band, in Chinese, English or both. It is shown beside ours."),
    ),
}
HORIZONS: dict[str, tuple[LazyString, LazyString]] = {
    "strategic": (_("Strategic"), _("years ahead: KPIs count most")),
    "tactical": (_("Tactical"), _("one to two years: costs count somewhat more")),
    "operational": (_("Operational"), _("now: costs count most")),
}
_FAULTS: dict[str, LazyString] = {
    "empty": _("Nothing is filled in."),
    "long": _("The table has more than %(rows)s rows. Upload the template, filled in."),
    "unreadable": _(
        "This is neither a CSV file nor an Excel workbook (.xlsx) that can be read. Save it anew and try again."
    ),
    "heading": _("The first row must begin with “area” and “name”, as in the template."),
    "heading_best": _("The first row must read “area”, “name”, “band” and nothing more."),
    "heading_descriptors": _("The first row must read “area”, “name”, “band”, “zh”, “en” and nothing more."),
    "no_columns": _("There is no column after “name”. Add one for each cost category or KPI."),
    "many_columns": _("There are more than %(columns)s columns. Leave out what hardly counts."),
    "blank_heading": _("Column %(value)s has no heading."),
    "long_heading": _("The heading is longer than 60 characters."),
    "formula": _("A heading cannot begin with =, +, - or @."),
    "column_twice": _("This heading stands twice."),
    "beyond": _("There is a value in a column without heading."),
    "area_blank": _("The area is missing. Write its id as in the template."),
    "area_unknown": _("“%(value)s” is no area. Write its id as in the template."),
    "area_twice": _("“%(value)s” stands twice."),
    "area_missing": _("There is no row for “%(value)s”. Every area needs one."),
    "all_zero": _("Every value is 0, so that nothing can be put in order."),
    "blank": _("The value is missing. Write 0 where there is no relevance."),
    "negative": _("“%(value)s” is below 0."),
    "not_a_number": _("“%(value)s” is no number. Write digits with a decimal point, such as 0.5."),
    "band_range": _("“%(value)s” is more than 5."),
    "band_unknown": _("“%(value)s” is no band. Write 0, 1, 2, 3, 4 or 5."),
    "band_twice": _("Band %(value)s of this area stands twice."),
    "long_text": _("A text is longer than 2,000 characters."),
}


def told(fault: Fault) -> str:
    """What is wrong, in a sentence."""
    values = {"value": fault.value, "rows": MOST_ROWS, "columns": MOST_COLUMNS}
    return str(_FAULTS[fault.code]) % values


def place(fault: Fault) -> str:
    """Where it is, as a person finds it in the file."""
    if not fault.row:
        return ""
    if fault.column:
        return gettext("Row %(row)s, column “%(column)s”", row=fault.row, column=fault.column)
    return gettext("Row %(row)s", row=fault.row)

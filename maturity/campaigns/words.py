"""What pages and files say about campaigns."""

from __future__ import annotations

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from maturity.campaigns.lists import Problem
from maturity.campaigns.places import Park, place_name
from maturity.organisations.forms import uscc_message
from maturity.reference.uscc import UsccError
from maturity.web.locale import current_locale

STATE_WORDS: dict[str, tuple[LazyString, str]] = {
    "draft": (_("draft"), "neutral"),
    "open": (_("open"), "accent"),
    "extended": (_("extended"), "caution"),
    "closed": (_("closed"), "good"),
}
STEP_WORDS: dict[str, tuple[LazyString, str]] = {
    "invited": (_("invited"), "neutral"),
    "started": (_("started"), "accent"),
    "submitted": (_("submitted"), "good"),
    "reviewed": (_("reviewed"), "good"),
}
FIELD_WORDS: dict[str, LazyString] = {
    "uscc": _("Unified social credit code"),
    "name": _("Name"),
    "city": _("City or county"),
    "county": _("County"),
    "industry": _("Industry"),
    "size": _("Size"),
    "email": _("E-mail address"),
    "mobile": _("Mobile number"),
}
#: code of a file that is refused -> what to do
REFUSALS: dict[str, LazyString] = {
    "empty": _("The file is empty. Fill in the template and upload it."),
    "too_large": _("The file is larger than 20 MB. Keep the columns of the template only."),
    "too_many": _("The list has more than 20,000 rows. Split it and upload the parts one after the other."),
    "unknown": _("This is neither Excel (.xlsx) nor text with separators (.csv). Save the list as one of them."),
    "csv": _("This is no Excel file by its content. Save the list as .xlsx or .csv."),
    "old": _("This is a workbook of the old kind, .xls. Save it as .xlsx and upload that."),
    "office_encrypted": _("The file is protected by a password. Take the password off, save, and upload it again."),
    "macros": _("The file contains macros. Save it as .xlsx, without macros, and upload that."),
    "damaged": _("The file is damaged or not complete. Open it in Excel, save it anew, and upload that."),
    "bomb": _("The file unpacks to far more than its size and was not opened. Copy the list into the template."),
    "too_demanding": _("The file cannot be read with reasonable effort. Copy the list into the template."),
}
_PROBLEMS: dict[str, LazyString] = {
    "cell_formula": _("The cell holds a formula. Put the value itself there (copy, then paste as values)."),
    "cell_fault": _("The cell holds an error value. Fill it in again."),
    "uscc_missing": _("The code is missing. Enter the 18 characters of the licence."),
    "uscc_number": _("Excel turned the code into a number. Set the format of the column to text and type it again."),
    "name_missing": _("The name is missing."),
    "name_too_long": _("Shorten the name to at most 120 characters."),
    "city_missing": _("The city is missing. Write its name or its code of six digits."),
    "industry_missing": _("The industry is missing. Write the division, such as C34, or its name."),
    "size_missing": _("The size is missing, and the campaign is for some sizes only. Write 大型, 中型, 小型 or 微型."),
}


def refusal(code: str) -> str:
    """Why a file is refused."""
    return str(REFUSALS.get(code, REFUSALS["damaged"]))


def told(problem: Problem) -> str:
    """What is wrong with a cell, and the mend."""
    if problem.code in _PROBLEMS:
        return str(_PROBLEMS[problem.code])
    detail = [*problem.detail, "", ""]
    kind = problem.code.removeprefix("uscc_")
    if problem.field == "uscc":
        return uscc_message(UsccError(kind, int(detail[0] or 0), detail[1]))
    typed = {"typed": detail[0][:40]}
    if problem.code == "city_unclear":
        names = gettext(" or ").join(place_name(code, current_locale()) for code in problem.detail[1:])
        return gettext("“%(typed)s” can be %(names)s. Write the code of six digits.", names=names, **typed)
    return {
        "city_unknown": gettext("There is no city or county “%(typed)s”. Write its full name or its code.", **typed),
        "city_outside": gettext(
            "“%(typed)s” lies outside the campaign's place. Take the row out or mend the place.", **typed
        ),
        "county_needed": gettext("The campaign is over one county. Write the county, not only “%(typed)s”.", **typed),
        "industry_unknown": gettext(
            "“%(typed)s” is no industry of GB/T 4754, or not one alone. Write its code, such as C34.", **typed
        ),
        "industry_outside": gettext("The campaign does not take the industry “%(typed)s”. Take the row out.", **typed),
        "size_unknown": gettext("“%(typed)s” is no size. Write 大型, 中型, 小型 or 微型, or leave it empty.", **typed),
        "size_outside": gettext("The campaign does not take the size “%(typed)s”. Take the row out.", **typed),
        "email_wrong": gettext("“%(typed)s” is no e-mail address. Mend it or leave the cell empty.", **typed),
        "mobile_wrong": gettext(
            "“%(typed)s” is no mobile number of 11 digits. Mend it or leave the cell empty.", **typed
        ),
    }[problem.code]


def place(code: str, parks: tuple[Park, ...] = ()) -> str:
    return place_name(code, current_locale(), parks)

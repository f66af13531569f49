"""What pages say about workbooks: why a file is refused and what mends it."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from maturity.web.messages import message_for

#: code -> what is wrong with a file and what to do
REFUSALS: dict[str, LazyString] = {
    "empty": _("“%(name)s” is empty. Choose the file again, or save it anew first."),
    "too_large": _(
        "“%(name)s” is larger than 20 MB. A workbook from here has less than 1 MB: copy its answers into a fresh "
        "download, without pictures."
    ),
    "unknown": _("“%(name)s” is no Excel workbook by its content. Upload the .xlsx file that you downloaded here."),
    "csv": _("“%(name)s” is a CSV file. Upload the .xlsx file that you downloaded here."),
    "old": _(
        "“%(name)s” is a workbook of the old kind, .xls. Open it, save it as Excel workbook (.xlsx) and upload that."
    ),
    "office_encrypted": _(
        "“%(name)s” is protected by a password to open it. Take the password off, save, and upload it again."
    ),
    "macros": _(
        "“%(name)s” contains macros (.xlsm). Save it as Excel workbook (.xlsx), without macros, and upload that."
    ),
    "damaged": _("“%(name)s” is damaged or not complete. Open it in Excel, save it anew, and upload that."),
    "bomb": _(
        "“%(name)s” unpacks to far more than its size and was not opened. Copy its answers into a fresh download "
        "and upload that."
    ),
    "too_demanding": _(
        "“%(name)s” cannot be read with reasonable effort. Copy its answers into a fresh download and upload that."
    ),
    "too_many": _("“%(name)s” holds more than 1,000 enterprises. Split it and upload the parts one after the other."),
    "no_workbooks": _(
        "“%(name)s” holds no Excel workbooks (.xlsx). Put the workbooks into the archive and upload it again."
    ),
    "neither": _("“%(name)s” is neither a register (.xlsx) nor an archive of workbooks (.zip). Choose another file."),
}
#: outcome of an enterprise -> (what the badge says, its colour)
OUTCOMES: dict[str, tuple[LazyString, str]] = {
    "saved": (_("saved"), "good"),
    "unchanged": (_("nothing new"), "neutral"),
    "partly": (_("saved in part"), "caution"),
    "refused": (_("not saved"), "danger"),
    "unknown": (_("not a client"), "danger"),
}


def fault_words(code: str, name: str) -> str:
    """The words for why an upload, or one enterprise of it, was not taken."""
    if code.startswith("file_"):
        return refusal(code.removeprefix("file_"), name)
    return message_for(code) if code else ""


def refusal(code: str, name: str) -> str:
    return str(REFUSALS.get(code, REFUSALS["damaged"]) % {"name": name})
